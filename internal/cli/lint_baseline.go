package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
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
	perFolder   bool
	usual, file string // file: in use or to be written; empty for none
	set         *baseline.Set
	folders     []string // baselines in folders of inputs
}

func (b *baselining) addBaseline(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&b.write, "write-baseline", "",
		"accept all findings: write them to this file, by default in the folder of .cupclint.yaml, and report nothing")
	f.Lookup("write-baseline").NoOptDefVal = baseline.FileName
	f.BoolVar(&b.perFolder, "baseline-per-folder", false,
		"with --write-baseline: write one file into each folder below those that are named")
	f.StringVar(&b.read, "baseline", "",
		"report only findings that are not in this file (default: every "+baseline.FileName+
			" in the folder of .cupclint.yaml and in the folders of the inputs)")
	f.BoolVar(&b.off, "no-baseline", false, "report all findings, also those in a baseline")
	f.BoolVar(&b.prune, "prune-baseline", false, "remove entries that match no finding from the baseline")
	mainFlags.put(cmd, "write-baseline", "baseline", "prune-baseline")
	advancedFlags.put(cmd, "baseline-per-folder", "no-baseline")
	for _, pair := range [...][2]string{
		{"write-baseline", "baseline"}, {"write-baseline", "no-baseline"}, {"write-baseline", "prune-baseline"},
		{"baseline", "no-baseline"}, {"prune-baseline", "no-baseline"}, {"write-baseline", "diff"}, {"prune-baseline", "diff"},
		{"write-baseline", "replay"}, {"prune-baseline", "replay"},
	} {
		if f.Lookup(pair[0]) != nil && f.Lookup(pair[1]) != nil {
			cmd.MarkFlagsMutuallyExclusive(pair[0], pair[1])
		}
	}
}

// open finds and reads the baseline in the folder of the configuration, or the one that is named.
func (b *baselining) open(cmd *cobra.Command, env *environment, conf *config.Config, args []string) error {
	b.usual = baseline.Usual(conf.File)
	switch {
	case b.perFolder && b.write != baseline.FileName:
		return errors.New("--baseline-per-folder needs --write-baseline without a file name")
	case b.off:
		return nil
	case cmd.Flags().Changed("write-baseline"):
		if b.file = b.write; b.file == baseline.FileName {
			b.file = b.usual
			if name := meantForBaseline(env, args); name != "" {
				return fmt.Errorf("%s would be read as an input: write --write-baseline=%s", name, name)
			}
		}
		if b.file == toStdout {
			return nil
		}
		if b.file == "" || !isFolder(filepath.Dir(b.file)) {
			return fmt.Errorf("write the baseline to %q: there is no such folder", b.file)
		}
		return nil
	case cmd.Flags().Changed("baseline"):
		b.file = b.read
	default:
		b.set = baseline.NewSet()
		if _, err := os.Lstat(b.usual); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		b.file = b.usual
		if err := env.keepFound(namedFile{"as baseline", b.file}); err != nil {
			return err
		}
	}
	base, err := baseline.Read(b.file, env.dir())
	if err == nil {
		b.set = baseline.NewSet(base)
	}
	return err
}

// ofFolders finds the baselines in the folders of the inputs: up to a folder that an argument names, or that of the usual baseline.
func (b *baselining) ofFolders(env *environment, sources *export.Sources, args []string) error {
	if b.off || b.read != "" || b.write != "" && b.write != baseline.FileName {
		return nil
	}
	usual := absolute(env, b.usual)
	tops := []string{filepath.Dir(usual)}
	for _, a := range args {
		if a = absolute(env, a); !isFolder(a) {
			a = filepath.Dir(a)
		}
		tops = append(tops, a)
	}
	known := map[string]bool{}
	var look func(dir string) error
	look = func(dir string) error {
		if known[dir] || !slices.ContainsFunc(tops, func(top string) bool { return dir == top || isBelow(dir, top) }) {
			return nil
		}
		known[dir] = true
		if up := filepath.Dir(dir); up != dir {
			if err := look(up); err != nil {
				return err
			}
		}
		name := filepath.Join(dir, baseline.FileName)
		if info, err := os.Lstat(name); err != nil || info.IsDir() || name == usual {
			return nil
		}
		name = b.shown(env, name)
		b.folders = append(b.folders, name)
		if b.write != "" {
			return nil
		}
		if err := env.keepFound(namedFile{"as baseline", name}); err != nil {
			return err
		}
		base, err := baseline.Read(name, env.dir())
		if err == nil {
			b.set.Add(base)
		}
		return err
	}
	last := ""
	for source, err := range sources.All() {
		if err != nil {
			return unreadable(err)
		}
		name := source.Name
		if folder := name[:strings.LastIndexByte(name, '/')+1]; name == export.Stdin || folder != "" && folder == last {
			continue // most inputs are in the folder of the one before
		} else {
			last = folder
		}
		if err := look(filepath.Dir(absolute(env, name))); err != nil {
			return err
		}
	}
	if b.prune && !b.compares() {
		return fmt.Errorf("there is no baseline to prune: no %s", b.usual)
	}
	return nil
}

func absolute(env *environment, name string) string {
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(env.dir(), name)
	}
	return filepath.Clean(name)
}

