package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every flag that takes a FILE is known as one that writes it or as one that reads it, and every name of the two lists is a flag: else a
// new flag could write over a password file.
func TestFlagsWithAFileAreKnown(t *testing.T) {
	listed := slices.Concat(writing, reading)
	found := map[string]bool{}
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			found[f.Name] = true
			value, _ := pflag.UnquoteUsage(f)
			if value == "FILE" && !slices.Contains(listed, f.Name) && !strings.HasSuffix(f.Name, "-file") {
				t.Errorf("%s --%s: is the file written or read?", cmd.CommandPath(), f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			look(sub)
		}
	}
	look(newRootCmd(&environment{getenv: func(string) string { return "" }}, commands()))
	for _, name := range listed {
		if !found[name] {
			t.Errorf("no command has the flag --%s", name)
		}
	}
}

// A report is not written over a file of earlier work that another flag names, or that the command finds by itself, and neither is a
// case or a baseline over the configuration.
func TestFilesOfEarlierWorkAreKept(t *testing.T) {
	const history, accepted = "h.jsonl", ".cupclint-baseline.json"
	for _, args := range []string{
		"lint --history h.jsonl --format json=h.jsonl a.properties",
		"lint --history h.jsonl --output ./h.jsonl a.properties",
		"audit --plan --history h.jsonl --format html=h.jsonl a.properties",
		"audit --plan --save c.json --hide names --map m.tsv --format json=m.tsv a.properties",
		"audit --plan --save .cupclint.yaml a.properties",
		"lint --write-baseline=.cupclint.yaml a.properties",
		"lint --output .cupclint-baseline.json a.properties",
		"lint --format json=sub/.cupclint-baseline.json sub",
		"audit --plan --save .cupclint-baseline.json a.properties",
		"lint --stdin-filename a.properties --output a.properties -",
	} {
		t.Run(args, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			put := func(name, text string) {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			put("a.properties", "Presence.Primary.Address = cup1 2\nPresence.Domain = north.test\n")
			put("sub/b.properties", "Presence.Primary.Address = cup1 2\nPresence.Domain = north.test\n")
			put(".cupclint.yaml", "fail-on: error\n")
			put("m.tsv", "")
			for _, first := range [][]string{{"lint", "--history", history, "a.properties"}, {"lint", "--write-baseline", "a.properties"},
				{"lint", "--write-baseline=sub/" + accepted, "sub"}} {
				if code, said := run(dir, first...); code > 1 {
					t.Fatal(first, code, said)
				}
			}
			before := map[string]string{}
			for _, name := range []string{"a.properties", ".cupclint.yaml", history, "m.tsv", accepted, "sub/" + accepted} {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				before[name] = string(text)
			}
			if code, said := run(dir, strings.Fields(args)...); code != 2 {
				t.Errorf("exit code %d, want 2: %s", code, said)
			}
			for name, text := range before {
				if now, err := os.ReadFile(name); err != nil || string(now) != text {
					t.Errorf("%s is %q now, was %q", name, now, text)
				}
			}
		})
	}
}

// What cupclint wrote is skipped: a report in text or SARIF quotes settings, and one that an earlier run left in the folder with other
// flags gives no finding and no error. Where it is named, the message calls it a report.
func TestReportsInTheFolderAreNoExports(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Mkdir("ex", 0o755); err != nil {
		t.Fatal(err)
	}
	text := "Presence.Primary.Address = cup1.north.test\nPresence.Domain = north.test\nDirectory.DN = imsvc\n"
	if err := os.WriteFile("ex/a.properties", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const once = `"summary":{"files":1,"properties":3,"findings":{"error":1,"warning":0,"info":0}`
	for _, c := range []struct{ name, args string }{
		{"ex/r.txt", "lint --output ex/r.txt ex/a.properties"},
		{"ex/r.sarif", "lint --format sarif=ex/r.sarif ex/a.properties"},
		{"ex/s.json", "lint --shard 1/2 --output ex/s.json ex/a.properties"},
		{"ex/c.json", "audit --offline --save ex/c.json ex/a.properties"},
	} {
		if code, said := run(dir, strings.Fields(c.args)...); code > 1 {
			t.Errorf("%s: exit code %d: %s", c.args, code, said)
		}
		code, said := run(dir, "lint", "--format", "json", "ex")
		if code != 1 || !strings.Contains(said, once) || !strings.Contains(said, `"errors":[]`) {
			t.Errorf("with %s: exit code %d: %s", c.name, code, said)
		}
		if code, said := run(dir, "lint", c.name); code != 3 || !strings.Contains(said, "a report or a case of cupclint") {
			t.Errorf("%s: exit code %d: %s", c.name, code, said)
		}
		if err := os.Remove(c.name); err != nil {
			t.Error(err)
		}
	}
}

// A password that was typed in the place of the file with the users is not in the message, which a service writes to a log.
func TestNameOfAMissingPasswordFileIsNotShown(t *testing.T) {
	const typed = "S3cr3tM4rk"
	code, said := run(t.TempDir(), "serve", "--listen", "127.0.0.1:0", "--password-file", typed)
	if code == 0 || strings.Contains(said, typed) {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// A file that is replaced keeps its old text under another hard link. A note of redact --in-place says so.
func TestAnotherNameOfARedactedFileIsNamed(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "a.properties"), filepath.Join(dir, "b.properties")
	if err := os.WriteFile(one, []byte("Directory.Password = hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(one, two); err != nil || runtime.GOOS == "windows" {
		t.Skip("no hard links, or none that are counted: ", err)
	}
	if code, said := run(dir, "redact", "--in-place", one); code != 0 || !strings.Contains(said, "hard link") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := run(dir, "redact", "--in-place", two); code != 0 || strings.Contains(said, "hard link") {
		t.Errorf("with one name left: exit code %d: %s", code, said)
	}
}
