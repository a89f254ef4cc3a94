package export

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2/xml"

	"cupclint/internal/chars"
	"cupclint/internal/lazy"
	"cupclint/internal/secret"
)

// characters handles text between tags.
func (x *xmlReader) characters(start int, text string) error {
	if len(x.open) == 0 {
		if n := chars.Blanks(text); n < len(text) {
			return x.fail(start+n, "there is text outside of the root element")
		}
		return nil
	}
	plain, err := x.legal(start, text)
	if err != nil {
		return err
	}
	if plain && x.into {
		if x.pieced {
			x.piece(text)
		} else {
			x.plainEnd = start + len(text) // after the start tag: anything else pieces the value
		}
		return nil
	}
	if !x.into {
		n := chars.Blanks(text)
		if n == len(text) {
			return nil
		}
		if x.doc != nil {
			x.doc.text(x, start+n, start+len(text))
		}
	}
	if plain {
		return nil
	}
	if i := strings.Index(text, "]]>"); i >= 0 {
		return x.fail(start+i, "there is ]]> outside of a CDATA section")
	}
	value, err := x.decode(start, text)
	if err != nil || !x.into {
		return err
	}
	x.piece(lineEnds(value))
	return nil
}

func (x *xmlReader) cdata(start int, token string) error {
	if !strings.HasSuffix(token, "]]>") {
		return x.fail(start, "the CDATA section does not end")
	}
	if len(x.open) == 0 {
		return x.fail(start, "there is a CDATA section outside of the root element")
	}
	text := token[len("<![CDATA[") : len(token)-len("]]>")]
	if _, err := x.legal(start, text); err != nil {
		return err
	}
	if x.into {
		x.piece(lineEnds(text))
	} else {
		x.loose = true
	}
	return nil
}

// piece adds to the value what is not a plain run of the file's text.
func (x *xmlReader) piece(value string) {
	if !x.pieced {
		x.pieces = append(x.pieces[:0], x.text[x.property.valueStart:x.plainEnd]...)
		x.pieced = true
	}
	x.pieces = append(x.pieces, value...)
}

func (x *xmlReader) comment(start int, token string) error {
	if !strings.HasSuffix(token, "-->") || len(token) < len("<!---->") {
		return x.fail(start, "the comment does not end")
	}
	x.loose = true
	text := token[len("<!--") : len(token)-len("-->")]
	if i := strings.Index(text, "--"); i >= 0 || strings.HasSuffix(text, "-") {
		return x.fail(start, "a comment contains two hyphens in a row")
	}
	if x.into {
		x.piece("") // the value is not a plain run of the file any more
	}
	_, err := x.legal(start, text)
	return err
}

// instruction reads a processing instruction, the XML declaration above all, and skips it.
func (x *xmlReader) instruction(start int, target string) error {
	if strings.EqualFold(target, "xml") && (start != x.r.exp.from || target != "xml") {
		return x.fail(start, "the XML declaration is not at the beginning of the file")
	}
	if !validName(target) {
		return x.fail(start, "%s is not a name of a processing instruction", x.quoted(target))
	}
	if x.into {
		x.piece("")
	}
	end := strings.Index(x.text[start:], "?>")
	if end < 0 {
		return x.fail(start, "the processing instruction does not end")
	}
	end += start + len("?>")
	if _, err := x.legal(start, x.text[start:end]); err != nil {
		return err
	}
	if target == "xml" {
		if why := declarationProblem(x.text[start+len("<?xml") : end-len("?>")]); why != "" {
			return x.fail(start, "the XML declaration: %s", why)
		}
	}
	x.loose = x.loose || target != "xml"
	for x.in.Offset() < end {
		if tt, _ := x.lex.Next(); tt == xml.ErrorToken {
			break
		}
	}
	if at := x.in.Offset(); at != end { // the lexer treats it as a tag, which can end elsewhere
		x.in.Move(end - at)
		x.in.Skip()
		x.lex = xml.NewLexer(x.in)
	}
	return nil
}

// declarationProblem says what is wrong with the inside of an XML declaration (XML 1.0, 2.8): a version, then an encoding, then standalone.
func declarationProblem(s string) string {
	next := 0
	for _, name := range [...]string{"version", "encoding", "standalone"} {
		rest := strings.TrimLeft(s, " \t\r\n")
		if !strings.HasPrefix(rest, name) {
			if next == 0 {
				return "the version is missing"
			}
			continue
		}
		if len(rest) == len(s) {
			return "a space is missing"
		}
		rest = strings.TrimLeft(rest[len(name):], " \t\r\n")
		if rest == "" || rest[0] != '=' {
			return name + " has no value"
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return name + " is not quoted"
		}
		value, after, ended := strings.Cut(rest[1:], rest[:1])
		switch {
		case !ended:
			return "the value of " + name + " does not end"
		case name == "version" && value != "1.0":
			return "only version 1.0 is supported"
		case name == "standalone" && value != "yes" && value != "no":
			return "standalone is yes or no"
		case name == "encoding" && (value == "" || !chars.Letter(value[0])):
			return "the encoding has no name"
		}
		s = after
		next++
	}
	if !chars.AllBlank(s) {
		return "it has something else in it"
	}
	return ""
}

