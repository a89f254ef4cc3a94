package platform

import (
	"net"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/windows"
)

func TestNumbersOfWindows(t *testing.T) {
	of := func(network string, n syscall.Errno) error {
		return &net.OpError{Op: "read", Net: network, Err: os.NewSyscallError("wsarecv", n)}
	}
	for _, c := range []struct {
		err                                   error
		refused, reset, unreachable, timedOut bool
	}{
		{of("tcp", windows.WSAECONNREFUSED), true, false, false, false},
		{of("tcp", windows.WSAECONNRESET), false, true, false, false},
		{of("udp4", windows.WSAECONNRESET), true, false, false, false},
		{of("tcp", windows.WSAEHOSTUNREACH), false, false, true, false},
		{of("tcp", windows.WSAEACCES), false, false, true, false},
		{of("tcp", windows.WSAETIMEDOUT), false, false, false, true},
		{of("tcp", syscall.ECONNREFUSED), true, false, false, false},
		{of("tcp", windows.ERROR_FILE_NOT_FOUND), false, false, false, false},
	} {
		if Refused(c.err) != c.refused || Reset(c.err) != c.reset || Unreachable(c.err) != c.unreachable || TimedOut(c.err) != c.timedOut {
			t.Errorf("%v: refused %t, reset %t, unreachable %t, timed out %t", c.err, Refused(c.err), Reset(c.err), Unreachable(c.err),
				TimedOut(c.err))
		}
	}
}
