package house

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// A word is a row of words.tsv.
type word struct {
	pattern, unless *regexp.Regexp // unless may be nil
	prose           bool           // only in the prose of Markdown
	instead         string
	pieces          []string // every match contains one of them
}

// A place is where a word was found.
type place struct {
	line          int
	text, instead string
}

// around is how many characters next to a place the exception of a word may need; reach is the longest match with its surroundings.
const (
	around = 30
	reach  = 80
)

// table reads the rows of a table of this folder, without comments and the head.
func table(t *testing.T, name string, columns int) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "pattern\t") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != columns {
			t.Fatalf("%s: %d columns, not %d: %s", name, len(row), columns, line)
		}
		rows = append(rows, row)
	}
	return rows
}

// words reads words.tsv. A pattern whose matches have no certain letters is an error: the check would be slow.
func words(t *testing.T) (list []word) {
	t.Helper()
	for _, row := range table(t, "words.tsv", 4) {
		w := word{prose: row[1] == "md", instead: row[3]}
		var err error
		if w.pattern, err = regexp.Compile(row[0]); err != nil {
			t.Fatal(err)
		}
		if row[2] != "" {
			if w.unless, err = regexp.Compile(row[2]); err != nil {
				t.Fatal(err)
			}
		}
		parsed, err := syntax.Parse(row[0], syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if w.pieces = certain(parsed.Simplify()); len(w.pieces) == 0 {
			t.Fatalf("words.tsv: no letters are certain in %s", row[0])
		}
		list = append(list, w)
	}
	return list
}

// certain are texts of which every match of the expression contains at least one; none when nothing is certain.
func certain(re *syntax.Regexp) (best []string) {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return certain(re.Sub[0])
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			pieces := certain(s)
			if len(pieces) == 0 {
				return nil
			}
			best = append(best, pieces...)
		}
	case syntax.OpConcat:
		for _, s := range re.Sub {
			if pieces := certain(s); len(pieces) > 0 && (len(best) == 0 || shortest(pieces) > shortest(best)) {
				best = pieces
			}
		}
	}
	return best
}

func shortest(list []string) int {
	return len(slices.MinFunc(list, func(a, b string) int { return len(a) - len(b) }))
}

var (
	mark   = regexp.MustCompile(`^\s*(//|#|;|>|\.br$)?\s*`)   // what begins a line of a comment
	span   = regexp.MustCompile("`[^`\n]*`|\\]\\([^)\n]*\\)") // code and the targets of links
	joined = regexp.MustCompile(`" \+$`)
)

// A flow is a text with one blank in the place of each line break, so that turns over two lines are found, and without the marks of
// comments. Empty lines stay line breaks.
type flow struct {
	text  string
	lines []int // where in text each line begins
}

func flowing(name, text string, prose bool) flow {
	var f flow
	var b strings.Builder
	fenced, code := false, strings.HasSuffix(name, ".go")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if prose {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced, line = !fenced, ""
			} else if fenced {
				line = ""
			}
			line = span.ReplaceAllString(line, "`")
		}
		line = line[len(mark.FindString(line)):]
		switch said := b.String(); {
		case line == "":
			b.WriteString("\n")
		case code && line[0] == '"' && joined.MatchString(said):
			b.Reset()
			b.WriteString(said[:len(said)-len(`" +`)])
			line = line[1:]
		case b.Len() > 0:
			b.WriteByte(' ')
		}
		f.lines = append(f.lines, b.Len())
		b.WriteString(line)
	}
	f.text = lower(b.String())
	return f
}

