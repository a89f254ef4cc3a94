package rules_test

import (
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// The edges of the rules on mail, SIP and OCS: where each begins to speak, and where it would be a false alarm.
func TestServiceRulesAtTheirEdges(t *testing.T) {
	const acme = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"
	const mail = "VoiceMail.Primary.Address = unity1\nMailStore.Primary.Address = unity1\n"
	const fe = "OCS.FrontEnd.1.Address = 10.10.9.21\nOCS.HostAuthorization.1 = 10.10.1.5\n"
	const node = "Cluster.Node.1.Name = cup1\nCluster.Node.1.Address = 10.10.1.5\n"
	const tls = "CUP.ProxyTLSListenerPeerAuth.Port = 5061\nCUP.ProxyTLSListenerServerAuth.Port = 5063\n"
	route := func(destination, more string) string {
		return acme + "SIPProxy.StaticRoute.1.Destination = " + destination + "\nSIPProxy.StaticRoute.1.NextHop = edge\n" + more
	}
	user := func(server, line string) string {
		return acme + "OCS.User.1.ServerURI = " + server + "\nOCS.User.1.LineURI = " + line + "\n"
	}
	for _, tt := range []struct{ name, text, want string }{
		{"7993 in clear text", mail + "MailStore.Primary.Port = 7993\nMailStore.Primary.Protocol = TCP\n", "MAIL001 error"},
		{"StartTLS on 143", mail + "MailStore.Primary.Port = 143\nMailStore.Primary.Protocol = TLS\n", ""},
		{"TLS on 993", mail + "MailStore.Primary.Port = 993\nMailStore.Primary.Protocol = TLS\n", ""},
		{"no protocol", mail + "MailStore.Primary.Port = 993\n", ""},
		{"143 implied", mail + "MailStore.Primary.Protocol = SSL\n", "MAIL001 error"},
		{"a backup", mail + "MailStore.Backup1.Address = unity2\nMailStore.Backup1.Port = 993\nMailStore.Backup1.Protocol = UDP\n",
			"MAIL001 error"},
		{"2003 and 2007 by EWS", "Calendar.Protocol = EWS\nCalendar.Server.1.Version = 2003\nCalendar.Server.2.Version = 2007\n", ""},
		{"2003 and 2010", "Calendar.Server.1.Version = 2003\nCalendar.Server.2.Version = 2010\n", ""},
		{"2000 and 2007", "Calendar.Server.1.Version = 2000\nCalendar.Server.2.Version = 2007\n", "MAIL002 warning"},
		{"calendar on port 80", "Calendar.Primary = owa\nCalendar.Port = 80\n", "MAIL003 error"},
		{"HTTP said once", "Calendar.Primary = owa\nCalendar.Scheme = HTTP\nCalendar.Port = 80\n", "MAIL003 error"},
		{"direct in other letters", "Calendar.Path = Direct\n", ""},
		{"a voicemail server alone, later client", "VoiceMail.Primary.Address = unity1\nClient.Generation = xmpp\n", ""},
		{"an empty mail store", "VoiceMail.Primary.Address = unity1\nMailStore.Primary.Address =\n", "MAIL005 error"},

		{"proxy domain in other case", acme + "SIPProxy.Domain = ACME.com\n", "SIP001 error"},
		{"foreign domain and an alias for the address", acme + "SIPProxy.Domain = acme.net\nSIPProxy.Alias.1 = cup1.acme.com\n", ""},
		{"a node that is an address", "Presence.Primary.Address = 10.10.1.5\nPresence.Domain = acme.com\nSIPProxy.Domain = acme.net\n",
			"PRES013 info"},
		{"a full node name", "Presence.Primary.Address = cup1.acme.com\nPresence.Domain = acme.com\nSIPProxy.Domain = acme.net\n", ""},
		{"foreign domain, later client", acme + "SIPProxy.Domain = acme.net\nClient.Generation = xmpp\n", ""},
		{"a route for a partner", route("partner.com", ""), ""},
		{"a route for numbers", route("6...", ""), ""},
		{"a route for the node", route("cup1.acme.com", ""), "SIP002 warning"},
		{"a user route that looks like the domain", route("acme.com", "SIPProxy.StaticRoute.1.Type = user\n"), ""},
		{"a route by SRV", route("partner.com", "SIPProxy.StaticRoute.1.Port = 0\n"), ""},
		{"the same route twice", route("partner.com",
			"SIPProxy.StaticRoute.2.Destination = partner.com\nSIPProxy.StaticRoute.2.NextHop = edge\n"), "SIP002 warning"},
		{"a second way for the same",
			route("partner.com", "SIPProxy.StaticRoute.2.Destination = partner.com\nSIPProxy.StaticRoute.2.NextHop = edge2\n"), ""},
		{"no listener known", acme + "Presence.Primary.Port = 5070\n", ""},
		{"TCP listener elsewhere", acme + "Presence.Primary.Port = 5070\nCUP.ProxyTCPListener.Port = 5060\n", "SIP004 error"},
		{"UDP has its own listener", acme +
			"Presence.Primary.Port = 5070\nPresence.Primary.Protocol = UDP\nCUP.ProxyTCPListener.Port = 5060\nCUP.ProxyUDPListener.Port = 5070\n",
			""},
		{"5062 is expected", acme +
			"Presence.Primary.Port = 5062\nPresence.Primary.Protocol = TLS\nCUP.ProxyTLSListenerPeerAuth.Port = " +
			"5062\nCUP.ProxyTLSListenerServerAuth.Port = 5061\n", ""},
		{"5062 moved for federation", acme + "Presence.Primary.Port = 5062\nPresence.Primary.Protocol = TLS\n" + tls, "SIP004 error"},
		{"one TLS listener known", acme +
			"Presence.Primary.Port = 5062\nPresence.Primary.Protocol = TLS\nCUP.ProxyTLSListenerServerAuth.Port = 5063\n", ""},

		{"front end by its name", node + fe + "OCS.FrontEnd.1.Name = OCS1.acme.com\nSIPProxy.IncomingACL.1 = Allow from acme.com\n", ""},
		{"another domain that ends so", node + fe + "OCS.FrontEnd.1.Name = ocs1.notacme.com\nSIPProxy.IncomingACL.1 = Allow from acme.com\n",
			"OCS001 error"},
		{"no ACL at all", node + fe, "OCS001 error"},
		{"module off", node + fe + "SIPProxy.AuthenticationModule = Off\n", "CRED002 warning"},
		{"host authorization by address", node + "OCS.Pool.Name = pool1\nOCS.HostAuthorization.1 = 10.10.1.5\n", ""},
		{"host authorization by name", node + "OCS.Pool.Name = pool1\nOCS.HostAuthorization.1 = cup1.acme.com\n", "OCS002 error"},
		{"host authorization by both", node + "OCS.Pool.Name = pool1\nOCS.HostAuthorization.1 = cup1\nOCS.HostAuthorization.2 = 10.10.1.5\n", ""},
		{"host authorization for another", node + "OCS.Pool.Name = pool1\nOCS.HostAuthorization.1 = 10.10.1.6\n", "OCS002 error"},
		{"addresses not known", acme + "OCS.Pool.Name = pool1\nOCS.HostAuthorization.1 = 10.10.1.6\n", ""},
		{"no host authorization", node + "OCS.Pool.Name = pool1\n", "OCS002 error"},
		{"the user's URIs", user("sip:6002@cup1.acme.com", "tel:6002;phone-context=dialstring;device=SEP1"), ""},
		{"no device", user("sip:6002@acme.com", "tel:6002"), "OCS003 info"},
		{"no number", user("sip:acme.com", "tel:6002;device=SEP1"), "OCS003 error"},
		{"no URI", user("6002@acme.com", "tel:6002;device=SEP1"), "OCS003 error"},
		{"written with separators", user("sip:+4930123@acme.com", "tel:+49-30-123;device=SEP1"), ""},
		{"another number", user("sip:6002@acme.com", "tel:6003;device=SEP1"), "OCS004 error"},
		{"a SIP URI for a line", user("sip:6002@acme.com;device=SEP1", "sip:6002@acme.com"), "OCS004 error"},
		{"letters for a line", user("sip:6002@acme.com;device=SEP1", "tel:60O2"), "OCS004 error"},
		{"the balancer declared", "OCS.Pool.LoadBalancer = true\n", "OCS005 warning"},
		{"one front end is the pool", node + fe + "SIPProxy.IncomingACL.1 = 10\nOCS.Pool.Address = 10.10.9.21\n", ""},
		{"pool and no front end known", node + "OCS.Pool.Address = 10.10.9.21\n", ""},
		{"groups in other letters", "CTIGateway.ApplicationUser = ctigw\nCTIGateway.ApplicationUserGroup.1 = standard cti " +
			"enabled\nCTIGateway.ApplicationUserGroup.2 = Standard CTI Allow Control of All Devices\n", ""},
		{"no groups", "CTIGateway.ApplicationUser = ctigw\n", "OCS006 error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(judge(t, tt.text), ","); got != tt.want {
				t.Errorf("found %q, want %q in\n%s", got, tt.want, tt.text)
			}
		})
	}
}

