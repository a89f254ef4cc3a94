package diagnose

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	"cupclint/export"
	"cupclint/lint"
)

// An Item is a line that says that something fails, or that tells about the setup.
type Item struct {
	// Name is the service it is about: login, presence, directory, desk phone, soft phone, voicemail, calendar, meeting, tftp, device list, sync,
	// ntp, services, replication, ha, uds, edge, sso, config, phone control; other where it names something that is not known; empty where it names none.
	Name string
	// Signs are what it says, in the words of words.tsv.
	Signs   []string
	Message string // the line, without blanks around it
	File    string // empty for the paste
	Line    int    // from 1
	// Hint marks a line that tells about the setup and says of no failure.
	Hint bool
	// quiet marks a line of a log below warning: it counts as evidence, and is not missed where no cause knows it.
	quiet bool
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

// An Answer is one that nobody gave: where it is from and what is there.
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
)

// Read understands a text: lines in any order and shape. File is empty for a paste; it names the place of each item otherwise. UTF-16 is read where
// a byte order mark says so, as Notepad writes it. The error names the line that is too long.
func Read(r io.Reader, file string) (*Paste, error) {
	w, err := theWords()
	if err != nil {
		return nil, err
	}
	r, err = unmarked(r)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(r)
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

	heading    string // of a block about something that is not known
	imapColumn int    // where a table of mailboxes says whether IMAP is on; 0 outside one
}

