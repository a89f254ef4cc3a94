package servertest

import (
	"embed"
	"os"
	"path/filepath"
	"testing"
	"text/template"
)

//go:embed templates
var templates embed.FS

// writeTemplate fills templates/NAME with data and writes it to path, making its folder.
func writeTemplate(t testing.TB, path, name string, data any) {
	t.Helper()
	parsed, err := template.New(name).Option("missingkey=error").ParseFS(templates, "templates/"+name)
	if err != nil {
		t.Fatal(err)
	}
	makeDir(t, filepath.Dir(path))
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Execute(file, data); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// writeFile writes a file that every user can read, making its folder.
func writeFile(t testing.TB, path, text string) {
	t.Helper()
	makeDir(t, filepath.Dir(path))
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func makeDir(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
