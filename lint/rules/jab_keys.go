package rules

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/nearest"
	"cupclint/lint"
	"cupclint/resolve"
)

const jabberPrefix = "Jabber."

// sectionAndName splits the name of a key that the table does not have. Keys with elements in them are the user's own, as the tabs of a browser.
func sectionAndName(p *export.Property) (section, name string, ok bool) {
	if p.Key != export.NoKey {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(p.Name, jabberPrefix)
	if !ok {
		return "", "", false
	}
	section, name, ok = strings.Cut(rest, ".")
	return section, name, ok && !strings.Contains(name, ".")
}

// jabberSections lists the keys of jabber-config.xml by their last part.
func jabberSections() map[string]export.KeyID {
	keys := make(map[string]export.KeyID)
	for k := export.NoKey + 1; k < export.NumKeys; k++ {
		if k.Section() != "" {
			keys[shortName(k)] = k
		}
	}
	return keys
}

func shortName(k export.KeyID) string { return k.String()[strings.LastIndexByte(k.String(), '.')+1:] }

// elsewhereKnown returns the key that has the name in another section.
func elsewhereKnown(name string) (export.KeyID, bool) {
	for k := export.NoKey + 1; k < export.NumKeys; k++ {
		if k.Section() != "" && strings.EqualFold(shortName(k), name) {
			return k, true
		}
	}
	return export.NoKey, false
}

// replacedBy returns the key that took the place of one that began with BDI (Parameters Reference for Cisco Jabber 12.8: replaced with 11.8).
func replacedBy(name string) (export.KeyID, bool) {
	if len(name) < 3 || !strings.EqualFold(name[:3], "BDI") {
		return export.NoKey, false
	}
	k, _, ok := export.Lookup(jabberPrefix + "Directory." + name[3:])
	return k, ok
}

func jabberKeyUnknown(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	var keys map[string]export.KeyID
	var names []string
	for i := range in.Properties {
		p := &in.Properties[i]
		section, name, ok := sectionAndName(p)
		if !ok || len(findings) == maxNames {
			continue
		}
		if _, replaced := replacedBy(name); replaced {
			continue
		}
		if _, known := elsewhereKnown(name); known {
			continue
		}
		if keys == nil {
			keys = jabberSections()
			for n := range keys {
				names = append(names, n)
			}
			slices.Sort(names)
		}
		near := nearest.Word(name, names)
		if near == "" {
			f := in.AtName(p, "%s in the section %s is no key that the table has: clients pass over what they do not know", name, section)
			f.Severity = lint.Info
			f.Fix = "Compare the name with the parameters reference of your version."
			findings = append(findings, f)
			continue
		}
		k := keys[near]
		f := in.AtName(p, "%s is no key of Jabber, and clients pass over it: %s in the section %s is probably meant", name, near, k.Section())
		f.Evidence = []string{knownSince(k)}
		f.Fix = "Write " + near + "."
		findings = append(findings, f)
	}
	return findings
}

// knownSince says which releases know the key, and which document has it.
func knownSince(k export.KeyID) string {
	text := shortName(k) + " is in: " + k.Get().Source
	if v := k.Get().Versions; v != "" {
		text += "; releases: " + v
	}
	return text
}

func jabberSection(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i := range in.Properties {
		p := &in.Properties[i]
		section, name, ok := sectionAndName(p)
		if !ok || len(findings) == maxNames {
			continue
		}
		if k, known := elsewhereKnown(name); known {
			f := in.AtName(p, "%s stands in the section %s and belongs to %s", name, section, k.Section())
			f.Fix = "Move it to the section " + k.Section() + "."
			findings = append(findings, f)
		}
	}
	return findings
}

// jabberValueInvalid looks at values without the blanks around them, which JAB010 is about.
func jabberValueInvalid(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i := range in.Properties {
		p := &in.Properties[i]
		v := strings.TrimSpace(p.Value)
		if !p.Key.Jabber() || v == "" || isPlaceholder(v) {
			continue
		}
		problem, fix := jabberProblem(p.Key, v)
		if problem == "" {
			continue
		}
		f := in.At(p, "%q in %s %s", v, jabberName(p), problem)
		f.Fix = fix
		if strings.HasPrefix(p.Key.Get().Source, "assumption") { // then so is its set of values
			f.Severity = lint.Info
		}
		if v := p.Key.Get().Versions; v != "" {
			f.Evidence = []string{"releases: " + v}
		}
		findings = append(findings, f)
	}
	return findings
}

func jabberProblem(k export.KeyID, v string) (problem, fix string) {
	switch k {
	case export.JabberDirectoryLdapSupportedMechanisms:
		return unknownWord(strings.Fields(v), []string{"GSSAPI", "EXTERNAL", "PLAIN"})
	case export.JabberPoliciesServiceDiscoveryExcludedServices, export.JabberBootstrapExcludedServices:
		return unknownWord(strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }), []string{"WEBEX", "CUCM", "CUP"})
	}
	switch k.Type() {
	case export.Enum, export.Bool:
		if !oneOf(k, v) {
			return "is no value of the key, and the client uses its default", "Use one of " + strings.Join(k.Get().Values, ", ") + "."
		}
	case export.Port:
		if !validPort(v) {
			return "is no port", "Enter a number from 1 to 65535."
		}
	case export.Integer:
		if !validNumber(v) {
			return "is no number", "Enter a whole number from 0."
		}
	case export.Host:
		if !resolve.IsDottedDecimal(v) && !isAddress(v) && resolve.HostnameProblem(v) != "" {
			return "is neither a host name nor an address: " + resolve.HostnameProblem(v), "Enter a host name, a full name or an address, without a port or a scheme."
		}
	}
	return "", ""
}

