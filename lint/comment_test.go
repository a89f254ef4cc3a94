package lint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

// marked is a rule that speaks at every value "bad".
var marked = &Rule{ID: "T100", Name: "bad-value-here", Area: "test", Severity: Error, Kind: ExportKind,
	Check: func(in *Input) (found []Finding) {
		for i := range in.Properties {
			if p := &in.Properties[i]; strings.Contains(p.Value, "bad") {
				found = append(found, in.At(p, "%s is bad", p.Name))
			}
		}
		return found
	}}

func commentRules() []*Rule {
	return []*Rule{marked,
		{ID: "T101", Name: "whole-file", Area: "test", Severity: Error, Kind: ExportKind, Check: func(in *Input) []Finding {
			return []Finding{in.At(nil, "whole")}
		}},
		{ID: "CRED008", Name: "secret-in-export", Area: "test", Severity: Warning, Kind: ExportKind},
		Define(UnusedSuppression, Rule{}), Define(ExpiredSuppression, Rule{}), Define(InvalidSuppression, Rule{})}
}

// judged lints texts by file name and returns "file:line rule[: message]".
func judged(t *testing.T, s Settings, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	policy, err := NewPolicy(commentRules(), s)
	if err != nil {
		t.Fatal(err)
	}
	sources, errs := export.Find([]string{dir})
	res, err := Run(context.Background(), Options{Sources: sources, Errors: errs, Rules: commentRules(), Policy: policy, Suppressed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	for _, e := range res.Errors {
		t.Error(e.Error())
	}
	var got []string
	for f, err := range res.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%s:%d %s", filepath.Base(f.File), f.Line, f.Rule)
		if f.Rule != "T100" && f.Rule != "T101" {
			line += " " + f.Severity.String() + ": " + f.Message
		}
		got = append(got, line)
	}
	return got
}

func TestACommentSilencesWhatIsNextToIt(t *testing.T) {
	const right = "cupclint: ignore T100 the lab has it so"
	for name, tt := range map[string]struct {
		file, text string
		shown      string // lines of T100
	}{
		"properties, the line before": {"a.properties", "# " + right + "\nPresence.Domain = bad\nPresence.Primary.Address = bad\n", "3"},
		"properties, exclamation":     {"a.properties", "! " + right + "\nPresence.Domain = bad\n", ""},
		"properties, semicolon":       {"a.properties", "  ;" + right + "\nPresence.Domain = bad\n", ""},
		"properties, CR LF":           {"a.properties", "# " + right + "\r\nPresence.Domain = bad\r\n", ""},
		"over a blank line":           {"a.properties", "# " + right + "\n\n# more\nPresence.Domain = bad\n", ""},
		"two lines before":            {"a.properties", "# " + right + "\nPresence.Domain = good\nPresence.Primary.Address = bad\n", "3"},
		"after it":                    {"a.properties", "Presence.Domain = bad\n# " + right + "\n", "1"},
		"several IDs":                 {"a.properties", "# cupclint: ignore T101,T100 known\nPresence.Domain = bad\n", ""},
		"several IDs with blanks":     {"a.properties", "# cupclint: ignore T101, T100 known\nPresence.Domain = bad\n", ""},
		"blank before the comma":      {"a.properties", "# cupclint: ignore T101 , T100 known\nPresence.Domain = bad\n", ""},
		"name of the rule":            {"a.properties", "# cupclint: ignore Bad-Value-Here known\nPresence.Domain = bad\n", ""},
		"other case":                  {"a.properties", "# Cupclint:Ignore t100 known\nPresence.Domain = bad\n", ""},
		"the word reason":             {"a.properties", "# cupclint: ignore T100 reason: known\nPresence.Domain = bad\n", ""},
		"dashes before the reason":    {"a.properties", "# cupclint: ignore T100 -- known\nPresence.Domain = bad\n", ""},
		"the whole file": {"a.properties",
			"Presence.Domain = bad\n# cupclint: ignore-file T100 known\nPresence.Primary.Address = bad\n", ""},
		"YAML, the line before":      {"a.yaml", "Presence:\n  # " + right + "\n  Domain: bad\n  Primary.Address: bad\n", "4"},
		"YAML, the same line":        {"a.yaml", "Presence:\n  Domain: bad # " + right + "\n  Primary.Address: bad\n", "3"},
		"YAML, after a quoted value": {"a.yaml", "Presence.Domain: \"bad # x\" # " + right + "\nPresence.Primary.Address: good\n", ""},
		"registry": {"a.reg", "Windows Registry Editor Version 5.00\n\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services " +
			"Framework\\AdminData]\n; " + right + "\n\"LdapServer1\"=\"bad\"\n\"LdapServer2\"=\"bad\"\n", "6"},
		"XML, the line before": {"jabber-config.xml", "<?xml version=\"1.0\"?>\n<config version=\"1.0\"><Policies>\n<!-- " + right +
			" -->\n<Screen_Capture_Enabled>bad</Screen_Capture_Enabled>\n<Start_Client_On_Start_OS>bad</Start_Client_On_Start_OS>\n</Policies>" +
			"</config>\n", "5"},
		"XML, the same line": {"jabber-config.xml", "<?xml version=\"1.0\"?>\n<config version=\"1.0\"><Policies>\n" +
			"<Screen_Capture_Enabled>bad</Screen_Capture_Enabled> <!-- " + right + " -->\n" +
			"<Start_Client_On_Start_OS>bad</Start_Client_On_Start_OS>\n</Policies></config>\n", "4"},
		"XML, a comment of several lines": {"jabber-config.xml", "<?xml version=\"1.0\"?>\n<config version=\"1.0\"><Policies>\n<!--\n  " + right +
			"\n  and more\n-->\n<Screen_Capture_Enabled>bad</Screen_Capture_Enabled>\n</Policies></config>\n", ""},
		"XML in one line: the setting before the comment": {"jabber-config.xml", "<config version=\"1.0\"><Policies><Screen_Capture_Enabled>bad" +
			"</Screen_Capture_Enabled><!-- " + right + " --><Start_Client_On_Start_OS>bad</Start_Client_On_Start_OS></Policies></config>", "1"},
		"XML, an element of several lines": {"a.xml",
			soapOf("<!-- " + right + " -->\n<p:property\n name=\"Presence.Domain\">bad\n</p:property>\n" +
				"<p:property name=\"Presence.Primary.Address\">bad</p:property>\n"), "6"},
		"no longer than the last day": {"a.properties", "# cupclint: ignore T100 expires=2026-11-26 owner=voice known\nPresence.Domain = bad\n",
			""},
		"JSON has none": {"a.json", "{\"Presence.Domain\": \"bad\"}", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, f := range judged(t, Settings{Now: time.Date(2026, 11, 26, 23, 59, 59, 0, time.UTC), Rules: levels("T101", "off")},
				map[string]string{tt.file: tt.text}) {
				if at, ok := strings.CutSuffix(f, " T100"); ok {
					_, line, _ := strings.Cut(at, ":")
					lines = append(lines, line)
				}
			}
			if got := strings.Join(lines, " "); got != tt.shown {
				t.Errorf("lines %q are shown, want %q", got, tt.shown)
			}
		})
	}
}

