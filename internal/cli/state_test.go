package cli

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// If attempts cannot be recorded, no log-in is made: two runs that do not know of each other could lock an account. Everything else is
// probed, it is reported once, and the findings decide on the exit code.
func TestWithoutAStateFolderNoLogInIsMade(t *testing.T) {
	const account = "CN=svc,OU=Svc,DC=corp,DC=example"
	base := map[string][]string{"namingContexts": {"DC=corp,DC=example"}, "defaultNamingContext": {"DC=corp,DC=example"}}
	for _, c := range []struct {
		name  string
		state func(t *testing.T, dir string) map[string]string
		logs  bool // in
	}{
		{"no HOME", func(*testing.T, string) map[string]string { return nil }, false},
		{"a relative HOME", func(*testing.T, string) map[string]string { return map[string]string{"HOME": "home"} }, false},
		{"a file is in the way", func(t *testing.T, dir string) map[string]string {
			writeFiles(t, dir, map[string]string{"file": ""})
			return map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "file")}
		}, false},
		{"a file has the name of the folder", func(t *testing.T, dir string) map[string]string {
			writeFiles(t, dir, map[string]string{"state/cupclint": ""})
			return map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state")}
		}, false},
		{"a folder that cannot be made", func(t *testing.T, _ string) map[string]string {
			if runtime.GOOS != "linux" {
				t.Skip("needs /proc, which only Linux has")
			}
			return map[string]string{"HOME": "/proc"}
		}, false},
		{"a folder that takes nothing new", func(t *testing.T, dir string) map[string]string {
			if os.Getuid() == 0 {
				t.Skip("root may write to every folder")
			}
			writeFiles(t, dir, map[string]string{"state/cupclint/logins.salt": strings.Repeat("s", 32), "state/cupclint/logins.lock": ""})
			state := filepath.Join(dir, "state", "cupclint")
			if err := os.Chmod(state, 0o500); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(state, 0o700) })
			return map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state")}
		}, false},
		{"a name that cannot be written to", func(t *testing.T, dir string) map[string]string {
			writeFiles(t, dir, map[string]string{"state/cupclint/logins.try/file": ""})
			return map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state")}
		}, false},
		{"a state that is damaged", func(t *testing.T, dir string) map[string]string {
			writeFiles(t, dir, map[string]string{"state/cupclint/logins.salt": "short"})
			return map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state")}
		}, false},
		{"a new folder", func(_ *testing.T, dir string) map[string]string {
			return map[string]string{"HOME": filepath.Join(dir, "home")}
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := servertest.Play(t, &servertest.Script{LDAP: &servertest.LDAPScript{RootDSE: base}})
			host, port, err := net.SplitHostPort(s.Addr)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			t.Chdir(dir)
			writeFiles(t, dir, map[string]string{"e.properties": "Directory.Primary.Address = " + host + "\nDirectory.Primary.Port = " + port +
				"\nDirectory.Secondary.Address = localhost\nDirectory.Secondary.Port = " + port +
				"\nDirectory.SearchContext1 = OU=a,DC=corp,DC=example\nDirectory.DN = " + account + "\nDirectory.Password = right\n"})
			variables := c.state(t, dir)
			for _, args := range [][]string{
				{"audit", "--only", "directory", "--skip", "dns", "--lockout-threshold", "0", "e.properties"},
				{"ldap", "--lockout-threshold", "0", "e.properties"},
				{"diagnose", "--symptom", "directory", "--live", "--lockout-threshold", "0", "e.properties"},
				{"ldap", "rotate-plan", "--auditor-dn", account, "--auditor-password-env", "PW", "--new-dn", "CN=new,DC=corp,DC=example",
					"--clients", "3", "--retry-interval", "5m", "e.properties"},
			} {
				before := s.Asked()
				var out, errs bytes.Buffer
				env := &environment{loginCost: cheap, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, workDir: dir,
					getenv: func(name string) string {
						if name == "PW" {
							return "right"
						}
						return variables[name]
					}}
				code := execute(t.Context(), env, args)
				asked := strings.TrimPrefix(s.Asked(), before)
				binds, said := strings.Count(asked, "BIND "), strings.Count(errs.String(), "log-ins are off")
				if c.logs != (binds > 0) || c.logs != (said == 0) || said > 1 {
					t.Errorf("%s: %d binds, and %d times it is said that log-ins are off\n%s%s", args[0], binds, said, &out, &errs)
				}
				if code == exitUsage || code == exitInput {
					t.Errorf("%q: exit code %d\n%s", args, code, &errs)
				}
				if !c.logs && args[0] != "diagnose" && len(args) < 10 && !strings.Contains(asked, "SEARCH 0") {
					t.Errorf("%s asked nothing: %q", args[0], asked)
				}
				if !c.logs && args[0] == "audit" && !strings.Contains(out.String(), "Log-ins were off") {
					t.Errorf("the report does not say it:\n%s", &out)
				}
			}
		})
	}
}
