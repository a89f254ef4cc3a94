package tftp

import "cupclint/lint"

// The rules of this package.
var (
	ruleUnreachable = lint.Define("TFTP101", lint.Rule{})
	ruleMissing     = lint.Define("TFTP102", lint.Rule{})
	ruleDamaged     = lint.Define("TFTP103", lint.Rule{})
	ruleServers     = lint.Define("TFTP104", lint.Rule{})
	ruleRepository  = lint.Define("TFTP105", lint.Rule{})
	ruleGroup       = lint.Define("TFTP106", lint.Rule{})
	ruleSecrets     = lint.Define("TFTP107", lint.Rule{})
	ruleAnswer      = lint.Define("TFTP108", lint.Rule{})
	ruleCertificate = lint.Define("TFTP109", lint.Rule{})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		ruleUnreachable, ruleMissing, ruleDamaged, ruleServers, ruleRepository, ruleGroup, ruleSecrets, ruleAnswer, ruleCertificate,
	}
}
