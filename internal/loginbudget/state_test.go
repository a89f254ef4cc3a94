package loginbudget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A state of a thousand failures takes no more: it must not grow until it cannot be read.
func TestTheStateHasABound(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	spend(t, c.open(t, dir), wrong, domain, Rejected)
	path := filepath.Join(dir, stateFile)
	st, err := readState(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(st.Entries) < maxEntries {
		e := st.Entries[0]
		e.ID, e.Accounts = fmt.Sprint(len(st.Entries)), []string{fmt.Sprint("other", len(st.Entries))}
		st.Entries = append(st.Entries, e)
	}
	b, err := json.Marshal(st)
	if err != nil || len(b) > maxState {
		t.Fatalf("%v, %d bytes", err, len(b))
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var m *MemoryError
	if _, err := c.open(t, dir).Reserve(context.Background(), svc, other, domain); !errors.As(err, &m) || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
}

// Without a folder there is no log-in; and nothing else is kept from being done: the folder is opened at the first one.
func TestTheFolderIsOpenedAtTheFirstLogIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"no folder is known":   {NoDir: errors.New("set HOME")},
		"it cannot be made":    {Dir: filepath.Join(file, "state")},
		"it is a file":         {Dir: file},
		"nothing at all given": {},
	} {
		b := open(t, o)
		var m *MemoryError
		if _, err := b.Reserve(context.Background(), svc, wrong, Policy{}); !errors.As(err, &m) {
			t.Errorf("%s: %v", name, err)
		}
		if err := b.Check(context.Background(), svc, wrong, Policy{}); !errors.As(err, &m) {
			t.Errorf("%s: Check: %v", name, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "state")
	_ = open(t, Options{Dir: dir})
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there before any log-in: %v", err)
	}
}

// A state that breaks under a log-in is distinguished from what the server said.
func TestAnOutcomeThatCannotBeWrittenIsAMemoryError(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "state"), newClock()
	a, err := c.open(t, dir).Reserve(context.Background(), svc, wrong, domain)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var m *MemoryError
	if err := a.Settle(Accepted); !errors.As(err, &m) {
		t.Errorf("%v", err)
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
			a, err := c.open(t, dir).Reserve(context.Background(), svc, wrong, Policy{})
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

// TestMain doubles as a process that dies between an attempt and its result.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		b := Open(Options{Dir: dir, Now: func() time.Time { return start }, Cost: cheap})
		if _, err := b.Reserve(context.Background(), svc, wrong, Policy{}); err != nil {
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
	if r := refusal(t, c.open(t, dir), wrong, Policy{}); r.Reason != Remembered || !r.Open {
		t.Errorf("%+v", r)
	}
	if r := refusal(t, c.open(t, dir), other, Policy{}); r.Reason != LastAttempts {
		t.Errorf("%+v", r)
	}
	c.advance(AssumedWindow + time.Second)
	spend(t, c.open(t, dir), wrong, Policy{}, Rejected) // it is not known that it is wrong
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
			t.Errorf("%q is in the state", leak)
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
	spend(t, c.open(t, strange), wrong, Policy{}, Untested)
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
			var m *MemoryError
			_, err := c.open(t, dir).Reserve(context.Background(), svc, other, Policy{Threshold: Never})
			if !errors.As(err, &m) {
				t.Fatalf("%v", err)
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
	if d, err := DefaultDir(env("XDG_STATE_HOME", "relative", "HOME", abs)); err != nil ||
		d != filepath.Join(abs, ".local", "state", "cupclint") {
		t.Error(d, err)
	}
	if _, err := DefaultDir(env()); err == nil {
		t.Error("no error without any folder")
	}
}

func FuzzUserParts(f *testing.F) {
	for _, s := range []string{"svc", `a\b`, "a@b", `CN=a\,b,DC=c`, "=", `=\`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range userParts(s) {
			if n == "" || n != strings.Join(strings.Fields(n), " ") {
				t.Errorf("userParts(%q) has %q", s, n)
			}
		}
	})
}
