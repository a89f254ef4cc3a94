package export

import "strings"

// A localDocument is jabberLocalConfig.xml, where a client keeps what its user has chosen: elements userConfig with name and value. Names
// are those of jabber-config.xml without a section, and others that only the client knows.
type localDocument struct{ settings int }

func localRoot(space, local string) bool { return space == "" && strings.EqualFold(local, "Jabber") }

func (x *xmlReader) beginLocal() xmlDocument { return &localDocument{} }

func (d *localDocument) element(x *xmlReader, start int, _, local string) error {
	if !strings.EqualFold(local, "userConfig") {
		return nil
	}
	name, value := attributeNamed(x, "name"), attributeNamed(x, "value")
	if name == nil || value == nil {
		return nil
	}
	d.settings++
	p := Property{nameStart: int32(name.start), nameEnd: int32(name.end), valueStart: int32(value.start), valueEnd: int32(value.end)}
	var err error
	if p.Name, err = x.attributeValue(name); err != nil {
		return err
	}
	if p.Value, err = x.attributeValue(value); err != nil {
		return err
	}
	if p.Key = ByShortName(p.Name); p.Key == NoKey && !p.Secret() {
		x.r.ignore(start, int(p.valueEnd)) // the client's own state
		return nil
	}
	return x.r.add(&p)
}

func (d *localDocument) value(*xmlReader, *Property) bool { return false }

func (d *localDocument) text(x *xmlReader, start, end int) { x.r.ignore(start, end) }

func (d *localDocument) end(x *xmlReader) error {
	x.r.looksLike("jabberLocalConfig.xml without a setting that cupclint knows", "")
	x.r.exp.empty = d.settings > 0 && len(x.r.exp.Properties) == 0
	x.r.exp.recognised = x.r.exp.known()
	return nil
}

// An updateDocument is the file that tells clients of a new version: one version, or one for each element App.
type updateDocument struct{ client string }

func updateRoot(space, local string) bool {
	return space == "" && strings.EqualFold(local, "JabberUpdate")
}

func (x *xmlReader) beginUpdate() xmlDocument { return &updateDocument{} }

func (d *updateDocument) element(x *xmlReader, start int, _, local string) (err error) {
	x.into = false
	if len(x.open) == 1 {
		return nil
	}
	if strings.EqualFold(local, "App") {
		d.client = "App"
		if a := attributeNamed(x, "name"); a != nil {
			d.client, err = x.attributeValue(a)
		}
		return err
	}
	k, _, _ := Lookup(jabberPrefix + "Update." + local)
	x.property = Property{Key: k, Name: local, Origin: d.client, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
	x.enter()
	return nil
}

func (*updateDocument) value(x *xmlReader, p *Property) bool {
	if p.Key == NoKey {
		x.r.ignore(int(p.nameStart), int(p.valueEnd))
	}
	return p.Key != NoKey
}

func (*updateDocument) text(x *xmlReader, start, end int) { x.r.ignore(start, end) }

func (*updateDocument) end(x *xmlReader) error {
	x.r.looksLike("an update file of Jabber without a version", "")
	x.r.exp.recognised = x.r.exp.known()
	return nil
}
