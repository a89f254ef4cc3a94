package ldapcheck

import (
	"time"

	"cupclint/internal/area"
	"cupclint/internal/probe"
)

// The metrics of directories. What a directory does not show has no value.
var (
	metricThreshold = &area.Metric{Name: "cupclint_lockout_threshold_attempts", Labels: []string{"account"},
		Help: "Failed log-ins that lock the account; 0 if none do."}
	metricLeft = &area.Metric{Name: "cupclint_lockout_left_attempts", Labels: []string{"account"},
		Help: "Failed log-ins that are left until the account is locked. Missing if failures never lock it."}
	metricFailures = &area.Metric{Name: "cupclint_lockout_failed_attempts", Labels: []string{"account"},
		Help: "Failed log-ins that the server counts for the account now."}
	metricLocked = &area.Metric{Name: "cupclint_account_locked", Labels: []string{"account"},
		Help: "1 if the account is locked."}
	metricDisabled = &area.Metric{Name: "cupclint_account_disabled", Labels: []string{"account"},
		Help: "1 if the account is disabled."}
	metricPassword = &area.Metric{Name: "cupclint_password_expires_timestamp_seconds", Labels: []string{"account"},
		Help: "Time at which the password of the account expires."}
	metricAccount = &area.Metric{Name: "cupclint_account_expires_timestamp_seconds", Labels: []string{"account"},
		Help: "Time at which the account expires."}
	metricEntries = &area.Metric{Name: "cupclint_directory_entries", Labels: []string{"base"},
		Help: "People that the search of the client found below the search base, up to the limit of the probe."}
)

func metrics() []*area.Metric {
	return []*area.Metric{metricThreshold, metricLeft, metricFailures, metricLocked, metricDisabled, metricPassword, metricAccount,
		metricEntries, area.LoginAccepted, area.LoginHeld}
}

// Measures implements area.Measured.
func (o *Observation) Measures() []area.Measure {
	out := o.accountMeasures()
	for _, b := range []*Bind{o.Auditor, o.Bind} {
		if b != nil {
			held := ""
			if b.Refusal != nil {
				held = string(b.Refusal.Reason)
			}
			out = append(out, area.LoginMeasures(b.DN, b.OK, b.NotMade == "" && b.judged(), held)...)
		}
	}
	for _, b := range o.Bases {
		out = append(out, metricEntries.Is(float64(b.Entries), probe.Clean(b.DN)))
	}
	return out
}

// accountMeasures are about the lock-out policy and the state of the account. Its name is the one that the module or the export has.
func (o *Observation) accountMeasures() (out []area.Measure) {
	p, a := o.Policy, o.Account
	name := o.BindDN
	if name == "" && a != nil {
		name = probe.Clean(a.DN)
	}
	known := p != nil && p.Readable
	if known {
		out = append(out, metricThreshold.Is(float64(p.Threshold), name))
	}
	if a == nil {
		return out
	}
	out = append(out, metricDisabled.Has(a.Disabled, name))
	if a.Readable || a.Locked {
		out = append(out, metricLocked.Has(a.Locked, name))
	}
	if a.Readable {
		counting := a.Counting(p, o.At)
		out = append(out, metricFailures.Is(float64(counting), name))
		switch {
		case known && a.Locked:
			out = append(out, metricLeft.Is(0, name))
		case known && p.Threshold > 0:
			out = append(out, metricLeft.Is(float64(max(p.Threshold-counting, 0)), name))
		}
	}
	for _, e := range []struct {
		metric *area.Metric
		at     time.Time
	}{{metricPassword, a.PasswordExpires}, {metricAccount, a.AccountExpires}} {
		if !e.at.IsZero() {
			out = append(out, e.metric.Is(float64(e.at.Unix()), name))
		}
	}
	return out
}
