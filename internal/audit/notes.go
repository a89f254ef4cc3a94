package audit

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/loginbudget"
)

// maxNamed bounds the log-ins that a note names.
const maxNamed = 5

// Notes are what a report says of the run itself: which log-ins were made without knowing what they may do to their account.
func (o *Observations) Notes() []string {
	var blind []string
	o.eachTarget(func(_ area.Info, s *area.Seen) {
		for _, account := range s.Blind {
			blind = append(blind, fmt.Sprintf("at %s as %s", s.Target, account))
		}
	})
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
	return []string{"Neither the lock-out policy nor the current failure count could be read before " + what + strings.Join(blind, ", ") +
		": " +
		it + " may add one failure to the account, and failures made by others are unknown. Use --no-login to avoid it."}
}

// Covered says which targets are left out of the plan, because a secret inside their name is covered.
func (p *Plan) Covered() []string {
	var places []string
	for _, at := range p.covered {
		if text := fmt.Sprintf("%s (%s:%d)", at.Key, at.File, at.Line); !slices.Contains(places, text) {
			places = append(places, text)
		}
	}
	if len(places) == 0 {
		return nil
	}
	if more := len(places) - maxNamed; more > 0 {
		places = append(places[:maxNamed], fmt.Sprintf("and %d more", more))
	}
	return []string{"Not probed, because a part of the value is a secret, which is covered: " + strings.Join(places, ", ") +
		". Correct the value."}
}

// PlanNotes are what a plan says before anything is sent. told is the policy that the user vouches for.
func PlanNotes(rows []area.Row, told loginbudget.Policy) []string {
	if Accounts(rows) == 0 || told.Threshold != loginbudget.UnknownThreshold {
		return nil
	}
	return []string{"Where neither the lock-out policy nor the current failure count can be read before a log-in, it may add one failure to " +
		"the account, and failures made by others are unknown. Use --no-login to avoid it."}
}
