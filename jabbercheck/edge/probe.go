package edge

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/probe"
)

// maxTargets bounds the hosts of one record that are contacted. A deployment has a few peers; a hostile zone may name thousands.
const maxTargets = 16

// A Checker looks at domains. Names must name at least one resolver.
type Checker struct {
	// Prober opens connections; nil means one with the defaults. Its resolver is not used: hosts are looked up in the view that names them.
	Prober *probe.Prober
	// Names say how names are asked for, inside and outside.
	Names dnscheck.Options
}

// Probe looks at one domain. The observation is complete even if something failed.
func (c *Checker) Probe(ctx context.Context, r Request) *Observation {
	p := c.Prober
	if p == nil {
		p = new(probe.Prober)
	}
	o := &Observation{Domain: r.Domain, Place: r.Place, At: p.Clock().UTC()}
	if len(c.Names.Resolvers) == 0 && len(c.Names.Outside) == 0 {
		o.Incomplete = "no resolver is known; name one with --resolver"
		return o
	}
	var clients [2]*dnscheck.Client
	for i, list := range [...][]wire.Resolver{c.Names.Resolvers, c.Names.Outside} {
		if len(list) == 0 {
			continue
		}
		clients[i] = c.Names.Client(list)
		defer clients[i].Close() // its sockets end with the program anyway
	}
	inside, outside := clients[0], clients[1]
	if inside != nil {
		o.Views = append(o.Views, c.single(ask(ctx, inside, r.Domain), outside != nil))
	}
	if outside != nil {
		v := ask(ctx, outside, r.Domain)
		v.View = dnscheck.ViewOutside
		o.Views = append(o.Views, v)
	}
	if v := o.view(dnscheck.ViewOutside); v != nil && v.Edge.Found {
		client := outside
		if client == nil {
			client = inside
		}
		c.targets(ctx, p, client, o)
	}
	o.Incomplete = o.incomplete(ctx)
	return o
}

// single says which view the resolvers inside have: what the user said, else what can be concluded from the records. The record
// _collab-edge without the others is what clients outside see. If all or none are there, the view is assumed to be the one inside, as in
// the DNS rules.
func (c *Checker) single(v View, both bool) View {
	v.Shared = true
	switch {
	case both:
		v.View = dnscheck.ViewInside
	case c.Names.View != dnscheck.ViewAuto:
		v.View = c.Names.View
	case v.Edge.Found && v.UDS.Absent && v.Login.Absent:
		v.View, v.Concluded = dnscheck.ViewOutside, true
	default:
		v.View, v.Concluded = dnscheck.ViewInside, true
	}
	return v
}

// incomplete says why the domain could not be checked.
func (o *Observation) incomplete(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "the run was cancelled"
	}
	for i := range o.Views {
		v := &o.Views[i]
		for _, r := range []*Record{&v.Edge, &v.UDS, &v.Login} {
			if !r.Found && !r.Absent {
				return "the resolvers " + string(v.View) + " (" + strings.Join(v.Resolvers, ", ") + ") do not show whether " + probe.Clean(r.Name) +
					" exists: " + r.Failure
			}
		}
	}
	return ""
}

// ask asks for the three records at the same time.
func ask(ctx context.Context, client *dnscheck.Client, domain string) View {
	v := View{Resolvers: client.Resolvers()}
	var all sync.WaitGroup
	for prefix, r := range map[string]*Record{udsRecord: &v.UDS, loginRecord: &v.Login, edgeRecord: &v.Edge} {
		all.Go(func() { r.ask(ctx, client, prefix+strings.TrimSuffix(domain, ".")) })
	}
	all.Wait()
	return v
}

