package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func phn() []*lint.Rule {
	return []*lint.Rule{
		printed("PHN001", dhcpNAK),
		printed("PHN002", resetAtRenewal),
		printed("PHN003", keepaliveLost),
		printed("PHN004", resetByAdministrator),
	}
}

// phoneName is the phone that a record is about, as far as it says so.
func phoneName(r record, o *output) string {
	if name := r.text(appliance.PhoneName); name != "" {
		return name
	}
	return "of " + o.fact.Place.File
}

// refusal reports whether a line of the DHCP client says that the server refused. RFC 2131 writes DHCPNAK, and others write NACK.
func refusal(line string) bool {
	line = strings.ToUpper(line)
	return strings.Contains(line, "NAK") || strings.Contains(line, "NACK")
}

func dhcpNAK(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, o := range e.outputs {
		var naks []record
		for r, line := range o.all(appliance.PhoneDHCP) {
			if refusal(line.Value) {
				naks = append(naks, r)
			}
		}
		if len(naks) == 0 {
			continue
		}
		f := d.At(naks[0].get(appliance.PhoneDHCP),
			"the DHCP server refused to renew the phone's address (NAK). The phone must release the address, and resets")
		for _, r := range naks[1:min(len(naks), 1+maxRelated)] {
			f.Related = append(f.Related, r.get(appliance.PhoneDHCP).Related("NAK at %s", r.text(appliance.PhoneTime)))
		}
		if len(naks) > 1 {
			f.Evidence = []string{fmt.Sprintf("%d times in this log", len(naks))}
		}
		f.Fix = "Check the DHCP servers for: two servers with the same range, a scope that was created again, a reservation for another phone, " +
			"or a relay that points to the wrong server. The server that gave a lease of the voice network must also renew it."
		findings = append(findings, f)
	}
	return findings
}

const maxRelated = 8

// A reset is one time at which a phone lost its registration.
type reset struct {
	at    time.Time
	daily bool // only the time of day is known
	place *lint.Fact
}

// resets lists the resets of each phone, phones in the order of the text. What an administrator did is left out.
func (e *evidence) resets() (phones []string, of map[string][]reset) {
	of = make(map[string][]reset)
	add := func(name string, r reset) {
		if of[name] == nil {
			phones = append(phones, name)
		}
		of[name] = append(of[name], r)
	}
	for _, o := range e.outputs {
		for r, when := range o.all(appliance.PhoneReset) {
			if at, ok := logTime(when.Value); ok && !byAdministrator(r) {
				add(phoneName(r, o), reset{at: at, place: when})
			}
		}
		for r, line := range o.all(appliance.PhoneDHCP) {
			at, err := time.Parse("15:04:05", strings.Split(r.text(appliance.PhoneTime), ".")[0])
			if err == nil && refusal(line.Value) {
				add(phoneName(r, o), reset{at: at, daily: true, place: line})
			}
		}
	}
	for name, all := range of {
		of[name] = inOrder(all)
	}
	return phones, of
}

