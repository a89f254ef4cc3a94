package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// A credentials file that is larger than what is read is refused whole, so that half a password is never sent. The bound is laid through
// each part of the line; a file that just fits is used.
func TestHalfAPasswordIsNeverSent(t *testing.T) {
	const account, password = "CN=svc,OU=Svc,DC=corp,DC=example", "right"
	const line = account + "\t" + password + "\n"
	base := map[string][]string{"namingContexts": {"DC=corp,DC=example"}, "defaultNamingContext": {"DC=corp,DC=example"}}
	for name, tc := range map[string]struct {
		over  int // how much of the line is after the bound
		after string
		sent  int
	}{
		"just fits":                    {0, "", 1},
		"another line after it":        {0, "# end\n", 0},
		"cut before its end":           {1, "# end\n", 0},
		"cut in the password":          {3, "# end\n", 0},
		"cut in the password, at last": {3, "", 0},
		"cut after the tab":            {len(password) + 1, "# end\n", 0},
		"cut in the account":           {len(password) + 5, "# end\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Play(t, &servertest.Script{LDAP: &servertest.LDAPScript{RootDSE: base}})
			host, port, err := net.SplitHostPort(s.Addr)
			if err != nil {
				t.Fatal(err)
			}
			comment, fill := "#"+strings.Repeat("f", 998)+"\n", maxCredentials+tc.over-len(line)
			text := strings.Repeat(comment, fill/len(comment)) + "#" + strings.Repeat("g", fill%len(comment)-2) + "\n" + line + tc.after
			dir := t.TempDir()
			t.Chdir(dir)
			writeFiles(t, dir, map[string]string{"creds": text, "e.properties": "Directory.Primary.Address = " + host + "\n" +
				"Directory.Primary.Port = " + port + "\nDirectory.SearchContext1 = OU=a,DC=corp,DC=example\nDirectory.DN = " + account + "\n"})
			code, said := run(dir, "audit", "--only", "directory", "--skip", "dns", "--credentials", "creds", "--lockout-threshold", "0",
				"e.properties")
			if n := strings.Count(s.Asked(), "BIND "+account); n != tc.sent {
				t.Errorf("%d binds, want %d; exit code %d\n%s", n, tc.sent, code, said)
			}
			if tc.sent == 0 && (code != exitInput || !strings.Contains(said, "--credentials") || strings.Contains(said, password)) {
				t.Errorf("exit code %d: %s", code, said)
			}
		})
	}
}

// A case file from which parts were removed is judged by the rest: case files are sent to other people.
func TestACaseFileThatWasEditedEndsInNoCrash(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if code, said := run(dir, "audit", "--demo", "--save", "case.json", "--quiet"); code != exitClean {
		t.Fatalf("exit code %d: %s", code, said)
	}
	kept, err := os.ReadFile("case.json")
	if err != nil {
		t.Fatal(err)
	}
	closed := map[string]any{"name": "INBOX", "opened": false, "answer": "NO"}
	for name, edit := range map[string]func(observations map[string][]map[string]any){
		"no log-in, and a folder that was not opened": func(o map[string][]map[string]any) {
			o["mail"][0]["login"], o["mail"][0]["folder"] = nil, closed
		},
		"a log-in, and a folder that was not opened": func(o map[string][]map[string]any) { o["mail"][0]["folder"] = closed },
		"a folder without an answer":                 func(o map[string][]map[string]any) { o["mail"][0]["folder"] = map[string]any{} },
		"nothing but targets": func(o map[string][]map[string]any) {
			for area, list := range o {
				for i := range list {
					o[area][i] = map[string]any{"target": list[i]["target"]}
				}
			}
		},
		"not even those": func(o map[string][]map[string]any) {
			for area, list := range o {
				for i := range list {
					o[area][i] = map[string]any{}
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var doc map[string]json.RawMessage
			if err := json.Unmarshal(kept, &doc); err != nil {
				t.Fatal(err)
			}
			var parts map[string]json.RawMessage
			if err := json.Unmarshal(doc["observations"], &parts); err != nil {
				t.Fatal(err)
			}
			lists := make(map[string][]map[string]any)
			for area, text := range parts {
				var list []map[string]any
				if json.Unmarshal(text, &list) == nil {
					lists[area] = list
				}
			}
			if len(lists) < 4 || len(lists["mail"]) == 0 {
				t.Fatalf("the case has %d lists of observations", len(lists))
			}
			edit(lists)
			for area, list := range lists {
				parts[area] = encoded(t, list)
			}
			doc["observations"] = encoded(t, parts)
			if err := os.WriteFile("edited.json", encoded(t, doc), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"audit", "--replay", "edited.json"}, {"audit", "--replay", "edited.json", "--format", "json"},
				{"audit", "--replay", "edited.json", "--format", "html"}, {"diagnose", "--case", "edited.json", "--symptom", "voicemail"},
			} {
				code, said := run(dir, args...)
				want := exitFindings
				if args[0] == "diagnose" {
					want = exitClean
				}
				if code != want || strings.Contains(said, "panic") || strings.Contains(said, "goroutine") {
					t.Errorf("%s: exit code %d: %s", args, code, said)
				}
			}
		})
	}
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// run is the command line with a home folder of its own in dir; said is standard output, then standard error.
func run(dir string, args ...string) (code int, said string) {
	var out, errs bytes.Buffer
	env := &environment{loginCost: cheap, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, workDir: dir}
	env.getenv = getenv("HOME="+dir, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "LOCALAPPDATA="+dir)
	code = execute(context.Background(), env, args)
	return code, out.String() + errs.String()
}
