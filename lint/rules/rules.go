// Package rules holds the static rules. They get an export, or the exports of a run together, as lint.Input and return
// findings. Rules look nothing up and never show a secret. Only package resolve decides what a client makes of a node name
// and a domain.
//
// A rule is silent if another one names the cause more exactly.
package rules

import (
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// All returns the static rules, in the order of their IDs within an area.
func All() []*lint.Rule {
	return slices.Concat(presence(), credentials(), directory(), mail(), sip(), cti(), ocs(), hygiene(), jabber(), deployment(), ntp(), repl(),
		svc(), changes(), clu(), sys(), cert(), phn(), ver(), lic())
}

// rule makes a rule that looks at one export.
func rule(id string, check func(*lint.Input) []lint.Finding) *lint.Rule {
	return lint.Define(id, lint.Rule{Check: check})
}

// joined makes a rule that looks at the exports of one deployment together.
func joined(id string, check func(*lint.Deployment) []lint.Finding) *lint.Rule {
	return lint.Define(id, lint.Rule{Joined: check})
}

// FirstLight is the profile of a deployment that is being brought up: TCP before TLS, plain passwords while testing.
const FirstLight = lint.FirstLight

// value returns the value of a key, "" when the export does not have it.
func value(in *lint.Input, k export.KeyID) string {
	v, _ := in.Value(k)
	return v
}

func isTrue(s string) bool { return strings.EqualFold(s, "TRUE") }

// member returns the property of an indexed key with the number n, or nil.
func member(in *lint.Input, k export.KeyID, n int) *export.Property {
	for p := range in.All(k) {
		if p.N == n {
			return p
		}
	}
	return nil
}

// known reports whether the export has a value for the key that is not empty.
func known(p *export.Property) bool { return p != nil && p.Value != "" }

// one wraps a single finding.
func one(f lint.Finding) []lint.Finding { return []lint.Finding{f} }
