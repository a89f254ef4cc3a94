// Package passwords reads the password file of `cupclint serve`: lines of user:hash, as `htpasswd -B` writes them.
//
// The hash is bcrypt, and nothing else is taken. It is the one that both htpasswd and the web configuration of Prometheus' exporters
// write, so a hash can be moved between the two, and it is slow to guess. The other kinds of htpasswd (MD5, SHA-1, crypt, plain text)
// are quick to guess, and an error says so. The file holds no password, and no error repeats a line of it.
package passwords

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
)

// MaxFile bounds a password file, in bytes, and MaxUsers its users.
const (
	MaxFile  = 1 << 20
	MaxUsers = 1000
)

// The costs of bcrypt that are taken: below, it is too quick to guess; above, a log-in takes seconds.
const (
	minCost = 5
	maxCost = 14
)

// A File is the users and their hashes. It may be used by many goroutines.
type File struct {
	hashes  map[string][]byte
	unknown []byte // a hash that no password has, for users that are not in the file
	key     [32]byte

	mu     sync.Mutex
	proven map[[sha256.Size]byte]struct{}
}

// An Error says what is wrong with a line. It does not repeat the line.
type Error struct {
	Line int
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Parse reads a file of at least one user. Blank lines and lines that begin with # are skipped.
func Parse(text []byte) (*File, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("more than %d bytes", MaxFile)
	}
	f := &File{hashes: make(map[string][]byte), proven: make(map[[sha256.Size]byte]struct{})}
	_, _ = rand.Read(f.key[:]) // never fails
	most := minCost
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	lines.Buffer(nil, MaxFile+1)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " \t\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, hash, cost, err := parseLine(line)
		if _, twice := f.hashes[user]; err == nil && twice {
			err = errors.New("the user has a line before this one")
		}
		if err == nil && len(f.hashes) == MaxUsers {
			err = fmt.Errorf("more than %d users", MaxUsers)
		}
		if err != nil {
			return nil, &Error{n, err}
		}
		f.hashes[user] = hash
		most = max(most, cost)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(f.hashes) == 0 {
		return nil, errors.New("the file has no user. Make one with: htpasswd -B -C 12 FILE USER")
	}
	f.unknown = unknownHash(most)
	return f, nil
}

// parseLine reads user:hash.
func parseLine(line string) (user string, hash []byte, cost int, err error) {
	user, text, ok := strings.Cut(line, ":")
	if !ok || user == "" {
		return "", nil, 0, errors.New("not a user name, a colon and a hash")
	}
	if !utf8.ValidString(user) || strings.ContainsFunc(user, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", nil, 0, errors.New("the user name has characters that no browser sends")
	}
	const bcryptLength = 60
	if len(text) != bcryptLength || !hasPrefix(text, "$2a$", "$2b$", "$2y$") {
		return "", nil, 0, errors.New("the hash is not one of bcrypt. Make the line with: htpasswd -nB -C 12 USER")
	}
	cost, err = bcrypt.Cost([]byte(text))
	if err != nil || strings.ContainsFunc(text[7:], notBase64) {
		return "", nil, 0, errors.New("the hash of bcrypt is not complete")
	}
	if cost < minCost || cost > maxCost {
		return "", nil, 0, fmt.Errorf("the cost of the hash is %d: use %d to %d, as htpasswd -B -C 12 does", cost, minCost, maxCost)
	}
	return user, []byte(text), cost, nil
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// notBase64 is for the alphabet of bcrypt.
func notBase64(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '/'
}

// unknownHash is a hash of that cost whose sum is arbitrary: comparing with it takes as long as with a real one.
func unknownHash(cost int) []byte {
	return fmt.Appendf(nil, "$2y$%02d$%s", cost, strings.Repeat("./ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2)[:53])
}

// maxProven bounds the passwords that are known to be right.
const maxProven = 4 * MaxUsers

// Check compares the password with the hash of the user. For a user that is not in the file it takes as long.
func (f *File) Check(user, password string) bool {
	hash, known := f.hashes[user]
	if !known {
		hash = f.unknown
	}
	const longest = 72 // bytes that bcrypt looks at
	right := bcrypt.CompareHashAndPassword(hash, []byte(password)[:min(longest, len(password))]) == nil && known
	if right {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.proven) < maxProven {
			f.proven[f.mark(user, password)] = struct{}{}
		}
	}
	return right
}

// Proven says whether Check found the password right before. What it remembers is a hash with a key that only this process has.
func (f *File) Proven(user, password string) bool {
	mark := f.mark(user, password)
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.proven[mark]
	return ok
}

func (f *File) mark(user, password string) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, f.key[:])
	_, _ = io.WriteString(mac, user+"\x00"+password) // a hash takes everything; a user name has no zero byte
	mac.Sum(sum[:0])
	return sum
}
