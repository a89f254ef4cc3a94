package diagnose

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// MaxPaste bounds what is read from a paste, in bytes.
const MaxPaste = 4 << 20

// The bounds of a problem report.
const (
	maxReport = 256 << 20 // bytes of the archive
	maxLog    = 16 << 20  // bytes of one log in it
	maxLogs   = 64
)

// A Gathering takes in what there is to read of a case: a paste, texts and logs, exports, what an audit found. The command line and the
// page for the help-desk gather in the same way, so that the same input gives the same causes. The inputs are files or in memory, see
// export.Memory.
type Gathering struct {
	// Input grows with everything that is taken in.
	Input *Input
	// Complain, if set, gets an error for a text of which only a part was read.
	Complain func(error)

	texts map[string]bool
}

// NewGathering makes one that adds to in.
func NewGathering(in *Input) *Gathering { return &Gathering{Input: in, texts: make(map[string]bool)} }

// Paste takes in a pasted text. It may be an export as well, since Show Server Health shows properties: then isExport is set, and lint has
// to read it, too. The error is one of Read.
func (g *Gathering) Paste(name string, text []byte) (paste *Paste, isExport bool, err error) {
	if paste, err = ReadSafe(name, "", text); err != nil {
		return nil, false, err
	}
	g.add(paste)
	e, err := new(export.Reader).Parse(name, bytes.Clone(text))
	return paste, err == nil && e.Problem == nil, nil
}

func (g *Gathering) add(p *Paste) {
	g.Input.Pastes = append(g.Input.Pastes, p)
	g.Input.Findings = append(g.Input.Findings, p.Findings...)
}

// ReadSafe is Read of a text that may hold secrets. They are taken out first, so that nothing that is shown, stored or sent has them.
func ReadSafe(name, file string, text []byte) (*Paste, error) {
	if clean, err := export.Redact(name, text, export.Auto); err == nil {
		text = clean.Data
	} else {
		text = []byte(export.Hide(string(text)))
	}
	return Read(bytes.NewReader(text), file)
}

// Texts takes in the logs and other texts among the sources, those of a problem report too. They are lines, and no file of settings.
// What cannot be read is left out: lint says it.
func (g *Gathering) Texts(sources []export.Source) {
	for i := range sources {
		src := &sources[i]
		if data, ok := src.InMemory(); ok {
			if archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
				g.logs(src.Name, archive)
			} else if len(data) <= MaxPaste {
				g.text(src.Name, src.Name, data)
			}
			continue
		}
		info, err := os.Stat(src.Name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxReport { // a pipe would be waited for
			continue
		}
		if archive, err := zip.OpenReader(src.Name); err == nil {
			g.logs(src.Name, &archive.Reader)
			_ = archive.Close() // it was only read from
			continue
		}
		if info.Size() > MaxPaste {
			continue
		}
		if text, err := safefile.ReadFound(src.Name, MaxPaste); err == nil {
			g.text(src.Name, src.Name, text)
		}
	}
}

func (g *Gathering) text(source, name string, text []byte) {
	if !IsText(text) {
		return
	}
	paste, err := ReadSafe(name, name, text)
	if err != nil && g.Complain != nil {
		g.Complain(fmt.Errorf("read %s: %w: the text after it is not read", name, err))
	}
	if paste == nil || !paste.Understood() {
		return
	}
	g.texts[source], g.texts[name] = true, true
	g.add(paste)
}

// logs takes in the logs and texts of a problem report.
func (g *Gathering) logs(source string, archive *zip.Reader) {
	n := 0
	for _, member := range archive.File {
		ext := strings.ToLower(filepath.Ext(member.Name))
		if ext != ".log" && ext != ".txt" || n == maxLogs {
			continue
		}
		r, err := member.Open()
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(r, maxLog))
		_ = r.Close() // it was only read from
		if err == nil {
			n++
			g.text(source, source+"/"+member.Name, text)
		}
	}
}

// Evidence takes in what the logs among the sources say of failed attempts, as far as Texts did not read them. Stdin is what standard
// input stands for, nil where it is not among the sources.
func (g *Gathering) Evidence(ctx context.Context, sources []export.Source, stdin io.Reader) {
	r := export.Reader{Stdin: stdin, Evidence: true}
	for _, src := range sources {
		for e, err := range r.Read(ctx, src) {
			if err != nil || len(e.Evidence) == 0 || g.texts[e.File] || g.texts[src.Name] {
				continue
			}
			if paste, err := FromEvidence(e.Evidence); err == nil && paste.Understood() { // a log in a problem report
				g.texts[e.File], g.texts[src.Name] = true, true
				g.Input.Pastes = append(g.Input.Pastes, paste)
			}
		}
	}
}

// Case takes in what lint and the probes of a case found, and the facts of its exports. It gives what the case missed, without the inputs
// that were read as texts. The error names a fact that k does not know.
func (g *Gathering) Case(k *Knowledge, c *audit.Case, rules []*lint.Rule, policy *lint.Policy) ([]lint.InputError, error) {
	for question, fact := range c.Facts {
		if err := k.CheckAnswer(question + "=" + fact.Answer); err != nil {
			return nil, fmt.Errorf("read the facts of the case: %w", err)
		}
		if g.Input.Facts == nil {
			g.Input.Facts = make(map[string]Answer)
		}
		g.Input.Facts[question] = Answer{Word: fact.Answer, Where: fact.Where, Text: fact.Text}
	}
	findings, looked := Judged(c, rules, policy)
	g.Input.Findings, g.Input.Looked = append(g.Input.Findings, findings...), append(g.Input.Looked, looked...)
	return g.Missed(c), nil
}

// Missed is what a case could not read or reach, without the inputs that were read as texts.
func (g *Gathering) Missed(c *audit.Case) []lint.InputError {
	return slices.DeleteFunc(c.Incomplete(), func(e lint.InputError) bool { return g.texts[e.File] })
}

// Judged is what a case tells under a policy: its findings, and what its probes looked for.
func Judged(c *audit.Case, rules []*lint.Rule, policy *lint.Policy) (findings []lint.Finding, looked []Looked) {
	for _, l := range c.Observations.LookedFor() {
		looked = append(looked, Looked(l))
	}
	return c.Judge(rules, policy).Findings, looked
}

// FactsOf are the answers that the exports of a run gave, as a case keeps them.
func (f *FactFinder) FactsOf() map[string]audit.Fact {
	out := make(map[string]audit.Fact)
	for question, a := range f.Answers() {
		out[question] = audit.Fact{Answer: a.Word, Where: a.Where, Text: a.Text}
	}
	return out
}
