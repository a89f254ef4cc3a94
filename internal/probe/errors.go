package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"cupclint/internal/platform"
)

// A Class distinguishes failures. Its text is stable: it is part of JSON output.
type Class string

// The classes of failure.
const (
	Refused     Class = "refused"     // the host answers, no program listens on the port
	Timeout     Class = "timeout"     // no answer in time
	NXDomain    Class = "nxdomain"    // the name does not exist
	NoData      Class = "nodata"      // the name exists, without an address of the kind wanted
	ServFail    Class = "servfail"    // the name server failed
	Unreachable Class = "unreachable" // no route, or not allowed to send
	Reset       Class = "reset"       // the peer closed or reset the connection
	TLSFailed   Class = "tls"         // the TLS handshake failed
	NotSecured  Class = "starttls"    // the peer refuses to start TLS
	BadProtocol Class = "protocol"    // the peer does not speak the protocol, or breaks its bounds
	AuthFailed  Class = "auth"        // the log-in was refused
	Cancelled   Class = "canceled"    // the caller gave up
)

// An Error is a failed phase. Its text is clean for a terminal and holds no secret.
type Error struct {
	Class Class `json:"class"`
	Phase Phase `json:"phase"`
	// Detail is what the system or the peer said.
	Detail string `json:"detail,omitempty"`
	// Code is the protocol's own result code, 0 when there is none.
	Code int `json:"code,omitempty"`

	err error
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("%s: %s", e.Phase, e.Class)
	}
	return fmt.Sprintf("%s: %s: %s", e.Phase, e.Class, e.Detail)
}

// Unwrap gives the error underneath, nil when there is none.
func (e *Error) Unwrap() error { return e.err }

// AsError classifies err. An *Error passes unchanged; a nil error gives nil.
func AsError(ph Phase, err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Class: classify(ph, err), Phase: ph, Detail: Clean(err.Error()), err: err}
}

// ErrorOf makes a classified error of the caller's own words.
func ErrorOf(ph Phase, class Class, err error, format string, args ...any) *Error {
	return &Error{Class: class, Phase: ph, Detail: Clean(fmt.Sprintf(format, args...)), err: err}
}

func classify(ph Phase, err error) Class {
	var dns *net.DNSError
	var netErr net.Error
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Timeout
	case errors.As(err, &dns):
		return classifyDNS(dns)
	case platform.Refused(err):
		return Refused
	case platform.Reset(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		if ph == TLS {
			return TLSFailed
		}
		return Reset
	case platform.Unreachable(err):
		return Unreachable
	case isAlert(err), errors.As(err, &record):
		return TLSFailed
	case errors.As(err, &netErr) && netErr.Timeout(), platform.TimedOut(err):
		return Timeout
	}
	switch ph {
	case DNS:
		return ServFail
	case Connect:
		return Unreachable
	case TLS:
		return TLSFailed
	default:
		return BadProtocol
	}
}

// isAlert reports whether err is a TLS alert, sent by the peer or by this side.
func isAlert(err error) bool {
	var op *net.OpError
	var alert tls.AlertError
	return errors.As(err, &alert) || (errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"))
}

// classifyDNS works on what Go's resolver tells: it does not tell an absent name from an absent record.
func classifyDNS(e *net.DNSError) Class {
	switch {
	case e.IsNotFound:
		return NXDomain
	case e.IsTimeout:
		return Timeout
	default:
		return ServFail
	}
}

// Plain says what the class means, as part of a sentence: "DC1:389 ...".
func (e *Error) Plain() string {
	switch e.Class {
	case Refused:
		return "refuses the connection: the host answers, but nothing listens on this port"
	case Timeout:
		if e.Phase == Connect {
			return "does not answer: the host is off, or a firewall drops the packets"
		}
		return fmt.Sprintf("accepts the connection and then stays silent (%s phase)", e.Phase)
	case NXDomain:
		return "has a name that does not exist in DNS"
	case NoData:
		return "has a name without an address of the wanted family"
	case ServFail:
		return "cannot be looked up: the name server failed"
	case Unreachable:
		return "cannot be reached: no route, or sending is not allowed"
	case Reset:
		return fmt.Sprintf("closes the connection (%s phase)", e.Phase)
	case TLSFailed:
		return "accepts the connection, but TLS fails"
	case NotSecured:
		return "refuses StartTLS"
	case AuthFailed:
		return "refuses the log-in"
	case Cancelled:
		return "was not fully probed: the run was cancelled"
	default:
		if errors.Is(e, ErrTooMuch) {
			return "does not stop answering: it sends more than a probe reads, and more than a client should"
		}
		return "does not speak the protocol expected on this port"
	}
}

// Fix says what to do about the class.
func (e *Error) Fix(t Target) string {
	switch e.Class {
	case Refused:
		return fmt.Sprintf("Check that the service runs on %s and that port %d is the right one.", Clean(t.Host), t.Port)
	case Timeout:
		return fmt.Sprintf("Check routing and firewalls between this computer and %s, then the server's load.", Clean(t.String()))
	case NXDomain, NoData, ServFail:
		return fmt.Sprintf("Correct the host name %s, or its DNS record.", Clean(t.Host))
	case Unreachable:
		return fmt.Sprintf("Check the route to %s and the local firewall.", Clean(t.Host))
	case NotSecured:
		return "Enable TLS on the server, or use its TLS port."
	case TLSFailed:
		return fmt.Sprintf("Check that port %d expects TLS and which protocol versions the server offers.", t.Port)
	case Cancelled:
		return "Run the probe again."
	default:
		return fmt.Sprintf("Check which service listens on port %d of %s.", t.Port, Clean(strings.TrimSpace(t.Host)))
	}
}
