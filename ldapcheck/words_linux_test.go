package ldapcheck

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// refuse makes so many binds with a wrong password.
func refuse(t *testing.T, addr, dn string, n int) {
	t.Helper()
	for range n {
		conn, err := ldap.DialURL("ldap://" + addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Bind(dn, neverValid); err == nil {
			t.Fatal("a wrong password was taken")
		}
		_ = conn.Close()
	}
}

// 389 Directory Server tells by number and text who ended an account's log-ins: the control says "account locked" for both.
func Test389SaysWhoSwitchedOffAndWhoLocked(t *testing.T) {
	s := servertest.DS389(t, servertest.DS389Config{})
	plain := target(t, s.Addr, probe.Plain)

	o, fs := probeAndJudge(t, checker(t, "", nil),
		request(plain, servertest.DS389UserDN("inactive"), servertest.DS389Password, servertest.DS389Base), JudgeOptions{})
	f := find(t, fs, "LDAP102")
	contains(t, f.Message, "an administrator has switched the account off")
	if o.Bind.Code != ldap.LDAPResultUnwillingToPerform || o.Bind.Policy != "accountLocked" || strings.Contains(f.Fix, "who locks") ||
		strings.Contains(dump(fs), "LDAP106") {
		t.Errorf("bind %+v\n%s", o.Bind, dump(fs))
	}

	refuse(t, s.Addr, servertest.DS389UserDN("svc"), 4)
	o, fs = probeAndJudge(t, checker(t, "", nil),
		request(plain, servertest.DS389UserDN("svc"), servertest.DS389Password, servertest.DS389Base), JudgeOptions{})
	f = find(t, fs, "LDAP106")
	contains(t, f.Fix, "access log")
	if o.Bind.Code != ldap.LDAPResultConstraintViolation || strings.Contains(dump(fs), "LDAP102") {
		t.Errorf("bind %+v\n%s", o.Bind, dump(fs))
	}
}

// A member of Protected Users gets no simple bind, whatever the password: the account is not to be unlocked or its password changed.
func TestAMemberOfProtectedUsersIsToldSo(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	ad.Tool(t, "group", "addmembers", "Protected Users", "good")
	o, fs := probeAndJudge(t, checker(t, "", nil),
		request(target(t, ad.Addr(389), probe.Plain), servertest.ADUser("good"), servertest.ADPassword, people), JudgeOptions{})
	f := find(t, fs, "LDAP102")
	contains(t, f.Message, "Protected Users")
	contains(t, f.Fix, "Protected Users")

	wrong, _ := probeAndJudge(t, checker(t, "", nil),
		request(target(t, ad.Addr(389), probe.Plain), servertest.ADUser("good"), neverValid, people), JudgeOptions{})
	if o.Bind.Sub != "52f" || wrong.Bind.Sub != "52f" || strings.Contains(dump(fs), "when the password is right") {
		t.Errorf("sub-code %s with the right password, %s with a wrong one\n%s", o.Bind.Sub, wrong.Bind.Sub, dump(fs))
	}
}
