package servertest

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
)

// Sink takes datagrams and never answers.
type Sink struct {
	Addr string // IP:port

	received atomic.Int64
}

// Received is the number of datagrams taken so far.
func (s *Sink) Received() int { return int(s.received.Load()) }

// UDPSink listens on a free UDP port of loopback, inside the test. A client's questions to it arrive and stay without
// an answer, which a closed port would not give: that one refuses.
func UDPSink(t testing.TB) *Sink {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	sink := &Sink{Addr: conn.LocalAddr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 64<<10)
		for {
			if _, _, err := conn.ReadFromUDPAddrPort(buffer); err != nil {
				return // the test has ended
			}
			sink.received.Add(1)
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return sink
}

// ClosedAddr gives an address on loopback where nothing listens, over TCP or UDP, for as long as the test runs: a client
// is refused there.
func ClosedAddr(t testing.TB) string {
	t.Helper()
	ip := claimAddress(t)
	return hostPort(ip, freePort(t, ip))
}

// Listen plays a TCP server on a free port of loopback that no real program would be: every connection is handed to serve, and closed when
// that returns. It gives IP:port, and ends with the test.
func Listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}
