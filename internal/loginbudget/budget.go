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

// What is assumed where nothing is known about a lock-out policy. Being wrong here must cost the user a wait, never an account.
const (
	// AssumedThreshold is the strictest threshold that is common.
	AssumedThreshold = 3
	// AssumedWindow is longer than the observation windows that are common.
	AssumedWindow = 24 * time.Hour
	// Memory is how long a password that was judged wrong is not sent again, at least.
	Memory = 28 * 24 * time.Hour
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
	// Directories name what judges the password: hosts and naming contexts, without regard to case. Two accounts that have one in
	// common are at the same directory, where a password that this run saw refused under one name is not tried under another.
	// Without any, the names are taken for different accounts.
	Directories []string
}

// AnyDirectory stands for every directory of the scope: a service that passes log-ins on, and does not say where to.
const AnyDirectory = "*"

// sharesDirectory reports whether the two passwords are judged in the same place.
func (a Account) sharesDirectory(o Account) bool {
	if !strings.EqualFold(a.Scope, o.Scope) || len(a.Directories) == 0 || len(o.Directories) == 0 {
		return false
	}
	if slices.Contains(a.Directories, AnyDirectory) || slices.Contains(o.Directories, AnyDirectory) {
		return true
	}
	return slices.ContainsFunc(a.Directories, func(d string) bool {
		return slices.ContainsFunc(o.Directories, func(e string) bool { return strings.EqualFold(d, e) })
	})
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

// leafName takes the user part out of a DN, user@domain, DOMAIN\user or a canonical name.
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
	case isCanonical(n):
		n = n[strings.LastIndexByte(n, '/')+1:]
	}
	return strings.ToLower(strings.TrimSpace(n))
}

// isCanonical recognises Active Directory's canonical name: example.com/Users/Cisco Search.
func isCanonical(n string) bool {
	domain, _, ok := strings.Cut(n, "/")
	return ok && strings.Contains(domain, ".") && !strings.HasSuffix(n, "/") && !strings.Contains(domain, " ")
}

// A Threshold is the number of failures that locks an account. Its zero value is "unknown".
type Threshold int

// The thresholds that are no number.
const (
	UnknownThreshold Threshold = 0
	Never            Threshold = -1 // no number of failures locks
)

// LocksAt makes a threshold of a number that was read or told; 0 means never.
func LocksAt(n int) Threshold {
	if n <= 0 {
		return Never
	}
	return Threshold(n)
}

// Forever is the window of failures that only a good log-in clears.
const Forever time.Duration = -1

// Policy is what is known about the lock-out policy of the account and its present state. The zero value is "nothing
// known".
type Policy struct {
	Threshold Threshold
	// Window is the time after which a failure no longer counts; 0 means that nobody knows, Forever that it never does.
	Window time.Duration
	// Counted says that a server told how many failures count against the account now; Failures is that number. Domain
	// controllers count each for itself, so it is the least that counts.
	Counted  bool
	Failures int
	// Hidden says that a policy of the account's own was seen to apply, and its threshold was not shown: it may lock at the first
	// failure.
	Hidden bool
}

// window is how long a failure counts. Without a known one, that of a known threshold never ends, and the assumed one holds else.
func (p Policy) window() time.Duration {
	switch {
	case p.Window != 0:
		return p.Window
	case p.Threshold > 0:
		return Forever
	}
	return AssumedWindow
}

// counts reports whether a failure from then still counts. One from the future is a clock that was set back: it counts.
func (p Policy) counts(then, now time.Time) bool {
	w := p.window()
	return w == Forever || now.Before(then.Add(w))
}

// BlindNote is what a finding says of a log-in about whose account nothing was known.
const BlindNote = "Neither the lock-out policy nor the current failure count could be read before this log-in: it may add one failure to " +
	"the account, and " +
	"failures made by others are unknown. Use --no-login to avoid it."

// Blind reports whether a log-in under this policy may add a failure to others that nobody knows of.
func (p Policy) Blind() bool { return p.Threshold == UnknownThreshold && !p.Counted }

// maxUntested is how many servers of one run may turn an account away without looking at the password.
const maxUntested = 4

// A Reason says why an attempt is refused.
type Reason string

// The reasons for a refusal.
const (
	Remembered   Reason = "remembered-wrong" // this password was judged wrong before, or may have been
	LastAttempts Reason = "last-attempts"    // it would be the last or last but one before the lock
	HiddenPolicy Reason = "hidden-policy"    // a fine-grained policy applies and its threshold is not shown
	Failures     Reason = "failures"         // failures count already, and nobody knows how many lock
	SamePassword Reason = "same-password"    // this run saw it refused under another name, at the same directory
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
	// Assumed says that the threshold is not known, so that AssumedThreshold was used.
	Assumed bool `json:"assumed,omitempty"`
	// Left is the number of failures until the lock, by the policy used; for Failures, how many count.
	Left int `json:"left"`
	// Open says of a Remembered password that its log-in never came to its end, so that nobody knows whether it is wrong.
	Open bool `json:"open,omitempty"`
	// Name is the other name of SamePassword.
	Name string `json:"name,omitempty"`
}

