package ldapcheck

import (
	"fmt"
	"strings"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/lint"
)

// A view is what all servers of a run tell about one account. Failures are the largest count, because domain controllers
// do not share theirs; everything else is alike on all of them.
type view struct {
	o        *Observation // the one that told most
	account  *Account
	policy   *Policy
	failures int
	perDC    []string
	locked   *Observation // a server that said "locked" in its answer to the bind
	refusal  *loginbudget.Refusal
}

// judgeAccounts gives LDAP105, LDAP106 and LDAP107, once an account.
func judgeAccounts(observations []*Observation, opt JudgeOptions) []lint.Finding {
	var order []string
	views := map[string]*view{}
	for _, o := range observations {
		if o.BindDN == "" {
			continue
		}
		key := strings.ToLower(o.BindDN)
		v := views[key]
		if v == nil {
			v = &view{o: o}
			views[key] = v
			order = append(order, key)
		}
		v.add(o)
	}
	var out []lint.Finding
	for _, k := range order {
		v := views[k]
		out = append(out, v.judgeLocked()...)
		out = append(out, v.judgeRisk(opt)...)
		out = append(out, v.judgeExpiry(opt)...)
	}
	return out
}

func (v *view) add(o *Observation) {
	if o.Bind != nil {
		if !o.Bind.OK && o.Bind.Code != 0 && o.Bind.Why().Key == "locked" {
			v.locked = o
		}
		if r := o.Bind.Refusal; r != nil && r.Reason == loginbudget.LastAttempts {
			v.refusal = r
		}
	}
	if o.Account == nil {
		return
	}
	n := o.Account.Counting(o.Policy, o.At)
	if o.Account.Readable {
		v.perDC = append(v.perDC, fmt.Sprintf("%s counts %d", o.ServerName(), n))
	}
	v.failures = max(v.failures, n)
	if v.account == nil || o.Account.Locked && !v.account.Locked {
		v.o, v.account, v.policy = o, o.Account, o.Policy
	}
}

func (v *view) name() string {
	if v.account != nil {
		return v.account.DN
	}
	return v.o.BindDN
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// judgeLocked is LDAP106.
func (v *view) judgeLocked() []lint.Finding {
	known := v.account != nil && v.account.Locked
	if !known && v.locked == nil {
		return nil
	}
	o := v.o
	if !known {
		o = v.locked
	}
	when := ""
	if known {
		if !v.account.LockedSince.IsZero() {
			when = fmt.Sprintf(" since %s (%s ago)", stamp(v.account.LockedSince), plainSpan(max(o.age(v.account.LockedSince), 0)))
		}
		switch until := v.account.LockedUntil; {
		case until.After(o.At):
			when += fmt.Sprintf(", until %s (%s left)", stamp(until), plainSpan(until.Sub(o.At)))
		case v.policy != nil && v.policy.Readable && v.policy.Duration == 0:
			when += ", until an administrator unlocks it"
		}
	}
	f := ruleLocked.New(o.BindDN, "the account %s is locked%s: every client that uses it finds nobody", v.name(), when)
	f.Fix = "Find out who locks it (cupclint ldap lockouts), log all those clients out, and unlock only then; or move to a second account (cupclint ldap rotate-plan)."
	if v.locked != nil {
		f.Evidence = append(f.Evidence, v.locked.ServerName()+": "+resultText(v.locked.Bind.Code, v.locked.Bind.Text))
		if p := v.locked.Bind.Policy; p != "" {
			f.Evidence = append(f.Evidence, "password policy control: "+p)
		}
	}
	if known {
		f.Evidence = append(f.Evidence, v.policyText()...)
		f.Evidence = append(f.Evidence, v.perDC...)
	}
	return []lint.Finding{o.at(f)}
}

func (v *view) policyText() []string {
	if v.policy == nil {
		return nil
	}
	return []string{v.policy.Source + ": " + v.policy.Text()}
}

// Text says the policy in one line: "3 failures (within 30 minutes) lock the account (for 30 minutes)".
func (p *Policy) Text() string {
	switch {
	case !p.Readable:
		return p.Note
	case p.Threshold == 0:
		return "never locks"
	}
	window, duration := "only a good log-in clears the count", "until an administrator unlocks"
	if p.Window > 0 {
		window = "within " + p.Window.String()
	}
	if p.Duration > 0 {
		duration = "for " + p.Duration.String()
	}
	line := fmt.Sprintf("%d failures (%s) lock the account (%s)", p.Threshold, window, duration)
	if p.Note != "" {
		line += "; " + p.Note
	}
	return line
}

// judgeRisk is LDAP105.
func (v *view) judgeRisk(opt JudgeOptions) []lint.Finding {
	if v.account != nil && v.account.Locked || v.locked != nil {
		return nil // it has happened
	}
	p := v.policy
	if p == nil || !p.Readable || !v.account.Readable {
		return v.riskUnread()
	}
	if p.Threshold == 0 {
		return nil
	}
	left := max(p.Threshold-v.failures, 0)
	f := ruleRisk.New(v.o.BindDN, "%d more wrong passwords lock the account %s", left, v.name())
	if left == 1 {
		f = ruleRisk.New(v.o.BindDN, "1 more wrong password locks the account %s", v.name())
	}
	f.Evidence = append(v.policyText(), v.perDC...)
	if v.failures > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("somebody uses a wrong password now: the last failure was at %s", stamp(v.account.LastFailure)))
	}
	if v.refusal != nil {
		f.Evidence = append(f.Evidence, v.refusal.Error())
	}
	f.Fix = "Change the password only by the safe order (cupclint ldap rotate-plan): second account first."
	switch fc := TimeToLock(*p, v.failures, opt.Clients, opt.RetryInterval); {
	case opt.Clients > 0 && opt.RetryInterval > 0:
		v.addForecast(&f, fc, opt)
	case left <= 2:
		f.Severity = lint.Error
		f.Fix = "Find out who uses the wrong password (cupclint ldap lockouts) before anything else tries this account."
	case v.failures == 0:
		f.Severity = lint.Info
	}
	return []lint.Finding{v.o.at(f)}
}

