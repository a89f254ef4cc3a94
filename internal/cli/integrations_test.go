package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a file of the repository.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// A repository as it is linted in practice: exports together with files of other tools.
func repository(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "exports"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"exports/hq.properties":       "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n",
		"exports/package.json":        `{"name": "web"}` + "\n",
		"exports/docker-compose.yaml": "services:\n  web:\n    environment:\n      PASSWORD: Marker.Secret.1\n",
		"exports/.gitkeep":            "",
		"exports/logo.png":            "\x89PNG\r\n\x1a\n\x00\x00",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// pre-commit gives a hook every changed file that its pattern matches.
func TestPreCommitHooks(t *testing.T) {
	var hooks []struct{ ID, Entry, Language, Files string }
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	page, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, hook := range hooks {
		t.Run(hook.ID, func(t *testing.T) {
			if !strings.Contains(string(page), hook.ID) || hook.Language != "golang" {
				t.Errorf("docs/ci.md does not name the hook, or its language is %q", hook.Language)
			}
			repository(t)
			files, err := filepath.Glob("exports/*")
			if err != nil {
				t.Fatal(err)
			}
			matches := regexp.MustCompile(hook.Files)
			for _, name := range files {
				if !matches.MatchString(filepath.ToSlash(name)) || matches.MatchString("src/config.yaml") {
					t.Errorf("files: %s", hook.Files)
				}
			}
			args := append(strings.Fields(hook.Entry)[1:], files...)
			code, stdout, stderr := cupclint(t, "", args...)
			if code != exitClean || !strings.Contains(stdout+stderr, "4 files of other tools ") {
				t.Errorf("exit code %d:\n%s%s", code, stdout, stderr)
			}
			compose, err := os.ReadFile("exports/docker-compose.yaml")
			if err != nil || !strings.Contains(string(compose), "Marker.Secret.1") {
				t.Errorf("a file of another tool is changed: %s (%v)", compose, err)
			}
		})
	}
}

func TestGitLabTemplate(t *testing.T) {
	var template struct {
		Cupclint struct {
			Script    []string
			Artifacts struct{ Reports map[string]string }
		}
	}
	readYAML(t, "docs/ci/gitlab.yml", &template)
	repository(t)
	reports := template.Cupclint.Artifacts.Reports
	if len(template.Cupclint.Script) != 1 || len(reports) != 2 {
		t.Fatalf("%+v", template)
	}
	line := strings.ReplaceAll(template.Cupclint.Script[0], "$CUPCLINT_PATHS", "exports/")
	if code, stdout, stderr := cupclint(t, "", strings.Fields(line)[1:]...); code != exitClean {
		t.Errorf("exit code %d:\n%s%s", code, stdout, stderr)
	}
	for kind, name := range reports {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 {
			t.Errorf("the report %s is not written: %v", kind, err)
		}
	}
}

// workflow is what a test needs of a workflow of GitHub.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Steps       []struct {
			Uses string
			With map[string]string
		}
	}
}

func TestGitHubWorkflow(t *testing.T) {
	text, err := os.ReadFile("../../docs/ci/github.yml")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```yaml\n"+string(text)+"```\n") {
		t.Error("docs/ci.md does not show docs/ci/github.yml as it is")
	}
	var w workflow
	readYAML(t, "docs/ci/github.yml", &w)
	var action struct{ Inputs map[string]any }
	readYAML(t, "action.yml", &action)
	job := w.Jobs["cupclint"]
	for name, want := range map[string]string{"contents": "read", "security-events": "write", "actions": "read"} {
		if job.Permissions[name] != want {
			t.Errorf("permission %s: %q, want %q", name, job.Permissions[name], want)
		}
	}
	if len(job.Permissions) != 3 || len(w.Permissions) != 0 || len(job.Steps) != 3 {
		t.Errorf("%+v", w)
	}
	for _, step := range job.Steps {
		if !strings.HasPrefix(step.Uses, "voice/cupclint@") {
			continue
		}
		for name := range step.With {
			if action.Inputs[name] == nil {
				t.Errorf("action.yml has no input %s", name)
			}
		}
	}
}

// The action runs a script, here with a program that says what it was given.
func TestScriptOfTheAction(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nfor a; do echo \"<$a>\"; done\nexit 7\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "../../scripts/action.sh", program)
	cmd.Env = append(os.Environ(), "PATHS=exports/\n-odd name\n", "FAIL_ON=warning", "ARGS=--jobs\n2\n", "SARIF=out.sarif",
		"GITHUB_STEP_SUMMARY=sum.md")
	out, err := cmd.Output()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 7 {
		t.Fatal(err)
	}
	const want = "<lint> <--format> <github> <--format> <markdown=sum.md> <--format> <sarif=out.sarif> <--fail-on> <warning> " +
		"<--jobs> <2> <--> <exports/> <-odd name>"
	if got := strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
