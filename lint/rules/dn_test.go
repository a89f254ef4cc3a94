package rules

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

var dnSeeds = []string{
	"CN=svc,OU=People,DC=acme,DC=com", "cn = svc , dc= acme", `CN=Smith\, John,DC=acme,DC=com`, `CN=\23x\ ,DC=a`, `CN=a+OU=b,DC=c`,
	"1.3.6.1=#04024869", "CN=#04024869", "CN=", "=x", "CN", "CN=x,", "CN=x,,DC=y", `CN=x\`, `CN=x\zz`, `CN="quoted"`, "CN=a;DC=b", "CN=é",
	"CN=a  b,DC=c",
	"OU=\\2c,DC=x", "DC=acme.com", "", "svc@acme.com", `ACME\svc`, "2.5..4=x", "CN=a\\20", "-a=b", "a-=b", `CN=a\ \ `, "CN=#zz",
}

func TestDistinguishedNames(t *testing.T) {
	for _, tt := range []struct {
		dn   string
		want bool
	}{
		{"CN=svc,OU=People,DC=acme,DC=com", true},
		{"cn = svc , dc = acme", true},
		{`CN=Smith\, John,DC=acme`, true},
		{`CN=Smith\2C John,DC=acme`, true},
		{"CN=a+OU=b,DC=c", true},
		{"2.5.4.3=svc", true},
		{"CN=#04024869", true},
		{"CN=é", true},
		{"CN=,DC=acme", true}, // an empty value is one
		{"", false},
		{"svc", false},
		{"CN=svc,", false},
		{"CN=svc,,DC=acme", false},
		{"CN=svc;DC=acme", false},
		{`CN=svc\`, false},
		{`CN=s\vc`, false},
		{"CN=#0", false},
		{"CN=#xy", false},
		{"=svc", false},
		{"C N=svc", false},
		{"2..5=svc", false},
		{`CN="svc"`, false},
		{"CN=a<b", false},
		{"CN=\xff", false},
		{"a-9=svc", true},
		{"a0=svc", true},
		{"a_b=svc", false},
		{"a/b=svc", false},
		{"a:b=svc", false},
		{"z=svc", true},
		{"0.9=svc", true},
		{"CN=#", false},
		{"CN=#aAfF09", true},
		{"CN=#0g", false},
		{"CN=#0/", false},
		{`CN=\aF,DC=acme`, true},
		{`CN=\0:`, false},
		{`CN=\@0`, false},
		{`CN=\` + "`0", false},
	} {
		if got := validDN(tt.dn); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.dn, got, tt.want)
		}
	}
}

func TestAccountsAreComparedAsNames(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"CN=Svc,DC=acme", "cn=svc, dc=ACME", true},
		{"CN=a  b", "CN=A b", true},
		{`CN=a\, b`, `CN=a\2C b`, true},
		{`CN=a\2Cb`, `CN=a,b=`, false},
		{"CN=a+OU=b,DC=c", "ou=B+cn=A,DC=c", true},
		{"CN=a+OU=b", "CN=a,OU=b", false},
		{"CN=a,OU=b", "OU=b,CN=a", false},
		{"svc@acme.com", "SVC@ACME.COM", true},
		{`ACME\svc`, `acme\SVC`, true},
		{"svc@acme.com", "svc@acme.net", false},
	} {
		if got := normalAccount(tt.a) == normalAccount(tt.b); got != tt.same {
			t.Errorf("%q and %q: same %v, want %v (%q, %q)", tt.a, tt.b, got, tt.same, normalAccount(tt.a), normalAccount(tt.b))
		}
	}
}

