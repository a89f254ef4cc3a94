package platform

import (
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// is reports whether the number of the error is one of these. The constants of package syscall that Unix knows have made-up numbers on
// Windows, which the system never returns: only a test or a simulated network does.
func is(err error, numbers ...syscall.Errno) bool {
	var n syscall.Errno
	return errors.As(err, &n) && slices.Contains(numbers, n)
}

// Refused reports whether the peer said that nothing listens on the port. For a datagram Windows reports that as a reset of the next one.
func Refused(err error) bool {
	if is(err, windows.WSAECONNREFUSED, windows.ERROR_CONNECTION_REFUSED, windows.ERROR_PORT_UNREACHABLE, syscall.ECONNREFUSED) {
		return true
	}
	var op *net.OpError
	return is(err, windows.WSAECONNRESET) && errors.As(err, &op) && strings.HasPrefix(op.Net, "udp")
}

// Reset reports whether the peer, or this system, ended a connection that was there.
func Reset(err error) bool {
	return !Refused(err) && is(err, windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.ERROR_NETNAME_DELETED, windows.ERROR_BROKEN_PIPE,
		windows.ERROR_NO_DATA, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE)
}

// Unreachable reports whether there is no way to the peer, or this system does not let the program use it.
func Unreachable(err error) bool {
	return NoRoute(err) || is(err, windows.WSAENETDOWN, windows.WSAEACCES, windows.WSAEADDRNOTAVAIL, windows.WSAEAFNOSUPPORT,
		windows.ERROR_ACCESS_DENIED, syscall.EACCES, syscall.EPERM, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT)
}

// NoRoute reports whether a router, or this system, said that it knows no way to the peer.
func NoRoute(err error) bool {
	return is(err, windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.ERROR_NETWORK_UNREACHABLE, windows.ERROR_HOST_UNREACHABLE,
		syscall.ENETUNREACH, syscall.EHOSTUNREACH)
}

// TimedOut reports whether the system gave up waiting for the peer. A deadline of the program is an error of its own.
func TimedOut(err error) bool {
	return is(err, windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT, syscall.ETIMEDOUT)
}

// InvalidName reports whether the system said that no file can have such a name, as of one with a star.
func InvalidName(err error) bool { return is(err, windows.ERROR_INVALID_NAME) }

// ReaderGone reports whether the program at the other end of a pipe has ended, as of more.com.
func ReaderGone(err error) bool {
	return is(err, windows.ERROR_NO_DATA, windows.ERROR_BROKEN_PIPE, windows.ERROR_PIPE_NOT_CONNECTED, syscall.EPIPE)
}
