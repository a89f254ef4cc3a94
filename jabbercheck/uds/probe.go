package uds

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
)

// A Checker asks nodes. One Checker is one run: its Budget allows one attempt per account.
type Checker struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// TrustAnyCertificate lets passwords be sent to a server whose certificate does not verify.
	TrustAnyCertificate bool
	// OldTLS lets passwords be sent to a server that supports only TLS 1.1 or older.
	OldTLS bool
	// AssumePolicy is the lock-out policy that the user gave.
	AssumePolicy loginbudget.Policy
	// WebProxy, if set, names the web proxy that this computer sets for a URL.
	WebProxy func(url string) string
}

const base = "/cucm-uds/"

// attemptWait bounds the wait for another process that tries the same account.
const attemptWait = 30 * time.Second

// Probe asks one node. It never returns an error: what failed is in the observation.
func (c *Checker) Probe(ctx context.Context, r Request) *Observation {
	ready := *c
	ready.Prober, ready.Budget = live.Defaults(c.Prober, c.Budget)
	o := &Observation{Rank: r.Rank, Place: r.Place, At: ready.Prober.Clock().UTC()}
	o.Target = r.Target
	run := &run{c: &ready, r: r, o: o, session: web.Session{
		Prober: ready.Prober, Target: r.Target, Seen: &o.Observation, MaxBody: maxBody, WebProxy: c.WebProxy,
	}}
	defer func() {
		loginbudget.ScrubAll(o, []string{r.Target.Host, r.Target.ServerName, r.User, r.Place.Source}, r.Password)
	}()
	if err := run.steps(ctx); err != nil {
		o.Fail(o.Reached, err)
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// A run is one Probe under way.
type run struct {
	c       *Checker
	r       Request
	o       *Observation
	session web.Session
}

func (r *run) steps(ctx context.Context) error {
	var e *element
	var err error
	v := new(Version)
	if v.Asked, e, err = r.get(ctx, "version", "versionInformation"); err != nil {
		return err
	}
	r.o.Version = v
	if e == nil {
		return nil // another service, or one that is down: further questions show nothing
	}
	v.read(e)
	s := new(Servers)
	if s.Asked, e, err = r.get(ctx, "servers", "servers"); err != nil {
		return err
	}
	r.o.Servers = s
	if e != nil {
		s.read(e)
		r.resolve(ctx, s.Servers)
	}
	if r.r.User == "" {
		return nil
	}
	u := &ClusterUser{Username: probe.Clean(r.r.User)}
	if u.Asked, e, err = r.get(ctx, "clusterUser?username="+url.QueryEscape(r.r.User), "clusterUser"); err != nil {
		return err
	}
	r.o.ClusterUser = u
	if e != nil {
		u.read(e)
	}
	return r.logIn(ctx)
}

// get asks for one open resource. The element is nil if the answer does not come from the service.
func (r *run) get(ctx context.Context, resource, root string) (Asked, *element, error) {
	a, err := r.session.Get(ctx, probe.Protocol, base+resource, "")
	if err != nil {
		return Asked{}, nil, err
	}
	asked, e := read(a, root)
	return asked, e, nil
}

// read keeps the part of an answer that a judgement needs. The element is nil unless it has the name root.
func read(a *web.Answer, root string) (Asked, *element) {
	asked := Asked{Request: probe.Clean(a.Request), Status: a.Status, Location: probe.Clean(a.Header.Get("Location")), HTML: a.IsHTML()}
	if a.Status != http.StatusOK || asked.HTML {
		return asked, nil
	}
	if a.Cut != nil {
		asked.Bad = a.Cut.Detail
		return asked, nil
	}
	e, err := parse(a.Body)
	switch {
	case err != nil:
		asked.Bad = probe.Clean("not well-formed XML: " + err.Error())
	case e.name != root:
		asked.Bad = probe.Clean("the element " + e.name + " instead of " + root)
	default:
		return asked, e
	}
	return asked, nil
}

// resolve looks up the names that the service lists, as a client would have to.
func (r *run) resolve(ctx context.Context, servers []Server) {
	for i := range servers {
		addrs, err := r.c.Prober.Lookup(ctx, servers[i].Name)
		if err != nil {
			servers[i].Error = probe.AsError(probe.DNS, err)
			if servers[i].Error.Class == probe.Cancelled {
				r.o.Incomplete = "the run was cancelled"
			}
		}
		for _, a := range addrs {
			servers[i].Addresses = append(servers[i].Addresses, a.String())
		}
	}
}

// mayLogIn says why the password must not be sent, or nothing.
func (r *run) mayLogIn() string {
	tls := r.o.TLS
	switch {
	case r.r.Target.Security != probe.ImplTLS || tls == nil:
		return "no password is sent without HTTPS"
	case !tls.Verified && !r.c.TrustAnyCertificate:
		return "the server's certificate is not accepted, and a password is not sent to a server that may be the wrong one"
	case tls.Has(probe.TLSTooOld) && !r.c.OldTLS:
		return "the server speaks " + tls.Version + ", and a password is sent over that version only with --old-tls"
	case strings.Contains(r.r.User, "/"):
		return "UDS does not support user names with a slash"
	case strings.Contains(r.r.User, ":"):
		return "a user name with a colon cannot be sent in Basic authentication"
	}
	return ""
}

// logIn reads the user's own entry with the password, once.
func (r *run) logIn(ctx context.Context) error {
	if !r.r.Password.Set() {
		return nil
	}
	l := &Login{User: probe.Clean(r.r.User)}
	r.o.Login = l
	if l.NotMade = r.mayLogIn(); l.NotMade != "" {
		r.o.Incomplete = "the log-in of " + l.User + " was not tried: " + l.NotMade
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, attemptWait)
	defer cancel()
	a, err := r.c.Budget.Reserve(wait, loginbudget.AtCallManager(r.r.User), r.r.Password, r.c.AssumePolicy)
	if err != nil {
		_ = errors.As(err, &l.Refusal)
		l.NotMade = err.Error()
		r.o.Incomplete = "the log-in of " + l.User + " was not tried: " + l.NotMade
		return nil
	}
	defer a.Close()
	l.Blind = a.Blind()
	answer, err := r.session.Get(ctx, probe.Auth, base+"user/"+url.PathEscape(r.r.User), web.Basic(r.r.User, a.Password()))
	if err != nil {
		outcome := loginbudget.Unanswered
		if probe.AsError(probe.Auth, err).Class == probe.Cancelled {
			outcome = loginbudget.Unknown
		}
		r.settle(a, outcome)
		return err
	}
	var e *element
	l.Asked, e = read(answer, "user")
	r.settle(a, outcome(&l.Asked, e))
	if e != nil {
		l.OK = true
		r.o.User = new(User)
		r.o.User.read(e)
	}
	return nil
}

// outcome decides what the budget remembers. 401 means a wrong password, or an account that is locked or expired. 403 comes after the
// password was accepted.
func outcome(a *Asked, entry *element) loginbudget.Outcome {
	switch {
	case entry != nil:
		return loginbudget.Accepted
	case a.Status == http.StatusUnauthorized:
		return loginbudget.Rejected
	case a.Status == http.StatusForbidden:
		return loginbudget.Barred
	case a.Status/100 == 2, a.Status/100 == 3: // a page or a redirect of something in between, which may have judged the password before
		return loginbudget.Unanswered
	case web.MayHaveJudged(a.Status):
		return loginbudget.Unanswered
	}
	return loginbudget.Untested
}

func (r *run) settle(a *loginbudget.Attempt, outcome loginbudget.Outcome) {
	if err := a.Settle(outcome); err != nil && r.o.Incomplete == "" {
		r.o.Incomplete = "the log-in of " + r.o.Login.User + " was made, but its result could not be saved: " + err.Error()
	}
}
