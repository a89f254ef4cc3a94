package report_test

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/report"
	"cupclint/internal/report/reporttest"
	"cupclint/lint"
)

var (
	write    = reporttest.Write
	document = reporttest.Document
	at       = reporttest.At
	audited  = reporttest.Audited
)

func TestCaretStandsBelowThePlace(t *testing.T) {
	cut := at("b = ACME.COM c", 105, 113)
	cut.SourceColumn = 101 // a hundred characters in front were cut
	lines := at("[", 1, 1)
	lines.EndLine, lines.EndColumn = 9, 40
	for name, c := range map[string]struct {
		finding      lint.Finding
		line, carets string
	}{
		"plain":                   {at("a = ACME.COM", 5, 13), "  7 | a = ACME.COM", "    |     ^^^^^^^^"},
		"an empty place":          {at("a =", 4, 4), "  7 | a =", "    |    ^"},
		"a place after the line":  {at("a", 9, 9), "  7 | a", "    |  ^"},
		"tabs in front":           {at("\ta\t= x", 5, 6), "  7 | \ta\t= x", "    | \t \t ^"},
		"wide in front":           {at("会議 = x", 6, 7), "  7 | 会議 = x", "    |        ^"},
		"a wide place":            {at("a = 会議", 5, 7), "  7 | a = 会議", "    |     ^^^^"},
		"a combining mark":        {at("u\u0308 = x", 6, 7), "  7 | u\u0308 = x", "    |     ^"},
		"a control character":     {at("a = \x1b[31m", 5, 10), `  7 | a = \x1b[31m`, "    |     ^^^^^^^^"},
		"an invisible character":  {at("a = cup\u200b1", 5, 10), `  7 | a = cup\u200b1`, "    |     ^^^^^^^^^^"},
		"a backslash is a letter": {at(`a = \x`, 5, 7), `  7 | a = \x`, "    |     ^^"},
		"the line was cut":        {cut, "  7 | b = ACME.COM c", "    |     ^^^^^^^^"},
		"several lines":           {lines, "  7 | [", "    | ^"},
		"a secret":                {at("p = "+export.Mask+" x", 5, 40), "  7 | p = ******** x", "    |     ^^^^^^^^"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Split(write(t, "text", document(c.finding), report.Style{Quiet: true}), "\n")
			if len(got) < 4 || got[2] != c.line || got[3] != c.carets {
				t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), c.line, c.carets)
			}
		})
	}
}

