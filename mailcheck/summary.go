package mailcheck

import (
	"fmt"
	"slices"
	"strings"
)

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *IMAPObservation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	switch {
	case has(o.channel(), "LOGINDISABLED"):
		facts = append(facts, "LOGINDISABLED")
	case o.channel() != nil:
		facts = append(facts, "log-in with "+mechanisms(o.channel()))
	}
	facts = append(facts, o.Login.summary()...)
	if o.Folder != nil && o.Folder.Opened {
		facts = append(facts, fmt.Sprintf("%s opened read-only, %d messages", o.Folder.Name, o.Folder.Messages))
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}

// mechanisms names the ways to log in that a list of capabilities offers.
func mechanisms(capabilities []string) string {
	out := []string{"LOGIN"}
	for _, c := range capabilities {
		if m, ok := strings.CutPrefix(c, "AUTH="); ok && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return strings.Join(out, ", ")
}

func (l *LoginResult) summary() []string {
	switch {
	case l == nil:
		return nil
	case l.OK:
		return []string{"log-in of " + l.User + " accepted"}
	case l.NotMade != "":
		return []string{"no log-in tried"}
	case l.NotJudged && l.Answer == "":
		return []string{"no answer to the log-in of " + l.User}
	case l.NotJudged:
		return []string{"log-in of " + l.User + " not judged"}
	}
	return []string{"log-in of " + l.User + " refused"}
}

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *CalendarObservation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	if len(o.Options) > 0 {
		facts = append(facts, fmt.Sprintf("OPTIONS %d", o.Options[0].Status))
	}
	if len(o.Offered) > 0 {
		facts = append(facts, "offers "+strings.Join(o.Offered, ", "))
	}
	if o.DAV != nil {
		method, _, _ := strings.Cut(o.DAV.Request, " ")
		facts = append(facts, fmt.Sprintf("%s %d", method, o.DAV.Status))
	}
	if ewsThere(o.EWS) {
		facts = append(facts, "EWS found")
	}
	for _, g := range o.Generations {
		facts = append(facts, "Exchange "+g)
	}
	facts = append(facts, o.Login.summary()...)
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}
