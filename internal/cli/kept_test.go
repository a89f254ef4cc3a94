package cli

import (
	"os"
	"path/filepath"
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
