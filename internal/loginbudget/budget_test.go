package loginbudget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	start  = time.Date(2009, 3, 2, 9, 0, 0, 0, time.UTC)
	svc    = Account{Names: []string{"CN=svc,OU=Service,DC=example,DC=com"}}
	wrong  = NewSecret("Never.Valid1")
	other  = NewSecret("Never.Valid2")
	domain = Policy{Threshold: 5, Window: 30 * time.Minute, Counted: true}
	// cheap makes a comparison with a remembered password a matter of microseconds.
	cheap = Cost{Time: 1, Memory: 8}
)

type clock struct{ t atomic.Int64 }

func newClock() *clock                                 { c := new(clock); c.t.Store(start.UnixNano()); return c }
func (c *clock) now() time.Time                        { return time.Unix(0, c.t.Load()).UTC() }
func (c *clock) advance(d time.Duration)               { c.t.Add(int64(d)) }
func (c *clock) open(t *testing.T, dir string) *Budget { return open(t, Options{Dir: dir, Now: c.now}) }

func open(_ *testing.T, o Options) *Budget {
	o.Cost = cheap
	return Open(o)
}

func spend(t *testing.T, b *Budget, s Secret, p Policy, o Outcome) {
	t.Helper()
	a, err := b.Reserve(context.Background(), svc, s, p)
	if err != nil {
		t.Fatalf("attempt refused: %v", err)
	}
	if err := a.Settle(o); err != nil {
		t.Fatal(err)
	}
}

func refusal(t *testing.T, b *Budget, s Secret, p Policy) *Refusal {
	t.Helper()
	a, err := b.Reserve(context.Background(), svc, s, p)
	if err == nil {
		_ = a.Settle(Untested)
		t.Fatal("an attempt was granted")
	}
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("not a refusal: %v", err)
	}
	return r
}

func TestSecretNeverPrints(t *testing.T) {
	s := NewSecret("Pa$$w0rd")
	type box struct {
		S Secret
		P *Secret
		M map[string]Secret
	}
	b := box{s, &s, map[string]Secret{"k": s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", b)
	}
	j, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "b", b)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "b", b)
	fmt.Fprint(&out, errors.New("x: "+s.String()))
	for _, leak := range []string{"Pa$$w0rd", fmt.Sprintf("%x", "Pa$$w0rd"), fmt.Sprintf("%X", "Pa$$w0rd")} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the secret shows as %q in\n%s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Error("nothing says that there was a secret")
	}
}

// A password that was judged wrong is remembered for weeks, whatever the window of the directory: nothing makes it right.
func TestAWrongPasswordIsRememberedForWeeks(t *testing.T) {
	week := domain
	week.Window = 7 * 24 * time.Hour
	for name, p := range map[string]Policy{"a window of half an hour": domain, "a window of a week": week, "an unknown policy": {}} {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), newClock()
			spend(t, c.open(t, dir), wrong, p, Rejected)
			for _, later := range []time.Duration{10 * time.Minute, 31 * time.Minute, 25 * time.Hour, 27 * 24 * time.Hour} {
				c.t.Store(start.Add(later).UnixNano())
				r := refusal(t, c.open(t, dir), wrong, p)
				if r.Reason != Remembered || r.Open || !r.Until.Equal(start.Add(Memory)) || r.Wait != Memory-later {
					t.Errorf("after %s: %+v", later, r)
				}
				if err := c.open(t, dir).Check(context.Background(), svc, wrong, p); err == nil {
					t.Errorf("after %s Check grants what Reserve refuses", later)
				}
			}
			c.t.Store(start.Add(Memory + time.Second).UnixNano())
			if err := c.open(t, dir).Check(context.Background(), svc, wrong, p); err != nil {
				t.Errorf("after %s: %v", Memory, err)
			}
			spend(t, c.open(t, dir), wrong, p, Rejected)
		})
	}
}

