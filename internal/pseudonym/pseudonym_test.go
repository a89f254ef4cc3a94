package pseudonym

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// site is a map that knows a site.
func site(hide Hide) *Map {
	m := newMap([]byte("a key for tests"), hide, []string{"Address"})
	for _, h := range []string{"ucm1.hq.acme.com", "UCM2", "imp1.hq.acme.com", "cups.acme.com", "myacme.com"} {
		m.Learn(Host, h)
	}
	m.Learn(Domain, "acme.com")
	m.Learn(User, "anna.smith")
	m.Learn(User, "svc-read")
	m.LearnText("network 10.20.0.0/16, 172.20.16.0/20, License MAC: 005056a1b2c3, ben@acme.com, DC=acme,DC=com")
	m.LearnText(`ACME\carl`)
	return m
}

var everything = Hide{Addresses: true, Names: true}

func TestWhatStays(t *testing.T) {
	for _, text := range []string{
		"http://www.w3.org/2003/05/soap-envelope urn:cisco:epas:soap http://www.cisco.com/AXL/API/14.0",
		"System version: 12.5.1.11900-48", "Version 8.6.4.1", "255.255.255.0 0.0.0.0 127.0.0.1 ::1 fe80::1 169.254.1.1 224.0.0.1",
		"Presence.Primary.Address EnterpriseWideData callmanager cups DBPub localhost admin:", "_sip._tcp _cisco-uds._tcp.example.com",
		"sip:6002@example.com tel:6002", "12:34:56 a.b.c file.txt 1.2.3", "192.0.2.17 198.51.100.3 2001:db8::5", "00:00:00:00:00:00",
	} {
		if got := site(everything).Replace(text); got != text {
			t.Errorf("%s\nbecomes\n%s", text, got)
		}
	}
}

func TestWhatIsReplaced(t *testing.T) {
	m := site(everything)
	for _, text := range []string{
		"ucm1.hq.acme.com", "UCM1", "ucm2", "x.hq.acme.com", "sip:anna.smith@acme.com", "anna.smith", "svc-read", `ACME\carl`, `acme\\ben`,
		"ben%40acme.com", "OU=Berlin Users", "CN=Anna Smith,OU=Sales", "10.20.30.40", "005056A1B2C3", "00:50:56:a1:b2:c3", "SEP001122334455",
		"2001:470:1:2::5", "ucm1.hq.acme.com-8443.pem", "http://10.20.30.40:8080/x", "_cisco-uds._tcp.acme.com", "40.30.20.10.in-addr.arpa",
		"10.20.30.40-8443.pem", "myacme.com", "imp1_x", "::ffff:10.20.30.40", "93.184.216.34", "172.31.5.6", `"a\nucm1"`,
		"<userid>x</userid> ben",
	} {
		got := m.Replace(text)
		if got == text || len(got) != len(text) {
			t.Errorf("%s becomes %s", text, got)
		}
		for _, w := range []string{"acme", "ucm", "anna", "smith", "carl", "berlin", "sales", "10.20.30", "a1b2c3", "a1:b2:c3"} {
			if strings.Contains(strings.ToLower(got), w) {
				t.Errorf("%s becomes %s", text, got)
			}
		}
		if left := m.Left(got); len(left) > 0 {
			t.Errorf("%s becomes %s, which still has %q", text, got, left)
		}
	}
	if left := m.Left("on UCM1, 10.20.30.40"); len(left) != 2 {
		t.Errorf("the scan finds %q", left)
	}
	for _, p := range m.Pairs() {
		if p[0] == p[1] || len(p[0]) != len(p[1]) {
			t.Errorf("%q", p)
		}
	}
}

