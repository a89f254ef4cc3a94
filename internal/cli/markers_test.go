package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"
)

// Markers are secrets that the test plants; each is named after the place where it is planted, so that a leak shows where it comes from.
type markers struct{ names []string }

// plant makes a marker. Nothing else in the world looks like one, and it looks like a password.
func (m *markers) plant(as string) string {
	m.names = append(m.names, as)
	return fmt.Sprintf("Zq7Mark%03dKx", len(m.names)-1)
}

var (
	markerForm  = regexp.MustCompile(`(?i)Zq7Mark(\d\d\d)Kx`)
	markerParts = regexp.MustCompile(`(?i)Zq7Mark|\d\d\dKx\b`)
	encodedForm = regexp.MustCompile(`[A-Za-z0-9+/_=-]{12,}`)
)

// in lists the markers that a text holds: plain, in any case, with bytes or letters between as UTF-16 and DNS have them, percent-encoded,
// in base64 or hexadecimal, or in part.
func (m *markers) in(text []byte) (found []string) {
	look := func(b []byte) {
		for _, hit := range markerForm.FindAllSubmatch(b, -1) {
			n := 0
			_, _ = fmt.Sscan(strings.TrimLeft(string(hit[1]), "0")+" ", &n)
			if n < len(m.names) {
				found = append(found, m.names[n])
			}
		}
	}
	look(text)
	look(bytes.ReplaceAll(text, []byte{0}, nil))
	if plain, err := url.QueryUnescape(string(text)); err == nil {
		look([]byte(plain))
	}
	for _, chunk := range encodedForm.FindAll(text, -1) {
		if b, err := hex.DecodeString(string(chunk)); err == nil {
			look(b)
		}
		std := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(string(chunk))
		for from := range min(4, len(std)) {
			part := std[from:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			if b, err := base64.RawStdEncoding.DecodeString(part); err == nil {
				look(b)
			}
		}
	}
	if len(found) == 0 && markerParts.Match(text) {
		found = []string{"a part of one"}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestMarkersReachNothing plants secrets in every format and every credential channel, runs
// every command with every format of its reports, and searches all that comes out: standard output, standard error, every file left on
// disk, and everything that was sent to a server.
func TestMarkersReachNothing(t *testing.T) {
	withoutRace(t, "runs hundreds of command lines, one after the other")
	m := &markers{}
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	files := m.inputs()
	inputs := filepath.Join(dir, "inputs")
	writeFiles(t, inputs, files)
	archives := map[string]string{"all.zip": zipOf(t, files)}
	writeFiles(t, filepath.Join(dir, "archives"), archives)
	writeFiles(t, dir, map[string]string{"tmp/.keep": "", "out/.keep": ""})
	s := serveMarked(t)

	// The credentials of each channel, and the one service that may be sent each.
	allowed := map[string]string{}
	channel := func(as, service string) string {
		allowed[as] = service
		return m.plant(as)
	}
	port := func(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
	deployment := func(directory, digest, calendar string) string {
		return "Directory:\n  Primary: {Address: dc.mark.test, Port: " + port(s.ldap) + "}\n  DN: svc@mark.test\n" + directory +
			"MailStore.Primary: {Address: mail.mark.test, Port: " + port(s.imap) + "}\nPresence.Primary: {Address: cups.mark.test, Port: " +
			port(s.sip) + ", Protocol: TCP}\nPresence.Domain: mark.test\n" +
			"CallControl.Primary: {Address: cucm.mark.test, Port: " + port(s.cti) + "}\nUser.ID: alice\n" + digest +
			"Calendar:\n  Primary: mail.mark.test\n  Scheme: https\n  Port: " + port(s.https) + "\n  Account: svc-cal\n" + calendar
	}
	password := func(key, as, service string) string { return key + `: "` + channel(as, service) + "\"\n" }
	writeFiles(t, dir, map[string]string{
		"with/deployment.yaml": deployment(password("  Password", "export: directory", "ldap"),
			password("User.DigestCredential", "export: digest", ""), password("  Password", "export: calendar", "https")),
		"without/deployment.yaml": deployment("", "", ""),
		"secrets/password":        channel("--password-file", "") + "\n",
		"secrets/ldap":            channel("--directory-password-file", "ldap") + "\n",
		"secrets/calendar":        channel("--calendar-password-file", "https") + "\n",
		"secrets/sip":             channel("--sip-password-file", "") + "\n",
		"secrets/voicemail":       channel("--voicemail-password-file", "imap") + "\n",
		"secrets/auditor":         channel("--auditor-password-file", "ldap") + "\n",
		"secrets/credentials": "svc@mark.test\t" + channel("--credentials: directory", "ldap") + "\nsvc-cal\t" +
			channel("--credentials: calendar", "https") + "\n" + channel("--credentials: columns swapped", "") + "\tsvc@mark.test\n",
		"secrets/no-tab":  "svc@mark.test " + channel("--credentials: no tab", "") + "\n",
		"secrets/answers": "who: everyone\nwhat: my password is " + channel("--answers", "") + "\n",
		"bad.yaml": "fail-on: error\npassword: " + channel("configuration: unknown key", "") + "\nresolver: [\"u:" +
			channel("configuration: user info", "") + "@x\"]\n",
	})
	allowed["--password-file"] = "" // set by the run that uses it
	settings := map[string]string{"HOME": dir + "/home", "XDG_STATE_HOME": dir + "/state", "TMPDIR": dir + "/tmp", "TERM": "dumb"}
	variables := map[string]string{}
	for name, service := range map[string]string{"PW_LDAP": "ldap", "PW_IMAP": "imap", "PW_HTTPS": "https", "PW_SIP": "",
		"CUPCLINT_LDAP_PASSWORD": "ldap", "CUPCLINT_CALENDAR_PASSWORD": "https", "CUPCLINT_VOICEMAIL_PASSWORD": "imap",
		"CUPCLINT_SIP_PASSWORD": "", "CUPCLINT_LDAP_AUDITOR_PASSWORD": "ldap"} {
		variables[name] = channel("environment: "+name, service)
	}
	stdin := channel("standard input", "ldap")

	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, filepath.Join("inputs", name))
	}
	slices.Sort(names)
	probing := []string{"--resolver", s.resolver, "--ca-file", s.ca, "--timeout", "20s"}
	with := func(args ...string) []string { return args }
	probe := func(args ...string) []string { return append(args, probing...) }
	manual := func(command, flag, address string, more ...string) []string {
		return append([]string{command, flag, address}, more...)
	}
	wrong := m.plant("a flag's value")
	// What is run of each command. A command that is not here fails the test.
	runs := map[string][][]string{
		"cupclint": {with("--help"), with("--version"), with("nonsense")},
		"lint": {
			append(with("lint", "--verbose", "--addresses", "--explain-deployments", "--enable", "all"), "inputs", "archives", "with"),
			with("lint", "--diff", "inputs"),
			with("lint", "--color", "always", "inputs"), with("lint", "--output", "out/lint", "inputs"),
			with("lint", "--format", "json=out/lint.json", "--format", "html=out/lint.html", "inputs"),
			with("lint", "--write-baseline=out/baseline.json", "inputs"), with("lint", "--config", "bad.yaml", "inputs"),
			with("lint", "--shard", "1/2", "--output", "out/shard1.json", "inputs", "with"),
			with("lint", "--shard", "2/2", "--output", "out/shard2.json", "inputs", "with"),
			with("lint", "https://u:"+wrong+"@mark.test/x"), with("lint", "--output", "u:"+wrong+"@mark.test/x/y", "inputs"),
		},
		"merge": {
			with("merge", "--addresses", "--explain-deployments", "--format", "html=out/merged.html", "--format", "json", "out/shard1.json",
				"out/shard2.json"),
			with("merge", "out/shard1.json", "inputs/lines.log"), with("merge", "u:"+wrong+"@x"),
		},
		"resolve": {with("resolve", "u:"+wrong+"@cup1", "--domain", "mark.test"), with("resolve", "cup1", "--domain", "u:"+wrong+"@mark.test"),
			with("resolve", "--check", "--resolver", s.resolver, "u:"+wrong+"@cups.mark.test", "--domain", "mark.test")},
		"route": {with("route", "sip:alice:"+wrong+"@mark.test", "--config", "with/deployment.yaml"),
			with("route", "alice:"+wrong+"@mark.test", "--config", "with/deployment.yaml"),
			with("route", "sip:a@b", "--config", "inputs/a.yaml"), with("route", "sip:a@b", "--config", "inputs/cut.json"),
			with("route", "--from", "ocs", "--config", "inputs/lines.log")},
		"dns": {with("dns", "--resolver", s.resolver, "inputs", "with"),
			with("dns", "--resolver", s.resolver, "--node", "u:"+wrong+"@cups.mark.test", "--domain", "mark.test"),
			with("dns", "--resolver", s.resolver, "--pairs", "inputs/a.properties")},
		"ldap": {
			probe("ldap", "with"), probe("ldap", "--no-login", "inputs"),
			probe("ldap", "--observations", "out/ldap.json", "with", "--allow-lockout-risk"),
			probe("ldap", "--password-env", "PW_LDAP", "without"), probe("ldap", "--password-file", "secrets/ldap", "without"),
			probe("ldap", "--password-file", "-", "without"),
			probe("ldap", "--auditor-dn", "aud@mark.test", "--auditor-password-file", "secrets/auditor", "with"), probe("ldap", "without"),
			probe("ldap", "--auditor-dn", "aud@mark.test", "without"),
			probe(manual("ldap", "--server", "ldap://u:"+wrong+"@dc.mark.test")...), probe(manual("ldap", "--server", "dc.mark.test:"+wrong)...),
			probe(manual("ldap", "--server", "dc.mark.test", "--bind-dn", "a:"+wrong)...),
			probe(manual("ldap", "--server", "dc.mark.test:"+port(s.ldap), "--bind-dn", "a", "--password-env", wrong)...),
			probe(manual("ldap", "--server", "dc.mark.test:"+port(s.ldap), "--bind-dn", "a", "--password-file", wrong)...),
			with("ldap", "-p"+wrong, "without"), with("ldap", "--password="+wrong, "without"),
		},
		"ldap lockouts": {with("ldap", "lockouts", "inputs/events.csv", "inputs/events.xml"), with("ldap", "lockouts", "inputs/lines.log")},
		"ldap rotate-plan": {probe("ldap", "rotate-plan", "with"),
			probe("ldap", "rotate-plan", "--auditor-dn", "aud@mark.test", "--auditor-password-file", "secrets/auditor", "with")},
		"mail": {
			probe("mail", "--user", "alice", "--password-env", "PW_IMAP", "with"), probe("mail", "--no-login", "inputs", "with"),
			probe("mail", "--calendar", "with", "--observations", "out/mail.json"),
			probe("mail", "--calendar", "--password-env", "PW_HTTPS", "without"),
			probe("mail", "--user", "alice", "--password-file", "secrets/voicemail", "without"),
			probe(manual("mail", "--server", "imap://u:"+wrong+"@mark.test")...), probe("mail", "--calendar", "--no-login", "inputs"),
			probe("mail", "--user", "alice:"+wrong, "with"),
		},
		"sip": {probe("sip", "--hold", "1ms", "with", "--observations", "out/sip.json"), probe("sip", "--hold", "1ms", "--no-login", "inputs"),
			probe("sip", "--no-cti", "--password-env", "PW_SIP", "without"),
			probe(manual("sip", "--server", "sip:u:"+wrong+"@mark.test")...), probe(manual("sip", "--cti", "u:"+wrong+"@mark.test")...)},
		"xmpp": {probe("xmpp", "with"), probe("xmpp", "--timeout", "100ms", "inputs"),
			probe(manual("xmpp", "--server", "u:"+wrong+"@mark.test")...),
			with("xmpp", "--resolver", s.resolver, "--timeout", "100ms", "with", "--observations", "out/xmpp.json")},
		"ntp": {with("ntp", "127.0.0.1:1", "with"), with("ntp", "u:"+wrong+"@mark.test"), with("ntp", "ntp://u:"+wrong+"@mark.test/x"),
			with("ntp", "--resolver", s.resolver, "inputs"),
			with("ntp", "--resolver", s.resolver, "--timeout", "100ms", "with", "--observations", "out/ntp.json")},
		"collect": {with("collect", "--plan", "ucm1.mark.test"),
			with("collect", "--plan", "u:"+wrong+"@mark.test"), with("collect", "--plan", "--user", "u:"+wrong, "ucm1.mark.test"),
			with("collect", "--plan", "--password-env", wrong, "--user", "u", "ucm1.mark.test"),
			with("collect", "--out", "out/collect1", "--resolver", s.resolver, "--credentials", "secrets/no-tab", "127.0.0.1"),
			with("collect", "--out", "out/collect2", "--resolver", s.resolver, "--user", "svc@mark.test", "--credentials", "secrets/credentials",
				"127.0.0.1"),
			with("collect", "--out", "out/collect3", "--resolver", s.resolver, "--user", "u", "--password-file", wrong, "127.0.0.1")},
		"edge": {with("edge", "--resolver", s.resolver, "--timeout", "100ms", "with", "--observations", "out/edge.json"),
			with("edge", "--resolver", s.resolver, "u:"+wrong+"@mark.test"),
			with("edge", "--resolver", s.resolver, "--outside", "u:"+wrong+"@192.0.2.1", "mark.test"),
			with("edge", "--resolver", s.resolver, "--view", "outside", "inputs")},
		"uds": {with("uds", "127.0.0.1:1", "with"), with("uds", "u:"+wrong+"@mark.test"), with("uds", "https://u:"+wrong+"@mark.test/x"),
			with("uds", "--resolver", s.resolver, "--web-proxy", "inputs"),
			with("uds", "--resolver", s.resolver, "--timeout", "100ms", "with", "--observations", "out/uds.json")},
		"tftp": {with("tftp", "127.0.0.1:1", "with"), with("tftp", "u:"+wrong+"@mark.test"), with("tftp", "http://u:"+wrong+"@mark.test/x"),
			with("tftp", "--resolver", s.resolver, "--web-proxy", "inputs"),
			with("tftp", "--resolver", s.resolver, "--timeout", "100ms", "with", "--observations", "out/tftp.json")},
		"audit": {
			probe("audit", "--hold", "1ms", "--save", "out/case.json", "with"), with("audit", "--plan", "inputs", "with", "archives"),
			probe("audit", "--hold", "1ms", "--no-login", "--save", "out/inputs.json", "inputs"),
			probe("audit", "--hold", "1ms", "--save", "hidden/case.json", "--hide", "addresses,names", "--map", "out/case.tsv", "with"),
			with("audit", "--replay", "out/case.json"), with("audit", "--replay", "out/inputs.json"), with("audit", "--offline", "inputs"),
			probe("audit", "--hold", "1ms", "--credentials", "secrets/credentials", "without"), probe("audit", "--credentials", wrong, "without"),
			probe("audit", "--credentials", "secrets/no-tab", "without"),
			probe("audit", "--hold", "1ms", "--directory-password-file", "secrets/ldap", "--calendar-password-file", "secrets/calendar",
				"--sip-password-file", "secrets/sip",
				"--voicemail-user", "alice", "--voicemail-password-file", "secrets/voicemail", "--auditor-dn", "aud@mark.test",
				"--auditor-password-file", "secrets/auditor", "without"),
			probe("audit", "--hold", "1ms", "--voicemail-user", "alice", "without"),
		},
		"diagnose": {
			with("diagnose", "--symptom", "log-in", "--health", "inputs/lines.log", "inputs"),
			with("diagnose", "--symptom", "directory", "inputs", "--ticket"),
			with("diagnose", "--symptom", "directory", "--top", "0", "--case", "out/case.json"),
			with("diagnose", "--symptom", "directory", "--answers", "secrets/answers", "inputs"),
			probe("diagnose", "--hold", "1ms", "--symptom", "directory", "--live", "with"), with("diagnose", "--health", "inputs/jabber.log"),
			with("diagnose", "--health", "inputs/soap.xml"), with("diagnose", "--findings", "inputs/a.json"),
		},
		"serve": {with("serve", "--listen", "localhost:no", "--password-file", "inputs/soap.xml"),
			with("serve", "--listen", "127.0.0.1:0", "--password-file", "inputs/soap.xml")}, // it serves until it is stopped by a signal
		"check": {with("check", "lint", "inputs", "with"), with("check", "folder", "-v", "inputs"),
			with("check", "ldap", "-H", "u:"+wrong+"@mark.test"), with("check", "ldap", "-H", "dc.mark.test", "--set", "Directory.Password="+wrong),
			with("check", "ldap", "-H", "dc.mark.test", "--set", wrong), with("check", "ldap", "-H", "dc.mark.test", "--user", "a:"+wrong),
			with("check", "ldap", "-v", "-H", "dc.mark.test:"+port(s.ldap), "--resolver", s.resolver, "--ca-file", s.ca, "--user", "svc@mark.test",
				"--password-file", "secrets/ldap"),
			with("check", "mail", "-v", "--resolver", s.resolver, "--ca-file", s.ca, "with"),
			with("check", "--modules", "bad.yaml", "--module", wrong, "-H", "dc.mark.test")},
		"lab": {with("lab")}, "lab up": nil, // the lab makes its own password up, and is stopped by a signal
		"compare": {with("compare", "inputs", "with"), with("compare", "--format", "html", "with", "inputs"),
			with("compare", "out/lint.json", "inputs"), with("compare", "out/case.json", "out/inputs.json"),
			with("compare", "u:"+wrong+"@x", "inputs")},
		"trend": {with("lint", "--history", "out/history.jsonl", "--statistics", "--all", "inputs"), with("trend", "out/history.jsonl"),
			with("trend", "--svg", "out/trend.svg", "out/history.jsonl"), with("trend", "inputs/lines.log"), with("trend", "u:"+wrong+"@x")},
		"rules": {with("rules")}, "config": nil,
		"config show": {with("config", "show"), with("config", "show", "--config", "bad.yaml"), with("config", "show", "--format", "json")},
		"rules test":  {with("rules", "test"), with("rules", "test", "--config", "bad.yaml")},
		"explain":     {with("explain", "CRED008"), with("explain", "u:"+wrong+"@x")},
		"keys":        {with("keys"), with("keys", "u:"+wrong+"@x")},
		"releases":    {with("releases", "14SU4a", "15"), with("releases", "u:"+wrong+"@x")},
		"version":     {with("version")}, "init": {with("init", "-o", "-"), with("init", "-o", "u:"+wrong+"@x/y")},
		"help": {with("help")}, "completion": nil, "completion bash": {with("completion", "bash")},
		"completion zsh": {with("completion", "zsh")}, "completion fish": {with("completion", "fish")},
		"completion powershell": {with("completion", "powershell")},
		"redact": {append(with("redact", "--output", "out"), names...),
			append(with("redact", "--pseudonyms", "--output", "hidden", "--map", "out/map.tsv"), names...)},
	}
	for _, name := range append(names, "with/deployment.yaml") {
		runs["redact"] = append(runs["redact"], with("redact", name))
		for _, format := range []string{"properties", "yaml", "soap", "json", "registry"} {
			runs["lint"] = append(runs["lint"], with("lint", "--input-format", format, name))
		}
	}
	runs["redact"] = append(runs["redact"], with("redact", "--in-place", "copies/a.properties"))
	writeFiles(t, filepath.Join(dir, "copies"), map[string]string{"a.properties": files["a.properties"]})
	if _, err := exec.LookPath("git"); err == nil {
		repository := filepath.Join(dir, "git")
		writeFiles(t, repository, map[string]string{"a.properties": "Presence.Domain = mark.test\n"})
		for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "x"}} {
			if out, err := exec.Command("git", append([]string{"-C", repository}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		writeFiles(t, repository, map[string]string{"a.properties": files["a.properties"]})
		runs["lint"] = append(runs["lint"], with("lint", "--changed-since", "HEAD", "git"))
	}
	planted := map[string]bool{}
	for _, sub := range []string{"inputs", "archives", "with", "without", "secrets", "git", "copies", "bad.yaml"} {
		planted[filepath.Join(dir, sub)] = true
	}

	states := 0
	run := func(t *testing.T, args []string) (code int) {
		t.Helper()
		states++
		own := map[string]string{"XDG_STATE_HOME": fmt.Sprintf("%s/states/%d", dir, states)} // nothing is remembered from another run
		var stdout, stderr bytes.Buffer
		in := stdin + "\n"
		if args[0] == "resolve" {
			in = "u:" + wrong + "@cup1\tmark.test\n"
		}
		wantsEnvironment := strings.Contains(strings.Join(args, " "), " without") && !slices.ContainsFunc(args,
			func(a string) bool { return strings.Contains(a, "password-") || a == "--credentials" })
		env := &environment{loginCost: cheap, stdin: strings.NewReader(in), stdout: &stdout, stderr: &stderr, workDir: dir,
			getenv: func(name string) string {
				if v, ok := own[name]; ok {
					return v
				}
				if v, ok := variables[name]; ok && (wantsEnvironment || strings.HasPrefix(name, "PW_")) {
					return v
				}
				return settings[name]
			}}
		code = execute(context.Background(), env, append(slices.Clip(args), "--debug")) // which shows most
		for _, stream := range []struct {
			name string
			text []byte
		}{{"standard output", stdout.Bytes()}, {"standard error", stderr.Bytes()}} {
			if found := m.in(stream.text); len(found) > 0 {
				t.Errorf("%s of %q holds: %s\n%s", stream.name, args, strings.Join(found, ", "), around(stream.text))
			}
		}
		for service, sent := range s.take() {
			for _, found := range m.in(sent) {
				if to, ok := allowed[found]; !ok || to != service {
					t.Errorf("%q sends to %s: %s\n%s", args, service, found, around(sent))
				} else {
					delivered.Store(found, true)
				}
			}
		}
		return code
	}

	root := newRootCmd(&environment{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}, commands())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var walk func(c *cobra.Command)
	seen := map[string]bool{}
	walk = func(c *cobra.Command) {
		name := strings.TrimPrefix(c.CommandPath(), "cupclint ")
		seen[name] = true
		lines, ok := runs[name]
		if !ok {
			t.Errorf("the test does not know the command %q", name)
		}
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			understood := 0
			for _, line := range lines {
				run(t, line)
			}
			plain := slices.DeleteFunc(slices.Clone(lines), func(line []string) bool { return slices.Contains(line, "--format") })
			if f := c.Flags().Lookup("format"); f != nil && len(lines) > 0 {
				for _, format := range formatsOf(f) {
					for _, line := range plain[:min(len(plain), 2)] {
						if run(t, append(slices.Clone(line), "--format", format)) != exitUsage {
							understood++
						}
					}
				}
				if understood < 2 {
					t.Errorf("%d runs with a format were carried out", understood)
				}
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	for name := range runs {
		if !seen[name] {
			t.Errorf("there is no command %q", name)
		}
	}
	for as, service := range allowed {
		if _, ok := delivered.Load(as); service != "" && !ok {
			t.Errorf("%s was never sent to %s: the test does not reach what it is about", as, service)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case planted[path] && path != filepath.Join(dir, "copies") && d.IsDir():
			return fs.SkipDir
		case planted[path] || d.IsDir() || path == filepath.Join(dir, "copies"):
			return nil
		}
		text, err := os.ReadFile(path)
		if found := m.in(text); len(found) > 0 {
			t.Errorf("the file %s holds: %s\n%s", path, strings.Join(found, ", "), around(text))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// delivered are the credentials that reached their server.
var delivered sync.Map
