package dnscheck

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
)

// A Lookup is one question and what each resolver answers to it, in the order of the resolvers.
type Lookup struct {
	Name    string // with the root dot, escaped as in a zone file
	Type    uint16
	Answers []Answer

	number uint32 // in the client's store; 0 is none
}

// Effective returns the answer that a client with these resolvers uses: the first that says something
// about the name. If all fail, it is the first failure.
func (l *Lookup) Effective() *Answer {
	for i := range l.Answers {
		if l.Answers[i].Outcome.Says() {
			return &l.Answers[i]
		}
	}
	return &l.Answers[0]
}

// outcome is that of the effective answer.
func (l *Lookup) outcome() Outcome { return l.Effective().Outcome }

// cancelled reports whether the run ended before this question had its answers.
func (l *Lookup) cancelled() bool {
	for i := range l.Answers {
		if l.Answers[i].Outcome == Cancelled {
			return true
		}
	}
	return false
}

// A Client asks every resolver the same questions, and no resolver the same question twice. Its methods may be
// called from many goroutines at once. The caller must close it.
type Client struct {
	servers []*wire.Server
	names   []string
	asked   atomic.Int64

	store   *store      // the lookups
	aliases atomic.Bool // targets has something
	mu      sync.Mutex
	targets map[targetKey]*targetAnswer
}

// A targetKey is a question about an alias's target to one resolver.
type targetKey struct {
	resolver int
	question wire.Question
}

type targetAnswer struct {
	done    chan struct{} // closed when the answer is there
	dropped bool          // its asker was called off; set before done is closed
	answer  Answer
}

// NewClient prepares to ask the resolvers. There must be at least one.
func NewClient(resolvers []wire.Resolver, options func(wire.Resolver) wire.Options) *Client {
	c := &Client{targets: make(map[targetKey]*targetAnswer)}
	for _, r := range resolvers {
		if slices.Contains(c.names, r.String()) {
			continue // a resolver that is named twice is asked once
		}
		c.servers = append(c.servers, wire.NewServer(r, options(r)))
		c.names = append(c.names, r.String())
	}
	c.store = newStore(c.names)
	return c
}

// Expect reserves memory for so many questions.
func (c *Client) Expect(questions int) { c.store.expect(questions) }

