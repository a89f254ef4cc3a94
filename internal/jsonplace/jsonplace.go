// Package jsonplace says where in a text the JSON cannot be read.
package jsonplace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An Error is an error at a place of a text.
type Error struct {
	Line, Column int // 1 and more; the column counts bytes
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Token is where the next token of a text begins that a decoder reads from its begin on.
func Token(text string, dec *json.Decoder) int {
	at := int(dec.InputOffset())
	for at < len(text) && strings.IndexByte(" \t\r\n,:", text[at]) >= 0 {
		at++
	}
	return at
}

// Of gives an error of encoding/json its place in the text that was read. Most of these errors have their offset. For one that has none,
// at is the offset in bytes; it may be outside the text.
func Of(text []byte, at int64, err error) *Error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		at, err = int64(len(text)), errors.New("the text ends too early")
	case errors.As(err, &syntax):
		at = syntax.Offset - 1 // the offset is the one after the wrong byte
	case errors.As(err, &kind):
		at = kind.Offset
	}
	before := text[:max(0, min(at, int64(len(text))))]
	return &Error{Line: bytes.Count(before, []byte("\n")) + 1, Column: len(before) - bytes.LastIndexByte(before, '\n'), Err: err}
}
