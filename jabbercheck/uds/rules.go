package uds

import (
	"cupclint/internal/live"
	"cupclint/lint"
)

// The rules of this package.
const (
	ruleUnreachable lint.Live = "UDS101"
	ruleService     lint.Live = "UDS102"
	ruleLogin       lint.Live = "UDS103"
	ruleNotHome     lint.Live = "UDS104"
	ruleForbidden   lint.Live = "UDS105"
	ruleNames       lint.Live = "UDS106"
	ruleTwoHomes    lint.Live = "UDS107"
	ruleAssignment  lint.Live = "UDS108"
	ruleCertificate lint.Live = "UDS109"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(
		ruleUnreachable, ruleService, ruleLogin, ruleNotHome, ruleForbidden,
		ruleNames, ruleTwoHomes, ruleAssignment, ruleCertificate, live.RuleWebProxy,
	)
}
