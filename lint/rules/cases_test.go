package rules_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

var update = flag.Bool("update", false, "write the findings of testdata/cases again")

// A ruleCase is a part of a file of testdata/cases: the files of a deployment, and everything that a user sees of the findings in them.
//
//	=== the name of the case
//	only PRES CRED           the rules that the case is about, by the begin of their IDs; without it, all
//	profile first-light
//	--- a.properties         a file
//	--- want                 the findings
type ruleCase struct {
	name, profile string
	only          []string
	files         []caseFile
	want          string
}

type caseFile struct{ name, text string }

// today is the time of the run in all cases.
var today = time.Date(2024, 5, 15, 12, 0, 0, 0, time.UTC)

// Each case is at the edge of a branch of a rule. The other tables of this package say which rule speaks; these say what it says: message,
// place, fix, evidence, related places and edits.
func TestFindingsAreWhole(t *testing.T) {
	names, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			cases := readCases(t, string(data))
			for i := range cases {
				c := &cases[i]
				t.Run(c.name, func(t *testing.T) {
					got := c.run(t)
					if *update {
						c.want = got
					} else if got != c.want {
						t.Errorf("found\n%s\nwant\n%s", got, c.want)
					}
				})
			}
			if *update {
				if err := os.WriteFile(name, []byte(writeCases(cases)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func readCases(t *testing.T, text string) []ruleCase {
	t.Helper()
	var cases []ruleCase
	for part := range strings.SplitSeq("\n"+text, "\n=== ") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		sections := strings.Split(part, "\n--- ")
		head := strings.Split(sections[0], "\n")
		c := ruleCase{name: head[0]}
		for _, line := range head[1:] {
			switch option, rest, _ := strings.Cut(line, " "); option {
			case "":
			case "only":
				c.only = strings.Fields(rest)
			case "profile":
				c.profile = rest
			default:
				t.Fatalf("%s: unknown option %q", c.name, line)
			}
		}
		for _, s := range sections[1:] {
			name, text, _ := strings.Cut(s, "\n")
			if text = strings.TrimRight(text, "\n"); text != "" {
				text += "\n"
			}
			if name == "want" {
				c.want = text
			} else {
				c.files = append(c.files, caseFile{name, text})
			}
		}
		cases = append(cases, c)
	}
	return cases
}

func writeCases(cases []ruleCase) string {
	var b strings.Builder
	for i, c := range cases {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "=== %s\n", c.name)
		if c.only != nil {
			fmt.Fprintf(&b, "only %s\n", strings.Join(c.only, " "))
		}
		if c.profile != "" {
			fmt.Fprintf(&b, "profile %s\n", c.profile)
		}
		for _, f := range c.files {
			fmt.Fprintf(&b, "--- %s\n%s", f.name, f.text)
		}
		fmt.Fprintf(&b, "--- want\n%s", c.want)
	}
	return b.String()
}

// run lints the files and writes the findings as a user sees them.
func (c *ruleCase) run(t *testing.T) string {
	t.Helper()
	texts := map[string]string{}
	var sources []export.Source
	for _, f := range c.files {
		texts[f.name] = f.text
		sources = append(sources, export.Memory(f.name, []byte(f.text)))
	}
	slices.SortFunc(sources, func(a, b export.Source) int { return strings.Compare(a.Name, b.Name) })
	policy, err := lint.NewPolicy(rules.All(), lint.Settings{Profile: c.profile})
	if err != nil {
		t.Fatal(err)
	}
	result, err := lint.Run(context.Background(),
		lint.Options{Sources: sources, Rules: rules.All(), Policy: policy, InMemory: true, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for _, e := range result.Errors {
		t.Error(e)
	}
	var b strings.Builder
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if c.only == nil || slices.ContainsFunc(c.only, func(begin string) bool { return strings.HasPrefix(f.Rule, begin) }) {
			write(&b, f, texts[f.File])
		}
	}
	return b.String()
}

// write is a finding with all that a user sees of it; text is that of its file.
func write(b *strings.Builder, f *lint.Finding, text string) {
	fmt.Fprintf(b, "%s %s %s:%d:%d-%d:%d %s\n  %s\n", f.Rule, f.Severity, f.File, f.Line, f.Column, f.EndLine, f.EndColumn, f.Key, f.Message)
	if f.Address != "" {
		fmt.Fprintf(b, "  address: %s\n", f.Address)
	}
	for _, e := range f.Evidence {
		fmt.Fprintf(b, "  evidence: %s\n", e)
	}
	for _, r := range f.Related {
		fmt.Fprintf(b, "  related: %s:%d:%d %s\n", r.File, r.Line, r.Column, r.Message)
	}
	for _, e := range f.Edits {
		fmt.Fprintf(b, "  edit: %q becomes %q\n", text[e.Start:e.End], e.Text)
	}
	fmt.Fprintf(b, "  fix: %s\n", f.Fix)
}
