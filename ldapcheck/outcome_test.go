package ldapcheck

import (
	"strings"
	"testing"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// What a directory answers, and what is remembered of it: results that no standard gives a bind may have judged the password, and words
// count for more than a number.
func TestWhatTheBudgetRemembersOfABind(t *testing.T) {
	for _, tc := range []struct {
		code int
		text string
		want loginbudget.Outcome
	}{
		{1, "", loginbudget.Untested},
		{8, "data 0", loginbudget.Untested},
		{13, "confidentiality required", loginbudget.Untested},
		{34, "invalid DN", loginbudget.Untested},
		{51, "too busy, try again later", loginbudget.Untested},
		{53, "", loginbudget.Untested},
		{80, "internal error", loginbudget.Untested},
		{16, "", loginbudget.Unanswered},
		{50, "", loginbudget.Unanswered},
		{65, "", loginbudget.Unanswered},
		{112, "", loginbudget.Unanswered},
		{53, "Account inactivated. Contact system administrator.", loginbudget.Barred},
		{53, "NDS error: login lockout (-197)", loginbudget.Barred},
		{53, "Wrong password", loginbudget.Rejected},
		{1, "proxied bind: Invalid credentials", loginbudget.Rejected},
		{80, "backend: authentication failed", loginbudget.Unanswered},
		{49, "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data 52e, v3839", loginbudget.Rejected},
		{49, "invalid credentials, try again", loginbudget.Rejected},
	} {
		b := &Bind{Code: tc.code, Text: tc.text}
		if b.Code == 49 {
			b.Sub = SubCode(b.Text)
		}
		if got := b.outcome(); got != tc.want {
			t.Errorf("%d %q: %v, want %v", tc.code, tc.text, got, tc.want)
		}
		if got := b.judged(); got != (tc.want == loginbudget.Rejected || tc.want == loginbudget.Barred) {
			t.Errorf("%d %q: judged %v", tc.code, tc.text, got)
		}
	}
}

// A referral that names no server is reported as a bind that failed.
func TestAReferralToNowhereIsReported(t *testing.T) {
	o := &Observation{BindDN: "svc", Bind: &Bind{DN: "svc", Code: 10}}
	o.Target = probe.Target{Host: "dc1.example.com", Port: 389}
	got := Judge([]*Observation{o}, JudgeOptions{})
	if len(got) != 1 || got[0].Rule != "LDAP102" || !strings.Contains(got[0].Message, "referral") {
		t.Errorf("%+v", got)
	}
}