func TestBlanksAtTheEndOfAValue(t *testing.T) {
	for v, want := range map[string]string{
		"a": "a", "a ": "a", "a  ": "a", `a\ `: `a\ `, `a\  `: `a\ `, `a\\ `: `a\\`, `a\\\ `: `a\\\ `, `a\20 `: `a\20`, `a\`: `a\`, "": "",
	} {
		if got := trimValue(v); got != want {
			t.Errorf("%q: %q, want %q", v, got, want)
		}
	}
}

func TestFormsOfBinds(t *testing.T) {
	for s, want := range map[string]bindForm{
		"CN=svc,DC=acme,DC=com": dnBind,
		"svc@acme.com":          upnBind,
		`ACME\svc`:              domainBind,
		"svc":                   badBind,
		"svc@":                  badBind,
		"@acme.com":             badBind,
		`\svc`:                  badBind,
		`ACME\`:                 badBind,
		"svc@acme@com":          badBind,
		"CN=svc,":               badBind,
		"a b@acme.com":          badBind,
	} {
		if got := bindFormOf(s); got != want {
			t.Errorf("%q: form %d, want %d", s, got, want)
		}
	}
}

func TestDomainsOfNames(t *testing.T) {
	for _, tt := range []struct {
		dn, domain string
		root       bool
	}{
		{"DC=acme,DC=com", "acme.com", true},
		{"dc=ACME , dc=com", "acme.com", true},
		{"DC=acme.com", "acme.com", true},
		{"OU=People,DC=acme,DC=com", "acme.com", false},
		{"O=acme", "", false},
		{"DC=acme,", "", false},
		{"", "", false},
		{strings.TrimSuffix(strings.Repeat("DC=a,", 17), ","), "", false},
	} {
		d, root := domainOf(tt.dn)
		if d.String() != tt.domain || root != tt.root {
			t.Errorf("%q: %q, root %v, want %q, %v", tt.dn, d.String(), root, tt.domain, tt.root)
		}
	}
	for _, tt := range []struct {
		below, above string
		want         bool
	}{
		{"DC=acme,DC=com", "DC=ACME,DC=com", true},
		{"DC=emea,DC=acme,DC=com", "DC=acme,DC=com", true},
		{"DC=acme,DC=com", "DC=emea,DC=acme,DC=com", false},
		{"DC=myacme,DC=com", "DC=acme,DC=com", false},
		{"DC=acme,DC=com", "O=none", false},
	} {
		a, _ := domainOf(tt.below)
		b, _ := domainOf(tt.above)
		if got := a.within(&b); got != tt.want {
			t.Errorf("%q within %q: %v", tt.below, tt.above, got)
		}
	}
}

// FuzzDN compares the parser with go-ldap's where the two are meant to agree. This one is the stricter of the two: see
// lenient.
func FuzzDN(f *testing.F) {
	for _, s := range dnSeeds {
		for _, other := range []string{"CN=svc,DC=acme,DC=com", strings.ToUpper(s), strings.ReplaceAll(s, ",", " , ")} {
			f.Add(s, other)
		}
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		parsed, err := ldap.ParseDN(s)
		if validDN(s) && err != nil && !strings.Contains(s, "#") { // go-ldap decodes what # announces, the grammar does not
			t.Fatalf("%q is accepted as a name, but go-ldap says %v", s, err)
		}
		if !validDN(s) && err == nil && s != "" && !lenient(s) {
			t.Fatalf("%q is refused, and go-ldap reads %v", s, parsed)
		}
		if !validDN(s) || !validDN(other) {
			return
		}
		parsedOther, err := ldap.ParseDN(other)
		if err != nil {
			return // said when it comes first
		}
		if parsed.EqualFold(parsedOther) && normalAccount(s) != normalAccount(other) && !odd(s+other) {
			t.Errorf("%q and %q are one name to go-ldap, and two here: %q, %q", s, other, normalAccount(s), normalAccount(other))
		}
	})
}

// lenient are names that go-ldap reads and RFC 4514 does not have: attribute types with other characters, quotes and semicolons,
// values that are not UTF-8.
func lenient(s string) bool {
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\";<>") {
		return true
	}
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == '+' }) {
		attribute, _, _ := strings.Cut(part, "=")
		if !attributeType(strings.Trim(attribute, " ")) {
			return true
		}
	}
	return false
}

// odd are values whose case folding is not what lower-casing does, and encoded ones.
func odd(s string) bool {
	return strings.Contains(s, "#") || strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// Names with the same dcPart have the same domain, if both have one: rules use that and do not take such names apart.
func TestDCPart(t *testing.T) {
	parts := []string{"DC=acme", "dc=com", "OU=x", "DC = a", "ou=dc", `CN=a\,DC=b`, "", `D\43=x`, "DC=a+DC=b", " DC=com", "uid=dc", "DC=", `CN="x`}
	random := rand.New(rand.NewPCG(1, 2))
	name := func() string {
		some := make([]string, 1+random.IntN(4))
		for i := range some {
			some[i] = parts[random.IntN(len(parts))]
		}
		return strings.Join(some, ",")
	}
	same, roots := 0, 0
	for range 100_000 {
		a, b := name(), name()
		inA, root := domainOf(a)
		inB, _ := domainOf(b)
		if dcPart(a) == dcPart(b) && inA.n > 0 && inB.n > 0 {
			same++
			if !inA.within(&inB) || !inB.within(&inA) {
				t.Fatalf("%q and %q: %s and %s", a, b, inA.String(), inB.String())
			}
		}
		if root {
			roots++
			if trimmed := strings.TrimLeft(a, " "); dcPart(trimmed) != trimmed {
				t.Fatalf("%q is a root and does not begin with DC", a)
			}
		}
	}
	if same < 100 || roots < 100 {
		t.Errorf("%d names of one domain, %d roots: the test shows nothing", same, roots)
	}
}
