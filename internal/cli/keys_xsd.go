package cli

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"cupclint/export"
)

// writeSchema writes an XML Schema (1.0) of jabber-config.xml for editors. Sections and keys may come in any order. A value that cupclint
// lint accepts is valid. The list of keys is closed: in version 1.0 of the language, elements that are named and any others cannot be
// mixed, and without names there is nothing to complete.
func writeSchema(w io.Writer, keys []export.Key) error {
	s := keySchema{types: map[string]string{}}
	sections := map[string][]schemaKey{}
	for i := range keys {
		k := &keys[i]
		for _, section := range k.Sections {
			names := []string{shortName(k.Name)}
			for _, alias := range k.Aliases {
				names = append(names, shortName(alias))
			}
			for _, name := range names {
				if !slices.ContainsFunc(sections[section], func(other schemaKey) bool { return other.name == name }) {
					sections[section] = append(sections[section], schemaKey{name, k})
				}
			}
		}
	}
	if len(sections) == 0 {
		return fmt.Errorf("none of these keys is one of jabber-config.xml: an XML Schema has no other keys")
	}
	s.line(`<?xml version="1.0" encoding="UTF-8"?>`)
	s.line(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">`)
	s.annotation("jabber-config.xml of Cisco Jabber, from the table of documented keys (Jabber 12.5 to 14.1). Written by: cupclint keys " +
		"--format xsd")
	s.line(`<xs:element name="config">`)
	s.line(`<xs:complexType>`)
	s.line(`<xs:choice minOccurs="0" maxOccurs="unbounded">`)
	names := make([]string, 0, len(sections))
	for name := range sections {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.section(name, sections[name])
	}
	s.line(`</xs:choice>`)
	s.line(`<xs:attribute name="version" type="xs:string"/>`)
	s.line(`</xs:complexType>`)
	s.line(`</xs:element>`)
	s.line(`<xs:simpleType name="empty"><xs:restriction base="xs:token"><xs:length value="0"/></xs:restriction></xs:simpleType>`)
	s.b.WriteString(s.defined.String())
	s.line(`</xs:schema>`)
	_, err := io.WriteString(w, s.b.String())
	return err
}

// A schemaKey is an element of a section: a key under its name or under an alias.
type schemaKey struct {
	name string
	key  *export.Key
}

type keySchema struct {
	b, defined strings.Builder
	types      map[string]string // names by definition
}

func shortName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func (s *keySchema) line(text string) { s.b.WriteString(text + "\n") }

func (s *keySchema) annotation(text string) {
	s.line("<xs:annotation><xs:documentation>" + escaped(text) + "</xs:documentation></xs:annotation>")
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}

func (s *keySchema) section(name string, keys []schemaKey) {
	s.line(`<xs:element name="` + escaped(name) + `">`)
	s.line(`<xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">`)
	slices.SortFunc(keys, func(a, b schemaKey) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	for _, k := range keys {
		if k.key.Type == export.Elements {
			s.line(`<xs:element name="` + escaped(k.name) + `">`)
			s.annotation(keyDocumentation(k))
			s.line(`<xs:complexType mixed="true"><xs:sequence><xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>` +
				`<xs:anyAttribute processContents="skip"/></xs:complexType>`)
		} else {
			s.line(`<xs:element name="` + escaped(k.name) + `" type="` + s.typeOf(k.key) + `">`)
			s.annotation(keyDocumentation(k))
		}
		s.line(`</xs:element>`)
	}
	s.line(`</xs:choice></xs:complexType>`)
	s.line(`</xs:element>`)
}

// keyDocumentation is what an editor shows of a key.
func keyDocumentation(k schemaKey) string {
	row := k.key
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if short := shortName(row.Name); short != k.name {
		add("Another name of %s.", short)
	}
	if row.Meaning != "" {
		add("%s.", strings.TrimSuffix(row.Meaning, "."))
	}
	switch {
	case row.ReplacedBy != export.NoKey:
		add("Replaced by %s in later clients.", row.ReplacedBy.Short())
	case row.Gone:
		add("Later clients do not read it.")
	}
	what := row.Type.String()
	if len(row.Values) > 0 {
		what += " (" + strings.Join(row.Values, ", ") + ")"
	}
	if low, high := bounds(row); high > 0 {
		what += fmt.Sprintf(" (%d to %d)", low, high)
	} else if low > 0 {
		what += fmt.Sprintf(" (from %d)", low)
	}
	add("Type: %s.", what)
	if row.Default != "" {
		add("Default: %s.", row.Default)
	}
	if row.Versions != "" {
		add("Clients: %s.", row.Versions)
	}
	if row.Note != "" {
		add("Note: %s.", row.Note)
	}
	if row.Uncertain {
		add("No document confirms its type or values.")
	}
	add("Source: %s.", row.Source)
	return strings.Join(parts, " ")
}

// bounds are those of a number; high is 0 where there is none.
func bounds(row *export.Key) (low, high int) {
	low, high = row.Least, row.Most
	if row.Type == export.Port {
		low = max(low, 1)
		if high == 0 {
			high = 65535
		}
	}
	return low, high
}

// typeOf returns the name of the type for a key's values. All allow an empty element: clients then use the default.
func (s *keySchema) typeOf(row *export.Key) string {
	name := typeName(row)
	var members []string
	switch row.Type {
	case export.Bool, export.Enum, export.Switch, export.Protocol:
		members = []string{enumeration(row.Values), pattern(anyCase(row.Values))}
	case export.Port, export.Integer:
		low, high := bounds(row)
		facets := fmt.Sprintf(`<xs:minInclusive value="%d"/>`, low)
		if high > 0 {
			facets += fmt.Sprintf(`<xs:maxInclusive value="%d"/>`, high)
		}
		members = []string{`<xs:simpleType><xs:restriction base="xs:integer">` + facets + `</xs:restriction></xs:simpleType>`}
	case export.Host:
		members = []string{pattern(`[^\s/@\\:]+`), pattern(`[0-9A-Fa-f:.]+`)}
	case export.Domain:
		members = []string{pattern(`[^\s/@\\:]+`)}
	case export.URL:
		members = []string{pattern(`[A-Za-z][A-Za-z0-9+.\-]*://\S+`)}
	case export.Site:
		members = []string{pattern(`\S+`)}
	case export.DN:
		members = []string{pattern(`[^=]+=.*`)}
	case export.Attribute:
		members = []string{pattern(attributePattern)}
	case export.Filter:
		members = []string{pattern(filterPattern)}
	case export.FilterOrAttribute:
		members = []string{pattern(filterPattern), pattern(attributePattern)}
	case export.Version:
		members = []string{pattern(`[0-9][0-9.()\- ]*`)}
	case export.List:
		if len(row.Values) == 0 {
			return "xs:string"
		}
		between := map[string]string{",": "[, ]", ";": "[; ]", " ": " "}[row.Separator]
		if between == "" {
			between = "[,; ]"
		}
		one := "(" + anyCase(row.Values) + ")"
		members = []string{enumeration(row.Values), pattern(fmt.Sprintf("%s*(%s%s+)*%s?", between, one, between, one))}
	default:
		return "xs:string"
	}
	if row.Uncertain { // its values are offered, and none is refused
		if len(row.Values) == 0 {
			return "xs:string"
		}
		members = []string{members[0], `<xs:simpleType><xs:restriction base="xs:string"/></xs:simpleType>`}
	}
	definition := `<xs:union memberTypes="empty">` + strings.Join(members, "") + `</xs:union>`
	if known, ok := s.types[definition]; ok {
		return known
	}
	for n := 2; s.taken(name); n++ {
		name = fmt.Sprintf("%s-%d", typeName(row), n)
	}
	s.types[definition] = name
	s.defined.WriteString(`<xs:simpleType name="` + name + `">` + definition + "</xs:simpleType>\n")
	return name
}

// typeName names a type by what it allows: validators show it in their messages.
func typeName(row *export.Key) string {
	low, high := bounds(row)
	switch {
	case row.Uncertain:
		return shortName(row.Name) + "-value"
	case row.Type == export.Port && (low > 1 || high < 65535), row.Type == export.Integer && high > 0:
		return fmt.Sprintf("%s-%d-to-%d", row.Type, low, high)
	case row.Type == export.Integer:
		return fmt.Sprintf("%s-from-%d", row.Type, low)
	case len(row.Values) == 0:
		return row.Type.String()
	}
	name := strings.ReplaceAll(strings.Join(row.Values, "-or-"), " ", "-")
	if row.Type == export.List {
		name = "list-of-" + name
	}
	if c := name[0]; c >= '0' && c <= '9' {
		name = "value-" + name
	}
	if len(name) > 60 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
		return shortName(row.Name) + "-value"
	}
	return name
}

func (s *keySchema) taken(name string) bool {
	for _, other := range s.types {
		if other == name {
			return true
		}
	}
	return false
}

const (
	attributePattern = `([A-Za-z][A-Za-z0-9_\-]*|[0-9]+(\.[0-9]+)*)(;[A-Za-z0-9\-]+)*`
	filterPattern    = `\(.*\)`
)

// pattern is a type of what a regular expression of XML Schema describes. Blanks around a value do not count.
func pattern(expression string) string {
	return `<xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="` + escaped(expression) + `"/></xs:restriction></xs:simpleType>`
}

func enumeration(values []string) string {
	var b strings.Builder
	b.WriteString(`<xs:simpleType><xs:restriction base="xs:token">`)
	for _, v := range values {
		b.WriteString(`<xs:enumeration value="` + escaped(v) + `"/>`)
	}
	b.WriteString(`</xs:restriction></xs:simpleType>`)
	return b.String()
}

// anyCase is a pattern for any of the values, without regard to case: enumerations of XML Schema do regard it, and Jabber does not.
func anyCase(values []string) string {
	words := make([]string, len(values))
	for i, v := range values {
		var b strings.Builder
		for _, c := range v {
			lower, upper := strings.ToLower(string(c)), strings.ToUpper(string(c))
			switch {
			case lower != upper:
				b.WriteString("[" + upper + lower + "]")
			case strings.ContainsRune(`\.*+?()[]{}|^-`, c):
				b.WriteString(`\` + string(c))
			default:
				b.WriteRune(c)
			}
		}
		words[i] = b.String()
	}
	return strings.Join(words, "|")
}
