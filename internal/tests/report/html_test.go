package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cupclint/docs"
	"cupclint/internal/catalogue"
	"cupclint/internal/report"
	"cupclint/lint"
)

func TestThePageIsAsBefore(t *testing.T) {
	got := write(t, "html", audited(), report.Style{})
	golden := filepath.Join("testdata", "golden", "html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("the page differs; run the test with -update and look at the difference, in a browser, too")
	}
}

// readPage parses a page and checks what holds for every one: it loads nothing, runs nothing, and every reference within it
// leads somewhere.
func readPage(t *testing.T, text string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ids, links, level := map[string]bool{}, []string{}, 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Script, atom.Iframe, atom.Object, atom.Embed, atom.Img, atom.Base, atom.Form:
			t.Errorf("the page has a %s", n.Data)
		case atom.H1, atom.H2, atom.H3, atom.H4:
			if to := int(n.Data[1] - '0'); to > level+1 {
				t.Errorf("a heading of level %d follows one of level %d", to, level)
			} else {
				level = to
			}
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "srcset", a.Key == "srcdoc", a.Key == "action":
				t.Errorf("%s has the attribute %s=%q", n.Data, a.Key, a.Val)
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("the id %q comes twice", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "href" && n.DataAtom == atom.Link && a.Val == "data:,": // or browsers ask for an icon
			case a.Key == "href":
				links = append(links, a.Val)
			}
		}
	}
	for _, l := range links {
		if !strings.HasPrefix(l, "#") || !ids[l[1:]] {
			t.Errorf("the reference %q leads out of the page or nowhere", l)
		}
	}
	return root
}

func count(root *html.Node, class string) int {
	n := 0
	for e := range root.Descendants() {
		for _, a := range e.Attr {
			if a.Key == "class" && strings.HasPrefix(a.Val, class) {
				n++
			}
		}
	}
	return n
}

func TestThePageIsWhole(t *testing.T) {
	text := write(t, "html", audited(), report.Style{})
	root := readPage(t, text)
	if got := count(root, "finding "); got != 4+2 {
		t.Errorf("%d cards, want those of 4 findings and 2 addresses", got)
	}
	for _, want := range []string{
		"Not ready: 1 error", "cut.xml:3:7", "the file ends inside &lt;a&gt;", "<mark>ACME.COM</mark>", "The lab&#39;s DNS answers.",
		"23 November 2026, 14:05 UTC", "dc1.acme.com:3269 &#43;1",
		"connect 5s (failed)", "Not finished: the run was cancelled", "Neither, so a dot and the domain are appended", "a.xml</span>, <span",
		"generation find their server by DNS", "<p>The page, next to <a href=\"#rule-PRES009\">that of PRES009</a> and of PRES001.</p>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestHostileValuesStayText(t *testing.T) {
	d := flood(many)
	for _, v := range hostile {
		d.Probes = append(d.Probes, report.Probe{Area: "dns", Target: v, Summary: v, Incomplete: v,
			Phases: []report.Phase{{Name: "dns", Took: 1, Error: v}}})
	}
	rows := make([]lint.AddressRow, len(hostile))
	for i, v := range hostile {
		rows[i] = lint.AddressRow{File: v, Role: v, Node: v, Domain: v, Address: v, Verdict: "wrong", Reason: v}
	}
	d.Addresses = report.Rows(rows)
	text := write(t, "html", d, report.Style{})
	root := readPage(t, text)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && strings.ContainsAny(n.Data, "'\"<>") {
			t.Errorf("an element %q", n.Data)
		}
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == '\u202e' }); i >= 0 {
		t.Errorf("a control character is left: %q", text[max(0, i-40):i+10])
	}
}

// TestManyFindingsMakeNoEndlessPage proves the bounds, and that what is beyond them is counted.
func TestManyFindingsMakeNoEndlessPage(t *testing.T) {
	findings := make([]lint.Finding, 1000)
	for i := range findings {
		findings[i] = lint.Finding{Rule: "PRES002", Name: "x", Severity: lint.Warning, Message: "m", Area: "presence", Fingerprint: fmt.Sprint(i)}
	}
	findings[999].Severity, findings[999].Message = lint.Error, "the one that matters"
	d := &report.Document{Findings: report.Of(findings), Version: "test", Links: catalogue.Links}
	d.Summary.Findings = lint.Counts{Error: 1, Warning: 999}
	text := write(t, "html", d, report.Style{})
	if got := count(readPage(t, text), "finding "); got != 300 {
		t.Errorf("%d cards, want 300", got)
	}
	for _, want := range []string{"And 700 more of this area", "The one that matters", "999 warnings"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// Every page of a rule fits into the report: its headings, and its references to other rules.
func TestPagesOfRulesFitTheReport(t *testing.T) {
	d := &report.Document{Version: "test", Rules: catalogue.All(), PageHTML: docs.RulePageHTML,
		Findings: func(yield func(*lint.Finding, error) bool) {
			for _, r := range catalogue.All() {
				if !yield(&lint.Finding{Rule: r.ID, Area: r.Area, Message: "m"}, nil) {
					return
				}
			}
		}}
	root, cards, pages := readPage(t, write(t, "html", d, report.Style{})), 0, 0
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id" && strings.HasPrefix(a.Val, "rule-"):
				pages++
			case a.Key == "href" && strings.HasPrefix(a.Val, "#rule-"):
				cards++
			}
		}
	}
	if all := len(catalogue.All()); pages != all || cards <= all {
		t.Errorf("%d pages of %d rules, and %d references to them", pages, all, cards)
	}
}

func TestThePageOfNothing(t *testing.T) {
	text := write(t, "html", &report.Document{Findings: report.Of(nil), Version: "test", Links: catalogue.Links},
		report.Style{})
	readPage(t, text)
	if !strings.Contains(text, "Nothing is wrong") || !strings.Contains(text, "not probed") {
		t.Error("a page of nothing says so")
	}
}
