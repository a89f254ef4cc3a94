package ldapcheck

import (
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
	d := Deployment{Requests: append(clientRequests(e), cucmRequests(e)...)}
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
		Attributes: attributes(e),
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

// cucmRequests are CUCM's two uses of a directory, each with up to three servers.
func cucmRequests(e *export.Export) []Request {
	var out []Request
	for _, c := range []struct {
		role                                            Role
		enabled, dn, password, base, address, port, tls export.KeyID
	}{
		{RoleAuth, export.CUCMLDAPAuthenticationEnabled, export.CUCMLDAPAuthenticationDN, export.CUCMLDAPAuthenticationPassword, export.CUCMLDAPAuthenticationSearchBase,
			export.CUCMLDAPAuthenticationServerAddress, export.CUCMLDAPAuthenticationServerPort, export.CUCMLDAPAuthenticationServerTLS},
		{RoleSync, export.CUCMLDAPDirectoryEnabled, export.CUCMLDAPDirectoryDN, export.CUCMLDAPDirectoryPassword, export.CUCMLDAPDirectorySearchBase,
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
			r.Target = probe.Target{Host: strings.Clone(strings.TrimSpace(p.Value)), Port: live.Port(live.Numbered(e, c.port, p.N), portLDAP), Security: probe.Plain}
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
	// The password is taken as it stands: a blank at its end belongs to it.
	if v, ok := e.Value(password); ok && !live.Masked(v) {
		l.Password = loginbudget.NewSecret(strings.Clone(v))
	}
	return l
}

func attributes(e *export.Export) []string {
	var out []string
	for k := export.DirectoryAttributeUserID; k <= export.DirectoryAttributePhoto; k++ {
		if v := live.Text(e, k); v != "" {
			out = append(out, v)
		}
	}
	return out
}
