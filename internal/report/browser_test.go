package report_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cupclint/internal/browser"
	"cupclint/internal/report"
	"cupclint/internal/report/reporttest"
	"cupclint/internal/servertest"
)

// contrast is the formula of WCAG 2.1 over every text of the page.
//
//go:embed testdata/contrast.js
var contrast string

// TestThePageInABrowser looks at the page as its readers do: light, dark, on a phone, on paper.
func TestThePageInABrowser(t *testing.T) {
	b := servertest.Browser(t)
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(write(t, "html", audited(), report.Style{})), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]browser.View{
		"light": {Width: 1000, Height: 900}, "dark": {Width: 1000, Height: 900, Dark: true},
		"phone": {Width: 390, Height: 800}, "small phone": {Width: 320, Height: 600, Dark: true},
		"paper": {Width: 800, Height: 1100, Print: true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			p, err := b.Open(ctx, file, v)
			if err != nil {
				t.Fatal(err)
			}
			var width int
			if err := p.Eval(ctx, "document.documentElement.scrollWidth", &width); err != nil {
				t.Fatal(err)
			}
			if width > v.Width {
				t.Errorf("the page is %d wide, the view %d", width, v.Width)
			}
			var poor []string
			if err := p.Eval(ctx, contrast, &poor); err != nil {
				t.Fatal(err)
			}
			for _, what := range poor {
				t.Errorf("too little contrast: %s", what)
			}
			if v.Print {
				checkPaper(t, p)
			} else {
				checkKeyboard(t, p)
			}
			if m := p.Messages(); len(m) > 0 {
				t.Errorf("the console says %s", m)
			}
			for _, r := range p.Requests() {
				if !strings.HasPrefix(r, "file:") && !strings.HasPrefix(r, "data:") || len(p.Requests()) > 2 {
					t.Errorf("the page asked for %s", p.Requests())
				}
			}
		})
	}
}

// TestTheReportOfAFleetInABrowser looks at what many exports make long: a phone shows it, and paper has few pages of it.
func TestTheReportOfAFleetInABrowser(t *testing.T) {
	b := servertest.Browser(t)
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(write(t, "html", reporttest.Fleet(10_000, 300), report.Style{})), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	p, err := b.Open(ctx, file, browser.View{Width: 390, Height: 800, Dark: true})
	if err != nil {
		t.Fatal(err)
	}
	var seen struct {
		Width  int
		Opened bool
		Poor   []string
	}
	if err := p.Eval(ctx, `(() => {
		const list = document.querySelector("details.places");
		const closed = !list.querySelector("p").checkVisibility();
		list.querySelector("summary").click();
		return {Width: document.documentElement.scrollWidth, Opened: closed && list.querySelector("p").checkVisibility()};
	})()`, &seen); err != nil {
		t.Fatal(err)
	}
	if err := p.Eval(ctx, contrast, &seen.Poor); err != nil {
		t.Fatal(err)
	}
	if seen.Width > 390 || !seen.Opened || len(seen.Poor) > 0 || len(p.Messages()) > 0 {
		t.Errorf("%+v, messages %s", seen, p.Messages())
	}
	if p, err = b.Open(ctx, file, browser.View{Width: 800, Height: 1100, Print: true}); err != nil {
		t.Fatal(err)
	}
	pdf, err := p.PDF(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); n < 2 || n >= 30 {
		t.Errorf("%d pages on paper", n)
	}
	var listed int
	if err := p.Eval(ctx, `[...document.querySelectorAll("details.places p")].filter(e => e.checkVisibility()).length`, &listed); err != nil {
		t.Fatal(err)
	}
	if listed > 0 {
		t.Errorf("%d lists of places are printed", listed)
	}
}

// checkKeyboard proves that everything to be used is reached by the keyboard, the way past the navigation first.
func checkKeyboard(t *testing.T, p *browser.Page) {
	t.Helper()
	var reached struct {
		First string
		Count int
		Lost  []string
	}
	err := p.Eval(t.Context(), `(() => {
		const all = [...document.querySelectorAll("a[href], summary, button, input")];
		return {First: all[0].textContent, Count: all.length, Lost: all.filter(e => e.tabIndex < 0).map(e => e.outerHTML)};
	})()`, &reached)
	if err != nil {
		t.Fatal(err)
	}
	if reached.First != "To the report" || reached.Count < 10 || len(reached.Lost) > 0 {
		t.Errorf("%+v", reached)
	}
}

// checkPaper proves that evidence does not stay folded away on paper, that long lists do, and that the page prints.
func checkPaper(t *testing.T, p *browser.Page) {
	t.Helper()
	var hidden []string
	if err := p.Eval(t.Context(), `[...document.querySelectorAll("details.evidence > :not(summary)")].filter(e => !e.checkVisibility()).map(e => e.outerHTML)`, &hidden); err != nil {
		t.Fatal(err)
	}
	if len(hidden) > 0 {
		t.Errorf("folded away on paper: %q", hidden)
	}
	pdf, err := p.PDF(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(pdf), "%PDF") {
		t.Errorf("no PDF: %.20q", pdf)
	}
}
