package sipcheck

import "cupclint/lint"

// The rules of this package.
var (
	ruleUnreachable = lint.Define("SIP101", lint.Rule{})
	ruleChallenged  = lint.Define("SIP102", lint.Rule{})
	ruleOpen        = lint.Define("SIP103", lint.Rule{})
	ruleRealm       = lint.Define("SIP104", lint.Rule{})
	ruleRefused     = lint.Define("SIP105", lint.Rule{})
	ruleCertificate = lint.Define("SIP109", lint.Rule{})
	ruleCTI         = lint.Define("CTI101", lint.Rule{})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleUnreachable, ruleChallenged, ruleOpen, ruleRealm, ruleRefused, ruleCertificate, ruleCTI}
}
