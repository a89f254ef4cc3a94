package diagnose_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

func load(t testing.TB) *diagnose.Knowledge {
	t.Helper()
	k, err := diagnose.Load()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A testCase is one of testdata/cases; the file's name is the cause that must come first.
type testCase struct {
	Symptoms []string          `yaml:"symptoms"`
	Findings []string          `yaml:"findings"` // rule, blank, key
	Health   string            `yaml:"health"`
	Answers  map[string]string `yaml:"answers"`
}

func (c *testCase) input(t *testing.T, k *diagnose.Knowledge) diagnose.Input {
	t.Helper()
	in := diagnose.Input{Symptoms: c.Symptoms, Answers: c.Answers}
	for _, f := range c.Findings {
		id, key, _ := strings.Cut(f, " ")
		rule, err := lint.Find(catalogue.All(), id)
		if err != nil {
			if known(id) != nil {
				t.Fatal(err)
			}
			rule = &lint.Rule{ID: id, Summary: id, Severity: lint.Error}
		}
		in.Findings = append(in.Findings,
			lint.Finding{Rule: rule.ID, Key: key, Severity: rule.Severity, Message: rule.Summary, File: "site.xml", Line: 3, Column: 5})
	}
	for q, word := range c.Answers {
		if err := k.CheckAnswer(q + "=" + word); err != nil {
			t.Fatal(err)
		}
	}
	if c.Health != "" {
		in.Pastes = []*diagnose.Paste{read(t, c.Health)}
	}
	return in
}

func read(t testing.TB, text string) *diagnose.Paste {
	t.Helper()
	p, err := diagnose.Read(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryCauseIsFoundFirst proves each cause by a case of its own, and that every cause has one.
func TestEveryCauseIsFoundFirst(t *testing.T) {
	k := load(t)
	for _, cause := range k.Causes {
		t.Run(cause.ID, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "cases", cause.ID+".yaml"))
			if err != nil {
				t.Fatalf("every cause has a case: %v", err)
			}
			var c testCase
			if err := yaml.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			ranked := k.Rank(c.input(t, k))
			if len(ranked) == 0 || ranked[0].ID != cause.ID {
				for _, d := range ranked {
					t.Logf("%3d %s %v", d.Score, d.ID, d.For)
				}
				t.Fatal("it is not the first")
			}
			if len(ranked) > 1 && ranked[0].Score == ranked[1].Score {
				t.Errorf("%s fits as well: only the order in the file decides", ranked[1].ID)
			}
			if len(ranked[0].For) == 0 {
				t.Error("nothing says why it fits")
			}
		})
	}
	files, err := os.ReadDir(filepath.Join("testdata", "cases"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(k.Causes) {
		t.Errorf("%d cases for %d causes", len(files), len(k.Causes))
	}
}

// TestTheKnowledgeHolds checks what Load cannot: rules exist, every symptom has causes, every question is of use.
func TestTheKnowledgeHolds(t *testing.T) {
	k := load(t)
	seen, ids := map[string]bool{}, map[string]bool{}
	for _, c := range k.Causes {
		if ids[c.ID] {
			t.Errorf("%s comes twice", c.ID)
		}
		ids[c.ID] = true
		for _, s := range c.Symptoms {
			seen[s] = true
		}
		if c.Prior > 0 && len(c.Fixes) == 0 {
			t.Errorf("%s: no fix", c.ID)
		}
		for _, e := range slices.Concat(c.Evidence, c.Against) {
			if e.Rule != "" {
				if err := known(e.Rule); err != nil {
					t.Errorf("%s: %v", c.ID, err)
				}
			}
			seen[e.Answer] = true
		}
		for _, f := range c.Fixes {
			for _, step := range f.Steps {
				if first := step[0]; first < 'A' || first > 'Z' { // a comma that ends an item of a YAML list leaves half a sentence
					t.Errorf("%s: no sentence: %q", c.ID, step)
				}
			}
		}
		for _, check := range c.Confirm {
			if (check.Run == "") == (check.Look == "") {
				t.Errorf("%s: a check is a command or something to look at", c.ID)
			}
		}
	}
	for _, s := range diagnose.Symptoms() {
		if !seen[s] {
			t.Errorf("no cause for %s", s)
		}
	}
	for _, q := range k.Questions {
		if !slices.ContainsFunc(q.Words(), func(w string) bool { return seen[q.ID+"="+w] }) {
			t.Errorf("no answer to %s is evidence", q.ID)
		}
	}
}

// coming are the prefixes of rules that other parts of the program bring.
var coming = []string{"XMPP", "EDGE"}

func known(rule string) error {
	if strings.HasSuffix(rule, "*") || slices.ContainsFunc(coming, func(p string) bool { return strings.HasPrefix(rule, p) }) {
		return nil
	}
	_, err := lint.Find(catalogue.All(), rule)
	return err
}

// TestEveryRuleIsNamed proves that each rule is evidence for a cause, or listed as one that is for none, and touches a symptom.
func TestEveryRuleIsNamed(t *testing.T) {
	k := load(t)
	for _, r := range catalogue.All() {
		if !k.Named(r.ID) {
			t.Errorf("%s (%s): name it in a cause, or list it under none", r.ID, r.Summary)
		}
	}
	for _, n := range k.None {
		if err := known(n.Rule); err != nil || n.Why == "" {
			t.Errorf("none: %s: %v", n.Rule, err)
		}
	}
}

// TestSafety proves the order in which ways out are offered for a missing digest credential.
func TestSafety(t *testing.T) {
	k := load(t)
	i := slices.IndexFunc(k.Causes, func(c diagnose.Cause) bool { return c.ID == "digest-credential" })
	var got []string
	for _, f := range k.Causes[i].Fixes {
		got = append(got, f.Safety)
	}
	if !slices.Equal(got, []string{diagnose.Safe, diagnose.Careful, diagnose.Last}) {
		t.Errorf("%q", got)
	}
}

// TestWhatIsNotSoCounts proves that a probe which found nothing drives its causes down.
func TestWhatIsNotSoCounts(t *testing.T) {
	k := load(t)
	in := diagnose.Input{Symptoms: []string{diagnose.DeskPhone}, Answers: map[string]string{"who": "some"}}
	if got := k.Rank(in)[0].ID; got == "cti-permission" {
		t.Fatalf("%s is first before the probe", got)
	}
	in.Looked = []diagnose.Looked{{Rule: "LDAP103", Key: "CUCM.LDAPAuthentication.Server.1.Address"},
		{Rule: "CTI101", Key: "CallControl.Primary.Address"}}
	ranked := k.Rank(in)
	if got := ranked[0].ID; got != "cti-permission" {
		t.Errorf("%s is first after the probe", got)
	}
	in.Looked[0].Key = "Directory.Primary.Address" // another server was asked: that says nothing
	if got := k.Rank(in)[0].ID; got != "cti-referral" {
		t.Errorf("%s is first where another server was asked", got)
	}
}

// TestQuestionsLead proves that asking ends, and that the answers of a case lead to its cause.
func TestQuestionsLead(t *testing.T) {
	k := load(t)
	for symptom, c := range map[string]struct {
		answers map[string]string
		want    string
	}{
		diagnose.Voicemail: {map[string]string{"who": "one", "where": "everywhere", "version": "7", "since": "password", "mail": "connection"},
			"unity-password"},
		diagnose.DeskPhone: {map[string]string{"who": "one", "where": "everywhere", "version": "7", "since": "always", "mail": "connection",
			"ldap": "3268"}, "cti-permission"},
		diagnose.Directory: {map[string]string{"who": "everyone", "where": "everywhere", "version": "7", "since": "password",
			"mail": "connection"}, "account-locked"},
		diagnose.Presence: {map[string]string{"who": "everyone", "where": "everywhere", "version": "7", "since": "upgrade", "mail": "connection"},
			"presence-name"},
	} {
		in := diagnose.Input{Symptoms: []string{symptom}, Answers: map[string]string{}}
		asked := 0
		for q := k.Next(in); q != nil; q = k.Next(in) {
			in.Answers[q.ID] = c.answers[q.ID]
			if asked++; asked > len(k.Questions) {
				t.Fatalf("%s: asking does not end", symptom)
			}
		}
		if asked == 0 {
			t.Errorf("%s: nothing is asked", symptom)
		}
		if got := k.Rank(in)[0].ID; got != c.want {
			t.Errorf("%s: %s after %d questions %v, want %s", symptom, got, asked, in.Answers, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	text := "Cisco Unified Personal Communicator - Server Health\r\n\r\n[x] Presence\r\n   Presence.Domain = ACME.COM\r\n   Status: Invalid " +
		"Credentials\r\n" +
		"Desk phone (CTI): Connected\r\nVoicemail - Invalid username/password or account locked\r\n\tLDAP\tconnected\r\n  reason: timed " +
		"out\r\nsomething else\r\n"
	want := []string{"5 presence refused", "7 voicemail refused-or-locked", "9 directory timeout"}
	for name, text := range map[string]string{"UTF-8": text, "UTF-8 with a mark": "\xEF\xBB\xBF" + text, "UTF-16LE": wide(text, "\xFF\xFE"),
		"UTF-16BE": wide(text, "\xFE\xFF")} {
		if got := lines(read(t, text)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if _, err := diagnose.Read(strings.NewReader("ok\n"+strings.Repeat("x", 1<<20)), ""); err == nil ||
		!strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line without end: %v", err)
	}
}

// lines are the failing lines of a paste, each with its number, service and signs.
func lines(p *diagnose.Paste) []string {
	var out []string
	for _, i := range p.Items {
		if !i.Hint {
			out = append(out, fmt.Sprintf("%d %s %s", i.Line, i.Name, strings.Join(i.Signs, " ")))
		}
	}
	return out
}

func wide(text, mark string) string {
	var b strings.Builder
	b.WriteString(mark)
	for _, c := range []byte(text) {
		if mark == "\xFF\xFE" {
			b.Write([]byte{c, 0})
		} else {
			b.Write([]byte{0, c})
		}
	}
	return b.String()
}

func FuzzRead(f *testing.F) {
	f.Add("Presence: Invalid credential\nVoicemail - not connected\n")
	f.Add("\x00\xff\nLDAP=\n")
	f.Add("\xFE\xFF\x00L\x00D\x00A\x00P\x00:\x00 \x00e\x00r\x00r\x00o\x00r\x00")
	f.Add("A Cisco DB[STARTED]\nCisco XCP Router[STOPPED]  Commanded Out of Service\n38 I 0 P 1 H 2 T 1 S 27 EPAS_SyncAgent[]:3\nerror " +
		"LDAP103 x\n")
	f.Add("プレゼンス：接続できません\n無法登入\nÉchec de l’authentification sip:a@b.c.b.c:143")
	k := load(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := diagnose.Read(strings.NewReader(text), "")
		text = export.Undecorated(text)
		marked := strings.HasPrefix(text, "\xFF\xFE") || strings.HasPrefix(text, "\xFE\xFF") // UTF-16: the message is not there byte for byte
		for _, i := range p.Items {
			if i.Line < 1 || i.Line > strings.Count(text, "\n")+1 || !marked && !strings.Contains(text, i.Message) || len(i.Signs) == 0 {
				t.Errorf("%+v is not in the text", i)
			}
		}
		for q, a := range p.Answers {
			if err := k.CheckAnswer(q + "=" + a.Word); err != nil {
				t.Error(err)
			}
		}
		if err == nil {
			_ = k.Judge(diagnose.Input{Pastes: []*diagnose.Paste{p}})
		}
	})
}

func TestReadAnswers(t *testing.T) {
	k := load(t)
	got, err := k.ReadAnswers(strings.NewReader("\ufeff# the caller\r\nwho: everyone\n\n since = upgrade # 7.0\nversion: \"7\"\n"))
	if want := map[string]string{"who": "everyone", "since": "upgrade", "version": "7"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for text, want := range map[string]string{
		"who: one\nwhen: now\n":    `line 2: unknown question "when"`,
		"who: none":                `line 1: unknown answer "none" to "who"`,
		"\nsomeone":                `line 2: "someone" is not an answer`,
		"who: one\nwho=some":       "line 2: who is answered twice",
		strings.Repeat("x", 1<<13): "line 1: bufio.Scanner: token too long",
	} {
		if _, err := k.ReadAnswers(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

func FuzzReadAnswers(f *testing.F) {
	f.Add("who: everyone\nsince='upgrade'\n")
	f.Add("=\n:#")
	k := load(f)
	f.Fuzz(func(t *testing.T, text string) {
		answers, err := k.ReadAnswers(strings.NewReader(text))
		for q, word := range answers {
			if bad := k.CheckAnswer(q + "=" + word); err == nil && bad != nil {
				t.Error(bad)
			}
		}
	})
}

func TestReadFindings(t *testing.T) {
	text := `{"findings":[{"rule":"CRED005","severity":"error","message":"port 389","file":"servers.yaml","line":16,"column":11,"key":"CUCM.LDAPAuthentication.Server.1.Port"}],
"errors":[{"file":"a.xml","line":3,"column":1,"message":"cut off"}],"version":"1"}`
	findings, missed, err := diagnose.ReadFindings(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(missed) != 1 || missed[0].Error() != "a.xml:3:1: cut off" {
		t.Errorf("missed %+v", missed)
	}
	ranked := load(t).Rank(diagnose.Input{Symptoms: []string{diagnose.DeskPhone}, Findings: findings})
	if len(ranked) == 0 || ranked[0].ID != "cti-referral" || ranked[0].For[0].Where != "servers.yaml:16:11" {
		t.Errorf("%+v", ranked)
	}
	for text, want := range map[string]string{
		"":                                   "1:1: unexpected end of JSON input",
		"{\n\"findings\": [}":                "2:14: invalid character '}'",
		"{\"findings\": [\n{\"rule\": 7}]}":  "2:11: json: cannot unmarshal number",
		"{\"cupclintCase\": 1}":              "it has no findings",
		"{\"findings\": [{\"key\": \"a\"}]}": "finding 1 names no rule",
	} {
		if _, _, err := diagnose.ReadFindings(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzReadFindings(f *testing.F) {
	f.Add(`{"findings":[{"rule":"CRED005","severity":"error","key":"CUCM"}],"errors":[]}`)
	f.Add("{\"findings\":\n[null]}")
	k := load(f)
	f.Fuzz(func(_ *testing.T, text string) {
		if findings, _, err := diagnose.ReadFindings(strings.NewReader(text)); err == nil {
			k.Rank(diagnose.Input{Findings: findings})
		}
	})
}

// TestEvidenceOfOneSymptom proves that the certificate of one service is not evidence for a complaint about another.
func TestEvidenceOfOneSymptom(t *testing.T) {
	k := load(t)
	in := diagnose.Input{Findings: []lint.Finding{{Rule: "MAIL109", Key: "Calendar.Server.1.Address"}}}
	for symptom, want := range map[string]bool{diagnose.Calendar: true, diagnose.Directory: false, diagnose.Voicemail: false} {
		in.Symptoms = []string{symptom}
		ranked := k.Rank(in)
		i := slices.IndexFunc(ranked, func(d diagnose.Diagnosis) bool { return d.ID == "certificates-renewed" })
		if got := i >= 0 && len(ranked[i].For) > 0; got != want {
			t.Errorf("%s: evidence of a certificate %v, want %v", symptom, got, want)
		}
	}
}

// TestSeparates proves which probes come first: those of one of the two best causes, not of both and not of others.
func TestSeparates(t *testing.T) {
	k := load(t)
	in := diagnose.Input{Symptoms: []string{diagnose.DeskPhone}, Answers: map[string]string{}}
	ranked := k.Rank(in)
	if ranked[0].ID != "cti-referral" || ranked[1].ID != "cti-permission" {
		t.Fatalf("%s, %s", ranked[0].ID, ranked[1].ID)
	}
	apart := k.Separates(in)
	for rule, want := range map[string]bool{"LDAP103": true, "CTI101": false, "MAIL102": false} { // a closed port speaks against both
		if apart(rule) != want {
			t.Errorf("%s: %v", rule, !want)
		}
	}
	if k.Clear(in) {
		t.Error("clear without evidence")
	}
	in.Findings = []lint.Finding{{Rule: "LDAP103", Key: "CUCM.LDAPAuthentication.Server.1.Address", Severity: lint.Error}}
	if !k.Clear(in) {
		t.Error("not clear after the referral was seen")
	}
}

// TestStrangeSubjects proves that a failure with a subject of its own is not assigned to the service above it, and is never dropped.
func TestStrangeSubjects(t *testing.T) {
	k := load(t)
	for text, want := range map[string][]string{
		"Voicemail: Not connected\nFoo widget failed badly":     {"Foo widget failed badly"},
		"Voicemail: Not connected\nLicense server: unreachable": {"License server: unreachable"},
		"Voicemail: Not connected\nLicense server: unreachable\nReason: timed out": {"License server: unreachable",
			"Reason: timed out"},
		"Voicemail: Not connected\nWidgets:\n  Status: failed":                                   {"Widgets: Status: failed"},
		"Voicemail: Not connected\nReason: Invalid Credentials\nServer mail.acme.com: timed out": nil,
		"Sprachnachrichten: Nicht verbunden\nGrund: Ungültige Anmeldeinformationen":              nil,
		"Widgets:\n  Status: failed\nVoicemail:\n  Status: Not connected":                        {"Widgets: Status: failed"},
		"Server Health:\n  Presence: Not connected\n  Reason: Invalid Credentials\n":             nil,
		"x ERROR [0x1] [a.cpp(1)] [csf.config] [f] - result=[FAILED_TO_PARSE_PROFILE]":           {"result=[FAILED_TO_PARSE_PROFILE]"},
		"x DEBUG [0x1] [a.cpp(1)] [csf.config] [f] - result=[FAILED_TO_PARSE_PROFILE]":           nil,
		"x ERROR [0x1] [a.cpp(1)] [csf.config] [f] - result=[NO_ERROR]":                          nil,
		"client: CUPC 7.0\nsip.acme.com: 503 Service Unavailable":                                {"sip.acme.com: 503 Service Unavailable"},
		"Hello, user Miller reports:\nthe certificate has expired":                               nil,
		"admin:show version inactive\nInactive Master Version: 7.1.3.32900-4":                    nil,
		"Uptime:\nDisk/inactive   19805000K   6601000K   12984000K (67%)":                        nil,
		"Web Conferencing: Invalid credentials":                                                  {"Web Conferencing: Invalid credentials"},
		"Screen sharing: authentication failed":                                                  {"Screen sharing: authentication failed"},
		"ERROR [0x1] [a.cpp(1)] [csf] [f] - There was an issue performing the call: OTHER": {
			"There was an issue performing the call: OTHER"},
		"Sync Errors: NO ERRORS\nSync Errors: 3 ERRORS": {"Sync Errors: 3 ERRORS"},
	} {
		paste, err := diagnose.Read(strings.NewReader(text), "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range k.Unused(diagnose.Input{Pastes: []*diagnose.Paste{paste}}) {
			got = append(got, m.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: not explained %q, want %q", text, got, want)
		}
	}
}

// TestSIPProxyIsNoWebProxy proves that a proxy for SIP is not treated as a web proxy on the PC, and a move of users not as one of
// mailboxes.
func TestSIPProxyIsNoWebProxy(t *testing.T) {
	k := load(t)
	for text, cause := range map[string]string{
		"REGISTER is sent through the Cisco UP SIP proxy and fails": "web-proxy",
		"migrated users cannot log in":                              "calendar-mixed",
		"voicemail fails since the mailbox move":                    "calendar-mixed",
	} {
		paste, err := diagnose.Read(strings.NewReader(text), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range k.Rank(diagnose.Input{Pastes: []*diagnose.Paste{paste}}) {
			if d.ID == cause {
				t.Errorf("%q: %s with %v", text, cause, d.For)
			}
		}
	}
}
