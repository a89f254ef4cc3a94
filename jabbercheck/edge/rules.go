package edge

import "cupclint/lint"

// The rules of this package.
var (
	ruleMissing     = lint.Define("EDGE101", lint.Rule{})
	ruleTarget      = lint.Define("EDGE102", lint.Rule{})
	ruleInternal    = lint.Define("EDGE103", lint.Rule{})
	rulePort        = lint.Define("EDGE104", lint.Rule{})
	ruleUnreachable = lint.Define("EDGE105", lint.Rule{})
	ruleCertificate = lint.Define("EDGE106", lint.Rule{})
	ruleService     = lint.Define("EDGE107", lint.Rule{})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleMissing, ruleTarget, ruleInternal, rulePort, ruleUnreachable, ruleCertificate, ruleService}
}
