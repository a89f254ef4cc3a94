package ownrules

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"cupclint/lint"
	"cupclint/lint/rules"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write golden files")

const documentation = "../../docs/own-rules.md"

// read reads the own-rules of a configuration.
func read(t testing.TB, text string) (*Set, []*Error) {
	t.Helper()
	var c struct {
		Rules yaml.Node `yaml:"own-rules"`
	}
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return Read(".cupclint.yaml", []byte(text), &c.Rules, rules.All())
}

func mustRead(t testing.TB, text string) *Set {
	t.Helper()
	set, errs := read(t, text)
	for _, err := range errs {
		t.Error(err)
	}
	if len(errs) > 0 {
		t.FailNow()
	}
	return set
}

func everyRule(*lint.Rule) bool { return true }

// The examples of the documentation have the result that they expect.
func TestTheExamplesOfTheDocumentationAreRight(t *testing.T) {
	page, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		blocks++
		report, err := mustRead(t, block).Test(context.Background(), everyRule)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Failures {
			t.Error(&f)
		}
		if report.Examples == 0 || len(report.Without) > 0 {
			t.Errorf("rules without an example: %v", report.Without)
		}
	}
	if blocks == 0 {
		t.Error("no example")
	}
}

// The tables of the documentation are those of the program.
func TestTheTablesOfTheDocumentationAreFresh(t *testing.T) {
	page, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	fresh := section(t, string(page), "fields", fieldTable(Fields()))
	fresh = section(t, fresh, "names", nameTable())
	fresh = section(t, fresh, "example fields", fieldTable(ExampleFields()))
	if *update {
		if err := os.WriteFile(documentation, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if fresh != string(page) {
		t.Errorf("%s is not fresh: go test ./lint/ownrules -update", documentation)
	}
	for _, name := range Builtins() {
		if !strings.Contains(fresh, "`"+name+"`") {
			t.Errorf("%s does not name the function %s", documentation, name)
		}
	}
}

func section(t *testing.T, page, name, table string) string {
	t.Helper()
	before, rest, ok := strings.Cut(page, "<!-- "+name+": written by")
	head, rest, _ := strings.Cut(rest, "-->\n")
	_, after, found := strings.Cut(rest, "<!-- end of "+name+" -->")
	if !ok || !found {
		t.Fatalf("%s has no section %s", documentation, name)
	}
	return before + "<!-- " + name + ": written by" + head + "-->\n\n" + table + "\n<!-- end of " + name + " -->" + after
}

func fieldTable(fields []Field) string {
	var b strings.Builder
	b.WriteString("| field | value | meaning |\n| --- | --- | --- |\n")
	for _, f := range fields {
		value := "a text"
		switch {
		case f.Values != nil:
			value = "`" + strings.Join(f.Values, "`, `") + "`"
		case f.List:
			value = "a text, or a list of them"
		case f.Name == "examples":
			value = "a list"
		case f.Name == "properties" || f.Name == "files":
			value = "a map"
		case f.Name == "line":
			value = "a number"
		}
		name := "`" + f.Name + "`"
		switch {
		case f.Required:
			name += " (required)"
		case f.Default != "":
			name += " (`" + f.Default + "`)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, value, f.Meaning)
	}
	return b.String()
}

func nameTable() string {
	var b strings.Builder
	b.WriteString("| name | gives | each | meaning |\n| --- | --- | --- | --- |\n")
	for _, n := range Names() {
		each := "all"
		if len(n.Each) < len(everywhere) {
			words := make([]string, len(n.Each))
			for i, e := range n.Each {
				words[i] = string(e)
			}
			each = strings.Join(words, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", n.Form, n.Gives, each, n.Meaning)
	}
	return b.String()
}
