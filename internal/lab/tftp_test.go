package lab_test

import (
	"errors"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/lab"
	"cupclint/internal/lab/cluster"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/tftp"
)

// tftpOf starts a lab with its servers and gives where its TFTP server listens.
func tftpOf(t *testing.T, switches ...cluster.Switch) probe.Target {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8 on loopback")
	}
	l, err := lab.Start(t.Context(), lab.Options{Loopback: true, Servers: true, Switches: switches})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	list := l.Services()
	i := slices.IndexFunc(list, func(s lab.Service) bool { return strings.HasSuffix(s.Name, ":69") })
	if i < 0 {
		t.Fatalf("no TFTP server: %v", list)
	}
	return probe.Target{Host: list[i].Address.Addr().String(), Port: int(list[i].Address.Port())}
}

// Labs run side by side: each takes ports that no other has.
func TestLabsSideBySide(t *testing.T) {
	seen := make(map[string]bool)
	for range 4 {
		at := tftpOf(t)
		if address := at.String(); seen[address] {
			t.Errorf("two labs at %s", address)
		} else {
			seen[address] = true
		}
	}
}

// A file comes whole from a server that loses packets, and from one that understands no options: then in blocks of 512 bytes.
func TestTFTPOfWorseServers(t *testing.T) {
	for _, s := range []cluster.Switch{cluster.TFTPLoses, cluster.TFTPPlain} {
		t.Run(string(s), func(t *testing.T) {
			got, err := tftp.Fetch(t.Context(), new(probe.Prober), tftpOf(t, s), "jabber-config.xml", 1<<20)
			if err != nil || !strings.Contains(string(got), "<CtiServer1>cucm1.acme.test</CtiServer1>") ||
				!strings.HasSuffix(strings.TrimSpace(string(got)), "</config>") {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// The TFTP server of the lab gives files of one block and of many, says what it does not have, and takes nothing.
func TestTFTPOfTheLab(t *testing.T) {
	const limit = 8 << 20
	at := tftpOf(t)
	small, err := tftp.Fetch(t.Context(), new(probe.Prober), at, "jabber-config.xml", limit)
	if err != nil || !strings.Contains(string(small), "<CtiServer1>cucm1.acme.test</CtiServer1>") {
		t.Errorf("%q, %v", small, err)
	}
	if _, err := tftp.Fetch(t.Context(), new(probe.Prober), at, "Jabber-Config.xml", limit); !errors.Is(err, tftp.ErrNotFound) {
		t.Errorf("another case: %v", err)
	}
	large, err := tftp.Fetch(t.Context(), new(probe.Prober), tftpOf(t, cluster.FilesLarge), "jabber-config.xml", limit)
	if err != nil || len(large) < 2<<20 || !strings.HasPrefix(string(large), string(small)) {
		t.Errorf("%d bytes, %v", len(large), err)
	}
	for request, answer := range map[string]string{
		"\x00\x02jabber-config.xml\x00octet\x00":    "\x00\x05\x00\x02Access violation\x00",
		"\x00\x01jabber-config.xml\x00netascii\x00": "\x00\x05\x00\x04Illegal TFTP operation\x00",
		"\x00\x01jabber-config.xml":                 "\x00\x05\x00\x04Illegal TFTP operation\x00",
		"\x00":                                      "\x00\x05\x00\x04Illegal TFTP operation\x00",
	} {
		if got := send(t, at, request); got != answer {
			t.Errorf("%q is answered with %q", request, got)
		}
	}
	// A request without options gets blocks of 512 bytes and no acknowledgement of options.
	if got := send(t, at, "\x00\x01jabber-config.xml\x00octet\x00"); !strings.HasPrefix(got, "\x00\x03\x00\x01<?xml") || len(got) > 4+512 {
		t.Errorf("%d bytes: %.40q", len(got), got)
	}
}

// send sends one packet and gives the first that comes back, from whatever port.
func send(t *testing.T, at probe.Target, request string) string {
	t.Helper()
	to := &net.UDPAddr{IP: net.ParseIP(at.Host), Port: at.Port}
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.WriteTo([]byte(request), to); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 2048)
	n, _, err := c.ReadFrom(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}
