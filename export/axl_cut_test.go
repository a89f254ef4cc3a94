package export_test

import (
	"errors"
	"testing"

	"cupclint/export"
)

// People cut an AXL answer below its response element, too.
func TestAXLAnswerFromReturnOn(t *testing.T) {
	const directory = "<name>HQ</name><ldapDn>CN=uc-sync,DC=acme,DC=com</ldapDn><servers><server><hostName>dc1.acme.com</hostName>" +
		"<ldapPortNumber>389</ldapPortNumber><sslEnabled>false</sslEnabled></server></servers>"
	const read = "CN=uc-sync,DC=acme,DC=com"
	for _, text := range []string{
		"<return><ldapDirectory>" + directory + "</ldapDirectory></return>",
		"<return>\n  <ldapDirectory uuid='{1}'>" + directory + "</ldapDirectory>\n</return>\n",
		"<ldapDirectory>" + directory + "</ldapDirectory>",
		"<?xml version='1.0'?>\n<ldapDirectory uuid='{1}'>" + directory + "</ldapDirectory>\n<ldapDirectory><name>b</name></ldapDirectory>\n",
	} {
		e, err := new(export.Reader).Parse("in", []byte(text))
		if err != nil || e.Format != export.AXL {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if v, _ := e.Value(export.CUCMLDAPDirectoryDN); v != read {
			t.Errorf("%s: %q, want %q", text, v, read)
		}
	}
	for _, text := range []string{"<return><css><name>x</name></css></return>", "<user><name>joe</name></user>", "<return/>", "<return>"} {
		var other *export.NotUnderstoodError
		if _, err := new(export.Reader).Parse("in", []byte(text)); err == nil || errors.As(err, &other) && other.Looks[:3] != "XML" {
			t.Errorf("%s: %v", text, err)
		}
	}
}
