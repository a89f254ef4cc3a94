package cli

import (
	"errors"
	"fmt"
	"strings"
)

// A Class says which failure it was. Its text is stable: it is part of the manifest.
type Class string

// The classes of failure.
const (
	Connect    Class = "connect"    // no TCP connection
	Reset      Class = "reset"      // the node closed the connection
	Timeout    Class = "timeout"    // no answer in time
	Canceled   Class = "canceled"   // the caller gave up
	Algorithms Class = "algorithms" // no algorithm in common
	HostKey    Class = "hostkey"    // the host key was not accepted
	Auth       Class = "auth"       // the log-in was refused
	Withheld   Class = "withheld"   // no password was handed out, so none was sent
	Method     Class = "method"     // the node does not offer a log-in with a password
	Expired    Class = "expired"    // the password has expired
	Asked      Class = "asked"      // a question came that is not answered
	NoPrompt   Class = "noprompt"   // the log-in was accepted, and the prompt of the command line did not come
	NotAllowed Class = "notallowed" // the command is not in the table
	Closed     Class = "closed"     // the session has ended before
	Left       Class = "left"       // the session could not be ended with "quit"
)

// An Error is a failure of the command line. Its text holds no secret and no control character.
type Error struct {
	Class Class
	// Doing is what was done: "log in to ucm1.example.com:22".
	Doing string
	// Detail is what the node said, or what is wrong.
	Detail string
	// PasswordSent is true if a password was sent on this connection: a refusal may have counted as a failed log-in.
	PasswordSent bool
	// Offered are the node's algorithms where none is in common.
	Offered []string

	err error
}

func (e *Error) Error() string {
	text := e.Doing + ": " + string(e.Class)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap gives the error underneath, nil where there is none.
func (e *Error) Unwrap() error { return e.err }

// ClassOf gives the class of an error of this package, or "".
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

func fail(class Class, doing string, err error, format string, args ...any) *Error {
	return &Error{Class: class, Doing: doing, Detail: clean(fmt.Sprintf(format, args...)), err: err}
}

// clean makes a text of the node fit for one line of a terminal.
func clean(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))), " ")
	const limit = 300
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "..."
	}
	return s
}
