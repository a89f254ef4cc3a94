package compare_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/compare"
	"cupclint/internal/report"
	"cupclint/lint"
)

// side makes a side of lines "RULE SEVERITY KIND FILE KEY VALUE | MESSAGE"; - is an empty value, and a file F:N is at line N.
func side(name string, files string, lines ...string) *compare.Side {
	s := &compare.Side{Name: name, Kind: compare.Exports}
	if files != "" {
		s.Files = strings.Fields(files)
	}
	for _, l := range lines {
		head, message, _ := strings.Cut(l, " | ")
		w := strings.Fields(head)
		for i := range w {
			w[i] = strings.TrimPrefix(w[i], "-")
		}
		f := lint.Finding{Rule: w[0], Name: "name", Kind: lint.Kind(w[2]), Key: w[4], Message: message, Fingerprint: w[5] + ":1"}
		f.Severity, _ = lint.ParseSeverity(w[1])
		file, line, _ := strings.Cut(w[3], ":")
		f.File = file
		_, _ = fmt.Sscan(line, &f.Line)
		s.Findings = append(s.Findings, f)
	}
	return s
}

func list(found []*compare.Found) string {
	var out []string
	for _, f := range found {
		out = append(out, f.Rule+" "+f.File)
	}
	return strings.Join(out, ", ")
}

// What is a change, and what is none.
func TestFindingsAreKnownByTheirMeaning(t *testing.T) {
	for _, c := range []struct {
		name             string
		old, new         *compare.Side
		appeared, gone   string
		changed, unknown string
		unchanged        int
	}{
		{name: "the same", unchanged: 2,
			old: side("old", "old/a old/b", "R1 error export old/a:3 K v | x", "R1 error export old/b:3 K v | x"),
			new: side("new", "new/a new/b", "R1 error export new/a:3 K v | x", "R1 error export new/b:3 K v | x")},
		{name: "a moved line, another order, a renamed file", unchanged: 3,
			old: side("old/", "old/a old/b", "R1 error export old/a:3 K v | x of old/a", "R2 error export old/a:4 K v | x",
				"R1 error export old/b:3 L w | x"),
			new: side("./new", "new/a new/c", "R1 error export new/c:9 L w | x", "R2 error export new/a:2 K v | x",
				"R1 error export new/a:8 K v | x of new/a")},
		{name: "another member of a list", unchanged: 1,
			old: side("old", "old/a", `R1 error export old/a:3 SIPProxy.IncomingACL.3 v3 | the entry "x" is wrong`),
			new: side("new", "new/a", `R1 error export new/a:3 SIPProxy.IncomingACL.1 v1 | the entry "x" is wrong`)},
		{name: "another server is another finding", appeared: "R1 new/a", gone: "R1 old/a",
			old: side("old", "old/a", "R1 error joined old/a:3 Appliance.cups1.Service.X v1 | the service X is stopped on cups1"),
			new: side("new", "new/a", "R1 error joined new/a:3 Appliance.cups2.Service.X v2 | the service X is stopped on cups2")},
		{name: "one more file with the same fault", appeared: "R1 new/b", unchanged: 1,
			old: side("old", "old/a", "R1 error export old/a:3 K v | x"),
			new: side("new", "new/a new/b", "R1 error export new/a:3 K v | x", "R1 error export new/b:3 K v | x")},
		{name: "fixed in one file, broken in another that was there", appeared: "R1 new/b", gone: "R1 old/a",
			old: side("old", "old/a old/b", "R1 error export old/a:3 K v | x"),
			new: side("new", "new/a new/b", "R1 error export new/b:3 K v | x")},
		{name: "fixed in one site, broken in another", appeared: "R1 new/b/y", gone: "R1 old/a/x",
			old: side("old", "old/a/x old/b/z", "R1 error export old/a/x:3 K v | x"),
			new: side("new", "new/a/w new/b/y", "R1 error export new/b/y:3 K v | x")},
		{name: "a renamed site", unchanged: 1,
			old: side("old", "old/a/x old/b/z", "R1 error export old/b/z:3 K v | x"),
			new: side("new", "new/a/x new/c/y", "R1 error export new/c/y:3 K v | x")},
		{name: "another value", changed: "the value differs",
			old: side("old", "old/a", "R1 error export old/a:3 K v | x"),
			new: side("new", "new/a", "R1 error export new/a:3 K w | x")},
		{name: "another value in a renamed file", changed: "from 70000 to 80000 is not a",
			old: side("old", "old/a", "R1 error export old/a:3 K v | the port 70000 is not a port"),
			new: side("new", "new/b", "R1 error export new/b:3 K w | the port 80000 is not a port")},
		{name: "one of what were several", changed: "from 2 to 1 node has no",
			old: side("old", "old/a", "R1 error export old/a:3 K v | 2 nodes have no address"),
			new: side("new", "new/a", "R1 error export new/a:3 K v | 1 node has no address")},
		{name: "fewer attempts, and it weighs more",
			changed: `severity from warning to error, from 4 to 1 attempt left, without "400 clients share it"`,
			old:     side("old", "old/a", "LDAP105 warning live old/a:3 K v | 4 attempts left before dc1.acme.test locks: 400 clients share it"),
			new:     side("new", "new/a", "LDAP105 error live new/a:3 K v | 1 attempt left before dc1.acme.test locks")},
		{name: "a fleet finding whose first file is another one", changed: "from 1 to 2 exports", unchanged: 0,
			old: side("old", "old/a/x old/b/y", "R1 error fleet old/b/y:3 K v | differs in 1 export of this run"),
			new: side("new", "new/a/x new/b/y", "R1 error fleet new/a/x:3 K v | differs in 2 exports of this run")},
		{name: "targets without a file", appeared: "R1 ", gone: "R1 ", unchanged: 1,
			old: side("old", "", "R1 error live - - dc1 | dc1.acme.test:389 is not reached",
				"R1 error live - - dc2 | dc2.acme.test:389 is not reached"),
			new: side("new", "", "R1 error live - - dc1 | dc1.acme.test:389 is not reached",
				"R1 error live - - dc3 | dc3.acme.test:389 is not reached")},
		{name: "files that neither side knows", unchanged: 1,
			old: side("old.jsonl", "", "R1 error export x/a:3 K v | x"),
			new: side("new.jsonl", "", "R1 error export y/b:3 K v | x")},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compare.Run(c.old, c.new, compare.Options{})
			var what []string
			for _, ch := range r.Changed {
				what = append(what, ch.What)
			}
			if list(r.Appeared) != c.appeared || list(r.Gone) != c.gone || strings.Join(what, "; ") != c.changed || r.Unchanged != c.unchanged {
				t.Errorf("new %q, gone %q, changed %q, %d unchanged", list(r.Appeared), list(r.Gone), what, r.Unchanged)
			}
			writeAll(t, r)
		})
	}
}

