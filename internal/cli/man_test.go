package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var update = flag.Bool("update", false, "write the manual pages again")

//go:generate go test -run TestManualPagesAreFresh -update .

// The manual pages are written from the commands themselves, here rather than by a command, so that the program does not carry the
// writer along.
func TestManualPagesAreFresh(t *testing.T) {
	pages := map[string][]byte{}
	root := newRootCmd(&environment{getenv: func(string) string { return "" }}, commands())
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd("")
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "help" {
			return
		}
		cmd.DisableAutoGenTag = true
		var page bytes.Buffer
		// A page without a date says nothing that a clock decides.
		header := &doc.GenManHeader{Section: "1", Source: "cupclint", Manual: "cupclint", Date: new(time.Time)}
		if err := doc.GenMan(cmd, header, &page); err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		pages[name] = bytes.ReplaceAll(page.Bytes(), []byte(` "Jan 0001"`), []byte(` ""`))
		for _, c := range cmd.Commands() {
			add(c)
		}
	}
	add(root)
	dir := filepath.FromSlash("../../docs/man")
	old, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		if _, ok := pages[filepath.Base(name)]; !ok {
			t.Errorf("%s is the page of no command", name)
			if *update {
				_ = os.Remove(name)
			}
		}
	}
	for name, page := range pages {
		path := filepath.Join(dir, name)
		if *update {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, page, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, page) {
			t.Errorf("%s is not what the command says; run go generate ./internal/cli (%v)", path, err)
		}
	}
}
