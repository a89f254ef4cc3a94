package dnscheck

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
	"cupclint/internal/servertest"
	"cupclint/lint"
	"cupclint/resolve"
)

// deployZone holds one name for each thing that can be wrong.
const deployZone = `
cups1 IN A 192.0.2.22
cups1.example.org IN A 192.0.2.22
v6only IN AAAA ::1
txtonly IN TXT "no address"
mail IN A 192.0.2.25
imap IN CNAME mail
chain IN CNAME imap
dangling IN CNAME nowhere
empty IN CNAME txtonly
loop1 IN CNAME loop2
loop2 IN CNAME loop1
noptr IN A 192.0.2.99
loop IN A 127.0.0.1
zero IN A 0.0.0.0
own.wild IN A 192.0.2.25
wrongptr IN A 192.0.2.23
*.wild IN A 192.0.2.24
onlysuffix.corp IN A 192.0.2.26
box.example.com.corp IN A 192.0.2.26
lame IN NS ns.lame
ns.lame IN A 192.0.2.98
good.sip IN A 192.0.2.27
_sip._tcp.good.sip IN SRV 20 0 5060 mail
_sip._tcp.good.sip IN SRV 10 0 5060 cups1
good.sip IN NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp.good.sip
_sips._tcp.alias.sip IN SRV 0 0 5061 imap
_sip._tcp.dot.sip IN SRV 0 0 0 .
_sip._tcp.gone.sip IN SRV 0 0 5060 nowhere
_sip._tcp.port.sip IN SRV 0 0 5070 cups1
_sip._tcp.six.sip IN SRV 0 0 5060 v6only
_sip._tcp.loop.sip IN SRV 0 0 5060 loop1
_sip._tcp.addr.sip IN SRV 0 0 5060 10.1.1.1.
plain.sip IN A 192.0.2.28
_cuplogin._tcp.xmpp IN SRV 5 0 8443 mail
_cuplogin._tcp.xmpp IN SRV 0 0 8443 cups1
_collab-edge._tls.xmpp IN SRV 0 0 8443 mail
`

const reverseZone = `$ORIGIN 2.0.192.in-addr.arpa.
$TTL 60
@ IN SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
@ IN NS ns.example.com.
22 IN PTR cups1.example.com.
23 IN PTR other.example.com.
25 IN PTR mail.example.com.
`

var deployZones = servertest.Zones{
	"example.com": deployZone + servertest.BigRRSet("_sip._tcp.big.sip", "SRV", 100), "2.0.192.in-addr.arpa": reverseZone,
}

// bothWays runs a test against nsd without and with its response rate limiting.
func bothWays(t *testing.T, test func(t *testing.T, addr string)) {
	t.Helper()
	for _, limited := range []bool{false, true} {
		t.Run(fmt.Sprintf("rate limit %t", limited), func(t *testing.T) {
			server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones, Broken: []string{"broken.example"}, RateLimit: limited})
			test(t, server.Addr)
		})
	}
}

// setup is a prober and what it is to look at.
type setup struct {
	resolvers []string
	timeout   time.Duration
	search    []string
	hosts     string
	types     Types
	names     *Names
}

func (s *setup) prober(t *testing.T) *Prober {
	t.Helper()
	var resolvers []wire.Resolver
	for _, text := range s.resolvers {
		r, err := wire.ParseResolver(text)
		if err != nil {
			t.Fatal(err)
		}
		resolvers = append(resolvers, r)
	}
	hosts, err := ReadHosts("hosts", strings.NewReader(s.hosts))
	if err != nil {
		t.Fatal(err)
	}
	client := NewClient(resolvers, func(wire.Resolver) wire.Options { return wire.Options{Timeout: s.timeout} })
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Prober{Client: client, Search: s.search, Hosts: hosts, Types: s.types}
}

