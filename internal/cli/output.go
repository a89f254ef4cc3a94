package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/config"
	"cupclint/internal/platform"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
)

// A place is where a command writes: standard output, a file that the user named, or one that the configuration file names, which
// stays in that file's folder.
type place struct {
	name   string // empty for standard output
	folder string // that name is relative to and must not leave; empty where the user named the file
}

// outputPlace is that of --output; - is standard output.
func outputPlace(conf *config.Config) place {
	if conf.Output == toStdout {
		return place{}
	}
	return placeOf(conf, "output", conf.Output)
}

// placeOf is the place that the value of a key names.
func placeOf(conf *config.Config, key, name string) place {
	if name != "" && conf.ByFile(key) {
		return place{name, conf.Folder}
	}
	return place{name: name}
}

// path is the name for the functions of the file system.
func (p place) path() string {
	if p.folder == "" || filepath.IsAbs(p.name) {
		return p.name
	}
	return filepath.Join(p.folder, p.name)
}

// check refuses a place that cannot be written to, before the work is done.
func (p place) check() error {
	switch {
	case p.name == "":
		return nil
	case p.folder != "":
		f, err := safefile.OpenFolder(p.folder)
		if err != nil {
			return fmt.Errorf("write the report to %s: %w", p.name, err)
		}
		defer f.Close()
		if err := f.Check(p.name); err != nil {
			return fmt.Errorf("the configuration file names an output: %w", err)
		}
		return nil
	case isFolder(p.name):
		return fmt.Errorf("write the report to %s: it is a folder", p.name)
	case !isFolder(filepath.Dir(p.name)):
		return fmt.Errorf("write the report to %s: there is no such folder", p.name)
	}
	return nil
}

