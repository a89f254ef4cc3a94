package ldapcheck

import (
	"strconv"
	"strings"
	"time"

	"cupclint/export"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
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
	if n, err := strconv.Atoi(text(e, export.DirectoryClientCount)); err == nil && n > 0 && n < 10_000_000 {
		d.Clients = n
	}
	if n, err := strconv.Atoi(text(e, export.DirectoryRetryInterval)); err == nil && n > 0 && n < 366*24*3600 {
		d.RetryInterval = time.Duration(n) * time.Second
	}
	return d
}

// text is a copy of a value without the blanks that some exports pad values with; lint reports those.
func text(e *export.Export, k export.KeyID) string {
	v, _ := e.Value(k)
	return strings.Clone(strings.TrimSpace(v))
}

func yes(s string) bool { return strings.EqualFold(s, "TRUE") }

// clientRequests are the client's own servers: all share account, bases and attributes.
func clientRequests(e *export.Export) []Request {
	shared := Request{
		Role:       RoleClient,
		Login:      login(e, export.DirectoryDN, export.DirectoryPassword),
		Anonymous:  yes(text(e, export.DirectoryAnonymousBind)),
		Attributes: attributes(e),
	}
	for _, b := range []struct{ base, recursive export.KeyID }{
		{export.DirectorySearchContext1, export.DirectorySearchRecursive1},
		{export.DirectorySearchContext2, export.DirectorySearchRecursive2},
		{export.DirectorySearchContext3, export.DirectorySearchRecursive3},
	} {
		if dn := text(e, b.base); dn != "" {
			shared.Bases = append(shared.Bases, Base{DN: dn, Recursive: !strings.EqualFold(text(e, b.recursive), "FALSE")})
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
		r.Rank, r.Place = s.rank, place(e, p)
		r.Target = probe.Target{Host: text(e, s.address), Port: port(text(e, s.port), portLDAP)}
		r.Target.Security = security(text(e, s.protocol), r.Target.Port)
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
		if strings.EqualFold(text(e, c.enabled), "FALSE") {
			continue
		}
		shared := Request{Role: c.role, Login: login(e, c.dn, c.password)}
		if dn := text(e, c.base); dn != "" {
			shared.Bases = []Base{{DN: dn, Recursive: true}}
		}
		for p := range e.All(c.address) {
			if strings.TrimSpace(p.Value) == "" {
				continue
			}
			r := shared
			r.Rank, r.Place = "server "+strconv.Itoa(p.N), place(e, p)
			r.Target = probe.Target{Host: strings.Clone(strings.TrimSpace(p.Value)), Port: port(numbered(e, c.port, p.N), portLDAP), Security: probe.Plain}
			if yes(numbered(e, c.tls, p.N)) { // CUCM speaks LDAPS, never StartTLS
				r.Target.Security = probe.ImplTLS
			}
			out = append(out, r)
		}
	}
	return out
}

// numbered is the value of one member of an indexed key.
func numbered(e *export.Export, k export.KeyID, n int) string {
	for p := range e.All(k) {
		if p.N == n {
			return strings.TrimSpace(p.Value)
		}
	}
	return ""
}

func login(e *export.Export, dn, password export.KeyID) Login {
	l := Login{DN: text(e, dn)}
	// The password is taken as it stands: a blank at its end belongs to it.
	if v, ok := e.Value(password); ok && !Masked(v) {
		l.Password = loginbudget.NewSecret(strings.Clone(v))
	}
	return l
}

// Masked reports whether a password in an export is no password but what stands in for one: empty, stars or dots, or the word that
// redaction leaves. Trying such a value would be a wrong password.
func Masked(v string) bool {
	v = strings.TrimSpace(v)
	if strings.Trim(v, "*.xX•●-") == "" {
		return true
	}
	l := strings.ToLower(v)
	return strings.Contains(l, "redacted") || strings.Contains(l, "masked") || (strings.HasPrefix(l, "<") && strings.HasSuffix(l, ">")) || l == "not_specified"
}

func attributes(e *export.Export) []string {
	var out []string
	for k := export.DirectoryAttributeUserID; k <= export.DirectoryAttributePhoto; k++ {
		if v := text(e, k); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func place(e *export.Export, p *export.Property) Place {
	at := lint.NewInput(e).Place(p)
	return Place{
		File: at.File, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn, Key: at.Key,
		Source: at.Source, SourceColumn: at.SourceColumn,
	}
}

// port reads a port; a value that is none becomes 0, which the probe reports as what it is.
func port(s string, missing int) int {
	if s == "" {
		return missing
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

// security reads a protocol as the client would: SSL is TLS from the first byte; TLS is that on the TLS ports and
// StartTLS on the plain ones (an assumption: no vendor document says what the client does with TLS on 389).
func security(protocol string, port int) probe.Security {
	tlsPort := port == portLDAPS || port == portGCTLS
	switch {
	case strings.EqualFold(protocol, "SSL"):
		return probe.ImplTLS
	case strings.EqualFold(protocol, "TLS") && !tlsPort:
		return probe.StartTLS
	case strings.EqualFold(protocol, "TLS"):
		return probe.ImplTLS
	case protocol == "" && tlsPort:
		return probe.ImplTLS
	default:
		return probe.Plain
	}
}
