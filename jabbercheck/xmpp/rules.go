package xmpp

import "cupclint/lint"

const areaName = "xmpp"

// The rules of this package.
var (
	ruleUnreachable = lint.Define("XMPP101", lint.Rule{})
	ruleHostUnknown = lint.Define("XMPP102", lint.Rule{})
	ruleNoStartTLS  = lint.Define("XMPP103", lint.Rule{})
	ruleOptional    = lint.Define("XMPP104", lint.Rule{})
	ruleStreamError = lint.Define("XMPP105", lint.Rule{})
	ruleElsewhere   = lint.Define("XMPP106", lint.Rule{})
	ruleMechanisms  = lint.Define("XMPP107", lint.Rule{})
	ruleLogin       = lint.Define("XMPP108", lint.Rule{})
	ruleCertificate = lint.Define("XMPP109", lint.Rule{})
	ruleOneName     = lint.Define("XMPP110", lint.Rule{})
	ruleNoDomain    = lint.Define("XMPP111", lint.Rule{})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		ruleUnreachable, ruleHostUnknown, ruleNoStartTLS, ruleOptional, ruleStreamError, ruleElsewhere, ruleMechanisms, ruleLogin,
		ruleCertificate,
		ruleOneName, ruleNoDomain,
	}
}
