package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/encoding/charmap"

	"cupclint/export/appliance"
	"cupclint/export/copied"
)

// An encoding says how the decoded text was in the file.
type encoding uint8

const (
	utf8Plain encoding = iota
	utf8BOM
	utf16LE // with byte order mark, unless Export.unmarked says otherwise
	utf16BE
	windows1252
	latin1
)

var boms = [...]struct {
	enc encoding
	bom string
}{{utf8BOM, "\xEF\xBB\xBF"}, {utf16LE, "\xFF\xFE"}, {utf16BE, "\xFE\xFF"}}

// decode turns the bytes of the file into text, which keeps every character: only the byte order mark is gone.
func (r *Reader) decode(data []byte) error {
	e := &r.exp
	if len(data) == 0 {
		return r.fail(0, ErrEmpty)
	}
	for _, b := range boms {
		if strings.HasPrefix(string(data[:min(len(data), 3)]), b.bom) {
			e.enc = b.enc
			data = data[len(b.bom):]
			break
		}
	}
	switch e.enc {
	case utf16LE, utf16BE:
		return r.decodeUTF16(data)
	}
	e.text = r.keep(data)
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return r.decodeZeros(data, i)
	}
	if err := r.declared(); err != nil {
		return err
	}
	if strings.TrimSpace(e.text) == "" {
		return r.fail(0, ErrEmpty)
	}
	return r.lineEnds()
}

// withoutEndMark takes away Ctrl-Z, which "copy a+b c" of Windows puts at the end. It is one byte in UTF-16, too, where such a byte may
// also be a half of the last character.
func withoutEndMark(data []byte) []byte {
	const ctrlZ = 0x1a
	if n := len(data) - 1; n > 0 && data[n] == ctrlZ && (n%2 == 0 || bytes.IndexByte(data, 0) < 0) {
		return data[:n]
	}
	return data
}

// decodeZeros decodes a text with NUL bytes, the first of which is at a place: UTF-16 without a byte order mark.
func (r *Reader) decodeZeros(data []byte, at int) error {
	e := &r.exp
	if hint := binaryHint(data); hint != "" {
		return r.fail(0, fmt.Errorf("%s: %w", hint, ErrBinary))
	}
	text, cause := e.text, ErrBinary
	if enc := unmarkedUTF16(data); enc != utf8Plain {
		e.enc, e.unmarked = enc, true
		if err := r.decodeUTF16(data); e.printable() {
			return err
		}
		cause = ErrNoBOM
	}
	e.text, e.enc, e.unmarked = text, utf8Plain, false
	return r.fail(at, cause)
}

// printable reports whether the text has no character that text files do not have: what was taken for UTF-16 is text.
func (e *Export) printable() bool {
	for i := 0; i < len(e.text); i++ {
		if c := e.text[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F {
			return false
		}
	}
	return true
}

// unmarkedUTF16 finds the byte order of a text without a mark: its first two characters are ASCII, and more than a half of those that are
// looked at. Their zero bytes are all on the same side. It is utf8Plain for anything else.
func unmarkedUTF16(data []byte) encoding {
	const most = 4 << 10
	if len(data) < 4 || (data[0] == 0) == (data[1] == 0) || (data[2] == 0) != (data[0] == 0) || (data[3] == 0) != (data[1] == 0) {
		return utf8Plain
	}
	enc, zero := utf16LE, 1
	if data[0] == 0 {
		enc, zero = utf16BE, 0
	}
	head := data[:min(len(data), most)]
	zeros, units := 0, len(head)/2
	for i := 0; i+1 < len(head); i += 2 {
		switch {
		case head[i+1-zero] == 0 && head[i+zero] == 0:
			return utf8Plain // a NUL character, or UTF-32
		case head[i+zero] == 0:
			zeros++
		}
	}
	if 2*zeros <= units {
		return utf8Plain
	}
	return enc
}

// keep makes a string of the bytes, which are the reader's own and will change.
func (r *Reader) keep(data []byte) string {
	if !r.Reuse {
		return string(data)
	}
	if len(data) > MaxFile {
		return unsafeString(data) // a session: nothing writes into it
	}
	r.text = append(r.text[:0], data...)
	return unsafeString(r.text) // until the next input: that is what Reuse says
}

// unsafeString is a string in the memory of b, for as long as that does not change.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// declared honours the encoding an XML declaration names, and takes what Windows wrote of the registry for Windows-1252.
func (r *Reader) declared() error {
	e := &r.exp
	name, at := declaredEncoding(e.text)
	single := utf8Plain
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
	case "windows-1252", "cp1252":
		single = windows1252
	case "iso-8859-1", "latin1", "iso_8859-1":
		single = latin1
	default:
		return r.fail(at, fmt.Errorf("the declared encoding %q is not supported: use UTF-8, UTF-16 with a byte order mark, Windows-1252 or "+
			"ISO-8859-1", trim(name)))
	}
	if e.enc == utf8BOM {
		single = utf8Plain // the mark is the stronger sign
	}
	bad, ok := 0, utf8.ValidString(e.text)
	if !ok {
		bad, _ = validText(e.text)
	}
	if single == utf8Plain && !ok && (isANSIRegistry(e.text) || appliance.Looks(e.text)) {
		single = windows1252
	}
	switch {
	case single == utf8Plain && ok:
		return nil
	case single == utf8Plain:
		return r.fail(bad, ErrNotUTF8)
	case ascii(e.text):
		return nil // the same in every one of them
	}
	e.enc = single
	table := charmap.Windows1252
	if single == latin1 {
		table = charmap.ISO8859_1
	}
	decoded, err := table.NewDecoder().String(e.text)
	if err != nil {
		return r.fail(0, fmt.Errorf("decode %s: %w", name, err))
	}
	e.text = decoded
	return nil
}

