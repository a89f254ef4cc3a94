package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/servertest"
	"cupclint/internal/testrace"
)

// A realityCase is fixtures/reality/AREA/CASE/expect.yaml: command lines over the files next to it, and what a senior engineer expects of
// each. fixtures/reality/README.md explains the fields.
type realityCase struct {
	Right  string
	Source string
	// Server, where set, answers in all steps.
	Server *servertest.Script
	// Fresh: each step has a home of its own, so that no refused password is remembered.
	Fresh bool
	Steps []realityStep
}

type realityStep struct {
	Is    string // what the step is about, where a case has many
	Run   []string
	Stdin string            // a file of the case
	Env   map[string]string // in addition to HOME and the state folder
	// Server answers in this step; Servers has further ones by name. {server} in Run and Stdin is its address, {host} and {port} are the
	// parts of it, {ca} is its authority's file; {NAME} and {NAME.ca} are those of another.
	Server  *servertest.Script
	Servers map[string]*servertest.Script
	// Text is written to a file of that name first.
	Text map[string]string
	// Asked are regular expressions over the lines of what the servers were asked, with how often; -1 for at least once.
	Asked map[string]int
	Exit  []int
	// Must and MustNot are regular expressions over standard output, then standard error.
	Must    []string
	MustNot []string `yaml:"mustNot"`

	// The rest reads standard output as JSON.
	Found   []realityFinding
	None    []realityFinding
	Healthy bool // neither an error nor a warning
	Empty   bool // no finding at all
	// Only lists the rules of the errors and warnings, when not nil.
	Only []string
	// Unread: "no" when every input must be read, else a regular expression for one message of an input that was not.
	Unread     string
	Properties int // at least
	// Ignored names a file of which something must be reported as ignored.
	Ignored   string
	Causes    []string // the first causes, in their order
	Among     []string // causes that must be among the first three
	NotAmong  []string `yaml:"notAmong"`
	Question  string
	NotAsked  []string `yaml:"notAsked"`
	Unused    []int    // lines of the paste that must be listed as unused
	NotUnused []int    `yaml:"notUnused"`
}

// A realityFinding describes findings: every field that is set has to fit.
type realityFinding struct {
	Rule, Key, File, Severity string
	Line                      int
	Says                      string // a regular expression over the finding's JSON
	Count                     int    // exactly so many; 0 means at least one
}

type realityOutput struct {
	Findings []json.RawMessage
	Errors   []struct{ Message string }
	Summary  struct{ Properties int }
	Inputs   []struct {
		File    string
		Ignored *struct{ Count int }
	}
	Causes   []struct{ ID string }
	Question *struct{ ID string }
	Unused   []struct{ Line int }
}

func TestReality(t *testing.T) {
	testrace.Slow(t, "runs hundreds of command lines, one after the other")
	const root = "../../fixtures/reality"
	var cases []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "expect.yaml" {
			cases = append(cases, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no case was found")
	}
	for i, path := range cases {
		if testing.Short() && i%8 != 0 {
			continue
		}
		name, _ := filepath.Rel(root, filepath.Dir(path))
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var c realityCase
			d := yaml.NewDecoder(bytes.NewReader(text))
			d.KnownFields(true)
			if err := d.Decode(&c); err != nil {
				t.Fatal(err)
			}
			if c.Right == "" || c.Source == "" || len(c.Steps) == 0 {
				t.Fatal("a case has the right answer, its source and steps")
			}
			t.Chdir(filepath.Dir(path))
			home := t.TempDir()
			servers := realityServers{}
			if c.Server != nil {
				servers.start(t, "server", c.Server)
			}
			for i := range c.Steps {
				t.Run(c.Steps[i].name(i), func(t *testing.T) {
					at := home
					if c.Fresh {
						at = t.TempDir()
					}
					c.Steps[i].check(t, at, c.Right, servers)
				})
			}
		})
	}
}

// realityServers are the scripted servers of a case, by name.
type realityServers map[string]*servertest.Scripted

func (r realityServers) start(t *testing.T, name string, script *servertest.Script) {
	t.Helper()
	r[name] = servertest.Play(t, script)
}

