package mailcheck

import "cupclint/lint"

func rule(id, name string, sev lint.Severity, summary string) *lint.Rule {
	return &lint.Rule{ID: id, Name: name, Area: "mail", Severity: sev, Kind: lint.LiveKind, Summary: summary}
}

func calendarRule(id, name string, sev lint.Severity, summary string) *lint.Rule {
	r := rule(id, name, sev, summary)
	r.Service = "calendar"
	return r
}

// The rules of this package.
var (
	ruleIMAP = rule("MAIL101", "imap-unreachable", lint.Error,
		"the IMAP mail store cannot be reached or does not speak IMAP: refused, timeout, name, TLS told apart")
	ruleDisabled = rule("MAIL102", "imap-login-disabled", lint.Error,
		"the mail store says LOGINDISABLED on the channel the client would use")
	ruleNoStartTLS = rule("MAIL103", "imap-no-starttls", lint.Warning, "the mail store offers no way to TLS on its plain port")
	ruleLogin      = rule("MAIL104", "imap-login-failed", lint.Error, "the mail store refuses the log-in, with its own reason in plain words")
	ruleExchange   = calendarRule("MAIL105", "exchange-unreachable", lint.Error,
		"the calendar gateway cannot be reached or does not speak HTTP: refused, timeout, name, TLS told apart")
	ruleForms = calendarRule("MAIL106", "exchange-forms-login", lint.Warning,
		"a log-in form answers where the presence server expects HTTP authentication")
	ruleNoDAV = calendarRule("MAIL107", "exchange-no-webdav", lint.Error,
		"the calendar's URL does not speak WebDAV, or the account may not read it; EWS there or not")
	ruleGateway = calendarRule("MAIL108", "exchange-gateway-in-path", lint.Warning,
		"signs of ISA, a proxy or a balancer between presence server and Exchange")
	ruleCertificate = rule("MAIL109", "mail-certificate", lint.Error,
		"the certificate or TLS version of mail store or gateway does not stand up: date, name, chain, version told apart")

	// ruleMixed is the static rule of the same ID; here the servers' own headers are the evidence.
	ruleMixed = rule("MAIL002", "exchange-mixed-mode", lint.Warning, "Exchange 2003 and 2007 serve one calendar over WebDAV")
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleIMAP, ruleDisabled, ruleNoStartTLS, ruleLogin, ruleExchange, ruleForms, ruleNoDAV, ruleGateway, ruleCertificate}
}