func (p place) write(write func(io.Writer) error) error {
	if p.folder == "" {
		return safefile.Write(p.name, 0o644, write)
	}
	f, err := safefile.OpenFolder(p.folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Write(p.name, 0o644, write)
}

// An output is one format and where it goes.
type output struct {
	write report.Writer
	place
	style report.Style
	env   *environment
	// says is what a file holds, for the note that it is written; nil for the counts of the document.
	says func() string
	// suppressed says that the format shows suppressed findings, too; page that it shows all that is known.
	suppressed, page bool
	// trim, if set, takes out of a copy of the document what this output is not to show although it is known.
	trim func(*report.Document)
}

// trimAll has all outputs but pages leave out what trim takes out.
func trimAll(outputs []output, trim func(*report.Document)) {
	for i := range outputs {
		if !outputs[i].page {
			outputs[i].trim = trim
		}
	}
}

// openOutputs makes the outputs of the configuration. more are the other files that the command writes.
func openOutputs(env *environment, conf *config.Config, quiet bool, more ...string) ([]output, error) {
	var outputs []output
	plain, screens := 0, 0
	for _, spec := range conf.Formats {
		name, file, _ := strings.Cut(spec, "=")
		w, err := report.Find(name)
		if err != nil {
			return nil, err
		}
		at := placeOf(conf, "format", file)
		switch file {
		case "":
			plain++
			at = outputPlace(conf)
		case toStdout:
			at = place{}
		}
		if err := at.check(); err != nil {
			return nil, err
		}
		style := report.Style{Quiet: quiet}
		if at.name == "" {
			style.Color, style.Width = env.colored(conf.Color), env.width
		}
		if at.name == "" {
			screens++
		}
		outputs = append(outputs, output{write: w, place: at, env: env, style: style,
			suppressed: report.ShowsSuppressed(name),
			page:       report.IsPage(name)})
	}
	if plain > 1 || screens > 1 {
		return nil, errors.New("several formats for one output: write --format NAME=FILE for all but one")
	}
	if conf.File != "" {
		if err := env.keepFound(namedFile{"as configuration", conf.File}); err != nil {
			return nil, err
		}
	}
	if err := env.keepOutputs(outputs); err != nil {
		return nil, err
	}
	return outputs, distinct(outputs, more)
}

// distinct refuses two outputs that are one file: the first would be lost.
func distinct(outputs []output, more []string) error {
	names := slices.Clone(more)
	for _, o := range outputs {
		names = append(names, o.path())
	}
	seen := map[string]bool{}
	for _, name := range names {
		if name == "" {
			continue
		}
		target := safefile.Target(name)
		if target == "" {
			continue // a device takes any number
		}
		if seen[target] {
			return fmt.Errorf("two outputs for one file: %s. Give each a name of its own", name)
		}
		seen[target] = true
	}
	return nil
}

func writeAll(outputs []output, d *report.Document) error {
	var errs []error
	for _, o := range outputs {
		d := d
		if o.trim != nil {
			trimmed := *d
			o.trim(&trimmed)
			d = &trimmed
		}
		if o.name == "" {
			if err := o.write(o.env.stdout, d, o.style); !platform.ReaderGone(err) { // else the reader has seen enough
				errs = append(errs, err)
			}
			continue
		}
		err := o.place.write(func(w io.Writer) error { return o.write(w, d, o.style) })
		if err != nil {
			errs = append(errs, fmt.Errorf("write the report to %s: %w", o.name, err))
			continue
		}
		o.env.info("written", "file", o.name)
		what := reportCounts(d)
		if o.says != nil {
			what = o.says()
		}
		o.env.wrote(o.style.Quiet, o.name, what)
	}
	return errors.Join(errs...)
}

// reportHead is how much of a file is looked at to see that it is a report.
const reportHead = 64 << 10

// withoutOutputs leaves out the reports of an earlier run that are in a folder of exports. To write over any other
// input would destroy it. more are the other files that the command writes.
func withoutOutputs(sources []export.Source, outputs []output, args []string, more ...string) ([]export.Source, error) {
	w, err := writtenBy(outputs, args, more...)
	if err != nil {
		return nil, err
	}
	return w.without(sources)
}

// A writtenFile is one that the command writes.
type writtenFile struct {
	target string
	refuse error // what to say where it is an input
	report int   // whether it is a report of an earlier run; -1 where that is not known yet
}

type writtenFiles []*writtenFile

// writtenBy returns the files that the command writes. None may be an argument.
func writtenBy(outputs []output, args []string, more ...string) (writtenFiles, error) {
	names := slices.Clone(more)
	for _, o := range outputs {
		names = append(names, o.path())
	}
	var files writtenFiles
	for _, name := range names {
		target := ""
		if name != "" {
			target = safefile.Target(name)
		}
		if target == "" {
			continue
		}
		refuse := &usageError{fmt.Errorf("the report would overwrite the input %s", name)}
		if slices.ContainsFunc(args, func(a string) bool { return a != export.Stdin && same(a, target) }) {
			return nil, refuse
		}
		files = append(files, &writtenFile{target, refuse, -1})
	}
	return files, nil
}

// without leaves out the reports of an earlier run.
func (w writtenFiles) without(sources []export.Source) ([]export.Source, error) {
	for _, f := range w {
		var err error
		sources = slices.DeleteFunc(sources, func(s export.Source) bool {
			if err != nil || !s.Is(f.target) {
				return false
			}
			if f.report < 0 {
				f.report = 0
				head, readErr := safefile.Head(f.target, reportHead)
				if readErr == nil && report.Recognise(head) {
					f.report = 1
				}
			}
			if f.report == 0 {
				err = f.refuse
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// find searches for the sources that the arguments name, and says which links it does not follow.
func (c *configFlags) find(env *environment, args []string) (sources []export.Source, errs []error) {
	s := c.searching(env, args)
	errs = s.walk(context.Background(), func(more []export.Source) { sources = append(sources, more...) })
	s.done()
	return sources, errs
}

// A search is for the sources that the arguments name.
type search struct {
	env       *environment
	args      []string
	finder    export.Finder
	stdinName string
	skipped   []string // links that are not followed
	files     int
	missing   int
}

func (c *configFlags) searching(env *environment, args []string) *search {
	s := &search{env: env, args: args, stdinName: c.stdinName}
	s.finder = export.Finder{FollowLinks: c.followLinks, Skipped: func(name string) { s.skipped = append(s.skipped, name) }}
	return s
}

// walk searches, and hands over sources as export.Finder.Walk does.
func (s *search) walk(ctx context.Context, take func([]export.Source)) []error {
	defer s.env.stage("search for inputs")()
	errs := s.finder.Walk(ctx, s.args, func(sources []export.Source) {
		s.files += len(sources)
		if s.stdinName != "" && len(s.args) > 0 {
			for i := range sources {
				if sources[i].Stdin() {
					sources[i] = sources[i].Named(s.stdinName)
				}
			}
			slices.SortStableFunc(sources, func(a, b export.Source) int { return strings.Compare(a.Name, b.Name) })
		}
		take(sources)
	})
	s.missing = len(errs)
	return errs
}

// done says what the search did not follow.
func (s *search) done() {
	const most = 10
	for i, name := range s.skipped {
		s.env.info("skipped", "file", name, "why", "the link leads out of the folder")
		if i < most {
			s.env.complain(fmt.Errorf("%s: the link leads out of the folder and is not followed; --follow-links follows it", name))
		}
	}
	if len(s.args) > 0 {
		s.env.info("inputs found", "files", s.files, "missing", s.missing)
	}
	if n := len(s.skipped); n > most {
		s.env.complain(fmt.Errorf("%s not followed", plural(n-most, "further link is", "further links are")))
	}
}

// readFile reads a file that the user named; - is standard input. what says what is read, for the error.
func (env *environment) readFile(ctx context.Context, name string, limit int64, what string) ([]byte, error) {
	if name == export.Stdin {
		data, err := safefile.ReadAll(env.input(ctx), limit)
		if err != nil {
			return nil, fmt.Errorf("read %s from standard input: %w", what, err)
		}
		return data, nil
	}
	data, err := safefile.Read(ctx, name, limit)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	env.info("read "+what, "file", name, "bytes", len(data))
	return data, nil
}
