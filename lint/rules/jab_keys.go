package rules

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/nearest"
	"cupclint/internal/secret"
	"cupclint/lint"
)

const jabberPrefix = "Jabber."

// sectionAndName splits the name of a setting as jabber-config.xml has it. Elements inside a key are the user's own, as the tabs of a
// browser.
func sectionAndName(p *export.Property) (section, name string, ok bool) {
	rest, ok := strings.CutPrefix(p.Name, jabberPrefix)
	if !ok {
		return "", "", false
	}
	section, name, ok = strings.Cut(rest, ".")
	return section, name, ok && !strings.Contains(name, ".")
}

// tableOfKeys says what the table of Jabber's keys covers.
const tableOfKeys = "its table covers Jabber 12.5 to 14.1"

// jabberKeyUnknown suggests a name only for a misspelled one, and never a name that the file has already: then the key would be set twice.
func jabberKeyUnknown(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	t := knownNames{}
	for n := range in.Names() {
		if len(findings) == maxNames {
			break
		}
		if in.Format == export.JabberLink {
			if f, wrong := linkCase(in, in.Named(n)); wrong {
				findings = append(findings, f)
				continue
			}
		}
		if n.Key != export.NoKey {
			continue
		}
		p := in.Named(n)
		section, name, ok := sectionAndName(p)
		where := " in the section " + section
		if !ok && early(in.Format) && !strings.HasPrefix(p.Name, jabberPrefix) {
			name, where, ok = p.Name, "", true
		}
		if !ok {
			continue
		}
		near, k := t.slip(in.Format, name)
		if near == "" || in.Get(k) != nil {
			f := in.AtName(p, "cupclint does not know the key %s%s; %s", name, where, tableOfKeys)
			f.Severity = lint.Info
			f.Fix = "Compare the name with the parameters reference of your Jabber version. If it is misspelled, Jabber ignores it."
			if k := documentedServer(in, section, name); k != export.NoKey {
				f.Fix += " The documented name for such a setting is " + k.Short() + "."
			}
			findings = append(findings, f)
			continue
		}
		if sections := k.Get().Sections; len(sections) > 0 {
			where = " in the section " + strings.Join(sections, " or ")
		}
		f := in.AtName(p, "cupclint does not know the key %s; %s. If it is misspelled, Jabber ignores it. Did you mean %s%s?",
			name, tableOfKeys, near, where)
		f.Evidence = []string{documented(k)}
		f.Fix = "Write " + near + "."
		findings = append(findings, f)
	}
	return findings
}

// early reports whether a format carries the names of what clients get before their configuration.
func early(f export.Format) bool {
	switch f {
	case export.JabberBootstrap, export.JabberInstall, export.JabberLink, export.JabberEMM:
		return true
	}
	return false
}

// knownNames are the names that a misspelled name is compared with, made when first asked for.
type knownNames struct {
	names []string
	keys  map[string]export.KeyID
}

// slip finds the documented name that was probably meant by a misspelled name, as the format writes it.
func (t *knownNames) slip(format export.Format, name string) (string, export.KeyID) {
	if t.keys == nil {
		t.keys = make(map[string]export.KeyID)
		for k := export.NoKey + 1; k < export.NumKeys; k++ {
			if k.Group() == export.JabberKeys && (format == export.JabberBootstrap || !early(format)) {
				t.keys[k.Short()] = k
			}
			if k.Group() == export.BootstrapKeys && early(format) {
				t.keys[k.Short()] = k
				for _, a := range k.Get().Aliases {
					t.keys[a[strings.LastIndexByte(a, '.')+1:]] = k
				}
			}
		}
		for n := range t.keys {
			t.names = append(t.names, n)
		}
		slices.Sort(t.names)
	}
	near := nearest.Slip(name, t.names)
	return near, t.keys[near]
}

