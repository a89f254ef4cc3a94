package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cupclint/internal/safefile"
)

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"right.properties": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n",
		"wrong.properties": good,
		"info.properties":  "Presence.Primary.Address = 10.1.1.1\nPresence.Domain = acme.com\n",
		"bad.xml":          "<r>",
		"bad.yaml":         "fail-onn: error\n",
	})
	t.Chdir(dir)
	for line, want := range map[string]int{
		"":                              exitClean,
		"--help":                        exitClean,
		"--version":                     exitClean,
		"version":                       exitClean,
		"completion bash":               exitClean,
		"lint right.properties":         exitClean,
		"lint info.properties":          exitClean,
		"resolve cups.acme.com -d ACME": exitFindings,
		"resolve cup1 -d acme.com":      exitClean,
		"rules":                         exitClean,
		"keys":                          exitClean,
		"init -o -":                     exitClean,
		"init -o right.properties":      exitUsage,
		"init -o missing/servers.yaml":  exitInput,
		"releases 14SU4a 15":            exitClean,
		"releases":                      exitUsage,
		"releases 14SU4a fifteen":       exitUsage,
		"releases 15 --format yaml":     exitUsage,
		"explain CRED005":               exitClean,
		"redact wrong.properties":       exitClean,
		"route sip:a@acme.com --config wrong.properties":  exitClean,
		"lint --fail-on never wrong.properties":           exitClean,
		"lint wrong.properties":                           exitFindings,
		"lint --fail-on info info.properties":             exitFindings,
		"lint":                                            exitUsage,
		"lnt":                                             exitUsage,
		"lint --nonsense right.properties":                exitUsage,
		"lint --format nonsense right.properties":         exitUsage,
		"lint --config bad.yaml right.properties":         exitUsage,
		"lint --config missing.yaml right.properties":     exitUsage,
		"lint --only NOPE001 right.properties":            exitUsage,
		"lint --shard 0/2 right.properties":               exitUsage,
		"lint --shard 3/2 right.properties":               exitUsage,
		"lint --shard 1/2 --format text right.properties": exitUsage,
		"lint --shard 1/2 --fix right.properties":         exitUsage,
		"lint --shard 1/2 -":                              exitUsage,
		"lint --quiet --shard 1/1 right.properties":       exitClean,
		"merge":                  exitUsage,
		"merge missing.json":     exitInput,
		"merge right.properties": exitInput,
		"merge --output right.properties right.properties":                exitUsage,
		"lint --jobs -1 right.properties":                                 exitUsage,
		"lint --output missing/report right.properties":                   exitUsage,
		"lint --output wrong.properties wrong.properties":                 exitUsage,
		"lint --format text,json right.properties":                        exitUsage,
		"lint --input-format csv right.properties":                        exitUsage,
		"serve --listen 9719":                                             exitUsage,
		"serve --listen 0.0.0.0:0":                                        exitUsage,
		"serve --tls-cert bad.xml":                                        exitUsage,
		"serve --max-upload 0":                                            exitUsage,
		"serve --allow-probes bad.yaml":                                   exitUsage,
		"serve --allow-probes missing.yaml":                               exitInput,
		"serve extra":                                                     exitUsage,
		"serve --listen 127.0.0.1:0 --password-file missing":              exitInput,
		"serve --listen 127.0.0.1:0 --password-file bad.xml":              exitInput,
		"serve --listen 127.0.0.1:0 --tls-cert bad.xml --tls-key bad.xml": exitInput,
		"resolve":                              exitUsage,
		"resolve cup1":                         exitUsage,
		"resolve - --domain acme.com":          exitUsage,
		"route 6002 --config wrong.properties": exitUsage,
		"route sip:a@b":                        exitUsage,
		"explain NOPE001":                      exitUsage,
		"rules --format xml":                   exitUsage,
		"keys nothinglikeit":                   exitUsage,
		"redact":                               exitUsage,
		"redact --output wrong.properties wrong.properties": exitUsage,
		"redact wrong.properties right.properties":          exitUsage,
		"version extra":                                                  exitUsage,
		"lint bad.xml wrong.properties":                                  exitInput, // wins over findings
		"lint missing.properties":                                        exitInput,
		"lint --fail-on never bad.xml":                                   exitInput,
		"lint --input-format json right.properties":                      exitInput,
		"redact bad.xml":                                                 exitInput,
		"redact missing.properties":                                      exitInput,
		"route sip:a@b --config missing.properties":                      exitInput,
		"route sip:a@b --config bad.xml":                                 exitInput,
		"redact --output . missing.properties --input-format properties": exitInput,
	} {
		t.Run(line, func(t *testing.T) {
			code, _, stderr := cupclint(t, "", strings.Fields(line)...)
			if code != want {
				t.Errorf("exit code %d, want %d\n%s", code, want, stderr)
			}
			if (code >= exitUsage) != (stderr != "") && !strings.HasPrefix(line, "redact ") {
				t.Errorf("exit code %d, standard error %q", code, stderr)
			}
		})
	}
}

