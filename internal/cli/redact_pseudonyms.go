package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/cli/term"
	"cupclint/internal/conceal"
	"cupclint/internal/platform"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
)

// A concealing is a run of redact --pseudonyms.
type concealing struct {
	env    *environment
	out    string
	folder bool // out is a folder
	m      *mapFile
	inputs []concealed
	stdin  []byte
	report conceal.Report
	failed bool
}

// A concealed is one input.
type concealed struct {
	source export.Source
	name   string // below the output folder, with slashes
}

// redactPseudonyms writes files, folders and archives without secrets and with pseudonyms.
func redactPseudonyms(ctx context.Context, env *environment, args []string, out, mapName string, what []string) error {
	c := &concealing{env: env, out: out}
	var err error
	if err = c.find(args); err != nil {
		return err
	}
	if mapName == "" {
		if out == "" {
			return errors.New("with --pseudonyms, name the file of the map: --map FILE")
		}
		mapName = filepath.Clean(out) + ".map.tsv"
	}
	c.inputs = slices.DeleteFunc(c.inputs, func(i concealed) bool { return i.source.Name != export.Stdin && same(i.source.Name, mapName) })
	if c.m, err = openMap(ctx, mapName, out, what); err != nil {
		return err
	}
	if err := c.run(ctx); err != nil {
		return err
	}
	return c.end(ctx)
}

// find lists the inputs and where each goes.
func (c *concealing) find(args []string) error {
	c.folder = isFolder(c.out) || len(args) > 1
	for _, arg := range args {
		sources, errs := export.Find([]string{arg})
		for _, err := range errs {
			c.fail(err)
		}
		base := ""
		if isFolder(arg) {
			if c.folder = true; c.out == "" {
				return errors.New("a folder: name a new folder with --output")
			}
			if inside(c.out, arg) {
				return fmt.Errorf("the output %s would be a part of the input %s: name a folder outside of it", c.out, arg)
			}
			if names, err := os.ReadDir(c.out); err == nil && len(names) > 0 {
				return fmt.Errorf("the folder %s is not empty: name a new one with --output", c.out)
			}
			if base = arg; len(args) > 1 {
				base = filepath.Dir(filepath.Clean(arg))
			}
		}
		for _, s := range sources {
			name := path.Base(s.Name)
			if rel, err := filepath.Rel(base, filepath.FromSlash(s.Name)); err == nil && base != "" {
				name = filepath.ToSlash(rel)
			}
			c.inputs = append(c.inputs, concealed{s, name})
		}
	}
	if c.folder && c.out == "" {
		return errors.New("several inputs: name a folder with --output")
	}
	if c.folder && slices.ContainsFunc(c.inputs, func(i concealed) bool { return i.source.Name == export.Stdin }) {
		return errors.New("standard input has no name: write --output FILE")
	}
	return nil
}

func (c *concealing) fail(err error) {
	c.env.complain(err)
	c.failed = true
}

// read returns an input. Standard input is read once.
func (c *concealing) read(ctx context.Context, s *export.Source) ([]byte, error) {
	if s.Name != export.Stdin {
		data, err := safefile.Read(ctx, filepath.FromSlash(s.Name), conceal.MaxArchive)
		if err != nil {
			err = readError(s.Name, err)
		} else {
			c.env.info("read", "file", s.Name, "bytes", len(data))
		}
		return data, err
	}
	if c.stdin == nil {
		data, err := safefile.ReadAll(c.env.input(ctx), conceal.MaxArchive)
		if err != nil {
			return nil, readError(s.Name, err)
		}
		c.stdin = data
	}
	return c.stdin, nil
}

// run reads all inputs twice: first the words of the site are learned, then each input is written.
func (c *concealing) run(ctx context.Context) error {
	progress := term.NewProgress(c.env.screen(), "learned and hidden")
	defer progress.Done()
	total := 2 * len(c.inputs)
	bad := map[string]bool{}
	for i := range c.inputs {
		progress.Update(i, total)
		s := &c.inputs[i].source
		data, err := c.read(ctx, s)
		if err == nil {
			err = c.m.words.LearnInput(s.Name, data)
		}
		if ctx.Err() != nil {
			return unreadable(context.Cause(ctx))
		}
		if err != nil {
			bad[s.Name] = true
			c.fail(err)
		}
	}
	if err := c.m.write(); err != nil { // before anything is written with pseudonyms, so that they can be resolved after an interruption, too
		return err
	}
	taken := map[string]string{}
	var place *os.Root
	if c.folder {
		if err := os.MkdirAll(c.out, 0o700); err != nil {
			return unreadable(err)
		}
		var err error
		if place, err = os.OpenRoot(c.out); err != nil {
			return unreadable(err)
		}
		defer place.Close()
	}
	for i := range c.inputs {
		progress.Update(len(c.inputs)+i, total)
		in := &c.inputs[i]
		if bad[in.source.Name] {
			continue
		}
		if ctx.Err() != nil {
			return unreadable(errors.Join(context.Cause(ctx), c.m.write()))
		}
		data, err := c.read(ctx, &in.source)
		if err != nil {
			c.fail(err)
			continue
		}
		out, err := c.hide(in.source.Name, data)
		if err != nil {
			c.fail(fmt.Errorf("%s: %w", in.source.Name, err))
			continue
		}
		name := c.m.words.Path(in.name)
		if other, twice := taken[strings.ToLower(name)]; twice {
			c.fail(fmt.Errorf("%s and %s would both be written to %s: hide them into two folders", other, in.source.Name, name))
			continue
		}
		taken[strings.ToLower(name)] = in.source.Name
		if err := c.put(place, in, name, out); err != nil {
			if platform.ReaderGone(err) || errors.As(err, new(*usageError)) {
				return err
			}
			c.fail(err)
		}
	}
	return c.m.write()
}

