package mailcheck

import "cupclint/lint"

// The rules of this package.
const (
	ruleIMAP        lint.Live = "MAIL101"
	ruleDisabled    lint.Live = "MAIL102"
	ruleNoStartTLS  lint.Live = "MAIL103"
	ruleLogin       lint.Live = "MAIL104"
	ruleExchange    lint.Live = "MAIL105"
	ruleForms       lint.Live = "MAIL106"
	ruleNoDAV       lint.Live = "MAIL107"
	ruleGateway     lint.Live = "MAIL108"
	ruleCertificate lint.Live = "MAIL109"
	ruleVoicemail   lint.Live = "MAIL110"
	ruleVMREST      lint.Live = "MAIL111"
	ruleNotify      lint.Live = "MAIL112"

	// ruleMixed is the static rule of the same ID; here the servers' own headers are the evidence.
	ruleMixed lint.Live = "MAIL002"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(
		ruleIMAP, ruleDisabled, ruleNoStartTLS, ruleLogin, ruleExchange, ruleForms, ruleNoDAV, ruleGateway, ruleCertificate,
		ruleVoicemail, ruleVMREST, ruleNotify,
	)
}
