package main

import (
	"strings"
	"testing"
)

func TestGenerate(t *testing.T) {
	head := strings.Join(header, "\t") + "\n"
	row := func(change ...string) string {
		f := []string{"ABC001", "a-name", "area", "-", "error", "-", "printed", "yes", "1.0", "what it finds", "RFC 1"}
		for i := 0; i < len(change); i += 2 {
			f[map[string]int{"id": 0, "name": 1, "severity": 4, "kind": 6, "fixable": 7, "summary": 9, "source": 10}[change[i]]] = change[i+1]
		}
		return strings.Join(f, "\t") + "\n"
	}
	for name, test := range map[string]struct{ text, want string }{
		"a row":            {head + row(), `Kind: JoinedKind, Printed: true, Fixable: true, Since: "1.0"`},
		"a comment":        {"# x\n" + head, "definitions = "},
		"another header":   {"id\n", "t.tsv:1: the columns are"},
		"a column less":    {head + "ABC001\n", "t.tsv:2: 1 columns"},
		"an ID":            {head + row("id", "abc"), `"abc" is not an ID`},
		"no source":        {head + row("source", "-"), "must be given"},
		"a severity":       {head + row("severity", "bad"), "severity is \"bad\""},
		"a kind":           {head + row("kind", "x"), "kind is \"x\""},
		"fixable":          {head + row("fixable", "perhaps"), "fixable is"},
		"a full stop":      {head + row("summary", "It finds."), "no full stop"},
		"one name twice":   {head + row() + row("id", "ABC002"), "are both called a-name"},
		"one number twice": {head + row() + row("name", "b"), "are both called ABC001"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := generate("t.tsv", test.text)
			text := string(got)
			if err != nil {
				text = err.Error()
			}
			if !strings.Contains(text, test.want) {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
