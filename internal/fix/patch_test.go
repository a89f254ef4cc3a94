package fix_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/fix"
)

// git runs the real one on a repository of the test's own.
func git(t *testing.T, dir string, stdin []byte, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s\n%s", args, err, out, stdin)
	}
}

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
}

// After git has applied the patch, the file has the bytes that --fix writes.
func TestGitTakesPatches(t *testing.T) {
	needGit(t)
	filler := strings.Repeat("# line\n", 9)
	const dot = "Presence.Domain = acme.com.\n"
	for _, test := range []struct{ name, text string }{
		{"one.properties", dot},
		{"no newline.properties", filler + strings.TrimSuffix(dot, "\n")},
		{"middle.properties", filler + dot + filler},
		{"crlf.properties", strings.ReplaceAll(filler+dot+filler, "\n", "\r\n")},
		{"bom.properties", "\ufeff" + dot},
		{"1252.xml", strings.Replace(soap1252, "%", "acme.com.", 1)},
		{"two hunks.properties", dot + filler + filler + "Directory.Primary.Port = 389 \n" + filler},
		{"one hunk.properties", dot + "# 1\n# 2\n# 3\n# 4\nDirectory.Primary.Port = 389 \n"},
		{"sub/f\u00fcr \"uns\"\\\t.properties", filler + dot},
		{"-rf.properties", dot + filler},
		{"secret before.properties", filler + "Directory.Password = Marker.Secret\n" + dot + filler},
		{"secret above.properties", filler + "Directory.Password = Marker.Secret\n# 1\n" + dot + "# 1\n" + filler},
		{"secret below.properties", filler + dot + "# 1\nDirectory.Password = Marker.Secret\n" + filler},
		{"secrets between.properties",
			dot + "# 1\nDirectory.Password = Marker.Secret\n# 2\nDirectory.Primary.Port = 389 \n# again Marker.Secret\n" + filler},
		{"secret first.properties", "Directory.Password = Marker.Secret\n" + dot},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.Contains(test.name, "between") { // the line after the second change has the secret
				test.text = strings.Replace(test.text, "# again", "# 3\n# again", 1)
			}
			m := compute(t, test.name, test.text)
			patch, err := m.Patch(test.name)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(patch, []byte("Marker.Secret")) {
				t.Errorf("the patch shows the secret:\n%s", patch)
			}
			for _, repo := range []bool{true, false} {
				dir := t.TempDir()
				if repo {
					git(t, dir, nil, "init", "-q")
				}
				name := filepath.Join(dir, filepath.FromSlash(test.name))
				write(t, name, test.text)
				git(t, dir, patch, "apply", "--whitespace=nowarn", "-")
				if got := content(t, name); got != string(m.After) {
					t.Errorf("git made\n%q\nwant\n%q\nby\n%s", got, m.After, patch)
				}
				git(t, dir, patch, "apply", "--whitespace=nowarn", "-R", "-")
				if got := content(t, name); got != test.text {
					t.Errorf("git did not take it back: %q", got)
				}
			}
		})
	}
}

func TestPatchNeverShowsASecret(t *testing.T) {
	for _, test := range []struct {
		name, text string
		line       int
	}{
		{"after.properties", "Presence.Domain = acme.com.\nDirectory.Password = Marker.Secret\n", 2},
		{"comment.properties", "Presence.Domain = acme.com.\n# it was Marker.Secret\nDirectory.Password = Marker.Secret\n", 2},
		{"same.json", `{"Presence.Domain": "acme.com.", "Directory.Password": "Marker.Secret"}`, 1},
		{"unknown.json", `{"Presence.Domain": "acme.com.", "My.Secret.Token": "Marker.Secret"}`, 1},
	} {
		m := compute(t, test.name, test.text)
		if !m.Changed() {
			t.Errorf("%s: nothing was fixed", test.name)
		}
		patch, err := m.Patch(test.name)
		var secret *fix.SecretError
		if !errors.As(err, &secret) || secret.Line != test.line || patch != nil {
			t.Errorf("%s: %v and the patch %q", test.name, err, patch)
		}
	}
	// The text that redact wrote is not a secret.
	m := compute(t, "a.properties", "Presence.Domain = acme.com.\nDirectory.Password = REDACTED\n")
	if patch, err := m.Patch("a.properties"); err != nil || !bytes.Contains(patch, []byte("REDACTED")) {
		t.Errorf("%v, %q", err, patch)
	}
}

func TestNoPatchOfUTF16(t *testing.T) {
	m := compute(t, "a.reg", utf16le(strings.Replace(registry, "%", "acme.com.", 1)))
	if _, err := m.Patch("a.reg"); !m.Changed() || !errors.Is(err, fix.ErrUTF16) {
		t.Errorf("changed %v, %v", m.Changed(), err)
	}
	if patch, err := compute(t, "b.properties", "Presence.Domain = acme.com\n").Patch("b.properties"); err != nil || patch != nil {
		t.Errorf("nothing to do: %q, %v", patch, err)
	}
}
