// Rulepages renders the pages of the rules as HTML, for reports that people open in a browser: docs/rules/ID.md goes in,
// docs/rulepages.html comes out. The program embeds the result and needs no reader of Markdown.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: rulepages FOLDER FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "rulepages:", err)
		os.Exit(1)
	}
}

func run(folder, file string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return err
	}
	slices.Sort(names)
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough), goldmark.WithRendererOptions(html.WithXHTML()),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(fit{}, 500))))
	var out bytes.Buffer
	out.WriteString("<!-- Written by go generate ./docs from docs/rules. Do not edit. -->\n")
	for _, name := range names {
		id, ok := ruleID(filepath.Base(name))
		if !ok {
			continue
		}
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "<!-- %s -->\n", id)
		if err := md.Convert(page, &out); err != nil {
			return fmt.Errorf("render %s: %w", name, err)
		}
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

var pageName = regexp.MustCompile(`^([A-Z]+[0-9]+)\.md$`)

// ruleID is the rule whose page the file is; not ok for other pages of the folder.
func ruleID(name string) (id string, ok bool) {
	m := pageName.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// fit makes of a page what a report has room for: its title is left out, because the report has it already; other headings are one level
// deeper; links to pages of rules lead to them within the report, and other links are text.
type fit struct{}

func (fit) Transform(doc *ast.Document, r text.Reader, _ parser.Context) {
	var links []*ast.Link
	var title ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // fails only where the function does
		switch n := n.(type) {
		case *ast.Heading:
			switch {
			case entering && n.Level == 1 && title == nil:
				title = n
			case entering:
				n.Level++
			}
		case *ast.Link:
			if entering {
				links = append(links, n)
			}
		}
		return ast.WalkContinue, nil
	})
	if title != nil {
		doc.RemoveChild(doc, title)
	}
	for _, l := range links {
		target, _, _ := strings.Cut(string(l.Destination), "#")
		if id, ok := ruleID(target); ok {
			l.Destination, l.Title = []byte("#rule-"+id), nil
			continue
		}
		for c := l.FirstChild(); c != nil; c = l.FirstChild() {
			l.Parent().InsertBefore(l.Parent(), l, c)
		}
		l.Parent().RemoveChild(l.Parent(), l)
	}
}
