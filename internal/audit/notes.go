package audit

import (
	"fmt"
	"strings"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// maxNamed bounds the log-ins that a note names.
const maxNamed = 5

// Notes are what a report says of the run itself: which log-ins were made without knowing what they may do to their account.
func (o *Observations) Notes() []string {
	var blind []string
	add := func(at *probe.Observation, account string) {
		blind = append(blind, fmt.Sprintf("at %s as %s", probe.Clean(at.Target.String()), account))
	}
	for _, d := range o.Directories {
		if b := d.Auditor; b != nil && b.Blind {
			add(&d.Observation, b.DN)
		}
		if b := d.Bind; b != nil && b.Blind {
			add(&d.Observation, b.DN)
		}
	}
	for _, s := range o.Stores {
		if s.Login != nil && s.Login.Blind {
			add(&s.Observation, s.Login.User)
		}
	}
	for _, c := range o.Calendars {
		if c.Login != nil && c.Login.Blind {
			add(&c.Observation, c.Login.User)
		}
	}
	for _, s := range o.Presence {
		if s.Login != nil && s.Login.Blind {
			add(&s.Observation, s.Login.User)
		}
	}
	if len(blind) == 0 {
		return nil
	}
	what, it := "the log-in ", "it"
	if len(blind) > 1 {
		what, it = "the log-ins ", "each"
	}
	if more := len(blind) - maxNamed; more > 0 {
		blind = append(blind[:maxNamed], fmt.Sprintf("and %d more", more))
	}
	return []string{"Neither the lock-out policy nor the current failure count could be read before " + what + strings.Join(blind, ", ") + ": " +
		it + " may add one failure to the account, and failures made by others are unknown. Use --no-login to avoid it."}
}

// PlanNotes are what a plan says before anything is sent. told is the policy that the user vouches for.
func PlanNotes(rows []Row, told loginbudget.Policy) []string {
	if Accounts(rows) == 0 || told.Threshold != loginbudget.UnknownThreshold {
		return nil
	}
	return []string{"Where neither the lock-out policy nor the current failure count can be read before a log-in, it may add one failure to the account, and failures " +
		"made by others are unknown. Use --no-login to avoid it."}
}
