package export

import (
	"slices"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/secret"
)

// readText reads key = value and key: value lines: a client log with any prefix before the key, a pasted Show Server
// Health, a .properties file.
//
// One blank after the separator belongs to it; all further blanks, and those at the end of the line, are part of the
// value. A backslash is a backslash (ACME\svc is a frequent value), so .properties escapes and continuation lines
// are not undone. A line without a key is skipped: logs are full of them.
func (r *Reader) readText() error {
	text := r.exp.text
	secrets := r.addScanned(text)
	for start := 0; start < len(text); {
		end := strings.IndexByte(text[start:], '\n')
		next := len(text)
		if end < 0 {
			end = len(text)
		} else {
			end += start
			next = end + 1
		}
		if end > start && text[end-1] == '\r' {
			end--
		}
		n := 0
		for n < len(secrets) && secrets[n].Start < next {
			n++
		}
		if err := r.textLine(start, end, secrets[:n]); err != nil {
			return err
		}
		secrets = secrets[n:]
		start = next
	}
	return nil
}

// textLine reads one line. secrets are those that begin in it.
func (r *Reader) textLine(start, end int, secrets []secret.Span) error {
	text := r.exp.text
	first := start
	for first < end && (text[first] == ' ' || text[first] == '\t') {
		first++
	}
	if first == end {
		return nil
	}
	taken := false
	if c := text[first]; c != '#' && c != '!' && c != ';' {
		p, err := r.linePair(first, end, secrets)
		if err != nil {
			return err
		}
		taken = p
	}
	last := -1
	for _, s := range secrets {
		if s.Inside && taken && r.within(s) || s.NameStart == last && !s.Inside {
			continue // a part of the value that was read, or a line more of the secret before
		}
		last = s.NameStart
		if err := r.addSecret(s, first); err != nil {
			return err
		}
	}
	return nil
}

// within reports whether a secret is a part of the property that was read last.
func (r *Reader) within(s secret.Span) bool {
	p := &r.exp.Properties[len(r.exp.Properties)-1]
	return int(p.valueStart) <= s.Start && s.End <= int(p.valueEnd)
}

// addSecret adds a secret that the scanner found: as a property where its name is a key, or the first thing in the line.
func (r *Reader) addSecret(s secret.Span, first int) error {
	value := r.exp.text[s.Start:s.End]
	redacted := secret.Masked(value)
	p := Property{
		Name: s.Name, Value: value, secret: !redacted,
		nameStart: int32(s.NameStart), nameEnd: int32(s.NameEnd), valueStart: int32(s.Start), valueEnd: int32(s.End),
	}
	if !s.Inside && r.separated(s) {
		p.Key, p.N, _ = Lookup(s.Name)
		if s.NameStart == first {
			r.wholeValue(&p)
		}
		if p.Key != NoKey || s.NameStart == first {
			return r.add(&p)
		}
	}
	if !redacted {
		r.exp.Found = append(r.exp.Found, p)
	}
	return nil
}

// separated reports whether a sign is between the name of a secret and the secret; else a sentence or a blank said so.
func (r *Reader) separated(s secret.Span) bool {
	return s.NameEnd <= s.Start && strings.ContainsAny(r.exp.text[s.NameEnd:s.Start], "=:\t>|,;")
}

// wholeValue extends the value of the first pair in a line by the blanks around it, which belong to it as to any other value.
func (r *Reader) wholeValue(p *Property) {
	text := r.exp.text
	from, to := p.valueStart, p.valueEnd
	for from > p.nameEnd && (text[from-1] == ' ' || text[from-1] == '\t') {
		from--
	}
	if from == p.nameEnd || text[from-1] != '=' && text[from-1] != ':' {
		return
	}
	if from < p.valueStart {
		from++ // one blank belongs to the separator
	}
	for int(to) < len(text) && (text[to] == ' ' || text[to] == '\t') {
		to++
	}
	if int(to) < len(text) && text[to] != '\r' && text[to] != '\n' {
		to = p.valueEnd
	}
	p.valueStart, p.valueEnd = from, to
	p.Value = text[from:to]
}

