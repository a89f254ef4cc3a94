package export_test

import (
	"bytes"
	"strings"
	"testing"

	"cupclint/export"
)

// Consoles and exports of device management systems have the settings of Jabber as tables.
func TestTablesOfSettings(t *testing.T) {
	const want = "ServicesDomain=acme.com VoiceServicesDomain=voice.acme.com"
	for what, text := range map[string]string{
		"keys and values":  "key,value\nServicesDomain,acme.com\nVoiceServicesDomain,voice.acme.com\n",
		"without a header": "ServicesDomain,acme.com\r\nVoiceServicesDomain,voice.acme.com\r\n",
		"in quotes":        "\"Key\",\"Value\"\n\"ServicesDomain\",\"acme.com\"\n\"VoiceServicesDomain\",\"voice.acme.com\"\n",
		"with types": "Configuration key;Value type;Configuration " +
			"value\nServicesDomain;String;acme.com\nVoiceServicesDomain;String;voice.acme.com\n",
		"types and no header": "ServicesDomain\tString\tacme.com\nVoiceServicesDomain\tString\tvoice.acme.com\n",
		"types at the end":    "ServicesDomain,acme.com,String\nVoiceServicesDomain,voice.acme.com,String\n",
		"more " + "" +
			"columns": "App,Key,Type,Value,Group\nJabber,ServicesDomain,String,acme.com,All\nJabber,VoiceServicesDomain,String,voice.acme.com,All\n",
		"the value first":  "Value,Key\nacme.com,ServicesDomain\nvoice.acme.com,VoiceServicesDomain\n",
		"of Markdown":      "| Key | Value |\n|---|---|\n| ServicesDomain | acme.com |\n| VoiceServicesDomain | voice.acme.com |\n",
		"code in Markdown": "| Key | Value |\n|:--|--:|\n| `ServicesDomain` | `acme.com` |\n| `VoiceServicesDomain` | `voice.acme.com` |\n",
		"of Jira":          "||Key||Value||\n|ServicesDomain|acme.com|\n|VoiceServicesDomain|voice.acme.com|\n",
		"plutil -p":        "{\n  \"ServicesDomain\" => \"acme.com\"\n  \"VoiceServicesDomain\" => \"voice.acme.com\"\n}\n",
		"defaults read":    "{\n    ServicesDomain = \"acme.com\";\n    VoiceServicesDomain = \"voice.acme.com\";\n}\n",
		"aligned": "Key                  Type    Value\nServicesDomain       String  acme.com\nVoiceServicesDomain " +
			" String  voice.acme.com\n",
		"a blank after the comma": "key, value\nServicesDomain, acme.com\nVoiceServicesDomain, voice.acme.com\n",
		"in a ticket": "Hello,\nthis is what Intune has for the " +
			"phones:\n\nKey\tValue\nServicesDomain\tacme.com\nVoiceServicesDomain\tvoice.acme.com\n\nRegards\n",
		"across":                 "ServicesDomain,VoiceServicesDomain\nacme.com,voice.acme.com\n",
		"settings of other apps": "key,value\nServicesDomain,acme.com\ncolour,blue\nVoiceServicesDomain,voice.acme.com\n",
	} {
		e, err := new(export.Reader).Parse("in", []byte(text))
		if got := join(e); err != nil || got != want || e.Format != export.JabberEMM {
			t.Errorf("%s: %q, %v; want %q", what, got, err, want)
			continue
		}
		for i := range e.Properties {
			p := &e.Properties[i]
			if r := e.Range(p); text[r.Start:r.End] != p.Value {
				t.Errorf("%s: %s is %q, and the range has %q", what, p.Name, p.Value, text[r.Start:r.End])
			}
		}
	}
}

func TestCellsOfATableOfSettings(t *testing.T) {
	for text, want := range map[string]string{
		"key,value\nServiceDiscoveryExcludedServices,\"WEBEX,CUCM\"\n":    "ServiceDiscoveryExcludedServices=WEBEX,CUCM",
		"key,value\nServiceDiscoveryExcludedServices,WEBEX,CUCM\n":        "ServiceDiscoveryExcludedServices=WEBEX,CUCM",
		"ServiceDiscoveryExcludedServices,WEBEX,CUCM\nServicesDomain,a\n": "ServiceDiscoveryExcludedServices=WEBEX,CUCM ServicesDomain=a",
		"key,value\nServicesDomain,\"a\"\"b\"\n":                          `ServicesDomain=a"b`,
		"key,value\nServicesDomain, acme.com\nVoiceServicesDomain,x.y\n":  "ServicesDomain= acme.com VoiceServicesDomain=x.y",
		"key,value\nServicesDomain,acme.com \nVoiceServicesDomain,\n":     "ServicesDomain=acme.com  VoiceServicesDomain=",
		"key,value\nServicesDomain,\"acme.com\nVoiceServicesDomain,x.y\n": "ServicesDomain=\"acme.com VoiceServicesDomain=x.y",
		"key,value\nVoiceServiceDomain,x.y\nServicesDomain,z.y\n":         "VoiceServiceDomain=x.y ServicesDomain=z.y", // a slip stays
		"key,value\nServicesDomain,z.y\nPassword,hunter2\n":               "ServicesDomain=z.y (Password=hunter2)",
	} {
		e, err := new(export.Reader).Parse("in", []byte(text))
		if got := strings.TrimRight(join(e), "\r"); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// What is not such a table is not understood, as before.
func TestOtherTablesAreNotSettings(t *testing.T) {
	for what, text := range map[string]string{
		"of other keys":      "key,value\ncolour,blue\nsize,3\n",
		"names of protocols": "tftp,69\ncti,2748\nccmcip,443\n",
		"one line of prose":  "ServicesDomain, as it is called\n",
		"a list of users":    "name,mail\nanna,anna@acme.com\n",
	} {
		if e, err := new(export.Reader).Parse("in", []byte(text)); err == nil {
			t.Errorf("%s: %q", what, join(e))
		}
	}
	// A text that is read stays what it is.
	if e, err := new(export.Reader).Parse("in",
		[]byte("Presence.Domain = acme.com\nServicesDomain,a\nVoiceServicesDomain,b\n")); err != nil ||
		join(e) != "Presence.Domain=acme.com" {
		t.Errorf("%q, %v", join(e), err)
	}
}

func TestRedactOfATableOfSettings(t *testing.T) {
	in := "Key;Type;Value\nServicesDomain;String;acme.com\nPassword;String;hunter2\n"
	got, err := export.Redact("in", []byte(in), export.Auto)
	if err != nil || string(got.Data) != strings.Replace(in, "hunter2", "REDACTED", 1) || got.Lines[0] != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	again, err := export.Redact("in", got.Data, export.Auto)
	if err != nil || len(again.Lines) > 0 || !bytes.Equal(again.Data, got.Data) {
		t.Errorf("again: %+v, %v", again, err)
	}
}
