package loginbudget

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// AnyDirectory stands for every directory of the scope: a service that passes log-ins on, and does not say where to.
const AnyDirectory = "*"

// maxUntested is how many servers of one run may turn an account away without looking at the password.
const maxUntested = 4

// Options make a Budget.
type Options struct {
	// Dir is the folder the state is kept in; see DefaultDir. It is made when missing, at the first log-in.
	Dir string
	// NoDir is why there is no Dir.
	NoDir error
	// Override lets an attempt pass that memory or arithmetic would refuse: the user said --allow-lockout-risk.
	// The rule of one attempt per account and run stays.
	Override bool
	// Unattended says that runs follow each other without a person, every minute or so. Then an attempt that a server left unanswered counts
	// as a failure where the threshold is not known, too: a server that checks passwords and does not answer would lock the account.
	Unattended bool
	// Log, if set, gets which attempts are granted and refused, and how they end. It never sees a secret.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Cost is what one comparison with a remembered password costs; its zero value is what OWASP asks for.
	Cost Cost
}

// Cost are the parameters of argon2id.
type Cost struct {
	Time, Memory uint32 // passes, and KiB
}

// A Budget grants attempts. One Budget is one run; it is safe for use by many goroutines.
type Budget struct {
	options Options
	now     func() time.Time

	opening sync.Mutex
	store   *store // nil until the first log-in

	mu sync.Mutex
	// run is what this run did, by account ID. Accounts that turned out to be one share an entry.
	run map[string]*try
	// tries are all attempts of the run, for SamePassword.
	tries []*try
	// joined are the account IDs that this run found to belong to one account.
	joined [][]string
	// untested counts the attempts that ended without the password being looked at.
	untested map[string]int
}

// A try is an attempt of this run.
type try struct {
	account Account
	ids     identity
	secret  Secret
	proven  bool
	refused bool          // or may have been
	done    chan struct{} // closed when the attempt is settled
}

// proves reports whether the try has shown that the secret is right where it was tried.
func (t *try) proves(secret Secret) bool { return t.proven && t.secret.Equal(secret) }

func (t *try) settled() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// Open makes the budget of one run. It touches no file: the folder is opened at the first log-in.
func Open(o Options) *Budget {
	b := &Budget{options: o, now: o.Now, run: map[string]*try{}, untested: map[string]int{}}
	if b.now == nil {
		b.now = time.Now
	}
	return b
}

// memory opens the store, once it can be opened.
func (b *Budget) memory() (*store, error) {
	b.opening.Lock()
	defer b.opening.Unlock()
	if b.store != nil {
		return b.store, nil
	}
	if b.options.Dir == "" && b.options.NoDir != nil {
		return nil, &MemoryError{b.options.NoDir}
	}
	s, err := openStore(b.options.Dir, b.options.Cost)
	if err != nil {
		return nil, &MemoryError{err}
	}
	b.store = s
	return s, nil
}

// CanRecord tries whether attempts can be put on record, and so whether any will be granted. Its error is a *MemoryError. It makes the
// folder of the state where it is missing.
func (b *Budget) CanRecord() error {
	s, err := b.memory()
	if err != nil {
		return err
	}
	if err := s.writePrivate(tryFile, nil); err != nil {
		return &MemoryError{err}
	}
	if err := os.Remove(filepath.Join(s.dir, tryFile)); err != nil && !errors.Is(err, fs.ErrNotExist) { // another run removed it
		return &MemoryError{err}
	}
	return nil
}

// Reserve asks for one attempt on the account with the secret. It returns a *Refusal when the attempt must not be made, and a
// *MemoryError when attempts cannot be remembered, so that none is made either.
// It waits, within ctx, for another attempt on the same account, in this run or in another process. The attempt is on
// record before Reserve returns; the caller must Settle it.
func (b *Budget) Reserve(ctx context.Context, a Account, secret Secret, p Policy) (*Attempt, error) {
	attempt, err := b.reserve(ctx, a, secret, p)
	if log := b.options.Log; log != nil {
		if err != nil {
			log.Info("no log-in", "account", a.shown(), "why", err.Error())
		} else {
			log.Info("log-in granted", "account", a.shown(), "threshold", p.Threshold, "again", attempt.Again(), "blind", attempt.Blind())
		}
	}
	return attempt, err
}

