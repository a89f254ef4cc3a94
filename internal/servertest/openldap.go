package servertest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// What every OpenLDAP server of the tests has in common.
const (
	OpenLDAPBase     = "dc=example,dc=com"
	OpenLDAPPassword = "Right.Pass1" // of all accounts

	// OpenLDAPAdmin sees everything.
	OpenLDAPAdmin         = "cn=admin," + OpenLDAPBase
	OpenLDAPAdminPassword = "adminpw"
)

// openLDAPUsers maps each account to its own password policy; empty for the default one.
var openLDAPUsers = map[string]string{"svc": "", "good": "", "locked": "", "expired": "short", "expiring": "short", "mustchange": "reset"}

// OpenLDAPConfig says how an OpenLDAP server differs from the usual one.
type OpenLDAPConfig struct {
	CA   *Authority // issues its certificate; nil makes a new one, see OpenLDAPServer.CA
	Flaw Flaw       // what is wrong with the certificate
	// NoTLS leaves the server without a certificate: StartTLS is refused, and there is no LDAPS.
	NoTLS bool
	// TLSPriority is a GnuTLS priority string, such as OldTLS; empty for the default.
	TLSPriority string
	// HideLock keeps from clients that an account is locked, which is OpenLDAP's own default.
	HideLock bool
	// HidePolicy and HideCount hide the numbers of the password policies, and the failures of accounts, from all accounts but the
	// administrator's.
	HidePolicy, HideCount bool
	// NoAnonymous shows an anonymous client nothing.
	NoAnonymous bool
	// AnonymousWithName lets a bind with a name and an empty password in as anonymous; otherwise it is refused with
	// result 53.
	AnonymousWithName bool
	// Referral is the URL prefix of the other server, such as ldap://127.0.0.1:389/: for a base outside
	// dc=example,dc=com, and for ou=remote inside. Empty names an address where nothing listens.
	Referral string
	// LDIF is added to the data as it is.
	LDIF string
}

// OpenLDAPServer is a running OpenLDAP server for dc=example,dc=com.
type OpenLDAPServer struct {
	*process
	IP      string
	Addr    string // IP:port of LDAP, with StartTLS unless NoTLS
	TLSAddr string // IP:port of LDAPS; empty with NoTLS
	CA      *Authority
}

// OpenLDAP runs slapd with the password policy overlay: three wrong passwords within 30 minutes lock for 30 minutes.
// Accounts, below ou=people: svc and good; locked, by three wrong passwords just now; expired; expiring, within a day and
// with a warning; mustchange.
func OpenLDAP(t testing.TB, cfg OpenLDAPConfig) *OpenLDAPServer {
	t.Helper()
	slapd, slapadd := program(t, "slapd"), program(t, "slapadd")
	needFile(t, "/etc/ldap/schema/core.schema", "Debian's slapd")
	ip, dir := claimAddress(t), workDir(t)
	port := freePort(t, ip)
	s := &OpenLDAPServer{IP: ip.String(), Addr: hostPort(ip, port), CA: cfg.CA}
	if s.CA == nil {
		s.CA = CA(t)
	}
	if cfg.Referral == "" {
		cfg.Referral = "ldap://" + hostPort(ip, freePort(t, ip, port)) + "/"
	}

	data := map[string]any{
		"Dir": dir, "Cert": nil, "CAFile": s.CA.File, "TLSPriority": cfg.TLSPriority, "HideLock": cfg.HideLock, "HidePolicy": cfg.HidePolicy,
		"HideCount":   cfg.HideCount,
		"NoAnonymous": cfg.NoAnonymous, "AnonymousWithName": cfg.AnonymousWithName, "Referral": cfg.Referral,
		"AdminPassword": OpenLDAPAdminPassword, "Password": OpenLDAPPassword, "Users": openLDAPUsers,
		"LDIF": strings.TrimSpace(cfg.LDIF),
	}
	urls := "ldap://" + s.Addr + "/"
	if !cfg.NoTLS {
		data["Cert"] = s.CA.Issue(t, cfg.Flaw, s.IP, "ldap.example.com")
		s.TLSAddr = hostPort(ip, freePort(t, ip, port))
		urls += " ldaps://" + s.TLSAddr + "/"
	}
	conf, ldif := filepath.Join(dir, "slapd.conf"), filepath.Join(dir, "data.ldif")
	writeTemplate(t, conf, "slapd.conf", data)
	writeTemplate(t, ldif, "slapd-data.ldif", data)
	makeDir(t, filepath.Join(dir, "db"))
	command(t.Context(), t, nil, nil, slapadd, "-q", "-f", conf, "-l", ldif)

	s.process = run(t, service{
		name: "slapd", dir: dir, path: slapd, args: []string{"-d", "0", "-f", conf, "-h", urls},
		ready: func(ctx context.Context) error {
			return tryBind(ctx, "ldap://"+s.Addr, OpenLDAPAdmin, OpenLDAPAdminPassword)
		},
	})
	s.prepareAccounts(t)
	return s
}

// prepareAccounts brings about the states of accounts that are facts of time or of a bind.
func (s *OpenLDAPServer) prepareAccounts(t testing.TB) {
	t.Helper()
	s.Lock(t, "locked")
	conn := s.Admin(t)
	defer conn.Close()
	for _, change := range []struct{ user, attribute, value string }{
		{"expired", "pwdChangedTime", "20200101000000Z"},
		{"expiring", "pwdChangedTime", time.Now().UTC().Add(-time.Hour).Format("20060102150405Z")},
		{"mustchange", "pwdReset", "TRUE"},
	} {
		request := ldap.NewModifyRequest(OpenLDAPUserDN(change.user), []ldap.Control{ldap.NewControlString(relaxRules, true, "")})
		request.Replace(change.attribute, []string{change.value})
		if err := conn.Modify(request); err != nil {
			t.Fatalf("prepare the account %s: %v", change.user, err)
		}
	}
}

// relaxRules is the control that lets an administrator set an operational attribute
// (draft-zeilenga-ldap-relax).
const relaxRules = "1.3.6.1.4.1.4203.666.5.12"

// OpenLDAPUserDN is the DN of an account.
func OpenLDAPUserDN(name string) string { return "uid=" + name + ",ou=people," + OpenLDAPBase }

// Admin connects as the server's administrator. The connection is closed when the test ends.
func (s *OpenLDAPServer) Admin(t testing.TB) *ldap.Conn {
	t.Helper()
	conn, err := dialLDAP(t.Context(), "ldap://"+s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Bind(OpenLDAPAdmin, OpenLDAPAdminPassword); err != nil {
		t.Fatalf("bind as the administrator: %v", err)
	}
	return conn
}

// Attribute reads the values of an account's attribute as the administrator sees them, such as pwdFailureTime.
func (s *OpenLDAPServer) Attribute(t testing.TB, user, attribute string) []string {
	t.Helper()
	conn := s.Admin(t)
	defer conn.Close()
	entry, err := readEntry(conn, OpenLDAPUserDN(user), attribute)
	if err != nil {
		t.Fatal(err)
	}
	return entry.GetAttributeValues(attribute)
}

// Lock locks an account of the default policy with three wrong passwords.
func (s *OpenLDAPServer) Lock(t testing.TB, user string) {
	t.Helper()
	for range 3 {
		err := tryBind(t.Context(), "ldap://"+s.Addr, OpenLDAPUserDN(user), "wrong")
		if !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
			t.Fatalf("lock %s: %v", user, err)
		}
	}
}