// A window that is longer than the memory keeps the password longer.
func TestALongWindowIsRemembered(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	long := Policy{Threshold: 10, Window: 60 * 24 * time.Hour}
	spend(t, c.open(t, dir), wrong, long, Rejected)
	c.advance(59 * 24 * time.Hour)
	if r := refusal(t, c.open(t, dir), wrong, long); r.Reason != Remembered {
		t.Errorf("%+v", r)
	}
}

// Where only a successful log-in clears the count, a failure counts for ever, and the password stays wrong.
func TestAFailureThatNeverExpiresIsNeverForgotten(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	forever := Policy{Threshold: 5, Window: Forever}
	spend(t, c.open(t, dir), wrong, forever, Rejected)
	spend(t, c.open(t, dir), other, forever, Rejected)
	for range 10 {
		c.advance(400 * 24 * time.Hour)
		if r := refusal(t, c.open(t, dir), wrong, forever); r.Reason != Remembered || !r.Until.IsZero() {
			t.Fatalf("%+v", r)
		}
	}
	spend(t, c.open(t, dir), NewSecret("Third"), forever, Rejected)
	if r := refusal(t, c.open(t, dir), NewSecret("Fourth"), forever); r.Reason != LastAttempts || r.Left != 2 || !r.Until.IsZero() {
		t.Errorf("%+v", r)
	}
}

// Every remembered password is compared, the newest and those before it.
func TestEveryRememberedPasswordIsRefused(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	many := Policy{Threshold: 100, Window: time.Hour}
	for i := range maxCompared {
		spend(t, c.open(t, dir), NewSecret(fmt.Sprint("wrong", i)), many, Rejected)
	}
	for i := range maxCompared {
		if r := refusal(t, c.open(t, dir), NewSecret(fmt.Sprint("wrong", i)), many); r.Reason != Remembered {
			t.Errorf("password %d: %+v", i, r)
		}
	}
	spend(t, c.open(t, dir), NewSecret("never seen"), many, Rejected)
}

// A wrong password a day, each another one: the first is still known after weeks.
func TestAWrongPasswordIsRememberedAmongMany(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	for i := range 25 {
		spend(t, c.open(t, dir), NewSecret(fmt.Sprint("wrong", i)), Policy{}, Rejected)
		c.advance(AssumedWindow + time.Minute)
	}
	for _, i := range []int{0, 12, 24} {
		if r := refusal(t, c.open(t, dir), NewSecret(fmt.Sprint("wrong", i)), Policy{}); r.Reason != Remembered {
			t.Errorf("password %d: %+v", i, r)
		}
	}
}