func (s *setup) run(t *testing.T) ([]Observation, []lint.Finding) {
	t.Helper()
	prober := s.prober(t)
	observations := prober.Probe(t.Context(), s.names.Subjects())
	for i := range observations {
		if text, err := json.Marshal(&observations[i]); err != nil || !json.Valid(text) {
			t.Errorf("JSON of %q: %v\n%s", observations[i].Name, err, text)
		}
	}
	findings := Judge(observations)
	if meanwhile := prober.findings(t.Context(), observations); !reflect.DeepEqual(meanwhile, findings) {
		t.Errorf("judged while asking: %+v\nwant %+v", meanwhile, findings)
	}
	keptAndJudged(t, observations, findings)
	return observations, findings
}

// host makes a collection of one name in one role.
func host(name string, role Role) *Names {
	names := NewNames()
	names.subject(name, kindOf(name), resolve.SIP).add(func() Use { return Use{Role: role} })
	return names
}

// pair makes a collection of one presence address without its domain.
func pair(node, domain string) *Names {
	names := NewNames()
	a := resolve.Presence(node, domain)
	s := names.subject(a.Value, kindOf(a.Value), resolve.SIP)
	s.madeOf(node, domain, a.Step, a.Problems == 0)
	s.add(func() Use { return Use{Role: RolePresence, Rank: "primary"} })
	return names
}

// domainOf makes a collection of one domain.
func domainOf(name string, g resolve.Generation) *Names {
	names := NewNames()
	names.subject(name, Domain, g).add(func() Use { return Use{Role: RoleDomain} })
	return names
}

// want is a finding that must come: rule, severity and a part of its text.
type want struct {
	rule     string
	severity lint.Severity
	text     string // in the message, the evidence or the fix
}

