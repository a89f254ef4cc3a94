package xmpp

import "cupclint/lint"

const areaName = "xmpp"

// The rules of this package.
const (
	ruleUnreachable lint.Live = "XMPP101"
	ruleHostUnknown lint.Live = "XMPP102"
	ruleNoStartTLS  lint.Live = "XMPP103"
	ruleOptional    lint.Live = "XMPP104"
	ruleStreamError lint.Live = "XMPP105"
	ruleElsewhere   lint.Live = "XMPP106"
	ruleMechanisms  lint.Live = "XMPP107"
	ruleLogin       lint.Live = "XMPP108"
	ruleCertificate lint.Live = "XMPP109"
	ruleOneName     lint.Live = "XMPP110"
	ruleNoDomain    lint.Live = "XMPP111"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(
		ruleUnreachable, ruleHostUnknown, ruleNoStartTLS, ruleOptional, ruleStreamError, ruleElsewhere, ruleMechanisms, ruleLogin,
		ruleCertificate,
		ruleOneName, ruleNoDomain,
	)
}
