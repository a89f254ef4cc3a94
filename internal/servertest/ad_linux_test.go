package servertest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestSambaSubCodes(t *testing.T) {
	ad := SambaAD(t, ADConfig{})
	tests := []struct{ user, password, data string }{
		{"good", "wrong", "52e"},
		{"unknown", ADPassword, "52e"},
		{"locked", ADPassword, "775"},
		{"disabled", ADPassword, "533"},
		{"expired", ADPassword, "532"},
		{"mustchange", ADPassword, "773"},
		{"acctexp", ADPassword, "701"},
		{"hours", ADPassword, "530"},
		{"wks", ADPassword, "531"},
		{"hist", ADPassword, "52e"},
		{"hist", ADNewPassword, ""},
		{"svc", ADPassword, ""},
		{"psouser", ADPassword, ""},
	}
	for _, test := range tests {
		t.Run(test.user+" "+test.data, func(t *testing.T) {
			err := tryBind(t.Context(), "ldap://"+ad.Addr(389), ADUser(test.user), test.password)
			if test.data == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) || !strings.Contains(err.Error(), "data "+test.data+",") {
				t.Errorf("%v, want result 49 with data %s", err, test.data)
			}
		})
	}
	if count := ad.Attribute(t, "hist", "badPwdCount"); count != "0" && count != "" {
		t.Errorf("the previous password was counted: badPwdCount %s", count)
	}
	if count := ad.Attribute(t, "good", "badPwdCount"); count != "1" {
		t.Errorf("badPwdCount of good is %q after one wrong password", count)
	}
}

func TestSambaReferences(t *testing.T) {
	ad := SambaAD(t, ADConfig{})
	for port, want := range map[int]int{389: 3, 3268: 0} {
		conn, err := dialLDAP(t.Context(), "ldap://"+ad.Addr(port))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Bind(ADUser("svc"), ADPassword); err != nil {
			t.Fatal(err)
		}
		found, err := conn.Search(&ldap.SearchRequest{
			BaseDN: ADBase, Scope: ldap.ScopeWholeSubtree, Filter: "(sAMAccountName=svc)", Attributes: []string{"mail"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Entries) != 1 || len(found.Referrals) != want {
			t.Errorf("port %d: %d entries, references %q; want 1 and %d", port, len(found.Entries), found.Referrals, want)
		}
	}
}

func TestSambaLocksOnlyItsOwnCopy(t *testing.T) {
	one, other := SambaAD(t, ADConfig{}), SambaAD(t, ADConfig{StrongAuth: true})
	one.Lock(t, "good")
	err := tryBind(t.Context(), "ldap://"+one.Addr(389), ADUserDN("good"), ADPassword)
	if err == nil || !strings.Contains(err.Error(), "data 775") {
		t.Errorf("bind to the locked account: %v, want data 775", err)
	}
	if err := tryBind(t.Context(), "ldaps://"+other.Addr(636), ADUserDN("good"), ADPassword); err != nil {
		t.Errorf("the same account on another server: %v", err)
	}
	err = tryBind(t.Context(), "ldap://"+other.Addr(389), ADUserDN("good"), ADPassword)
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultStrongAuthRequired) {
		t.Errorf("simple bind without TLS where it is refused: %v, want result 8", err)
	}
	one.Tool(t, "user", "unlock", "good")
	if err := tryBind(t.Context(), "ldap://"+one.Addr(389), ADUserDN("good"), ADPassword); err != nil {
		t.Errorf("after the unlock: %v", err)
	}
}

func TestSambaCertificate(t *testing.T) {
	ca := CA(t)
	for _, flaw := range []Flaw{Right, Expired} {
		ad := SambaAD(t, ADConfig{CA: ca, Flaw: flaw})
		for _, port := range []int{636, 3269} {
			conn, err := tls.Dial("tcp", ad.Addr(port), ca.ClientConfig(ADHost))
			if err == nil {
				_ = conn.Close()
			}
			var invalid x509.CertificateInvalidError
			switch {
			case flaw == Right && err != nil:
				t.Errorf("port %d: %v", port, err)
			case flaw == Expired && (!errors.As(err, &invalid) || invalid.Reason != x509.Expired):
				t.Errorf("port %d: %v, want an expired certificate", port, err)
			}
		}
	}
}

func TestSambaOldTLS(t *testing.T) {
	ad := SambaAD(t, ADConfig{TLSPriority: OldTLS})
	config := ad.CA.ClientConfig(ADHost)
	if conn, err := tls.Dial("tcp", ad.Addr(636), config); err == nil {
		_ = conn.Close()
		t.Error("a client of TLS 1.2 was let in")
	}
	config.MinVersion = tls.VersionTLS10
	conn, err := tls.Dial("tcp", ad.Addr(636), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if version := conn.ConnectionState().Version; version != tls.VersionTLS10 {
		t.Errorf("negotiated %s", tls.VersionName(version))
	}
}

func TestSambaIsGoneAfterStop(t *testing.T) {
	ad := SambaAD(t, ADConfig{})
	pid := ad.cmd.Process.Pid
	ad.Stop()
	if groupRuns(pid) {
		t.Error("a process of the server still runs")
	}
	if _, err := net.Dial("tcp", ad.Addr(389)); err == nil {
		t.Error("port 389 is still open")
	}
}

func TestHalfMadeSnapshotIsRemoved(t *testing.T) {
	cache := t.TempDir()
	half := filepath.Join(cache, "making-1")
	if err := os.MkdirAll(filepath.Join(half, "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	removeSnapshots(t, cache)
	if left, err := filepath.Glob(filepath.Join(cache, "*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
