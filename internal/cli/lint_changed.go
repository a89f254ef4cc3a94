package cli

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/gitdiff"
	"cupclint/internal/report"
	"cupclint/lint"
)

// changing is what --changed-since asks for.
type changing struct {
	since   string
	changed *gitdiff.Set    // nil without it
	sources map[string]bool // files of the run, by name: whether they changed
}

func (c *changing) addChanging(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.since, "changed-since", "",
		"report only what stands in files that git says changed since this revision; rules over several exports see all")
	cmd.MarkFlagsMutuallyExclusive("changed-since", "write-baseline")
}

// ask asks git.
func (c *changing) ask(cmd *cobra.Command, env *environment, args []string) error {
	if !cmd.Flags().Changed("changed-since") {
		return nil
	}
	if slices.Contains(args, export.Stdin) {
		return errors.New("--changed-since: standard input has no history")
	}
	var err error
	if c.changed, err = gitdiff.Since(cmd.Context(), env.workDir, c.since); err != nil {
		return fmt.Errorf("--changed-since: %w", err)
	}
	return nil
}

// survey finds out which sources changed. One outside of the work tree has no history to compare with: to pass it over would call it
// right.
func (c *changing) survey(sources []export.Source) error {
	if c.changed == nil {
		return nil
	}
	c.sources = make(map[string]bool, len(sources))
	for _, s := range sources {
		changed := c.changed.Has(s.Name)
		if !changed && !c.changed.Inside(s.Name) {
			return fmt.Errorf("--changed-since: %s lies outside of the work tree that the working directory is in", s.Name)
		}
		c.sources[s.Name] = changed
	}
	return nil
}

// has reports whether a finding's file, or the archive that it is in, changed.
func (c *changing) has(file string) bool {
	if c.changed == nil {
		return true
	}
	changed, named := c.sources[file]
	if !named { // a member, or no export at all
		for i := range len(file) {
			if file[i] == '!' && c.sources[file[:i]] {
				return true
			}
		}
	}
	return changed
}

// concerns reports whether a finding belongs into the report. What rules over several exports find may have its cause in a changed file and
// its place in another, so that all stays.
func (c *changing) concerns(f *lint.Finding) bool {
	return f.Kind != lint.ExportKind || f.Rule == lint.UnusedSuppression || c.has(f.File)
}

// keepChanged takes the other findings out of the report.
func (c *changing) keepChanged(env *environment, quiet bool, d *report.Document) error {
	all := d.Findings
	d.Findings = func(yield func(*lint.Finding, error) bool) {
		for f, err := range all {
			if err == nil && !c.concerns(f) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
	counts, err := countFindings(d.Findings)
	if err != nil {
		return unreadable(err)
	}
	d.Summary.Findings = counts
	if !quiet {
		n := 0
		for _, changed := range c.sources {
			if changed {
				n++
			}
		}
		fmt.Fprintf(env.stderr, "cupclint: %d of %s changed since %s\n", n, plural(len(c.sources), "input", "inputs"),
			report.Clean(strings.TrimSpace(c.since)))
	}
	return nil
}

func countFindings(findings iter.Seq2[*lint.Finding, error]) (counts lint.Counts, err error) {
	for f, err := range findings {
		if err != nil {
			return counts, err
		}
		counts.Add(f.Severity)
	}
	return counts, nil
}
