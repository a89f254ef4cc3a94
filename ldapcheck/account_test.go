package ldapcheck

import (
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// What a directory shows of an account and of a policy is read by pure functions: each attribute shown, hidden, and at its edge.

var at = time.Date(2009, 3, 2, 9, 0, 0, 0, time.UTC)

func shown(attrs map[string]string) *ldap.Entry {
	values := make(map[string][]string)
	for k, v := range attrs {
		values[k] = strings.Fields(v)
	}
	return ldap.NewEntry("CN=svc,DC=x", values)
}

func TestADPolicyIsReadableWhereTheThresholdIsShown(t *testing.T) {
	for name, tc := range map[string]struct {
		e    *ldap.Entry
		want loginbudget.Policy
	}{
		"no entry":      {nil, loginbudget.Policy{}},
		"nothing shown": {shown(nil), loginbudget.Policy{}},
		"all but the number": {shown(map[string]string{"lockOutObservationWindow": "-18000000000", "lockoutDuration": "-18000000000"}),
			loginbudget.Policy{}},
		"not a number": {shown(map[string]string{"lockoutThreshold": "many"}), loginbudget.Policy{}},
		"negative":     {shown(map[string]string{"lockoutThreshold": "-1"}), loginbudget.Policy{}},
		"never": {shown(map[string]string{"lockoutThreshold": "0"}),
			loginbudget.Policy{Threshold: loginbudget.Never, Window: loginbudget.Forever}},
		"five within half an hour": {shown(map[string]string{"lockoutThreshold": "5", "lockOutObservationWindow": "-18000000000"}),
			loginbudget.Policy{Threshold: 5, Window: 30 * time.Minute}},
		"five, the window hidden": {shown(map[string]string{"lockoutThreshold": "5"}),
			loginbudget.Policy{Threshold: 5, Window: loginbudget.Forever}},
		"five, a window without end": {shown(map[string]string{"lockoutThreshold": "5", "lockOutObservationWindow": "-9223372036854775808"}),
			loginbudget.Policy{Threshold: 5, Window: loginbudget.Forever}},
	} {
		p := adPolicy(tc.e, "domain", "lockoutThreshold", "lockOutObservationWindow", "lockoutDuration", "maxPwdAge")
		if got := p.budget(nil, at); got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

// A hidden count is different from a count of 0.
func TestTheBudgetIsToldWhatWasShown(t *testing.T) {
	p := &Policy{Kind: kindAD, Readable: true, Threshold: 5, Window: Span(30 * time.Minute)}
	for name, tc := range map[string]struct {
		a        *Account
		counted  bool
		failures int
	}{
		"no account": {nil, false, 0},
		"hidden":     {adAccount(shown(map[string]string{"sAMAccountName": "svc"}), p, at), false, 0},
		"none":       {adAccount(shown(map[string]string{"badPwdCount": "0"}), p, at), true, 0},
		"two, just now": {adAccount(shown(map[string]string{"badPwdCount": "2", "badPasswordTime": filetime(at.Add(-time.Minute))}), p, at),
			true, 2},
		"two, at the edge": {adAccount(shown(map[string]string{"badPwdCount": "2", "badPasswordTime": filetime(at.Add(-30 * time.Minute))}), p,
			at), true, 2},
		"two, past the edge": {adAccount(shown(map[string]string{"badPwdCount": "2",
			"badPasswordTime": filetime(at.Add(-30*time.Minute - time.Second))}), p, at), true, 0},
		"two, the time hiden": {adAccount(shown(map[string]string{"badPwdCount": "2"}), p, at), true, 2},
	} {
		got := p.budget(tc.a, at)
		if got.Counted != tc.counted || got.Failures != tc.failures || got.Threshold != 5 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	unknown := &Policy{Kind: kindAD, Note: "hidden"}
	a := adAccount(shown(map[string]string{"badPwdCount": "2", "badPasswordTime": filetime(at.Add(-24 * time.Hour))}), unknown, at)
	if got := unknown.budget(a, at); got.Threshold != loginbudget.UnknownThreshold || !got.Counted || got.Failures != 2 || got.Hidden {
		t.Errorf("the count that is shown is lost with a policy that is not: %+v", got)
	}
	if got := (&Policy{FineGrained: true}).budget(a, at); !got.Hidden || !got.Counted {
		t.Errorf("%+v", got)
	}
}

// lockoutTime stays after its time: what was computed decides, else the time.
func TestADLock(t *testing.T) {
	half := &Policy{Kind: kindAD, Source: "domain", Readable: true, Threshold: 3, Duration: Span(30 * time.Minute)}
	endless := &Policy{Kind: kindAD, Source: "domain", Readable: true, Threshold: 3}
	for name, tc := range map[string]struct {
		attrs  map[string]string
		p      *Policy
		locked bool
		until  time.Time
	}{
		"never locked": {map[string]string{"lockoutTime": "0", "msDS-User-Account-Control-Computed": "0"}, half, false,
			time.Time{}},
		"computed: locked": {map[string]string{"lockoutTime": filetime(at.Add(-time.Minute)),
			"msDS-User-Account-Control-Computed": "16"}, half, true, at.Add(29 * time.Minute)},
		"computed: the lock is over": {map[string]string{"lockoutTime": filetime(at.Add(-time.Minute)),
			"msDS-User-Account-Control-Computed": "0"}, half, false, time.Time{}},
		"hidden: the time is not over": {map[string]string{"lockoutTime": filetime(at.Add(-29 * time.Minute))}, half, true,
			at.Add(time.Minute)},
		"hidden: the time is over":       {map[string]string{"lockoutTime": filetime(at.Add(-31 * time.Minute))}, half, false, time.Time{}},
		"hidden: the time ends just now": {map[string]string{"lockoutTime": filetime(at.Add(-30 * time.Minute))}, half, false, time.Time{}},
		"hidden, a lock without end":     {map[string]string{"lockoutTime": filetime(at.Add(-time.Hour))}, endless, true, time.Time{}},
		"hidden, and no policy":          {map[string]string{"lockoutTime": filetime(at.Add(-time.Hour))}, nil, true, time.Time{}},
	} {
		a := adAccount(shown(tc.attrs), tc.p, at)
		if a.Locked != tc.locked || !a.LockedUntil.Equal(tc.until) {
			t.Errorf("%s: locked %v until %v", name, a.Locked, a.LockedUntil)
		}
	}
}

func TestADExpiry(t *testing.T) {
	ninety := &Policy{Kind: kindAD, Source: "domain", Readable: true, Threshold: 3, MaxAge: Span(90 * 24 * time.Hour)}
	set := at.Add(-80 * 24 * time.Hour)
	for name, tc := range map[string]struct {
		attrs   map[string]string
		p       *Policy
		expires time.Time
		never   bool
	}{
		"computed": {map[string]string{"msDS-UserPasswordExpiryTimeComputed": filetime(at.Add(time.Hour)),
			"pwdLastSet": filetime(set)}, ninety, at.Add(time.Hour), false},
		"computed: never": {map[string]string{"msDS-UserPasswordExpiryTimeComputed": "9223372036854775807",
			"pwdLastSet": filetime(set)}, ninety, time.Time{}, true},
		"by the policy": {map[string]string{"pwdLastSet": filetime(set)}, ninety, at.Add(10 * 24 * time.Hour), false},
		"the account never does": {map[string]string{"pwdLastSet": filetime(set), "userAccountControl": "66048"}, ninety, time.Time{},
			true},
		"the policy never does": {map[string]string{"pwdLastSet": filetime(set)}, &Policy{Source: "domain", Readable: true}, time.Time{},
			true},
		"the policy does not show it": {map[string]string{"pwdLastSet": filetime(set)},
			&Policy{Source: "domain", NotShown: []string{"maxPwdAge"}}, time.Time{}, false},
		"no policy is known": {map[string]string{"pwdLastSet": filetime(set)}, nil, time.Time{}, false},
		"it must be changed at log-in": {map[string]string{"msDS-UserPasswordExpiryTimeComputed": "0", "pwdLastSet": "0"}, ninety, time.Time{},
			false},
	} {
		a := adAccount(shown(tc.attrs), tc.p, at)
		if !a.PasswordExpires.Equal(tc.expires) || a.NeverExpires != tc.never {
			t.Errorf("%s: %v, never %v", name, a.PasswordExpires, a.NeverExpires)
		}
	}
}

func TestPPolicyIsReadableWhereTheThresholdIsShown(t *testing.T) {
	for name, tc := range map[string]struct {
		attrs    map[string]string
		readable bool
		want     int
		forever  bool
	}{
		"nothing shown":               {nil, false, 0, false},
		"it locks, the number hidden": {map[string]string{"pwdLockout": "TRUE", "pwdFailureCountInterval": "300"}, false, 0, false},
		"five": {map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "5", "pwdFailureCountInterval": "0"}, true, 5,
			true},
		"five, whether it locks hidden": {map[string]string{"pwdMaxFailure": "5"}, true, 5, false},
		"it does not lock":              {map[string]string{"pwdLockout": "false", "pwdMaxFailure": "5"}, true, 0, false},
		"no number locks":               {map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "0"}, true, 0, false},
		"no number at all":              {map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "x"}, false, 0, false},
	} {
		p := parsePPolicy(shown(tc.attrs), "policy")
		if p.Readable != tc.readable || p.Threshold != tc.want || p.forever() != tc.forever {
			t.Errorf("%s: %+v", name, p)
		}
		if text := p.Text(); !tc.readable && (text == "" || strings.Contains(text, "never locks")) {
			t.Errorf("%s: %q", name, text)
		}
	}
	// Of several policies the strictest holds, and one that is hidden may be stricter than all.
	three, five, none, hidden := map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "3", "pwdFailureCountInterval": "60"},
		map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "5",
			"pwdFailureCountInterval": "0"}, map[string]string{"pwdLockout": "FALSE"}, map[string]string{"cn": "x"}
	if p := strictest([]*ldap.Entry{shown(five), shown(none), shown(three)}); !p.Readable || p.Threshold != 3 || p.Window != 0 {
		t.Errorf("%+v", p)
	}
	if p := strictest([]*ldap.Entry{shown(none), shown(none)}); !p.Readable || p.Threshold != 0 {
		t.Errorf("%+v", p)
	}
	if p := strictest([]*ldap.Entry{shown(three), shown(five)}); p.shows("pwdMaxAge") {
		t.Errorf("which of the policies says when a password expires is not known: %+v", p)
	}
	if p := strictest([]*ldap.Entry{shown(three), shown(hidden)}); p.Readable || p.Note == "" {
		t.Errorf("%+v", p)
	}
}

