package loginbudget

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFormsOfNamesAtTheEdges(t *testing.T) {
	for name, want := range map[string]string{
		"  svc  ": "svc", "cn=svc;dc=x": "svc", "cn=svc+sn=x": "svc|x", "cn=svc": "svc", `cn=s\;vc,dc=x`: "s;vc", "@example.com": "", "=": "",
		"ex ample.com/svc": "ex ample.com/svc|svc", "example.com/svc/": "example.com/svc/", "example.com": "example.com", "": "",
	} {
		if got := strings.Join(userParts(name), "|"); got != want {
			t.Errorf("userParts(%q) = %q, want %q", name, got, want)
		}
	}
	// The order in which names are given does not matter, and one that is given twice counts once.
	a, b := keysOf(Account{Names: []string{"svc", "bob", "BOB", ""}}), keysOf(Account{Names: []string{"bob", "svc"}})
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
		"not tried: 1 more failed attempt would lock the account, and a probe never uses the last two": {Reason: LastAttempts, Left: 1},
		"not tried: this account already had its one attempt in this run":                              {Reason: Spent, Assumed: true},
		"not tried: another process is trying this account and has not finished":                       {Reason: Busy, Until: until},
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

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1s", -time.Hour: "1s", 1400 * time.Millisecond: "1s", 30 * time.Minute: "30m", 90 * time.Second: "1m30s", time.Hour: "1h",
		61 * time.Minute: "1h1m", 24 * time.Hour: "24h", 47 * time.Hour: "47h", 48 * time.Hour: "2 days", 28 * 24 * time.Hour: "28 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
	for n, want := range map[int]string{1: " 1 failure for ", 2: " 2 failures for "} {
		if got := (&Refusal{Reason: Failures, Left: n}).Error(); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q", got, want)
		}
	}
}