func (r *Record) ask(ctx context.Context, client *dnscheck.Client, name string) {
	r.Name = name
	absolute, err := wire.Absolute(name)
	if err != nil {
		r.Absent, r.Failure = true, err.Error() // such a record cannot exist
		return
	}
	l := client.Lookup(ctx, absolute, dns.TypeSRV)
	r.Lines = l.Lines()
	switch e := l.Effective(); {
	case e.Outcome == dnscheck.Found:
		r.Found = true
	case e.Outcome.Says():
		r.Absent = true
	default:
		r.Failure = e.Text()
	}
}

// targets looks up and contacts the hosts of the record, all at the same time.
func (c *Checker) targets(ctx context.Context, p *probe.Prober, client *dnscheck.Client, o *Observation) {
	absolute, err := wire.Absolute(edgeRecord + strings.TrimSuffix(o.Domain, "."))
	if err != nil {
		return
	}
	list := client.Lookup(ctx, absolute, dns.TypeSRV).Effective().Targets() // asked before: nothing is sent
	outside := *p
	outside.Resolve = client.Resolve
	known := make(map[string]bool)
	for _, t := range list {
		host := strings.TrimSuffix(t.Host, ".")
		key := strings.ToLower(host) + " " + itoa(t.Port)
		switch {
		case known[key]:
			continue
		case len(o.Targets) == maxTargets:
			o.More++
			continue
		}
		known[key] = true
		o.Targets = append(o.Targets, Target{Host: host, Port: int(t.Port)})
	}
	var all sync.WaitGroup
	for i := range o.Targets {
		all.Go(func() { o.Targets[i].look(ctx, &outside, client) })
	}
	all.Wait()
}

// look judges the name of a target and, if it has an address, contacts the three ports at the same time.
func (t *Target) look(ctx context.Context, p *probe.Prober, client *dnscheck.Client) {
	switch {
	case t.Host == "":
		t.Fault = NotOffered
		return
	case isAddress(t.Host):
		t.Fault = IsAddress
		return
	case !strings.Contains(t.Host, "."):
		t.Fault = NotFQDN
	}
	if !t.resolve(ctx, client) {
		return
	}
	contact := func(port int, tls bool) *probe.Observation {
		own := *p // one observation each; otherwise three would call Watch at once
		own.Watch = nil
		o := new(probe.Observation)
		target := probe.Target{Network: "tcp", Host: t.Host, Port: port, Security: probe.Plain}
		if tls {
			target.Security = probe.ImplTLS
		}
		conn, err := own.Connect(ctx, target, o)
		if err != nil {
			return o
		}
		defer conn.Close()
		if tls {
			_, _ = own.Handshake(ctx, conn, target, o) // the observation says how it went
		}
		return o
	}
	var all sync.WaitGroup
	all.Go(func() { t.HTTPS = contact(t.Port, true) })
	all.Go(func() { t.XMPP = contact(portXMPP, false) }) // TLS begins with StartTLS there
	all.Go(func() { t.SIP = contact(portSIP, true) })
	all.Wait()
}

// resolve looks the host up as clients do, and reports whether it has an address.
func (t *Target) resolve(ctx context.Context, client *dnscheck.Client) bool {
	absolute, err := wire.Absolute(t.Host)
	if err != nil {
		t.Fault, t.Detail = NoName, err.Error()
		return false
	}
	four, six := client.Lookup(ctx, absolute, dns.TypeA), client.Lookup(ctx, absolute, dns.TypeAAAA)
	t.Lines = four.Lines()
	if alias := four.Alias(); alias != "" && t.Fault == "" {
		t.Fault, t.Detail = IsAlias, alias
	}
	e := four.Effective()
	switch {
	case e.Outcome == dnscheck.Found, six.Effective().Outcome == dnscheck.Found:
		return true
	case e.Outcome == dnscheck.NXDomain:
		t.Fault = NoName
	case e.Outcome.Says():
		t.Fault = NoAddress
	default:
		t.Fault, t.Detail = NoAnswer, e.Text()
	}
	return false
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(strings.Trim(name, "[]."))
	return err == nil
}
