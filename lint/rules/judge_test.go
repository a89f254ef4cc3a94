package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cupclint/lint"
	"cupclint/lint/rules"
)

// judge returns what the export rules find in some properties, as "ID severity" in the order of the rules.
func judge(t *testing.T, text string) []string {
	t.Helper()
	in := lint.NewInput(parse(t, "in.properties", text))
	got := []string{}
	for _, r := range rules.All() {
		for _, f := range r.Judge(in) {
			got = append(got, fmt.Sprint(f.Rule, " ", f.Severity))
		}
	}
	return got
}

// The cases are those at the edge of a rule: where it begins to speak, where it leaves the word to a more exact one, and where it
// would be a false alarm.
func TestRulesAtTheirEdges(t *testing.T) {
	const acme = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"
	const noDigest = "User.DigestCredential =\n"
	const directory = "Directory.Primary.Address = dc1.acme.com\nDirectory.SearchContext1 = OU=People,DC=acme,DC=com\n"
	for _, tt := range []struct{ name, text, want string }{
		{"bare name", acme, ""},
		{"node name without a domain", "Presence.Primary.Address = cup1\n", "PRES006 error"},
		{"domain without a node name", "Presence.Domain = acme.com\n", "PRES005 error"},
		{"XMPP: another domain is a supported design",
			"Presence.Primary.Address = cup1.acme.net\nPresence.Domain = acme.com\nClient.Version = 8.6\n", "PRES001 info"},
		{"IM and Presence: another domain, nothing to say",
			"Presence.Primary.Address = cup1.acme.net\nPresence.Domain = acme.com\nNetwork.DNSDomain = acme.net\nClient.Version = 9.7\n", ""},
		{"XMPP: case", "Presence.Primary.Address = cup1.acme.com\nPresence.Domain = ACME.COM\nClient.Generation = xmpp\n", "PRES002 info"},
		{"XMPP: DNS domain", acme + "Network.DNSDomain = acme.net\nClient.Generation = xmpp\n", "PRES015 info"},
		{"the address after a name is reported first", "Presence.Primary.Address = cup1.acme.com\nPresence.Domain = 10.1.1.1\n",
			"PRES003 error"},
		{"a blank speaks before the invalid name", "Presence.Primary.Address =  cup1\nPresence.Domain = acme.com\n", "PRES010 error"},
		{"the domain is said once for three nodes",
			"Presence.Primary.Address = cup1\nPresence.Backup.Address = cup2\nPresence.Backup2.Address = cup3\nPresence.Domain = .acme.com\n",
			"PRES011 error"},
		{"backup by another step", acme + "Presence.Backup.Address = 10.1.1.2\n", "PRES013 info,PRES014 warning"},
		{"backup spelled out in the same domain",
			"Presence.Primary.Address = cup1.acme.com\nPresence.Backup.Address = cup2.acme.com\nPresence.Domain = acme.com\n", ""},
		{"client 1.2 needs no DNS", acme + "Client.Version = 1.2.3\nNetwork.NameResolution = none\n", ""},
		{"client 7.0 does", acme + "Client.Version = 7.0.2\nNetwork.NameResolution = hosts\n", "PRES017 warning"},
		{"an address needs none", "Presence.Primary.Address = 10.1.1.1\nPresence.Domain = acme.com\nClient.Version = " +
			"7.0\nNetwork.NameResolution = none\n", "PRES013 info"},
		{"nor does a node name that is wrong anyway",
			"Presence.Primary.Address = cup1.\nPresence.Domain = acme.com\nClient.Version = 7.0\nNetwork.NameResolution = none\n", "PRES011 error"},
		{"nor one that is missing", "Presence.Domain = acme.com\nClient.Version = 7.0\nNetwork.NameResolution = none\n", "PRES005 error"},

		{"digest credential not in the export", "User.ID = alice\n", ""},
		{"digest credential empty", noDigest, "CRED001 error"},
		{"proxy does not ask", noDigest + "SIPProxy.AuthenticationModule = Off\n", "CRED002 warning"},
		{"list covers the client", noDigest + "SIPProxy.IncomingACL.1 = 10.1\nClient.Address = 10.1.2.3\n", ""},
		{"list covers a part of the client's network", noDigest + "SIPProxy.IncomingACL.1 = 10.1.2.0/25\nClient.Address = 10.1.2.0/24\n",
			"CRED004 error"},
		{"list misses one of two clients", noDigest + "SIPProxy.IncomingACL.1 = 10.1\nClient.Address.1 = 10.1.2.3\nClient.Address.2 = 10.2.2.3\n",
			"CRED004 error"},
		{"list names a domain the client may be in", noDigest + "SIPProxy.IncomingACL.1 = acme.com\nClient.Address = 10.1.2.3\n",
			"CRED001 warning"},
		{"client's address not known", noDigest + "SIPProxy.IncomingACL.1 = 10.1\n", "CRED001 warning"},
		{"list has nothing that can be read", noDigest + "SIPProxy.IncomingACL.1 = 10.1/16\nClient.Address = 10.1.2.3\n",
			"CRED001 error,HYG005 warning"},
		{"list lets everybody in", noDigest + "SIPProxy.IncomingACL.1 = 0.0.0.0/0.0.0.0\n", "CRED003 warning"},
		{"LDAP authentication off", "CUCM.LDAPAuthentication.Enabled = FALSE\nCUCM.LDAPAuthentication.Server.1.Address = " +
			"dc1\nCUCM.LDAPAuthentication.Server.1.Port = 389\n", ""},
		{"no port means 389", "CUCM.LDAPAuthentication.Server.1.Address = dc1\n", "CRED005 error"},
		{"the second server too", "CUCM.LDAPAuthentication.Server.1.Address = dc1\nCUCM.LDAPAuthentication.Server.1.Port = " +
			"3269\nCUCM.LDAPAuthentication.Server.2.Address = dc2\nCUCM.LDAPAuthentication.Server.2.Port = 636\n", "CRED005 error"},
		{"StartTLS on 143", "VoiceMail.Primary.Address = unity1\nMailStore.ServerType = Exchange2007\nMailStore.Primary.Address = " +
			"mail\nMailStore.Primary.Port = 143\nMailStore.Primary.Protocol = TLS\n", ""},
		{"another mail server on 143",
			"VoiceMail.Primary.Address = unity1\nMailStore.ServerType = Exchange2003\nMailStore.Primary.Address = mail\nMailStore.Primary.Port = " +
				"143\n", ""},
		{"Exchange 2010 on 143", "VoiceMail.Primary.Address = unity1\nMailStore.ServerType = Exchange2010\nMailStore.Primary.Address = " +
			"mail\nMailStore.Primary.Port = 143\n", "CRED007 warning"},
		{"a log-in session ID is not chosen by a person", "Login.AppSessionID = a%b&c\n", "CRED008 warning"},
		{"a one-time password is not chosen by a person", "Session.OneTimePassword = a%b&c\n", "CRED008 warning"},
		{"a forest of one domain", "Directory.Primary.Address = dc1.acme.com\nDirectory.Primary.Port = 389\nDirectory.ForestDomain.1 = " +
			"acme.com\nDirectory.SearchContext1 = OU=People,DC=acme,DC=com\n", ""},
		{"a forest of two domains", "Directory.Primary.Address = dc1.acme.com\nDirectory.Primary.Port = 389\nDirectory.ForestDomain.1 = " +
			"acme.com\nDirectory.ForestDomain.2 = emea.acme.com\nDirectory.SearchContext1 = OU=People,DC=acme,DC=com\n", "LDAP001 warning"},
		{"the call manager: TLS off on 636",
			"CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = 636\nCUCM.LDAPDirectory.Server.1.TLS = FALSE\n",
			"LDAP004 warning,LDAP008 error"},
		{"the call manager: TLS off on 3269",
			"CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = 3269\nCUCM.LDAPDirectory.Server.1.TLS = FALSE\n",
			"LDAP004 warning,LDAP008 error"},
		{"the call manager: TLS on on 389",
			"CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = 389\nCUCM.LDAPDirectory.Server.1.TLS = TRUE\n",
			"LDAP008 error"},
		{"the call manager: TLS on on 636",
			"CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = 636\nCUCM.LDAPDirectory.Server.1.TLS = TRUE\n", ""},
		{"stars are not a secret", "Directory.Password = ********\n", ""},
		{"redacted is not a secret", "Directory.Password = REDACTED\n", ""},
		{"a key that is unknown and says that it is secret", acme + "My.Password = Plain1\n", "CRED008 warning,HYG002 info"},
		{"a session key is not chosen by a person", "Session.Key = a%b&c\n", "CRED008 warning"},

		{"OpenLDAP, by its accounts",
			directory + "Directory.Primary.Port = 389\nDirectory.Primary.Protocol = TLS\nDirectory.DN = " +
				"uid=cupc,DC=acme,DC=com\nDirectory.SearchContext2 = DC=acme,DC=com\n", ""},
		{"root base on 389", directory + "Directory.Primary.Port = 389\nDirectory.SearchContext2 = DC=acme,DC=com\n", "LDAP001 warning"},
		{"root base on 3268", directory + "Directory.Primary.Port = 3268\nDirectory.SearchContext2 = DC=acme,DC=com\n", ""},
		{"two domains on 636", directory +
			"Directory.Primary.Port = 636\nDirectory.Primary.Protocol = SSL\nDirectory.ForestDomain.1 = acme.com\nDirectory.ForestDomain.2 = " +
			"emea.acme.com\n", "LDAP001 warning"},
		{"TLS on 389 is StartTLS", directory + "Directory.Primary.Port = 389\nDirectory.Primary.Protocol = TLS\nDirectory.DN = svc@acme.com\n",
			""},
		{"SSL on 389", directory + "Directory.Primary.Port = 389\nDirectory.Primary.Protocol = SSL\n", "LDAP008 error"},
		{"plain bind, said once", directory +
			"Directory.Primary.Port = 389\nDirectory.Backup1.Address = dc2.acme.com\nDirectory.Backup1.Port = 389\nDirectory.DN = svc@acme.com\n",
			"LDAP004 warning"},
		{"anonymous bind sends no password", directory + "Directory.Primary.Port = 389\nDirectory.AnonymousBind = TRUE\n", "LDAP003 warning"},
		{"call manager without TLS", "CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = " +
			"3268\nCUCM.LDAPDirectory.Server.1.TLS = FALSE\n", "LDAP004 warning"},
		{"call manager with TLS on a plain port",
			"CUCM.LDAPAuthentication.Server.1.Address = dc1\nCUCM.LDAPAuthentication.Server.1.Port = 3268\nCUCM.LDAPAuthentication.Server.1.TLS = " +
				"true\n", "LDAP008 error"},
		{"call manager's TLS left empty",
			"CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = 3269\nCUCM.LDAPDirectory.Server.1.TLS =\n", ""},
		{"of the call manager's TLS nothing is said", "CUCM.LDAPDirectory.Server.1.Address = dc1\nCUCM.LDAPDirectory.Server.1.Port = 3268\n", ""},
		{"account of a child domain",
			directory + "Directory.DN = svc@emea.acme.com\nDirectory.Primary.Protocol = SSL\nDirectory.Primary.Port = 3269\n", ""},
		{"account of a domain with the same ending",
			directory + "Directory.DN = svc@myacme.com\nDirectory.Primary.Protocol = SSL\nDirectory.Primary.Port = 3269\n", "LDAP010 info"},

		{"CTI over TLS", "CallControl.Primary.Address = cucm1\nCallControl.Primary.Port = 2749\n", ""},
		{"desk phone control off", "CallControl.Enabled = FALSE\n", ""},

		{"same value twice", acme + "Presence.Domain = acme.com\n", "HYG001 warning"},
		{"another value", acme + "Presence.Domain = acme.net\n", "HYG001 error"},
		{"by its older name", acme + "Proxy.Domain = acme.net\n", "HYG001 error"},
		{"one number twice", "SIPProxy.Alias.1 = a.acme.com\nSIPProxy.Alias.2 = a.acme.com\nsipproxy.alias.2 = b.acme.com\n", "HYG001 error"},
		{"a log has the same lines at every log-in",
			"08:00 INFO - Presence.Primary.Address = cup1\n08:00 INFO - Presence.Domain = acme.com\n09:00 INFO - Presence.Domain = acme.com\n", ""},
		{"a log tells another value",
			"08:00 INFO - Presence.Primary.Address = cup1\n08:00 INFO - Presence.Domain = acme.com\n09:00 INFO - Presence.Domain = acme.net\n",
			"HYG001 warning"},
		{"indented lines are not a log", "  Presence.Primary.Address = cup1\n  Presence.Domain = acme.com\n  Presence.Domain = acme.com\n",
			"HYG001 warning"},
		{"port with a sign", "CallControl.Primary.Port = +2748\n", "HYG003 error"},
		{"port zero", "CallControl.Primary.Port = 0\n", "HYG003 error"},
		{"highest port", "MailStore.Primary.Port = 65535\n", ""},
		{"IPv6 is an address", "TFTP.Primary = fe80::1\n", ""},
		{"three numbers are not an address", "TFTP.Primary = 10.1.1\n", "HYG004 error"},
		{"host and port", "TFTP.Primary = cucm1:69\n", "HYG004 error"},
		{"truth value in words", "IM.enable = yes\n", "HYG005 error"},
		{"truth value in lower case", "IM.enable = true\n", ""},
		{"backup in other case", "TFTP.Primary = cucm1\nTFTP.Backup1 = CUCM1\n", "HYG006 warning"},
		{"one server, two services", "TFTP.Primary = cucm1\nCCMCIP.Host = cucm1\n", ""},
		{"placeholder speaks before the address", "TFTP.Primary = <server>\n", "HYG007 error"},
		{"the domain of documentation itself", "TFTP.Primary = example.com\n", "HYG007 error"},
		{"a name that only ends so", "TFTP.Primary = tftp.myexample.com\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(judge(t, tt.text), ","); got != tt.want {
				t.Errorf("found %q, want %q in\n%s", got, tt.want, tt.text)
			}
		})
	}
}

