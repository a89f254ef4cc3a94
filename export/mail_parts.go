package export

import (
	"bytes"
	"cmp"
	"mime"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"cupclint/export/copied"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// A mail as it was saved (.eml, .mht) has what people send in parts: an attachment, or the text that they typed. A part is often in base64
// (RFC 2045, section 6.8), and it is read as if it were the file. Places are those of the mail: a character in base64 is in the group of
// four that has it.

// A mailPart is one part of a mail.
type mailPart struct {
	start, end int    // of its body in the mail
	encoding   string // Content-Transfer-Encoding, in small letters
	kind       string // Content-Type, in small letters
	charset    string
	name       string // of the attachment
	attached   bool
}

// maxParts bounds the parts of a mail that are read one after the other, each as a file.
const maxParts = 12

// maxHeaderLines bounds the headers of a part.
const maxHeaderLines = 500

// partsOf finds the parts of a mail, or the configurations that a document of Intune has in base64.
func partsOf(text string) []mailPart {
	if parts := mailParts(text); parts != nil {
		return parts
	}
	return payloads(text)
}

// payloads finds the values of Microsoft Graph that hold an app configuration: payloadJson of androidManagedStoreAppConfiguration, and
// encodedSettingXml of iosMobileAppConfiguration.
func payloads(text string) (parts []mailPart) {
	head := text[:min(len(text), 64)]
	if head = head[chars.Blanks(head):]; head == "" || head[0] != '{' && head[0] != '[' {
		return nil
	}
	for _, key := range [...]string{`"payloadJson"`, `"encodedSettingXml"`} {
		for at := 0; ; {
			i := strings.Index(text[at:], key)
			if i < 0 {
				break
			}
			at += i + len(key)
			rest := text[at:]
			rest = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(rest[:min(len(rest), 16)], " \t\r\n"), ":"), " \t\r\n")
			start := at + strings.IndexByte(text[at:], '"') + 1
			if end := strings.IndexByte(text[start:], '"'); strings.HasPrefix(rest, `"`) && end > 0 {
				parts = append(parts, mailPart{start: start, end: start + end, encoding: "base64"})
				at = start + end
			}
		}
	}
	return parts
}

// partLooks finds the parts of a mail that have text, attachments first.
func (r *Reader) partLooks(text string) (looks []look) {
	parts := partsOf(text)
	if len(parts) == 0 {
		return nil
	}
	slices.SortStableFunc(parts, func(a, b mailPart) int { return cmp.Or(rank(a)-rank(b), a.start-b.start) })
	for i := range parts {
		part := parts[i]
		if len(looks) == maxParts || !part.mayBeText(text) {
			continue
		}
		looks = append(looks, look{part: func(r *Reader) { r.exp.readPart(part, parts) }, name: part.name, start: part.start})
	}
	return looks
}

func rank(p mailPart) int {
	if p.attached {
		return 0
	}
	return 1
}

// isMail reports whether a text begins as a mail, or as a part that was cut out of one.
func isMail(text string) bool {
	head := text[:min(len(text), copied.MaxMailHead)]
	if fold.Index(head, "content-t") < 0 {
		return false
	}
	head = strings.TrimLeft(head, " \t\r\n")
	if from, rest, ok := strings.Cut(head, "\n"); ok && strings.HasPrefix(from, "From ") { // of a mailbox
		head = rest
	}
	if strings.HasPrefix(head, "--") {
		_, head, _ = strings.Cut(head, "\n")
	}
	return copied.HasMailHead(head)
}

// A mailWalk goes through the lines of a mail.
type mailWalk struct {
	text    string
	bounds  map[string]bool
	parts   []mailPart
	current mailPart  // whose headers are read
	part    *mailPart // whose body is read
	header  bool
	lines   int    // of headers
	field   string // the header that is read
}

// mailParts finds the parts that have no parts themselves.
func mailParts(text string) []mailPart {
	if !isMail(text) {
		return nil
	}
	w := mailWalk{text: text, bounds: copied.Boundaries(text), header: true}
	lead := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	if first, _, _ := strings.Cut(text[lead:], "\n"); strings.HasPrefix(first, "--") { // cut out of a mail
		w.bounds[strings.TrimRight(first, " \t\r")] = true
	}
	for start, line := range chars.Lines(text[lead:]) {
		w.line(start+lead, line)
		if w.lines > maxHeaderLines {
			return w.parts
		}
	}
	w.done(len(text))
	return w.parts
}

