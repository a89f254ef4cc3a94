package xmpp

import "cupclint/internal/area"

// Measures implements area.Measured.
func (o *Observation) Measures() []area.Measure {
	l := o.Login
	if l == nil {
		return nil
	}
	held := ""
	if l.Refusal != nil {
		held = string(l.Refusal.Reason)
	}
	return area.LoginMeasures(l.User, l.OK, l.NotMade == "" && !l.NotJudged, held)
}
