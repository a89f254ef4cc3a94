package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestReportsConformToTheSchema(t *testing.T) {
	report := schema(t, "report")
	bad := filepath.Join(t.TempDir(), "bad.xml")
	if err := os.WriteFile(bad, []byte("<r>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"findings":      {[]string{"../../../fixtures/broken"}, exitFindings},
		"every rule":    {[]string{"../../../fixtures/rules"}, exitFindings},
		"addresses":     {[]string{"--addresses", "../../../fixtures/broken", "../../../fixtures/addresses"}, exitFindings},
		"deployments":   {[]string{"--explain-deployments", "../../../fixtures/deployments", "../../../fixtures/rules/DEP001"}, exitFindings},
		"statistics":    {[]string{"--statistics", "../../../fixtures/broken", "../../../fixtures/right"}, exitFindings},
		"no statistics": {[]string{"--statistics", "../../../fixtures/right/soap/hq.xml"}, exitClean},
		"no deployment": {[]string{"--explain-deployments", "../../../fixtures/right/soap/hq.xml"}, exitClean},
		"nothing":       {[]string{"--addresses", "../../../fixtures/right/soap"}, exitClean},
		"a shard": {[]string{"--shard", "1/2", "../../../fixtures/broken", "../../../fixtures/rules", "../../../fixtures/deployments"},
			exitFindings},
		"errors":            {[]string{bad, filepath.Join(filepath.Dir(bad), "missing.xml")}, exitInput},
		"findings, errors":  {[]string{bad, "../../../fixtures/broken/soap"}, exitInput},
		"the XMPP clients'": {[]string{"--addresses", "--generation", "xmpp", "../../../fixtures/addresses"}, exitFindings},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := cupclint(t, "", append([]string{"lint", "--format", "json"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, stderr)
			}
			validate(t, report, stdout)
		})
	}
}

func TestFindingLinesConformToTheSchema(t *testing.T) {
	finding := schema(t, "finding")
	_, stdout, _ := cupclint(t, "", "lint", "--format", "jsonl", "../../../fixtures/broken", "../../../fixtures/rules")
	seen := map[string]bool{}
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	for _, line := range lines {
		validate(t, finding, line)
		var f struct{ Fingerprint string }
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		if seen[f.Fingerprint] {
			t.Errorf("two findings have the fingerprint %s", f.Fingerprint)
		}
		seen[f.Fingerprint] = true
	}
	if len(lines) < 100 {
		t.Errorf("only %d findings: the fixtures have more", len(lines))
	}
}

func TestResolvedLinesConformToTheSchema(t *testing.T) {
	resolved := schema(t, "resolve")
	pairs := []string{
		"cup1\tcisco.com", "cup1.cisco.com\tcisco.com", "10.11.12.13\tcisco.com", "cup1\t10.11.12.13", "cups.cisco.com\tCISCO.COM",
		"\tcisco.com", "\t", "cup1\t", "cup1\ta\tb", " cup1 \tcisco.com ", "c\xffp\tcisco.com", "<\u2028>\t\u00fc.example", "..\t..",
		"\x01\t\x7f", "[2001:db8::1]\tcisco.com", "xn--\tcisco.com", strings.Repeat("a", 300) + "\tcisco.com",
	}
	_, stdout, _ := cupclint(t, strings.Join(pairs, "\n"), "resolve", "-", "--format", "jsonl")
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if len(lines) != len(pairs) {
		t.Fatalf("%d answers to %d pairs", len(lines), len(pairs))
	}
	for _, line := range lines {
		validate(t, resolved, line)
	}
}