func (w *mailWalk) line(start int, line string) {
	trimmed := strings.TrimRight(line, " \t")
	switch {
	case strings.HasPrefix(trimmed, "--") && w.bounds[trimmed]:
		w.done(start)
		w.header, w.lines, w.field, w.current = true, 0, "", mailPart{}
	case strings.HasPrefix(trimmed, "--") && w.bounds[strings.TrimSuffix(trimmed, "--")]: // the end of the parts
		w.done(start)
		w.header = false
	case !w.header:
	case trimmed == "":
		w.headersEnd(start + len(line))
	case line[0] == ' ' || line[0] == '\t':
		w.field += " " + strings.TrimSpace(line)
	default:
		w.current.field(w.field)
		w.field = line
		w.lines++
	}
}

// headersEnd begins the body of a part. A mail in the mail has headers of its own.
func (w *mailWalk) headersEnd(at int) {
	w.current.field(w.field)
	w.field = ""
	if w.current.kind == "message/rfc822" {
		w.current = mailPart{}
		return
	}
	w.header = false
	part := w.current
	part.start = min(at+lineEndLen(w.text, at), len(w.text))
	w.part = &part
}

// done ends the body of a part.
func (w *mailWalk) done(end int) {
	if p := w.part; p != nil && !strings.HasPrefix(p.kind, "multipart/") && p.start < end {
		p.end = end
		w.parts = append(w.parts, *p)
	}
	w.part = nil
}

// lineEndLen is the length of the line end at a place.
func lineEndLen(text string, at int) int {
	switch {
	case strings.HasPrefix(text[at:], "\r\n"):
		return 2
	case at < len(text):
		return 1
	}
	return 0
}

// field notes what a header says of a part.
func (p *mailPart) field(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return
	}
	value = strings.TrimSpace(value)
	switch strings.ToLower(name) {
	case "content-transfer-encoding":
		p.encoding = strings.ToLower(value)
	case "content-type":
		kind, params := mediaType(value)
		p.kind, p.charset = kind, strings.ToLower(params["charset"])
		if p.name == "" {
			p.name = baseName(params["name"])
		}
	case "content-disposition":
		kind, params := mediaType(value)
		p.attached = kind == "attachment" || params["filename"] != ""
		if name := baseName(params["filename"]); name != "" {
			p.name = name
		}
	}
}

func mediaType(value string) (kind string, params map[string]string) {
	kind, params, err := mime.ParseMediaType(value)
	if err != nil {
		kind, _, _ = strings.Cut(value, ";")
	}
	return strings.ToLower(strings.TrimSpace(kind)), params
}