// line reads one line.
func (rd *reader) line(number int, raw string) {
	text := strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	if text == "" || len(rd.paste.Items) >= maxItems {
		return
	}
	rd.paste.Lines++
	if rd.service(number, text) || rd.queue(number, text) || rd.report(number, text) || rd.mailboxes(number, raw) {
		return
	}
	if resolvedRow().MatchString(text) {
		rd.paste.Healthy++
	}
	message, level, log := logLine(text)
	low := folded(message)
	ts := rd.w.replaced(tokens(low))
	found := rd.search(low, ts)
	rd.heal(ts)
	names := slices.DeleteFunc(slices.Clone(found), func(m match) bool { return m.p.kind != "service" })
	label := rd.label(ts, names)
	if len(found) == 0 && strings.HasSuffix(text, ":") && rd.stranger(ts) {
		rd.block, rd.heading = strange, text // the block of something that is not known
	}
	if log && level != "" {
		rd.answer(number, text, "version", "jabber", strings.Contains(text, "csf") || strings.Contains(text, "CSF"))
	}
	signs := rd.signs(ts, low, found, log && level != "warn")
	byName := make(map[string][]string)
	quiet := log && level != "warn"
	for _, m := range signs {
		name := m.p.service
		if m.p.kind != "code" || name == "" {
			name = cmp.Or(rd.nameOf(m, names, label, ts), name)
		}
		if name == "" {
			name = rd.blockOf(m, ts, found)
		}
		byName[name] = append(byName[name], m.p.meaning)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		says := message
		if name == strange && rd.heading != "" {
			says = rd.heading + " " + message
		}
		rd.paste.Items = append(rd.paste.Items, Item{Name: name, Signs: specific(byName[name]), Message: shortened(says), File: rd.file, Line: number, quiet: quiet})
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

// A match is a pattern in a line: tokens from start to end, or bytes where the alphabet has no blanks.
type match struct {
	p          *pattern
	start, end int
	clause     int
	foreign    bool
}

// search finds the patterns in a line: of those that overlap, the one with the most words, then the closest. Services, failures and answers do not compete.
func (rd *reader) search(low string, ts []token) []match {
	var all []match
	for i := range ts {
		try := func(p *pattern) {
			if end := p.matches(ts, i); end >= 0 {
				all = append(all, match{p: p, start: i, end: end, clause: ts[end-1].clause})
			}
		}
		for _, p := range rd.w.byFirst[ts[i].text] {
			try(p)
		}
		for _, p := range rd.w.byPrefix {
			try(p)
		}
	}
	if foreign(low) {
		for _, p := range rd.w.scripts {
			if at := strings.Index(low, p.literal); at >= 0 {
				all = append(all, match{p: p, start: at, end: at + len(p.literal), clause: clauseAt(ts, at), foreign: true})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b match) int {
		return cmp.Or(b.p.count-a.p.count, a.end-a.start-(b.end-b.start), a.start-b.start)
	})
	var kept []match
	for _, m := range all {
		if !slices.ContainsFunc(kept, func(k match) bool {
			return group(k.p) == group(m.p) && k.foreign == m.foreign && m.start < k.end && k.start < m.end
		}) {
			kept = append(kept, m)
		}
	}
	slices.SortStableFunc(kept, func(a, b match) int { return a.start - b.start })
	return kept
}

func group(p *pattern) string {
	if p.kind == "code" {
		return "fails"
	}
	return p.kind
}

func clauseAt(ts []token, at int) int {
	clause := 0
	for _, t := range ts {
		if t.start > at {
			break
		}
		clause = t.clause
	}
	return clause
}

// heal takes earlier signs back where the line says so.
func (rd *reader) heal(ts []token) {
	for i := range ts {
		for _, p := range rd.w.heals[ts[i].text] {
			if p.matches(ts, i) < 0 {
				continue
			}
			rd.drop(p.meaning)
			if p.service == "both" {
				rd.healed[p.meaning] = true
			}
		}
	}
}

// drop takes a sign out of the items so far.
func (rd *reader) drop(sign string) {
	for i := range rd.paste.Items {
		it := &rd.paste.Items[i]
		it.Signs = slices.DeleteFunc(it.Signs, func(s string) bool { return s == sign })
	}
	n := len(rd.paste.Items)
	rd.paste.Items = slices.DeleteFunc(rd.paste.Items, func(it Item) bool { return len(it.Signs) == 0 })
	if len(rd.paste.Items) < n {
		rd.paste.Healthy++
	}
}

// finish takes back what a later line healed.
func (rd *reader) finish() {
	for sign := range rd.healed {
		rd.drop(sign)
	}
}

// signs are the failures of the line that no word of health takes back.
func (rd *reader) signs(ts []token, low string, found []match, quiet bool) []match {
	var out []match
	for _, m := range found {
		switch {
		case m.p.kind != "fails" && m.p.kind != "code":
		case quiet && m.p.meaning == "failed":
		case !m.foreign && rd.fine(ts, m), m.foreign && strings.Contains(low, "正常"):
			rd.paste.Healthy++
		default:
			out = append(out, m)
		}
	}
	return out
}

// fine reports whether words of health next to a failure take it back: no errors, failed attempts: 0, certificate: valid, timeout: 30.
func (rd *reader) fine(ts []token, m match) bool {
	if m.p.kind == "code" {
		return false
	}
	for back := 1; back <= 2 && back <= m.start; back++ {
		t := ts[m.start-back]
		switch {
		case t.after != 0, t.clause != ts[m.start].clause, !rd.w.fineFirst[t.text]:
		case t.text == "0" && m.start > back && ts[m.start-back-1].after == '.': // 2.0 is a version
		case back == 1, counted(ts[m.start].text) && t.text != "not":
			return true
		}
	}
	for _, t := range ts[m.start:m.end] { // account is not locked
		if negates(t.text) && !slices.Contains(m.p.words, t.text) {
			return true
		}
	}
	last := m.end - 1
	for last+1 < len(ts) && ts[last+1].clause == m.clause {
		last++
	}
	if rd.fineAny(ts, m.clause) {
		return true
	}
	if last < m.end || last == 0 { // nothing behind it
		return false
	}
	assigned := strings.ContainsRune(":=[(\t|", ts[last-1].after) && ts[last-1].after != 0
	if assigned && rd.w.fineEnd[ts[last].text] {
		return true
	}
	return m.p.meaning == "timeout" && strings.ContainsRune(":=", ts[m.end-1].after) && ts[m.end-1].after != 0 && digits(ts[m.end].text)
}

// fineAny reports words that say that all is well, in the clause; in any clause where it is negative.
func (rd *reader) fineAny(ts []token, clause int) bool {
	for i := range ts {
		for _, p := range rd.w.fineAny {
			if p.matches(ts, i) >= 0 && (clause < 0 || ts[i].clause == clause) {
				return true
			}
		}
	}
	return false
}

// counted reports a word for a failure that is counted: no certificate errors.
func counted(word string) bool {
	switch word {
	case "error", "errors", "problem", "problems", "failure", "failures", "exceptions", "fehler", "erreur", "erro", "errore":
		return true
	}
	return false
}

// negates reports a word that turns what it stands before into the contrary.
func negates(word string) bool {
	switch word {
	case "not", "never", "nicht", "pas", "nao", "kein":
		return true
	}
	return false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// label is the service that the line begins with, behind bullets, and opens its block where the line is a heading or a field.
func (rd *reader) label(ts []token, names []match) string {
	if len(ts) > 0 && ts[0].after == ':' && (ts[0].text == "http" || ts[0].text == "https") { // what the browser shows for this address comes next
		end := slices.IndexFunc(ts, func(t token) bool { return t.after == 0 })
		for _, m := range names {
			if m.end-1 <= end || end < 0 {
				rd.block = m.p.meaning
			}
		}
		return rd.block
	}
	if len(names) == 0 || names[0].foreign || names[0].start > 0 && (names[0].start > 1 || ts[0].text != "x" && ts[0].text != "cisco") {
		return ""
	}
	m := names[0]
	after := ts[m.end-1].after
	switch {
	case m.end == len(ts), strings.ContainsRune(":=-([/\t|.", after) && after != 0, len(ts) <= 4:
		rd.block = m.p.meaning
		rd.heading = ""
		return rd.block
	}
	return ""
}

// strange is the service of a line about something that the table does not know.
const strange = "other"

// blockOf is the service that a failure without one is about: that of the block, unless the line begins with the name of something else.
func (rd *reader) blockOf(m match, ts []token, found []match) string {
	switch {
	case rd.block == "" || m.foreign || !rd.stranger(ts[:m.start], found...):
		return rd.block
	case ts[m.start-1].after == ':': // the lines behind it may belong to it
		rd.block, rd.heading = strange, ""
	}
	return strange
}

// stranger reports words that name something: not names of fields, as in "Reason:", not parts of hosts, numbers or times, and not what is known.
func (rd *reader) stranger(ts []token, known ...match) bool {
	for i, t := range ts {
		if slices.ContainsFunc(known, func(m match) bool { return !m.foreign && m.start <= i && i < m.end }) {
			continue
		}
		joined := t.after == '.' || t.after == '@' || i > 0 && (ts[i-1].after == '.' || ts[i-1].after == '@')
		if !joined && len(t.text) > 1 && !rd.w.fill[t.text] && !strings.ContainsAny(t.text, "0123456789") {
			return true
		}
	}
	return false
}

func firstName(names []match) string {
	for _, m := range names {
		return m.p.meaning
	}
	return ""
}

// nameOf finds the service that a failure is about: the line's label, else the one before it in its clause, else the one behind it, else any in the
// line. The log-in is named in many lines that are about something else, so it comes last.
func (rd *reader) nameOf(m match, names []match, label string, ts []token) string {
	if label != "" && label != "login" {
		return label
	}
	best, score := "", 0
	for _, n := range names {
		s := 1
		at := n.start
		if n.foreign != m.foreign {
			s = 2
		} else if n.clause == m.clause {
			s = 4
			if at < m.end {
				s = 5
			}
		}
		if n.p.meaning == "login" {
			s -= 3
		}
		if s > score || s == score && n.end <= m.start {
			best, score = n.p.meaning, s
		}
	}
	return cmp.Or(best, label)
}

// specific leaves general signs out where a line says more.
func specific(signs []string) []string {
	general := []string{"failed", "login-failed", "unreachable", "unknown-status"}
	slices.Sort(signs)
	signs = slices.Compact(signs)
	exact := slices.ContainsFunc(signs, func(s string) bool { return !slices.Contains(general, s) })
	if exact {
		return slices.DeleteFunc(signs, func(s string) bool { return slices.Contains(general, s) })
	}
	if len(signs) > 1 {
		signs = slices.DeleteFunc(signs, func(s string) bool { return s == "failed" })
	}
	return signs
}

// logLine takes what a logger writes before the message off: 2024-04-04 10:11:12,101 WARN [0x1] [file.cpp(52)] [part] [function] - message. The level is
// warn for warnings and worse, info below, empty where there is none.
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

// serviceRow is a line of utils service list: Cisco Tomcat[STARTED], with a reason behind it.
var serviceRow = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:[>*-]+\s*)?([A-Za-z][A-Za-z0-9 &./-]*?)\s*\[\s*(STARTED|STARTING|STOPPED|STOPPING|NOTRUNNING|NOT RUNNING|NOT STARTED|NOT ACTIVATED|UNKNOWN|ACTIVATED|RUNNING)\s*\]\s*(.*)$`)
})

// service reads a line of utils service list. What was stopped by hand or failed is a failure; what is not activated is one only where clients need it.
func (rd *reader) service(number int, text string) bool {
	if !strings.Contains(text, "[") {
		return false
	}
	f := serviceRow().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	name := strings.Join(rd.w.canonical(split(f[1])), " ")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "cisco "), "up ")
	role := rd.w.roles[name]
	state, reason := strings.ToUpper(f[2]), strings.ToLower(f[3])
	sign := ""
	switch {
	case state == "STARTED", state == "ACTIVATED", state == "RUNNING":
		rd.paste.Healthy++
		return true
	case role != nil && role.service == "normal":
		rd.paste.Healthy++
		return true
	case strings.HasPrefix(state, "NOT") && state != "NOT ACTIVATED", state == "UNKNOWN":
		sign = "service-failed"
	case strings.Contains(reason, "not activated"), state == "NOT ACTIVATED":
		if role == nil || role.service != "needed" || role.meaning == "tftp" || role.meaning == "soft phone" || role.meaning == "desk phone" {
			return true // never switched on on this node
		}
		sign = "service-down"
	default:
		sign = "service-down"
	}
	item := Item{Signs: []string{sign}, Message: text, File: rd.file, Line: number}
	if role != nil {
		item.Name = role.meaning
	}
	rd.paste.Items = append(rd.paste.Items, item)
	return true
}

// queueRow is a row of show tech notify: slot, in the queue, processed, head, tail, tables, client.
var queueRow = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*\d+ I (\d+) P \d+ H (\d+) T (\d+) S \d+ (\S+)$`)
})

