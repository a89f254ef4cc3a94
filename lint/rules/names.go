package rules

import (
	"fmt"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// maxNames bounds how many findings HYG001 and HYG002 make for one export each; the last one counts the rest. A file that is not
// an export at all can have a hundred thousand unknown keys.
const maxNames = 100

// duplicates reports every key once, at its second place.
func duplicates(in *lint.Input) []lint.Finding {
	if in.Format.Records() || in.Format == export.JabberLog {
		return nil // every record has the same fields; a client asks for its settings again and again
	}
	r := repeats{in: in}
	// Each link, each command of an installer and each App of an update file is a configuration of its own. A link is on a line.
	apps := in.Format == export.JabberUpdate
	each := in.Format == export.JabberLink || in.Format == export.JabberInstall || apps
	line, app := 0, ""
	var seen map[string]*export.Property // keys with a number, and unknown ones: rare
	for n := range in.Names() {
		if n.Key != export.NoKey && n.N == 0 && !each {
			if n.Again {
				r.add(in.Get(n.Key), in.Named(n))
			}
			continue
		}
		p := in.Named(n)
		if apps && p.Origin != app {
			app, seen = p.Origin, nil
		}
		if each && !apps {
			if at := in.NameRange(p).Line; at != line {
				line, seen = at, nil
			}
		}
		if seen == nil {
			seen = map[string]*export.Property{}
		}
		name := strings.ToLower(p.Canonical())
		if first := seen[name]; first != nil {
			r.add(first, p)
			continue
		}
		seen[name] = p
	}
	return r.findings
}

// repeats are the findings on keys that are set more than once.
type repeats struct {
	in       *lint.Input
	findings []lint.Finding
	at       map[*export.Property]int // the first place of a key -> its finding
	log      bool                     // the export is a log
	more     int
}

func (r *repeats) add(first, p *export.Property) {
	if r.at == nil {
		r.at = map[*export.Property]int{}
		r.log = isLog(r.in, first)
	}
	differs := first.Value != p.Value
	if r.log && !differs {
		return // a log has the configuration at every log-in
	}
	i, known := r.at[first]
	switch {
	case known && len(r.findings[i].Evidence) < maxRepeats:
		r.findings[i].Evidence = append(r.findings[i].Evidence, r.seen("again", p))
	case known:
	case len(r.findings) == maxNames:
		r.more++
		last := &r.findings[maxNames-1]
		last.Fix = fmt.Sprintf("%s (%d more places in this export are not listed.)", removeOne, r.more)
		return
	default:
		f := r.in.AtName(p, "%s is set twice with the same value", written(p))
		f.Evidence = []string{r.seen("first", first)}
		f.Fix = removeOne
		i = len(r.findings)
		r.at[first] = i
		r.findings = append(r.findings, f)
	}
	switch f := &r.findings[i]; {
	case r.log:
		f.Message = written(p) + " changes in the course of the log. The rules use its first value, the client the last"
		f.Fix = "Lint only the part of the log after the last log-in."
	case differs:
		f.Severity = lint.Error
		f.Message = written(p) + " is set more than once with different values. It is undefined which one the client uses"
		if len(f.Evidence) == 1 { // the second place: the finding points to its name
			f.Evidence = append(f.Evidence, r.seen("again", p))
		}
	}
}

// seen says where a key is set, with its value unless that is a secret.
func (r *repeats) seen(when string, p *export.Property) string {
	line := fmt.Sprintf("%s in line %d", when, r.in.NameRange(p).Line)
	if p.Secret() || len(p.Value) > maxQuoted {
		return line
	}
	return fmt.Sprintf("%s: %q", line, p.Value)
}

// maxQuoted bounds a value in evidence, in bytes.
const maxQuoted = 200

const (
	maxRepeats = 8 // lines of evidence
	removeOne  = "Remove one of them."
)

// isLog decides by one line whether an export is a log: there is something other than blanks before the key.
func isLog(in *lint.Input, p *export.Property) bool {
	if in.Format != export.Properties {
		return false
	}
	at := in.NameRange(p)
	const lead = 400
	text, column := in.Source(at, lead, 2*lead) // of a quoted line without the sign of the quote
	for _, c := range text {
		if column >= at.Column {
			break
		}
		if c != ' ' && c != '\t' {
			return true
		}
		column++
	}
	return false
}

func unknownProperties(in *lint.Input) []lint.Finding {
	if in.Format.Records() || early(in.Format) || in.Format == export.JabberLog || in.Format == export.JabberLocal {
		return nil // fields of a record are not keys; JAB001 knows the names of what clients get before their configuration
	}
	var findings []lint.Finding
	more := 0
	for n := range in.Names() {
		if n.Key != export.NoKey || strings.HasPrefix(n.Name, jabberPrefix) { // JAB001 knows more about those
			continue
		}
		if len(findings) == maxNames {
			more++
			continue
		}
		p := in.Named(n)
		f := in.AtName(p, "cupclint does not know the key %s, and no rule reads it", p.Name)
		if near := export.Nearest(p.Name); near != "" {
			f.Message = fmt.Sprintf("cupclint does not know the key %s, but it knows %s", p.Name, near)
			f.Fix = "If it is misspelled, write " + near + "."
			if hasNamed(in, near) { // then it would be set twice
				f.Fix = near + " is also set. Keep one of the two, under this name."
			}
		}
		findings = append(findings, f)
	}
	if more > 0 {
		findings[maxNames-1].Evidence = []string{fmt.Sprintf("cupclint does not know %d more keys of this export", more)}
	}
	return findings
}

// hasNamed reports whether the export has a key of the key space, by its name.
func hasNamed(in *lint.Input, name string) bool {
	k, n, ok := export.Lookup(name)
	if ok {
		for p := range in.All(k) {
			if p.N == n {
				return true
			}
		}
	}
	return false
}
