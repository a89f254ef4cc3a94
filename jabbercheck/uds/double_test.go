package uds_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/uds"
)

// double is a node in this process. It gives its address.
func double(t *testing.T, ca *servertest.Authority, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, servertest.Right, "127.0.0.1").TLS}}
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.Listener.Addr().String()
}

// answers serves fixed texts by the last part of the path.
func answers(texts map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := texts[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, text)
	}
}

func TestHostileAnswersAreBounded(t *testing.T) {
	ca := servertest.CA(t)
	forever := func(w http.ResponseWriter, piece string) {
		for {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
	for _, tt := range []struct {
		name  string
		h     http.HandlerFunc
		rules string
	}{
		{"endless elements", func(w http.ResponseWriter, _ *http.Request) {
			forever(w, "<versionInformation>"+strings.Repeat("<a>", 10_000))
		}, "UDS102"},
		{"endless text", func(w http.ResponseWriter, _ *http.Request) {
			forever(w, "<versionInformation><version>"+strings.Repeat("1", 64<<10))
		}, "UDS102"},
		{"deep", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("<a>", 5000)) }, "UDS102"},
		{"entities", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `<!DOCTYPE v [<!ENTITY a "aaaa">]><versionInformation><version>&a;</version></versionInformation>`)
		}, "UDS102"},
		{"cut in the middle", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4000")
			fmt.Fprint(w, versionXML)
		}, "UDS102"},
		{"a redirect loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "UDS102"},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\n <HTML><body>log in") }, "UDS102"},
		{"another root", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<servers/>") }, "UDS102"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, "UDS102"},
		{"a proxy's log-in", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }, "UDS102"},
		{"a broken service", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "UDS102"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			addr := double(t, ca, func(w http.ResponseWriter, r *http.Request) { asked++; tt.h(w, r) })
			o := checker(t, ca).Probe(t.Context(), uds.Request{Target: target(t, addr), User: "alice"})
			if got := judge(o); got != tt.rules {
				t.Errorf("rules %q, want %q; %s", got, tt.rules, o.Summary())
			}
			if asked != 1 {
				t.Errorf("%d questions, want 1", asked)
			}
		})
	}
}

func TestAnEndlessHeaderAndSilenceEnd(t *testing.T) {
	ca := servertest.CA(t)
	cert := ca.Issue(t, servertest.Right, "127.0.0.1").TLS
	for name, serve := range map[string]func(net.Conn){
		"endless header": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := c.Write(bytes.Repeat([]byte("X: y\r\n"), 1000)); err != nil {
					return
				}
			}
		},
		"silence": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"garbage": func(c net.Conn) { _, _ = io.WriteString(c, "\x00\x1b[31mgarbage\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() { defer c.Close(); serve(c) }()
				}
			}()
			c := checker(t, ca)
			c.Prober.Timeouts.Protocol = 200 * time.Millisecond
			o := c.Probe(t.Context(), uds.Request{Target: target(t, l.Addr().String())})
			if got := judge(o); got != "UDS101" || strings.ContainsAny(o.Summary(), "\x00\x1b") {
				t.Errorf("rules %q; %q", got, o.Summary())
			}
		})
	}
}

func TestHomeClusters(t *testing.T) {
	ca := servertest.CA(t)
	node := func(home string) string {
		return double(t, ca, answers(map[string]string{"version": versionXML, "servers": serversXML, "clusterUser": home}))
	}
	other := strings.ReplaceAll(foundXML, "cucm1.example.com", "paris.example.com")
	const end = "</clusterUser>"
	short := strings.ReplaceAll(foundXML, ">cucm1.example.com<", ">CUCM1<")
	for _, tt := range []struct {
		name  string
		homes []string
		rules string
	}{
		{"one", []string{foundXML, foundXML}, ""},
		{"one, named in two ways", []string{foundXML, short}, ""},
		{"two clusters", []string{foundXML, other}, "UDS107"},
		{"two in one answer", []string{foundXML[:len(foundXML)-len(end)] + "<homeCluster>paris.example.com</homeCluster>" + end}, "UDS107"},
		{"no node knows the user", []string{absentXML, absentXML}, "UDS104"},
		{"one of two knows the user", []string{absentXML, foundXML}, "UDS104"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen []*uds.Observation
			for _, home := range tt.homes {
				seen = append(seen, checker(t, ca).Probe(t.Context(), uds.Request{Target: target(t, node(home)), User: "alice"}))
			}
			if got := judge(seen...); got != tt.rules {
				t.Errorf("rules %q, want %q", got, tt.rules)
			}
		})
	}
}