// queue reads a row of show tech notify: a queue that waits for the Sync Agent is a sign that changes do not arrive.
func (rd *reader) queue(number int, text string) bool {
	f := queueRow().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	if (f[1] != "0" || f[2] != f[3]) && strings.Contains(strings.ToLower(f[4]), "sync") {
		rd.paste.Items = append(rd.paste.Items, Item{Name: "sync", Signs: []string{"queue"}, Message: text, File: rd.file, Line: number})
	} else {
		rd.paste.Healthy++
	}
	return true
}

// resolvedRow is a name with its address in the output of nslookup.
var resolvedRow = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^Name:\s+\S+\.\S+$|\binternet address\s+=\s+\d|\bsvr hostname\s+=\s+\S`)
})

// mailboxes reads the table of Get-CASMailbox: the column ImapEnabled says for each mailbox whether IMAP is on.
func (rd *reader) mailboxes(number int, line string) bool {
	if at := strings.Index(line, "ImapEnabled "); at >= 0 && strings.Contains(line, "MapiEnabled") {
		rd.imapColumn = at
		return true
	}
	if rd.imapColumn == 0 || len(line) <= rd.imapColumn {
		return false
	}
	word, _, _ := strings.Cut(line[rd.imapColumn:], " ")
	switch word {
	case "False":
		rd.paste.Items = append(rd.paste.Items, Item{Name: "voicemail", Signs: []string{"imap-off"}, Message: strings.TrimSpace(line), File: rd.file, Line: number})
	case "True":
		rd.paste.Healthy++
	}
	return word == "False" || word == "True"
}

// reportRow is the first line of a finding in cupclint's own text output.
var reportRow = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\S+:\d+:\d+: )?(error|warning|info) ([A-Z]{2,5}\d{3})\b`)
})

