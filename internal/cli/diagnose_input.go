package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/diagnose"
	"cupclint/internal/safefile"
)

// maxPaste bounds what is read from a paste, in bytes.
const maxPaste = 4 << 20

// readHealth reads the paste. It may be an export as well, since Show Server Health shows properties: then it is left for lint to read
// again.
func (f *diagnoseFlags) readHealth(ctx context.Context, env *environment, run *liveRun, in *diagnose.Input, args []string) (*environment,
	[]string, error) {
	text, name, err := f.paste(ctx, env, args)
	if err != nil || text == nil {
		return env, args, err
	}
	paste, err := readPaste(name, "", text)
	if err != nil {
		return env, args, unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	in.Pastes = append(in.Pastes, paste)
	in.Findings = append(in.Findings, paste.Findings...)
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin })
	if !isExport(name, text) {
		if !paste.Understood() {
			run.failed(name, errors.New("nothing in this text was understood. cupclint reads error messages (English, German, French, Spanish, "+
				"Portuguese, Italian, Japanese, Chinese), Show Server Health, logs of Jabber, and the output of the commands that its checks name"))
		}
		return env, args, nil
	}
	with := *env
	with.stdin = bytes.NewReader(text)
	return &with, append(args, export.Stdin), nil
}

// readPaste understands a text. Secrets are taken out first, so that nothing that is shown, stored or sent has them.
func readPaste(name, file string, text []byte) (*diagnose.Paste, error) {
	if clean, err := export.Redact(name, text, export.Auto); err == nil {
		text = clean.Data
	} else {
		text = []byte(export.Hide(string(text)))
	}
	return diagnose.Read(bytes.NewReader(text), file)
}

// isExport reports whether the text is an export that says something.
func isExport(name string, text []byte) bool {
	e, err := new(export.Reader).Parse(name, bytes.Clone(text))
	return err == nil && e.Problem == nil
}

// quietly searches for what lint searches for again, and tells about.
func (f *diagnoseFlags) quietly() *export.Finder {
	return &export.Finder{FollowLinks: f.settings.followLinks}
}

// readTexts reads the logs and other texts among the inputs. They are lines, and no file of settings.
func (f *diagnoseFlags) readTexts(_ context.Context, env *environment, in *diagnose.Input, args []string) {
	f.texts = make(map[string]bool)
	// lint says what is wrong with them
	sources, _ := f.quietly().Find(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin }))
	take := func(source, name string, text []byte) {
		if !diagnose.IsText(text) {
			return
		}
		paste, err := readPaste(name, name, text)
		if err != nil {
			env.complain(fmt.Errorf("read %s: %w: what is behind it is not read", name, err))
		}
		if paste == nil || !paste.Understood() {
			return
		}
		f.texts[source], f.texts[name] = true, true
		in.Pastes = append(in.Pastes, paste)
		in.Findings = append(in.Findings, paste.Findings...)
	}
	for _, src := range sources {
		info, err := os.Stat(src.Name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxReport { // a pipe would be waited for
			continue
		}
		if archive, err := zip.OpenReader(src.Name); err == nil {
			eachLog(&archive.Reader, func(name string, text []byte) { take(src.Name, src.Name+"/"+name, text) })
			_ = archive.Close() // it was only read from
			continue
		}
		if info.Size() > maxPaste {
			continue
		}
		if text, err := safefile.ReadFound(src.Name, maxPaste); err == nil {
			take(src.Name, src.Name, text)
		}
	}
}

// The bounds of a problem report.
const (
	maxReport = 256 << 20 // bytes of the archive
	maxLog    = 16 << 20  // bytes of one log in it
	maxLogs   = 64
)

// eachLog hands over the logs and texts of a problem report.
func eachLog(archive *zip.Reader, take func(name string, text []byte)) {
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
			take(member.Name, text)
		}
	}
}

func (f *diagnoseFlags) paste(ctx context.Context, env *environment, args []string) (text []byte, name string, err error) {
	in, name := env.input(ctx), "standard input"
	switch {
	case f.health != "" && f.health != export.Stdin:
		file, err := env.open(ctx, f.health)
		if err != nil {
			return nil, "", unreadable(fmt.Errorf("read the paste: %w", err))
		}
		defer file.Close()
		in, name = file, f.health
	case f.health == export.Stdin, slices.Contains(args, export.Stdin):
	default:
		return nil, "", nil
	}
	text, err = io.ReadAll(io.LimitReader(in, maxPaste+1))
	if err == nil && len(text) > maxPaste {
		err = fmt.Errorf("more than %d bytes", maxPaste)
	}
	if err != nil {
		return nil, "", unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	return text, name, nil
}

// evidence takes what the logs among the inputs say of failed attempts. Standard input is kept for lint, which reads it again.
func (f *diagnoseFlags) evidence(ctx context.Context, env *environment, in *diagnose.Input, args []string) *environment {
	with := *env
	if slices.Contains(args, export.Stdin) {
		text, err := io.ReadAll(io.LimitReader(env.input(ctx), export.MaxFile+1))
		if err != nil {
			return env // lint says it
		}
		with.stdin = bytes.NewReader(text)
	}
	sources, _ := f.quietly().Find(args) // lint says what cannot be read
	r := export.Reader{Stdin: with.input(ctx), Evidence: true}
	for _, src := range sources {
		for e, err := range r.Read(ctx, src) {
			if err != nil || len(e.Evidence) == 0 || f.texts[e.File] || f.texts[src.Name] {
				continue
			}
			if paste, err := diagnose.FromEvidence(e.Evidence); err == nil && paste.Understood() { // a log in a problem report
				f.texts[e.File], f.texts[src.Name] = true, true
				in.Pastes = append(in.Pastes, paste)
			}
		}
	}
	if r, ok := with.stdin.(*bytes.Reader); ok {
		_, _ = r.Seek(0, io.SeekStart) // a reader of bytes always can
	}
	return &with
}

// readFindings takes what an earlier run found, and says what that run missed.
func (f *diagnoseFlags) readFindings(ctx context.Context, env *environment, run *liveRun, in *diagnose.Input) error {
	from, name := env.stdin, "standard input"
	if f.found != export.Stdin {
		file, err := env.open(ctx, f.found)
		if err != nil {
			return unreadable(fmt.Errorf("read the findings: %w", err))
		}
		defer file.Close()
		from, name = file, f.found
	}
	findings, missed, err := diagnose.ReadFindings(from)
	if err != nil {
		return unreadable(fmt.Errorf("read the findings from %s: %w", name, err))
	}
	in.Findings = append(in.Findings, findings...)
	complainAll(env, run, missed)
	return nil
}