// A failure counts from the answer: a server may take its time.
func TestTheWindowBeginsWithTheAnswer(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	for _, s := range []Secret{wrong, other} {
		a, err := c.open(t, dir).Reserve(context.Background(), svc, s, Policy{Threshold: 9, Window: 30 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		c.advance(20 * time.Minute) // a slow answer
		if err := a.Settle(Rejected); err != nil {
			t.Fatal(err)
		}
	}
	c.advance(29 * time.Minute) // 49 minutes after the second question: its failure still counts
	if r := refusal(t, c.open(t, dir), NewSecret("Third"), Policy{Threshold: 3, Window: 30 * time.Minute}); r.Reason != LastAttempts ||
		r.Wait != time.Minute {
		t.Errorf("%+v", r)
	}
	// The first failure counts as well: the second one followed 20 minutes later.
	if r := refusal(t, c.open(t, dir), NewSecret("Third"), Policy{Threshold: 4, Window: 30 * time.Minute}); r.Left != 2 {
		t.Errorf("%+v", r)
	}
	spend(t, c.open(t, dir), NewSecret("Third"), Policy{Threshold: 5, Window: 30 * time.Minute}, Rejected)
}

// What is known of threshold and count decides, each for itself.
func TestWhatIsKnownDecides(t *testing.T) {
	counted := func(n int) Policy { return Policy{Counted: true, Failures: n} }
	for name, tc := range map[string]struct {
		p    Policy
		want Reason // empty: granted
	}{
		"nothing known":                          {Policy{}, ""},
		"count 0, threshold unknown":             {counted(0), ""},
		"count 1, threshold unknown":             {counted(1), Failures},
		"count 7, threshold unknown":             {counted(7), Failures},
		"threshold 1, count unknown":             {Policy{Threshold: 1}, LastAttempts},
		"threshold 2, count unknown":             {Policy{Threshold: 2}, LastAttempts},
		"threshold 3, count unknown":             {Policy{Threshold: 3}, ""},
		"a failure that is not counted is none":  {Policy{Threshold: 3, Failures: 2}, ""},
		"never locks":                            {Policy{Threshold: Never, Counted: true, Failures: 99}, ""},
		"hidden fine-grained policy":             {Policy{Hidden: true}, HiddenPolicy},
		"hidden fine-grained policy, count 0":    {Policy{Hidden: true, Counted: true}, HiddenPolicy},
		"hidden, and the user tells a threshold": {Policy{Hidden: true, Threshold: 5}, ""},
		"hidden, and the user tells a small one": {Policy{Hidden: true, Threshold: 2}, LastAttempts},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := newClock().open(t, t.TempDir()).Reserve(context.Background(), svc, wrong, tc.p)
			var r *Refusal
			switch {
			case err == nil:
				_ = a.Close()
				if tc.want != "" {
					t.Error("granted")
				}
				if a.Blind() != (tc.p == Policy{}) {
					t.Errorf("blind: %v", a.Blind())
				}
			case !errors.As(err, &r) || r.Reason != tc.want:
				t.Errorf("%v, want %q", err, tc.want)
			}
			if _, err := open(t, Options{Dir: t.TempDir(), Override: true}).Reserve(context.Background(), svc, wrong, tc.p); err != nil {
				t.Errorf("the user takes the risk, and it is refused: %v", err)
			}
		})
	}
}

func TestEveryRefusalSaysWhatToDo(t *testing.T) {
	for _, r := range []*Refusal{
		{Reason: HiddenPolicy}, {Reason: Failures, Left: 1}, {Reason: Failures, Left: 3}, {Reason: SamePassword, Name: "CN=svc"},
		{Reason: Remembered, Until: start, Wait: 27 * 24 * time.Hour}, {Reason: Remembered, Open: true}, {Reason: LastAttempts, Left: 2},
		{Reason: Spent}, {Reason: Busy},
	} {
		text := r.Error()
		for reason, part := range map[Reason]string{HiddenPolicy: "--lockout-threshold", Failures: "--lockout-threshold", SamePassword: "CN=svc",
			LastAttempts: "2 more"} {
			if r.Reason == reason && !strings.Contains(text, part) {
				t.Errorf("%q is missing in: %s", part, text)
			}
		}
		if r.Wait > 0 && !strings.Contains(text, "27 days") {
			t.Errorf("the time is missing: %s", text)
		}
	}
}

// With three as the threshold that is assumed, a second failure would be the last but one.
func TestAnUnknownPolicyIsTakenForTheStrictest(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
	c.advance(time.Hour)
	if r := refusal(t, c.open(t, dir), other, Policy{}); r.Reason != LastAttempts || r.Left != 2 || !r.Assumed || r.Wait != 23*time.Hour {
		t.Errorf("another password: %+v", r)
	}
	// A policy that allows more lets another password pass, and still not the same one.
	if r := refusal(t, c.open(t, dir), wrong, Policy{Threshold: 50, Window: 2 * time.Hour}); r.Reason != Remembered {
		t.Errorf("the same password under a known policy: %+v", r)
	}
	spend(t, c.open(t, dir), other, Policy{Threshold: 50, Window: 2 * time.Hour}, Rejected)
}