func check(t *testing.T, got []lint.Finding, wanted []want) {
	t.Helper()
	var rest []lint.Finding
	rest = append(rest, got...)
	for _, w := range wanted {
		i := slices.IndexFunc(rest, func(f lint.Finding) bool {
			return f.Rule == w.rule && f.Severity == w.severity && strings.Contains(f.Message+"\n"+strings.Join(f.Evidence, "\n")+"\n"+f.Fix, w.text)
		})
		if i < 0 {
			t.Errorf("no %s (%s) with %q", w.rule, w.severity, w.text)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, f := range rest {
		t.Errorf("unexpected %s (%s): %s", f.Rule, f.Severity, f.Message)
	}
	if t.Failed() {
		for _, f := range got {
			t.Logf("%s %s: %s\n\t%s\n\tfix: %s", f.Rule, f.Severity, f.Message, strings.Join(f.Evidence, "\n\t"), f.Fix)
		}
	}
}

func TestFindingsFromARealAuthority(t *testing.T) {
	tests := []struct {
		name string
		setup
		want []want
	}{
		{"a good presence address", setup{names: pair("cups1", "example.com")}, nil},
		{"NXDOMAIN", setup{names: pair("nope", "example.com")}, []want{{"DNS101", lint.Error, "NXDOMAIN"}}},
		{"NXDOMAIN of another server", setup{names: host("nope.example.com", RoleDirectory)},
			[]want{{"DNS112", lint.Error, `the directory server "nope.example.com" does not exist`}}},
		{"domain appended to a full name", setup{names: pair("cups1.example.com", "other.example.com")},
			[]want{{"DNS101", lint.Error, `the node name "cups1.example.com" alone has the address 192.0.2.22`}}},
		{"domain in another case", setup{names: pair("cups1.example.com", "EXAMPLE.COM")},
			[]want{{"DNS101", lint.Error, "DNS ignores upper and lower case (RFC 4343), the client does not"}}},
		{"another case of a name that exists", setup{names: pair("CUPS1", "Example.COM")}, nil},
		{"only a search suffix helps", setup{names: host("box.example.com", RolePresence), search: []string{"example.org", "corp.example.com"}},
			[]want{{"DNS101", lint.Error, `"box.example.com.corp.example.com" resolves to 192.0.2.26`}}},
		{"only a search suffix helps a bare name", setup{names: host("onlysuffix", RolePresence), search: []string{"corp.example.com"}},
			[]want{{"DNS103", lint.Error, `"onlysuffix.corp.example.com" resolves to 192.0.2.26`}}},
		{"NODATA", setup{names: pair("txtonly", "example.com")}, []want{{"DNS102", lint.Error, "(NODATA)"}}},
		{"AAAA only", setup{names: pair("v6only", "example.com")}, []want{{"DNS102", lint.Error, "only an IPv6 address (::1)"}}},
		{"an alias", setup{names: pair("chain", "example.com")},
			[]want{{"DNS105", lint.Info, "chain.example.com -> imap.example.com -> mail.example.com"}}},
		{"a dangling alias", setup{names: pair("dangling", "example.com")}, []want{{"DNS101", lint.Error, `an alias of "nowhere.example.com"`}}},
		{"an alias of a name without address", setup{names: pair("empty", "example.com")},
			[]want{{"DNS102", lint.Error, `an alias of "txtonly.example.com"`}}},
		{"aliases in a circle", setup{names: pair("loop1", "example.com")}, []want{{"DNS102", lint.Error, "alias in a loop"}}},
		{"SERVFAIL", setup{names: pair("cups1", "broken.example")}, []want{{"DNS103", lint.Error, "SERVFAIL"}}},
		{"REFUSED", setup{names: pair("cups1", "elsewhere.test")}, []want{{"DNS103", lint.Error, "REFUSED"}}},
		{"lame", setup{names: pair("cups1", "lame.example.com")}, []want{{"DNS103", lint.Error, "points to the servers of lame.example.com"}}},
		{"no reverse record", setup{names: pair("noptr", "example.com")}, []want{{"DNS106", lint.Info, "has no reverse record"}}},
		{"another name's reverse record", setup{names: pair("wrongptr", "example.com")},
			[]want{{"DNS106", lint.Info, "names other.example.com instead"}}},
		{"an address", setup{names: pair("192.0.2.22", "example.com")}, nil},
		{"an address without reverse record", setup{names: pair("192.0.2.97", "example.com")}, []want{{"DNS106", lint.Info, "192.0.2.97"}}},
		{"a wrong address that exists", setup{names: pair("cups1.example.org", "example.com")},
			[]want{{"DNS111", lint.Info, "PRES001"}, {"DNS106", lint.Info, "names cups1.example.com instead"}}},
		{"a wrong address below a wildcard", setup{names: pair("cups1.example.org", "wild.example.com")},
			[]want{{"DNS111", lint.Info, "A wildcard record answers"}, {"DNS106", lint.Info, "192.0.2.24"}}},
		{"a name that no question can hold", setup{names: pair(strings.Repeat("a", 64), "example.com")},
			[]want{{"DNS101", lint.Error, "DNS allows at most 63"}}},
		{"a name that only a wildcard gives", setup{names: pair("cup1", "wild.example.com")},
			[]want{{"DNS114", lint.Warning, "every name below"}, {"DNS106", lint.Info, "192.0.2.24"}}},
		{"a record of its own next to a wildcard", setup{names: pair("own", "wild.example.com")},
			[]want{{"DNS106", lint.Info, "names mail.example.com instead"}}},
		{"a loopback address", setup{names: pair("loop", "example.com")}, []want{{"DNS115", lint.Error, "loopback"}}},
		{"a sinkhole", setup{names: pair("zero", "example.com")}, []want{{"DNS115", lint.Error, "unspecified"}}},
		{"a name over 253 bytes", setup{names: pair(strings.Repeat("a.", 127)+"a", "example.com")},
			[]want{{"DNS101", lint.Error, "DNS allows at most 253"}}},
		{"a name with a blank", setup{names: pair("cups 1", "example.com")}, []want{{"DNS101", lint.Error, `cups\ 1.example.com.`}}},

		{"only the hosts file knows it", setup{names: pair("nope", "example.com"), hosts: "10.9.9.9 nope.example.com\n"},
			[]want{{"DNS101", lint.Error, "NXDOMAIN"}, {"DNS110", lint.Warning, "hosts file line 1: 10.9.9.9"}}},
		{"the hosts file agrees", setup{names: pair("cups1", "example.com"), hosts: "192.0.2.22 cups1.example.com\n"}, nil},
		{"the hosts file disagrees", setup{names: pair("cups1", "example.com"), hosts: "# old\n10.9.9.9 CUPS1.example.com\n"},
			[]want{{"DNS104", lint.Warning, "the hosts file of this computer gives"}}},

		{"SRV found by NAPTR", setup{names: domainOf("good.sip.example.com", resolve.SIP)}, nil},
		{"SRV to an alias", setup{names: domainOf("alias.sip.example.com", resolve.SIP)}, []want{{"DNS105", lint.Warning, "RFC 2782"}}},
		{"SRV to nothing", setup{names: domainOf("dot.sip.example.com", resolve.SIP)}, []want{{"DNS108", lint.Error, `target "."`}}},
		{"SRV to a name that does not exist", setup{names: domainOf("gone.sip.example.com", resolve.SIP)},
			[]want{{"DNS108", lint.Error, "NXDOMAIN"}}},
		{"SRV to IPv6 only", setup{names: domainOf("six.sip.example.com", resolve.SIP)}, []want{{"DNS108", lint.Error, "only an IPv6 address"}}},
		{"SRV into a circle", setup{names: domainOf("loop.sip.example.com", resolve.SIP)}, []want{{"DNS108", lint.Error, "alias in a loop"}}},
		{"SRV to an address", setup{names: domainOf("addr.sip.example.com", resolve.SIP)},
			[]want{{"DNS108", lint.Error, "has an address (10.1.1.1) as its target"}}},
		{"SRV with another port", setup{names: domainOf("port.sip.example.com", resolve.SIP)},
			[]want{{"DNS109", lint.Warning, "port 5070, but the service's own port is 5060"}}},
		{"no SRV, but an address", setup{names: domainOf("plain.sip.example.com", resolve.SIP)},
			[]want{{"DNS107", lint.Info, "uses its address 192.0.2.28"}}},
		{"no SRV at all", setup{names: domainOf("none.sip.example.com", resolve.SIP)},
			[]want{{"DNS107", lint.Warning, "neither an SRV record nor a static route"}}},
		{"a truncated SRV answer", setup{names: domainOf("big.sip.example.com", resolve.SIP), types: SRV}, nil},
		{"discovery of the XMPP generation", setup{names: domainOf("xmpp.example.com", resolve.XMPP)},
			[]want{{"DNS113", lint.Warning, "_collab-edge._tls.xmpp.example.com resolves here"}}},
		{"no discovery record", setup{names: domainOf("good.sip.example.com", resolve.XMPP)},
			[]want{{"DNS107", lint.Warning, "Clients do not find a server automatically"}}},
	}
	bothWays(t, func(t *testing.T, addr string) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				test.resolvers = []string{addr}
				_, findings := test.run(t)
				check(t, findings, test.want)
			})
		}
	})
}

