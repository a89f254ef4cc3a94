package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

//go:generate go test -run TestTranscripts -update .

// A person types lines, one at each time that the program waits; the terminal shows them.
type person struct {
	lines    []string
	terminal *bytes.Buffer
	screens  []string // what is new on the screen each time that the program waits
	seen     int
}

func (p *person) Read(b []byte) (int, error) {
	p.screens = append(p.screens, p.terminal.String()[p.seen:])
	if len(p.lines) == 0 {
		return 0, io.EOF
	}
	line := p.lines[0] + "\n"
	p.lines = p.lines[1:]
	p.terminal.WriteString(line)
	p.seen = p.terminal.Len()
	return copy(b, line), nil
}

// transcripts are the five commonest complaints, as the page shows them.
var transcripts = []struct {
	name  string
	title string
	types []string
	want  string // in the answer
}{
	{"log-in", "Log-in: Jabber refuses the password", []string{"login", "Your username or password is not correct", ".", ""},
		"The user name or password was refused."},
	{"communicate", "Log-in: no one can log in since the domain was changed",
		[]string{"no one can log in since the domain change, Cannot communicate with the server", ""},
		"Services on the IM and Presence server are not running."},
	{"phone", "Phone: Show Server Health says invalid credentials",
		[]string{"phone", "Desk Phone: Failed to connect. Invalid credentials.", ".", "1", ""},
		"The call manager's LDAP authentication gets a referral."},
	{"voicemail", "Voicemail: invalid username or password",
		[]string{"voicemail", "Invalid username/password or account locked", ".", "connection", ""},
		"Voicemail needs the Web Application password, not the PIN."},
	{"locked", "Account locked", []string{"7", "1", ""}, "Devices with an old password lock the account again and again."},
}

// TestTranscripts plays them in a terminal of 80 columns and 25 lines, and compares the page docs/diagnose.md.
func TestTranscripts(t *testing.T) {
	const page = "../../docs/diagnose.md"
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), "<!-- transcripts -->\n")
	_, after, ended := strings.Cut(rest, "<!-- end of transcripts -->\n")
	if !found || !ended {
		t.Fatal("the marks of the transcripts are missing")
	}
	var b strings.Builder
	for _, c := range transcripts {
		var terminal bytes.Buffer
		p := &person{lines: c.types, terminal: &terminal}
		env := &environment{
			stdin: p, stdout: &terminal, stderr: &terminal, getenv: func(string) string { return "" }, workDir: t.TempDir(),
			outTerminal: true, errTerminal: true, width: 80, errWidth: 80, typed: true,
		}
		if code := execute(context.Background(), env, []string{"diagnose", "--color", "never"}); code != exitClean {
			t.Errorf("%s: exit code %d\n%s", c.name, code, &terminal)
		}
		text := terminal.String()
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: %q is not the answer\n%s", c.name, c.want, text)
		}
		if len(p.lines) > 0 {
			t.Errorf("%s: the program did not ask for %q\n%s", c.name, p.lines, text)
		}
		for _, screen := range append(p.screens, text[p.seen:]) {
			if n := strings.Count(screen, "\n"); n > 24 {
				t.Errorf("%s: %d lines on a screen of 25\n%s", c.name, n+1, screen)
			}
		}
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 80 && !strings.Contains(line, "Enter if you do not know: ") {
				t.Errorf("%s: a line of %d columns: %q", c.name, utf8.RuneCountInString(line), line)
			}
		}
		fmt.Fprintf(&b, "%s:\n\n```text\n$ cupclint diagnose\n%s\n```\n\n", c.title, strings.TrimRight(trimLines(text), "\n"))
	}
	made := before + "<!-- transcripts -->\n\n" + b.String() + "<!-- end of transcripts -->\n" + after
	if *update {
		if err := os.WriteFile(page, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if made != string(data) {
		t.Errorf("the transcripts in %s are not what the program says; run go generate ./internal/cli", page)
	}
}

func trimLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
