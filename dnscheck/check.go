package dnscheck

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// Options says how names are checked. Resolvers must hold at least one; all else may be left empty.
type Options struct {
	Resolvers []wire.Resolver
	// Outside are resolvers as clients outside the network ask them. Check does not ask them; the edge area does.
	Outside []wire.Resolver
	// View says which view Resolvers have.
	View  View
	Types Types // 0 means AllTypes
	// Concurrency is how many questions are under way to one resolver; 0 means wire.DefaultOutstanding.
	Concurrency int
	// Timeout bounds one attempt; 0 means wire.DefaultTimeout.
	Timeout time.Duration
	// Rate is how many questions a second one resolver gets; 0 means DefaultRate for a resolver elsewhere and no bound for
	// one on this computer, which no other computer uses; below 0 means no bound.
	Rate     float64
	Roots    *x509.CertPool
	Search   []string
	Hosts    *HostsFile
	Progress func(done, total int)
	// Log, if set, gets each question and its answer.
	Log *slog.Logger
}

// A View says whose answers resolvers give, where inside and outside have different ones (split DNS).
type View string

// The views.
const (
	ViewAuto    View = "" // not given by the user
	ViewInside  View = "inside"
	ViewOutside View = "outside"
)

// ParseView reads the value of a command-line flag.
func ParseView(s string) (View, error) {
	switch v := View(s); v {
	case "auto":
		return ViewAuto, nil
	case ViewAuto, ViewInside, ViewOutside:
		return v, nil
	}
	return ViewAuto, fmt.Errorf("unknown view %q: use inside, outside or auto", s)
}

// Client makes a client that asks these resolvers as the options say. The caller must close it.
func (o *Options) Client(resolvers []wire.Resolver) *Client { return NewClient(resolvers, o.wire) }

// DefaultRate does not disturb a production server: an ordinary one answers about ten thousand questions a second, and this
// is a small share of that.
const DefaultRate = 500

// A Result has all that a run found out.
type Result struct {
	Resolvers    []string
	Observations []Observation
	Findings     []lint.Finding
	// Asked counts questions, separately for each resolver; attempts are not counted.
	Asked int
	// Cancelled says that the context ended before all was asked.
	Cancelled bool
	// Silent says that questions were asked and no resolver answered one of them.
	Silent bool
}

// Check asks about all subjects and judges the answers.
func Check(ctx context.Context, subjects []*Subject, o Options) (*Result, error) {
	return checkAll(ctx, subjects, o, func(int) {})
}

// checkAll calls growing with about how many names are missing something, before there are findings about them.
func checkAll(ctx context.Context, subjects []*Subject, o Options, growing func(missing int)) (*Result, error) {
	if len(o.Resolvers) == 0 {
		return nil, errors.New("check names in DNS: no resolver is known; name one with --resolver")
	}
	client := NewClient(o.Resolvers, o.wire)
	client.Expect(2 * len(subjects))
	prober := Prober{Client: client, Types: o.Types, Search: o.Search, Hosts: o.Hosts, Jobs: min(o.Concurrency, wire.MaxOutstanding),
		Progress: o.Progress, view: o.View, growing: growing}
	observations := prober.Probe(ctx, subjects)
	err := client.Close()
	if err != nil {
		err = fmt.Errorf("close the sockets to the resolvers: %w", err)
	}
	r := &Result{Resolvers: client.Resolvers(), Observations: observations, Asked: client.Asked(), Cancelled: ctx.Err() != nil,
		Silent: client.Silent()}
	growing(int(prober.missing.Load()))
	r.Findings = prober.findings(ctx, observations)
	return r, err
}

func (o *Options) wire(r wire.Resolver) wire.Options {
	rate := o.Rate
	switch {
	case rate < 0:
		rate = 0
	case rate == 0 && !r.Addr.Addr().IsLoopback():
		rate = DefaultRate
	}
	return wire.Options{Outstanding: o.Concurrency, Timeout: o.Timeout, Rate: rate, Roots: o.Roots, Log: o.Log}
}

// Silent reports whether questions were asked and no resolver has answered any.
func (c *Client) Silent() bool {
	for _, s := range c.servers {
		if s.HasAnswered() {
			return false
		}
	}
	return c.Asked() > 0
}

// Resolve gives the addresses of a host as the resolvers know it, for probes of other protocols (probe.Prober). The error
// distinguishes an absent name from an absent record.
func (c *Client) Resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	name, err := wire.Absolute(host)
	if err != nil {
		return nil, probe.ErrorOf(probe.DNS, probe.NXDomain, err, "%v", err)
	}
	var found []netip.Addr
	var failure *Answer
	for _, t := range [...]uint16{dns.TypeA, dns.TypeAAAA} {
		l := c.Lookup(ctx, name, t)
		for _, text := range addresses(l) {
			if addr, err := netip.ParseAddr(text); err == nil {
				found = append(found, addr)
			}
		}
		if e := l.Effective(); e.Outcome != Found && failure == nil {
			failure = e
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, probe.ErrorOf(probe.DNS, failure.Outcome.class(), nil, "%s: %s", bare(name), failure.text())
}

// class gives the outcome in the words of the other probes.
func (o Outcome) class() probe.Class {
	switch o {
	case NXDomain:
		return probe.NXDomain
	case Found, NoData, CNAMELoop:
		return probe.NoData
	case Timeout, NotAsked:
		return probe.Timeout
	case Unreachable, NoTCP:
		return probe.Unreachable
	case TLSFailed:
		return probe.TLSFailed
	case Garbage:
		return probe.BadProtocol
	case Cancelled:
		return probe.Cancelled
	}
	return probe.ServFail
}
