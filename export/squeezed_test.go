package export_test

import (
	"errors"
	"strings"
	"testing"

	"cupclint/export"
)

const nodesQuery = "admin:run sql select name,nodeid,description from processnode\nname                     nodeid " +
	"description\n======================== ====== ===============\n"

func TestSqueezedTablesAreReadWhereThatIsCertain(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"free text in the last column",
			nodesQuery + "EnterpriseWideData 1\ncucm1.riverton.example 2 publisher\nimp1.riverton.example 3 presence node\n",
			"Cluster.Node.1.Name=cucm1.riverton.example Cluster.Node.2.Name=imp1.riverton.example"},
		{"a row that was not squeezed", nodesQuery + "EnterpriseWideData       1\ncucm 1                   2      odd\n",
			"Cluster.Node.1.Name=cucm 1"},
		{"tabs", nodesQuery + "EnterpriseWideData\t1\t\nimp1.riverton.example\t3\tthe node\n", "Cluster.Node.1.Name=imp1.riverton.example"},
		{"header, too", "admin:run sql select nodeid,name,tkprocessnoderole from processnode\nnodeid name tkprocessnoderole\n====== " +
			"================== =================\n1 EnterpriseWideData 1\n2 imp1.acme.net 2\n",
			"Cluster.Node.1.Name=imp1.acme.net Cluster.Node.1.Role=cups"},
		{"folded", "admin:run sql select pkid,name,nodeid from processnode pkid name nodeid ==================================== " +
			"================== ====== 00000000-1111-0000-0000-000000000000 EnterpriseWideData 1 68b56caa-d320-4c94-9c5a-43c3ba6cb4b8 " +
			"imp1.acme.net 2 admin:",
			"Cluster.Node.1.Name=imp1.acme.net"},
		{"folded, a word for each column",
			"admin:run sql select name,nodeid from processnode name nodeid ================== ====== EnterpriseWideData 1 imp1.acme.net 2",
			"Cluster.Node.1.Name=imp1.acme.net"},
	} {
		e, err := new(export.Reader).Parse("in.txt", []byte(c.text))
		if err != nil || e.Problem != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		var got []string
		for i := range e.Properties {
			p := &e.Properties[i]
			got = append(got, p.Canonical()+"="+p.Value)
			if r := e.Range(p); !strings.Contains(p.Value, "cups") && c.text[r.Start:r.End] != p.Value {
				t.Errorf("%s: %s is said to be at %q", c.what, p.Canonical(), c.text[r.Start:r.End])
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestSqueezedTablesThatAreNotCertainAreDamaged(t *testing.T) {
	for _, c := range []struct{ what, text string }{
		{"empty cells between free text",
			"admin:run sql select pkid,name,mac,systemnode,description from processnode\npkid name mac systemnode description\n" +
				"==================================== ================== === ========== ===========\n68b56caa-d320-4c94-9c5a-43c3ba6cb4b8 10.20.1.11 " +
				"a.b f 10.20.1.11\n" +
				"68b56caa-d320-4c94-9c5a-43c3ba6cb4b8 t 10.20.1.11\n"},
		{"free text in front and a cell that may be empty",
			"admin:run sql select description,name,ipv6name from processnode\ndescription name ipv6name\n==================== ================== " +
				"========\npub a b\n"},
		{"folded with free text", "admin:run sql select name,description from processnode name description ======= =========== imp1 the node " +
			"imp2"},
	} {
		var damage *export.DamagedTableError
		e, err := new(export.Reader).Parse("in.txt", []byte(c.text))
		if err == nil {
			err = e.Problem
		}
		if !errors.As(err, &damage) || !strings.Contains(err.Error(), "a run sql table of processnode is damaged") {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// What is good in a paste with a damaged table is read all the same.
func TestADamagedTableDoesNotHideTheOthers(t *testing.T) {
	text := "admin:run sql select description,name,ipv6name from processnode\ndescription name  ipv6name\n=========== ===== ========\na b c " +
		"d e\n" +
		"admin:run sql select hostname,portnumber from ldapauthenticationhost\nhostname   portnumber\n========== ==========\n10.20.30.5 389\n"
	e, err := new(export.Reader).Parse("in.txt", []byte(text))
	if err != nil || e.Problem == nil || join(e) != "hostname=10.20.30.5 portnumber=389" {
		t.Fatalf("%s, %v", join(e), err)
	}
}

func TestAHeadingIsNoTable(t *testing.T) {
	for _, text := range []string{"Notes\n=====\nask about the gateway\n", "Server Health\n=============\nPresence: connected\n",
		"====\n====\n"} {
		if e, err := new(export.Reader).Parse("notes.txt", []byte(text)); err == nil && e.Format == export.RunSQL {
			t.Errorf("%q is treated as a table", text)
		}
	}
}

func TestAXLRecords(t *testing.T) {
	answer := func(name, records string) string {
		return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:` + name +
			` xmlns:n="http://www.cisco.com/AXL/API/10.5"><return>` + records +
			`</return></n:` + name + `></e:Body></e:Envelope>`
	}
	const roles = `<processNode><name>EnterpriseWideData</name><processNodeRole>CUCM Voice/Video</processNodeRole></processNode>` +
		`<processNode uuid="{1}"><processNodeRole>CUCM IM and Presence</processNodeRole><name>imp1</name></processNode>`
	for _, c := range []struct{ what, text, want string }{
		{"roles of nodes", answer("listProcessNodeResponse", roles), "Cluster.Node.1.Role=cups Cluster.Node.1.Name=imp1"},
		{"from Body on", `<e:Body xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><n:listProcessNodeResponse xmlns:n="http://www.cisco.com/AXL/API/10.5"><return>` + roles +
			`</return></n:listProcessNodeResponse></e:Body>`, "Cluster.Node.1.Role=cups Cluster.Node.1.Name=imp1"},
		{"from the answer on, prefix bound outside", `<ns:listProcessNodeResponse><return>` + roles + `</return></ns:listProcessNodeResponse>`,
			"Cluster.Node.1.Role=cups Cluster.Node.1.Name=imp1"},
		{"from Body on, prefixes bound outside",
			`<soapenv:Body><ns:listProcessNodeResponse><return>` + roles + `</return></ns:listProcessNodeResponse></soapenv:Body>`,
			"Cluster.Node.1.Role=cups Cluster.Node.1.Name=imp1"},
		{"hosts of a query", answer("executeSQLQueryResponse",
			`<row><hostname>dc1</hostname><portnumber>389</portnumber><sslenabled>f</sslenabled></row><row><hostname>dc2</hostname><portnumber>3269</portnumber><sslenabled>t</sslenabled></row>`),
			"CUCM.LDAPAuthentication.Server.1.Address=dc1 CUCM.LDAPAuthentication.Server.1.Port=389 CUCM.LDAPAuthentication.Server.1.TLS=FALSE " +
				"CUCM.LDAPAuthentication.Server.2.Address=dc2 CUCM.LDAPAuthentication.Server.2.Port=3269 CUCM.LDAPAuthentication.Server.2.TLS=TRUE"},
		{"two directories", answer("listLdapDirectoryResponse",
			strings.Repeat(`<ldapDirectory><servers><server><hostName>dc</hostName></server></servers></ldapDirectory>`, 2)),
			"CUCM.LDAPDirectory.Server.1.Address=dc CUCM.LDAPDirectory.Server.2.Address=dc"},
	} {
		e, err := new(export.Reader).Parse("in.xml", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		var got []string
		for i := range e.Properties {
			got = append(got, e.Properties[i].Canonical()+"="+e.Properties[i].Value)
		}
		if strings.Join(got, " ") != c.want || e.Format != export.AXL {
			t.Errorf("%s: %s, %s, want %s", c.what, e.Format, got, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{answer("listCssResponse", `<css><name>x</name></css>`), "an AXL answer listCssResponse"},
		{answer("listProcessNodeService", ""), "an AXL request (listProcessNodeService)"},
		{answer("executeSQLQueryResponse", `<row><enum>2</enum><moniker>G711</moniker></row>`),
			"rows of an AXL query with the columns enum, moniker"},
		{`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Client</faultcode><faultstring>Item not valid</faultstring></e:Fault></e:Body></e:Envelope>`,
			"an error answer of the server (SOAP Fault): Item not valid"},
		{"<!-- custom Cisco error page --><html><body><div>HTTP Status 599 - Incorrect axl version. Supported axl versions are 12.x, " +
			"14.0</div></body></html>",
			"an error page of AXL (HTTP status 599). The server does not know the AXL version of the request. Supported axl versions are 12.x, " +
				"14.0."},
	} {
		if _, err := new(export.Reader).Parse("in.xml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), "It looks like "+c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// The row of "=" below a head with tabs is the rule of the table, and its cells are not secrets.
func TestRedactATableWithTabs(t *testing.T) {
	head := "admin:run sql select * from ldapauthentication\ndistinguishedname\tldappassword\tusersearchbase\n====\t====\t====\nsvc@a.test\t"
	out, err := export.Redact("p.txt", []byte(head+"aeef2675d3e72b6f\tdc=a\n"), export.Auto)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out.Data), head+export.Redacted+"\tdc=a\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