// What edits leave behind is right for the rule.
func TestMailEditsFixTheirFaults(t *testing.T) {
	const mail = "VoiceMail.Primary.Address = unity1\nMailStore.Primary.Address = unity1\n"
	for text, id := range map[string]string{
		mail + "MailStore.Primary.Port = 993\nMailStore.Primary.Protocol = TCP\n": "MAIL001",
		mail + "MailStore.Primary.Port = 143\nMailStore.Primary.Protocol = SSL\n": "MAIL001",
		"Calendar.Scheme = http\n": "MAIL003",
	} {
		r, err := lint.Find(rules.All(), id)
		if err != nil {
			t.Fatal(err)
		}
		found := r.Judge(lint.NewInput(parse(t, "in.properties", text)))
		if len(found) != 1 || len(found[0].Edits) != 1 {
			t.Fatalf("%s: %+v", id, found)
		}
		e := found[0].Edits[0]
		fixed := text[:e.Start] + e.Text + text[e.End:]
		if got := judge(t, fixed); len(got) != 0 {
			t.Errorf("%q becomes %q, where %v is found", text, fixed, got)
		}
	}
}

// FuzzLineURI feeds anything: reading a line URI ends, and what is taken has a number.
func FuzzLineURI(f *testing.F) {
	for _, s := range []string{"tel:6002", "tel:+49-30-1;device=SEP1", "tel:", "tel:;", "TEL:6002;;", "sip:a@b"} {
		f.Add(s)
	}
	r, err := lint.Find(rules.All(), "OCS004")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := new(export.Reader).Parse("in.properties", []byte("Presence.Domain = acme.com\nOCS.User.1.LineURI = "+s+"\n"))
		if err != nil {
			return
		}
		if found := r.Judge(lint.NewInput(e)); len(found) > 1 {
			t.Errorf("%q: %v", s, found)
		}
	})
}
