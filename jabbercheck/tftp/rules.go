package tftp

import "cupclint/lint"

// The rules of this package.
const (
	ruleUnreachable lint.Live = "TFTP101"
	ruleMissing     lint.Live = "TFTP102"
	ruleDamaged     lint.Live = "TFTP103"
	ruleServers     lint.Live = "TFTP104"
	ruleRepository  lint.Live = "TFTP105"
	ruleGroup       lint.Live = "TFTP106"
	ruleSecrets     lint.Live = "TFTP107"
	ruleAnswer      lint.Live = "TFTP108"
	ruleCertificate lint.Live = "TFTP109"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(
		ruleUnreachable, ruleMissing, ruleDamaged, ruleServers, ruleRepository, ruleGroup, ruleSecrets, ruleAnswer, ruleCertificate,
	)
}
