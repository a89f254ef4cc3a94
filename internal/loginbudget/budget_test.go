package loginbudget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
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
	domain = Policy{Known: true, Threshold: 5, Window: 30 * time.Minute}
)

type clock struct{ t atomic.Int64 }

func newClock() *clock                                 { c := new(clock); c.t.Store(start.UnixNano()); return c }
func (c *clock) now() time.Time                        { return time.Unix(0, c.t.Load()).UTC() }
func (c *clock) advance(d time.Duration)               { c.t.Add(int64(d)) }
func (c *clock) open(t *testing.T, dir string) *Budget { return open(t, Options{Dir: dir, Now: c.now}) }

func open(t *testing.T, o Options) *Budget {
	t.Helper()
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
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

func TestNamesOfOneAccountAreOneAccount(t *testing.T) {
	for _, n := range []string{"svc", "SVC", `CORP\svc`, "svc@example.com", "CN=svc,DC=example,DC=com", "uid=svc+sn=x,dc=x", " cn = svc , dc=x"} {
		if got := leafName(n); got != "svc" {
			t.Errorf("leafName(%q) = %q", n, got)
		}
	}
	if got := leafName(`CN=Smith\, Ann,DC=x`); got != "smith, ann" {
		t.Errorf("an escaped comma ends the name: %q", got)
	}
	if got := (Account{Scope: "unity", Names: []string{"svc"}}).keys(); got[0] == svc.keys()[0] {
		t.Error("two scopes share an account")
	}
}

func TestAWrongPasswordIsNotTriedAgainInsideTheWindow(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, domain, Rejected)

	c.advance(10 * time.Minute)
	r := refusal(t, c.open(t, dir), wrong, domain)
	if r.Reason != Remembered || r.Wait != 20*time.Minute || !r.Until.Equal(start.Add(30*time.Minute)) || r.Assumed {
		t.Errorf("refusal = %+v", r)
	}
	if msg := r.Error(); !strings.Contains(msg, "20m") || !strings.Contains(msg, "2009-03-02 09:30:00 UTC") {
		t.Errorf("the time is missing: %s", msg)
	}
	if err := c.open(t, dir).Check(context.Background(), svc, wrong, domain); err == nil {
		t.Error("Check grants what Reserve refuses")
	}

	c.advance(20*time.Minute + time.Second)
	if err := c.open(t, dir).Check(context.Background(), svc, wrong, domain); err != nil {
		t.Errorf("after the window: %v", err)
	}
	spend(t, c.open(t, dir), wrong, domain, Rejected)
}

func TestAnUnknownPolicyIsTakenForTheStrictest(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
	c.advance(time.Hour)
	if r := refusal(t, c.open(t, dir), wrong, Policy{}); r.Reason != Remembered || !r.Assumed || r.Wait != 23*time.Hour {
		t.Errorf("the same password: %+v", r)
	}
	// With three as the threshold, a second failure would be the last but one.
	if r := refusal(t, c.open(t, dir), other, Policy{}); r.Reason != LastAttempts || r.Left != 2 {
		t.Errorf("another password: %+v", r)
	}
	// A policy that allows more lets another password pass, and still not the same one.
	if r := refusal(t, c.open(t, dir), wrong, Policy{Known: true, Threshold: 50, Window: 2 * time.Hour}); r.Reason != Remembered {
		t.Errorf("the same password under a known policy: %+v", r)
	}
	spend(t, c.open(t, dir), other, Policy{Known: true, Threshold: 50, Window: 2 * time.Hour}, Rejected)
}