func (r *Refusal) Error() string {
	var b strings.Builder
	switch r.Reason {
	case Remembered:
		if r.Open {
			b.WriteString("an earlier log-in with this password was interrupted. It may count as a failure, so it is not repeated")
		} else {
			b.WriteString("this password was refused before, so it is not sent again")
		}
	case LastAttempts:
		fmt.Fprintf(&b, "not tried: %d more failed attempts would lock the account, and the last two are not for a probe to use", r.Left)
	case HiddenPolicy:
		return "not tried: a fine-grained password policy applies to this account and its lock-out threshold is not shown, so one failed " +
			"attempt may lock the account. " +
			"Give the threshold with --lockout-threshold, or use --allow-lockout-risk"
	case Failures:
		return fmt.Sprintf("not tried: the directory counts %s for this account, and how many lock it is not known. Give the threshold with "+
			"--lockout-threshold", failures(r.Left))
	case SamePassword:
		return "not tried: this run saw the same password refused at this directory as " + r.Name + ". The two names may be one account"
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

func failures(n int) string {
	if n == 1 {
		return "1 failure"
	}
	return fmt.Sprintf("%d failures", n)
}

// span writes a duration for people: 29m30s, 24h, 28 days.
func span(d time.Duration) string {
	d = max(d, time.Second).Round(time.Second)
	if days := d.Round(time.Hour) / (24 * time.Hour); days >= 2 {
		return fmt.Sprintf("%d days", days)
	}
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

// A MemoryError says that log-in attempts cannot be remembered on this machine. It is no fault of any server's.
type MemoryError struct{ Err error }

func (e *MemoryError) Error() string {
	return "this machine cannot remember log-in attempts: " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *MemoryError) Unwrap() error { return e.Err }

// Options make a Budget.
type Options struct {
	// Dir is the folder the state is kept in; see DefaultDir. It is made when missing, at the first log-in.
	Dir string
	// NoDir is why there is no Dir.
	NoDir error
	// Override lets an attempt pass that memory or arithmetic would refuse: the user said --allow-lockout-risk.
	// The rule of one attempt per account and run stays.
	Override bool
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
	ids     []string
	secret  Secret
	proven  bool
	refused bool          // or may have been
	done    chan struct{} // closed when the attempt is settled
}

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

// Reserve asks for one attempt on the account with the secret. It returns a *Refusal when the attempt must not be made, and a
// *MemoryError when attempts cannot be remembered, so that none is made either.
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
	s, err := b.memory()
	if err != nil {
		return nil, err
	}
	ids, err := b.ids(ctx, s, keys)
	if err != nil {
		return nil, err
	}
	t := &try{account: a, ids: ids, secret: secret, done: make(chan struct{})}
	again, err := b.enterRun(ctx, t)
	if err != nil {
		return nil, err
	}
	unlock, err := s.lockAccounts(ctx, ids)
	if err != nil {
		b.leaveRun(t, again)
		if ctx.Err() != nil {
			return nil, &Refusal{Reason: Busy}
		}
		return nil, &MemoryError{err}
	}
	id, err := s.begin(ctx, ids, secret, b.now(), p, func(h history) error {
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
	ids, err := b.ids(ctx, s, a.keys())
	if err != nil {
		return err
	}
	b.mu.Lock()
	for _, id := range ids {
		if e, ok := b.run[id]; ok {
			b.mu.Unlock()
			if !e.settled() || (e.proven && e.secret.Equal(secret)) {
				return nil // Reserve will wait, or grant
			}
			return &Refusal{Reason: Spent}
		}
	}
	b.mu.Unlock()
	return s.look(ctx, ids, secret, b.now(), p, func(h history) error { return b.judge(h, p) })
}

// Join notes that the names belong to one account, as a bind or a search has shown, for this run and for later ones.
func (b *Budget) Join(ctx context.Context, a Account) error {
	keys := a.keys()
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

// ids gives the IDs of the account under all names that are known to be its own.
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
	for _, id := range t.ids {
		e, ok := b.run[id]
		switch {
		case !ok:
		case !e.settled():
			return e.done, false, nil
		case !e.proven || !e.secret.Equal(t.secret):
			return nil, false, &Refusal{Reason: Spent}
		default:
			again = true
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
	for _, id := range t.ids {
		b.run[id] = t
	}
	b.tries = append(b.tries, t)
	return nil, again, nil
}

// leaveRun takes back an attempt that was not made.
func (b *Budget) leaveRun(t *try, again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range t.ids {
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
		return judgeUnknown(h, p, now)
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
	if int(p.Threshold) > reserve && len(h.counting) > 0 { // else waiting would not help, or nobody knows how long
		r.wait(h.counting, p.window(), now)
	}
	return r
}

// judgeUnknown: nobody knows how many failures lock. A count is taken at its word only when it is 0.
func judgeUnknown(h history, p Policy, now time.Time) error {
	if p.Counted && p.Failures > 0 {
		return &Refusal{Reason: Failures, Left: p.Failures}
	}
	judged := slices.DeleteFunc(slices.Clone(h.counting), func(e entry) bool { return e.Unanswered })
	r := &Refusal{Reason: LastAttempts, Assumed: true, Left: max(0, AssumedThreshold-len(judged))}
	if r.Left > reserve {
		return nil
	}
	r.wait(judged, p.window(), now)
	return r
}

// wait says how long to wait until the youngest of the failures stops counting.
func (r *Refusal) wait(failures []entry, window time.Duration, now time.Time) {
	if window == Forever {
		return
	}
	for _, e := range failures {
		if t := e.At.Add(window); t.After(r.Until) {
			r.Until = t
		}
	}
	r.Wait = r.Until.Sub(now)
}
