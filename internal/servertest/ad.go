package servertest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// What every domain controller of the tests has in common.
const (
	ADBase        = "DC=ad,DC=example,DC=com" // the domain's base DN
	ADPassword    = "Right.Pass1"             // of all accounts but hist
	ADNewPassword = "New.Pass2"               // of the account hist; ADPassword was the one before
	ADHost        = "dc1.ad.example.com"      // the name in its certificate, next to its address

	// ADAdminPassword is that of the account administrator, who sees everything.
	ADAdminPassword = "Passw0rd.Adm1n"
)

// adPorts are LDAP, LDAPS, Global Catalog and Global Catalog over TLS. Samba's cannot be changed.
var adPorts = [...]int{389, 636, 3268, 3269}

// ADConfig says how a domain controller differs from the usual one.
type ADConfig struct {
	CA   *Authority // issues its certificate; nil makes a new one, see ADServer.CA
	Flaw Flaw       // what is wrong with the certificate
	// StrongAuth refuses a simple bind without TLS, with result 8.
	StrongAuth bool
	// TLSPriority is a GnuTLS priority string, such as OldTLS; empty for Samba's default.
	TLSPriority string
}

// OldTLS is the GnuTLS priority string of a server that speaks TLS 1.0 and nothing newer.
const OldTLS = "NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT"

// ADServer is a running domain controller with its Global Catalog, for the domain ad.example.com.
type ADServer struct {
	*process
	IP string // serves ports 389, 636, 3268 and 3269
	CA *Authority

	root string // the folder of all its files
}

// SambaAD runs a Samba Active Directory domain controller of the test's own: what is done to its accounts, no other test
// sees. Three wrong passwords within 30 minutes lock an account for 30 minutes. The accounts, and the sub-code that a
// simple bind with the right password gives:
//
//	svc, good    none
//	locked       775, locked by three wrong passwords just now
//	disabled     533
//	expired      532, by a fine-grained policy of two days
//	mustchange   773
//	acctexp      701
//	hours        530
//	wks          531
//	hist         none, with ADNewPassword; 52e and no count with ADPassword, the one before
//	psouser      none; two wrong passwords lock it, by a fine-grained policy
//
// A wrong password, an empty one and an unknown user all give 52e here; Windows says 525 for the last.
func SambaAD(t testing.TB, cfg ADConfig) *ADServer {
	t.Helper()
	for _, name := range []string{"samba", "samba-tool", "ldapmodify"} {
		program(t, name)
	}
	needRoot(t, "Samba serves the ports 389 and 636")
	needFile(t, "/usr/share/samba/setup/ad-schema", "samba-ad-provision")
	supported(t)

	ad := &ADServer{IP: claimAddress(t, adPorts[:]...).String(), CA: cfg.CA, root: filepath.Join(workDir(t), "ad")}
	if ad.CA == nil {
		ad.CA = CA(t)
	}
	copyADSnapshot(t, ad.root)
	ad.serve(t, ad.writeConfig(t, cfg))
	ad.Lock(t, "locked") // here and not in the snapshot, since a lock lasts 30 minutes
	return ad
}

// writeConfig writes smb.conf and gives its path.
func (ad *ADServer) writeConfig(t testing.TB, cfg ADConfig) string {
	t.Helper()
	path := filepath.Join(ad.root, "etc", "smb.conf")
	writeTemplate(t, path, "ad-smb.conf", map[string]any{
		"IP": ad.IP, "Dir": ad.root, "StrongAuth": cfg.StrongAuth, "TLSPriority": cfg.TLSPriority,
		"Cert": ad.CA.Issue(t, cfg.Flaw, ADHost, "ad.example.com", ad.IP), "CAFile": ad.CA.File,
	})
	return path
}

