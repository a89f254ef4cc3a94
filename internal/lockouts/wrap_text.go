package lockouts

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/lazy"
)

// readText reads events as text: wevtutil /f:text, Event Viewer's "Copy details as text" of any age, Format-List, Splunk's
// key=value, and one event a line as syslog carries them.
func (w *wrapping) readText(in *bufio.Reader) error {
	t := &textReader{w: w}
	l := &lines{r: in}
	for {
		line, err := l.next()
		if err == io.EOF {
			break
		}
		if err == errTooLarge {
			w.st.bad(l.n, err)
			continue
		}
		if err != nil {
			return err
		}
		t.line(strings.TrimLeft(line, "\ufeff"))
	}
	t.flush()
	return nil
}

// textReader gathers the record that is being read.
type textReader struct {
	w       *wrapping
	x       *raw
	begun   bool // a header was seen
	inText  bool // the message has begun
	message strings.Builder
	date    string // the line before was only a time: Splunk's first line of an event
	list    list
	table   table
}

func (t *textReader) line(line string) {
	line = strings.TrimRight(line, "\r\n")
	if !t.begun && t.tabled(line) || t.listed(line) {
		return
	}
	trimmed := strings.TrimSpace(line)
	if t.oneLine(trimmed) {
		return
	}
	name, value, ok := cutHeader(trimmed)
	meaning, foreign := "", false
	if ok {
		meaning, foreign, _ = column(name)
	}
	starts := strings.HasPrefix(trimmed, "Event[") || (ok && t.starts(name, meaning))
	if starts && t.begun && (t.inText || plain(name) == "logname" && t.x.id != "" || strings.HasPrefix(trimmed, "Event[")) {
		t.flush()
	}
	if starts && !t.begun {
		t.x, t.begun = &raw{fields: fields{}, when: t.date}, true
	}
	t.date = ""
	if _, isDate := parseDate(trimmed); isDate {
		t.date = trimmed
	}
	switch {
	case !t.begun:
		if ok && meaning == "id" && number(value) > 0 { // a copy that begins later
			t.x, t.begun = &raw{id: value, fields: fields{}}, true
		}
		return
	case t.inText:
		t.message.WriteString(line)
		t.message.WriteByte('\n')
		return
	case !ok:
		if number(t.x.id) > 0 && trimmed != "" && !strings.HasPrefix(trimmed, "Event[") {
			t.inText = true // a message without a heading
			t.message.WriteString(line + "\n")
		}
		return
	}
	t.w.clock.foreign = t.w.clock.foreign || foreign
	t.header(meaning, value, line)
}

// starts reports whether a header is the first of a record: the name of the log, or the time where Format-List and others begin with it.
func (t *textReader) starts(name, meaning string) bool {
	if meaning == "logname" {
		return true
	}
	if meaning != "when" && meaning != "id" {
		return false
	}
	switch plain(name) {
	case "timecreated", "index", "eventtime":
		return true
	}
	return !t.begun
}

func (t *textReader) header(meaning, value, line string) {
	switch meaning {
	case "id":
		if t.x.id == "" {
			t.x.id = value
		}
	case "when":
		if t.x.when == "" {
			t.x.when = value
		}
	case "clock":
		t.x.when += " " + value
	case "logger":
		if t.x.logger == "" {
			t.x.logger = value
		}
	case "message":
		t.inText = true
		t.message.WriteString(value + "\n")
	case "", "logname", "strings", "payload", "User":
		// other headers: source, level, user, keywords
		if l, known := labels.Get()[plain(nameOf(line))]; known && l.section && number(t.x.id) > 0 {
			t.inText = true
			t.message.WriteString(line + "\n")
		}
	default:
		if t.x.fields.get(meaning) == "" {
			t.x.fields[meaning] = value
		}
	}
}

func nameOf(line string) string {
	name, _, _ := cutHeader(strings.TrimSpace(line))
	return name
}

// cutHeader splits "Log Name:      Security", "Id          : 4740" and "EventCode=4740".
func cutHeader(line string) (name, value string, ok bool) {
	i := strings.IndexAny(line, ":=：")
	if i <= 0 || i > 60 {
		return "", "", false
	}
	return strings.TrimSpace(line[:i]), strings.TrimSpace(strings.TrimLeft(line[i:], ":=： ")), true
}

// flush hands over the record that was gathered.
func (t *textReader) flush() {
	if t.begun && t.x.id == "" { // a list of the time and the message alone: its first words say which event it is
		first, _, _ := strings.Cut(t.message.String(), "\n")
		if n := idIn(first); n > 0 {
			t.x.id = fmt.Sprint(n)
		} else if n = t.x.fields.guessID(); n > 0 {
			t.x.id = fmt.Sprint(n)
		}
	}
	if t.begun && number(t.x.id) > 0 {
		t.x.message, _, _ = strings.Cut(t.message.String(), "\nEvent Xml:")
		t.w.take(t.x)
	}
	t.begun, t.inText, t.x = false, false, nil
	t.message.Reset()
}

