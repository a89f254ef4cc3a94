package edge

import "cupclint/lint"

// The rules of this package.
const (
	ruleMissing     lint.Live = "EDGE101"
	ruleTarget      lint.Live = "EDGE102"
	ruleInternal    lint.Live = "EDGE103"
	rulePort        lint.Live = "EDGE104"
	ruleUnreachable lint.Live = "EDGE105"
	ruleCertificate lint.Live = "EDGE106"
	ruleService     lint.Live = "EDGE107"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(ruleMissing, ruleTarget, ruleInternal, rulePort, ruleUnreachable, ruleCertificate, ruleService)
}
