package export

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/chars"
)

// PowerShell writes the values of a registry key that Get-ItemProperty gave as XML (Export-Clixml, ConvertTo-Xml) and as JSON
// (ConvertTo-Json). The key itself is one more value of the object, PSPath, mostly after the others.

const powershellNamespace = "http://schemas.microsoft.com/powershell/2004/04"

// registryPath is what a path of PowerShell has before the name of the key.
const registryPath = "Registry::"

func objectsRoot(space, local string) bool {
	return space == powershellNamespace && local == "Objs" || space == "" && local == "Objects"
}

func (x *xmlReader) beginObjects() xmlDocument {
	return &objectsDocument{keys: map[int]string{}, waiting: map[int][]Property{}, g: registryReader{r: x.r}}
}

// An objectsDocument reads such XML. An object is known by the place of the element that has its values.
type objectsDocument struct {
	g       registryReader
	keys    map[int]string     // of the objects
	waiting map[int][]Property // values of objects whose key was not met yet
	name    string             // of the value that is read
	kind    string             // its element
	parent  int                // its object
	list    listValue
	err     error
}

// A listValue is a value with several strings: their elements have no names.
type listValue struct {
	name   string
	at     Property
	parent int
	depth  int
}

func (d *objectsDocument) element(x *xmlReader, start int, _, local string) error {
	x.into = false
	depth := len(x.open)
	if depth < 2 {
		return nil
	}
	if depth <= d.list.depth {
		d.list = listValue{}
	}
	name, at := "", Property{nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
	for _, attribute := range [...]string{"N", "Name"} {
		if a := attributeNamed(x, attribute); a != nil {
			value, err := x.attributeValue(a)
			if err != nil {
				return err
			}
			name, at = clixmlText(value), Property{nameStart: int32(a.start), nameEnd: int32(a.end)}
		}
	}
	parent := x.open[depth-2].start
	switch local {
	case "Obj":
		if name != "" {
			d.list = listValue{name, at, parent, depth}
		}
		return nil
	case "S", "I32", "U32", "I64", "U64", "BA", "Property":
	default:
		return nil
	}
	if name == "" && d.list.name != "" && depth == d.list.depth+2 {
		name, at, parent = d.list.name, d.list.at, d.list.parent
	}
	if name == "" {
		return nil
	}
	d.name, d.kind, d.parent = name, local, parent
	x.property = at
	x.property.Name = name
	x.enter()
	return nil
}

// value keeps a value until the key of its object is known.
func (d *objectsDocument) value(x *xmlReader, p *Property) bool {
	q := *p
	switch d.kind {
	case "S":
		q.Value = clixmlText(q.Value)
	case "BA":
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(q.Value)); err == nil {
			q.Value = hex.EncodeToString(raw)
		}
	}
	if q.Name == "PSPath" {
		if _, key, ok := strings.Cut(q.Value, registryPath); ok && d.keys[d.parent] == "" {
			d.keys[d.parent] = key
			waiting := d.waiting[d.parent]
			delete(d.waiting, d.parent)
			for i := range waiting {
				d.add(x, key, &waiting[i])
			}
		}
		return false
	}
	if strings.HasPrefix(q.Name, "PS") {
		return false
	}
	if key, known := d.keys[d.parent]; known {
		d.add(x, key, &q)
	} else {
		d.waiting[d.parent] = append(d.waiting[d.parent], q)
	}
	return false
}

// add takes a value of the client; another one is skipped.
func (d *objectsDocument) add(x *xmlReader, key string, p *Property) {
	d.g.section(key)
	if !d.g.inside {
		x.r.ignore(int(p.nameStart), int(p.valueEnd))
		return
	}
	if d.err == nil {
		d.err = d.g.add(*p)
	}
}

func (d *objectsDocument) text(*xmlReader, int, int) {}

func (d *objectsDocument) end(x *xmlReader) error {
	for _, parent := range slices.Sorted(maps.Keys(d.waiting)) {
		for _, p := range d.waiting[parent] {
			x.r.ignore(int(p.nameStart), int(p.valueEnd))
		}
	}
	if len(x.r.exp.Properties) == 0 {
		x.r.looksLike("XML of PowerShell without values of a registry key below ..."+adminData,
			"Export the values: Get-ItemProperty KEY | Export-Clixml FILE.")
	}
	x.r.exp.recognised = len(x.r.exp.Properties) > 0
	return d.err
}

