package diagnose

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// An Item is one service of a pasted Show Server Health that fails, with the line that says so.
type Item struct {
	Name    string // as known: login, presence, directory, desk phone, soft phone, voicemail, calendar, meeting, tftp, device list, sync, ntp; else empty
	Message string // the line, without blanks around it
	Line    int    // from 1
}

// services are the names of items and what they are called. The exact texts of Show Server Health differ by release and are known in part only
// (an assumption): what a line begins with decides.
var services = [...]struct{ words, name string }{
	{"login", "login"}, {"log in", "login"}, {"log-in", "login"}, {"cups", "login"}, {"presence", "presence"}, {"sip proxy", "presence"},
	{"desk phone", "desk phone"}, {"deskphone", "desk phone"}, {"cti", "desk phone"}, {"soft phone", "soft phone"}, {"softphone", "soft phone"},
	{"ldap", "directory"}, {"directory", "directory"}, {"voicemail", "voicemail"}, {"voice mail", "voicemail"}, {"mailstore", "voicemail"}, {"mail store", "voicemail"},
	{"imap", "voicemail"}, {"calendar", "calendar"}, {"exchange", "calendar"}, {"web conferencing", "meeting"}, {"meetingplace", "meeting"}, {"webex", "meeting"},
	{"tftp", "tftp"}, {"ccmcip", "device list"}, {"device list", "device list"}, {"sync agent", "sync"}, {"synchronization", "sync"}, {"ntp", "ntp"},
}

// failures are words by which a line says that something is wrong.
var failures = [...]string{
	"invalid", "fail", "error", "timeout", "timed out", "not connected", "disconnected", "unreachable", "unavailable", "refused", "denied", "not licensed", "not authorized",
	"not authorised", "not configured", "cannot", "could not", "unable", "locked", "expired", "no device", "no result", "missing", "not yet valid", "certificate", "clock", "retrying",
	"sipproxy_e_", "no route",
}

// The bounds of a paste.
const (
	maxHealthLine  = 64 << 10 // bytes
	maxHealthItems = 200
)

// ReadHealth reads a pasted Show Server Health: lines in any order and shape. A line that begins with the name of a service opens its
// block; a line that says something is wrong is an item of the block it stands in. What is no failure is passed over. The error says where a
// line is too long. UTF-16 is read where a byte order mark says so, as Notepad writes it.
func ReadHealth(r io.Reader) ([]Item, error) {
	r, err := unmarked(r)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxHealthLine)
	var items []Item
	block, number := "", 0
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		lower := strings.ToLower(text)
		if name := serviceOf(lower); name != "" {
			block = name
		}
		if text == "" || !says(lower) || len(items) == maxHealthItems {
			continue
		}
		items = append(items, Item{Name: block, Message: text, Line: number})
	}
	if err := lines.Err(); err != nil {
		return items, fmt.Errorf("line %d: %w (a line has at most %d bytes)", number+1, err, maxHealthLine)
	}
	return items, nil
}

// unmarked takes a byte order mark off and turns UTF-16 into UTF-8.
func unmarked(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	mark, _ := b.Peek(3) // what cannot be read shows when the lines are
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(mark, []byte("\xEF\xBB\xBF")):
		_, err := b.Discard(3)
		return b, err
	case bytes.HasPrefix(mark, []byte("\xFF\xFE")):
		order = binary.LittleEndian
	case bytes.HasPrefix(mark, []byte("\xFE\xFF")):
		order = binary.BigEndian
	default:
		return b, nil
	}
	text, err := io.ReadAll(b)
	if err != nil {
		return nil, err
	}
	units := make([]uint16, 0, len(text)/2)
	for ; len(text) >= 2; text = text[2:] {
		units = append(units, order.Uint16(text))
	}
	return strings.NewReader(string(utf16.Decode(units[1:]))), nil
}

// serviceOf finds the service that a line begins with, behind bullets.
func serviceOf(lower string) string {
	lower = strings.TrimLeft(lower, "-*+#>[]x \t")
	for _, s := range services {
		if rest, ok := strings.CutPrefix(lower, s.words); ok && (rest == "" || strings.IndexByte(" \t:.=(-[/", rest[0]) >= 0) {
			return s.name
		}
	}
	return ""
}

// says reports whether a part of the line, between commas, says that something fails and does not take it back.
func says(lower string) bool {
	for clause := range strings.FieldsFuncSeq(lower, func(r rune) bool { return r == ',' || r == ';' }) {
		for _, f := range failures {
			if strings.Contains(clause, f) && !fine(clause) {
				return true
			}
		}
	}
	return false
}

// fine reports whether a clause that has a word of failure in it says the contrary: no errors, failed attempts: 0, certificate: valid, timeout: 30.
func fine(clause string) bool {
	words := strings.FieldsFunc(clause, func(r rune) bool { return strings.ContainsRune(" \t:=.()", r) })
	if len(words) == 0 {
		return false
	}
	for i, w := range words {
		switch {
		case w == "not", w == "cannot", w == "never", strings.HasSuffix(w, "n't"):
			return false
		case w == "no" && i+1 < len(words) && (strings.HasPrefix(words[i+1], "error") || strings.HasPrefix(words[i+1], "fail")):
			return true
		}
	}
	switch last := words[len(words)-1]; last {
	case "ok", "0", "none", "valid", "accepted", "trusted", "verified", "connected", "good":
		return true
	default:
		return len(words) > 1 && words[len(words)-2] == "timeout" && strings.Trim(last, "0123456789") == ""
	}
}

// Symptom is the symptom that the item shows, or nothing.
func (i *Item) Symptom() string {
	return map[string]string{"presence": Presence, "desk phone": DeskPhone, "voicemail": Voicemail, "directory": Directory, "calendar": Calendar}[i.Name]
}

// squeezed is lower case with blanks, hyphens and the plural s of credential out of the way: releases differ in those.
func squeezed(s string) string {
	return strings.NewReplacer("credentials", "credential", "-", " ", "user name", "username").Replace(strings.ToLower(s))
}

func (p *HealthPattern) matches(i *Item) bool {
	return (p.Item == "" || p.Item == i.Name) && strings.Contains(squeezed(i.Message), squeezed(p.Message))
}
