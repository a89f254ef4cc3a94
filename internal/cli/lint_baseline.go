package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/baseline"
	"cupclint/internal/config"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// baselining is what the flags about a baseline ask for.
type baselining struct {
	write, read string
	off, prune  bool

	file string // in use; empty for none
	base *baseline.Baseline
}

func (b *baselining) addBaseline(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&b.write, "write-baseline", "",
		"accept all findings: write them to this file, by default beside .cupclint.yaml, and report nothing")
	f.Lookup("write-baseline").NoOptDefVal = baseline.FileName
	f.StringVar(&b.read, "baseline", "",
		"report only findings that this file does not name (default: "+baseline.FileName+" beside .cupclint.yaml, where there is one)")
	f.BoolVar(&b.off, "no-baseline", false, "report all findings, whatever a baseline names")
	f.BoolVar(&b.prune, "prune-baseline", false, "take out of the baseline what matches no finding any more")
	for _, pair := range [...][2]string{
		{"write-baseline", "baseline"}, {"write-baseline", "no-baseline"}, {"write-baseline", "prune-baseline"},
		{"baseline", "no-baseline"}, {"prune-baseline", "no-baseline"}, {"write-baseline", "diff"}, {"prune-baseline", "diff"},
	} {
		cmd.MarkFlagsMutuallyExclusive(pair[0], pair[1])
	}
}

// open finds and reads the baseline.
func (b *baselining) open(cmd *cobra.Command, env *environment, conf *config.Config, args []string) error {
	usual := baseline.Usual(conf.File)
	switch {
	case b.off:
		return nil
	case cmd.Flags().Changed("write-baseline"):
		if b.file = b.write; b.file == baseline.FileName {
			b.file = usual
			if name := meantForBaseline(env, args); name != "" {
				return fmt.Errorf("%s is taken for an input: write --write-baseline=%s", name, name)
			}
		}
		if b.file == "" || !isFolder(filepath.Dir(b.file)) {
			return fmt.Errorf("write the baseline to %q: there is no such folder", b.file)
		}
		return nil
	case cmd.Flags().Changed("baseline"):
		b.file = b.read
	default:
		if _, err := os.Lstat(usual); errors.Is(err, fs.ErrNotExist) {
			if b.prune {
				return fmt.Errorf("there is no baseline to prune: no %s", usual)
			}
			return nil
		}
		b.file = usual
	}
	var err error
	b.base, err = baseline.Read(b.file, env.workDir)
	return err
}

// meantForBaseline finds the argument of somebody who left out the equals sign: a JSON file that is not there yet, or a baseline.
func meantForBaseline(env *environment, args []string) string {
	for _, a := range args {
		if filepath.Ext(a) != ".json" {
			continue
		}
		if _, err := baseline.Read(a, env.workDir); err == nil || errors.Is(err, fs.ErrNotExist) {
			return a
		}
	}
	return ""
}

// without leaves the baseline itself out of the inputs: it may lie in the folder that is linted.
func (b *baselining) without(sources []export.Source) []export.Source {
	if b.file == "" {
		return sources
	}
	base := filepath.Base(b.file)
	return slices.DeleteFunc(sources, func(s export.Source) bool {
		return strings.HasSuffix(s.Name, base) && same(s.Name, b.file)
	})
}

// accept is --write-baseline.
func (b *baselining) accept(env *environment, result *lint.Result, failed bool) error {
	base, err := baseline.Collect(b.file, env.workDir, result.Findings())
	if err != nil {
		return unreadable(err)
	}
	if err := b.save(base); err != nil {
		return err
	}
	fmt.Fprintf(env.stderr, "cupclint: %s: %s\n", report.Clean(b.file), plural(base.Len(), "finding accepted", "findings accepted"))
	if failed {
		return exitWith(exitInput)
	}
	return nil
}

// writes is the file that is written; empty for none.
func (b *baselining) writes() string {
	if b.write != "" || b.prune {
		return b.file
	}
	return ""
}

func (b *baselining) save(base *baseline.Baseline) error {
	if err := safefile.Write(b.file, 0o644, base.Write); err != nil {
		return unreadable(fmt.Errorf("write the baseline to %s: %w", b.file, err))
	}
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// apply takes what the baseline names out of the report, tells what it names in vain, and takes that out of the baseline where asked.
func (b *baselining) apply(env *environment, o lint.Options, result *lint.Result, args []string, d *report.Document) error {
	folders := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return !isFolder(a) })
	m, err := b.base.Match(baseline.RunOf(o, result, folders), d.Findings)
	if err != nil {
		return unreadable(err)
	}
	d.Findings = m.New(d.Findings)
	m.Weigh(&d.Summary)
	if len(m.Stale) == 0 {
		return nil
	}
	tellStale(env, b.file, m.Stale, b.prune)
	if !b.prune {
		return nil
	}
	return b.save(m.Prune())
}

// maxStale bounds how many entries are told one by one.
const maxStale = 10

func tellStale(env *environment, file string, stale []baseline.Entry, pruned bool) {
	for _, e := range stale[:min(len(stale), maxStale)] {
		env.complain(fmt.Errorf("%s: %s matches no finding any more", file, &e))
	}
	if n := len(stale) - maxStale; n > 0 {
		env.complain(fmt.Errorf("%s: %s no finding any more", file, plural(n, "further entry matches", "further entries match")))
	}
	if pruned {
		env.complain(fmt.Errorf("%s: pruned", file))
	} else {
		env.complain(fmt.Errorf("%s: run with --prune-baseline to take that out", file))
	}
}
