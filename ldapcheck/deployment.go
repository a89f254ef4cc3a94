package ldapcheck

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cupclint/export"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Deployment is what one export says about directories.
type Deployment struct {
	Requests []Request
	// Clients and RetryInterval come from Directory.ClientCount and Directory.RetryInterval; zero when missing.
	Clients       int
	RetryInterval time.Duration
}

// FromExport finds the directory servers of an export: the client's search with its backups, CUCM's authentication and
// CUCM's synchronisation. Everything is copied; the export may be dropped.
func FromExport(e *export.Export) Deployment {
	d := Deployment{Requests: slices.Concat(clientRequests(e), jabberRequests(e), serviceRequests(e), cucmRequests(e))}
	if n, err := strconv.Atoi(live.Text(e, export.DirectoryClientCount)); err == nil && n > 0 && n < 10_000_000 {
		d.Clients = n
	}
	if n, err := strconv.Atoi(live.Text(e, export.DirectoryRetryInterval)); err == nil && n > 0 && n < 366*24*3600 {
		d.RetryInterval = time.Duration(n) * time.Second
	}
	return d
}

func yes(s string) bool { return strings.EqualFold(s, "TRUE") }

// clientRequests are the client's own servers: all share account, bases and attributes.
func clientRequests(e *export.Export) []Request {
	shared := Request{
		Role:       RoleClient,
		Login:      login(e, export.DirectoryDN, export.DirectoryPassword),
		Anonymous:  yes(live.Text(e, export.DirectoryAnonymousBind)),
		Attributes: attributes(e, false),
	}
	for _, b := range []struct{ base, recursive export.KeyID }{
		{export.DirectorySearchContext1, export.DirectorySearchRecursive1},
		{export.DirectorySearchContext2, export.DirectorySearchRecursive2},
		{export.DirectorySearchContext3, export.DirectorySearchRecursive3},
	} {
		if dn := live.Text(e, b.base); dn != "" {
			shared.Bases = append(shared.Bases, Base{DN: dn, Recursive: !strings.EqualFold(live.Text(e, b.recursive), "FALSE")})
		}
	}
	var out []Request
	for _, s := range []struct {
		rank                    string
		address, port, protocol export.KeyID
	}{
		{"primary", export.DirectoryPrimaryAddress, export.DirectoryPrimaryPort, export.DirectoryPrimaryProtocol},
		{"backup 1", export.DirectoryBackup1Address, export.DirectoryBackup1Port, export.DirectoryBackup1Protocol},
		{"backup 2", export.DirectoryBackup2Address, export.DirectoryBackup2Port, export.DirectoryBackup2Protocol},
	} {
		p := e.Get(s.address)
		if p == nil || strings.TrimSpace(p.Value) == "" {
			continue
		}
		r := shared
		r.Rank, r.Place = s.rank, live.PlaceOf(e, p)
		r.Target = probe.Target{Host: live.Text(e, s.address), Port: live.Port(live.Text(e, s.port), portLDAP)}
		r.Target.Security = live.Security(live.Text(e, s.protocol), r.Target.Port == portLDAPS || r.Target.Port == portGCTLS)
		out = append(out, r)
	}
	return out
}

// jabberRequests are the servers that jabber-config.xml names, under the current names or those that clients before 11.8 read. With UDS the
// client asks the call manager instead.
func jabberRequests(e *export.Export) []Request {
	if strings.EqualFold(live.Text(e, export.JabberDirectoryDirectoryServerType), "UDS") {
		return nil
	}
	either := func(k, old export.KeyID) export.KeyID {
		if live.Text(e, k) == "" {
			return old
		}
		return k
	}
	on := func(v string) bool { return yes(v) || v == "1" }
	shared := Request{
		Role: RoleClient,
		Login: login(e, either(export.JabberDirectoryConnectionUsername, export.JabberDirectoryBDIConnectionUsername),
			either(export.JabberDirectoryConnectionPassword, export.JabberDirectoryBDIConnectionPassword)),
		Anonymous:  on(live.Text(e, export.JabberDirectoryLdapAnonymousBinding)),
		Attributes: attributes(e, true),
	}
	for _, k := range [...]export.KeyID{
		export.JabberDirectorySearchBase1, export.JabberDirectorySearchBase2, export.JabberDirectorySearchBase3,
		export.JabberDirectorySearchBase4,
		export.JabberDirectorySearchBase5, export.JabberDirectoryBDISearchBase1,
	} {
		if dn := live.Text(e, k); dn != "" {
			shared.Bases = append(shared.Bases, Base{DN: dn, Recursive: true})
		}
	}
	if shared.Login.DN == "" && !shared.Anonymous {
		// The client logs in as its user: with the log-in of Windows, or with that of another service (LDAP_UseCredentialsFrom).
		shared.Bases = nil
	}
	tls := live.Text(e, either(export.JabberDirectoryUseSSL, export.JabberDirectoryBDIEnableTLS))
	var out []Request
	for _, s := range []struct {
		rank          string
		address, port export.KeyID
	}{
		{"primary", either(export.JabberDirectoryPrimaryServerName, export.JabberDirectoryBDIPrimaryServerName),
			either(export.JabberDirectoryServerPort1, export.JabberDirectoryBDIServerPort1)},
		{"backup 1", export.JabberDirectorySecondaryServerName, export.JabberDirectoryServerPort2},
	} {
		p := e.Get(s.address)
		if p == nil || strings.TrimSpace(p.Value) == "" || strings.Contains(p.Value, "://") {
			continue
		}
		r := shared
		r.Rank, r.Place = s.rank, live.PlaceOf(e, p)
		r.Target = probe.Target{Host: live.Text(e, s.address), Port: live.Port(live.Text(e, s.port), portLDAP), Security: probe.Plain}
		// UseSSL wins over the port (Parameters Reference for Cisco Jabber 12.8); where it is missing the port decides.
		if on(tls) || tls == "" && (r.Target.Port == portLDAPS || r.Target.Port == portGCTLS) {
			r.Target.Security = probe.ImplTLS
		}
		out = append(out, r)
	}
	return out
}

