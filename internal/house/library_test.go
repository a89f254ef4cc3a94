package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLibrary builds the program of docs/library.md as a module of its own that requires cupclint, and runs it.
func TestLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program: left out with -short")
	}
	page, err := os.ReadFile(root + "/docs/library.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(page), "```go\npackage main")
	program, _, ok := strings.Cut(program, "```")
	if !ok {
		t.Fatal("docs/library.md has no program")
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(root + "/go.sum")
	if err != nil {
		t.Fatal(err)
	}
	// What cupclint requires, the other module requires too: it may not download anything here.
	_, requirements, _ := strings.Cut(string(module), "\nrequire (")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.go": "package main" + program,
		"go.mod": "module example.test/other\n\ngo 1.26.0\n\nrequire cupclint v0.0.0\n\nreplace cupclint => " + checkout + "\n\nrequire (" +
			strings.ReplaceAll(requirements, "\ntool (", "\n// tool ("),
		"go.sum":       string(sums),
		"a.properties": "Presence.Primary.Address = cups.acme.test\nPresence.Domain = ACME.TEST\n",
	} {
		if name == "go.mod" {
			text, _, _ = strings.Cut(text, "\n// tool (")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), "go", "run", "-mod=mod", ".", "a.properties")
	run.Dir, run.Env = dir, append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "a.properties:2:19: error PRES002") {
		t.Errorf("the program says:\n%s", out)
	}
}