func TestPPolicyAccount(t *testing.T) {
	p := parsePPolicy(shown(map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "5", "pwdFailureCountInterval": "1800",
		"pwdLockoutDuration": "1800"}), "policy")
	stamp := func(ago time.Duration) string { return at.Add(-ago).Format("20060102150405Z") }
	a := ppolicyAccount(shown(map[string]string{"pwdFailureTime": stamp(time.Minute) + " " + stamp(29*time.Minute) + " " +
		stamp(31*time.Minute)}), p, at)
	if !a.Readable || a.Failures != 2 || !a.LastFailure.Equal(at.Add(-time.Minute)) || a.NeverExpires {
		t.Errorf("%+v", a)
	}
	if a := ppolicyAccount(shown(nil), p, at); a.Readable {
		t.Errorf("a failure time that is not there may be hidden: %+v", a)
	}
	for ago, locked := range map[time.Duration]bool{29 * time.Minute: true, 30 * time.Minute: false, time.Hour: false} {
		if a := ppolicyAccount(shown(map[string]string{"pwdAccountLockedTime": stamp(ago)}), p, at); a.Locked != locked {
			t.Errorf("locked %s ago: %v", ago, a.Locked)
		}
	}
	if a := ppolicyAccount(shown(map[string]string{"pwdAccountLockedTime": "000001010000Z"}), p, at); !a.Locked || !a.LockedUntil.IsZero() {
		t.Errorf("for good: %+v", a)
	}
	if a := ppolicyAccount(shown(nil), parsePPolicy(shown(map[string]string{"pwdMaxAge": "0"}), "policy"), at); !a.NeverExpires {
		t.Errorf("%+v", a)
	}
}

