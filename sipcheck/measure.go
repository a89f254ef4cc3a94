package sipcheck

import "cupclint/internal/area"

// The metrics of presence servers and CTIManagers.
var (
	metricStatus = &area.Metric{Name: "cupclint_sip_status_code", Labels: []string{"method"},
		Help: "Status of the answer to a request without a credential. 401 and 407 to REGISTER are a challenge, which is right."}
	metricHeld = &area.Metric{Name: "cupclint_cti_connection_held", Help: "1 if the connection to the CTIManager stayed open."}
)

// Measures implements area.Measured.
func (o *SIPObservation) Measures() (out []area.Measure) {
	for _, asked := range []struct {
		method string
		answer *Answer
	}{{"OPTIONS", o.Options}, {"REGISTER", o.Register}} {
		if asked.answer != nil {
			out = append(out, metricStatus.Is(float64(asked.answer.Status), asked.method))
		}
	}
	if l := o.Login; l != nil {
		held := ""
		if l.Refusal != nil {
			held = string(l.Refusal.Reason)
		}
		out = append(out, area.LoginMeasures(l.User, l.OK, l.NotMade == "" && !l.NotJudged, held)...)
	}
	return out
}

// Measures implements area.Measured.
func (o *CTIObservation) Measures() []area.Measure { return []area.Measure{metricHeld.Has(o.Held)} }
