package export

import (
	"strings"

	"cupclint/internal/lazy"
	"cupclint/internal/nearest"
)

// A plistDocument is the app configuration that a device management system hands to Jabber: a property list, a part of one, a configuration
// profile, or the XML of AppConfig. Keys are taken at any depth: systems wrap them differently.
type plistDocument struct {
	key   string // that was read last; its value comes next
	at    Property
	depth int
}

func plistRoot(space, local string) bool {
	return (space == "" || strings.Contains(space, "apple.com")) &&
		(local == "plist" || local == "dict" || strings.EqualFold(local, "managedAppConfiguration"))
}

func (x *xmlReader) beginPlist() xmlDocument { return &plistDocument{} }

func (d *plistDocument) element(x *xmlReader, start int, _, local string) error {
	if x.into { // a value that has no elements: it may be a password with a < in it
		return x.fail(start, "there is an element %s inside the value of %s", x.name(local), trim(x.property.Name))
	}
	if name := attributeNamed(x, "keyName"); name != nil { // AppConfig: <string keyName="ServicesDomain"><defaultValue><value>
		value, err := x.attributeValue(name)
		if err != nil {
			return err
		}
		d.key, d.depth = value, 0
		d.at = Property{nameStart: int32(name.start), nameEnd: int32(name.end)}
		return nil
	}
	switch local {
	case "key":
		d.key = ""
		d.depth = len(x.open)
		x.property = Property{Name: "key", nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
		x.enter()
	case "string", "integer", "real", "date", "value", "true", "false":
		if d.key == "" || d.depth != 0 && d.depth != len(x.open) || d.depth == 0 && local != "value" {
			return nil
		}
		x.property = d.at
		x.property.Name = d.key
		x.enter()
		if local == "true" || local == "false" {
			x.property.valueStart, x.property.valueEnd = int32(start+1), int32(start+1+len(local))
			x.property.Value = local
			x.into, d.key = false, ""
			if p := x.property; d.keep(x, &p) {
				return x.r.add(&p)
			}
		}
	case "dict", "array", "data":
		d.key = ""
	}
	return nil
}

func attributeNamed(x *xmlReader, name string) *attribute {
	for i := range x.attrs {
		if x.attrs[i].name == name {
			return &x.attrs[i]
		}
	}
	return nil
}

func (d *plistDocument) value(x *xmlReader, p *Property) bool {
	if p.Name == "key" && d.key == "" {
		d.key = strings.TrimSpace(p.Value)
		d.at = Property{nameStart: p.valueStart, nameEnd: p.valueEnd}
		return false
	}
	d.key = ""
	return d.keep(x, p)
}

// keep decides whether a setting is Jabber's. A profile has many others.
func (d *plistDocument) keep(x *xmlReader, p *Property) bool {
	if emmKey(p) {
		return true
	}
	x.r.ignore(int(p.nameStart), int(p.valueEnd))
	return false
}

// emmKey gives a setting its key. A slip of a known name is kept as it is, so that a rule can say so.
func emmKey(p *Property) bool {
	p.Key = bootstrapKey(p.Name)
	if p.Key != NoKey {
		return true
	}
	if k := ByShortName(p.Name); k.Group() == JabberKeys && len(p.Name) > 8 {
		p.Key = k
		return true
	}
	return len(p.Name) > 6 && nearest.Slip(p.Name, emmNames.Get()) != ""
}

var emmNames = lazy.Value[[]string]{New: func() []string {
	var names []string
	for k := KeyID(1); k < NumKeys; k++ {
		if groups[k] == BootstrapKeys && table[k].Formats.Has(JabberEMM) {
			names = append(names, k.Short())
			for _, a := range table[k].Aliases {
				names = append(names, a[strings.LastIndexByte(a, '.')+1:])
			}
		}
	}
	return names
}}

func (d *plistDocument) text(x *xmlReader, start, end int) { x.r.ignore(start, end) }

func (d *plistDocument) end(x *xmlReader) error {
	x.r.looksLike("a property list without a setting of Jabber", "")
	x.r.exp.recognised = x.r.exp.known()
	return nil
}
