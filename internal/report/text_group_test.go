package report_test

import (
	"strings"
	"testing"

	"cupclint/internal/report"
	"cupclint/lint"
)

func inFile(file, message string) lint.Finding {
	f := at("a = ACME.COM", 5, 13)
	f.File, f.Message, f.Fingerprint = file, message, "00:1"
	return f
}

// The line below a finding says where else it is, and claims nothing about files that belong to no site.
func TestPlacesOfAFault(t *testing.T) {
	for _, test := range []struct {
		name     string
		findings []lint.Finding
		want     string
	}{
		{"one", []lint.Finding{inFile("a/1", "x")}, ""},
		{"one site", []lint.Finding{inFile("a/1", "x"), inFile("a/2", "x"), inFile("b/1", "y")}, "2 exports of the site a\n        a/2:7:5\n"},
		{"one without a site", []lint.Finding{inFile("1", "x"), inFile("a/2", "x")}, "2 exports\n        a/2:7:5\n"},
		{"twice in one", []lint.Finding{inFile("a/1", "x"), inFile("a/1", "x")}, "2 places in 1 export\n        a/1:7:5\n"},
		{"hostile names", []lint.Finding{inFile("a\x1b/1", "of dc.a.test"), inFile("b\n/1", "of dc\u202e.b.test"),
			inFile("b\n/2", "of dc.b.test")},
			`3 exports of 2 sites: b\n (2), a\x1b (1)` + "\n        " + `b\n/1:7:5: dc\u202e.b.test` + "\n        " + `b\n/2:7:5: dc.b.test` + "\n"},
		{"four", []lint.Finding{inFile("a/1", "x"), inFile("b/1", "x"), inFile("c/1", "x"), inFile("d/1", "x")},
			"4 exports of 4 sites: a (1), b (1), c (1) and 1 more\n        b/1:7:5\n        c/1:7:5\n        and 1 more place; --all lists them\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := write(t, "text", document(test.findings...), report.Style{Quiet: true})
			_, got, _ := strings.Cut(text, "  in:   ")
			if !strings.HasPrefix(got, test.want) || got != "" && test.want == "" {
				t.Errorf("%q, want %q", got, test.want)
			}
			if strings.ContainsAny(text, "\x1b\u202e") {
				t.Errorf("a control character in %q", text)
			}
		})
	}
}
