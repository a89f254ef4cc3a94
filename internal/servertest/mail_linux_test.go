package servertest

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

func TestDovecotLogin(t *testing.T) {
	secure := Dovecot(t, DovecotConfig{})
	plain := Dovecot(t, DovecotConfig{CleartextLogin: true, NoTLS: true})
	options := &imapclient.Options{TLSConfig: secure.CA.ClientConfig("mail.example.com")}

	tests := []struct {
		name     string
		dial     func() (*imapclient.Client, error)
		disabled bool // LOGINDISABLED is among the capabilities
		startTLS bool // STARTTLS is
		password string
		passes   bool
	}{
		{"without TLS where it is needed", func() (*imapclient.Client, error) {
			return imapclient.DialInsecure(secure.Addr, nil)
		}, true, true, Password, false},
		{"STARTTLS", func() (*imapclient.Client, error) {
			return imapclient.DialStartTLS(secure.Addr, options)
		}, false, false, Password, true},
		{"TLS", func() (*imapclient.Client, error) {
			return imapclient.DialTLS(secure.TLSAddr, options)
		}, false, false, Password, true},
		{"TLS and a wrong password", func() (*imapclient.Client, error) {
			return imapclient.DialTLS(secure.TLSAddr, options)
		}, false, false, "wrong", false},
		{"without TLS where it is not needed", func() (*imapclient.Client, error) {
			return imapclient.DialInsecure(plain.Addr, nil)
		}, false, false, Password, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, err := test.dial()
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			caps := client.Caps()
			if caps.Has(imap.CapLoginDisabled) != test.disabled || caps.Has(imap.CapStartTLS) != test.startTLS {
				t.Errorf("capabilities %v", caps)
			}
			if err := client.Login(User, test.password).Wait(); (err == nil) != test.passes {
				t.Fatalf("log-in: %v", err)
			}
			if !test.passes {
				return
			}
			inbox, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
			if err != nil || inbox.NumMessages != 1 {
				t.Errorf("INBOX: %+v, %v; want one message", inbox, err)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(plain.Maildir, "new", "1231146000.1.mail")); err != nil {
		t.Errorf("the message is not unread any more: %v", err)
	}
}

func TestDovecotCertificate(t *testing.T) {
	ca := CA(t)
	server := Dovecot(t, DovecotConfig{CA: ca, Flaw: WrongName})
	conn, err := tls.Dial("tcp", server.TLSAddr, ca.ClientConfig("mail.example.com"))
	if err == nil {
		_ = conn.Close()
	}
	checkError(t, "TLS", err, "not mail.example.com")
}

func TestDovecotIsGoneAfterStop(t *testing.T) {
	server := Dovecot(t, DovecotConfig{})
	pid := server.cmd.Process.Pid
	server.Stop()
	if groupRuns(pid) {
		t.Error("a process of the server still runs")
	}
	if err := greetingWithCapabilities(t.Context(), server.Addr); err == nil {
		t.Error("the server still greets")
	}
}