func TestFindingsOnXMPPClientsSayWhyTheyAreInfo(t *testing.T) {
	for _, text := range []string{
		"Presence.Primary.Address = cup1.acme.net\nPresence.Domain = acme.com\nClient.Generation = xmpp\n",
		"Presence.Primary.Address = cup1.acme.com\nPresence.Domain = ACME.COM\nClient.Generation = xmpp\n",
		"Presence.Primary.Address = cup1\nPresence.Domain = acme.com\nNetwork.DNSDomain = acme.net\nClient.Generation = xmpp\n",
	} {
		in := lint.NewInput(parse(t, "in.properties", text))
		for _, r := range rules.All() {
			for _, f := range r.Judge(in) {
				if !strings.Contains(f.Message, "XMPP generation") {
					t.Errorf("%s: %s", f.Rule, f.Message)
				}
			}
		}
	}
}

// The position is that of the wrong property: the one whose value must change.
func TestFindingsPointToTheFault(t *testing.T) {
	for _, tt := range []struct{ text, rule, key string }{
		{"Presence.Primary.Address = cups.acme.com\nPresence.Domain = ACME.com\n", "PRES002", "Presence.Domain"},
		{"Presence.Primary.Address = Cups.ACME.com\nPresence.Domain = acme.com\n", "PRES002", "Presence.Primary.Address"},
		{"Presence.Primary.Address = cup1\nPresence.Backup.Address = cup2.\nPresence.Domain = acme.com\n", "PRES011", "Presence.Backup.Address"},
		{"Presence.Domain = acme.com\n", "PRES005", "Presence.Primary.Address"},
		{"Presence.Primary.Address = cup1\n", "PRES006", "Presence.Domain"},
		{"CUCM.LDAPAuthentication.Server.1.Address = dc1\nCUCM.LDAPAuthentication.Server.1.Port = 389\n", "CRED005",
			"CUCM.LDAPAuthentication.Server.1.Port"},
		{"CUCM.LDAPAuthentication.Server.1.Address = dc1\n", "CRED005", "CUCM.LDAPAuthentication.Server.1.Address"},
		{"Directory.Primary.Address = dc1\n", "LDAP005", "Directory.SearchContext1"},
		{"CallControl.Enabled = TRUE\n", "CTI001", "CallControl.Primary.Address"},
		{"Directory.Primary.Address = dc1\nDirectory.SearchContext1 = OU=a,DC=b\nDirectory.DN = a@b\n", "LDAP004", "Directory.Primary.Address"},
	} {
		in := lint.NewInput(parse(t, "in.properties", tt.text))
		found := false
		for _, r := range rules.All() {
			for _, f := range r.Judge(in) {
				found = found || f.Rule == tt.rule && f.Key == tt.key && f.Line > 0
			}
		}
		if !found {
			t.Errorf("no %s at %s in\n%s", tt.rule, tt.key, tt.text)
		}
	}
}

