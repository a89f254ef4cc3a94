package edge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/edge"
	"cupclint/lint"
	"cupclint/resolve"
)

// resolver runs a name server in the test that knows these records and no others. Types in fails answer with that rcode.
func resolver(t *testing.T, rcode int, records ...string) wire.Resolver {
	t.Helper()
	known := make(map[string][]dns.RR)
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ToLower(rr.Header().Name)
		known[name] = append(known[name], rr)
	}
	conn, listener := servertest.BothTransports(t)
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable, m.Rcode = true, rcode
		if rcode == dns.RcodeSuccess {
			list, exists := known[strings.ToLower(q.Question[0].Name)]
			for _, rr := range list {
				if rr.Header().Rrtype == q.Question[0].Qtype || rr.Header().Rrtype == dns.TypeCNAME {
					m.Answer = append(m.Answer, rr)
				}
			}
			if !exists {
				m.Rcode = dns.RcodeNameError
			}
		}
		if w.LocalAddr().Network() == "udp" {
			m.Truncate(1232)
		}
		_ = w.WriteMsg(m)
	})
	for _, s := range []*dns.Server{{PacketConn: conn, Handler: handler}, {Listener: listener, Handler: handler}} {
		ready := make(chan struct{})
		s.NotifyStartedFunc = func() { close(ready) }
		go func() { _ = s.ActivateAndServe() }()
		<-ready
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	addr, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return wire.Resolver{Addr: addr}
}

const (
	uds    = "_cisco-uds._tcp.example.com. 60 IN SRV 10 10 8443 cucm1.example.com."
	login  = "_cuplogin._tcp.example.com. 60 IN SRV 0 0 8443 imp1.example.com."
	collab = "_collab-edge._tls.example.com. 60 IN SRV 10 10 8443 edge1.example.com."
)

func a(host string, ip netip.Addr) string { return fmt.Sprintf("%s. 60 IN A %s", host, ip) }