func TestFindingsFromARealResolver(t *testing.T) {
	bothWays(t, testRealResolver)
}

func testRealResolver(t *testing.T, authority string) {
	resolver := servertest.Unbound(t, servertest.UnboundConfig{
		Stub:       map[string]string{"example.com": authority, "broken.example": authority, "2.0.192.in-addr.arpa": authority},
		LocalZones: map[string]string{"refused.test": "refuse", "drop.test": "deny"},
	})
	tests := []struct {
		name  string
		names *Names
		want  []want
	}{
		{"found", pair("cups1", "example.com"), nil},
		{"NXDOMAIN", pair("nope", "example.com"), []want{{"DNS101", lint.Error, "NXDOMAIN"}}},
		{"NODATA", pair("txtonly", "example.com"), []want{{"DNS102", lint.Error, "NODATA"}}},
		{"dangling", pair("dangling", "example.com"), []want{{"DNS101", lint.Error, "an alias of"}}},
		{"SERVFAIL", pair("cups1", "broken.example"), []want{{"DNS103", lint.Error, "SERVFAIL"}}},
		{"REFUSED", pair("cups1", "refused.test"), []want{{"DNS103", lint.Error, "REFUSED"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := setup{resolvers: []string{resolver.Addr}, names: test.names, timeout: 10 * time.Second}
			_, findings := s.run(t)
			check(t, findings, test.want)
		})
	}
	t.Run("silent about one name only", func(t *testing.T) {
		names := pair("cups1", "drop.test")
		names.Merge(pair("cups1", "example.com"))
		s := setup{resolvers: []string{resolver.Addr}, names: names, timeout: 200 * time.Millisecond, types: A}
		_, findings := s.run(t)
		check(t, findings, []want{{"DNS103", lint.Error, "does not answer for cups1.drop.test"}})
	})
}

func TestResolversAnswerForThemselves(t *testing.T) {
	inside := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"example.com": "cups1 IN A 10.1.1.1\nboth IN A 10.1.1.2\nboth " +
		"IN A 10.1.1.3\n"}})
	outside := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"example.com": "both IN A 10.1.1.3\nboth IN A 10.1.1.2\n"}})
	dead := servertest.UDPSink(t).Addr
	closed := servertest.ClosedAddr(t)
	tests := []struct {
		name      string
		resolvers []string
		node      string
		want      []want
	}{
		{"they agree in another order", []string{inside.Addr, outside.Addr}, "both", nil},
		{"the first knows the name", []string{inside.Addr, outside.Addr}, "cups1",
			[]want{{"DNS104", lint.Warning, outside.Addr + " says NXDOMAIN"}}},
		{"the second knows the name", []string{outside.Addr, inside.Addr}, "cups1",
			[]want{{"DNS101", lint.Error, "NXDOMAIN"}, {"DNS104", lint.Warning, inside.Addr + " says 10.1.1.1"}}},
		{"the first is dead", []string{dead, inside.Addr}, "cups1", []want{{"DNS103", lint.Error, "the resolver " + dead + " does not answer"}}},
		{"the first is not there", []string{closed, inside.Addr}, "cups1", []want{{"DNS103", lint.Error, "cannot be reached"}}},
		{"all are dead", []string{dead, closed}, "cups1",
			[]want{{"DNS103", lint.Error, "does not answer"}, {"DNS103", lint.Error, "connection refused"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := setup{resolvers: test.resolvers, names: pair(test.node, "example.com"), timeout: 100 * time.Millisecond, types: A}
			_, findings := s.run(t)
			check(t, findings, test.want)
		})
	}
}

