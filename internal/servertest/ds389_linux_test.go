package servertest

import (
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// Three wrong passwords lock an account: the third does not say so, the fourth gives another result.
func TestDS389Locks(t *testing.T) {
	s := DS389(t, DS389Config{})
	bind := func(user, password string) uint16 {
		err := tryBind(t.Context(), "ldap://"+s.Addr, DS389UserDN(user), password)
		if err == nil {
			return 0
		}
		for _, code := range []uint16{ldap.LDAPResultInvalidCredentials, ldap.LDAPResultConstraintViolation, ldap.LDAPResultUnwillingToPerform} {
			if ldap.IsErrorWithCode(err, code) {
				return code
			}
		}
		t.Fatal(err)
		return 0
	}
	if code := bind("good", DS389Password); code != 0 {
		t.Errorf("the right password: result %d", code)
	}
	if code := bind("inactive", DS389Password); code != ldap.LDAPResultUnwillingToPerform {
		t.Errorf("an inactive account: result %d", code)
	}
	for try := 1; try <= 4; try++ {
		want := uint16(ldap.LDAPResultInvalidCredentials)
		if try == 4 {
			want = ldap.LDAPResultConstraintViolation
		}
		if code := bind("svc", "wrong"); code != want {
			t.Errorf("try %d: result %d, want %d", try, code, want)
		}
	}
	if count := s.Attribute(t, "svc", "passwordRetryCount"); count != "3" {
		t.Errorf("count %q", count)
	}
	if until := s.Attribute(t, "svc", "accountUnlockTime"); until == "" {
		t.Error("not locked")
	}
}