// report reads a finding in a pasted report: the output of a check counts.
func (rd *reader) report(number int, text string) bool {
	f := reportRow().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	severity, _ := lint.ParseSeverity(f[1]) // one of the three
	rd.paste.Findings = append(rd.paste.Findings, lint.Finding{Rule: f[2], Severity: severity, Message: text, File: export.Stdin, Line: number})
	return true
}

// portRow finds ports of mail servers.
var portRow = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:port\W{0,3}|:)(143|993|7993)\b`)
})

// hints finds what tells about the setup: an address with the domain twice or behind an IP address, the port of the mail server.
func (rd *reader) hints(number int, text, low, name string) {
	var signs []string
	if name == "voicemail" {
		if f := portRow().FindStringSubmatch(low); f != nil {
			signs = append(signs, map[string]string{"143": "port-143"}[f[1]])
			if f[1] != "143" {
				signs[0] = "port-tls"
			}
		}
	}
	service := name
	for word := range strings.FieldsSeq(low) {
		address := name == "presence" || strings.Contains(word, "sip:") || strings.Contains(word, "@")
		word = strings.Trim(word, `<>"'()[],;`)
		if at := strings.LastIndexAny(word, "@"); at >= 0 {
			word = word[at+1:]
		}
		word = strings.TrimPrefix(strings.TrimPrefix(word, "sips:"), "sip:")
		word, _, _ = strings.Cut(word, ":")
		word = strings.TrimRight(word, ".")
		if sign := wrongAddress(word); sign != "" && address {
			signs, service = append(signs, sign), "presence"
		}
	}
	if len(signs) > 0 {
		rd.paste.Items = append(rd.paste.Items, Item{Name: service, Signs: slices.Compact(signs), Message: text, File: rd.file, Line: number, Hint: true})
	}
}