// oneLine takes a line that is a whole event: its number and at least two labels of a message.
func (t *textReader) oneLine(line string) bool {
	if len(line) < 60 {
		return false
	}
	x := &raw{fields: fields{}}
	if !x.snare(line) {
		id := idIn(line)
		if id == 0 || strings.Count(line, ":") < 3 {
			return false
		}
		x.id, x.message = fmt.Sprint(id), line
		if x.when, x.logger = syslogHead(line); x.when == "" {
			x.when = longDate.Get().FindString(line)
		}
		if head, _, ok := strings.Cut(line, "Message="); ok { // QRadar: the sender of the line may be a collector
			x.when, x.logger = cmp.Or(pairIn(head, "TimeGenerated="), x.when), cmp.Or(pairIn(head, "Computer="), x.logger)
		}
	}
	f := readMessage(specs.Get()[number(x.id)], x.message)
	if len(f) < 2 {
		return false
	}
	t.flush()
	t.w.take(x)
	return true
}

// pairIn is the value of a pair such as Computer=DC1 among the words of a line.
func pairIn(line, name string) string {
	for word := range strings.FieldsSeq(line) {
		if value, ok := strings.CutPrefix(word, name); ok {
			return value
		}
	}
	return ""
}

// longDate is the date that EventCombMT writes inside its lines: Thu Mar 05 10:20:37 2026.
var longDate = lazy.Pattern{Expr: `\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3]?[0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}\b`}

// snare reads the tab-separated line that Snare's agent writes: ... MSWinEventLog, criticality, log, counter, date, number, source, user,
// kind of SID, type, computer, category, data, text.
func (x *raw) snare(line string) bool {
	line = strings.ReplaceAll(line, "#011", "\t")
	_, rest, ok := strings.Cut(line, "MSWinEventLog\t")
	if !ok {
		return false
	}
	f := strings.Split(rest, "\t")
	if len(f) < 13 || current(number(f[4])) == 0 {
		return false
	}
	x.when, x.id, x.logger, x.message = f[3], f[4], f[9], strings.Join(f[12:], "\t")
	return true
}

// idIn finds the number of an event in a line: EventID=4740, EventCode: 4740, Security-Auditing: 4740:, or else by the first words of
// the message in English. 0 means none that matters.
func idIn(line string) int {
	lower := strings.ToLower(line)
	for _, mark := range []string{"eventid", "event id", "event_id", "eventcode", "event code", "ereignis-id", "instanceid"} {
		for rest := lower; ; {
			_, after, ok := strings.Cut(rest, mark)
			if !ok {
				break
			}
			rest = after
			digits := strings.TrimLeft(after, ` :="'`)
			end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
			if end > 0 {
				digits = digits[:end]
			}
			if n := number(digits); len(digits) < 6 && current(n) > 0 {
				return n
			}
		}
	}
	for part := range strings.SplitSeq(line, ": ") {
		part = strings.TrimSpace(part)
		if len(part) <= 4 && len(part) >= 3 && strings.Trim(part, "0123456789") == "" && current(number(part)) > 0 && strings.Contains(line,
			part+": ") {
			return number(part)
		}
	}
	best := 0
	for _, s := range specs.Get() {
		if s.opening != "" && strings.Contains(line, s.opening) &&
			(best == 0 || len(s.opening) > len(specs.Get()[best].opening) || len(s.opening) == len(specs.Get()[best].opening) && s.number < best) {
			best = s.number
		}
	}
	return best
}

// syslogHead reads the time and the host of a line of syslog: "<13>Mar  5 10:20:37 DC1 ...", "<14>1 2026-03-05T10:20:37Z DC1 ...",
// "2026-03-05T10:20:37+01:00 DC1 ...". The older header has no year: such a time stays unread.
func syslogHead(line string) (when, host string) {
	if strings.HasPrefix(line, "<") {
		if i := strings.IndexByte(line, '>'); i > 0 && i < 6 {
			line = line[i+1:]
		}
	}
	f := strings.Fields(line)
	if len(f) > 3 && f[0] == "1" && strings.Contains(f[1], "T") {
		f = f[1:]
	}
	switch {
	case len(f) < 5:
	case strings.Contains(f[0], "T") && strings.Count(f[0], ":") >= 2:
		return f[0], f[1]
	case len(f[0]) == 3 && strings.Count(f[2], ":") == 2:
		if len(f[3]) == 4 && strings.Trim(f[3], "0123456789") == "" {
			return strings.Join(f[:4], " "), f[4]
		}
		return "", f[3]
	case strings.Count(f[1], ":") == 2:
		return f[0] + " " + f[1], f[2]
	}
	return "", ""
}
