package tftp

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// sent is a socket that only keeps what was sent.
type sent struct {
	net.PacketConn
	packets [][]byte
}

func (s *sent) WriteTo(b []byte, _ net.Addr) (int, error) {
	s.packets = append(s.packets, append([]byte(nil), b...))
	return len(b), nil
}

func (s *sent) SetReadDeadline(time.Time) error { return nil }

func transferring() (*state, *sent) {
	conn := new(sent)
	server := netip.MustParseAddrPort("192.0.2.1:69")
	return &state{transfer: &transfer{server: server, limit: 100}, conn: conn, to: server, size: defaultBlock}, conn
}

// TestStrangers: only the server's host begins a transfer, and after that only its port continues it.
func TestStrangers(t *testing.T) {
	s, conn := transferring()
	at := func(text string) net.Addr { return net.UDPAddrFromAddrPort(netip.MustParseAddrPort(text)) }
	if s.isMine(at("192.0.2.2:4000")) || len(conn.packets) > 0 {
		t.Error("another host is listened to, or answered")
	}
	if !s.isMine(at("192.0.2.1:4000")) || s.isMine(at("192.0.2.1:4001")) || len(conn.packets) != 1 {
		t.Errorf("another port of the server: %d answers", len(conn.packets))
	}
}

// TestALostAcknowledgement: a block that comes again is acknowledged again, and kept once.
func TestALostAcknowledgement(t *testing.T) {
	s, conn := transferring()
	block := append([]byte{0, opData, 0, 1}, "text"...)
	for range 2 {
		if _, _, err := s.take(block); err != nil {
			t.Fatal(err)
		}
	}
	if string(s.data) != "text" || len(conn.packets) != 2 {
		t.Errorf("%q, %d acknowledgements", s.data, len(conn.packets))
	}
}

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"ConnectionPassword": true, "UseUserCredential": false, "UsePassword": false, "UseSSL": false,
	} {
		if got := isSecret(name, "s3cret-value"); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

const leaky = "<config version=\"1.0\"><Directory><DirectoryServerType>LDAP</DirectoryServerType><PrimaryServerName>dc1.acme.com" +
	"</PrimaryServerName><ServerPort1>389</ServerPort1><UseSSL>False</UseSSL><ConnectionUsername>svc</ConnectionUsername>" +
	"<ConnectionPassword>s3cret-value</ConnectionPassword></Directory></config>"

func rulesOf(list []lint.Finding) map[string]int {
	out := make(map[string]int)
	for _, f := range list {
		out[f.Rule]++
	}
	return out
}

// TestADownloadIsLinted: each content once, not what the repository has as well, and nothing about a secret, which TFTP107 says.
func TestADownloadIsLinted(t *testing.T) {
	f := File{Name: DefaultName, Role: Global, URL: "http://192.0.2.1:6970/" + DefaultName}
	f.read([]byte(leaky))
	if len(f.Secrets) != 1 || f.Text == "" {
		t.Fatalf("%+v", f)
	}
	seen := []*Observation{{Files: []File{f}}, {Files: []File{f}}}
	found := rulesOf(lintDownloads(seen, nil))
	if found["LDAP004"] != 1 {
		t.Errorf("found %v", found)
	}
	for _, rule := range ownRules {
		if found[rule] > 0 {
			t.Errorf("%s is found: %v", rule, found)
		}
	}
	if list := lintDownloads(seen, []area.LocalFile{{File: "a/" + DefaultName, Settings: f.settings()}}); len(list) > 0 {
		t.Errorf("the file of the repository is judged again: %v", list)
	}
}

// TestACancelledFileIsNoFault, and a file in a folder of the server is the one of its name in the repository.
func TestACancelledFileIsNoFault(t *testing.T) {
	o := &Observation{Files: []File{{Name: DefaultName, Role: Global, Error: &probe.Error{Class: probe.Cancelled}}}}
	if list := Judge([]*Observation{o}, JudgeOptions{}); len(list) > 0 {
		t.Errorf("%v", list)
	}
	o.Files[0] = File{Name: "jabber/" + DefaultName, Role: Global, Missing: true}
	list := Judge([]*Observation{o}, JudgeOptions{Local: []area.LocalFile{{File: "repo/" + DefaultName}}})
	if len(list) != 1 || list[0].Rule != "TFTP102" || list[0].Severity != lint.Error {
		t.Errorf("%v", list)
	}
}
