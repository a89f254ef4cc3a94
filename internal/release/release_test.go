package release

import (
	"errors"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) Number {
	t.Helper()
	n, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"12.5.1.16900-48", "12.5.1.16900-48"},
		{"12.5.1.16900", "12.5.1.16900"},
		{"6.1.2.1112-5", "6.1.2.1112-5"},
		{"System version: 7.1.5.34900-7", "7.1.5.34900-7"},
		{"Active Master Version: 14.0.1.14901-1", "14.0.1.14901-1"},
		{"Product Ver        : 8.6.2.23900-10", "8.6.2.23900-10"},
		{"ccm12_5_1_16900_48", "12.5.1.16900-48"},
		{"DB Version: ccm10_5_2_15900_8", "10.5.2.15900-8"},
		{"14.0.15900-3", "14.0.15900-3"},
		{"UCOS 6.0.0.0-2.i386", "6.0.0.0-2"},
		{"cmterm-devicepack12.5.1.16131-1.cop", "12.5.1.16131-1"},
		{"UCSInstall_UCOS_12.5.1.14900-63.sgn.iso", "12.5.1.14900-63"},
		{"14SU4a", "14.0.1.14901"},
		{"14 su5", "14.0.1.15900"},
		{"12.5(1)SU7a", "12.5.1.18100"},
		{"12.5.1 SU9", "12.5.1.21900"},
		{"12.5SU3", "12.5.1.13900"},
		{"7.1(5b)su6a", "7.1.5.35901"},
		{"8.6(2a)SU3", "8.6.2.23900"},
		{"15", "15.0.1.10000"},
		{"10.5(2)SU6", "10.5(2)SU6"},
		{"9.1(2)", "9.1(2)"},
		{"14.1", "14.1(1)"},
	} {
		n, err := Parse(c.text)
		if n.Name != "" && !n.Estimated { // a name stands for a number
			n.Name = ""
		}
		if err != nil || n.String() != c.want {
			t.Errorf("%s: %v, %v; want %s", c.text, n, err, c.want)
		}
	}
	for _, text := range []string{"", "SU4", "v1.8.k3.cop", "192.0.2.1", "10.0.0.1", "1.2", "hello", "2023-09-19", strings.Repeat("9", 300),
		"12.5.1.16900-48000000", "1.2.3.4.5.6-7"} {
		var unknown *UnknownError
		if n, err := Parse(text); err == nil && !n.Estimated && !n.System() && text != "192.0.2.1" && text != "10.0.0.1" ||
			err != nil && !errors.As(err, &unknown) {
			t.Errorf("%q: %v, %v", text, n, err)
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		text           string
		old            bool
		patch, special int
		system         bool
	}{
		{"6.1.2.1112-5", true, 1, 112, false},
		{"6.1.2.2000-3", true, 2, 0, false},
		{"5.1.3.7000-5", true, 7, 0, false},
		{"7.0.2.20000-5", false, 0, 0, false},
		{"7.1.5.34900-7", false, 0, 0, false},
		{"12.5.1.16131-1", false, 0, 131, false},
		{"12.5.1.18100-14", false, 0, 0, false}, // SU7a, and no engineering special
		{"14.0.1.14901-1", false, 0, 0, false},
		{"9.1.2.10000-28", false, 0, 0, false},
		{"7.0.0.0-4", true, 0, 0, true},
	} {
		n := parse(t, c.text)
		if n.Old() != c.old || n.PatchLevel() != c.patch || n.Special() != c.special || n.System() != c.system {
			t.Errorf("%s: old %t, patch %d, special %d, system %t", c.text, n.Old(), n.PatchLevel(), n.Special(), n.System())
		}
	}
}

