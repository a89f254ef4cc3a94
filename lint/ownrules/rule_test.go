package ownrules

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
)

// lines writes findings and errors of a run, one a line.
func lines(t testing.TB, set *Set, o lint.Options) (out []string) {
	t.Helper()
	o.Rules = set.Rules()
	result, err := lint.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s:%d:%d %s %s %s: %s", f.File, f.Line, f.Column, f.Severity, f.Rule, f.Key, f.Message))
		for i := range f.Related {
			out = append(out, fmt.Sprintf("  %s:%d %s", f.Related[i].File, f.Related[i].Line, f.Related[i].Message))
		}
	}
	for i := range result.Errors {
		out = append(out, "error: "+result.Errors[i].Error())
	}
	return out
}

// findings lints one text.
func findings(t testing.TB, set *Set, text string) []string {
	t.Helper()
	return lines(t, set, lint.Options{
		Sources:   []export.Source{{Name: export.Stdin}},
		NewReader: func() *export.Reader { return &export.Reader{Stdin: strings.NewReader(text)} },
	})
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// rule makes a configuration of one rule.
func ruleText(fields ...string) string {
	return "own-rules:\n  - id: ACME-001\n    " + strings.Join(fields, "\n    ") + "\n"
}

func TestARuleOnAnExportPointsToItsProperty(t *testing.T) {
	set := mustRead(t, ruleText(`severity: error`, `must: get("presence.domain") == "acme.com"`,
		`message: "it is {get('Presence.Domain')}{{}}"`))
	equal(t, findings(t, set, "# a comment\nPresence.Domain = acme.org\n"), "-:2:19 error ACME-001 Presence.Domain: it is acme.org{}")
	equal(t, findings(t, set, "Presence.Primary.Address = cup1\n"), "-:0:0 error ACME-001 Presence.Domain: it is {}")
	equal(t, findings(t, set, "Presence.Domain = acme.com\n"))
}

func TestARuleOnPropertiesPointsToEach(t *testing.T) {
	set := mustRead(t, ruleText(`each: property`, `keys: ["Directory.*.Address", "SIPProxy.IncomingACL", "My.*"]`,
		`when: not (value startsWith "10.")`, `must: under(value, "acme.com")`, `message: "{key} {index} {value}"`))
	equal(t, findings(t, set, `Directory.Primary.Address = dc1.acme.com
Directory.Backup1.Address = dc2.acme.org
Directory.Backup2.Address =
SIPProxy.IncomingACL.1 = 10.1
SIPProxy.IncomingACL.7 = all
Presence.Domain = acme.org
my.own.key = x
`), "-:2:29 warning ACME-001 Directory.Backup1.Address: Directory.Backup1.Address 0 dc2.acme.org",
		"-:5:26 warning ACME-001 SIPProxy.IncomingACL.7: SIPProxy.IncomingACL.7 7 all",
		"-:7:14 warning ACME-001 my.own.key: my.own.key 0 x")
}

// A value that an expression may not see is never shown.
func TestSecretsAreNotSeen(t *testing.T) {
	const secret = "Tr0ub4dor&3"
	text := "Presence.Domain = acme.com\nDirectory.Password = " + secret + "\nmy.password = " + secret + "\nmeeting.url = https://u:" +
		secret +
		"@host/\n"
	for _, fields := range [][]string{
		{`each: property`, `keys: "*"`, `must: not (value contains "Tr0ub")`, `message: "{key} {value} {file}"`},
		{`each: property`, `keys: "*"`, `must: "false"`, `message: "{key} {value}"`},
		{`must: named("my.password") == ""`, `message: "{named('my.password')}"`},
		{`must: "false"`, `message: "{named('meeting.url')}"`},
		{`must: get("Directory." + "Password") == ""`, `message: "{get('Directory.' + 'Password')} {list('Directory.' + 'Password')}"`},
		{`must: not has("Directory.Password")`, `message: "there is a password"`},
	} {
		for _, line := range findings(t, mustRead(t, ruleText(fields...)), text) {
			if strings.Contains(line, "Tr0ub") || strings.HasPrefix(line, "error:") {
				t.Errorf("%v: %s", fields, line)
			}
		}
	}
	equal(t, findings(t, mustRead(t, ruleText(`must: get("Directory." + "Password") == "x"`, `message: "{get('Directory.' + 'Password')}"`,
		`key: Presence.Domain`)), text), "-:1:19 warning ACME-001 Presence.Domain: ********")
	set := mustRead(t, ruleText(`each: property`, `keys: "*"`, `must: "false"`, `message: "{key}"`))
	equal(t, findings(t, set, "Directory.Password = "+secret+"\n"))
}

// An evaluation that costs too much fails by a count, the same everywhere.
func TestTheCostIsBounded(t *testing.T) {
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, "SIPProxy.IncomingACL.%d = 10.1.%d.%d\n", i+1, i/256, i%256)
	}
	fmt.Fprintf(&many, "Presence.Domain = %s\n", strings.Repeat("a", 1<<20))
	const acl = `list("SIPProxy.IncomingACL")`
	for must, want := range map[string]string{
		`all(` + acl + `, inNetwork(#, "10.0.0.0/8"))`:                  "",
		`none(` + acl + `, any(` + acl + `, # == "no"))`:                "too many steps",
		`all(` + acl + `, all(` + acl + `, all(` + acl + `, # != "")))`: "too many steps",
		`let l = ` + acl + `; all(l, # in l)`:                           "too many steps",
		`let l = ` + acl + `; all(l, inACL(#, l))`:                      "too many steps",
		`len(map(` + acl + `, map(` + acl + `, #))) > 0`:                "memory budget exceeded",
		`let a = get("Presence.Domain"); len(a + a) > 0`:                "more than 65,536 bytes",
		`none(` + acl + `, get("Presence.Domain") matches "(a*)*b")`:    "too many steps",
		doubling(): "more than 65,536 bytes",
	} {
		got := findings(t, mustRead(t, ruleText("must: '"+must+"'", "message: m")), many.String())
		text := strings.Join(got, "\n")
		if want == "" && text != "" || !strings.Contains(text, want) {
			t.Errorf("%s: %s", must, text)
		}
	}
}

