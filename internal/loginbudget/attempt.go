package loginbudget

import "sync"

// An Outcome says how an attempt ended.
type Outcome int

// The outcomes.
const (
	// Unknown: this side gave up, and it is not known whether the password was checked: the run was cancelled, the process died. It
	// counts as a failure, and the password is not sent again while that failure may count.
	Unknown Outcome = iota
	// Accepted: the password is right. Failures on record are forgotten, as the directory forgets them.
	Accepted
	// Rejected: the password was checked and refused.
	Rejected
	// Unanswered: the server stayed silent or closed the connection. It did not refuse the password, so a later run may send it again;
	// towards a known threshold it counts as a failure all the same. The account has had its attempt in this run.
	Unanswered
	// Untested: the server answered without judging the password (a referral, "use TLS first", busy, a failure of its own).
	// Nothing is remembered, and the run may try again elsewhere, a few times.
	Untested
	// Barred: the password plays no part in the refusal: it is right, or the account is locked anyway. Nothing is
	// remembered, but the account has had its attempt in this run.
	Barred
)

// String names the outcome for the log.
func (o Outcome) String() string {
	names := [...]string{Unknown: "unknown", Accepted: "accepted", Rejected: "refused", Unanswered: "no answer", Untested: "not tested"}
	if o < 0 || int(o) >= len(names) {
		return "unknown"
	}
	return names[o]
}

// An Attempt is the right to log in once. Settle it with the outcome; a deferred Close settles what was left open as
// Unknown.
type Attempt struct {
	budget *Budget
	store  *store
	try    *try
	id     string
	unlock func()
	again  bool
	policy Policy
	once   sync.Once
	err    error
}

// Password gives the text of the secret, for the log-in and nothing else.
func (a *Attempt) Password() string { return a.try.secret.reveal() }

// Scrub takes the secret out of what a server said: one that sends it back must not get it into a report. The forms in which it was sent
// go as well: percent-encoded, and base64 or hexadecimal digits that hold it, alone or next to a name. A secret of fewer than four bytes
// goes only where it is a word of its own: it would tear other words apart.
func (a *Attempt) Scrub(text string) string { return a.try.secret.scrub(text) }

// Again reports whether this run has already proved the password right.
func (a *Attempt) Again() bool { return a.again }

// Blind reports whether the attempt is made although neither the threshold nor the count of failures is known: it may add one
// failure to others that are not known here.
func (a *Attempt) Blind() bool { return !a.again && a.policy.Blind() }

// Settle writes down how the attempt ended. Only the first call counts. Its error is a *MemoryError: the log-in itself was made.
func (a *Attempt) Settle(o Outcome) error {
	a.once.Do(func() {
		defer a.unlock()
		b := a.budget
		b.mu.Lock()
		a.try.proven = o == Accepted
		a.try.refused = o == Rejected || o == Unknown || o == Unanswered
		for _, id := range a.try.ids.all {
			b.run[id] = a.try
			if o == Untested {
				if b.untested[id]++; b.untested[id] < maxUntested {
					delete(b.run, id)
				}
			}
		}
		close(a.try.done)
		b.mu.Unlock()
		if log := b.options.Log; log != nil {
			log.Info("log-in ended", "account", a.try.account.shown(), "how", o.String())
		}
		a.err = a.store.settle(a.id, a.try.ids, a.try.secret, o, b.now(), a.policy)
	})
	return a.err
}

// Close settles an attempt that is still open as Unknown.
func (a *Attempt) Close() error { return a.Settle(Unknown) }
