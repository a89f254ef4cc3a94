package loginbudget

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Reason says why an attempt is refused.
type Reason string

// A Refusal is the error for an attempt that is not made. Nothing was sent.
type Refusal struct {
	Reason Reason `json:"reason"`
	// Until is when the attempt may be made; zero when waiting does not help.
	Until time.Time `json:"until,omitzero"`
	// Wait is the time from now until then.
	Wait time.Duration `json:"wait,omitempty"` // nanoseconds in JSON
	// Assumed says that the threshold is not known, so that AssumedThreshold was used.
	Assumed bool `json:"assumed,omitempty"`
	// Left is the number of failures until the lock, by the policy used; for Failures, how many count.
	Left int `json:"left"`
	// Open says of a Remembered password that its log-in never came to its end, so that it is not known whether it is wrong.
	Open bool `json:"open,omitempty"`
	// Name is the other name of SamePassword.
	Name string `json:"name,omitempty"`
}

func (r *Refusal) Error() string {
	var b strings.Builder
	switch r.Reason {
	case Remembered:
		if r.Open {
			b.WriteString("an earlier log-in with this password was interrupted. It may count as a failure, so it is not repeated")
		} else {
			b.WriteString("this password was refused before, so it is not sent again")
		}
	case LastAttempts:
		more := "attempts"
		if r.Left == 1 {
			more = "attempt"
		}
		fmt.Fprintf(&b, "not tried: %d more failed %s would lock the account, and a probe never uses the last two", r.Left, more)
	case HiddenPolicy:
		return "not tried: a fine-grained password policy applies to this account. Its lock-out threshold cannot be read, so one failed " +
			"attempt may lock the account. Give the threshold with --lockout-threshold, or use --allow-lockout-risk"
	case Failures:
		return fmt.Sprintf("not tried: the directory counts %s for this account, and it is not known how many lock it. Give the threshold with "+
			"--lockout-threshold", failures(r.Left))
	case SamePassword:
		return "not tried: this run saw the same password refused at this directory as " + r.Name + ". The two names may be one account"
	case Spent:
		return "not tried: this account already had its one attempt in this run"
	case Busy:
		return "not tried: another process is trying this account and has not finished"
	}
	if r.Assumed {
		fmt.Fprintf(&b, " (the lock-out policy could not be read: a threshold of %d within %s is assumed)", AssumedThreshold, span(AssumedWindow))
	}
	if !r.Until.IsZero() {
		fmt.Fprintf(&b, "; it may be tried in %s, at %s", span(r.Wait), r.Until.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return b.String()
}

func failures(n int) string {
	if n == 1 {
		return "1 failure"
	}
	return fmt.Sprintf("%d failures", n)
}

// span writes a duration for people: 29m30s, 24h, 28 days.
func span(d time.Duration) string {
	d = max(d, time.Second).Round(time.Second)
	if days := d.Round(time.Hour) / (24 * time.Hour); days >= 2 {
		return fmt.Sprintf("%d days", days)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ErrNoSecret is returned for an attempt without a password.
var ErrNoSecret = errors.New("no password was given, and an empty one is never sent")

// A MemoryError says that log-in attempts cannot be remembered on this computer. No server is the cause.
type MemoryError struct{ Err error }

func (e *MemoryError) Error() string {
	return "this computer cannot remember log-in attempts: " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *MemoryError) Unwrap() error { return e.Err }

// wait says how long to wait until the youngest of the failures stops counting.
func (r *Refusal) wait(failures []entry, window time.Duration, now time.Time) {
	if window == Forever {
		return
	}
	for _, e := range failures {
		if t := e.At.Add(window); t.After(r.Until) {
			r.Until = t
		}
	}
	r.Wait = r.Until.Sub(now)
}

// The reasons for a refusal.
const (
	Remembered   Reason = "remembered-wrong" // this password was judged wrong before, or may have been
	LastAttempts Reason = "last-attempts"    // it would be the last or last but one before the lock
	HiddenPolicy Reason = "hidden-policy"    // a fine-grained policy applies and its threshold is not shown
	Failures     Reason = "failures"         // failures count already, and it is not known how many lock
	SamePassword Reason = "same-password"    // this run saw it refused under another name, at the same directory
	Spent        Reason = "spent"            // the account had its one attempt in this run
	Busy         Reason = "busy"             // another process is trying the account and did not finish in time
)
