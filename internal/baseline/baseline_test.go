package baseline_test

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/baseline"
	"cupclint/lint"
)

// found makes findings from lines "RULE file hash"; equal ones are numbered as a run does.
func found(lines ...string) iter.Seq2[*lint.Finding, error] {
	var findings []lint.Finding
	for _, l := range lines {
		f := strings.Fields(l)
		findings = append(findings, lint.Finding{
			Rule: f[0], File: strings.Trim(f[1], `"`), Key: "Presence.Domain", Severity: lint.Error,
			Message: "Marker.Message", Evidence: []string{"Marker.Evidence"}, Fingerprint: strings.Repeat(f[2], 32),
		})
	}
	lint.Number(findings)
	return func(yield func(*lint.Finding, error) bool) {
		for i := range findings {
			if !yield(&findings[i], nil) {
				return
			}
		}
	}
}

// written collects a baseline, writes it to a file of the folder and reads it back.
func written(t *testing.T, dir string, lines ...string) *baseline.Baseline {
	t.Helper()
	name := filepath.Join(dir, baseline.FileName)
	b, err := baseline.Collect(name, dir, found(lines...))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := b.Write(&text); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text.Bytes(), []byte("Marker")) {
		t.Errorf("the file holds more than it should:\n%s", &text)
	}
	if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := baseline.Read(name, dir)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func show(entries []baseline.Entry) []string {
	s := []string{}
	for _, e := range entries {
		for file, n := range e.Files {
			s = append(s, fmt.Sprintf("%s %s %s %d", e.Rule, file, e.Fingerprint[:1], n))
		}
	}
	slices.Sort(s)
	return s
}

func TestMatch(t *testing.T) {
	all := func(string) bool { return true }
	for _, test := range []struct {
		name     string
		base     []string
		exist    []string // files on the disk, in addition to those of the run
		run      baseline.Run
		now      []string
		fresh    []string // "file hash" of what is new
		stale    []string
		leftOver int // in the pruned baseline
	}{
		{"the same", []string{"R1 a.xml a", "R1 a.xml a", "R2 b.xml b"}, nil, baseline.Run{Sources: []string{"a.xml", "b.xml"}},
			[]string{"R1 a.xml a", "R1 a.xml a", "R2 b.xml b"}, nil, nil, 3},
		{"one more in the same file", []string{"R1 a.xml a"}, nil, baseline.Run{Sources: []string{"a.xml"}},
			[]string{"R1 a.xml a", "R1 a.xml a"}, []string{"a.xml a"}, nil, 1},
		{"one more in an earlier file", []string{"R1 b.xml a", "R1 c.xml a"}, nil, baseline.Run{Sources: []string{"a.xml", "b.xml", "c.xml"}},
			[]string{"R1 a.xml a", "R1 b.xml a", "R1 c.xml a"}, []string{"a.xml a"}, nil, 2},
		{"renamed", []string{"R1 old.xml a", "R2 old.xml b"}, nil, baseline.Run{Sources: []string{"new.xml"}, Folders: []string{"."}},
			[]string{"R1 new.xml a", "R2 new.xml b"}, nil, nil, 2},
		{"renamed, named alone", []string{"R1 old.xml a"}, nil, baseline.Run{Sources: []string{"new.xml"}},
			[]string{"R1 new.xml a"}, nil, nil, 1},
		{"renamed into another folder", []string{"R1 x/old.xml a"}, nil,
			baseline.Run{Sources: []string{"y/new.xml"}, Folders: []string{"x", "y"}},
			[]string{"R1 y/new.xml a"}, nil, nil, 1},
		{"moved to another file of the run", []string{"R1 a.xml a"}, []string{"a.xml"}, baseline.Run{Sources: []string{"a.xml", "b.xml"}},
			[]string{"R1 b.xml a"}, nil, nil, 1},
		{"copied from a file that the run is not about", []string{"R1 a.xml a"}, []string{"a.xml"}, baseline.Run{Sources: []string{"b.xml"}},
			[]string{"R1 b.xml a"}, []string{"b.xml a"}, nil, 1},
		{"fixed", []string{"R1 a.xml a", "R1 a.xml a", "R2 a.xml b"}, nil, baseline.Run{Sources: []string{"a.xml"}},
			[]string{"R1 a.xml a"}, nil, []string{"R1 a.xml a 1", "R2 a.xml b 1"}, 1},
		{"fixed elsewhere", []string{"R1 a.xml a", "R1 b.xml a"}, []string{"a.xml", "b.xml"}, baseline.Run{Sources: []string{"a.xml"}},
			nil, nil, []string{"R1 a.xml a 1"}, 1},
		{"deleted from a folder of the run", []string{"R1 sub/a.xml a"}, nil, baseline.Run{Folders: []string{"."}},
			nil, nil, []string{"R1 sub/a.xml a 1"}, 0},
		{"deleted elsewhere", []string{"R1 sub/a.xml a"}, nil, baseline.Run{Sources: []string{"x/b.xml"}, Folders: []string{"x"}},
			nil, nil, nil, 1},
		{"in an archive", []string{"R1 z.zip!a.xml a", "R1 y.zip!a.xml b"}, []string{"y.zip"}, baseline.Run{Sources: []string{"z.zip"}},
			nil, nil, []string{"R1 z.zip!a.xml a 1"}, 1},
		{"rule off", []string{"R1 a.xml a", "R3 a.xml c"}, nil,
			baseline.Run{Sources: []string{"a.xml"}, Ran: func(r string) bool { return r != "R3" }},
			[]string{"R1 a.xml a"}, nil, nil, 2},
		{"about no file", []string{`R1 "" a`, `R2 "" b`}, nil, baseline.Run{}, []string{`R1 "" a`}, nil, []string{"R2  b 1"}, 1},
		{"empty", nil, nil, baseline.Run{Sources: []string{"a.xml"}}, []string{"R1 a.xml a"}, []string{"a.xml a"}, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range test.exist {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			b := written(t, dir, test.base...)
			if test.run.Ran == nil {
				test.run.Ran = all
			}
			whole, err := baseline.NewSet(b).Match(test.run, found(test.now...))
			if err != nil {
				t.Fatal(err)
			}
			m := whole.Parts[0]
			for range 2 { // it may be read as often as there are formats
				var fresh []string
				for f := range whole.New(found(test.now...)) {
					fresh = append(fresh, f.File+" "+f.Fingerprint[:1])
				}
				if !slices.Equal(fresh, test.fresh) {
					t.Errorf("new: %q, want %q", fresh, test.fresh)
				}
			}
			if got := len(test.now) - len(test.fresh); whole.Known.Error != got {
				t.Errorf("%d known, want %d", whole.Known.Error, got)
			}
			if stale := show(m.Stale); !slices.Equal(stale, append([]string{}, test.stale...)) {
				t.Errorf("stale: %q, want %q", stale, test.stale)
			}
			if n := m.Prune().Len(); n != test.leftOver {
				t.Errorf("%d after pruning, want %d: %q", n, test.leftOver, show(m.Prune().Entries))
			}
			if n := b.Len(); n != len(test.base) {
				t.Errorf("pruning changed what was read: %d", n)
			}
		})
	}
}

