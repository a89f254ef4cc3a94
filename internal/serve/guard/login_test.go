package guard

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// users knows one password and counts what it was asked.
type users struct {
	mu     sync.Mutex
	proven bool
	checks atomic.Int32
}

func (u *users) Proven(user, password string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.proven && user == "ops" && password == "right"
}

func (u *users) Check(user, password string) bool {
	u.checks.Add(1)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.proven = u.proven || user == "ops" && password == "right"
	return user == "ops" && password == "right"
}

// A gate is a guard with passwords and a clock that is stopped.
type gate struct {
	http.Handler
	users *users
	now   time.Time
}

func newGate() *gate {
	g := &gate{users: &users{}, now: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)}
	g.Handler = New(Options{Passwords: g.users, Open: []string{"/healthz"}, Now: func() time.Time { return g.now }}).Wrap(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	return g
}

func (g *gate) try(from, path, user, password string) int {
	r := httptest.NewRequest("GET", path, nil)
	r.Host, r.RemoteAddr = "localhost", from
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Code
}

func TestPasswordIsRequired(t *testing.T) {
	g := newGate()
	for _, test := range []struct {
		path, user, password string
		want                 int
	}{
		{"/", "", "", 401}, {"/metrics", "", "", 401}, {"/probe", "ops", "wrong", 401}, {"/", "unknown", "right", 401}, {"/", "ops", "", 401},
		{"/", "ops", "right", 200}, {"/metrics", "ops", "right", 200}, {"/healthz", "", "", 200}, {"/healthz/", "", "", 401},
		{"/healthz/../", "", "", 401}, {"//healthz", "", "", 401},
	} {
		if got := g.try("192.0.2.1:1", test.path, test.user, test.password); got != test.want {
			t.Errorf("%s %s %s: status %d, want %d", test.path, test.user, test.password, got, test.want)
		}
	}
}

// A right password is checked once, however many requests come with it at once.
func TestRightPasswordIsCheckedOnce(t *testing.T) {
	g := newGate()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if got := g.try("192.0.2.1:1", "/", "ops", "right"); got != 200 {
				t.Errorf("status %d", got)
			}
		})
	}
	all.Wait()
	if n := g.users.checks.Load(); n != 1 {
		t.Errorf("checked %d times", n)
	}
}

func TestWrongPasswordsAreLimited(t *testing.T) {
	g := newGate()
	const attacker, other = "[2001:db8::1]:1", "192.0.2.2:1"
	if got := g.try(other, "/", "ops", "right"); got != 200 {
		t.Fatalf("status %d", got)
	}
	var all sync.WaitGroup
	var wrong, limited atomic.Int32
	for range 10 * wrongAtOnce {
		all.Go(func() {
			switch g.try(attacker, "/", "ops", "guess") {
			case 401:
				wrong.Add(1)
			case 429:
				limited.Add(1)
			}
		})
	}
	all.Wait()
	if wrong.Load() != wrongAtOnce || limited.Load() != 9*wrongAtOnce {
		t.Errorf("%d were checked, %d refused", wrong.Load(), limited.Load())
	}
	// A right guess looks as a wrong one does now, from all addresses of the network.
	for _, from := range []string{attacker, "[2001:db8::ffff]:2"} {
		if got := g.try(from, "/", "ops", "right"); got != 429 {
			t.Errorf("%s: status %d", from, got)
		}
	}
	if got := g.try(other, "/", "ops", "right"); got != 200 {
		t.Errorf("another client: status %d", got)
	}
	if got := g.try(attacker, "/", "", ""); got != 401 { // a browser that has not asked yet
		t.Errorf("without a password: status %d", got)
	}
	g.now = g.now.Add(wrongEvery)
	if got := g.try(attacker, "/", "ops", "right"); got != 200 {
		t.Errorf("later: status %d", got)
	}
}

// Addresses that cannot be distinguished any more share one limit, so that their number does not help an attacker.
func TestManyAddressesShareALimit(t *testing.T) {
	g := newGate()
	checked := 0
	for i := range maxAddresses + 100 {
		if g.try(address(i), "/", "ops", "guess") == 401 {
			checked++
		}
	}
	if checked != maxAddresses+wrongAtOnce {
		t.Errorf("%d guesses were checked", checked)
	}
	g.now = g.now.Add(time.Hour)
	if got := g.try(address(maxAddresses+99), "/", "ops", "guess"); got != 401 {
		t.Errorf("later: status %d", got)
	}
}

func address(i int) string {
	return fmt.Sprintf("10.1.%d.%d:1", i/250, i%250)
}
