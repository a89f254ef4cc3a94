package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cupclint/lint"
)

// head fills in what the page says of itself.
func (p *page) head(d *Document, h Head) {
	p.Title, p.Customer = h.Title, h.Customer
	if p.Title == "" {
		p.Title = "cupclint report"
	}
	date := h.Date
	if !d.At.IsZero() {
		p.At = d.At.UTC().Format("2 January 2006, 15:04 UTC")
		if date.IsZero() {
			date = d.At.UTC()
		}
	}
	if date.IsZero() {
		date = h.Today
	}
	p.Date = dayOf(date)
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 January 2006")
}

// grouped writes a count as people read it: 10,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	if n < 10_000 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func numbered(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// verdict is the first thing to read. What was checked is said in sentences.
func (p *page) verdict(d *Document) verdict {
	n := d.Summary.Findings
	p.Checked = p.checked(d)
	detail := d.covered()
	switch {
	case n.Error > 0:
		kinds := ""
		if k := p.Faults[lint.Error]; k < n.Error {
			kinds = fmt.Sprintf(" of %s", numbered(k, "kind"))
		}
		return verdict{"error", fmt.Sprintf("Not ready: %s%s that users will notice", numbered(n.Error, "error"), kinds), detail}
	case len(d.Errors) > 0:
		return verdict{"warning", "Incomplete: inputs or probes are missing", detail}
	case n.Warning > 0:
		return verdict{"warning", fmt.Sprintf("Ready, with %s to look at", numbered(n.Warning, "warning")), detail}
	}
	if d.nothingRead() {
		return verdict{"warning", "Nothing was read, so nothing was checked", detail}
	}
	return verdict{"ok", "Nothing is wrong", detail}
}

// covered says in a line what the verdict rests on.
func (d *Document) covered() string {
	contacted := "nothing"
	if n := len(d.Probes); n > 0 {
		contacted = numbered(n, "target")
	}
	if !d.hasExports() {
		return contacted + " contacted."
	}
	count := "1 property"
	if n := d.Summary.Properties; n != 1 {
		count = grouped(n) + " properties"
	}
	return fmt.Sprintf("%s with %s, %s contacted.", numbered(d.Summary.Files, "export"), count, contacted)
}

func places(n int) string {
	if n == 1 {
		return "1 input or target"
	}
	return grouped(n) + " inputs or targets"
}

// checked says what was looked at, and what was not.
func (p *page) checked(d *Document) []string {
	var out []string
	say := func(n int, format string, args ...any) {
		if n > 0 {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	exports := numbered(d.Summary.Files, "export")
	if n := p.namedSites(); n > 1 {
		exports += " of " + numbered(n, "site")
	}
	say(d.Summary.Files, "Read: %s.", exports)
	if len(d.Probes) == 0 {
		out = append(out, "Contacted: no server. The report says what the exports show.")
	} else {
		failed := 0
		for i := range d.Probes {
			if d.Probes[i].failed() || d.Probes[i].Incomplete != "" {
				failed++
			}
		}
		text := "Contacted"
		if p.At != "" {
			text += " on " + p.At
		}
		text += ": " + numbered(len(d.Probes), "target")
		if failed > 0 {
			text += fmt.Sprintf(", %s of them without a complete answer", grouped(failed))
		}
		out = append(out, text+".")
	}
	say(len(d.Errors), "Not read or not fully probed: %s. Their content is not in this report.", places(len(d.Errors)))
	say(d.Summary.Passed, "Skipped: %s of other tools.", numbered(d.Summary.Passed, "file"))
	say(d.Summary.Answers, "Skipped: %s that no rule uses.", numbered(d.Summary.Answers, "answer"))
	say(d.Summary.Suppressed, "Suppressed by the configuration: %s.", numbered(d.Summary.Suppressed, "finding"))
	say(d.Summary.Baseline, "Left out because the baseline has them: %s.", numbered(d.Summary.Baseline, "finding"))
	return out
}

// A root is the folder of all inputs where these were named with absolute paths. The page leaves it out: readers need not know where
// the files are on the computer of the person who made the report.
type root struct{ folder string }

// rootOf looks at the names of all files that the page may show.
func rootOf(d *Document) (root, error) {
	folder, first := "", true
	add := func(file string) {
		if !isAbsolute(file) {
			return
		}
		at := folderOf(file)
		if first {
			folder, first = strings.Clone(at), false
			return
		}
		n := 0
		for n < len(folder) && n < len(at) && folder[n] == at[n] {
			n++
		}
		folder = folder[:strings.LastIndexAny(folder[:n], `/\`)+1]
	}
	if d.Inputs != nil {
		for row, err := range d.Inputs {
			if err != nil {
				return root{}, fmt.Errorf("read inputs back: %w", err)
			}
			add(row.File)
		}
	} else {
		for f, err := range d.Findings {
			if err != nil {
				return root{}, fmt.Errorf("read findings back: %w", err)
			}
			add(f.File)
		}
	}
	for i := range d.Errors {
		add(d.Errors[i].File)
	}
	return root{folder}, nil
}

// folderOf is the folder of a file, with the separator. What is in an archive is in the folder of the archive.
func folderOf(file string) string {
	file, _, _ = strings.Cut(file, "!")
	return file[:strings.LastIndexAny(file, `/\`)+1]
}

// isAbsolute knows the paths of all systems: a case is replayed on another one.
func isAbsolute(file string) bool {
	return strings.HasPrefix(file, "/") || strings.HasPrefix(file, `\\`) ||
		len(file) > 2 && file[1] == ':' && (file[2] == '\\' || file[2] == '/')
}

// file is the name of a file without the root.
func (r root) file(name string) string { return strings.TrimPrefix(name, r.folder) }

// clean is Clean of a text in which files are named without the root.
func (r root) clean(s string) string {
	if len(strings.Trim(r.folder, `/\`)) > 0 {
		s = strings.ReplaceAll(s, r.folder, "")
	}
	return Clean(s)
}
