package diagnose_test

import "testing"

// TestLeadingCause proves which of two near causes comes first. A refused connection says that a host has the address, so the address
// is not wrong. A refused bind is a matter of name and password first, unless the password was changed or the directory says that the
// account is locked. A server that was renamed makes new certificates.
func TestLeadingCause(t *testing.T) {
	k := load(t)
	for _, c := range []struct {
		paste, want string
		symptoms    []string
		answers     map[string]string
	}{
		{paste: "port 5060 refused", want: "presence-unreachable"},
		{paste: "port 5060 refused", symptoms: []string{"presence"}, want: "presence-unreachable"},
		{paste: "telnet cup1 5060: connection refused", want: "presence-unreachable"},
		{paste: "SIP proxy: connect to cup1.acme.net port 5061 failed: Connection refused", want: "presence-unreachable"},
		{paste: "Presence: cannot connect", symptoms: []string{"presence"}, want: "presence-address"},
		{paste: "XMPP: connection to imp1.acme.net:5222 refused", want: "presence-services-down"},
		{paste: "Connection refused: imp1.acme.net port 5222", symptoms: []string{"log-in"}, want: "presence-services-down"},
		{paste: "CTI: 10.1.1.1:2748 connection refused", want: "cti-down"},
		{paste: "LDAP: Invalid credentials (49)", want: "directory-bind"},
		{paste: "LDAP: AcceptSecurityContext error, data 52e, v2580", want: "directory-bind"},
		{paste: "LDAP: AcceptSecurityContext error, data 775, v2580", want: "account-locked"},
		{paste: "LDAP: Invalid credentials (49)", answers: map[string]string{"since": "password"}, want: "account-locked"},
		{paste: "the certificate of imp1.acme.net is not trusted since we renamed the server", want: "certificates-renewed"},
		{paste: "After the rename Jabber shows: certificate not valid", want: "certificates-renewed"},
		{paste: "Certificate not valid", symptoms: []string{"log-in"}, want: "certificate-untrusted"},
		{paste: "request #0: CERTIFICATE_VALIDATION_ERROR", symptoms: []string{"log-in"}, want: "certificate-untrusted"},
	} {
		got := k.Rank((&testCase{Symptoms: c.symptoms, Health: c.paste, Answers: c.answers}).input(t, k))
		if len(got) == 0 || got[0].ID != c.want {
			t.Errorf("%q %v %v: %v first, want %s", c.paste, c.symptoms, c.answers, got, c.want)
		}
	}
	if got := k.Rank((&testCase{Health: "extension 5060 refused the call"}).input(t, k)); len(got) > 0 {
		t.Errorf("a number of a phone is treated as a port: %v", got)
	}
}
