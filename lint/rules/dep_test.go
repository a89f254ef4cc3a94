package rules_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// joined returns what the joined rules find in files of one folder, as "file:line ID severity with file:line".
func joined(t *testing.T, files map[string]string) []string {
	t.Helper()
	t.Chdir(t.TempDir())
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		if err := os.WriteFile(name, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, errs := export.Find(names)
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Errors: errs, Rules: rules.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	found := []string{}
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind != lint.JoinedKind {
			continue
		}
		text := fmt.Sprintf("%s:%d %s %s", f.File, f.Line, f.Rule, f.Severity)
		for _, r := range f.Related {
			text += fmt.Sprintf(" with %s:%d", r.File, r.Line)
			if r.File == f.File && f.Rule != "DEP005" { // a list of nodes can contradict itself
				t.Errorf("%s: both places are in one file", text)
			}
		}
		found = append(found, text)
	}
	return found
}

// The cases are those at the edge of a rule: where it begins to speak, and where it would be a false alarm.
func TestJoinedRulesAtTheirEdges(t *testing.T) {
	const cluster = "Cluster.Node.1.Name = cup1\nCluster.Node.2.Name = cup2\n"
	const client = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"
	ldap := func(server, port string) string {
		return "CUCM.LDAPAuthentication.Server.1.Address = " + server + "\nCUCM.LDAPAuthentication.Server.1.Port = " + port + "\n"
	}
	directory := func(server, port string) string {
		return client + "Directory.Primary.Address = " + server + "\nDirectory.Primary.Port = " + port + "\n"
	}
	const roles = "Cluster.Node.1.Name = cucm1\nCluster.Node.1.Role = callmanager\nCluster.Node.2.Role = cups\nCluster.Node.2.Name = imp1\n"
	const xmpp = "Client.Version = 9.7\n"
	for _, tt := range []struct{ name, a, s, want string }{
		{"nothing wrong", client, cluster, ""},
		{"a backup that is not a node", client + "Presence.Backup.Address = cup3\n", cluster, "a.txt:3 DEP001 error with s.txt:1"},
		{"the nearest node is the other place", client + "Presence.Backup.Address = cup22\n", cluster, "a.txt:3 DEP001 error with s.txt:2"},
		{"node names in another case", "Presence.Primary.Address = CUP1\nPresence.Domain = acme.com\n", cluster, ""},
		{"full name against bare name", "Presence.Primary.Address = cup1.acme.com\nPresence.Domain = acme.com\n", cluster, ""},
		{"an address among names only DNS knows", client + "Presence.Backup.Address = 10.1.1.9\n", cluster, ""},
		{"an address among addresses", client + "Presence.Backup.Address = 10.1.1.9\n", cluster + "Cluster.Node.1.Address = 10.1.1.1\n",
			"a.txt:3 DEP001 error with s.txt:3"},
		{"the list of the call managers", client + "CallControl.Primary.Address = cucm1\n",
			"Cluster.Node.1.Name = cucm1\nCluster.Node.2.Name = cucm2\n", ""},
		{"a call manager for a presence node", "Presence.Primary.Address = cucm1\nPresence.Backup.Address = imp1\nPresence.Domain = acme.com\n",
			roles, "a.txt:1 DEP001 error with s.txt:4"},
		{"a call manager by address for a presence node", "Presence.Primary.Address = 10.1.1.5\nPresence.Domain = acme.com\n",
			strings.Replace(roles, "cucm1", "10.1.1.5", 1), "a.txt:1 DEP001 error with s.txt:4"},
		{"another address, which may be that of the presence node", "Presence.Primary.Address = 10.1.1.6\nPresence.Domain = acme.com\n",
			strings.Replace(roles, "cucm1", "10.1.1.5", 1), ""},
		{"roles are known, and the list has both", client + "CallControl.Primary.Address = cucm1\n", roles, "a.txt:1 DEP001 error with s.txt:4"},
		{"roles are known, and all are call managers", client + "CallControl.Primary.Address = cucm1\n",
			strings.ReplaceAll(roles, "cups", "callmanager"), ""},
		{"what one file says of itself", client + "Presence.Backup.Address = cup3\n" + cluster,
			"Cluster.Node.1.Name = cup1\nCluster.Node.2.Name = cup2\nCluster.Node.3.Name = cup3\n", ""},

		{"the same domain", client, cluster + "SIPProxy.Domain = acme.com\n", ""},
		{"another domain", client, cluster + "SIPProxy.Domain = acme.net\n", "a.txt:2 DEP002 error with s.txt:3"},
		{"case counts for SIP", client, cluster + "SIPProxy.Domain = ACME.com\n", "a.txt:2 DEP002 error with s.txt:3"},
		{"and not for XMPP", client + xmpp, cluster + "SIPProxy.Domain = ACME.com\n", ""},
		{"XMPP serves several domains", client + xmpp, cluster + "SIPProxy.Domain = acme.net\n", "a.txt:2 DEP002 warning with s.txt:3"},
		{"full names in another DNS domain", "Presence.Primary.Address = imp1.dc.acme.net\nPresence.Domain = acme.com\n" + xmpp,
			"Cluster.Node.1.Name = imp1.dc.acme.net\nCluster.Node.2.Name = imp2.dc.acme.net\nSIPProxy.Domain = acme.com\n", ""},

		{"bare in the list and full for the client",
			"Presence.Primary.Address = imp1\nPresence.Backup.Address = imp2.acme.net\nPresence.Domain = acme.com\n" + xmpp,
			"Cluster.Node.1.Name = imp1\nCluster.Node.2.Name = imp2\n", ""},

		{"the server is in another domain", client, "10.1.1.5 cup1.corp.local cup1 Publisher cups DBPub authenticated\n",
			"a.txt:1 DEP007 warning with s.txt:1"},
		{"the server is in the domain", client, "10.1.1.5 cup1.acme.com cup1 Publisher cups DBPub authenticated\n", ""},
		{"XMPP appends nothing", client + xmpp, "10.1.1.5 cup1.corp.local cup1 Publisher cups DBPub authenticated\n", ""},
		{"a full name is for PRES001", "Presence.Primary.Address = cup1.corp.local\nPresence.Domain = acme.com\n",
			"10.1.1.5 cup1.corp.local cup1 Publisher cups DBPub authenticated\n", ""},

		{"the same server and port", directory("dc1.acme.com", "3268"), cluster + ldap("dc1.acme.com", "3268"), ""},
		{"TLS alone differs", directory("dc1.acme.com", "3269"), cluster + ldap("dc1.acme.com", "3268"), ""},
		{"another server", directory("dc9.acme.net", "3268"), cluster + ldap("dc1.acme.com", "3268"), "a.txt:3 DEP003 info with s.txt:3"},
		{"catalogs of one forest", directory("dc1.lyon.acme.com", "3268"), cluster + ldap("dc1.acme.com", "3269"), ""},
		{"other servers of one domain", directory("dc2.acme.com", "389"), cluster + ldap("dc1.acme.com", "389"),
			"a.txt:3 DEP003 info with s.txt:3"},
		{"an address against a name", directory("10.1.1.1", "3268"), cluster + ldap("dc1.acme.com", "3268"), ""},
		{"the call manager asks the domain", directory("dc1.acme.com", "3268"), cluster + ldap("dc1", "389"),
			"a.txt:4 DEP004 warning with s.txt:4"},
		{"the client asks the domain", directory("dc1.acme.com", "636"), cluster + ldap("dc1.acme.com", "3268"),
			"a.txt:4 DEP004 info with s.txt:4"},
		{"authentication is off", directory("dc9.acme.net", "3268"),
			cluster + "CUCM.LDAPAuthentication.Enabled = FALSE\n" + ldap("dc1.acme.com", "389"), ""},
		{"another port", directory("dc1.acme.com", "50000"), cluster + ldap("dc1.acme.com", "3268"), ""},

		{"bare and full", client, "Cluster.Node.1.Name = cup1\nCluster.Node.2.Name = cup2.acme.com\nNetwork.DNSDomain = acme.com\n",
			"s.txt:1 DEP005 warning with s.txt:2"},
		{"full presence nodes and bare call managers",
			"Presence.Primary.Address = imp1.acme.com\nPresence.Domain = acme.com\nCallControl.Primary.Address = cucm1\n",
			"Cluster.Node.1.Name = cucm1\nCluster.Node.2.Name = imp1.acme.com\n", ""},

		{"the command makes full names of bare ones", "Presence.Primary.Address = imp1\nPresence.Domain = acme.com\n",
			"10.1.1.5 imp1.acme.com imp1 Publisher cups DBPub authenticated\n", ""},
		{"a client that no entry covers", client + "Client.Address = 10.9.1.1\n", cluster + "SIPProxy.IncomingACL.1 = 10.1\n",
			"a.txt:3 DEP006 warning with s.txt:3"},
		{"one that is covered", client + "Client.Address = 10.1.1.1\n", cluster + "SIPProxy.IncomingACL.1 = 10.1\n", ""},
		{"what a domain covers only DNS knows", client + "Client.Address = 10.9.1.1\n",
			cluster + "SIPProxy.IncomingACL.1 = 10.1\nSIPProxy.IncomingACL.2 = acme.com\n", ""},
		{"the module is off", client + "Client.Address = 10.9.1.1\n",
			cluster + "SIPProxy.IncomingACL.1 = 10.1\nSIPProxy.AuthenticationModule = off\n", ""},
		{"XMPP does not pass the proxy", client + xmpp + "Client.Address = 10.9.1.1\n", cluster + "SIPProxy.IncomingACL.1 = 10.1\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(joined(t, map[string]string{"a.txt": tt.a, "s.txt": tt.s}), ", "); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// Keys of Jabber's files take part with their own names and with the blanks around their values.
func TestJabberFilesAreJoined(t *testing.T) {
	config := func(presence, directory string) string {
		return "<config version=\"1.0\">\n<Presence>\n" + presence + "\n</Presence>\n<Directory>\n" + directory + "\n</Directory>\n</config>\n"
	}
	const cluster = "Cluster.Node.1.Name = imp1.acme.net\nCluster.Node.2.Name = cucm1.acme.net\nSIPProxy.Domain = acme.com\n"
	const node = "<PresenceServerAddress> imp1.acme.net </PresenceServerAddress>"
	const uds = "<DirectoryServerType>UDS</DirectoryServerType><UdsServer>cucm1.acme.net</UdsServer><PresenceDomain> ACME.com " +
		"</PresenceDomain>"
	for _, tt := range []struct{ name, a, s, want string }{
		{"right", config(node, uds), cluster, ""},
		{"a list that may be that of call managers alone", config("<PresenceServerAddress>imp9.acme.net</PresenceServerAddress>", uds), cluster,
			""},
		{"another node, and the list has presence nodes", config("<PresenceServerAddress>imp9.acme.net</PresenceServerAddress>", uds),
			cluster + "Presence.Primary.Address = imp1.acme.net\nPresence.Domain = acme.com\n", "a.xml:3 DEP001 error with s.txt:1"},
		{"another domain", config(node, strings.ReplaceAll(uds, "ACME.com", "acme.org")), cluster, "a.xml:6 DEP002 warning with s.txt:3"},
		{"another port", config(node, "<PrimaryServerName>dc1</PrimaryServerName>\n<ServerPort1> 3268 </ServerPort1>"),
			cluster + "CUCM.LDAPAuthentication.Server.1.Address = dc1\nCUCM.LDAPAuthentication.Server.1.Port = 389\n",
			"a.xml:7 DEP004 warning with s.txt:5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(joined(t, map[string]string{"a.xml": tt.a, "s.txt": tt.s}), ", "); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}
