package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/conceal"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// keepHidden writes the case with pseudonyms, and proves that it has the same findings.
func (f *auditFlags) keepHidden(ctx context.Context, env *environment, c *audit.Case) error {
	m, err := openMap(ctx, cmp.Or(f.mapName, f.save+".map.tsv"), fileOf(f.save), f.hide)
	if err != nil {
		return err
	}
	if err := m.learn(ctx, f.sources); err != nil {
		return err
	}
	if f.typed != nil {
		_ = m.words.LearnInput(export.Stdin, f.typed) // what is wrong with it is reported elsewhere
	}
	var real bytes.Buffer
	if err := c.Save(&real); err != nil {
		return fmt.Errorf("save the case: %w", err)
	}
	if err := m.words.LearnCase(real.Bytes()); err != nil {
		return err
	}
	hidden, problem, err := m.hideCase(real.Bytes())
	if err != nil {
		return err
	}
	if err := m.write(); err != nil { // so that the pseudonyms can be resolved later
		return err
	}
	if err := env.writeOther(f.save, func(w io.Writer) error {
		_, err := w.Write(hidden)
		return err
	}); err != nil {
		return fmt.Errorf("save the case: %w", err)
	}
	f.saved(env, c)
	m.sayWhere(env, f.quiet)
	return problem
}

// saved says that the case is written. The demo names its files at the end.
func (f *auditFlags) saved(env *environment, c *audit.Case) {
	if f.save != toStdout {
		env.wrote(f.quiet || f.demo, f.save, "the case, "+plural(c.Summary.Files, "export", "exports")+" and "+
			plural(len(c.Observations.Probes()), "target", "targets"))
	}
}

// typedInput reads standard input before lint does, so that it can be read once more.
func (f *auditFlags) typedInput(ctx context.Context, env *environment, args []string) error {
	if len(f.hide) == 0 || !slices.Contains(args, export.Stdin) {
		return nil
	}
	var err error
	if f.typed, err = safefile.ReadAll(env.input(ctx), conceal.MaxArchive); err != nil {
		return readError(export.Stdin, err)
	}
	env.stdin = bytes.NewReader(f.typed)
	return nil
}

// judgedCounts counts the findings of a saved case; with words, their keys get pseudonyms.
func judgedCounts(text []byte, words *conceal.Words) (map[string]int, error) {
	c, err := audit.Load(bytes.NewReader(text), catalogue.Areas(nil))
	if err != nil {
		return nil, fmt.Errorf("read the case again: %w", err)
	}
	r := c.Judge(catalogue.All(), new(lint.Policy))
	return findingCounts(words, func(add func(*lint.Finding)) {
		for i := range r.Findings {
			add(&r.Findings[i])
		}
	}), nil
}

// hideCase hides a saved case. problem says why it must not be given away.
func (m *mapFile) hideCase(real []byte) (hidden []byte, problem, err error) {
	text, err := m.words.Case(real)
	if err != nil {
		return nil, nil, err
	}
	var safe bytes.Buffer
	if _, err := report.SafeJSON(&safe).Write(text); err != nil {
		return nil, nil, err
	}
	hidden = safe.Bytes()
	if left := m.words.LeftIn("", hidden); len(left) > 0 {
		problem = fmt.Errorf("do not give the case to others, names or addresses are left in it: %s", shortened(left))
	}
	want, err := judgedCounts(real, m.words)
	if err != nil {
		return nil, nil, err
	}
	got, err := judgedCounts(hidden, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("with pseudonyms: %w", err)
	}
	return hidden, errors.Join(problem, sameCounts(want, got)), nil
}
