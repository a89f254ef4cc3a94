package collect

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func publicKey(t *testing.T, key any) ssh.PublicKey {
	t.Helper()
	k, err := ssh.NewPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestHostKeys: an unknown key is asked for, remembered, and known from then on. A known server with another key is refused without a
// question, also if the key is of another type.
func TestHostKeys(t *testing.T) {
	ed := func() ssh.PublicKey {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return publicKey(t, public)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	first, second, ec := ed(), ed(), publicKey(t, private.Public())
	const where = "ucm1.example.com:22"
	asked, answer := 0, true
	h := &HostKeys{Store: filepath.Join(t.TempDir(), "state", "known_hosts"), Ask: func(context.Context, Question) (bool, error) {
		asked++
		return answer, nil
	}}
	if types := h.Types(where); types != nil {
		t.Errorf("types of an unknown server: %q", types)
	}
	for range 2 {
		if err := h.Check(t.Context(), where, first); err != nil || asked != 1 {
			t.Fatalf("%v, asked %d times", err, asked)
		}
	}
	if types := h.Types(where); !slices.Equal(types, []string{ssh.KeyAlgoED25519}) {
		t.Errorf("types: %q", types)
	}
	h.Pins = []string{ssh.FingerprintSHA256(second), ssh.FingerprintSHA256(ec)}
	for _, key := range []ssh.PublicKey{second, ec} {
		var e *HostKeyError
		if err := h.Check(t.Context(), where, key); !errors.As(err, &e) || !e.Changed || asked != 1 {
			t.Errorf("%s: %v, asked %d times", key.Type(), err, asked)
		}
	}
	other := "imp1.example.com:22"
	if err := h.Check(t.Context(), other, ec); err != nil || asked != 1 {
		t.Errorf("a pinned key: %v, asked %d times", err, asked)
	}
	answer, h.Pins = false, nil
	var e *HostKeyError
	if err := h.Check(t.Context(), other, ec); !errors.As(err, &e) || e.Changed || asked != 2 {
		t.Errorf("a no: %v, asked %d times", err, asked)
	}
	h.Ask = nil
	if err := h.Check(t.Context(), other, ec); !errors.As(err, &e) {
		t.Errorf("without a terminal: %v", err)
	}
	// A file of OpenSSH with hashed names and a port.
	file := filepath.Join(t.TempDir(), "known_hosts")
	line := knownhosts.Line([]string{knownhosts.HashHostname(knownhosts.Normalize("ucm2.example.com:2222"))}, first)
	if err := os.WriteFile(file, []byte("# comment\n"+line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h = &HostKeys{Files: []string{file, filepath.Join(t.TempDir(), "missing")}}
	if err := h.Check(t.Context(), "ucm2.example.com:2222", first); err != nil {
		t.Errorf("a hashed name: %v", err)
	}
	if err := os.WriteFile(file, []byte("ucm2.example.com ssh-rsa !!!\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.Check(t.Context(), "ucm2.example.com:2222", first); err == nil {
		t.Errorf("a broken file: %v", err)
	}
}
