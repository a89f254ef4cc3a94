package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"cupclint/internal/servertest"
)

func tlsServer(t *testing.T, cfg *tls.Config) Target {
	t.Helper()
	return listen(t, func(c net.Conn) {
		s := tls.Server(c, cfg)
		if s.Handshake() == nil {
			swallow(s)
		}
	})
}

func shake(t *testing.T, p *Prober, tg Target) (*Observation, error) {
	t.Helper()
	var o Observation
	c, err := p.Connect(context.Background(), tg, &o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := p.Handshake(context.Background(), c, tg, &o)
	if err == nil {
		_ = s.Close()
	}
	return &o, err
}

func TestCertificateProblemsAreToldApart(t *testing.T) {
	ca := servertest.CA(t)
	now := time.Now()
	messages := map[string]string{}
	for _, tc := range []struct {
		name    string
		flaw    servertest.Flaw
		names   []string
		at      time.Time
		max     uint16
		want    []TLSProblem
		trusted bool
	}{
		{"right", servertest.Right, []string{"127.0.0.1"}, now, 0, nil, true},
		{"expired", servertest.Expired, []string{"127.0.0.1"}, now, 0, []TLSProblem{CertExpired}, false},
		{"not yet valid", servertest.Right, []string{"127.0.0.1"}, now.Add(-30 * 24 * time.Hour), 0, []TLSProblem{CertNotYetValid}, false},
		{"wrong name", servertest.WrongName, []string{"127.0.0.1"}, now, 0, []TLSProblem{CertWrongName}, false},
		{"no names", servertest.Right, nil, now, 0, []TLSProblem{CertNoNames}, false},
		{"unknown authority", servertest.UnknownCA, []string{"127.0.0.1"}, now, 0, []TLSProblem{CertUnknownCA}, false},
		{"self-signed", servertest.SelfSigned, []string{"127.0.0.1"}, now, 0, []TLSProblem{CertSelfSigned}, false},
		{"old version", servertest.Right, []string{"127.0.0.1"}, now, tls.VersionTLS11, []TLSProblem{TLSTooOld}, true},
		{"two at once", servertest.Expired, []string{"other.example.com"}, now, 0, []TLSProblem{CertExpired, CertWrongName}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cert := ca.Issue(t, tc.flaw, tc.names...)
			tg := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{cert.TLS}, MinVersion: tls.VersionTLS10, MaxVersion: tc.max})
			o, err := shake(t, &Prober{Roots: ca.Pool, Now: func() time.Time { return tc.at }}, tg)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(o.TLS.Problems) != fmt.Sprint(tc.want) || o.TLS.Verified != tc.trusted {
				t.Errorf("%v (verified %v), want %v: %v", o.TLS.Problems, o.TLS.Verified, tc.want, o.TLS.Detail)
			}
			verdicts := o.TLS.JudgeCertificate("server x", 0)
			if len(verdicts) != len(tc.want) {
				t.Fatalf("%+v", verdicts)
			}
			for i, v := range verdicts {
				if v.Problem != tc.want[i] || v.Fix == "" || !strings.HasPrefix(v.Message, "server x ") {
					t.Errorf("%+v", v)
				}
				if len(tc.want) == 1 {
					if other, ok := messages[v.Message]; ok {
						t.Errorf("%s reads like %s", tc.name, other)
					}
					messages[v.Message] = tc.name
				}
			}
			if o.Phases.TLS == 0 || len(o.TLS.Chain) == 0 || len(o.TLS.Evidence()) < 3 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestHandshakeFailuresAreToldApart(t *testing.T) {
	alert := func(code byte) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte{0x15, 3, 1, 0, 2, 2, code})
		}
	}
	for _, tc := range []struct {
		name    string
		serve   func(net.Conn)
		problem TLSProblem
		class   Class
	}{
		{"a version alert", alert(70), TLSTooOld, TLSFailed},
		{"another alert", alert(40), TLSHandshakeAlert, TLSFailed},
		{"plain text", func(c net.Conn) { _, _ = c.Write([]byte("* OK IMAP4rev1 ready\r\n")); swallow(c) }, TLSNotSpoken, TLSFailed},
		{"closed", func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }, TLSClosed, TLSFailed},
		{"silent", swallow, TLSSilent, Timeout},
		{"endless handshake", func(c net.Conn) {
			// certificate messages without end, each in a whole record
			rec := append([]byte{0x16, 3, 3, 0x40, 0}, make([]byte, 0x4000)...)
			for {
				if _, err := c.Write(rec); err != nil {
					return
				}
			}
		}, TLSHandshakeAlert, TLSFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, err := shake(t, &Prober{Timeouts: Uniform(500 * time.Millisecond)}, listen(t, tc.serve))
			if err == nil || o.Error == nil || o.Error.Class != tc.class {
				t.Fatalf("%+v", o.Error)
			}
			if tc.name != "endless handshake" && !o.TLS.Has(tc.problem) {
				t.Errorf("problems %v, %v", o.TLS.Problems, o.TLS.Detail)
			}
			if m, fix := o.TLS.TLSFailure(); m == "" || fix == "" {
				t.Error("nothing to tell the user")
			}
			if len(o.TLS.JudgeCertificate("x", 0)) != 0 {
				t.Error("a certificate is judged that was not seen")
			}
		})
	}
}
