package sipcheck

import (
	"fmt"
	"strings"
)

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *SIPObservation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	if o.Options != nil {
		facts = append(facts, "OPTIONS "+o.Options.String())
	}
	if o.Register != nil {
		facts = append(facts, "REGISTER "+o.Register.String())
	}
	if o.Challenge != nil {
		if c := o.Challenge; c.Scheme == "Digest" && c.Unreadable == "" {
			facts = append(facts, fmt.Sprintf("realm %q", c.Realm))
		} else {
			facts = append(facts, c.String())
		}
	}
	switch l := o.Login; {
	case l == nil:
	case l.OK:
		facts = append(facts, "digest credential of "+l.User+" accepted")
	case l.NotMade != "":
		facts = append(facts, "no log-in tried")
	case l.NotJudged && l.Answer != nil:
		facts = append(facts, fmt.Sprintf("digest credential of %s not judged: %s", l.User, l.Answer))
	case l.NotJudged:
		facts = append(facts, "no answer to the digest credential of "+l.User)
	default:
		facts = append(facts, "digest credential of "+l.User+" refused")
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *CTIObservation) Summary() string {
	if o.Error != nil {
		return fmt.Sprintf("%s (%s)", o.Error, o.Phases.Total())
	}
	if o.Unasked != "" {
		return fmt.Sprintf("another service than CTI answers (%s)", o.Phases.Total())
	}
	return fmt.Sprintf("CTI accepts the connection and keeps it open (%s)", o.Phases.Total())
}