// fullDisk is an output that takes nothing.
type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: d.err}
}

// An output that cannot be written is not wrong usage, and a reader that stops early is not a failure.
func TestOutputsThatFail(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"a.properties": good})
	a := filepath.Join(dir, "a.properties")
	for _, args := range [][]string{
		{"lint", a}, {"lint", "--format", "json", a}, {"resolve", "cup1", "-d", "acme.com"}, {"resolve", "-", "--format", "jsonl"},
		{"route", "sip:a@b", "--config", a}, {"rules"}, {"keys"}, {"init", "-o", "-"}, {"releases", "15"}, {"explain", "CRED005"},
		{"redact", a}, {"version"},
		{"ldap", "rotate-plan", "--server", "gc1.north.test:389", "--bind-dn", "imsvc@north.test", "--clients", "3",
			"--retry-interval", "5m",
			"--lockout-threshold", "5"},
		{"ldap", "rotate-plan", "--server", "gc1.north.test:389", "--bind-dn", "imsvc@north.test", "--format", "json"},
		{"audit", "--plan", "--resolver", "127.0.0.1", a},
		{"diagnose", "--symptom", "log-in", "--format", "json"},
	} {
		for cause, want := range map[error]int{syscall.ENOSPC: exitInput, syscall.EPIPE: exitClean} {
			var stderr bytes.Buffer
			env := &environment{
				loginCost: cheap, stdin: strings.NewReader("cup1\tacme.com\n"), stdout: fullDisk{cause}, stderr: &stderr,
				getenv: func(string) string { return "" }, workDir: dir,
			}
			if cause == syscall.EPIPE && args[0] == "lint" {
				want = exitFindings
			}
			if code := execute(context.Background(), env, args); code != want {
				t.Errorf("%s, %v: exit code %d, want %d\n%s", args[0], cause, code, want, &stderr)
			}
		}
	}
}

// A program that asks one question and waits for the answer gets it.
func TestResolveAnswersBeforeItWaits(t *testing.T) {
	questions, ask := io.Pipe()
	answers, answer := io.Pipe()
	env := &environment{loginCost: cheap, stdin: questions, stdout: answer, stderr: io.Discard, getenv: func(string) string { return "" }}
	done := make(chan int)
	go func() { done <- execute(context.Background(), env, []string{"resolve", "-", "--format", "jsonl"}) }()
	buffer := make([]byte, 4096)
	for _, node := range []string{"cup1", "cup2"} {
		if _, err := io.WriteString(ask, node+"\tacme.com\n"); err != nil {
			t.Fatal(err)
		}
		n, err := answers.Read(buffer)
		if err != nil || !strings.Contains(string(buffer[:n]), `"address":"`+node+`.acme.com"`) {
			t.Fatalf("the answer is %q, %v", buffer[:n], err)
		}
	}
	ask.Close()
	if code := <-done; code != exitClean {
		t.Errorf("exit code %d", code)
	}
}

func TestResolveGoesOnBehindALineThatIsTooLong(t *testing.T) {
	code, stdout, stderr := cupclint(t, strings.Repeat("x", 3*maxLine)+"\ty\ncup1\tacme.com", "resolve", "-", "--format", "jsonl")
	if code != exitInput || !strings.HasPrefix(stderr, "cupclint: standard input:1: a line has at most") || strings.Count(stderr,
		"\n") != 1 {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if strings.Count(stdout, "\n") != 1 || !strings.Contains(stdout, "cup1.acme.com") {
		t.Errorf("standard output is %q", stdout)
	}
}

func TestWriteFileKeepsTheOldFileWhenItFails(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report")
	writeFiles(t, dir, map[string]string{"report": "old"})
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed half way")
	err := safefile.Write(name, 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, failed)
	})
	if data, readErr := os.ReadFile(name); !errors.Is(err, failed) || readErr != nil || string(data) != "old" {
		t.Errorf("%v; the file holds %q, %v", err, data, readErr)
	}
	if err := safefile.Write(name, 0o644, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want that of the old file", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("something is left over: %v, %v", entries, err)
	}
}
