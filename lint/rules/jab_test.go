package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"cupclint/lint"
	"cupclint/lint/rules"
)

// inFile returns what the export rules find in a file, as "ID severity line".
func inFile(t *testing.T, name, text string) string {
	t.Helper()
	in := lint.NewInput(parse(t, name, text))
	var got []string
	for _, r := range rules.All() {
		for _, f := range r.Judge(in) {
			got = append(got, fmt.Sprint(f.Rule, " ", f.Severity, " ", f.Line))
		}
	}
	return strings.Join(got, ", ")
}

func TestRulesOnJabberFilesAtTheirEdges(t *testing.T) {
	directory := func(keys string) string {
		return "<config version=\"1.0\"><Directory>\n" + keys + "\n</Directory></config>"
	}
	const account = "<ConnectionUsername>CN=svc,DC=acme,DC=com</ConnectionUsername>"
	for _, tt := range []struct{ name, text, want string }{
		{"nothing set", directory("<DirectoryServerType/>"), ""},
		{"a misspelled key", directory("<DirectoryServerTyp>UDS</DirectoryServerTyp>"), "JAB001 warning 2"},
		{"a filter that the client completes", directory("<PredictiveSearchFilter>ANR=</PredictiveSearchFilter>"), ""},
		{"a part of a filter with parentheses", directory("<PredictiveSearchFilter>(ANR=</PredictiveSearchFilter>"), "JAB002 error 2"},
		{"a base filter without parentheses", directory("<BaseFilter>cn=*</BaseFilter>"), "JAB002 error 2"},
		{"extensions with commas",
			"<config><Policies><Disallowed_File_Transfer_Types>.exe, .msi</Disallowed_File_Transfer_Types></Policies></config>", "JAB002 warning 1"},
		{"extensions with semicolons",
			"<config><Policies><Disallowed_File_Transfer_Types>.exe; .msi</Disallowed_File_Transfer_Types></Policies></config>", ""},
		{"one name with a comma", "<config><Phone><E911EdgeLocationWhiteList>plant, north</E911EdgeLocationWhiteList></Phone></config>", ""},
		{"an update for two clients", "<JabberUpdate>\n<App name='JabberWin'><LatestBuildNum>1</LatestBuildNum></App>\n" +
			"<App name='JabberMac'><LatestBuildNum>2</LatestBuildNum></App></JabberUpdate>", ""},
		{"an update with two builds", "<JabberUpdate>\n<App name='JabberWin'><LatestBuildNum>1</LatestBuildNum>\n" +
			"<LatestBuildNum>2</LatestBuildNum></App></JabberUpdate>", "HYG001 error 3"},
		{"a switch in the registry", "Windows Registry Editor Version 5.00\n\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\" +
			"Client Services Framework\\AdminData\\EDI]\n\"UseSipUriToResolveContacts\"=dword:00000001\n", ""},
		{"a link in HTML", `<a href="ciscojabber://provision?ServicesDomain=acme.com&Telephony_Enabled=no">x</a>`, "JAB002 error 1"},
		{"a key like no other", directory("<Zebra>1</Zebra>"), "JAB001 info 2"},
		{"tabs of the user's own", "<config version=\"1.0\"><BrowserContactAndChat><tab><name>a</name></tab></BrowserContactAndChat><Directory>" +
			"<UseANR>1</UseANR></Directory></config>", ""},
		{"case of keys and values", directory("<directoryservertype>ldap</directoryservertype>"), ""},
		{"a set of words", directory("<LdapSupportedMechanisms>GSSAPI PLAIN</LdapSupportedMechanisms>"), ""},
		{"a word outside of it", directory("<LdapSupportedMechanisms>GSSAPI NTLM</LdapSupportedMechanisms>"), "JAB002 error 2"},
		{"a port", directory("<PrimaryServerName>dc1</PrimaryServerName><ServerPort1>70000</ServerPort1>"), "JAB002 error 2"},
		{"a URL for a host", directory("<UdsServer>https://cucm1</UdsServer>"), "JAB002 error 2"},
		{"a backup that is the primary",
			directory("<PrimaryServerName>dc1</PrimaryServerName><SecondaryServerName>DC1</SecondaryServerName><ServerPort1>636</ServerPort1>" +
				"<ServerPort2>636</ServerPort2>"),
			"HYG006 warning 2"},
		{"one account", directory(account + "<ConnectionPassword>REDACTED</ConnectionPassword>"), ""},
		{"one account and Windows off", directory(account + "<UseWindowsCredentials>0</UseWindowsCredentials>"), "JAB008 info 2"},
		{"one account and Windows on", directory(account + "\n<UseWindowsCredentials>1</UseWindowsCredentials>"),
			"JAB003 warning 2, JAB008 info 3"},
		{"all three", directory("<LDAP_UseCredentialsFrom>CUCM</LDAP_UseCredentialsFrom><UseWindowsCredentials>1</UseWindowsCredentials>\n" +
			account), "JAB003 warning 3, JAB008 info 2"},
		{"anonymous, off", directory(account + "<LdapAnonymousBinding>False</LdapAnonymousBinding>"), ""},
		{"anonymous alone", directory("<LdapAnonymousBinding>True</LdapAnonymousBinding>"), ""},
		{"TLS by the port alone", directory("<PrimaryServerName>dc1</PrimaryServerName><ServerPort1>636</ServerPort1>"), ""},
		{"plain, on the backup's port for TLS",
			directory("<SecondaryServerName>dc2</SecondaryServerName>\n<ServerPort2>3269</ServerPort2><UseSSL>0</UseSSL>"), "JAB005 warning 3"},
		{"TLS on a port of the site's own",
			directory("<PrimaryServerName>dc1</PrimaryServerName><ServerPort1>50636</ServerPort1><UseSSL>1</UseSSL>"), ""},
		{"two of three services", "<config version=\"1.0\"><Policies><ServiceDiscoveryExcludedServices>WEBEX, " +
			"CUP</ServiceDiscoveryExcludedServices></Policies></config>", ""},
		{"all three services, spaced",
			"<config version=\"1.0\"><Policies><ServiceDiscoveryExcludedServices> cucm , " +
				"CUP,webex</ServiceDiscoveryExcludedServices></Policies></config>",
			"JAB006 error 1, JAB010 info 1"},
		{"UDS with a domain of blanks", directory("<DirectoryServerType>UDS</DirectoryServerType><PresenceDomain> </PresenceDomain>"),
			"JAB007 warning 2"},
		{"a backup without a port", directory("<SecondaryServerName>dc2</SecondaryServerName>"), "JAB007 warning 2"},
		{"a domain controller without a name", directory("<ConnectionType>1</ConnectionType>"), "JAB008 info 2"},
		{"an old name", directory("<BDIPrimaryServerName>dc1</BDIPrimaryServerName>"), "JAB008 warning 2"},
		{"a password of blanks", directory("<ConnectionPassword> </ConnectionPassword>"), ""},
		{"a password with blanks is said once", directory("<ConnectionPassword> Summer.2019 </ConnectionPassword>"), "JAB009 warning 2"},
		{"a search base that is padded", directory("<SearchBase1> DC=acme,DC=com </SearchBase1>"), "JAB010 info 2"},
		{"a search base that is none", directory("<SearchBase1>acme.com</SearchBase1>"), "LDAP006 error 2"},
		{"a prefix for an attribute that has it", directory("<UriPrefix>sip:</UriPrefix><SipUri>msRTCSIP-PrimaryUserAddress</SipUri>"), ""},
		{"an empty prefix", directory("<UriPrefix></UriPrefix><SipUri>mail</SipUri>"), ""},
		{"a services domain in the section it had first",
			"<config version=\"1.0\"><Policies><VoiceServicesDomain>10.1.1.1</VoiceServicesDomain></Policies></config>", "JAB013 error 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inFile(t, "jabber-config.xml", tt.text); got != tt.want {
				t.Errorf("found %q, want %q in\n%s", got, tt.want, tt.text)
			}
		})
	}
}

