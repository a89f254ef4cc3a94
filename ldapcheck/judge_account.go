package ldapcheck

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/lint"
)

// A view is what all servers of a run show about one account. Domain controllers do not share their failure counts, so the
// largest is used, with its time; everything else is the same on all of them.
type view struct {
	o       *Observation // the one that shows most
	account *Account
	policy  *Policy
	// counted says that a server showed its count; failures is the largest, last the time of its last failure.
	counted  bool
	failures int
	last     time.Time
	perDC    []string
	locked   *Observation // a server that said "locked" in its answer to the bind
	refusal  *loginbudget.Refusal
}

// judgeAccounts gives LDAP105, LDAP106 and LDAP107, once per account. Two names are one account if the directory showed the same
// entry for both.
func judgeAccounts(observations []*Observation, opt JudgeOptions) []lint.Finding {
	entries := map[string]string{} // bind name to DN
	for _, o := range observations {
		if o.Account != nil && o.Account.DN != "" {
			entries[strings.ToLower(o.BindDN)] = strings.ToLower(o.Account.DN)
		}
	}
	var order []string
	views := map[string]*view{}
	for _, o := range observations {
		if o.BindDN == "" {
			continue
		}
		key := strings.ToLower(o.BindDN)
		if dn, ok := entries[key]; ok {
			key = dn
		}
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
		if r := o.Bind.Refusal; r != nil &&
			(r.Reason == loginbudget.LastAttempts || r.Reason == loginbudget.HiddenPolicy || r.Reason == loginbudget.Failures) {
			v.refusal = r
		}
	}
	if o.Account == nil {
		return
	}
	if n := o.Account.Counting(o.Policy, o.At); o.Account.Readable {
		// Two roles may use one server: it counts once.
		if line := fmt.Sprintf("%s counts %d", o.ServerName(), n); !slices.Contains(v.perDC, line) {
			v.perDC = append(v.perDC, line)
		}
		if !v.counted || n > v.failures {
			v.failures, v.last = n, o.Account.LastFailure
		}
		v.counted = true
	}
	if v.account == nil || o.Account.Locked && !v.account.Locked || o.Policy.readable() && !v.policy.readable() {
		v.o, v.account, v.policy = o, o.Account, o.Policy
	}
}

func (p *Policy) readable() bool { return p != nil && p.Readable }