func TestPair(t *testing.T) {
	for _, c := range []struct {
		cm, presence string
		want         Verdict
	}{
		{"4.3.2.1000-1", "6.0.6.1102-4", Wrong},
		{"5.1.3.7000-5", "1.0.3.1000-2", Fits},
		{"5.1.3.7000-5", "6.0.6.1102-4", Unknown},
		{"6.1.4.1000-10", "6.0.6.1102-4", Fits},
		{"6.1.4.1000-10", "7.0.5.10000-18", Fits},
		{"6.1.4.1000-10", "8.0.1.10000-1", Wrong},
		{"7.1.3.10000-11", "6.0.6.1102-4", Wrong},
		{"7.1.3.10000-11", "7.0.5.10000-18", Fits},
		{"7.0.2.20000-5", "8.6.3.10000-20", Wrong},
		{"7.1.5.34900-7", "8.6.3.10000-20", Unknown},
		{"8.6.2.23900-10", "8.6.4.10000-28", Fits},
		{"8.6.2.23900-10", "8.5.1.10000-1", Unknown},
		{"8.6.2.20000-2", "9.0.1.10000-21", Wrong},
		{"9.1.2.10000-28", "8.6.4.10000-28", Wrong},
		{"9.1.2.10000-28", "9.1.1.10000-8", Fits},
		{"9.1.2.10000-28", "9.0.1.10000-21", Wrong},
		{"10.0.1.10000-24", "10.0.1.30000-2", Fits},
		{"10.5.2.22900-11", "10.0.1.30000-2", Wrong},
		{"10.5.2.22900-11", "10.5.2.10000-9", Fits},
		{"11.5.1.15900-18", "11.5.1.15900-33", Fits},
		{"11.5.1.15900-18", "11.5.1.14900-32", Wrong},
		{"11.5.1.10000-6", "11.0.1.10000-6", Wrong},
		{"11.0.1.20000-2", "11.0.1.10000-6", Fits},
		{"12.5.1.18100-14", "12.5.1.17900-7", Fits},
		{"12.5.1.18100-14", "12.5.1.18900-6", Wrong},
		{"12.5.1.18901-1", "12.5.1.18900-6", Fits},
		{"12.5.1.21900-29", "12.5.1.21900-3", Fits},
		{"12.5.1.21900-29", "12.5.1.18900-6", Wrong},
		{"12.5.1.16900-48", "12.5.1.15900-5", Wrong},
		{"12.5.1.16131-1", "12.5.1.15900-5", Fits},    // an engineering special counts as the update before it
		{"12.5.1.16131-1", "12.5.1.16900-3", Unknown}, // or as the next
		{"12.5.1.16131-1", "12.5.1.17900-7", Wrong},
		{"12.5.1.19105-1", "12.5.1.18900-6", Fits},
		{"12.5.1.17900-64", "14.0.1.13900-8", Wrong},
		{"14.0.1.12900-161", "14.0.1.12901-1", Fits},
		{"14.0.1.14901-1", "14.0.1.14900-4", Fits},
		{"14.0.1.15900-24", "14.0.15900-3", Fits},
		{"14.0.1.16900-4", "14.0.15900-3", Wrong},
		{"14.0.1.10000-20", "14.0.1.10000-16", Fits},
		{"15.0.1.13901-2", "15.0.1.13900-6", Fits},
		{"15.0.1.13901-2", "14.0.1.13900-8", Wrong},
		{"15.0.1.16900-1", "15.0.1.16901-3", Fits}, // later than the tables
		{"16.0.1.10000-1", "16.0.1.10000-1", Unknown},
	} {
		if got, row := Pair(parse(t, c.cm), parse(t, c.presence)); got != c.want {
			t.Errorf("%s with %s: %s (%+v), want %s", c.cm, c.presence, got, row, c.want)
		}
	}
}

func TestUpgrade(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     State
	}{
		{"6.1.3.1000-16", "7.0.1.11000-2", Blocked},
		{"6.1.3.1000-16", "7.1.3.10000-11", NotKnown},
		{"6.1.2.1000-13", "7.0.1.11000-2", NotKnown},
		{"14.0.1.14901-1", "15.0.1.10000-32", Blocked},
		{"14SU4a", "15SU1a", Blocked},
		{"14SU4a", "15SU2", Allowed},
		{"14SU5", "15SU1a", Blocked},
		{"14SU3", "15", Allowed},
		{"14.0.1.14105-1", "15", Allowed}, // an engineering special of 14SU3
		{"12.5(1)SU7", "15SU1a", Allowed},
		{"11.5.1.18900-97", "15SU2", Blocked},
		{"10.5.2.22900-11", "15SU2", Blocked},
		{"9.1.2.10000-28", "15SU2", Blocked},
		{"11.5.1.21900-40", "14SU1", Allowed},
		{"11.0.1.10000-10", "14SU1", Blocked},
		{"9.1.2.10000-28", "14SU1", Blocked},
		{"10.5.2.22900-11", "12.5(1)SU5", Allowed},
		{"10.0.1.10000-24", "12.5(1)SU5", Blocked},
		{"9.1.2.10000-28", "12.5(1)SU5", NotKnown},
		{"12.5(1)SU3", "12.5(1)SU5", NotKnown},
		{"15SU2", "14SU4a", Older},
		{"15", "15.0.1.10000-32", NoChange},
	} {
		if got, row := Upgrade("", parse(t, c.from), parse(t, c.to)); got != c.want {
			t.Errorf("%s to %s: %s (%+v), want %s", c.from, c.to, got, row, c.want)
		}
	}
}

