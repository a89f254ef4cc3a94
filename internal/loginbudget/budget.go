package loginbudget

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// What is assumed about a directory whose lock-out policy nobody has read: the strictest that is common, and a window
// that is longer than what is common. Being wrong here must cost the user a wait, never an account.
const (
	AssumedThreshold = 3
	AssumedWindow    = 24 * time.Hour
)

// reserve is how many attempts are always left to the account's owner: an attempt that would be the last, or the last but
// one, is not made.
const reserve = 2

// An Account names who logs in.
type Account struct {
	// Scope is where the password is checked: the same name in two scopes is two accounts. Empty is the enterprise
	// directory, which LDAP, Exchange and CUCM with LDAP authentication share.
	Scope string
	// Names are all the names the account is known to go by, in any form: DN, user@domain, DOMAIN\user, user. An attempt
	// under one counts for all of them.
	Names []string
}

// keys reduces the names to what different forms of one account have in common: the user part, without case. Two
// different accounts can share it (svc in two domains); then one of them waits, which is the harmless mistake.
func (a Account) keys() []string {
	var keys []string
	for _, n := range a.Names {
		if leaf := leafName(n); leaf != "" {
			keys = append(keys, strings.ToLower(a.Scope)+"\x00"+leaf)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// leafName takes the user part out of a DN, user@domain or DOMAIN\user.
func leafName(n string) string {
	n = strings.TrimSpace(n)
	switch {
	case strings.Contains(n, "="):
		_, n, _ = strings.Cut(n, "=")
		end := len(n)
		for i := 0; i < len(n); i++ {
			if n[i] == '\\' {
				i++ // the next byte is escaped
			} else if n[i] == ',' || n[i] == '+' || n[i] == ';' {
				end = i
				break
			}
		}
		n = strings.ReplaceAll(n[:end], `\`, "")
	case strings.Contains(n, `\`):
		n = n[strings.LastIndexByte(n, '\\')+1:]
	case strings.Contains(n, "@"):
		n = n[:strings.IndexByte(n, '@')]
	}
	return strings.ToLower(strings.TrimSpace(n))
}

// Policy is what is known about the lock-out policy of the account and its present state. The zero value is "nothing
// known".
type Policy struct {
	Known bool
	// Threshold is the number of failures that locks; 0 means never.
	Threshold int
	// Window is the time after which a failure no longer counts; 0 means that only a good log-in clears it.
	Window time.Duration
	// Failures is the count the directory has against the account now, the highest among its servers.
	Failures int
}

func (p Policy) threshold() int {
	if p.Known {
		return p.Threshold
	}
	return AssumedThreshold
}

func (p Policy) window() time.Duration {
	if p.Known && p.Window > 0 {
		return p.Window
	}
	return AssumedWindow
}

func (p Policy) neverLocks() bool { return p.Known && p.Threshold == 0 }

// maxUntested is how many servers of one run may turn an account away without looking at the password.
const maxUntested = 4

// A Reason says why an attempt is refused.
type Reason string

// The reasons for a refusal.
const (
	Remembered   Reason = "remembered-wrong" // this password failed before and the window is not over
	LastAttempts Reason = "last-attempts"    // it would be the last or last but one before the lock
	Spent        Reason = "spent"            // the account had its one attempt in this run
	Busy         Reason = "busy"             // another process is trying the account and did not finish in time
)

// A Refusal is the error for an attempt that is not made. Nothing was sent.
type Refusal struct {
	Reason Reason `json:"reason"`
	// Until is when the attempt may be made; zero when waiting does not help.
	Until time.Time `json:"until,omitzero"`
	// Wait is the time from now until then.
	Wait time.Duration `json:"wait,omitempty"` // nanoseconds in JSON
	// Assumed says that the policy is not known, so that AssumedThreshold and AssumedWindow were used.
	Assumed bool `json:"assumed,omitempty"`
	// Left is the number of failures until the lock, by the policy used.
	Left int `json:"left"`
}

func (r *Refusal) Error() string {
	var b strings.Builder
	switch r.Reason {
	case Remembered:
		b.WriteString("this password was refused before and is not tried again while that failure counts")
	case LastAttempts:
		fmt.Fprintf(&b, "not tried: %d more failed attempts would lock the account, and the last two are not for a probe to use", r.Left)
	case Spent:
		return "not tried: this account already had its one attempt in this run"
	case Busy:
		return "not tried: another process is trying this account and has not finished"
	}
	if r.Assumed {
		fmt.Fprintf(&b, " (the lock-out policy could not be read: a threshold of %d within %s is assumed)", AssumedThreshold, span(AssumedWindow))
	}
	if !r.Until.IsZero() {
		fmt.Fprintf(&b, "; it may be tried in %s, at %s", span(r.Wait), r.Until.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return b.String()
}

// span writes a duration for people: 29m30s, 24h.
func span(d time.Duration) string {
	d = max(d, time.Second).Round(time.Second)
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ErrNoSecret is returned for an attempt without a password.
var ErrNoSecret = errors.New("no password was given, and an empty one is never sent")

// Options make a Budget.
type Options struct {
	// Dir is the folder the state is kept in; see DefaultDir. It is made when missing.
	Dir string
	// Override lets an attempt pass that memory or arithmetic would refuse: the user said --i-know-it-may-lock.
	// The rule of one attempt per account and run stays.
	Override bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Budget grants attempts. One Budget is one run; it is safe for use by many goroutines.
type Budget struct {
	store    *store
	override bool
	now      func() time.Time

	mu  sync.Mutex
	run map[string]runEntry // what this run did, by account key
	// untested counts the attempts that ended without the password being looked at.
	untested map[string]int
}

// A runEntry is the attempt of this run on an account.
type runEntry struct {
	secret Secret
	proven bool
	done   chan struct{} // closed when the attempt is settled
}

func (e runEntry) settled() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// Open makes the budget of one run.
func Open(o Options) (*Budget, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := openStore(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("remember log-in attempts: %w", err)
	}
	return &Budget{store: s, override: o.Override, now: o.Now, run: map[string]runEntry{}, untested: map[string]int{}}, nil
}

// Reserve asks for one attempt on the account with the secret. It returns a *Refusal when the attempt must not be made.
// It waits, within ctx, for another attempt on the same account, in this run or in another process. The attempt is on
// record before Reserve returns; the caller must Settle it.
func (b *Budget) Reserve(ctx context.Context, a Account, secret Secret, p Policy) (*Attempt, error) {
	if secret.Empty() {
		return nil, ErrNoSecret
	}
	keys := a.keys()
	if len(keys) == 0 {
		return nil, errors.New("no account name was given")
	}
	again, done, err := b.enterRun(ctx, keys, secret)
	if err != nil {
		return nil, err
	}
	unlock, err := b.store.lockAccounts(ctx, keys)
	if err != nil {
		b.leaveRun(keys, secret, again, done)
		if ctx.Err() != nil {
			return nil, &Refusal{Reason: Busy}
		}
		return nil, fmt.Errorf("remember log-in attempts: %w", err)
	}
	id, err := b.store.begin(ctx, keys, secret, b.now(), func(mine []entry, same bool) error {
		if again {
			return nil // this run has seen the password accepted
		}
		return b.judge(mine, same, p)
	}, p.window())
	if err != nil {
		unlock()
		b.leaveRun(keys, secret, again, done)
		return nil, err
	}
	return &Attempt{budget: b, keys: keys, secret: secret, id: id, unlock: unlock, again: again, done: done}, nil
}

// Check says what Reserve would say now, without reserving anything: nil, or a *Refusal. It lets a probe save the
// connection when the log-in would be refused anyway.
func (b *Budget) Check(ctx context.Context, a Account, secret Secret, p Policy) error {
	if secret.Empty() {
		return ErrNoSecret
	}
	keys := a.keys()
	b.mu.Lock()
	for _, k := range keys {
		if e, ok := b.run[k]; ok {
			b.mu.Unlock()
			if !e.settled() || (e.proven && e.secret.Equal(secret)) {
				return nil // Reserve will wait, or grant
			}
			return &Refusal{Reason: Spent}
		}
	}
	b.mu.Unlock()
	return b.store.look(ctx, keys, secret, b.now(), func(mine []entry, same bool) error { return b.judge(mine, same, p) }, p.window())
}

// enterRun enforces one attempt per account and run. It waits for one that is under way, and reports whether the password is
// already proven in this run. done is to be closed when the attempt is settled.
func (b *Budget) enterRun(ctx context.Context, keys []string, secret Secret) (again bool, done chan struct{}, err error) {
	for {
		busy, again, err := b.tryEnterRun(keys, secret, &done)
		if busy == nil {
			return again, done, err
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return false, nil, &Refusal{Reason: Busy}
		}
	}
}

// tryEnterRun either enters, refuses, or gives a channel to wait for.
func (b *Budget) tryEnterRun(keys []string, secret Secret, done *chan struct{}) (busy <-chan struct{}, again bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range keys {
		e, ok := b.run[k]
		switch {
		case !ok:
		case !e.settled():
			return e.done, false, nil
		case !e.proven || !e.secret.Equal(secret):
			return nil, false, &Refusal{Reason: Spent}
		default:
			again = true
		}
	}
	*done = make(chan struct{})
	for _, k := range keys {
		b.run[k] = runEntry{secret: secret, proven: again, done: *done}
	}
	return nil, again, nil
}

// leaveRun takes back an attempt that was not made.
func (b *Budget) leaveRun(keys []string, secret Secret, again bool, done chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range keys {
		if again {
			b.run[k] = runEntry{secret: secret, proven: true, done: done}
		} else {
			delete(b.run, k)
		}
	}
	close(done)
}

// judge looks at the failures on record for the account. same says that the secret is among them.
func (b *Budget) judge(mine []entry, same bool, p Policy) error {
	if b.override || p.neverLocks() {
		return nil
	}
	now := b.now()
	var until time.Time // when the youngest failure stops counting
	for _, e := range mine {
		if t := e.At.Add(p.window()); t.After(until) {
			until = t
		}
	}
	refusal := &Refusal{Until: until, Wait: until.Sub(now), Assumed: !p.Known}
	// The directory's own count holds the failures seen here as well, so the larger one is the truth.
	refusal.Left = max(0, p.threshold()-max(p.Failures, len(mine)))
	switch {
	case same:
		refusal.Reason = Remembered
		return refusal
	case refusal.Left <= reserve:
		refusal.Reason = LastAttempts
		if len(mine) == 0 || p.threshold() <= reserve {
			refusal.Until, refusal.Wait = time.Time{}, 0 // waiting would not help, or nobody knows how long
		}
		return refusal
	}
	return nil
}