// A finding that the other side could not have is neither new nor gone.
func TestWhatTheOtherSideCouldNotHaveIsNotKnown(t *testing.T) {
	old := side("old", "old/a old/z.zip!b", "R1 error export old/a:3 K v | x", "R2 error export old/z.zip!b:3 K v | x",
		"R3 error live old/a:3 K v | x",
		"R4 error live old/a:3 K v | x")
	after := side("new", "new/c", "R5 error export new/c:3 K v | x")
	after.Errors = []lint.InputError{{File: "new/a", Message: "cut off"}, {File: "new/z.zip", Message: "cut off"}}
	after.Probed = map[string]bool{"sip": true}
	r := compare.Run(old, after, compare.Options{AreasOf: func(rule string) []string {
		return map[string][]string{"R3": {"directory"}, "R4": {"sip"}}[rule]
	}})
	var why []string
	for _, u := range r.Unknown {
		why = append(why, u.Side+" "+u.Finding.Rule+" "+u.Why)
	}
	want := []string{"old R1 the file could not be read on the new side", "old R2 the file could not be read on the new side",
		"old R3 the new side did not probe directory"}
	if !slices.Equal(why, want) || list(r.Gone) != "R4 old/a" || list(r.Appeared) != "R5 new/c" || len(r.Errors) != 2 {
		t.Errorf("%q, gone %q, new %q, %+v", why, list(r.Gone), list(r.Appeared), r.Errors)
	}
}

