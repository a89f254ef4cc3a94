package edge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// Judge turns the observations of one run into findings, in the order of lint.Compare. soon is as in probe.JudgeCertificate.
func Judge(seen []*Observation, soon time.Duration) []lint.Finding {
	used := slices.ContainsFunc(seen, func(o *Observation) bool {
		v := o.view(dnscheck.ViewOutside)
		return v != nil && v.Edge.Found
	})
	var out []lint.Finding
	for _, o := range seen {
		for _, f := range slices.Concat(o.missing(used), o.internal(), o.targets(soon)) {
			out = append(out, o.Place.Put(f))
		}
	}
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

// missing is EDGE101. It needs to know which view is outside: if the user did not say so, the view may be the one inside, where a missing
// record is right. used says that another domain of the run has the record: Jabber asks in one of them.
func (o *Observation) missing(used bool) []lint.Finding {
	v := o.view(dnscheck.ViewOutside)
	if v == nil || v.Concluded || !v.Edge.Absent || used {
		return nil
	}
	message := fmt.Sprintf("resolvers outside (%s) do not know %s. Jabber clients outside the network cannot find the Expressway-E",
		strings.Join(v.Resolvers, ", "), v.Edge.Name)
	evidence := slices.Clone(v.Edge.Lines)
	if in := o.view(dnscheck.ViewInside); in != nil && in.UDS.Absent && in.Login.Absent && v.UDS.Absent && v.Login.Absent {
		message = fmt.Sprintf("no view has a service discovery record for %q. Jabber finds no server, inside or outside, and asks the user for "+
			"one", o.Domain)
		evidence = slices.Concat(evidence, in.UDS.Lines, in.Login.Lines)
	}
	f := ruleMissing.New(o.Domain, "%s", message)
	f.Evidence = evidence
	f.Fix = fmt.Sprintf("Add the record to the public zone, such as: %s%s. IN SRV 10 10 8443 <FQDN of the Expressway-E>. If you do not use "+
		"Mobile and Remote Access, the record is not needed: switch the rule off.", edgeRecord, strings.TrimSuffix(o.Domain, "."))
	return []lint.Finding{f}
}

// internal is EDGE103.
func (o *Observation) internal() []lint.Finding {
	v := o.view(dnscheck.ViewOutside)
	if v == nil {
		return nil
	}
	var names, evidence []string
	for _, r := range []*Record{&v.UDS, &v.Login} {
		if r.Found {
			names, evidence = append(names, r.Name), append(evidence, r.Lines...)
		}
	}
	if len(names) == 0 {
		return nil
	}
	f := ruleInternal.New(o.Domain,
		"resolvers outside (%s) know %s. A Jabber client outside assumes that it is inside, contacts the servers inside directly and does not "+
			"use the edge",
		strings.Join(v.Resolvers, ", "), strings.Join(names, " and "))
	f.Evidence = append(evidence, v.Edge.Lines...)
	f.Fix = "Remove the record from the public zone. Keep it in the zone that only clients inside can ask (split DNS)."
	return []lint.Finding{f}
}

// targets judges the hosts that the record names.
func (o *Observation) targets(soon time.Duration) []lint.Finding {
	v := o.view(dnscheck.ViewOutside)
	if v == nil {
		return nil
	}
	var out []lint.Finding
	for i := range o.Targets {
		t := &o.Targets[i]
		out = append(out, t.name(v)...)
		out = append(out, t.reach()...)
		out = append(out, t.certificates(soon)...)
	}
	return out
}

// name is EDGE102 and EDGE104. If the DNS rules ask the same resolvers, DNS105, DNS108 and DNS109 say what is not about the edge alone.
func (t *Target) name(v *View) []lint.Finding {
	record := v.Edge.Name
	var out []lint.Finding
	bad := func(fix, format string, args ...any) {
		f := ruleTarget.New(record+" "+t.Host+" "+string(t.Fault), format, args...)
		f.Evidence, f.Fix = append(slices.Clone(v.Edge.Lines), t.Lines...), fix
		if t.Fault == IsAlias {
			f.Severity = lint.Warning
		}
		out = append(out, f)
	}
	if t.Fault == NotFQDN {
		bad("Enter the fully qualified domain name of the Expressway-E.",
			"%s points to %s, which is not a fully qualified domain name. Jabber cannot use the cookie of the Expressway-E, and the log-in fails",
			record, t.Host)
	}
	if v.Shared {
		return out
	}
	host := probe.Clean(t.Host)
	switch t.Fault {
	case NotOffered:
		bad("Remove the record, or enter the name of the Expressway-E.",
			"%s has the target \".\", which means that the service is not offered (RFC 2782)", record)
	case IsAddress:
		bad("Enter the fully qualified domain name of the Expressway-E.",
			"%s has an address (%s) as its target. Jabber needs a fully qualified domain name, for the certificate and for the cookie of the "+
				"Expressway-E", record, host)
	case IsAlias:
		bad(fmt.Sprintf("Change the target of the record to %s itself.", t.Detail),
			"%s points to an alias (%s -> %s). RFC 2782 does not allow this, and some clients fail",
			record, host, t.Detail)
	case NoName:
		bad(fmt.Sprintf("Add an A record for %s to the public zone, or correct the target.", host),
			"%s points to %s, which does not exist for resolvers outside (NXDOMAIN). Clients outside cannot reach the Expressway-E",
			record, host)
	case NoAddress:
		bad(fmt.Sprintf("Add an A record for %s to the public zone.", host),
			"%s points to %s, which has no address for resolvers outside (NODATA). Clients outside cannot reach the Expressway-E",
			record, host)
	case NoAnswer:
		bad("Check the name servers of the zone.", "%s points to %s, but resolvers outside do not find its address: %s", record,
			host, t.Detail)
	}
	if t.Port != portHTTPS && t.Fault != NotOffered {
		f := rulePort.New(record+" "+t.Host+" "+strconv.Itoa(t.Port), "%s points to %s port %d, but the edge listens on port %d",
			record, host, t.Port, portHTTPS)
		f.Evidence, f.Fix = slices.Clone(v.Edge.Lines), fmt.Sprintf("Change the port of the record to %d.", portHTTPS)
		out = append(out, f)
	}
	return out
}

// reach is EDGE105, and EDGE107 for the other ports.
func (t *Target) reach() []lint.Finding {
	if t.HTTPS == nil {
		return nil
	}
	var out []lint.Finding
	f, dead := live.Unreachable(ruleUnreachable, "Expressway-E "+probe.Clean(t.HTTPS.Target.String()), t.HTTPS)
	if dead {
		out = append(out, f)
	}
	for _, p := range []struct {
		name, without string
		seen          *probe.Observation
	}{
		{"XMPP", "Without it, Jabber clients outside have no presence and no chat. A deployment without IM and Presence does not need it.",
			t.XMPP},
		{"SIP over TLS", "Without it, Jabber clients outside cannot register their phone. A deployment for IM only does not need it.", t.SIP},
	} {
		if p.seen == nil {
			continue
		}
		if dead && sameFailure(t.HTTPS, p.seen) {
			continue // one cause: the host is not there
		}
		if f, bad := live.Unreachable(ruleService, fmt.Sprintf("Expressway-E %s (%s)", probe.Clean(p.seen.Target.String()), p.name),
			p.seen); bad {
			f.Fix = p.without + " " + f.Fix
			out = append(out, f)
		}
	}
	return out
}

// sameFailure reports whether two ports failed in the same way, before the server sent anything.
func sameFailure(a, b *probe.Observation) bool {
	return a.Error != nil && b.Error != nil && a.Error.Phase == b.Error.Phase && a.Error.Class == b.Error.Class &&
		a.Error.Phase != probe.TLS
}

// certificates is EDGE106. The certificate of the SIP port is judged only if it is another one.
func (t *Target) certificates(soon time.Duration) []lint.Finding {
	if t.HTTPS == nil {
		return nil
	}
	out := live.Certificate(ruleCertificate, "Expressway-E "+probe.Clean(t.HTTPS.Target.String()), t.HTTPS, soon)
	if t.SIP != nil && fingerprint(t.SIP) != fingerprint(t.HTTPS) {
		out = append(out, live.Certificate(ruleCertificate, fmt.Sprintf("Expressway-E %s (SIP over TLS)",
			probe.Clean(t.SIP.Target.String())), t.SIP, soon)...)
	}
	return out
}

func fingerprint(o *probe.Observation) string {
	if o.TLS == nil || len(o.TLS.Chain) == 0 {
		return ""
	}
	return o.TLS.Chain[0].SHA256
}

func itoa(n uint16) string { return strconv.Itoa(int(n)) }

// resolvers lists resolvers as they are written.
func resolvers(list []wire.Resolver) string {
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}
