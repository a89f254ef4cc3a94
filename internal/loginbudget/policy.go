package loginbudget

import (
	"slices"
	"time"
)

// A Threshold is the number of failures that locks an account. Its zero value is "unknown".
type Threshold int

// LocksAt makes a threshold of a number that was read or told; 0 means never.
func LocksAt(n int) Threshold {
	if n <= 0 {
		return Never
	}
	return Threshold(n)
}

// Policy is what is known about the lock-out policy of the account and its present state. The zero value is "nothing
// known".
type Policy struct {
	Threshold Threshold
	// Window is the time after which a failure no longer counts; 0 means that it is not known, Forever that it never does.
	Window time.Duration
	// Counted says that a server told how many failures count against the account now; Failures is that number. Domain
	// controllers count each for itself, so it is the least that counts.
	Counted  bool
	Failures int
	// Hidden says that a policy of the account's own was seen to apply, and its threshold was not shown: it may lock at the first
	// failure.
	Hidden bool
}

// window is how long a failure counts. Without a known one, that of a known threshold never ends, and the assumed one holds else.
func (p Policy) window() time.Duration {
	switch {
	case p.Window != 0:
		return p.Window
	case p.Threshold > 0:
		return Forever
	}
	return AssumedWindow
}

// counts reports whether a failure from then still counts, for itself. One from the future is a clock that was set back: it counts.
func (p Policy) counts(then, now time.Time) bool {
	w := p.window()
	return w == Forever || now.Before(then.Add(w))
}

// counting are the failures that count now. Active Directory and 389 Directory Server begin anew only when the window is over since the
// youngest failure, so a failure counts while one that counts followed within the window. OpenLDAP counts each for itself, which is never
// more.
func (p Policy) counting(failures []entry, now time.Time) []entry {
	slices.SortFunc(failures, func(a, b entry) int { return b.At.Compare(a.At) })
	for i, e := range failures {
		if !p.counts(e.At, now) {
			return failures[:i]
		}
		if e.At.Before(now) {
			now = e.At
		}
	}
	return failures
}

// Blind reports whether a log-in under this policy may add a failure to others that are not known.
func (p Policy) Blind() bool { return p.Threshold == UnknownThreshold && !p.Counted }

// What is assumed where nothing is known about a lock-out policy. Being wrong here must cost the user a wait, never an account.
const (
	// AssumedThreshold is the strictest threshold that is common.
	AssumedThreshold = 3
	// AssumedWindow is longer than the observation windows that are common.
	AssumedWindow = 24 * time.Hour
	// Memory is how long a password that was judged wrong is not sent again, at least.
	Memory = 28 * 24 * time.Hour
)

// reserve is how many attempts are always left to the account's owner: an attempt that would be the last, or the last but
// one, is not made.
const reserve = 2

// The thresholds that are not a number.
const (
	UnknownThreshold Threshold = 0
	Never            Threshold = -1 // no number of failures locks
)

// Forever is the window of failures that only a good log-in clears.
const Forever time.Duration = -1

// BlindNote is what a finding says of a log-in about whose account nothing was known.
const BlindNote = "Before this log-in, neither the lock-out policy nor the current failure count could be read. The log-in may add one " +
	"failure to the account, and the failures of others are unknown. Use --no-login to avoid it."