func TestFirstLightWeighsCleartextAsInfo(t *testing.T) {
	in := lint.NewInput(parse(t, "in.properties",
		"Directory.Primary.Address = dc1\nDirectory.DN = svc@acme.com\nDirectory.SearchContext1 = OU=a,DC=acme,DC=com\n"))
	in.Profile = lint.FirstLight
	for _, r := range rules.All() {
		for _, f := range r.Judge(in) {
			if f.Rule != "LDAP004" || f.Severity != lint.Info {
				t.Errorf("%s %s: %s", f.Rule, f.Severity, f.Message)
			}
		}
	}
}

func TestAHundredThousandKeysAreAHundredFindings(t *testing.T) {
	var b strings.Builder
	b.WriteString("Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n")
	for i := range 40_000 {
		fmt.Fprintf(&b, "Foo.K%c%d = 1\nFoo.K%c%d = 2\n", 'a'+i%26, i, 'a'+i%26, i)
	}
	count := map[string]int{}
	for _, f := range judge(t, b.String()) {
		count[f]++
	}
	if count["HYG001 error"] != 100 || count["HYG002 info"] != 100 || len(count) != 2 {
		t.Errorf("found %v", count)
	}
}

// Fleet rules must not depend on how exports are spread over workers, nor on the order in which those are merged.
func TestFleetRulesDoNotDependOnTheWorkers(t *testing.T) {
	exports := []string{
		"Presence.Domain = acme.com\nDirectory.DN = CN=svc,DC=acme,DC=com\nDirectory.Password = One.1\n",
		"Presence.Domain = ACME.com\nDirectory.DN = cn=svc,dc=acme,dc=com\nDirectory.Password = Two.2\n",
		"Presence.Domain = acme.com\nCalendar.Account = CN=Svc, DC=acme, DC=com\n",
		"Presence.Domain = acme.net\nSIPProxy.Domain = acme.com\nDirectory.DN = CN=svc,DC=acme,DC=com\nDirectory.Password = Three.3\n",
	}
	judge := func(workers int, reverse bool) (got []string) {
		for _, r := range rules.All() {
			if r.Fleet == nil {
				continue
			}
			accs := make([]lint.Fleet, workers)
			for i := range accs {
				accs[i] = r.Fleet()
			}
			for i := range exports {
				if reverse {
					i = len(exports) - 1 - i
				}
				in := lint.NewInput(parse(t, fmt.Sprintf("%d.properties", i), exports[i]))
				in.Index = i
				r.Gather(accs[i%workers], in)
			}
			for _, other := range accs[1:] {
				accs[0].Merge(other)
			}
			for _, f := range accs[0].Findings() {
				got = append(got, fmt.Sprint(f.Rule, " ", f.File, ":", f.Line, " ", f.Message, f.Evidence))
			}
		}
		slices.Sort(got)
		return got
	}
	want := judge(1, false)
	if len(want) != 4 { // PRES016, LDAP002, LDAP007 twice
		t.Errorf("%d findings: %q", len(want), want)
	}
	for workers := 1; workers <= 4; workers++ {
		for _, reverse := range []bool{false, true} {
			if got := judge(workers, reverse); !slices.Equal(got, want) {
				t.Errorf("%d workers, reverse %v:\n%q\nwant\n%q", workers, reverse, got, want)
			}
		}
	}
}

// To write a name that the export has already would set it twice.
func TestUnknownPropertySuggestsAFreeName(t *testing.T) {
	in := lint.NewInput(parse(t, "in.properties",
		"Presence.Domain = acme.com\nPresence.Domian = acme.com\nTFTP.Backup1 = a\nTFTP.Bakup2 = b\n"))
	got := []string{}
	for _, r := range rules.All() {
		if r.ID != "HYG002" {
			continue
		}
		for _, f := range r.Judge(in) {
			got = append(got, f.Key+": "+f.Fix)
		}
	}
	if want := []string{
		"Presence.Domian: Presence.Domain is also set. Keep one of the two, under this name.",
		"TFTP.Bakup2: If it is misspelled, write TFTP.Backup2.",
	}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
