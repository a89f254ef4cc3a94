package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAWrongTableIsAnError(t *testing.T) {
	for _, test := range []struct{ name, words, want string }{
		{"twice", "password\tjoined\ten\npassword\tjoined\tit\n", `"password"`},
		{"twice an answer", "empty\tstate\ten\nempty\tstate\ten\n", `"empty"`},
		{"unknown kind", "password\tjoint\ten\n", `"joint"`},
		{"too short to be looked for", "pwd\tjoined\ten\n", `"pwd"`},
		{"no source", "# a comment\npassword\tjoined\n", "words.tsv:2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			words, commands, out := filepath.Join(dir, "words.tsv"), filepath.Join(dir, "commands.tsv"), filepath.Join(dir, "tables.go")
			for name, text := range map[string]string{words: test.words, commands: "net user <any> <secret>\t\tWindows\n"} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := run(words, commands, out); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that names %s", err, test.want)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a file was written")
			}
		})
	}
}