// ids are the rules of findings with their severities, sorted.
func ids(findings []lint.Finding) string {
	var list []string
	for _, f := range findings {
		list = append(list, f.Rule+":"+f.Severity.String())
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// world is an authority and an Expressway-E that works.
type world struct {
	ca   *servertest.Authority
	edge *servertest.EdgeServer
}

func newWorld(t *testing.T, flaw servertest.Flaw, change func(*servertest.EdgeConfig)) world {
	t.Helper()
	ca := servertest.CA(t)
	cfg := servertest.EdgeConfig{Certificate: ca.Issue(t, flaw, "edge1.example.com")}
	if change != nil {
		change(&cfg)
	}
	return world{ca, servertest.Edge(t, cfg)}
}

// look probes example.com, keeps the observation as a saved case does, and judges it.
func (w world) look(t *testing.T, o dnscheck.Options, timeout time.Duration) (*edge.Observation, []lint.Finding) {
	t.Helper()
	p := &probe.Prober{Roots: w.ca.Pool, Dial: w.edge.Dial, Timeouts: probe.Uniform(timeout)}
	seen := edge.Domains(&o).Observe(t.Context(), area.Tools{Prober: p}, []edge.Request{{Domain: "example.com"}}, 1, nil)
	text, err := json.Marshal(seen)
	if err != nil {
		t.Fatal(err)
	}
	var kept []*edge.Observation
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	findings := edge.Judge(kept, 0)
	if fresh := edge.Judge(seen, 0); !reflect.DeepEqual(fresh, findings) {
		t.Errorf("what was kept is judged otherwise: %+v\nwas %+v", findings, fresh)
	}
	return seen[0], findings
}

const enough = 10 * time.Second

func TestViews(t *testing.T) {
	w := newWorld(t, servertest.Right, nil)
	host := a("edge1.example.com", w.edge.IP)
	type views struct{ inside, outside []string }
	for _, c := range []struct {
		name  string
		views views
		view  dnscheck.View
		rules string
		says  string // in the summary
	}{
		{"right", views{[]string{uds, login}, []string{collab, host}}, "", "",
			"inside: _cisco-uds, _cuplogin; outside: _collab-edge; 1 of 1 targets reached"},
		{"the record is missing outside", views{[]string{uds}, []string{host}}, "", "EDGE101:warning", "outside: no record"},
		{"no record anywhere", views{[]string{host}, []string{host}}, "", "EDGE101:warning", "inside: no record; outside: no record"},
		{"internal records outside", views{[]string{uds}, []string{uds, login, collab, host}}, "", "EDGE103:error",
			"outside: _cisco-uds, _cuplogin, _collab-edge"},
		{"the edge inside is DNS113's", views{[]string{uds, collab, host}, []string{collab, host}}, "", "",
			"inside: _cisco-uds, _collab-edge"},
		{"one view, inside", views{[]string{uds}, nil}, "", "",
			"judged as the view inside (concluded from the records; --view sets it): _cisco-uds"},
		{"one view, outside", views{[]string{collab, host}, nil}, "", "",
			"judged as the view outside (concluded from the records; --view sets it): _collab-edge; 1 of 1"},
		{"one view, told inside", views{[]string{collab, host}, nil}, dnscheck.ViewInside, "", "judged as the view inside: _collab-edge"},
		{"one view, told outside, without the record", views{[]string{host}, nil}, dnscheck.ViewOutside, "EDGE101:warning",
			"judged as the view outside: no record"},
		{"one view, told outside, with all", views{[]string{uds, collab, host}, nil}, dnscheck.ViewOutside, "EDGE103:error",
			"judged as the view outside"},
		{"one view with all is taken for inside", views{[]string{uds, collab, host}, nil}, "", "", "judged as the view inside"},
		{"one view with none is taken for inside", views{[]string{host}, nil}, "", "",
			"judged as the view inside (concluded from the records; --view sets it): no record"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := dnscheck.Options{Resolvers: []wire.Resolver{resolver(t, 0, c.views.inside...)}, View: c.view}
			if c.views.outside != nil {
				o.Outside = []wire.Resolver{resolver(t, 0, c.views.outside...)}
			}
			seen, findings := w.look(t, o, enough)
			if got := ids(findings); got != c.rules {
				t.Errorf("findings %q, want %q: %v", got, c.rules, findings)
			}
			if !strings.Contains(seen.Summary(), c.says) || seen.Incomplete != "" {
				t.Errorf("summary %q (%s), want %q", seen.Summary(), seen.Incomplete, c.says)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	w := newWorld(t, servertest.Right, nil)
	host := a("edge1.example.com", w.edge.IP)
	srv := func(port int, target string) string {
		return fmt.Sprintf("_collab-edge._tls.example.com. 60 IN SRV 10 10 %d %s", port, target)
	}
	for _, c := range []struct {
		name    string
		records []string
		rules   string
		message string
		shared  string // the rules where the only resolver is the one outside, so that the DNS rules see the same
	}{
		{"not offered", []string{srv(0, ".")}, "EDGE102:error", `has the target "."`, ""},
		{"an address", []string{srv(8443, "192.0.2.1.")}, "EDGE102:error", "has an address (192.0.2.1)", ""},
		{"not fully qualified", []string{srv(8443, "edge1."), a("edge1", w.edge.IP)}, "EDGE102:error EDGE106:error",
			"not a fully qualified domain name", "EDGE102:error EDGE106:error"},
		{"does not exist", []string{srv(8443, "gone.example.com.")}, "EDGE102:error", "does not exist for resolvers outside", ""},
		{"no address", []string{srv(8443, "edge1.example.com."), "edge1.example.com. 60 IN TXT x"}, "EDGE102:error", "NODATA", ""},
		{"an alias", []string{srv(8443, "mra.example.com."), "mra.example.com. 60 IN CNAME edge1.example.com.", host},
			"EDGE102:warning EDGE106:error", "alias (mra.example.com -> edge1.example.com)", "EDGE106:error"},
		{"another port", []string{srv(5222, "edge1.example.com."), host}, "EDGE104:warning EDGE105:error",
			"port 5222, but the edge listens on port 8443", "EDGE105:error"},
		{"two peers", []string{collab, srv(8443, "edge1.example.com."), srv(8443, "gone.example.com."), host}, "EDGE102:error",
			"gone.example.com", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			outside := resolver(t, 0, c.records...)
			_, findings := w.look(t, dnscheck.Options{Resolvers: []wire.Resolver{resolver(t, 0, uds)},
				Outside: []wire.Resolver{outside}}, time.Second)
			if got := ids(findings); got != c.rules || !strings.Contains(fmt.Sprint(findings), c.message) {
				t.Errorf("findings %q, want %q with %q: %v", got, c.rules, c.message, findings)
			}
			_, findings = w.look(t, dnscheck.Options{Resolvers: []wire.Resolver{outside}, View: dnscheck.ViewOutside}, time.Second)
			if got := ids(findings); got != c.shared {
				t.Errorf("with one resolver: findings %q, want %q: %v", got, c.shared, findings)
			}
		})
	}
}

func TestPorts(t *testing.T) {
	for _, c := range []struct {
		name    string
		flaw    servertest.Flaw
		change  func(*servertest.EdgeConfig)
		rules   string
		message string
	}{
		{"right", servertest.Right, nil, "", ""},
		{"expired", servertest.Expired, nil, "EDGE106:error", "expired on"},
		{"another name", servertest.WrongName, nil, "EDGE106:error", "not for the configured name edge1.example.com"},
		{"unknown authority", servertest.UnknownCA, nil, "EDGE106:error", "not trusted here"},
		{"its own signature", servertest.SelfSigned, nil, "EDGE106:error", "signed itself"},
		{"8443 closed", servertest.Right, func(c *servertest.EdgeConfig) { c.Closed = []int{8443} }, "EDGE105:error",
			"edge1.example.com:8443"},
		{"nothing listens: one cause, one finding", servertest.Right,
			func(c *servertest.EdgeConfig) { c.Closed = []int{8443, 5222, 5061} }, "EDGE105:error", "edge1.example.com:8443"},
		{"no XMPP", servertest.Right, func(c *servertest.EdgeConfig) { c.Closed = []int{5222} }, "EDGE107:warning",
			"edge1.example.com:5222 (XMPP)"},
		{"no SIP", servertest.Right, func(c *servertest.EdgeConfig) { c.Closed = []int{5061} }, "EDGE107:warning",
			"edge1.example.com:5061 (SIP over TLS)"},
		{"SIP without TLS", servertest.Right, func(c *servertest.EdgeConfig) { c.Plain = []int{5061} }, "EDGE107:warning",
			"its answer is not TLS"},
		{"8443 without TLS", servertest.Right, func(c *servertest.EdgeConfig) { c.Plain = []int{8443} }, "EDGE105:error",
			"its answer is not TLS"},
		{"8443 silent", servertest.Right, func(c *servertest.EdgeConfig) { c.Silent = []int{8443} }, "EDGE105:error",
			"does not answer the TLS hello"},
		{"8443 without an end", servertest.Right, func(c *servertest.EdgeConfig) { c.Flood = []int{8443} }, "EDGE105:error",
			"edge1.example.com:8443"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.flaw, c.change)
			o := dnscheck.Options{
				Resolvers: []wire.Resolver{resolver(t, 0, uds)}, Outside: []wire.Resolver{resolver(t, 0, collab,
					a("edge1.example.com", w.edge.IP))},
			}
			timeout := enough
			if strings.Contains(c.name, "silent") {
				timeout = time.Second
			}
			_, findings := w.look(t, o, timeout)
			if got := ids(findings); got != c.rules || !strings.Contains(fmt.Sprint(findings), c.message) {
				t.Errorf("findings %q, want %q with %q: %v", got, c.rules, c.message, findings)
			}
		})
	}
}

// A hostile zone does not make the probe contact thousands of hosts, and a resolver that fails says nothing about the deployment.
func TestBounds(t *testing.T) {
	w := newWorld(t, servertest.Right, nil)
	var records []string
	for i := range 300 {
		records = append(records, fmt.Sprintf("_collab-edge._tls.example.com. 60 IN SRV 10 10 8443 e%d.example.com.", i))
	}
	seen, _ := w.look(t, dnscheck.Options{Outside: []wire.Resolver{resolver(t, 0, records...)}}, enough)
	if len(seen.Targets) != 16 || seen.More == 0 {
		t.Errorf("%d targets, %d more", len(seen.Targets), seen.More)
	}
	seen, findings := w.look(t, dnscheck.Options{Resolvers: []wire.Resolver{resolver(t, 0, uds)},
		Outside: []wire.Resolver{resolver(t, dns.RcodeServerFailure)}}, enough)
	if len(findings) > 0 || !strings.Contains(seen.Incomplete, "the resolvers outside") || !strings.Contains(seen.Incomplete, "SERVFAIL") {
		t.Errorf("%v, incomplete %q", findings, seen.Incomplete)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := (&edge.Checker{Names: dnscheck.Options{Resolvers: []wire.Resolver{resolver(t, 0, collab)}}}).Probe(ctx,
		edge.Request{Domain: "example.com"})
	if o.Incomplete != "the run was cancelled" || len(edge.Judge([]*edge.Observation{o}, 0)) > 0 {
		t.Errorf("%+v", o)
	}
	if o := new(edge.Checker).Probe(t.Context(), edge.Request{Domain: "example.com"}); !strings.Contains(o.Incomplete,
		"no resolver is known") {
		t.Errorf("%+v", o)
	}
}

// Jabber asks in one domain: if another domain of the run has the record, a missing one is not a finding.
func TestOneDomainIsEnough(t *testing.T) {
	w := newWorld(t, servertest.Right, nil)
	o := dnscheck.Options{Outside: []wire.Resolver{resolver(t, 0, collab, a("edge1.example.com", w.edge.IP))}}
	p := &probe.Prober{Roots: w.ca.Pool, Dial: w.edge.Dial}
	seen := edge.Domains(&o).Observe(t.Context(), area.Tools{Prober: p}, []edge.Request{{Domain: "example.com"},
		{Domain: "other.test"}}, 2, nil)
	if got := edge.Judge(seen, 0); len(got) > 0 {
		t.Errorf("%v", got)
	}
	if got := ids(edge.Judge(seen[1:], 0)); got != "EDGE101:warning" {
		t.Errorf("the other domain alone: %s", got)
	}
}

func TestFromInput(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"VoiceServicesDomain replaces the services domain",
			"ServicesDomain: corp.example.com\nVoiceServicesDomain: uc.example.com\n", "uc.example.com"},
		{"services domain", "ServicesDomain: corp.example.com\n", "corp.example.com"},
		{"not specified", "ServicesDomain: NOT_SPECIFIED\n", ""},
		{"an address", "ServicesDomain: 192.0.2.1\n", ""},
		{"a single label", "ServicesDomain: corp\n", ""},
		{"presence domain", "Client.Generation = xmpp\nPresence.Domain = example.com\n", "example.com"},
		{"presence domain of the SIP generation", "Client.Generation = sip\nPresence.Domain = example.com\n", ""},
		{"Directory", `<config version="1.0"><Directory><PresenceDomain> example.com </PresenceDomain></Directory></config>`,
			"example.com"},
		{"Client", `<config version="1.0"><Client><VoiceServicesDomain>example.com</VoiceServicesDomain></Client></config>`, "example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := "jabber-bootstrap.properties"
			switch {
			case strings.HasPrefix(c.text, "<"):
				name = "jabber-config.xml"
			case strings.Contains(c.text, " = "):
				name = "a.properties"
			}
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var got []string
			for e, err := range new(export.Reader).Read(t.Context(), export.Source{Name: path}) {
				if err != nil {
					t.Fatal(err)
				}
				in := lint.NewInput(e)
				if in.Generation != resolve.XMPP && c.want != "" {
					t.Errorf("generation %s", in.Generation)
				}
				for _, r := range edge.FromInput(in) {
					got = append(got, r.Domain)
					if r.Place.Line == 0 {
						t.Error("no place")
					}
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("domains %q, want %q", got, c.want)
			}
		})
	}
}
