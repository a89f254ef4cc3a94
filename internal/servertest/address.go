package servertest

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strconv"
	"testing"
)

// claimPort is held open on a loopback address for as long as a test owns it. That makes the kernel the judge between
// tests of several processes. It is above the range that Linux gives to outgoing connections.
const claimPort = 61999

// claimAddress gives the test a loopback address of its own until it ends. The fixed TCP ports named are free on it.
//
// The address is never 127.0.0.1: Dovecot trusts a connection whose two ends have the same address, and clients on
// loopback call from 127.0.0.1.
func claimAddress(t testing.TB, fixed ...int) netip.Addr {
	t.Helper()
	for range 200 {
		ip := netip.AddrFrom4([4]byte{127, byte(64 + rand.IntN(64)), byte(rand.IntN(256)), byte(1 + rand.IntN(254))})
		claim, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, claimPort)))
		if err != nil {
			continue
		}
		if !allFree(ip, fixed) {
			_ = claim.Close()
			continue
		}
		t.Cleanup(func() { _ = claim.Close() })
		return ip
	}
	t.Fatalf("no loopback address with the free TCP ports %v found", fixed)
	return netip.Addr{}
}

// freePort finds a port that is free on an address of the test's own, over TCP and UDP. Every port it gives to one
// test is another, as long as taken names the ones before.
func freePort(t testing.TB, ip netip.Addr, taken ...int) int {
	t.Helper()
search:
	for range 200 {
		port := 10000 + rand.IntN(20000) // below the range of outgoing connections
		for _, other := range taken {
			if other == port {
				continue search
			}
		}
		if allFree(ip, []int{port}) {
			return port
		}
	}
	t.Fatalf("no free port on %s", ip)
	return 0
}

// portOr gives the wanted port, or a free one for 0. Ports below 1024 take root.
func portOr(t testing.TB, ip netip.Addr, wanted int) int {
	t.Helper()
	if wanted == 0 {
		return freePort(t, ip)
	}
	if wanted < 1024 {
		needRoot(t, "port "+strconv.Itoa(wanted))
	}
	return wanted
}

// allFree reports whether every port can be bound on the address, over TCP and UDP.
func allFree(ip netip.Addr, ports []int) bool {
	for _, port := range ports {
		addr := netip.AddrPortFrom(ip, uint16(port))
		stream, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(addr))
		if err != nil {
			return false
		}
		_ = stream.Close()
		datagram, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(addr))
		if err != nil {
			return false
		}
		_ = datagram.Close()
	}
	return true
}

// BothTransports opens one port of 127.0.0.1 over UDP and TCP, as a name server has it. The test closes both.
//
// A port that is free over one is not always free over the other: every outgoing connection of the machine takes a TCP
// port of the same range. TCP is therefore first, and a port that is taken over UDP gives way to the next.
func BothTransports(t testing.TB) (*net.UDPConn, net.Listener) {
	t.Helper()
	var last error
	for range 20 {
		stream, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := stream.Addr().(*net.TCPAddr).Port
		datagrams, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			return datagrams, stream
		}
		_ = stream.Close()
		last = err
	}
	t.Fatalf("no port that is free over UDP and TCP: %v", last)
	return nil, nil
}

// hostPort joins an address and a port as net.Dial takes them.
func hostPort(ip netip.Addr, port int) string {
	return net.JoinHostPort(ip.String(), strconv.Itoa(port))
}

// workDir makes a folder for a server's files that goes when the test ends. Unlike t.TempDir it can be entered by every
// user, since some servers give up root, and its name is short, since a Unix socket's path holds 107 bytes.
func workDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "srv")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove a server's folder: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
