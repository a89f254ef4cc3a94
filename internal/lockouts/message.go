package lockouts

import (
	"cmp"
	"slices"
	"strings"

	"cupclint/internal/lazy"
)

// readMessage reads the text of an event: by its labels where they are known, and by its shape (the number of values in each
// paragraph) where they are not, which works in every language.
func readMessage(s *spec, text string) fields {
	if strings.Count(strings.TrimSpace(text), "\n") < 2 {
		text = breakLines(text)
	}
	f := byLabel(text)
	if missing(s, f) {
		for k, v := range byShape(s, text) {
			if f[k] == "" {
				f[k] = v
			}
		}
	}
	return f
}

// missing reports whether what the labels gave is not enough.
func missing(s *spec, f fields) bool {
	switch {
	case s.kind == isBind:
		return false
	case f.get("TargetUserName") == "":
		return true
	case s.kind == isLock:
		return f.get("CallerComputer") == ""
	case s.kind == isFailure, s.kind == isValidation:
		return f.get("Status", "SubStatus") == "" || f.get("WorkstationName", "Workstation", "IpAddress") == ""
	}
	return false
}

// byLabel reads lines "Label: value". A label without a value begins a section, or has its value on the next line (2889).
func byLabel(text string) fields {
	f, known := fields{}, labels.Get()
	section, waiting := "target", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := cutLabel(line)
		l, isKnown := known[plain(name)]
		if waiting != "" && (!ok || !isKnown) {
			f.put(waiting, line)
			waiting = ""
			continue
		}
		waiting = ""
		switch {
		case !ok:
		case isKnown && !l.section:
			field := fieldOf(l.meaning, section)
			switch {
			case field == "":
			case value == "":
				waiting = field
			default:
				f.put(field, value)
			}
		case value == "" && isKnown:
			section = l.meaning
		case value == "":
			section = "target" // an unknown section comes after the subject
		}
	}
	return f
}

// put keeps the first value of a field.
func (f fields) put(name, value string) {
	if _, ok := f[name]; !ok {
		f[name] = strings.Clone(value)
	}
}

// cutLabel splits "Label: value"; the colon may be doubled, full-width, or have a blank in front.
func cutLabel(line string) (name, value string, ok bool) {
	i := strings.IndexAny(line, ":：")
	if i <= 0 {
		return line, "", false
	}
	return strings.TrimSpace(line[:i]), strings.TrimSpace(strings.TrimLeft(line[i:], ":：")), true
}

// fieldOf is the field of a label, whose name may be the reporter's or the account's.
func fieldOf(meaning, section string) string {
	if meaning != "AccountName" && meaning != "AccountDomain" {
		return meaning
	}
	what := "UserName"
	if meaning == "AccountDomain" {
		what = "DomainName"
	}
	switch section {
	case "subject":
		return "Subject" + what
	case "target":
		return "Target" + what
	}
	return ""
}

// byShape gives the values of each paragraph their names when the paragraphs have the lengths that the event's message has. A
// whole section may be missing, as short exports leave some out.
func byShape(s *spec, text string) fields {
	f, next := fields{}, 0
	for _, values := range paragraphs(text) {
		for next < len(s.paragraphs) && len(s.paragraphs[next]) != len(values) {
			next++
		}
		if next == len(s.paragraphs) {
			break
		}
		for i, v := range values {
			f.put(s.paragraphs[next][i], v)
		}
		next++
	}
	if !f.plausible() {
		return fields{}
	}
	return f
}

// plausible rejects an assignment in which a code is not a code.
func (f fields) plausible() bool {
	for _, k := range []string{"Status", "SubStatus"} {
		if v := f.get(k); v != "" && status(v) == "" {
			return false
		}
	}
	t := f.get("LogonType")
	return f.get("TargetUserName") != "" && !strings.Contains(f["TargetUserName"], `\`) && len(t) <= 2
}

// paragraphs are the values of the labelled lines between blank lines. Paragraphs without a value are left out.
func paragraphs(text string) [][]string {
	var out [][]string
	var now []string
	flush := func() {
		if len(now) > 0 {
			out = append(out, now)
		}
		now = nil
	}
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			flush()
			continue
		}
		_, value, ok := cutLabel(trimmed)
		if !ok || (value == "" && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " ")) {
			continue // a sentence, or the heading of a section
		}
		now = append(now, strings.Clone(value))
	}
	flush()
	return out
}

// known labels by length, the longest first, for text without line breaks.
var labelNames = lazy.Value[[]string]{New: func() []string {
	var out []string
	for row := range rows(labelsTSV) {
		if row[2] != "by" {
			out = append(out, strings.ToLower(row[2]))
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return out
}}

// breakLines gives a message on one line (LogParser, syslog) its lines back: each known label begins one, and a value ends at a
// tab or at two blanks.
func breakLines(text string) string {
	lower := strings.ToLower(text)
	if len(lower) != len(text) || len(text) > 32<<10 {
		return text
	}
	start := make([]bool, len(text))
	taken := make([]bool, len(text))
	for _, name := range labelNames.Get() {
		for at := 0; ; {
			i := strings.Index(lower[at:], name)
			if i < 0 {
				break
			}
			i += at
			at = i + len(name)
			if taken[i] || taken[at-1] || !endsLabel(lower[at:]) || (i > 0 && isWord(lower[i-1])) {
				continue
			}
			start[i] = true
			for j := i; j < at; j++ {
				taken[j] = true
			}
		}
	}
	var b strings.Builder
	seen := false // a value has begun on this line
	for i := 0; i < len(text); i++ {
		if start[i] {
			b.WriteByte('\n')
			seen = false
		}
		if seen && (text[i] == '\t' || (text[i] == ' ' && i+1 < len(text) && text[i+1] == ' ')) {
			b.WriteByte('\n')
			seen = false
			continue
		}
		if !taken[i] && text[i] != ' ' && text[i] != ':' && text[i] != '\t' {
			seen = true
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func endsLabel(rest string) bool {
	rest = strings.TrimLeft(rest, " \u00a0")
	return strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "：")
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}