func doubling() string {
	text := `let a0 = "aaaaaaaa"; `
	for i := range 30 {
		text += fmt.Sprintf("let a%d = a%d + a%d; ", i+1, i, i)
	}
	return text + `a30 != ""`
}

// A rule that fails is named once, with its place; everything else is done.
func TestARuleThatFailsIsNamedOnce(t *testing.T) {
	set := mustRead(t, `own-rules:
  - id: ACME-001
    must: list("SIPProxy.IncomingACL")[1] != "all"
    message: all
  - id: ACME-002
    must: get("Presence.Domain") == "acme.com"
    message: other
  - id: ACME-003
    each: deployment
    must: list("Presence.Domain")[5] != ""
    message: m
`)
	var texts []string
	for i := range 9 {
		texts = append(texts, fmt.Sprintf("Presence.Domain = acme%d.com\nSIPProxy.IncomingACL.1 = all\n", i))
	}
	texts = append(texts, "Presence.Domain = acme.com\nSIPProxy.IncomingACL.1 = all\nSIPProxy.IncomingACL.2 = all\n")
	for _, jobs := range []int{1, 4} {
		got := lines(t, set, folder(t, jobs, texts...))
		var errs []string
		for _, line := range got {
			if strings.HasPrefix(line, "error: ") {
				errs = append(errs, line)
			}
		}
		equal(t, errs,
			"error: .cupclint.yaml:3:39: rule ACME-001 failed in 9 exports, first in 00/a.properties: index out of range: 1 (array length is 1) "+
				"(character 29 of the expression)",
			"error: .cupclint.yaml:10:34: rule ACME-003 failed in 10 deployments, first in 00: index out of range: 5 (array length is 1) "+
				"(character 24 of the expression)")
		if len(got) != 9+1+2 {
			t.Errorf("%d lines: %s", len(got), strings.Join(got, "\n"))
		}
	}
}

// folder writes a folder for each text, and gives the options for all of them.
func folder(t *testing.T, jobs int, texts ...string) lint.Options {
	t.Helper()
	t.Chdir(t.TempDir())
	for i, text := range texts {
		dir := fmt.Sprintf("%02d", i)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "a.properties"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sources, errs := export.Find([]string{"."})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return lint.Options{Sources: sources, Jobs: jobs}
}

// Pages are escaped.
func TestThePageAsHTML(t *testing.T) {
	set := mustRead(t, ruleText(`must: get("Presence.Domain") != "<script>"`, `message: "<b>{get('Presence.Domain')}</b>"`,
		`fix: "do it\n\n## <i>x</i>"`, `url: https://acme.com/a?b=1&c="d"`))
	html := HTML(set.Rules()[0].Text)
	for _, bad := range []string{"<script>", "<b>", "<i>", `c="d"`} {
		if strings.Contains(html, bad) {
			t.Errorf("%s in\n%s", bad, html)
		}
	}
	for _, want := range []string{"<pre><code>get(", "<h3>How to fix it</h3>", `<a href="https://acme.com/a?b=1&amp;c=`} {
		if !bytes.Contains([]byte(html), []byte(want)) {
			t.Errorf("no %s in\n%s", want, html)
		}
	}
}

// together is a configuration that has all files in one deployment.
func together(t *testing.T) *lint.Policy {
	t.Helper()
	p, err := lint.NewPolicy(nil, lint.Settings{Deployments: []lint.DeploymentPaths{{Name: "hq", Paths: []lint.Glob{{Pattern: "**"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