// counts are the lines of evidence about the failures. Every domain controller counts for itself, so the real count is at least the largest
// one.
func (v *view) counts() []string {
	lines := slices.Clone(v.perDC)
	switch {
	case !v.counted:
		lines = append(lines, "the directory does not show how many failures count against the account now")
	case v.policy != nil && v.policy.Kind == kindAD:
		lines = append(lines, fmt.Sprintf("each domain controller counts for itself (badPwdCount is not replicated), and %s asked: at least %s "+
			"against the account",
			plural(len(v.perDC), "was", "were"), plural(v.failures, "failure counts", "failures count")))
	}
	return lines
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
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
		case v.policy.endless():
			when += ", until an administrator unlocks it"
		}
	}
	f := ruleLocked.New(o.BindDN, "the account %s is locked%s. Directory search fails for every client that uses it", v.name(), when)
	f.Fix = "Find out who locks it (cupclint ldap lockouts), log all those clients out, and only then unlock it. Or move to a second " +
		"account (cupclint ldap rotate-plan)."
	if d := o.RootDSE; d != nil && !d.ActiveDirectory && !d.Lightweight { // its log is not that of Windows
		f.Fix = "In the directory's own log, find out which clients send a wrong password. Log them out, and only then unlock it. Or move to a " +
			"second account (cupclint ldap rotate-plan)."
	}
	if v.locked != nil {
		if v.locked.Bind.Sub == "" {
			f.Fix = v.locked.Bind.Why().Fix
		}
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

// endless reports whether a lock lasts until an administrator ends it. A duration that is not shown is not a duration of 0.
func (p *Policy) endless() bool {
	return p.readable() && p.Duration == 0 && p.shows("lockoutDuration", "msDS-LockoutDuration", "pwdLockoutDuration",
		"passwordLockoutDuration")
}

// forever reports whether only a good log-in clears the count.
func (p *Policy) forever() bool {
	return p.Window == 0 && p.shows("lockOutObservationWindow", "msDS-LockoutObservationWindow", "pwdFailureCountInterval",
		"passwordResetFailureCount")
}

// Text says the policy in one line: "3 failures (within 30 minutes) lock the account (for 30 minutes)".
func (p *Policy) Text() string {
	switch {
	case !p.Readable:
		return p.Note
	case p.Threshold == 0:
		return "never locks"
	}
	window, duration := "how long a failure counts is not shown", "how long a lock lasts is not shown"
	switch {
	case p.Window > 0:
		window = "within " + p.Window.String()
	case p.forever():
		window = "only a successful log-in clears the count"
	}
	switch {
	case p.Duration > 0:
		duration = "for " + p.Duration.String()
	case p.endless():
		duration = "until an administrator unlocks"
	}
	line := fmt.Sprintf("%s (%s) %s the account (%s)", plural(p.Threshold, "failure", "failures"), window, lockVerb(p.Threshold), duration)
	if p.Note != "" {
		line += "; " + p.Note
	}
	return line
}

func lockVerb(n int) string {
	if n == 1 {
		return "locks"
	}
	return "lock"
}

// judgeRisk is LDAP105.
func (v *view) judgeRisk(opt JudgeOptions) []lint.Finding {
	if v.account != nil && v.account.Locked || v.locked != nil {
		return nil // it is locked already
	}
	p := v.policy
	if !p.readable() || v.account == nil {
		return v.riskUnread()
	}
	if p.Threshold == 0 {
		return nil
	}
	left := max(p.Threshold-v.failures, 0)
	f := v.riskOf(left)
	f.Evidence = append(v.policyText(), v.counts()...)
	if v.counted && v.failures > 0 {
		line := "a client or person uses a wrong password now"
		if !v.last.IsZero() {
			line += ": the last failure was at " + stamp(v.last)
		}
		f.Evidence = append(f.Evidence, line)
	}
	if v.refusal != nil {
		f.Evidence = append(f.Evidence, v.refusal.Error())
	}
	f.Fix = "Change the password only in the safe order (cupclint ldap rotate-plan): second account first."
	switch fc := TimeToLock(*p, v.failures, opt.Clients, opt.RetryInterval); {
	case opt.Clients > 0 && opt.RetryInterval > 0:
		v.addForecast(&f, fc, opt)
	case left <= 2:
		f.Severity = lint.Error
		f.Fix = "Find out who uses the wrong password (cupclint ldap lockouts) before anyone else tries this account."
	case v.failures == 0:
		f.Severity = lint.Info
	}
	return []lint.Finding{v.o.at(f)}
}

// riskOf says how many failures are left. If the real count can be higher, the number that is left is a maximum.
func (v *view) riskOf(left int) lint.Finding {
	switch {
	case !v.counted:
		return ruleRisk.New(v.o.BindDN, "%s %s the account %s. The directory does not show how many have failed already",
			plural(left, "wrong password", "wrong passwords"), lockVerb(left), v.name())
	case v.policy.Kind == kindAD && left > 1:
		return ruleRisk.New(v.o.BindDN, "%d more wrong passwords lock the account %s, or fewer if another domain controller counts more", left,
			v.name())
	}
	return ruleRisk.New(v.o.BindDN, "%s %s the account %s", plural(left, "more wrong password", "more wrong passwords"), lockVerb(left),
		v.name())
}

func (v *view) addForecast(f *lint.Finding, fc Forecast, opt JudgeOptions) {
	f.Evidence = append(f.Evidence, fc.Steps...)
	switch {
	case fc.Locks && fc.AtOnce && fc.After == 0:
		f.Severity = lint.Error
		f.Message += fmt.Sprintf(". After a password change, %d clients with the old password lock it at once", opt.Clients)
	case fc.Locks && fc.AtOnce:
		f.Severity = lint.Error
		f.Message += fmt.Sprintf(". After a password change, %d clients with the old password lock it in %s, or at once if they log in at the "+
			"same time", opt.Clients,
			plainSpan(fc.After))
	case fc.Locks:
		f.Severity = lint.Error
		f.Message += fmt.Sprintf(". After a password change, %d clients with the old password lock it in %s", opt.Clients, plainSpan(fc.After))
	case fc.AtOnce:
		f.Message += fmt.Sprintf(". %d clients with the old password lock it only if they log in at the same time", opt.Clients)
	default:
		f.Severity = lint.Info
		f.Message += fmt.Sprintf(". %d clients with the old password that try every %s do not lock it", opt.Clients, plainSpan(opt.RetryInterval))
	}
}

// riskUnread says that no account could read the policy, if that matters: the numbers of a fine-grained policy are hidden, or
// a log-in was not made because of it.
func (v *view) riskUnread() []lint.Finding {
	var f lint.Finding
	switch {
	case v.refusal != nil:
		f = ruleRisk.New(v.o.BindDN, "the log-in as %s was not tried, because it could lock the account or bring it close to a lock-out",
			v.name())
		f.Severity = lint.Error
		f.Evidence = append(v.policyText(), v.refusal.Error())
		f.Fix = "Use --auditor-dn with an account that may read the policy, give the threshold with --lockout-threshold, or use " +
			"--allow-lockout-risk."
	case v.policy != nil && v.policy.Note != "":
		f = ruleRisk.New(v.o.BindDN, "it is not known how many wrong passwords lock the account %s", v.name())
		f.Evidence = v.policyText()
		f.Fix = "Read the policy with --auditor-dn and an account that may read it."
	default:
		return nil
	}
	if v.account != nil {
		f.Evidence = append(f.Evidence, v.counts()...)
	}
	return []lint.Finding{v.o.at(f)}
}

const (
	fixForever = "Set the password of the service account to never expire. Or write down the date, and change the password with cupclint " +
		"ldap rotate-plan."
	fixEnd = "Remove the account's expiry date."
)

// judgeExpiry is LDAP107: what ends the password, and what ends the account. An end in the past is reported first, and only one.
func (v *view) judgeExpiry(opt JudgeOptions) []lint.Finding {
	soon := opt.Soon
	if soon <= 0 {
		soon = 30 * 24 * time.Hour
	}
	o, a := v.o, v.account
	if a == nil {
		if b := o.Bind; b != nil && b.OK && b.ExpiresIn > 0 {
			return v.expiry("warning", fixForever, "the password of %s expires in %s", v.name(), b.ExpiresIn)
		}
		return nil
	}
	left := func(t time.Time) string { return plainSpan(t.Sub(o.At)) }
	var out []lint.Finding
	switch ends := a.PasswordExpires; {
	case a.MustChange:
		out = v.expiry("must-change", "Clear \"User must change password at next logon\".",
			"the password of %s must be changed at the next log-in, which no directory client can do", v.name())
	case a.PasswordExpired || !ends.IsZero() && !ends.After(o.At):
		out = v.expiry("expired", fixForever, "the password of %s has expired", v.name())
	case ends.IsZero():
	case ends.Sub(o.At) <= soon:
		out = v.expiry("soon", fixForever, "the password of %s expires on %s, in %s. Then directory search fails for all clients", v.name(),
			stamp(ends),
			left(ends))
	default:
		out = v.expiry("can", fixForever, "the password of %s can expire: the next time on %s", v.name(), stamp(ends))
	}
	switch ends := a.AccountExpires; {
	case ends.IsZero():
	case !ends.After(o.At):
		return v.expiry("account", fixEnd, "the account %s has expired on %s. Directory search fails for every client", v.name(), stamp(ends))
	default:
		out = append(out, v.expiry("account", fixEnd, "the account %s expires on %s. Then directory search fails for all clients", v.name(),
			stamp(ends))...)
	}
	return out
}

func (v *view) expiry(subject, fix, format string, args ...any) []lint.Finding {
	f := ruleExpiry.New(v.o.BindDN+" "+subject, format, args...)
	f.Fix = fix
	f.Evidence = v.expiryEvidence()
	return []lint.Finding{v.o.at(f)}
}

func (v *view) expiryEvidence() []string {
	var out []string
	if a := v.account; a != nil && !a.PasswordSet.IsZero() {
		out = append(out, "password set on "+stamp(a.PasswordSet))
	}
	if p := v.policy; p != nil && p.MaxAge > 0 {
		out = append(out, fmt.Sprintf("%s: a password is valid for %s", p.Source, p.MaxAge))
	}
	return out
}
