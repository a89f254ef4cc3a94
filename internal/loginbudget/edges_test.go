package loginbudget

import (
	"strings"
	"testing"
	"time"
)

func TestFormsOfNamesAtTheEdges(t *testing.T) {
	for name, want := range map[string]string{
		"  svc  ": "svc", "cn=svc;dc=x": "svc", "cn=svc+sn=x": "svc", "cn=svc": "svc", `cn=s\;vc,dc=x`: "s;vc", "@example.com": "", "=": "",
		"ex ample.com/svc": "ex ample.com/svc", "example.com/svc/": "example.com/svc/", "example.com": "example.com", "": "",
	} {
		if got := leafName(name); got != want {
			t.Errorf("leafName(%q) = %q, want %q", name, got, want)
		}
	}
	// The order in which names are given does not matter, and one that is given twice counts once.
	a, b := Account{Names: []string{"svc", "bob", "BOB", ""}}.keys(), Account{Names: []string{"bob", "svc"}}.keys()
	if len(a) != 2 || strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("%q, %q", a, b)
	}
}

func TestAccountsAtOneDirectory(t *testing.T) {
	at := func(scope string, directories ...string) Account {
		return Account{Scope: scope, Directories: directories}
	}
	for name, c := range map[string]struct {
		a, b Account
		want bool
	}{
		"the same":                  {at("ad", "dc1"), at("AD", "x", "DC1"), true},
		"another":                   {at("ad", "dc1"), at("ad", "dc2"), false},
		"another scope":             {at("ad", "dc1"), at("unity", "dc1"), false},
		"none of the first":         {at("ad"), at("ad", "dc1"), false},
		"none of the second":        {at("ad", "dc1"), at("ad"), false},
		"none, and any":             {at("ad"), at("ad", AnyDirectory), false},
		"any, and none":             {at("ad", AnyDirectory), at("ad"), false},
		"any of the first":          {at("ad", AnyDirectory), at("ad", "dc1"), true},
		"any of the second":         {at("ad", "dc1"), at("ad", AnyDirectory), true},
		"any, and another scope":    {at("ad", AnyDirectory), at("unity", AnyDirectory), false},
		"none of both":              {at("ad"), at("ad"), false},
		"the second of the several": {at("ad", "dc1", "dc2"), at("ad", "dc3", "dc2"), true},
	} {
		if got := c.a.sharesDirectory(c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRefusalsSayWhyAndUntilWhen(t *testing.T) {
	until := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("CET", 3600))
	for want, r := range map[string]Refusal{
		"this password was refused before, so it is not sent again": {Reason: Remembered},
		"an earlier log-in with this password was interrupted. It may count as a failure, so it is not repeated": {
			Reason: Remembered, Open: true},
		"not tried: 1 more failed attempts would lock the account, and a probe never uses the last two": {Reason: LastAttempts, Left: 1},
		"not tried: this account already had its one attempt in this run":                               {Reason: Spent, Assumed: true},
		"not tried: another process is trying this account and has not finished":                        {Reason: Busy, Until: until},
		"not tried: this run saw the same password refused at this directory as bob. The two names may be one account": {
			Reason: SamePassword, Name: "bob"},
	} {
		if got := r.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	r := Refusal{Reason: LastAttempts, Assumed: true, Until: until, Wait: time.Minute}
	for _, want := range []string{"the lock-out policy could not be read", "; it may be tried in ", ", at 2026-01-02 02:04:05 UTC"} {
		if !strings.Contains(r.Error(), want) {
			t.Errorf("%s does not say %q", r.Error(), want)
		}
	}
	if got := (&Refusal{Reason: LastAttempts}).Error(); strings.Contains(got, "policy") || strings.Contains(got, "tried in") {
		t.Error(got)
	}
	for reason, want := range map[Reason]string{HiddenPolicy: "fine-grained password policy", Failures: "the directory counts "} {
		if got := (&Refusal{Reason: reason, Assumed: true, Until: until}).Error(); !strings.Contains(got, want) || strings.Contains(got, "2026") {
			t.Error(got)
		}
	}
}

func TestTheWindowOfAPolicy(t *testing.T) {
	for want, p := range map[time.Duration]Policy{
		time.Minute: {Window: time.Minute, Threshold: 5}, Forever: {Threshold: 1}, AssumedWindow: {},
	} {
		if got := p.window(); got != want {
			t.Errorf("%+v: %s, want %s", p, got, want)
		}
	}
}

// Active Directory and 389 Directory Server count on as long as the next failure comes within the window of the one before: attempts that
// are made whenever the oldest is out of the window add up to the threshold all the same.
func TestFailuresCountFromTheYoungest(t *testing.T) {
	for _, window := range []time.Duration{30 * time.Minute, 36 * time.Hour} {
		dir, c := t.TempDir(), newClock()
		p := Policy{Threshold: 6, Window: window}
		count, most, last := 0, 0, time.Time{}
		for range 4 * 16 {
			c.advance(window / 16)
			a, err := open(t, Options{Dir: dir, Now: c.now, Unattended: true}).Reserve(t.Context(), svc, wrong, p)
			if err != nil {
				continue
			}
			if err := a.Settle(Unanswered); err != nil {
				t.Fatal(err)
			}
			if c.now().Sub(last) >= window {
				count = 0
			}
			count, last = count+1, c.now()
			most = max(most, count)
		}
		if most != int(p.Threshold)-reserve {
			t.Errorf("window %s: the directory has counted to %d of %d", window, most, p.Threshold)
		}
	}
}
