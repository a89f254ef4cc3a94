package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func cert() []*lint.Rule {
	return []*lint.Rule{
		printed("CERT001", certificateExpired),
		printed("CERT002", certificateFuture),
		printed("CERT003", certificateName),
		printed("CERT004", certificateDates),
	}
}

const (
	certificateSoon = 30 * 24 * time.Hour
	// zoneSlack is how much two times without comparable zones may differ.
	zoneSlack = 24 * time.Hour
)

// A certificate is what "show cert own" or "show cert trust" printed.
type certificate struct {
	record
	node     *node
	unit     string
	trust    bool
	from, to time.Time // zero where they are not readable
}

func (c *certificate) what() string {
	switch {
	case c.unit != "":
		return "the certificate " + c.unit
	case c.text(appliance.CertName) != "":
		return "the certificate of " + c.text(appliance.CertName)
	}
	return "a certificate"
}

// certificates lists those with dates. Of one that was printed twice on a node the last counts.
func (e *evidence) certificates() []*certificate {
	var out []*certificate
	at := map[string]int{}
	for _, o := range e.outputs {
		for r := range o.all(appliance.CertFrom) {
			c := &certificate{record: r, node: o.node, unit: r.text(appliance.CertUnit), trust: strings.HasPrefix(o.command, "show cert trust")}
			c.trust = c.trust || strings.HasSuffix(strings.ToLower(c.unit), "-trust")
			c.from, _ = serverTime(r.text(appliance.CertFrom))
			c.to, _ = serverTime(r.text(appliance.CertTo))
			if c.unit != "" && !c.trust {
				key := o.node.name + "\x00" + strings.ToLower(c.unit)
				if i, ok := at[key]; ok {
					out[i] = c
					continue
				}
				at[key] = len(out)
			}
			out = append(out, c)
		}
	}
	return out
}

// clock returns what a node's clock showed, or that of another node of the same run; the zero time where no output has one.
func (e *evidence) clock(n *node) time.Time {
	own := n.clock()
	if own.IsZero() {
		for _, other := range e.nodes {
			if t := other.clock(); t.After(own) {
				own = t
			}
		}
	}
	return own
}

func (n *node) clock() time.Time {
	var last time.Time
	for _, o := range n.outputs {
		for _, field := range [...]appliance.Field{appliance.Clock, appliance.ReplicationTime} {
			if t, ok := clockTime(o.text(field)); ok {
				last = t
			}
		}
	}
	return last
}

// clockTime reads "Thu Sep 21, 2023 11:05:18" of show status, and the form with the year at the end.
func clockTime(s string) (time.Time, bool) {
	if t, err := time.Parse("Mon Jan 2, 2006 15:04:05", strings.Join(strings.Fields(s), " ")); err == nil {
		return t, true
	}
	return serverTime(s)
}

func certificateExpired(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, c := range e.certificates() {
		if c.to.IsZero() {
			continue
		}
		clock := e.clock(c.node)
		now := clock
		if now.IsZero() {
			now = d.Now
		}
		day := c.to.Format("2 January 2006")
		var f lint.Finding
		switch place := c.get(appliance.CertTo); {
		case now.After(c.to):
			f = d.At(place, "%s of node %s expired on %s. Clients and the other nodes reject it", c.what(), c.node.name, day)
		case c.to.Sub(now) < certificateSoon:
			f = d.At(place, "%s of node %s expires on %s, in %d days", c.what(), c.node.name, day, int(c.to.Sub(now).Hours()/24))
			f.Severity = lint.Warning
		case d.Now.After(c.to):
			f = d.At(place, "%s of node %s expired on %s, after this output was taken", c.what(), c.node.name, day)
			f.Severity = lint.Warning
		default:
			continue
		}
		if c.trust {
			f.Severity = lint.Warning
			f.Message = strings.Replace(f.Message, ". Clients and the other nodes reject it",
				". It is in the trust store: certificates that it issued are rejected", 1)
		}
		if !clock.IsZero() {
			f.Evidence = []string{"clock of the node: " + clock.Format("2 January 2006 15:04")}
		}
		f.Fix = "First check the time of the node (utils ntp status). Then generate the certificate again, or have it signed again (OS " +
			"Administration > Security > Certificate Management), and restart the services that use it."
		findings = append(findings, f)
	}
	return findings
}

