package ownrules

import (
	"slices"
	"strings"
	"testing"
)

// Each function, by a rule that has to find nothing.
func TestFunctions(t *testing.T) {
	const input = `Presence.Primary.Address = cup1
Presence.Domain = acme.com
Client.Version = 12.9.1.305678
Directory.DN = OU=Users,dc=acme,DC=com
SIPProxy.IncomingACL.1 = 10.1
SIPProxy.IncomingACL.2 = .acme.com
SIPProxy.IncomingACL.3 = nonsense nonsense
my.own = x
`
	for _, must := range []string{
		`get("Presence.Domain") == "acme.com"`, `get("presence.DOMAIN") == "acme.com"`, `get("Directory.Primary.Address") == ""`,
		`get("SIPProxy.IncomingACL.2") == ".acme.com"`, `get("SIPProxy.IncomingACL") == "10.1"`, `get("SIPProxy.IncomingACL.9") == ""`,
		`has("Presence.Domain")`, `not has("Directory.Password")`, `len(list("SIPProxy.IncomingACL")) == 3`,
		`len(list("SIPProxy.IncomingACL.2")) == 1`, `list("Directory.Primary.Address") | len() == 0`, `named("MY.own") == "x"`,
		`named("y") == ""`,
		`presenceAddress() == "cup1.acme.com"`, `presenceAddressOf("cup1.acme.com", "acme.com") == "cup1.acme.com"`,
		`presenceAddressOf("cup1", "ACME.com") == "cup1.ACME.com"`, `presenceRight("cup1", "acme.com")`, `not presenceRight("a.b", "acme.com")`,
		`isHostname("cup1.acme.com")`, `not isHostname("cup_1")`, `not isHostname("10.1.2.3")`, `isAddress("10.1.2.3")`,
		`isAddress("2001:db8::1")`,
		`not isAddress("10.1.2")`, `not isAddress("010.1.2.3")`, `not isAddress("fe80::1%eth0")`,
		`under("cups1.ACME.com", "acme.com")`, `under("acme.com.", ".acme.com")`, `not under("myacme.com", "acme.com")`,
		`not under("com", "acme.com")`,
		`not under("", "acme.com")`, `not under("a.com", "" + "")`, `not under(".acme.com", "acme.com")`,
		`inNetwork("10.1.2.3", "10.1.0.0/16")`, `inNetwork("10.1.2.3", "10.1.0.0/255.255.0.0")`, `inNetwork("10.1.2.3", "10.1")`,
		`inNetwork("10.1.2.3", "10.1.2.3")`, `inNetwork("2001:db8::1", "2001:db8::/32")`, `not inNetwork("10.2.0.1", "10.1.0.0/16")`,
		`inNetwork("::ffff:10.1.2.3", "10.1")`, `not inNetwork("cup1", "10.1")`,
		`inACL("10.1.2.3", list("SIPProxy.IncomingACL"))`, `inACL("cup1.acme.com", list("SIPProxy.IncomingACL"))`,
		`not inACL("10.2.2.3", list("SIPProxy.IncomingACL"))`, `not inACL("cup1.acme.org", list("SIPProxy.IncomingACL"))`,
		`inACL("10.2.2.3", ["all"])`,
		`inACL("10.2.2.3", filter(["all", "10.1"], # != "10.1"))`, `5 in map(["aaaaa"], len(#))`, `not ("b" in filter(["a", "b"], # == "a"))`,
		`isDN(get("Directory.DN"))`, `not isDN("acme")`, `not isDN("")`, `join(dn(get("Directory.DN"), "DC"), ".") == "acme.com"`,
		`len(dn("acme", "DC")) == 0`, `dnUnder(get("Directory.DN"), "DC=ACME,DC=COM")`, `dnUnder("DC=acme,DC=com", "dc=acme,dc=com")`,
		`not dnUnder("DC=com", "DC=acme,DC=com")`, `not dnUnder("x", "DC=com")`, `dnEqual("DC=acme, DC=com", "dc=ACME,dc=com")`,
		`isVersion("12.5(1)SU6")`, `isVersion("11.5.1.16900-48")`, `not isVersion("new")`, `not isVersion("")`, `not isVersion("1..2")`,
		`atLeast(get("Client.Version"), "11.5")`, `atLeast("11.5", "11.5")`, `atLeast("11.5.0", "11.5")`, `not atLeast("11.4.9", "11.5")`,
		`atLeast("9.10", "9.9")`, `not atLeast("new", "11.5")`, `not atLeast("", "11.5")`, `atLeast("12.5(1)SU6", "12.5(1)SU5")`,
		`atLeast("12.5(1)SU6", "11.5")`, `not atLeast("10.5(2)", "11.5")`, `atLeast("14SU1", "12.9.1.305678")`,
		`compareVersions("1.2", "1.10") == -1`, `compareVersions("1.2.0", "1.2") == 0`, `compareVersions("2", "1.9") == 1`,
		`compareVersions("" + "x", "1.9") == -1`,
		`number("0443") == 443`, `number("") == -1`, `number("-1") == -1`, `number("12345678901") == -1`, `number("4 43") == -1`,
		`join(distinct(["b", "a", "b"]), "+") == "a+b"`, `"a" in list("Presence.Domain") or "acme.com" in list("Presence.Domain")`,
		`"x" in ["x", "y"]`, `"a" + "b" == "ab"`, `get("Presence.Domain") matches "^[a-z.]+$"`, `1 + 2 * 3 - 4 / 2 == 5`,
		`let d = get("Presence.Domain"); d endsWith ".com" ? true : false`, `file == "-" and format == "properties"`,
		`generation == "xmpp" and deployment == ""`,
	} {
		set, errs := read(t, ruleText("must: '"+strings.ReplaceAll(must, "'", "''")+"'", "message: m"))
		if len(errs) > 0 {
			t.Errorf("%s: %v", must, errs[0])
		} else if got := findings(t, set, input); len(got) > 0 {
			t.Errorf("%s: %s", must, got[0])
		}
	}
}

