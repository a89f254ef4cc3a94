package lab

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// The directory: a forest with two domains. dc1 holds the first; its Global Catalog holds both.
const (
	root          = "DC=acme,DC=test"
	emea          = "DC=emea,DC=acme,DC=test"
	people        = root
	searchAccount = "CN=svc-cupc-search,OU=Service Accounts,DC=acme,DC=test"
	authAccount   = "CN=svc-cucm,OU=Service Accounts,DC=acme,DC=test"
)

// An entry is one object: names of attributes are in lower case.
type entry struct {
	dn    string
	attrs map[string][]string
}

// A port is one listening port of the directory and what it holds.
type port struct {
	entries  []entry
	root     entry
	password string
	refer    bool // answers about the other domain with a referral
}

func fileTime(t time.Time) string {
	const epoch = 116444736000000000 // 1970 in steps of 100 ns since 1601 (MS-DTYP, section 2.3.3)
	return fmt.Sprint(t.UnixNano()/100 + epoch)
}

func account(dn, name, bad string) entry {
	return entry{dn, map[string][]string{
		"objectclass": {"top", "person", "user"}, "objectcategory": {"CN=Person,CN=Schema,CN=Configuration," + root, "person"}, "distinguishedname": {dn},
		"samaccountname": {name}, "userprincipalname": {name + "@acme.test"}, "badpwdcount": {bad}, "badpasswordtime": {fileTime(time.Now().Add(-time.Minute))},
		"lockouttime": {"0"}, "pwdlastset": {fileTime(time.Now().Add(-24 * time.Hour))}, "accountexpires": {"9223372036854775807"},
		"useraccountcontrol": {"66048"}, "msds-user-account-control-computed": {"0"}, "msds-userpasswordexpirytimecomputed": {"9223372036854775807"},
	}}
}

func forest(o Options) []entry {
	bad := "0"
	if !o.Fixed {
		bad = "4" // nearLockOut, with the threshold of five below
	}
	return []entry{
		{root, map[string][]string{"objectclass": {"top", "domain", "domainDNS"}, "lockoutthreshold": {"5"},
			"lockoutduration": {"-18000000000"}, "lockoutobservationwindow": {"-18000000000"}, "maxpwdage": {"-9223372036854775808"}}},
		{emea, map[string][]string{"objectclass": {"top", "domain", "domainDNS"}}},
		{"OU=Service Accounts," + root, map[string][]string{"objectclass": {"top", "organizationalUnit"}}},
		account(searchAccount, "svc-cupc-search", bad),
		account(authAccount, "svc-cucm", "0"),
		account("CN=Alice,CN=Users,"+root, "alice", "0"),
		account("CN=Bob,CN=Users,"+emea, "bob", "0"),
	}
}

func rootDSE() entry {
	return entry{"", map[string][]string{
		"objectclass": {"top"}, "namingcontexts": {root, emea}, "defaultnamingcontext": {root}, "rootdomainnamingcontext": {root},
		"dnshostname": {"dc1.acme.test"}, "supportedcapabilities": {"1.2.840.113556.1.4.800"}, "isglobalcatalogready": {"TRUE"},
		"currenttime": {time.Now().UTC().Format("20060102150405.0Z")}, "supportedldapversion": {"3"},
	}}
}

func (l *Lab) startDirectory(ctx context.Context, o Options, secured *tls.Config) error {
	l.Account, l.Password = searchAccount, rand.Text()
	all := forest(o)
	domain := port{entries: all, root: rootDSE(), password: l.Password, refer: true}
	catalog := domain
	catalog.refer = false
	plain, at, err := listen(ctx)
	if err != nil {
		return fmt.Errorf("listen for LDAP: %w", err)
	}
	l.Domain = at
	l.serve(plain, domain.serve)
	global, at, err := listen(ctx)
	if err != nil {
		return fmt.Errorf("listen for the Global Catalog: %w", err)
	}
	l.Catalog = at
	l.serve(global, catalog.serve)
	tlsPort, at, err := listen(ctx)
	if err != nil {
		return fmt.Errorf("listen for the Global Catalog with TLS: %w", err)
	}
	l.CatalogTLS = at
	l.serve(tls.NewListener(tlsPort, secured), catalog.serve)
	return nil
}

// find returns what a search finds, and whether the base exists.
func (p *port) find(base string, scope int, filter *ber.Packet) (found []entry, exists bool) {
	if base == "" && scope == ldap.ScopeBaseObject {
		return []entry{p.root}, true
	}
	for _, e := range p.entries {
		same, below := strings.EqualFold(e.dn, base), base == "" || strings.HasSuffix(strings.ToLower(e.dn), ","+strings.ToLower(base))
		exists = exists || same || base == ""
		in := same && scope != ldap.ScopeSingleLevel || below && scope == ldap.ScopeWholeSubtree
		if _, parent, _ := strings.Cut(e.dn, ","); scope == ldap.ScopeSingleLevel {
			in = strings.EqualFold(parent, base)
		}
		if in && e.matches(filter) {
			found = append(found, e)
		}
	}
	return found, exists
}

// matches evaluates the filters that clients send: and, or, not, equal, present (RFC 4511, section 4.5.1.7). Any other
// matches nothing.
func (e *entry) matches(f *ber.Packet) bool {
	switch int(f.Tag) {
	case ldap.FilterAnd:
		for _, c := range f.Children {
			if !e.matches(c) {
				return false
			}
		}
		return true
	case ldap.FilterOr:
		for _, c := range f.Children {
			if e.matches(c) {
				return true
			}
		}
		return false
	case ldap.FilterNot:
		return len(f.Children) == 1 && !e.matches(f.Children[0])
	case ldap.FilterPresent:
		return len(e.attrs[strings.ToLower(f.Data.String())]) > 0
	case ldap.FilterEqualityMatch:
		return len(f.Children) == 2 && e.has(text(f.Children[0]), text(f.Children[1]))
	}
	return false
}

func (e *entry) has(attr, value string) bool {
	for _, v := range e.attrs[strings.ToLower(attr)] {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}
