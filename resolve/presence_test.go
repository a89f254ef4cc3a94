package resolve

import (
	"slices"
	"strings"
	"testing"
)

// The table of the design, which stems from the support note with the seven examples.
func TestPresenceAddressesOfTheSupportNote(t *testing.T) {
	for _, c := range []struct {
		domain, node, address string
		step                  Step
		verdict               Verdict
		rules                 string
	}{
		{"cisco.com", "cup1", "cup1.cisco.com", DomainAppended, Right, ""},
		{"cisco.com", "cup1.cisco.com", "cup1.cisco.com", DomainIncluded, Right, ""},
		{"cisco.com", "10.11.12.13", "10.11.12.13", DottedDecimal, Right, "PRES013"},
		{"10.11.12.13", "10.11.12.13", "10.11.12.13", DottedDecimal, Right, "PRES013"},
		{"10.11.12.13", "cup1", "cup1.10.11.12.13", DomainAppended, Wrong, "PRES003"},
		{"10.11.12.13", "cup1.cisco.com", "cup1.cisco.com.10.11.12.13", DomainAppended, Wrong, "PRES003"},
		{"example.org", "cup1.cisco.com", "cup1.cisco.com.example.org", DomainAppended, Wrong, "PRES001"},
		{"CISCO.COM", "cups.cisco.com", "cups.cisco.com.CISCO.COM", DomainAppended, Wrong, "PRES002"},
	} {
		check(t, c.node, c.domain, c.address, c.step, c.verdict, c.rules)
	}
}

func check(t *testing.T, node, domain, address string, step Step, verdict Verdict, rules string) {
	t.Helper()
	a := Presence(node, domain)
	if a.Value != address || a.Step != step || a.Verdict() != verdict {
		t.Errorf("Presence(%q, %q) = %q by %q, %s; want %q by %q, %s", node, domain, a.Value, a.Step, a.Verdict(), address, step, verdict)
	}
	if got := strings.Join(a.Rules(), " "); got != rules {
		t.Errorf("Presence(%q, %q): rules %q, want %q", node, domain, got, rules)
	}
	if a.Reason() == "" {
		t.Errorf("Presence(%q, %q): no reason", node, domain)
	}
}

