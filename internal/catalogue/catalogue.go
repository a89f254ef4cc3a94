// Package catalogue is the one list of all rules of the program, static and live.
package catalogue

import (
	"slices"

	"cupclint/dnscheck"
	"cupclint/ldapcheck"
	"cupclint/lint"
	"cupclint/lint/rules"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// All returns every rule. The order is that of the documentation.
func All() []*lint.Rule {
	return slices.Concat(
		rules.All(),
		[]*lint.Rule{lint.UnusedSuppression},
		dnscheck.Rules(),
		ldapcheck.Rules(),
		mailcheck.Rules(),
		sipcheck.Rules(),
	)
}