func TestRulesOnTheBootstrapFile(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"as the installer writes it", "AUTHENTICATOR: CUP\nCUP_ADDRESS: imp1.acme.com\nTFTP: NOT_SPECIFIED\nSERVICES_DOMAIN: NOT_SPECIFIED\n",
			""},
		{"an unknown authenticator", "AUTHENTICATOR: OCS\nCUP_ADDRESS: imp1\n", "JAB002 error 1"},
		{"nothing to discover", "AUTHENTICATOR: CUP\nEXCLUDED_SERVICES: WEBEX,CUCM,CUP\n", "JAB006 error 2"},
		{"the question switched off", "SERVICES_DOMAIN: acme.com\nSSO_EMAIL_PROMPT: OFF\n", ""},
		{"the question alone", "SERVICES_DOMAIN: acme.com\nSSO_EMAIL_PROMPT: ON\n", "JAB014 warning 2"},
		{"a record for a domain", "SERVICES_DOMAIN: _cisco-uds._tcp.acme.com\n", "JAB013 error 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inFile(t, "jabber-bootstrap.properties", tt.text); got != tt.want {
				t.Errorf("found %q, want %q in\n%s", got, tt.want, tt.text)
			}
		})
	}
}

// What is true of jabber-config.xml or of the installer is not true of every file with the same names.
func TestRulesOnOtherFilesOfJabber(t *testing.T) {
	const line = "2024-04-04 10:11:12,101 DEBUG [0x1] [a.cpp(1)] [ConfigService-ConfigStoreManager] " +
		"[CSFUnified::ConfigStoreManager::getValue] - key : [%s] skipLocal : [0]  value: [%s] success: [true] " +
		"configStoreName: [TftpConfigStore]\n"
	for _, tt := range []struct{ name, file, text, want string }{
		{"a log has the keys that were asked for", "jabber.log", fmt.Sprintf(line, "directoryservertype", "UDS"), ""},
		{"the same", "jabber.log", fmt.Sprintf(line, "primaryservername", "dc1.acme.com"), ""},
		{"the prompt on a phone has no condition", "app.json", `{"ServicesDomain":"acme.com","ServicesDomainSsoEmailPrompt":"ON"}`, ""},
		{"the same in a link", "a.txt", "ciscojabber://provision?ServicesDomain=acme.com&ServicesDomainSsoEmailPrompt=ON\n", ""},
		{"a secret of an unknown name, once", "jabber-config.xml",
			"<config version=\"1.0\">\n<Directory><UseSSL>1</UseSSL><LdapPassword>Summer.2019</LdapPassword></Directory></config>",
			"JAB001 info 2, JAB009 warning 2"},
		{"a switch as plutil prints it", "plutil.txt", "{\n  \"FIPS_MODE\" => 1\n  \"ServicesDomain\" => \"acme.com\"\n}\n", ""},
		{"a switch as macOS prints it", "defaults.txt", "{\n    FIPS_MODE = 1;\n    ServicesDomain = \"acme.com\";\n}\n", ""},
		{"the same elsewhere", "app.json", `{"FIPS_MODE":"1","ServicesDomain":"acme.com"}`, "JAB002 warning 1"},
		{"a key without a section", "jabber-config.xml",
			"<config version=\"1.0\">\n<DirectoryServerType>AD</DirectoryServerType><Directory/></config>", "JAB002 error 2, JAB011 info 2"},
		{"a section inside a section", "jabber-config.xml",
			"<config version=\"1.0\"><Policies>\n<Directory><UseSSL>x</UseSSL></Directory></Policies></config>", "JAB002 error 2, JAB011 info 2"},
		{"elements of the user", "jabber-config.xml",
			"<config version=\"1.0\"><Client><jabber-plugin-config><browser-plugin><page><UseSSL>x</UseSSL></page></browser-plugin>" +
				"</jabber-plugin-config></Client></config>", ""},
		{"a file of one user", "jabberLocalConfig.xml", `<Jabber><userConfig name="ConnectionPassword" value="Summer.2019"/></Jabber>`,
			"CRED008 warning 1"},
		{"a secret next to keys of Jabber", "a.properties", "Jabber.Directory.UseSSL = true\nMy.Password = Summer.2019\n",
			"CRED008 warning 2, HYG002 info 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inFile(t, tt.file, tt.text); got != tt.want {
				t.Errorf("found %q, want %q in\n%s", got, tt.want, tt.text)
			}
		})
	}
}

// However many keys are wrong, a rule on names says so only so often, and no secret shows.
func TestRulesOnJabberFilesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("<config version=\"1.0\"><Directory><ConnectionPassword>Summer.2019</ConnectionPassword>\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "<BDISearchBase%d> a </BDISearchBase%d><DirectoryServerTyp%d> a </DirectoryServerTyp%d>\n", i, i, i, i)
	}
	b.WriteString("</Directory></config>\n")
	in := lint.NewInput(parse(t, "jabber-config.xml", b.String()))
	for _, r := range rules.All() {
		found := r.Judge(in)
		if len(found) > 1000 {
			t.Errorf("%s: %d findings", r.ID, len(found))
		}
		for _, f := range found {
			if strings.Contains(fmt.Sprintf("%#v", f), "Summer.2019") {
				t.Errorf("%s shows a password: %#v", r.ID, f)
			}
		}
	}
}
