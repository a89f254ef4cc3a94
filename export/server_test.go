package export_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cupclint/export"
)

// settings are the properties of an export, "key=value" in order.
func settings(t *testing.T, text string) (string, export.Format) {
	t.Helper()
	e, err := new(export.Reader).Parse("server.txt", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range e.Properties {
		p := &e.Properties[i]
		if _, printed := p.Key.Appliance(); printed {
			continue // package appliance has its own tests
		}
		r := e.Range(p)
		if raw := text[r.Start:r.End]; raw != p.Value && !strings.ContainsAny(raw, "&\n") && p.Value != "TRUE" && p.Value != "FALSE" &&
			p.Key != export.ClusterNodeRole && p.Key != export.ClusterNodeUsage {
			t.Errorf("%s: the range holds %q, the value is %q", p.Name, raw, p.Value)
		}
		out = append(out, p.Canonical()+"="+p.Value)
	}
	return strings.Join(out, " "), e.Format
}

func TestServerExports(t *testing.T) {
	for _, tt := range []struct {
		name   string
		format export.Format
		text   string
		want   string
	}{
		{"nodes", export.RunSQL, "admin:run sql select name,description,nodeid from processnode\r\n" +
			"name               description     nodeid\r\n================== =============== ======\r\n" +
			"EnterpriseWideData                      1\r\ncup1.acme.com      the first one        2\r\n10.1.1.6                                " +
			"3\r\nadmin:", "Cluster.Node.1.Name=cup1.acme.com Cluster.Node.2.Name=10.1.1.6"},
		{"nodes without the query", export.RunSQL, "name nodeid\n==== ======\ncup1      2\n", "Cluster.Node.1.Name=cup1"},
		{"wrapped at twenty columns", export.RunSQL,
			"run sql select name, description, nodeid from processnode\nname       descripti\non  nodeid\n========== =========\n=== " +
				"======\ncup1.acme. a node   \n     2\ncup2       b        \n     3\n",
			"Cluster.Node.1.Name=cup1.acme. Cluster.Node.2.Name=cup2"},
		{"a service parameter, matched loosely", export.RunSQL,
			"admin:run sql select paramname, paramvalue from processconfig\nparamname        paramvalue\n================ " +
				"==========\nesp_proxy_domain acme.com  \nOther            x         \n",
			"SIPProxy.Domain=acme.com"},
		{"LDAP authentication, with its password", export.RunSQL,
			"admin:run sql select * from ldapauthentication\ndistinguishedname ldappassword usersearchbase " +
				"authenticateendusers\n================= ============ ============== ====================\ncn=svc,dc=acme    73dfe2cb     dc=acme    " +
				"    t                   \n",
			"CUCM.LDAPAuthentication.DN=cn=svc,dc=acme CUCM.LDAPAuthentication.Password=73dfe2cb CUCM.LDAPAuthentication.SearchBase=dc=acme " +
				"CUCM.LDAPAuthentication.Enabled=TRUE"},
		{"tabs between the columns", export.RunSQL, "admin:run sql select name,description,nodeid from processnode\nname\tdescription\tnodeid\n" +
			"====\t===========\t======\ncup1\t\t2\nc\tthe main one\t3\n", "Cluster.Node.1.Name=cup1 Cluster.Node.2.Name=c"},
		{"the lines of a pager", export.RunSQL, "admin:run sql select name,nodeid from processnode\nname nodeid\n==== ======\ncup1      2\n" +
			"Press <enter> for 1 line, <space> for one page, or <q> to quit\ncup2      3\nPress <enter> for 1 line, <space> for one page, or " +
			"<q> to quitcup3      4\nPress <enter> for 1 line, <space> for one page, or <q> to quit\r        \rcup4      5\nadmin:",
			"Cluster.Node.1.Name=cup1 Cluster.Node.2.Name=cup2 Cluster.Node.3.Name=cup3 Cluster.Node.4.Name=cup4"},
		{"no records", export.RunSQL, "admin:run sql select * from enduser\nNo records found\nadmin:", ""},
		{"two tables", export.RunSQL,
			"admin:run sql select name,nodeid from processnode\nname nodeid\n==== ======\ncup1      2\n\nadmin:run sql select " +
				"paramname,paramvalue from processconfig\nparamname      paramvalue\n============== ==========\nSIPProxyDomain acme.com\nadmin:",
			"Cluster.Node.1.Name=cup1 SIPProxy.Domain=acme.com"},
		{"an unknown table", export.RunSQL, "run sql select userid, password from x\nuserid password\n====== ========\nalice  geheim  \n",
			"password=geheim"},
		{"names beyond ASCII", export.RunSQL,
			"run sql select name, description, nodeid from processnode\nname  description nodeid\n===== =========== ======\ncüp1  Müßiggang       " +
				" 2\n", "Cluster.Node.1.Name=cüp1"},

		{"show network cluster", export.Cluster,
			"admin:show network cluster\n10.1.1.1 cucm1.acme.com cucm1 Publisher callmanager DBPub authenticated\n10.1.1.5 imp1.acme.com imp1 " +
				"Subscriber cups DBSub authenticated using TCP since\n Mon Jan  5 09:00:00 2015\n\nServer Table (processnode) " +
				"Entries\n----------------------------------\n10.1.1.1\nimp1\nadmin:",
			"Cluster.Node.1.Address=10.1.1.1 Cluster.Node.1.Name=cucm1.acme.com Cluster.Node.1.Role=callmanager Cluster.Node.2.Address=10.1.1.5 " +
				"Cluster.Node.2.Name=imp1.acme.com Cluster.Node.2.Role=cups"},
		{"with the colours of a terminal", export.Cluster, "\x1b[1m10.1.1.1\x1b[0m cucm1 Publisher callmanager DBPub authenticated\n",
			"Cluster.Node.1.Address=10.1.1.1 Cluster.Node.1.Name=cucm1 Cluster.Node.1.Role=callmanager"},

		{"listProcessNode", export.AXL,
			`<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:listProcessNodeResponse xmlns:ns="http://www.cisco.com/AXL/API/10.5"><return><processNode uuid="{1}"><name>EnterpriseWideData</name><nodeUsage>Subscriber</nodeUsage></processNode><processNode uuid="{2}"><name>imp1.acme.com</name><description/><nodeUsage>Publisher</nodeUsage></processNode></return></ns:listProcessNodeResponse></soapenv:Body></soapenv:Envelope>`,
			"Cluster.Node.1.Name=imp1.acme.com Cluster.Node.1.Usage=Publisher"},
		{"users", export.RunSQL, "admin:run sql select pkid,userid,enablecups,islocaluser,directoryuri from enduser\npkid                      " +
			"           userid enablecups islocaluser directoryuri\n==================================== ====== ========== =========== " +
			"=============\n68b56caa-d320-4c94-9c5a-43c3ba6cb4b8 jdoe   t          f           jdoe@acme.net\n",
			"CUCM.User.1.UserID=jdoe CUCM.User.1.Presence=TRUE CUCM.User.1.Local=FALSE CUCM.User.1.DirectoryURI=jdoe@acme.net"},
		{"users and their devices: a row is not a user", export.RunSQL,
			"admin:run sql select enduser.userid,device.name from enduser inner join device on device.fkenduser=enduser.pkid\nuserid name\n====== " +
				"====\njdoe   CSF1\njdoe   CSF2\n", ""},
		{"users and their devices, the old way", export.RunSQL,
			"admin:run sql select enduser.userid,device.name from enduser, device where x=y\nuserid name\n====== ====\njdoe   CSF1\njdoe   CSF2\n",
			""},
		{"a status longer than its column", export.RunSQL,
			"admin:run sql select syncstatus from epassyncagentcfg\nsyncstatus\n==========\nSync Completed 2021-11-15 01:04:27\n",
			"SyncAgent.Status=Sync Completed 2021-11-15 01:04:27"},
		{"UC services", export.RunSQL,
			"admin:run sql select name,hostnameorip,port from ucservice\nname hostnameorip port\n==== ============ ====\ndir  dc1.acme.net 3268\n",
			"UCService.1.Name=dir UCService.1.Address=dc1.acme.net UCService.1.Port=3268"},
		{"getUser", export.AXL, `<n:getUserResponse xmlns:n="http://www.cisco.com/AXL/API/12.5"><return><user uuid="{1}"><firstName>J</firstName><userid>jdoe</userid><imAndPresenceEnable>true</imAndPresenceEnable><directoryUri>j@acme.net</directoryUri></user></return></n:getUserResponse>`,
			"CUCM.User.1.UserID=jdoe CUCM.User.1.Presence=true CUCM.User.1.DirectoryURI=j@acme.net"},
		{"listUcService", export.AXL,
			`<n:listUcServiceResponse xmlns:n="http://www.cisco.com/AXL/API/12.5"><return><ucService uuid="{1}"><serviceType>Voicemail</serviceType><name>vm</name><hostnameorip>cuc1.acme.net</hostnameorip><port>7080</port></ucService></return></n:listUcServiceResponse>`,
			"UCService.1.Type=Voicemail UCService.1.Name=vm UCService.1.Address=cuc1.acme.net UCService.1.Port=7080"},
		{"getLdapAuthentication", export.AXL,
			`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><axl:getLdapAuthenticationResponse xmlns:axl="http://www.cisco.com/AXL/API/14.0"><return><ldapAuthentication><authenticateEndUsers>true</authenticateEndUsers><distinguishedName>cn=svc</distinguishedName><ldapPassword>p&amp;q</ldapPassword><userSearchBase>dc=acme,dc=com</userSearchBase><servers><server><hostName>dc1.acme.com</hostName><ldapPortNumber>636</ldapPortNumber><sslEnabled>true</sslEnabled></server><server><hostName>dc2.acme.com</hostName><ldapPortNumber>3268</ldapPortNumber><sslEnabled>false</sslEnabled></server></servers></ldapAuthentication></return></axl:getLdapAuthenticationResponse></soapenv:Body></soapenv:Envelope>`,
			"CUCM.LDAPAuthentication.Enabled=true CUCM.LDAPAuthentication.DN=cn=svc CUCM.LDAPAuthentication.Password=p&q " +
				"CUCM.LDAPAuthentication.SearchBase=dc=acme,dc=com CUCM.LDAPAuthentication.Server.1.Address=dc1.acme.com " +
				"CUCM.LDAPAuthentication.Server.1.Port=636 CUCM.LDAPAuthentication.Server.1.TLS=true " +
				"CUCM.LDAPAuthentication.Server.2.Address=dc2.acme.com CUCM.LDAPAuthentication.Server.2.Port=3268 " +
				"CUCM.LDAPAuthentication.Server.2.TLS=false"},
		{"getLdapDirectory", export.AXL,
			`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:getLdapDirectoryResponse xmlns:n="http://www.cisco.com/AXL/API/8.5"><return><ldapDirectory><name>AD</name><ldapDn>cn=sync</ldapDn><userSearchBase>dc=acme</userSearchBase><servers><server><hostName>dc1</hostName><ldapPortNumber>389</ldapPortNumber></server></servers></ldapDirectory></return></n:getLdapDirectoryResponse></e:Body></e:Envelope>`,
			"CUCM.LDAPDirectory.DN=cn=sync CUCM.LDAPDirectory.SearchBase=dc=acme CUCM.LDAPDirectory.Server.1.Address=dc1 " +
				"CUCM.LDAPDirectory.Server.1.Port=389"},
		{"a service parameter", export.AXL,
			`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:getServiceParameterResponse xmlns:n="http://www.cisco.com/AXL/API/8.5"><return><serviceParameter><processNodeName>cup1</processNodeName><name>SIPProxyDomain</name><service>Cisco UP SIP Proxy</service><value>acme.com</value></serviceParameter></return></n:getServiceParameterResponse></e:Body></e:Envelope>`,
			"SIPProxy.Domain=acme.com"},
		{"rows of a query", export.AXL,
			`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:executeSQLQueryResponse xmlns:n="http://www.cisco.com/AXL/API/8.5"><return><row><paramname>ProxyDomain</paramname><paramvalue>acme.com</paramvalue></row><row><userid>alice</userid><ldappassword>xyz</ldappassword></row></return></n:executeSQLQueryResponse></e:Body></e:Envelope>`,
			"SIPProxy.Domain=acme.com ldappassword=xyz"},
		{"an answer without records", export.AXL,
			`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:executeSQLQueryResponse xmlns:n="http://www.cisco.com/AXL/API/8.5"><return/></n:executeSQLQueryResponse></e:Body></e:Envelope>`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, format := settings(t, tt.text)
			if got != tt.want || format != tt.format {
				t.Errorf("%s: %s\nwant %s: %s", format, got, tt.format, tt.want)
			}
		})
	}
}

