package export

import (
	"strings"
)

// jabberPrefix begins the keys of Jabber's own files. Their facts have names of their own rather than those of the client configuration
// web service: the values follow other rules, and what a Jabber client does with them depends on the section they stand in.
const jabberPrefix = "Jabber."

// A jabberDocument is a jabber-config.xml.
type jabberDocument struct {
	section []byte // that is being read, as a key begins
	nested  []byte
}

// jabberRoot reports whether the root element is that of jabber-config.xml.
func jabberRoot(space, local string) bool {
	return space == "" && strings.EqualFold(local, "config")
}

func (x *xmlReader) beginJabber() xmlDocument { return &x.jabber }

// element looks at an element of jabber-config.xml: the sections stand below the root, the keys below the sections. Some keys have
// elements of their own in them, as the tabs of a browser; those have the outer names in front.
func (d *jabberDocument) element(x *xmlReader, start int, _, local string) error {
	switch depth := len(x.open); {
	case depth == 1:
		return nil
	case depth == 2:
		d.section = append(d.section[:0], jabberPrefix...)
		d.section = append(d.section, local...)
		return nil
	default:
		x.into = false // what was taken for a key holds elements
		name := append(d.nested[:0], d.section...)
		for _, e := range x.open[2:depth] {
			name = append(append(name, '.'), e.name...)
		}
		d.nested = name
		k, n, ok := Lookup(string(name))
		if !ok && depth == 3 {
			if other := ByShortName(local); other.Group() == JabberKeys {
				k = other // in another section than its own: the value is judged all the same
			}
		}
		x.property = Property{Key: k, N: n, Name: string(name), nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
		x.enter()
		return nil
	}
}

func (d *jabberDocument) value(*xmlReader, *Property) bool { return true }

func (d *jabberDocument) text(x *xmlReader, start, end int) { x.r.ignore(start, end) }

func (d *jabberDocument) end(x *xmlReader) error {
	if !x.r.exp.knownJabber() {
		x.r.looksLike("XML with the root element config, but without a section of jabber-config.xml", "")
		return x.r.notUnderstood(ErrNoProperties)
	}
	x.r.exp.recognised = true
	return nil
}

// jabberSections are the sections of jabber-config.xml ("Parameters Reference Guide for Cisco Jabber").
var jabberSections = [...]string{"Client", "Options", "Phone", "Policies", "Presence", "Voicemail", "Directory", "BrowserContactAndChat"}

// knownJabber reports whether a document whose root is config is Jabber's: other programs have such files, too.
func (e *Export) knownJabber() bool {
	for i := range e.Properties {
		p := &e.Properties[i]
		if p.Key != NoKey {
			return true
		}
		section, _, _ := strings.Cut(strings.TrimPrefix(p.Name, jabberPrefix), ".")
		for _, known := range jabberSections {
			if strings.EqualFold(section, known) {
				return true
			}
		}
	}
	return false
}

// notSpecified is what the installer writes for an argument that was not given.
const notSpecified = "NOT_SPECIFIED"

// readBootstrap reads jabber-bootstrap.properties, which Jabber's installer writes: "Key: value" lines. A key goes by the installer's argument,
// with or without underscores. What is not specified is not there.
func (r *Reader) readBootstrap() error {
	text := r.exp.text
	offset := 0
	lines := 0
	for line := range strings.Lines(text) {
		start := offset
		offset += len(line)
		line = strings.TrimRight(line, "\r\n")
		nameStart, nameEnd, valueStart, ok := bootstrapLine(line)
		if !ok {
			if body := strings.TrimSpace(line); body != "" && strings.IndexByte("#!;", body[0]) < 0 && body != notSpecified {
				r.ignore(start, offset)
			}
			continue
		}
		lines++
		value := line[valueStart:]
		if strings.TrimSpace(value) == notSpecified {
			continue
		}
		name := line[nameStart:nameEnd]
		k, _, _ := Lookup(bootstrapKey(name))
		p := Property{
			Key: k, Name: name, Value: value, nameStart: int32(start + nameStart), nameEnd: int32(start + nameEnd),
			valueStart: int32(start + valueStart), valueEnd: int32(start + len(line)),
		}
		if err := r.add(&p); err != nil {
			return err
		}
	}
	r.exp.recognised = lines > 0
	return nil
}

// bootstrapLine splits "Key: value". One blank behind the colon belongs to it.
func bootstrapLine(line string) (nameStart, nameEnd, valueStart int, ok bool) {
	nameStart = len(line) - len(strings.TrimLeft(line, " \t"))
	if nameStart == len(line) || strings.IndexByte("#!;", line[nameStart]) >= 0 {
		return 0, 0, 0, false
	}
	colon := strings.IndexAny(line, ":=")
	if colon < 0 {
		return 0, 0, 0, false
	}
	nameEnd = len(strings.TrimRight(line[:colon], " \t"))
	for i := nameStart; i < nameEnd; i++ {
		if c := line[i]; !letter(c) && c != '_' && (c < '0' || c > '9') {
			return 0, 0, 0, false
		}
	}
	valueStart = colon + 1
	if valueStart < len(line) && (line[valueStart] == ' ' || line[valueStart] == '\t') {
		valueStart++
	}
	return nameStart, nameEnd, valueStart, nameEnd > nameStart
}

func bootstrapKey(name string) string {
	return jabberPrefix + "Bootstrap." + strings.ReplaceAll(name, "_", "")
}

// isBootstrap looks at the first lines that say something: one of them says what only the installer writes, or all name
// its arguments.
func isBootstrap(text string) bool {
	const most = 5
	seen := 0
	for line := range strings.Lines(text) {
		nameStart, nameEnd, valueStart, ok := bootstrapLine(strings.TrimRight(line, "\r\n"))
		if !ok {
			if body := strings.TrimSpace(line); body != "" && strings.IndexByte("#!;", body[0]) < 0 {
				return false
			}
			continue
		}
		if strings.TrimSpace(line[valueStart:]) == notSpecified {
			return true
		}
		if _, _, known := Lookup(bootstrapKey(line[nameStart:nameEnd])); !known {
			return false
		}
		if seen++; seen == most {
			break
		}
	}
	return seen > 0
}