func unknownWord(words, known []string) (problem, fix string) {
	for _, w := range words {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, w) }) {
			return fmt.Sprintf("has %q, which is none of its values", w), "Use " + strings.Join(known, ", ") + "."
		}
	}
	return "", ""
}

// jabberReplaced: the names of BDI, the server types EDI and BDI, and ConnectionType went with 11.8 (Parameters Reference for Cisco Jabber 12.8).
func jabberReplaced(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i := range in.Properties {
		p := &in.Properties[i]
		_, name, ok := sectionAndName(p)
		if !ok || len(findings) == maxNames {
			continue
		}
		if k, replaced := replacedBy(name); replaced {
			f := in.AtName(p, "%s is a name of clients before 11.8: later ones read %s", name, shortName(k))
			if both := in.Get(k); both != nil {
				f.Related = []lint.Related{in.Related(both, "%s is set, too: where a file has both, this one counts", shortName(k))}
			}
			f.Fix = "Use " + shortName(k) + " once all clients are of 11.8 or later."
			findings = append(findings, f)
		}
	}
	if v, p := set(in, export.JabberDirectoryDirectoryServerType); p != nil && (strings.EqualFold(v, "EDI") || strings.EqualFold(v, "BDI")) {
		f := in.At(p, "DirectoryServerType %s is of clients before 11.8: later ones know LDAP and UDS", v)
		f.Fix = "Use LDAP once all clients are of 11.8 or later."
		findings = append(findings, f)
	}
	if _, p := set(in, export.JabberDirectoryConnectionType); p != nil {
		f := in.AtName(p, "ConnectionType is of clients before 11.8: later ones do not read it")
		f.Fix = "Remove it once all clients are of 11.8 or later."
		findings = append(findings, f)
	}
	return findings
}

func jabberSecret(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i := range in.Properties {
		p := &in.Properties[i]
		if !p.Secret() || strings.TrimSpace(p.Value) == "" || masked(p.Value) {
			continue
		}
		f := in.AtName(p, "%s is a password in a file that the TFTP server hands to everyone who asks", jabberName(p))
		f.Fix = "Let clients log on as their users (LDAP_UseCredentialsFrom, UseWindowsCredentials), and give the account another password."
		findings = append(findings, f)
	}
	return findings
}

func jabberPadded(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i := range in.Properties {
		p := &in.Properties[i]
		v := strings.TrimSpace(p.Value)
		if v == "" || v == p.Value || p.Secret() || len(findings) == maxNames {
			continue
		}
		f := in.At(p, "%s has blanks around its value: they are part of the value for some keys and versions", jabberName(p))
		f.Edits = edit(in, p, v)
		f.Fix = "Write the value right between the tags."
		findings = append(findings, f)
	}
	return findings
}
