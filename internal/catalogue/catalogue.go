// Package catalogue is the one list of all rules of the program, static and live, and the one list of all areas that can be probed.
package catalogue

import (
	"cupclint/lint"
	"cupclint/lint/rules"
)

// All returns every rule: the static ones, then those of each area. The order is that of the documentation.
func All() []*lint.Rule {
	all := rules.All()
	for _, a := range Areas(nil) {
		all = append(all, a.Info().Rules...)
	}
	return all
}
