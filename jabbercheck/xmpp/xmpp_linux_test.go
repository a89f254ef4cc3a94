package xmpp_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/xmpp"
)

// TestARealServer asks Prosody in every state of TLS and of its certificate.
func TestARealServer(t *testing.T) {
	for _, c := range []struct {
		name   string
		config servertest.XMPPConfig
		domain string
		rules  string
		says   string // in a finding
		offer  xmpp.TLSOffer
		direct bool
	}{
		{"right", servertest.XMPPConfig{}, "", "", "", xmpp.OfferRequired, false},
		{"StartTLS optional", servertest.XMPPConfig{TLS: servertest.TLSOptional}, "", "XMPP104:warning", "does not require it",
			xmpp.OfferOptional, false},
		{"no StartTLS", servertest.XMPPConfig{TLS: servertest.TLSOff}, "", "XMPP103:error", "clear text", xmpp.OfferNone, false},
		{"TLS from the first byte", servertest.XMPPConfig{TLS: servertest.TLSDirect}, "", "XMPP101:error", "speaks TLS from the first byte",
			"", true},
		{"expired", servertest.XMPPConfig{Flaw: servertest.Expired}, "", "XMPP109:error", "expired on", xmpp.OfferRequired, false},
		{"not yet valid", servertest.XMPPConfig{Flaw: servertest.NotYet}, "", "XMPP109:error", "valid only from", xmpp.OfferRequired, false},
		{"another name", servertest.XMPPConfig{Flaw: servertest.WrongName}, "", "XMPP109:error",
			"presence domain jabber.acme.test: not in the certificate", xmpp.OfferRequired, false},
		{"signed by itself", servertest.XMPPConfig{Flaw: servertest.SelfSigned}, "", "XMPP109:error", "signed itself", xmpp.OfferRequired, false},
		{"unknown authority", servertest.XMPPConfig{Flaw: servertest.UnknownCA}, "", "XMPP109:error", "not trusted here", xmpp.OfferRequired,
			false},
		{"the domain alone", servertest.XMPPConfig{Names: []string{servertest.XMPPDomain}}, "", "XMPP110:info", "as dNSName",
			xmpp.OfferRequired, false},
		{"another domain", servertest.XMPPConfig{}, "other.test", "XMPP102:error",
			`does not serve the presence domain "other.test" (host-unknown)`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := servertest.Prosody(t, c.config)
			domain := c.domain
			if domain == "" {
				domain = servertest.XMPPDomain
			}
			o := checker(t, server.CA).Probe(t.Context(), request(t, server.Addr, domain))
			findings := judge(o)
			if got := ruleIDs(findings); got != c.rules || !strings.Contains(messages(findings), c.says) {
				t.Errorf("rules %q, want %q with %q; %v\n%s", got, c.rules, c.says, o.Error, messages(findings))
			}
			if o.Offer != c.offer || o.Direct != c.direct {
				t.Errorf("offer %q, direct %v: %s", o.Offer, o.Direct, o.Summary())
			}
			inside := c.offer != xmpp.OfferNone && c.domain == ""
			if got := slices.Contains(o.After, "PLAIN"); got != inside {
				t.Errorf("mechanisms inside TLS: %q", o.After)
			}
			if clear := c.offer == xmpp.OfferOptional || c.offer == xmpp.OfferNone; clear != slices.Contains(o.Before, "PLAIN") {
				t.Errorf("mechanisms in clear text: %q", o.Before)
			}
		})
	}
	t.Run("TLS from the first byte, as asked", func(t *testing.T) {
		server := servertest.Prosody(t, servertest.XMPPConfig{TLS: servertest.TLSDirect})
		r := request(t, server.Addr, servertest.XMPPDomain)
		r.Target.Security, r.Login = probe.ImplTLS, login(servertest.Password)
		o := checker(t, server.CA).Probe(t.Context(), r)
		if f := judge(o); len(f) != 0 || o.Login == nil || !o.Login.OK {
			t.Errorf("%s\n%s", o.Summary(), messages(f))
		}
	})
	t.Run("only the node name", func(t *testing.T) {
		ca := servertest.CA(t)
		server := servertest.Prosody(t, servertest.XMPPConfig{CA: ca, Names: []string{"imp1.acme.test"}})
		r := request(t, server.Addr, servertest.XMPPDomain)
		r.Target.ServerName = "imp1.acme.test"
		o := checker(t, ca).Probe(t.Context(), r)
		if f := judge(o); ruleIDs(f) != "XMPP110:info" || !strings.Contains(f[0].Message, "without the presence domain") || !o.TLS.Verified {
			t.Errorf("%s\n%s", o.Summary(), messages(f))
		}
	})
}