// baseName is the name of an attachment without folders. A name that is encoded as in a header is decoded.
func baseName(name string) string {
	if plain, err := new(mime.WordDecoder).DecodeHeader(name); err == nil {
		name = plain
	}
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

func (p mailPart) isQuoted() bool { return p.encoding == "quoted-printable" }

// mayBeText leaves out pictures, archives and other data.
func (p *mailPart) mayBeText(text string) bool {
	for _, kind := range [...]string{"image/", "audio/", "video/", "font/"} {
		if strings.HasPrefix(p.kind, kind) {
			return false
		}
	}
	if p.encoding != "base64" {
		return !chars.AllBlank(text[p.start:min(p.end, p.start+1024)])
	}
	const most = 2 << 10
	raw, _ := base64Bytes(text, p.start, min(p.end, p.start+most))
	zeros := bytes.IndexByte(raw, 0) >= 0
	return len(raw) > 0 && (!zeros || bytes.HasPrefix(raw, []byte("\xFF\xFE")) || bytes.HasPrefix(raw, []byte("\xFE\xFF")) ||
		unmarkedUTF16(raw) != utf8Plain) && !isArchive(raw)
}

// base64Bytes decodes base64 with line ends in it. at has the place of the character that each byte begins in, and of the end. Nothing
// comes out of text that is not base64.
func base64Bytes(text string, start, end int) (raw []byte, at []int32) {
	raw = make([]byte, 0, (end-start)/4*3+3)
	at = make([]int32, 0, cap(raw)+1)
	var group uint32
	var places [4]int32
	n, last := 0, start
	for i := start; i < end; i++ {
		c := text[i]
		if chars.Blank(c) {
			continue
		}
		v := chars.Sextet(c)
		if v < 0 {
			if c == '=' {
				break
			}
			return nil, nil
		}
		group, places[n], last = group<<6|uint32(v), int32(i), i+1
		if n++; n == 4 {
			raw = append(raw, byte(group>>16), byte(group>>8), byte(group))
			at = append(at, places[0], places[1], places[2])
			n, group = 0, 0
		}
	}
	switch n {
	case 2:
		raw, at = append(raw, byte(group>>4)), append(at, places[0])
	case 3:
		raw, at = append(raw, byte(group>>10), byte(group>>2)), append(at, places[0], places[1])
	}
	return raw, append(at, int32(last))
}

// A codedText is a text that is in the file in base64.
type codedText struct {
	start, end int // of the base64 in the decoded text of the file
	raw        []byte
	at         []int32 // the place of each byte of raw, and of its end
	enc        encoding
	text       string
	places     []int32 // the same for each byte of text, and for its end
}

// Coded reports whether the text is in the file in base64: no correction can be written there as text.
func (e *Export) Coded() bool {
	e.Asked.Else = true
	return len(e.coded) > 0
}

// decodePart decodes the base64 of a part; it reports whether that is text.
func (p *mailPart) decodePart(text string) (codedText, bool) {
	c := codedText{start: p.start, end: p.end}
	if c.raw, c.at = base64Bytes(text, p.start, p.end); len(c.raw) == 0 || len(c.raw) > copied.Max {
		return c, false
	}
	var sub Reader
	e := &sub.exp
	if err := sub.decode(c.raw); err != nil {
		if p.charset != "windows-1252" && p.charset != "iso-8859-1" || bytes.IndexByte(c.raw, 0) >= 0 {
			return c, false
		}
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(c.raw)
		if err != nil {
			return c, false
		}
		e.enc, e.text = windows1252, string(decoded)
	}
	c.enc, c.text = e.enc, e.text
	c.places = make([]int32, 0, len(c.text)+1)
	at := e.markLen()
	for i, r := range c.text {
		n := utf8.RuneLen(r)
		for range n {
			c.places = append(c.places, c.at[min(at, len(c.raw))])
		}
		at += e.originalLen(c.text[i : i+n])
	}
	c.places = append(c.places, c.at[len(c.raw)])
	return c, true
}

// readPart makes a part the text that is read. Of a mail with several outputs of servers all are.
func (e *Export) readPart(part mailPart, parts []mailPart) {
	mail := e.text
	l := lifted{mail: mail}
	if slices.ContainsFunc(parts, mailPart.isQuoted) {
		l.edits = copied.QuotedPrintable(mail) // once for all parts
	}
	l.add(part)
	if isSession(strings.TrimLeft(string(l.text), " \t\r\n")) {
		for _, other := range parts {
			if other.start != part.start && other.mayBeText(mail) && !strings.HasPrefix(other.kind, "text/html") {
				l.more(other)
			}
		}
	}
	if len(l.text) == 0 {
		return
	}
	e.adopt(copied.New(string(l.text), mail, append(l.places, l.end), l.removed))
	e.coded, e.lifted = l.coded, l.parts
}

// A lifted text is made of parts of a mail.
type lifted struct {
	mail    string
	text    []byte
	places  []int32
	end     int32
	removed map[int32]int32
	coded   []codedText
	parts   []mailPart
	edits   []copied.Edit // that decode the quoted-printable of the mail
}

// more adds a part that is after all others, if it has an output, too.
func (l *lifted) more(part mailPart) {
	if part.start < int(l.end) {
		return // places only grow
	}
	n := len(l.text)
	before := *l
	l.text, l.places = append(l.text, '\n'), append(l.places, l.end)
	l.add(part)
	if !isSession(strings.TrimLeft(string(l.text[n:]), " \t\r\n")) {
		*l = before
		l.text, l.places = l.text[:n], l.places[:n]
	}
}

func (l *lifted) add(part mailPart) {
	switch part.encoding {
	case "base64":
		c, ok := part.decodePart(l.mail)
		if !ok {
			return
		}
		l.text, l.places, l.end = append(l.text, c.text...), append(l.places, c.places[:len(c.text)]...), c.places[len(c.text)]
		l.coded = append(l.coded, c)
	default:
		l.plain(part)
	}
	l.parts = append(l.parts, part)
}

// plain adds a part that is in the mail as text; quoted-printable is decoded.
func (l *lifted) plain(part mailPart) {
	at := part.start
	keep := func(to int) {
		for ; at < to; at++ {
			l.text, l.places = append(l.text, l.mail[at]), append(l.places, int32(at))
		}
	}
	if part.isQuoted() {
		first := sort.Search(len(l.edits), func(i int) bool { return l.edits[i].Start >= part.start })
		for _, c := range l.edits[first:] {
			if c.End > part.end {
				break
			}
			keep(c.Start)
			if c.With == "" {
				if l.removed == nil {
					l.removed = map[int32]int32{}
				}
				l.removed[int32(c.End)] = int32(c.Start)
			}
			for i := range len(c.With) {
				l.text, l.places = append(l.text, c.With[i]), append(l.places, int32(c.Start))
			}
			at = c.End
		}
	}
	keep(part.end)
	l.end = int32(part.end)
}
