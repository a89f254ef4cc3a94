package loginbudget

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"cupclint/internal/platform"
)

const redacted = "[redacted]"

// A Secret is a password or a digest credential. It cannot be printed, formatted, logged or marshalled; all of these
// give "[redacted]". Only an Attempt hands out its text. The zero value is "no secret".
type Secret struct {
	s *string // a pointer, so that reflection over a copied struct finds no text
}

// NewSecret keeps s.
func NewSecret(s string) Secret { return Secret{&s} }

// MaxSecret bounds a secret that is read, in bytes.
const MaxSecret = 4096

// ReadSecret reads a secret that was saved as text: the whole input without one line end at its end. A blank at the end is a part of the
// secret, the byte order mark of an editor is not.
func ReadSecret(r io.Reader) (Secret, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSecret+1))
	if err != nil {
		return Secret{}, err
	}
	if len(b) > MaxSecret {
		return Secret{}, fmt.Errorf("more than %d bytes", MaxSecret)
	}
	b = bytes.TrimSuffix(bytes.TrimSuffix(platform.Text(b), []byte("\n")), []byte("\r"))
	if len(b) == 0 {
		return Secret{}, errors.New("it is empty")
	}
	if bytes.ContainsAny(b, "\r\n") {
		return Secret{}, errors.New("it has more than one line")
	}
	return NewSecret(string(b)), nil
}

// Set reports whether there is a secret at all.
func (s Secret) Set() bool { return s.s != nil }

// Empty reports whether the secret is missing or the empty string. Many directories take a name with an empty
// password for an anonymous bind and call it a success (RFC 4513, section 5.1.2), so callers must not send one.
func (s Secret) Empty() bool { return s.s == nil || *s.s == "" }

// Equal reports whether both are set and the same text.
func (s Secret) Equal(o Secret) bool { return s.s != nil && o.s != nil && *s.s == *o.s }

func (s Secret) reveal() string {
	if s.s == nil {
		return ""
	}
	return *s.s
}

// String gives "[redacted]".
func (s Secret) String() string { return redacted }

// GoString gives "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format gives "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText gives "[redacted]"; JSON, XML and YAML writers use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