// clixmlText undoes the escapes of characters: _x000A_ is a line end.
func clixmlText(s string) string {
	const escape = len("_x0000_")
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i+escape <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+escape-1] == '_' {
			if c, err := strconv.ParseUint(s[i+2:i+escape-1], 16, 16); err == nil && (c < 0xD800 || c > 0xDFFF) {
				b.WriteRune(rune(c))
				i += escape - 1
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// asRegistryObject looks at the values of a JSON document again, where none is a key of the key space: they may be those of a registry key.
func (r *Reader) asRegistryObject() {
	e := &r.exp
	keys := map[string]string{}
	for i := range e.Properties {
		prefix, last := cutLast(e.Properties[i].Name)
		if _, key, ok := strings.Cut(e.Properties[i].Value, registryPath); ok && last == "PSPath" {
			keys[prefix] = key
		}
	}
	if len(keys) == 0 {
		return
	}
	all := append([]Property(nil), e.Properties...)
	clear(e.first[:])
	e.Properties = e.Properties[:0]
	g := registryReader{r: r}
	for i := range all {
		prefix, last := cutLast(all[i].Name)
		if g.section(keys[prefix]); !g.inside || strings.HasPrefix(last, "PS") {
			continue
		}
		all[i].Name = last
		if g.add(all[i]) != nil {
			break
		}
	}
	if len(e.Properties) > 0 {
		e.Format, e.recognised = Registry, true
		return
	}
	e.Properties = append(e.Properties, all...)
}

// Export-Csv writes a line for each object, below one with the names of the values.

var registryTableReader = formatReader{Registry, nil, (*Reader).readRegistryTable}

// objectLooks finds such a table.
func (r *Reader) objectLooks(text string) []look {
	if r.Force != Auto && r.Force != Registry || !strings.Contains(text, registryPath) || registryTable(text) == nil {
		return nil
	}
	return []look{{as: &registryTableReader}}
}

// registryTable finds the line with the names; Windows PowerShell has one with the type of the objects before it.
func registryTable(text string) *settingsTable {
	for start, line := range chars.Lines(text) {
		if chars.AllBlank(line) || strings.HasPrefix(line, "#TYPE ") {
			continue
		}
		for _, delimiter := range [...]string{",", ";", "\t"} {
			t := settingsTable{delimiter: delimiter, header: start}
			for i, c := range t.cells(nil, text, start, start+len(line)) {
				if text[c.start:c.end] == "PSPath" {
					t.key = i
					return &t
				}
			}
		}
		break
	}
	return nil
}

func (r *Reader) readRegistryTable() error {
	text := r.exp.text
	t := registryTable(text)
	if t == nil {
		return r.notUnderstood(ErrNoProperties)
	}
	r.ignoreLines(0, t.header)
	end, next := lineAt(text, t.header)
	names := t.cells(nil, text, t.header, end)
	g := registryReader{r: r}
	var cells []tableCell
	for start := next; start < len(text); start = next {
		end, next = lineAt(text, start)
		cells = t.cells(cells, text, start, end)
		if len(cells) != len(names) {
			r.ignoreLines(start, next)
			continue
		}
		_, key, _ := strings.Cut(text[cells[t.key].start:cells[t.key].end], registryPath)
		if g.section(key); !g.inside {
			r.ignore(start, end)
			continue
		}
		for i, c := range cells {
			name := text[names[i].start:names[i].end]
			if strings.HasPrefix(name, "PS") {
				continue
			}
			p := Property{
				Name: name, Value: text[c.start:c.end], nameStart: int32(names[i].start), nameEnd: int32(names[i].end),
				valueStart: int32(c.start), valueEnd: int32(c.end),
			}
			if c.quoted {
				p.Value = strings.ReplaceAll(p.Value, `""`, `"`)
			}
			if err := g.add(p); err != nil {
				return err
			}
		}
	}
	r.exp.recognised = len(r.exp.Properties) > 0
	return nil
}
