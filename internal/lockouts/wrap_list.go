package lockouts

import "strings"

// A list is what Format-List of PowerShell prints: a property a line, all colons of a record in one column, the rest of a long value
// indented. Properties have the order of the object: the message may come before the number of its event, and the next record begins
// where a name is there again.
type list struct {
	column int // of the colons; 0 where no list has begun
	seen   map[string]bool
}

// listed takes a line of a list. It reports whether the line was one.
func (t *textReader) listed(line string) bool {
	name, value, at := property(line)
	switch {
	case at > 0 && (at == t.list.column || beginsList(name)):
	case t.list.column == 0:
		return false
	case strings.HasPrefix(line, "Log Name:"), strings.HasPrefix(line, "Event["): // another form after the list
		t.flush()
		t.list = list{}
		return false
	default: // the rest of a value, which a copy may have without its blanks, or an empty line
		if t.inText {
			t.message.WriteString(line + "\n")
		}
		return true
	}
	if at != t.list.column || t.list.seen[name] {
		t.flush()
		t.list = list{column: at, seen: map[string]bool{}}
	}
	t.list.seen[name] = true
	if !t.begun {
		t.x, t.begun = &raw{fields: fields{}}, true
	}
	meaning, _, _ := column(name)
	t.inText = false
	switch meaning {
	case "id", "when", "logger", "message":
		t.header(meaning, value, line)
	case "", "clock", "strings", "payload", "logname":
	default: // a property that a script made of a field of the event
		if t.x.fields.get(meaning) == "" {
			t.x.fields[meaning] = value
		}
	}
	return true
}

// beginsList reports whether a property of EventLogRecord or EventLogEntry comes first in a list, chosen or not.
func beginsList(name string) bool {
	switch plain(name) {
	case "message", "id", "timecreated", "eventid", "index", "machinename", "timegenerated",
		"providername", "logname", "recordid", "instanceid":
		return true
	}
	return false
}

// property splits "TimeCreated  : 3/5/2026 10:20:37 AM" and says where its colon is; 0 for another line.
func property(line string) (name, value string, column int) {
	before, after, ok := strings.Cut(line, ":")
	name = strings.TrimRight(before, " ")
	if !ok || name == before || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !letterOrDigit(r) }) {
		return "", "", 0
	}
	return name, strings.TrimSpace(after), len(before)
}

func letterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
