package cli

import (
	"bytes"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// What is logged goes to standard error: standard output and the exit code are the same with --debug, and with --verbose except in text
// reports.
func TestTheLogChangesNoOutput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"e/a.properties": good, "e/notes.txt": "nothing\n", "pairs": "cup1\tacme.com\n"})
	for _, args := range [][]string{
		{"lint", "e"}, {"lint", "--format", "json", "e"}, {"lint", "--format", "sarif", "missing", "e"}, {"audit", "--plan", "e"},
		{"audit", "--offline", "--format", "json", "e"}, {"resolve", "cup1", "-d", "acme.com"}, {"rules", "presence"}, {"keys", "domain"},
		{"explain", "PRES001"}, {"redact", "e/a.properties"}, {"compare", "e", "e"}, {"config", "show", "--format", "json"},
		{"diagnose", "--symptom", "presence", "--format", "json", "e"}, {"diagnose", "--symptom", "presence", "e"}, {"releases", "15"},
		{"collect", "--plan", "ucm1.acme.com"}, {"version"}, {"completion", "bash"},
	} {
		want, stdout, stderr := cupclint(t, "", args...)
		for _, flag := range []string{"--debug", "--verbose"} {
			if flag == "--verbose" && args[0] != "redact" && !slices.Contains(args, "--format") {
				continue
			}
			code, out, errs := cupclint(t, "", append(slices.Clip(args), flag)...)
			if code != want || out != stdout && clock.ReplaceAllString(out, "") != clock.ReplaceAllString(stdout, "") {
				t.Errorf("%q with %s: exit code %d, without it %d; standard output\n%s\nwithout it\n%s", args, flag, code, want, out, stdout)
			}
			if !strings.Contains(errs, "] cupclint") || strings.Contains(stderr, "] cupclint") {
				t.Errorf("%q: standard error is with %s\n%s\nand without it\n%s", args, flag, errs, stderr)
			}
		}
	}
}

// clock matches what differs from run to run.
var clock = regexp.MustCompile(`"(generated|at|time|Took|took|version)": ?"?[^",]*"?|cupclint-demo\S*|/tmp/\S*`)

// The log says what was read, which configuration is used, which servers were asked, and why a log-in was made.
func TestTheLogSaysWhatHappens(t *testing.T) {
	const account, password = "CN=svc,OU=Svc,DC=corp,DC=example", "Zq7Secret9Kx"
	base := map[string][]string{"namingContexts": {"DC=corp,DC=example"}, "defaultNamingContext": {"DC=corp,DC=example"}}
	s := servertest.Play(t, &servertest.Script{LDAP: &servertest.LDAPScript{RootDSE: base}})
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{".cupclint.yaml": "fail-on: warning\n", "e/readme.txt": "a note\n",
		"e/a.properties": "Directory.Primary.Address = " + host + "\nDirectory.Primary.Port = " + port +
			"\nDirectory.SearchContext1 = OU=a,DC=corp,DC=example\nDirectory.DN = " + account + "\nDirectory.Password = " + password + "\n"})
	run := func(args ...string) string {
		var out, errs bytes.Buffer
		env := &environment{loginCost: cheap, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, workDir: dir,
			getenv: getenv("HOME="+dir, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "LOCALAPPDATA="+dir)}
		execute(t.Context(), env, args)
		if strings.Contains(errs.String(), password) || strings.Contains(out.String(), password) {
			t.Errorf("%q shows the password:\n%s%s", args, &errs, &out)
		}
		return errs.String()
	}
	for _, command := range [][]string{{"audit", "--only", "directory", "--skip", "dns"}, {"ldap"}} {
		verbose := run(append(command, "--lockout-threshold", "0", "--verbose", "e")...)
		for _, want := range []string{
			`configuration file file=\S*\.cupclint\.yaml`, `setting name=fail-on value=warning from=\S*\.cupclint\.yaml:1`,
			`read file=e/a.properties format=properties properties=5`, `skipped file=e/readme.txt`,
			`log-in granted account=`, `log-in ended account=.* how=accepted`, `probed .*target=` + regexp.QuoteMeta(s.Addr) + `.* auth=`,
		} {
			if !regexp.MustCompile(want).MatchString(strings.ReplaceAll(verbose, `\`, "/")) {
				t.Errorf("%s --verbose does not say %s:\n%s", command[0], want, verbose)
			}
		}
		if strings.Contains(verbose, "sent address") {
			t.Errorf("%s --verbose says what belongs to --debug:\n%s", command[0], verbose)
		}
		debug := run(append(command, "--lockout-threshold", "0", "--debug", "e")...)
		for _, want := range []string{`connected address=`, `sent address=\S+ bytes=\d+`, `received address=\S+ bytes=\d+`,
			`phase done .*phase=auth took=`,
			`step done step=`, `log-in granted`} {
			if !regexp.MustCompile(want).MatchString(debug) {
				t.Errorf("%s --debug does not say %s:\n%s", command[0], want, debug)
			}
		}
	}
}

// A name or an error may hold control characters and credentials: the log shows neither.
func TestTheLogIsClean(t *testing.T) {
	var errs bytes.Buffer
	env := &environment{stderr: &errs}
	root := newRootCmd(env, commands())
	cmd, _, err := root.Find([]string{"lint"})
	if err == nil {
		err = cmd.Flags().Set("debug", "true")
	}
	if err != nil {
		t.Fatal(err)
	}
	env.startLog(cmd)
	env.info("read", "file", "a\x1b[31m\nb", "from", "ldap://alice:Zq7Secret9Kx@dc1")
	if strings.Contains(errs.String(), "Secret9") || strings.Count(errs.String(), "\n") != 2 || strings.Contains(errs.String(), "\x1b") {
		t.Errorf("the log is %q", &errs)
	}
}