// fill puts addresses and files in the place of names in braces.
func (r realityServers) fill(text string) string {
	for name, s := range r {
		host, port, _ := net.SplitHostPort(s.Addr)
		text = strings.NewReplacer("{"+name+"}", s.Addr, "{"+name+".ca}", s.CAFile, "{"+name+".port}", port).Replace(text)
		if name == "server" {
			text = strings.NewReplacer("{host}", host, "{port}", port, "{ca}", s.CAFile).Replace(text)
		}
	}
	return text
}

// name is the number of the step, with what it says of itself.
func (s *realityStep) name(i int) string {
	if s.Is == "" {
		return fmt.Sprint(i + 1)
	}
	return s.Is
}

func (s *realityStep) check(t *testing.T, home, right string, all realityServers) {
	servers := maps.Clone(all)
	if s.Server != nil {
		servers.start(t, "server", s.Server)
	}
	for name, script := range s.Servers {
		servers.start(t, name, script)
	}
	var stdin, stdout, stderr bytes.Buffer
	if s.Stdin != "" {
		text, err := os.ReadFile(s.Stdin)
		if err != nil {
			t.Fatal(err)
		}
		stdin.WriteString(servers.fill(string(text)))
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Text) > 0 {
		dir = t.TempDir()
		for name, text := range s.Text {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(servers.fill(text)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Chdir(dir)
	}
	args := make([]string, len(s.Run))
	for i, a := range s.Run {
		args[i] = servers.fill(a)
	}
	if dir, _ := os.Getwd(); len(s.MustNot) > 0 && strings.Contains(filepath.ToSlash(dir), "/promises/") { // the log holds no secret, either
		args = append(args, "--debug")
	}
	settings := map[string]string{"HOME": home, "XDG_STATE_HOME": home + "/state", "NO_COLOR": "1", "TERM": "dumb"}
	for k, v := range s.Env {
		settings[k] = v
	}
	env := &environment{loginCost: cheap, stdin: &stdin, stdout: &stdout, stderr: &stderr,
		getenv: func(k string) string { return settings[k] }, workDir: dir}
	code := execute(context.Background(), env, args)
	said := stdout.String() + "\n" + stderr.String()
	defer func() {
		if t.Failed() {
			t.Logf("right: %s\n$ cupclint %s\n%.4000s", right, strings.Join(args, " "), said)
		}
	}()
	if len(s.Exit) > 0 && !slices.Contains(s.Exit, code) {
		t.Errorf("exit code %d, want %v", code, s.Exit)
	}
	for _, e := range s.Must {
		if !regexp.MustCompile("(?is)" + e).MatchString(said) {
			t.Errorf("missing: %s", e)
		}
	}
	for _, e := range s.MustNot {
		if regexp.MustCompile("(?is)" + e).MatchString(said) {
			t.Errorf("wrong: %s", e)
		}
	}
	var asked strings.Builder
	for _, server := range servers {
		asked.WriteString(server.Asked() + "\n")
	}
	for e, want := range s.Asked {
		if n := len(regexp.MustCompile("(?im)"+e).FindAllString(asked.String(), -1)); n != want && (want >= 0 || n == 0) {
			t.Errorf("asked %d times, want %d: %s in\n%s", n, want, e, asked.String())
		}
	}
	if !s.readsJSON() && len(s.Exit)+len(s.Must)+len(s.MustNot)+len(s.Asked) == 0 {
		t.Error("the step expects nothing")
	}
	if s.readsJSON() {
		var out realityOutput
		if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
			t.Fatalf("standard output is not JSON: %v", err)
		}
		s.judge(t, &out)
	}
}

func (s *realityStep) readsJSON() bool {
	return len(s.Found)+len(s.None)+len(s.Causes)+len(s.Among)+len(s.NotAmong)+len(s.NotAsked)+len(s.Unused)+len(s.NotUnused)+
		s.Properties > 0 ||
		s.Healthy || s.Empty || s.Only != nil || s.Unread != "" || s.Ignored != "" || s.Question != ""
}

func (s *realityStep) judge(t *testing.T, out *realityOutput) {
	for _, want := range s.Found {
		if n := want.count(t, out.Findings); n == 0 || want.Count > 0 && n != want.Count {
			t.Errorf("%d findings fit %+v", n, want)
		}
	}
	for _, want := range s.None {
		if n := want.count(t, out.Findings); n > 0 {
			t.Errorf("%d findings fit %+v, want none", n, want)
		}
	}
	rules := make(map[string]bool)
	for _, f := range out.Findings {
		var finding struct{ Rule, Severity string }
		if err := json.Unmarshal(f, &finding); err != nil {
			t.Fatal(err)
		}
		if finding.Severity != "info" {
			rules[finding.Rule] = true
		}
	}
	if s.Empty && len(out.Findings) > 0 {
		t.Errorf("%d findings, want none", len(out.Findings))
	}
	if s.Healthy && len(rules) > 0 {
		t.Errorf("errors or warnings by %v, want none", rules)
	}
	if s.Only != nil {
		for _, id := range s.Only {
			if !rules[id] {
				t.Errorf("no error or warning by %s", id)
			}
			delete(rules, id)
		}
		if len(rules) > 0 {
			t.Errorf("also errors or warnings by %v", rules)
		}
	}
	var messages []string
	for _, e := range out.Errors {
		messages = append(messages, e.Message)
	}
	switch {
	case s.Unread == "no" && len(messages) > 0:
		t.Errorf("not read: %q", messages)
	case s.Unread != "" && s.Unread != "no":
		e := regexp.MustCompile("(?is)" + s.Unread)
		if !slices.ContainsFunc(messages, e.MatchString) {
			t.Errorf("no error fits %s: %q", e, messages)
		}
	}
	if out.Summary.Properties < s.Properties {
		t.Errorf("%d properties, want at least %d", out.Summary.Properties, s.Properties)
	}
	if s.Ignored != "" {
		found := false
		for _, in := range out.Inputs {
			found = found || strings.HasSuffix(in.File, s.Ignored) && in.Ignored != nil && in.Ignored.Count > 0
		}
		if !found {
			t.Errorf("nothing of %s is reported as ignored", s.Ignored)
		}
	}
	s.judgeCauses(t, out)
}

func (s *realityStep) judgeCauses(t *testing.T, out *realityOutput) {
	var causes []string
	for _, c := range out.Causes {
		causes = append(causes, c.ID)
	}
	if len(s.Causes) > 0 && !slices.Equal(causes[:min(len(causes), len(s.Causes))], s.Causes) {
		t.Errorf("causes %v, want %v first", causes, s.Causes)
	}
	three := causes[:min(len(causes), 3)]
	for _, id := range s.Among {
		if !slices.Contains(three, id) {
			t.Errorf("causes %v, want %s among the first three", causes, id)
		}
	}
	for _, id := range s.NotAmong {
		if slices.Contains(three, id) {
			t.Errorf("causes %v, want %s not among the first three", causes, id)
		}
	}
	asked := ""
	if out.Question != nil {
		asked = out.Question.ID
	}
	if s.Question != "" && asked != s.Question || slices.Contains(s.NotAsked, asked) {
		t.Errorf("it asks %q", asked)
	}
	lines := make(map[int]bool)
	for _, u := range out.Unused {
		lines[u.Line] = true
	}
	for _, n := range s.Unused {
		if !lines[n] {
			t.Errorf("line %d is not listed as unused: %v", n, out.Unused)
		}
	}
	for _, n := range s.NotUnused {
		if lines[n] {
			t.Errorf("line %d is listed as unused", n)
		}
	}
}

// count counts the findings that fit.
func (w *realityFinding) count(t *testing.T, findings []json.RawMessage) int {
	n := 0
	for _, text := range findings {
		var f struct {
			Rule, Key, File, Severity string
			Line                      int
		}
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		if (w.Rule == "" || f.Rule == w.Rule) && (w.Severity == "" || f.Severity == w.Severity) && (w.Line == 0 || f.Line == w.Line) &&
			(w.Key == "" || strings.EqualFold(f.Key, w.Key)) && strings.HasSuffix(f.File, w.File) &&
			(w.Says == "" || regexp.MustCompile("(?is)"+w.Says).Match(text)) {
			n++
		}
	}
	return n
}