// wrongAddress reports a host name whose domain comes twice, or that begins or ends with an IP address.
func wrongAddress(host string) string {
	labels := strings.Split(host, ".")
	n := len(labels)
	if n < 4 || slices.Contains(labels, "") {
		return ""
	}
	numbers := 0
	for _, l := range labels {
		if v, err := strconv.Atoi(l); err == nil && v <= 255 {
			numbers++
		}
	}
	if n > 4 && numbers == 4 && digits(labels[n-1]) && digits(labels[n-4]) && !digits(labels[n-5]) {
		return "address-ip"
	}
	if n > 4 && numbers >= 4 && digits(labels[0]) && digits(labels[1]) && digits(labels[2]) && digits(labels[3]) {
		return "address-ip"
	}
	for size := 2; 2*size <= n; size++ {
		if slices.Equal(labels[n-size:], labels[n-2*size:n-size]) && !digits(labels[n-1]) {
			return "address-twice"
		}
	}
	return ""
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
		if slices.ContainsFunc(p.Items, func(i Item) bool { return !i.quiet && i.Symptom() == s }) {
			out = append(out, s)
		}
	}
	return out
}

// IsText reports whether a file is a text to be read line by line: a log, the output of a command, a mail. Files of settings are not: what they
// say is a matter of the rules.
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
