package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/joshdk/go-junit"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"cupclint/internal/report"
	"cupclint/internal/report/reporttest"
	"cupclint/lint"
)

var (
	write      = reporttest.Write
	document   = reporttest.Document
	at         = reporttest.At
	everything = reporttest.Everything
	hostile    = reporttest.Hostile
	flood      = reporttest.Flood
	audited    = reporttest.Audited
)

var update = flag.Bool("update", false, "write the golden files again")

var machine = []string{"sarif", "junit", "checkstyle", "github", "gitlab", "markdown", "csv"}

func TestFormatsAreAsBefore(t *testing.T) {
	for _, format := range machine {
		got := write(t, format, everything(), report.Style{})
		golden := filepath.Join("testdata", "golden", format)
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; run the test with -update and look at the difference\n%s", format, got)
		}
	}
}

const many = 10_000

func TestHostileFindingsStillParse(t *testing.T) {
	readers := map[string]func(t *testing.T, text string) (findings, errors int){
		"json":       readJSON,
		"jsonl":      readLines,
		"sarif":      readSARIF,
		"junit":      readJUnit,
		"checkstyle": readCheckstyle,
		"github":     readGitHub,
		"gitlab":     readGitLab,
		"markdown":   readMarkdown,
		"csv":        readCSV,
	}
	for _, format := range report.Formats() {
		read, ok := readers[format]
		if !ok {
			if format != "text" && format != "html" { // what people read has tests of its own
				t.Errorf("no reader for the format %s", format)
			}
			continue
		}
		t.Run(format, func(t *testing.T) {
			text := write(t, format, flood(many), report.Style{})
			if !utf8.ValidString(text) {
				t.Error("not UTF-8")
			}
			findings, errors := read(t, text)
			wantFindings, wantErrors := many, len(hostile)
			switch format {
			case "jsonl":
				wantErrors = 0 // says nothing about them
			case "markdown":
				wantFindings = 500
			}
			if findings != wantFindings || errors != wantErrors {
				t.Errorf("%d findings and %d errors come back, want %d and %d", findings, errors, wantFindings, wantErrors)
			}
		})
	}
}

func readJSON(t *testing.T, text string) (int, int) {
	var v struct{ Findings, Errors []any }
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return len(v.Findings), len(v.Errors)
}

// What a spreadsheet reads is text, whatever an export says.
func readCSV(t *testing.T, text string) (findings, errors int) {
	r := csv.NewReader(strings.NewReader(text))
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "\r\n"); n != len(rows) || n != strings.Count(text, "\n") {
		t.Errorf("%d lines end as RFC 4180 has it, of %d", n, len(rows))
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r\n") {
				t.Errorf("a spreadsheet computes %q", cell)
			}
		}
		if row[2] == "unreadable" {
			errors++
		} else {
			findings++
		}
	}
	return findings, errors
}

func readLines(t *testing.T, text string) (int, int) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("no JSON: %.100s", line)
		}
	}
	return len(lines), 0
}

