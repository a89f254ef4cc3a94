package cli

import (
	"cupclint/internal/report"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"github.com/spf13/pflag"
	"net/url"
	"strings"
	"unicode/utf16"
)

// inputs are files of every format with secrets in every place where one was found.
func (m *markers) inputs() map[string]string {
	p := m.plant
	files := map[string]string{
		"soap.xml": `<?xml version="1.0"?><r xmlns="urn:cisco:epas:soap"><!-- old password: ` + p("SOAP comment") + ` -->
<property name="Directory.DN">svc@mark.test</property><property name="Directory.Password">` + p("SOAP property") + `</property>
<property name="Directory.Password">` + p("SOAP property twice") + `</property><property name="Odd.password.here">` +
			p("SOAP unknown key") + `</property>
<property name="Calendar.Primary">https://svc:` + p("SOAP user info") +
			`@mail.mark.test</property><property name="Directory.Pasword" value="` + p("SOAP attribute") + `"/>
<property name="TFTP.Primary">svc:` + p("SOAP user info without scheme") +
			`@tftp.mark.test</property><property name="VoiceMail.Primary.Address"><![CDATA[https://v:` + p("SOAP CDATA") +
			`@vm.mark.test/x]]></property>
<property name="Presence.Domain">A B</property><property name="WebConf.Primary">https://wc.mark.test/?token=` + p("SOAP query") +
			`&amp;x=1</property>
<session-key>` + p("SOAP session key") + `</session-key><one-time-password>` + p("SOAP one-time password") + `</one-time-password></r>`,
		"cut.xml":    `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">` + p("cut XML"),
		"broken.xml": `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">a<` + p("unescaped XML") + `</property></r>`,
		"entity.xml": `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">a&` + p("entity") + `;b</property></r>`,
		"jabber-config.xml": `<?xml version="1.0"?><config version="1.0"><!-- <ConnectionPassword>` + p("Jabber comment") +
			`</ConnectionPassword> --><Directory><ConnectionPassword>` + p("Jabber key") +
			`</ConnectionPassword><ConnectionPasword>` + p("Jabber misspelt key") + `</ConnectionPasword><LDAP_Password value="` +
			p("Jabber attribute of an unknown element") + `">` + p("Jabber unknown key") + `</LDAP_Password>
<PrimaryServerName>u:` + p("Jabber user info") +
			`@dc.mark.test</PrimaryServerName></Directory><Policies><Forgot_Password_URL>https://pw.mark.test/?pin=` + p("Jabber query") +
			`</Forgot_Password_URL></Policies>
<CustomTab><page>https://u:` + p("Jabber URL") + `@tab.mark.test/</page></CustomTab></config>`,
		"axl.xml": `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:getUserResponse xmlns:ns="http://www.cisco.com/AXL/API/12.5"><return><user><userid>alice</userid><password>` +
			p("AXL password") + `</password><pin>` + p("AXL PIN") + `</pin><digestCredentials>` + p("AXL digest") +
			`</digestCredentials><mailid>a:` + p("AXL user info") +
			`@mark.test</mailid></user></return></ns:getUserResponse></soapenv:Body></soapenv:Envelope>`,
		"run-sql.txt": "admin:run sql select userid, ldappassword, pin from enduser\nuserid ldappassword  pin\n====== ============= " +
			"=============\nalice  " + p("run sql password") + " " + p("run sql PIN") + "\n",
		"params.txt": "admin:run sql select paramname, paramvalue from processconfig\nparamname             paramvalue\n===================== " +
			"=============\nSNMPPassword          " + p("run sql parameter") + "\n",
		"cli.log": "admin:show network cluster\n10.1.1.1 cucm1.mark.test cucm1 Publisher callmanager DBPub authenticated\nadmin:utils import " +
			"config\n enter password: " + p("CLI prompt") +
			"\nadmin:set account name x -pw " + p("CLI option") + "\n",
		"a.properties": "# password was " + p("properties comment") + "\nDirectory.DN = svc\nDirectory.Password = " + p("properties key") +
			"\nUser.PIN: " + p("properties PIN") + "\nKennwort=" + p("properties German") + "\nDirectory.Password = \\\n  " + p("continued line") +
			"\nPresence.Primary.Address = https://u:" + p("properties user info") + "@cups.mark.test\nPresence.Domain = alice:" +
			p("properties domain") + "@mark.test\n",
		"a.yaml": "Directory:\n  Password: \"" + p("YAML key") + "\" # " + "was pwd=" + p("YAML comment") +
			"\n  DN: &x svc@mark.test\nUser.DigestCredential: !" + p("YAML tag") + "\nother:\n  secret: |\n    " + p("YAML block") +
			"\nDirectory.Primary.Address: ldap://u:" + p("YAML user info") + "@dc.mark.test\nCUCM.LDAPDirectory.Password: {a: " + p("YAML map") +
			"}\n",
		"cut.yaml":    "Directory:\n  Password: \"" + p("cut YAML") + "\n",
		"anchor.yaml": "Directory:\n  Password: *" + p("YAML alias") + "\n",
		"a.json": `{"Directory": {"Password": "` + p("JSON key") + `", "Primary": {"Address": "u:` + p("JSON user info") +
			`@dc.mark.test"}}, "Login.Password": "` + p("JSON unknown") + `", "Passwort": ["` + p("JSON list") + `"], "secret": {"a": "` +
			p("JSON object") + `"}}`,
		"cut.json":     `{"Directory": {"Password": "` + p("cut JSON"),
		"escaped.json": `{"Directory": {"Password": "` + `\u005aq7Mark` + strings.TrimPrefix(p("escaped JSON"), "Zq7Mark") + `"}}`,
		"edi.reg": "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services " +
			"Framework\\AdminData\\EDI]\r\n\"ConnectionPassword\"=\"" + p("registry key") + "\"\r\n\"Passwd\"=\"" + p("registry unknown key") +
			"\"\r\n; pwd=" + p("registry comment") + "\r\n\"PrimaryServerName\"=\"u:" + p("registry user info") + "@dc.mark.test\"\r\n",
		"jabber.log": "2016-02-24 09:10:21,453 INFO  [0x1] [config/Fetcher.cpp(1)] [csf] [fetch] - key : [ConnectionPassword] value : [" +
			p("Jabber log") + "]\n2016-02-24 09:10:21,453 DEBUG [0x1] [http/Curl.cpp(1)] [csf.http] [x] - GET https://u:" + p("Jabber log URL") +
			"@h/x?password=" + p("Jabber log query") + "\n2016-02-24 09:10:22,453 DEBUG [0x1] [x.cpp(1)] [csf.http] [x] - {\"password\":\"" +
			p("Jabber log JSON") + "\"}\n",
		"install.cmd": "msiexec.exe /i CiscoJabberSetup.msi /quiet CLEAR=1 AUTHENTICATOR=CUP PASSWORD=" + p("installer option") +
			" DOMAIN=mark.test\r\nnet use z: \\\\x\\y /user:svc " + "/p:" + p("Windows option") + "\r\n",
		"link.txt": "Click ciscojabber://provision?ServicesDomain=mark.test&Password=" + p("link query") +
			"&ServiceDiscoveryExcludedServices=WEBEX\n",
		"emm.plist": `<?xml version="1.0"?><plist version="1.0"><dict><key>ServicesDomain</key><string>mark.test</string><key>Password</key><string>` + p("plist") + `</string></dict></plist>`,
		"local.xml": `<?xml version="1.0"?><Jabber><userConfig name="UserPassword" value="` + p("local configuration") + `"/></Jabber>`,
		"boot.properties": "ServicesDomain=mark.test\nVoiceServicesDomain=u:" + p("bootstrap user info") + "@mark.test\nPassword: " +
			p("bootstrap password") + "\nInvalidCertificateBehavior: RejectAndNotify\n",
		"two-pairs.log": "2010-01-20 08:14:00 Directory.Primary.Address=dc1.mark.test Directory.Password=" + p("second pair of a line") +
			" Presence.Domain=mark.test\n2010-01-20 08:14:01 Presence.Domain = mark.test Directory.Password = " + p("second pair with blanks") +
			"\n",
		"lines.log": strings.Join([]string{
			"Presence.Domain = mark.test",
			`10:00 resp: {"Directory.Password":"` + p("JSON in a log") + `","x":1} done`,
			`10:00 resp: "{\"Password\":\"` + p("escaped JSON in a log") + `\"}" done`,
			`10:00 <property name="Directory.Password">` + p("XML in a log") + `</property> more`,
			`10:00 &lt;password&gt;` + p("escaped XML in a log") + `&lt;/password&gt; more`,
			`10:00 <bind user="x" password="` + p("XML attribute in a log") + `"/>`,
			"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:"+p("Basic header"))),
			"10:00 sent [Authorization: Bearer " + p("Bearer header") + "] to x",
			`Authorization: Digest username="alice", realm="x", nonce="1", uri="sip:x",`,
			`   response="` + hex.EncodeToString([]byte(p("Digest header"))) + `"`,
			"Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:"+p("proxy header"))),
			"Cookie: JSESSIONID=" + p("cookie") + "; path=/",
			"Set-Cookie: JSESSIONIDSSO=" + p("set cookie") + "; Secure",
			"X-Api-Key: " + p("API key header"), "X-Auth-Token: " + p("token header"),
			"10:00 GET https://svc:" + p("URL user info") + "@host.mark.test/x failed",
			"10:00 GET https://svc:" + url.QueryEscape("a@"+p("encoded user info")) + "@host.mark.test/x failed",
			"10:00 connect alice:" + p("user info without scheme") + "@host.mark.test failed",
			"10:00 GET /x?user=a&password=" + p("query") + "&y=1 200", "10:00 GET /x?user=a&pin=" + p("PIN in a query") + " 200",
			"10:00 Server=db;User Id=sa;Password=" + p("connection string") + ";Timeout=3", "10:00 run x --password " + p("long option") + " --y",
			"10:00 run x --password=" + p("long option with =") + " --y",
			"10:00 run ldapsearch -D cn=x -w " + p("short option") + " -b dc=x", "the password is " + p("sentence") + ".",
			"Das Kennwort lautet " + p("German sentence") + ".",
			"Passwort: " + p("German"), "contraseña: " + p("Spanish"), "mot de passe : " + p("French"), "pwd=" + p("pwd"),
			"10:00 PIN=" + p("PIN") + " entered", "passcode: " + p("passcode"), "psk=" + p("psk"),
			"login failed, password=" + p("end of a line"), "10:00 session key: " + p("session key") + " done", "password\t" + p("tab between"),
			"| password | " + p("table cell") + " |",
			"10:00 login(user=alice, password=" + p("argument") + ", tls=true)",
			"10:00 {user: alice, password: '" + p("quoted with apostrophes") + "'}",
			"-----BEGIN RSA PRIVATE KEY-----", p("private key"), "-----END RSA PRIVATE KEY-----", "",
		}, "\n"),
		"events.csv": "EventID,TimeCreated,TargetUserName,TargetDomainName,CallerComputerName,Message\n4740,2024-01-02T10:00:00Z,svc,MARK,PC1," +
			"password=" + p("lockout CSV") + "\n",
		"events.xml": `<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>4625</EventID><TimeCreated SystemTime="2024-01-02T10:00:00Z"/></System><EventData><Data Name="TargetUserName">svc</Data><Data Name="Password">` +
			p("lockout XML") + `</Data></EventData></Event></Events>`,
	}
	for _, name := range []string{"a.properties", "lines.log", "soap.xml", "a.yaml"} {
		files["crlf-"+name] = strings.ReplaceAll(files[name], "\n", "\r\n")
	}
	for _, name := range []string{"a.properties", "lines.log", "edi.reg", "jabber-config.xml", "a.json"} {
		text := files[name]
		if name == "edi.reg" {
			text = strings.Replace(text, "REGEDIT4", "Windows Registry Editor Version 5.00", 1)
		}
		b := []byte{0xFF, 0xFE}
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u), byte(u>>8))
		}
		files["utf16-"+name] = string(b)
	}
	return files
}

// formatsOf are the values that a flag may take: all formats of reports, or those that its usage names.
func formatsOf(f *pflag.Flag) []string {
	if f.Value.Type() == "stringSlice" || f.Value.Type() == "strings" {
		return report.Formats()
	}
	return []string{"text", "json", "jsonl"}
}

// around shows where in a text markers are.
func around(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ToValidUTF8(string(text), "?")) {
		if markerParts.MatchString(line) && b.Len() < 2000 {
			at := markerParts.FindStringIndex(line)
			fmt.Fprintf(&b, "    %.240q\n", line[max(0, at[0]-120):])
		}
	}
	return b.String()
}
