package mailcheck

import "cupclint/lint"

// The rules of this package.
var (
	ruleIMAP        = lint.Define("MAIL101", lint.Rule{})
	ruleDisabled    = lint.Define("MAIL102", lint.Rule{})
	ruleNoStartTLS  = lint.Define("MAIL103", lint.Rule{})
	ruleLogin       = lint.Define("MAIL104", lint.Rule{})
	ruleExchange    = lint.Define("MAIL105", lint.Rule{})
	ruleForms       = lint.Define("MAIL106", lint.Rule{})
	ruleNoDAV       = lint.Define("MAIL107", lint.Rule{})
	ruleGateway     = lint.Define("MAIL108", lint.Rule{})
	ruleCertificate = lint.Define("MAIL109", lint.Rule{})
	ruleVoicemail   = lint.Define("MAIL110", lint.Rule{})
	ruleVMREST      = lint.Define("MAIL111", lint.Rule{})
	ruleNotify      = lint.Define("MAIL112", lint.Rule{})

	// ruleMixed is the static rule of the same ID; here the servers' own headers are the evidence.
	ruleMixed = lint.Define("MAIL002", lint.Rule{Kind: lint.LiveKind})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		ruleIMAP, ruleDisabled, ruleNoStartTLS, ruleLogin, ruleExchange, ruleForms, ruleNoDAV, ruleGateway, ruleCertificate,
		ruleVoicemail, ruleVMREST, ruleNotify,
	}
}