// The schema is OASIS' own, errata 01.
func readSARIF(t *testing.T, text string) (int, int) {
	f, err := os.Open("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Fatalf("%.2000s", err)
	}
	var log struct {
		Runs []struct {
			Results     []any
			Invocations []struct{ ToolExecutionNotifications []any }
		}
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	return len(log.Runs[0].Results), len(log.Runs[0].Invocations[0].ToolExecutionNotifications)
}

func TestTheSARIFOfEverythingIsValid(t *testing.T) {
	findings, errors := readSARIF(t, write(t, "sarif", everything(), report.Style{}))
	if findings != 5 || errors != 2 {
		t.Errorf("%d findings, %d errors", findings, errors)
	}
}

func readJUnit(t *testing.T, text string) (int, int) {
	suites, err := junit.Ingest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(suites) != 1 {
		t.Fatalf("%d suites", len(suites))
	}
	return suites[0].Totals.Failed, suites[0].Totals.Error
}

func TestJUnitTellsSeveritiesApart(t *testing.T) {
	suites, err := junit.Ingest([]byte(write(t, "junit", everything(), report.Style{})))
	if err != nil {
		t.Fatal(err)
	}
	if got := suites[0].Totals; got.Failed != 3 || got.Error != 2 || got.Skipped != 1 || got.Passed != 1 || got.Tests != 7 {
		t.Errorf("%+v", got)
	}
	suites, err = junit.Ingest([]byte(write(t, "junit", document(), report.Style{})))
	if err != nil || suites[0].Totals.Passed != 1 || suites[0].Totals.Tests != 1 {
		t.Errorf("of nothing: %+v, %v", suites, err)
	}
}

// readCheckstyle takes what the format's readers take: files with errors, each with line, severity, message and source.
func readCheckstyle(t *testing.T, text string) (findings, errors int) {
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return findings, errors
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "error" {
			continue
		}
		have := map[string]string{}
		for _, a := range start.Attr {
			have[a.Name.Local] = a.Value
		}
		for _, name := range []string{"line", "severity", "message", "source"} {
			if _, ok := have[name]; !ok {
				t.Fatalf("an error without %s", name)
			}
		}
		if have["source"] == "cupclint.unreadable" {
			errors++
		} else {
			findings++
		}
	}
}

// A command is a line that the runner of GitHub Actions treats as one (actions/runner, ActionCommand): "::", a name, properties, "::".
var command = regexp.MustCompile(`^::(\w+) ([^:]*)::(.*)$`)

func readGitHub(t *testing.T, text string) (findings, errors int) {
	if strings.ContainsAny(text, "\r\x1b") {
		t.Error("a control character is left")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		m := command.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no command: %.200s", line)
		}
		title := ""
		for property := range strings.SplitSeq(m[2], ",") {
			name, value, ok := strings.Cut(property, "=")
			if !ok {
				t.Fatalf("no property: %.100s in %.200s", property, line)
			}
			if name == "title" {
				title = value
			}
		}
		if strings.Contains(title, "cannot read") {
			errors++
		} else {
			findings++
		}
	}
	return findings, errors
}

// readGitLab takes the shape that GitLab documents for Code Quality reports, and nothing else.
func readGitLab(t *testing.T, text string) (findings, errors int) {
	var issues []struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
		} `json:"location"`
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if i.Description == "" || i.CheckName == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 || seen[i.Fingerprint] {
			t.Fatalf("%.300v", i)
		}
		seen[i.Fingerprint] = true
		switch i.Severity {
		case "blocker":
			errors++
		case "info", "minor", "major", "critical":
			findings++
		default:
			t.Fatalf("severity %q", i.Severity)
		}
	}
	return findings, errors
}

// readMarkdown counts the rows of the tables, and finds nothing in them that is more than text.
func readMarkdown(t *testing.T, source string) (findings, errors int) {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	tree := md.Parser().Parse(text.NewReader([]byte(source)))
	table := 0
	err := ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *east.Table:
			table++
		case *east.TableRow:
			if table == 1 {
				findings++
			} else {
				errors++
			}
		case *ast.RawHTML:
			if raw := string(n.Segments.Value([]byte(source))); raw != "<br>" {
				t.Errorf("HTML gets through: %.100s", raw)
			}
		case *ast.Link, *ast.Image, *ast.CodeSpan, *ast.Emphasis, *ast.HTMLBlock, *ast.FencedCodeBlock:
			t.Errorf("markup gets through: %s", n.Kind())
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return findings, errors
}

func BenchmarkFormats(b *testing.B) {
	for _, format := range machine {
		b.Run(format, func(b *testing.B) {
			w, err := report.Find(format)
			if err != nil {
				b.Fatal(err)
			}
			findings := make([]lint.Finding, 1000)
			for i := range findings {
				findings[i] = at("a = ACME.COM", 5, 13)
			}
			d := document(findings...)
			var out bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := w(&out, d, report.Style{}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(out.Len()))
		})
	}
}
