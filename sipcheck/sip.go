package sipcheck

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/icholy/digest"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/sip"
)

// A Checker probes presence servers and CTIManagers. One Checker is one run: its Budget allows one attempt per account.
type Checker struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// TrustAnyCertificate lets a digest answer be sent to a server whose certificate does not verify. A digest answer does not
	// hold the credential, but lets it be guessed offline.
	TrustAnyCertificate bool
	// AssumePolicy is the lock-out policy that the user gave.
	AssumePolicy loginbudget.Policy
}

const (
	// attemptWait bounds the wait for another process that tries the same account.
	attemptWait = 30 * time.Second
	// bindingSeconds is how long a binding lives if the probe cannot remove it, because the connection broke in between.
	bindingSeconds = 60
	// removeWithin bounds the removal of the binding once the run is cancelled.
	removeWithin = 800 * time.Millisecond
	// defaultUser is the user that is asked for if none is given.
	defaultUser = "cupclint"
	// The methods that are sent.
	options  = "OPTIONS"
	register = "REGISTER"
)

// ProbeSIP observes one presence server. It never returns an error: what failed is in the observation. The digest
// credential is tried at most once in a run.
func (c *Checker) ProbeSIP(ctx context.Context, r SIPRequest) *SIPObservation {
	c = c.ready()
	o := &SIPObservation{Rank: r.Rank, Place: r.Place, Facts: r.Facts, At: c.Prober.Clock().UTC()}
	o.Target = r.Target
	defer func() {
		loginbudget.ScrubAll(o, []string{r.Target.Host, r.Target.ServerName, r.Address, r.Login.User, r.Facts.Domain, r.Place.Source},
			r.Login.Credential)
	}()
	run := &sipRun{c: c, r: r, o: o}
	if err := run.steps(ctx); err != nil {
		o.Fail(o.Reached, err)
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// A sipRun is one ProbeSIP under way.
type sipRun struct {
	c *Checker
	r SIPRequest
	o *SIPObservation
	w *wire
	d *dialogue
}

func (r *sipRun) steps(ctx context.Context) error {
	if r.r.Address == "" {
		r.r.Address = r.r.Target.Host
	}
	user := r.r.Login.User
	if user == "" {
		user = defaultUser
	}
	raw, err := r.c.Prober.Connect(ctx, r.r.Target, &r.o.Observation)
	if err != nil {
		return err
	}
	defer raw.Close()
	conn := raw
	if r.r.Target.Security == probe.ImplTLS {
		if conn, err = r.c.Prober.Handshake(ctx, raw, r.r.Target, &r.o.Observation); err != nil {
			return err
		}
	}
	if host, _, err := net.SplitHostPort(raw.LocalAddr().String()); err == nil {
		r.o.Local = host
	}
	if r.d, err = newDialogue(r.r.Address, user, r.r.Target, raw.LocalAddr()); err != nil {
		r.o.Incomplete = err.Error()
		return nil
	}
	r.o.URI = r.d.uri()
	r.w = newWire(raw, conn, r.r.Target.Network == "udp")
	res, err := r.ask(ctx, probe.Protocol, options)
	if err != nil {
		return err
	}
	r.o.Options = answerOf(res)
	// Without a Contact a REGISTER asks for the bindings and changes none (RFC 3261, section 10.2.3).
	if res, err = r.ask(ctx, probe.Protocol, register); err != nil {
		return err
	}
	r.o.Register = answerOf(res)
	var challenge *digest.Challenge
	r.o.Challenge, challenge = challengeOf(res)
	return r.logIn(ctx, challenge)
}

// ask sends one request inside a phase.
func (r *sipRun) ask(ctx context.Context, ph probe.Phase, method string, headers ...string) (*sip.Message, error) {
	req, err := r.d.request(method, headers...)
	if err != nil {
		return nil, err
	}
	ctx, end := r.c.Prober.Phase(ctx, &r.o.Observation, ph)
	defer end()
	defer probe.Guard(ctx, r.w.raw)()
	res, err := r.w.ask(ctx, req)
	if err != nil && r.w.provisional != nil {
		r.o.Provisional = answerOf(r.w.provisional)
	}
	switch {
	case err == nil:
		return res, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, probe.ErrorOf(ph, probe.Cancelled, err, "the run was cancelled")
	case errors.Is(err, errNotSIP):
		return nil, probe.ErrorOf(ph, probe.BadProtocol, err, "%s", err)
	}
	return nil, probe.AsError(ph, err)
}

// logIn tries the digest credential once: a REGISTER with a Contact of this probe's own, and its removal.
func (r *sipRun) logIn(ctx context.Context, challenge *digest.Challenge) error {
	if r.r.Login.wanted() && r.o.Challenge == nil && r.o.Register != nil && r.o.Register.Status/100 != 2 {
		why := "the REGISTER was answered " + r.o.Register.String() + " and no credential was asked for"
		r.o.Login = &LoginResult{User: probe.Clean(r.r.Login.User), NotMade: why}
		r.o.Incomplete = "the log-in was not tried: " + why
	}
	if !r.r.Login.wanted() || r.o.Challenge == nil {
		return nil
	}
	res := &LoginResult{User: probe.Clean(r.r.Login.User)}
	r.o.Login = res
	switch {
	case challenge == nil && r.o.Challenge.Unreadable != "":
		res.NotMade = "the Digest challenge could not be parsed"
	case challenge == nil && r.o.Challenge.Unanswerable:
		res.NotMade = "the server's Digest challenge has the algorithm " + r.o.Challenge.Algorithm + ", which is not known"
	case challenge == nil && len(r.o.Challenge.Schemes) == 0:
		res.NotMade = "the server asks for a log-in and offers no scheme"
	case challenge == nil:
		res.NotMade = "the server offers " + strings.Join(r.o.Challenge.Schemes, ", ") + " but no Digest that a client can answer"
	case r.o.TLS != nil && !r.o.TLS.Verified && !r.c.TrustAnyCertificate:
		res.NotMade = "the server's certificate does not verify, and a digest answer is not sent to a server that may be the wrong one"
	}
	if res.NotMade != "" {
		r.o.Incomplete = "the log-in was not tried: " + res.NotMade
		return nil
	}
	a, err := r.reserve(ctx)
	if a == nil {
		_ = errors.As(err, &res.Refusal)
		res.NotMade = err.Error()
		r.o.Incomplete = "the log-in was not tried: " + res.NotMade
		return nil
	}
	defer a.Close()
	res.Blind = a.Blind()
	answer, err := r.register(ctx, a, challenge, bindingSeconds, 1)
	if err == nil {
		if again, next := challengeOf(answer); again != nil && next != nil && next.Stale { // the nonce was too old, the credential was not judged
			challenge = next
			answer, err = r.register(ctx, a, challenge, bindingSeconds, 1)
		}
	}
	if err != nil {
		// The credential is not sent again, not even to remove a binding: it is not known whether it was accepted.
		res.NotJudged = true
		r.o.Note("it is not known whether a registration was created; it would end by itself within %d seconds", bindingSeconds)
		outcome := loginbudget.Unanswered
		if probe.AsError(probe.Auth, err).Class == probe.Cancelled {
			outcome = loginbudget.Unknown
		}
		r.settle(a, outcome)
		return err
	}
	res.Answer = answerOf(answer)
	res.Answer.Reason, res.Answer.Server = a.Scrub(res.Answer.Reason), a.Scrub(res.Answer.Server)
	for i, said := range res.Answer.Says {
		res.Answer.Says[i] = a.Scrub(said)
	}
	outcome := outcomeOf(answer.Status)
	if again, next := challengeOf(answer); again != nil && next != nil && next.Stale { // twice: the nonce again, not the credential
		outcome = loginbudget.Unanswered
	}
	res.OK, res.NotJudged = answer.Status/100 == 2, outcome == loginbudget.Untested || outcome == loginbudget.Unanswered
	r.settle(a, outcome)
	if answer.Status/100 == 2 {
		res.Registered = true
		res.Removed = r.remove(ctx, a, challenge)
		if !res.Removed {
			r.o.Note("the registration could not be removed; it ends by itself within %d seconds", bindingSeconds)
		}
	}
	return nil
}

// settle saves the outcome. If that fails, it is an error of this computer, not of the server.
func (r *sipRun) settle(a *loginbudget.Attempt, outcome loginbudget.Outcome) {
	if err := a.Settle(outcome); err != nil && r.o.Incomplete == "" {
		r.o.Incomplete = "the log-in of " + r.o.Login.User + " was made, but its result could not be saved: " + err.Error()
	}
}

// reserve asks the budget. Digest credentials belong to the presence server: they have nothing to do with the directory.
func (r *sipRun) reserve(ctx context.Context) (*loginbudget.Attempt, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptWait)
	defer cancel()
	return r.c.Budget.Reserve(ctx, loginbudget.Account{Scope: "sip-digest", Names: []string{r.r.Login.User}}, r.r.Login.Credential,
		r.c.AssumePolicy)
}

// register sends a REGISTER that answers the challenge, with a Contact for so many seconds; 0 removes it. count is how often
// the nonce was used, this time included.
func (r *sipRun) register(ctx context.Context, a *loginbudget.Attempt, challenge *digest.Challenge, seconds, count int) (*sip.Message,
	error) {
	credentials, err := digest.Digest(challenge, digest.Options{
		Method: register, URI: r.d.uri(), Username: r.r.Login.User, Password: a.Password(), Count: count,
	})
	if err != nil {
		return nil, probe.ErrorOf(probe.Auth, probe.BadProtocol, err, "answer the challenge: %s", err)
	}
	name := "Authorization"
	if r.o.Challenge.Status == 407 {
		name = "Proxy-Authorization"
	}
	return r.ask(ctx, probe.Auth, register, "Contact", r.d.contact(seconds), name, credentials.String())
}

// remove removes the binding, also if the run was cancelled in between.
func (r *sipRun) remove(ctx context.Context, a *loginbudget.Attempt, challenge *digest.Challenge) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	res, err := r.register(ctx, a, challenge, 0, 2)
	if err != nil {
		return false
	}
	if again, next := challengeOf(res); again != nil && next != nil { // one nonce, one request
		res, err = r.register(ctx, a, next, 0, 1)
	}
	return err == nil && res.Status/100 == 2
}

// outcomeOf decides what the budget remembers. A refusal is 401, 403 or 407 (RFC 3261, sections 21.4 and 22); all other answers do not
// judge the credential.
func outcomeOf(status int) loginbudget.Outcome {
	switch {
	case status/100 == 2, status/100 == 3, status == 423: // 423: the credential is right, the time too short (RFC 3261, section 21.4.17)
		return loginbudget.Accepted
	case status == 401, status == 403, status == 407:
		return loginbudget.Rejected
	}
	return loginbudget.Untested
}