func (b *Budget) reserve(ctx context.Context, a Account, secret Secret, p Policy) (*Attempt, error) {
	if secret.Empty() {
		return nil, ErrNoSecret
	}
	if len(a.keys(a.own())) == 0 {
		return nil, errors.New("no account name was given")
	}
	s, err := b.memory()
	if err != nil {
		return nil, err
	}
	ids, err := b.identify(ctx, s, a)
	if err != nil {
		return nil, err
	}
	t := &try{account: a, ids: ids, secret: secret, done: make(chan struct{})}
	again, err := b.enterRun(ctx, t)
	if err != nil {
		return nil, err
	}
	unlock, err := s.lockAccounts(ctx, t.ids.all)
	if err != nil {
		b.leaveRun(t, again)
		if ctx.Err() != nil {
			return nil, &Refusal{Reason: Busy}
		}
		return nil, &MemoryError{err}
	}
	id, err := s.begin(ctx, t.ids, secret, b.now(), p, func(h history) error {
		if again {
			return nil // this run has seen the password accepted
		}
		return b.judge(h, p)
	})
	if err != nil {
		unlock()
		b.leaveRun(t, again)
		return nil, err
	}
	return &Attempt{budget: b, store: s, try: t, id: id, unlock: unlock, again: again, policy: p}, nil
}

// Check says what Reserve would say now, without reserving anything: nil, or a *Refusal. It lets a probe save the
// connection when the log-in would be refused anyway.
func (b *Budget) Check(ctx context.Context, a Account, secret Secret, p Policy) error {
	if secret.Empty() {
		return ErrNoSecret
	}
	s, err := b.memory()
	if err != nil {
		return err
	}
	ids, err := b.identify(ctx, s, a)
	if err != nil {
		return err
	}
	if known, err := b.ofRun(ids, secret); known {
		return err
	}
	err = s.look(ctx, ids.all, secret, b.now(), p, func(h history) error { return b.judge(h, p) })
	if err != nil { // an attempt that this run began meanwhile looks like one that was interrupted
		if known, err := b.ofRun(ids, secret); known {
			return err
		}
	}
	return err
}

// ofRun says what the run knows of an account that it has tried or is trying. A nil error lets Reserve wait, or grant.
func (b *Budget) ofRun(ids identity, secret Secret) (known bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids.all {
		t, ok := b.run[id]
		switch {
		case !ok || t.settled() && t.proves(secret) && !t.ids.at(ids): // it is asked for somewhere else
		case !t.settled() || t.proves(secret):
			return true, nil
		default:
			return true, &Refusal{Reason: Spent}
		}
	}
	return false, nil
}

// Join notes that the names belong to one account, as a bind or a search has shown, for this run and for later ones.
func (b *Budget) Join(ctx context.Context, a Account) error {
	keys := a.keys(a.own())
	if len(keys) < 2 {
		return nil
	}
	s, err := b.memory()
	if err != nil {
		return err
	}
	ids, err := b.ids(ctx, s, keys)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.joined = append(b.joined, ids)
	for _, id := range ids {
		if t := b.run[id]; t != nil {
			for _, other := range ids {
				if b.run[other] == nil {
					b.run[other] = t
				}
			}
			break
		}
	}
	b.mu.Unlock()
	return s.join(ctx, ids, b.now())
}

// An identity is an account by its IDs under all names that are known to be its own.
type identity struct {
	own []string // where the password is checked for sure
	all []string // with the places where it may be checked
}

// at reports whether both passwords are checked in one place.
func (i identity) at(o identity) bool { return intersects(i.own, o.own) }

func (b *Budget) identify(ctx context.Context, s *store, a Account) (i identity, err error) {
	if i.own, err = b.ids(ctx, s, a.keys(a.own())); err != nil {
		return i, err
	}
	i.all, err = b.ids(ctx, s, a.keys(a.scopes()))
	return i, err
}

// ids gives the IDs of the keys and of what is known to be the same.
func (b *Budget) ids(ctx context.Context, s *store, keys []string) ([]string, error) {
	ids, err := s.known(ctx, s.accounts(keys))
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return widen(ids, b.joined), nil
}

// widen adds to the IDs those of every group that has one of them.
func widen(ids []string, groups [][]string) []string {
	for grown := true; grown; {
		grown = false
		for _, g := range groups {
			if !intersects(g, ids) {
				continue
			}
			for _, id := range g {
				if !slices.Contains(ids, id) {
					ids, grown = append(ids, id), true
				}
			}
		}
	}
	return ids
}

