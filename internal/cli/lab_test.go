package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/internal/lab"
)

// TestLabUp starts a lab, runs every command that it prints, and proves that the folder is gone afterwards.
func TestLabUp(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8 on loopback")
	}
	for _, more := range [][]string{nil, {"--fixed"}, {"--demo", "jabber"}, {"--servers", "--fixed"},
		{"--servers", "--misbehave", "files-no-http,axl-nil-new,ssh-colour,ssh-one-byte"},
		{"--servers", "--misbehave", "axl-8.5,uds-401,ssh-wiped-prompt,ssh-folds,ssh-level-1,ssh-prompt-inside,ssh-pager-keeps"}} {
		if testing.Short() && more != nil {
			break
		}
		args, fixed := append([]string{"lab", "up"}, more...), slices.Contains(more, "--fixed")
		t.Run(strings.Join(args, " "), func(t *testing.T) { labUpAndDown(t, args, fixed) })
	}
}

// Every name of --misbehave is in the help and in docs/lab.md; another one is refused with the names that there are.
func TestMisbehave(t *testing.T) {
	page, err := os.ReadFile("../../docs/lab.md")
	if err != nil {
		t.Fatal(err)
	}
	_, help, _ := cupclint(t, "", "lab", "up", "--help")
	for _, name := range lab.Misbehaviours() {
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("docs/lab.md does not explain %s", name)
		}
		if !slices.Contains(strings.Fields(help), name) {
			t.Errorf("--help does not name %s", name)
		}
	}
	for _, c := range [][]string{
		{"--misbehave", "axl-503"}, {"--servers", "--misbehave", "axl-504"}, {"--servers", "--misbehave", "axl-503,"},
		{"--demo", "jabber", "--misbehave", "axl-503"},
	} {
		code, _, errs := cupclint(t, "", append([]string{"lab", "up"}, c...)...)
		if code != exitUsage || !strings.Contains(errs, "--misbehave") || strings.Contains(errs, "unknown") != strings.Contains(errs, "ssh-v12") {
			t.Errorf("%q: exit code %d, %s", c, code, errs)
		}
	}
}

func labUpAndDown(t *testing.T, args []string, fixed bool) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	in, out := io.Pipe()
	done := make(chan int)
	var errs bytes.Buffer
	go func() {
		code := execute(ctx, &environment{stdin: strings.NewReader(""), stdout: out, stderr: &errs, getenv: os.Getenv, workDir: t.TempDir()},
			args)
		_ = out.Close()
		done <- code
	}()
	var calls [][]string
	dir := ""
	for lines := bufio.NewScanner(in); dir == "" && lines.Scan(); {
		if call, ok := strings.CutPrefix(lines.Text(), "  cupclint "); ok {
			calls = append(calls, strings.Fields(call))
		}
		_, dir, _ = strings.Cut(lines.Text(), "Ctrl-C ends it and removes ")
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	if len(calls) < 8 {
		t.Fatalf("%d commands to try: %q %s", len(calls), calls, errs.String())
	}
	paged := make(map[string]bool) // commands whose page was looked at
	for _, call := range calls {
		var stdout, stderr bytes.Buffer
		env := &environment{
			loginCost: cheap, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, workDir: t.TempDir(), promptQuiet: time.Millisecond,
			getenv: func(name string) string {
				return map[string]string{"XDG_STATE_HOME": t.TempDir(), "XDG_CACHE_HOME": t.TempDir(), "HOME": t.TempDir()}[name]
			},
		}
		code := execute(ctx, env, call)
		if call[0] != "lint" && call[0] != "diagnose" && call[0] != "collect" && !paged[call[0]] { // a page shows what each command contacted
			paged[call[0]] = true
			stdout.Reset()
			execute(ctx, env, append(call, "--format", "html"))
			if page := stdout.String(); !strings.Contains(page, "<h2 id=\"probes\">") || !strings.Contains(page, " contacted") ||
				strings.Contains(page, "nothing contacted") {
				t.Errorf("the page of cupclint %s says nothing of the targets", strings.Join(call, " "))
			}
		}
		switch {
		case code == exitUsage || code == exitInput:
			t.Errorf("cupclint %s: exit code %d\n%s", strings.Join(call, " "), code, stderr.String())
		case call[0] == "audit" && fixed && code != exitClean:
			t.Logf("exit code %d: where the usual ports are taken, rules about ports find something\n%s", code, stdout.String())
		case call[0] == "audit" && !fixed && code != exitFindings:
			t.Errorf("the audit of the broken deployment: exit code %d\n%s%s", code, stdout.String(), stderr.String())
		}
	}
	stop()
	if code := <-done; code != exitClean {
		t.Errorf("exit code %d after an interrupt: %s", code, errs.String())
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left behind: %v", dir, err)
	}
}
