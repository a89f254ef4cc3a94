package sipcheck

import "cupclint/lint"

func rule(id, name, area string, sev lint.Severity, summary string) *lint.Rule {
	return &lint.Rule{ID: id, Name: name, Area: area, Severity: sev, Kind: lint.LiveKind, Summary: summary}
}

// The rules of this package.
var (
	ruleUnreachable = rule("SIP101", "sip-unreachable", "sip", lint.Error,
		"the presence server cannot be reached or does not speak SIP: refused, timeout, name, TLS told apart")
	ruleChallenged = rule("SIP102", "sip-digest-challenged", "sip", lint.Error,
		"the proxy asks for a digest credential, and the deployment has none or means not to need one")
	ruleOpen    = rule("SIP103", "sip-open", "sip", lint.Warning, "REGISTER passes without any credential")
	ruleRealm   = rule("SIP104", "sip-realm-mismatch", "sip", lint.Info, "the realm of the challenge is not the SIP domain")
	ruleRefused = rule("SIP105", "sip-digest-refused", "sip", lint.Error,
		"nobody can log in: the digest credential was refused, or REGISTER is refused, or no Digest is offered")
	ruleCertificate = rule("SIP109", "sip-certificate", "sip", lint.Error,
		"the certificate or TLS version of the presence server does not stand up: date, name, chain, version told apart")
	ruleCTI = rule("CTI101", "cti-unreachable", "cti", lint.Error, "CTIManager's port does not accept connections, or does not keep them open")
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleUnreachable, ruleChallenged, ruleOpen, ruleRealm, ruleRefused, ruleCertificate, ruleCTI}
}
