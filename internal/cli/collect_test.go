package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"cupclint/collect"
	"cupclint/internal/lab"
	"cupclint/internal/lab/cluster"
)

// A collection is a lab and a command line for it.
type collection struct {
	t    *testing.T
	lab  *lab.Lab
	dir  string
	home string
}

func newCollection(t *testing.T, o lab.Options) *collection {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8 on loopback")
	}
	o.Loopback, o.Servers = true, true
	l, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &collection{t: t, lab: l, dir: t.TempDir(), home: t.TempDir()}
	if err := writeLabSettings(l, c.dir); err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs a command line and proves that no secret is shown.
func (c *collection) run(args ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	var out, errs bytes.Buffer
	env := &environment{loginCost: cheap, promptQuiet: time.Millisecond, stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
		workDir: c.dir,
		getenv: func(name string) string {
			return map[string]string{"XDG_STATE_HOME": c.home, "HOME": c.home}[name]
		}}
	code = execute(context.Background(), env, args)
	for _, s := range c.lab.Cluster.Secrets() {
		if strings.Contains(out.String()+errs.String(), s) {
			c.t.Errorf("%q shows the secret %s", args, s)
		}
	}
	return code, out.String(), errs.String()
}

// collect reads the lab's servers into the folder hq.
func (c *collection) collect(more ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	return c.run(append(append([]string{"collect"}, more...), labCollect(c.lab, c.dir)...)...)
}