// attributeValue decodes a value: line ends and tabs count as blanks there (XML 1.0, 3.3.3).
func (x *xmlReader) attributeValue(a *attribute) (string, error) {
	if a.plain {
		return a.value, nil
	}
	// Blanks that a reference stands for stay what they are.
	return x.decode(a.start, blanks.Get().Replace(a.value))
}

// decode undoes references (XML 1.0, 4.1). Without any the string itself comes back.
func (x *xmlReader) decode(start int, raw string) (string, error) {
	if strings.IndexByte(raw, '&') < 0 {
		return raw, nil
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '&' {
			b.WriteByte(c)
			i++
			continue
		}
		end := strings.IndexByte(raw[i:min(len(raw), i+chars.MaxReference)], ';')
		if end < 0 {
			return "", x.fail(start+i, "an & that does not begin a reference: write &amp;")
		}
		r, ok := chars.Reference(raw[i+1 : i+end])
		if !ok {
			return "", x.fail(start+i, "the reference %s is not defined", x.name(raw[i:i+end+1]))
		}
		b.WriteRune(r)
		i += end + 1
	}
	return b.String(), nil
}

var blanks = lazy.Value[*strings.Replacer]{New: func() *strings.Replacer {
	return strings.NewReplacer("\r\n", " ", "\t", " ", "\n", " ", "\r", " ")
}}

func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\r\n", "\n")
}

var classes = [256]byte{
	0: forbidden, 1: forbidden, 2: forbidden, 3: forbidden, 4: forbidden, 5: forbidden, 6: forbidden, 7: forbidden, 8: forbidden,
	'\t': decoded, '\n': decoded, 11: forbidden, 12: forbidden, '\r': decoded, 14: forbidden, 15: forbidden,
	16: forbidden, 17: forbidden, 18: forbidden, 19: forbidden, 20: forbidden, 21: forbidden, 22: forbidden, 23: forbidden,
	24: forbidden, 25: forbidden, 26: forbidden, 27: forbidden, 28: forbidden, 29: forbidden, 30: forbidden, 31: forbidden,
	'&': decoded, ']': decoded, 0xEF: lead,
}

// legal checks that all characters may be in XML 1.0 (section 2.2) and reports whether the text is plain: nothing in it
// has to be decoded.
func (x *xmlReader) legal(start int, text string) (plain bool, err error) {
	plain = true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; classes[c] {
		case ordinary:
		case decoded:
			plain = false
		case forbidden:
			return false, x.fail(start+i, "the control character U+%04X is not allowed in XML", c)
		case lead:
			if i+2 < len(text) && text[i+1] == 0xBF && text[i+2] >= 0xBE {
				return false, x.fail(start+i, "the character U+%04X is not allowed in XML", 0xFFC0+rune(text[i+2])-0x80)
			}
		}
	}
	return plain, nil
}

// validName accepts what XML 1.0 (section 2.3) accepts, and every character above ASCII.
func validName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case chars.Letter(c), c == '_', c == ':', c >= utf8.RuneSelf:
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return name != ""
}

// name is a name of the input for a message.
func (x *xmlReader) name(n string) string {
	if x.hidden() {
		return "(not shown)"
	}
	return trim(n)
}

// quoted is text of the input for a message, in quotes.
func (x *xmlReader) quoted(text string) string {
	if x.hidden() {
		return "something (not shown, because it may be part of a secret)"
	}
	return strconv.Quote(trim(Hide(text)))
}

// hidden reports whether what is being read may be a part of a secret: a password with a < or an & in it that was not escaped looks like an
// element or a reference, and messages must not show it.
func (x *xmlReader) hidden() bool {
	announces := func(name string) bool {
		return secret.Name(name[strings.IndexByte(name, ':')+1:], keyTable{}) != secret.None
	}
	if x.into && (x.property.Key.Secret() || announces(x.property.Name)) {
		return true
	}
	for i := range x.open {
		if announces(x.open[i].name) {
			return true
		}
	}
	for i := range x.attrs {
		if announces(x.attrs[i].name) || announces(x.attrs[i].value) {
			return true
		}
	}
	return false
}

// trim shortens text of the input for a message.
func trim(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}
