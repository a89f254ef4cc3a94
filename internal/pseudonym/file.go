package pseudonym

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Kinds of words in a file.
const (
	inHost    = "host"
	inDomain  = "domain"
	inUser    = "user"
	inAddress = "address"
	inPart    = "part" // of a distinguished name
)

const (
	fileHead = "# pseudonym, tab, real word, tab, kind. Keep this file, and keep it to yourself: it leads back, and it gives the same words " +
		"the " +
		"same pseudonyms again."
	fileKey     = "# key "
	fileNetwork = "# network "
)

// Pairs lists what was replaced: pseudonym and real word, in the order of the pseudonyms.
func (m *Map) Pairs() [][2]string {
	var out [][2]string
	for real, p := range m.pairs {
		out = append(out, [2]string{p, real})
	}
	slices.SortFunc(out, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return out
}

// Write writes the map as a text: a line for each pair, and before them what Read needs to continue. notes are lines of the caller.
func (m *Map) Write(w io.Writer, notes ...string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n%s%x\n", fileHead, fileKey, m.key)
	for _, n := range notes {
		fmt.Fprintf(out, "# %s\n", n)
	}
	for _, n := range slices.Sorted(maps.Keys(m.uneven)) {
		fmt.Fprintf(out, "%s%s\n", fileNetwork, n)
	}
	for _, p := range m.Pairs() {
		fmt.Fprintf(out, "%s\t%s\t%s\n", p[0], p[1], m.kind(p[1]))
	}
	return out.Flush()
}

func (m *Map) kind(real string) string {
	switch {
	case m.domains[real]:
		return inDomain
	case m.full[real], m.bare[real]:
		return inHost
	case m.users[real]:
		return inUser
	case m.loose[real]:
		return inPart
	case strings.ContainsAny(real, ":") || !hasLetter(real) || m.macs[plainMAC(real)]:
		return inAddress
	}
	return inHost
}

// A FileError says what is wrong with the file of a map.
type FileError struct {
	Line int
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// Read makes a map that gives the words of an earlier one the pseudonyms that they had. The error is a *FileError, or that of r.
func Read(r io.Reader, hide Hide, stop []string) (*Map, error) {
	m := newMap(nil, hide, stop)
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line := strings.TrimRight(in.Text(), "\r")
		switch {
		case strings.HasPrefix(line, fileKey):
			key, err := hex.DecodeString(strings.TrimPrefix(line, fileKey))
			if err != nil || len(key) != keyBytes {
				return nil, &FileError{n, errors.New("the key is damaged")}
			}
			m.key = key
		case strings.HasPrefix(line, fileNetwork):
			m.uneven[strings.TrimPrefix(line, fileNetwork)] = true
		case strings.HasPrefix(line, "#"), line == "":
		default:
			f := strings.Split(line, "\t")
			if len(f) != 3 {
				return nil, &FileError{n, errors.New("want a pseudonym, a tab, the real word, a tab and its kind")}
			}
			if err := m.again(f[0], f[1], f[2]); err != nil {
				return nil, &FileError{n, err}
			}
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if m.key == nil {
		return nil, &FileError{1, errors.New("the file has no key: it is not a map of pseudonyms, or it was written by an older version")}
	}
	return m, nil
}

// again takes in a pair of an earlier map.
func (m *Map) again(p, real, kind string) error {
	if kind != inAddress {
		made, labels := strings.Split(p, "."), strings.Split(real, ".")
		if len(made) != len(labels) {
			return errors.New("the pseudonym has not the form of the real word")
		}
		for i, l := range labels {
			if l != made[i] {
				m.labels[l], m.taken[made[i]] = made[i], l
			}
		}
	}
	m.pairs[real] = p
	switch kind {
	case inHost:
		m.learnName(real, Host)
	case inDomain:
		m.learnName(real, Domain)
	case inUser:
		m.learnUser(real)
	case inPart:
		m.loose[real] = true
	case inAddress:
		if plain := plainMAC(real); len(plain) == 12 && allHex(plain) {
			m.macs[plain] = true
		}
	default:
		return fmt.Errorf("the kind %q is not known", kind)
	}
	return nil
}
