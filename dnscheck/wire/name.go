package wire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// Bounds of RFC 1035, section 2.3.4. A name of 253 bytes as written has 255 on the wire.
const (
	MaxName  = 253
	MaxLabel = 63
)

// Errors of Absolute: the value cannot be put into a DNS question at all.
var (
	ErrEmptyName  = errors.New("the name is empty")
	ErrEmptyLabel = errors.New("the name has an empty label: two dots in a row, or a dot at its beginning")
)

// A TooLongError says that a name or a label of it does not fit into a DNS question.
type TooLongError struct {
	Label string // the label that is too long; empty if the whole name is too long
	Bytes int    // how long it is
}

func (e *TooLongError) Error() string {
	if e.Label != "" {
		return fmt.Sprintf("the label %q has %d bytes; DNS allows at most %d", clip(e.Label, 24), e.Bytes, MaxLabel)
	}
	return fmt.Sprintf("the name has %d bytes; DNS allows at most %d", e.Bytes, MaxName)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "..."
}

// Absolute returns the name that is asked for a configured value: the value as written, with its case and the root dot.
// Every byte of the value but the dot stands for itself; those with a meaning in a zone file are written as
// escapes (RFC 1035, section 5.1), so "up 1" becomes "up\ 1". Nothing is trimmed, folded or converted: a
// client that does not convert a name to punycode asks for its UTF-8 bytes, and so does this.
func Absolute(value string) (string, error) {
	bare, rooted := strings.CutSuffix(value, ".")
	if bare == "" {
		return "", ErrEmptyName
	}
	if len(bare) > MaxName {
		return "", &TooLongError{Bytes: len(bare)}
	}
	start, plain := 0, true
	for i := 0; i <= len(bare); i++ {
		if i < len(bare) && bare[i] != '.' {
			plain = plain && isPlain(bare[i])
			continue
		}
		switch {
		case i == start:
			return "", ErrEmptyLabel
		case i-start > MaxLabel:
			return "", &TooLongError{Label: bare[start:i], Bytes: i - start}
		}
		start = i + 1
	}
	switch {
	case !plain:
		return escape(bare), nil
	case rooted:
		return value, nil
	}
	return value + ".", nil
}

func isPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '-' || c == '_'
}

// escape writes the labels as miekg/dns does when it reads them off the wire, so that names compare as strings.
func escape(bare string) string {
	packed := make([]byte, 0, len(bare)+2)
	for label := range strings.SplitSeq(bare, ".") {
		packed = append(packed, byte(len(label)))
		packed = append(packed, label...)
	}
	text, _, err := dns.UnpackDomainName(append(packed, 0), 0)
	if err != nil {
		return bare + "." // not reached: the lengths were checked
	}
	return text
}

// Fold converts a name to lower case, ASCII letters only: the case that DNS ignores (RFC 4343).
func Fold(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' {
			return dns.CanonicalName(name)
		}
	}
	return name
}
