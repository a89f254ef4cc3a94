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

// Parse reads the one message of a datagram.
func Parse(datagram []byte) (*Message, error) {
	m, err := read(bufio.NewReader(bytes.NewReader(datagram)), false)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: the datagram ends before its message does", ErrMalformed)
	}
	return m, err
}

// Read reads the next message of a stream. A message that the connection cuts is the error of the connection; an end between two messages
// is io.EOF.
func Read(in *bufio.Reader) (*Message, error) { return read(in, true) }

func read(in *bufio.Reader, stream bool) (*Message, error) {
	head, err := readHead(in)
	if err != nil {
		return nil, err
	}
	start, lines, _ := strings.Cut(head, "\n")
	m, err := startLine(start)
	if err != nil {
		return nil, err
	}
	if m.Header, err = header(lines); err != nil {
		return nil, err
	}
	length := m.Header.Get("Content-Length")
	if length == "" {
		if stream { // which is how the end of a message in a stream is found (RFC 3261, section 18.3)
			return nil, fmt.Errorf("%w: it has no Content-Length", ErrMalformed)
		}
		return m, nil
	}
	n, err := strconv.ParseUint(length, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("%w: its Content-Length is %q", ErrMalformed, length)
	}
	if n > MaxMessage {
		return nil, fmt.Errorf("%w: it has a body of %d bytes, and %d are allowed", ErrMalformed, n, MaxMessage)
	}
	if _, err := io.CopyN(io.Discard, in, int64(n)); err != nil {
		return nil, unexpected(err)
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
// 3261, sections 7.3.1 and 25.1).
func header(lines string) (textproto.MIMEHeader, error) {
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
			return nil, fmt.Errorf("%w: it has the header line %q", ErrMalformed, text)
		}
		keep()
		name, value = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(before)), []string{after}
		if i := slices.IndexFunc(compact[:], func(c [2]string) bool { return c[0] == name }); i >= 0 {
			name = compact[i][1]
		}
	}
	keep()
	return h, nil
}

// CSeq is the number of the request that a message is about; ok is false where it has none (RFC 3261, section 8.1.1.5).
func (m *Message) CSeq() (n int, ok bool) {
	number, _, _ := strings.Cut(strings.ReplaceAll(m.Header.Get("CSeq"), "\t", " "), " ")
	v, err := strconv.ParseUint(number, 10, 31)
	return int(v), err == nil
}
