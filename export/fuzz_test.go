package export_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cupclint/export"
)

// holds reads an input and checks what holds of every reader: it ends, errors have the type that is promised, ranges are in the file and
// redact leaves no secret that it knows of.
func holds(t *testing.T, name string, data []byte, formats ...export.Format) {
	for _, force := range append(formats, export.Auto) {
		e, err := (&export.Reader{Force: force, Evidence: true}).Parse(name, data)
		if err != nil {
			if _, ok := errors.AsType[*export.Error](err); !ok {
				t.Fatalf("%v is not an *Error", err)
			}
			continue
		}
		for i := range e.Properties {
			for _, r := range [...]export.Range{e.Range(&e.Properties[i]), e.NameRange(&e.Properties[i])} {
				if r.Start < 0 || r.Start > r.End || r.End > len(data) || r.Line < 1 || r.Column < 1 {
					t.Fatalf("%q: range %+v in %d bytes", e.Properties[i].Name, r, len(data))
				}
			}
		}
		if passed := e.Ignored(); passed != nil && passed.Count < len(passed.First) {
			t.Fatalf("%d places were skipped, and %d are shown", passed.Count, len(passed.First))
		}
	}
}

// fuzzFormat feeds one container, beginning with the real cases that have one of the names and with texts.
func fuzzFormat(f *testing.F, name string, formats []export.Format, seeds ...string) {
	real, err := filepath.Glob(filepath.Join("..", "fixtures", "reality", "*", "*", name))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range real {
		if data, err := os.ReadFile(path); err == nil && len(data) < 64<<10 {
			f.Add(data)
		}
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, name, data, formats...) })
}

func FuzzBootstrap(f *testing.F) {
	fuzzFormat(f, "jabber-bootstrap.properties", []export.Format{export.JabberBootstrap}, "NOT_SPECIFIED\nServicesDomain: acme.com\n",
		"TFTP: x\r\n#\n")
}

func FuzzInstall(f *testing.F) {
	fuzzFormat(f, "install.bat", []export.Format{export.JabberInstall},
		"msiexec /i CiscoJabberSetup.msi CLEAR=1 ^\r\nTFTP=\"a b\" SERVICES_DOMAIN=`\"x`\"\n",
		`<a><b>msiexec CiscoJabberSetup.msi TFTP=&quot;x&quot;</b></a>`,
		`{"a":"msiexec CiscoJabberSetup.msi TFTP=\"x\""}`)
}

func FuzzLink(f *testing.F) {
	fuzzFormat(f, "mail.eml", []export.Format{export.JabberLink},
		"ciscojabber://provision?ServicesDomain=acme.com&amp;VoiceServicesDomain=%C3%BC.",
		"Content-Transfer-Encoding: quoted-printable\n\nciscojabber:provision?Serv=\r\nicesDomain=3Da=\nb&x=3D=\n")
}

func FuzzAppConfig(f *testing.F) {
	fuzzFormat(f, "emm.plist", []export.Format{export.JabberEMM, export.JSON},
		`<plist><dict><key>ServicesDomain</key><string>a</string><key>SSO_Enabled</key><true/></dict></plist>`,
		`<dict><key>ServicesDomain</key></dict>`,
		`<managedAppConfiguration><dict><string keyName="ServicesDomain"><defaultValue><value>a</value></defaultValue></string></dict></managedAppConfiguration>`,
		`{"managedProperty":[{"key":"ServicesDomain","valueString":"a"}]}`, `[{"ServicesDomain":"a"}]`)
}

func FuzzProfile(f *testing.F) {
	fuzzFormat(f, "jabber.mobileconfig", []export.Format{export.JabberEMM},
		`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x"><plist><dict><key>PayloadContent</key><array><dict><key>ServicesDomain</key><string>a</string></dict></array></dict></plist>`,
		"bplist00\x00", "0\x82\x00<plist")
}

func FuzzLocalConfig(f *testing.F) {
	fuzzFormat(f, "jabberLocalConfig.xml", []export.Format{export.JabberLocal},
		`<Jabber><userConfig name="ServerPort1" value="&#x30;"/></Jabber>`, `<Jabber/>`)
}

func FuzzUpdate(f *testing.F) {
	fuzzFormat(f, "jabber-update.xml", []export.Format{export.JabberUpdate},
		`<JabberUpdate><App name="JabberWin"><LatestBuildNum>1</LatestBuildNum></App></JabberUpdate>`)
}

