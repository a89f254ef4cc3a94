package ntpcheck

import "cupclint/lint"

func rule(id, name string, sev lint.Severity, summary string) *lint.Rule {
	return &lint.Rule{ID: id, Name: name, Area: "ntp", Severity: sev, Kind: lint.LiveKind, Summary: summary}
}

// The rules of this package.
var (
	ruleUnreachable = rule("NTP101", "ntp-server-unreachable", lint.Error, "a time server does not answer, or does not speak NTP")
	ruleNoTime      = rule("NTP102", "ntp-server-unsynchronised", lint.Error, "a time server has no time itself")
	ruleStratum     = rule("NTP103", "ntp-server-stratum", lint.Error, "the stratum of a time server is above 4")
	ruleVersion     = rule("NTP104", "ntp-server-version", lint.Error,
		"a time server answers NTPv4 questions with an older version, as Windows Time does")
	ruleRefusal    = rule("NTP105", "ntp-server-refuses", lint.Error, "a time server refuses to answer (kiss-of-death)")
	ruleDispersion = rule("NTP106", "ntp-server-dispersion", lint.Error,
		"a time server announces so much uncertainty that NTP clients reject it")
	ruleOffset = rule("NTP107", "ntp-server-offset", lint.Warning,
		"the time of a server differs from that of the other servers, or from this computer's")
	ruleFree = rule("NTP108", "ntp-server-free-running", lint.Info, "a time server runs on its own clock, which nothing corrects")
)

// Rules lists the live rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{ruleUnreachable, ruleNoTime, ruleStratum, ruleVersion, ruleRefusal, ruleDispersion, ruleOffset, ruleFree}
}
