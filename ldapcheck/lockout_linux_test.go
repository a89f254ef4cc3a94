package ldapcheck

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// lockRuns is how many runs of each kind are made: make test makes 100, make soak 1,000.
func lockRuns() int {
	if os.Getenv("CUPCLINT_SOAK") != "" {
		return 1000
	}
	return 100
}

// A lockable is a directory that locks an account at three failures, and the account.
type lockable struct {
	addr, account, right string
	// seer may read the policy and the count, blind neither; empty for no auditor at all.
	seer, blind Login
	failures    func(t *testing.T) int
	locked      func(t *testing.T) bool
}

// A lockRun is one run of the program.
type lockRun struct {
	Addr, Account, Password, Dir, Auditor, AuditorPassword string
	Override                                               bool
}

func (r lockRun) probe() *Observation {
	b := loginbudget.Open(loginbudget.Options{Dir: r.Dir, Cost: servertest.Cheap, Override: r.Override})
	c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(time.Minute)}, Budget: b}
	host, port, _ := strings.Cut(r.Addr, ":")
	q := Request{Target: probe.Target{Host: host, Security: probe.Plain}, Role: RoleManual,
		Login: Login{DN: r.Account, Password: loginbudget.NewSecret(r.Password)}}
	q.Target.Port, _ = strconv.Atoi(port)
	if r.Auditor != "" {
		q.Auditor = Login{DN: r.Auditor, Password: loginbudget.NewSecret(r.AuditorPassword)}
	}
	return c.Probe(context.Background(), q)
}

const childRun = "LDAPCHECK_TEST_RUN"

// TestMain doubles as one run of the program in a process of its own.
func TestMain(m *testing.M) {
	args := strings.Split(os.Getenv(childRun), "\n")
	if len(args) != 4 {
		os.Exit(m.Run())
	}
	o := lockRun{Addr: args[0], Account: args[1], Password: args[2], Dir: args[3]}.probe()
	switch {
	case o.Error != nil:
		fmt.Println(o.Error)
		os.Exit(1)
	case o.Bind.NotMade != "":
		fmt.Println("not made:", o.Bind.NotMade)
	default:
		fmt.Println("made:", o.Bind.Code, o.Bind.Sub)
	}
}

// processes makes the runs in processes of their own, eight at a time, and counts those that made a bind.
func (l *lockable) processes(t *testing.T, dir string) (made int) {
	t.Helper()
	return l.sideBySide(func(i int) bool {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childRun+"="+strings.Join([]string{l.addr, l.account, neverValid, dir}, "\n"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("run %d: %v: %s", i, err, out)
		}
		if strings.Contains(string(out), neverValid) {
			t.Errorf("run %d shows its password: %s", i, out)
		}
		return strings.HasPrefix(string(out), "made:")
	})
}

