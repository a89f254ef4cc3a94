package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// installPage is docs/install.md. Before each block of commands it says in a comment which test runs it, or why none does:
//
//	<!-- run: NAME -->
//	<!-- not run: REASON -->
type installPage struct{ text string }

func page(t *testing.T) installPage {
	t.Helper()
	text, err := os.ReadFile("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	return installPage{string(text)}
}

// block gives the commands under a name.
func (p installPage) block(t *testing.T, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(p.text, "<!-- run: "+name+" -->\n```sh\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("docs/install.md has no block %q", name)
	}
	return block
}

// Every block of the page is run by a test that names it, or says why not.
func TestEveryCommandOfThePageIsTriedOrSaysWhyNot(t *testing.T) {
	p := page(t)
	var tests strings.Builder
	for _, file := range []string{"../install-test.sh", "../container-test.sh", "release_test.go", "reproducible_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	lines := strings.Split(p.text, "\n")
	marker := regexp.MustCompile(`^<!-- (not run|run): (.+) -->$`)
	open, blocks := false, 0
	for i, line := range lines {
		if !strings.HasPrefix(line, "```") {
			continue
		}
		if open = !open; !open {
			continue
		}
		blocks++
		m := marker.FindStringSubmatch(lines[i-1])
		switch {
		case m == nil:
			t.Errorf("docs/install.md:%d: no word on who runs this block", i+1)
		case m[1] == "run" && !regexp.MustCompile(`[\s"]`+m[2]+`[\s")]`).MatchString(tests.String()):
			t.Errorf("docs/install.md:%d: no test runs %q", i+1, m[2])
		}
	}
	if blocks < 20 {
		t.Errorf("%d blocks", blocks)
	}
}

// A file or an anchor that the page names is there.
func TestThePageNamesOnlyWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)
	for _, from := range []string{"docs/install.md", "SECURITY.md"} {
		text, err := os.ReadFile("../../" + from)
		if err != nil {
			t.Fatal(err)
		}
		prose := regexp.MustCompile("(?s)\n```.*?\n```").ReplaceAllString(string(text), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := from
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(from), m[1])
			}
			there, err := os.ReadFile("../../" + target)
			if err != nil {
				t.Errorf("%s: %v", from, err)
				continue
			}
			if m[2] != "" && !anchors(string(there))[m[2]] {
				t.Errorf("%s: %s has no heading %s", from, target, m[2])
			}
		}
	}
	if m := regexp.MustCompile("`(scripts/[^` ]+|internal/[^` ]+|ldapcheck/[^` ]+)`"); true {
		text, _ := os.ReadFile("../../SECURITY.md")
		for _, f := range m.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat("../../" + f[1]); err != nil {
				t.Error(err)
			}
		}
	}
}

// anchors gives the anchors of a page's headings.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	other := regexp.MustCompile(`[^a-z0-9 _-]`)
	for line := range strings.Lines(text) {
		if h, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			found["#"+strings.ReplaceAll(other.ReplaceAllString(strings.ToLower(strings.TrimSpace(h)), ""), " ", "-")] = true
		}
	}
	return found
}
