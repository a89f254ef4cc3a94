package catalogue

import (
	"slices"
	"strings"

	"cupclint/dnscheck"
	"cupclint/internal/area"
	"cupclint/internal/report"
	"cupclint/jabbercheck/edge"
	"cupclint/jabbercheck/tftp"
	"cupclint/jabbercheck/uds"
	"cupclint/jabbercheck/xmpp"
	"cupclint/ldapcheck"
	"cupclint/lint"
	"cupclint/mailcheck"
	"cupclint/ntpcheck"
	"cupclint/sipcheck"
)

// Areas is the one list of everything that an audit can contact, in the order of the plan. names says how names are asked for; it is read
// when they are, and may be nil where nothing is probed.
func Areas(names *dnscheck.Options) []area.Area {
	return []area.Area{
		dnscheck.Area(names),
		ldapcheck.Area(),
		mailcheck.Stores(),
		mailcheck.Voicemail(),
		mailcheck.Calendars(),
		sipcheck.Servers(),
		xmpp.Servers(),
		sipcheck.Managers(),
		ntpcheck.Servers(),
		edge.Domains(names),
		uds.Area(),
		tftp.Area(),
	}
}

// Select turns words of --only and --skip into what the policy of rules takes. The name of a part that is probed but has no area of rules
// of its own, as calendar, becomes its rules; a command becomes its area; everything else stays. named are the parts that the words name;
// all says that the words name nothing else.
func Select(areas []area.Area, list []string, skip bool) (words, named []string, all bool) {
	all = true
	rules := All()
	for _, word := range list {
		is := func(info area.Info, r *lint.Rule) bool { return r.Area == info.Name || r.Service == info.Name }
		var ids, parts []string
		for _, a := range areas {
			info := a.Info()
			switch {
			case slices.ContainsFunc(info.Rules, func(r *lint.Rule) bool { return strings.EqualFold(r.Area, word) }):
				parts, ids = append(parts, info.Name), []string{word}
			case strings.EqualFold(word, info.Name):
				parts = append(parts, info.Name)
				for _, r := range rules {
					if is(info, r) || !skip && slices.Contains(info.Rules, r) {
						ids = append(ids, r.ID)
					}
				}
			}
		}
		for _, a := range areas { // a command whose area has another name
			if info := a.Info(); len(parts) == 0 && strings.EqualFold(word, info.Command) {
				parts, ids = []string{info.Name}, []string{info.Name}
			}
		}
		if len(parts) == 0 {
			ids, all = []string{word}, false
		}
		words, named = append(words, ids...), append(named, parts...)
	}
	return words, named, all
}

// Links are the connections that all areas draw in a report, from the top down.
func Links() []report.Link { return LinksOf(Areas(nil)) }

// LinksOf are those of some areas.
func LinksOf(areas []area.Area) []report.Link {
	areas = slices.Clone(areas)
	slices.SortStableFunc(areas, func(a, b area.Area) int { return a.Info().Link.Order - b.Info().Link.Order })
	out := make([]report.Link, len(areas))
	for i, a := range areas {
		info := a.Info()
		out[i] = report.Link{ID: info.Name, Generation: string(info.Generation), Name: info.Link.Name, Protocol: info.Link.Protocol,
			From: info.Link.From, Keys: info.Link.Keys,
			Areas: info.Link.Areas}
	}
	return out
}
