package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

const neverValid = "Never.Valid9"

// noPassword fails when any password of the tests shows.
func noPassword(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, p := range []string{neverValid, servertest.ADPassword, "Passw0rd.Adm1n"} {
			if strings.Contains(text, p) {
				t.Errorf("a password shows in: %s", text)
			}
		}
	}
}

func TestLDAPCommandAgainstADomainController(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	state := t.TempDir()
	run := func(t *testing.T, stdin string, vars map[string]string, args ...string) (int, string, string) {
		t.Helper()
		if vars == nil {
			vars = map[string]string{}
		}
		vars["XDG_STATE_HOME"] = state
		var stdout, stderr bytes.Buffer
		env := &environment{loginCost: cheap, stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr, workDir: t.TempDir(),
			getenv: func(k string) string { return vars[k] }}
		code := execute(t.Context(), env, append([]string{"ldap"}, args...))
		noPassword(t, stdout.String(), stderr.String())
		return code, stdout.String(), stderr.String()
	}
	people := "CN=Users," + servertest.ADBase
	right := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(right, []byte(servertest.ADPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	t.Run("a healthy account, password from each source", func(t *testing.T) {
		args := []string{"--server", ad.Addr(389), "--bind-dn", servertest.ADUser("svc"), "--base", people}
		for _, src := range []struct {
			stdin string
			vars  map[string]string
			flags []string
		}{
			{"", nil, []string{"--password-file", right}},
			{servertest.ADPassword + "\r\n", nil, []string{"--password-file", "-"}},
			{"", map[string]string{"PW": servertest.ADPassword}, []string{"--password-env", "PW"}},
			{"", map[string]string{"CUPCLINT_LDAP_PASSWORD": servertest.ADPassword}, nil},
		} {
			code, stdout, stderr := run(t, src.stdin, src.vars, append(append([]string{}, args...), src.flags...)...)
			if code != 0 || !strings.Contains(stderr, "accepted") {
				t.Errorf("%v: exit %d\n%s%s", src.flags, code, stdout, stderr)
			}
		}
	})

	t.Run("an export is enough", func(t *testing.T) {
		dir := t.TempDir()
		text := "Directory.Primary.Address=" + ad.IP + "\nDirectory.Primary.Port=389\nDirectory.DN=" + servertest.ADUserDN("svc") +
			"\nDirectory.Password=" + servertest.ADPassword + "\nDirectory.SearchContext1=" + servertest.ADBase +
			"\nDirectory.ClientCount=40\nDirectory.RetryInterval=1200\n" +
			// References to the zones of DNS are normal for a client's search, and stop CTIManager's.
			"CUCM.LDAPAuthentication.Server.1.Address=" + ad.IP +
			"\nCUCM.LDAPAuthentication.Server.1.Port=389\nCUCM.LDAPAuthentication.SearchBase=" + servertest.ADBase +
			"\nCUCM.LDAPAuthentication.DN=" + servertest.ADUserDN("svc") + "\nCUCM.LDAPAuthentication.Password=" + servertest.ADPassword + "\n"
		if err := os.WriteFile(filepath.Join(dir, "site.properties"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		seen := filepath.Join(dir, "seen.json")
		code, stdout, stderr := run(t, "", nil, dir, "--observations", seen)
		if code != 1 {
			t.Errorf("exit %d: %s", code, stderr)
		}
		for _, want := range []string{"LDAP103", "Use port 3268", "LDAP105", "40 clients with the old password", "site.properties"} {
			if !strings.Contains(stdout, want) {
				t.Errorf("%q is missing in\n%s", want, stdout)
			}
		}
		b, err := os.ReadFile(seen)
		if err != nil || !json.Valid(b) {
			t.Errorf("%v: %s", err, b)
		}
		noPassword(t, string(b))
	})

	t.Run("a wrong password is sent once", func(t *testing.T) {
		args := []string{"--server", ad.Addr(389), "--bind-dn", servertest.ADUser("good"), "--base", people, "--password-file", "-"}
		if code, stdout, _ := run(t, neverValid, nil, args...); code != 1 || !strings.Contains(stdout, "LDAP102") {
			t.Errorf("first: exit %d\n%s", code, stdout)
		}
		for range 3 {
			code, stdout, stderr := run(t, neverValid, nil, args...)
			if code != 3 || !strings.Contains(stdout, "remembered as refused") || !strings.Contains(stderr, "nothing was sent") {
				t.Errorf("again: exit %d\n%s%s", code, stdout, stderr)
			}
		}
		if n := ad.Attribute(t, "good", "badPwdCount"); n != "1" {
			t.Errorf("badPwdCount %s", n)
		}
		if code, _, _ := run(t, neverValid, nil, append(args, "--i-know-it-may-lock")...); code != 1 {
			t.Errorf("with the override: exit %d", code)
		}
		if n := ad.Attribute(t, "good", "badPwdCount"); n != "2" {
			t.Errorf("badPwdCount %s after the override", n)
		}
	})

	t.Run("from outside nothing is found wrong", func(t *testing.T) {
		code, stdout, stderr := run(t, "", nil, "--server", ad.Addr(389), "--no-bind", "--base", people)
		if code != 0 || !strings.Contains(stderr, "Active Directory") {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	})

	t.Run("rotate-plan reads the policy as the auditor", func(t *testing.T) {
		code, stdout, stderr := run(t, "", map[string]string{"CUPCLINT_LDAP_AUDITOR_PASSWORD": servertest.ADPassword}, "rotate-plan",
			"--server", ad.Addr(389), "--bind-dn", servertest.ADUser("wks"), "--auditor-dn", servertest.ADUser("svc"), "--clients", "40",
			"--retry-interval", "20m")
		if code != 0 || !strings.Contains(stdout, "3 failures (within 30 minutes) lock the account (for 30 minutes)") ||
			!strings.Contains(stdout, "1 minute 30 seconds to the lock") {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	})
}
