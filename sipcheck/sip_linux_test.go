package sipcheck_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/sipcheck"
)

func TestSIPOfARealProxy(t *testing.T) {
	ca := servertest.CA(t)
	proxy := servertest.Kamailio(t, servertest.KamailioConfig{CA: ca})
	for _, protocol := range []string{"TCP", "UDP", "TLS"} {
		t.Run(protocol, func(t *testing.T) {
			addr := proxy.Addr
			if protocol == "TLS" {
				addr = proxy.TLSAddr
			}
			before := proxy.Bindings(t)
			c := checker(t, ca)
			r := sipcheck.SIPRequest{Target: target(t, addr, protocol), Login: login(servertest.Password),
				Facts: sipcheck.Facts{Known: true, Credential: "set", Domain: proxy.IP}}
			o := c.ProbeSIP(t.Context(), r)
			if got := judge(o); got != "" {
				t.Errorf("rules %q, error %v", got, o.Error)
			}
			if o.Options == nil || o.Options.Status != 200 || o.Register.Status != 401 || o.Challenge.Algorithm != "MD5" ||
				o.Challenge.Realm != proxy.IP {
				t.Errorf("options %v, register %v, challenge %+v", o.Options, o.Register, o.Challenge)
			}
			if l := o.Login; l == nil || !l.OK || !l.Registered || !l.Removed {
				t.Errorf("login %+v", l)
			}
			if after := proxy.Bindings(t); strings.Contains(after, "cupclint") ||
				strings.Contains(after, "Contact") != strings.Contains(before, "Contact") {
				t.Errorf("bindings before %s\nafter %s", before, after)
			}
		})
	}
}

func TestTheChallengeIsJoinedWithTheExport(t *testing.T) {
	proxy := servertest.Kamailio(t, servertest.KamailioConfig{})
	for _, tt := range []struct {
		name  string
		facts sipcheck.Facts
		want  string
	}{
		{"nothing known", sipcheck.Facts{}, ""},
		{"credential missing", sipcheck.Facts{Known: true, Credential: "empty"}, "SIP102:error"},
		{"credential not in the export", sipcheck.Facts{Known: true}, "SIP102:info"},
		{"credential set", sipcheck.Facts{Known: true, Credential: "set"}, ""},
		{"module off in the export", sipcheck.Facts{Known: true, Credential: "set", Module: "Off"}, "SIP102:warning"},
		{"covered by the incoming ACL", sipcheck.Facts{Known: true, Credential: "empty", ACL: []string{"Allow from 127"}}, "SIP102:warning"},
		{"missed by the incoming ACL", sipcheck.Facts{Known: true, Credential: "empty", ACL: []string{"Allow from 10"}}, "SIP102:error"},
		{"another realm", sipcheck.Facts{Known: true, Credential: "set", Domain: "example.com"}, "SIP104:info"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := checker(t, nil).ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, proxy.Addr, "TCP"), Facts: tt.facts})
			if got := judge(o); got != tt.want {
				t.Errorf("rules %q, want %q, error %v", got, tt.want, o.Error)
			}
		})
	}
}

func TestAnOpenProxyIsSIP103(t *testing.T) {
	proxy := servertest.Kamailio(t, servertest.KamailioConfig{Open: true})
	for _, tt := range []struct {
		acl  string
		want string
	}{{"", "SIP103:warning"}, {"Allow from all", "SIP103:warning"}, {"127.0.0.0/8", "SIP103:info"}} {
		f := sipcheck.Facts{Known: true, Credential: "set"}
		if tt.acl != "" {
			f.ACL = []string{tt.acl}
		}
		o := checker(t, nil).ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, proxy.Addr, "TCP"), Facts: f})
		if got := judge(o); got != tt.want {
			t.Errorf("%q: rules %q, want %q; register %v", tt.acl, got, tt.want, o.Register)
		}
		if b := proxy.Bindings(t); strings.Contains(b, "cupclint") {
			t.Errorf("a binding was left: %s", b)
		}
	}
}

func TestARefusedCredentialIsTriedOnce(t *testing.T) {
	proxy := servertest.Kamailio(t, servertest.KamailioConfig{})
	c := checker(t, nil)
	r := sipcheck.SIPRequest{Target: target(t, proxy.Addr, "UDP"), Login: login("wrong")}
	if o := c.ProbeSIP(t.Context(), r); judge(o) != "SIP105:error" {
		t.Errorf("first: %q, %+v, %v", judge(o), o.Login, o.Error)
	}
	if o := c.ProbeSIP(t.Context(), r); o.Login.NotMade == "" || o.Incomplete == "" {
		t.Errorf("second: %+v", o.Login)
	}
}

func TestCertificateFlawsAreSIP109AndKeepTheCredential(t *testing.T) {
	for flaw, want := range map[servertest.Flaw]probe.TLSProblem{
		servertest.Expired: probe.CertExpired, servertest.WrongName: probe.CertWrongName,
		servertest.UnknownCA: probe.CertUnknownCA, servertest.SelfSigned: probe.CertSelfSigned,
	} {
		ca := servertest.CA(t)
		proxy := servertest.Kamailio(t, servertest.KamailioConfig{CA: ca, Flaw: flaw})
		o := checker(t, ca).ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, proxy.TLSAddr, "TLS"), Login: login(servertest.Password)})
		if !o.TLS.Has(want) || judge(o) != "SIP109:error" || o.Login == nil || o.Login.NotMade == "" {
			t.Errorf("flaw %v: %q, TLS %+v, login %+v, error %v", flaw, judge(o), o.TLS, o.Login, o.Error)
		}
	}
}

func TestANameWithALineEndIsNotSent(t *testing.T) {
	proxy := servertest.Kamailio(t, servertest.KamailioConfig{})
	r := sipcheck.SIPRequest{Target: target(t, proxy.Addr, "TCP"), Address: "cup1\r\nX: y"}
	if o := checker(t, nil).ProbeSIP(t.Context(), r); o.Incomplete == "" || o.Options != nil {
		t.Errorf("%+v", o)
	}
	r = sipcheck.SIPRequest{Target: target(t, proxy.Addr, "TCP"), Login: sipcheck.Login{User: "al ice\r\n<x@y>"}}
	if o := checker(t, nil).ProbeSIP(t.Context(), r); o.Error != nil || o.Register == nil || o.Register.Status != 401 {
		t.Errorf("%v %+v", o.Error, o.Register)
	}
}

// A run that is cancelled between the registration and its removal still removes it.
func TestCancelTakesTheBindingBack(t *testing.T) {
	proxy := servertest.Kamailio(t, servertest.KamailioConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := checker(t, nil)
	c.Prober.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &cancelling{Conn: conn, cancel: cancel}, err
	}
	o := c.ProbeSIP(ctx, sipcheck.SIPRequest{Target: target(t, proxy.Addr, "TCP"), Login: login(servertest.Password)})
	if b := proxy.Bindings(t); strings.Contains(b, "cupclint") {
		t.Errorf("a binding was left: %s; %+v %v", b, o.Login, o.Error)
	}
}

// cancelling cancels the run as soon as an answer to the third request, the registration, has been read.
type cancelling struct {
	net.Conn
	cancel context.CancelFunc
	sent   int
}

func (c *cancelling) Write(b []byte) (int, error) {
	c.sent++
	return c.Conn.Write(b)
}

func (c *cancelling) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.sent == 3 {
		c.cancel()
	}
	return n, err
}