func (v *view) addForecast(f *lint.Finding, fc Forecast, opt JudgeOptions) {
	f.Evidence = append(f.Evidence, fc.Steps...)
	switch {
	case fc.Locks && fc.AtOnce:
		f.Severity = lint.Error
		f.Message += fmt.Sprintf("; after a password change %d stale clients do that in %s, and at once when they log on together", opt.Clients, plainSpan(fc.After))
	case fc.Locks:
		f.Severity = lint.Error
		f.Message += fmt.Sprintf("; after a password change %d stale clients do that in %s", opt.Clients, plainSpan(fc.After))
	case fc.AtOnce:
		f.Message += fmt.Sprintf("; %d stale clients do that only when they log on together", opt.Clients)
	default:
		f.Severity = lint.Info
		f.Message += fmt.Sprintf("; %d stale clients that try every %s stay below that", opt.Clients, plainSpan(opt.RetryInterval))
	}
}

// riskUnread says that nobody could read the policy, where that matters: a fine-grained policy whose numbers are hidden, or
// a log-in that was not made because of the assumption.
func (v *view) riskUnread() []lint.Finding {
	switch {
	case v.refusal != nil:
		f := ruleRisk.New(v.o.BindDN, "the log-in as %s was not tried, because it could bring the account close to its lock-out", v.name())
		f.Severity = lint.Error
		f.Evidence = append(v.policyText(), v.refusal.Error())
		f.Fix = "Let --auditor-dn read the policy, wait until the failure no longer counts, or use --i-know-it-may-lock."
		return []lint.Finding{v.o.at(f)}
	case v.policy != nil && v.policy.Note != "":
		f := ruleRisk.New(v.o.BindDN, "how many wrong passwords lock the account %s cannot be told", v.name())
		f.Evidence = v.policyText()
		f.Fix = "Read the policy with --auditor-dn and an account that may see it."
		return []lint.Finding{v.o.at(f)}
	}
	return nil
}

// judgeExpiry is LDAP107.
func (v *view) judgeExpiry(opt JudgeOptions) []lint.Finding {
	soon := opt.Soon
	if soon <= 0 {
		soon = 30 * 24 * time.Hour
	}
	o := v.o
	say := func(subject, fix, format string, args ...any) []lint.Finding {
		f := ruleExpiry.New(o.BindDN+" "+subject, format, args...)
		f.Fix = fix
		f.Evidence = v.expiryEvidence()
		return []lint.Finding{o.at(f)}
	}
	const forever = "Let the password of the service account never expire, or write the date where somebody acts on it; change it by cupclint ldap rotate-plan."
	a := v.account
	switch {
	case a == nil:
		if b := o.Bind; b != nil && b.OK && b.ExpiresIn > 0 {
			return say("warning", forever, "the password of %s expires in %s", v.name(), b.ExpiresIn)
		}
		return nil
	case !a.AccountExpires.IsZero():
		return say("account", "Remove the account's expiry date.", "the account %s expires on %s: all clients stop finding people then", v.name(), stamp(a.AccountExpires))
	case a.MustChange:
		return say("must-change", "Clear \"User must change password at next logon\".", "the password of %s must be changed at the next log-on, which no directory client can do", v.name())
	case a.PasswordExpired:
		return say("expired", forever, "the password of %s has expired", v.name())
	case a.PasswordExpires.IsZero():
		return nil
	case a.PasswordExpires.Sub(o.At) <= soon:
		return say("soon", forever, "the password of %s expires on %s, in %s: all clients stop finding people then", v.name(), stamp(a.PasswordExpires), plainSpan(max(a.PasswordExpires.Sub(o.At), 0)))
	default:
		return say("can", forever, "the password of %s can expire: the next time on %s", v.name(), stamp(a.PasswordExpires))
	}
}

func (v *view) expiryEvidence() []string {
	var out []string
	if a := v.account; a != nil && !a.PasswordSet.IsZero() {
		out = append(out, "password set on "+stamp(a.PasswordSet))
	}
	if p := v.policy; p != nil && p.Readable && p.MaxAge > 0 {
		out = append(out, fmt.Sprintf("%s: passwords live %s", p.Source, p.MaxAge))
	}
	return out
}
