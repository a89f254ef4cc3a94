package resolve

import (
	"fmt"
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
		{"blank at the end and an underscore", "cup_1 ", "cisco.com", "cup_1 .cisco.com", DomainAppended, Wrong, "PRES007 PRES010"},
		{"blank at the end and another domain", "cup1.acme.com ", "cisco.com", "cup1.acme.com .cisco.com", DomainAppended, Wrong,
			"PRES001 PRES010"},
		{"tab inside", "cup\t1", "cisco.com", "cup\t1.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"NUL at the end", "cup1\x00", "cisco.com", "cup1\x00.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"right-to-left mark", "cup1", "cisco\u200f.com", "cup1.cisco\u200f.com", DomainAppended, Wrong, "PRES010"},
		{"variation selector", "cup1\ufe0f", "cisco.com", "cup1\ufe0f.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"Hangul filler", "cup1\u3164", "cisco.com", "cup1\u3164.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"Braille blank", "cup1\u2800", "cisco.com", "cup1\u2800.cisco.com", DomainAppended, Wrong, "PRES010"},
		{"invisible character between node and domain", "cup1.\u200bcisco.com", "cisco.com", "cup1.\u200bcisco.com", DomainIncluded, Wrong,
			"PRES010"},
		{"invisible character inside the suffix", "cup1.cis\u200bco.com", "cisco.com", "cup1.cis\u200bco.com.cisco.com", DomainAppended, Wrong,
			"PRES010"},
		{"blank and dot at one end", "cup1 .", "cisco.com", "cup1 ..cisco.com", DomainAppended, Wrong, "PRES010 PRES011"},
		{"domain of blanks", "cup1", "  ", "cup1.  ", DomainAppended, Wrong, "PRES010"},
		{"domain of a dot", "cup1.cisco.com.", ".", "cup1.cisco.com.", DomainIncluded, Wrong, "PRES011"},
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
		{"two numbers, no domain", "10.1", "", "10.1", DomainIncluded, Wrong, "PRES006 PRES008"},
		{"address that is the domain, but for a blank", "10.1.1.1 ", "10.1.1.1", "10.1.1.1 .10.1.1.1", DomainAppended, Wrong, "PRES010"},
		{"IPv6 in both", "2001:db8::1", "2001:db8::1", "2001:db8::1", DomainIncluded, Wrong, "PRES008"},
		{"IPv6 with a zone", "fe80::1%eth0", "cisco.com", "fe80::1%eth0.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"IPv4 in IPv6", "::ffff:10.1.1.1", "cisco.com", "::ffff:10.1.1.1.cisco.com", DomainAppended, Wrong, "PRES008"},
		{"malformed node, address as domain", "10.1.1", "10.11.12.13", "10.1.1.10.11.12.13", DomainAppended, Wrong, "PRES008"},
		{"number as domain", "cup1", "7", "cup1.7", DomainAppended, Wrong, "PRES007"},
		{"negative number", "10.1.1.-1", "cisco.com", "10.1.1.-1.cisco.com", DomainAppended, Wrong, "PRES001 PRES007"},
		{"number as host name", "123", "cisco.com", "123.cisco.com", DomainAppended, Right, ""},
		{"the same upper case in both", "CUP1.CISCO.COM", "CISCO.COM", "CUP1.CISCO.COM", DomainIncluded, Right, "PRES009"},
		{"upper case in a bare node", "CUP1", "cisco.com", "CUP1.cisco.com", DomainAppended, Right, "PRES009"},
		{"upper case in the node's domain", "cup1.Cisco.com", "cisco.com", "cup1.Cisco.com.cisco.com", DomainAppended, Wrong, "PRES002"},
		{"case and no label", "myCisco.com", "cisco.com", "myCisco.com.cisco.com", DomainAppended, Wrong, "PRES002"},
		{"case and a blank", "cup1.Cisco.com", "cisco.com ", "cup1.Cisco.com.cisco.com ", DomainAppended, Wrong, "PRES002 PRES010"},
		{"node equals domain but for case", "CISCO.COM", "cisco.com", "CISCO.COM.cisco.com", DomainAppended, Wrong, "PRES002"},
		{"upper case with an address as domain", "CUP1", "10.11.12.13", "CUP1.10.11.12.13", DomainAppended, Wrong, "PRES003"},
		{"upper case in the domain, address as node", "10.1.1.1", "CISCO.COM", "10.1.1.1", DottedDecimal, Right, "PRES009 PRES013"},
		{"underscore in the domain", "cup1", "cis_co.com", "cup1.cis_co.com", DomainAppended, Wrong, "PRES007"},
		{"non-ASCII upper case", "PRÉS1.cisco.com", "cisco.com", "PRÉS1.cisco.com", DomainIncluded, Wrong, "PRES007 PRES009"},
		{"punycode domain", "cup1", "xn--bcher-kva.example", "cup1.xn--bcher-kva.example", DomainAppended, Right, ""},
		{"underscore", "cup_1", "cisco.com", "cup_1.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"label of 63", long63, "cisco.com", long63 + ".cisco.com", DomainAppended, Right, ""},
		{"label of 64", long64, "cisco.com", long64 + ".cisco.com", DomainAppended, Wrong, "PRES007"},
		{"name of 253 bytes", name253, "cisco.com", name253, DomainIncluded, Right, ""},
		{"name of 254 bytes", "a" + name253, "cisco.com", "a" + name253, DomainIncluded, Wrong, "PRES007"},
		{"hyphen at a label's end", "cup1-", "cisco.com", "cup1-.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"non-ASCII", "prés1", "cisco.com", "prés1.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"punycode", "xn--prs1-cpa", "cisco.com", "xn--prs1-cpa.cisco.com", DomainAppended, Right, ""},
		{"host and port", "cup1:5060", "cisco.com", "cup1:5060.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"full name and port", "cup1.cisco.com:5060", "cisco.com", "cup1.cisco.com:5060.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"URL", "https://cup1.cisco.com/x", "cisco.com", "https://cup1.cisco.com/x.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"port after upper case", "cup1.Cisco.com:5060", "cisco.com", "cup1.Cisco.com:5060.cisco.com", DomainAppended, Wrong,
			"PRES002 PRES007"},
		{"another domain and a port", "cup1.acme.com:5060", "cisco.com", "cup1.acme.com:5060.cisco.com", DomainAppended, Wrong,
			"PRES001 PRES007"},
		{"no label of the domain, and a port", "mycisco.com:5060", "cisco.com", "mycisco.com:5060.cisco.com", DomainAppended, Wrong,
			"PRES001 PRES007"},
		{"invalid UTF-8", "cup1\xff", "cisco.com", "cup1\xff.cisco.com", DomainAppended, Wrong, "PRES007"},
		{"node ends with an address as domain", "cup1.10.11.12.13", "10.11.12.13", "cup1.10.11.12.13", DomainIncluded, Wrong, "PRES003"},
	} {
		t.Run(c.what, func(t *testing.T) {
			check(t, c.node, c.domain, c.address, c.step, c.verdict, c.rules)
		})
	}
}

// Every fix is tried on all pairs of short strings, with the bytes that can be fixed among them.
func TestFixesMendTheProblemTheyAreFor(t *testing.T) {
	all := shortStrings([]string{"a", "B", ".", " ", "1", "\u200b"}, 3)
	all = append(all, "cups.Cisco.com", "cisco.com", "CISCO.COM", "10.1.1.1 ", "cup1\xff\u00ad")
	tried := 0
	for _, node := range all {
		for _, domain := range all {
			a := Presence(node, domain)
			for p := range a.Problems.All() {
				fixed := map[Field]string{NodeField: node, DomainField: domain}
				for _, f := range a.Fixes(p) {
					fixed[f.Field] = f.Value
					tried++
				}
				if fixed[NodeField] == node && fixed[DomainField] == domain {
					continue
				}
				b := Presence(fixed[NodeField], fixed[DomainField])
				if b.Problems.Has(p) {
					t.Fatalf("Presence(%q, %q): %q still has %s after its fix", node, domain, fixed, p.RuleID())
				}
				if p == CaseMismatch && b.Problems.Has(AppendedToFQDN) {
					t.Fatalf("Presence(%q, %q): the fix %q leads to an appended full name", node, domain, fixed)
				}
			}
		}
	}
	if tried == 0 {
		t.Error("no fix was offered")
	}
}

func TestFixesThatMakeAWrongAddressRight(t *testing.T) {
	for _, c := range []struct {
		node, domain string
		problem      Problems
		want         []Fix
	}{
		{"cups.Cisco.com", "cisco.com", CaseMismatch, []Fix{{NodeField, "cups.cisco.com"}}},
		{"cups.cisco.com", "CISCO.COM", CaseMismatch, []Fix{{DomainField, "cisco.com"}}},
		{"cups.Cisco.com", "CISCO.COM", CaseMismatch, []Fix{{NodeField, "cups.cisco.com"}, {DomainField, "cisco.com"}}},
		{"cup1 ", "cisco.com", NodeWhiteSpace, []Fix{{NodeField, "cup1"}}},
		{"cup1", "cisco.com\u00a0", DomainWhiteSpace, []Fix{{DomainField, "cisco.com"}}},
		{"cup1.cisco.com.", "cisco.com", NodeStrayDot, []Fix{{NodeField, "cup1.cisco.com"}}},
		{"cup1", ". .cisco.com", DomainStrayDot, []Fix{{DomainField, "cisco.com"}}},
		{"cup1.cisco.com", "example.org", AppendedToFQDN, nil},
		{"cup1", "10.1.1.1", DomainIsAddress, nil},
		{"010.1.1.1", "cisco.com", MalformedNode, nil},
	} {
		a := Presence(c.node, c.domain)
		if !a.Problems.Has(c.problem) {
			t.Errorf("Presence(%q, %q): the problem of %s is missing", c.node, c.domain, c.problem.RuleID())
		}
		got := a.Fixes(c.problem)
		if !slices.Equal(got, c.want) {
			t.Errorf("Presence(%q, %q): fixes %q, want %q", c.node, c.domain, got, c.want)
		}
		node, domain := c.node, c.domain
		for _, f := range got {
			if f.Field == DomainField {
				domain = f.Value
			} else {
				node = f.Value
			}
		}
		if b := Presence(node, domain); (b.Verdict() == Right) != (got != nil) {
			t.Errorf("Presence(%q, %q) after the fixes %q: %s", c.node, c.domain, got, b.Reason())
		}
	}
}

func TestTheValueAtFault(t *testing.T) {
	for _, c := range []struct {
		node, domain string
		problem      Problems
		want         Field
	}{
		{"", "cisco.com", NodeMissing, NodeField},
		{"cup1", "", DomainMissing, DomainField},
		{"cup1", "10.1.1.1", DomainIsAddress, DomainField},
		{"cup1.cisco.com", "example.org", AppendedToFQDN, NodeField},
		{"cups.cisco.com", "CISCO.COM", CaseMismatch, DomainField},
		{"cups.CISCO.com", "cisco.com", CaseMismatch, NodeField},
		{"cup_1", "cisco.com", InvalidHostname, NodeField},
		{"cup1", "cis_co.com", InvalidHostname, DomainField},
		{"cup1", "7", InvalidHostname, DomainField},
		{"10..1", "cis_co.com", InvalidHostname, DomainField},
		{strings.Repeat("a", 60), strings.Repeat("a.", 97) + "com", InvalidHostname, ResultField},
		{"cup1 ", "cisco.com", NodeWhiteSpace, NodeField},
		{"cup1", "cisco.com.", DomainStrayDot, DomainField},
	} {
		a := Presence(c.node, c.domain)
		if !a.Problems.Has(c.problem) || a.Fault(c.problem) != c.want {
			t.Errorf("Presence(%.20q, %.20q): problems %v, the cause of %s is %q, want %q", c.node, c.domain, a.Rules(), c.problem.RuleID(),
				a.Fault(c.problem), c.want)
		}
	}
}

func TestEveryProblemHasARuleAndADescription(t *testing.T) {
	a := Presence("cup_1", "cisco.com")
	rules := map[string]bool{}
	for i := range numProblems {
		p := Problems(1) << i
		if a.Describe(p) == "" {
			t.Errorf("problem %d is not described", i)
		}
		rules[p.RuleID()] = true
	}
	for i := 1; i <= 13; i++ {
		if id := fmt.Sprintf("PRES%03d", i); !rules[id] {
			t.Errorf("no problem belongs to %s", id)
		}
	}
	for _, p := range []Problems{0, NodeMissing | UpperCase, 1 << numProblems} {
		if p.RuleID() != "" || a.Describe(p) != "" {
			t.Errorf("the set %b passes for one problem", p)
		}
	}
}

func TestReasonNamesTheCauseAndNotItsConsequence(t *testing.T) {
	for _, c := range []struct{ node, domain, want string }{
		{"mycisco.com ", "cisco.com", "white space"},
		{"cup1\u200b", "cisco.com", `cup1\u200b`},
		{"cup_1", "cisco.com", `'_'`},
		{"cup1", "", "every node name counts as complete"},
		{"010.1.1.1", "cisco.com", "leading zero"},
		{"10.1.1.256", "cisco.com", "256 is over 255"},
		{"10.1.1", "cisco.com", "3 numbers"},
		{"10.1.1.1.1", "cisco.com", "5 numbers"},
		{"10.99999999999999999999.1.1", "cisco.com", "over 255"},
		{"10..1.1", "cisco.com", "missing"},
		{"2001:db8::1", "cisco.com", "IPv6"},
		{"cup1", "7", "last label is a number"},
		{"cup1.cisco.com", "cisco.com", "already ends"},
		{"cup1", "cisco.com", "bare host name"},
		{"10.1.1.1", "", "IPv4 address"},
		{"cisco.com", "cisco.com", "the domain itself"},
	} {
		a := Presence(c.node, c.domain)
		if got := a.Reason(); !strings.Contains(got, c.want) || !strings.HasSuffix(got, ".") {
			t.Errorf("Presence(%q, %q): reason %q does not say %q", c.node, c.domain, got, c.want)
		}
	}
}

func TestWhatAUserRegistersTo(t *testing.T) {
	for _, c := range []struct{ node, user, want string }{
		{"cup1", "alice", "alice@cup1.cisco.com"}, {"cup1", "", "cup1.cisco.com"}, {"", "alice", ""},
	} {
		if got := Presence(c.node, "cisco.com").For(c.user); got != c.want {
			t.Errorf("%q registers to %q, want %q", c.user, got, c.want)
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
		{"", []Step{NoStep}},
	} {
		a := Presence(c.node, "cisco.com")
		var steps []Step
		for i, l := range a.Explain() {
			steps = append(steps, l.Step)
			if last := c.node != "" && i == len(c.steps)-1; l.Decided != last {
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
		if a.Verdict() == Right && a.Step != DottedDecimal && !IsHostname(a.Value) {
			t.Fatalf("Presence(%q, %q) is right, and %q is neither address nor host name", node, domain, a.Value)
		}
		if a.Verdict() == Right && a.Step != DottedDecimal && a.Value != domain && !strings.HasSuffix(a.Value, "."+domain) {
			t.Fatalf("Presence(%q, %q) is right, but %q is not in the domain", node, domain, a.Value)
		}
		for p := range a.Problems.All() {
			if a.Describe(p) == "" || p.RuleID() == "" || a.Fault(p) == "" {
				t.Fatalf("Presence(%q, %q): problem %b is not explained", node, domain, p)
			}
		}
		if a.Verdict() == Wrong && len(a.Rules()) == 0 {
			t.Fatalf("Presence(%q, %q) is wrong and no rule says so", node, domain)
		}
		if a.Reason() == "" || len(a.Explain()) == 0 {
			t.Fatalf("Presence(%q, %q) explains nothing", node, domain)
		}
	})
}

func BenchmarkPresence(b *testing.B) {
	for _, node := range []string{"10.11.12.13", "cup1.cisco.com", "cup1", "cup1.Cisco.com", "cup1\u200b"} {
		b.Run(fmt.Sprintf("%+q", node), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Presence(node, "cisco.com")
			}
		})
	}
}