func (c *collection) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// The lab's servers are read, and lint, audit and diagnose take the folder, as a folder and as an archive.
func TestCollectFromTheLab(t *testing.T) {
	c := newCollection(t, lab.Options{Fixed: true, Switches: []cluster.Switch{cluster.SPDefaultSecret}})
	code, out, errs := c.collect("--bundle", c.path("hq.tar.gz"))
	if code != exitClean {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	if !strings.Contains(out, "Next: cupclint audit") || !strings.Contains(out, "CVE-2013-7030") || !strings.Contains(errs,
		"axl.listProcessNode  ok") {
		t.Errorf("it says\n%s%s", out, errs)
	}
	for _, f := range c.lab.Cluster.Faults() {
		t.Error("never to be sent: ", f)
	}
	if open := c.lab.Cluster.Open(); len(open) > 0 {
		t.Errorf("open sessions: %q", open)
	}
	for name, s := range c.lab.SSH {
		if r := s.Record(); r.Open != 0 || len(r.Answers) > 0 || len(r.Passwords) != 1 {
			t.Errorf("%s: %d open, %d answers, %d passwords", name, r.Open, len(r.Answers), len(r.Passwords))
		}
	}
	c.noSecretIn(c.path("hq"))

	for _, args := range [][]string{{"lint", c.path("hq")}, {"lint", c.path("hq.tar.gz")}, {"lint", c.path("hq/exports")}, {"audit",
		"--offline", c.path("hq")},
		{"audit", "--plan", "--resolver", c.lab.Resolver.String(), c.path("hq")}, {"diagnose", "--symptom", "presence", c.path("hq")}} {
		code, out, errs := c.run(args...)
		if code == exitInput || code == exitUsage {
			t.Errorf("%q: exit code %d\n%s%s", args, code, out, errs)
		}
		if args[0] == "lint" && (!strings.Contains(out, "answers that no rule uses skipped") || strings.Contains(out, "of other tools")) &&
			!strings.HasSuffix(args[1], "exports") {
			t.Errorf("%q says\n%s", args, out)
		}
		if strings.Contains(errs, "manifest.json") || strings.Contains(errs, "log.jsonl") {
			t.Errorf("%q speaks of files about the run:\n%s", args, errs)
		}
	}
}

// noSecretIn looks for every secret in every file.
func (c *collection) noSecretIn(dir string) {
	c.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, s := range c.lab.Cluster.Secrets() {
			if bytes.Contains(text, []byte(s)) {
				c.t.Errorf("%s holds the secret %s", path, s)
			}
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// The archive has the manifest first, and everything that the folder has.
func TestBundle(t *testing.T) {
	c := newCollection(t, lab.Options{})
	if code, _, errs := c.collect("--interfaces", "uds,files,axl", "--bundle", c.path("b.tar.gz")); code != exitClean {
		t.Fatalf("exit code %d\n%s", code, errs)
	}
	in, err := os.Open(c.path("b.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
	if len(names) < 8 || names[0] != "hq/manifest.json" {
		t.Errorf("%q", names)
	}
}

// The plan contacts no server, and the manifest has its hash. A second run needs another folder; --resume continues the first.
func TestCollectPlanAndResume(t *testing.T) {
	c := newCollection(t, lab.Options{Switches: []cluster.Switch{cluster.UDSBusy}})
	code, out, errs := c.collect("--plan", "--format", "json")
	var plan struct {
		Hash     string
		Requests []collect.Row
	}
	if err := json.Unmarshal([]byte(out), &plan); err != nil || code != exitClean || len(plan.Requests) < 40 {
		t.Fatalf("exit code %d, %d requests, %v\n%s", code, len(plan.Requests), err, errs)
	}
	if n := len(c.lab.Cluster.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
	if code, out, errs = c.collect("--format", "json"); code != exitClean {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	var m collect.Manifest
	if err := json.Unmarshal([]byte(out), &m); err != nil || m.Plan != plan.Hash {
		t.Errorf("the manifest has the plan %s: %v", m.Plan, err)
	}
	if code, _, errs = c.collect(); code != exitInput || !strings.Contains(errs, "is not empty") {
		t.Errorf("a second run: exit code %d\n%s", code, errs)
	}
	sent := len(c.lab.Cluster.Requests())
	code, out, errs = c.run("collect", "--resume", c.path("hq"), "--resolver", c.lab.Resolver.String(), "--ca-file", c.path(labCA),
		"--credentials", c.path(labAdministration), "--known-hosts", c.path(labKnownHosts))
	if code != exitClean {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	for _, r := range c.lab.Cluster.Requests()[sent:] {
		if strings.HasPrefix(r.What, "list") {
			t.Errorf("%s was asked again", r.What)
		}
	}
}

// An error in the command line is reported, and no server is contacted.
func TestCollectUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		want string
	}{
		{"collect", "no address"},
		{"collect https://ucm1.example.com", "not a host name or an address"},
		{"collect ucm1.example.com=dns", "unknown role"},
		{"collect --interfaces ftp ucm1.example.com", "unknown interface"},
		{"collect --look-at a'b ucm1.example.com", "not a user ID"},
		{"collect --jabber-file ../x ucm1.example.com", "not the name of a file"},
		{"collect --pin abc ucm1.example.com", "SHA256:"},
		{"collect --host-key abc ucm1.example.com", "SHA256:"},
		{"collect --port 22 ucm1.example.com", "USUAL=OTHER"},
		{"collect --resume x ucm1.example.com", "takes no address"},
		{"collect --nodes some ucm1.example.com", "publishers, all or none"},
		{"collect --nodes all,imp1.example.com ucm1.example.com", "publishers, all or none"},
		{"collect --nodes imp1.example.com,,imp2.example.com ucm1.example.com", "publishers, all or none"},
		{"collect ucm1.example.com ucm1.example.com", "given twice"},
		{"collect --format xml ucm1.example.com", "unknown format"},
		{"collect --hide hosts ucm1.example.com", "unknown word"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		args := strings.Fields(c.args)
		if !strings.Contains(c.args, "--resume") {
			args = append(args, "--out", dir)
		}
		code, _, errs := cupclint(t, "", args...)
		if code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d\n%s", c.args, code, errs)
		}
	}
}

// On a terminal, certificates and host keys are asked for with their fingerprints. What is accepted is remembered, and anything but the
// whole word yes is a no.
func TestCollectAsksOnATerminal(t *testing.T) {
	c := newCollection(t, lab.Options{})
	ask := func(answers string, more ...string) (code int, stderr string) {
		var out, errs bytes.Buffer
		env := &environment{loginCost: cheap, promptQuiet: time.Millisecond, stdin: strings.NewReader(answers), stdout: &out, stderr: &errs,
			typed:       true,
			outTerminal: true, errTerminal: true, errWidth: 100, workDir: c.dir,
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": c.home, "HOME": c.home}[name] }}
		args := append([]string{"collect", "--resolver", c.lab.Resolver.String(), "--credentials", c.path(labAdministration), "--interfaces",
			"axl,cli",
			"--nodes", "none", "--out", filepath.Join(t.TempDir(), "hq")}, more...)
		for _, p := range c.lab.Ports() {
			args = append(args, "--port", p)
		}
		code = execute(context.Background(), env, append(args, "cucm1.acme.test"))
		for _, s := range c.lab.Cluster.Secrets() {
			if strings.Contains(out.String()+errs.String(), s) {
				t.Errorf("the secret %s is shown", s)
			}
		}
		return code, errs.String()
	}
	if code, errs := ask("y\nno\n"); code != exitInput || strings.Count(errs, "Type yes to continue") != 2 {
		t.Errorf("refused: exit code %d\n%s", code, errs)
	}
	for _, r := range c.lab.Cluster.Requests() {
		t.Errorf("%s was sent after a no", r.What)
	}
	if code, errs := ask("yes\nyes\n"); code != exitClean || strings.Count(errs, "SHA256:") != 2 {
		t.Errorf("accepted: exit code %d\n%s", code, errs)
	}
	if code, errs := ask(""); code != exitClean || strings.Contains(errs, "Type yes") {
		t.Errorf("remembered: exit code %d\n%s", code, errs)
	}
}