func TestTextOfAFinding(t *testing.T) {
	f := at("a = ACME.COM", 5, 13)
	f.Evidence = []string{"first", "second\nline"}
	f.Fix = "write it in lower case"
	f.Related = []lint.Related{{File: "nodes.txt", Line: 3, Column: 9, Message: "the cluster has\nacme.com"}, {File: "b", Message: "and here"}}
	whole := lint.Finding{Rule: "PRES005", Name: "no-node", Severity: lint.Warning, Message: "Directory.DN is missing.", File: "a b.xml"}
	live := lint.Finding{Rule: "DNS101", Name: "name-missing", Severity: lint.Info, Message: "the name cup1 does not resolve"}
	got := write(t, "text", document(f, whole, live), report.Style{})
	want := `hq.xml:7:5: error PRES002 presence-case-mismatch
  The case differs.
  7 | a = ACME.COM
    |     ^^^^^^^^
  with: nodes.txt:3:9: the cluster has\nacme.com
  with: b: and here
  seen: first
  seen: second\nline
  fix:  write it in lower case

a b.xml: warning PRES005 no-node
  Directory.DN is missing.

info DNS101 name-missing
  The name cup1 does not resolve.

3 findings (1 error, 1 warning, 1 info) in 2 exports with 1 property
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What comes from an input cannot move the cursor, change colours, set titles or turn the direction of writing.
func TestTextHoldsNoControlCharacters(t *testing.T) {
	var hostile strings.Builder
	for r := range rune(0x100) {
		if r != '\n' { // no line of source has one
			hostile.WriteRune(r)
		}
	}
	hostile.WriteString("\u200b\u200e\u202e\u2028\u2066\ufeff\ufffd\x80\xff\U000e0001")
	s := hostile.String()
	f := lint.Finding{
		Rule: "HYG001", Name: "x", Severity: lint.Info, Message: s, File: s, Line: 1, Column: 1, EndLine: 1, EndColumn: 900,
		Source: s, SourceColumn: 1, Evidence: []string{s}, Fix: s, Address: s, Key: s,
		Related: []lint.Related{{File: s, Line: 1, Column: 1, Key: s, Message: s}},
	}
	d := document(f)
	place := []lint.Related{{File: s, Key: s, Message: s}}
	d.Deployments = []*lint.Deployment{{
		Name: s, Why: s, Members: []*lint.Member{{File: s, Why: s}}, Apart: []*lint.Member{{File: s, Why: s}},
		Shared: []lint.SharedNode{{Name: s, Places: place}},
	}}
	d.Addresses = func(yield func(*lint.AddressRow, error) bool) {
		yield(&lint.AddressRow{File: s, Role: "primary", Node: s, Domain: s, Address: s, Step: "domain-appended", Verdict: "wrong"}, nil)
	}
	for i, r := range write(t, "text", d, report.Style{}) {
		if r != '\n' && r != '\t' && (r < ' ' || r >= 0x7F && r < 0xA0 ||
			slices.Contains([]rune("\u200b\u200e\u202e\u2028\u2066\ufeff\ufffd\U000e0001"), r)) {
			t.Errorf("byte %d: %U", i, r)
		}
	}
}

func TestColorsOnlyWhenAskedFor(t *testing.T) {
	f := at("a = ACME.COM", 5, 13)
	f.Fix = "fix it"
	if got := write(t, "text", document(f), report.Style{}); strings.Contains(got, "\x1b") {
		t.Errorf("colour without being asked: %q", got)
	}
	colored := write(t, "text", document(f), report.Style{Color: true})
	if !strings.Contains(colored, "\x1b[1;31merror\x1b[0m") || !strings.Contains(colored, "\x1b[1;31m^^^^^^^^\x1b[0m") {
		t.Errorf("the severity and the carets are not red: %q", colored)
	}
	if strings.Count(colored, "\x1b[0m")*2 != strings.Count(colored, "\x1b[") {
		t.Errorf("a colour is not ended: %q", colored)
	}
}

func TestSummaryLine(t *testing.T) {
	d := document()
	d.Summary.Files, d.Summary.Properties = 1, 60
	if got, want := write(t, "text", d, report.Style{}), "0 findings in 1 export with 60 properties\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	d.Summary.Suppressed = 2
	d.Errors = []lint.InputError{{File: "a", Message: "m"}}
	if got, want := write(t, "text", d,
		report.Style{}), "0 findings in 1 export with 60 properties; 2 suppressed; 1 input could not be read\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := write(t, "text", d, report.Style{Quiet: true}); got != "" {
		t.Errorf("quiet, but it writes %q", got)
	}
}

func TestAddressTableIsAligned(t *testing.T) {
	rows := []lint.AddressRow{
		{File: "会議.xml", Role: "primary", Address: "cup1.acme.com", Step: "domain-included", Verdict: "right", Generation: "sip"},
		{File: "b.xml", Role: "backup2", Address: "c.acme.com", Step: "domain-appended", Verdict: "wrong", Generation: "xmpp"},
	}
	d := document()
	d.Addresses = func(yield func(*lint.AddressRow, error) bool) {
		for i := range rows {
			if !yield(&rows[i], nil) {
				return
			}
		}
	}
	want := `FILE      NODE     ADDRESS        STEP             VERDICT
会議.xml  primary  cup1.acme.com  domain-included  right
b.xml     backup2  c.acme.com     domain-appended  wrong (SIP generation)

`
	if got := write(t, "text", d, report.Style{Quiet: true}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var errLost = errors.New("the disk is gone")

// failing yields one finding and then an error, as a spill file that cannot be read back does.
func failing() iter.Seq2[*lint.Finding, error] {
	return func(yield func(*lint.Finding, error) bool) {
		f := at("a", 1, 2)
		_ = yield(&f, nil) && yield(nil, errLost)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errLost }

func TestEveryFormatReportsFailures(t *testing.T) {
	for _, format := range report.Formats() {
		w, err := report.Find(format)
		if err != nil {
			t.Fatal(err)
		}
		if err := w(io.Discard, &report.Document{Findings: failing()}, report.Style{}); !errors.Is(err, errLost) {
			t.Errorf("%s: findings that cannot be read back give %v", format, err)
		}
		if err := w(fullDisk{}, document(at("a", 1, 2)), report.Style{}); !errors.Is(err, errLost) {
			t.Errorf("%s: a full disk gives %v", format, err)
		}
	}
	if _, err := report.Find("sarf"); err == nil || !strings.Contains(err.Error(), "json") {
		t.Errorf("an unknown format gives %v", err)
	}
}

func TestPrefaceStandsInFront(t *testing.T) {
	d := document()
	d.Preface = func(w io.Writer, _ int) error { _, err := io.WriteString(w, "asked: nothing\n"); return err }
	if got := write(t, "text", d, report.Style{}); !strings.HasPrefix(got, "asked: nothing\n0 findings") {
		t.Errorf("got %q", got)
	}
	d.Preface = func(io.Writer, int) error { return errLost }
	w, _ := report.Find("text")
	if err := w(io.Discard, d, report.Style{}); !errors.Is(err, errLost) {
		t.Errorf("a preface that fails gives %v", err)
	}
}

func TestMembersStandInTheObject(t *testing.T) {
	d := document()
	d.Members = []report.Member{{Name: "asked", Write: func(b *bufio.Writer) error { _, err := b.WriteString("3"); return err }}}
	if got := write(t, "json", d, report.Style{}); !strings.Contains(got, `,"asked":3`) {
		t.Errorf("got %s", got)
	}
}

// On a terminal no line of a finding is broken by the terminal itself, unless a single word is longer.
func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	f := at(`<epas:property name="Presence.Primary.Address">cups1.berlin.corp.local</epas:property>`, 48, 71)
	f.Message = strings.Repeat("the client appends the domain ", 8)
	f.Evidence = []string{strings.Repeat("会議 ", 60)}
	f.Fix = strings.Repeat("write it in lower case ", 9)
	for _, width := range []int{60, 80, 132} {
		got := write(t, "text", document(f), report.Style{Quiet: true, Width: width, Color: false})
		for line := range strings.Lines(got) {
			if n := report.TextWidth(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d columns: %s", width, n, line)
			}
		}
		for _, c := range []string{"\n        ", "seen: ", "fix:  "} { // the rest of a paragraph is below its beginning
			if !strings.Contains(got, c) {
				t.Errorf("width %d lacks %q:\n%s", width, c, got)
			}
		}
		if whole := write(t, "text", document(f),
			report.Style{Quiet: true}); strings.Join(strings.Fields(whole[strings.Index(whole, "seen:"):]), " ") !=
			strings.Join(strings.Fields(got[strings.Index(got, "seen:"):]), " ") {
			t.Errorf("width %d: words are lost:\n%s", width, got)
		}
	}
	long := at("a", 1, 2)
	long.Message = strings.Repeat("x", 200)
	if got := write(t, "text", document(long), report.Style{Quiet: true, Width: 80}); !strings.Contains(got, long.Message[1:]) {
		t.Error("a word that is too long is broken")
	}
}

// The caret is below the same characters when the line is cut to the terminal's width.
func TestCaretInALineThatIsCutToTheTerminal(t *testing.T) {
	for name, source := range map[string]string{
		"at the beginning": "VALUE" + strings.Repeat(" b", 200),
		"in the middle":    strings.Repeat("a ", 100) + "VALUE" + strings.Repeat(" b", 100),
		"at the end":       strings.Repeat("a ", 200) + "VALUE",
		"tabs":             strings.Repeat("\t", 30) + "VALUE",
		"wide characters":  strings.Repeat("会", 150) + "VALUE" + strings.Repeat("議", 150),
		"escapes":          strings.Repeat("\x1b", 99) + "VALUE" + strings.Repeat("\u200b", 99),
	} {
		column := len([]rune(source[:strings.Index(source, "VALUE")])) + 1
		for _, width := range []int{10, 40, 80, 100} {
			lines := strings.Split(write(t, "text", document(at(source, column, column+5)), report.Style{Quiet: true, Width: width}), "\n")
			line, carets := lines[len(lines)-4], lines[len(lines)-3]
			before := report.TextWidth(line[:max(0, strings.Index(line, "VALUE"))])
			if got := strings.Index(carets, "^^^^^"); got != before || !strings.HasSuffix(carets, " ^^^^^") {
				t.Errorf("%s, width %d:\n%s\n%s", name, width, line, carets)
			}
			if n := report.TextWidth(line); n > max(width, 40) {
				t.Errorf("%s, width %d: %d columns", name, width, n)
			}
		}
	}
	value := strings.Repeat("v", 300)
	got := write(t, "text", document(at("k = "+value, 5, 305)), report.Style{Quiet: true, Width: 80})
	if !strings.Contains(got, "...v") || !strings.Contains(got, "v...\n") {
		t.Errorf("a value longer than the line:\n%s", got)
	}
}

func TestAddressesOfANarrowTerminalStandBelowTheirFile(t *testing.T) {
	rows := []lint.AddressRow{
		{File: "exports/emea/berlin/hq.xml", Role: "primary", Address: "cups1.berlin.corp.local.acme.com", Step: "domain-appended",
			Verdict: "wrong"},
		{File: "exports/emea/berlin/hq.xml", Role: "backup", Address: "10.1.1.1", Step: "dotted-decimal", Verdict: "right"},
	}
	d := document()
	d.Addresses = func(yield func(*lint.AddressRow, error) bool) {
		for i := range rows {
			if !yield(&rows[i], nil) {
				return
			}
		}
	}
	want := `  NODE     ADDRESS                           STEP             VERDICT
exports/emea/berlin/hq.xml
  primary  cups1.berlin.corp.local.acme.com  domain-appended  wrong
  backup   10.1.1.1                          dotted-decimal   right

`
	if got := write(t, "text", d, report.Style{Quiet: true, Width: 80}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDeploymentsAreExplained(t *testing.T) {
	d := document()
	d.Deployments = []*lint.Deployment{
		{
			Name: "hq", Joined: true, Why: "the files name the same nodes", Exports: 13,
			Members: []*lint.Member{
				{File: "hq/a.xml", Exports: 12, Client: true, Why: "names a node"},
				{File: "hq/s.txt", Exports: 1, Server: true, Client: true, Why: "names a node"},
			},
			Apart: []*lint.Member{{File: "hq/x.txt", Exports: 1, Server: true, Why: "names none"}},
			Shared: []lint.SharedNode{{Name: "cup1",
				Places: []lint.Related{{File: "hq/a.xml", Line: 2, Column: 3, Key: "Presence.Primary.Address", Message: "CUP1"}}}},
		},
		{Name: "lab", Why: "no node in common", Exports: 2},
	}
	want := `deployment hq joined: the files name the same nodes (13 exports)
  hq/a.xml and 11 more exports with the same values (client): names a node
  hq/s.txt (server and client): names a node
  not joined: hq/x.txt (server): names none
  node cup1 is named in
    hq/a.xml:2:3  Presence.Primary.Address = CUP1

deployment lab not joined: no node in common (2 exports)

`
	if got := write(t, "text", d, report.Style{}); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	d.Deployments = []*lint.Deployment{}
	if got := write(t, "text", d, report.Style{}); !strings.HasPrefix(got, "Nothing was joined: ") {
		t.Errorf("got\n%s", got)
	}
}
