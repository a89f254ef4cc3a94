package lockouts

import (
	"io"
	"strings"
	"time"
)

// Bounds of what is kept: a month of a busy domain stays far below.
const (
	maxAccounts = 10_000
	maxSources  = 5_000
	maxLocks    = 1_000
	maxHosts    = 10_000
)

// A Collector gathers events into reports. The zero value is not usable; see NewCollector.
type Collector struct {
	want     wanted
	accounts map[string]*gathered // by user name in lower case
	hosts    map[string]*host     // by computer name
	aliases  map[string]string    // NetBIOS name of a domain to its DNS name, as events showed it
	domains  map[string]bool      // DNS names of domains that events showed
	cut      bool
}

// wanted is the account that was asked for; user is empty for all.
type wanted struct {
	user, domain string
	loose        bool
}

// gathered is what was seen of one user name, in whatever domain.
type gathered struct {
	name  string
	seen  map[sighting]*span
	locks []lockSeen
	cut   bool
}

// sighting is what events have in common that are counted together.
type sighting struct {
	id                     int
	domain                 string
	loose                  bool
	logger                 string
	computer, address      string
	status, logonType, exe string
}

type span struct {
	n           int
	first, last time.Time
}

type lockSeen struct {
	when           time.Time
	domain, logger string
	caller         string
}

// host is what events say about the role of a computer.
type host struct {
	fqdn string
	// kdc: it wrote events that only a domain controller writes. judge: it judged or locked accounts, which a computer outside a domain also
	// does for its own. lone: it is in no domain, or has accounts of its own.
	kdc, judge, lone bool
}

// workgroup is what a computer outside a domain writes as its domain.
const workgroup = "WORKGROUP"

// NewCollector gathers for one account, named in any form, or for all of them when the name is empty.
func NewCollector(account string) *Collector {
	u, d, loose := SplitAccount(account)
	return &Collector{
		want: wanted{strings.ToLower(u), d, loose}, accounts: map[string]*gathered{}, hosts: map[string]*host{},
		aliases: map[string]string{}, domains: map[string]bool{},
	}
}

// Read reads one file into the collector.
func (c *Collector) Read(r io.Reader, opts Options) (Stats, error) {
	first, second := newBatch(c), newBatch(c)
	st, alt, err := Read(r, opts, func(e *Event) {
		first.add(e, e.Time)
		second.add(e, e.Alt)
	})
	if alt {
		first = second
	}
	c.merge(first)
	return st, err
}

// Add takes one event.
func (c *Collector) Add(e *Event) {
	b := newBatch(c)
	b.add(e, e.Time)
	c.merge(b)
}

// batch is what one file gives under one reading of its dates.
type batch struct {
	c        *Collector
	accounts map[string]*gathered
	cut      bool
}

func newBatch(c *Collector) *batch { return &batch{c: c, accounts: map[string]*gathered{}} }

func (b *batch) add(e *Event, when time.Time) {
	b.c.role(e)
	key := strings.ToLower(e.User)
	if b.c.want.user != "" && key != b.c.want.user {
		return
	}
	if e.ID != Locked && e.ID != Unlocked && e.ID != LDAPBind && !e.failed() {
		return
	}
	g := b.accounts[key]
	if g == nil {
		if len(b.accounts) >= maxAccounts {
			b.cut = true
			return
		}
		g = &gathered{name: e.User, seen: map[sighting]*span{}}
		b.accounts[key] = g
	}
	g.add(e, when)
}

