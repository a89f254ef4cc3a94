package diagnose

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"cupclint/export"
	"cupclint/internal/fold"
	"cupclint/lint"
)

// An Item is a line that says that something fails, or that describes the setup.
type Item struct {
	// Name is the service it is about: login, presence, directory, desk phone, soft phone, voicemail, calendar, meeting, tftp, device list,
	// sync, ntp, services, replication, ha, uds, edge, sso, config, phone control; other where it names something that is not known; empty
	// where it names none.
	Name string
	// Signs are what it says, in the words of words.tsv.
	Signs   []string
	Message string // the line, without blanks around it
	File    string // empty for the paste
	Line    int    // from 1
	// Hint marks a line that describes the setup and reports no failure.
	Hint bool
	// Quiet marks a line of a log below warning: it counts as evidence, and is not missed where no cause knows it.
	Quiet bool
}

// A Paste is what was understood of a text: a pasted screen, a mail, a log, the output of a command.
type Paste struct {
	Items []Item
	// Answers are what the text says to the questions, with the line.
	Answers map[string]Answer
	// Findings are those of a pasted report of cupclint; their keys are not known.
	Findings []lint.Finding
	// Lines counts lines with text, Healthy those that say that a service is well.
	Lines, Healthy int
}

// An Answer is one that was read and not given by a person: where it is from and the text of that place.
type Answer struct{ Word, Where, Text string }

// Understood reports whether anything in the text told something.
func (p *Paste) Understood() bool {
	return len(p.Items)+len(p.Answers)+len(p.Findings)+p.Healthy > 0
}

// Failing counts the lines that say that something fails.
func (p *Paste) Failing() int {
	n := 0
	for i := range p.Items {
		if !p.Items[i].Hint {
			n++
		}
	}
	return n
}

// The bounds of a paste.
const (
	maxLine  = 64 << 10 // bytes
	maxItems = 2000

	maxDecorated = 4 << 20 // bytes that are searched for signs of quoting, line numbers and colours
)

// Read understands a text: lines in any order and shape. File is empty for a paste; it names the place of each item otherwise. UTF-16 is
// read where a byte order mark says so, as Notepad writes it. The error names the line that is too long.
func Read(r io.Reader, file string) (*Paste, error) {
	w, err := theWords()
	if err != nil {
		return nil, err
	}
	r, err = unmarked(r)
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.LimitReader(r, maxDecorated))
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(io.MultiReader(strings.NewReader(export.Undecorated(string(head))), r))
	lines.Buffer(nil, maxLine)
	rd := &reader{w: w, file: file, paste: Paste{Answers: make(map[string]Answer)}, healed: make(map[string]bool)}
	number := 0
	for lines.Scan() {
		number++
		rd.line(number, lines.Text())
	}
	rd.finish()
	if err := lines.Err(); err != nil {
		return &rd.paste, fmt.Errorf("line %d: %w (a line has at most %d bytes)", number+1, err, maxLine)
	}
	return &rd.paste, nil
}

// FromEvidence understands what the logs of clients say of failed attempts.
func FromEvidence(list []export.Evidence) (*Paste, error) {
	w, err := theWords()
	if err != nil {
		return nil, err
	}
	rd := &reader{w: w, paste: Paste{Answers: make(map[string]Answer)}, healed: make(map[string]bool)}
	for i := range list {
		e := &list[i]
		rd.file, rd.block = e.File, ""
		rd.line(e.Line, e.Text)
		rd.answer(e.Line, e.Text, "version", "jabber", true)
	}
	rd.finish()
	return &rd.paste, nil
}

type reader struct {
	w      *words
	file   string
	paste  Paste
	block  string          // the service whose block the line is in
	healed map[string]bool // signs that a line takes back in the whole paste

	heading    string            // of a block about something that is not known
	announced  string            // a line that may be such a heading: the next line tells
	requests   map[string]string // the service of each request that a log numbers
	imapColumn int               // where a table of mailboxes says whether IMAP is on; 0 outside one
}