// A server gets a password once, and only over TLS that is verified.
func TestOneLogIn(t *testing.T) {
	ca := servertest.CA(t)
	for _, tt := range []struct {
		name, user string
		status     int
		roots      bool
		asked      int
		rules      string
	}{
		{"403", "alice", http.StatusForbidden, true, 1, "UDS105"},
		{"401", "alice", http.StatusUnauthorized, true, 1, "UDS103"},
		{"503", "alice", http.StatusServiceUnavailable, true, 2, "UDS103"},  // the password was not judged
		{"500", "alice", http.StatusInternalServerError, true, 1, "UDS103"}, // it may have been
		{"504", "alice", http.StatusGatewayTimeout, true, 1, "UDS103"},
		{"not verified", "alice", http.StatusOK, false, 0, "UDS109"},
		{"a slash", "a/b", http.StatusOK, true, 0, ""},
		{"a colon", "a:b", http.StatusOK, true, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			open := answers(map[string]string{"version": versionXML, "servers": serversXML, "clusterUser": foundXML})
			addr := double(t, ca, func(w http.ResponseWriter, r *http.Request) {
				if _, password, ok := r.BasicAuth(); ok {
					asked++
					w.Header().Set("Location", "/login?password="+password)
					w.WriteHeader(tt.status)
					return
				}
				open(w, r)
			})
			c := checker(t, ca)
			if !tt.roots {
				c = checker(t, servertest.CA(t))
			}
			r := uds.Request{Target: target(t, addr), User: tt.user, Password: loginbudget.NewSecret("Wr0ng-pass")}
			o := c.Probe(t.Context(), r)
			if got := judge(o); got != tt.rules {
				t.Errorf("rules %q, want %q; %+v", got, tt.rules, o.Login)
			}
			if text, err := json.Marshal(o); err != nil || strings.Contains(string(text), "Wr0ng-pass") {
				t.Errorf("%v: the observation has the password: %s", err, text)
			}
			c.Probe(t.Context(), r)
			if asked != tt.asked {
				t.Errorf("%d log-ins in two probes, want %d", asked, tt.asked)
			}
		})
	}
}

func TestAWebProxyIsReportedAndNotUsed(t *testing.T) {
	ca := servertest.CA(t)
	addr := double(t, ca, answers(map[string]string{"version": versionXML, "servers": serversXML}))
	c := checker(t, ca)
	c.WebProxy = func(url string) string {
		if url != "https://"+addr+"/cucm-uds/version" {
			t.Errorf("asked for %s", url)
		}
		return "proxy.example.com:3128"
	}
	o := c.Probe(t.Context(), uds.Request{Target: target(t, addr)})
	if got := judge(o); got != "UDS110" || o.Version == nil {
		t.Errorf("rules %q; %s", got, o.Summary())
	}
}

// TestOldTLSGetsNoPassword proves that a server with nothing newer than TLS 1.1 gets a password only where that was asked for.
func TestOldTLSGetsNoPassword(t *testing.T) {
	ca := servertest.CA(t)
	for old, want := range map[bool]int{false: 0, true: 1} {
		asked := 0
		open := answers(map[string]string{"version": versionXML, "servers": serversXML, "clusterUser": foundXML})
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, _, ok := r.BasicAuth(); ok {
				asked++
			}
			open(w, r)
		}))
		s.TLS = &tls.Config{
			Certificates: []tls.Certificate{ca.Issue(t, servertest.Right, "127.0.0.1").TLS},
			MinVersion:   tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
		}
		s.StartTLS()
		t.Cleanup(s.Close)
		c := checker(t, ca)
		c.OldTLS = old
		r := uds.Request{Target: target(t, s.Listener.Addr().String()), User: "alice", Password: loginbudget.NewSecret("Wr0ng-pass")}
		if o := c.Probe(t.Context(), r); asked != want {
			t.Errorf("--old-tls %t: %d log-ins; %s; %+v", old, asked, o.Summary(), o.Login)
		}
	}
}

