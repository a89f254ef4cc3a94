package ntpcheck

import "cupclint/lint"

// The rules of this package.
var (
	ruleUnreachable = lint.Define("NTP101", lint.Rule{})
	ruleNoTime      = lint.Define("NTP102", lint.Rule{})
	ruleStratum     = lint.Define("NTP103", lint.Rule{})
	ruleVersion     = lint.Define("NTP104", lint.Rule{})
	ruleRefusal     = lint.Define("NTP105", lint.Rule{})
	ruleDispersion  = lint.Define("NTP106", lint.Rule{})
	ruleOffset      = lint.Define("NTP107", lint.Rule{})
	ruleFree        = lint.Define("NTP108", lint.Rule{})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleUnreachable, ruleNoTime, ruleStratum, ruleVersion, ruleRefusal, ruleDispersion, ruleOffset, ruleFree}
}