func TestTheLastTwoAttemptsAreNeverUsed(t *testing.T) {
	for _, tc := range []struct {
		threshold, failures int
		granted             bool
	}{
		{0, 99, true}, {1, 0, false}, {2, 0, false}, {3, 0, true}, {3, 1, false}, {3, 2, false}, {3, 7, false},
		{5, 2, true}, {5, 3, false}, {10, 7, true}, {10, 8, false},
	} {
		p := Policy{Known: true, Threshold: tc.threshold, Window: time.Hour, Failures: tc.failures}
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
	if granted != domain.Threshold-reserve {
		t.Errorf("%d of 20 guesses granted with a threshold of %d", granted, domain.Threshold)
	}
}

func TestOneAttemptPerAccountAndRun(t *testing.T) {
	c := newClock()
	b := c.open(t, t.TempDir())
	spend(t, b, wrong, Policy{Known: true, Threshold: 0}, Rejected)
	if r := refusal(t, b, other, Policy{Known: true, Threshold: 0}); r.Reason != Spent {
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
	strict := Policy{Known: true, Threshold: 2, Window: time.Hour} // read with the first log-in; a right password does not count
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
	spend(t, c.open(t, dir), wrong, domain, Rejected)
	spend(t, c.open(t, dir), NewSecret("Right"), domain, Accepted)
	spend(t, c.open(t, dir), wrong, domain, Rejected)
}

func TestAnswersThatDoNotTestThePasswordAreNotHeldAgainstIt(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	b := c.open(t, dir)
	for range maxUntested {
		spend(t, b, wrong, Policy{}, Untested)
	}
	if r := refusal(t, b, wrong, Policy{}); r.Reason != Spent {
		t.Errorf("the run goes on for ever: %+v", r)
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

// Eight runs at a time, a hundred in all, each a Budget of its own as each process has.
func TestManyRunsAtOnceMakeOneAttempt(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	var granted atomic.Int32
	slots := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for range 100 {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			b, err := Open(Options{Dir: dir, Now: c.now})
			if err != nil {
				t.Error(err)
				return
			}
			a, err := b.Reserve(context.Background(), svc, wrong, Policy{})
			if err == nil {
				granted.Add(1)
				_ = a.Settle(Rejected)
			}
		})
	}
	wg.Wait()
	if n := granted.Load(); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestARunWaitsForAnotherOne(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	a, err := c.open(t, dir).Reserve(context.Background(), svc, wrong, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err = c.open(t, dir).Reserve(ctx, svc, wrong, Policy{})
	var r *Refusal
	if !errors.As(err, &r) || r.Reason != Busy {
		t.Errorf("err = %v", err)
	}
	_ = a.Settle(Accepted)
	spend(t, c.open(t, dir), wrong, Policy{}, Accepted)
}

const crashDir = "LOGINBUDGET_TEST_CRASH_DIR"

// TestMain doubles as a process that dies between an attempt and its result.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		b, err := Open(Options{Dir: dir, Now: func() time.Time { return start }})
		if err == nil {
			_, err = b.Reserve(context.Background(), svc, wrong, Policy{})
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestACrashCountsAsAnAttempt(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if r := refusal(t, c.open(t, dir), wrong, Policy{}); r.Reason != Remembered {
		t.Errorf("%+v", r)
	}
}

func TestTheStateIsPrivateAndSaysNothing(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "state"), newClock()
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
	spend(t, open(t, Options{Dir: dir, Now: c.now, Override: true}), wrong, Policy{}, Rejected)
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v %v", info.Mode(), err)
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		info, _ := f.Info()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{"Never.Valid1", "svc", "example"} {
		if strings.Contains(strings.ToLower(string(b)), strings.ToLower(leak)) {
			t.Errorf("%q stands in the state", leak)
		}
	}
	var st state
	if err := json.Unmarshal(b, &st); err != nil || len(st.Entries) != 2 {
		t.Fatalf("%v, %d entries", err, len(st.Entries))
	}
	if st.Entries[0].Hash == st.Entries[1].Hash {
		t.Error("two entries show that they hold one password")
	}
	// The state under another salt means nothing.
	strange := t.TempDir()
	_ = c.open(t, strange)
	if err := os.WriteFile(filepath.Join(strange, stateFile), b, 0o600); err != nil {
		t.Fatal(err)
	}
	spend(t, c.open(t, strange), wrong, Policy{}, Rejected)
}

func TestAStateThatOthersCanReadIsClosed(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
	path := filepath.Join(dir, stateFile)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_ = refusal(t, c.open(t, dir), wrong, Policy{})
	if info, _ := os.Stat(path); info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestABrokenStateRefusesInsteadOfForgetting(t *testing.T) {
	for name, breakIt := range map[string]func(dir string) error{
		"damaged state": func(dir string) error { return os.WriteFile(filepath.Join(dir, stateFile), []byte("{"), 0o600) },
		"other version": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, stateFile), []byte(`{"version":9}`), 0o600)
		},
		"huge state":   func(dir string) error { return os.Truncate(filepath.Join(dir, stateFile), maxState+1) },
		"salt lost":    func(dir string) error { return os.Remove(filepath.Join(dir, saltFile)) },
		"salt damaged": func(dir string) error { return os.Truncate(filepath.Join(dir, saltFile), 3) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), newClock()
			spend(t, c.open(t, dir), wrong, Policy{}, Rejected)
			if err := breakIt(dir); err != nil {
				t.Fatal(err)
			}
			b, err := Open(Options{Dir: dir, Now: c.now})
			if err == nil {
				_, err = b.Reserve(context.Background(), svc, other, Policy{Known: true})
			}
			if err == nil {
				t.Fatal("an attempt was granted")
			}
			if !strings.Contains(err.Error(), dir) {
				t.Errorf("the error does not name the file: %v", err)
			}
		})
	}
}

func TestAClockSetBackForgetsNothing(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, domain, Rejected)
	c.advance(-48 * time.Hour)
	if r := refusal(t, c.open(t, dir), wrong, domain); r.Reason != Remembered {
		t.Errorf("%+v", r)
	}
}

func TestDefaultDir(t *testing.T) {
	env := func(kv ...string) func(string) string {
		return func(k string) string {
			for i := 0; i < len(kv); i += 2 {
				if kv[i] == k {
					return kv[i+1]
				}
			}
			return ""
		}
	}
	abs := string(filepath.Separator) + "x"
	if d, err := DefaultDir(env("XDG_STATE_HOME", abs, "HOME", "/h")); err != nil || d != filepath.Join(abs, "cupclint") {
		t.Error(d, err)
	}
	if d, err := DefaultDir(env("XDG_STATE_HOME", "relative", "HOME", abs)); err != nil || d != filepath.Join(abs, ".local", "state", "cupclint") {
		t.Error(d, err)
	}
	if _, err := DefaultDir(env()); err == nil {
		t.Error("no error without any folder")
	}
}

func FuzzLeafName(f *testing.F) {
	for _, s := range []string{"svc", `a\b`, "a@b", `CN=a\,b,DC=c`, "=", `=\`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := leafName(s)
		if n != strings.ToLower(n) || n != strings.TrimSpace(n) {
			t.Errorf("leafName(%q) = %q", s, n)
		}
	})
}
