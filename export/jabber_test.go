package export_test

import (
	"errors"
	"strings"
	"testing"

	"cupclint/export"
)

const jabberConfig = `<?xml version="1.0" encoding="utf-8"?>
<!-- the pilot's -->
<config version="1.0">
  <Client>
    <VoiceServicesDomain>example.com</VoiceServicesDomain>
    <jabber-plugin-config>
      <browser-plugin>
        <page refresh="true" preload="true"><tooltip>News</tooltip></page>
      </browser-plugin>
    </jabber-plugin-config>
  </Client>
  <Directory>
    <DirectoryServerType>LDAP</DirectoryServerType>
    <PrimaryServerName> dc1.example.com </PrimaryServerName>
    <ServerPort1>3268</ServerPort1>
    <BaseFilter>(&amp;(objectCategory=person)(!(ou=x)))</BaseFilter>
    <ConnectionPassword>Tr0ub4dor</ConnectionPassword>
    <UsePhotoss/>
  </Directory>
  <Policies>
    <VoiceServicesDomain>example.net</VoiceServicesDomain>
  </Policies>
</config>
`

func TestJabberConfig(t *testing.T) {
	e, err := new(export.Reader).Parse("jabber-config.xml", []byte(jabberConfig))
	if err != nil {
		t.Fatal(err)
	}
	if e.Format != export.Jabber {
		t.Errorf("format %s", e.Format)
	}
	got := map[string]string{}
	for i := range e.Properties {
		p := &e.Properties[i]
		got[p.Canonical()] = p.Value
		r := e.Range(p)
		if raw := jabberConfig[r.Start:r.End]; !strings.Contains(raw, "&amp;") && raw != p.Value {
			t.Errorf("%s: the range holds %q, the value is %q", p.Name, raw, p.Value)
		}
		if at := e.NameRange(p); at.Line != r.Line || at.Start >= r.Start {
			t.Errorf("%s: name at %+v, value at %+v", p.Name, at, r)
		}
	}
	for key, want := range map[string]string{
		"Jabber.Directory.PrimaryServerName":                             " dc1.example.com ", // as written
		"Jabber.Directory.BaseFilter":                                    "(&(objectCategory=person)(!(ou=x)))",
		"Jabber.Directory.ServerPort1":                                   "3268",
		"Jabber.Directory.UsePhotoss":                                    "", // unknown, and kept
		"Jabber.Client.jabber-plugin-config.browser-plugin.page.tooltip": "News",
	} {
		if v, ok := got[key]; !ok || v != want {
			t.Errorf("%s = %q, %v", key, v, ok)
		}
	}
	first, n := "", 0
	for p := range e.All(export.JabberClientVoiceServicesDomain) { // documented in two sections
		if n++; n == 1 {
			first = p.Value
		}
	}
	if n != 2 || first != "example.com" {
		t.Errorf("%d times VoiceServicesDomain, the first is %q", n, first)
	}
	if line := e.SourceLine(17); strings.Contains(line, "Tr0ub4dor") {
		t.Errorf("the password shows: %s", line)
	}
}

