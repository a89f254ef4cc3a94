package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/lint"

	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write golden files")

var rules = []*lint.Rule{
	{ID: "PRES001", Name: "presence-domain-mismatch", Area: "presence", Severity: lint.Error},
	{ID: "PRES002", Name: "presence-case-mismatch", Area: "presence", Severity: lint.Error},
	{ID: "HYG001", Name: "duplicate-property", Area: "hygiene", Severity: lint.Warning},
	lint.Define(lint.UnusedSuppression, lint.Rule{}),
}

func noEnvironment(string) string { return "" }

// options for a folder with that text as its configuration file.
func options(t *testing.T, text string) Options {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return Options{WorkDir: dir, Getenv: noEnvironment, Rules: rules, Formats: []string{"text", "json", "jsonl", "sarif"}}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func testdata(t *testing.T, pattern string, do func(t *testing.T, path, text string)) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v, %v", pattern, paths, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) { do(t, path, string(text)) })
	}
}

func TestEachWrongFileGivesItsError(t *testing.T) {
	testdata(t, "testdata/err/*.yaml", func(t *testing.T, path, text string) {
		_, err := Load(options(t, text))
		if err == nil {
			t.Fatal("no error")
		}
		golden(t, strings.TrimSuffix(path, ".yaml")+".txt", err.Error()+"\n")
	})
}

func TestEachRightFileIsRead(t *testing.T) {
	testdata(t, "testdata/ok/*.yaml", func(t *testing.T, path, text string) {
		c, err := Load(options(t, text))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, strings.TrimSuffix(path, ".yaml")+".txt", describe(c))
	})
}

func describe(c *Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "fail-on %s, formats %q, output %q, color %s, jobs %d, profile %q, generation %q\n",
		c.FailOn, c.Formats, c.Output, c.Color, c.Jobs, c.Policy.Profile(), c.Policy.Generation())
	for _, r := range rules {
		fmt.Fprintf(&b, "%s on %v %s\n", r.ID, c.Policy.On(r), c.Policy.Severity(r))
	}
	for _, file := range []string{"Exports/Old/a.xml", "exports/old/a.xml", "a/b.BAK", "a/b.bak", "old/x"} {
		fmt.Fprintf(&b, "ignores %s: %v\n", file, c.Policy.Ignores(file))
	}
	filter := c.Policy.NewFilter(rules)
	for _, f := range []lint.Finding{
		{Rule: "PRES001", File: "Exports/HQ.xml"}, {Rule: "PRES001", File: "exports/hq.xml"}, {Rule: "HYG001", Key: "Presence.Domain"},
	} {
		fmt.Fprintf(&b, "%s %s%s shown: %v\n", f.Rule, f.File, f.Key, filter.Apply(&f))
	}
	return b.String()
}