func TestFilesFor(t *testing.T) {
	const key, slm, imp, db = "ciscocm.enable-sha512sum-2021-signing-key", "ciscocm-slm-migration.k3", "ciscocm.imp15_upgrade",
		"ciscocm.cup.pe_db_install"
	for _, c := range []struct{ product, from, to, want string }{
		{CallManager, "11.5.1.21900-40", "14SU1", key},
		{CallManager, "11.5.1.22900-27", "14SU1", key},
		{CallManager, "11.5.1.22900-28", "14SU1", ""},
		{CallManager, "12.0.1.23900-9", "14.0.1.10000-20", key},
		{CallManager, "12.0.1.24900-19", "14.0.1.10000-20", ""},
		{CallManager, "12.5.1.13900-152", "14SU2", key},
		{CallManager, "12.5.1.14900-63", "14SU2", ""},
		{CallManager, "12.5.1.13900-152", "15SU2", ""},
		{Presence, "12.5.1.13900-17", "14SU2", key},
		{Presence, "12.5.1.14900-4", "14SU2", ""},
		{Presence, "12.0.1.21000-33", "14SU2", key},
		{Presence, "12.0.1.21000-34", "14SU2", ""},
		{CallManager, "12.0.1.10000-10", "12.5(1)SU5", slm},
		{Presence, "14.0.1.11900-9", "15SU2", imp},
		{Presence, "14.0.1.12901-1", "15SU2", ""},
		{Presence, "8.6.4.10000-28", "8.6.3.10000-20", db},
		{Presence, "8.6.3.10000-20", "8.6.4.10000-28", ""},
	} {
		var got []string
		for _, f := range FilesFor(c.product, parse(t, c.from), parse(t, c.to)) {
			got = append(got, f.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s to %s: %q, want %q", c.product, c.from, c.to, got, c.want)
		}
	}
}

func TestFixes(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		want  More
		loses bool
	}{
		{"6.1.2.1112-5", "6.1.2.1118-1", MoreSecond, false},
		{"6.1.2.1118-1", "6.1.2.1112-5", MoreFirst, false},
		{"6.1.2.1112-5", "6.1.2.2000-3", MoreEachHas, true},
		{"6.1.2.2000-3", "6.1.2.1112-5", MoreEachHas, false},
		{"6.1.3.1109-2", "6.1.3.2115-1", MoreSecond, false},
		{"6.1.3.1109-2", "6.1.3.2109-1", MoreSecond, false},
		{"6.1.2.1112-5", "6.1.2.1112-6", MoreNeither, false},
		{"6.1.2.1112-5", "6.1.3.1000-1", MoreNotKnown, false},
		{"6.1.2.1112-5", "7.0.2.20000-5", MoreNotKnown, false},
		{"7.1.5.34900-7", "7.1.5.35901-1", MoreSecond, false},
		{"12.5.1.16131-1", "12.5.1.16900-48", MoreSecond, false},
		{"14SU4a", "15", MoreNotKnown, false},
		{"14SU4a", "14.0.1.14901-1", MoreNeither, false},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		if got, why := Fixes(a, b); got != c.want || why == "" {
			t.Errorf("%s, %s: %s (%s), want %s", c.a, c.b, got, why, c.want)
		}
		if LosesSpecials(a, b) != c.loses {
			t.Errorf("%s, %s: loses specials: %t", c.a, c.b, !c.loses)
		}
	}
}

func TestPlace(t *testing.T) {
	for _, c := range []struct{ product, text, exact, before, after string }{
		{"", "12.5.1.16900-48", "12.5(1)SU6", "", ""},
		{CallManager, "12.5.1.16900-50", "12.5(1)SU6", "", ""},
		{CallManager, "12.5.1.16131-1", "", "12.5(1)SU5", "12.5(1)SU6"},
		{CallManager, "15.0.1.19900-1", "", "15SU4a", ""},
		{CallManager, "6.1.2.1112-5", "", "", "7.1(5b)SU4"},
		{Presence, "14.0.15900-3", "14SU5", "", ""},
	} {
		name := func(r *Release) string {
			if r == nil {
				return ""
			}
			return r.Name
		}
		exact, before, after := Place(c.product, parse(t, c.text))
		if name(exact) != c.exact || name(before) != c.before || name(after) != c.after {
			t.Errorf("%s: %q, %q, %q", c.text, name(exact), name(before), name(after))
		}
	}
}

