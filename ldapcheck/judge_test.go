package ldapcheck

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

func seen(host string, a *Account, p *Policy) *Observation {
	o := &Observation{Role: RoleClient, Rank: host, BindDN: "svc@example.com", At: time.Date(2009, 3, 2, 9, 0, 0, 0, time.UTC), Account: a,
		Policy: p}
	o.Target = probe.Target{Host: host, Port: 389}
	o.Bind = &Bind{DN: o.BindDN, OK: true}
	return o
}

var tenWithin30 = &Policy{Kind: "ad", Source: "domain policy", Readable: true, Threshold: 10, Window: Span(30 * time.Minute),
	Duration: Span(30 * time.Minute)}

// Domain controllers do not share their counts: the largest is what counts.
func TestFailuresAreTakenFromTheWorstDomainController(t *testing.T) {
	account := func(n int, ago time.Duration) *Account {
		return &Account{DN: "CN=svc,DC=example,DC=com", Readable: true, NeverExpires: true, Failures: n,
			LastFailure: time.Date(2009, 3, 2, 9, 0, 0, 0, time.UTC).Add(-ago)}
	}
	fs := Judge([]*Observation{
		seen("dc1", account(1, time.Minute), tenWithin30), seen("dc2", account(8, time.Minute), tenWithin30),
		seen("dc3", account(9, time.Hour), tenWithin30),
	}, JudgeOptions{})
	if len(fs) != 1 {
		t.Fatalf("%s", dump(fs))
	}
	contains(t, fs[0].Message, "2 more wrong passwords")
	contains(t, strings.Join(fs[0].Evidence, "\n"), "dc1:389 counts 1", "dc2:389 counts 8", "dc3:389 counts 0")
	if fs[0].Severity != lint.Error {
		t.Errorf("severity %s", fs[0].Severity)
	}
}

func TestAnExpiryIsToldBeforeItHappens(t *testing.T) {
	now := time.Date(2009, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		a    Account
		says string
	}{
		"soon":             {Account{PasswordExpires: now.Add(10 * 24 * time.Hour)}, "in 10 days"},
		"far away":         {Account{PasswordExpires: now.Add(300 * 24 * time.Hour)}, "can expire"},
		"never":            {Account{NeverExpires: true}, ""},
		"the account ends": {Account{AccountExpires: now.Add(24 * time.Hour), NeverExpires: true}, "the account"},
	} {
		tc.a.DN = "CN=svc"
		fs := Judge([]*Observation{seen("dc1", &tc.a, &Policy{Kind: "ad", Readable: true})}, JudgeOptions{})
		if tc.says == "" {
			absent(t, fs, "LDAP107")
			continue
		}
		t.Run(name, func(t *testing.T) { contains(t, find(t, fs, "LDAP107").Message, tc.says) })
	}
}

func TestJudgingIsStable(t *testing.T) {
	o := []*Observation{seen("dc2", nil, nil), seen("dc1", nil, nil)}
	for _, x := range o {
		x.Bases = []BaseSeen{{Base: Base{DN: "DC=x"}, Code: 32}}
	}
	a, b := Judge(o, JudgeOptions{}), Judge([]*Observation{o[1], o[0]}, JudgeOptions{})
	if dump(a) != dump(b) || len(a) != 2 || a[0].Fingerprint == a[1].Fingerprint {
		t.Errorf("%s\n%s", dump(a), dump(b))
	}
}

func TestALockThatIsOverIsNone(t *testing.T) {
	now := time.Date(2009, 3, 2, 9, 0, 0, 0, time.UTC)
	a := Account{DN: "CN=svc", Readable: true, Failures: 9, LastFailure: now.Add(-31 * time.Minute)}
	if n := a.Counting(tenWithin30, now); n != 0 {
		t.Errorf("%d failures count after the window", n)
	}
	if n := a.Counting(&Policy{Kind: "ad", Readable: true, Threshold: 10}, now); n != 9 {
		t.Errorf("%d failures count without a window", n)
	}
}

func TestEveryRefusalIsReported(t *testing.T) {
	for reason, rule := range map[loginbudget.Reason]string{
		loginbudget.Remembered: "LDAP102", loginbudget.LastAttempts: "LDAP105", loginbudget.HiddenPolicy: "LDAP105",
		loginbudget.Failures: "LDAP105",
	} {
		o := seen("dc1", nil, nil)
		r := &loginbudget.Refusal{Reason: reason, Left: 2, Assumed: true}
		o.Bind = &Bind{DN: o.BindDN, NotMade: r.Error(), Refusal: r}
		f := find(t, Judge([]*Observation{o}, JudgeOptions{}), rule)
		contains(t, f.Fix, "--allow-lockout-risk")
	}
}

// The pages say which live rules there are; the list has each of them once.
func TestEveryRuleIsListedOnce(t *testing.T) {
	pages, err := filepath.Glob("../docs/rules/LDAP1*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	want := map[string]bool{}
	for _, p := range pages {
		want[strings.TrimSuffix(filepath.Base(p), ".md")] = true
	}
	for _, r := range Rules() {
		if !want[r.ID] || r.Kind != lint.LiveKind || r.Summary == "" || r.Area != "directory" {
			t.Errorf("listed twice, without a page or incomplete: %+v", r)
		}
		delete(want, r.ID)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
}
