package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"cupclint/internal/report"
	"cupclint/internal/testrace"
)

// A case file comes from other people. For any content of its texts, no report of it has a control character or a line break of the
// file.
func TestACaseOfOthersCannotSpeakForTheProgram(t *testing.T) {
	testrace.Slow(t, "runs hundreds of command lines, one after the other")
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"a.properties": good + "Directory.Primary.Address = dc1\nDirectory.Primary.Port = 389x\n"})
	if code, _, errs := cupclint(t, "", "audit", "--offline", "--save", "case.json", "a.properties"); code != exitFindings {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	text, err := os.ReadFile("case.json")
	if err != nil {
		t.Fatal(err)
	}
	var kept any
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	const hostile = "x\n::error::pwned\n\x1b[31mred\u009b32m\u202e%0A::error::pwned\r"
	replayed := map[string]bool{}
	for place, set := range texts("", kept) {
		was := set(hostile)
		changed, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		set(was)
		if err := os.WriteFile(filepath.Join(dir, "edited.json"), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, format := range report.Formats() {
			code, out, errs := cupclint(t, "", "audit", "--replay", "edited.json", "--verbose", "--format", format)
			replayed[place] = replayed[place] || code < exitUsage
			said := out + errs
			if format == "csv" { // which ends its lines as RFC 4180 wants it
				said = strings.ReplaceAll(out, "\r\n", "\n") + errs
			}
			if said == "" {
				t.Errorf("%s, %s: nothing is said", place, format)
			}
			if at := strings.IndexFunc(said, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) || r == '\u202e' }); at >= 0 {
				t.Errorf("%s, %s: a control character in %q", place, format, said[max(0, at-40):min(len(said), at+40)])
			}
			for line := range strings.Lines(said) {
				if strings.HasPrefix(strings.TrimSpace(line), "::error::pwned") {
					t.Errorf("%s, %s: a line of its own: %q", place, format, line)
				}
			}
		}
	}
	if !replayed[".findings.0.name"] || !replayed[".findings.0.message"] || !replayed[".findings.0.key"] {
		t.Errorf("the test does not reach its subject: %v", replayed)
	}
}

// texts are the places of all texts in a document, each with a function that puts another text there and returns the one before.
func texts(at string, v any) map[string]func(string) string {
	all := map[string]func(string) string{}
	add := func(name string, v any, put func(string)) {
		if was, ok := v.(string); ok {
			all[at+"."+name] = func(s string) string {
				put(s)
				return was
			}
			return
		}
		for place, set := range texts(at+"."+name, v) {
			all[place] = set
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			add(name, inner, func(s string) { v[name] = s })
		}
	case []any:
		for i, inner := range v {
			add(string(rune('0'+i%10)), inner, func(s string) { v[i] = s })
		}
	}
	return all
}