func TestClientFits(t *testing.T) {
	for _, c := range []struct {
		generation, server string
		want               Verdict
	}{
		{"sip", "7.0.5.10000-18", Fits}, {"sip", "6.0.6.1102-4", Fits}, {"sip", "8.6.3.10000-20", Wrong}, {"sip", "9.1.1.10000-8", Wrong},
		{"xmpp", "7.0.5.10000-18", Wrong}, {"xmpp", "6.0.6.1102-4", Wrong}, {"xmpp", "8.0.1.10000-1", Fits}, {"xmpp", "15.0.1.10000-10", Fits},
	} {
		if got, _ := ClientFits(c.generation, parse(t, c.server)); got != c.want {
			t.Errorf("%s at %s: %s", c.generation, c.server, got)
		}
	}
}

// TestTables proves that every row has a source, and that no path is shadowed by an earlier one of its own ranges.
func TestTables(t *testing.T) {
	for _, r := range Releases() {
		if r.Source == "" || r.Product != CallManager && r.Product != Presence {
			t.Errorf("%+v", r)
		}
		if n, err := Parse(r.Name); err != nil || n.Name != r.Name {
			t.Errorf("%s: %+v, %v", r.Name, n, err)
		}
	}
	for _, p := range Pairings() {
		if p.Source == "" || p.Says == "" || p.Verdict != Fits && p.Verdict != Wrong && p.Verdict != Unknown ||
			p.Same != "" && p.Same != "minor" && p.Same != "update" {
			t.Errorf("%+v", p)
		}
		if strings.Contains(p.Source, "memory") && p.Verdict == Wrong {
			t.Errorf("a fact from memory cannot make a pair wrong: %+v", p)
		}
	}
	for i, p := range Paths() {
		if p.Source == "" || p.Says == "" || p.State != Allowed && p.State != Blocked || Compare(p.From.From, p.From.Below) >= 0 ||
			Compare(p.To.From, p.To.Below) >= 0 {
			t.Errorf("%+v", p)
		}
		for _, q := range Paths()[:i] {
			if q.From.Has(p.From.From) && q.To.Has(p.To.From) && Compare(q.From.Below, p.From.Below) >= 0 && Compare(q.To.Below, p.To.Below) >= 0 {
				t.Errorf("%v to %v is never reached", p.From, p.To)
			}
		}
	}
	for _, f := range Files() {
		if f.Source == "" || f.Says == "" || f.How != "" && f.How != PCD && f.How != Back {
			t.Errorf("%+v", f)
		}
	}
	for _, c := range Clients() {
		if c.Source == "" || c.Says == "" {
			t.Errorf("%+v", c)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"12.5.1.16900-48", "14.0.15900-3", "6.1.2.1112-5", "7.1(5b)SU6a", "14SU4", "ccm12_5_1_16900_48",
		"UCOS 6.0.0.0-2.i386", "99(z)SU99z", "0.0.0.0"} {
		f.Add(seed, "15")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		e, err := Explain(a)
		if err != nil {
			return
		}
		n := e.number
		if again, err := Parse(n.String()); err != nil || !again.Equal(n) && !n.Estimated {
			t.Errorf("%q is %s, which is read as %s (%v)", a, n, again, err)
		}
		to, err := Explain(b)
		if err != nil {
			return
		}
		m := to.number
		if Compare(n, m) != -Compare(m, n) {
			t.Errorf("%s and %s have no order", n, m)
		}
		there, back := e.Compare(&to), to.Compare(&e)
		opposite := map[More]More{MoreFirst: MoreSecond, MoreSecond: MoreFirst}
		want, changed := opposite[there.Fixes.More]
		if !changed {
			want = there.Fixes.More
		}
		if back.Fixes.More != want {
			t.Errorf("%s and %s: %s, and the other way round %s", a, b, there.Fixes.More, back.Fixes.More)
		}
		if there.Upgrade.Says == "" || there.Fixes.Why == "" {
			t.Errorf("%s to %s: %+v", a, b, there)
		}
	})
}
