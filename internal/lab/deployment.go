package lab

import "fmt"

// deployment writes the exports: what a client is given, and what an administrator writes down about CUCM.
func (l *Lab) deployment(o Options) []File {
	domain, port, protocol, cucm, ssl := "ACME.TEST", l.Domain.Port(), "TCP", l.Account, "FALSE"
	if o.Fixed {
		domain, port, protocol, cucm, ssl = "acme.test", l.CatalogTLS.Port(), "SSL", authAccount, "TRUE"
	}
	client := fmt.Sprintf(`# What a client of Acme is given.
Presence.Primary.Address = cups1.acme.test
Presence.Domain = %s
Directory.Primary.Address = %s
Directory.Primary.Port = %d
Directory.Primary.Protocol = %s
Directory.DN = %s
Directory.AnonymousBind = FALSE
Directory.SearchContext1 = %s
Directory.SearchRecursive1 = TRUE
`, domain, l.Domain.Addr(), port, protocol, l.Account, people)
	directory := fmt.Sprintf(`# Written down from CUCM: System > LDAP > LDAP Authentication.
CUCM.LDAPAuthentication.Enabled = TRUE
CUCM.LDAPAuthentication.DN = %s
CUCM.LDAPAuthentication.SearchBase = %s
CUCM.LDAPAuthentication.Server.1.Address = %s
CUCM.LDAPAuthentication.Server.1.Port = %d
CUCM.LDAPAuthentication.Server.1.TLS = %s
`, cucm, people, l.Domain.Addr(), port, ssl)
	return []File{{"client.properties", client}, {"cucm.properties", directory}}
}
