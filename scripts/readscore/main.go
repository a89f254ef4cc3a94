// Command readscore measures how easy the texts of the project are to read:
//
//	go run ./scripts/readscore [-C FOLDER]
//
// It prints one line for each group of texts: words, words in a sentence, syllables in a word, and the Flesch Reading Ease score. A higher
// score is easier to read: 60 to 70 is plain English, 30 to 50 is difficult, less than 30 is very difficult. Source of the formula: Rudolf
// Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948), pages 221 to 233.
//
// Code, identifiers and addresses have no score of their own, so they are left out: see prose.go. FOLDER is a checkout of the repository;
// without -C it is the current folder. So two checkouts can be compared.
package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errOut io.Writer) int {
	flags := flag.NewFlagSet("readscore", flag.ContinueOnError)
	flags.SetOutput(errOut)
	folder := flags.String("C", ".", "the checkout to measure")
	byFile := flags.Bool("files", false, "print a line for each file, too")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return 2
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "words\twords/sentence\tsyllables/word\tscore\t  group")
	line := func(name string, c count) {
		fmt.Fprintf(table, "%d\t%.1f\t%.2f\t%.1f\t  %s\n", c.words, c.perSentence(), c.perWord(), c.score(), name)
	}
	for _, g := range groups {
		files, err := g.files(os.DirFS(*folder))
		if err != nil {
			fmt.Fprintln(errOut, "readscore:", err)
			return 1
		}
		var total count
		for _, f := range files {
			c := measure(f.sentences)
			total.add(c)
			if *byFile && c.words > 0 {
				line("  "+f.name, c)
			}
		}
		line(g.name, total)
	}
	if err := table.Flush(); err != nil {
		fmt.Fprintln(errOut, "readscore:", err)
		return 1
	}
	return 0
}

// A group is what gets one line of the table.
type group struct {
	name  string
	globs []string
	skip  []string // files that the globs match and that are not prose by hand
	read  func(text string) ([]string, error)
}

var groups = []group{
	{name: "README", globs: []string{"README.md"}, read: markdown},
	{name: "docs", globs: []string{"docs/*.md", "docs/decisions/*.md", "CONTRIBUTING.md", "SECURITY.md"}, skip: []string{"docs/keys.md"},
		read: markdown},
	{name: "rule pages", globs: []string{"docs/rules/*.md"}, skip: []string{"docs/rules/README.md"}, read: markdown},
	{name: "messages", globs: []string{"fixtures/rules/*/wrong.golden"}, read: findings},
}

// A file is a name with the sentences of the text.
type file struct {
	name      string
	sentences []string
}

// files reads the files of the group. A glob without a match is an error: the table must not get smaller unnoticed.
func (g group) files(root fs.FS) ([]file, error) {
	var out []file
	for _, glob := range g.globs {
		names, err := fs.Glob(root, glob)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: no file matches; is this a checkout?", glob)
		}
		for _, name := range names {
			if slices.Contains(g.skip, name) {
				continue
			}
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return nil, err
			}
			sentences, err := g.read(strings.ReplaceAll(string(data), "\r\n", "\n"))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out = append(out, file{path.Clean(name), sentences})
		}
	}
	return out, nil
}
