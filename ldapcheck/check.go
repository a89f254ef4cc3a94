package ldapcheck

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Checker probes directory servers. One Checker is one run: its Budget allows one attempt per account.
type Checker struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// TrustAnyCertificate lets passwords be sent to a server whose certificate does not verify.
	TrustAnyCertificate bool
	// PageSize and Limit bound the client's own search: entries per page, and entries in all. Zero means 50 and 200.
	PageSize, Limit int
	// AssumePolicy is the lock-out policy that the user gave; one that is read wins over it.
	AssumePolicy loginbudget.Policy
}

// Probe observes one server. It never returns an error: what failed is in the Observation. The password is tried at most
// once in a run; later connections log in only if that try proved it right.
func (c *Checker) Probe(ctx context.Context, r Request) *Observation {
	c = c.ready()
	o := &Observation{Role: r.Role, Rank: r.Rank, Place: r.Place, BindDN: probe.Clean(r.Login.DN), At: c.Prober.Clock().UTC()}
	o.Target = r.Target
	defer func() { loginbudget.ScrubAll(o, r.configured(), r.Login.Password, r.Auditor.Password) }()
	run := &run{c: c, r: r, o: o}
	if run.refusedBeforehand(ctx) {
		return o
	}
	if err := run.connected(ctx); err != nil {
		o.Fail(o.Reached, err)
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// configured are the texts of the request that are not secret.
func (r *Request) configured() []string {
	texts := []string{r.Target.Host, r.Target.ServerName, r.Login.DN, r.Auditor.DN, r.Place.Source}
	for _, b := range r.Bases {
		texts = append(texts, b.DN)
	}
	return append(texts, r.Attributes...)
}

// A run is one Probe under way.
type run struct {
	c *Checker
	r Request
	o *Observation
}

func (r *run) wantsBind() bool { return !r.r.Anonymous && !r.r.AuditOnly && r.r.Login.DN != "" }

// account names an account of this directory. The service account has all the names that are known by now.
func (r *run) account(name string, more ...string) loginbudget.Account {
	a := loginbudget.Account{Names: append([]string{name}, more...), Directories: r.directories()}
	if strings.EqualFold(name, r.r.Login.DN) {
		a.Names = append(a.Names, r.o.Account.names()...)
	}
	return a
}

// directories name the directory of the server, so that its other servers are known to be the same directory: the forest, or the naming
// contexts. A server that shows neither may be one of any directory.
func (r *run) directories() []string {
	d := r.o.RootDSE
	if d == nil {
		return []string{loginbudget.AnyDirectory}
	}
	var names []string
	if d.ActiveDirectory {
		names = append(names, d.ForestRoot, d.DefaultNamingContext)
	} else {
		for _, nc := range d.NamingContexts {
			if !strings.HasPrefix(strings.ToLower(nc), "cn=") { // every server has its cn=config and cn=monitor
				names = append(names, nc)
			}
		}
	}
	if names = slices.DeleteFunc(names, func(s string) bool { return s == "" }); len(names) > 0 {
		return names
	}
	return []string{loginbudget.AnyDirectory}
}

func (r *run) policy() loginbudget.Policy {
	return with(r.o.Policy.budget(r.o.Account, r.o.At), r.c.AssumePolicy)
}

// remember notes errors of this computer in a log-in: an outcome that could not be saved.
func (r *run) remember(b *Bind) {
	if b != nil && b.Forgotten != "" && r.o.Incomplete == "" {
		r.o.Incomplete = "the log-in as " + b.DN + " was made, but its result could not be saved: " + b.Forgotten
	}
}

// joined gives the budget the names of the account that the directory has shown.
func (r *run) joined(ctx context.Context) {
	if r.o.Account != nil {
		// Without a memory the log-in itself is refused or reported; there is nothing to add here.
		_ = r.c.Budget.Join(ctx, r.account(r.r.Login.DN))
	}
}

// refusedBeforehand asks the budget before anything is sent: for a password that is remembered as wrong, no connection is
// made. With an auditor the policy may allow the log-in, so the server is asked first.
func (r *run) refusedBeforehand(ctx context.Context) bool {
	if !r.wantsBind() || r.r.Auditor.DN != "" {
		return false
	}
	if r.r.Login.Password.Empty() {
		r.o.Bind = &Bind{DN: r.o.BindDN, NotMade: loginbudget.ErrNoSecret.Error()}
		r.o.Incomplete = "the bind was not tried: " + r.o.Bind.NotMade
		return false // the server can still be looked at from outside
	}
	err := r.c.Budget.Check(ctx, r.account(r.r.Login.DN), r.r.Login.Password, r.c.AssumePolicy)
	var refusal *loginbudget.Refusal
	if !errors.As(err, &refusal) || refusal.Reason == loginbudget.Spent {
		return false
	}
	r.o.Bind = &Bind{DN: r.o.BindDN, NotMade: refusal.Error(), Refusal: refusal}
	r.o.Incomplete = "nothing was sent: " + refusal.Error()
	return true
}

func (r *run) connected(ctx context.Context) error {
	s, err := open(ctx, r.c.Prober, r.r.Target, &r.o.Observation)
	if err != nil {
		return err
	}
	defer s.close()
	return r.steps(ctx, s)
}

func (r *run) steps(ctx context.Context, s *session) (err error) {
	o := r.o
	if o.RootDSE, err = s.readRootDSE(ctx); err != nil {
		return err
	}
	if o.RootDSE != nil && !o.RootDSE.CurrentTime.IsZero() {
		o.At = o.RootDSE.CurrentTime
	}
	if err := r.audit(ctx); err != nil {
		return err
	}
	if r.r.AuditOnly {
		return nil
	}
	if err := r.bind(ctx, s); err != nil {
		return err
	}
	if r.wantsBind() && (o.Bind == nil || !o.Bind.OK) {
		if o.Bind != nil && len(o.Bind.Referrals) > 0 {
			r.tryGlobalCatalog(ctx)
		}
		return nil
	}
	if err := r.bases(ctx, s); err != nil {
		return err
	}
	r.readOwnState(ctx, s)
	if r.o.hasReferral() || isGCPort(r.r.Target.Port) {
		r.readSchema(ctx, s)
	}
	if r.o.hasReferral() {
		r.tryGlobalCatalog(ctx)
	}
	return nil
}

// audit reads policy and state with the auditor's account, on the domain port: the Global Catalog does not hold them.
func (r *run) audit(ctx context.Context) error {
	if r.r.Auditor.DN == "" {
		return nil
	}
	var side probe.Observation
	s, err := open(ctx, r.c.Prober, domainPort(r.r.Target), &side)
	if err != nil {
		r.o.Note("the auditor could not connect to %s: %s", side.Target, err)
		return nil
	}
	defer s.close()
	r.o.Auditor, err = r.c.login(ctx, s, r.r.Auditor, r.account(r.r.Auditor.DN), r.c.AssumePolicy)
	r.remember(r.o.Auditor)
	if err != nil {
		r.o.Note("the auditor's log-in failed: %s", err)
		return nil
	}
	if !r.o.Auditor.OK {
		return nil
	}
	r.o.Account, r.o.Policy, err = s.readAccount(ctx, r.o.RootDSE, r.r.Login.DN, r.o.At)
	if err != nil {
		r.o.Note("the account's state could not be read: %s", err)
	}
	if a := r.o.Account; a != nil && !a.Readable && !r.o.RootDSE.ActiveDirectory {
		a.Readable = s.noFailures(ctx, r.r.Login.DN, r.o.RootDSE)
	}
	r.joined(ctx)
	return nil
}

// bind makes the one log-in, unless the account is known to be locked: then it would show nothing.
func (r *run) bind(ctx context.Context, s *session) error {
	if !r.wantsBind() || r.o.Bind != nil {
		return nil
	}
	if a := r.o.Account; a != nil && a.Locked {
		r.o.Bind = &Bind{DN: r.o.BindDN, NotMade: "the account is locked, so a log-in would show nothing"}
		return nil
	}
	b, err := r.c.login(ctx, s, r.r.Login, r.account(r.r.Login.DN), r.policy())
	r.o.Bind = b
	r.remember(b)
	if err != nil && b.NotMade != "" { // the memory of attempts is broken: this is not an error of the server
		r.o.Incomplete, err = "the bind was not tried: "+b.NotMade, nil
	}
	if b.NotMade != "" {
		r.o.Incomplete = "the bind was not tried: " + b.NotMade
	}
	return err
}

// readOwnState reads policy and state as the service account itself, if no auditor did.
func (r *run) readOwnState(ctx context.Context, s *session) {
	if !r.wantsBind() || r.o.Account != nil {
		return
	}
	r.onDomainPort(ctx, s, "the account's own state", func(s *session) (err error) {
		r.o.Account, r.o.Policy, err = s.readAccount(ctx, r.o.RootDSE, r.r.Login.DN, r.o.At)
		return err
	})
	r.joined(ctx)
}

// onDomainPort calls f with a session on the port that holds the whole domain: the present one, or for a Global Catalog a
// second one, logged in with the proven password. A failure only becomes a note.
func (r *run) onDomainPort(ctx context.Context, s *session, what string, f func(*session) error) {
	if domainPort(r.r.Target) == r.r.Target {
		if err := f(s); err != nil {
			r.o.Note("%s could not be read: %s", what, err)
		}
		return
	}
	var side probe.Observation
	s, err := open(ctx, r.c.Prober, domainPort(r.r.Target), &side)
	if err != nil {
		r.o.Note("%s could not be read from %s: %s", what, side.Target, err)
		return
	}
	defer s.close()
	if r.wantsBind() {
		b, err := r.c.login(ctx, s, r.r.Login, r.account(r.r.Login.DN), r.policy())
		r.remember(b)
		if err != nil || !b.OK {
			r.o.Note("%s could not be read from %s: the log-in there was not accepted", what, side.Target)
			return
		}
	}
	if err := f(s); err != nil {
		r.o.Note("%s could not be read from %s: %s", what, side.Target, err)
	}
}

// The ports of Active Directory (MS-ADTS, section 5.1.1.1).
const (
	portLDAP  = 389
	portLDAPS = 636
	portGC    = 3268
	portGCTLS = 3269
)

func isGCPort(p int) bool { return p == portGC || p == portGCTLS }

// domainPort gives the target with the port that serves the domain instead of the Global Catalog.
func domainPort(t probe.Target) probe.Target {
	switch t.Port {
	case portGC:
		t.Port = portLDAP
	case portGCTLS:
		t.Port = portLDAPS
	}
	return t
}

// gcPort gives the target with the Global Catalog's port with the same encryption, and whether there is one.
func gcPort(t probe.Target) (probe.Target, bool) {
	switch {
	case t.Security == probe.ImplTLS && t.Port != portGCTLS:
		t.Port = portGCTLS
	case t.Security != probe.ImplTLS && t.Port != portGC:
		t.Port = portGC
	default:
		return t, false
	}
	return t, true
}

func (o *Observation) hasReferral() bool {
	for i := range o.Bases {
		if len(o.Bases[i].Referrals) > 0 {
			return true
		}
	}
	return o.Bind != nil && len(o.Bind.Referrals) > 0
}

// age returns the time from t to the observation's clock.
func (o *Observation) age(t time.Time) time.Duration { return o.At.Sub(t) }