// TestLogIn makes one log-in, right and wrong.
func TestLogIn(t *testing.T) {
	server := servertest.Prosody(t, servertest.XMPPConfig{})
	r := request(t, server.Addr, servertest.XMPPDomain)
	right, wrong := r, r
	right.Login, wrong.Login = login(servertest.Password), login("never-valid-4711")

	c := checker(t, server.CA)
	o := c.Probe(t.Context(), right)
	if f := judge(o); len(f) != 0 || o.Login == nil || !o.Login.OK || o.Incomplete != "" || !strings.Contains(o.Summary(),
		"log-in of alice accepted") {
		t.Errorf("right: %s, %q\n%s", o.Summary(), o.Incomplete, messages(f))
	}
	address := right
	address.Login.User += "@" + servertest.XMPPDomain
	if o := checker(t, server.CA).Probe(t.Context(), address); o.Login == nil || !o.Login.OK {
		t.Errorf("with the address: %s", o.Summary())
	}

	c = checker(t, server.CA)
	o = c.Probe(t.Context(), wrong)
	f := judge(o)
	if ruleIDs(f) != "XMPP108:error" || o.Login.OK || o.Login.NotJudged || !strings.Contains(f[0].Message, "not-authorized") ||
		o.Incomplete != "" {
		t.Errorf("wrong: %s, %q\n%s", o.Summary(), o.Incomplete, messages(f))
	}
	// The same run makes no second attempt, and a later run knows the password.
	if again := c.Probe(t.Context(), right); again.Login.NotMade == "" || again.Incomplete == "" {
		t.Errorf("a second attempt in one run: %+v", again.Login)
	}
	later := &xmpp.Checker{Prober: c.Prober, Budget: c.Budget}
	if again := later.Probe(t.Context(), wrong); again.Login.NotMade == "" || again.Incomplete == "" {
		t.Errorf("the wrong password again: %+v", again.Login)
	}

	// A password goes to no certificate that does not verify, unless the user wants it so.
	bad := servertest.Prosody(t, servertest.XMPPConfig{Flaw: servertest.SelfSigned})
	r = request(t, bad.Addr, servertest.XMPPDomain)
	r.Login = login(servertest.Password)
	c = checker(t, bad.CA)
	if o := c.Probe(t.Context(), r); o.Login == nil || !strings.Contains(o.Login.NotMade, "does not verify") {
		t.Errorf("%+v", o.Login)
	}
	c.TrustAnyCertificate = true
	if o := c.Probe(t.Context(), r); o.Login == nil || !o.Login.OK {
		t.Errorf("%+v", o.Login)
	}
	// And none without TLS.
	clear := servertest.Prosody(t, servertest.XMPPConfig{TLS: servertest.TLSOff})
	r = request(t, clear.Addr, servertest.XMPPDomain)
	r.Login = login(servertest.Password)
	if o := checker(t, nil).Probe(t.Context(), r); o.Login == nil || !strings.Contains(o.Login.NotMade, "StartTLS") {
		t.Errorf("%+v", o.Login)
	}
}

// TestEjabberd asks a server that is written in another way.
func TestEjabberd(t *testing.T) {
	server := servertest.Ejabberd(t, servertest.XMPPConfig{})
	r := request(t, server.Addr, servertest.XMPPDomain)
	r.Login = login(servertest.Password)
	o := checker(t, server.CA).Probe(t.Context(), r)
	if f := judge(o); len(f) != 0 || o.Login == nil || !o.Login.OK || o.Offer != xmpp.OfferRequired {
		t.Errorf("%s\n%s", o.Summary(), messages(f))
	}
	r.Login = login("never-valid-4711")
	o = checker(t, server.CA).Probe(t.Context(), r)
	if f := judge(o); ruleIDs(f) != "XMPP108:error" || !strings.Contains(f[0].Message, "not-authorized") {
		t.Errorf("%s\n%s", o.Summary(), messages(f))
	}
	o = checker(t, server.CA).Probe(t.Context(), request(t, server.Addr, "other.test"))
	if f := judge(o); ruleIDs(f) != "XMPP102:error" {
		t.Errorf("%s\n%s", o.Summary(), messages(f))
	}
	optional := servertest.Ejabberd(t, servertest.XMPPConfig{TLS: servertest.TLSOptional})
	o = checker(t, optional.CA).Probe(t.Context(), request(t, optional.Addr, servertest.XMPPDomain))
	if f := judge(o); ruleIDs(f) != "XMPP104:warning" || !reflect.DeepEqual(o.Names, &xmpp.Names{Node: true, Domain: "dNSName"}) {
		t.Errorf("%s, %+v\n%s", o.Summary(), o.Names, messages(f))
	}
}
