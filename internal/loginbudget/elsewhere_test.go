package loginbudget

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A place of its own that may ask the directory.
var unity = Account{Scope: "unity", Also: []string{""}, Names: []string{"svc"}, Directories: []string{AnyDirectory}}

// A step is a log-in of a scenario: in a new run, or in that of the step before.
type step struct {
	newRun  bool
	account Account
	secret  Secret
	outcome Outcome
	want    Reason // of the refusal; empty where the log-in is made
}

// What is proved or reset where an account may be does not pass for the other place; what failed counts in both.
func TestAPlaceThatMayAskTheDirectory(t *testing.T) {
	lab := Account{Scope: "lab", Names: []string{"svc"}}
	for name, steps := range map[string][]step{
		"a refusal there counts in the directory": {{true, unity, wrong, Rejected, ""}, {true, svc, wrong, 0, Remembered}},
		"a refusal by the directory counts there": {{true, svc, wrong, Rejected, ""}, {true, unity, wrong, 0, Remembered}},
		"one attempt in a run":                    {{true, unity, wrong, Rejected, ""}, {false, svc, other, 0, Spent}},
		"a third place is not asked":              {{true, unity, wrong, Rejected, ""}, {false, lab, wrong, Rejected, ""}},
		"what is right there may be wrong in the directory": {{true, svc, wrong, Rejected, ""}, {true, unity, other, Accepted, ""},
			{false, svc, wrong, 0, Spent}, {true, svc, wrong, 0, Remembered}},
		"proved there, and known as wrong in the directory": {{true, lab, other, Accepted, ""}, {true, unity, other, Accepted, ""},
			{false, unity, other, Accepted, ""}, {false, svc, other, Rejected, ""}, {false, unity, other, 0, Spent}},
		"a password of its own leaves the one of the directory alone": {{true, svc, other, Accepted, ""}, {false, unity, other, Rejected, ""},
			{false, svc, other, Accepted, ""}, {true, svc, other, Accepted, ""}, {true, unity, other, 0, Remembered}},
	} {
		t.Run(name, func(t *testing.T) { play(t, steps) })
	}
}

func play(t *testing.T, steps []step) {
	t.Helper()
	dir, c := t.TempDir(), newClock()
	var b *Budget
	for i, s := range steps {
		if s.newRun {
			b = c.open(t, dir)
		}
		a, err := b.Reserve(context.Background(), s.account, s.secret, domain)
		var r *Refusal
		switch {
		case s.want != "" && (!errors.As(err, &r) || r.Reason != s.want):
			t.Fatalf("step %d: %v, want %s", i, err, s.want)
		case s.want == "" && err != nil:
			t.Fatalf("step %d: %v", i, err)
		case s.want == "":
			if err := a.Settle(s.outcome); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A good log-in resets the count where it was made, and not where it may have been made: three failures of the directory stay three.
func TestAGoodLoginElsewhereResetsNoCount(t *testing.T) {
	p := Policy{Threshold: 5, Window: 24 * time.Hour}
	for name, good := range map[string]struct {
		account Account
		reset   bool
	}{"the directory": {svc, true}, "the call manager": {AtCallManager("svc"), false}, "a place that may ask it": {unity, false}} {
		dir, c := t.TempDir(), newClock()
		for range 3 {
			a, err := open(t, Options{Dir: dir, Now: c.now}).Reserve(t.Context(), svc, NewSecret("wrong"+c.now().String()), p)
			if err != nil {
				t.Fatal(err)
			}
			_ = a.Settle(Rejected)
			c.advance(time.Second)
		}
		a, err := open(t, Options{Dir: dir, Now: c.now, Override: true}).Reserve(t.Context(), good.account, other, p)
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Settle(Accepted)
		_, err = open(t, Options{Dir: dir, Now: c.now}).Reserve(t.Context(), svc, wrong, p)
		if (err == nil) != good.reset {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A password that the directory accepts was not refused by it: what was counted for it without being known is taken back.
func TestAGoodLoginTakesBackWhatElsewhereWasCounted(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	for _, s := range []struct {
		override bool
		account  Account
		outcome  Outcome
	}{{false, unity, Rejected}, {true, svc, Accepted}, {false, svc, Accepted}} {
		a, err := open(t, Options{Dir: dir, Now: c.now, Override: s.override}).Reserve(t.Context(), s.account, wrong, domain)
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Settle(s.outcome)
	}
	var r *Refusal
	if _, err := c.open(t, dir).Reserve(t.Context(), unity, wrong, domain); !errors.As(err, &r) || r.Reason != Remembered {
		t.Errorf("where it was refused: %v", err)
	}
}

// One place with several names is one place: what is proved under one is proved under all.
func TestAPlaceWithSeveralNames(t *testing.T) {
	at := func(names ...string) Account {
		return Account{Scope: names[0], Same: names[1:], Names: []string{"svc"}}
	}
	play(t, []step{
		{true, at("ucm1", "192.0.2.1"), other, Accepted, ""}, {false, at("192.0.2.1"), other, Accepted, ""},
		{true, at("ucm1", "192.0.2.1"), wrong, Rejected, ""}, {true, at("192.0.2.1", "ucm1.acme.com"), wrong, 0, Remembered},
		{true, at("ucm2"), wrong, Rejected, ""},
	})
}
