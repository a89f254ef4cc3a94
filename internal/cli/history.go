package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/history"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
)

// A remembering command appends a line about each run to a history.
type remembering struct{ past string }

func (r *remembering) addHistory(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.past, "history", "", "append a line about this run to this `FILE`, for cupclint trend")
	outputFlags.put(cmd, "history")
}

// checkHistory refuses a file to which nothing can be appended, before the work is done.
func (r *remembering) checkHistory() error {
	if r.past == "" {
		return nil
	}
	if err := history.Check(r.past); err != nil {
		return fmt.Errorf("--history %s: %w", r.past, err)
	}
	return nil
}

// withoutHistory leaves out the history where it is in a folder of exports.
func (r *remembering) withoutHistory(sources []export.Source) []export.Source {
	if r.past == "" {
		return sources
	}
	target := safefile.Target(r.past)
	return slices.DeleteFunc(sources, func(s export.Source) bool { return target != "" && s.Is(target) })
}

// remember appends what the report says, and the exit code.
func (r *remembering) remember(env *environment, quiet bool, command string, d *report.Document, code int) error {
	if r.past == "" {
		return nil
	}
	run := &history.Run{
		Time: d.At, Version: d.Version, Command: command, Exit: code, Files: d.Summary.Files, Errors: len(d.Errors),
		Suppressed: d.Summary.Suppressed, Baseline: d.Summary.Baseline,
	}
	if run.Time.IsZero() {
		run.Time = time.Now()
	}
	sites, err := d.Sites()
	if err != nil {
		return fmt.Errorf("append to the history: %w", err)
	}
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("append to the history: read findings back: %w", err)
		}
		run.Add(f.Rule, sites.Of(f.File), f.Severity)
	}
	if err := history.Append(context.Background(), r.past, run); err != nil { // it waits a minute at most
		return err
	}
	env.wrote(quiet, r.past, "a line about this run is added")
	return nil
}
