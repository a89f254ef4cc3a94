package export

import (
	"errors"
	"fmt"
)

// What can be wrong with an input. All reach the caller inside an *Error.
var (
	ErrEmpty         = errors.New("the file is empty")
	ErrBinary        = errors.New("a NUL byte: this is no text")
	ErrNoBOM         = errors.New("this looks like UTF-16 without a byte order mark: save it with one, or as UTF-8")
	ErrNotUTF8       = errors.New("a byte that is not valid UTF-8, and no declaration of another encoding")
	ErrLoneCR        = errors.New("a carriage return without a line feed: lines must end with LF or CR LF")
	ErrUnknownFormat = errors.New("this is none of the formats known: SOAP response, key = value text, YAML, JSON, registry export, Jabber's files, AXL answer, CLI output")
	ErrNoProperties  = errors.New("no property was found")
	errHeader        = errors.New("a table without its header")
	ErrRefused       = errors.New("the server answered \"Invalid request\": this capture holds an error, no configuration")
)

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
