// Package sip reads messages of the Session Initiation Protocol as they come over a connection (RFC 3261, section 7).
//
// A message goes in, and its start line and headers come out. A body is skipped. There are no transactions, no
// dialogues and no transports: the sender of a request keeps its Call-ID and its number.
package sip

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// MaxMessage bounds one message, in bytes. It is the bound of UDP, too.
const MaxMessage = 65535

// ErrMalformed is the cause when what came is not a SIP message, or not a whole one.
var ErrMalformed = errors.New("not a SIP message")

// A Message is a response, or a request if its Status is 0.
type Message struct {
	Status int // of a response, from 100 to 999
	Reason string
	Method string // of a request
	// Header has no compact names (RFC 3261, section 7.3.3) and no folded lines. Values that one line has with commas are together.
	Header textproto.MIMEHeader
}

// Parse reads the one message of a datagram. Its body is not looked at.
func Parse(datagram []byte) (*Message, error) {
	m, err := NewReader(bytes.NewReader(datagram)).Next()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: the datagram ends before its headers do", ErrMalformed)
	}
	return m, err
}

// A Reader reads the messages of a stream.
type Reader struct {
	in   *bufio.Reader
	body int64 // of the last message, which is skipped when the next one is wanted: an answer need not wait for it
}

// NewReader makes a Reader.
func NewReader(stream io.Reader) *Reader { return &Reader{in: bufio.NewReader(stream)} }

// Next reads a message. One that the connection cuts is the error of the connection; an end between two messages is io.EOF. Every message
// of a stream must have a Content-Length (RFC 3261, section 18.3); one that has none is treated as one without a body.
func (r *Reader) Next() (*Message, error) {
	if _, err := io.CopyN(io.Discard, r.in, r.body); err != nil {
		return nil, unexpected(err)
	}
	r.body = 0
	head, err := readHead(r.in)
	if err != nil {
		return nil, err
	}
	start, lines, _ := strings.Cut(head, "\n")
	m, err := startLine(start)
	if err != nil {
		return nil, err
	}
	m.Header = header(lines)
	if n, err := strconv.ParseInt(m.Header.Get("Content-Length"), 10, 64); err == nil && n > 0 {
		r.body = n
	}
	return m, nil
}

// readHead reads to the empty line after the headers. Empty lines before the start line keep a connection open and mean nothing. A start
// line that is none ends the reading at once: its peer speaks another protocol, and may wait for this side.
func readHead(in *bufio.Reader) (string, error) {
	var head []byte
	for line := 0; ; { // the place where the last line begins
		part, err := in.ReadSlice('\n')
		head = append(head, part...)
		switch {
		case len(head) > MaxMessage:
			return "", fmt.Errorf("%w: its headers have more than %d bytes", ErrMalformed, MaxMessage)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(head) > 0:
			return "", unexpected(err)
		case err != nil:
			return "", err
		}
		empty := len(bytes.TrimRight(head[line:], "\r\n")) == 0
		switch {
		case empty && line == 0:
			head = head[:0]
			continue
		case empty:
			return string(head[:line]), nil
		case line == 0:
			if _, err := startLine(string(head)); err != nil {
				return "", err
			}
		}
		line = len(head)
	}
}

// unexpected is the error for an end inside a message.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// startLine reads SIP/2.0 200 OK, or OPTIONS sip:cups1.acme.net SIP/2.0.
func startLine(line string) (*Message, error) {
	text := strings.TrimRight(line, "\r\n")
	first, rest, _ := strings.Cut(text, " ")
	second, third, _ := strings.Cut(rest, " ")
	if isVersion(first) {
		if status, err := strconv.Atoi(second); err == nil && len(second) == 3 && status >= 100 {
			return &Message{Status: status, Reason: third}, nil
		}
	} else if first != "" && second != "" && isVersion(third) {
		return &Message{Method: strings.ToUpper(first)}, nil
	}
	return nil, fmt.Errorf("%w: it begins with %q", ErrMalformed, text)
}

func isVersion(s string) bool {
	return len(s) > 4 && strings.EqualFold(s[:4], "SIP/") && !strings.Contains(s, " ")
}

// compact are the short names of headers that this program reads.
var compact = [...][2]string{{"F", "From"}, {"I", "Call-Id"}, {"L", "Content-Length"}, {"M", "Contact"}, {"T", "To"}, {"V", "Via"}}

// header reads header lines. A line that begins with a blank continues the value before it, and blanks may be before the colon (RFC
// 3261, sections 7.3.1 and 25.1). A line that is none is ignored: the others are still an answer.
func header(lines string) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	var name string
	var value []string // the parts of a folded value
	keep := func() {
		if name != "" {
			h.Add(name, strings.TrimSpace(strings.Join(value, " ")))
		}
	}
	for line := range strings.Lines(lines) {
		text := strings.TrimSpace(line)
		if blank := line[0] == ' ' || line[0] == '\t'; blank && value != nil {
			value = append(value, text)
			continue
		}
		before, after, ok := strings.Cut(text, ":")
		if !ok {
			continue
		}
		keep()
		name, value = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(before)), []string{after}
		if i := slices.IndexFunc(compact[:], func(c [2]string) bool { return c[0] == name }); i >= 0 {
			name = compact[i][1]
		}
	}
	keep()
	return h
}

// CSeq is the number of the request that a message is about; ok is false where it has none (RFC 3261, section 8.1.1.5).
func (m *Message) CSeq() (n int, ok bool) {
	value := m.Header.Get("CSeq")
	digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
	v, err := strconv.ParseUint(digits, 10, 31)
	return int(v), err == nil
}