func certificateFuture(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, c := range e.certificates() {
		if c.from.IsZero() {
			continue
		}
		clock := e.clock(c.node)
		now := clock
		if now.IsZero() {
			now = d.Now
		}
		if !c.from.After(now.Add(zoneSlack)) {
			continue
		}
		f := d.At(c.get(appliance.CertFrom), "%s of node %s is not valid yet. It is valid from %s", c.what(), c.node.name,
			c.from.Format("2 January 2006"))
		if !clock.IsZero() {
			f.Evidence = []string{"clock of the node: " + clock.Format("2 January 2006 15:04")}
			if !c.from.After(d.Now) {
				f.Message += ". The clock of the node is behind"
			}
		}
		for _, s := range e.states() {
			if !s.synchronised() && (s.node == c.node || s == e.withoutTime(c.node)) {
				f.Message += ". First correct the time: node " + s.node.name + " is not synchronised"
				f.Related = []lint.Related{s.place().Related("node %s is not synchronised", s.node.name)}
				break
			}
		}
		f.Fix = "Compare the clocks of the node and of its time source (utils ntp status). If a certificate was made while the clock was " +
			"wrong, generate it again when the time is right."
		findings = append(findings, f)
	}
	return findings
}

// namedUnits are the services whose certificate clients compare with the name of the node.
func namedUnit(unit string) bool {
	unit = strings.TrimSuffix(strings.ToLower(unit), "-ecdsa")
	switch unit {
	case "", "tomcat", "cup", "cup-xmpp", "callmanager":
		return true
	}
	return false
}

func certificateName(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, c := range e.certificates() {
		name := c.get(appliance.CertName)
		if name == nil || c.trust || !namedUnit(c.unit) || c.unit == "" && !strings.Contains(name.Value, ".") {
			continue
		}
		full, place := c.node.fullName()
		if full == "" || c.fits(name.Value, full) {
			continue
		}
		f := d.At(name, "%s of node %s is for %s, but the node is %s. Clients that check names show a warning or disconnect", c.what(),
			c.node.name, name.Value, full)
		if place != nil {
			f.Related = []lint.Related{place.Related("node %s is %s", c.node.name, full)}
		}
		f.Fix = "After a change of the host name or domain, generate the certificate again. Or have one issued with the full name of the node " +
			"as common name."
		findings = append(findings, f)
	}
	return findings
}

// fullName is the name of the node with its domain, as the cluster or its network card has it; empty where neither has one.
func (n *node) fullName() (string, *lint.Fact) {
	if n.row != nil && strings.Contains(n.row.name, ".") && !isAddress(n.row.name) {
		return n.row.name, n.row.get(appliance.MemberName)
	}
	host := n.fact(appliance.HostName)
	if host == nil && n.row != nil {
		host = n.row.get(appliance.MemberHost)
	}
	domain := n.fact(appliance.CardDomain)
	if host == nil || domain == nil || !strings.Contains(domain.Value, ".") {
		return "", nil
	}
	return host.Value + "." + domain.Value, domain
}

// fits reports whether a certificate is for a node: by its common name, or by an alternative name.
func (c *certificate) fits(common, full string) bool {
	names := append(strings.Fields(c.text(appliance.CertAlternatives)), common)
	host, domain, _ := strings.Cut(strings.ToLower(full), ".")
	for _, name := range names {
		first, rest, dotted := strings.Cut(strings.ToLower(strings.TrimSuffix(name, ".")), ".")
		switch {
		case dotted && rest != domain:
		case first == host && dotted, first == "*" && dotted, first == host+"-ec" && dotted:
			return true
		case strings.HasSuffix(first, "-ms") && dotted: // one certificate for all nodes of the cluster
			return true
		case first == host && c.shortNames(): // releases before 9 have the host name alone
			return true
		}
	}
	return false
}

func (c *certificate) shortNames() bool {
	for _, field := range [...]appliance.Field{appliance.VersionActive, appliance.VersionProduct} {
		major, _, _ := strings.Cut(c.node.text(field), ".")
		if m, err := strconv.Atoi(major); err == nil {
			return m < 9
		}
	}
	return false
}

func certificateDates(e *evidence, d *lint.Deployment) []lint.Finding {
	shown := map[string]bool{}
	for _, c := range e.certificates() {
		shown[c.node.name+"\x00"+strings.ToLower(c.unit)] = true
		if c.unit == "" {
			shown[c.node.name+"\x00"] = true
		}
	}
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.last(appliance.CertListed)
		if o == nil || shown[n.name+"\x00"] {
			continue
		}
		var units []string
		var first *lint.Fact
		for _, listed := range o.all(appliance.CertListed) {
			unit, _, _ := strings.Cut(listed.Value, "/")
			if shown[n.name+"\x00"+strings.ToLower(unit)] || strings.HasSuffix(unit, "-trust") && first != nil {
				continue
			}
			if first == nil {
				first = listed
			}
			units = append(units, unit)
		}
		if first == nil {
			continue
		}
		f := d.At(first, "the list of certificates of node %s has no dates. It does not show whether a certificate has expired (%s)", n.name,
			shortList(units))
		kind := "own"
		if strings.HasSuffix(units[0], "-trust") {
			kind = "trust"
		}
		f.Fix = fmt.Sprintf("Run this command for each certificate and add its output: show cert %s %s.", kind, first.Value)
		findings = append(findings, f)
	}
	return findings
}
