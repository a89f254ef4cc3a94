package ldapcheck

import "cupclint/lint"

// The rules of this package.
const (
	ruleUnreachable lint.Live = "LDAP101"
	ruleBind        lint.Live = "LDAP102"
	ruleReferral    lint.Live = "LDAP103"
	ruleBase        lint.Live = "LDAP104"
	ruleRisk        lint.Live = "LDAP105"
	ruleLocked      lint.Live = "LDAP106"
	ruleExpiry      lint.Live = "LDAP107"
	ruleEmpty       lint.Live = "LDAP108"
	ruleCertificate lint.Live = "LDAP109"

	// ruleGCAttribute is the static rule of the same ID; here the directory's own schema is the evidence.
	ruleGCAttribute lint.Live = "LDAP009"
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(ruleUnreachable, ruleBind, ruleReferral, ruleBase, ruleRisk, ruleLocked, ruleExpiry, ruleEmpty, ruleCertificate)
}