func isBelow(name, dir string) bool {
	return strings.HasPrefix(name, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// shown is a path as messages have it: relative where it is below the working directory.
func (b *baselining) shown(env *environment, name string) string {
	if rel, err := filepath.Rel(env.dir(), name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}

// meantForBaseline finds the argument of a user who left out the equals sign: a JSON file that is not there yet, or a baseline.
func meantForBaseline(env *environment, args []string) string {
	for _, a := range args {
		if filepath.Ext(a) != ".json" {
			continue
		}
		if _, err := baseline.Read(a, env.dir()); err == nil || errors.Is(err, fs.ErrNotExist) {
			return a
		}
	}
	return ""
}

// without leaves the baseline itself out of the inputs: it may be in the folder that is linted.
func (b *baselining) without(sources []export.Source) []export.Source {
	if b.file == "" {
		return sources
	}
	base := filepath.Base(b.file)
	return slices.DeleteFunc(sources, func(s export.Source) bool {
		return strings.HasSuffix(s.Name, base) && same(s.Name, b.file)
	})
}

// accept is --write-baseline. A finding goes to the baseline in its folder or above where there is one, else to a new one in its folder
// where that is asked for, else to the usual one.
func (b *baselining) accept(env *environment, quiet bool, findings iter.Seq2[*lint.Finding, error], args []string, failed bool) error {
	split := b.write == baseline.FileName
	made := map[string]*baseline.Collector{}
	of := func(name string) *baseline.Collector {
		if made[name] == nil {
			made[name] = baseline.NewCollector(name, env.dir())
		}
		return made[name]
	}
	if split {
		for _, name := range b.folders {
			of(name)
		}
	}
	if !b.perFolder {
		of(b.file)
	}
	for f, err := range findings {
		if err != nil {
			return unreadable(err)
		}
		name := b.file
		if split {
			name = b.home(env, f.File, args)
		}
		of(name).Add(f)
	}
	const most = 10
	for i, name := range slices.Sorted(maps.Keys(made)) {
		base := made[name].Baseline()
		if err := b.save(env, base); err != nil {
			return err
		}
		switch {
		case name == toStdout:
		case i < most || len(made) == most+1:
			env.wrote(quiet, name, plural(base.Len(), "finding accepted", "findings accepted"))
		case i == most && !quiet:
			env.note(fmt.Sprintf("%d further baselines written", len(made)-most))
		}
	}
	if failed {
		return exitWith(exitInput)
	}
	return nil
}

// home is the baseline that a finding of a file goes to.
func (b *baselining) home(env *environment, file string, args []string) string {
	if file == "" || file == export.Stdin {
		return b.file
	}
	name := absolute(env, file)
	best, nearest := "", ""
	for _, own := range b.folders { // some relative, some absolute
		if dir := filepath.Dir(absolute(env, own)); isBelow(name, dir) && len(dir) > len(nearest) {
			best, nearest = own, dir
		}
	}
	if best != "" || !b.perFolder {
		return cmp.Or(best, b.file)
	}
	for _, a := range args {
		top := absolute(env, a)
		if !isFolder(top) || !isBelow(name, top) {
			continue
		}
		rest := strings.TrimPrefix(name[len(top):], string(filepath.Separator))
		site, _, inside := strings.Cut(rest, string(filepath.Separator))
		if !inside || !isFolder(filepath.Join(top, site)) {
			site = ""
		}
		return b.shown(env, filepath.Join(top, site, baseline.FileName))
	}
	if dir := filepath.Dir(name); isFolder(dir) {
		return b.shown(env, filepath.Join(dir, baseline.FileName))
	}
	return b.file
}

// writes is the file that is written; empty for none.
func (b *baselining) writes() string {
	if b.write != "" || b.prune {
		return fileOf(b.file)
	}
	return ""
}

func (b *baselining) save(env *environment, base *baseline.Baseline) error {
	if b.write == toStdout {
		return base.Write(env.stdout)
	}
	if err := safefile.Write(base.Name(), 0o644, base.Write); err != nil {
		return unreadable(fmt.Errorf("write the baseline to %s: %w", base.Name(), err))
	}
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// compares reports whether findings are compared with a baseline.
func (b *baselining) compares() bool { return b.set != nil && len(b.set.List()) > 0 }

// apply removes from the report what is in the baselines, reports entries that match nothing, and removes those where asked.
func (b *baselining) apply(env *environment, quiet bool, run baseline.Run, d *report.Document) error {
	if !b.compares() {
		return nil
	}
	m, err := b.set.Match(run, d.Findings)
	if err != nil {
		return unreadable(err)
	}
	d.Findings = m.New(d.Findings)
	m.Weigh(&d.Summary)
	for _, part := range m.Parts {
		if len(part.Stale) == 0 {
			continue
		}
		reportStale(env, part.Base().Name(), part.Stale)
		if b.prune {
			if err := b.save(env, part.Prune()); err != nil {
				return err
			}
			env.wrote(quiet, part.Base().Name(), plural(len(part.Stale), "entry removed", "entries removed"))
		} else {
			env.complain(fmt.Errorf("%s: run with --prune-baseline to remove what matches nothing", part.Base().Name()))
		}
	}
	return nil
}

// foldersOf are the arguments that are folders.
func foldersOf(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return !isFolder(a) })
}

// maxStale bounds how many entries are reported one by one.
const maxStale = 10

func reportStale(env *environment, file string, stale []baseline.Entry) {
	for _, e := range stale[:min(len(stale), maxStale)] {
		env.complain(fmt.Errorf("%s: %s matches no finding any more", file, &e))
	}
	if n := len(stale) - maxStale; n > 0 {
		env.complain(fmt.Errorf("%s: %s no finding any more", file, plural(n, "further entry matches", "further entries match")))
	}
}
