package ldapcheck

import (
	"fmt"
	"strings"
)

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *Observation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if d := o.RootDSE; d != nil && d.ActiveDirectory {
		facts = append(facts, "Active Directory")
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	if b := o.Bind; b != nil {
		switch {
		case b.OK:
			facts = append(facts, "bind as "+b.DN+" accepted")
		case b.NotMade != "":
			facts = append(facts, "no bind tried")
		case b.Code == 0:
			facts = append(facts, "no answer to the bind as "+b.DN)
		case !b.judged():
			facts = append(facts, fmt.Sprintf("bind as %s not judged: %s", b.DN, resultText(b.Code, b.Text)))
		default:
			facts = append(facts, "bind as "+b.DN+" refused")
		}
	}
	for _, b := range o.Bases {
		found := fmt.Sprintf("%d", b.Entries)
		if b.More {
			found += " or more"
		}
		facts = append(facts, fmt.Sprintf("%s people below %q", found, b.DN))
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}
