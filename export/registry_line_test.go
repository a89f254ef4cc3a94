package export_test

import (
	"testing"

	"cupclint/export"
)

// What "reg query" of a German Windows writes into a file is in the code page of the console. A file of regedit may be in that of Windows.
func TestRegistryInACodePage(t *testing.T) {
	const key = `HKEY_CURRENT_USER\Software\Cisco Systems, Inc.\Client Services Framework\AdminData\EDI`
	for name, text := range map[string]string{
		"reg query": "\r\n" + key + "\r\n    UseSSL    REG_DWORD    0x1\r\n\r\nSuche abgeschlossen: 1 \x9abereinstimmung(en) gefunden.\r\n",
		"regedit":   "Windows Registry Editor Version 5.00\r\n\r\n; B\xfcro\r\n[" + key + "]\r\n\"UseSSL\"=dword:00000001\r\n",
	} {
		e, err := new(export.Reader).Parse("edi.txt", []byte(text))
		if err != nil || e.Format != export.Registry || len(e.Properties) != 1 || e.Properties[0].Value != "1" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A secret whose bytes are cut off is one.
func TestCutBytesOfASecret(t *testing.T) {
	const text = "REGEDIT4\n\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services Framework\\AdminData\\EDI]\n" +
		"\"ConnectionPassword\"=hex(2):53,33,63,\\\n"
	got, err := export.Redact("edi.reg", []byte(text), export.Auto)
	if err != nil || len(got.Lines) != 1 {
		t.Fatalf("%v, %+v", err, got)
	}
}