func intersects(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// enterRun enforces one attempt per account and run. It waits for one that is under way, and reports whether the password is
// already proven in this run.
func (b *Budget) enterRun(ctx context.Context, t *try) (again bool, err error) {
	for {
		busy, again, err := b.tryEnterRun(t)
		if busy == nil {
			return again, err
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return false, &Refusal{Reason: Busy}
		}
	}
}

// tryEnterRun either enters, refuses, or gives a channel to wait for.
func (b *Budget) tryEnterRun(t *try) (busy <-chan struct{}, again bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var proven []string // IDs of places where this run has seen the password accepted, and that may be other places
	for _, id := range t.ids.all {
		e, ok := b.run[id]
		switch {
		case !ok:
		case !e.settled():
			return e.done, false, nil
		case !e.proves(t.secret):
			return nil, false, &Refusal{Reason: Spent}
		case e.ids.at(t.ids):
			again = true
		default:
			proven = append(proven, e.ids.own...)
		}
	}
	if !again {
		for _, o := range b.tries {
			if !o.secret.Equal(t.secret) || !o.account.sharesDirectory(t.account) {
				continue
			}
			if !o.settled() {
				return o.done, false, nil
			}
			if o.refused {
				return nil, false, &Refusal{Reason: SamePassword, Name: o.account.Names[0]}
			}
		}
	}
	t.proven = again
	// Where the password is right already, a refusal from elsewhere says nothing.
	t.ids.all = slices.DeleteFunc(t.ids.all, func(id string) bool { return slices.Contains(proven, id) })
	for _, id := range t.ids.all {
		b.run[id] = t
	}
	b.tries = append(b.tries, t)
	return nil, again, nil
}

// leaveRun takes back an attempt that was not made.
func (b *Budget) leaveRun(t *try, again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range t.ids.all {
		if !again {
			delete(b.run, id)
		}
	}
	close(t.done)
}

// A history is what is on record about an account when an attempt is asked for.
type history struct {
	// counting are the attempts that may count as failures now.
	counting []entry
	// same is the entry with the same password; nil when there is none.
	same *entry
}

// judge decides on an attempt by what is on record and what is known of the policy.
func (b *Budget) judge(h history, p Policy) error {
	if b.options.Override || p.Threshold == Never {
		return nil
	}
	now := b.now()
	if p.Hidden && p.Threshold == UnknownThreshold {
		return &Refusal{Reason: HiddenPolicy}
	}
	if h.same != nil {
		r := &Refusal{Reason: Remembered, Open: h.same.Pending, Until: h.same.Until}
		if !r.Until.IsZero() {
			r.Wait = r.Until.Sub(now)
		}
		return r
	}
	if p.Threshold == UnknownThreshold {
		return judgeUnknown(h, p, now, b.options.Unattended)
	}
	// The directory's own count holds the failures seen here as well, so the larger one is the truth.
	failed := len(h.counting)
	if p.Counted {
		failed = max(failed, p.Failures)
	}
	r := &Refusal{Reason: LastAttempts, Left: max(0, int(p.Threshold)-failed)}
	if r.Left > reserve {
		return nil
	}
	if int(p.Threshold) > reserve && len(h.counting) > 0 { // else waiting would not help, or it is not known how long
		r.wait(h.counting, p.window(), now)
	}
	return r
}

// judgeUnknown: it is not known how many failures lock. A count is trusted only when it is 0. One attempt without an answer does not count,
// for a person who tries again; further ones do, because a server that checks passwords and hangs up would lock the account. strict counts
// all of them.
func judgeUnknown(h history, p Policy, now time.Time, strict bool) error {
	if p.Counted && p.Failures > 0 {
		return &Refusal{Reason: Failures, Left: p.Failures}
	}
	judged := slices.Clone(h.counting)
	for i, e := range slices.Backward(judged) {
		if e.Unanswered && !strict {
			judged = slices.Delete(judged, i, i+1)
			break
		}
	}
	r := &Refusal{Reason: LastAttempts, Assumed: true, Left: max(0, AssumedThreshold-len(judged))}
	if r.Left > reserve {
		return nil
	}
	r.wait(judged, p.window(), now)
	return r
}
