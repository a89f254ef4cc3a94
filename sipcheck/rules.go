package sipcheck

import "cupclint/lint"

// The rules of this package.
const (
	ruleUnreachable lint.Live = "SIP101"
	ruleChallenged  lint.Live = "SIP102"
	ruleOpen        lint.Live = "SIP103"
	ruleRealm       lint.Live = "SIP104"
	ruleRefused     lint.Live = "SIP105"
	ruleCertificate lint.Live = "SIP109"
	ruleCTI         lint.Live = "CTI101"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(ruleUnreachable, ruleChallenged, ruleOpen, ruleRealm, ruleRefused, ruleCertificate, ruleCTI)
}
