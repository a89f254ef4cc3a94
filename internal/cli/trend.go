package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/history"
	"cupclint/internal/safefile"
)

// Bounds of what trend shows.
const (
	trendRuns    = 30
	maxTrendRuns = 10_000
)

func newTrendCmd(env *environment) *cobra.Command {
	var chart string
	var last int
	cmd := &cobra.Command{
		Use:   "trend FILE",
		Short: "Show how the number of findings changed over many runs",
		Long: `Reads a history, to which lint and audit append a line for each run with
--history FILE, and prints a table: a row for each run, then the rules and the
sites whose findings changed most between the first and the last of these rows.
FILE is - for standard input.

--svg FILE writes the same as a chart: errors, warnings and infos over time. The
chart is a picture that every browser shows, in light and dark colours.

A line that is damaged is reported with its position and skipped.

Exit codes: 0 the history was read; 2 wrong usage; 3 the history, or a line of
it, could not be read, or the chart could not be written.`,
		Example: `  cupclint lint --history history.jsonl exports/     every night
  cupclint trend history.jsonl
  cupclint trend --last 365 --svg year.svg history.jsonl`,
		Args: takes(1, 1, "name the file of one history"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if last < 1 || last > maxTrendRuns {
				return fmt.Errorf("--last %d: give a number from 1 to %d", last, maxTrendRuns)
			}
			if fileOf(chart) != "" && args[0] != export.Stdin && same(args[0], safefile.Target(chart)) {
				return fmt.Errorf("the chart would overwrite the history %s", args[0])
			}
			if err := (place{name: fileOf(chart)}).check(); err != nil {
				return err
			}
			return showTrend(cmd, env, args[0], chart, last)
		},
	}
	cmd.Flags().StringVarP(&chart, "svg", "o", "", "write the chart to this `FILE`; - is standard output, in place of the table")
	cmd.Flags().IntVar(&last, "last", trendRuns, "show this many runs, the latest ones")
	mainFlags.put(cmd, "last")
	outputFlags.put(cmd, "svg")
	return cmd
}

func showTrend(cmd *cobra.Command, env *environment, name, chart string, last int) error {
	in, err := env.open(cmd.Context(), name)
	if err != nil {
		return unreadable(fmt.Errorf("read the history: %w", err))
	}
	defer in.Close()
	h, err := history.Read(in, last)
	if err != nil {
		return unreadable(fmt.Errorf("read the history: %w", err))
	}
	for _, d := range h.Damaged {
		env.complain(fmt.Errorf("%s:%d:%d: the line is skipped: %s", name, d.Line, d.Column, d.Why))
	}
	if h.MoreDamaged > 0 {
		env.complain(fmt.Errorf("%s: %s skipped, too", name, plural(h.MoreDamaged, "further line is", "further lines are")))
	}
	if len(h.Runs) == 0 {
		return unreadable(errors.New(name + ": the history has no run; lint and audit append one with --history"))
	}
	if chart == toStdout {
		if err := h.WriteChart(env.stdout); err != nil {
			return err
		}
	} else if err := h.WriteTable(env.stdout, cmp.Or(env.width, releasesWidth)); err != nil {
		return err
	}
	if fileOf(chart) != "" {
		if err := safefile.Write(chart, 0o644, func(w io.Writer) error { return h.WriteChart(w) }); err != nil {
			return unreadable(fmt.Errorf("write the chart: %w", err))
		}
		env.wrote(false, chart, "the chart of "+plural(len(h.Runs), "run", "runs"))
	}
	if len(h.Damaged) > 0 {
		return exitWith(exitInput)
	}
	return nil
}
