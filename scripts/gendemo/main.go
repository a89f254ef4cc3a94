// Gendemo makes what the README and docs/demo show of the demo: a transcript, the page for a browser and its picture. It audits the lab as
// `cupclint audit --demo` does, and then takes out of the case what differs between two runs: ports, times, fingerprints of certificates.
// The same program gives the same bytes, so that a check can find out whether they are fresh.
//
// The picture is taken only where the page has changed, which takes Chromium; docs/demo/picture-of says which page it shows.
//
// usage: go run ./scripts/gendemo, in the project's folder or in internal/demo
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/dnscheck"
	"cupclint/docs"
	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/browser"
	"cupclint/internal/catalogue"
	"cupclint/internal/demo"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/report"
	"cupclint/lint"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "gendemo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	c, err := auditLab(ctx)
	if err != nil {
		return fmt.Errorf("audit the lab: %w", err)
	}
	if c, err = leveled(c); err != nil {
		return fmt.Errorf("take out what differs between runs: %w", err)
	}
	judged := c.Judge(catalogue.All(), new(lint.Policy))
	d := &report.Document{
		Findings: report.Of(judged.Findings), Suppressed: report.Of(judged.Suppressed), Summary: judged.Summary, Errors: c.Incomplete(),
		Version: "demo",
		Rules:   catalogue.All(), Page: docs.RulePage, PageHTML: docs.RulePageHTML, Addresses: report.Rows(c.Addresses),
		Probes: c.Observations.Probes(), At: c.At,
		Links: catalogue.Links,
	}
	text, err := transcript(c, judged, d)
	if err != nil {
		return err
	}
	page, err := render("html", d, report.Style{})
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "docs", "demo")
	if err := errors.Join(
		os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "transcript.txt"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(dir, "report.html"), page, 0o644),
		intoREADME(filepath.Join(root, "README.md"), excerpt(text)),
	); err != nil {
		return err
	}
	return picture(ctx, dir, page)
}

// projectRoot is where go.mod is, here or above.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod here or above")
		}
	}
}

// auditLab does what the demo does, in a folder of its own: the names of files are relative.
func auditLab(ctx context.Context) (*audit.Case, error) {
	dir, err := os.MkdirTemp("", "gendemo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chdir(dir); err != nil {
		return nil, err
	}
	l, err := lab.Start(ctx, lab.Options{})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := demo.WriteExports(l, demo.FilesOf(lab.CUPC).Exports); err != nil {
		return nil, err
	}
	sources, errs := export.Find([]string{demo.FilesOf(lab.CUPC).Exports})
	policy := new(lint.Policy)
	filter := policy.NewFilter(catalogue.All())
	var names dnscheck.Options
	c, plan, err := audit.Lint(ctx, lint.Options{Sources: sources, Errors: errs, Rules: catalogue.All(), Policy: policy, Filter: filter},
		catalogue.Areas(&names))
	if err != nil {
		return nil, err
	}
	tools, done, err := demo.Prepare(l, plan, &names)
	if err != nil {
		return nil, err
	}
	defer done()
	c.At = demoTime
	c.Observations = *plan.Observe(ctx, audit.Options{Tools: tools})
	return c, nil
}

// columns is how wide the transcript is.
const columns = 110

func render(format string, d *report.Document, s report.Style) ([]byte, error) {
	write, err := report.Find(format)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = write(&b, d, s)
	return b.Bytes(), err
}

func transcript(c *audit.Case, judged *audit.Report, d *report.Document) (string, error) {
	text, err := render("text", d, report.Style{Width: columns})
	if err != nil {
		return "", err
	}
	in := diagnose.Input{Findings: judged.Findings}
	for _, l := range c.Observations.LookedFor() {
		in.Looked = append(in.Looked, diagnose.Looked(l))
	}
	k, err := diagnose.Load()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	b.Write(text)
	files := demo.FilesOf(lab.CUPC)
	end := demo.Ending{Files: files, Saved: files.Case, Causes: k.Rank(in), Found: d.Summary.Findings, Width: columns}
	if err := end.Write(&b); err != nil {
		return "", err
	}
	return b.String(), nil
}

// shown are the findings that the README has room for.
var shown = []string{" PRES002 ", " LDAP103 ", " MAIL102 "}

// alwaysShown are the beginnings of other paragraphs of the transcript that the README shows.
var alwaysShown = []string{"AREA ", "Likely causes", "1. ", "This was a demonstration", "Next, ", "The exit code"}

// excerpt keeps of a transcript what was contacted, some findings, the summary, the first cause and the end.
func excerpt(text string) string {
	var kept []string
	left := append([]string(nil), shown...)
	gap := func() {
		if len(kept) > 0 && kept[len(kept)-1] != "..." {
			kept = append(kept, "...")
		}
	}
	for _, part := range strings.Split(strings.TrimRight(text, "\n"), "\n\n") {
		first, _, _ := strings.Cut(part, "\n")
		keep := strings.Contains(first, " findings (") || slices.ContainsFunc(alwaysShown, func(begin string) bool {
			return strings.HasPrefix(first, begin)
		})
		for i, id := range left {
			if strings.Contains(first, id) {
				keep, left = true, append(left[:i], left[i+1:]...)
				break
			}
		}
		if keep {
			kept = append(kept, part)
		} else {
			gap()
		}
	}
	return strings.Join(kept, "\n\n") + "\n"
}

// The marks in the README between which the excerpt is.
const (
	readmeBegin = "<!-- The demo: make docs writes this. -->\n"
	readmeEnd   = "<!-- The end of the demo. -->\n"
)

func intoREADME(name, text string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), readmeBegin)
	_, after, okEnd := strings.Cut(rest, readmeEnd)
	if !ok || !okEnd {
		return fmt.Errorf("%s lacks the marks of the demo", name)
	}
	return os.WriteFile(name, []byte(before+readmeBegin+"```text\n$ go run ./cmd/cupclint audit --demo\n"+text+"```\n"+readmeEnd+after), 0o644)
}

// picture takes the picture of the page, unless there is one of this page.
func picture(ctx context.Context, dir string, page []byte) error {
	of := filepath.Join(dir, "picture-of")
	sum := fmt.Sprintf("report.html with the SHA-256 %x\n", sha256.Sum256(page))
	if was, err := os.ReadFile(of); err == nil && string(was) == sum {
		if _, err := os.Stat(filepath.Join(dir, "report.png")); err == nil {
			return nil
		}
	}
	var path string
	for _, name := range browser.Names() {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return errors.New("the picture in docs/demo shows an older page; a new one takes Chromium, which scripts/install-servers.sh installs")
	}
	b, err := browser.Start(ctx, path)
	if err != nil {
		return err
	}
	defer b.Close()
	p, err := b.Open(ctx, filepath.Join(dir, "report.html"), browser.View{Width: 900, Height: 990})
	if err != nil {
		return err
	}
	png, err := p.Screenshot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "report.png"), png, 0o644), os.WriteFile(of, []byte(sum), 0o644))
}
