package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cupclint/internal/report"
	"cupclint/internal/report/reporttest"
	"cupclint/lint"
)

func byID(root *html.Node, id string) *html.Node {
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" && a.Val == id {
				return n
			}
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func TestOneFaultIsOneCardWithAllPlaces(t *testing.T) {
	page := write(t, "html", reporttest.Fleet(900, 30), report.Style{})
	root := readPage(t, page)
	if got := count(root, "finding "); got != 1+2 {
		t.Errorf("%d cards, want one of PRES002 and two of PRES009, whose values differ", got)
	}
	card := textOf(byID(root, "f1"))
	for _, want := range []string{"in 300 exports of 30 sites", "All 300 places", "site000/phone00000.xml:3:7", "line 3, column 7",
		"phone00897.xml"} {
		if !strings.Contains(card, want) {
			t.Errorf("%q is missing in the card", want)
		}
	}
	if got := strings.Count(card, "phone"); got != 300+4 { // the first three twice, one in the message
		t.Errorf("the card names %d places", got)
	}
	for _, want := range []string{"Not ready: 300 errors of 1 kind that users will notice", "Read: 900 exports of 30 sites.", "5 more sites",
		"10 more sites with fewer findings have no picture"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(page, "/srv/") || strings.Contains(page, "customers") {
		t.Error("the page names the folder of the one who made it")
	}
}

// What the lists of places have no room for is counted.
func TestListsOfPlacesAreBounded(t *testing.T) {
	d := reporttest.Fleet(200_000, 300)
	page := write(t, "html", d, report.Style{})
	if len(page) > 2<<20 {
		t.Errorf("%d bytes", len(page))
	}
	if !strings.Contains(page, "with <code>--all</code> the page has them all.") || !strings.Contains(page, "in 66,667 exports of 300 sites") {
		t.Error("the page does not say what it leaves out")
	}
	all := write(t, "html", d, report.Style{All: true})
	if strings.Contains(all, "<code>--all</code>") || strings.Count(all, "phone") < 66_667 {
		t.Error("--all does not list all places")
	}
}

func TestTheHeadOfThePage(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2027, 3, n, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name string
		d    *report.Document
		head report.Head
		want []string
	}{
		{"nothing said", audited(), report.Head{}, []string{"<h1>cupclint report</h1>", "<p class=\"for\">23 November 2026</p>"}},
		{"all said", audited(), report.Head{Title: "Health check <1>", Customer: "Acme & Co", Date: day(31)},
			[]string{"<h1>Health check &lt;1&gt;</h1>", "For <strong>Acme &amp; Co</strong>, 31 March 2027",
				"<title>Health check &lt;1&gt; for Acme &amp; Co",
				"on 23 November 2026, 14:05 UTC"}},
		{"the day of the run", reporttest.Fleet(9, 3), report.Head{Today: day(2)}, []string{"<p class=\"for\">2 March 2027</p>"}},
		{"no day", reporttest.Fleet(9, 3), report.Head{Customer: "Acme"}, []string{"<p class=\"for\">For <strong>Acme</strong></p>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := write(t, "html", c.d, report.Style{Head: c.head})
			readPage(t, page)
			for _, want := range c.want {
				if !strings.Contains(page, want) {
					t.Errorf("%q is missing", want)
				}
			}
		})
	}
}

// The page has no absolute path, whatever the system that the inputs are of.
func TestPathsAreRelative(t *testing.T) {
	for _, folder := range []string{"/home/ann/acme/", `C:\Users\ann\acme\`, `\\server\share\acme\`} {
		a := lint.Finding{Rule: "PRES002", Area: "presence", File: folder + "x.zip!site/a.xml", Line: 1, Column: 1,
			Message: "it differs from " + folder + "b.xml", Related: []lint.Related{{File: folder + "b.xml", Line: 2, Message: "here"}}}
		d := &report.Document{Findings: report.Of([]lint.Finding{a}), Version: "test",
			Inputs: report.Rows([]lint.InputRow{{File: a.File}, {File: folder + "b.xml"}}),
			Errors: []lint.InputError{{File: folder + "c.xml", Message: "read " + folder + "c.xml: cut"}}}
		page := write(t, "html", d, report.Style{})
		readPage(t, page)
		if strings.Contains(page, "ann") || strings.Contains(page, "share") || !strings.Contains(page, "It differs from b.xml") {
			t.Errorf("%s is in the page", folder)
		}
		for _, want := range []string{"x.zip!site/a.xml:1:1", ">b.xml:2:0<", ">c.xml<"} {
			if !strings.Contains(page, want) {
				t.Errorf("%q is missing", want)
			}
		}
	}
}

// Each deployment has a picture of its own findings and probes.
func TestEachDeploymentHasItsPicture(t *testing.T) {
	d := reporttest.Fleet(60, 3)
	d.Probes = []report.Probe{{Area: "dns", Target: "cup1.one.com", File: "/srv/customers/acme/site001/phone00001.xml"},
		{Area: "dns", Target: "cup1.two.com", File: "/srv/customers/acme/site002/phone00002.xml"}}
	root := readPage(t, write(t, "html", d, report.Style{}))
	for number, want := range map[string][]string{"picture-text0": {"cup1.one.com", "20 errors"}, "picture-text2": {"cup1."}} {
		n := byID(root, number)
		if n == nil {
			t.Fatalf("no %s", number)
		}
		for _, w := range want {
			if !strings.Contains(textOf(n), w) {
				t.Errorf("%s: %s, want %s", number, textOf(n), w)
			}
		}
	}
	for i := 1; i <= 3; i++ {
		title, all := textOf(byID(root, fmt.Sprint("picture-title", i))), textOf(byID(root, fmt.Sprint("picture-text", i)))
		if strings.Contains(title, "site001") != strings.Contains(all, "cup1.one.com") ||
			strings.Contains(title, "site002") != strings.Contains(all, "cup1.two.com") {
			t.Errorf("%s shows %s", title, all)
		}
	}
}
