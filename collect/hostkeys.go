package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// HostKeys decides which SSH servers a password may be sent to.
type HostKeys struct {
	// Files are known_hosts files. One that is not there is skipped.
	Files []string
	// Pins are fingerprints (SHA256:...) that are accepted on any node.
	Pins []string
	// Ask, if set, shows an unknown key to a person; a yes is added to Store. A changed key is refused without a question.
	Ask   func(ctx context.Context, q Question) (bool, error)
	Store string

	mu sync.Mutex
}

// A HostKeyError says that no password is sent because the key of the SSH server is not trusted.
type HostKeyError struct{ Question }

func (e *HostKeyError) Error() string {
	if e.Changed {
		return fmt.Sprintf("the SSH host key of %s has changed: it is %s, and another one is known. Nothing is sent. If the server was "+
			"installed again, remove the old key from the known_hosts file", e.Where, e.Fingerprint)
	}
	return fmt.Sprintf("the SSH host key of %s is not known. Its fingerprint is %s. Compare it on the server and give --host-key %s or "+
		"--known-hosts FILE", e.Where, e.Fingerprint, e.Fingerprint)
}

// ParseHostKey reads the value of --host-key.
func ParseHostKey(s string) (string, error) {
	if digits, ok := strings.CutPrefix(s, "SHA256:"); !ok || len(strings.TrimRight(digits, "=")) != 43 {
		return "", errors.New("a fingerprint is SHA256: and 43 characters, as ssh-keygen -l prints it")
	}
	return strings.TrimRight(s, "="), nil
}

// Check decides on the key of a server at host:port.
func (h *HostKeys) Check(ctx context.Context, where string, key ssh.PublicKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	print := ssh.FingerprintSHA256(key)
	q := Question{Where: where, Kind: "host key", Fingerprint: print, Subject: key.Type(), Why: "the key is not known"}
	known, err := h.known(where, key)
	var wrong *knownhosts.KeyError
	switch {
	case known:
		return nil
	case errors.As(err, &wrong) && len(wrong.Want) > 0:
		if slices.ContainsFunc(wrong.Want, func(k knownhosts.KnownKey) bool { return k.Key.Type() == key.Type() }) {
			q.Changed = true
			return &HostKeyError{q}
		}
	case err != nil && !errors.As(err, &wrong):
		return fmt.Errorf("read the known host keys: %w", err)
	}
	if slices.Contains(h.Pins, print) {
		return nil
	}
	if h.Ask == nil {
		return &HostKeyError{q}
	}
	yes, err := h.Ask(ctx, q)
	if err != nil {
		return err
	}
	if !yes {
		return &HostKeyError{q}
	}
	return h.remember(where, key)
}

// Types are the types of the keys that are known of a server at host:port.
func (h *HostKeys) Types(where string) []string {
	_, err := h.known(where, noKey{})
	var wrong *knownhosts.KeyError
	if !errors.As(err, &wrong) {
		return nil
	}
	var types []string
	for _, k := range wrong.Want {
		types = append(types, k.Key.Type())
	}
	return types
}

// noKey is like no other key: the files then answer with all that they have.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return nil }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("not a key") }

// known asks the files. The address of the connection plays no part: a name is what the user trusts.
func (h *HostKeys) known(where string, key ssh.PublicKey) (bool, error) {
	var files []string
	for _, f := range append(slices.Clone(h.Files), h.Store) {
		if f == "" {
			continue
		}
		if _, err := os.Stat(f); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return false, nil
	}
	check, err := knownhosts.New(files...)
	if err != nil {
		return false, err
	}
	err = check(where, &net.TCPAddr{}, key)
	return err == nil, err
}

func (h *HostKeys) remember(where string, key ssh.PublicKey) error {
	if h.Store == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(h.Store), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.Store, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, knownhosts.Line([]string{knownhosts.Normalize(where)}, key))
	return errors.Join(err, f.Close())
}
