package dnscheck

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

// gather reads exports as the command does: in a lint run, with several workers.
func gather(t *testing.T, files map[string]string) *Names {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, errs := export.Find([]string{dir})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	names := NewNames()
	result, err := lint.Run(t.Context(), lint.Options{Sources: sources, Rules: []*lint.Rule{names.Collector()}, Jobs: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for _, e := range result.Errors {
		t.Errorf("input error: %v", &e)
	}
	return names
}

const oneExport = `Presence.Primary.Address = cup1
Presence.Backup.Address = cup2.cisco.com
Presence.Domain = cisco.com
Directory.Primary.Address = dc1.cisco.com
Directory.Backup1.Address = 10.1.1.9
CallControl.Primary.Address = cucm1.cisco.com
TFTP.Primary = cucm1.cisco.com
CCMCIP.Host = cucm1.cisco.com
VoiceMail.Primary.Address = cuc1.cisco.com
MailStore.Primary.Address = imap.cisco.com
Calendar.Primary = https://cas1.cisco.com/exchange
MeetingPlace.Primary.Address = meet.cisco.com:8443
SIPProxy.StaticRoute.1.Destination = acme.com
SIPProxy.StaticRoute.1.NextHop = sbc.acme.com
SIPProxy.Domain = cisco.com
`

func TestNamesOfOneExport(t *testing.T) {
	var got []string
	for _, s := range gather(t, map[string]string{"a.properties": oneExport}).Subjects() {
		var roles []string
		for _, u := range s.Uses {
			roles = append(roles, fmt.Sprintf("%s@%d", u.Role, u.Line))
		}
		got = append(got, fmt.Sprintf("%s %s %s", s.Kind, s.Name, strings.Join(roles, " ")))
	}
	want := []string{
		"host cup1.cisco.com presence@1",
		"host cup2.cisco.com presence@2",
		"domain cisco.com domain@3 domain@15",
		"host dc1.cisco.com directory@4",
		"address 10.1.1.9 directory@5",
		"host cucm1.cisco.com cti@6 tftp@7 ccmcip@8",
		"host cuc1.cisco.com voicemail@9",
		"host imap.cisco.com mail@10",
		"host cas1.cisco.com calendar@11",
		"host meet.cisco.com conferencing@12",
		"host sbc.acme.com static-route@14",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Hosts that only files of Jabber and of call managers name are asked for, too. A host that both name is one name, whatever the generation.
func TestNamesOfAJabberDeployment(t *testing.T) {
	files := map[string]string{
		"a-cluster.properties": "Cluster.Node.1.Name = cucm1.acme.net\nCluster.Node.2.Name = cucm2\nCluster.Node.3.Name = 10.1.1.1\n" +
			"Cluster.Node.4.Name = EnterpriseWideData\nUCService.1.Type = Voicemail\nUCService.1.Address = cuc1.acme.net\n",
		"b-jabber.properties": "Jabber.Phone.CtiServer1 = cucm1.acme.net\nJabber.Client.VoiceServicesDomain = acme.com\n" +
			"Jabber.Directory.UdsPhotoUriWithToken = http://photos.acme.com/%%uid%%.jpg\nJabber.Policies.selfcareURL = /ucmuser\n" +
			"Jabber.Client.UpdateURL = https://%%host%%/x\n",
	}
	var got []string
	for _, s := range gather(t, files).Subjects() {
		var roles []string
		for _, u := range s.Uses {
			roles = append(roles, string(u.Role))
		}
		got = append(got, fmt.Sprintf("%s %s %s", s.Kind, s.Name, strings.Join(roles, " ")))
	}
	want := []string{"host cucm1.acme.net node cti", "host cuc1.acme.net uc-service", "domain acme.com services-domain",
		"host photos.acme.com web"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRoutedDomainIsKnown(t *testing.T) {
	text := "Presence.Primary.Address = cup1\nPresence.Domain = cisco.com\nSIPProxy.StaticRoute.1.Destination = " +
		".com.cisco.*\nSIPProxy.StaticRoute.1.NextHop = cup1.cisco.com\n"
	for _, s := range gather(t, map[string]string{"a.properties": text}).Subjects() {
		if s.Kind == Domain && !s.Routed {
			t.Error("the static route for the domain is not seen")
		}
	}
}

func TestGenerationDecidesTheName(t *testing.T) {
	for generation, want := range map[string]string{"sip": "cup1.lab.example.cisco.com", "xmpp": "cup1.lab.example"} {
		text := "Presence.Primary.Address = cup1.lab.example\nPresence.Domain = cisco.com\nClient.Generation = " + generation + "\n"
		subjects := gather(t, map[string]string{"a.properties": text}).Subjects()
		if subjects[0].Name != want || subjects[0].Generation != resolve.Generation(generation) {
			t.Errorf("%s: %q (%s), want %q", generation, subjects[0].Name, subjects[0].Generation, want)
		}
	}
}

func TestNamesDoNotDependOnTheOrderOfTheRun(t *testing.T) {
	files := make(map[string]string)
	for i := range 60 {
		files[fmt.Sprintf("%02d.properties",
			i)] = fmt.Sprintf("Presence.Primary.Address = cup%d\nPresence.Domain = cisco.com\nTFTP.Primary = tftp.cisco.com\n", i%20)
	}
	describe := func() string {
		var text strings.Builder
		for _, s := range gather(t, files).Subjects() {
			fmt.Fprintf(&text, "%s %s more %d:", s.Kind, s.Name, s.More)
			for _, u := range s.Uses {
				fmt.Fprintf(&text, " %s:%d", filepath.Base(u.File), u.Line)
			}
			text.WriteByte('\n')
		}
		return text.String()
	}
	first := describe()
	if !strings.Contains(first, "host tftp.cisco.com more 52: 00.properties:3 01.properties:3") {
		t.Errorf("uses are not the first ones:\n%s", first)
	}
	for range 5 {
		if again := describe(); again != first {
			t.Fatalf("another run gives\n%s\nnot\n%s", again, first)
		}
	}
}

func TestHostOf(t *testing.T) {
	for value, want := range map[string]string{
		"cas1": "cas1", "cas1:8443": "cas1", "https://cas1.example.com/x": "cas1.example.com", "http://cas1:80": "cas1",
		"2001:db8::1": "2001:db8::1", "a:b": "a:b", "": "", "cas1:": "cas1:",
	} {
		if got := hostOf(value); got != want {
			t.Errorf("hostOf(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestSamePresenceAddressFromTwoPairs(t *testing.T) {
	pairs := [][2]string{{"cup1.cisco.com", "cisco.com"}, {"cup1", "cisco.com"}}
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		names := NewNames()
		for i, k := range order {
			names.AddPair(pairs[k][0], pairs[k][1], resolve.SIP, Place{Index: i})
		}
		s := slices.MaxFunc(names.Subjects(), func(a, b *Subject) int { return cmp.Compare(len(a.Node), len(b.Node)) })
		if s.Step != resolve.DomainAppended || s.Node != "cup1" || len(s.Uses) != 2 {
			t.Errorf("%+v, want the pair that needs explaining", s)
		}
	}
}

func TestKindOfAddressesAndNames(t *testing.T) {
	for value, want := range map[string]Kind{
		"10.1.1.1": Address, "::1": Address, "2001:db8::": Address, "fe80::1%eth0": Address, "::ffff:10.1.1.1": Address,
		"": Host, "cup1": Host, "cup1.example.com": Host, "10.1.1.1.": Host, "10.1.1": Host, "10.1.1.256": Host, "cup:": Host,
	} {
		if got := kindOf(value); got != want {
			t.Errorf("%q is %v, want %v", value, got, want)
		}
	}
}