// Reports carry the names that they were made with: what they begin with does not matter.
func TestReportsOfOtherFolders(t *testing.T) {
	old := side("old.json", "/data/monday/exports/a/x /data/monday/exports/b/y", "R1 error export /data/monday/exports/a/x:3 K v | x")
	old.Kind = compare.Report
	after := side("exports", "exports/a/x exports/b/y", "R1 error export exports/a/x:5 K v | x", "R1 error export exports/b/y:5 K v | x")
	r := compare.Run(old, after, compare.Options{})
	if r.Unchanged != 1 || list(r.Appeared) != "R1 exports/b/y" || r.Appeared[0].Site != "b" {
		t.Errorf("%d unchanged, new %q", r.Unchanged, list(r.Appeared))
	}
	// One of them has one site alone.
	old = side("old.json", "m/a/x m/a/y", "R1 error export m/a/x:3 K v | x")
	after = side("exports", "exports/a/x exports/a/y exports/b/y", "R1 error export exports/a/x:5 K v | x")
	old.Kind = compare.Report
	if r := compare.Run(old, after, compare.Options{}); r.Unchanged != 1 {
		t.Errorf("new %q gone %q", list(r.Appeared), list(r.Gone))
	}
}

func fact(site, name, value string) compare.Fact {
	return compare.Fact{Site: site, Name: name, Value: value}
}

