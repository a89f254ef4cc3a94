package dnscheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"cupclint/lint"
)

// A deadResolver answered nothing at all, or stopped answering.
type deadResolver struct {
	name     string
	outcome  Outcome // how it failed first
	failed   int     // questions without an answer
	answered int
	says     int // answers that say something about the name
	evidence []string
}

// whole reports whether one finding describes the resolver: it answered nothing, it stopped answering, or every one of several
// questions failed.
func (d *deadResolver) whole() bool {
	return d.failed > 0 && (d.answered == 0 || d.outcome == NotAsked || d.says == 0 && d.failed > 1)
}

// deadResolvers finds the resolvers that get one finding instead of one for each name, and reports whether any question failed.
func deadResolvers(observations []Observation) (dead []deadResolver, failed bool) {
	c := counter{kept: make(map[*store][]bool), others: make(map[*Lookup]bool)}
	for i := range observations {
		c.count(&observations[i])
	}
	for _, d := range c.resolvers {
		failed = failed || d.failed > 0
		if d.whole() {
			dead = append(dead, *d)
		}
	}
	return dead, failed
}

// A counter counts each question once, even if several subjects ask it.
type counter struct {
	resolvers []*deadResolver
	kept      map[*store][]bool // by the number of the lookup
	others    map[*Lookup]bool
	memory    unpacked
}

func (c *counter) count(o *Observation) {
	if o.kept == "" {
		for _, s := range o.steps {
			if !c.others[s.Lookup] {
				c.others[s.Lookup] = true
				c.note(s.Lookup)
			}
		}
		return
	}
	counted := c.kept[o.store]
	for _, number := range o.numbers() {
		if int(number) >= len(counted) {
			counted = append(counted, make([]bool, o.store.numbered()-len(counted))...)
			c.kept[o.store] = counted
		}
		if counted[number] {
			continue
		}
		counted[number] = true
		if _, says := o.store.at(number); says { // nearly all
			for _, name := range o.store.resolvers {
				d := c.of(name)
				d.answered++
				d.says++
			}
			continue
		}
		c.note(c.memory.lookup(o.store, number))
	}
}

func (c *counter) note(l *Lookup) {
	for i := range l.Answers {
		c.of(l.Answers[i].Resolver).note(l, &l.Answers[i])
	}
}

func (c *counter) of(resolver string) *deadResolver {
	for _, d := range c.resolvers {
		if d.name == resolver {
			return d
		}
	}
	d := &deadResolver{name: resolver}
	c.resolvers = append(c.resolvers, d)
	return d
}

func (d *deadResolver) note(l *Lookup, a *Answer) {
	switch {
	case a.Outcome == Cancelled:
		return
	case a.Outcome.Says():
		d.answered++
		d.says++
		return
	case a.Rcode >= 0:
		d.answered++
	}
	if d.failed == 0 || a.Outcome == NotAsked && d.answered > 0 {
		d.outcome = a.Outcome
	}
	if d.failed < 3 {
		d.evidence = append(d.evidence, fmt.Sprintf("%s %s? %s: %s", l.Name, typeName(l.Type), a.Resolver, a.text()))
		d.evidence = append(d.evidence, a.odd()...)
	}
	d.failed++
}

// resolvers is DNS103 for resolvers as a whole.
func (j *judge) resolvers() {
	for _, d := range j.dead {
		message := fmt.Sprintf("the resolver %s %s. Clients that use it find no servers", d.name, d.outcome.plain())
		switch {
		case d.says == 0 && d.answered > 0:
			message = fmt.Sprintf("the resolver %s %s (all %d questions). Clients that use it find no servers", d.name, d.outcome.plain(),
				d.failed)
		case d.answered > 0:
			message = fmt.Sprintf("the resolver %s stopped answering: %d questions were not answered", d.name, d.failed)
		}
		f := ruleServer.New(d.name, "%s", message)
		f.Evidence = append(d.evidence, fmt.Sprintf("%d questions answered, %d not", d.says, d.failed))
		f.Fix = d.outcome.fix()
		j.findings = append(j.findings, f)
	}
}

func (j *judge) isDead(a *Answer) bool {
	return slices.ContainsFunc(j.dead, func(d deadResolver) bool {
		return d.name == a.Resolver && (d.says == 0 || a.Outcome == NotAsked)
	})
}

