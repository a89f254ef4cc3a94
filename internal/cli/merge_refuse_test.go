package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// A shard that is lost, or not of the run, never looks clean.
func TestMergeRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	files := map[string]string{"other/z.properties": "Presence.Domain = acme.com\n"}
	for _, name := range []string{"a", "b", "c", "d"} {
		files["in/"+name+".properties"] = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"
	}
	writeFiles(t, dir, files)
	for name, args := range map[string][]string{
		"1.json":     {"--shard", "1/3", "in"},
		"2.json":     {"--shard", "2/3", "in"},
		"3.json":     {"--shard", "3/3", "in"},
		"of2.json":   {"--shard", "2/2", "in"},
		"only.json":  {"--shard", "3/3", "--only", "presence", "in"},
		"more.json":  {"--shard", "3/3", "in", "other"},
		"known.json": {"--shard", "3/3", "--skip-unknown", "in"},
		"whole.json": {"--format", "json", "in"},
	} {
		if code, _, stderr := here(t, append([]string{"lint", "--quiet", "-o", name}, args...)...); code != exitClean {
			t.Fatal(name, code, stderr)
		}
	}
	text, err := os.ReadFile("3.json")
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{
		"cut.json":     string(text[:len(text)*2/3]),
		"noend.json":   string(bytes.TrimRight(text, "}\n")),
		"twice.json":   string(text) + string(text),
		"version.json": strings.Replace(string(text), `"version":"`, `"version":"0`, 1),
		"empty.json":   "",
		"text.json":    "Presence.Domain = acme.com\n",
		"facts.json":   strings.Replace(string(text), `"facts":`, `"other":`, 1),
	})
	lines := bytes.Count(text[:len(text)*2/3], []byte("\n")) + 1
	if lines < 2 {
		t.Fatal("the report has one line")
	}
	for args, want := range map[string]string{
		"1.json 2.json 3.json":                   "",
		"3.json 1.json 2.json":                   "",
		"1.json 3.json":                          "shards are missing: 2/3",
		"1.json":                                 "shards are missing: 2/3, 3/3",
		"1.json 2.json 3.json 3.json":            "3.json: the report is shard 3/3, and so is 3.json",
		"1.json 2.json of2.json":                 "of2.json: the report is shard 2/2, and 1.json is shard 1/3",
		"1.json 2.json only.json":                "only.json: the report was made under other settings (rules)",
		"--only presence 1.json 2.json 3.json":   "1.json: the report was made under other settings (rules)",
		"--generation xmpp 1.json 2.json 3.json": "other settings (generation)",
		"1.json 2.json more.json":                "more.json: shard 3/3 found 5 inputs, and shard 1/3 found 4",
		"1.json 2.json known.json":               "known.json: the report was made with other settings (how inputs are read)",
		"1.json 2.json version.json":             "version.json: the report was written by version 0",
		"1.json 2.json whole.json":               "whole.json:1:",
		"1.json 2.json cut.json":                 "cut.json:",
		"1.json 2.json noend.json":               "the report is cut",
		"1.json 2.json twice.json":               "there is text after the end of the report",
		"1.json 2.json empty.json":               "empty.json:1:1: this is not a report of cupclint lint --shard",
		"1.json 2.json text.json":                "text.json:1:1: this is not a report of cupclint lint --shard",
		"1.json 2.json facts.json":               "the report has no facts",
		"1.json 2.json missing.json":             "missing.json: no such file",
		"in":                                     "no file whose name ends in .json",
	} {
		code, stdout, stderr := here(t, append([]string{"merge"}, strings.Fields(args)...)...)
		switch {
		case want == "" && (code != exitClean || stderr != ""):
			t.Errorf("merge %s: %d %s", args, code, stderr)
		case want != "" && (code != exitInput || !strings.Contains(stderr, want) || stdout != ""):
			t.Errorf("merge %s: exit code %d, standard output %q, standard error\n%s\nwant %s", args, code, stdout, stderr, want)
		}
	}
}

// The report of one shard lacks what takes all inputs: nothing else reads it as if it were whole.
func TestOnlyMergeReadsAShard(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"in/a.properties": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"})
	if code, _, stderr := here(t, "lint", "--quiet", "--shard", "1/1", "-o", "shard.json", "in"); code != exitClean {
		t.Fatal(code, stderr)
	}
	for _, args := range [][]string{
		{"compare", "shard.json", "shard.json"}, {"diagnose", "--symptom", "presence", "--findings", "shard.json"},
	} {
		if code, stdout, stderr := here(t, args...); code != exitInput || stdout != "" || !strings.Contains(stderr, "report of one shard") {
			t.Errorf("%s: exit code %d\n%s%s", args[0], code, stdout, stderr)
		}
	}
}