// linkCase: names are case-sensitive in a link (On-Premises Deployment for Cisco Jabber 12.9, configuration URL); older guides print
// servicesdomain, so this is an info.
func linkCase(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if p.Key.Group() != export.BootstrapKeys {
		return lint.Finding{}, false
	}
	right := ""
	for _, name := range append([]string{p.Key.String()}, p.Key.Get().Aliases...) {
		name = name[strings.LastIndexByte(name, '.')+1:]
		if name == p.Name {
			return lint.Finding{}, false
		}
		if strings.EqualFold(name, p.Name) {
			right = name
		}
	}
	if right == "" {
		return lint.Finding{}, false
	}
	f := in.AtName(p, "the name %s is not documented: names are case-sensitive in a link. The documented name is %s", p.Name, right)
	f.Severity = lint.Info
	f.Fix = "Write " + right + "."
	return f, true
}

// documented says which document has the key, and for which clients.
func documented(k export.KeyID) string {
	text := k.Short() + " is documented in: " + k.Get().Source
	if v := k.Get().Versions; v != "" {
		text += "; clients: " + v
	}
	return text
}

func jabberSection(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for n := range in.Names() {
		key := n.Key.Get()
		if n.Key.Group() != export.JabberKeys || n.Name == key.Name || len(findings) == maxNames { // the name of a key has its usual section
			continue
		}
		p, sections := in.Named(n), key.Sections
		section, name, ok := sectionAndName(p)
		if ok && slices.ContainsFunc(sections, func(s string) bool { return strings.EqualFold(s, section) }) {
			continue
		}
		f := in.AtName(p, "%s is in section %s but belongs in section %s", name, section, strings.Join(sections, " and "))
		if !ok {
			parts := strings.Split(strings.TrimPrefix(p.Name, jabberPrefix), ".")
			switch {
			case in.Format != export.Jabber || len(sections) == 0:
				continue
			case len(parts) == 1:
				f.Message = fmt.Sprintf("%s is in no section but belongs in section %s", parts[0], strings.Join(sections, " and "))
			case len(parts) == 3:
				f.Message = fmt.Sprintf("%s is in section %s, which is inside section %s. Sections belong directly in the element config",
					parts[2], parts[1], parts[0])
			default:
				continue
			}
		}
		f.Fix = "Move it to the section " + sections[0] + "."
		findings = append(findings, f)
	}
	return findings
}

// jabberValueInvalid looks at a value without the blanks around it, which JAB010 is about.
func jabberValueInvalid(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	v := strings.TrimSpace(p.Value)
	if !p.Key.Jabber() || v == "" || isPlaceholder(v) || p.Secret() {
		return lint.Finding{}, false
	}
	bad := jabberProblem(p.Key, v)
	if p.Key.Get().Type == export.Bool && (v == "0" || v == "1") && (in.Format == export.Registry || fromDefaults(in, p)) {
		return lint.Finding{}, false // there is no other form for a switch
	}
	if bad.problem == "" {
		return lint.Finding{}, false
	}
	f := in.At(p, "%q in %s %s", v, jabberName(p), bad.problem)
	f.Fix = bad.fix
	if bad.doubtful {
		f.Severity = lint.Warning
	}
	if p.Key.Get().Uncertain { // then so is its set of values
		f.Severity = lint.Info
	}
	f.Evidence = []string{documented(p.Key)}
	if p.Origin != "" && in.Format == export.JabberLog {
		f.Evidence = append(f.Evidence, "where the client got it from: "+p.Origin)
	}
	return f, true
}

// fromDefaults reports a setting in what "defaults read" or "plutil -p" of macOS prints: Key = 1; or "Key" => 1
func fromDefaults(in *lint.Input, p *export.Property) bool {
	if in.Format != export.JabberEMM {
		return false
	}
	line := strings.TrimSpace(in.SourceLine(in.Range(p).Line))
	return strings.HasSuffix(line, ";") && strings.Contains(line, " = ") || strings.Contains(line, `" => `)
}

