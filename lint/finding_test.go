package lint

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"cupclint/export"
)

// Every field of a finding and of a row must survive the temporary file, also one that is added later.
func TestCodecKeepsEveryField(t *testing.T) {
	findings := func(f Finding) bool {
		f.Severity %= 3
		if len(f.Evidence) == 0 {
			f.Evidence = nil
		}
		if len(f.Edits) == 0 {
			f.Edits = nil
		}
		if len(f.Related) == 0 {
			f.Related = nil
		}
		var got Finding
		d := decoder{text: string(f.encode(nil))}
		got.decode(&d)
		return d.err == nil && d.text == "" && reflect.DeepEqual(got, f)
	}
	if err := quick.Check(findings, nil); err != nil {
		t.Error(err)
	}
	rows := func(r AddressRow) bool {
		var got AddressRow
		d := decoder{text: string(r.encode(nil))}
		got.decode(&d)
		return d.err == nil && d.text == "" && got == r
	}
	if err := quick.Check(rows, nil); err != nil {
		t.Error(err)
	}
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add((&Finding{Rule: "X", Evidence: []string{"a"}, Edits: []Edit{{1, 2, "b"}}}).encode(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var got Finding
		d := decoder{text: string(b)}
		got.decode(&d)
	})
}

func TestSeveritiesAreReadAndWrittenByName(t *testing.T) {
	for _, s := range []Severity{Info, Warning, Error} {
		text, _ := s.MarshalText()
		var back Severity
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("%v: %q, %v, %v", s, text, back, err)
		}
	}
	for _, bad := range []string{"", "Error", "fatal", "error "} {
		if _, err := ParseSeverity(bad); err == nil {
			t.Errorf("ParseSeverity(%q): no error", bad)
		}
	}
}

func fingerprints(findings []Finding) []string {
	var prints []string
	for _, f := range findings {
		prints = append(prints, f.Fingerprint)
	}
	return prints
}

func TestFingerprintsSurviveMovedLinesAndRenamedFiles(t *testing.T) {
	rules := []*Rule{badValue}
	_, before, _ := collect(t, Options{Rules: rules, Sources: folder(t, map[string]string{
		"a.txt": "Presence.Domain = bad\nPresence.Primary.Address = bad\n",
		"b.txt": "Presence.Domain = bad\n",
	})})
	_, after, _ := collect(t, Options{Rules: rules, Sources: folder(t, map[string]string{
		"z/new.txt": "# moved\n\n\nPresence.Primary.Address = bad\nPresence.Domain = bad\n",
		"y.txt":     "\nPresence.Domain = bad\n",
	})})
	a, b := fingerprints(before), fingerprints(after)
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(a, b) {
		t.Errorf("before %q\nafter  %q", a, b)
	}
	if len(slices.Compact(a)) != 3 {
		t.Errorf("not all different: %q", a)
	}
	if n := strings.Count(strings.Join(a, " "), ":2"); n != 1 {
		t.Errorf("%d second occurrences, want 1: %q", n, a)
	}
}

func TestFingerprintsKeepRuleKeyAndValueApart(t *testing.T) {
	seen := make(map[string]string)
	for _, parts := range [][3]string{{"A", "B", "C"}, {"AB", "", "C"}, {"", "AB", "C"}, {"A", "BC", ""}, {"A", "B1:", "C"}, {"A", "B", "c"},
		{"", "", ""}} {
		print := fingerprint(parts[0], parts[1], parts[2])
		if other, ok := seen[print]; ok {
			t.Errorf("%q and %s share a fingerprint", parts, other)
		}
		seen[print] = fmt.Sprintf("%q", parts)
	}
	// The recipe is a promise to baselines. The value is sha256sum's for the three strings written out.
	if got, want := fingerprint("PRES001", "Presence.Primary.Address", "cup1.cisco.com"), "db644090e83397342d1910663a2c0df7"; got != want {
		t.Errorf("the recipe changed: %s, want %s", got, want)
	}
}

func TestSecretsNeverEnterAFinding(t *testing.T) {
	everySecret := &Rule{ID: "T904", Name: "secret", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		var found []Finding
		for i := range in.Properties {
			if p := &in.Properties[i]; p.Secret() {
				found = append(found, in.At(p, "a secret"), in.AtName(p, "a secret"))
			}
		}
		return found
	}}
	run := func(secret string) []Finding {
		_, findings, _ := collect(t, Options{Rules: []*Rule{everySecret}, Sources: folder(t, map[string]string{
			"a.txt": "Presence.Domain = d\nDirectory.Password = " + secret + "\n",
		})})
		return findings
	}
	const marker = "s3cr3t-marker"
	one, two := run(marker), run("another")
	if len(one) != 2 || !slices.Equal(fingerprints(one), fingerprints(two)) {
		t.Errorf("the secret changes the fingerprint: %q, %q", fingerprints(one), fingerprints(two))
	}
	for _, f := range one {
		if strings.Contains(fmt.Sprintf("%+v", f), marker) {
			t.Errorf("the finding holds the secret: %+v", f)
		}
	}
	if DigestOf(marker) == DigestOf("another") || DigestOf(marker) != DigestOf(strings.Clone(marker)) {
		t.Error("digests do not stand for their secrets")
	}
}