func TestEveryAttemptStandsInTheObservation(t *testing.T) {
	dead := servertest.UDPSink(t).Addr
	s := setup{resolvers: []string{dead}, names: pair("cups1", "example.com"), timeout: 50 * time.Millisecond, types: A}
	observations, _ := s.run(t)
	attempts := observations[0].Steps()[0].Answers[0].Attempts
	if len(attempts) != 2 || attempts[0].End != wire.TimedOut || attempts[1].End != wire.TimedOut {
		t.Errorf("attempts %+v, want two that timed out", attempts)
	}
	text, err := json.Marshal(&observations[0])
	if err != nil || strings.Count(string(text), `"end":"timeout"`) != 2 {
		t.Errorf("%s, %v", text, err)
	}
}

func TestIdenticalNamesAreAskedOnce(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	names := NewNames()
	for i := range 10000 {
		names.AddPair("cups1", "example.com", resolve.SIP, Place{Index: i})
	}
	s := setup{resolvers: []string{server.Addr}, names: names, types: A | AAAA}
	prober := s.prober(t)
	observations := prober.Probe(t.Context(), names.Subjects())
	if asked := prober.Client.Asked(); asked != 3 {
		t.Errorf("%d questions, want A and AAAA of one name, and its wildcard", asked)
	}
	if o := observations[0]; len(o.Uses) != maxUses || o.More != 10000-maxUses {
		t.Errorf("%d uses and %d more, want 10000 in all", len(o.Uses), o.More)
	}
}

func TestNamesThatDifferInCaseAreAskedOnce(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	names := pair("cups1", "example.com")
	names.Merge(pair("CUPS1", "EXAMPLE.com"))
	s := setup{resolvers: []string{server.Addr}, names: names, types: A}
	prober := s.prober(t)
	if observations := prober.Probe(t.Context(), names.Subjects()); len(observations) != 2 || prober.Client.Asked() != 2 {
		t.Errorf("%d observations, %d questions; want 2 and 2: the name and its wildcard", len(observations), prober.Client.Asked())
	}
}