// serve starts the server; conf is its smb.conf.
func (ad *ADServer) serve(t testing.TB, conf string) {
	t.Helper()
	ad.process = run(t, service{
		name: "samba", dir: filepath.Join(ad.root, "log"), path: program(t, "samba"),
		args: []string{"-F", "--no-process-group", "-M", "single", "-s", conf},
		logs: []string{filepath.Join(ad.root, "log", "log.samba")},
		ready: func(ctx context.Context) error {
			conn, err := dialLDAP(ctx, "ldap://"+ad.Addr(3268))
			if err != nil {
				return err
			}
			defer conn.Close()
			root, err := readEntry(conn, "", "isGlobalCatalogReady")
			if err == nil && root.GetAttributeValue("isGlobalCatalogReady") != "TRUE" {
				err = errors.New("the Global Catalog is not ready yet")
			}
			return err
		},
	})
}

// Addr is the server's IP:port for one of its four ports.
func (ad *ADServer) Addr(port int) string { return net.JoinHostPort(ad.IP, fmt.Sprint(port)) }

// ADUser is the user principal name of an account.
func ADUser(name string) string { return name + "@ad.example.com" }

// ADUserDN is the DN of an account.
func ADUserDN(name string) string { return "CN=" + name + ",CN=Users," + ADBase }

// Admin connects as the domain's administrator, for a test to see and change what a service account may not. The
// connection is closed when the test ends.
func (ad *ADServer) Admin(t testing.TB) *ldap.Conn {
	t.Helper()
	conn, err := dialLDAP(t.Context(), "ldaps://"+ad.Addr(636))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Bind(ADUser("administrator"), ADAdminPassword); err != nil {
		t.Fatalf("bind as the administrator: %v", err)
	}
	return conn
}

// Attribute reads one value of an account as the administrator sees it, such as badPwdCount; empty where it is absent.
func (ad *ADServer) Attribute(t testing.TB, user, attribute string) string {
	t.Helper()
	conn := ad.Admin(t)
	defer conn.Close()
	entry, err := readEntry(conn, ADUserDN(user), attribute)
	if err != nil {
		t.Fatal(err)
	}
	return entry.GetAttributeValue(attribute)
}

// Lock locks an account of the domain's policy with three wrong passwords.
func (ad *ADServer) Lock(t testing.TB, user string) {
	t.Helper()
	for range 3 {
		err := tryBind(t.Context(), "ldaps://"+ad.Addr(636), ADUser(user), "wrong")
		if !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
			t.Fatalf("lock %s: %v", user, err)
		}
	}
}

// Tool runs samba-tool on this server's data and gives its output, such as Tool(t, "user", "unlock", "locked").
func (ad *ADServer) Tool(t testing.TB, args ...string) string {
	t.Helper()
	args = append(args, "--configfile="+filepath.Join(ad.root, "etc", "smb.conf"))
	return command(t.Context(), t, nil, nil, program(t, "samba-tool"), args...)
}

// dialLDAP connects for the helpers of this package. It takes any certificate and any version of TLS, since the test
// may have asked for a bad one; what a client under test makes of them is not its business.
func dialLDAP(ctx context.Context, url string) (*ldap.Conn, error) {
	dialer := &net.Dialer{Timeout: askLimit}
	if deadline, ok := ctx.Deadline(); ok {
		dialer.Deadline = deadline
	}
	lax := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
	conn, err := ldap.DialURL(url, ldap.DialWithDialer(dialer), ldap.DialWithTLSConfig(lax))
	if err != nil {
		return nil, err
	}
	conn.SetTimeout(stopLimit)
	return conn, nil
}

// tryBind connects and makes one simple bind.
func tryBind(ctx context.Context, url, name, password string) error {
	conn, err := dialLDAP(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Bind(name, password)
}

// readEntry reads attributes of one entry.
func readEntry(conn *ldap.Conn, dn string, attributes ...string) (*ldap.Entry, error) {
	found, err := conn.Search(&ldap.SearchRequest{
		BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)", Attributes: attributes,
	})
	if err != nil {
		return nil, err
	}
	if len(found.Entries) != 1 {
		return nil, fmt.Errorf("%q: %d entries", dn, len(found.Entries))
	}
	return found.Entries[0], nil
}