// The schemas must be able to refuse: what they say of a good value they do not say of a bad one.
func TestSchemasRefuse(t *testing.T) {
	for name, c := range map[string]struct{ schema, text string }{
		"a finding without a rule": {"finding",
			`{"name":"a","severity":"error","message":"m","fingerprint":"00000000000000000000000000000000:1","area":"a","kind":"export"}`},
		"a finding with more": {"finding",
			`{"rule":"A001","name":"a","severity":"error","message":"m","fingerprint":"00000000000000000000000000000000:1","area":"a","kind":"export","password":"x"}`},
		"a column without a line": {"finding",
			`{"rule":"A001","name":"a","severity":"error","message":"m","file":"f","column":3,"fingerprint":"00000000000000000000000000000000:1","area":"a","kind":"export"}`},
		"findings that are null": {"report",
			`{"findings":null,"summary":{"files":0,"properties":0,"findings":{"error":0,"warning":0,"info":0},"suppressed":0},"errors":[],"version":"1"}`},
		"a report with a bad finding": {"report",
			`{"findings":[{}],"summary":{"files":0,"properties":0,"findings":{"error":0,"warning":0,"info":0},"suppressed":0},"errors":[],"version":"1"}`},
		"rules that are null": {"resolve",
			`{"node":"a","domain":"b","address":"a.b","step":"domain-appended","verdict":"right","reason":"r","rules":null}`},
		"an address without a node": {"resolve",
			`{"node":"","domain":"b","address":".b","step":"domain-appended","verdict":"wrong","reason":"r","rules":[]}`},
		"a node name without address": {"resolve",
			`{"node":"a","domain":"b","address":"","step":"domain-appended","verdict":"wrong","reason":"r","rules":[]}`},
		"a step that does not exist": {"resolve",
			`{"node":"a","domain":"b","address":"a.b","step":"guessed","verdict":"right","reason":"r","rules":[]}`},
		"a case of another form": {"case",
			`{"cupclintCase":2,"version":"1","findings":[],"summary":{"files":0,"properties":0,"findings":{"error":0,"warning":0,"info":0},"suppressed":0},"known":{},"observations":{}}`},
		"a case with a bad probe": {"case",
			`{"cupclintCase":1,"version":"1","findings":[],"summary":{"files":0,"properties":0,"findings":{"error":0,"warning":0,"info":0},"suppressed":0},"known":{},"observations":{"sip":[{"login":"alice"}]}}`},
		"statistics without their tables": {"report",
			`{"findings":[],"summary":{"files":0,"properties":0,"findings":{"error":0,"warning":0,"info":0},"suppressed":0},"errors":[],"version":"1","statistics":{}}`},
		"a summary that lacks a count": {"report",
			`{"findings":[],"summary":{"files":0,"properties":0,"findings":{"error":0,"warning":0},"suppressed":0},"errors":[],"version":"1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if schema(t, c.schema).Validate(v) == nil {
				t.Errorf("the %s schema allows it", c.schema)
			}
		})
	}
}

func TestBaselinesConformToTheSchema(t *testing.T) {
	want := schema(t, "baseline")
	for name, input := range map[string]string{"findings": "../../../fixtures/broken", "none": "../../../fixtures/right/soap/hq.xml"} {
		file := filepath.Join(t.TempDir(), "known.json")
		code, _, stderr := cupclint(t, "", "lint", "--write-baseline="+file, input)
		if code != exitClean {
			t.Fatalf("%s: exit code %d\n%s", name, code, stderr)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		validate(t, want, string(data))
		code, stdout, stderr := cupclint(t, "", "lint", "--format", "json", "--fail-on", "info", "--baseline", file, input)
		if code != exitClean || stderr != "" {
			t.Errorf("%s: exit code %d with the baseline\n%s", name, code, stderr)
		}
		validate(t, schema(t, "report"), stdout)
	}
}

func TestComparisonsConformToTheSchema(t *testing.T) {
	want, finding := schema(t, "compare"), schema(t, "finding")
	dir := t.TempDir()
	lines, report := filepath.Join(dir, "lines.jsonl"), filepath.Join(dir, "report.json")
	_, stdout, _ := cupclint(t, "", "lint", "--format", "jsonl="+lines, "--format", "json="+report, "../../../fixtures/broken/soap")
	if stdout != "" {
		t.Fatal(stdout)
	}
	for _, sides := range [][2]string{
		{"../../../fixtures/broken/soap", "../../../fixtures/broken/yaml"}, {"../../../fixtures/broken", "../../../fixtures/right"},
		{report, "../../../fixtures/rules"}, {lines, report}, {"../../../fixtures/broken/soap", report},
	} {
		_, stdout, stderr := cupclint(t, "", "compare", "--format", "json", sides[0], sides[1])
		validate(t, want, stdout)
		var r struct{ Appeared []map[string]any }
		if err := json.Unmarshal([]byte(stdout), &r); err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		for _, f := range r.Appeared {
			delete(f, "site")
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			validate(t, finding, string(text))
		}
	}
}

func TestHistoriesConformToTheSchema(t *testing.T) {
	want := schema(t, "history")
	name := filepath.Join(t.TempDir(), "history.jsonl")
	for _, args := range [][]string{{"lint", "../../../fixtures/broken"}, {"lint", "../../../fixtures/right/soap/hq.xml"},
		{"audit", "--offline", "../../../fixtures/broken/soap"}, {"lint", "missing.xml"}} {
		_, _, _ = cupclint(t, "", append(args, "--history", name)...)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines:\n%s", len(lines), text)
	}
	for _, line := range lines {
		validate(t, want, line)
	}
}