func soapOf(properties string) string {
	return "<p:r xmlns:p=\"urn:cisco:epas:soap\">\n" + properties + "</p:r>\n"
}

func TestACommentThatIsWrongSuppressesNothingAndIsAFinding(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"# cupclint: ignore T100":                         "the reason is missing",
		"# cupclint: ignore T100 reason":                  "the reason is missing",
		"# cupclint: ignore T100 reason: ...":             "the reason is missing",
		"# cupclint: ignore":                              "the rule is missing",
		"# cupclint: ignore T10 known":                    `unknown rule "T10"`,
		"# cupclint: ignore T100,T999 known":              `unknown rule "T999"`,
		"# cupclint: ignore all known":                    `unknown rule "all"`,
		"# cupclint: ignore T100 T101 known":              "separate rules by commas",
		"# cupclint: ignroe T100 known":                   `"ignroe" is unknown`,
		"# cupclint: disable T100 known":                  `"disable" is unknown`,
		"# cupclint ignore T100 known":                    "", // taken: only the colon is missing
		"# cupclint: ignore CRED008 known":                "a comment cannot suppress a finding about a secret",
		"# cupclint: ignore HYG010 known":                 "a comment cannot suppress a finding about a suppression",
		"# cupclint: ignore T100 expires=2026-13-01 x":    `"2026-13-01" is not a date`,
		"# cupclint: ignore T100 expires= 2026-12-31 x":   "expires is empty",
		"Presence.Text = x # cupclint: ignore T100 known": "it is a part of the value",
	} {
		got := judged(t, Settings{Now: now, Rules: levels("T101", "off")}, map[string]string{"a.properties": text + "\nPresence.Domain = bad\n"})
		if want == "" {
			if len(got) > 0 {
				t.Errorf("%s: %q", text, got)
			}
			continue
		}
		if len(got) != 2 || !strings.Contains(got[0], ":1 HYG010 warning: this comment suppresses nothing") || !strings.Contains(got[0], want) ||
			got[1] != "a.properties:2 T100" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	// Prose is none.
	for _, text := range []string{"# cupclint ignores the rest", "# see cupclint: it reads this", "# made with cupclint: exports of the lab",
		"# https://example.org/cupclint:8080/ignore", "# mycupclint: ignore T100", "# cupclint init wrote this"} {
		if got := judged(t, Settings{Now: now, Rules: levels("all", "on", "T101", "off")}, map[string]string{"a.properties": text +
			"\nPresence.Domain = bad\n"}); !slices.Equal(got, []string{"a.properties:2 T100"}) {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestCommentsThatExpiredOrSilenceNothingAreFindings(t *testing.T) {
	files := map[string]string{
		"a.properties": "# cupclint: ignore T100 expires=2026-11-25 owner=voice known\nPresence.Domain = bad\n",
		"b.properties": "# cupclint: ignore T100 expires=2026-12-01 known\nPresence.Domain = bad\n",
		"c.properties": "# cupclint: ignore T100 known\nPresence.Domain = good\n",
		"d.properties": "# cupclint: ignore-file T101 known\nPresence.Domain = good\n",
	}
	s := Settings{Now: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)}
	want := []string{
		"a.properties:0 T101",
		"a.properties:1 HYG009 warning: the comment that suppresses T100 (bad-value-here) expired: its last day was 2026-11-25. The finding " +
			"that it suppressed is reported again",
		"a.properties:2 T100",
		"b.properties:0 T101",
		"b.properties:1 HYG009 info: the comment that suppresses T100 (bad-value-here) expires soon: its last day is 2026-12-01",
		"c.properties:0 T101",
		"c.properties:1 HYG008 warning: the comment that suppresses T100 (bad-value-here) matches no finding next to it",
	}
	if got := judged(t, s, files); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// ShowSuppressed shows all findings; then no comment is reported as unused.
	s.ShowSuppressed = true
	all := judged(t, s, files)
	if slices.ContainsFunc(all, func(f string) bool { return strings.Contains(f, "HYG008") }) ||
		!slices.Contains(all, "b.properties:2 T100") || !slices.Contains(all, "d.properties:0 T101") {
		t.Errorf("%q", all)
	}
}

// A secret in a reason is shown nowhere.
func TestASecretInACommentIsMasked(t *testing.T) {
	const text = "# cupclint: ignore T100 password=Marker.Secret.1 is known\nPresence.Domain = bad\n"
	e, err := new(export.Reader).Parse("a.properties", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	list := CommentsOf(e, commentRules())
	if len(list) != 1 || strings.Contains(list[0].Reason, "Marker") {
		t.Errorf("%+v", list)
	}
}

func FuzzParseComment(f *testing.F) {
	for _, s := range []string{" ignore T100 known", "ignore T100,T101 expires=2027-01-01 x", "ignore-file T100", "ignore ,",
		"ignore T100 reason="} {
		f.Add(s)
	}
	rules := commentRules()
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := parseComment(text, rules)
		if err == nil && (len(c.Rules) == 0 || strings.TrimSpace(c.Reason) == "") {
			t.Errorf("%q gives %+v", text, c)
		}
		if err == nil && slices.Contains(c.Rules, "CRED008") {
			t.Errorf("%q suppresses a secret", text)
		}
	})
}