// Close ends all sockets. Lookups that have their answers stay valid; what is asked afterwards fails.
func (c *Client) Close() error {
	c.store.forget()
	var errs []error
	for _, s := range c.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Resolvers lists the resolvers as they are written.
func (c *Client) Resolvers() []string { return c.names }

// Asked is how many questions were asked so far. A question to two resolvers counts twice; attempts do not count.
func (c *Client) Asked() int { return int(c.asked.Load()) }

// Lookup asks all resolvers at the same time, or waits if another caller already asks the same. DNS ignores case, so the cache does too;
// the question is sent in the case of the first caller. If the first caller is cancelled, the next one asks again.
func (c *Client) Lookup(ctx context.Context, name string, t uint16) *Lookup {
	return c.lookup(ctx, name, t, c)
}

// An asker is how the caller of a lookup waits.
type asker interface {
	// ask asks the only resolver.
	ask(ctx context.Context, q wire.Question) *wire.Reply
	// wait calls a function that may wait for something else.
	wait(f func())
}

func (c *Client) ask(ctx context.Context, q wire.Question) *wire.Reply {
	return c.servers[0].Ask(ctx, q)
}
func (c *Client) wait(f func()) { f() }

func (c *Client) lookup(ctx context.Context, name string, t uint16, by asker) *Lookup {
	q := wire.Question{Name: name, Type: t}
	key := wire.Question{Name: wire.Fold(name), Type: t}
	for {
		number, f, own := c.store.begin(key)
		switch {
		case number != 0:
			return c.store.get(number)
		case own:
			f.Lookup = newLookup(q, len(c.servers))
			c.answer(ctx, f, q, by)
			return f.Lookup
		}
		var found *Lookup
		by.wait(func() { found = c.join(ctx, f, q) })
		if found != nil {
			return found
		}
	}
}

// join waits for the answers that another caller has asked for. If that one was called off, it returns nil.
func (c *Client) join(ctx context.Context, f *flight, q wire.Question) *Lookup {
	select {
	case <-f.done:
		if f.dropped && ctx.Err() == nil {
			return nil
		}
		return f.Lookup
	case <-ctx.Done():
	}
	own := newLookup(q, len(c.servers))
	for i := range own.Answers {
		own.Answers[i] = newAnswer(c.names[i], q, c.servers[i].Ask(ctx, q))
	}
	return own
}

// answer fills a lookup. One whose asker was called off is not kept.
func (c *Client) answer(ctx context.Context, f *flight, q wire.Question, by asker) {
	c.asked.Add(int64(len(c.servers)))
	switch {
	case len(c.servers) > 1 || c.isTarget(q):
		by.wait(func() { c.askAll(ctx, f.Lookup, q) })
	default:
		a := &f.Answers[0]
		*a = newAnswer(c.names[0], q, by.ask(ctx, q))
		if hasAddress(q) && onlyAlias(a) {
			by.wait(func() { c.follow(ctx, 0, q, a) })
		}
	}
	f.dropped = ctx.Err() != nil
	c.store.finish(f)
}

func (c *Client) askAll(ctx context.Context, l *Lookup, q wire.Question) {
	var asking sync.WaitGroup
	for i := range c.servers[1:] {
		asking.Go(func() { l.Answers[i+1] = c.askOne(ctx, i+1, q) })
	}
	l.Answers[0] = c.askOne(ctx, 0, q)
	asking.Wait()
}

func (c *Client) askOne(ctx context.Context, i int, q wire.Question) Answer {
	if !hasAddress(q) {
		return newAnswer(c.names[i], q, c.servers[i].Ask(ctx, q))
	}
	a, known := c.known(ctx, i, q)
	if !known {
		a = newAnswer(c.names[i], q, c.servers[i].Ask(ctx, q))
	} else {
		c.asked.Add(-1)
	}
	c.follow(ctx, i, q, &a)
	return a
}

// hasAddress reports whether the question is one for addresses.
func hasAddress(q wire.Question) bool { return q.Type == dns.TypeA || q.Type == dns.TypeAAAA }

// onlyAlias reports whether an answer has nothing, and does not say so for the target of an alias either.
func onlyAlias(a *Answer) bool { return a.Outcome == NoData && a.Zone == "" }

// follow asks for the target of an alias if the server sent only the alias, as an authority does for a target in
// another zone.
func (c *Client) follow(ctx context.Context, i int, q wire.Question, a *Answer) {
	for followed := 1; onlyAlias(a); {
		chain, loop := a.chain(q)
		if loop || len(chain) <= followed {
			return // the target has been asked for, and leads no further
		}
		followed = len(chain)
		more := c.target(ctx, i, wire.Question{Name: chain[len(chain)-1], Type: q.Type})
		a.Records = append(slices.Clone(a.Records), more.Records...)
		a.Attempts = append(slices.Clone(a.Attempts), more.Attempts...)
		a.Outcome, a.Rcode, a.Zone = more.Outcome, more.Rcode, more.Zone
		if _, loop := a.chain(q); loop {
			a.Outcome = CNAMELoop
		}
	}
}

// target asks one resolver for an alias's target, only once even if several aliases lead to it. It does not follow further aliases: the
// caller does, so that aliases in a loop cannot wait for one another.
func (c *Client) target(ctx context.Context, i int, q wire.Question) Answer {
	key := targetKey{i, wire.Question{Name: wire.Fold(q.Name), Type: q.Type}}
	if number := c.store.find(key.question); number != 0 { // asked before as a name of its own
		return c.store.get(number).Answers[i]
	}
	c.mu.Lock()
	if t := c.targets[key]; t != nil {
		c.mu.Unlock()
		select {
		case <-t.done:
			if !t.dropped || ctx.Err() != nil {
				return t.answer
			}
		case <-ctx.Done():
		}
		return newAnswer(c.names[i], q, c.servers[i].Ask(ctx, q))
	}
	t := &targetAnswer{done: make(chan struct{})}
	c.targets[key] = t
	c.aliases.Store(true)
	c.mu.Unlock()
	c.asked.Add(1)
	t.answer = newAnswer(c.names[i], q, c.servers[i].Ask(ctx, q))
	if ctx.Err() != nil {
		c.mu.Lock()
		delete(c.targets, key)
		c.mu.Unlock()
		t.dropped = true
	}
	close(t.done)
	return t.answer
}

// isTarget reports whether a name is the target of an alias that was asked for.
func (c *Client) isTarget(q wire.Question) bool {
	if !c.aliases.Load() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.targets[targetKey{0, wire.Question{Name: wire.Fold(q.Name), Type: q.Type}}] != nil
}

// known returns the answer if the name was already asked for as the target of an alias.
func (c *Client) known(ctx context.Context, i int, q wire.Question) (Answer, bool) {
	if !c.aliases.Load() {
		return Answer{}, false
	}
	c.mu.Lock()
	t := c.targets[targetKey{i, wire.Question{Name: wire.Fold(q.Name), Type: q.Type}}]
	c.mu.Unlock()
	if t == nil {
		return Answer{}, false
	}
	select {
	case <-t.done:
		return t.answer, !t.dropped
	case <-ctx.Done():
		return Answer{}, false
	}
}