// TestANameIsSaidOnce: two nodes list the same names, in whatever case; a name whose look-up was cancelled is not a finding.
func TestANameIsSaidOnce(t *testing.T) {
	list := func(names ...uds.Server) *uds.Observation {
		return &uds.Observation{Servers: &uds.Servers{Asked: uds.Asked{Status: http.StatusOK}, Servers: names}}
	}
	cancelled := uds.Server{Name: "cucm3.example.com", Error: &probe.Error{Class: probe.Cancelled}}
	if got := judge(list(uds.Server{Name: "cucm1"}, cancelled), list(uds.Server{Name: "CUCM1"})); got != "UDS106" {
		t.Errorf("rules %q", got)
	}
}

// TestWhatWasNotAskedIsNotKnown: without a user and a log-in, nothing speaks against what only these show.
func TestWhatWasNotAskedIsNotKnown(t *testing.T) {
	unasked := func(o *uds.Observation) string {
		var out []string
		for _, r := range o.Seen()[0].Unasked {
			out = append(out, r.ID)
		}
		return strings.Join(out, " ")
	}
	if got := unasked(new(uds.Observation)); got != "UDS110 UDS104 UDS107 UDS103 UDS105 UDS108" {
		t.Errorf("no user: %s", got)
	}
	if got := unasked(&uds.Observation{ClusterUser: new(uds.ClusterUser)}); got != "UDS110 UDS103 UDS105 UDS108" {
		t.Errorf("a user: %s", got)
	}
	if got := unasked(&uds.Observation{ClusterUser: new(uds.ClusterUser), Login: new(uds.Login)}); got != "UDS110" {
		t.Errorf("a log-in: %s", got)
	}
}

func TestNodesOfExports(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"jabber-config.xml", "<config version=\"1.0\"><Directory><UdsServer> cucm1.example.com " +
			"</UdsServer></Directory></config>", "cucm1.example.com:8443"},
		{"cluster.txt", "admin:show network cluster\n10.2.1.1 cucm1.example.com cucm1 Publisher callmanager DBPub authenticated\n" +
			"10.2.1.5 imp1.example.com imp1 Subscriber cups DBSub authenticated\n", "cucm1.example.com:8443"},
		{"nodes.xml", `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:listProcessNodeResponse ` +
			`xmlns:ns="http://www.cisco.com/AXL/API/14.0"><return><processNode><name>EnterpriseWideData</name><processNodeRole>CUCM Voice/Video</processNodeRole>` +
			`</processNode><processNode><name>cucm2</name><processNodeRole>CUCM Voice/Video</processNodeRole></processNode><processNode><name>imp1</name>` +
			`<processNodeRole>CUCM IM and Presence</processNodeRole></processNode></return></ns:listProcessNodeResponse></soapenv:Body></soapenv:Envelope>`, "cucm2:8443"},
		{"nodes without a " +
			"role", `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:listProcessNodeResponse ` +
			`xmlns:ns="http://www.cisco.com/AXL/API/14.0"><return><processNode><name>cucm2</name><nodeUsage>Publisher</nodeUsage></processNode></return>` +
			`</ns:listProcessNodeResponse></soapenv:Body></soapenv:Envelope>`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := new(export.Reader).Parse(tt.name, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range uds.FromExport(e) {
				got = append(got, r.Target.String())
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestACancelledRunIsNoFault(t *testing.T) {
	ca := servertest.CA(t)
	ctx, cancel := context.WithCancel(t.Context())
	addr := double(t, ca, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done() // no answer: it could come first
	})
	o := checker(t, ca).Probe(ctx, uds.Request{Target: target(t, addr)})
	if o.Error == nil || o.Error.Class != probe.Cancelled || o.Incomplete == "" || judge(o) != "" {
		t.Errorf("%v, %q, %q", o.Error, o.Incomplete, judge(o))
	}
}
