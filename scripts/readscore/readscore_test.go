package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"the": 1, "client": 1, "server": 2, "table": 2, "tables": 2, "name": 1, "names": 1, "named": 1, "listed": 2, "needed": 2,
		"addresses": 3, "certificate": 4, "password": 2, "tree": 1, "agreed": 2, "applied": 2, "LDAP": 1, "user's": 2,
		"presence": 2, "directory": 4, "be": 1, "a": 1, "messages": 3,
	} {
		if got := syllables(word); got != want {
			t.Errorf("%s: %d, want %d", word, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for word, want := range map[string]bool{
		"client": true, "client's": true, "LDAP": true, "Active": true, "": false, "14": false, "cup1": false, "ImapEnabled": false,
		"dc1.acme.com": false, "/etc/hosts": false, "*": false,
	} {
		if got := isWord(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// The score of a text that is counted by hand.
func TestScore(t *testing.T) {
	c := measure([]string{"The client does not log in.", "Give the user a new password now."})
	if c != (count{sentences: 2, words: 13, syllables: 15}) {
		t.Fatalf("%+v", c)
	}
	want := 206.835 - 1.015*6.5 - 84.6*15/13
	if math.Abs(c.score()-want) > 1e-9 {
		t.Errorf("%f, want %f", c.score(), want)
	}
	if c := measure([]string{"Exit codes", "see below"}); c != (count{}) {
		t.Errorf("labels are counted: %+v", c)
	}
	if c := (count{}); c.score() != 0 {
		t.Errorf("an empty text has the score %f", c.score())
	}
	if c := measure([]string{"a lock-out of the account"}); c.words != 6 {
		t.Errorf("a word with a hyphen: %+v", c)
	}
}

func TestMarkdown(t *testing.T) {
	page := strings.Join([]string{
		"# A heading is not counted",
		"",
		"One sentence, on",
		"two lines. A [second one](https://example.com/a) with `code` in it!",
		"",
		"![a picture](p.png)",
		"",
		"```sh",
		"cupclint lint exports/   # a comment",
		"```",
		"",
		"    cupclint lint",
		"",
		"    cupclint dns",
		"",
		"- An item",
		"  that continues",
		"- Another item, version 12.5 of it. <!-- not",
		"this -->",
		"1. A step",
		"",
		"| key | meaning |",
		"| --- | --- |",
		"| `a.b` | What it means. What else. |",
		"See https://example.com/x.html now.",
	}, "\n")
	got, err := markdown(page)
	if err != nil {
		t.Fatal(err)
	}
	got = slices.DeleteFunc(got, func(s string) bool { return strings.Trim(s, "- ") == "" })
	want := []string{"One sentence, on two lines", "A second one with  in it", "An item that continues", "Another item, version 12.5 of it",
		"A step", "key", "meaning", "What it means", "What else", "See  now"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFindings(t *testing.T) {
	got, err := findings(`[{"message": "the port \"x. y\" is not valid: no client connects", "fix": "Enter a port. Then restart."}]`)
	want := []string{"the port  is not valid: no client connects", "Enter a port", "Then restart"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := findings("{"); err == nil {
		t.Error("a broken file is not an error")
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"README.md":                        "This is what it does for you.",
		"docs/a.md":                        "A page of the docs is here.",
		"docs/keys.md":                     "This generated table is not read at all.",
		"docs/decisions/1.md":              "We decided to do it like this.",
		"docs/rules/X001.md":               "The rule finds what is wrong.",
		"docs/rules/README.md":             "This generated list is not read at all.",
		"CONTRIBUTING.md":                  "Run the tests before you commit.",
		"SECURITY.md":                      "Report it in private, please do.",
		"fixtures/rules/X001/wrong.golden": `[{"message": "the value is not set at all", "fix": ""}]`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"-C", dir}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		f := strings.Fields(line)
		got = append(got, f[0]+" "+strings.Join(f[4:], " "))
	}
	want := []string{"words group", "7 README", "26 docs", "6 rule pages", "7 messages"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	out.Reset()
	if code := run([]string{"-C", t.TempDir()}, &out, &errs); code != 1 || !strings.Contains(errs.String(), "README.md") {
		t.Errorf("an empty folder: exit code %d, %s", code, &errs)
	}
	if code := run([]string{"docs"}, &out, &errs); code != 2 {
		t.Errorf("an argument: exit code %d", code)
	}
}
