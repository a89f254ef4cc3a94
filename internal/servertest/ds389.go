package servertest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// What every 389 Directory Server of the tests has in common.
const (
	DS389Base     = "dc=example,dc=com"
	DS389Password = "Right.Pass1" // of all accounts
	// DS389Admin reads everything, cn=config with the lock-out policy included, which no ordinary account may.
	DS389Admin         = "cn=Directory Manager"
	DS389AdminPassword = "Passw0rd.Adm1n"
)

// DS389Config says how a 389 Directory Server differs from the usual one.
type DS389Config struct {
	// HideCount hides the failure counts of accounts from all accounts but the administrator's.
	HideCount bool
}

// DS389Server is a running 389 Directory Server for dc=example,dc=com, without TLS.
type DS389Server struct {
	*process
	Addr string // IP:port
}

// DS389 runs a 389 Directory Server: three wrong passwords within 30 minutes lock an account for 30 minutes. Accounts, below ou=people:
// svc, good, and inactive, which an administrator has switched off.
//
// Its own installer, dscreate, insists on /etc/dirsrv. So its template is filled in here, and the server runs in the test's folder.
func DS389(t testing.TB, cfg DS389Config) *DS389Server {
	t.Helper()
	slapd, pwdhash := program(t, "ns-slapd"), program(t, "pwdhash")
	needRoot(t, "389 Directory Server changes to a user of its own")
	template := "/usr/share/dirsrv/data/template-dse.ldif"
	needFile(t, template, "389-ds-base")
	ip, dir := claimAddress(t), workDir(t)
	s := &DS389Server{Addr: hostPort(ip, freePort(t, ip))}
	etc := filepath.Join(dir, "etc")
	for _, sub := range []string{"etc/schema", "lock", "tmp", "ldif", "bak", "run", "inst", "log", "db", "dbhome"} {
		makeDir(t, filepath.Join(dir, sub))
	}
	copyFiles(t, "/etc/dirsrv/config/*.conf", etc)
	copyFiles(t, "/etc/dirsrv/schema/*.ldif", filepath.Join(etc, "schema"))
	// A folder of its own for everything, and one address.
	text, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(s.Addr, ":")
	hash := strings.TrimSpace(command(t.Context(), t, nil, nil, pwdhash, "-s", "SSHA512", DS389AdminPassword))
	values := []string{
		"%schema_dir%", etc + "/schema", "%lock_dir%", dir + "/lock", "%tmp_dir%", dir + "/tmp", "%cert_dir%", etc, "%ldif_dir%", dir + "/ldif",
		"%bak_dir%", dir + "/bak",
		"%run_dir%", dir + "/run", "%inst_dir%", dir + "/inst", "%log_dir%", dir + "/log", "%fqdn%", "localhost", "%ds_port%", port, "%ds_user%",
		"dirsrv",
		"%rootdn%", DS389Admin, "%ds_passwd%", hash, "%ldapi_enabled%", "off", "%ldapi%", dir + "/run/ldapi", "%ldapi_autobind%", "off",
		"%ds_suffix%", DS389Base,
		"%config_dir%", etc, "%db_dir%", dir + "/db", "%db_home_dir%", dir + "/dbhome", "%db_lib%", "bdb",
	}
	dse := strings.NewReplacer(values...).Replace(string(text))
	data := map[string]any{"IP": ip.String(), "Dir": dir, "Password": DS389Password, "HideCount": cfg.HideCount}
	config, backend, people := filepath.Join(dir, "config"), filepath.Join(dir, "backend"), filepath.Join(dir, "ldif", "data.ldif")
	writeTemplate(t, config, "ds389-config.ldif", data)
	writeTemplate(t, backend, "ds389-backend.ldif", data)
	writeTemplate(t, people, "ds389-data.ldif", data)
	// The attributes of cn=config go below the administrator's password, which is in it.
	const mark = "\nnsslapd-rootpw:"
	at := strings.Index(dse, mark)
	if at < 0 {
		t.Fatal("the template of 389 Directory Server has no " + mark)
	}
	end := at + len(mark) + strings.IndexByte(dse[at+len(mark):], '\n') + 1
	dse = dse[:end] + readText(t, config) + strings.TrimRight(dse[end:], "\n") + "\n\n" + readText(t, backend)
	if err := os.WriteFile(filepath.Join(etc, "dse.ldif"), []byte(dse), 0o600); err != nil {
		t.Fatal(err)
	}
	giveTo(t, dir, "dirsrv")
	command(t.Context(), t, nil, nil, slapd, "ldif2db", "-D", etc, "-n", "userRoot", "-i", people)
	s.process = run(t, service{
		name: "ns-slapd", dir: dir, path: slapd, args: []string{"-D", etc, "-i", filepath.Join(dir, "run", "pid"), "-d", "0"},
		logs:  []string{filepath.Join(dir, "log", "errors")},
		ready: func(ctx context.Context) error { return tryBind(ctx, "ldap://"+s.Addr, DS389Admin, DS389AdminPassword) },
	})
	return s
}

// DS389UserDN is the DN of an account.
func DS389UserDN(name string) string { return "uid=" + name + ",ou=people," + DS389Base }

// Admin connects as the server's administrator. The connection is closed when the test ends.
func (s *DS389Server) Admin(t testing.TB) *ldap.Conn {
	t.Helper()
	conn, err := dialLDAP(t.Context(), "ldap://"+s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Bind(DS389Admin, DS389AdminPassword); err != nil {
		t.Fatalf("bind as the administrator: %v", err)
	}
	return conn
}

// Attribute reads one value of an account as the administrator sees it, such as passwordRetryCount; empty where it is absent.
func (s *DS389Server) Attribute(t testing.TB, user, attribute string) string {
	t.Helper()
	conn := s.Admin(t)
	defer conn.Close()
	entry, err := readEntry(conn, DS389UserDN(user), attribute)
	if err != nil {
		t.Fatal(err)
	}
	return entry.GetAttributeValue(attribute)
}

func readText(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// copyFiles copies the files that a pattern names into a folder.
func copyFiles(t testing.TB, pattern, dir string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no file, %v", pattern, err)
	}
	for _, path := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), []byte(readText(t, path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