func TestTheFileIsFoundUpwards(t *testing.T) {
	o := options(t, "jobs: 7\nignore: [old]\n")
	o.WorkDir = filepath.Join(o.WorkDir, "a", "b")
	if err := os.MkdirAll(o.WorkDir, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Jobs != 7 || c.File != "../../.cupclint.yaml" {
		t.Errorf("jobs %d from %q", c.Jobs, c.File)
	}
	if !c.Policy.Ignores("../../old/x") || c.Policy.Ignores("old/x") {
		t.Error("globs are not relative to the folder of the file")
	}
	// The nearest file wins; it is not merged with those further up.
	if err := os.WriteFile(filepath.Join(o.WorkDir, FileName), []byte("color: never\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err = Load(o); err != nil || c.Jobs != 0 || c.File != FileName {
		t.Errorf("%+v, %v", c, err)
	}
}

// A configuration is never silently ignored: a file with a nearly right name is read or refused.
func TestNearMissesOfTheFileName(t *testing.T) {
	const text = "jobs: 7\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  string // of the error; empty for jobs 7
	}{
		".yml is read":          {map[string]string{".cupclint.yml": text}, ""},
		"both":                  {map[string]string{".cupclint.yml": text, FileName: text}, "Only one of the two is read"},
		"JSON":                  {map[string]string{".cupclint.json": "{}"}, "is named .cupclint.yaml"},
		"without the dot":       {map[string]string{"cupclint.yaml": "# ours\n" + text}, "is named .cupclint.yaml"},
		"without the dot, .yml": {map[string]string{"cupclint.yml": text}, "is named .cupclint.yaml"},
		"of something else":     {map[string]string{"cupclint.yaml": "services:\n  jobs: 7\n", FileName: text}, ""},
		"next to the right one": {map[string]string{".cupclintrc": text, FileName: text}, "is named .cupclint.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, "")
			if err := os.Remove(filepath.Join(o.WorkDir, FileName)); err != nil {
				t.Fatal(err)
			}
			for file, text := range tt.files {
				if err := os.WriteFile(filepath.Join(o.WorkDir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			o.WorkDir = filepath.Join(o.WorkDir, "below")
			if err := os.Mkdir(o.WorkDir, 0o700); err != nil {
				t.Fatal(err)
			}
			c, err := Load(o)
			if tt.want == "" && (err != nil || c.Jobs != 7) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func TestTheFileCanBeNamed(t *testing.T) {
	o := options(t, "jobs: 7\n")
	other := filepath.Join(o.WorkDir, "other.yaml")
	if err := os.WriteFile(other, []byte("jobs: 8\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	env := func(name string) string {
		if name == "CUPCLINT_CONFIG" {
			return "other.yaml"
		}
		return ""
	}
	byEnv := o
	byEnv.Getenv = env
	byFlag := byEnv
	byFlag.Path = filepath.Join(o.WorkDir, FileName)
	for name, tt := range map[string]struct {
		o    Options
		jobs int
	}{"searched": {o, 7}, "CUPCLINT_CONFIG": {byEnv, 8}, "--config wins": {byFlag, 7}} {
		if c, err := Load(tt.o); err != nil || c.Jobs != tt.jobs {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for _, path := range []string{"missing.yaml", o.WorkDir} {
		o.Path = path
		_, err := Load(o)
		if e, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%s: %v", path, err)
		} else if path == "missing.yaml" && (!errors.Is(err, os.ErrNotExist) || e.At != "--config") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNoFileGivesTheDefaults(t *testing.T) {
	o := options(t, "")
	if err := os.Remove(filepath.Join(o.WorkDir, FileName)); err != nil {
		t.Fatal(err)
	}
	// The person who runs the tests may have a file in a parent folder: this test ignores it.
	o.Path = os.DevNull
	c, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if c.FailOn != "error" || !slices.Equal(c.Formats, []string{"text"}) || c.Output != "" || c.Color != "auto" || c.Jobs != 0 {
		t.Errorf("%+v", c)
	}
}

func TestFlagsWinOverVariablesOverTheFile(t *testing.T) {
	file := "fail-on: info\nformat: [json]\noutput: file.json\njobs: 1\nprofile: first-light\nrules: {PRES001: off, PRES002: off}\n"
	env := map[string]string{
		"CUPCLINT_FAIL_ON": "warning", "CUPCLINT_FORMAT": "text, sarif", "CUPCLINT_OUTPUT": "Env.json", "CUPCLINT_JOBS": "2",
		"CUPCLINT_ENABLE": "PRES001", "CUPCLINT_COLOR": "",
	}
	flags := func() *pflag.FlagSet {
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		fs.String("fail-on", "error", "")
		fs.StringSlice("format", []string{"text"}, "")
		fs.String("output", "", "")
		fs.Int("jobs", 0, "")
		fs.StringSlice("enable", nil, "")
		fs.Bool("unrelated", false, "")
		return fs
	}
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"file", nil, nil, `info ["json"] file.json 1 false false`},
		{"variables", env, nil, `warning ["text" "sarif"] Env.json 2 true false`},
		{"flags", env, []string{"--fail-on=never", "--format=jsonl", "--output=Flag.json", "--jobs=3", "--enable=PRES002"},
			`never ["jsonl"] Flag.json 3 false true`},
		{"flags at their default still win", env, []string{"--fail-on=error", "--format=text", "--jobs=0"},
			`error ["text"] Env.json 0 true false`},
		{"several formats", nil, []string{"--format=text,json", "--format=sarif=out.sarif"},
			`info ["text" "json" "sarif=out.sarif"] file.json 1 false false`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, file)
			o.Getenv = func(name string) string { return tt.env[name] }
			o.Flags = flags()
			if err := o.Flags.Parse(tt.args); err != nil {
				t.Fatal(err)
			}
			c, err := Load(o)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%s %q %s %d %v %v", c.FailOn, c.Formats, c.Output, c.Jobs, c.Policy.On(rules[0]), c.Policy.On(rules[1]))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWrongVariablesAndFlagsAreErrors(t *testing.T) {
	o := options(t, "")
	o.Getenv = func(name string) string {
		return map[string]string{"CUPCLINT_JOBS": "many", "CUPCLINT_COLOR": "alway", "CUPCLINT_DISABLE": "PRES01",
			"CUPCLINT_FORMAT": "xml2"}[name]
	}
	o.Flags = pflag.NewFlagSet("test", pflag.ContinueOnError)
	o.Flags.String("fail-on", "error", "")
	if err := o.Flags.Parse([]string{"--fail-on=eror"}); err != nil {
		t.Fatal(err)
	}
	_, err := Load(o)
	want := `--fail-on: unknown value "eror": did you mean "error"?
CUPCLINT_FORMAT: unknown value "xml2": use text, json, jsonl, sarif
CUPCLINT_COLOR: unknown value "alway": did you mean "always"?
CUPCLINT_JOBS: "many" is not a whole number, 0 or more
CUPCLINT_DISABLE: unknown rule "PRES01": did you mean "PRES001"?`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAHugeFileIsRefused(t *testing.T) {
	_, err := Load(options(t, "# "+strings.Repeat("x", maxFile)))
	if err == nil || !strings.Contains(err.Error(), "larger than 1048576 bytes") {
		t.Error(err)
	}
}

func FuzzLoad(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*/*.yaml")
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			f.Add(string(text))
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, fmt.Sprintf("%d.yaml", os.Getpid()))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Load(Options{WorkDir: dir, Path: path, Getenv: noEnvironment, Rules: rules})
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", c, err)
		}
	})
}

const documentation = "../../docs/configuration.md"

func TestTheDocumentationHasTheTableOfKeys(t *testing.T) {
	text, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- keys: written by go test ./internal/config -update -->\n", "<!-- end of keys -->"
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", documentation)
	}
	golden(t, documentation, head+begin+"\n"+table()+"\n"+end+tail)
}

func table() string {
	var b strings.Builder
	b.WriteString("| key | value | default | variable | flag | meaning |\n| --- | --- | --- | --- | --- | --- |\n")
	where := func(k Key, s Source, name string) string {
		if k.Sources&s == 0 {
			return ""
		}
		return "`" + name + "`"
	}
	shown := func(k *Key) string {
		if k.Shown != "" {
			return k.Shown
		}
		return k.Name
	}
	for _, k := range Keys() {
		if k.Hidden {
			continue
		}
		value := map[Type]string{
			Text: "a text", Number: "a whole number, 0 or more", Words: "a word, or a list of them",
			Globs: "a list of globs", Levels: "a map", Suppress: "a list", Paths: "a map", OwnRules: "a list",
		}[k.Type]
		if k.Type == Word {
			value = "`" + strings.Join(k.Values, "`, `") + "`"
		}
		name := "`" + k.Name + "`"
		if k.Sources&File == 0 {
			name += " (not in the file)"
		}
		preset := k.Default
		if preset != "" {
			preset = "`" + preset + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
			name, value, preset, where(k, Environment, k.Variable()), where(k, Flag, "--"+shown(&k)), k.Meaning)
	}
	return b.String()
}

// The example of the documentation must load, with the rules it names.
func TestTheExampleOfTheDocumentationLoads(t *testing.T) {
	text, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("no example")
	}
	o := options(t, example)
	o.Rules = slices.Concat(rules, []*lint.Rule{
		{ID: "PRES009", Name: "presence-upper-case", Area: "presence", Severity: lint.Warning},
		{ID: "PRES013", Name: "presence-node-is-address", Area: "presence"},
		{ID: "HYG003", Name: "bad-port", Area: "hygiene", Severity: lint.Error},
	})
	c, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range o.Rules {
		if c.Policy.On(r) {
			got = append(got, r.ID+" "+c.Policy.Severity(r).String())
		}
	}
	want := []string{"PRES001 error", "PRES002 error", "HYG001 error", "HYG008 info", "PRES009 warning", "HYG003 info"}
	if !slices.Equal(got, want) || c.FailOn != "warning" || c.Policy.Profile() != lint.FirstLight {
		t.Errorf("got %v, %+v", got, c)
	}
}

func TestTheAddressOfRulePagesIsChecked(t *testing.T) {
	for value, want := range map[string]string{
		"https://wiki.example.com/cupclint/{rule}.html": "https://wiki.example.com/cupclint/PRES001.html",
		"http://h:8080/?id={rule}#{rule}":               "http://h:8080/?id=PRES001#PRES001",
		"https://wiki.example.com/":                     "",
		"docs/rules/{rule}.md":                          "",
		"javascript:alert({rule})":                      "",
		"https://user:pw@wiki.example.com/{rule}":       "",
		"https://wiki.example.com/a b/{rule}":           "",
	} {
		c, err := Load(Options{WorkDir: t.TempDir(), Getenv: func(name string) string {
			if name == "CUPCLINT_RULE_URL" {
				return value
			}
			return ""
		}, Rules: rules})
		switch {
		case want == "" && (err == nil || !strings.Contains(err.Error(), "rule-url")):
			t.Errorf("%s: %v", value, err)
		case want != "" && (err != nil || c.RulePage("PRES001") != want):
			t.Errorf("%s: %v %v", value, c, err)
		}
	}
}