// isANSIRegistry reports whether a text is from the registry, which Windows reads and "reg query" writes in a code page. Of the characters
// in which code pages differ, none is in what is read.
func isANSIRegistry(text string) bool {
	return strings.HasPrefix(text, registryHeader4) || strings.HasPrefix(text, registryHeader) || isRegistryQuery(text)
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// declaredEncoding finds the name in <?xml version="1.0" encoding="..."?>.
func declaredEncoding(text string) (name string, at int) {
	if !strings.HasPrefix(text, "<?xml") {
		return "", 0
	}
	end := strings.Index(text[:min(len(text), 256)], "?>")
	if end < 0 {
		return "", 0
	}
	i := strings.Index(text[:end], "encoding")
	if i < 0 {
		return "", 0
	}
	i += len("encoding")
	open := strings.IndexAny(text[i:end], `"'`)
	if open < 0 || strings.Trim(text[i:i+open], " \t\r\n=") != "" {
		return "", 0
	}
	i += open + 1
	n := strings.IndexByte(text[i:end], text[i-1])
	if n < 0 {
		return "", 0
	}
	return text[i : i+n], i
}

func (r *Reader) decodeUTF16(data []byte) error {
	e := &r.exp
	order := binary.ByteOrder(binary.LittleEndian)
	if e.enc == utf16BE {
		order = binary.BigEndian
	}
	var b strings.Builder
	b.Grow(len(data) / 2)
	for i := 0; i+1 < len(data); i += 2 {
		c := rune(order.Uint16(data[i:]))
		switch {
		case c == 0:
			e.text = b.String()
			return r.fail(len(e.text), ErrBinary)
		case utf16.IsSurrogate(c):
			low := rune(0)
			if i+3 < len(data) {
				low = rune(order.Uint16(data[i+2:]))
			}
			if c = utf16.DecodeRune(c, low); c == utf8.RuneError {
				e.text = b.String()
				return r.fail(len(e.text), fmt.Errorf("half a surrogate pair: this is not valid UTF-16"))
			}
			i += 2
		}
		b.WriteRune(c)
	}
	e.text = b.String()
	if len(data)%2 != 0 {
		return r.fail(len(e.text), fmt.Errorf("the file has an odd number of bytes: this UTF-16 text is cut off"))
	}
	if strings.TrimSpace(e.text) == "" {
		return r.fail(0, ErrEmpty)
	}
	return r.lineEnds()
}

// lineEnds refuses a carriage return that is alone: half of the tools that read the file would see one line.
func (r *Reader) lineEnds() error {
	text := r.exp.text
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '\r')
		if i < 0 {
			return nil
		}
		at += i + 1
		if at == len(text) || text[at] != '\n' {
			if len(text) <= copied.Max && strings.HasPrefix(text[at:], "\r\n") {
				continue // see package copied
			}
			if appliance.Looks(text) {
				return nil // a terminal's log: it writes over lines
			}
			return r.fail(at-1, ErrLoneCR)
		}
	}
}

// UTF16 reports whether the file is in UTF-16. In every other encoding ASCII text is in the file as it is.
func (e *Export) UTF16() bool {
	e.Asked.Else = true
	return e.enc == utf16LE || e.enc == utf16BE
}

// encode writes ASCII text in the encoding of the file.
func (e *Export) encode(s string) []byte {
	switch e.enc {
	case utf16LE, utf16BE:
		out := make([]byte, 0, 2*len(s))
		for i := 0; i < len(s); i++ {
			if e.enc == utf16LE {
				out = append(out, s[i], 0)
			} else {
				out = append(out, 0, s[i])
			}
		}
		return out
	}
	return []byte(s)
}

// Encode writes text in the encoding of the file, without a byte order mark. Only ASCII, which all encodings have, is taken.
func (e *Export) Encode(text string) ([]byte, error) {
	if !ascii(text) {
		return nil, fmt.Errorf("encode %q: only ASCII text can be written into every encoding", trim(text))
	}
	return e.encode(text), nil
}

// binaryHint names a file that is the binary form of one that is read, and how to make a text of it.
func binaryHint(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("bplist")):
		return "this is a binary property list: convert it with plutil -convert xml1 FILE, or plistutil -i FILE"
	case len(data) > 1 && data[0] == 0x30 && data[1]&0x80 != 0 && bytes.Contains(data, []byte("<plist")):
		return "this is a signed configuration profile: remove the signature with openssl smime -verify -noverify -inform DER -in FILE"
	}
	for _, c := range [...]struct{ magic, program string }{ // the first bytes of each format
		{"\x1f\x8b", "gzip"}, {"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"7z\xbc\xaf\x27\x1c", "7-Zip"},
		{"Rar!\x1a", "RAR"},
	} {
		if bytes.HasPrefix(data, []byte(c.magic)) {
			return "this is a file that " + c.program + " has compressed: unpack it first"
		}
	}
	return ""
}