func TestWhatIsNoJabberConfigIsRefusedWithAPlace(t *testing.T) {
	for text, want := range map[string]string{
		"<config version=\"1.0\"><appSettings><add key=\"a\"/></appSettings></config>":               "without a section of jabber-config.xml",
		"<config version=\"1.0\"><Client></Client></config>":                                         "without a section of jabber-config.xml",
		"<config version=\"1.0\"><Client><SSO_Enabled>true</SSO_Enabled></config>":                   "1:62: the end tag config does not close",
		"<config version=\"1.0\"><Client><SSO_Enabled>true</SSO_Enabled></Client></config><config/>": "second root element",
		"<config><Directory><BaseFilter>a&b</BaseFilter></Directory></config>":                       "1:33",
		"<!DOCTYPE config [<!ENTITY x \"y\">]><config/>":                                             "document type",
		"\ufeff\ufeff<config/>": "",
	} {
		_, err := new(export.Reader).Parse("jabber-config.xml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := (&export.Reader{Force: export.Jabber}).Parse("x.xml", []byte("<a/>")); err == nil ||
		!strings.Contains(err.Error(), "root element a") {
		t.Errorf("forced: %v", err)
	}
	if _, err := (&export.Reader{Force: export.SOAP}).Parse("x.xml", []byte(jabberConfig)); err == nil {
		t.Error("forced to be a SOAP answer, and read")
	}
}

func TestJabberBootstrap(t *testing.T) {
	const text = "# written by the installer\r\nServicesDomain: example.com\r\nVOICE_SERVICES_DOMAIN: NOT_SPECIFIED\r\nEXCLUDED_SERVICES: " +
		"WEBEX,CUP\r\nSomethingElse: x: y \r\n"
	e, err := new(export.Reader).Parse("jabber-bootstrap.properties", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if e.Format != export.JabberBootstrap || len(e.Properties) != 3 {
		t.Fatalf("format %s, %d properties", e.Format, len(e.Properties))
	}
	if v, ok := e.Value(export.JabberBootstrapExcludedServices); !ok || v != "WEBEX,CUP" {
		t.Errorf("excluded services %q, %v", v, ok)
	}
	if _, ok := e.Value(export.JabberBootstrapVoiceServicesDomain); ok {
		t.Error("what is not specified is there")
	}
	if p := &e.Properties[2]; p.Value != "x: y " || text[e.Range(p).Start:e.Range(p).End] != p.Value {
		t.Errorf("%q", p.Value)
	}
	if e, err := new(export.Reader).Parse("b", []byte("TFTP: NOT_SPECIFIED\nCTI: NOT_SPECIFIED\n")); err != nil || len(e.Properties) != 0 {
		t.Errorf("nothing specified: %v", err)
	}
}

// People copy the file from a terminal, with the prompts around it.
func TestBootstrapFromATerminal(t *testing.T) {
	const lines = "ServicesDomain: acme.com\nVoiceServicesDomain: NOT_SPECIFIED\n"
	for _, text := range []string{
		"PS C:\\> Get-Content \"C:\\ProgramData\\Cisco Systems\\Cisco Jabber\\jabber-bootstrap.properties\"\n" + lines + "PS C:\\>\n",
		"C:\\Users\\jdoe>type jabber-bootstrap.properties\n" + lines + "\nC:\\Users\\jdoe>\n",
		"$ cat jabber-bootstrap.properties\n" + lines + "$\n",
		"jabber-bootstrap.properties:\n" + lines,
	} {
		e, err := new(export.Reader).Parse("in", []byte(text))
		if got := join(e); err != nil || e.Format != export.JabberBootstrap || got != "ServicesDomain=acme.com" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestTextsThatLookLikeABootstrapStayWhatTheyAre(t *testing.T) {
	for text, want := range map[string]export.Format{
		"Presence.Domain: example.com\n":               export.YAML,
		"Tftp: cucm1\nPresence.Domain = example.com\n": export.Properties,
		"Presence.Domain = example.com\nTFTP: x\n":     export.Properties,
		"TFTP.Primary = cucm1\n":                       export.Properties,
	} {
		e, err := new(export.Reader).Parse("x", []byte(text))
		if err != nil || e.Format != want {
			t.Errorf("%q: format %v, %v; want %s", text, e, err, want)
		}
	}
}

// TestServerHealthIsNoBootstrap proves that a line of Show Server Health with the name of an installer's argument sets nothing.
func TestServerHealthIsNoBootstrap(t *testing.T) {
	for text, settings := range map[string]int{
		"CTI: Connected\nTFTP: Connected\n":              0,
		"CTI: 10.1.1.1:2748 connection refused\n":        0,
		"TFTP: 10.1.1.1\nCTI: cm1.x.test\n":              2,
		"CTI: Connected\nCCMCIP: Not connected (503).\n": 0,
	} {
		e, err := new(export.Reader).Parse("x", []byte(text))
		n := 0
		if err == nil && e.Format == export.JabberBootstrap {
			n = len(e.Properties)
		}
		if n != settings {
			t.Errorf("%q: %d settings, want %d", text, n, settings)
		}
	}
}

func TestEveryJabberKeySaysItsSectionAndSource(t *testing.T) {
	sections := 0
	for _, k := range export.Keys() {
		id, _, _ := export.Lookup(k.Name)
		if !id.Jabber() {
			continue
		}
		if k.Source == "" || !strings.HasPrefix(k.Name, "Jabber.") {
			t.Errorf("%+v", k)
		}
		if id.Section() != "" {
			sections++
			if !strings.HasPrefix(k.Name, "Jabber."+id.Section()+".") {
				t.Errorf("%s: section %s", k.Name, id.Section())
			}
		}
	}
	if sections < 400 {
		t.Errorf("%d keys of jabber-config.xml", sections)
	}
}

// FuzzJabber feeds anything: reading ends, every range is in the file, and errors have a place.
func FuzzJabber(f *testing.F) {
	f.Add([]byte(jabberConfig))
	f.Add([]byte("ServicesDomain: example.com\nTFTP: NOT_SPECIFIED\n"))
	f.Add([]byte("<config><a><b><c/>x</b></a></config>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, force := range []export.Format{export.Auto, export.Jabber, export.JabberBootstrap} {
			e, err := (&export.Reader{Force: force}).Parse("f", data)
			if err != nil {
				var at *export.Error
				if !errors.As(err, &at) {
					t.Fatalf("%v is not an *Error", err)
				}
				continue
			}
			for i := range e.Properties {
				r := e.Range(&e.Properties[i])
				if r.Start < 0 || r.Start > r.End || r.End > len(data) || r.Line < 1 || r.Column < 1 {
					t.Fatalf("%q: range %+v in %d bytes", e.Properties[i].Name, r, len(data))
				}
			}
		}
	})
}
