package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cupclint/internal/catalogue"
	"cupclint/lint"
)

// rules is the list of all rules.
func rules() string {
	var b strings.Builder
	b.WriteString("# Rules\n\n")
	fmt.Fprintf(&b, generated, "lint/catalogue.tsv")
	b.WriteString("`export` rules check one export. `fleet` rules compare the exports of one run. `joined` rules check the exports of " +
		"clients and servers of one\n" +
		"deployment together. `live` rules check the answers of servers. An ID never changes its meaning. A rule marked `fix` can\n" +
		"correct the file (`cupclint lint --fix`). `cupclint explain RULE` prints a page.\n\n" +
		"Each page names the source of its facts in the line that begins with `Source:`. If there is no document for a fact, the page\n" +
		"calls it an assumption, or says that it is from memory. UC Corner is the support blog htluo.blogspot.com.\n\n" +
		"| rule | name | area | severity | kind | fix | finds |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, r := range catalogue.All() {
		fix := ""
		if r.Fixable {
			fix = "fix"
		}
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s | %s | %s |\n", r.ID, r.ID, r.Name, r.Area, r.Severity, r.Kind, fix,
			strings.ReplaceAll(r.Summary, "|", `\|`))
	}
	return b.String()
}

// rulePages writes into the page of each rule what the catalogue knows: its head and its source. The rest of a page is written by hand.
func rulePages(folder string) error {
	for _, r := range catalogue.All() {
		name := filepath.Join(folder, r.ID+".md")
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fresh, err := rulePage(r, string(page))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if fresh == string(page) {
			continue
		}
		if err := os.WriteFile(name, []byte(fresh), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const (
	firstSection = "\n## What it finds\n"
	wrongSection = "\n## Wrong\n"
)

var source = regexp.MustCompile(`(?s)\nSource: .*?\n\n`)

// rulePage gives a page the head and the source of its rule.
func rulePage(r *lint.Rule, page string) (string, error) {
	_, rest, ok := strings.Cut(page, firstSection)
	if !ok {
		return "", fmt.Errorf("no section %q", strings.TrimSpace(firstSection))
	}
	why, examples, ok := strings.Cut(source.ReplaceAllString(rest, "\n"), wrongSection)
	if !ok {
		return "", fmt.Errorf("no section %q", strings.TrimSpace(wrongSection))
	}
	return head(r) + firstSection + strings.TrimRight(why, "\n") + "\n\n" + wrap("Source: "+r.Source) + wrongSection + examples, nil
}

func head(r *lint.Rule) string {
	text := "Severity: " + r.Severity.String()
	if r.Unless != "" {
		text += " (" + r.Unless + ")"
	}
	text += ". Area: " + r.Area + ". The rule " + checks(r) + "."
	if r.Fixable {
		text += " `cupclint lint --fix` can correct what it finds."
	}
	return "# " + r.ID + " " + r.Name + "\n\n" + wrap(strings.ToUpper(r.Summary[:1])+r.Summary[1:]+".") + "\n" + wrap(text)
}

func checks(r *lint.Rule) string {
	switch {
	case r.Printed:
		return "checks the output of servers, together with the other exports of the run"
	case r.Kind == lint.JoinedKind:
		return "checks the exports of one deployment together"
	case r.Kind == lint.FleetKind:
		return "compares the exports of one run"
	case r.Kind == lint.ExportKind:
		return "checks one export"
	}
	for _, a := range catalogue.Areas(nil) {
		if info := a.Info(); slices.Contains(info.Rules, r) {
			return "checks the answers of servers: `cupclint " + info.Command + "`, `cupclint audit`"
		}
	}
	return "checks the answers of servers: `cupclint audit`"
}

// width is where lines of generated text are broken.
const width = 120

func wrap(text string) string {
	var b strings.Builder
	at := 0
	for word := range strings.FieldsSeq(text) {
		if at > 0 && at+1+len(word) > width {
			b.WriteByte('\n')
			at = 0
		}
		if at > 0 {
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String() + "\n"
}