func TestTheLastTwoAttemptsAreNeverUsed(t *testing.T) {
	for _, tc := range []struct {
		threshold, failures int
		granted             bool
	}{
		{0, 99, true}, {1, 0, false}, {2, 0, false}, {3, 0, true}, {3, 1, false}, {3, 2, false}, {3, 7, false},
		{5, 2, true}, {5, 3, false}, {10, 7, true}, {10, 8, false},
	} {
		p := Policy{Threshold: LocksAt(tc.threshold), Window: time.Hour, Counted: true, Failures: tc.failures}
		a, err := newClock().open(t, t.TempDir()).Reserve(context.Background(), svc, wrong, p)
		if granted := err == nil; granted != tc.granted {
			t.Errorf("threshold %d, %d failures: granted = %v (%v)", tc.threshold, tc.failures, granted, err)
		}
		if a != nil {
			_ = a.Close()
		}
	}
}

func TestDifferentWrongPasswordsAddUp(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	granted := 0
	for i := range 20 {
		b := c.open(t, dir)
		a, err := b.Reserve(context.Background(), svc, NewSecret(fmt.Sprint("guess", i)), domain)
		if err == nil {
			granted++
			_ = a.Settle(Rejected)
		}
		c.advance(time.Second)
	}
	if want := int(domain.Threshold) - reserve; granted != want {
		t.Errorf("%d of 20 guesses granted with a threshold of %d", granted, domain.Threshold)
	}
}

// A server that stays silent did not refuse the password: a later run sends it again, once. A server that checks passwords and hangs up
// would lock the account otherwise. Towards a known threshold silence counts all the same.
func TestSilenceIsNoRefusal(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	for range 2 {
		spend(t, c.open(t, dir), wrong, Policy{}, Unanswered)
		c.advance(time.Hour)
	}
	if r := refusal(t, c.open(t, dir), wrong, Policy{}); r.Reason != LastAttempts || !r.Assumed || r.Until.IsZero() {
		t.Errorf("a third time: %+v", r)
	}
	c.advance(AssumedWindow)
	for range 2 {
		spend(t, c.open(t, dir), wrong, Policy{}, Unanswered)
	}
	six := Policy{Threshold: 9, Window: 24 * time.Hour}
	for range 3 {
		spend(t, c.open(t, dir), wrong, six, Unanswered)
	}
	five := Policy{Threshold: 9, Window: 24 * time.Hour}
	spend(t, c.open(t, dir), wrong, five, Unanswered)
	if r := refusal(t, c.open(t, dir), wrong, Policy{Threshold: 8, Window: 24 * time.Hour}); r.Reason != LastAttempts || r.Left != 2 {
		t.Errorf("%+v", r)
	}
	b := c.open(t, t.TempDir())
	spend(t, b, wrong, Policy{}, Unanswered)
	if r := refusal(t, b, wrong, Policy{}); r.Reason != Spent {
		t.Errorf("a second time in one run: %+v", r)
	}
}

func TestOneAttemptPerAccountAndRun(t *testing.T) {
	c := newClock()
	b := c.open(t, t.TempDir())
	spend(t, b, wrong, Policy{Threshold: Never}, Rejected)
	if r := refusal(t, b, other, Policy{Threshold: Never}); r.Reason != Spent {
		t.Errorf("second attempt of the run: %+v", r)
	}
	if err := b.Check(context.Background(), svc, other, Policy{}); err == nil {
		t.Error("Check grants a second attempt")
	}
}

func TestAProvenPasswordMayBeUsedAgain(t *testing.T) {
	c := newClock()
	b := c.open(t, t.TempDir())
	right := NewSecret("Right")
	spend(t, b, right, domain, Accepted)
	again := Account{Names: []string{"svc@example.com"}}
	strict := Policy{Threshold: 2, Window: time.Hour} // read with the first log-in; a right password does not count
	a, err := b.Reserve(context.Background(), again, NewSecret("Right"), strict)
	if err != nil || !a.Again() || a.Password() != "Right" {
		t.Fatalf("a = %+v, err = %v", a, err)
	}
	_ = a.Settle(Rejected) // another server does not know it: no third server is asked
	if r := refusal(t, b, right, domain); r.Reason != Spent {
		t.Errorf("after a refusal: %+v", r)
	}
}