// line reads one line.
func (rd *reader) line(number int, raw string) {
	text := strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	if text == "" || len(rd.paste.Items) >= maxItems {
		return
	}
	rd.paste.Lines++
	if rd.service(number, text) || rd.queue(number, text) || rd.state(number, text) || rd.report(number, text) ||
		rd.mailboxes(number, raw) {
		return
	}
	if resolvedRow.Get().MatchString(text) {
		rd.paste.Healthy++
	}
	message, level, log := logLine(text)
	low := folded(message)
	ts := rd.w.replaced(tokens(low))
	found := rd.search(low, ts)
	rd.heal(ts)
	names := slices.DeleteFunc(slices.Clone(found), func(m match) bool { return m.p.kind != "service" })
	rd.openStrange(raw, text, !log && len(found) == 0 && rd.stranger(ts))
	label := rd.label(ts, names)
	if log {
		rd.request(text, firstName(names))
	}
	if log && level != "" {
		rd.answer(number, text, "version", "jabber", strings.Contains(text, "csf") || strings.Contains(text, "CSF"))
	}
	quiet := log && level != "warn" && !curlFailed(low)
	signs := rd.signs(ts, low, found, quiet)
	byName := make(map[string][]string)
	for _, m := range signs {
		name := m.p.service
		if m.p.kind != "code" || name == "" {
			name = cmp.Or(rd.nameOf(m, names, label, ts), name)
		}
		if name == "" {
			name = rd.blockOf(m, ts, found)
		}
		if name == "" && log {
			name = rd.requested(text, m.p.meaning)
		}
		byName[name] = append(byName[name], m.p.meaning)
	}
	if len(byName) > 1 && slices.Equal(byName[""], []string{"failed"}) { // what fails is said with its service
		delete(byName, "")
	}
	if len(signs) == 0 && !quiet && (failureCode(ts) || curlFailed(low)) {
		byName[""] = []string{"unknown-code"}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		says := message
		if name == strange && rd.heading != "" {
			says = rd.heading + " " + message
		}
		rd.paste.Items = append(rd.paste.Items,
			Item{Name: name, Signs: specific(byName[name]), Message: shortened(says), File: rd.file, Line: number, Quiet: quiet})
	}
	rd.hints(number, text, low, cmp.Or(label, firstName(names), rd.block))
	if !log {
		for _, m := range found {
			if m.p.kind == "answer" {
				q, word, _ := strings.Cut(m.p.meaning, "=")
				rd.answer(number, text, q, word, true)
			}
		}
	}
	ended := (len(names) > 0 || rd.block != "") && slices.ContainsFunc(ts, func(t token) bool { return rd.w.fineEnd[t.text] })
	if len(signs) == 0 && (ended || rd.fineAny(ts, -1)) {
		rd.paste.Healthy++
	}
}

// request notes the service of a request that a log numbers: Jabber says its address in one line, and what came of it in another.
func (rd *reader) request(text, service string) {
	number := requestNumber(text)
	if number == "" || service == "" || len(rd.requests) >= maxItems {
		return
	}
	if rd.requests == nil {
		rd.requests = make(map[string]string)
	}
	rd.requests[number] = service
}

// requested is the service of the request that a line is about, where the connection to it failed: then it is the server that counts. What
// else fails (a name, a certificate) has causes that do not depend on the service.
func (rd *reader) requested(text, sign string) string {
	switch sign {
	case "unreachable", "timeout", "port-refused":
		return rd.requests[requestNumber(text)]
	}
	return ""
}

// requestNumber is the number after "request #".
func requestNumber(text string) string {
	i := fold.Index(text, "request #")
	if i < 0 {
		return ""
	}
	rest := text[i+len("request #"):]
	return rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
}

// curlFailed reports a result of libcurl other than 0: Jabber writes it as information, and it is all that a log says of a connection.
func curlFailed(low string) bool {
	_, rest, found := strings.Cut(low, "curlcode=[")
	return found && rest != "" && rest[0] >= '1' && rest[0] <= '9'
}

// failureCode reports a name of a failure as programs write it, FAILED_TO_PARSE or PARSE_ERROR: what it means is not known here, but the
// line is not one to skip.
func failureCode(ts []token) bool {
	return slices.ContainsFunc(ts, func(t token) bool {
		if !strings.Contains(t.text, "_") {
			return false
		}
		parts := strings.Split(t.text, "_")
		return !slices.Contains(parts, "no") && slices.ContainsFunc(parts, func(p string) bool {
			return p == "failed" || p == "failure" || p == "error" || p == "fail" || strings.HasSuffix(p, "failed")
		})
	})
}

