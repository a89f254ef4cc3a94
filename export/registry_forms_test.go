package export_test

import (
	"bytes"
	"strings"
	"testing"

	"cupclint/export"
)

const adminKey = `HKEY_CURRENT_USER\Software\Cisco Systems, Inc.\Client Services Framework\AdminData`

// A mail breaks lines between words, and a window at its width.
func TestFoldedAnswersOfRegQuery(t *testing.T) {
	const filter = "(&(objectCategory=person)(objectClass=user)(telephoneNumber=*)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
	for what, c := range map[string]struct{ text, want string }{
		"between words": {"HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\nFramework\\AdminData\n" +
			"    TftpServer1    REG_SZ    cucm1.acme.com\n    LDAP_SearchBase    REG_SZ    OU=Sales " +
			"Department,OU=Headquarters,DC=example,DC=acme and\nmore\n" +
			"    CtiServer1    REG_SZ    cucm2\n",
			"TftpServer1=cucm1.acme.com LDAP_SearchBase=OU=Sales Department,OU=Headquarters,DC=example,DC=acme and more " +
				"CtiServer1=cucm2"},
		"in a path": {"HKEY_CURRENT_USER\\Software\\Cisco\nSystems, Inc.\\Client Services Framework\\AdminData\n    CtiServer1    " +
			"REG_SZ    cucm2\n",
			"CtiServer1=cucm2"},
		"several times": {"HKEY_CURRENT_USER\\Software\\Cisco Systems,\nInc.\\Client Services\nFramework\\AdminData\n    " +
			"CtiServer1    REG_SZ    cucm2\n",
			"CtiServer1=cucm2"},
		"at a width": {adminKey[:80] + "\n" + adminKey[80:] + "\n" + hardFolded("    Filter    REG_SZ    "+filter, 80) +
			"    CtiServer1    REG_SZ    cucm2\n", "Filter=" + filter + " CtiServer1=cucm2"},
		"after the type": {"HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\nFramework\\AdminData\n" +
			"    VVM_SystemServer_VmwsProtocol_0_of_a_long_name    REG_SZ\nhttps.of.some.server.acme.com\n",
			"VVM_SystemServer_VmwsProtocol_0_of_a_long_name=https.of.some.server.acme.com"},
		"without the blanks": {"HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services " +
			"\r\nFramework\\AdminData\r\nTftpServer1 REG_SZ 10.0.0.1\r\n" +
			"CcmcipServerValidation REG_DWORD 0x2\r\n", "TftpServer1=10.0.0.1 CcmcipServerValidation=2"},
		"below it": {"HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\nFramework\\AdminData\\EDI\n    " +
			"ServerPort1    REG_DWORD    0xcc4\n",
			"ServerPort1=3268"},
		"prose after it": {"HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\nFramework\\AdminData\n    " +
			"CtiServer1    REG_SZ    cucm2\nRegards\n",
			"CtiServer1=cucm2"},
	} {
		for _, text := range []string{c.text, "Hello,\nsee below\n\n" + c.text, "> " + strings.ReplaceAll(strings.TrimSpace(c.text),
			"\n", "\n> ") + "\n"} {
			e, err := new(export.Reader).Parse("in", []byte(text))
			if got := strings.ReplaceAll(join(e), `EDI\`, ""); err != nil || got != c.want || e.Format != export.Registry {
				t.Errorf("%s: %q, %v; want %q", what, got, err, c.want)
				continue
			}
			p := &e.Properties[len(e.Properties)-1]
			if at := strings.LastIndex(text, p.Value); at >= 0 && e.Range(p).Line != 1+strings.Count(text[:at], "\n") {
				t.Errorf("%s: %s is in line %d of %q", what, p.Name, e.Range(p).Line, text)
			}
		}
	}
}

func hardFolded(line string, width int) string {
	var b strings.Builder
	for ; len(line) > width; line = line[width:] {
		b.WriteString(line[:width] + "\n")
	}
	return b.String() + line + "\n"
}

func TestRedactOfAFoldedAnswer(t *testing.T) {
	in := "HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\r\nFramework\\AdminData\r\n    MyPassword    REG_SZ   " +
		" hunter2\r\n    CtiServer1    REG_SZ    a\r\n"
	got, err := export.Redact("in", []byte(in), export.Auto)
	if err != nil || string(got.Data) != strings.Replace(in, "hunter2", "REDACTED", 1) || got.Lines[0] != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// An answer about another key stays what it was: not understood.
func TestAFoldedAnswerOfAnotherKey(t *testing.T) {
	text := "HKEY_CURRENT_USER\\Software\\Acme Systems, Inc.\\Services\nFramework\\Data\n    CtiServer1    REG_SZ    a\n"
	if e, err := new(export.Reader).Parse("in", []byte(text)); err == nil {
		t.Errorf("%q", join(e))
	}
}

// clixml is what Get-ItemProperty KEY | Export-Clixml writes.
func clixml(key, values string) string {
	return `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0"><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN>
    <MS>
` + values + `
      <S N="PSPath">Microsoft.PowerShell.Core\Registry::` + key + `</S>
      <S N="PSChildName">AdminData</S>
      <Obj N="PSProvider" RefId="2"><Props><S N="Name">Registry</S></Props></Obj>
    </MS>
  </Obj>
</Objs>`
}

func TestObjectsOfPowerShell(t *testing.T) {
	for what, c := range map[string]struct{ text, want string }{
		"Export-Clixml": {clixml(adminKey,
			`<S N="TftpServer1">cucm1</S><I32 N="CcmcipServerValidation">2</I32><I64 N="Big">5</I64><Nil N="Nothing" />`+
				`<S N="Lines">a_x000A_b_x005F_c</S><BA N="Raw">Af8=</BA><S N="A&amp;B">&lt;x&gt;</S>`),
			"TftpServer1=cucm1 CcmcipServerValidation=2 Big=5 Lines=a\nb_c Raw=01ff A&B=<x>"},
		"several strings": {clixml(adminKey,
			`<Obj N="Multi" RefId="1"><TN RefId="1"><T>System.String[]</T></TN><LST><S>a</S><S>b</S></LST></Obj>`),
			"Multi=a Multi=b"},
		"Enhanced Directory Integration": {clixml(adminKey+`\EDI`, `<I32 N="ServerPort1">3268</I32>`), "ServerPort1=3268"},
		"the path first": {strings.Replace(clixml(adminKey, ""), `<S N="PSChildName">`,
			`<S N="CtiServer1">cucm2</S><S N="PSChildName">`, 1),
			"CtiServer1=cucm2"},
		"ConvertTo-Xml": {`<?xml version="1.0" encoding="utf-8"?><Objects><Object Type="System.Management.Automation.PSCustomObject">` +
			`<Property Name="TftpServer1" Type="System.String">cucm1</Property><Property Name="PSPath" Type="System.String">` +
			`Microsoft.PowerShell.Core\Registry::` + adminKey + `</Property></Object></Objects>`, "TftpServer1=cucm1"},
		"ConvertTo-Json": {`{"TftpServer1":"cucm1","CcmcipServerValidation":2,"PSPath":"Microsoft.PowerShell.Core\\Registry::` +
			strings.ReplaceAll(adminKey, `\`, `\\`) + `","PSChildName":"AdminData","PSProvider":{"Name":"Registry"}}`,
			"TftpServer1=cucm1 CcmcipServerValidation=2"},
		"Export-Csv": {"#TYPE " +
			"System.Management.Automation.PSCustomObject\r\n\"TftpServer1\",\"CcmcipServerValidation\",\"PSPath\",\"PSChildName\"\r\n" +
			"\"a\"\"b, c\",\"2\",\"Microsoft.PowerShell.Core\\Registry::" + adminKey + "\",\"AdminData\"\r\n",
			`TftpServer1=a"b, c CcmcipServerValidation=2`},
		"Export-Csv with semicolons": {"\"ServerPort1\";\"PSPath\"\r\n\"3268\";\"Microsoft.PowerShell.Core\\Registry::" + adminKey +
			"\\EDI\"\r\n",
			"ServerPort1=3268"},
	} {
		e, err := new(export.Reader).Parse("in", []byte(c.text))
		if got := join(e); err != nil || got != c.want || e.Format != export.Registry {
			t.Errorf("%s: %q, %v; want %q", what, got, err, c.want)
		}
	}
	e, err := new(export.Reader).Parse("in", []byte(clixml(adminKey, `<S N="TftpServer1">cucm1</S>`)))
	if err != nil {
		t.Fatal(err)
	}
	if at := e.Range(&e.Properties[0]); at.Line != 5 || at.Column != len(`<S N="TftpServer1">`)+1 {
		t.Errorf("%+v", at)
	}
	for what, text := range map[string]string{
		"another key":         clixml(`HKEY_CURRENT_USER\Software\Acme`, `<S N="TftpServer1">a</S>`),
		"no key":              strings.Replace(clixml(adminKey, `<S N="TftpServer1">a</S>`), "PSPath", "PSOther", 1),
		"objects of others":   `<Objects><Object><Property Name="TftpServer1">a</Property></Object></Objects>`,
		"JSON of another key": `{"TftpServer1":"a","PSPath":"Microsoft.PowerShell.Core\\Registry::HKEY_CURRENT_USER\\Software\\Acme"}`,
		"CSV of another " +
			"key": "\"TftpServer1\",\"PSPath\"\n\"a\",\"Microsoft.PowerShell.Core\\Registry::HKEY_CURRENT_USER\\Software\\Acme\"\n",
		"JSON without its key": `{"TftpServer1":"a"}`,
	} {
		if e, err := new(export.Reader).Parse("in", []byte(text)); err == nil {
			t.Errorf("%s: %q", what, join(e))
		}
	}
}

// Show Server Health begins with a heading, which YAML does not.
func TestServerHealthWithAHeading(t *testing.T) {
	text := "Server Health\r\nPresence\r\n  Presence.Primary.Address: cups1\r\n  Presence.Domain: acme.com\r\n"
	if e, err := new(export.Reader).Parse("in", []byte(text)); err != nil ||
		join(e) != "Presence.Primary.Address=cups1 Presence.Domain=acme.com" {
		t.Errorf("%q, %v", join(e), err)
	}
	for _, text := range []string{"Presence:\n  Domain: a\n - b\n", "- a\n  b: c: d\n"} { // YAML with an error stays that
		if e, err := new(export.Reader).Parse("in", []byte(text)); err == nil || !strings.Contains(err.Error(), "YAML") {
			t.Errorf("%q: %q, %v", text, join(e), err)
		}
	}
}

func TestRichTextIsNamed(t *testing.T) {
	_, err := new(export.Reader).Parse("in.rtf", []byte(`{\rtf1\ansi Presence.Domain = acme.com\par}`))
	if err == nil || !strings.Contains(err.Error(), "RTF") || !strings.Contains(err.Error(), "plain text") {
		t.Errorf("%v", err)
	}
}

func TestRedactOfObjects(t *testing.T) {
	in := []byte(clixml(adminKey, `<S N="MyPassword">hunter2</S>`))
	got, err := export.Redact("in", in, export.Auto)
	if err != nil || !bytes.Equal(got.Data, bytes.Replace(in, []byte("hunter2"), []byte("REDACTED"), 1)) {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzObjects(f *testing.F) {
	fuzzFormat(f, "adminData.xml", []export.Format{export.Auto, export.Registry},
		clixml(adminKey, `<S N="MyPassword">a_x000A_</S><Obj N="M" RefId="1"><LST><S>a</S></LST></Obj><BA N="R">AA==</BA>`),
		`{"TftpServer1":"a","PSPath":"x\\Registry::HKEY_CURRENT_USER\\Client Services Framework\\AdminData"}`)
}

func FuzzFolded(f *testing.F) {
	fuzzFormat(f, "query.txt", []export.Format{export.Auto},
		"HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\nFramework\\AdminData\n    MyPassword    REG_SZ    "+
			"OU=a\nb\nX REG_DWORD 0x1\n",
		adminKey[:80]+"\n"+adminKey[80:]+"\n"+hardFolded("    Filter    REG_SZ    "+strings.Repeat("x", 99), 80))
}

func FuzzSettingsTable(f *testing.F) {
	fuzzFormat(f, "settings.csv", []export.Format{export.Auto, export.JabberEMM},
		"key,value\nServicesDomain,\"a\"\"b\"\nPassword,hunter2\n", "| Key | Value |\n|---|---|\n| ServicesDomain | a |\n",
		"ServicesDomain;VoiceServicesDomain\na;b\n", "ServicesDomain  String  a\nVoiceServicesDomain  String  b\n")
}