func FuzzJabberLog(f *testing.F) {
	fuzzFormat(f, "jabber.log", []export.Format{export.JabberLog},
		"2024-04-04 10:11:12,101 DEBUG [0x00001bc8] [a.cpp(1)] [c] [f] - key : [servicesdomain] skipLocal : [0]  value: [a[b]] success: [true] "+
			"configStoreName: [x]\n",
		"ERROR [0x1] [x] - homeUdsResult=[FAILED]\n")
}

func FuzzServiceProfile(f *testing.F) {
	fuzzFormat(f, "ucservicexml.txt", []export.Format{export.RunSQL, export.AXL},
		"admin:run sql select xml from ucservicexml\nxml\n===\n%3Cconfig%3E%3CDirectory%3E%3CUseSSL%3E1%3C%2FUseSSL%3E%3C%2FDirectory%3E\n",
		"run sql select xml from ucservicexml\nxml\n===\n&lt;Options&gt;&lt;IP_Mode&gt;&amp;lt;&lt;/IP_Mode&gt;\n",
		`<getUcServiceResponse><return><ucService><ucServiceXml>&lt;config&gt;&lt;Client&gt;&lt;IP_Mode&gt;x&lt;/IP_Mode&gt;</ucServiceXml></ucService></return></getUcServiceResponse>`)
}

func FuzzRegistry(f *testing.F) {
	fuzzFormat(f, "jvdi.reg", []export.Format{export.Registry},
		"REGEDIT4\n\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\JVDI]\n\"a\"=dword:1\n",
		"HKEY_CURRENT_USER\\Client Services Framework\\AdminData\\EDI\n    x    REG_DWORD    0x1\n y REG_SZ\n",
		"Windows Registry Editor Version 5.00\n[HKLM\\Client Services Framework\\AdminData\\EDI]\n\"x\"=hex(7):61,00,\\\n  00,00\n")
}

func FuzzAXL(f *testing.F) {
	fuzzFormat(f, "axl.xml", []export.Format{export.AXL, export.SOAP},
		`<ns:executeSQLQueryResponse><return><row><name>a</name><nodeid>1</nodeid></row></return></ns:executeSQLQueryResponse>`,
		`<soapenv:Body><ns:listUcServiceResponse xmlns:ns="http://www.cisco.com/AXL/API/14.0"><return><ucService><name>x</name><port>1</port></ucService></return></ns:listUcServiceResponse></soapenv:Body>`,
		`<html>HTTP Status 599 AXL Supported axl versions are 12.x</html>`)
}

func FuzzTables(f *testing.F) {
	fuzzFormat(f, "nodes.txt", []export.Format{export.RunSQL, export.CLI},
		"admin:run sql select name,nodeid from processnode name nodeid ==== ====== a 1 b 2",
		"run sql select userid,x from enduser, y\nuserid x\n====== =\na\tb\n",
		"syncstatus\n==========\nSync Completed, and more than fits\n")
}

// FuzzGzip and FuzzReport let the archives be damaged, and what is in them.
func FuzzGzip(f *testing.F) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte("Presence.Domain = acme.com\n"))
	_ = w.Close()
	f.Add(b.Bytes())
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, data []byte) { readsArchive(t, "export.properties.gz", data) })
}

func FuzzReport(f *testing.F) {
	report := func(config, log string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range map[string]string{"jabber-config.xml": config, "logs/csf-unified.log.1": log, "memory.dmp": "\x00\x01",
			"inner.zip": "PK\x03\x04"} {
			w, err := z.Create(name)
			if err != nil {
				f.Fatal(err)
			}
			_, _ = w.Write([]byte(text))
		}
		_ = z.Close()
		return b.Bytes()
	}
	f.Add(report(jabberConfig, "ERROR [0x1] [x] - homeUdsResult=[FAILED]\n"))
	f.Add(report("<config>", ""))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) { readsArchive(t, "prt.zip", data) })
}

func readsArchive(t *testing.T, name string, data []byte) {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r := &export.Reader{Evidence: true}
	for e, err := range r.Read(context.Background(), export.Source{Name: path}) {
		if _, ok := errors.AsType[*export.Error](err); err != nil && !ok {
			t.Fatalf("%v is not an *Error", err)
		}
		if err == nil && e == nil {
			t.Fatal("neither an export nor an error")
		}
	}
}
