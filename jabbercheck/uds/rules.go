package uds

import (
	"cupclint/internal/live"
	"cupclint/lint"
)

// The rules of this package.
var (
	ruleUnreachable = lint.Define("UDS101", lint.Rule{})
	ruleService     = lint.Define("UDS102", lint.Rule{})
	ruleLogin       = lint.Define("UDS103", lint.Rule{})
	ruleNotHome     = lint.Define("UDS104", lint.Rule{})
	ruleForbidden   = lint.Define("UDS105", lint.Rule{})
	ruleNames       = lint.Define("UDS106", lint.Rule{})
	ruleTwoHomes    = lint.Define("UDS107", lint.Rule{})
	ruleAssignment  = lint.Define("UDS108", lint.Rule{})
	ruleCertificate = lint.Define("UDS109", lint.Rule{})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		ruleUnreachable, ruleService, ruleLogin, ruleNotHome, ruleForbidden,
		ruleNames, ruleTwoHomes, ruleAssignment, ruleCertificate, live.RuleWebProxy,
	}
}