// sideBySide makes the runs eight at a time and counts those that made a bind.
func (l *lockable) sideBySide(run func(i int) bool) int {
	var n atomic.Int32
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range lockRuns() {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if run(i) {
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return int(n.Load())
}

// clear sets the count of failures to 0, as a good log-in does.
func (l *lockable) clear(t *testing.T) {
	t.Helper()
	o := lockRun{Addr: l.addr, Account: l.account, Password: l.right, Dir: t.TempDir()}.probe()
	if o.Bind == nil || !o.Bind.OK || l.failures(t) != 0 || l.locked(t) {
		t.Fatalf("the account is not as it was: %+v, %d failures", o.Bind, l.failures(t))
	}
}

// check makes all kinds of runs against one directory.
func (l *lockable) check(t *testing.T) {
	unlocked := func(t *testing.T, made, want int) {
		t.Helper()
		if got := l.failures(t); made != want || got != want || l.locked(t) {
			t.Errorf("%d binds were made and %d failures counted, want %d; locked: %v", made, got, want, l.locked(t))
		}
	}
	t.Run("a memory that is kept, eight at a time", func(t *testing.T) {
		l.clear(t)
		unlocked(t, l.processes(t, t.TempDir()), 1)
	})
	t.Run("nor do as many different passwords", func(t *testing.T) {
		l.clear(t)
		dir := t.TempDir()
		unlocked(t, l.sideBySide(func(i int) bool {
			return made(lockRun{Addr: l.addr, Account: l.account, Password: fmt.Sprint(neverValid, i), Dir: dir}.probe())
		}), 1)
	})
	t.Run("a memory that cannot be written, eight at a time", func(t *testing.T) {
		l.clear(t)
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o400); err != nil {
			t.Fatal(err)
		}
		unlocked(t, l.sideBySide(func(int) bool {
			return made(lockRun{Addr: l.addr, Account: l.account, Password: neverValid, Dir: filepath.Join(file, "state")}.probe())
		}), 0)
	})
	if l.seer.DN != "" {
		t.Run("no memory, and an auditor who reads policy and count, one after the other", func(t *testing.T) {
			l.clear(t)
			n := 0
			for range lockRuns() {
				if o := l.run(t, l.seer, false); made(o) {
					n++
					if o.Bind.Blind {
						t.Error("made without knowing")
					}
				}
			}
			unlocked(t, n, 1)
		})
	}
	t.Run("no memory, and no account reads policy or count: at most one bind a run, and it is said", func(t *testing.T) {
		l.clear(t)
		for run := 1; run <= 2; run++ {
			o := l.run(t, l.blind, false)
			if n := l.failures(t); !made(o) || n != run || !o.Bind.Blind {
				t.Fatalf("run %d: %d failures, bind %+v", run, n, o.Bind)
			}
			contains(t, strings.Join(find(t, Judge([]*Observation{o}, JudgeOptions{}), "LDAP102").Evidence, "\n"), "may add one failure",
				"the failures of others are unknown", "--no-login")
		}
	})
	t.Run("without the budget the same runs lock it", func(t *testing.T) {
		l.clear(t)
		for range lockRuns() {
			if o := l.run(t, Login{}, true); !made(o) {
				t.Fatalf("%+v", o.Bind)
			}
			if l.locked(t) {
				return
			}
		}
		t.Error("the account is not locked")
	})
}

// run makes one run with a memory of its own.
func (l *lockable) run(t *testing.T, auditor Login, override bool) *Observation {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	r := lockRun{Addr: l.addr, Account: l.account, Password: neverValid, Dir: dir, Auditor: auditor.DN, Override: override}
	switch auditor.DN {
	case "":
	case servertest.OpenLDAPAdmin:
		r.AuditorPassword = servertest.OpenLDAPAdminPassword
	case servertest.DS389Admin:
		r.AuditorPassword = servertest.DS389AdminPassword
	default:
		r.AuditorPassword = l.right
	}
	o := r.probe()
	if o.Error != nil {
		t.Fatal(o.Error)
	}
	if auditor.DN != "" && (o.Auditor == nil || !o.Auditor.OK) {
		t.Fatalf("the auditor: %+v, %v", o.Auditor, o.Evidence)
	}
	return o
}

// The directories lock an account at three failures. No number of runs with a wrong password may get there, and the control shows that
// this test can fail.
func TestSoakLockOutActiveDirectory(t *testing.T) {
	t.Parallel()
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	l := &lockable{addr: ad.Addr(389), account: servertest.ADUser("svc"), right: servertest.ADPassword,
		seer:     Login{DN: servertest.ADUser("good")},
		failures: func(t *testing.T) int { n, _ := strconv.Atoi(ad.Attribute(t, "svc", "badPwdCount")); return n },
		locked: func(t *testing.T) bool {
			since := ad.Attribute(t, "svc", "lockoutTime")
			return since != "" && since != "0"
		},
	}
	l.check(t)
	// Two failures lock psouser, which the auditor cannot see.
	t.Run("a fine-grained policy whose numbers are hidden", func(t *testing.T) {
		p := &lockable{addr: l.addr, account: servertest.ADUser("psouser"), right: l.right, seer: l.seer}
		for range lockRuns() {
			if o := p.run(t, p.seer, false); made(o) {
				t.Fatalf("%+v", o.Bind)
			}
		}
		if n := ad.Attribute(t, "psouser", "badPwdCount"); n != "" && n != "0" {
			t.Errorf("badPwdCount %s", n)
		}
	})
}

func openLDAPLockable(t *testing.T, cfg servertest.OpenLDAPConfig) *lockable {
	t.Helper()
	t.Parallel()
	srv := servertest.OpenLDAP(t, cfg)
	return &lockable{addr: srv.Addr, account: servertest.OpenLDAPUserDN("svc"), right: servertest.OpenLDAPPassword,
		failures: func(t *testing.T) int { return len(srv.Attribute(t, "svc", "pwdFailureTime")) },
		locked:   func(t *testing.T) bool { return len(srv.Attribute(t, "svc", "pwdAccountLockedTime")) > 0 },
	}
}

func TestSoakLockOutOpenLDAP(t *testing.T) {
	l := openLDAPLockable(t, servertest.OpenLDAPConfig{})
	l.seer = Login{DN: servertest.OpenLDAPUserDN("good")}
	l.check(t)
}

// A policy whose numbers are hidden is unknown, and never "does not lock".
func TestSoakLockOutOpenLDAPThatHidesItsPolicy(t *testing.T) {
	l := openLDAPLockable(t, servertest.OpenLDAPConfig{HidePolicy: true, HideCount: true, HideLock: true})
	l.seer, l.blind = Login{DN: servertest.OpenLDAPAdmin}, Login{DN: servertest.OpenLDAPUserDN("good")}
	l.check(t)
}

func TestSoakLockOut389(t *testing.T) {
	for name, hidden := range map[string]bool{"ordinary accounts see the count": false, "they see neither": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := servertest.DS389(t, servertest.DS389Config{HideCount: hidden})
			l := &lockable{addr: srv.Addr, account: servertest.DS389UserDN("svc"), right: servertest.DS389Password,
				seer:     Login{DN: servertest.DS389Admin},
				failures: func(t *testing.T) int { n, _ := strconv.Atoi(srv.Attribute(t, "svc", "passwordRetryCount")); return n },
				locked:   func(t *testing.T) bool { return srv.Attribute(t, "svc", "accountUnlockTime") != "" },
			}
			if hidden {
				l.blind = Login{DN: servertest.DS389UserDN("good")}
				l.check(t)
				return
			}
			l.clear(t)
			// The policy is hidden and the count is not: a log-in is made only while it is 0.
			n := 0
			for range lockRuns() {
				if made(l.run(t, Login{DN: servertest.DS389UserDN("good")}, false)) {
					n++
				}
			}
			if failures := l.failures(t); n != 1 || failures != 1 || l.locked(t) {
				t.Errorf("%d binds were made, %d failures", n, failures)
			}
		})
	}
}
