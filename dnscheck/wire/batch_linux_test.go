package wire

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestQueriesOfOneLengthAreOneMessageAndTheirOwnDatagrams(t *testing.T) {
	for _, test := range []struct {
		name, address string
		refuses       bool // the kernel does not cut what this socket sends
	}{
		{"IPv4", "127.0.0.1:0", false}, {"IPv6", "[::1]:0", false},
		{"IPv4, the kernel refuses", "127.0.0.1:0", true}, {"IPv6, the kernel refuses", "[::1]:0", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(test.address)))
			if err != nil {
				t.Skip("no socket for this family here: ", err)
			}
			defer server.Close()
			client, err := net.DialUDP("udp", nil, server.LocalAddr().(*net.UDPAddr))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			c := newBatchConn(client).(*mmsgConn)
			if c.cut == nil {
				t.Skip("this kernel does not know UDP_SEGMENT")
			}
			if test.refuses {
				withoutChecksum(t, client)
				withoutChecksum(t, server)
			}
			want := []string{"aa", "bb", "cc", "d", "eee", "fff"}
			var queries [][]byte
			for _, text := range want {
				queries = append(queries, []byte(strings.Repeat(text, 20)))
			}
			for rest := queries; len(rest) > 0; {
				n, err := c.send(rest)
				if err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			var together []int
			for i := 0; i < len(c.out) && len(c.out[i].Buffers) > 0; i++ {
				together = append(together, len(c.out[i].Buffers))
			}
			if wanted := []int{3, 1, 2}; !test.refuses && !slices.Equal(together, wanted) {
				t.Errorf("queries in each message %v, want %v", together, wanted)
			}
			if test.refuses != (c.cut == nil) {
				t.Errorf("the kernel refuses: %t, but the control message is %v", test.refuses, c.cut)
			}
			buf := make([]byte, 4096)
			for i := range want {
				_ = server.SetReadDeadline(time.Now().Add(10 * time.Second))
				n, err := server.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				if got := string(buf[:n]); got != string(queries[i]) {
					t.Errorf("datagram %d is %q, want %q", i, got, queries[i])
				}
			}
		})
	}
}

// withoutChecksum lets a socket send and take datagrams without a checksum. The kernel refuses to cut what such a socket sends.
func withoutChecksum(t *testing.T, conn *net.UDPConn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = errors.Join(unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, 1),
			unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_NO_CHECK6_TX, 1),
			unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_NO_CHECK6_RX, 1))
	})
	if err != nil || refused != nil {
		t.Fatal(err, refused)
	}
}
