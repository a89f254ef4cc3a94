package ldapcheck

import "cupclint/lint"

func rule(id, name string, sev lint.Severity, summary string) *lint.Rule {
	return &lint.Rule{ID: id, Name: name, Area: "directory", Severity: sev, Kind: lint.LiveKind, Summary: summary}
}

// The rules of this package.
var (
	ruleUnreachable = rule("LDAP101", "ldap-unreachable", lint.Error,
		"the directory server cannot be reached or does not speak LDAP: refused, timeout, name, TLS told apart")
	ruleBind     = rule("LDAP102", "ldap-bind-failed", lint.Error, "the directory refuses the bind, with its own reason in plain words")
	ruleReferral = rule("LDAP103", "ldap-referral", lint.Error, "the operation the client or CTIManager would do returns a referral here")
	ruleBase     = rule("LDAP104", "ldap-base-missing", lint.Error, "the search base does not exist")
	ruleRisk     = rule("LDAP105", "ldap-lockout-risk", lint.Warning,
		"how close the service account is to its lock-out, and how fast stale clients get it there")
	ruleLocked      = rule("LDAP106", "ldap-account-locked", lint.Error, "the service account is locked now")
	ruleExpiry      = rule("LDAP107", "ldap-password-expiry", lint.Warning, "the password or the account expires soon, or can expire at all")
	ruleEmpty       = rule("LDAP108", "ldap-search-empty", lint.Warning, "the bind works, but the client's own search finds nobody")
	ruleCertificate = rule("LDAP109", "ldap-certificate", lint.Error,
		"the server's certificate or TLS version does not stand up: date, name, chain, version told apart")

	// ruleGCAttribute is the static rule of the same ID; here the directory's own schema is the evidence.
	ruleGCAttribute = rule("LDAP009", "ldap-gc-attribute", lint.Warning, "a mapped attribute is not in the Global Catalog")
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleUnreachable, ruleBind, ruleReferral, ruleBase, ruleRisk, ruleLocked, ruleExpiry, ruleEmpty, ruleCertificate}
}