// logTime reads the time of a log line. Without a year one with a leap day is taken.
func logTime(s string) (time.Time, bool) {
	s = strings.Join(strings.Fields(isoDate(strings.Map(blankSign, s))), " ")
	for _, layout := range [...]string{"Jan 2 15:04:05", "Jan 2 2006 15:04:05", "2006-01-02 15:04:05", "2.1.2006 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// blankSign makes blanks of what is between the date and the time in the columns of a table.
func blankSign(c rune) rune {
	if strings.ContainsRune(",;\"\t", c) {
		return ' '
	}
	return c
}

const day = 24 * time.Hour

// sameReset is how close two lines about one reset are: several nodes report it.
const sameReset = 5 * time.Minute

// inOrder makes times grow: a log without dates goes over midnight, one without years over New Year.
func inOrder(all []reset) []reset {
	if !all[0].daily {
		slices.SortStableFunc(all, func(a, b reset) int { return a.at.Compare(b.at) })
		// The gap that New Year leaves in times without a year: the longest one, where it is more than half a year.
		for i := 1; i < len(all) && all[0].at.Year() == 0; i++ {
			if all[i].at.Sub(all[i-1].at) > 183*day {
				late := slices.Clone(all[:i])
				for k := range late {
					late[k].at = late[k].at.AddDate(1, 0, 0)
				}
				all = append(slices.Clone(all[i:]), late...)
				break
			}
		}
	}
	var out []reset
	for _, r := range all {
		if n := len(out); n > 0 {
			for r.daily && r.at.Before(out[n-1].at) {
				r.at = r.at.Add(day)
			}
			if r.at.Sub(out[n-1].at) < sameReset {
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

const fewestResets = 3

// every returns the period of resets: their intervals fit to a time, by 5 % or 10 minutes.
func every(all []reset, want time.Duration) bool {
	if len(all) < fewestResets || all[0].daily && want >= day {
		return false
	}
	slack := max(want/20, 10*time.Minute)
	for i := 1; i < len(all); i++ {
		if off := all[i].at.Sub(all[i-1].at) - want; off.Abs() > slack {
			return false
		}
	}
	return true
}

func resetAtRenewal(e *evidence, d *lint.Deployment) []lint.Finding {
	var leases []*lint.Fact
	for _, o := range e.outputs {
		for _, lease := range o.all(appliance.LeaseSeconds) {
			leases = append(leases, lease)
		}
	}
	if leases == nil {
		return nil
	}
	type match struct {
		lease *lint.Fact
		part  string
	}
	found := map[match]*lint.Finding{}
	var order []match
	phones, of := e.resets()
	for _, phone := range phones {
		m := match{}
		for _, lease := range leases {
			seconds, err := strconv.Atoi(lease.Value)
			if err != nil || seconds <= 0 || seconds > 1<<30 {
				continue
			}
			length := time.Duration(seconds) * time.Second
			switch {
			case every(of[phone], length/2):
				m = match{lease, "half"}
			case every(of[phone], length/8*7):
				m = match{lease, "seven eighths"}
			}
			if m.lease != nil {
				break
			}
		}
		if m.lease == nil {
			continue
		}
		all := of[phone]
		if f := found[m]; f != nil {
			f.Related = append(f.Related, all[0].place.Related("phone %s, too", phone))
			continue
		}
		period := all[len(all)-1].at.Sub(all[0].at) / time.Duration(len(all)-1)
		seconds, _ := strconv.Atoi(m.lease.Value)
		f := d.At(all[0].place, "phone %s resets about every %s. That is %s of the DHCP lease of %s, the time at which the phone renews the "+
			"lease",
			phone, hours(period), m.part, hours(time.Duration(seconds)*time.Second))
		f.Related = []lint.Related{m.lease.Related("lease of %s", hours(time.Duration(seconds)*time.Second))}
		for _, r := range all[1:min(len(all), 1+maxRelated)] {
			f.Related = append(f.Related, r.place.Related("reset again"))
		}
		f.Fix = "Look for NAK in the phone's console log, and at the DHCP server: it does not renew the lease that it gave. With a longer " +
			"lease the phone resets less often, but the fault remains."
		found[m] = &f
		order = append(order, m)
	}
	var findings []lint.Finding
	for _, m := range order {
		findings = append(findings, *found[m])
	}
	return findings
}

// hours writes a duration in hours or minutes.
func hours(t time.Duration) string {
	if t < 2*time.Hour {
		return fmt.Sprintf("%d minutes", int(t.Round(time.Minute).Minutes()))
	}
	return strings.TrimSuffix(strconv.FormatFloat(t.Hours(), 'f', 1, 64), ".0") + " hours"
}

// Causes of a restart, as phones report them, in lower case.
var (
	networkCauses = []string{"keepaliveto", "tcp-timeout", "cm-icmp-unreach"}
	adminCauses   = []string{"reset-reset", "reset-restart"}
)

// Reason codes of a phone that was unregistered.
const (
	reasonReset     = "9"
	reasonKeepalive = "13"
)

func byAdministrator(r record) bool {
	return r.text(appliance.PhoneResetReason) == reasonReset || slices.Contains(adminCauses, strings.ToLower(r.text(appliance.PhoneCause)))
}

// phoneEvents makes one finding for each phone with a record that fits.
func (e *evidence) phoneEvents(fits func(record) *lint.Fact, make func(phone string, first *lint.Fact) lint.Finding) []lint.Finding {
	var findings []lint.Finding
	at := map[string]int{}
	count := map[string]int{}
	for _, o := range e.outputs {
		for _, r := range o.records {
			fact := fits(r)
			if fact == nil {
				continue
			}
			phone := phoneName(r, o)
			count[phone]++
			i, ok := at[phone]
			if !ok {
				at[phone] = len(findings)
				findings = append(findings, make(phone, fact))
				continue
			}
			f := &findings[i]
			if len(f.Related) < maxRelated {
				f.Related = append(f.Related, fact.Related("again"))
			}
			f.Evidence = []string{fmt.Sprintf("%d times", count[phone])}
		}
	}
	return findings
}

// reported returns the fact of a record with one of the causes or the reason code, or nil.
func reported(r record, causes []string, reason string) *lint.Fact {
	if cause := r.get(appliance.PhoneCause); cause != nil && slices.Contains(causes, strings.ToLower(cause.Value)) {
		return cause
	}
	if code := r.get(appliance.PhoneResetReason); code != nil && code.Value == reason {
		return code
	}
	return nil
}

func keepaliveLost(e *evidence, d *lint.Deployment) []lint.Finding {
	return e.phoneEvents(func(r record) *lint.Fact { return reported(r, networkCauses, reasonKeepalive) }, func(phone string,
		first *lint.Fact) lint.Finding {
		f := d.At(first, "phone %s lost its call manager (%s): answers did not arrive. The cause is the network, not the phone", phone,
			first.Value)
		f.Fix = "A phone registers again when three keepalives are lost, by default 30 s each, so after about 90 s. Compare the traces of both " +
			"sides. If the call manager sent keepalives and the phone did not receive them, check switches, VLANs and firewalls between them."
		return f
	})
}

func resetByAdministrator(e *evidence, d *lint.Deployment) []lint.Finding {
	return e.phoneEvents(func(r record) *lint.Fact { return reported(r, adminCauses, reasonReset) }, func(phone string,
		first *lint.Fact) lint.Finding {
		f := d.At(first, "phone %s was reset from the call manager (%s). An administrator or a changed setting did it", phone, first.Value)
		f.Fix = "If someone reset it on purpose, do nothing. If not, find the user in the audit log."
		return f
	})
}

// isoDate puts a blank between date and time.
func isoDate(s string) string {
	if len(s) > 10 && s[10] == 'T' {
		return s[:10] + " " + s[11:]
	}
	return s
}
