//go:build !windows

package platform

import (
	"errors"
	"syscall"
)

// Refused reports whether the peer said that nothing listens on the port.
func Refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// Reset reports whether the peer, or this system, ended a connection that was there.
func Reset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED)
}

// Unreachable reports whether there is no way to the peer, or this system does not let the program use it.
func Unreachable(err error) bool {
	return NoRoute(err) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EADDRNOTAVAIL) ||
		errors.Is(err, syscall.EAFNOSUPPORT)
}

// NoRoute reports whether a router, or this system, said that it knows no way to the peer.
func NoRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH)
}

// TimedOut reports whether the system gave up waiting for the peer. A deadline of the program is an error of its own.
func TimedOut(err error) bool { return errors.Is(err, syscall.ETIMEDOUT) }

// InvalidName reports whether the system said that no file can have such a name.
func InvalidName(error) bool { return false }

// ReaderGone reports whether the program at the other end of a pipe has ended, as of head(1).
func ReaderGone(err error) bool { return errors.Is(err, syscall.EPIPE) }
