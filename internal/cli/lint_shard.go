package cli

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/baseline"
	"cupclint/internal/config"
	"cupclint/lint"
)

// sharding is what --shard asks for.
type sharding struct {
	text  string
	shard lint.Shard // zero without it
}

func (s *sharding) addSharding(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.text, "shard", "",
		"lint only part `I/N` of the inputs, such as 2/8 (the first is 1/8), and write the report for cupclint merge")
	advancedFlags.put(cmd, "shard")
	for _, other := range [...]string{"fix", "diff", "write-baseline", "prune-baseline", "changed-since", "history"} {
		cmd.MarkFlagsMutuallyExclusive("shard", other)
	}
}

// checkSharding reads the shard, and has the report written in the one form that has all that a merge needs.
func (s *sharding) checkSharding(cmd *cobra.Command, conf *config.Config, args []string) (err error) {
	if !cmd.Flags().Changed("shard") {
		return nil
	}
	if s.shard, err = lint.ParseShard(s.text); err != nil {
		return fmt.Errorf("--shard: %w", err)
	}
	if slices.Contains(args, export.Stdin) {
		return errors.New("--shard: standard input cannot be shared between shards: name files or folders")
	}
	if !cmd.Flags().Changed("format") {
		conf.Formats = []string{"json"}
	}
	for _, f := range conf.Formats {
		if name, _, _ := strings.Cut(f, "="); name != "json" {
			return fmt.Errorf("--shard writes the report for cupclint merge, which is JSON: give --format %s to the merge", name)
		}
	}
	return nil
}

// on reports whether only a part of the inputs is linted.
func (s *sharding) on() bool { return s.shard.Of > 0 }

// complete adds to the head of a part what the command line decided.
func (l *lintModes) complete(cmd *cobra.Command, part *lint.Part, sources []export.Source, args []string) error {
	h := &part.Head
	h.Version = buildVersion()
	h.InputFormat, h.SkipUnknown = l.force.String(), l.skipUnknown
	h.Settings["how inputs are read"] = fmt.Sprintf("%s, skip unknown %t, follow links %s", l.force, l.skipUnknown,
		cmd.Flags().Lookup("follow-links").Value)
	h.Settings["baseline"] = ""
	if !l.compares() {
		return nil
	}
	b := &lint.CarriedBaseline{Usual: l.file != "", Sources: []string{}, Folders: []string{}}
	for _, base := range l.baselining.set.List() {
		b.Files = append(b.Files, base.Name())
	}
	for i := range sources {
		if l.shard.Has(sources[i].Name) {
			b.Sources = append(b.Sources, sources[i].Name)
		}
	}
	for _, folder := range foldersOf(args) {
		b.Folders = append(b.Folders, filepath.ToSlash(folder))
	}
	h.Baseline = b
	var err error
	h.Settings["baseline"], err = digestOf(b.Files)
	return err
}

// digestOf is a digest of the names and contents of files.
func digestOf(files []string) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return "", unreadable(fmt.Errorf("read the baseline again: %w", err))
		}
		fmt.Fprintf(sum, "%d:%s%d:", len(name), filepath.ToSlash(name), len(data))
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// carried makes the set of baselines that the shards left for the merge, and what they are compared with.
func carried(env *environment, heads []*lint.Head) (set *baseline.Set, sources []export.Source, folders []string, err error) {
	first := heads[0].Baseline
	if first == nil {
		return nil, nil, nil, nil
	}
	for _, h := range heads {
		if h.Baseline == nil {
			return nil, nil, nil, errors.New("only some of the shards used a baseline: use the same for all shards")
		}
		for _, name := range h.Baseline.Sources {
			sources = append(sources, export.Source{Name: name})
		}
	}
	if digest, err := digestOf(first.Files); err != nil || digest != heads[0].Settings["baseline"] {
		return nil, nil, nil, cmp.Or(err, errors.New("the baseline changed after the shards had read it: run them again"))
	}
	set = baseline.NewSet()
	for i, name := range first.Files {
		base, err := baseline.Read(name, env.dir())
		if err != nil {
			return nil, nil, nil, err
		}
		if i == 0 && first.Usual {
			set = baseline.NewSet(base)
		} else {
			set.Add(base)
		}
	}
	slices.SortFunc(sources, func(a, b export.Source) int { return strings.Compare(a.Name, b.Name) })
	return set, sources, first.Folders, nil
}

// writeShard is the end of lint with --shard.
func (l *lintModes) writeShard(cmd *cobra.Command, env *environment, conf *config.Config, outputs []output, result *lint.Result,
	o lint.Options, args []string) error {
	for i := range result.Errors {
		env.complain(&result.Errors[i])
	}
	for i := range result.Part.Head.Failures {
		env.complain(&result.Part.Head.Failures[i])
	}
	if len(o.Sources) == 0 && len(o.Errors) == 0 {
		env.complain(errors.New("no export was found: see docs/exports.md for the files that cupclint reads"))
	}
	if err := l.complete(cmd, result.Part, o.Sources, args); err != nil {
		return err
	}
	d := documentOf(result, o)
	d.Part, d.RuleURL, d.Deployments = result.Part, conf.RulePage, nil
	if err := writeAll(outputs, d); err != nil {
		return unreadable(err)
	}
	h := &result.Part.Head
	if !l.quiet {
		env.note(fmt.Sprintf("shard %s: %d of %s. cupclint merge makes one report of all shards, and judges what takes several exports",
			h.Shard, h.Own, plural(h.All, "input", "inputs")))
	}
	if len(result.Errors) > 0 || len(h.Failures) > 0 || len(o.Sources) == 0 {
		return exitWith(exitInput)
	}
	return exitWith(findingsCode(conf, d.Summary.Findings))
}
