package export

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
)

// stampedHead is how many lines are looked at to find an output below the times.
const stampedHead = 4

// stamps finds the times, with a date, that a logging terminal or a script wrote before the lines of a server's output. Logs, whose
// lines have times of their own, are left alone.
func stamps(text string) (edits []edit) {
	first := strings.TrimLeft(text[:min(len(text), 256)], " \t\r\n")
	if first == "" || stampLen(first) == 0 || isJabberLog(text) {
		return nil
	}
	lines, stamped := 0, 0
	var head strings.Builder
	for start, line := range textLines(text) {
		if blankText(line) {
			continue
		}
		lines++
		if lines <= stampedHead && appliance.Timed(strings.TrimSpace(line)) {
			return nil
		}
		n := stampLen(line)
		if n > 0 {
			stamped++
			edits = append(edits, edit{start: start, end: start + n})
		}
		if lines <= stampedHead {
			head.WriteString(line[n:] + "\n")
		}
		if lines == stampedHead && !looksPrinted(head.String()) {
			return nil
		}
	}
	if lines < quoteRun || stamped*10 < lines*9 || lines < stampedHead && !looksPrinted(head.String()) {
		return nil
	}
	return edits
}

func looksPrinted(text string) bool {
	return appliance.Looks(text) || isRunSQL("", text) || isRegistryQuery(text)
}

// stampLen is the length of a date and a time at the begin of a line, with the brackets and the blank after them; 0 where there is none.
func stampLen(line string) int {
	i := 0
	if i < len(line) && (line[i] == '[' || line[i] == '(') {
		i++
	}
	n := dateLen(line[i:])
	if n == 0 {
		return 0
	}
	if i += n; i < len(line) && line[i] == ',' {
		i++
	}
	if i == len(line) || line[i] != ' ' && line[i] != 'T' {
		return 0
	}
	i++
	clock := line[i:]
	n = strings.IndexFunc(clock, func(c rune) bool { return !strings.ContainsRune("0123456789:.,+-Z", c) })
	if n < 0 {
		n = len(clock)
	}
	if strings.Count(clock[:n], ":") < 2 {
		return 0
	}
	if n > 0 && clock[n-1] == ':' {
		n--
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

// dateLen is the length of a date: 2024-05-01, 05/01/2024, 1.5.2024, May  1, May 1 2024.
func dateLen(s string) int {
	digits := func(at, most int) int {
		n := 0
		for n < most && at+n < len(s) && s[at+n] >= '0' && s[at+n] <= '9' {
			n++
		}
		return n
	}
	if len(s) > 3 && letter(s[0]) {
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
