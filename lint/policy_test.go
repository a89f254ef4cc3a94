package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var catalogue = []*Rule{
	{ID: "PRES001", Name: "presence-domain-mismatch", Area: "presence", Severity: Error},
	{ID: "PRES002", Name: "presence-case-mismatch", Area: "presence", Severity: Error},
	{ID: "HYG001", Name: "duplicate-property", Area: "hygiene", Severity: Warning},
	{ID: "HYG009", Name: "doubtful", Area: "hygiene", Severity: Info, Off: true},
	{ID: "DNS101", Name: "presence-unresolvable", Area: "dns", Severity: Error, Kind: LiveKind},
	Define(UnusedSuppression, Rule{}),
}

func mustPolicy(t *testing.T, s Settings) *Policy {
	t.Helper()
	p, err := NewPolicy(catalogue, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func levels(pairs ...string) []RuleLevel {
	var l []RuleLevel
	for i := 0; i < len(pairs); i += 2 {
		l = append(l, RuleLevel{Rule: pairs[i], Level: pairs[i+1]})
	}
	return l
}

func TestRulesAreSelectedByIDNameAndArea(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    Settings
		want string // the rules that are on, with their severity
	}{
		{"defaults", Settings{}, "PRES001=error PRES002=error HYG001=warning DNS101=error HYG008=warning"},
		{"by ID", Settings{Rules: levels("PRES001", "off")}, "PRES002=error HYG001=warning DNS101=error HYG008=warning"},
		{"by name, without case", Settings{Rules: levels("Presence-Case-MISMATCH", "info")},
			"PRES001=error PRES002=info HYG001=warning DNS101=error HYG008=warning"},
		{"by area", Settings{Rules: levels("presence", "warning")}, "PRES001=warning PRES002=warning HYG001=warning DNS101=error HYG008=warning"},
		{"a rule wins over its area, before or after it", Settings{Rules: levels("hyg001", "error", "hygiene", "off")},
			"PRES001=error PRES002=error HYG001=error DNS101=error"},
		{"an area wins over all", Settings{Rules: levels("dns", "warning", "all", "off")}, "DNS101=warning"},
		{"all in capitals", Settings{Rules: levels("ALL", "off")}, ""},
		{"on keeps the weight", Settings{Rules: levels("doubtful", "on", "all", "off")}, "HYG009=info"},
		{"a severity switches on", Settings{Rules: levels("HYG009", "error")},
			"PRES001=error PRES002=error HYG001=warning HYG009=error DNS101=error HYG008=warning"},
		{"the later wins", Settings{Rules: levels("PRES001", "off", "presence-domain-mismatch", "info")},
			"PRES001=info PRES002=error HYG001=warning DNS101=error HYG008=warning"},
		{"only", Settings{Only: []string{"PRES001", "doubtful"}}, "PRES001=error HYG009=info"},
		{"only keeps configured weights", Settings{Rules: levels("PRES001", "info"), Only: []string{"PRES001"}}, "PRES001=info"},
		{"only wins over off", Settings{Rules: levels("PRES001", "off"), Only: []string{"presence"}}, "PRES001=error PRES002=error"},
		{"enable adds", Settings{Rules: levels("all", "off"), Enable: []string{"DNS101"}}, "DNS101=error"},
		{"disable always wins", Settings{Only: []string{"presence"}, Enable: []string{"DNS101"}, Disable: []string{"PRES002", "dns"}},
			"PRES001=error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPolicy(t, tt.s)
			var on []string
			for _, r := range catalogue {
				if p.On(r) {
					on = append(on, fmt.Sprintf("%s=%s", r.ID, p.Severity(r)))
				}
			}
			if got := strings.Join(on, " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestConfiguredSeverityTakesThePlaceOfTheRulesOwn(t *testing.T) {
	for _, tt := range []struct {
		rule       string
		configured string
		given      Severity
		want       Severity
	}{
		{"PRES001", "", Error, Error},
		{"PRES001", "warning", Error, Warning},
		{"PRES001", "", Info, Info},           // the rule made it milder
		{"PRES001", "error", Info, Info},      // and it stays so
		{"PRES001", "warning", Info, Info},    //
		{"PRES001", "info", Warning, Info},    //
		{"HYG001", "", Error, Error},          // the rule made it heavier
		{"HYG001", "info", Error, Info},       // what is configured counts
		{"HYG001", "error", Warning, Error},   //
		{"HYG001", "warning", Error, Warning}, //
	} {
		var s Settings
		if tt.configured != "" {
			s.Rules = levels(tt.rule, tt.configured)
		}
		f := Finding{Rule: tt.rule, Severity: tt.given}
		if !mustPolicy(t, s).NewFilter(catalogue).Apply(&f) || f.Severity != tt.want {
			t.Errorf("%+v: got %v", tt, f.Severity)
		}
	}
}

func TestFindingsOfRulesThatAreOffAreDropped(t *testing.T) {
	f := mustPolicy(t, Settings{Rules: levels("dns", "off")}).NewFilter(catalogue)
	if f.Apply(&Finding{Rule: "DNS101"}) {
		t.Error("a live finding passed although its rule is off")
	}
	if f.Suppressed() != 0 {
		t.Error("counted as suppressed")
	}
}

func TestWrongSettingsAreAllReportedWithTheNearestRightName(t *testing.T) {
	_, err := NewPolicy(catalogue, Settings{
		Profile: "firstlight",
		Ignore: []Glob{{Pattern: "[a", Origin: Origin{"c.yaml", 2, 5}}, {Pattern: "/abs/**"}, {Pattern: " "},
			{Pattern: `C:\exports`}, {Pattern: "c:/exports"}, {Pattern: `\\server\share`}},
		Rules:    []RuleLevel{{"PRES01", "off", Origin{"c.yaml", 3, 7}}, {"PRES001", "eror", Origin{}}, {"PRES001", "true", Origin{}}},
		Only:     []string{"presance"},
		Enable:   []string{"presence-domian-mismatch"},
		Disable:  []string{"nothing-like-it-at-all"},
		Suppress: []Suppression{{Origin: Origin{"c.yaml", 9, 3}}, {Rule: "HYG1", Key: "x", Path: "[", Reason: "r"}},
	})
	if err == nil {
		t.Fatal("no error")
	}
	want := `profile: unknown profile "firstlight": use first-light
c.yaml:2:5: ignore: malformed glob "[a"
ignore: glob "/abs/**" is absolute: write it relative to the folder of the configuration
ignore: empty glob
ignore: glob "C:\\exports" is absolute: write it relative to the folder of the configuration
ignore: glob "c:/exports" is absolute: write it relative to the folder of the configuration
ignore: glob "\\\\server\\share" is absolute: write it relative to the folder of the configuration
c.yaml:3:7: rules: unknown rule "PRES01": did you mean "PRES001"?
rules: PRES001: unknown level "eror": did you mean "error"?
rules: PRES001: unknown level "true": use off, on, info, warning, error
--only: unknown rule "presance": did you mean "presence"?
--enable: unknown rule "presence-domian-mismatch": did you mean "presence-domain-mismatch"?
--skip: unknown rule "nothing-like-it-at-all": use the ID or name of a rule (cupclint rules lists them), or an area: dns, hygiene, presence
c.yaml:9:3: suppress: rule is missing: name the rule whose finding is suppressed
c.yaml:9:3: suppress: path or key is missing: to switch a rule off everywhere, set it to off under rules
c.yaml:9:3: suppress: reason is missing: write why, for the next reader
suppress: unknown rule "HYG1": did you mean "HYG001"?
suppress: malformed glob "["`
	if got := err.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if unknown, ok := errors.AsType[*UnknownRuleError](err); !ok || unknown.Name != "PRES01" {
		t.Errorf("no UnknownRuleError in the chain: %v", unknown)
	}
	if set, ok := errors.AsType[*SettingError](err); !ok || set.Setting != "profile" {
		t.Errorf("no SettingError in the chain: %v", set)
	}
}

func TestGlobsMatchRelativeToTheConfiguration(t *testing.T) {
	for _, tt := range []struct {
		glob, file string
		want       bool
	}{
		{"exports/old/**", "exports/old/a.xml", true},
		{"exports/old", "exports/old/deep/a.xml", true}, // a folder stands for what is in it
		{"exports/old/", "exports/old/a.xml", true},
		{"./exports/old", "./exports/old/a.xml", true},
		{"exports/ol", "exports/old/a.xml", false},
		{"*.xml", "a.xml", true},
		{"*.xml", "exports/a.xml", false},
		{"**/*.xml", "exports/a.xml", true},
		{"**/*.xml", "a.xml", true},
		{"exports/*.{xml,yaml}", "exports/a.yaml", true},
		{"exports/all.zip", "exports/all.zip!site1/a.xml", true},
		{"exports/all.zip!site1/*", "exports/all.zip!site1/a.xml", true},
		{"exports/all.zip!site2/*", "exports/all.zip!site1/a.xml", false},
		{"exports/a.xml", "/home/u/repo/exports/a.xml", true},
		{"exports/a.xml", "/home/u/other/exports/a.xml", false},
		{"../other/**", "/home/u/other/a.xml", true},
		{"a.xml", "../a.xml", false},
		{"a\\[1\\].xml", "a[1].xml", true},
		{"a[1].xml", "a[1].xml", false},
		{`exports\old`, "exports/old/a.xml", true}, // as on Windows, and then read anywhere
		{`exports\old\`, "exports/old/a.xml", true},
		{`.\exports\*.xml`, "exports/a.xml", true},
		{`exports\**\a.xml`, "exports/deep/er/a.xml", true},
		{`exports\a?.xml`, "exports/ab.xml", true},
		{`exports\old`, "exports/older/a.xml", false},
		{`exports\a\[1\].xml`, "exports/a[1].xml", true},
		{`..\other`, "/home/u/other/a.xml", true},
		{`exports\all.zip!site1\*`, "exports/all.zip!site1/a.xml", true},
		{"-", "-", true},
		{"**", "-", true},
		{"É.xml", "é.xml", false},
	} {
		for _, work := range []struct{ dir, prefix string }{{"/home/u/repo", ""}, {"/home/u/repo/sub", "../"}} {
			file := tt.file
			if !strings.HasPrefix(file, "/") && file != "-" {
				file = work.prefix + file
			}
			p := mustPolicy(t, Settings{Base: "/home/u/repo", WorkDir: work.dir, Ignore: []Glob{{Pattern: tt.glob}}})
			if got := p.Ignores(file); got != tt.want {
				t.Errorf("in %s: %q matches %q: %v, want %v", work.dir, tt.glob, file, got, tt.want)
			}
		}
	}
	if mustPolicy(t, Settings{Base: "/", WorkDir: "/home", Ignore: []Glob{{Pattern: "home/a"}}}).Ignores("a") == false {
		t.Error("a configuration in the root folder does not match")
	}
}

func TestSuppressionsSilenceByPathAndKey(t *testing.T) {
	finding := Finding{Rule: "PRES001", File: "exports/hq.xml", Key: "SIPProxy.IncomingACL.3"}
	for _, tt := range []struct {
		s    Suppression
		want bool // suppressed
	}{
		{Suppression{Rule: "PRES001", Path: "exports/*.xml"}, true},
		{Suppression{Rule: "presence-domain-mismatch", Path: "exports"}, true},
		{Suppression{Rule: "PRES002", Path: "exports/*.xml"}, false},
		{Suppression{Rule: "PRES001", Path: "*.xml"}, false},
		{Suppression{Rule: "PRES001", Key: "sipproxy.incomingacl.3"}, true},
		{Suppression{Rule: "PRES001", Key: "SIPProxy.IncomingACL.*"}, true},
		{Suppression{Rule: "PRES001", Key: "*.3"}, true},
		{Suppression{Rule: "PRES001", Key: "sip*acl*"}, true},
		{Suppression{Rule: "PRES001", Key: "*"}, true},
		{Suppression{Rule: "PRES001", Key: "*3*3"}, false},
		{Suppression{Rule: "PRES001", Key: "SIPProxy"}, false},
		{Suppression{Rule: "PRES001", Key: "*.3", Path: "exports/*"}, true},
		{Suppression{Rule: "PRES001", Key: "*.4", Path: "exports/*"}, false},
		{Suppression{Rule: "PRES001", Key: "*.3", Path: "other/*"}, false},
	} {
		tt.s.Reason = "known"
		f := mustPolicy(t, Settings{Suppress: []Suppression{tt.s}}).NewFilter(catalogue)
		got := finding
		if shown := f.Apply(&got); shown == tt.want || f.Suppressed() == 1 != tt.want {
			t.Errorf("%+v: shown %v", tt.s, shown)
		}
		if unused := f.Review(); len(unused) == 1 == tt.want {
			t.Errorf("%+v: unused: %v", tt.s, unused)
		}
	}
}

func TestASuppressionThatMatchesNothingIsAFinding(t *testing.T) {
	at := Origin{".cupclint.yaml", 7, 5}
	p := mustPolicy(t, Settings{Suppress: []Suppression{
		{Rule: "PRES001", Path: "a.xml", Reason: "one", Origin: at},
		{Rule: "PRES001", Path: "gone.xml", Reason: "two", Origin: at},
		{Rule: "HYG001", Key: "Presence.Domain", Reason: "three", Origin: at},
		{Rule: "DNS101", Key: "Presence.Domain", Reason: "its rule does not run", Origin: at},
		{Rule: "PRES002", Path: "**", Reason: "its rule is off", Origin: at},
		{Rule: "PRES001", Path: "used.xml", Reason: "used", Origin: at},
	}, Rules: levels("PRES002", "off")})
	static := slices.DeleteFunc(slices.Clone(catalogue), func(r *Rule) bool { return r.Kind == LiveKind })
	f := p.NewFilter(static)
	f.Reach("a.xml")
	f.Apply(&Finding{Rule: "PRES001", File: "used.xml"})
	var got []string
	for _, u := range f.Review() {
		got = append(got, fmt.Sprintf("%s:%d %s %s: %s %q", u.File, u.Line, u.Rule, u.Severity, u.Message, u.Evidence))
	}
	want := []string{
		`.cupclint.yaml:7 HYG008 warning: the suppression of PRES001 (presence-domain-mismatch) at path "a.xml" matches no finding ["reason given: one"]`,
		`.cupclint.yaml:7 HYG008 info: the suppression of PRES001 (presence-domain-mismatch) at path "gone.xml" matches no finding and no input of this run ["reason given: two"]`,
		`.cupclint.yaml:7 HYG008 warning: the suppression of HYG001 (duplicate-property) at key "Presence.Domain" matches no finding ["reason given: three"]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	off := mustPolicy(t, Settings{Suppress: []Suppression{{Rule: "PRES001", Path: "a", Reason: "r"}},
		Rules: levels("unused-suppression", "off")})
	if u := off.NewFilter(static).Review(); u != nil {
		t.Errorf("reported although the rule is off: %v", u)
	}
}

// matchKey against its definition, spelled out by recursion.
func FuzzMatchKey(f *testing.F) {
	f.Add("a*b", "acb")
	f.Add("**", "")
	var slow func(p, s string) bool
	slow = func(p, s string) bool {
		if p == "" {
			return s == ""
		}
		if p[0] == '*' {
			return slow(p[1:], s) || s != "" && slow(p, s[1:])
		}
		return s != "" && p[0] == s[0] && slow(p[1:], s[1:])
	}
	f.Fuzz(func(t *testing.T, pattern, key string) {
		pattern, key = strings.ToLower(pattern), strings.ToLower(key)
		if len(pattern) > 12 || len(key) > 20 {
			return
		}
		if got, want := matchKey(pattern, key), slow(pattern, key); got != want {
			t.Errorf("matchKey(%q, %q) = %v, want %v", pattern, key, got, want)
		}
	})
}
