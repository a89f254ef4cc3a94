// Package reporttest has documents that tests of reports share: in internal/report, and in the module of tests that take libraries of their
// own.
package reporttest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"cupclint/internal/catalogue"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/lint"
)

// Write returns the document in a format.
func Write(t *testing.T, format string, d *report.Document, s report.Style) string {
	t.Helper()
	w, err := report.Find(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := w(&b, d, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Document is a report of the findings.
func Document(findings ...lint.Finding) *report.Document {
	d := &report.Document{Findings: report.Of(findings), Version: "v1.2.3", Links: catalogue.Links}
	d.Summary.Files, d.Summary.Properties = 2, 1
	for i := range findings {
		d.Summary.Findings.Add(findings[i].Severity)
	}
	return d
}

// At makes a finding in a line of source.
func At(source string, column, endColumn int) lint.Finding {
	return lint.Finding{
		Rule: "PRES002", Name: "presence-case-mismatch", Severity: lint.Error, Message: "the case differs",
		File: "hq.xml", Line: 7, Column: column, EndLine: 7, EndColumn: endColumn, Source: source, SourceColumn: 1,
	}
}

// Everything is a document with a finding of each kind that formats distinguish.
func Everything() *report.Document {
	broken := At("a = ACME.COM", 5, 13)
	broken.Key, broken.Fix, broken.Address = "Presence.Domain", "Write it in lower case.", "cup1.acme.com.ACME.COM"
	broken.Edits = []lint.Edit{{Start: 4, End: 12, Text: "acme.com"}}
	broken.Fingerprint, broken.Area, broken.Kind = "00000000000000000000000000000001:1", "presence", lint.ExportKind
	warning := broken
	warning.Rule, warning.Name, warning.Severity, warning.Message = "PRES009", "presence-upper-case", lint.Warning, "upper case"
	warning.File, warning.Edits, warning.Evidence = "site b/lyon, 2.zip!x:y.xml", nil, []string{"seen on Monday", "50% of | all"}
	info := lint.Finding{Rule: "SIP104", Name: "sip-realm-mismatch", Severity: lint.Info, Message: "no file at all", Area: "sip",
		Kind:        lint.LiveKind,
		Fingerprint: "00000000000000000000000000000002:1"}
	whole := lint.Finding{Rule: "HYG008", Name: "unused-suppression", Severity: lint.Warning, Message: "a file as a whole", File: "hq.xml",
		Area: "hygiene",
		Kind: lint.ExportKind, Fingerprint: "00000000000000000000000000000003:1"}
	warning.Related = []lint.Related{{File: "servers.yaml", Line: 3, Column: 5, EndLine: 3, EndColumn: 9, Key: "Cluster.Node.1.Name",
		Message: "the node"}}
	d := Document(info, broken, whole, warning)
	silenced := broken
	silenced.Suppressed, silenced.Fingerprint = "The lab's DNS answers.", "00000000000000000000000000000004:1"
	d.Suppressed = report.Of([]lint.Finding{silenced})
	d.Summary.Suppressed = 1
	d.Errors = []lint.InputError{{File: "cut.xml", Line: 3, Column: 7, Message: "the file ends inside <a>"},
		{File: "gone.xml", Message: "no such file"}}
	d.Rules = []*lint.Rule{
		{ID: "PRES002", Name: "presence-case-mismatch", Area: "presence", Severity: lint.Error, Kind: lint.ExportKind, Summary: "case differs"},
		{ID: "PRES009", Name: "presence-upper-case", Area: "presence", Severity: lint.Warning, Kind: lint.ExportKind, Summary: "upper case",
			Off: true},
	}
	d.Page = func(id string) (string, error) { return "# " + id + "\n\nThe page.\n", nil }
	d.PageHTML = func(id string) (string, error) {
		return "<p>The page, next to <a href=\"#rule-PRES009\">that of PRES009</a> and <a href=\"#rule-PRES001\">of PRES001</a>.</p>\n", nil
	}
	return d
}

// Hostile are values that break formats which forget to escape.
var Hostile = []string{
	"]]>", "<![CDATA[", "::error::x", "%0A::error file=a::b", "\r\n::warning::", "a\nb", "\x1b[31mred", "\x00\x01\x7f", "\xff\xfe\xc3(",
	"\u2028\u2029\u202e", "\ufffe\uffff",
	"&amp;<script>alert(1)</script>", "| a | b |\n| --- |", "`code` **bold** [x](javascript:alert(1)) <img src=x onerror=y>",
	`"quoted" 'and' \ back`, "<!--", "-->", "${jndi:x}", "\U0001F4A9",
	strings.Repeat("x", 1<<20), strings.Repeat("|`\n", 1000),
}

// Flood is a document of many findings, each with hostile values everywhere. It is made while it is read, as a real one is.
func Flood(n int) *report.Document {
	d := &report.Document{Version: Hostile[3]}
	d.Summary.Findings.Error = n
	d.Findings = func(yield func(*lint.Finding, error) bool) {
		for i := range n {
			v := Hostile[i%len(Hostile)]
			if len(v) > 300 && i > 2*len(Hostile) {
				v = v[:300] // megabytes twice are enough
			}
			f := lint.Finding{
				Rule: "PRES002", Name: v, Severity: lint.Error, Message: v, File: v, Line: i + 1, Column: 3, EndLine: i + 1, EndColumn: 5, Key: v,
				Address:  v,
				Evidence: []string{v, v}, Fix: v, Source: v, SourceColumn: 1, Fingerprint: fmt.Sprintf("%032x:1", i), Area: v, Kind: lint.ExportKind,
				Related: []lint.Related{{File: v, Line: 1, Column: 1, Key: v, Message: v}},
			}
			if !yield(&f, nil) {
				return
			}
		}
	}
	for _, v := range Hostile {
		d.Errors = append(d.Errors, lint.InputError{File: v, Line: 1, Column: 2, Message: v})
	}
	return d
}

// Audited is a document as an audit makes it.
func Audited() *report.Document {
	d := Everything()
	d.At = time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	ms := func(n float64) probe.Duration { return probe.Duration(n * float64(time.Millisecond)) }
	d.Probes = []report.Probe{
		{Area: "dns", Target: "cup1.acme.com", Summary: "it exists: 10.1.1.5", Phases: []report.Phase{{Name: "dns", Took: ms(2)}}},
		{Area: "directory", Target: "dc1.acme.com:3269", Summary: "bind accepted",
			Phases: []report.Phase{{Name: "connect", Took: ms(1)}, {Name: "tls", Took: ms(12)}, {Name: "auth", Took: ms(3)}}},
		{Area: "directory", Target: "dc2.acme.com:3269", Summary: "silent",
			Phases: []report.Phase{{Name: "connect", Took: ms(5000), Error: "connect: timeout"}}},
		{Area: "mail", Target: "unity1.acme.com:7993", Incomplete: "the run was cancelled"},
	}
	d.Addresses = report.Rows([]lint.AddressRow{
		{File: "a.xml", Role: "primary", Node: "cup1", Domain: "acme.com", Address: "cup1.acme.com", Step: "domain-appended", Verdict: "right",
			Generation: "sip"},
		{File: "b.xml", Role: "primary", Node: "cup1", Domain: "acme.com", Address: "cup1.acme.com", Step: "domain-appended", Verdict: "right",
			Generation: "sip"},
		{File: "c.xml", Role: "primary", Node: "cup1.acme.com", Domain: "ACME.COM", Address: "cup1.acme.com.ACME.COM", Step: "domain-appended",
			Verdict: "wrong", Reason: "case", Generation: "xmpp"},
	})
	return d
}
