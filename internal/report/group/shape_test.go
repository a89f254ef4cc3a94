package group_test

import (
	"slices"
	"testing"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

func finding(key, message string) lint.Finding {
	return lint.Finding{Rule: "R001", Key: key, Message: message, File: "sites/b01/hq 1.xml", Fingerprint: "0123:1",
		Related: []lint.Related{{File: "sites/b01/server.xml", Key: "Appliance.sub1.Ntp.Source"}}}
}

func TestTheShapeLeavesOutWhatIsAFindingsOwn(t *testing.T) {
	for _, test := range []struct {
		key, message, wantKey, want string
		words                       []string
	}{
		{"", "the client binds anonymously", "", "the client binds anonymously", nil},
		{"Directory.DN", "another password here than in sites/b01/server.xml:4:2: clients lock it", "Directory.DN",
			"another password here than in {file}: clients lock it", nil},
		{"Directory.DN", "see sites/b01/hq 1.xml", "Directory.DN", "see {file}", nil},
		{"Directory.DN", "not xsites/b01/server.xml", "Directory.DN", "not xsites/b01/server.xml", nil},
		{"Directory.DN", "DIRECTORY.dn, set in line 14 and column 3, is DN", "Directory.DN",
			"{key}, set in line {line} and column {line}, is {key}", nil},
		{"Presence.Domain", `the domain is "acme.net" for the client, and "ACME.COM" in the parameter`, "Presence.Domain",
			`the {key} is "{host}" for the client, and "{host}" in the parameter`, []string{"acme.net", "ACME.COM"}},
		{"Directory.Primary.Port", "dc1.acme.com:389 and 10.1.2.3 (LDAP://dc2:389) of port 636", "Directory.Primary.Port",
			"{host}:389 and {host} ({url}) of {key} 636", []string{"dc1.acme.com", "10.1.2.3", "LDAP://dc2:389"}},
		{"X.Y", "registers to user@cup1.acme.com.", "X.Y", "registers to {address}.", []string{"user@cup1.acme.com"}},
		{"X.Y", "the account cn=UC Sync,ou=My svc,dc=north, dc=test serves, and CN=a has none", "X.Y",
			"the account {dn} serves, and {dn} has none", []string{"cn=UC Sync,ou=My svc,dc=north, dc=test", "CN=a"}},
		{"X.Y", "cups9 with NTPv4 at 4 of 7.1.3.10000-11, e.g. Directory.Primary.Port of IPv4 is 2", "X.Y",
			"{host} with NTPv4 at 4 of 7.1.3.10000-11, e.g. Directory.Primary.Port of IPv4 is 2", []string{"cups9"}},
		{"CUCM.User.12.UserID", `two records with the user ID "j.doe"`, "CUCM.User.{n}.UserID", `two records with the user ID "j.doe"`, nil},
		{"Directory.SearchContext1", "x", "Directory.SearchContext1", "x", nil},
		{"Appliance.pub.Ntp.Source", "source 192.0.2.51 of node pub, not sub1, republished", "Appliance.{node}.Ntp.Source",
			"{key} 192.0.2.51 of node {node}, not {node}, republished", []string{"pub", "sub1"}},
		{"Appliance.pub.Replication.cup-2.State", "the replication of cup-2 is in state (3): bad", "Appliance.{node}.Replication.{node}.State",
			"the replication of {node} is in {key} (3): bad", []string{"cup-2"}},
		{"Appliance.pub.Service.Cisco Sync Agent", "x", "Appliance.{node}.Service.Cisco Sync Agent", "x", nil},
		{"X.Y", "", "X.Y", "", nil},
	} {
		f := finding(test.key, test.message)
		s := group.ShapeOf(&f)
		if s.Rule != "R001" || s.Key != test.wantKey || s.Message != test.want {
			t.Errorf("%q:\n%q %q, want\n%q %q", test.message, s.Key, s.Message, test.wantKey, test.want)
		}
		if wantValue := map[bool]string{true: "0123"}[test.key == test.wantKey]; s.Value != wantValue {
			t.Errorf("%s: value %q, want %q", test.key, s.Value, wantValue)
		}
		if words := group.Words(&f); !slices.Equal(words, test.words) {
			t.Errorf("%q: words %q, want %q", test.message, words, test.words)
		}
	}
}

func FuzzShape(f *testing.F) {
	f.Add("Directory.DN", "the account cn=a, ou=b of sites/b01/server.xml:3:4 is \"x@y.z\" in line 4", "a.xml")
	f.Add("Appliance.a.Replication.b.c", "a b line 1 dc=", "")
	f.Fuzz(func(t *testing.T, key, message, file string) {
		one := lint.Finding{Rule: "R", Key: key, Message: message, File: file}
		s := group.ShapeOf(&one)
		if s != group.ShapeOf(&one) {
			t.Error("two shapes of one finding")
		}
		group.Words(&one)
	})
}