// The same findings give the same bytes, and names do not depend on where the program ran.
func TestNamesAreRelativeToTheBaseline(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	name := filepath.Join(dir, "b.json")
	var texts []string
	for _, run := range []struct{ workDir, file string }{{dir, "sub/a.xml"}, {sub, "a.xml"}, {sub, "./a.xml"},
		{dir, filepath.ToSlash(sub) + "/a.xml"}} {
		b, err := baseline.Collect(name, run.workDir, found("R1 "+run.file+" a"))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := b.Write(&text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text.String())
	}
	if len(slices.Compact(texts)) != 1 || !strings.Contains(texts[0], `"sub/a.xml": [`) {
		t.Errorf("%s", strings.Join(texts, "\n"))
	}
}

// Windows PowerShell writes a mark, and Notepad the line ends of Windows.
func TestAMarkAndLineEndsOfWindowsAreRead(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "known.json")
	if err := os.WriteFile(name, []byte("\xef\xbb\xbf{\r\n\"version\": 1,\r\n\"findings\": []}\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := baseline.Read(name, dir)
	if err != nil || len(b.Entries) > 0 {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestReadRefuses(t *testing.T) {
	const hash = "00000000000000000000000000000000"
	entry := func(s string) string { return `{"version": 1, "findings": [` + s + `]}` }
	for text, want := range map[string]string{
		"":                  "unexpected end",
		"{\n\n<<<<<<< mine": "line 3",
		`{"version": 3}`:    "its version is 3",
		`{"version": 2}`:    "needs files",
		`{"version": 2, "files": {}, "findings": []}`:                                                  "files and no findings",
		`{"version": 1, "files": {}, "findings": []}`:                                                  "findings and no files",
		`{"version": 2, "files": {"a": [{"rule": "R1", "fingerprint": "x"}]}}`:                         "not a fingerprint",
		`{"version": 2, "files": {"a": [{"rule": "R1", "fingerprint": "` + hash + `", "count": -1}]}}`: "the count -1",
		`{}`:                            "its version is 0",
		`{"version": 1, "finding": []}`: "unknown field",
		entry(`{"rule": "R1", "fingerprint": "x", "files": {"a": 1}}`): "not a fingerprint",
		entry(`{"rule": "R1", "fingerprint": "` + strings.ToUpper("a"+hash[1:]) +
			`", "files": {"a": 1}}`): "not a fingerprint",
		entry(`{"rule": "R1", "fingerprint": "` + hash +
			`"}`): "needs a rule and files",
		entry(`{"fingerprint": "` + hash +
			`", "files": {"a": 1}}`): "needs a rule and files",
		entry(`{"rule": "R1", "fingerprint": "` + hash +
			`", "files": {"a": 0}}`): "the number 0",
		entry(`{"rule": "R1", "fingerprint": "` + hash +
			`", "files": {"a": -1}}`): "the number -1",
		entry(strings.Repeat(`{"rule": "R1", "fingerprint": "`+hash+`", "files": {"a": 1}},`, 1) + `{"rule": "R1", "fingerprint": "` + hash +
			`", "files": {"a": 1}}`): "is listed twice",
	} {
		name := filepath.Join(t.TempDir(), "b.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := baseline.Read(name, "/"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := baseline.Read("missing.json", "/"); err == nil || strings.Count(err.Error(), "missing.json") != 1 {
		t.Errorf("missing: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"version": 1, "findings": [{"rule": "R1", "key": "k", "fingerprint": "0123456789abcdef0123456789abcdef", "files": {"a": 1, "../b!c": 2}}]}`))
	f.Add([]byte(`{"version": 1}`))
	name := filepath.Join(f.TempDir(), "b.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := baseline.Read(name, "/")
		if err != nil {
			return
		}
		run := baseline.Run{Folders: []string{"."}, Ran: func(string) bool { return true }}
		m, err := baseline.NewSet(b).Match(run, found("R1 a 0"))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := m.Parts[0].Prune().Write(&text); err != nil {
			t.Fatal(err)
		}
	})
}