// serviceRequests are the directory servers that call managers list for service profiles. Account and bases are in the profiles.
func serviceRequests(e *export.Export) []Request {
	var out []Request
	for s := range live.UCServices(e, "Directory") {
		t := probe.Target{Host: s.Host, Port: s.Port, Security: probe.Plain}
		switch t.Port {
		case 0:
			t.Port = portLDAP
		case portLDAPS, portGCTLS:
			t.Security = probe.ImplTLS
		}
		out = append(out, Request{Role: RoleClient, Rank: "UC service", Target: t, Place: s.Place, Anonymous: true})
	}
	return out
}

// cucmRequests are CUCM's two uses of a directory, each with up to three servers.
func cucmRequests(e *export.Export) []Request {
	var out []Request
	for _, c := range []struct {
		role                                            Role
		enabled, dn, password, base, address, port, tls export.KeyID
	}{
		{RoleAuth, export.CUCMLDAPAuthenticationEnabled, export.CUCMLDAPAuthenticationDN, export.CUCMLDAPAuthenticationPassword,
			export.CUCMLDAPAuthenticationSearchBase,
			export.CUCMLDAPAuthenticationServerAddress, export.CUCMLDAPAuthenticationServerPort, export.CUCMLDAPAuthenticationServerTLS},
		{RoleSync, export.CUCMLDAPDirectoryEnabled, export.CUCMLDAPDirectoryDN, export.CUCMLDAPDirectoryPassword,
			export.CUCMLDAPDirectorySearchBase,
			export.CUCMLDAPDirectoryServerAddress, export.CUCMLDAPDirectoryServerPort, export.CUCMLDAPDirectoryServerTLS},
	} {
		if strings.EqualFold(live.Text(e, c.enabled), "FALSE") {
			continue
		}
		shared := Request{Role: c.role, Login: login(e, c.dn, c.password)}
		if dn := live.Text(e, c.base); dn != "" {
			shared.Bases = []Base{{DN: dn, Recursive: true}}
		}
		for p := range e.All(c.address) {
			if strings.TrimSpace(p.Value) == "" {
				continue
			}
			r := shared
			r.Rank, r.Place = "server "+strconv.Itoa(p.N), live.PlaceOf(e, p)
			r.Target = probe.Target{Host: strings.Clone(strings.TrimSpace(p.Value)), Port: live.Port(live.Numbered(e, c.port, p.N), portLDAP),
				Security: probe.Plain}
			if yes(live.Numbered(e, c.tls, p.N)) { // CUCM speaks LDAPS, never StartTLS
				r.Target.Security = probe.ImplTLS
			}
			out = append(out, r)
		}
	}
	return out
}

func login(e *export.Export, dn, password export.KeyID) Login {
	l := Login{DN: live.Text(e, dn)}
	// The password is used exactly as written: a blank at its end belongs to it.
	if v, ok := e.Value(password); ok && !live.Masked(v) {
		l.Password = loginbudget.NewSecret(strings.Clone(v))
	}
	return l
}

// attributes are those that the client maps: by the keys of the web service, or by those of Jabber.
func attributes(e *export.Export, jabber bool) []string {
	var out []string
	for i := range e.Properties {
		p := &e.Properties[i]
		if v := strings.TrimSpace(p.Value); v != "" && p.Key.Type() == export.Attribute && p.Key.Jabber() == jabber {
			out = append(out, strings.Clone(v))
		}
	}
	return out
}
