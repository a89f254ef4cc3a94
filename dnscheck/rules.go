package dnscheck

import "cupclint/lint"

// The rules of this package.
const (
	rulePresence   lint.Live = "DNS101"
	ruleNoAddress  lint.Live = "DNS102"
	ruleServer     lint.Live = "DNS103"
	ruleSplit      lint.Live = "DNS104"
	ruleAlias      lint.Live = "DNS105"
	ruleReverse    lint.Live = "DNS106"
	ruleSRV        lint.Live = "DNS107"
	ruleTarget     lint.Live = "DNS108"
	rulePort       lint.Live = "DNS109"
	ruleHostsFile  lint.Live = "DNS110"
	ruleAnyway     lint.Live = "DNS111"
	ruleHost       lint.Live = "DNS112"
	ruleEdgeInside lint.Live = "DNS113"
	ruleWildcard   lint.Live = "DNS114"
	ruleUnusable   lint.Live = "DNS115"
)

// Rules lists the rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return lint.LiveRules(rulePresence, ruleNoAddress, ruleServer, ruleSplit, ruleAlias, ruleReverse, ruleSRV, ruleTarget, rulePort,
		ruleHostsFile, ruleAnyway, ruleHost, ruleEdgeInside, ruleWildcard, ruleUnusable)
}