func (g *gathered) add(e *Event, when time.Time) {
	domain := e.Domain
	if e.ID == Locked {
		if !strings.EqualFold(e.ReporterDomain, workgroup) {
			domain = e.ReporterDomain // 4740 does not write the account's domain; it is that of the controller
		}
		if len(g.locks) < maxLocks {
			g.locks = append(g.locks, lockSeen{when, domain, e.Logger, e.Computer})
		} else {
			g.cut = true
		}
	}
	k := sighting{e.ID, domain, e.Loose, e.Logger, e.Computer, e.Address, e.Status, e.LogonType, e.Process}
	s := g.seen[k]
	if s == nil {
		if len(g.seen) >= maxSources {
			g.cut = true
			return
		}
		s = &span{}
		g.seen[k] = s
	}
	s.n++
	s.extend(when, when)
}

func (s *span) extend(first, last time.Time) {
	if !first.IsZero() && (s.first.IsZero() || first.Before(s.first)) {
		s.first = first
	}
	if last.After(s.last) {
		s.last = last
	}
}

// merge takes what a file gave.
func (c *Collector) merge(b *batch) {
	c.cut = c.cut || b.cut
	for key, from := range b.accounts {
		to := c.accounts[key]
		if to == nil {
			if len(c.accounts) >= maxAccounts {
				c.cut = true
				continue
			}
			c.accounts[key] = from
			continue
		}
		to.cut = to.cut || from.cut
		for k, s := range from.seen {
			t := to.seen[k]
			switch {
			case t != nil:
				t.n += s.n
				t.extend(s.first, s.last)
			case len(to.seen) >= maxSources:
				to.cut = true
			default:
				to.seen[k] = s
			}
		}
		room := min(len(from.locks), maxLocks-len(to.locks))
		to.locks = append(to.locks, from.locks[:room]...)
		to.cut = to.cut || room < len(from.locks)
	}
}

// role notes what an event says about the computer that wrote it.
func (c *Collector) role(e *Event) {
	if e.Logger == "" {
		return
	}
	key := hostPart(e.Logger)
	h := c.hosts[key]
	if h == nil {
		if len(c.hosts) >= maxHosts {
			return
		}
		h = &host{}
		c.hosts[key] = h
	}
	_, suffix, _ := strings.Cut(e.Logger, ".")
	if suffix != "" && key != e.Logger {
		h.fqdn = e.Logger
		c.domains[strings.ToLower(suffix)] = true
	}
	switch e.ID {
	case Kerberos, Ticket, LDAPBind:
		h.kdc = true
		if e.ID == Kerberos {
			c.alias(e.Domain, suffix)
		}
	case Locked, NTLM, Unlocked:
		h.judge = true
	case LogonBad:
		if strings.EqualFold(e.Domain, key) {
			h.lone = true // an account of the computer itself
		}
	}
	if strings.EqualFold(e.ReporterDomain, workgroup) {
		h.lone = true
	} else if e.ReporterDomain != "" {
		c.alias(e.ReporterDomain, suffix)
	}
}

// alias notes that a domain has a NetBIOS and a DNS name.
func (c *Collector) alias(netbios, dns string) {
	if dns == "" || netbios == "" || len(c.aliases) >= maxHosts {
		return
	}
	netbios, dns = strings.ToLower(netbios), strings.ToLower(dns)
	if !strings.Contains(netbios, ".") {
		if _, ok := c.aliases[netbios]; !ok {
			c.aliases[netbios] = dns
		}
	}
}

// controller reports whether a computer is a domain controller, by what it wrote; having its log does not prove it.
func (c *Collector) controller(name string) bool {
	if name == "" {
		return false
	}
	h := c.hosts[hostPart(name)]
	if h == nil && len(hostPart(name)) == 15 { // a NetBIOS name is cut to 15 characters
		for long, other := range c.hosts {
			if strings.HasPrefix(long, hostPart(name)) && (other.kdc || other.judge && !other.lone) {
				return true
			}
		}
	}
	return h != nil && (h.kdc || h.judge && !h.lone)
}

// hostPart is a computer's name without its domain; an address stays whole.
func hostPart(name string) string {
	if h, _, ok := strings.Cut(name, "."); ok && strings.Trim(name, "0123456789.") != "" {
		return h
	}
	return name
}