// failures is DNS103 for one question: one finding for each way to fail.
func (j *judge) failures(o *Observation, l *Lookup) {
	var outcomes []Outcome
	for i := range l.Answers {
		a := &l.Answers[i]
		if !a.Outcome.Says() && a.Outcome != Cancelled && !j.isDead(a) && !slices.Contains(outcomes, a.Outcome) {
			outcomes = append(outcomes, a.Outcome)
		}
	}
	for _, outcome := range outcomes {
		var names []string
		for i := range l.Answers {
			if a := &l.Answers[i]; a.Outcome == outcome && !j.isDead(a) {
				names = append(names, a.Resolver)
			}
		}
		f := ruleServer.New(l.Name+" "+typeName(l.Type)+" "+outcome.String(), "%s %s for %s %s (%s)", plural(names, "resolver"), outcome.plain(),
			bare(l.Name), typeName(l.Type), o.what())
		if l.outcome().Says() {
			f.Severity = lint.Warning
			f.Message += "; another resolver answers, after the client has waited"
		}
		evidence := answersOf(l)
		if l == o.step(WhyAddress, dns.TypeA) && !l.outcome().Says() {
			evidence = append(evidence, o.explanation()...)
		}
		key := o.Name + "\x00" + strings.Join(names, " ") + "\x00" + outcome.String()
		if i, again := j.failed[key]; again { // one finding for each resolver, subject and way to fail
			j.findings[i].Evidence = append(j.findings[i].Evidence, evidence...)
			j.findings[i].Severity = max(j.findings[i].Severity, f.Severity)
			continue
		}
		j.failed[key] = len(j.findings)
		j.add(o, f, evidence, outcome.fix())
	}
}

func plural(names []string, noun string) string {
	if len(names) == 1 {
		return "the " + noun + " " + names[0]
	}
	return "the " + noun + "s " + strings.Join(names, ", ")
}

// plain says what a failing resolver does, as part of a sentence.
func (o Outcome) plain() string {
	switch o {
	case ServFail:
		return "answers SERVFAIL: it could not find the answer"
	case Refused:
		return "answers REFUSED: it does not serve this computer or this name"
	case Lame:
		return "is lame: it is not an authority here and does not ask other servers"
	case OtherRcode:
		return "answers with an error code"
	case Timeout:
		return "does not answer"
	case Unreachable:
		return "cannot be reached"
	case Garbage:
		return "sends something that is not a DNS answer to the question"
	case TLSFailed:
		return "fails DNS over TLS"
	case NotAsked:
		return "has stopped answering"
	case NoTCP:
		return "answers over UDP with an answer that is truncated, and cannot be reached over TCP for the whole answer"
	}
	return "fails"
}

func (o Outcome) fix() string {
	switch o {
	case ServFail:
		return "Look at the server's log for: the zone does not load, its own forwarder cannot be reached, or DNSSEC validation fails."
	case Refused:
		return "Let the server resolve for this computer (its access list), or remove it from the clients' configuration."
	case Lame:
		return "Configure clients with a resolver, or let this server hold the zone. A client cannot use a referral."
	case Timeout, NotAsked:
		return "Check the route and firewalls (UDP and TCP port 53) to the server. If only one zone fails, check the servers to which it is " +
			"delegated."
	case Unreachable:
		return "Check the resolver's address and port, and that the service runs."
	case Garbage:
		return "Check which program listens on that port: it is not a name server, or a device on the network path rewrites answers."
	case NoTCP:
		return "Allow TCP port 53 to the resolver in firewalls and on the resolver itself: DNS needs TCP for long answers (RFC 7766). Over UDP " +
			"it is reached."
	case TLSFailed:
		return "Check the port, the certificate and its name: tls://IP:port#name sets the expected name."
	}
	return "Look at the server's log."
}

// split is DNS104: resolvers that make different statements about the name. A failure is not a statement.
func (j *judge) split(o *Observation, l *Lookup) {
	var first *Answer
	differ := false
	for i := range l.Answers {
		a := &l.Answers[i]
		switch {
		case !a.Outcome.Says():
		case first == nil:
			first = a
		case !sameAnswer(first, a, l.Type):
			differ = true
		}
	}
	if !differ {
		return
	}
	parts := make([]string, 0, len(l.Answers))
	for i := range l.Answers {
		a := &l.Answers[i]
		if a.Outcome == Found {
			parts = append(parts, fmt.Sprintf("%s says %s", a.Resolver, strings.Join(a.data(l.Type), ", ")))
		} else if a.Outcome.Says() {
			parts = append(parts, fmt.Sprintf("%s says %s", a.Resolver, strings.ToUpper(a.Outcome.String())))
		}
	}
	j.add(o, ruleSplit.New(l.Name+" "+typeName(l.Type),
		"resolvers disagree about %s %s: %s. The answer that a client gets depends on which resolver it asks",
		bare(l.Name), typeName(l.Type), strings.Join(parts, "; ")), answersOf(l),
		"Give the zones the same content, or configure all clients with resolvers of the same view.")
}

func sameAnswer(a, b *Answer, t uint16) bool {
	if a.Outcome != b.Outcome {
		return false
	}
	x, y := a.data(t), b.data(t)
	slices.Sort(x)
	slices.Sort(y)
	return slices.EqualFunc(x, y, sameName)
}
