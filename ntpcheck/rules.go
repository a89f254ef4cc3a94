package ntpcheck

import "cupclint/lint"

// The rules of this package.
const (
	ruleUnreachable lint.Live = "NTP101"
	ruleNoTime      lint.Live = "NTP102"
	ruleStratum     lint.Live = "NTP103"
	ruleVersion     lint.Live = "NTP104"
	ruleRefusal     lint.Live = "NTP105"
	ruleDispersion  lint.Live = "NTP106"
	ruleOffset      lint.Live = "NTP107"
	ruleFree        lint.Live = "NTP108"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(ruleUnreachable, ruleNoTime, ruleStratum, ruleVersion, ruleRefusal, ruleDispersion, ruleOffset, ruleFree)
}
