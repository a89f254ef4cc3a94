// Command genkeys writes export/keytable.go from the tables in export/keys. It reads service.tsv, jabber.tsv and sources.tsv of the
// folder that is its argument, and writes the Go file that is its second one. README.md in that folder describes the columns.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cupclint/export/appliance"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: genkeys TABLES-FOLDER GO-FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "genkeys:", err)
		os.Exit(1)
	}
}

func run(folder, out string) error {
	rows, err := serviceKeys(folder)
	if err != nil {
		return err
	}
	jabber, err := jabberKeys(folder)
	if err != nil {
		return err
	}
	text, err := goFile(append(rows, jabber...))
	if err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}

// A row is one key.
type row struct {
	name, meaning, typ, def, source, versions, note string
	group                                           string
	values, aliases, sections, formats              []string
	separator, item, registry                       string
	least, most                                     string
	replacedBy                                      string
	gone, uncertain                                 bool
}

// read returns the rows of a table, each with as many fields as the header has. "-" is an empty field.
func read(folder, name string) ([][]string, error) {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	var rows [][]string
	columns := 0
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if i == 0 {
			columns = len(fields)
			continue
		}
		if len(fields) != columns {
			return nil, fmt.Errorf("%s:%d: %d fields, and the header has %d", name, i+1, len(fields), columns)
		}
		for f := range fields {
			if fields[f] == "-" {
				fields[f] = ""
			}
		}
		rows = append(rows, fields)
	}
	return rows, nil
}

func split(s, sep string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, sep)
}

// formatSets are the names for sets of formats; the table may add more with "+".
var formatSets = map[string]string{
	"own":       "properties+yaml+json",
	"client":    "properties+yaml+json+soap+registry",
	"capture":   "properties+yaml+json+soap",
	"jabber":    "properties+yaml+json+jabber+jabber-bootstrap+jabber-local+jabber-log+axl+run-sql",
	"bootstrap": "properties+yaml+json+jabber-bootstrap+jabber-log",
}

// formatNames are the Go names of the formats.
var formatNames = map[string]string{
	"soap": "SOAP", "properties": "Properties", "yaml": "YAML", "json": "JSON", "registry": "Registry", "jabber": "Jabber",
	"jabber-bootstrap": "JabberBootstrap", "axl": "AXL", "run-sql": "RunSQL", "cluster": "Cluster", "cli": "CLI", "jabber-log": "JabberLog",
	"jabber-install": "JabberInstall", "jabber-link": "JabberLink", "jabber-emm": "JabberEMM", "jabber-local": "JabberLocal",
	"jabber-update": "JabberUpdate",
}

