package dnscheck

import "cupclint/lint"

// The rules of this package.
var (
	rulePresence   = lint.Define("DNS101", lint.Rule{})
	ruleNoAddress  = lint.Define("DNS102", lint.Rule{})
	ruleServer     = lint.Define("DNS103", lint.Rule{})
	ruleSplit      = lint.Define("DNS104", lint.Rule{})
	ruleAlias      = lint.Define("DNS105", lint.Rule{})
	ruleReverse    = lint.Define("DNS106", lint.Rule{})
	ruleSRV        = lint.Define("DNS107", lint.Rule{})
	ruleTarget     = lint.Define("DNS108", lint.Rule{})
	rulePort       = lint.Define("DNS109", lint.Rule{})
	ruleHostsFile  = lint.Define("DNS110", lint.Rule{})
	ruleAnyway     = lint.Define("DNS111", lint.Rule{})
	ruleHost       = lint.Define("DNS112", lint.Rule{})
	ruleEdgeInside = lint.Define("DNS113", lint.Rule{})
	ruleWildcard   = lint.Define("DNS114", lint.Rule{})
	ruleUnusable   = lint.Define("DNS115", lint.Rule{})
)

// Rules lists the rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{rulePresence, ruleNoAddress, ruleServer, ruleSplit, ruleAlias, ruleReverse, ruleSRV, ruleTarget, rulePort,
		ruleHostsFile, ruleAnyway, ruleHost, ruleEdgeInside, ruleWildcard, ruleUnusable}
}
