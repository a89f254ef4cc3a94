package export

import (
	"net/netip"
	"strings"
)

// A word is a run of characters without blanks, and its place in the text.
type word struct {
	text  string
	start int
}

// words splits a line at blanks and at the escape sequences that a terminal's log holds.
func words(text string, start, end int) []word {
	var out []word
	for i := start; i < end; {
		if c := text[i]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			i++
			continue
		}
		if text[i] == 0x1b { // ESC [ parameters letter (ECMA-48)
			i++
			if i < end && text[i] == '[' {
				for i++; i < end && !letter(text[i]); i++ {
				}
				i++
			}
			continue
		}
		from := i
		for i < end && text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n' && text[i] != 0x1b {
			i++
		}
		out = append(out, word{text[from:i], from})
	}
	return out
}

// clusterLine reports whether a line begins as one of "show network cluster" does: an address, one or two names, and the role.
func clusterLine(ws []word) bool {
	if len(ws) < 4 {
		return false
	}
	if _, err := netip.ParseAddr(ws[0].text); err != nil {
		return false
	}
	return isRole(ws[2].text) || len(ws) > 3 && isRole(ws[3].text)
}

func isRole(s string) bool { return s == "Publisher" || s == "Subscriber" }

// isCluster knows the command, or looks for such a line among the first ones.
func isCluster(command, text string) bool {
	if command != "" {
		return strings.HasPrefix(command, "show network cluster")
	}
	const most = 20
	n, offset := 0, 0
	for line := range strings.Lines(text) {
		if clusterLine(words(text, offset, offset+len(line))) {
			return true
		}
		offset += len(line)
		if n++; n == most {
			break
		}
	}
	return false
}

// readCluster reads what the CLI command "show network cluster" prints: a line for each node with its address, full name, host name,
// publisher or subscriber, and what it is ("callmanager", "cups"). The tail of a line may be wrapped to the next one, and a section "Server Table" may
// follow; both say nothing more.
func (r *Reader) readCluster(s section) error {
	text := r.exp.text
	offset, n := s.start, 0
	for line := range strings.Lines(text[s.start:s.end]) {
		start := offset
		ws := words(text, offset, offset+len(line))
		offset += len(line)
		if !clusterLine(ws) {
			r.ignoreClusterLine(start, ws, n > 0)
			continue
		}
		n++
		type field struct {
			word
			key KeyID
		}
		parts := []field{{ws[0], ClusterNodeAddress}, {ws[1], ClusterNodeName}}
		for _, w := range ws[3:] {
			if w.text == "cups" || w.text == "callmanager" {
				parts = append(parts, field{w, ClusterNodeRole})
			}
		}
		for _, part := range parts {
			p := Property{
				Key: part.key, N: n, Name: part.key.Name(n), Value: part.text,
				nameStart: int32(part.start), nameEnd: int32(part.start), valueStart: int32(part.start), valueEnd: int32(part.start + len(part.text)),
			}
			if err := r.add(&p); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		r.looksLike("the output of show network cluster, without a line of a node", "")
	}
	return nil
}

// ignoreClusterLine passes over a line that is none of a node: the tail of one, wrapped, a title and an empty line say nothing more.
func (r *Reader) ignoreClusterLine(start int, ws []word, tail bool) {
	if len(ws) == 0 || strings.HasPrefix(ws[0].text, "-") || strings.HasPrefix(ws[0].text, "=") {
		return
	}
	if tail && (ws[0].text == "authenticated" || ws[0].text == "using" || ws[0].text == "since" || ws[0].text == "Server") {
		return
	}
	last := ws[len(ws)-1]
	r.ignore(start, last.start+len(last.text))
}
