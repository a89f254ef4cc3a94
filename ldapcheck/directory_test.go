package ldapcheck

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// A directory is a small LDAP server that shows what a test wants it to show: entries by DN, found below a base by the words of match.
type directory struct {
	entries []dirEntry
	// passwords by bind name; a name without one is refused, as a wrong password is.
	passwords map[string]string
	// results by bind name are given instead, whatever the password; 0 closes the connection.
	results map[string]int64
	// onBind, if set, is called before a good bind is answered.
	onBind func(name string)

	mu    sync.Mutex
	binds []string // bind names, in their order
}

type dirEntry struct {
	dn    string
	match []string
	attrs map[string]string // several values are separated by blanks
}

const (
	corp  = "DC=corp,DC=example"
	svcDN = "CN=Cisco Search,OU=Svc," + corp
	svcID = "svc-cisco@corp.example"
	audID = "auditor@corp.example"
)

func filetime(t time.Time) string { return fmt.Sprint(t.Unix()*1e7 + 116444736000000000) }

// adDouble is a domain controller. What change gives replaces attributes of the account, of the domain, or with an empty value removes
// them.
func adDouble(account, domain map[string]string, more ...dirEntry) *directory {
	set := func(to, change map[string]string) map[string]string {
		for k, v := range change {
			if to[k] = v; v == "" {
				delete(to, k)
			}
		}
		return to
	}
	now := time.Now()
	d := &directory{passwords: map[string]string{svcDN: "right", svcID: "right", audID: "aud"}}
	d.entries = append([]dirEntry{
		{dn: "", attrs: map[string]string{"namingContexts": corp, "defaultNamingContext": corp, "rootDomainNamingContext": corp,
			"schemaNamingContext": "CN=Schema,CN=Configuration," + corp,
			"dnsHostName":         "dc1.corp.example", "currentTime": now.UTC().Format("20060102150405.0Z"),
			"supportedCapabilities": "1.2.840.113556.1.4.800"}},
		{dn: svcDN, match: []string{"svc-cisco", "Cisco Search"}, attrs: set(map[string]string{
			"sAMAccountName": "svc-cisco", "userPrincipalName": svcID, "badPwdCount": "0", "badPasswordTime": "0", "lockoutTime": "0",
			"pwdLastSet": filetime(now.Add(-5 * 24 * time.Hour)), "accountExpires": "9223372036854775807",
			"userAccountControl":                 fmt.Sprint(512 | uacNeverExpires),
			"msDS-User-Account-Control-Computed": "0"}, account)},
		{dn: corp, attrs: set(map[string]string{"lockoutThreshold": "5", "lockOutObservationWindow": "-18000000000",
			"lockoutDuration": "-18000000000", "maxPwdAge": "-9223372036854775808"}, domain)},
	}, more...)
	return d
}

// slapdDouble is a directory with a password policy that the account names.
func slapdDouble(policy, account map[string]string) *directory {
	const dn = "cn=svc,dc=north,dc=test"
	if account == nil {
		account = map[string]string{}
	}
	account["pwdPolicySubentry"] = "cn=default,dc=north,dc=test"
	return &directory{
		entries: []dirEntry{
			{dn: "", attrs: map[string]string{"namingContexts": "dc=north,dc=test"}}, {dn: dn, attrs: account},
			{dn: "cn=default,dc=north,dc=test", attrs: policy},
		},
		passwords: map[string]string{dn: "right", "cn=aud,dc=north,dc=test": "aud"},
	}
}

// serve runs the directory until the test ends. It knows neither comparisons nor extended operations: they end the connection.
func (d *directory) serve(t *testing.T) probe.Target {
	t.Helper()
	return stub(t, d.talk)
}

// talk answers one connection.
func (d *directory) talk(conn net.Conn) {
	for {
		p, err := ber.ReadPacket(conn)
		if err != nil || len(p.Children) < 2 {
			return
		}
		id, _ := p.Children[0].Value.(int64)
		op := p.Children[1]
		switch op.Tag {
		case ldap.ApplicationBindRequest:
			if !d.bind(conn, id, op) {
				return
			}
		case ldap.ApplicationSearchRequest:
			d.search(conn, id, op)
		default:
			return
		}
	}
}

func (d *directory) bind(w io.Writer, id int64, op *ber.Packet) bool {
	name, _ := op.Children[1].Value.(string)
	password := ber.DecodeString(op.Children[2].Data.Bytes())
	d.mu.Lock()
	d.binds = append(d.binds, name)
	d.mu.Unlock()
	code, text := int64(ldap.LDAPResultInvalidCredentials), "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data "+
		"52e, v3839"
	if given, ok := d.results[name]; ok {
		code, text = given, ""
		if code == 0 {
			return false
		}
	} else if right, ok := d.passwords[name]; ok && right == password {
		code, text = 0, ""
		if d.onBind != nil {
			d.onBind(name)
		}
	}
	_, err := w.Write(message(id, result(ldap.ApplicationBindResponse, code, "", text)))
	return err == nil
}

func (d *directory) search(w io.Writer, id int64, op *ber.Packet) {
	base, _ := op.Children[0].Value.(string)
	scope, _ := op.Children[1].Value.(int64)
	filter, _ := ldap.DecompileFilter(op.Children[6])
	found := 0
	for _, e := range d.entries {
		switch {
		case scope == ldap.ScopeBaseObject && !strings.EqualFold(e.dn, base):
			continue
		case scope != ldap.ScopeBaseObject && !slices.ContainsFunc(e.match,
			func(m string) bool { return strings.Contains(strings.ToLower(filter), strings.ToLower(m)) }):
			continue
		}
		found++
		p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
		p.AppendChild(octets(e.dn))
		list := ber.NewSequence("")
		for k, v := range e.attrs {
			values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
			for _, one := range strings.Fields(v) {
				values.AppendChild(octets(one))
			}
			a := ber.NewSequence("")
			a.AppendChild(octets(k))
			a.AppendChild(values)
			list.AppendChild(a)
		}
		p.AppendChild(list)
		_, _ = w.Write(message(id, p))
	}
	code := int64(0)
	if found == 0 && scope == ldap.ScopeBaseObject {
		code = ldap.LDAPResultNoSuchObject
	}
	_, _ = w.Write(message(id, result(ldap.ApplicationSearchResultDone, code, "", "")))
}

// made counts the binds of an account.
func (d *directory) made(name string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.binds {
		if strings.EqualFold(b, name) {
			n++
		}
	}
	return n
}

// A clock that can be set; its zero value shows the time.
type clock struct{ ahead time.Duration }

func (c *clock) run(t *testing.T, dir string, override bool) *Checker {
	now := func() time.Time { return time.Now().Add(c.ahead) }
	return &Checker{
		Prober: &probe.Prober{Timeouts: probe.Uniform(10 * time.Second)},
		Budget: loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap, Now: now, Override: override}),
	}
}
