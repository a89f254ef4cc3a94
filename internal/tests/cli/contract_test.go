// Package cli_test tests the command line from outside, with libraries that the product does not need.
package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"cupclint/internal/cli"
	"cupclint/internal/demo"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
)

// The exit codes of the command line.
const (
	exitClean    = 0
	exitFindings = 1
	exitUsage    = 2
	exitInput    = 3
)

// cupclint runs one command line in this process.
func cupclint(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := cli.Process{
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, WorkDir: t.TempDir(),
		LoginCost: loginbudget.Cost{Time: 1, Memory: 8},
	}
	code = p.Run(t.Context(), args...)
	return code, out.String(), errs.String()
}

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, n := range []string{"finding", "report", "resolve", "config", "baseline", "case", "compare", "history", "modules", "probes"} {
		f, err := os.Open("../../../docs/schema/" + n + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(n+".schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("no JSON: %v\n%s", err, text)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%.2000s", err, text)
	}
}

func TestOutputsKeepToTheirSchemas(t *testing.T) {
	report, finding, resolved := schema(t, "report"), schema(t, "finding"), schema(t, "resolve")
	for _, args := range [][]string{
		{"lint", "--format", "json", "--addresses", "../../../fixtures/broken", "../../../fixtures/right", "../../../fixtures/rules"},
		{"lint", "--format", "json", "../../../fixtures/nothing.xml"},
	} {
		_, out, _ := cupclint(t, "", args...)
		validate(t, report, out)
	}
	_, out, _ := cupclint(t, "", "lint", "--format", "jsonl", "../../../fixtures/broken/soap")
	for line := range strings.Lines(out) {
		validate(t, finding, line)
	}
	_, out, _ = cupclint(t, "cup1\tacme.com\n\t\n\xff\t\x00\n", "resolve", "-", "--format", "jsonl")
	if strings.Count(out, "\n") != 3 {
		t.Errorf("three pairs give %q", out)
	}
	for line := range strings.Lines(out) {
		validate(t, resolved, line)
	}
}

// TestAuditContract validates what an audit writes for programs, and that lint's finding schema holds for live findings.
func TestAuditContract(t *testing.T) {
	reports, cases := schema(t, "report"), schema(t, "case")
	t.Chdir(t.TempDir()) // where the demo leaves its files
	code, out, errs := cupclint(t, "", "audit", "--demo", "--format", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	validate(t, reports, out)
	kept, err := os.ReadFile(demo.FilesOf(lab.CUPC).Case)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, cases, string(kept))
	if !strings.Contains(out, `"probes":[{"area":"dns"`) {
		t.Error("the targets are missing")
	}
	if !strings.Contains(errs, "Likely causes, for the help-desk") {
		t.Error("the diagnosis belongs on standard error where standard output is for programs")
	}
}
