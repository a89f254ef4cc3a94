package export

import (
	"cmp"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"

	"cupclint/export/appliance"
	"cupclint/export/copied"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
	"cupclint/internal/secret"
)

// Bounds on one input. An input that breaks one is refused with a BoundError.
const (
	MaxFile       = 16 << 20 // bytes of a file or archive member
	MaxSession    = 64 << 20 // bytes of a file that holds sessions of a server's command line
	MaxDepth      = 64       // elements, maps or sections inside one another
	MaxProperties = 500_000  // properties of one export
)

// A Reader reads one input after the other and uses its memory again, so an Export is valid until the next call. Use one
// Reader in each goroutine. The zero value is ready.
type Reader struct {
	// Force is the format to take every input for; Auto recognises each from its content.
	Force Format
	// Reuse lets the strings of an Export point into memory that the next input is read into. Anyone who sets it copies every
	// string that outlives the Export: a string that is kept will change. It saves half of the collector's work.
	Reuse bool
	// Stdin is what the source Stdin stands for; nil means the process's own.
	Stdin io.Reader

	// Passed, if set, is called for every file of another tool that was met in a folder or an archive and skipped.
	Passed func(*Passed)
	// SkipForeign skips files of other tools that were named, too, as those in a folder are. It is for hooks, which name all files
	// of a change.
	SkipForeign bool

	// Log, if set, is called for each input: what it was treated as, how much was understood in it, or why it was skipped.
	Log *slog.Logger

	// Evidence asks for logs that hold evidence and no setting, too: without it they are inputs in which there is nothing to check.
	Evidence bool

	exp     Export
	buf     []byte
	size    int64 // of the file that is being loaded; 0 where it is not known
	file    fileInput
	text    []byte // with Reuse
	data    []byte // as it was given, while it is read
	xml     xmlReader
	reg     registryReader
	numbers map[string]int // records of servers so far, by family of keys
	names   []yamlName     // of earlier files, by node
	finder  secret.Finder
	// passwords says that a property of the export has a secret as its value.
	passwords bool
}

// Parse reads one export from data. The file name serves messages only. Errors are of type *Error.
func (r *Reader) Parse(file string, data []byte) (*Export, error) {
	e, err := r.parse(file, data, nil)
	if err == nil && !notUnderstood(e.Problem) || err != nil && !mayLookAgain(err) {
		return e, r.clientFinds(err)
	}
	e, err = r.lookAgain(file, data, e, err)
	return e, r.clientFinds(err)
}

// parse reads an export. With a look, which says so, the text is read in another way than it is in the file.
func (r *Reader) parse(file string, data []byte, l *look) (*Export, error) {
	e := &r.exp
	clear(r.numbers)
	clear(e.first[:])
	clear(e.Properties) // no string of an earlier file stays alive
	e.Properties = e.Properties[:0]
	e.File, e.Format, e.text, e.enc, e.unmarked = file, r.Force, "", utf8Plain, false
	e.copy, e.rawAt = copied.Text{}, rawCursor{}
	e.coded, e.lifted, e.types = nil, nil, nil
	e.from, e.to, e.other = 0, 0, 0
	r.passwords = false
	e.at, e.secrets, e.secretsKnown = cursor{}, e.secrets[:0], false
	e.Evidence, e.Hollow, e.nothing = nil, nil, Hollow{}
	e.without, e.unsure = e.without[:0], false
	e.ignored, e.recognised, e.empty, e.looks, e.hint, e.Problem = 0, false, false, "", "", nil
	clear(e.Found)
	e.Found, e.scanned, e.whole, e.cells = e.Found[:0], e.scanned[:0], false, e.cells[:0]
	if len(data) > MaxFile && !r.long(data) {
		return nil, r.fail(0, &BoundError{"the file is larger than an export can be", MaxFile >> 20, "MiB"})
	}
	data = withoutEndMark(data)
	if err := r.decode(data); err != nil {
		return nil, err
	}
	if l == nil && r.readPlain(file) {
		return e, r.judge()
	}
	if l == nil {
		l = &look{}
	}
	if l.part != nil {
		l.part(r)
		file = cmp.Or(l.name, file)
	}
	r.undecorate()
	if l.joined != nil {
		l.joined(r)
	}
	force := r.Force
	if force == Auto && bootstrapName(file) && bootstrapSign(e.text) {
		force = JabberBootstrap
	}
	if force == Auto && (appliance.Named(file) || e.copy.InDocument && isSession(strings.TrimLeft(r.exp.text, " \t\r\n"))) {
		force = CLI
	}
	reader := cmp.Or(l.as, readerOf(force, e.text))
	if force == Auto && l.as == nil && (reader == nil || reader.format == Properties || reader.format == YAML ||
		reader.format == SOAP && e.copy.Decorated()) {
		if from, to, other, ok := xmlWithin(e.text); ok {
			reader = readerOf(SOAP, "")
			switch own := clientsOwn(file, e.text[from:]); {
			case !own:
				e.from, e.to, e.other = from, to, other
			case fold.HasPrefix(strings.TrimSpace(e.copy.Original), "&lt;"): // to a client, this is text, as all around the document is
				e.text, e.copy = e.copy.Original, copied.Text{}
			}
		}
	}
	if l.end > 0 {
		reader = readerOf(SOAP, "")
		e.from, e.to = l.start, l.end
	}
	if reader == nil {
		return nil, r.notUnderstood(ErrUnknownFormat)
	}
	if blanks := len(e.text) - len(strings.TrimLeft(e.text, " \t\r\n")); blanks > 0 && e.to == 0 && reader.format == SOAP &&
		!clientsOwn(file, e.text[blanks:]) { // a copy of an answer may begin with the empty line after the headers
		e.from, e.to = blanks, len(e.text)
	}
	e.Format = reader.format
	r.data = data
	err := reader.read(r)
	r.data = nil
	if err != nil {
		return nil, err
	}
	if e.to > 0 {
		r.ignoreLines(0, e.from)
		r.ignoreLines(e.to, len(e.text))
	}
	if e.other > 0 && e.Problem == nil {
		e.Problem = r.fail(e.other, errOther)
	}
	r.findOutside()
	if r.passwords {
		r.coverAgain()
	}
	e.secrets, e.secretsKnown = e.secrets[:0], false // a reader that showed a line knew only some of them
	if err := r.judge(); err != nil {
		return nil, err
	}
	return e, nil
}

