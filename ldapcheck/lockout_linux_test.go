package ldapcheck

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// What a child process is told: address, bind name, password, state folder.
const childRun = "LDAPCHECK_TEST_RUN"

// TestMain doubles as one run of the program in a process of its own.
func TestMain(m *testing.M) {
	args := strings.Split(os.Getenv(childRun), "\n")
	if len(args) != 4 {
		os.Exit(m.Run())
	}
	b := loginbudget.Open(loginbudget.Options{Dir: args[3], Cost: cheap})
	c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(time.Minute)}, Budget: b}
	host, port, _ := strings.Cut(args[0], ":")
	r := Request{Target: probe.Target{Host: host, Security: probe.Plain}, Role: RoleManual, Login: Login{DN: args[1], Password: loginbudget.NewSecret(args[2])}}
	_, _ = fmt.Sscan(port, &r.Target.Port)
	o := c.Probe(context.Background(), r)
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

// hundred starts a hundred processes, eight at a time, and counts those that made a bind.
func hundred(t *testing.T, addr, name string, password func(i int) string, dir func(i int) string) (made int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range 100 {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childRun+"="+strings.Join([]string{addr, name, password(i), dir(i)}, "\n"))
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("run %d: %v: %s", i, err, out)
			}
			if strings.Contains(string(out), password(i)) {
				t.Errorf("run %d shows its password: %s", i, out)
			}
			if strings.HasPrefix(string(out), "made:") {
				mu.Lock()
				made++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return made
}

// The domain locks an account at three failures. A hundred runs with a wrong password must not get there; the same runs
// without a memory in common do, which shows that this test can fail.
func TestAHundredRunsNeverLockAnAccount(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	shared := t.TempDir()
	one := func(int) string { return neverValid }
	together := func(int) string { return shared }

	made := hundred(t, ad.Addr(389), servertest.ADUser("svc"), one, together)
	if count := ad.Attribute(t, "svc", "badPwdCount"); made != 1 || count != "1" {
		t.Errorf("%d binds were made, badPwdCount is %s", made, count)
	}
	if since := ad.Attribute(t, "svc", "lockoutTime"); since != "" && since != "0" {
		t.Errorf("the account is locked: lockoutTime %s", since)
	}

	t.Run("nor do a hundred different passwords", func(t *testing.T) {
		other := t.TempDir()
		made := hundred(t, ad.Addr(389), servertest.ADUser("good"), func(i int) string { return fmt.Sprint(neverValid, i) }, func(int) string { return other })
		if count := ad.Attribute(t, "good", "badPwdCount"); made != 1 || count != "1" {
			t.Errorf("%d binds were made, badPwdCount is %s", made, count)
		}
	})

	t.Run("without a common memory they lock it", func(t *testing.T) {
		alone := make([]string, 100)
		for i := range alone {
			alone[i] = t.TempDir()
		}
		hundred(t, ad.Addr(389), servertest.ADUser("svc"), one, func(i int) string { return alone[i] })
		if since := ad.Attribute(t, "svc", "lockoutTime"); since == "" || since == "0" {
			t.Errorf("the account is not locked: badPwdCount %s", ad.Attribute(t, "svc", "badPwdCount"))
		}
	})
}

func TestAHundredRunsNeverLockAnOpenLDAPAccount(t *testing.T) {
	srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{})
	shared := t.TempDir()
	made := hundred(t, srv.Addr, servertest.OpenLDAPUserDN("svc"), func(int) string { return neverValid }, func(int) string { return shared })
	if failures := srv.Attribute(t, "svc", "pwdFailureTime"); made != 1 || len(failures) != 1 {
		t.Errorf("%d binds were made, failures %q", made, failures)
	}
	if locked := srv.Attribute(t, "svc", "pwdAccountLockedTime"); len(locked) != 0 {
		t.Errorf("locked: %q", locked)
	}
}
