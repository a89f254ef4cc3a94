package ldapcheck

import (
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/loginbudget"
)

func TestSubCode(t *testing.T) {
	for text, want := range map[string]string{
		"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1":     "52e",
		"80090308: LdapErr: DSID-0C09042F, comment: AcceptSecurityContext error, data 52E, v3839\x00": "52e",
		"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 0, v1db1":       "",
		"data 000775":               "775",
		"no data here, data 773":    "773",
		"metadata 775, data 533, x": "533",
		"data 52ex":                 "",
		"data ":                     "",
		"data 123456789":            "",
		"":                          "",
	} {
		if got := SubCode(text); got != want {
			t.Errorf("SubCode(%q) = %q, want %q", text, got, want)
		}
	}
}

// Every sub-code has a reason of its own (system error codes, winerror.h), and says whether the password was right.
func TestEverySubCodeHasReasonAndFix(t *testing.T) {
	fixes := map[string]string{}
	for _, tc := range []struct {
		sub, key, says string
		right          bool
	}{
		{"525", "no-such-user", "no such user", false}, {"52e", "wrong-password", "wrong password", false},
		{"530", "hours", "at this hour", true},
		{"531", "workstation", "workstations", true}, {"532", "password-expired", "password has expired", true},
		{"533", "disabled", "disabled", true},
		{"568", "too-many-groups", "too many groups", true}, {"701", "account-expired", "account has expired", true},
		{"773", "must-change", "must be changed", true},
		{"775", "locked", "locked", false}, {"57", "invalid-parameter", "malformed", false}, {"52f", "restriction", "restriction", false},
		{"569", "logon-type", "type of log-in", true},
	} {
		r, ok := adReason(tc.sub)
		if !ok || r.Key != tc.key || !strings.Contains(r.Text, tc.says) || r.PasswordRight != tc.right || r.Fix == "" {
			t.Errorf("%s: %+v", tc.sub, r)
		}
		if other := fixes[r.Fix]; other != "" {
			t.Errorf("%s and %s have one fix", tc.sub, other)
		}
		fixes[r.Fix] = tc.sub
		b := Bind{Code: ldap.LDAPResultInvalidCredentials, Sub: tc.sub}
		if b.Why() != r {
			t.Errorf("%s: Why gives %+v", tc.sub, b.Why())
		}
	}
	for code, key := range map[int]string{8: "tls-required", 13: "tls-required", 10: "referral", 32: "no-such-user", 34: "dn-syntax",
		48: "inappropriate", 49: "refused", 51: "unavailable", 52: "unavailable",
		53: "unwilling", 2: "refused", 80: "refused", 9999: "refused"} {
		if r := (&Bind{Code: code}).Why(); r.Key != key || r.Text == "" || r.Fix == "" {
			t.Errorf("result %d: %+v", code, r)
		}
	}
}

func TestWhatTheBudgetRemembersOfAnAnswer(t *testing.T) {
	for _, tc := range []struct {
		b    Bind
		want loginbudget.Outcome
	}{
		{Bind{Code: 49, Sub: "52e"}, loginbudget.Rejected},
		{Bind{Code: 49}, loginbudget.Rejected},
		{Bind{Code: 49, Sub: "c0de"}, loginbudget.Rejected},
		{Bind{Code: 49, Sub: "525"}, loginbudget.Barred},
		{Bind{Code: 49, Sub: "775"}, loginbudget.Barred},
		{Bind{Code: 49, Sub: "532"}, loginbudget.Barred},
		{Bind{Code: 49, Policy: "accountLocked"}, loginbudget.Barred},
		{Bind{Code: 49, Policy: "passwordExpired"}, loginbudget.Barred}, // slapo-ppolicy and 389-DS look at the password first
		// 389-DS: too many failures, the failure that locks with passwordLegacyPolicy off, an inactivated account.
		{Bind{Code: 19, Text: "Exceed password retry limit. Please try later."}, loginbudget.Barred},
		{Bind{Code: 19}, loginbudget.Rejected},
		{Bind{Code: 53, Text: "Account inactivated. Contact system administrator.", Policy: "accountLocked"}, loginbudget.Barred},
		// No judgement of the password: TLS first, a referral, busy, unavailable, a limit, no domain controller to ask, a failure of its own.
		{Bind{Code: 8}, loginbudget.Untested},
		{Bind{Code: 13}, loginbudget.Untested},
		{Bind{Code: 10}, loginbudget.Untested},
		{Bind{Code: 51}, loginbudget.Untested},
		{Bind{Code: 52}, loginbudget.Untested},
		{Bind{Code: 11}, loginbudget.Untested},
		{Bind{Code: 3}, loginbudget.Untested},
		{Bind{Code: 1}, loginbudget.Untested},
		{Bind{Code: 80}, loginbudget.Untested},
		{Bind{Code: 53}, loginbudget.Untested},
		{Bind{Code: 34}, loginbudget.Untested},
		{Bind{Code: 49, Sub: "51f"}, loginbudget.Untested},
		{Bind{Code: 49, Sub: "6ba"}, loginbudget.Untested},
		{Bind{Code: 49, Sub: "57"}, loginbudget.Untested},
	} {
		if got := tc.b.outcome(); got != tc.want {
			t.Errorf("%+v: %v, want %v", tc.b, got, tc.want)
		}
	}
}