// add hides the secrets of a property and keeps it.
func (r *Reader) add(p *Property) error {
	r.hide(p)
	return r.store(p)
}

func (r *Reader) hide(p *Property) {
	if p.Key == NoKey && !p.secret {
		p.secret = IsSecret(p.Name, p.Value)
	}
	if !p.Secret() && mayHoldSecret(p) {
		r.cover(p)
	}
}

func (r *Reader) store(p *Property) error {
	e := &r.exp
	if len(e.Properties) >= MaxProperties {
		return r.fail(int(p.nameStart), &BoundError{"properties in one export", MaxProperties, "properties"})
	}
	e.Properties = append(e.Properties, *p)
	r.passwords = r.passwords || p.Secret()
	if p.Key != NoKey && e.first[p.Key] == 0 {
		e.first[p.Key] = int32(len(e.Properties))
	}
	return nil
}

// fail makes the error for a place in the decoded text.
func (r *Reader) fail(offset int, err error) error {
	e := &Error{File: r.exp.File, Err: err}
	if text := r.exp.text; text != "" {
		offset = min(max(offset, 0), len(text))
		at := *r.exp.seek(offset)
		e.Line, e.Column = at.line, at.column
	}
	return e
}

func (r *Reader) lineOf(offset int) int {
	return r.exp.seek(offset).line
}

// Canonical returns the key in canonical spelling with its number, or the name as written when the key is unknown.
func (p *Property) Canonical() string {
	switch {
	case p.Key == NoKey, p.Key >= applianceFirst:
		return p.Name
	case p.N != 0:
		return p.Key.Name(p.N)
	}
	return p.Key.String()
}

// CanonicalCopy is Canonical in memory that stays as it is.
func (p *Property) CanonicalCopy() string {
	name := p.Canonical()
	if p.Key == NoKey || p.Key >= applianceFirst { // the name as it is in the file
		return strings.Clone(name)
	}
	return name
}

// Range returns the place of the property's value in the original file.
func (e *Export) Range(p *Property) Range { return e.rangeOf(p.valueStart, p.valueEnd) }

// NameRange returns the place of the property's key in the original file.
func (e *Export) NameRange(p *Property) Range { return e.rangeOf(p.nameStart, p.nameEnd) }

func (e *Export) rangeOf(start, end int32) Range {
	e.Asked.Else = true
	from := *e.seek(int(start))
	to := from
	to.advance(e, int(end))
	if e.copy.Decorated() && end > start {
		cut := e.copy.Cut(int(end))
		to.original -= e.originalLen(cut)
		to.before(e, cut)
	}
	return Range{Line: from.line, Column: from.column, EndLine: to.line, EndColumn: to.column, Start: from.original, End: to.original}
}

// detectLines tells YAML from other text: in YAML every line that says something is a key with a colon, a list item, a
// document mark or indented below one. At most the first lines are looked at.
func detectLines(text string) Format {
	const most = 64
	yaml, pairs := 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		body := strings.TrimLeft(line, " ")
		if body == "" || body[0] == '#' {
			continue
		}
		switch {
		case yamlLine(body):
			yaml++
		case yaml > 0 && body != line && strings.IndexByte(body, '=') < 0:
			// The text of a block, or the rest of a list: the library decides.
		case strings.ContainsAny(body, "=:"):
			pairs++
		case yaml > 0 && body == line:
			return Properties // a line that is not YAML
		}
		if yaml+pairs >= most {
			break
		}
	}
	switch {
	case yaml > 0 && pairs == 0:
		return YAML
	case yaml+pairs > 0:
		return Properties
	}
	return Auto
}

func yamlLine(body string) bool {
	if body == "---" || body == "..." || strings.HasPrefix(body, "- ") || body == "-" || strings.HasPrefix(body, "%YAML") ||
		strings.HasPrefix(body, "--- ") {
		return true
	}
	rest := body
	switch body[0] {
	case '"', '\'':
		end := strings.IndexByte(body[1:], body[0])
		if end < 0 {
			return false
		}
		rest = body[end+2:]
	default:
		n := 0
		for n < len(body) && chars.Key(body[n]) {
			n++
		}
		if n == 0 || !chars.Letter(body[0]) {
			return strings.HasPrefix(body, "}") || strings.HasPrefix(body, "]")
		}
		rest = body[n:]
	}
	return rest == ":" || strings.HasPrefix(rest, ": ")
}

func validText(s string) (at int, ok bool) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i, false
		}
		i += size
	}
	return 0, true
}
