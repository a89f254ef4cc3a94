package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"cupclint/collect"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
)

// writeBundle packs the folder. A folder in which the search of redact still finds something is not packed.
func (f *collectFlags) writeBundle(env *environment, folder *collect.Folder, m *collect.Manifest) error {
	if err := folder.Search(); err != nil {
		return fmt.Errorf("the bundle is not written: %w", err)
	}
	var b bytes.Buffer
	if err := folder.Bundle(&b, m.Ended); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	err := safefile.Write(f.bundle, 0o600, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
	if err == nil {
		env.wrote(f.quiet, f.bundle, "the folder as an archive")
	}
	return err
}

// printPlan writes the plan.
func (f *collectFlags) printPlan(env *environment, p *collect.Plan) error {
	notes := p.Notes
	if len(f.hide) > 0 {
		notes = append(slices.Clone(notes),
			fmt.Sprintf("The folder is written with pseudonyms (--hide %s); the map is written next to it, "+
				"to FOLDER.map.tsv.", strings.Join(f.hide, ",")))
	}
	if f.format == "json" {
		return printJSON(env.stdout, struct {
			Hash     string         `json:"hash"`
			Requests []collect.Row  `json:"requests"`
			Accounts map[string]int `json:"accounts"`
			Notes    []string       `json:"notes,omitempty"`
		}{p.Hash(), orEmpty(p.Rows), p.Accounts(), notes})
	}
	rows := [][]string{{"NODE", "ACCOUNT", "REQUEST"}}
	for _, r := range p.Rows {
		what := r.What
		if r.If != "" {
			what += " (if " + r.If + ")"
		}
		rows = append(rows, []string{r.Node, cmp.Or(r.Account, "-"), what})
	}
	if _, err := fmt.Fprintln(env.stdout, report.Table(env.width, rows)); err != nil {
		return err
	}
	for _, account := range slices.Sorted(maps.Keys(p.Accounts())) {
		n := p.Accounts()[account]
		report.Wrap(env.stdout, "", fmt.Sprintf("%s: at most %s, one for each interface and node.", account, plural(n, "password attempt",
			"password attempts")), env.width)
	}
	for _, n := range notes {
		report.Wrap(env.stdout, "", n, env.width)
	}
	report.Wrap(env.stdout, "", fmt.Sprintf("%s. Plan %s", plural(len(p.Rows), "request", "requests"), p.Hash()), env.width)
	return nil
}

// report says what was read and what is missing.
func (f *collectFlags) report(env *environment, folder *collect.Folder, m *collect.Manifest) error {
	counts := map[collect.Outcome]int{}
	files := map[string]bool{}
	redacted := 0
	var missing []string
	for _, s := range m.Steps {
		counts[s.Outcome]++
		if s.File != "" {
			files[s.File] = true
		}
		for _, n := range s.Redacted {
			redacted += n
		}
		if s.Missing() {
			missing = append(missing, fmt.Sprintf("%s at %s: %s", s.ID, s.Node, cmp.Or(s.Detail, s.Class, string(s.Outcome))))
		}
	}
	env.wrote(f.quiet, folder.Name(), plural(len(files), "file", "files"))
	if f.format == "json" {
		return printJSON(env.stdout, m)
	}
	var parts []string
	for _, o := range []collect.Outcome{collect.OK, collect.Empty, collect.Refused, collect.Unsupported, collect.Timeout, collect.Asked,
		collect.Failed, collect.Skipped} {
		if counts[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[o], o))
		}
	}
	w := env.stdout
	report.Wrap(w, "", fmt.Sprintf("%s in %s. Requests: %s. %s removed.", plural(len(files), "file", "files"), report.Clean(folder.Name()),
		strings.Join(parts, ", "),
		plural(redacted, "secret", "secrets")), env.width)
	if len(missing) > 0 {
		fmt.Fprintln(w, "Missing:")
		for i, line := range missing {
			if i == maxLines {
				fmt.Fprintf(w, "  and %d more\n", len(missing)-i)
				break
			}
			report.Wrap(w, "  ", line, env.width)
		}
	}
	for _, n := range m.Notes {
		report.Wrap(w, "", n, env.width)
	}
	for _, l := range m.Sessions.Left {
		report.Wrap(w, "", "A session is left on the server: "+l, env.width)
	}
	if len(m.Hidden) > 0 {
		report.Wrap(w, "", "Pseudonyms and real names: "+report.Clean(cmp.Or(f.mapName, collect.MapFile(folder.Name())))+
			". Keep it, and give only the folder to others.",
			env.width)
	}
	_, err := fmt.Fprintf(w, "Next: cupclint audit %s\n", quoteAll([]string{folder.Name()}))
	return err
}
