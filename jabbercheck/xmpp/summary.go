package xmpp

import (
	"fmt"
	"slices"
	"strings"
)

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *Observation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if o.Direct {
		facts = append(facts, "TLS from the first byte")
	}
	if o.Domain.Name != "" {
		facts = append(facts, "domain "+clean(o.Domain.Name))
	}
	if o.Ended != nil {
		facts = append(facts, "stream error "+o.Ended.Name)
	}
	if o.Offer != "" {
		facts = append(facts, "StartTLS "+string(o.Offer))
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	switch {
	case o.After != nil:
		facts = append(facts, "log-in with "+list(o.After))
	case len(o.Before) > 0:
		facts = append(facts, "log-in with "+list(o.Before)+" in clear text")
	}
	switch l := o.Login; {
	case l == nil:
	case l.OK:
		facts = append(facts, "log-in of "+l.User+" accepted")
	case l.NotMade != "":
		facts = append(facts, "no log-in tried")
	case l.Failure == nil:
		facts = append(facts, "no answer to the log-in of "+l.User)
	case l.NotJudged:
		facts = append(facts, "log-in of "+l.User+" not judged")
	default:
		facts = append(facts, "log-in of "+l.User+" refused")
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}

// list names mechanisms in a fixed order.
func list(mechanisms []string) string {
	if len(mechanisms) == 0 {
		return "nothing"
	}
	return strings.Join(slices.Sorted(slices.Values(mechanisms)), ", ")
}
