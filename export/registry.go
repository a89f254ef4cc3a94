package export

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"cupclint/internal/chars"
	"cupclint/internal/lazy"
)

// First lines of registry exports: of Windows 2000 and later, and of the ANSI files before.
const (
	registryHeader  = "Windows Registry Editor Version 5.00"
	registryHeader4 = "REGEDIT4"
)

// adminData ends the registry keys that hold the client's settings, those of the user and those of a group policy.
const adminData = `\Client Services Framework\AdminData`

// adminDataFolded is the same in lower case, for package fold.
const adminDataFolded = `\client services framework\admindata`

// A registryReader reads what regedit and reg.exe write, and scripts of "reg add". Values below AdminData become properties, all else is
// skipped: an export of a whole hive is fine. String values are read by the names they have in AdminData and by
// the names of the key space.
type registryReader struct {
	r      *Reader
	inside bool
	sub    string // the part of the registry key after AdminData, "EDI" say
	vdi    bool   // a key of Cisco JVDI was seen
}

func (r *Reader) readRegistry() error {
	g := &r.reg
	*g = registryReader{r: r}
	text := r.exp.text
	read := g.readFile
	switch {
	case isRegistry(strings.TrimLeft(text, " \t\r\n")):
	case isRegistryQuery(text):
		read = g.readQuery
	case isRegistryAdd(text):
		read = g.readAdds
	}
	if err := read(); err != nil {
		return err
	}
	if g.vdi {
		r.looksLike("a registry export of Cisco JVDI (Jabber Softphone for VDI)",
			"Its settings belong to the plug-in on the thin client, not to Jabber's configuration.")
	}
	if len(r.exp.Properties) == 0 {
		r.looksLike("a registry export without values below ..."+adminData, "")
	}
	r.exp.recognised = len(r.exp.Properties) > 0
	return nil
}

// registryAt finds the first line of a registry export: at the begin of a text, or in a mail after some lines of prose. -1 where there is
// none.
func registryAt(text string) int {
	if strings.HasPrefix(text, registryHeader) || strings.HasPrefix(text, registryHeader4) {
		return 0
	}
	outside := 0
	head := text[:min(len(text), maxRegistryLead)]
	i := strings.Index(head, registryHeader)
	if i < 0 || head[i-1] != '\n' {
		return -1
	}
	for _, line := range chars.Lines(head[:i]) {
		if outside++; outside > maxOutside || isSetting(strings.TrimSpace(line)) {
			return -1
		}
	}
	return i
}

// maxRegistryLead is more than the prose has in front of an export, in bytes.
const maxRegistryLead = 8 << 10

// readFile reads what regedit writes.
func (g *registryReader) readFile() error {
	text := g.r.exp.text
	line := 0
	lead := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	lead += max(registryAt(text[lead:]), 0)
	g.r.ignoreLines(0, lead)
	for start := lead; start < len(text); {
		end, next := registryLine(text, start)
		body := strings.TrimSpace(text[start:end])
		if strings.HasPrefix(body, "[") {
			body, next = foldedKey(text, body, next)
		}
		line++
		if line == 1 {
			if body != registryHeader && body != registryHeader4 {
				return g.r.fail(start, fmt.Errorf("a registry export must begin with %q", registryHeader))
			}
		} else if err := g.line(start, end, body); err != nil {
			return err
		}
		start = next
	}
	return nil
}

func (g *registryReader) line(start, end int, body string) error {
	switch {
	case body == "" || body[0] == ';' || body[0] == '#':
		return nil
	case body[0] == '[':
		shut := strings.LastIndexByte(body, ']') // a remark may follow
		if shut < 0 {
			return g.r.fail(start, errors.New("the name of a registry key does not end with ]"))
		}
		g.section(body[1:shut])
		return nil
	case body[0] == '"':
		return g.value(start, end)
	case strings.HasPrefix(body, "@="):
		return nil // the default value of a key; the client has none
	case !strings.Contains(body, `"=`):
		g.r.ignore(start, end) // no setting, and said so
		return nil
	}
	return g.r.fail(start, errors.New("this line is not a registry key, a value or a comment"))
}

