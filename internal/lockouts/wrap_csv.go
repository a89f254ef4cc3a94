package lockouts

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// layout says where a table keeps what is read; -1 is nowhere.
type layout struct {
	id, when, clock, logger, message, strings, payload int
	fields                                             map[int]string
	header                                             bool
	utc                                                bool // times without a zone are UTC
	guess                                              int  // the event number of a table that has no column for it
}

// looksCSV reports whether the first record is a header that is known, or a row of Event Viewer of 2003.
func (w *wrapping) looksCSV(sample string) bool {
	sample = skipComments(sample)
	r := newCSV(strings.NewReader(sample), separator(sample))
	row, err := r.Read()
	if err != nil || len(row) < 2 {
		return false
	}
	l, ok := w.columns(row)
	if !ok {
		if row, err = r.Read(); err != nil {
			return false
		}
		l, ok = headless(row) // below a header in a language that is not known
	}
	return ok && (l.id >= 0 || l.guess > 0)
}

func newCSV(r io.Reader, comma rune) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma, c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = comma, true, -1, true
	return c
}

// skipComments drops Export-Csv's #TYPE and Excel's sep= line.
func skipComments(s string) string {
	for strings.HasPrefix(s, "#") || strings.HasPrefix(strings.ToLower(s), "sep=") {
		_, rest, ok := strings.Cut(s, "\n")
		if !ok {
			return ""
		}
		s = strings.TrimLeft(rest, "\r\n")
	}
	return s
}

// separator looks at the first line: Export-Csv of some languages writes semicolons.
func separator(s string) rune {
	line, _, _ := strings.Cut(s, "\n")
	best, sep := 0, ','
	for _, c := range []rune{',', ';', '\t', '|'} {
		if n := strings.Count(line, string(c)); n > best {
			best, sep = n, c
		}
	}
	return sep
}

// readCSV reads the exports of Event Viewer, PowerShell and LogParser, with the message in one column or one column for each field.
func (w *wrapping) readCSV(in *bufio.Reader) error {
	for {
		head, err := in.Peek(6)
		if len(head) == 0 {
			return err
		}
		if head[0] != '#' && !strings.HasPrefix(strings.ToLower(string(head)), "sep=") && head[0] != '\r' && head[0] != '\n' {
			break
		}
		if _, err := in.ReadString('\n'); err != nil {
			return nil
		}
	}
	sample, _ := in.Peek(8192)
	b := &bounded{r: in}
	b.renew()
	r := newCSV(b, separator(string(sample)))
	row, err := r.Read()
	if err != nil {
		return err
	}
	cols, ok := w.columns(row)
	if !ok { // a header in a language that is not known
		b.renew()
		if row, err = r.Read(); err != nil {
			return nil
		}
		cols, _ = headless(row)
	}
	if !cols.header {
		w.csvRow(row, &cols)
	}
	for {
		b.renew()
		row, err := r.Read()
		line, _ := r.FieldPos(0)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(row) == 1 && strings.HasPrefix(row[0], "#"):
			continue
		case line > 0:
			w.csvRow(row, &cols)
		}
	}
}

// columns reads a header; a row of Event Viewer of 2003, which writes none, is recognised by its shape.
func (w *wrapping) columns(row []string) (layout, bool) {
	l := layout{id: -1, when: -1, clock: -1, logger: -1, message: -1, strings: -1, payload: -1, fields: map[int]string{}}
	known := 0
	for i, name := range row {
		meaning, foreign, ok := column(name)
		if !ok {
			continue
		}
		known++
		// EvtxECmd, which has a column Payload, writes UTC; Log Analytics writes the zone into the name of the column.
		l.utc = l.utc || plain(name) == "payload" || meaning == "when" && strings.HasSuffix(name, "[UTC]")
		w.clock.foreign = w.clock.foreign || foreign
		l.set(meaning, i)
	}
	switch {
	case l.id >= 0 && known >= 2:
		l.header = true
		if l.message < 0 {
			l.message = len(row) // Event Viewer gives the text a column without a name
			if row[len(row)-1] == "" {
				l.message--
			}
		}
		return l, true
	case known >= 2 && l.guessID() > 0:
		l.header, l.guess = true, l.guessID()
		return l, true
	}
	return headless(row)
}

func (l *layout) set(meaning string, i int) {
	first := func(p *int) {
		if *p < 0 {
			*p = i
		}
	}
	switch meaning {
	case "id":
		first(&l.id)
	case "when":
		first(&l.when)
	case "clock":
		first(&l.clock)
	case "logger":
		first(&l.logger)
	case "message":
		first(&l.message)
	case "strings":
		first(&l.strings)
	case "payload":
		first(&l.payload)
	case "logname":
	default:
		l.fields[i] = meaning
	}
}

// guessID gives the event number of a table that a script made of one kind of event.
func (l *layout) guessID() int {
	have := fields{}
	for _, f := range l.fields {
		have[f] = f
	}
	return have.guessID()
}

// guessID gives the event number by the fields that there are: a caller is of 4740 alone, a status of failed log-ins.
func (f fields) guessID() int {
	has := func(name string) bool { _, ok := f[name]; return ok }
	switch {
	case !has("TargetUserName") && !has("User"):
		return 0
	case has("CallerComputer"):
		return Locked
	case has("Status") || has("SubStatus"):
		return LogonBad
	}
	return 0
}

// headless finds the columns of a row without a header: date, time, source, type, category, event, user, computer, description
// (Event Viewer of 2003).
func headless(row []string) (layout, bool) {
	l := layout{id: -1, when: -1, clock: -1, logger: -1, message: -1, strings: -1, payload: -1}
	if len(row) >= 9 && number(row[5]) > 0 && strings.Trim(row[5], "0123456789 ") == "" {
		if _, ok := parseDate(row[0] + " " + row[1]); ok {
			l.when, l.clock, l.id, l.logger, l.message = 0, 1, 5, 7, 8
			return l, true
		}
	}
	// Event Viewer's "Save as CSV": keywords, date, source, number, task, text. The header is in the language of Windows.
	if len(row) >= 6 && number(row[3]) > 0 && strings.Trim(row[3], "0123456789 ") == "" && strings.Contains(row[2], "Microsoft-Windows-") {
		if _, ok := parseDate(row[1]); ok {
			l.when, l.id, l.message = 1, 3, 5
			return l, true
		}
	}
	return l, false
}

func (w *wrapping) csvRow(row []string, l *layout) {
	at := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return strings.Clone(strings.TrimSpace(row[i]))
	}
	x := &raw{id: at(l.id), logger: at(l.logger), message: at(l.message), fields: fields{}, utc: l.utc}
	if l.guess > 0 {
		x.id = strconv.Itoa(l.guess)
	}
	if number(x.id) == 0 {
		return
	}
	x.when = strings.TrimSpace(at(l.when) + " " + at(l.clock))
	for i, name := range l.fields {
		if x.fields.get(name) == "" {
			x.fields[name] = at(i)
		}
	}
	if s := at(l.strings); s != "" {
		x.values = strings.Split(s, "|")
	}
	x.object(at(l.payload))
	for _, cell := range row {
		x.within(cell)
	}
	if l.guess > 0 && x.fields.get("TargetUserName", "User") == "" {
		return // a row of totals, or an empty one
	}
	w.take(x)
}

// bounded is a reader with an allowance that the parser renews at every event.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) renew() { b.left = maxEvent + 64<<10 }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