// What rules depend on is the same with pseudonyms.
func TestRelations(t *testing.T) {
	m := site(everything)
	r := m.Replace
	if !strings.HasSuffix(r("myacme.com"), r("acme.com")) || !strings.HasSuffix(r("imp1.hq.acme.com"), "."+r("hq.acme.com")) {
		t.Error("the end of a name is lost")
	}
	if a, b := r("UCM1.HQ.acme.com"), r("ucm1.hq.ACME.COM"); !strings.EqualFold(a, b) || a == b || a[:2] != strings.ToUpper(a[:2]) {
		t.Errorf("case: %s, %s", a, b)
	}
	if short := r("ucm1"); !strings.HasPrefix(r("ucm1.hq.acme.com"), short+".") {
		t.Error("a short name is not the first label")
	}
	if dc := r("DC=acme,DC=com"); dc != "DC="+strings.Replace(r("acme.com"), ".", ",DC=", 1) {
		t.Errorf("%s", dc)
	}
	if got := r("cups.acme.com"); !strings.HasPrefix(got, "cups.") {
		t.Errorf("%s", got)
	}
	if a, b := r("CN=ucm1-ms.hq.acme.com"), r("CN=CAPF-ucm1"); a != "CN="+r("ucm1")+"-ms."+r("hq.acme.com") || b != "CN=CAPF-"+r("ucm1") {
		t.Errorf("%s, %s", a, b)
	}
	if a, b := r("ben@acme.com"), r("uid=ben"); a[:3] != b[4:] {
		t.Errorf("%s, %s", a, b)
	}
	for _, c := range []struct{ network, in, out string }{
		{"10.20.0.0/16", "10.20.30.40", "10.21.30.40"},
		{"10.20.30.0/24", "10.20.30.255", "10.20.31.1"},
		{"10.20.30.64/26", "10.20.30.70", "10.20.30.128"},
		{"172.20.16.0/20", "172.20.31.9", "172.20.32.9"},
		{"172.16.0.0/12", "172.31.1.1", "172.32.1.1"},
	} {
		n, err := netip.ParsePrefix(r(c.network))
		if err != nil {
			t.Fatal(err)
		}
		if !n.Contains(netip.MustParseAddr(r(c.in))) || n.Contains(netip.MustParseAddr(r(c.out))) {
			t.Errorf("%v becomes %s with %s in and %s out", c, n, r(c.in), r(c.out))
		}
	}
	if a, b := r("2001:470:1:2::5"), r("2001:470:1:2:0:0:0:5"); netip.MustParseAddr(a) != netip.MustParseAddr(b) {
		t.Errorf("%s, %s", a, b)
	}
	if a, b := r("00:50:56:A1:B2:C3"), r("005056a1b2c3"); strings.ToLower(strings.ReplaceAll(a, ":", "")) != b || b[:6] != "005056" {
		t.Errorf("%s, %s", a, b)
	}
}

// A control character of 8 bits and a mark that turns the direction of text are not parts of a name: without them the name is the same.
func TestInvisibleCharactersAreNoPartOfAName(t *testing.T) {
	m := newMap([]byte("a key for tests"), everything, nil)
	m.Learn(Host, "cupx\u0085.north.test\u200f")
	m.Learn(Domain, "north.test\u2067\u009d")
	host, domain := m.Replace("cupx\u0085.north.test\u200f"), m.Replace("\ufeffnorth.test\u2067\u009d")
	parent := strings.TrimSuffix(strings.TrimPrefix(domain, "\ufeff"), "\u2067\u009d")
	if strings.Contains(domain, "north") || !strings.HasSuffix(host, "."+parent+"\u200f") || strings.Contains(host, "cupx") {
		t.Errorf("%q, %q", host, domain)
	}
	if left := m.Left("to north.test\u2067"); len(left) == 0 {
		t.Error("a name next to such a mark is not found")
	}
}

// No two names and no two addresses become one.
func TestOneToOne(t *testing.T) {
	m := site(everything)
	seen := map[string]string{}
	for i := range 256 {
		for _, real := range []string{fmt.Sprintf("10.%d.7.1", i), fmt.Sprintf("10.7.%d.1", i), fmt.Sprintf("%d.1.1.1", i),
			fmt.Sprintf("%c%c.acme.com", 'a'+i%26, 'a'+i/26)} {
			got := m.Replace(real)
			if other := seen[got]; other != "" && other != real {
				t.Errorf("%s and %s become %s", other, real, got)
			}
			seen[got] = real
		}
	}
}

func TestOneKind(t *testing.T) {
	if got := site(Hide{Addresses: true}).Replace("anna.smith CN=Anna"); got != "anna.smith CN=Anna" {
		t.Error(got)
	}
	if got := site(Hide{Names: true}).Replace("ucm1.hq.acme.com 10.20.30.40 DC=acme"); got != "ucm1.hq.acme.com 10.20.30.40 DC=acme" {
		t.Error(got)
	}
}

// Whatever the text is, its length stays, known words go, and the same text gives the same.
func FuzzReplace(f *testing.F) {
	for _, s := range []string{"ucm1.hq.acme.com 10.20.30.40", `a\nucm1`, "%40acme.com", "CN=Anna,DC=acme", "::", "1.2.3.4.53",
		"SEP0011223344556",
		"2001:470::1:", "\xff.acme.com", "Ärger.acme.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := site(everything)
		m.LearnText(s)
		got := m.Replace(s)
		if len(got) != len(s) {
			t.Errorf("%q becomes %q", s, got)
		}
		if again := m.Replace(s); again != got {
			t.Errorf("%q becomes %q, then %q", s, got, again)
		}
	})
}
