package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
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

// lockoutThreshold is the domain's in the broken deployment: so many wrong passwords lock an account. In the repaired one none do.
const lockoutThreshold = 5

// An entry is one object: names of attributes are in lower case.
type entry struct {
	dn    string
	attrs map[string][]string
	// stale says that some client keeps trying an old password: the last failure is always a minute ago.
	stale bool
	// lockedUntil is when a lock ends.
	lockedUntil time.Time
}

// lockDuration is how long a lock lasts, and how long a failure counts: lockoutDuration and lockOutObservationWindow below.
const lockDuration = 30 * time.Minute

// shown is a copy of the entry as a search sees it now.
func (e *entry) shown() entry {
	attrs := maps.Clone(e.attrs)
	if e.stale {
		attrs["badpasswordtime"] = []string{fileTime(time.Now().Add(-time.Minute))}
	}
	if e.locked() { // UF_LOCKOUT (MS-ADTS, section 3.1.1.4.5.17)
		attrs["msds-user-account-control-computed"] = []string{"16"}
	}
	return entry{dn: e.dn, attrs: attrs}
}

func (e *entry) locked() bool { return time.Now().Before(e.lockedUntil) }

// A directory is what all ports of the domain controller hold.
type directory struct {
	mu       sync.Mutex // held while entries are read or changed
	entries  []entry
	password string // of all accounts
	locks    bool
}

// A port is one listening port of the directory.
type port struct {
	*directory
	root  entry
	refer bool // answers about the other domain with a referral
}

func fileTime(t time.Time) string {
	const epoch = 116444736000000000 // 1970 in steps of 100 ns since 1601 (MS-DTYP, section 2.3.3)
	return fmt.Sprint(t.UnixNano()/100 + epoch)
}

func account(dn, name, bad string) entry {
	return entry{dn: dn, stale: bad != "0", attrs: map[string][]string{
		"objectclass": {"top", "person", "user"}, "objectcategory": {"CN=Person,CN=Schema,CN=Configuration," + root, "person"},
		"distinguishedname": {dn},
		"samaccountname":    {name}, "userprincipalname": {name + "@acme.test"}, "badpwdcount": {bad},
		"badpasswordtime": {fileTime(time.Now().Add(-time.Minute))},
		"lockouttime":     {"0"}, "pwdlastset": {fileTime(time.Now().Add(-24 * time.Hour))}, "accountexpires": {"9223372036854775807"},
		"useraccountcontrol": {"66048"}, "msds-user-account-control-computed": {"0"},
		"msds-userpasswordexpirytimecomputed": {"9223372036854775807"},
	}}
}

// locks reports whether the directory locks accounts: the Jabber deployment's never does.
func (o Options) locks() bool { return !o.Fixed && o.Demo != Jabber }

func forest(o Options) []entry {
	bad, threshold := "0", 0
	if o.locks() {
		bad, threshold = strconv.Itoa(lockoutThreshold-1), lockoutThreshold
	}
	return []entry{
		{dn: root, attrs: map[string][]string{"objectclass": {"top", "domain", "domainDNS"}, "lockoutthreshold": {strconv.Itoa(threshold)},
			"lockoutduration": {"-18000000000"}, "lockoutobservationwindow": {"-18000000000"}, "maxpwdage": {"-9223372036854775808"}}},
		{dn: emea, attrs: map[string][]string{"objectclass": {"top", "domain", "domainDNS"}}},
		{dn: "OU=Service Accounts," + root, attrs: map[string][]string{"objectclass": {"top", "organizationalUnit"}}},
		account(searchAccount, "svc-cupc-search", bad),
		account(authAccount, "svc-cucm", "0"),
		account("CN=Alice,CN=Users,"+root, "alice", "0"),
		account("CN=Bob,CN=Users,"+emea, "bob", "0"),
	}
}

func rootDSE() entry {
	return entry{attrs: map[string][]string{
		"objectclass": {"top"}, "namingcontexts": {root, emea}, "defaultnamingcontext": {root}, "rootdomainnamingcontext": {root},
		"dnshostname": {"dc1.acme.test"}, "supportedcapabilities": {"1.2.840.113556.1.4.800"}, "isglobalcatalogready": {"TRUE"},
		"currenttime": {time.Now().UTC().Format("20060102150405.0Z")}, "supportedldapversion": {"3"},
	}}
}

// The services of the domain controller.
var (
	ldapDC  = service{hostDC, 389}
	ldapsDC = service{hostDC, 636}
	gcDC    = service{hostDC, 3268}
	gcTLSDC = service{hostDC, 3269}
)

func (l *Lab) startDirectory(ctx context.Context, ca *authority) error {
	secured, err := ca.server(hostDC.name)
	if err != nil {
		return err
	}
	d := &directory{entries: forest(l.options), password: l.Password, locks: l.options.locks()}
	for _, p := range []struct {
		what    string
		service service
		secured *tls.Config
		refer   bool
	}{
		{"LDAP", ldapDC, nil, true}, {"LDAP over TLS", ldapsDC, secured, true},
		{"Global Catalog", gcDC, nil, false}, {"Global Catalog over TLS", gcTLSDC, secured, false},
	} {
		served := &port{directory: d, root: rootDSE(), refer: p.refer}
		if err := l.begin(ctx, p.what, p.service, p.secured, served.serve); err != nil {
			return err
		}
	}
	return nil
}

// find returns what a search finds, and whether the base exists.
func (p *port) find(base string, scope int, filter *ber.Packet) (found []entry, exists bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
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
			found = append(found, e.shown()) // it may change meanwhile
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