// linePair reads the pair of a line: the first known key wins; an unknown one counts only where nothing is before it. A value ends
// before the name of a secret, and before the next known key where a log has several pairs in a line. It reports whether it added a
// property.
func (r *Reader) linePair(first, end int, secrets []secret.Span) (bool, error) {
	text := r.exp.text
	var atStart Property
	added := false
	near := newLineSecrets(text, secrets)
	for at := first; at < end; {
		sep := strings.IndexAny(text[at:end], "=:")
		if sep < 0 {
			break
		}
		sep += at
		at = sep + 1
		if to, inside := near.inside(sep); inside {
			at = max(at, min(to, end))
			continue
		}
		stop := near.next(sep, end)
		for stop < end && stop > sep+1 && strings.IndexByte(" \t\"'{[(,", text[stop-1]) >= 0 {
			stop--
		}
		p, ok := keyBefore(text, first, sep, stop)
		if !ok {
			continue
		}
		if p.Key != NoKey {
			next := nextKey(text, int(p.valueStart), stop)
			if next == stop && !added {
				return true, r.add(&p)
			}
			added = true
			p.Value = strings.TrimRight(text[p.valueStart:next], " \t,;|")
			p.valueEnd = p.valueStart + int32(len(p.Value))
			if err := r.add(&p); err != nil {
				return true, err
			}
			at = max(at, next)
			continue
		}
		if added {
			continue
		}
		// A colon is in every other line of prose; it makes a key only after a word with dots and before a blank.
		dotted := strings.Contains(p.Name, ".") && (sep+1 == end || text[sep+1] == ' ' || text[sep+1] == '\t')
		if int(p.nameStart) == first && (text[sep] == '=' || dotted) {
			atStart = p
		}
	}
	if added {
		return true, nil
	}
	if atStart.Name == "" {
		if !slices.ContainsFunc(secrets, r.separated) {
			r.ignore(first, end)
		}
		return false, nil
	}
	return true, r.add(&atStart)
}

// nextKey is the place of the next known key with dots in a value that goes to end, or end where there is none.
func nextKey(text string, from, end int) int {
	for at := from; ; {
		i := strings.IndexAny(text[at:end], "=:")
		if i < 0 {
			return end
		}
		sep := at + i
		at = sep + 1
		if text[sep] == ':' && at < end && text[at] != ' ' && text[at] != '\t' { // a part of an address
			continue
		}
		start := sep
		for start > from && chars.Key(text[start-1]) {
			start--
		}
		if start == from || strings.IndexByte(" \t,;|", text[start-1]) < 0 || strings.IndexByte(text[start:sep], '.') < 0 {
			continue
		}
		if k, _, _ := Lookup(text[start:sep]); k != NoKey {
			return start
		}
	}
}

// noBreak is the blank that does not break the line.
const noBreak = "\u00a0"

// keyBefore takes the word in front of a separator as a key, and what follows it as the value.
func keyBefore(text string, first, sep, end int) (Property, bool) {
	nameEnd := sep
	for nameEnd > first && (text[nameEnd-1] == ' ' || text[nameEnd-1] == '\t') {
		nameEnd--
	}
	fromPage := false // a web page or a word processor has blanks that do not break around the separator
	for strings.HasSuffix(text[first:nameEnd], noBreak) {
		nameEnd -= len(noBreak)
		fromPage = true
	}
	nameStart := nameEnd
	for nameStart > first && chars.Key(text[nameStart-1]) {
		nameStart--
	}
	name := text[nameStart:nameEnd]
	if name == "" || !chars.Letter(name[0]) || strings.HasSuffix(name, ".") {
		return Property{}, false
	}
	k, n, _ := Lookup(name)
	value := sep + 1
	if k != NoKey && !k.Secret() && value < end && (text[sep:value+1] == "=>" || text[sep:value+1] == ":=") {
		value++
	}
	switch {
	case value < end && (text[value] == ' ' || text[value] == '\t'):
		value++
	case fromPage && strings.HasPrefix(text[value:end], noBreak):
		value += len(noBreak)
	}
	return Property{
		Key: k, N: n, Name: name, Value: text[value:end],
		nameStart: int32(nameStart), nameEnd: int32(nameEnd), valueStart: int32(value), valueEnd: int32(end),
	}, true
}