func TestFacts(t *testing.T) {
	secret := func(site, value string) compare.Fact {
		return compare.Fact{Site: site, Name: "Directory.Password", Secret: true, Digest: lint.DigestOf(value), Value: "Marker.Secret"}
	}
	old, after := side("old", ""), side("new", "")
	old.Facts = map[compare.Source][]compare.Fact{compare.Settings: {
		fact("a", "Presence.Domain", "acme.test"), fact("a", "Acl", "1"), fact("a", "Acl", "2"), secret("a", "x"),
		fact("b", "Presence.Domain", "acme.test"),
		secret("b", "x"), fact("gone", "K", "v"), fact("a", "Empty", "")}, compare.Observations: {}}
	after.Facts = map[compare.Source][]compare.Fact{compare.Settings: {
		fact("a", "Presence.Domain", "ACME.TEST"), fact("a", "Acl", "2"), fact("a", "Acl", "3"), secret("a", "y"),
		fact("b", "Presence.Domain", "ACME.TEST"),
		secret("b", "x"), fact("a", "Empty", "1"), fact("new", "K", "v"), fact("new", "L", "v")}}
	r := compare.Run(old, after, compare.Options{})
	var got []string
	for _, f := range r.Facts {
		got = append(got, strings.Join([]string{f.Site, f.Name, f.Change, f.Old, f.New, fmt.Sprint(f.Secret)}, "|"))
	}
	want := []string{"a|Acl|removed|1||false", "a|Acl|added||3|false", "a|Directory.Password|changed|||true", "a|Empty|changed||1|false",
		"a|Presence.Domain|changed|acme.test|ACME.TEST|false", "b|Presence.Domain|changed|acme.test|ACME.TEST|false", "gone||removed|||false",
		"new||added|||false"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	text := writeAll(t, r)
	for _, part := range []string{"2 sites, first a", "from acme.test to ACME.TEST", "Directory.Password: changed (a secret)",
		`from "" to 1`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// writeAll writes all formats and returns the text. None has a value of a secret, a control character or a line over 80 columns.
func writeAll(t *testing.T, r *compare.Result) string {
	t.Helper()
	var text, page, object bytes.Buffer
	for _, err := range []error{r.WriteText(&text, compare.Style{Width: 80}), r.WriteHTML(&page), r.WriteJSON(&object)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !json.Valid(object.Bytes()) {
		t.Errorf("no JSON: %s", &object)
	}
	for line := range strings.Lines(text.String()) {
		if len([]rune(line)) > 81 {
			t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
		}
	}
	for name, b := range map[string]*bytes.Buffer{"text": &text, "html": &page, "json": &object} {
		if bytes.Contains(b.Bytes(), []byte("Marker.Secret")) || bytes.ContainsRune(b.Bytes(), 0x1b) {
			t.Errorf("%s:\n%s", name, b)
		}
	}
	if bytes.Contains(page.Bytes(), []byte("<script")) {
		t.Error("the page has a script")
	}
	return text.String()
}

// A value that is too long to be kept differs where its end does.
func TestLongSettingsAreComparedAsAWhole(t *testing.T) {
	of := func(end string) *compare.Side {
		var settings compare.SettingsFinder
		settings.Add(&lint.Input{Export: &export.Export{File: "a/x", Properties: []export.Property{
			{Name: "Own", Value: strings.Repeat("\u00e4 ", 200) + end}}}})
		s := side("s", "")
		s.Facts = map[compare.Source][]compare.Fact{compare.Settings: settings.Facts()}
		return s
	}
	for end, want := range map[string]int{"x": 0, "y": 1} {
		r := compare.Run(of("x"), of(end), compare.Options{})
		if len(r.Facts) != want {
			t.Errorf("%s: %+v", end, r.Facts)
		}
		writeAll(t, r)
	}
}

// A probe that failed is not a file that could not be read: findings and facts of the side are known.
func TestAFailedProbeLeavesFindingsAndFactsKnown(t *testing.T) {
	old := side("old", "old/x old/y", "R1 error fleet old/x:3 K v | differs")
	old.Facts = map[compare.Source][]compare.Fact{compare.Addresses: {{File: "old/x", Name: "presence address", Value: "a"}, {File: "old/x",
		Name: "other", Value: "b"}}}
	after := side("new", "new/x new/y")
	after.Facts = map[compare.Source][]compare.Fact{compare.Addresses: {{File: "new/x", Name: "other", Value: "b"}}}
	after.SetProbes([]report.Probe{{Area: "sip", Target: "cups1.acme.test:5060"}})
	after.Errors = []lint.InputError{{File: "cups1.acme.test:5060", Message: "no time left"}, {File: "SIP", Message: "no time left"}}
	r := compare.Run(old, after, compare.Options{})
	if list(r.Gone) != "R1 old/x" || len(r.Unknown) > 0 || len(r.Facts) != 1 || len(r.Notes) > 0 || len(r.Errors) != 2 {
		t.Errorf("gone %q, %d not known, facts %+v, notes %q", list(r.Gone), len(r.Unknown), r.Facts, r.Notes)
	}
}

// What rests on a file that could not be read, and answers of an area that the other side left out, are not told as gone.
func TestWhatMayBeThereAllTheSameIsNotGone(t *testing.T) {
	old := side("old", "old/a/x old/a/y old/b/x", "R1 error fleet old/a/x:3 K v | differs")
	old.Facts = map[compare.Source][]compare.Fact{
		compare.Settings: {{File: "old/a/*", Name: "K", Value: "1"}, {File: "old/a/*", Name: "L", Value: "1"},
			{File: "old/b/*", Name: "K", Value: "1"}},
		compare.Observations: {{Area: "sip", Target: "s:5060", Name: "version", Value: "1"},
			{Area: "ntp", Target: "n:123", Name: "stratum", Value: "3"}},
	}
	after := side("new", "new/a/x new/b/x")
	after.Errors = []lint.InputError{{File: "new/a/y", Message: "cut off"}}
	after.Probed = map[string]bool{"ntp": true}
	after.Facts = map[compare.Source][]compare.Fact{
		compare.Settings: {{File: "new/a/*", Name: "K", Value: "1"}, {File: "new/b/*", Name: "K", Value: "2"}}, compare.Observations: {},
	}
	r := compare.Run(old, after, compare.Options{})
	var facts []string
	for _, f := range r.Facts {
		facts = append(facts, f.In()+" "+f.Name+" "+f.Change)
	}
	if !slices.Equal(facts, []string{"b K changed", "ntp n:123  removed"}) || len(r.Notes) != 1 || len(r.Gone) > 0 || len(r.Unknown) != 1 {
		t.Errorf("facts %q, notes %q, gone %q, %d not known", facts, r.Notes, list(r.Gone), len(r.Unknown))
	}
}
