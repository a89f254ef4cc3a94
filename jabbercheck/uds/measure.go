package uds

import (
	"cupclint/internal/area"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// The metrics of the user data service.
var (
	metricListed = &area.Metric{Name: "cupclint_uds_servers", Help: "Servers that the user data service lists for clients."}
	metricFound  = &area.Metric{Name: "cupclint_uds_user_found", Labels: []string{"user"},
		Help: "1 if the user data service knows the home cluster of the user."}
)

// Measures implements area.Measured.
func (o *Observation) Measures() (out []area.Measure) {
	if s := o.Servers; s != nil && s.good() {
		out = append(out, metricListed.Is(float64(len(s.Servers)+s.More)))
	}
	if u := o.ClusterUser; u != nil && u.good() {
		out = append(out, metricFound.Has(u.Found, probe.Clean(u.Username)))
	}
	if l := o.Login; l != nil {
		held := ""
		if l.Refusal != nil {
			held = string(l.Refusal.Reason)
		}
		ended := outcome(&l.Asked, nil)
		judged := l.OK || ended == loginbudget.Rejected || ended == loginbudget.Barred
		out = append(out, area.LoginMeasures(l.User, l.OK, l.NotMade == "" && judged, held)...)
	}
	return out
}