// The functions with a site: values of all its exports, by deployment.
func TestRulesOnSites(t *testing.T) {
	set := mustRead(t, `own-rules:
  - id: ACME-001
    each: deployment
    must: same("Presence.Domain")
    message: "{site} {exports}: {list('Presence.Domain')}"
  - id: ACME-002
    each: deployment
    must: missing("Directory.Password") == 0
    message: "{site}: {missing('Directory.Password')} without"
    key: Presence.Domain
`)
	texts := []string{
		"Presence.Domain = a.com\nDirectory.Password = x\n", "Presence.Domain = a.com\n", "Directory.Password = x\n",
		"Presence.Domain = b.com\nDirectory.Password = x\n",
	}
	for _, jobs := range []int{1, 3} {
		// Each folder is a site: none has two values.
		equal(t, lines(t, set, folder(t, jobs, texts...)), "01/a.properties:1:19 warning ACME-002 Presence.Domain: 01: 1 without")
		o := folder(t, jobs, texts...)
		o.Policy = together(t)
		equal(t, lines(t, set, o),
			"03/a.properties:1:19 warning ACME-001 Presence.Domain: hq 4: a.com, b.com",
			"  00/a.properties:1 a.com in 2 exports",
			"03/a.properties:1:19 warning ACME-002 Presence.Domain: hq: 1 without",
			"  00/a.properties:1 a.com in 2 exports")
	}
}

func TestSitesAreTheFoldersThatDiffer(t *testing.T) {
	for _, tt := range []struct{ folders, want []string }{
		{[]string{"exports"}, []string{"exports"}},
		{[]string{"exports/a", "exports/b"}, []string{"a", "b"}},
		{[]string{"exports/a/x", "exports/a/y", "exports/b/x"}, []string{"a", "a", "b"}},
		{[]string{"exports", "exports/a"}, []string{"exports", "a"}},
		{[]string{".", "a"}, []string{".", "a"}},
	} {
		of := sitesOf(slices.Sorted(slices.Values(tt.folders)))
		for i, f := range tt.folders {
			if got := of(f); got != tt.want[i] {
				t.Errorf("%v: %s is of %q, want %q", tt.folders, f, got, tt.want[i])
			}
		}
	}
}