func Test389(t *testing.T) {
	full := map[string]string{"passwordLockout": "on", "passwordMaxFailure": "3", "passwordResetFailureCount": "600",
		"passwordLockoutDuration": "3600", "passwordUnlock": "on",
		"passwordExp": "on", "passwordMaxAge": "8640000"}
	with := func(k, v string) map[string]string {
		m := map[string]string{}
		for a, b := range full {
			m[a] = b
		}
		if m[k] = v; v == "" {
			delete(m, k)
		}
		return m
	}
	for name, tc := range map[string]struct {
		attrs     map[string]string
		readable  bool
		threshold int
		duration  time.Duration
	}{
		"all":                 {full, true, 3, time.Hour},
		"locking off":         {with("passwordLockout", "off"), true, 0, time.Hour},
		"number hidden":       {with("passwordMaxFailure", ""), false, 0, time.Hour},
		"never unlocks":       {with("passwordUnlock", "off"), true, 3, 0},
		"locking not shown":   {with("passwordLockout", ""), true, 3, time.Hour},
		"nothing of it shown": {map[string]string{"cn": "config"}, false, 0, 0},
	} {
		if p := parse389(shown(tc.attrs),
			"cn=config"); p.Readable != tc.readable || p.Threshold != tc.threshold || time.Duration(p.Duration) != tc.duration ||
			!p.Readable && p.Note == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p := parse389(nil, "cn=config"); p.Readable || p.Note == "" || p.shows("passwordMaxAge") {
		t.Errorf("%+v", p)
	}
	p, stamp := parse389(shown(full), "cn=config"), func(in time.Duration) string { return at.Add(in).Format("20060102150405Z") }
	for name, tc := range map[string]struct {
		attrs map[string]string
		want  Account
	}{
		"count hidden": {nil, Account{}},
		"two failures": {map[string]string{"passwordRetryCount": "2", "retryCountResetTime": stamp(time.Minute)},
			Account{Readable: true, Failures: 2, LastFailure: at.Add(-9 * time.Minute)}},
		"their time is over": {map[string]string{"passwordRetryCount": "2", "retryCountResetTime": stamp(-time.Second)},
			Account{Readable: true}},
		"locked": {map[string]string{"passwordRetryCount": "3", "accountUnlockTime": stamp(time.Minute)},
			Account{Readable: true, Failures: 3, Locked: true, LockedUntil: at.Add(time.Minute)}},
		"the lock is over": {map[string]string{"passwordRetryCount": "3", "accountUnlockTime": stamp(-time.Minute)},
			Account{Readable: true, Failures: 3}},
		"locked for good": {map[string]string{"passwordRetryCount": "3", "accountUnlockTime": "19700101000000Z"},
			Account{Readable: true, Failures: 3, Locked: true}},
		"inactivated": {map[string]string{"passwordRetryCount": "0", "nsAccountLock": "true"},
			Account{Readable: true, Disabled: true}},
		"the password ends": {map[string]string{"passwordRetryCount": "0", "passwordExpirationTime": stamp(time.Hour)},
			Account{Readable: true, PasswordExpires: at.Add(time.Hour)}},
		"the password has ended": {map[string]string{"passwordRetryCount": "0", "passwordExpirationTime": stamp(-time.Hour)},
			Account{Readable: true, PasswordExpires: at.Add(-time.Hour), PasswordExpired: true}},
		"it must be changed": {map[string]string{"passwordRetryCount": "0", "passwordExpirationTime": "19700101000000Z"},
			Account{Readable: true, MustChange: true}},
	} {
		tc.want.DN = "CN=svc,DC=x"
		if got := account389(shown(tc.attrs), p, at); *got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
	for vendor, want := range map[string]bool{"389 Project": true, "Red Hat Directory Server": true, "OpenLDAP": false, "": false} {
		if (&RootDSE{Vendor: vendor}).is389() != want {
			t.Error(vendor)
		}
	}
}

func TestCanonicalNames(t *testing.T) {
	if got := canonicalName("CN=Cisco Search,OU=Svc,DC=corp,DC=example"); got != "corp.example/Svc/Cisco Search" {
		t.Error(got)
	}
	for name, want := range map[string]string{"corp.example/Svc/Cisco Search": formCanonical, "a@b/c": formUPN, `A\b`: formDown,
		"svc": formBare, "CN=a,DC=b": formDN, "host/name": formBare} {
		if form, _ := splitBindName(name); form != want {
			t.Errorf("%s: %s, want %s", name, form, want)
		}
	}
}

// By default thirty days are soon, and thirty-one are not; eleven days would be too late to do something about it.
func TestSoonIsThirtyDays(t *testing.T) {
	for days, says := range map[int]string{29: "in 29 days", 30: "in 30 days", 31: "can expire"} {
		o := &Observation{BindDN: "CN=svc", At: at,
			Account: &Account{DN: "CN=svc", PasswordExpires: at.Add(time.Duration(days) * 24 * time.Hour)},
			Policy:  &Policy{Kind: kindAD, Readable: true}}
		o.Target = probe.Target{Host: "dc1", Port: 389}
		contains(t, find(t, Judge([]*Observation{o}, JudgeOptions{}), "LDAP107").Message, says)
	}
}

// A policy whose threshold is 1 or a count at the threshold says so without "0 seconds" and with words that fit the number.
func TestRiskInWords(t *testing.T) {
	for _, tc := range []struct {
		failures int
		says     string
	}{{0, "10 more wrong passwords lock"}, {8, "2 more wrong passwords lock"}, {9, "1 more wrong password locks"},
		{10, "0 more wrong passwords lock"}} {
		o := seen("dc1", &Account{DN: "CN=svc", Readable: true, NeverExpires: true, Failures: tc.failures}, tenWithin30)
		f := find(t, Judge([]*Observation{o}, JudgeOptions{Clients: 400, RetryInterval: time.Minute}), "LDAP105")
		contains(t, f.Message, tc.says)
		if text := dump([]lint.Finding{f}); strings.Contains(text, " 0 seconds") || strings.Contains(text, "0001-01-01") {
			t.Error(text)
		}
	}
	o := seen("dc1", &Account{DN: "CN=svc", NeverExpires: true}, tenWithin30)
	contains(t, find(t, Judge([]*Observation{o}, JudgeOptions{}), "LDAP105").Message,
		"The directory does not show how many have failed already")
	if p := (&Policy{Kind: kindAD, Source: "x", Readable: true,
		Threshold: 1}); p.Text() != "1 failure (only a successful log-in clears the count) locks the account (until an administrator unlocks)" {
		t.Error(p.Text())
	}
}
