//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/collect"
	"cupclint/internal/lab"
	"cupclint/internal/lab/cluster"
)

// A signal in the middle of a run with --hide leaves a folder with pseudonyms and its map, no real name and no secret anywhere, and no
// session on a server.
func TestAnInterruptedRunIsHidden(t *testing.T) {
	c := newCollection(t, lab.Options{Switches: []cluster.Switch{cluster.AXLSilent, cluster.SPDefaultSecret}})
	args := append([]string{"collect", "--hide", "addresses,names", "--bundle", c.path("b.tar.gz")}, labCollect(c.lab, c.dir)...)
	cmd := exec.CommandContext(t.Context(), thisProgram(t), args...)
	cmd.Env = []string{runAsProgram + "=1", "HOME=" + c.home, "XDG_STATE_HOME=" + c.home}
	var stdout, out bytes.Buffer
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sent := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		out.WriteString(lines.Text() + "\n")
		if !sent && strings.Contains(lines.Text(), "axl.getLdapAuthentication") { // the request after it is not answered
			sent = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	out.Write(stdout.Bytes())
	if cmd.ProcessState.ExitCode() != exitInput || !sent {
		t.Fatalf("%v, interrupted: %v\n%s", err, sent, out.String())
	}
	if !strings.Contains(out.String(), "interrupted: the folder has what was read by then, with pseudonyms") {
		t.Errorf("it says\n%s", out.String())
	}
	text, err := os.ReadFile(c.path("hq/manifest.json"))
	var m collect.Manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil || !m.Interrupted || m.Complete || len(m.Hidden) != 2 {
		t.Errorf("the manifest: %v, interrupted %v, complete %v, hidden %q", err, m.Interrupted, m.Complete, m.Hidden)
	}
	if _, err := os.Stat(c.path("hq.map.tsv")); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is left next to the folder", e.Name())
		}
	}
	if open := c.lab.Cluster.Open(); len(open) > 0 {
		t.Errorf("open sessions: %q", open)
	}
	for _, s := range c.lab.Cluster.Secrets() {
		if strings.Contains(out.String(), s) {
			t.Errorf("the secret %s is shown", s)
		}
	}
	c.noSecretIn(c.path("hq"))
	err = filepath.WalkDir(c.path("hq"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		for _, real := range []string{"acme", "cucm1", "svc-cupclint", "bob"} {
			if rel, _ := filepath.Rel(c.dir, name); strings.Contains(strings.ToLower(rel+string(text)), real) {
				t.Errorf("%s holds %s", rel, real)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