// lower makes lower case of the letters A to Z, so that every byte keeps its place.
func lower(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// places finds the words of the list in a text.
func places(list []word, name, text string) (found []place) {
	all := flowing(name, text, false)
	var prose flow
	if strings.HasSuffix(name, ".md") {
		prose = flowing(name, text, true)
	}
	for _, w := range list {
		f := all
		if w.prose {
			f = prose
		}
		for _, at := range w.find(f.text) {
			line, _ := slices.BinarySearch(f.lines, at[0]+1)
			found = append(found, place{line: line, text: f.text[at[0]:at[1]], instead: w.instead})
		}
	}
	slices.SortStableFunc(found, func(a, b place) int { return a.line - b.line })
	return found
}

// find gives the places of a word in a text, from the left, those that unless excuses left out.
func (w word) find(text string) (at [][]int) {
	seen := make(map[int]bool)
	for _, piece := range w.pieces {
		for from := 0; ; {
			i := strings.Index(text[from:], piece)
			if i < 0 {
				break
			}
			hit := from + i
			from = hit + len(piece)
			begin := blankBefore(text, hit-reach)
			end := min(from+reach, len(text))
			for _, m := range w.pattern.FindAllStringIndex(text[begin:end], -1) {
				m[0], m[1] = m[0]+begin, m[1]+begin
				if m[0] > hit || m[1] < from || seen[m[0]] {
					continue
				}
				seen[m[0]] = true
				if !w.excused(text, m[0], m[1]) {
					at = append(at, m)
				}
			}
		}
	}
	return at
}

// excused reports whether unless matches with at least a part of the place.
func (w word) excused(text string, from, to int) bool {
	if w.unless == nil {
		return false
	}
	begin := max(0, from-around)
	for _, m := range w.unless.FindAllStringIndex(text[begin:min(len(text), to+around)], -1) {
		if m[0]+begin < to && from < m[1]+begin {
			return true
		}
	}
	return false
}

// blankBefore is the place of the last blank before at, or 0: a window that begins there cuts no word.
func blankBefore(text string, at int) int {
	if at <= 0 {
		return 0
	}
	return max(0, strings.LastIndexAny(text[:at], " \n"))
}

// tracked are the texts that git knows, those of words_left_out.tsv left out.
func tracked(t *testing.T) (names []string) {
	t.Helper()
	said, err := exec.Command("git", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		t.Skip("not a git checkout: ", err)
	}
	var leftOut []*regexp.Regexp
	for _, row := range table(t, "words_left_out.tsv", 2) {
		leftOut = append(leftOut, regexp.MustCompile(row[0]))
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(said), "\x00"), "\x00") {
		matches := func(re *regexp.Regexp) bool { return re.MatchString(name) }
		kept := strings.HasPrefix(filepath.Base(name), "expect")
		if kept || !slices.ContainsFunc(leftOut, matches) {
			names = append(names, name)
		}
	}
	return names
}

// TestWords proves that no tracked text has a word of words.tsv, apart from those that are left out.
func TestWords(t *testing.T) {
	list := words(t)
	names := tracked(t)
	if len(names) < 500 {
		t.Fatalf("%d texts were looked at", len(names))
	}
	found := make([][]place, len(names))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				text, err := os.ReadFile(filepath.Join(root, names[i]))
				if err == nil && utf8.Valid(text) && !bytes.ContainsRune(text, 0) {
					found[i] = places(list, names[i], string(text))
				}
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	wait.Wait()
	n := 0
	var b strings.Builder
	for i, name := range names {
		n += len(found[i])
		for _, p := range found[i] {
			fmt.Fprintf(&b, "%s:%d: %q: %s\n", name, p.line, p.text, p.instead)
		}
	}
	if n > 0 {
		t.Errorf("%d places have words that a reader stumbles over (words.tsv):\n%s", n, b.String())
	}
}

func TestPlaces(t *testing.T) {
	list := words(t)
	for name, test := range map[string]struct {
		file, text string
		want       []place
	}{
		"a planted word":   {"a.md", "One.\n\nIt is mended.\n", []place{{line: 3, text: "mended", instead: "fix"}}},
		"a part of a word": {"a.md", "We recommend it.\n", nil},
		"upper case": {"a.yaml", "why: Nobody asks\n",
			[]place{{line: 1, text: "nobody", instead: "no one (or name who: no user, no client)"}}},
		"an exception": {"a.md", "GC stands for Global Catalog. There is no answer.\n", nil},
		"an exception somewhere else": {"a.md", "GC stands for it,\nand it stands there.\n",
			[]place{{line: 2, text: "stands", instead: "is, is set, is listed"}}},
		"over two lines": {"a.md", "The value is\nno address.\n", []place{{line: 1, text: "is no address", instead: "is not a"}}},
		"over two lines of a comment": {"a.go", "\t// The value is\n\t// no address.\n",
			[]place{{line: 1, text: "is no address", instead: "is not a"}}},
		"over two strings": {"a.go", "x := \"The value is \" +\n\t\"no address.\"\n",
			[]place{{line: 1, text: "is no address", instead: "is not a"}}},
		"over a paragraph":      {"a.md", "## What it is\n\nNo address is sent.\n", nil},
		"twice":                 {"a.md", "Nobody and nobody.\n", []place{{line: 1}, {line: 1}}},
		"a noun of Markdown":    {"a.md", "The login fails, and each logon too.\n", []place{{line: 1}, {line: 1}}},
		"the noun in code":      {"a.md", "The `login fails`.\n\n```\na login\n```\n", nil},
		"a word in code":        {"a.md", "```\nnobody\n```\n", []place{{line: 2}}},
		"the noun in a program": {"a.go", "// the login fails\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := places(list, test.file, test.text)
			if len(got) != len(test.want) {
				t.Fatalf("found %v, want %v", got, test.want)
			}
			for i, want := range test.want {
				if got[i].line != want.line || want.text != "" && got[i] != want {
					t.Errorf("found %v, want %v", got[i], want)
				}
			}
		})
	}
}
