package servertest

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// bindWithPolicy binds with the password policy control and gives the control of the answer.
func bindWithPolicy(t *testing.T, addr, user string) (*ldap.ControlBeheraPasswordPolicy, error) {
	t.Helper()
	conn, err := dialLDAP(t.Context(), "ldap://"+addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer, err := conn.SimpleBind(&ldap.SimpleBindRequest{
		Username: OpenLDAPUserDN(user), Password: OpenLDAPPassword,
		Controls: []ldap.Control{ldap.NewControlBeheraPasswordPolicy()},
	})
	if answer == nil {
		t.Fatal(err)
	}
	policy, _ := ldap.FindControl(answer.Controls, ldap.ControlTypeBeheraPasswordPolicy).(*ldap.ControlBeheraPasswordPolicy)
	return policy, err
}

func TestOpenLDAPPasswordPolicy(t *testing.T) {
	server := OpenLDAP(t, OpenLDAPConfig{})
	tests := []struct {
		user   string
		binds  bool
		reason string // the control's error
	}{
		{"svc", true, ""},
		{"locked", false, "Account locked"},
		{"expired", false, "Password expired"},
		{"mustchange", true, "Password must be changed"},
	}
	for _, test := range tests {
		t.Run(test.user, func(t *testing.T) {
			policy, err := bindWithPolicy(t, server.Addr, test.user)
			if (err == nil) != test.binds {
				t.Errorf("bind: %v", err)
			}
			reason := ""
			if policy != nil {
				reason = policy.ErrorString
			}
			if reason != test.reason {
				t.Errorf("the control says %q, want %q", reason, test.reason)
			}
		})
	}
	t.Run("expiring", func(t *testing.T) {
		policy, err := bindWithPolicy(t, server.Addr, "expiring")
		if err != nil || policy == nil || policy.Expire <= 0 {
			t.Errorf("control %+v, %v; want a warning of seconds left", policy, err)
		}
	})
	if times := server.Attribute(t, "locked", "pwdAccountLockedTime"); len(times) != 1 {
		t.Errorf("pwdAccountLockedTime %q", times)
	}

	hidden := OpenLDAP(t, OpenLDAPConfig{HideLock: true})
	if policy, err := bindWithPolicy(t, hidden.Addr, "locked"); err == nil || policy != nil && policy.Error >= 0 {
		t.Errorf("with the lock hidden: control %+v, %v", policy, err)
	}
}

func TestOpenLDAPReferrals(t *testing.T) {
	server := OpenLDAP(t, OpenLDAPConfig{Referral: "ldap://127.0.0.1:9/", LDIF: `
dn: ou=more,dc=example,dc=com
objectClass: organizationalUnit
ou: more
`})
	conn := server.Admin(t)
	found, err := conn.Search(&ldap.SearchRequest{BaseDN: OpenLDAPBase, Scope: ldap.ScopeWholeSubtree, Filter: "(|(uid=svc)(ou=more))"})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Entries) != 2 || len(found.Referrals) != 1 || !strings.HasPrefix(found.Referrals[0], "ldap://127.0.0.1:9/ou=remote,") {
		t.Errorf("%d entries, references %q", len(found.Entries), found.Referrals)
	}
	for _, base := range []string{"ou=x,ou=remote," + OpenLDAPBase, "dc=elsewhere,dc=org"} {
		_, err := conn.Search(&ldap.SearchRequest{BaseDN: base, Scope: ldap.ScopeWholeSubtree, Filter: "(uid=svc)"})
		if !ldap.IsErrorWithCode(err, ldap.LDAPResultReferral) {
			t.Errorf("base %s: %v, want result 10", base, err)
		}
	}
}

func TestOpenLDAPTLS(t *testing.T) {
	ca := CA(t)
	tests := []struct {
		name string
		cfg  OpenLDAPConfig
		want string // part of the error of a client that trusts ca; empty for none
	}{
		{"right", OpenLDAPConfig{CA: ca}, ""},
		{"expired", OpenLDAPConfig{CA: ca, Flaw: Expired}, "certificate has expired"},
		{"wrong name", OpenLDAPConfig{CA: ca, Flaw: WrongName}, "not ldap.example.com"},
		{"unknown authority", OpenLDAPConfig{CA: ca, Flaw: UnknownCA}, "unknown authority"},
		{"self-signed", OpenLDAPConfig{CA: ca, Flaw: SelfSigned}, "unknown authority"},
		{"old", OpenLDAPConfig{CA: ca, TLSPriority: OldTLS}, "unsupported protocol version 301"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := OpenLDAP(t, test.cfg)
			config := ca.ClientConfig("ldap.example.com")
			conn, err := dialLDAP(t.Context(), "ldap://"+server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			checkError(t, "StartTLS", conn.StartTLS(config), test.want)
			implicit, err := tls.Dial("tcp", server.TLSAddr, config)
			if err == nil {
				_ = implicit.Close()
			}
			checkError(t, "LDAPS", err, test.want)
		})
	}
	t.Run("none", func(t *testing.T) {
		server := OpenLDAP(t, OpenLDAPConfig{NoTLS: true})
		conn, err := dialLDAP(t.Context(), "ldap://"+server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		err = conn.StartTLS(ca.ClientConfig(server.IP))
		if !ldap.IsErrorWithCode(err, ldap.LDAPResultProtocolError) {
			t.Errorf("StartTLS: %v, want result 2", err)
		}
	})
}

// checkError compares an error with a part of its text, or with none.
func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestOpenLDAPAnonymous(t *testing.T) {
	tests := []struct {
		name    string
		cfg     OpenLDAPConfig
		code    uint16 // of a bind with a name and no password
		entries int    // that an anonymous client sees
	}{
		{"as it comes", OpenLDAPConfig{}, ldap.LDAPResultUnwillingToPerform, 1},
		{"with a name", OpenLDAPConfig{AnonymousWithName: true}, ldap.LDAPResultSuccess, 1},
		{"not at all", OpenLDAPConfig{NoAnonymous: true}, ldap.LDAPResultUnwillingToPerform, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := OpenLDAP(t, test.cfg)
			conn, err := dialLDAP(t.Context(), "ldap://"+server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			found, err := conn.Search(&ldap.SearchRequest{BaseDN: OpenLDAPBase, Scope: ldap.ScopeWholeSubtree, Filter: "(uid=svc)"})
			if found == nil || len(found.Entries) != test.entries {
				t.Errorf("anonymous search: %+v, %v; want %d entries", found, err, test.entries)
			}
			_, err = conn.SimpleBind(&ldap.SimpleBindRequest{Username: OpenLDAPUserDN("svc"), AllowEmptyPassword: true})
			if code := resultCode(err); code != test.code {
				t.Errorf("bind with an empty password: result %d, want %d", code, test.code)
			}
		})
	}
}

// resultCode is the LDAP result in an error; 0 for nil.
func resultCode(err error) uint16 {
	if err == nil {
		return ldap.LDAPResultSuccess
	}
	if failed, ok := err.(*ldap.Error); ok {
		return failed.ResultCode
	}
	return ldap.LDAPResultOther
}