func TestFindingsKnowTheirRuleAndPlace(t *testing.T) {
	var got []Finding
	rule := &Rule{ID: "T906", Name: "places", Area: "test", Severity: Warning, Kind: ExportKind, Check: func(in *Input) []Finding {
		p := in.Get(export.PresenceDomain)
		milder := in.At(p, "100%% of %s", p.Value)
		milder.Severity = Info
		return []Finding{milder, in.AtName(p, "name"), in.At(nil, "whole"),
			in.Missing(export.PresencePrimaryAddress, p, "missing"), in.Missing(export.PresencePrimaryAddress, nil, "missing")}
	}}
	got = rule.Judge(read(t, "\nPresence.Domain = cisco.com\n"))
	var lines []string
	for _, f := range got {
		if f.Rule != "T906" || f.Name != "places" || f.Area != "test" || f.Kind != ExportKind || f.File != "a.txt" || f.Fingerprint == "" {
			t.Errorf("%+v", f)
		}
		lines = append(lines, fmt.Sprintf("%d:%d-%d:%d %s %s %q %q", f.Line, f.Column, f.EndLine, f.EndColumn, f.Severity, f.Key, f.Message,
			f.Source))
	}
	want := []string{
		`2:19-2:28 info Presence.Domain "100% of cisco.com" "Presence.Domain = cisco.com"`,
		`2:1-2:16 warning Presence.Domain "name" "Presence.Domain = cisco.com"`,
		`0:0-0:0 warning  "whole" ""`,
		`2:1-2:16 warning Presence.Primary.Address "missing" "Presence.Domain = cisco.com"`,
		`0:0-0:0 warning Presence.Primary.Address "missing" ""`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestLiveFindingsHaveFingerprintsOfTheirSubject(t *testing.T) {
	live := &Rule{ID: "DNS101", Name: "presence-unresolvable", Area: "dns", Severity: Error, Kind: LiveKind}
	findings := []Finding{
		live.New("cup1.example.net", "%s does not exist", "cup1.example.net"),
		live.New("cup2.example.net", "gone"),
		live.New("cup1.example.net", "the same, in other words"),
		{Rule: "DNS101", Message: "made by hand"},
	}
	Number(findings)
	got := fingerprints(findings)
	if got[0][:fingerprintBytes] != got[2][:fingerprintBytes] || got[0] == got[2] || got[0] == got[1] || !strings.HasSuffix(got[2], ":2") {
		t.Errorf("%q", got)
	}
	if len(got[3]) != fingerprintBytes+2 {
		t.Errorf("a finding made by hand has the fingerprint %q", got[3])
	}
	if live.Judge(&Input{}) != nil {
		t.Error("a live rule judged an export")
	}
}

func TestCountsAddUpBySeverity(t *testing.T) {
	var c Counts
	for _, s := range []Severity{Info, Info, Info, Warning, Warning, Error} {
		c.Add(s)
	}
	if c.AtLeast(Info) != 6 || c.AtLeast(Warning) != 3 || c.AtLeast(Error) != 1 {
		t.Errorf("%+v", c)
	}
}

func TestATruncatedRecordIsAnError(t *testing.T) {
	whole := (&Finding{Rule: "A", Message: "m", Evidence: []string{"e"}, Edits: []Edit{{1, 2, "t"}}, SourceColumn: 1}).encode(nil)
	for i := range whole {
		var f Finding
		d := decoder{text: string(whole[:i])}
		if f.decode(&d); d.err == nil {
			t.Errorf("the first %d of %d bytes decode without error", i, len(whole))
		}
	}
}

func TestTextsOfFindingsAreBounded(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("a", maxText), strings.Repeat("é", maxText), "a" + strings.Repeat("é", maxText),
		strings.Repeat("\x80", 2*maxText)} {
		f := Finding{Message: s, Key: s, Address: s, Fix: s, Evidence: []string{s}}
		f.bound()
		for _, got := range []string{f.Message, f.Key, f.Address, f.Fix, f.Evidence[0]} {
			cut, _, _ := strings.Cut(got, "... (")
			if len(s) <= maxText && got != s ||
				len(s) > maxText && (len(cut) > maxText || len(cut) < maxText-utf8.UTFMax || !strings.HasPrefix(s, cut)) {
				t.Errorf("%d bytes became %d: %.20q", len(s), len(got), got)
			}
			if utf8.ValidString(s) && !utf8.ValidString(got) {
				t.Errorf("a character was cut in two")
			}
		}
	}
}