// jabberReplaced: names and values that later clients do not read, most of them gone with 11.8 (Parameters Reference for Cisco Jabber 12.8,
// table of directory names). Where the file has old directory names alone, current clients read none of its directory settings: the first
// finding says so, as a warning.
func jabberReplaced(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	old, current := 0, false
	for n := range in.Names() {
		k := n.Key.Get()
		if n.Key.Group() != export.JabberKeys {
			continue
		}
		if k.ReplacedBy == export.NoKey && !k.Gone {
			current = current || n.Key.Section() == directorySection && n.Key != export.JabberDirectoryDirectoryServerType
			continue
		}
		p := in.Named(n)
		if p.Key.Section() == directorySection && !k.Gone {
			old++
		}
		if len(findings) == maxNames {
			continue
		}
		var f lint.Finding
		since := "older clients"
		if strings.Contains(k.Versions, "to 11.7") {
			since = "clients before 11.8"
		}
		if k.Gone {
			f = in.AtName(p, "only %[2]s read %[1]s", jabberName(p), since)
			f.Fix = "Remove it once all clients have a later version."
		} else {
			next := k.ReplacedBy
			f = in.AtName(p, "%s is a name for %s. Later clients read %s", jabberName(p), since, next.Short())
			if both := in.Get(next); both != nil {
				f.Related = []lint.Related{in.Related(both, "%s is also set. If a file has both, clients use this one", next.Short())}
			}
			f.Fix = "Use " + next.Short() + " once all clients have a later version."
		}
		findings = append(findings, f)
	}
	if old > 0 && !current && in.Format == export.Jabber {
		first := slices.IndexFunc(findings, func(f lint.Finding) bool { return strings.Contains(f.Key, "."+directorySection+".") })
		if first >= 0 {
			findings[first].Severity = lint.Warning
			findings[first].Message += ". All directory names of this file are old. Clients from 11.8 on ignore all of them"
		}
	}
	if v, p := set(in, export.JabberDirectoryDirectoryServerType); p != nil && (strings.EqualFold(v, "EDI") || strings.EqualFold(v, "BDI")) {
		f := in.At(p, "DirectoryServerType %s is for clients before 11.8. Later clients support LDAP and UDS only", v)
		f.Fix = "Use LDAP once all clients are 11.8 or later."
		findings = append(findings, f)
	}
	return findings
}

const directorySection = "Directory"

// forClients reports whether a secret is a setting in a file that clients get from a server. CRED008 reports the others.
func forClients(in *lint.Input, n *export.Name) bool {
	switch in.Format {
	case export.JabberLog, export.JabberInstall, export.JabberLocal:
		return false
	case export.Jabber, export.JabberBootstrap, export.JabberLink, export.JabberEMM:
		return in.Jabber()
	}
	return in.Jabber() && (n.Key.Jabber() || strings.HasPrefix(n.Name, jabberPrefix))
}

func jabberSecret(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for n := range in.Names() {
		if !n.Secret || !forClients(in, &n) {
			continue
		}
		p := in.Named(n)
		if strings.TrimSpace(p.Value) == "" || secret.Masked(p.Value) {
			continue
		}
		f := in.AtName(p, "%s is a password in a file that the TFTP server gives to everyone", jabberName(p))
		f.Fix = "Let clients log in to the directory as their users (LDAP_UseCredentialsFrom). Remove the password from the file, and change " +
			"the password of the account."
		findings = append(findings, f)
	}
	return findings
}

// jabberPadded leaves texts alone that belong to the user: labels, tabs, texts of several lines.
func jabberPadded(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for n := range in.Names() {
		if n.Secret || len(findings) == maxNames || !trimmable(n.Key) {
			continue
		}
		p := in.Named(n)
		v := strings.TrimSpace(p.Value)
		if v == "" || v == p.Value || p.Origin != "" && in.Format == export.JabberLog {
			continue
		}
		f := in.At(p, "%s has blanks around its value. For some keys and versions they are part of the value", jabberName(p))
		f.Edits = edit(in, p, v)
		f.Fix = "Write the value directly between the tags, without blanks."
		findings = append(findings, f)
	}
	return findings
}

// trimmable reports whether blanks around the value cannot be meant.
func trimmable(k export.KeyID) bool {
	switch k.Type() {
	case export.Text, export.Elements: // also those of NoKey
		return false
	}
	return k.Jabber()
}
