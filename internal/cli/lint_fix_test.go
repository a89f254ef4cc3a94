package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func lintIn(t *testing.T, ctx context.Context, dir string, terminal bool, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(dir)
	var out, errs bytes.Buffer
	env := &environment{
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }, workDir: dir,
		outTerminal: terminal, errTerminal: terminal,
	}
	return execute(ctx, env, append([]string{"lint"}, args...)), out.String(), errs.String()
}

// A file keeps its control characters in a patch for git. On a terminal they are not printed.
func TestPatchOnATerminalHasNoControlCharacters(t *testing.T) {
	dir := t.TempDir()
	text := "# \x1b]0;title\x07\r\nPresence.Domain = acme.com.\r\n"
	if err := os.WriteFile(filepath.Join(dir, "a.properties"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, plain, _ := lintIn(t, t.Context(), dir, false, "--diff", ".")
	if code != exitFindings || !strings.Contains(plain,
		" # \x1b]0;title\x07\r\n-Presence.Domain = acme.com.\r\n+Presence.Domain = acme.com\r\n") {
		t.Errorf("exit code %d\n%q", code, plain)
	}
	code, shown, _ := lintIn(t, t.Context(), dir, true, "--diff", ".")
	if code != exitFindings || strings.ContainsAny(shown, "\x1b\x07\r") || !strings.Contains(shown, "+Presence.Domain = acme.com\n") {
		t.Errorf("exit code %d\n%q", code, shown)
	}
}

// Half a patch would look like a whole one.
func TestInterruptedRunsFixNothing(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.properties")
	const text = "Presence.Domain = acme.com.\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if code, stdout, stderr := lintIn(t, ended, dir, false, "--diff", "."); code != exitInput || stdout != "" ||
		!strings.Contains(stderr, "there is no patch") {
		t.Errorf("--diff: exit code %d\n%s\n%s", code, stdout, stderr)
	}
	if code, _, _ := lintIn(t, ended, dir, false, "--fix", "."); code != exitInput {
		t.Errorf("--fix: exit code %d", code)
	}
	if code, _, _ := lintIn(t, ended, dir, false, "--write-baseline", "."); code != exitInput {
		t.Errorf("--write-baseline: exit code %d", code)
	}
	if data, err := os.ReadFile(name); err != nil || string(data) != text {
		t.Errorf("the file reads %q, %v", data, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("something was written: %v", entries)
	}
}

// Whatever an input holds as a secret, neither patch nor baseline nor any message has it.
func TestNoModeShowsASecret(t *testing.T) {
	for _, mode := range [][]string{{"--diff"}, {"--fix"}, {"--write-baseline"}, {"--baseline=b.json", "--prune-baseline"}} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"one-line.json":    `{"Presence.Domain": "acme.com.", "Directory.Password": "Marker.Secret", "my-password": "Marker.Secret"}`,
			"lines.properties": "Directory.Password = Marker.Secret \nPresence.Domain = acme.com.\nUser.DigestCredential = Marker.Secret\n",
			"soap.xml": `<e:get-system-config-resp xmlns:e="urn:cisco:epas:soap"><e:property name="Presence.Domain">acme.com.</e:property>` +
				`<e:property name="Directory.Password">Marker.Secret</e:property></e:get-system-config-resp>`,
			"b.json": `{"version": 1, "findings": []}`,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, stdout, stderr := lintIn(t, t.Context(), dir, false, append(mode, "one-line.json", "lines.properties", "soap.xml")...)
		written, err := filepath.Glob(filepath.Join(dir, "*b*.json"))
		if err != nil {
			t.Fatal(err)
		}
		hidden, _ := filepath.Glob(filepath.Join(dir, ".c*.json"))
		for _, name := range append(written, hidden...) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(data, []byte("Marker")) {
				t.Errorf("%v: %s holds the secret:\n%s", mode, name, data)
			}
		}
		if strings.Contains(stdout+stderr, "Marker") {
			t.Errorf("%v shows the secret:\n%s\n%s", mode, stdout, stderr)
		}
	}
}
