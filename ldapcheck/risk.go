package ldapcheck

import (
	"fmt"
	"strings"
	"time"
)

// A Forecast says whether and when stale clients lock the account after a password change, with the arithmetic.
type Forecast struct {
	Locks bool
	// After is the time to the lock when the clients' attempts are spread evenly.
	After time.Duration
	// AtOnce says that one round of the clients is enough: if they log in at the same time, they lock the account at once.
	AtOnce bool
	// Steps is the arithmetic, one line each.
	Steps []string
}

// TimeToLock computes when clients with an old password lock the account: each of them tries once every interval.
// failures is the number of failures that already count.
//
// AD sets the count back to one when more than the window passed since the last failure (MS-SAMR, section
// 3.1.5.14.6), so what matters is the gap between two failures. OpenLDAP counts the failures inside the window
// (slapo-ppolicy(5), pwdFailureCountInterval), so what matters is how many fall into one.
func TimeToLock(p Policy, failures, clients int, interval time.Duration) Forecast {
	var f Forecast
	say := func(format string, args ...any) { f.Steps = append(f.Steps, fmt.Sprintf(format, args...)) }
	switch {
	case clients <= 0 || interval <= 0:
		say("no client with the old password is assumed")
		return f
	case p.Readable && p.Threshold <= 0:
		say("the policy never locks (threshold 0)")
		return f
	}
	gap := interval / time.Duration(clients)
	say("%s, one attempt each every %s: one failure every %s", plural(clients, "client", "clients"), plainSpan(interval), plainSpan(gap))
	if p.Kind == kindAD || p.Kind == "" {
		say("%s", previousPassword)
	}
	if !p.Readable {
		say("the lock-out policy is not known, so it cannot be computed whether and when these failures lock the account")
		return f
	}
	left := max(p.Threshold-failures, 0)
	say("threshold %d, %d already counted: %d failures left", p.Threshold, failures, left)
	if left == 0 {
		f.Locks, f.AtOnce = true, true
		return f
	}
	f.AtOnce = clients >= left
	window := time.Duration(p.Window)
	switch {
	case window == 0:
		f.Locks = true
		say("failures count until a successful log-in clears them")
	case p.Kind == kindAD:
		f.Locks = gap <= window || left == 1
		say("the count starts again only after %s without a failure; the gap is %s", plainSpan(window), plainSpan(gap))
	default:
		inWindow := int(window/max(gap, 1)) + 1
		f.Locks = inWindow >= p.Threshold
		say("%d failures are in one window of %s", inWindow, plainSpan(window))
	}
	if f.Locks {
		f.After = time.Duration(left) * gap
		say("%d failures x %s = %s to the lock", left, plainSpan(gap), plainSpan(f.After))
		if d := time.Duration(p.Duration); d > 0 {
			say("each lock lasts %s, then the same clients lock it again", plainSpan(d))
		} else if p.endless() {
			say("the lock lasts until an administrator removes it")
		}
	}
	if f.AtOnce {
		say("%d clients that log in at the same time are enough to lock the account at once", left)
	}
	return f
}

// previousPassword is the exception to the arithmetic in Active Directory (Microsoft, "Account Lockout Threshold", N-2 password history
// check).
const previousPassword = "Active Directory does not count a password that is one of the last two of the account's password history. " +
	"Clients that still have the previous password do not lock the account; an older or mistyped password counts"

// plainSpan writes a time span for people: "30 minutes", "1 hour 30 minutes", "2.5 seconds". Two units at most.
func plainSpan(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + plainSpan(-d)
	case d > 0 && d < time.Millisecond:
		return "less than 1 millisecond"
	case d > 0 && d < 100*time.Millisecond:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()*1000), ".0") + " milliseconds"
	}
	if d < time.Minute {
		s := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.1f", d.Seconds()), "0"), ".")
		if s == "1" {
			return "1 second"
		}
		return s + " seconds"
	}
	units := []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}}
	var parts []string
	for i, u := range units {
		n := d / u.size
		d %= u.size
		if n > 0 {
			name := u.name
			if n > 1 {
				name += "s"
			}
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
		}
		if len(parts) == 2 || (len(parts) == 1 && n == 0) || i == len(units)-1 {
			break
		}
	}
	return strings.Join(parts, " ")
}
