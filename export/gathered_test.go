package export_test

import (
	"archive/tar"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
)

// In a folder of cupclint collect an answer that no one understands is skipped, and one that is damaged is said. So it is in an
// archive.
func TestDamageInACollectedFolderIsSaid(t *testing.T) {
	files := map[string]string{
		"manifest.json":                 "{\n  \"schema\": \"cupclint-collect/1\",\n  \"steps\": []\n}\n",
		"log.jsonl":                     "{}\n",
		"exports/soap/anna@imp1.xml":    `<r xmlns="urn:cisco:epas:soap"><property name="Presence.Domain">acme.com</property></r>`,
		"exports/soap/ben@imp1.xml":     `<r xmlns="urn:cisco:epas:soap"><property name="Presence.Domain">acme.c`,
		"exports/axl/listSomething.xml": `<r><row><a>1</a></row></r>`,
		"evidence/cli/other.txt":        "admin:show something\nnothing that is known\n",
		"evidence/tls/a-8443.pem":       "-----BEGIN CERTIFICATE-----\n",
	}
	dir := t.TempDir()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	names := []string{"manifest.json"} // first, as collect --bundle writes it
	for name := range files {
		if name != names[0] {
			names = append(names, name)
		}
	}
	for _, name := range names {
		path := filepath.Join(dir, "hq", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := w.WriteHeader(&tar.Header{Name: "hq/" + name, Mode: 0o600, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(dir, "hq.tar")
	if err := os.WriteFile(bundle, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{filepath.Join(dir, "hq"), bundle} {
		sources, errs := export.Find([]string{input})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		var read, damaged, passed []string
		reader := &export.Reader{Passed: func(p *export.Passed) {
			if !p.Gathered {
				t.Errorf("%s is treated as a file of another tool", p.File)
			}
			passed = append(passed, filepath.Base(p.File))
		}}
		for _, source := range sources {
			for e, err := range reader.Read(context.Background(), source) {
				if err != nil {
					damaged = append(damaged, err.Error())
				} else {
					read = append(read, filepath.Base(e.File))
				}
			}
		}
		if !slices.Equal(read, []string{"anna@imp1.xml"}) {
			t.Errorf("%s: read %v", filepath.Base(input), read)
		}
		slices.Sort(passed)
		if !slices.Equal(passed, []string{"a-8443.pem", "listSomething.xml", "other.txt"}) {
			t.Errorf("%s: skipped %v", filepath.Base(input), passed)
		}
		if len(damaged) != 1 || !strings.Contains(damaged[0], "ben@imp1.xml:1:") {
			t.Errorf("%s: damaged %v", filepath.Base(input), damaged)
		}
	}
}
