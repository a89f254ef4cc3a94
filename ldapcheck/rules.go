package ldapcheck

import "cupclint/lint"

// The rules of this package.
var (
	ruleUnreachable = lint.Define("LDAP101", lint.Rule{})
	ruleBind        = lint.Define("LDAP102", lint.Rule{})
	ruleReferral    = lint.Define("LDAP103", lint.Rule{})
	ruleBase        = lint.Define("LDAP104", lint.Rule{})
	ruleRisk        = lint.Define("LDAP105", lint.Rule{})
	ruleLocked      = lint.Define("LDAP106", lint.Rule{})
	ruleExpiry      = lint.Define("LDAP107", lint.Rule{})
	ruleEmpty       = lint.Define("LDAP108", lint.Rule{})
	ruleCertificate = lint.Define("LDAP109", lint.Rule{})

	// ruleGCAttribute is the static rule of the same ID; here the directory's own schema is the evidence.
	ruleGCAttribute = lint.Define("LDAP009", lint.Rule{Kind: lint.LiveKind})
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleUnreachable, ruleBind, ruleReferral, ruleBase, ruleRisk, ruleLocked, ruleExpiry, ruleEmpty, ruleCertificate}
}
