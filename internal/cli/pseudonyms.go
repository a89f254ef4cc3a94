package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/conceal"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// maxMap bounds the file of a map, in bytes.
const maxMap = 256 << 20

// A mapFile is the file with pseudonyms and real words. It stays with the user.
type mapFile struct {
	name  string
	what  []string
	again bool // the file was there
	words *conceal.Words
}

// openMap reads a map that is there, or begins one. kept is where the hidden output goes: the map must not be a part of it.
func openMap(ctx context.Context, name, kept string, what []string) (*mapFile, error) {
	m := &mapFile{name: name, what: what}
	if inside(name, kept) {
		return nil, fmt.Errorf("the map %s would be a part of what you give to others: name a file outside of %s with --map", name, kept)
	}
	data, err := safefile.Read(ctx, name, maxMap)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.words = conceal.New(what, nil)
		return m, m.write()
	case err != nil:
		return nil, unreadable(fmt.Errorf("read the map of the pseudonyms: %w", err))
	}
	m.again = true
	if m.words, err = conceal.Read(strings.NewReader(string(data)), what, nil); err != nil {
		return nil, unreadable(fmt.Errorf("read the map of the pseudonyms from %s: %w", name, err))
	}
	return m, nil
}

// inside reports whether a file would be in a folder, or be the file itself.
func inside(name, folder string) bool {
	if folder == "" {
		return false
	}
	real := func(path string) string {
		path, _ = filepath.Abs(path) // without a working folder nothing can be written either
		for rest := ""; ; {
			if at, err := filepath.EvalSymlinks(path); err == nil {
				return filepath.Join(at, rest)
			}
			if filepath.Dir(path) == path {
				return filepath.Join(path, rest)
			}
			path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
		}
	}
	rel, err := filepath.Rel(real(folder), real(name))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// write writes the map, readable by the user alone.
func (m *mapFile) write() error {
	err := safefile.Write(m.name, 0o600, func(w io.Writer) error { return m.words.Write(w) })
	if err == nil {
		err = os.Chmod(m.name, 0o600) // an older file may have been open to others
	}
	if err != nil {
		return unreadable(fmt.Errorf("write the map of the pseudonyms: %w", err))
	}
	return nil
}

// sayWhere says where the map is.
func (m *mapFile) sayWhere(env *environment, quiet bool) {
	what := "the map of the pseudonyms"
	if m.again {
		what += ", which was used again and completed"
	}
	env.wrote(quiet, m.name, what+". Keep it, and do not give it away")
}

// learn learns the words of inputs. Inputs that cannot be read are reported elsewhere.
func (m *mapFile) learn(ctx context.Context, sources []export.Source) error {
	for i := range sources {
		if sources[i].Name == export.Stdin {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if data, err := safefile.Read(ctx, filepath.FromSlash(sources[i].Name), conceal.MaxArchive); err == nil {
			_ = m.words.LearnInput(sources[i].Name, data)
		}
	}
	return nil
}

// aboutSecretsRules are rules about what is masked in hidden files.
var aboutSecretsRules = [...]string{"CRED008", "CRED009", "JAB009", "LDAP007"}

// findingCounts counts findings by rule, severity and key, those about secrets left out. The keys have pseudonyms. Of a key of a server's
// output the last part counts: which of several servers a finding is placed at depends on the names of the files.
func findingCounts(words *conceal.Words, each func(func(*lint.Finding))) map[string]int {
	out := map[string]int{}
	each(func(f *lint.Finding) {
		if slices.Contains(aboutSecretsRules[:], f.Rule) || f.Rule == "HYG001" && export.IsSecret(f.Key, "x") {
			return
		}
		key := f.Key
		if strings.HasPrefix(key, "Appliance.") {
			key = key[strings.LastIndexByte(key, '.')+1:]
		} else if words != nil {
			key = words.Replace(key)
		}
		out[strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Rule, f.Severity, key))]++
	})
	return out
}

// countsOf counts the findings of lint in paths, without a configuration.
func countsOf(ctx context.Context, words *conceal.Words, sources []export.Source) (map[string]int, error) {
	policy, err := lint.NewPolicy(catalogue.All(), lint.Settings{})
	if err != nil {
		return nil, err
	}
	result, err := lint.Run(ctx, lint.Options{Sources: sources, Rules: catalogue.All(), Policy: policy})
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }() // it is only read from
	counts := findingCounts(words, func(add func(*lint.Finding)) {
		for f, e := range result.Findings() {
			if e != nil {
				err = e
				return
			}
			add(f)
		}
	})
	return counts, err
}

// A changedError says which findings are different with pseudonyms.
type changedError struct{ lines []string }

func (e *changedError) Error() string {
	const most = 5
	text := "with pseudonyms the findings differ: " + strings.Join(e.lines[:min(len(e.lines), most)], ", ")
	if len(e.lines) > most {
		text += fmt.Sprintf(" and %d more", len(e.lines)-most)
	}
	return text
}

// sameCounts returns a *changedError where the counts differ.
func sameCounts(real, hidden map[string]int) error {
	var lines []string
	for k, n := range real {
		if hidden[k] != n {
			lines = append(lines, fmt.Sprintf("%s %d instead of %d", k, hidden[k], n))
		}
	}
	for k, n := range hidden {
		if real[k] == 0 {
			lines = append(lines, fmt.Sprintf("%s %d instead of 0", k, n))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	return &changedError{lines}
}
