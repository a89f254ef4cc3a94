package copied

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// stampedHead is how many lines are looked at to find an output below the times.
const stampedHead = 4

// stamps finds the times, with a date, that a logging terminal or a script wrote before the lines of a server's output. Logs, whose
// lines have times of their own, are left alone.
func (f *Formats) stamps(text string) (edits []Edit) {
	first := strings.TrimLeft(text[:min(len(text), 256)], " \t\r\n")
	if first == "" || stampLen(first) == 0 || f.Log(text) {
		return nil
	}
	lines, stamped := 0, 0
	var head strings.Builder
	source := sourceOf(first[stampLen(first):])
	for start, line := range chars.Lines(text) {
		if chars.AllBlank(line) {
			continue
		}
		lines++
		if lines <= stampedHead && appliance.Timed(strings.TrimSpace(line)) {
			return nil
		}
		n := stampLen(line)
		if n > 0 {
			stamped++
			if source != "" && strings.HasPrefix(line[n:], strings.TrimRight(source, " ")) {
				n = min(n+len(source), len(line))
			} else if source != "" {
				return nil
			}
			edits = append(edits, Edit{Start: start, End: start + n})
		}
		if lines <= stampedHead {
			head.WriteString(line[n:] + "\n")
		}
		if lines == stampedHead && !f.Printed(head.String()) {
			return nil
		}
	}
	if lines < quoteRun || stamped*10 < lines*9 || lines < stampedHead && !f.Printed(head.String()) {
		return nil
	}
	return edits
}

// sourceOf is what a system's log has between the time and the text: the machine and the program, "pc1 script[4711]: "; empty where
// there is nothing of the kind.
func sourceOf(line string) string {
	machine, rest, _ := strings.Cut(line, " ")
	program, _, found := strings.Cut(rest, ": ")
	if machine == "" || program == "" || !found {
		return ""
	}
	for _, word := range [...]string{machine, program} {
		if strings.ContainsFunc(word, func(c rune) bool { return c > 0x7f || !chars.Key(byte(c)) && c != '[' && c != ']' && c != '/' }) {
			return ""
		}
	}
	return line[:len(machine)+1+len(program)+len(": ")]
}

// stampLen is the length of a date and a time at the begin of a line, or in brackets of a time alone, with the brackets and the blank after
// them; 0 where there is none.
func stampLen(line string) int {
	i := 0
	bracket := i < len(line) && (line[i] == '[' || line[i] == '(')
	if bracket {
		i++
	}
	i += weekdayLen(line[i:])
	if n := dateLen(line[i:]); n > 0 {
		if i += n; i < len(line) && line[i] == ',' {
			i++
		}
		if i == len(line) || line[i] != ' ' && line[i] != 'T' {
			return 0
		}
		i++
	}
	n := clockLen(line[i:])
	if n == 0 || i == 0 && (len(line) == n || line[n] == ',') { // a time without a date: a column of a table has one, too
		return 0
	}
	i += n
	for i < len(line) && strings.IndexByte("])", line[i]) >= 0 {
		i++
	}
	for _, sign := range [...]string{" - ", " | ", ": "} {
		if strings.HasPrefix(line[i:], sign) {
			return i + len(sign)
		}
	}
	if i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		return i + 1
	}
	if i < len(line) {
		return 0
	}
	return i
}

// clockLen is the length of a time with seconds, and of what may follow it: the half of the day, and the year.
func clockLen(s string) int {
	n := strings.IndexFunc(s, func(c rune) bool { return !strings.ContainsRune("0123456789:.,+-Z", c) })
	if n < 0 {
		n = len(s)
	}
	if strings.Count(s[:n], ":") < 2 || s[0] < '0' || s[0] > '9' {
		return 0
	}
	if s[n-1] == ':' {
		n--
	}
	for _, half := range [...]string{" AM", " PM", "\u202fAM", "\u202fPM"} { // a narrow blank: newer systems of Apple
		if fold.HasPrefix(s[n:], half) {
			n += len(half)
			break
		}
	}
	if len(s) >= n+5 && s[n] == ' ' && strings.Trim(s[n+1:n+5], "0123456789") == "" && (len(s) == n+5 || s[n+5] == ']' || s[n+5] == ')') {
		n += 5
	}
	return n
}

// weekdayLen is the length of the name of a day before a date.
func weekdayLen(s string) int {
	if len(s) < 5 || !chars.Letter(s[0]) || !slices.Contains(weekdays[:], strings.ToLower(s[:3])) {
		return 0
	}
	if s[3] == ',' && s[4] == ' ' {
		return 5
	}
	if s[3] == ' ' {
		return 4
	}
	return 0
}

var weekdays = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// dateLen is the length of a date: 2024-05-01, 05/01/2024, 1.5.2024, May  1, May 1 2024.
func dateLen(s string) int {
	digits := func(at, most int) int {
		n := 0
		for n < most && at+n < len(s) && s[at+n] >= '0' && s[at+n] <= '9' {
			n++
		}
		return n
	}
	if len(s) > 3 && chars.Letter(s[0]) {
		if !slices.Contains(months[:], strings.ToLower(s[:3])) || s[3] != ' ' {
			return 0
		}
		i := 4
		if i < len(s) && s[i] == ' ' {
			i++
		}
		n := digits(i, 2)
		if n == 0 {
			return 0
		}
		if i += n; strings.HasPrefix(s[i:], " ") && digits(i+1, 4) == 4 {
			i += 5
		}
		return i
	}
	i := digits(0, 4)
	if i == 0 || i >= len(s) || strings.IndexByte("-/.", s[i]) < 0 {
		return 0
	}
	sign := s[i]
	n := digits(i+1, 2)
	if i += 1 + n; n == 0 || i >= len(s) || s[i] != sign {
		return 0
	}
	if n = digits(i+1, 4); n == 0 {
		return 0
	}
	return i + 1 + n
}

var months = [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