// openStrange opens the block of something that is not known: at a heading below the block of a service, or at one whose next line is
// indented. A sentence of a mail ("The user says:") opens none.
func (rd *reader) openStrange(raw, text string, unknown bool) {
	if rd.announced != "" && (raw[0] == ' ' || raw[0] == '\t') {
		rd.block, rd.heading = strange, rd.announced
	}
	rd.announced = ""
	switch {
	case !unknown || !strings.HasSuffix(text, ":"):
	case rd.block != "":
		rd.block, rd.heading = strange, text
	default:
		rd.announced = text
	}
}

// shortened is the line for people: a line of a log may be a page long.
func shortened(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

func (rd *reader) answer(number int, text, question, word string, is bool) {
	if _, known := rd.paste.Answers[question]; is && !known {
		rd.paste.Answers[question] = Answer{Word: word, Where: place(rd.file, number), Text: text}
	}
}

func place(file string, line int) string {
	if file == "" || file == export.Stdin {
		return fmt.Sprintf("line %d of the paste", line)
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// finish takes back what a later line healed.
func (rd *reader) finish() {
	for sign := range rd.healed {
		rd.drop(sign)
	}
}

// logLine takes what a logger writes before the message off: 2024-04-04 10:11:12,101 WARN [0x1] [file.cpp(52)] [part] [function] - message.
// The level is warn for warnings and worse, info below, empty where there is none.
func logLine(text string) (message, level string, log bool) {
	head := text
	if at := strings.Index(text, "] - "); at >= 0 {
		head, message = text[:at], text[at+4:]
	}
	fields := strings.Fields(head)
	for _, f := range fields[:min(len(fields), 6)] {
		switch strings.Trim(f, "[]|:") {
		case "INFO", "DEBUG", "TRACE", "VERBOSE":
			level = "info"
		case "WARN", "WARNING", "ERROR", "FATAL":
			level = "warn"
		}
		if level != "" {
			break
		}
	}
	if message == "" {
		return text, level, level != ""
	}
	return message, level, level != ""
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

// symptomOf is the symptom that a service shows, or nothing.
func symptomOf(service string) string {
	switch service {
	case "login", "uds", "edge", "sso":
		return LogIn
	case "presence":
		return Presence
	case "desk phone":
		return DeskPhone
	case "voicemail":
		return Voicemail
	case "directory":
		return Directory
	case "calendar":
		return Calendar
	case "phone control":
		return PhoneControl
	}
	return ""
}

// serviceOf is the service that a line without one is about where a single symptom is known.
func serviceOf(symptom string) string {
	switch symptom {
	case LogIn:
		return "login"
	case DeskPhone:
		return "desk phone"
	case PhoneControl:
		return "phone control"
	}
	return symptom
}

// Symptom is the symptom that the item shows, or nothing.
func (i *Item) Symptom() string { return symptomOf(i.Name) }

// Symptoms are those that failing lines show, in the order of Symptoms.
func (p *Paste) Symptoms() []string {
	var out []string
	for _, s := range Symptoms() {
		if slices.ContainsFunc(p.Items, func(i Item) bool { return !i.Quiet && i.Symptom() == s }) {
			out = append(out, s)
		}
	}
	return out
}

// IsText reports whether a file is a text to be read line by line: a log, the output of a command, a mail. Files of settings are not: what
// they say is a matter of the rules.
func IsText(text []byte) bool {
	if bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF")) {
		return true // Notepad
	}
	head := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), " \t\r\n")
	if len(head) == 0 || head[0] == '<' || head[0] == '{' || bytes.IndexByte(head[:min(len(head), 512)], 0) >= 0 {
		return false
	}
	for _, sign := range []string{"SIP/2.0", "admin:", "] - ", "[STARTED]", "[STOPPED]", "ntpd", "Replication", " I 0 P "} {
		if bytes.Contains(head, []byte(sign)) {
			return true
		}
	}
	_, err := new(export.Reader).Parse("text", bytes.Clone(text))
	return err != nil
}

// SymptomNamed is the symptom that a word of a caller stands for, or nothing.
func SymptomNamed(word string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	for _, s := range Symptoms() {
		if word == s {
			return s
		}
	}
	switch strings.NewReplacer("-", "", " ", "").Replace(word) {
	case "login", "logon", "signin", "signon":
		return LogIn
	case "phone", "deskphone", "softphone", "telephone":
		return DeskPhone
	case "contacts", "contact", "ldap", "search":
		return Directory
	case "mail", "voice", "voicemail":
		return Voicemail
	case "phonecontrol", "ocs", "rcc":
		return PhoneControl
	}
	return ""
}
