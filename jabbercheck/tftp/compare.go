package tftp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// maxDifferences bounds the settings that one finding names.
const maxDifferences = 20

// A copy is one file as one server gave it.
type copied struct {
	o *Observation
	f *File
}

// byName groups the answers by the name of the file, in the order of the first server.
func byName(seen []*Observation) (names []string, copies map[string][]copied) {
	copies = make(map[string][]copied)
	for _, o := range seen {
		for i := range o.Files {
			f := &o.Files[i]
			if f.Role == Profile {
				continue
			}
			if copies[f.Name] == nil {
				names = append(names, f.Name)
			}
			copies[f.Name] = append(copies[f.Name], copied{o, f})
		}
	}
	return names, copies
}

// judgeFiles is TFTP102, TFTP104, TFTP105 and TFTP106, which need the answers of all servers.
func judgeFiles(seen []*Observation, local []area.LocalFile) []lint.Finding {
	var out []lint.Finding
	names, copies := byName(seen)
	for _, name := range names {
		all := copies[name]
		out = append(out, judgeMissing(name, all, local)...)
		loaded := slices.DeleteFunc(slices.Clone(all), func(c copied) bool { return !c.f.Loaded || c.f.Content == "" })
		if len(loaded) == 0 {
			continue
		}
		out = append(out, judgeSame(name, loaded)...)
		out = append(out, judgeRepository(name, loaded, local)...)
	}
	return out
}

func namesOf(list []copied) string {
	var out []string
	for _, c := range list {
		out = append(out, c.o.ServerName())
	}
	return strings.Join(out, ", ")
}

