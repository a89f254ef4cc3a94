package export

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Format is a way in which exports are written.
type Format uint8

// The formats. Auto stands for recognising one from the content.
const (
	Auto            Format = iota
	SOAP                   // answer of the client configuration web service
	Properties             // key = value text: logs, a pasted Show Server Health, .properties
	YAML                   // our own keys
	JSON                   // our own keys
	Registry               // Windows registry export
	Jabber                 // jabber-config.xml
	JabberBootstrap        // jabber-bootstrap.properties
	AXL                    // answer of Unified CM's administrative XML interface
	RunSQL                 // output of the CLI command "run sql"
	Cluster                // output of the CLI command "show network cluster"
)

var formatNames = [...]string{"auto", "soap", "properties", "yaml", "json", "registry", "jabber", "jabber-bootstrap", "axl", "run-sql", "cluster"}

func (f Format) String() string { return formatNames[f] }

// Records reports whether a format holds records of a server rather than settings: fields that are no keys are no mistakes there.
func (f Format) Records() bool { return f == AXL || f == RunSQL || f == Cluster }

// ParseFormat reads the value of --input-format.
func ParseFormat(s string) (Format, error) {
	for i, n := range formatNames {
		if n == s {
			return Format(i), nil
		}
	}
	return Auto, fmt.Errorf("unknown input format %q: use %s", s, strings.Join(formatNames[:], ", "))
}

// Formats is a set of formats.
type Formats uint16

// Has reports whether the set has the format.
func (s Formats) Has(f Format) bool { return s&(1<<f) != 0 }

func (s Formats) String() string {
	var names []string
	for f := SOAP; int(f) < len(formatNames); f++ {
		if s.Has(f) {
			names = append(names, f.String())
		}
	}
	return strings.Join(names, ", ")
}

// Bounds on one input. An input that breaks one is refused with a BoundError.
const (
	MaxFile       = 16 << 20 // bytes of a file or archive member
	MaxDepth      = 64       // elements, maps or sections inside one another
	MaxProperties = 100_000  // properties of one export
)

// A Reader reads one input after the other and uses its memory again, so an Export is valid until the next call. Use one
// Reader in each goroutine. The zero value is ready.
type Reader struct {
	// Force is the format to take every input for; Auto recognises each from its content.
	Force Format
	// Reuse lets the strings of an Export lie in memory that the next input is read into. Whoever sets it copies every
	// string that outlives the Export: a string that is kept will change. It saves half of the collector's work.
	Reuse bool
	// Stdin is what the source Stdin stands for; nil means the process's own.
	Stdin io.Reader

	// Watch, if set, is told of every source that was loaded, before what it holds is read.
	Watch func(*Loaded)

	exp   Export
	stamp Stamp
	order []KeyID // of the export before
	buf   []byte
	text  []byte // with Reuse
	soap  soapReader
	reg   registryReader
}