// A secret gives the same word wherever a program may print it, and equals only the same text.
func TestASecretHasNoTextOfItsOwn(t *testing.T) {
	s := NewSecret("x")
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{s.String(), s.GoString(), string(text), s.LogValue().String(), fmt.Sprintf("%d", s)} {
		if got != redacted {
			t.Errorf("%q", got)
		}
	}
	for name, c := range map[string]struct {
		a, b Secret
		want bool
	}{
		"the same text": {s, NewSecret("x"), true}, "another text": {s, NewSecret("X"), false}, "none, and one": {Secret{}, s, false},
		"one, and none": {s, Secret{}, false}, "none": {Secret{}, Secret{}, false},
	} {
		if got := c.a.Equal(c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if s.Set() != true || (Secret{}).Set() {
		t.Error("Set")
	}
	if _, err := ReadSecret(strings.NewReader(strings.Repeat("x", MaxSecret))); err != nil {
		t.Errorf("the longest secret: %v", err)
	}
	if _, err := ReadSecret(strings.NewReader(strings.Repeat("x", MaxSecret+1))); err == nil {
		t.Error("a longer one is accepted")
	}
}

func TestTheLogHasAttemptsAndNoSecret(t *testing.T) {
	var text bytes.Buffer
	c := newClock()
	b := open(t, Options{Dir: t.TempDir(), Now: c.now, Log: slog.New(slog.NewTextHandler(&text, nil))})
	for outcome, word := range map[Outcome]string{
		Unknown: "unknown", Accepted: "accepted", Rejected: "refused", Unanswered: `"no answer"`, Untested: `"not tested"`, Barred: "unknown",
		-1: "unknown",
	} {
		a, err := b.Reserve(t.Context(), Account{Scope: "scope", Names: []string{fmt.Sprint("svc", int(outcome))}}, wrong,
			Policy{Threshold: Never})
		if err != nil {
			t.Fatal(err)
		}
		text.Reset()
		if err := a.Settle(outcome); err != nil {
			t.Fatal(err)
		}
		if got := text.String(); !strings.Contains(got, "how="+word) || !strings.Contains(got, "(scope)") {
			t.Errorf("%d: %s", outcome, got)
		}
	}
	text.Reset()
	a, err := b.Reserve(t.Context(), Account{Names: []string{"bob", "b2"}}, other, domain)
	if err != nil {
		t.Fatal(err)
	}
	if got := text.String(); !strings.Contains(got, `msg="log-in granted" account="bob = b2" threshold=5 again=false blind=false`) {
		t.Error(got)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	text.Reset()
	if _, err := b.Reserve(t.Context(), Account{Names: []string{"bob"}}, other, domain); err == nil {
		t.Error("a second attempt")
	}
	if got := text.String(); !strings.Contains(got, `msg="no log-in" account=bob why="not tried: this account already had`) ||
		strings.Contains(got, other.reveal()) {
		t.Error(got)
	}
}

func TestAnAttemptNeedsANameAndARecord(t *testing.T) {
	c := newClock()
	if _, err := c.open(t, t.TempDir()).Reserve(t.Context(), Account{Names: []string{" ", "="}}, wrong, domain); err == nil ||
		!strings.Contains(err.Error(), "no account name") {
		t.Errorf("%v", err)
	}
	if err := c.open(t, t.TempDir()).Check(t.Context(), svc, Secret{}, domain); !errors.Is(err, ErrNoSecret) {
		t.Errorf("Check without a password: %v", err)
	}
	cause := errors.New("set HOME")
	for name, o := range map[string]Options{"no folder": {NoDir: cause}, "a file": {Dir: "edges_test.go"}} {
		b := open(t, o)
		var m *MemoryError
		for what, err := range map[string]error{"CanRecord": b.CanRecord(), "Join": b.Join(t.Context(), Account{Names: []string{"a", "b"}})} {
			if !errors.As(err, &m) || o.NoDir != nil && !errors.Is(err, cause) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if err := b.Join(t.Context(), Account{Names: []string{"a", "A"}}); err != nil {
			t.Errorf("%s: one name has nothing to join: %v", name, err)
		}
	}
	dir := t.TempDir() // a folder is used, whatever else is said
	if err := open(t, Options{Dir: dir, NoDir: cause}).CanRecord(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, tryFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the try is left behind: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, tryFile, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	var m *MemoryError
	if err := c.open(t, dir).CanRecord(); !errors.As(err, &m) {
		t.Errorf("a file that cannot be written: %v", err)
	}
}

// A refused attempt was not made: it takes nothing from the run.
func TestARefusalLeavesTheRunAsItWas(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, domain, Rejected)
	b := c.open(t, dir)
	if r := refusal(t, b, wrong, domain); r.Reason != Remembered {
		t.Fatalf("%+v", r)
	}
	if err := b.Check(t.Context(), svc, other, domain); err != nil {
		t.Errorf("Check of another password: %v", err)
	}
	held, err := c.open(t, dir).Reserve(t.Context(), svc, other, domain)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var r *Refusal
	if _, err := b.Reserve(ctx, svc, other, domain); !errors.As(err, &r) || r.Reason != Busy {
		t.Errorf("while another process tries the account: %v", err)
	}
	if err := held.Settle(Untested); err != nil {
		t.Fatal(err)
	}
	spend(t, b, other, domain, Accepted)
	// A password that this run has proved is right also if it was wrong before, and another one has had its attempt.
	if err := b.Check(t.Context(), svc, other, domain); err != nil {
		t.Errorf("Check of a proven password: %v", err)
	}
	if err := b.Check(t.Context(), svc, wrong, domain); !errors.As(err, &r) || r.Reason != Spent {
		t.Errorf("Check of another one: %v", err)
	}
	if r := refusal(t, b, wrong, domain); r.Reason != Spent {
		t.Errorf("%+v", r)
	}
	a, err := b.Reserve(t.Context(), svc, other, Policy{})
	if err != nil || !a.Again() || a.Blind() {
		t.Fatalf("%v: again %v, blind %v", err, a.Again(), a.Blind())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Reserve(ended, svc, other, domain); !errors.As(err, &r) || r.Reason != Busy {
		t.Errorf("while this run tries the account: %v", err)
	}
	if err := a.Settle(Accepted); err != nil {
		t.Fatal(err)
	}
}

// The same password at the same directory waits for the first name, and is used again only where it was accepted or not looked at.
func TestTheOtherNameWaits(t *testing.T) {
	for outcome, granted := range map[Outcome]bool{
		Accepted: true, Untested: true, Barred: true, Rejected: false, Unknown: false, Unanswered: false,
	} {
		b := newClock().open(t, t.TempDir())
		one, two := Account{Names: []string{"one"}, Directories: []string{"dc1"}}, Account{Names: []string{"two"}, Directories: []string{"DC1"}}
		first, err := b.Reserve(t.Context(), one, wrong, domain)
		if err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		var r *Refusal
		if _, err := b.Reserve(ended, two, wrong, domain); !errors.As(err, &r) || r.Reason != Busy {
			t.Errorf("%s: under way: %v", outcome, err)
		}
		cancel()
		if err := first.Settle(outcome); err != nil {
			t.Fatal(err)
		}
		a, err := b.Reserve(t.Context(), two, wrong, domain)
		switch {
		case granted && err == nil:
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
		case granted || !errors.As(err, &r) || r.Reason != SamePassword || r.Name != "one":
			t.Errorf("%s: %v", outcome, err)
		}
	}
}

func TestCountsAtTheEdges(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	// A count that the directory did not give is not used.
	spend(t, c.open(t, dir), wrong, Policy{Threshold: 5, Window: time.Hour, Failures: 4}, Rejected)
	// With a threshold of two, no wait helps; with three, it does.
	if r := refusal(t, c.open(t, dir), other, Policy{Threshold: 2, Window: time.Hour}); !r.Until.IsZero() || r.Left != 1 {
		t.Errorf("%+v", r)
	}
	if r := refusal(t, c.open(t, dir), other, Policy{Threshold: 3, Window: time.Hour}); !r.Until.Equal(start.Add(time.Hour)) || r.Left != 2 {
		t.Errorf("%+v", r)
	}
	for unattended, granted := range map[bool]bool{false: true, true: false} {
		dir := t.TempDir()
		run := func() *Budget { return open(t, Options{Dir: dir, Now: c.now, Unattended: unattended}) }
		spend(t, run(), wrong, Policy{}, Unanswered)
		if err := run().Check(t.Context(), svc, other, Policy{}); (err == nil) != granted {
			t.Errorf("unattended %v: %v", unattended, err)
		}
	}
}

// Names that turn out to be one account share what each of them has done, in this run and in the next.
func TestJoinedNamesShareTheirRecord(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	b := c.open(t, dir)
	spend(t, b, wrong, domain, Rejected)
	both := Account{Names: []string{svc.Names[0], "alias@example.com"}}
	alias := Account{Names: []string{"alias@example.com"}}
	if err := b.Check(t.Context(), alias, wrong, domain); err != nil {
		t.Fatalf("before: %v", err)
	}
	if err := b.Join(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	var r *Refusal
	if err := b.Check(t.Context(), alias, wrong, domain); !errors.As(err, &r) || r.Reason != Spent {
		t.Errorf("this run: %v", err)
	}
	if err := c.open(t, dir).Check(t.Context(), alias, wrong, domain); !errors.As(err, &r) || r.Reason != Remembered {
		t.Errorf("the next run: %v", err)
	}
}
