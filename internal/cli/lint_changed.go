package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/gitdiff"
	"cupclint/internal/report"
)

// changing is what --changed-since asks for.
type changing struct {
	since   string
	set     *gitdiff.Set // nil without it
	changed *gitdiff.Selection
}

func (c *changing) addChanging(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.since, "changed-since", "",
		"report only findings in files that changed since this git revision; rules that compare several exports see all")
	mainFlags.put(cmd, "changed-since")
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
	if c.set, err = gitdiff.Since(cmd.Context(), env.dir(), c.since); err != nil {
		return fmt.Errorf("--changed-since: %w", err)
	}
	return nil
}

// survey finds out which sources changed.
func (c *changing) survey(sources []export.Source) (err error) {
	if c.set == nil {
		return nil
	}
	if c.changed, err = c.set.Select(sources); err != nil {
		return fmt.Errorf("--changed-since: %w", err)
	}
	return nil
}

// has reports whether the file of a finding is asked for.
func (c *changing) has(file string) bool { return c.changed == nil || c.changed.Has(file) }

// keepChanged takes the other findings out of the report.
func (c *changing) keepChanged(env *environment, quiet bool, d *report.Document) (err error) {
	if d.Findings, d.Summary.Findings, err = c.changed.Findings(d.Findings); err != nil {
		return unreadable(err)
	}
	if !quiet {
		n, all := c.changed.Count()
		fmt.Fprintf(env.stderr, "cupclint: %d of %s changed since %s\n", n, plural(all, "input", "inputs"),
			report.Clean(strings.TrimSpace(c.since)))
	}
	return nil
}