func formats(spec string) ([]string, error) {
	var all []string
	for word := range strings.SplitSeq(spec, "+") {
		set, ok := formatSets[word]
		if !ok {
			set = word
		}
		for f := range strings.SplitSeq(set, "+") {
			name, ok := formatNames[f]
			if !ok {
				return nil, fmt.Errorf("the format %q is unknown", f)
			}
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all, nil
}

func serviceKeys(folder string) ([]row, error) {
	sources, err := read(folder, "sources.tsv")
	if err != nil {
		return nil, err
	}
	source := map[string]string{}
	for _, s := range sources {
		source[s[0]] = s[1]
	}
	table, err := read(folder, "service.tsv")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, f := range table {
		r := row{name: f[0], typ: goType[f[1]], values: split(f[2], "|"), def: f[3], registry: f[5], aliases: split(f[6], "|"), versions: f[7],
			meaning: f[9], group: "Service"}
		if f[4] == "own" || strings.HasPrefix(f[4], "own+") {
			r.group = "Own"
		}
		if r.source = source[f[8]]; r.source == "" {
			return nil, fmt.Errorf("service.tsv: %s has the source %q, which sources.tsv does not have", r.name, f[8])
		}
		if r.typ == "" {
			return nil, fmt.Errorf("service.tsv: %s has the unknown type %q", r.name, f[1])
		}
		if r.formats, err = formats(f[4]); err != nil {
			return nil, fmt.Errorf("service.tsv: %s: %w", r.name, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// goType gives the Go names of the types.
var goType = map[string]string{
	"text": "Text", "host": "Host", "ip": "IP", "domain": "Domain", "port": "Port", "protocol": "Protocol", "bool": "Bool", "switch": "Switch",
	"enum": "Enum", "integer": "Integer", "dn": "DN", "bind-name": "BindName", "attribute": "Attribute", "acl": "ACL", "uri": "URI",
	"version": "Version", "secret": "SecretText", "url": "URL", "site": "Site", "filter": "Filter", "filter-or-attribute": "FilterOrAttribute",
	"list": "List", "elements": "Elements",
}

// guides writes out the names of documents that jabber.tsv shortens.
func guides(source string) string {
	return strings.NewReplacer(
		"PRG ", "Parameters Reference Guide for Cisco Jabber ", "DG ", "On-Premises Deployment for Cisco Jabber ",
		"DIG ", "Deployment and Installation Guide for Cisco Jabber ", "TAC ", "Cisco TAC note ",
		"WEBEX", "Deployment guide for Calling in Webex App (Unified CM)",
	).Replace(source)
}

var identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// uncertainValues finds notes that say that the set of values is not certain.
var uncertainValues = regexp.MustCompile(`(\btypes?|\bvalues?|\bvalue set|\bAD)\b[^;:]*\buncertain`)

func jabberKeys(folder string) ([]row, error) {
	table, err := read(folder, "jabber.tsv")
	if err != nil {
		return nil, err
	}
	var rows, early []row
	at := map[string]int{} // of a key of the second block in early
	for _, f := range table {
		if !identifier.MatchString(f[1]) || f[1] == "NOT_SPECIFIED" {
			continue // a part of the format
		}
		r := row{def: f[3], versions: f[4], source: guides(f[6]), note: f[7], meaning: f[9]}
		if err := r.jabberType(f[2]); err != nil {
			return nil, fmt.Errorf("jabber.tsv: %s: %w", f[1], err)
		}
		r.uncertain = uncertainValues.MatchString(f[7])
		if r.def == "?" || r.def == "not set" {
			r.def = ""
		}
		sections := strings.Split(f[0], "|")
		spec := "jabber"
		switch sections[0] {
		case "Installer", "Bootstrap", "EMM", "Update":
			if err := r.early(sections, f[1], f[8]); err != nil {
				return nil, err
			}
			if i, ok := at[strings.ToLower(r.name)]; ok {
				early[i].join(&r)
				continue
			}
			at[strings.ToLower(r.name)] = len(early)
			early = append(early, r)
			continue
		}
		r.group, r.sections = "Jabber", sections
		r.name = "Jabber." + sections[0] + "." + f[1]
		for _, s := range sections[1:] {
			r.aliases = append(r.aliases, "Jabber."+s+"."+f[1])
		}
		for _, a := range split(f[8], "|") {
			for _, s := range sections {
				r.aliases = append(r.aliases, "Jabber."+s+"."+a)
			}
		}
		switch {
		case f[5] == "none (gone)":
			r.gone = true
		case identifier.MatchString(f[5]):
			r.replacedBy = "Jabber." + sections[0] + "." + f[5]
		}
		if sections[0] == "Directory" && !strings.HasPrefix(f[1], "BDI") {
			spec += "+registry" // Enhanced Directory Integration had the same names in the registry
		}
		if r.formats, err = formats(spec); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return append(rows, early...), nil
}

// early names a key that clients get before their configuration: from the installer, a link, a device management system.
func (r *row) early(sections []string, name, other string) error {
	spec, group := "bootstrap", "Bootstrap"
	switch sections[0] {
	case "Installer":
		spec += "+jabber-install"
	case "EMM":
		spec += "+jabber-link+jabber-emm"
	case "Update":
		spec, group = "own+jabber-update", "Update"
	}
	id := name
	if canonical, ok := strings.CutPrefix(other, "= "); ok {
		id = canonical
	}
	if strings.Contains(id, "_") || strings.ToUpper(id) == id {
		parts := strings.Split(strings.ToLower(id), "_")
		for i, p := range parts {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
		id = strings.Join(parts, "")
	}
	r.group = group
	r.name = "Jabber." + group + "." + id
	if !strings.EqualFold(id, name) {
		r.aliases = append(r.aliases, "Jabber."+group+"."+name)
	}
	if group == "Bootstrap" && strings.Contains(name, "_") {
		if plain := "Jabber.Bootstrap." + strings.ReplaceAll(name, "_", ""); !strings.EqualFold(plain, r.name) {
			r.aliases = append(r.aliases, plain)
		}
	}
	var err error
	r.formats, err = formats(spec)
	return err
}

// join adds what another container says of the same key.
func (r *row) join(other *row) {
	for _, a := range other.aliases {
		if !slices.ContainsFunc(r.aliases, func(b string) bool { return strings.EqualFold(a, b) }) {
			r.aliases = append(r.aliases, a)
		}
	}
	for _, f := range other.formats {
		if !slices.Contains(r.formats, f) {
			r.formats = append(r.formats, f)
		}
	}
	if !strings.Contains(r.source, other.source) {
		r.source += "; " + other.source
	}
	for _, v := range split(other.versions, ", ") {
		if r.versions != "" && r.versions != "all" && !slices.Contains(split(r.versions, ", "), v) {
			r.versions += ", " + v
		}
	}
	if r.def == "" {
		r.def = other.def
	}
	if r.meaning == "" {
		r.meaning = other.meaning
	}
}

var bounds = regexp.MustCompile(`^(?:(\d+)-(\d+)|>= (\d+))`)

// jabberType reads the column type: a word, a set or a range after it, and what is said in parentheses.
func (r *row) jabberType(spec string) error {
	word, rest, _ := strings.Cut(spec, " ")
	word = strings.TrimRight(word, ",:")
	switch word {
	case "bool":
		r.typ, r.values = "Bool", []string{"true", "false"}
		if strings.HasPrefix(rest, "(") {
			r.values = strings.Split(strings.Trim(rest, "()"), "|")
		}
	case "enum":
		r.typ = "Enum"
		if strings.Contains(rest, "(") {
			r.typ = "Text"
			return nil
		}
		r.values = strings.Split(rest, "|")
	case "int", "port":
		r.typ = map[string]string{"int": "Integer", "port": "Port"}[word]
		if m := bounds.FindStringSubmatch(rest); m != nil {
			r.least, r.most = m[1]+m[3], m[2]
		}
	case "url":
		r.typ = "URL"
		switch {
		case strings.HasPrefix(rest, "or host"):
			r.typ = "Site"
		case strings.Contains(rest, "file path"):
			r.typ = "Text"
		}
	case "filter":
		r.typ = "Filter"
		if strings.Contains(rest, "attribute") {
			r.typ = "FilterOrAttribute"
		}
	case "list":
		return r.listType(rest)
	case "text", "mask", "path", "file":
		r.typ = "Text"
		switch {
		case strings.Contains(rest, "bind DN"):
			r.typ = "BindName"
		case strings.Contains(rest, "HTML"), strings.Contains(rest, "several lines"):
			r.typ = "Elements" // the user's own
		}
	case "elements":
		r.typ = "Elements"
	case "host", "domain", "DN", "attribute", "version", "secret":
		r.typ = goType[strings.ToLower(word)]
	default:
		return fmt.Errorf("the type %q is unknown", spec)
	}
	return nil
}

// listType reads "by comma of A|B", "of JIDs, by semicolon".
func (r *row) listType(spec string) error {
	r.typ = "List"
	for word, sep := range map[string]string{"by comma": ",", "by semicolon": ";", "by blank": " "} {
		if strings.Contains(spec, word) {
			r.separator = sep
		}
	}
	of := regexp.MustCompile(`of ([^,( ]+)`).FindStringSubmatch(spec)
	if of == nil {
		return errors.New("a list of what?")
	}
	r.item = "Text"
	switch {
	case strings.Contains(of[1], "|"):
		r.values, r.item = strings.Split(of[1], "|"), "Enum"
	case of[1] == "domains":
		r.item = "Domain"
	}
	return nil
}

// goName is the constant of a key.
func goName(name string) string {
	var b strings.Builder
	for _, part := range regexp.MustCompile(`[._-]`).Split(strings.ReplaceAll(name, ".{n}", ""), -1) {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func goFile(rows []row) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated by scripts/genkeys from the tables in export/keys. DO NOT EDIT.\n\npackage export\n\nimport " +
		"\"cupclint/export/appliance\"\n\n")
	b.WriteString("// The keys. Their numbers mean nothing outside of a process.\nconst (\n\tNoKey KeyID = iota\n")
	seen := map[string]string{}
	for i := range rows {
		name := goName(rows[i].name)
		if before, twice := seen[name]; twice {
			return nil, fmt.Errorf("%s and %s are both %s in Go", before, rows[i].name, name)
		}
		seen[name] = rows[i].name
		fmt.Fprintf(&b, "\t%s\n", name)
	}
	b.WriteString("\n\t// applianceFirst is the key of the first field of package appliance; the others follow in its " +
		"order.\n\tapplianceFirst\n")
	b.WriteString("\n\t// NumKeys bounds arrays that a KeyID indexes.\n\tNumKeys = applianceFirst + KeyID(appliance.NumFields)\n)\n\n")
	b.WriteString("const printed = \"output of the servers' command line; the sources are on the pages of the rules\"\n\n")
	b.WriteString("// table holds what is known of each key.\nvar table = [NumKeys]Key{\n")
	for i := range rows {
		rows[i].write(&b)
	}
	for f := range appliance.NumFields {
		fmt.Fprintf(&b, "\tapplianceFirst + %d: {Name: %q, Meaning: %q, Type: %s, Formats: 1<<CLI | 1<<Cluster, Source: printed},\n", f,
			"Appliance.{node}."+f.String(), f.Row().Meaning, printedType(f))
	}
	b.WriteString("}\n\n// types holds the types alone, close together: rules ask for them for every property of every export.\nvar types = " +
		"[NumKeys]Type{\n")
	for i := range rows {
		fmt.Fprintf(&b, "\t%s: %s,\n", goName(rows[i].name), rows[i].typ)
	}
	for f := range appliance.NumFields {
		fmt.Fprintf(&b, "\tapplianceFirst + %d: %s,\n", f, printedType(f))
	}
	b.WriteString("}\n\n// groups does the same for the groups.\nvar groups = [NumKeys]Group{\n")
	for i := range rows {
		fmt.Fprintf(&b, "\t%s: %sKeys,\n", goName(rows[i].name), rows[i].group)
	}
	b.WriteString("}\n\n")
	if err := writeNames(&b, rows); err != nil {
		return nil, err
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, b.Bytes())
	}
	return text, nil
}

func (r *row) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\t%s: {Name: %q, Type: %s", goName(r.name), r.name, r.typ)
	list := func(field string, words []string) {
		if len(words) > 0 {
			fmt.Fprintf(b, ", %s: %#v", field, words)
		}
	}
	text := func(field, value string) {
		if value != "" {
			fmt.Fprintf(b, ", %s: %s", field, strconv.Quote(value))
		}
	}
	list("Values", r.values)
	text("Default", r.def)
	for i, f := range r.formats {
		fmt.Fprintf(b, "%s1<<%s", map[bool]string{true: ", Formats: ", false: " | "}[i == 0], f)
	}
	text("Source", r.source)
	list("Aliases", r.aliases)
	text("Versions", r.versions)
	list("Sections", r.sections)
	text("Separator", r.separator)
	if r.item != "" {
		fmt.Fprintf(b, ", Item: %s", r.item)
	}
	if r.least != "" {
		fmt.Fprintf(b, ", Least: %s", r.least)
	}
	if r.most != "" {
		fmt.Fprintf(b, ", Most: %s", r.most)
	}
	if r.replacedBy != "" {
		fmt.Fprintf(b, ", ReplacedBy: %s", goName(r.replacedBy))
	}
	if r.gone {
		b.WriteString(", Gone: true")
	}
	if r.uncertain {
		b.WriteString(", Uncertain: true")
	}
	text("registry", r.registry)
	text("Note", r.note)
	if r.meaning != "" {
		fmt.Fprintf(b, ",\n\t\tMeaning: %q", r.meaning)
	}
	b.WriteString("},\n")
}
