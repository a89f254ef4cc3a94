package platform

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
)

// The system itself says what its errors are: nothing listens on the port of a listener that was closed.
func TestAPortWithoutAListenerIsRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", at)
	if err == nil {
		conn.Close()
		t.Skip("another program took the port")
	}
	if !Refused(err) || Reset(err) || Unreachable(err) || TimedOut(err) {
		t.Errorf("%v (%#v): refused %t, reset %t, unreachable %t, timed out %t", err, err, Refused(err), Reset(err), Unreachable(err),
			TimedOut(err))
	}
}

func TestAConnectionThatThePeerDropsIsReset(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = peer.(*net.TCPConn).SetLinger(0)
	peer.Close()
	_, err = conn.Read(make([]byte, 1))
	if errors.Is(err, io.EOF) {
		t.Skip("this system says that the connection has ended, as Wine does")
	}
	if err == nil || !Reset(err) || Refused(err) || Unreachable(err) {
		t.Errorf("%v (%#v): reset %t, refused %t, unreachable %t", err, err, Reset(err), Refused(err), Unreachable(err))
	}
}
