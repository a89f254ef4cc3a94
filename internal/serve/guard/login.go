package guard

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Passwords says whether a password is that of a user.
type Passwords interface {
	// Proven says whether Check found the password right before. It is quick, and takes the same time for any answer.
	Proven(user, password string) bool
	// Check may take long, and takes as long for a user that it does not know.
	Check(user, password string) bool
}

// How many wrong passwords an address may try, and how many addresses are distinguished. The others share one limit.
const (
	wrongAtOnce  = 10
	wrongEvery   = 6 * time.Second
	maxAddresses = 1024
)

// logins checks basic authentication: one slow check at a time, and an address that tried too many wrong passwords has to wait, whatever
// it tries then. Otherwise it would learn from the answer whether a guess is right.
type logins struct {
	passwords Passwords
	now       func() time.Time
	one       lane

	mu     sync.Mutex
	wrong  map[netip.Prefix]*rate.Limiter
	others *rate.Limiter
}

func newLogins(p Passwords, now func() time.Time) *logins {
	return &logins{passwords: p, now: now, one: newLane(1), wrong: make(map[netip.Prefix]*rate.Limiter), others: newLimiter()}
}

func newLimiter() *rate.Limiter { return rate.NewLimiter(rate.Every(wrongEvery), wrongAtOnce) }

// check says who logged in, or what to answer.
func (l *logins) check(r *http.Request) (user string, refused *refusal) {
	user, password, ok := r.BasicAuth()
	if !ok {
		return "", &refusal{status: http.StatusUnauthorized, text: "A user name and a password are required.", realm: true}
	}
	from := clientNet(r)
	if l.exhausted(from) {
		return "", tooMany()
	}
	if l.passwords.Proven(user, password) {
		return user, nil
	}
	const wait = 10 * time.Second
	leave, ok := l.one.enter(r.Context(), wait)
	if !ok {
		return "", busy()
	}
	defer leave()
	switch { // others went before
	case l.exhausted(from):
		return "", tooMany()
	case l.passwords.Proven(user, password), l.passwords.Check(user, password):
		return user, nil
	}
	l.failed(from)
	return "", &refusal{status: http.StatusUnauthorized, text: "The user name or the password is wrong.", realm: true}
}

func tooMany() *refusal {
	return &refusal{status: http.StatusTooManyRequests, text: "Too many wrong passwords came from this address. Wait a minute.",
		retry: time.Minute}
}

// clientNet is the address that a request comes from; of IPv6 the network, since a client has all addresses of it.
func clientNet(r *http.Request) netip.Prefix {
	const network = 64
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = network
	}
	p, _ := ip.Prefix(bits) // the length fits
	return p
}

// exhausted says whether an address tried too many wrong passwords.
func (l *logins) exhausted(from netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit, ok := l.wrong[from]
	if !ok {
		if len(l.wrong) < maxAddresses {
			return false
		}
		limit = l.others
	}
	return limit.TokensAt(l.now()) < 1
}

// failed counts a wrong password. An address that did not try one for long is forgotten when there are too many.
func (l *logins) failed(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	limit, ok := l.wrong[from]
	if !ok {
		if len(l.wrong) >= maxAddresses {
			for p, old := range l.wrong {
				if old.TokensAt(now) >= wrongAtOnce {
					delete(l.wrong, p)
				}
			}
		}
		limit = l.others
		if len(l.wrong) < maxAddresses {
			limit = newLimiter()
			l.wrong[from] = limit
		}
	}
	limit.AllowN(now, 1)
}