func TestPresenceAddressOfEveryPermutation(t *testing.T) {
	long63, long64 := strings.Repeat("a", 63), strings.Repeat("a", 64)
	name253 := strings.Repeat("a.", 122) + "cisco.com" // 253 bytes
	for _, c := range []struct {
		what, node, domain, address string
		step                        Step
		verdict                     Verdict
		rules                       string
	}{
		{"empty node", "", "cisco.com", "", NoStep, Wrong, "PRES005"},
		{"both empty", "", "", "", NoStep, Wrong, "PRES005 PRES006"},
		{"empty domain, bare node", "cup1", "", "cup1", DomainIncluded, Wrong, "PRES006"},
		{"empty domain, full name", "cup1.cisco.com", "", "cup1.cisco.com", DomainIncluded, Wrong, "PRES006"},
		{"empty domain, address", "10.1.1.1", "", "10.1.1.1", DottedDecimal, Right, "PRES006 PRES013"},
		{"node equals domain", "cisco.com", "cisco.com", "cisco.com", DomainIncluded, Right, "PRES012"},
		{"domain with leading dot", "cup1", ".cisco.com", "cup1..cisco.com", DomainAppended, Wrong, "PRES011"},
		{"domain with leading dot, full name", "cup1.cisco.com", ".cisco.com", "cup1.cisco.com", DomainIncluded, Wrong, "PRES011"},
		{"domain with trailing dot", "cup1.cisco.com", "cisco.com.", "cup1.cisco.com.cisco.com.", DomainAppended, Wrong, "PRES011"},
		{"node with trailing dot", "cup1.cisco.com.", "cisco.com", "cup1.cisco.com..cisco.com", DomainAppended, Wrong, "PRES011"},
		{"both with trailing dot", "cup1.cisco.com.", "cisco.com.", "cup1.cisco.com.", DomainIncluded, Wrong, "PRES011"},
		{"node with leading dot", ".cup1", "cisco.com", ".cup1.cisco.com", DomainAppended, Wrong, "PRES011"},
		{"only a dot", ".", "cisco.com", "..cisco.com", DomainAppended, Wrong, "PRES011"},
		{"two dots inside", "cup1..cisco.com", "cisco.com", "cup1..cisco.com", DomainIncluded, Wrong, "PRES007"},
		{"trailing blank in node", "cup1.cisco.com ", "cisco.com", "cup1.cisco.com .cisco.com", DomainAppended, Wrong, "PRES010"},
		{"leading blank in node", " cup1", "cisco.com", " cup1.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"trailing tab in domain", "cup1", "cisco.com\t", "cup1.cisco.com\t", DomainAppended, Wrong, "PRES010"},
		{"blank node", " ", "cisco.com", " .cisco.com", DomainAppended, Wrong, "PRES010"},
		{"address with blank", "10.1.1.1 ", "cisco.com", "10.1.1.1 .cisco.com", DomainAppended, Wrong, "PRES010"},
		{"address, domain with blank", "10.1.1.1", "cisco.com ", "10.1.1.1", DottedDecimal, Right, "PRES010 PRES013"},
		{"zero-width space", "cup1\u200b.cisco.com", "cisco.com", "cup1\u200b.cisco.com", DomainIncluded, Wrong, "PRES010"},
		{"no-break space", "cup1", "cisco.com\u00a0", "cup1.cisco.com\u00a0", DomainAppended, Wrong, "PRES010"},
		{"byte order mark", "\ufeffcup1", "cisco.com", "\ufeffcup1.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"soft hyphen", "cu\u00adp1", "cisco.com", "cu\u00adp1.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"blank inside", "cup 1", "cisco.com", "cup 1.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"blank at the end and another domain", "cup1.acme.com ", "cisco.com", "cup1.acme.com .cisco.com", DomainAppended, Wrong, "PRES001 PRES010"},
		{"suffix not at a label", "mycisco.com", "cisco.com", "mycisco.com", DomainIncluded, Wrong, "PRES004"},
		{"three numbers", "10.1.1", "cisco.com", "10.1.1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"five numbers", "10.1.1.1.1", "cisco.com", "10.1.1.1.1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"over 255", "10.1.1.256", "cisco.com", "10.1.1.256.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"255 and 0", "255.0.0.255", "cisco.com", "255.0.0.255", DottedDecimal, Right, "PRES013"},
		{"leading zero", "010.1.1.1", "cisco.com", "010.1.1.1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"double zero", "10.00.1.1", "cisco.com", "10.00.1.1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"IPv6 node", "2001:db8::1", "cisco.com", "2001:db8::1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"IPv6 node in brackets", "[2001:db8::1]", "cisco.com", "[2001:db8::1].cisco.com", DomainAppended, Wrong, "PRES008"},
		{"IPv6 without letters", "::1", "cisco.com", "::1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"IPv6 domain", "cup1", "2001:db8::1", "cup1.2001:db8::1", DomainAppended, Wrong, "PRES008"},
		{"three numbers as domain", "cup1", "10.1.1", "cup1.10.1.1", DomainAppended, Wrong, "PRES008"},
		{"number as host name", "123", "cisco.com", "123.cisco.com", DomainAppended, Right, ""},
		{"upper case in both alike", "CUP1.CISCO.COM", "CISCO.COM", "CUP1.CISCO.COM", DomainIncluded, Right, "PRES009"},
		{"upper case in a bare node", "CUP1", "cisco.com", "CUP1.cisco.com", DomainAppended, Right, "PRES009"},
		{"upper case in the node's domain", "cup1.Cisco.com", "cisco.com", "cup1.Cisco.com.cisco.com", DomainAppended, Wrong, "PRES002"},
		{"case and no label", "myCisco.com", "cisco.com", "myCisco.com.cisco.com", DomainAppended, Wrong, "PRES002"},
		{"case and a blank", "cup1.Cisco.com", "cisco.com ", "cup1.Cisco.com.cisco.com ", DomainAppended, Wrong, "PRES002 PRES010"},
		{"node equals domain but for case", "CISCO.COM", "cisco.com", "CISCO.COM.cisco.com", DomainAppended, Wrong, "PRES002"},
		{"underscore", "cup_1", "cisco.com", "cup_1.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"label of 63", long63, "cisco.com", long63 + ".cisco.com", DomainAppended, Right, ""},
		{"label of 64", long64, "cisco.com", long64 + ".cisco.com", DomainAppended, Wrong, "PRES007"},
		{"name of 253 bytes", name253, "cisco.com", name253, DomainIncluded, Right, ""},
		{"name of 254 bytes", "a" + name253, "cisco.com", "a" + name253, DomainIncluded, Wrong, "PRES007"},
		{"hyphen at a label's end", "cup1-", "cisco.com", "cup1-.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"non-ASCII", "prés1", "cisco.com", "prés1.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"punycode", "xn--prs1-cpa", "cisco.com", "xn--prs1-cpa.cisco.com", DomainAppended, Right, ""},
		{"host and port", "cup1:5060", "cisco.com", "cup1:5060.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"invalid UTF-8", "cup1\xff", "cisco.com", "cup1\xff.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"node ends with an address as domain", "cup1.10.11.12.13", "10.11.12.13", "cup1.10.11.12.13", DomainIncluded, Wrong, "PRES003"},
	} {
		t.Run(c.what, func(t *testing.T) {
			check(t, c.node, c.domain, c.address, c.step, c.verdict, c.rules)
		})
	}
}

func TestFixMendsTheProblemItIsFor(t *testing.T) {
	for _, c := range []struct{ node, domain string }{
		{"cups.Cisco.com", "cisco.com"}, {"cups.cisco.com", "CISCO.COM"}, {"cup1 ", "cisco.com"},
		{"cup1", "cisco.com\u00a0"}, {"cup1.cisco.com.", "cisco.com"}, {"cup1", ".cisco.com"},
	} {
		a := Presence(c.node, c.domain)
		for p := range (a.Problems & spoiling).All() {
			fix, ok := a.Fix(p)
			if !ok {
				t.Errorf("Presence(%q, %q): no fix for %s", c.node, c.domain, p.RuleID())
				continue
			}
			node, domain := c.node, c.domain
			if fix.Domain {
				domain = fix.Value
			} else {
				node = fix.Value
			}
			if b := Presence(node, domain); b.Verdict() != Right {
				t.Errorf("Presence(%q, %q) after the fix of %s is still wrong: %s", node, domain, p.RuleID(), b.Reason())
			}
		}
	}
}

func TestExplainEndsWithTheStepThatDecided(t *testing.T) {
	for _, c := range []struct {
		node  string
		steps []Step
	}{
		{"10.1.1.1", []Step{DottedDecimal}},
		{"cup1.cisco.com", []Step{DottedDecimal, DomainIncluded}},
		{"cup1", []Step{DottedDecimal, DomainIncluded, DomainAppended}},
		{"", nil},
	} {
		a := Presence(c.node, "cisco.com")
		var steps []Step
		for i, l := range a.Explain() {
			steps = append(steps, l.Step)
			if last := i == len(c.steps)-1; l.Decided != last {
				t.Errorf("%q: step %d decided: %v, want %v", c.node, i+1, l.Decided, last)
			}
		}
		if !slices.Equal(steps, c.steps) {
			t.Errorf("%q: steps %q, want %q", c.node, steps, c.steps)
		}
	}
}

func TestPresenceAllocatesOnlyToAppend(t *testing.T) {
	for _, c := range []struct {
		node string
		want float64
	}{{"10.1.1.1", 0}, {"cup1.cisco.com", 0}, {"cup1", 1}} {
		got := testing.AllocsPerRun(100, func() { Presence(c.node, "cisco.com") })
		if got != c.want {
			t.Errorf("Presence(%q): %v allocations, want %v", c.node, got, c.want)
		}
	}
}

func FuzzPresence(f *testing.F) {
	for _, s := range []string{"cup1", "cup1.cisco.com", "10.1.1.1", "", ".", "é\u200b", "[::1]", "\xff"} {
		f.Add(s, "cisco.com")
		f.Add("cup1", s)
	}
	f.Fuzz(func(t *testing.T, node, domain string) {
		a := Presence(node, domain)
		if a.Value != "" && a.Value != node && a.Value != node+"."+domain {
			t.Fatalf("Presence(%q, %q) = %q: values were touched", node, domain, a.Value)
		}
		if (node == "") != (a.Step == NoStep) || (node == "") != (a.Value == "") {
			t.Fatalf("Presence(%q, %q): step %q, address %q", node, domain, a.Step, a.Value)
		}
		if a.Verdict() == Right && a.Step != DottedDecimal && !isHostname(a.Value) {
			t.Fatalf("Presence(%q, %q) is right, and %q is neither address nor host name", node, domain, a.Value)
		}
		if a.Verdict() == Wrong && len(a.Rules()) == 0 {
			t.Fatalf("Presence(%q, %q) is wrong and no rule says so", node, domain)
		}
		if a.Reason() == "" || (node != "") != (len(a.Explain()) > 0) {
			t.Fatalf("Presence(%q, %q) explains nothing", node, domain)
		}
	})
}

func BenchmarkPresence(b *testing.B) {
	for _, node := range []string{"10.11.12.13", "cup1.cisco.com", "cup1"} {
		b.Run(node, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Presence(node, "cisco.com")
			}
		})
	}
}
