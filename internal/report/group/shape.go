// Package group knows which findings are one fault in many places. Findings go in, in the order of the output; groups with
// their counts and first places come out. Reports, comparison and statistics ask it, so that all of them mean the same by the same
// finding.
//
// It never keeps a finding: a run over a hundred thousand exports has more of them than memory. It never judges and never prints.
package group

import (
	"bytes"
	"hash/maphash"
	"strings"

	"cupclint/lint"
)

// A Shape is a finding without the file, the place and the names of the deployment in it. Findings of one shape are one fault. Shapes
// compare with ==, across runs too.
//
// What a Shape says, it says about meaning: a number in a message (how many attempts are left) is a part of it. Comparison over time, which
// wants to find such a change, takes Rule, Key and Value alone.
type Shape struct {
	// Rule is the ID.
	Rule string
	// Key is the property's key in canonical spelling, with {n} for the number of a member and {node} for the name of a server: members and
	// servers belong to one kind.
	Key string
	// Value names the wrong value, or the subject of a live finding. It is the hash of the fingerprint, so it shows no value. It is
	// empty where the key has a number or a name in it: there Message has to name the value.
	Value string
	// Message is the message with a word in braces for every part that names a file, a line, a key as it is spelled in the file, a server, a
	// domain, an address, or an account.
	Message string
}

// ShapeOf gives the shape of a finding.
func ShapeOf(f *lint.Finding) Shape {
	m := newMasker(f)
	return Shape{Rule: f.Rule, Key: m.key, Value: m.value, Message: m.mask(f.Message, nil)}
}

// Words gives the parts of the message that the shape leaves out, in their order: how findings of one shape differ. A file, a line and a
// key are not among them.
func Words(f *lint.Finding) []string {
	m := newMasker(f)
	var words []string
	m.mask(f.Message, &words)
	return words
}

var seed = maphash.MakeSeed()

// hash is that of shape and severity, for this run only.
func hash(f *lint.Finding) uint64 {
	m := newMasker(f)
	var h maphash.Hash
	h.SetSeed(seed)
	_ = h.WriteByte(byte(f.Severity))
	for _, s := range [...]string{f.Rule, m.key, m.value, m.mask(f.Message, nil)} {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

// A masker replaces what is a finding's own.
type masker struct {
	key, value string
	// spelled are the key and its last part, as the message may write it.
	spelled [2]string
	files   []string // that the finding names, with their folders
	nodes   []string // servers that the keys name
}

func newMasker(f *lint.Finding) *masker {
	m := &masker{spelled: [2]string{f.Key, f.Key[strings.LastIndexAny(f.Key, `.\`)+1:]}}
	own := false
	m.key, own = m.general(f.Key)
	if !own {
		m.value, _, _ = strings.Cut(f.Fingerprint, ":")
	}
	m.addFile(f.File)
	for i := range f.Related {
		m.general(f.Related[i].Key)
		m.addFile(f.Related[i].File)
	}
	return m
}

func (m *masker) addFile(name string) {
	if name != "" {
		m.files = append(m.files, name)
	}
}

// applianceKey begins the keys of what a server printed: the name of the server follows.
const applianceKey = "Appliance."

// general writes a key for all members of a kind, and notes the servers that it names. own says that it differs.
func (m *masker) general(key string) (general string, own bool) {
	rest, ok := strings.CutPrefix(key, applianceKey)
	if !ok {
		return numberless(key)
	}
	node, rest, ok := strings.Cut(rest, ".")
	if !ok {
		return key, false
	}
	m.nodes = append(m.nodes, node)
	what, after, ok := strings.Cut(rest, ".")
	if ok && (what == "Replication" || what == "Cluster") { // Appliance.NODE.Replication.SERVER.State
		if server, last, ok := strings.Cut(after, "."); ok {
			m.nodes = append(m.nodes, server)
			after = "{node}." + last
		}
	}
	if ok {
		what += "." + after
	}
	return applianceKey + "{node}." + what, true
}

// numberless replaces the parts of a key that are numbers.
func numberless(key string) (string, bool) {
	if !strings.ContainsAny(key, "0123456789") {
		return key, false
	}
	parts := strings.Split(key, ".")
	own := false
	for i, p := range parts {
		if isNumber(p) {
			parts[i], own = "{n}", true
		}
	}
	if !own {
		return key, false
	}
	return strings.Join(parts, "."), true
}

// mask writes the message's shape. What it replaces goes to words, where they are wanted.
func (m *masker) mask(s string, words *[]string) string {
	for _, file := range m.files {
		s = replaceFile(s, file)
	}
	out := make([]byte, 0, len(s)+16)
	last, between := "", "" // the word or the mask that was written last, and what came after it
	for s != "" {
		n := strings.IndexByte(s, ' ')
		token, gap := s, ""
		if n >= 0 {
			token, gap = s[:n], " "
		}
		s = s[len(token)+len(gap):]
		before, word, after := trim(token)
		mask, rest := m.of(word, last)
		if mask == "" {
			out = append(append(out, token...), gap...)
			last = word
			continue
		}
		further := mask == maskDN && last == maskDN // a distinguished name with blanks in it is one
		if words != nil && mask != maskKey && mask != maskLine {
			if own := word[:len(word)-len(rest)]; further {
				(*words)[len(*words)-1] += between + own
			} else {
				*words = append(*words, own)
			}
		}
		if further {
			out = bytes.TrimRight(out, ", ")
		} else {
			out = append(append(out, before...), mask...)
		}
		last, between = mask, after+gap
		out = append(append(out, rest...), between...)
	}
	return string(out)
}

// replaceFile replaces a file and the position in it.
func replaceFile(s, file string) string {
	for from := 0; ; {
		at := strings.Index(s[from:], file)
		if at < 0 {
			return s
		}
		at += from
		end := at + len(file)
		for range 2 {
			if n := digits(s[end:], ':'); n > 0 {
				end += n
			}
		}
		if at > 0 && isWord(s[at-1]) || end < len(s) && isWord(s[end]) {
			from = end
			continue
		}
		s = s[:at] + maskFile + s[end:]
		from = at + len(maskFile)
	}
}

// digits is the length of a number after the character that leads, or 0.
func digits(s string, lead byte) int {
	if s == "" || s[0] != lead {
		return 0
	}
	n := 1
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	if n == 1 {
		return 0
	}
	return n
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '/' || c >= 0x80
}
