package export

import (
	"errors"
	"fmt"
)

// What can be wrong with an input. All reach the caller inside an *Error.
var (
	ErrEmpty         = errors.New("the file is empty")
	ErrBinary        = errors.New("this is a binary file: it contains a NUL byte")
	ErrNoBOM         = errors.New("this looks like UTF-16 without a byte order mark: save it with one, or as UTF-8")
	ErrNotUTF8       = errors.New("the file is not valid UTF-8, and it declares no other encoding")
	ErrLoneCR        = errors.New("a carriage return without a line feed: lines must end with LF or CR LF")
	ErrUnknownFormat = errors.New("unknown format")
	ErrNoProperties  = errors.New("no property was found")
	errHeader        = errors.New("the header of the table is missing")
	ErrRefused       = errors.New("the server answered \"Invalid request\": this file contains an error, not a configuration")
)

// A NotUnderstoodError says of an input that nothing in it means anything to cupclint. It wraps ErrUnknownFormat, or ErrNoProperties where
// the format is known and its contents are not.
type NotUnderstoodError struct {
	// Looks says what the input looks like: "a run sql table of typecodec", "an HTML page".
	Looks string
	// Hint says what to do instead, where that is known; it may be empty.
	Hint string
	// Foreign says that nothing points to the servers or clients that cupclint knows: the file is probably of another tool.
	Foreign bool

	empty bool // what it is is known: there is no configuration in it
	err   error
}

// whatIsRead lists the inputs for people who brought something else.
const whatIsRead = "settings of clients (SOAP responses, jabber-config.xml, registry exports, YAML, JSON, key = value text, logs), what " +
	"sets Jabber up (jabber-bootstrap.properties, installer command lines, ciscojabber: links, app configuration, problem reports) and " +
	"output of servers " +
	"(AXL answers, output of CLI commands such as run sql, show status, utils ntp status)"

func (e *NotUnderstoodError) Error() string {
	hint := ""
	if e.Hint != "" {
		hint = " " + e.Hint
	}
	if e.empty {
		return "this is " + e.Looks + ". It contains no configuration." + hint + " There is nothing to check in it"
	}
	return "nothing in this input was understood. It looks like " + e.Looks + "." + hint + " cupclint reads " + whatIsRead +
		". To skip this file, list it under ignore: in .cupclint.yaml"
}

// Unwrap gives the cause.
func (e *NotUnderstoodError) Unwrap() error { return e.err }

// A BoundError says which bound an input breaks.
type BoundError struct {
	What  string // what there is too much of
	Bound int64
	Unit  string
}

func (e *BoundError) Error() string { return fmt.Sprintf("%s: at most %d %s", e.What, e.Bound, e.Unit) }

// An Error is a failure to read one input, with the position where that is known.
type Error struct {
	File         string
	Line, Column int // from 1; 0 when the failure has no place in the text
	Err          error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("read %s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("read %s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