// Parse reads one export from data. The file name serves messages only. Errors are of type *Error.
func (r *Reader) Parse(file string, data []byte) (*Export, error) {
	e := &r.exp
	if r.order == nil {
		r.order = make([]KeyID, 0, guesses)
	}
	clear(e.first[:])
	clear(e.Properties) // no string of an earlier file stays alive
	e.Properties = e.Properties[:0]
	e.File, e.Format, e.text, e.enc = file, r.Force, "", utf8Plain
	e.at, e.secrets, e.secretsKnown = cursor{}, e.secrets[:0], false
	if len(data) > MaxFile {
		return nil, r.fail(0, &BoundError{"the file is larger than an export can be", MaxFile >> 20, "MiB"})
	}
	if err := r.decode(data); err != nil {
		return nil, err
	}
	if e.Format == Auto {
		e.Format = detect(e.text)
	}
	if (e.Format == SOAP || e.Format == Jabber || e.Format == AXL) && e.enc != utf8Plain {
		data = []byte(e.text) // the lexer reads bytes; Windows-1252 and UTF-16 came as others
	}
	var err error
	switch e.Format {
	case SOAP, Jabber, AXL:
		err = r.readSOAP(data)
	case JabberBootstrap:
		err = r.readBootstrap()
	case RunSQL:
		err = r.readRunSQL()
	case Cluster:
		err = r.readCluster()
	case Properties:
		err = r.readText()
	case YAML:
		err = r.readYAML()
	case JSON:
		err = r.readJSON()
	case Registry:
		err = r.readRegistry()
	default:
		if strings.Contains(e.text, "Invalid request") {
			return nil, r.fail(0, ErrRefused)
		}
		return nil, r.fail(0, ErrUnknownFormat)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// lookup is Lookup with a guess: exports of one server name the same keys in the same order, so the key that came at
// this place in the export before is tried first.
func (r *Reader) lookup(name string) (KeyID, int) {
	at := len(r.exp.Properties)
	if at < len(r.order) {
		if k := r.order[at]; table[k].Name == name {
			return k, 0
		}
	}
	k, n, _ := Lookup(name)
	if at < cap(r.order) && n == 0 {
		if at >= len(r.order) {
			r.order = r.order[:at+1]
		}
		r.order[at] = k
	}
	return k, n
}

// guesses is how many keys of an export are guessed.
const guesses = 256

// add keeps a property.
func (r *Reader) add(p *Property) error {
	e := &r.exp
	if len(e.Properties) >= MaxProperties {
		return r.fail(int(p.nameStart), &BoundError{"properties in one export", MaxProperties, "properties"})
	}
	e.Properties = append(e.Properties, *p)
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
	case p.Key == NoKey:
		return p.Name
	case p.N != 0:
		return p.Key.Name(p.N)
	}
	return p.Key.String()
}

// Range returns the place of the property's value in the original file.
func (e *Export) Range(p *Property) Range { return e.rangeOf(p.valueStart, p.valueEnd) }

// NameRange returns the place of the property's key in the original file.
func (e *Export) NameRange(p *Property) Range { return e.rangeOf(p.nameStart, p.nameEnd) }

func (e *Export) rangeOf(start, end int32) Range {
	from := *e.seek(int(start))
	to := from
	to.advance(e, int(end))
	return Range{Line: from.line, Column: from.column, EndLine: to.line, EndColumn: to.column, Start: from.original, End: to.original}
}

// detect recognises the format from the first lines.
func detect(text string) Format {
	trimmed := strings.TrimLeft(text, " \t\r\n")
	switch {
	case trimmed == "":
		return Auto
	case trimmed[0] == '<':
		return SOAP
	case strings.HasPrefix(trimmed, registryHeader), strings.HasPrefix(trimmed, registryHeader4):
		return Registry
	case trimmed[0] == '{':
		return JSON
	case trimmed[0] == '[' && strings.IndexAny(strings.TrimLeft(trimmed[1:], " \t\r\n"), "[{\"]") == 0:
		return JSON
	}
	switch {
	case isBootstrap(trimmed):
		return JabberBootstrap
	case isRunSQL(trimmed):
		return RunSQL
	case isCluster(trimmed):
		return Cluster
	}
	return detectLines(text)
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
			return Properties // a line that is no YAML
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
	if body == "---" || body == "..." || strings.HasPrefix(body, "- ") || body == "-" || strings.HasPrefix(body, "%YAML") || strings.HasPrefix(body, "--- ") {
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
		for n < len(body) && keyByte(body[n]) {
			n++
		}
		if n == 0 || !letter(body[0]) {
			return strings.HasPrefix(body, "}") || strings.HasPrefix(body, "]")
		}
		rest = body[n:]
	}
	return rest == ":" || strings.HasPrefix(rest, ": ")
}

// secretName reports whether the name of an unknown key says that its value is a secret.
func secretName(name string) bool {
	for _, word := range [...]string{"password", "passwd", "passphrase", "pwd", "secret", "credential", "token", "session-key", "sessionkey", "authorization"} {
		if containsFold(name, word) {
			return true
		}
	}
	return false
}

func containsFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
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
