package loginbudget

import (
	"strings"
	"sync"
)

// An Outcome says how an attempt ended.
type Outcome int

// The outcomes.
const (
	// Unknown: nobody knows whether the password was checked (a timeout, a broken connection). It counts as a failure.
	Unknown Outcome = iota
	// Accepted: the password is right. Failures on record are forgotten, as the directory forgets them.
	Accepted
	// Rejected: the password was checked and refused.
	Rejected
	// Untested: the server answered without looking at the password (a referral, "use TLS first"). Nothing is
	// remembered, and the run may try again elsewhere, a few times.
	Untested
	// Barred: the password plays no part in the refusal: it is right, or the account is locked anyway. Nothing is
	// remembered, but the account has had its attempt in this run.
	Barred
)

// An Attempt is the right to log in once. Settle it with the outcome; a deferred Close settles what was left open as
// Unknown.
type Attempt struct {
	budget *Budget
	keys   []string
	secret Secret
	id     string
	unlock func()
	again  bool
	done   chan struct{}
	once   sync.Once
	err    error
}

// Password gives the text of the secret, for the log-in and nothing else.
func (a *Attempt) Password() string { return a.secret.reveal() }

// Scrub takes the secret out of what a server said: one that sends it back must not get it into a report. Secrets of
// fewer than four bytes stay: they would tear words apart, and hide nothing.
func (a *Attempt) Scrub(text string) string {
	if p := a.secret.reveal(); len(p) >= 4 {
		return strings.ReplaceAll(text, p, redacted)
	}
	return text
}

// Again reports whether this run has already proved the password right.
func (a *Attempt) Again() bool { return a.again }

// Settle writes down how the attempt ended. Only the first call counts.
func (a *Attempt) Settle(o Outcome) error {
	a.once.Do(func() {
		defer a.unlock()
		b := a.budget
		b.mu.Lock()
		for _, k := range a.keys {
			b.run[k] = runEntry{secret: a.secret, proven: o == Accepted, done: a.done}
			if o == Untested {
				if b.untested[k]++; b.untested[k] < maxUntested {
					delete(b.run, k)
				}
			}
		}
		close(a.done)
		b.mu.Unlock()
		a.err = b.store.settle(a.id, a.keys, o, b.now())
	})
	return a.err
}

// Close settles an attempt that is still open as Unknown.
func (a *Attempt) Close() error { return a.Settle(Unknown) }