func TestTargetOfManyAliasesIsAskedOnce(t *testing.T) {
	// The target is in no zone of the server, so each alias comes alone and has to be followed.
	zone := ""
	names := NewNames()
	for i := range 20 {
		zone += fmt.Sprintf("cup%d IN CNAME cups1.example.org.\n", i)
		names.Merge(pair(fmt.Sprintf("cup%d", i), "example.com"))
	}
	server := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"example.com": zone, "example.org": "cups1 IN A 192.0.2.22\n"}})
	names.Merge(pair("cups1.example.org", "org"))
	s := setup{resolvers: []string{server.Addr, server.Addr}, names: names, types: A}
	prober := s.prober(t)
	observations := prober.Probe(t.Context(), names.Subjects())
	for i := range observations {
		if _, usable := observations[i].Verdict(); !usable {
			t.Errorf("%s is not resolved", observations[i].Name)
		}
	}
	if asked := prober.Client.Asked(); asked > 24 { // two of them for wildcards
		t.Errorf("%d questions for 20 aliases of one name", asked)
	}
}

func TestManyAskersOfOneQuestionShareIt(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	s := setup{resolvers: []string{server.Addr}, names: NewNames()}
	client := s.prober(t).Client
	var found atomic.Int64
	done := make(chan bool)
	for range 50 {
		go func() {
			if client.Lookup(t.Context(), "cups1.example.com.", dns.TypeA).outcome() == Found {
				found.Add(1)
			}
			done <- true
		}()
	}
	for range 50 {
		<-done
	}
	if client.Asked() != 1 || found.Load() != 50 {
		t.Errorf("asked %d times, %d found; want 1 and 50", client.Asked(), found.Load())
	}
}

func TestCombineSoftensAndConfirms(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	static := &lint.Rule{ID: "PRES001", Name: "presence-domain-mismatch", Area: "presence", Severity: lint.Error, Kind: lint.ExportKind}
	tests := []struct {
		node, domain string
		want         []want
	}{
		{"cups1.example.org", "example.com", []want{{"PRES001", lint.Info, "DNS contradicts (DNS111)"}, {"DNS111", lint.Info, "exists in DNS"}}},
		{"cups1.example.org", "wild.example.com", []want{{"PRES001", lint.Error, "by a wildcard"}, {"DNS111", lint.Info, "proves nothing"}}},
		{"cups1.example.com", "other.example.com", []want{{"PRES001", lint.Error, "DNS confirms (DNS101)"}, {"DNS101", lint.Error, "NXDOMAIN"}}},
	}
	for _, test := range tests {
		t.Run(test.node+" "+test.domain, func(t *testing.T) {
			s := setup{resolvers: []string{server.Addr}, names: pair(test.node, test.domain), types: A}
			observations, live := s.run(t)
			f := static.New("", "the client appends the domain")
			f.Address = observations[0].Name
			check(t, Combine([]lint.Finding{f, f}, live, observations), test.want)
		})
	}
}

// contextThatEndsAfter gives a context that is cancelled once the sink has taken so many datagrams.
func contextThatEndsAfter(t *testing.T, sink *servertest.Sink, n int) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil && sink.Received() < n {
			<-tick.C
		}
		cancel()
	}()
	return ctx, cancel
}

// keptAndJudged proves that observations which were kept as JSON give the same findings.
func keptAndJudged(t *testing.T, observations []Observation, want []lint.Finding) {
	t.Helper()
	text, err := json.Marshal(Kept(observations))
	if err != nil {
		t.Fatal(err)
	}
	var again Kept
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if got := Judge(again); !reflect.DeepEqual(want, got) {
		t.Errorf("judged %+v\nand after being kept %+v", want, got)
	}
	for i := range observations {
		if a, b := observations[i].AppendJSON(nil), again[i].AppendJSON(nil); string(a) != string(b) {
			t.Errorf("kept %s\nbut got %s", a, b)
		}
	}
}