func TestADTimes(t *testing.T) {
	if got, ok, err := ParseFiletime("128801664000000000"); err != nil || !ok || got != time.Date(2009, 2, 27, 0, 0, 0, 0, time.UTC) {
		t.Error(got, ok, err)
	}
	for _, never := range []string{"0", "9223372036854775807"} {
		if _, ok, err := ParseFiletime(never); ok || err != nil {
			t.Error(never, ok, err)
		}
	}
	for _, bad := range []string{"", "x", "-1", "99999999999999999999"} {
		if _, _, err := ParseFiletime(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if d, forever, err := ParseInterval("-18000000000"); d != 30*time.Minute || forever || err != nil {
		t.Error(d, forever, err)
	}
	for _, s := range []string{"-9223372036854775808", "9223372036854775807", "-9223372036854775807"} {
		if _, forever, err := ParseInterval(s); !forever || err != nil {
			t.Error(s, forever, err)
		}
	}
}

func TestGeneralizedTime(t *testing.T) {
	want := time.Date(2009, 3, 2, 9, 30, 0, 0, time.UTC)
	for _, s := range []string{"20090302093000Z", "200903020930Z", "20090302093000.0Z", "20090302103000+0100", "20090302043000-05",
		"2009030209.5Z", "20090302093000,000Z"} {
		if got, forever, err := ParseGeneralizedTime(s); err != nil || forever || !got.Equal(want) {
			t.Errorf("%s: %v %v %v", s, got, forever, err)
		}
	}
	if _, forever, err := ParseGeneralizedTime("000001010000Z"); !forever || err != nil {
		t.Error("locked for good is not known")
	}
	for _, bad := range []string{"", "Z", "20090302093000", "2009-03-02", "20091302093000Z", "20090302093000.Z", "20090302093000+25",
		"20090302093000+1", "2009030209300Z"} {
		if _, _, err := ParseGeneralizedTime(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestTimeToLock(t *testing.T) {
	ad := Policy{Kind: "ad", Readable: true, Threshold: 5, Window: Span(30 * time.Minute), Duration: Span(time.Hour)}
	pp := ad
	pp.Kind = "ppolicy"
	with := func(p Policy, f func(*Policy)) Policy { f(&p); return p }
	for _, tc := range []struct {
		name              string
		p                 Policy
		failures, clients int
		every             time.Duration
		locks, atOnce     bool
		after             time.Duration
	}{
		{"forty clients every twenty minutes", ad, 0, 40, 20 * time.Minute, true, true, 150 * time.Second},
		{"two failures are counted already", ad, 2, 40, 20 * time.Minute, true, true, 90 * time.Second},
		{"one client every hour: the count starts anew", ad, 0, 1, time.Hour, false, false, 0},
		{"one client inside the window", ad, 0, 1, 20 * time.Minute, true, false, 100 * time.Minute},
		{"ten clients once a day, only together", ad, 0, 10, 24 * time.Hour, false, true, 0},
		{"the same for ppolicy", pp, 0, 10, 24 * time.Hour, false, true, 0},
		{"ppolicy counts what falls into the window", pp, 0, 1, 20 * time.Minute, false, false, 0},
		{"ppolicy with enough clients", pp, 0, 3, 20 * time.Minute, true, false, 5 * 400 * time.Second},
		{"no window: every failure counts", with(pp, func(p *Policy) { p.Window = 0 }), 0, 1, 24 * time.Hour, true, false, 120 * time.Hour},
		{"never locks", with(ad, func(p *Policy) { p.Threshold = 0 }), 0, 1000, time.Second, false, false, 0},
		{"no clients", ad, 0, 0, time.Minute, false, false, 0},
		{"locked already", ad, 5, 1, time.Hour, true, true, 0},
		{"a threshold of one", with(ad, func(p *Policy) { p.Threshold = 1 }), 0, 1, 24 * time.Hour, true, true, 24 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := TimeToLock(tc.p, tc.failures, tc.clients, tc.every)
			if got.Locks != tc.locks || got.AtOnce != tc.atOnce || got.After != tc.after || len(got.Steps) == 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestPlainSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Microsecond: "less than 1 millisecond", 2500 * time.Microsecond: "2.5 milliseconds", time.Second: "1 second",
		2500 * time.Millisecond: "2.5 seconds", 90 * time.Second: "1 minute 30 seconds",
		30 * time.Minute: "30 minutes", 90 * time.Minute: "1 hour 30 minutes", time.Hour + time.Second: "1 hour",
		49 * time.Hour: "2 days 1 hour", -time.Minute: "-1 minute",
	} {
		if got := plainSpan(d); got != want {
			t.Errorf("%v = %q, want %q", d, got, want)
		}
	}
}

func FuzzSubCode(f *testing.F) {
	f.Add("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1")
	f.Add("data data data 1")
	f.Fuzz(func(t *testing.T, s string) {
		if got := SubCode(s); len(got) > 8 || got != strings.ToLower(got) || (got != "" && !strings.Contains(strings.ToLower(s), got)) {
			t.Errorf("SubCode(%q) = %q", s, got)
		}
	})
}

func FuzzGeneralizedTime(f *testing.F) {
	for _, s := range []string{"20090302093000Z", "2009030209.5+0100", "000001010000Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, forever, err := ParseGeneralizedTime(s)
		if err == nil && !forever && got.Location() != time.UTC {
			t.Errorf("%q is not in UTC", s)
		}
	})
}

func FuzzADNumbers(f *testing.F) {
	f.Add("-18000000000")
	f.Add("9223372036854775807")
	f.Fuzz(func(t *testing.T, s string) {
		d, _, err := ParseInterval(s)
		if err == nil && d < 0 {
			t.Errorf("ParseInterval(%q) = %v", s, d)
		}
		if at, ok, err := ParseFiletime(s); err == nil && ok && at.Year() < 1601 {
			t.Errorf("ParseFiletime(%q) = %v", s, at)
		}
	})
}