// Servers are probed side by side: the second one waits for what the first one learns.
func TestAttemptsOfOneRunWaitForEachOther(t *testing.T) {
	for _, tc := range []struct {
		outcome Outcome
		want    int32
	}{{Accepted, 8}, {Rejected, 1}} {
		b := newClock().open(t, t.TempDir())
		var made atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				a, err := b.Reserve(context.Background(), svc, wrong, domain)
				if err == nil {
					made.Add(1)
					_ = a.Settle(tc.outcome)
				}
			})
		}
		wg.Wait()
		if made.Load() != tc.want {
			t.Errorf("outcome %v: %d attempts, want %d", tc.outcome, made.Load(), tc.want)
		}
	}
}

func TestSuccessForgetsFailures(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	right, four := NewSecret("Right"), Policy{Threshold: 4, Window: time.Hour}
	spend(t, c.open(t, dir), wrong, four, Rejected)
	spend(t, c.open(t, dir), right, four, Accepted)
	// The count starts anew; the wrong password is as wrong as before.
	if r := refusal(t, c.open(t, dir), wrong, four); r.Reason != Remembered {
		t.Errorf("%+v", r)
	}
	spend(t, c.open(t, dir), other, four, Rejected)
	if r := refusal(t, c.open(t, dir), NewSecret("Third"), Policy{Threshold: 3, Window: time.Hour}); r.Left != 2 {
		t.Errorf("%+v", r)
	}
	// A password that was wrong and proves right is wrong no more.
	spend(t, open(t, Options{Dir: dir, Now: c.now, Override: true}), wrong, four, Accepted)
	spend(t, c.open(t, dir), wrong, four, Rejected)
}

func TestAnswersThatDoNotTestThePasswordAreNotHeldAgainstIt(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	b := c.open(t, dir)
	for range maxUntested {
		spend(t, b, wrong, Policy{}, Untested)
	}
	if r := refusal(t, b, wrong, Policy{}); r.Reason != Spent {
		t.Errorf("the run never ends: %+v", r)
	}
	spend(t, c.open(t, dir), wrong, Policy{}, Barred)
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
}

func TestOverridePassesMemoryButNotTheRun(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
	b := open(t, Options{Dir: dir, Now: c.now, Override: true})
	spend(t, b, wrong, Policy{}, Rejected)
	if r := refusal(t, b, wrong, Policy{}); r.Reason != Spent {
		t.Errorf("%+v", r)
	}
}

func TestAnEmptyPasswordIsNeverSent(t *testing.T) {
	b := newClock().open(t, t.TempDir())
	for _, s := range []Secret{{}, NewSecret("")} {
		if _, err := b.Reserve(context.Background(), svc, s, Policy{}); !errors.Is(err, ErrNoSecret) {
			t.Errorf("err = %v", err)
		}
	}
}

const crashDir = "LOGINBUDGET_TEST_CRASH_DIR"

// Between the look at the run and the look at the state another goroutine of the run can begin its attempt: that one is under way, and not
// interrupted.
func TestCheckKnowsAnAttemptThatBeginsMeanwhile(t *testing.T) {
	var b *Budget
	var begun *Attempt
	first := true
	b = open(t, Options{Dir: t.TempDir(), Now: func() time.Time { // Check asks for the time after its look at the run
		if first {
			first = false
			var err error
			if begun, err = b.Reserve(context.Background(), svc, wrong, domain); err != nil {
				t.Error(err)
			}
		}
		return start
	}})
	if err := b.Check(context.Background(), svc, wrong, domain); err != nil {
		t.Errorf("Check during an attempt that is under way: %v", err)
	}
	if err := begun.Settle(Rejected); err != nil {
		t.Fatal(err)
	}
	var r *Refusal
	if err := b.Check(context.Background(), svc, other, domain); !errors.As(err, &r) || r.Reason != Spent {
		t.Errorf("Check after it: %v", err)
	}
}