// judgeMissing is TFTP102, and TFTP106 for group files.
func judgeMissing(name string, all []copied, local []area.LocalFile) []lint.Finding {
	var missing, there []copied
	for _, c := range all {
		switch {
		case c.f.Missing:
			missing = append(missing, c)
		case c.f.Loaded:
			there = append(there, c)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	first := missing[0]
	rule, subject := ruleMissing, "file "+name
	if first.f.Role == Group {
		rule = ruleGroup
	}
	var f lint.Finding
	const fix = "Upload the file to every TFTP node (Cisco Unified OS Administration > Software Upgrades > TFTP File Management) and " +
		"restart Cisco Tftp there. " +
		"Names are case-sensitive."
	switch {
	case len(there) > 0:
		f = rule.New(subject, "%s is on %s but not on %s. Clients that load from there run without the file", name, namesOf(there),
			namesOf(missing))
		f.Fix = fix
	case first.f.Role == Group:
		f = rule.New(subject, "the configuration names the group file %s, but no server has it (%s). The clients of the group run without it",
			name, namesOf(missing))
		f.Fix = fix
	case slices.ContainsFunc(local, func(l area.LocalFile) bool { return baseName(l.File) == baseName(name) }):
		f = rule.New(subject, "%s is in the repository but on no server (%s). Clients do not get it", name, namesOf(missing))
		f.Fix = fix
	default:
		f = rule.New(subject, "%s is on no server (%s). Clients run with default settings, unless the service profile has a Jabber configuration",
			name, namesOf(missing))
		f.Severity = lint.Warning
		f.Fix = "Upload the file to every TFTP node, or check that the service profile has a UC service of type Jabber Client Configuration " +
			"(12.5 and later)."
	}
	for _, c := range all {
		f.Evidence = append(f.Evidence, c.f.URL+": "+c.f.answer())
	}
	return []lint.Finding{first.o.Place.Put(f)}
}

// judgeSame is TFTP104.
func judgeSame(name string, loaded []copied) []lint.Finding {
	var different []copied // the first of each content
	for _, c := range loaded {
		if !slices.ContainsFunc(different, func(d copied) bool { return d.f.Content == c.f.Content }) {
			different = append(different, c)
		}
	}
	if len(different) < 2 {
		return nil
	}
	first := different[0]
	f := ruleServers.New("file "+name,
		"%s differs from server to server (%d versions on %d servers). The settings of a client depend on the server that it asks",
		name, len(different), len(loaded))
	for _, c := range loaded {
		line := fmt.Sprintf("%s: %d bytes", c.f.URL, c.f.Bytes)
		if !c.f.Modified.IsZero() {
			line += ", Last-Modified " + c.f.Modified.Format(time.RFC3339)
		}
		f.Evidence = append(f.Evidence, line)
	}
	have := first.f.settings()
	for _, c := range different[1:] {
		lines := differences(first.o.ServerName(), have, c.o.ServerName(), c.f.settings())
		switch {
		case first.f.Bad != "" || c.f.Bad != "":
			lines = []string{c.o.ServerName() + ": settings are not compared, because a version cannot be read"}
		case len(lines) == 0:
			lines = []string{c.o.ServerName() +
				": all settings that can be shown are the same; the difference is in secrets, comments, order or blanks"}
		}
		f.Evidence = append(f.Evidence, lines...)
	}
	f.Fix = "Upload the same file to every TFTP node and restart Cisco Tftp on each."
	return []lint.Finding{first.o.Place.Put(f)}
}

// settings are those of a file that was kept.
func (f *File) settings() []area.Setting {
	if f.Text == "" {
		return nil
	}
	e, err := f.parse()
	if err != nil {
		return nil
	}
	return settings(e)
}

func (f *File) parse() (*export.Export, error) {
	return (&export.Reader{Force: export.Jabber}).Parse(f.URL, []byte(f.Text))
}

// differences lists settings that differ between two files, in the order of the first.
func differences(a string, left []area.Setting, b string, right []area.Setting) []string {
	values := func(list []area.Setting) (keys []string, of map[string][]string) {
		of = make(map[string][]string)
		for _, s := range list {
			k := strings.ToLower(s.Key)
			if of[k] == nil {
				keys = append(keys, s.Key)
			}
			of[k] = append(of[k], s.Value)
		}
		return keys, of
	}
	leftKeys, l := values(left)
	rightKeys, r := values(right)
	var out []string
	for _, key := range leftKeys {
		k := strings.ToLower(key)
		switch {
		case r[k] == nil:
			out = append(out, fmt.Sprintf("%s: only in %s, %s", key, a, quoted(l[k])))
		case !slices.Equal(l[k], r[k]):
			out = append(out, fmt.Sprintf("%s: %s (%s), %s (%s)", key, quoted(l[k]), a, quoted(r[k]), b))
		}
	}
	for _, key := range rightKeys {
		if k := strings.ToLower(key); l[k] == nil {
			out = append(out, fmt.Sprintf("%s: only in %s, %s", key, b, quoted(r[k])))
		}
	}
	if more := len(out) - maxDifferences; more > 0 {
		out = append(out[:maxDifferences], fmt.Sprintf("and %d more", more))
	}
	return out
}

// quoted writes the values of a setting, shortened.
func quoted(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		if r := []rune(v); len(r) > 60 {
			v = string(r[:60]) + "..."
		}
		out[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(out, ", ")
}

// judgeRepository is TFTP105: no file of the repository with this name says the same as the server's.
func judgeRepository(name string, loaded []copied, local []area.LocalFile) []lint.Finding {
	var named []area.LocalFile
	for _, l := range local {
		if baseName(l.File) == baseName(name) {
			named = append(named, l)
		}
	}
	var out []lint.Finding
	var said []string // contents
	for _, c := range loaded {
		if len(named) == 0 || c.f.Text == "" || slices.Contains(said, c.f.Content) {
			continue
		}
		said = append(said, c.f.Content)
		have := c.f.settings()
		var least []string
		var nearest *area.LocalFile
		same := false
		for i := range named {
			d := differences("the file of the server", have, "the file of the repository", named[i].Settings)
			if len(d) == 0 {
				same = true
				break
			}
			if nearest == nil || len(d) < len(least) {
				least, nearest = d, &named[i]
			}
		}
		if same {
			continue
		}
		f := ruleRepository.New("file "+name+" "+c.o.ServerName(), "%s on %s is not the same as in the repository (%s): %s", name,
			c.o.ServerName(), nearest.File,
			direction(c.f.Modified, nearest.Modified))
		f.File, f.Line, f.Column = nearest.File, firstDifference(have, nearest.Settings), 1
		f.Evidence = append([]string{c.f.URL}, least...)
		f.Fix = "Find out which of the two is right. If it is the repository's file, upload it to every TFTP node and restart Cisco Tftp. If " +
			"it is the server's file, copy it to the repository."
		out = append(out, f)
	}
	return out
}

// firstDifference is the line of the first setting of a file of the repository that differs in the server's file; 1 if there is
// none.
func firstDifference(server []area.Setting, local []area.Setting) int {
	for _, s := range local {
		same := func(x area.Setting) bool { return strings.EqualFold(x.Key, s.Key) && x.Value == s.Value }
		if s.Line > 0 && !slices.ContainsFunc(server, same) {
			return s.Line
		}
	}
	return 1
}

// direction says which of two files is newer, if that is known.
func direction(server, local time.Time) string {
	const form = "2006-01-02 15:04 UTC"
	switch {
	case server.IsZero() || local.IsZero():
		return "it is not known which of the two is newer"
	case server.Before(local):
		return fmt.Sprintf("by the times, the server's file is older (Last-Modified %s, the file on this computer %s)", server.Format(form),
			local.Format(form))
	case server.After(local):
		return fmt.Sprintf("by the times, the server's file is newer (Last-Modified %s, the file on this computer %s)", server.Format(form),
			local.Format(form))
	}
	return "both have the same time"
}

// lintDownloads returns what the static rules find in the files that servers gave, each content once, with the URL as the name of the file.
// A file that is equal to one of the repository is left out: its findings are those of the repository.
func lintDownloads(seen []*Observation, local []area.LocalFile) []lint.Finding {
	var out []lint.Finding
	var said []string
	names, copies := byName(seen)
	for _, name := range names {
		for _, c := range copies[name] {
			if c.f.Text == "" || slices.Contains(said, c.f.Content) {
				continue
			}
			said = append(said, c.f.Content)
			have := c.f.settings()
			if slices.ContainsFunc(local, func(l area.LocalFile) bool { return len(differences("", have, "", l.Settings)) == 0 }) {
				continue
			}
			out = append(out, lintDownload(c.f)...)
		}
	}
	return out
}

// ownRules are the static rules whose subject another rule of this package covers: secrets are masked in what is kept.
var ownRules = []string{"JAB009", "CRED008"}

func lintDownload(f *File) []lint.Finding {
	e, err := f.parse()
	if err != nil {
		return nil
	}
	findings, err := lint.NewJudge(lint.Options{Rules: rules.All(), Jobs: 1}).Findings(e)
	if err != nil {
		return nil // the text was read before: an internal failure says nothing about the file
	}
	findings = slices.DeleteFunc(findings, func(x lint.Finding) bool { return slices.Contains(ownRules, x.Rule) })
	for i := range findings {
		findings[i].Edits = nil // the file is not here
	}
	return findings
}