// hide returns an input with pseudonyms.
func (c *concealing) hide(name string, data []byte) ([]byte, error) {
	if conceal.IsCase(data) {
		out, problem, err := c.m.hideCase(data)
		if problem != nil {
			c.fail(fmt.Errorf("%s: %w", name, problem))
		}
		return out, err
	}
	out, r, err := c.m.words.HideInput(name, data)
	c.report.Add(r)
	return out, err
}

// put writes one output.
func (c *concealing) put(place *os.Root, in *concealed, name string, data []byte) error {
	write := func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
	switch {
	case c.out == "":
		return write(c.env.stdout)
	case !c.folder:
		if in.source.Name != export.Stdin && same(in.source.Name, c.out) {
			return &usageError{fmt.Errorf("%s would be overwritten: name another file", in.source.Name)}
		}
		return safefile.Write(c.out, 0o600, write)
	}
	local := filepath.FromSlash(name)
	if same(in.source.Name, filepath.Join(c.out, local)) {
		return &usageError{fmt.Errorf("%s would be overwritten: name another folder", in.source.Name)}
	}
	if err := place.MkdirAll(filepath.Dir(local), 0o700); err != nil {
		return err
	}
	if _, err := place.Lstat(local); err == nil {
		folder, err := safefile.OpenFolder(c.out)
		if err != nil {
			return err
		}
		return errors.Join(folder.Write(local, 0o600, write), folder.Close())
	}
	f, err := place.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// end proves that nothing is left and that the findings are the same, and says what was done.
func (c *concealing) end(ctx context.Context) error {
	c.report.Sort()
	r := &c.report
	for _, p := range [...]struct {
		files []string
		what  string
	}{
		{r.Suspect, "a secret is probably left in"}, {r.Left, "names or addresses are left in"},
		{r.Changed, "with pseudonyms these files are read differently:"}, {r.Omitted, "files that are not text are left out of archives:"},
	} {
		if len(p.files) > 0 {
			c.fail(fmt.Errorf("%s %s", p.what, shortened(p.files)))
		}
	}
	if err := c.proof(ctx); err != nil {
		c.fail(err)
	}
	what := plural(len(c.inputs), "input", "inputs") + " hidden, " + plural(r.Secrets, "value", "values") + " redacted"
	if c.out == "" {
		c.env.note(what)
	} else {
		c.env.wrote(false, c.out, what)
	}
	c.m.sayWhere(c.env, false)
	if c.failed {
		return exitWith(exitInput)
	}
	return nil
}

// shortened names the first files of a list.
func shortened(files []string) string {
	const most = 10
	text := strings.Join(files[:min(len(files), most)], ", ")
	if len(files) > most {
		text += fmt.Sprintf(" and %d more", len(files)-most)
	}
	return report.Clean(text)
}

// proof lints inputs and outputs. What went to standard output, or came from standard input, is not on disk and is not compared.
func (c *concealing) proof(ctx context.Context) error {
	var sources []export.Source
	for _, in := range c.inputs {
		if in.source.Name == export.Stdin {
			return nil
		}
		sources = append(sources, in.source)
	}
	if c.out == "" || len(sources) == 0 {
		return nil
	}
	for _, s := range sources { // a case is judged by audit --replay
		if head, err := safefile.Head(filepath.FromSlash(s.Name), 64); err == nil && conceal.IsCase(bytes.Clone(head)) {
			return nil
		}
	}
	hidden, _ := export.Find([]string{c.out})
	real, err := countsOf(ctx, c.m.words, sources)
	if err != nil {
		return fmt.Errorf("compare the findings: %w", err)
	}
	with, err := countsOf(ctx, nil, hidden)
	if err != nil {
		return fmt.Errorf("compare the findings: %w", err)
	}
	return sameCounts(real, with)
}
