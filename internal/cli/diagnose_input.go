package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"cupclint/export"
	"cupclint/internal/diagnose"
)

// readHealth reads the paste. It may be an export as well, since Show Server Health shows properties: then it is left for lint to read
// again.
func (f *diagnoseFlags) readHealth(ctx context.Context, env *environment, run *liveRun, args []string) (*environment, []string, error) {
	text, name, err := f.paste(ctx, env, args)
	if err != nil || text == nil {
		return env, args, err
	}
	paste, isExport, err := f.gathered.Paste(name, text)
	if err != nil {
		return env, args, unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin })
	if !isExport {
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

// quietly searches without messages: lint searches for the same inputs again and reports about them.
func (f *diagnoseFlags) quietly() *export.Finder {
	return &export.Finder{FollowLinks: f.settings.followLinks}
}

// readTexts reads the logs and other texts among the inputs. They are lines, and no file of settings.
func (f *diagnoseFlags) readTexts(env *environment, args []string) {
	// lint says what is wrong with them
	sources, _ := f.quietly().Find(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin }))
	f.gathered.Complain = env.complain
	f.gathered.Texts(sources)
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
	text, err = io.ReadAll(io.LimitReader(in, diagnose.MaxPaste+1))
	if err == nil && len(text) > diagnose.MaxPaste {
		err = fmt.Errorf("more than %d bytes", diagnose.MaxPaste)
	}
	if err != nil {
		return nil, "", unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	return text, name, nil
}

// evidence reads the failed attempts in the logs among the inputs. Standard input is kept for lint, which reads it again.
func (f *diagnoseFlags) evidence(ctx context.Context, env *environment, args []string) *environment {
	with := *env
	if slices.Contains(args, export.Stdin) {
		text, err := io.ReadAll(io.LimitReader(env.input(ctx), export.MaxFile+1))
		if err != nil {
			return env // lint says it
		}
		with.stdin = bytes.NewReader(text)
	}
	sources, _ := f.quietly().Find(args) // lint reports what cannot be read
	f.gathered.Evidence(ctx, sources, with.input(ctx))
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