func (g *registryReader) section(key string) {
	g.inside, g.sub = false, ""
	lower := strings.ToLower(key)
	g.vdi = g.vdi || strings.Contains(lower, `\cisco`) &&
		(strings.Contains(lower, "jvdi") || strings.Contains(lower, `\vxme`) ||
			strings.Contains(lower, "jabber") && strings.Contains(lower, "vdi"))
	if strings.HasPrefix(key, "-") {
		return // the key is deleted
	}
	for i := 0; i+len(adminData) <= len(key); i++ {
		if strings.EqualFold(key[i:i+len(adminData)], adminData) {
			rest := key[i+len(adminData):]
			g.inside = rest == "" || rest[0] == '\\'
			g.sub = strings.TrimPrefix(rest, `\`)
			return
		}
	}
}

func (g *registryReader) value(start, end int) error {
	text := g.r.exp.text
	open := start + strings.IndexByte(text[start:end], '"')
	shut := closingQuote(text, open+1, end)
	if shut < 0 || shut+1 >= end || text[shut+1] != '=' {
		return g.r.fail(open, errors.New("the name of a registry value must end with a quote and ="))
	}
	if !g.inside {
		g.r.ignore(start, end)
		return nil
	}
	from := shut + 2
	name := unescape(text[open+1 : shut])
	p := Property{Name: name, nameStart: int32(open + 1), nameEnd: int32(shut)}
	data := strings.TrimRight(text[from:end], " \t")
	switch {
	case data == "-":
		return nil // the value is deleted
	case data != "" && data[0] == '"':
		stop := closingQuote(text, from+1, end)
		if stop < 0 || withoutRemark(text[stop+1:end]) != "" {
			return g.r.fail(from, errors.New("the quoted data of a registry value does not end"))
		}
		p.Value = unescape(text[from+1 : stop])
		p.valueStart, p.valueEnd = int32(from+1), int32(stop)
		return g.add(p)
	}
	data = withoutRemarks(data)
	values, err := g.data(from, data)
	if err != nil {
		return err
	}
	p.valueStart, p.valueEnd = int32(from), int32(from+len(data))
	if strings.HasSuffix(data, ",") || strings.HasSuffix(data, `\`) {
		if g.r.exp.Problem == nil {
			g.r.exp.Problem = g.r.fail(from, errors.New("the bytes of a registry value are cut off: a line that continues them is missing"))
		}
		if !IsSecret(name, "x") {
			return nil // a part of a server's name is another name
		}
	}
	for _, p.Value = range values {
		if err := g.add(p); err != nil {
			return err
		}
	}
	return nil
}

func (g *registryReader) add(p Property) error {
	k, n, ok := Lookup(p.Name)
	if !ok {
		k, n = registryKey(g.sub, p.Name), 0
	}
	p.Key, p.N = k, n
	if k == NoKey && g.sub != "" {
		p.Name = g.sub + `\` + p.Name
	}
	return g.r.add(&p)
}

var registryKeys = lazy.Value[map[string]KeyID]{New: func() map[string]KeyID {
	m := map[string]KeyID{}
	for i := range table {
		if name := table[i].registry; name != "" {
			m[strings.ToLower(name)] = KeyID(i)
		}
	}
	return m
}}

func registryKey(sub, name string) KeyID {
	if sub != "" {
		name = sub + `\` + name
	}
	if k := registryKeys.Get()[strings.ToLower(name)]; k != NoKey {
		return k
	}
	// Enhanced Directory Integration had the names of the section Directory of jabber-config.xml.
	if setting, ok := strings.CutPrefix(name, `EDI\`); ok {
		k, _, _ := Lookup(jabberPrefix + "Directory." + setting)
		return k
	}
	return NoKey
}

// closingQuote finds the quote that ends text begun at from. A backslash escapes what follows it.
func closingQuote(text string, from, end int) int {
	for i := from; i < end; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unescape undoes the two escapes there are: \\ and \".
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// data reads the types that are not quoted. A multi-string gives one value for each string.
func (g *registryReader) data(at int, data string) ([]string, error) {
	kind, digits, ok := strings.Cut(data, ":")
	bad := func(err error) ([]string, error) {
		return nil, g.r.fail(at, fmt.Errorf("the data of a registry value: %w", err))
	}
	if !ok {
		return bad(errors.New("it is not quoted and its type is not known"))
	}
	if kind == "dword" {
		n, err := strconv.ParseUint(strings.TrimSpace(digits), 16, 32)
		if err != nil {
			return bad(errors.New("a dword has up to eight hexadecimal digits"))
		}
		return []string{strconv.FormatUint(n, 10)}, nil
	}
	remark := false
	raw, err := hex.DecodeString(strings.Map(func(r rune) rune {
		if remark = r == ';' || remark && r != '\n'; remark || strings.ContainsRune(" \t\r\n\\,", r) {
			return -1
		}
		return r
	}, digits))
	if err != nil {
		return bad(errors.New("bytes must be pairs of hexadecimal digits with commas between them"))
	}
	switch kind {
	case "hex(1)", "hex(2)":
		return []string{g.registryText(raw)}, nil
	case "hex(7)":
		return strings.Split(strings.TrimRight(g.registryText(raw), "\x00"), "\x00"), nil
	case "hex(4)", "hex(b)", "hex(5)":
		var n [8]byte
		if len(raw) > len(n) {
			return bad(errors.New("the number has more than eight bytes"))
		}
		copy(n[:], raw)
		if kind == "hex(5)" && len(raw) == 4 {
			return []string{strconv.FormatUint(uint64(binary.BigEndian.Uint32(raw)), 10)}, nil
		}
		return []string{strconv.FormatUint(binary.LittleEndian.Uint64(n[:]), 10)}, nil
	case "hex", "hex(0)", "hex(3)", "hex(6)", "hex(8)", "hex(9)", "hex(a)":
		return []string{hex.EncodeToString(raw)}, nil
	}
	return bad(fmt.Errorf("the type %s is not known", trim(kind)))
}

// registryText decodes a string that is written as bytes: UTF-16LE, in the old format Windows-1252. The NUL at its end goes.
func (g *registryReader) registryText(raw []byte) string {
	if strings.HasPrefix(g.r.exp.text, registryHeader4) {
		s, err := charmap.Windows1252.NewDecoder().String(string(raw))
		if err != nil {
			return hex.EncodeToString(raw)
		}
		return strings.TrimRight(s, "\x00")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return strings.TrimSuffix(string(utf16.Decode(units)), "\x00")
}
