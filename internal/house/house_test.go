package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// rows are the packages of the table in docs/architecture.md, a row each, from the top.
func rows(t *testing.T) [][]string {
	t.Helper()
	page, err := os.ReadFile(root + "/docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile("`([a-z0-9/]+)`")
	var out [][]string
	for line := range strings.Lines(string(page)) {
		cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "|")
		if !ok || !strings.HasPrefix(line, "| `") {
			continue
		}
		var row []string
		for _, m := range name.FindAllStringSubmatch("`"+cell, -1) {
			row = append(row, m[1])
		}
		out = append(out, row)
	}
	return out
}

// imports gives the packages of this module that a folder's files import, test files left out.
func imports(t *testing.T, dir string) (list []string, found bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		found = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			if path, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "cupclint/"); ok {
				list = append(list, path)
			}
		}
	}
	return list, found
}

// TestImportsRunDown proves that every package is in the table and imports only what is below it or to its right.
func TestImportsRunDown(t *testing.T) {
	at := make(map[string]int)
	n := 0
	for _, row := range rows(t) {
		for _, p := range row {
			n++
			at[p] = n
		}
	}
	if n < 20 {
		t.Fatalf("the table of docs/architecture.md has %d packages", n)
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		dir, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		if strings.HasPrefix(d.Name(), ".") && dir != "." || d.Name() == "testdata" || dir == "scripts" || isModule(path) && dir != "." {
			return fs.SkipDir
		}
		list, found := imports(t, dir)
		if !found || testOnly[dir] {
			return nil
		}
		place, listed := at[dir]
		if !listed {
			t.Errorf("%s is not in the table of docs/architecture.md", dir)
			return nil
		}
		for _, p := range list {
			if at[p] <= place {
				t.Errorf("%s imports %s, which is not below it", dir, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testOnly are packages that only tests and scripts import.
var testOnly = map[string]bool{"internal/house": true, "internal/servertest": true, "internal/testrace": true,
	"internal/report/reporttest": true, "internal/browser": true, "internal/benchexport": true}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}
