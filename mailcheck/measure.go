package mailcheck

import (
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/probe"
)

// The metrics of mail stores, calendars and voicemail.
var (
	metricMessages = &area.Metric{Name: "cupclint_mailbox_messages", Labels: []string{"folder"},
		Help: "Messages in the folder of the mailbox."}
	metricOffered = &area.Metric{Name: "cupclint_authentication_offered", Labels: []string{"scheme"},
		Help: "1 for each authentication scheme that the web server offers."}
	metricNotify = &area.Metric{Name: "cupclint_notification_port_open", Labels: []string{"port"},
		Help: "1 if the port for notifications of new messages is open."}
)

// Measures implements area.Measured.
func (o *IMAPObservation) Measures() []area.Measure {
	out := o.Login.measures()
	if f := o.Folder; f != nil && f.Opened {
		out = append(out, metricMessages.Is(float64(f.Messages), probe.Clean(f.Name)))
	}
	return out
}

// Measures implements area.Measured.
func (o *CalendarObservation) Measures() []area.Measure {
	return append(o.Login.measures(), schemesOffered(o.Offered)...)
}

// Measures implements area.Measured.
func (o *VoicemailObservation) Measures() (out []area.Measure) {
	if o.Answer != nil {
		out = schemesOffered(o.Answer.Offered)
	}
	for _, n := range o.Notify {
		out = append(out, metricNotify.Has(n.Error == nil, area.Number(n.Port)))
	}
	return out
}

func schemesOffered(schemes []string) (out []area.Measure) {
	seen := make(map[string]bool)
	for _, s := range schemes {
		if s = strings.ToLower(probe.Clean(s)); !seen[s] {
			seen[s] = true
			out = append(out, metricOffered.Is(1, s))
		}
	}
	return out
}

func (l *LoginResult) measures() []area.Measure {
	if l == nil {
		return nil
	}
	held := ""
	if l.Refusal != nil {
		held = string(l.Refusal.Reason)
	}
	return area.LoginMeasures(l.User, l.OK, l.NotMade == "" && !l.NotJudged, held)
}
