package lab

import (
	"fmt"
	"strings"
)

// deployment writes the exports: what the client of each of two sites is given, and what an administrator writes down about the servers.
func (l *Lab) deployment() []File {
	if l.jabber() {
		return l.jabberFiles()
	}
	return []File{{"branch.yaml", l.branch()}, {"hq.xml", l.hq()}, {"servers.yaml", l.servers()}}
}

// pick gives the value of the repaired deployment or that of the broken one.
func pick[T any](l *Lab, fixed, broken T) T {
	if l.options.Fixed {
		return fixed
	}
	return broken
}

// hq is the answer of the client configuration web service to a client of the head office.
func (l *Lab) hq() string {
	directory, imap := pick(l, gcTLSDC, ldapDC), pick(l, imapsMail, imapMail)
	properties := [][2]string{
		{"Presence.Primary.Address", hostCUPS1.name},
		{"Presence.Primary.Port", fmt.Sprint(l.port(sipCUPS1))},
		{"Presence.Primary.Protocol", "TCP"},
		{"Presence.Domain", pick(l, "acme.test", "ACME.TEST")},
		{"CallControl.Primary.Address", hostCUCM.name},
		{"CallControl.Primary.Port", fmt.Sprint(l.port(ctiCUCM))},
		{"CallControl.Primary.Protocol", "TCP"},
		{"TFTP.Primary", pick(l, hostCUCM.name, "tftp.acme.test")},
		{"Directory.Primary.Address", hostDC.name},
		{"Directory.Primary.Port", fmt.Sprint(l.port(directory))},
		{"Directory.Primary.Protocol", pick(l, "SSL", "TCP")},
		{"Directory.DN", searchAccount},
		{"Directory.AnonymousBind", "FALSE"},
		{"Directory.SearchContext1", people},
		{"Directory.SearchRecursive1", "TRUE"},
		{"User.ID", hqUser},
		{"User.DigestCredential", "********"},
		{"VoiceMail.Primary.Address", hostMail.name},
		{"VoiceMail.Primary.Port", "443"},
		{"VoiceMail.Primary.Protocol", "HTTPS"},
		{"MailStore.ServerType", "Exchange2007"},
		{"MailStore.Primary.Address", hostMail.name},
		{"MailStore.Primary.Port", fmt.Sprint(l.port(imap))},
		{"MailStore.Primary.Protocol", pick(l, "SSL", "TCP")},
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope" xmlns:epas="urn:cisco:epas:soap">
  <soapenv:Body>
    <epas:get-all-config-resp>
      <epas:get-system-config-resp>
`)
	for _, p := range properties { // none holds a character that XML would have escaped
		fmt.Fprintf(&b, "        <epas:property name=%q>%s</epas:property>\n", p[0], p[1])
	}
	b.WriteString(`      </epas:get-system-config-resp>
    </epas:get-all-config-resp>
  </soapenv:Body>
</soapenv:Envelope>
`)
	return b.String()
}

// branch is a site whose address is right and whose users lack a digest credential.
func (l *Lab) branch() string {
	return fmt.Sprintf(`# The branch office, and how the SIP proxy authenticates its users.
Presence:
  Primary: {Address: %s, Port: %d, Protocol: TCP}
  Domain: acme.test
User:
  ID: %s
  DigestCredential: %s
SIPProxy:
  AuthenticationModule: On
  IncomingACL: [10.10.0.0/16]
`, hostCUPS2.name, l.port(sipCUPS2), MailUser, pick(l, `"********"`, `""`))
}

// servers is what no client is given.
func (l *Lab) servers() string {
	directory := pick(l, gcTLSDC, ldapDC)
	return fmt.Sprintf(`# Written down from CUCM (System > LDAP > LDAP Authentication) and from the presence gateway.
CUCM.LDAPAuthentication:
  Enabled: true
  DN: %s
  SearchBase: %s
  Server.1: {Address: %s, Port: %d, TLS: %s}
Calendar:
  Primary: %s
  Scheme: https
  Port: %d
  Protocol: WebDAV
`, pick(l, authAccount, searchAccount), people, hostDC.name, l.port(directory), pick(l, "true", "false"),
		hostMail.name, l.port(httpsMail))
}

// Accounts lists all accounts of the deployment by the names that exports give them. They share Lab.Password.
func Accounts() []string { return []string{searchAccount, authAccount, MailUser, hqUser} }