func TestServerExportsThatAreBroken(t *testing.T) {
	for text, want := range map[string]string{
		`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:listProcessNodeResponse xmlns:n="http://www.cisco.com/AXL/API/8.5"><return><processNode><name>cup1`: "the text ends inside the element name",
	} {
		_, err := new(export.Reader).Parse("server.txt", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, force := range []export.Format{export.RunSQL, export.Cluster} {
		if _, err := (&export.Reader{Force: force}).Parse("x", []byte("nothing of the kind\n")); !errors.Is(err, export.ErrNoProperties) {
			t.Errorf("%s: %v", force, err)
		}
	}
	many := "run sql select name,nodeid from processnode\nname nodeid\n==== ======\n" + strings.Repeat("cup1      2\n", export.MaxProperties+1)
	var bound *export.BoundError
	if _, err := new(export.Reader).Parse("x", []byte(many)); !errors.As(err, &bound) {
		t.Errorf("%v", err)
	}
}

func TestSecretsOfTheServerAreRedacted(t *testing.T) {
	const text = "run sql select ldapdn, ldappassword from directorypluginconfig\nldapdn  ldappassword\n======= ============\ncn=sync " +
		"73dfe2cb    \n"
	e, err := new(export.Reader).Parse("x", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if line := e.SourceLine(4); strings.Contains(line, "73dfe2cb") {
		t.Errorf("the password shows: %s", line)
	}
	clean, err := export.Redact("x", []byte(text), export.Auto)
	if err != nil || len(clean.Lines) != 1 || clean.Lines[0] != 4 || len(clean.Left) > 0 || strings.Contains(string(clean.Data), "73dfe2cb") {
		t.Errorf("%+v: %s", clean, clean.Data)
	}
}

// FuzzServerExports feeds anything to the readers of server exports.
func FuzzServerExports(f *testing.F) {
	f.Add([]byte("name nodeid\n==== ======\ncup1      2\n"))
	f.Add([]byte("a b\n== ==\n== ==\nx\ny\n"))
	f.Add([]byte("10.1.1.1 a b Publisher\n"))
	f.Add([]byte(fmt.Sprintf(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:x xmlns:n="%s1"><row><name>a</name></row></n:x></e:Body></e:Envelope>`, "http://www.cisco.com/AXL/API/")))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, force := range []export.Format{export.Auto, export.RunSQL, export.Cluster, export.AXL} {
			e, err := (&export.Reader{Force: force}).Parse("f", data)
			if err != nil {
				continue
			}
			for i := range e.Properties {
				r := e.Range(&e.Properties[i])
				if r.Start < 0 || r.Start > r.End || r.End > len(data) {
					t.Fatalf("%q: range %+v in %d bytes", e.Properties[i].Name, r, len(data))
				}
			}
		}
	})
}

// A line before the outputs is counted once, and each line has its own place.
func TestLinesThatASessionSkips(t *testing.T) {
	text := "# Check\n\nof today\nadmin:show version active\nActive Master Version: 12.5.1.11900-146\n"
	e, err := new(export.Reader).Parse("server.txt", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	in := e.Ignored()
	if in == nil || in.Count != 2 || in.First[0] != (export.Passage{Line: 1, Text: "# Check"}) ||
		in.First[1] != (export.Passage{Line: 3, Text: "of today"}) {
		t.Errorf("skipped: %+v", in)
	}
}

// A table of servers is known by the row that is none of a server, also without the query.
func TestServersWithoutTheQuery(t *testing.T) {
	got, format := settings(t, "name                 description\n==================== ===========\nEnterpriseWideData\n"+
		"imp1.hq.test         presence\n10.1.2.3             manager\n")
	if want := "Cluster.Node.1.Name=imp1.hq.test Cluster.Node.2.Name=10.1.2.3"; got != want || format != export.RunSQL {
		t.Errorf("%s: %s", format, got)
	}
}

// TestChangeOfTheDatabaseHasNoSettings proves that the answer to an update is not taken as a table in which all is well, and that it does
// not hide a table next to it.
func TestChangeOfTheDatabaseHasNoSettings(t *testing.T) {
	const update = "admin:run sql update enduser set islocaluser='t' where userid='x'\nRows: 1\n"
	var not *export.NotUnderstoodError
	if _, err := new(export.Reader).Parse("x.txt", []byte(update)); !errors.As(err, &not) || !strings.Contains(err.Error(), "run sql update") {
		t.Errorf("%v: want an error that names run sql update", err)
	}
	e, err := new(export.Reader).Parse("x.txt", []byte(update+"\n"+
		"admin:run sql select name,nodeid from processnode\nname nodeid\n==== ======\ncup1 2\n"))
	if err != nil || len(e.Properties) == 0 {
		t.Errorf("a table after an update: %v, %v", e, err)
	}
}

func TestCertificateValidationOfTheRegistryIsKnown(t *testing.T) {
	text := "Windows Registry Editor Version 5.00\r\n\r\n" + adminData +
		"\"CcmcipServerValidation\"=dword:00000002\r\n"
	e, err := new(export.Reader).Parse("x.reg", []byte(text))
	if err != nil || len(e.Properties) != 1 || e.Properties[0].Key != export.CCMCIPCertificateValidation {
		t.Errorf("%v, %v", e, err)
	}
}
