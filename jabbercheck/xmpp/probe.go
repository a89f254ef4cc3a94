package xmpp

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Checker probes presence servers. One Checker is one run: its Budget allows one attempt per account. Without a budget it never logs in.
type Checker struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// TrustAnyCertificate lets the password be sent to a server whose certificate does not verify.
	TrustAnyCertificate bool
	// OldTLS lets the password be sent over TLS 1.0 and 1.1.
	OldTLS bool
	// AssumePolicy is the lock-out policy that the user gave.
	AssumePolicy loginbudget.Policy
}

// attemptWait bounds the wait for another process that tries the same account, endWait the end of a stream.
const (
	attemptWait = 30 * time.Second
	endWait     = time.Second
)

// Probe observes one server. The observation is complete even if something failed. The log-in is tried at most once in a run.
func (c *Checker) Probe(ctx context.Context, r Request) *Observation {
	with := *c
	with.Prober, with.Budget = live.Defaults(c.Prober, c.Budget)
	r.Target = TargetOf(r.Target)
	o := &Observation{Domain: r.Domain, Rank: r.Rank, Place: r.Place, At: with.Prober.Clock().UTC()}
	o.Target = r.Target
	configured := []string{r.Target.Host, r.Target.ServerName, r.Login.User, r.Domain.Name, r.Place.Source, r.Domain.Place.Source}
	defer func() { loginbudget.ScrubAll(o, configured, r.Login.Password) }()
	run := &run{c: &with, r: r, o: o}
	if err := run.steps(ctx); err != nil {
		o.Fail(o.Reached, err)
		run.tryDirect(ctx)
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// TargetOf adds what is missing in a target: port and security.
func TargetOf(t probe.Target) probe.Target {
	t.Network = "tcp"
	if t.Security == "" {
		t.Security = probe.StartTLS
		if t.Port == PortTLS {
			t.Security = probe.ImplTLS
		}
	}
	if t.Port == 0 {
		t.Port = Port
		if t.Security == probe.ImplTLS {
			t.Port = PortTLS
		}
	}
	return t
}

// A run is one Probe under way.
type run struct {
	c    *Checker
	r    Request
	o    *Observation
	raw  net.Conn
	conn net.Conn // raw, or TLS over it
	p    *parser  // the present stream
}

// steps walks through the protocol. A stream error of the server is an observation, not an error.
func (r *run) steps(ctx context.Context) (err error) {
	if r.raw, err = r.c.Prober.Connect(ctx, r.r.Target, &r.o.Observation); err != nil {
		return err
	}
	r.conn = r.raw
	defer func() { r.end(ctx) }()
	if r.r.Target.Security == probe.ImplTLS {
		if err := r.handshake(ctx); err != nil {
			return err
		}
	}
	features, err := r.open(ctx)
	if err != nil || features == nil {
		return err
	}
	if r.r.Target.Security != probe.ImplTLS {
		r.o.Offer, r.o.Before = features.starttls(), features.mechanisms()
		if r.o.Offer == OfferNone {
			r.notMade("the server offers no StartTLS, and a password is not sent without TLS")
			return nil
		}
		if features, err = r.secure(ctx); err != nil || features == nil {
			return err
		}
	}
	r.o.After = features.mechanisms()
	return r.logIn(ctx)
}

// open sends a stream header and waits for the server's features. They are nil if the server ends the stream with an error.
func (r *run) open(ctx context.Context) (features *element, err error) {
	err = r.phase(ctx, probe.Protocol, func() error {
		r.p = newParser(r.conn)
		if _, err := r.conn.Write(opening(r.r.Domain.Name)); err != nil {
			return err
		}
		h, err := r.p.header()
		if err != nil {
			return err
		}
		r.o.From, r.o.Version = probe.Clean(h.from), probe.Clean(h.version)
		switch {
		case h.content == nsServer:
			return errors.New("this port is for other XMPP servers, not for clients")
		case h.content != nsClient:
			return fmt.Errorf("the stream has the content namespace %q, not %q", h.content, nsClient)
		}
		e, err := r.p.next()
		switch {
		case err != nil:
			return err
		case r.ended(e):
		case e.name == xml.Name{Space: nsStream, Local: "features"}:
			features = e
		case h.version == "":
			return errors.New("the server speaks XMPP from before RFC 3920: its stream has no version, and therefore no StartTLS")
		default:
			return fmt.Errorf("the server sends %s, not its features", named(e.name))
		}
		return nil
	})
	return features, err
}

// ended records a stream error.
func (r *run) ended(e *element) bool {
	if e.name != (xml.Name{Space: nsStream, Local: "error"}) {
		return false
	}
	c := e.reason(nsErrors)
	c.Inside = r.conn != r.raw
	if c.Name != "see-other-host" {
		c.Host = ""
	}
	r.o.Ended = &c
	r.notMade("the server ended the stream before the log-in")
	return true
}

// secure starts TLS and opens the stream again.
func (r *run) secure(ctx context.Context) (features *element, err error) {
	err = r.phase(ctx, probe.TLS, func() error {
		if _, err := r.conn.Write([]byte(startTLS)); err != nil {
			return err
		}
		e, err := r.p.next()
		switch {
		case err != nil:
			return err
		case r.ended(e):
			return nil
		case e.name == xml.Name{Space: nsTLS, Local: "failure"}:
			return probe.ErrorOf(probe.TLS, probe.NotSecured, nil, "the server offers StartTLS and then refuses it")
		case e.name != xml.Name{Space: nsTLS, Local: "proceed"}:
			return probe.ErrorOf(probe.TLS, probe.BadProtocol, nil, "the answer to StartTLS is %s", named(e.name))
		case len(r.p.src.ahead) > 0: // an attacker on the network path can add text to the server's answer
			return probe.ErrorOf(probe.TLS, probe.BadProtocol, nil, "the server sends more after <proceed/>, before TLS has begun")
		}
		return nil
	})
	if err != nil || r.o.Ended != nil {
		return nil, err
	}
	if err := r.handshake(ctx); err != nil {
		return nil, err
	}
	return r.open(ctx)
}

// handshake starts TLS on the connection and looks at the names of the certificate.
func (r *run) handshake(ctx context.Context) error {
	secured, err := r.c.Prober.Handshake(ctx, r.raw, r.r.Target, &r.o.Observation)
	if err != nil {
		return err
	}
	r.conn = secured
	if chain := secured.ConnectionState().PeerCertificates; len(chain) > 0 {
		r.o.Names = namesOf(chain[0], r.o.TLS.ServerName, r.r.Domain)
		if r.o.Names.Domain != "" {
			r.o.TLS.AcceptName()
		}
	}
	return nil
}

// namesOf compares a certificate with the node name and the presence domain. An assumed domain is not compared.
func namesOf(leaf *x509.Certificate, node string, domain Domain) *Names {
	srv, xmpp := otherNames(leaf)
	n := &Names{Node: leaf.VerifyHostname(node) == nil}
	is := func(name string) bool {
		return strings.EqualFold(strings.TrimSuffix(name, "."), strings.TrimSuffix(domain.Name, "."))
	}
	switch {
	case domain.Name == "" || domain.Assumed != "":
	case leaf.VerifyHostname(domain.Name) == nil:
		n.Domain = "dNSName"
	case slices.ContainsFunc(srv, func(s string) bool {
		service, name, _ := strings.Cut(s, ".")
		return strings.EqualFold(service, "_xmpp-client") && is(name)
	}):
		n.Domain = "SRVName"
	case slices.ContainsFunc(xmpp, is):
		n.Domain = "xmppAddr"
	}
	for _, s := range srv {
		n.Others = append(n.Others, probe.Clean("SRVName "+s))
	}
	for _, s := range xmpp {
		n.Others = append(n.Others, probe.Clean("xmppAddr "+s))
	}
	return n
}

// notMade notes why the log-in that was asked for is not made.
func (r *run) notMade(why string) {
	if r.r.Login.wanted() && r.o.Login == nil {
		r.o.Login = &LoginResult{User: probe.Clean(r.r.Login.User), NotMade: why}
	}
}

// mayLogIn says why the password must not be sent over this connection, or nothing.
func (r *run) mayLogIn() string {
	switch {
	case r.conn == r.raw:
		return "a password is not sent without TLS"
	case !r.o.TLS.Verified && !r.c.TrustAnyCertificate:
		return "the server's certificate does not verify, and a password is not sent to a server that may be the wrong one"
	case r.o.TLS.Has(probe.TLSTooOld) && !r.c.OldTLS:
		return "the server speaks " + r.o.TLS.Version + ", and a password is sent over that version only with --old-tls"
	case r.r.Domain.Assumed != "":
		return "the presence domain is not known, and a password is not sent to a server that was asked for another name"
	}
	return ""
}

const plain = "PLAIN"

// logIn makes the one log-in.
func (r *run) logIn(ctx context.Context) error {
	if !r.r.Login.wanted() {
		return nil
	}
	if why := r.mayLogIn(); why != "" {
		r.notMade(why)
		return nil
	}
	if !slices.Contains(r.o.After, plain) {
		r.notMade("the server does not offer PLAIN inside TLS (it offers " + list(r.o.After) + ")")
		r.o.Incomplete = "the log-in was not tried: " + r.o.Login.NotMade
		return nil
	}
	res := &LoginResult{User: probe.Clean(r.r.Login.User)}
	r.o.Login = res
	a, err := r.reserve(ctx)
	if err != nil {
		_ = errors.As(err, &res.Refusal)
		res.NotMade = err.Error()
		r.o.Incomplete = "the log-in was not tried: " + res.NotMade
		return nil
	}
	defer a.Close()
	res.Blind = a.Blind()
	outcome, err := r.plain(ctx, a, res)
	res.NotJudged = outcome == loginbudget.Untested || outcome == loginbudget.Unanswered || outcome == loginbudget.Unknown
	if failed := a.Settle(outcome); failed != nil && r.o.Incomplete == "" {
		r.o.Incomplete = "the log-in of " + res.User + " was made, but its result could not be saved: " + failed.Error()
	}
	if res.OK {
		_, _ = r.open(ctx) // the stream begins again (RFC 6120, section 6.4.6); all that was asked is known
	}
	return err
}

// reserve asks the budget for the one attempt.
func (r *run) reserve(ctx context.Context) (*loginbudget.Attempt, error) {
	wait, cancel := context.WithTimeout(ctx, attemptWait)
	defer cancel()
	return r.c.Budget.Reserve(wait, loginbudget.AtCallManager(r.r.Login.User), r.r.Login.Password, r.c.AssumePolicy)
}

// plain sends the password (RFC 4616) and reads the answer.
func (r *run) plain(ctx context.Context, a *loginbudget.Attempt, res *LoginResult) (outcome loginbudget.Outcome, err error) {
	var e *element
	err = r.phase(ctx, probe.Auth, func() (err error) {
		message := base64.StdEncoding.EncodeToString([]byte("\x00" + r.authcid() + "\x00" + a.Password()))
		if _, err = r.conn.Write([]byte("<auth xmlns='" + nsSASL + "' mechanism='" + plain + "'>" + message + "</auth>")); err != nil {
			return err
		}
		e, err = r.p.next()
		return err
	})
	switch {
	case err != nil && probe.AsError(probe.Auth, err).Class == probe.Cancelled:
		return loginbudget.Unknown, err
	case err != nil:
		return loginbudget.Unanswered, err
	case e.name == xml.Name{Space: nsSASL, Local: "success"}:
		res.OK = true
		return loginbudget.Accepted, nil
	case e.name == xml.Name{Space: nsSASL, Local: "failure"}:
		c := e.reason(nsSASL)
		c.Host, c.Inside = "", true
		res.Failure = &c
		known, _ := explain(saslKind, c.Name)
		return known.outcome(), nil
	case r.ended(e):
		return loginbudget.Unanswered, nil
	}
	return loginbudget.Unanswered, probe.ErrorOf(probe.Auth, probe.BadProtocol, nil, "the answer to the log-in is %s", named(e.name))
}

// authcid is the user ID: RFC 6120 (section 6.3.8) uses the part before the @ of an address.
func (r *run) authcid() string {
	user, domain, ok := strings.Cut(r.r.Login.User, "@")
	if ok && strings.EqualFold(domain, r.r.Domain.Name) {
		return user
	}
	return r.r.Login.User
}

// phase runs one exchange within its time, and writes the text of its error.
func (r *run) phase(ctx context.Context, ph probe.Phase, exchange func() error) error {
	ctx, end := r.c.Prober.Phase(ctx, &r.o.Observation, ph)
	defer end()
	defer probe.Guard(ctx, r.raw)()
	err := exchange()
	var typed *probe.Error
	switch {
	case err == nil, errors.As(err, &typed):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return probe.ErrorOf(ph, probe.Cancelled, err, "the run was cancelled")
	case errors.Is(err, errEnded):
		return probe.ErrorOf(ph, probe.Reset, err, "%s without an error", err)
	}
	if first := r.p.src.first; r.conn == r.raw && r.o.Version == "" && len(first) > 0 {
		r.o.First = probe.Clean(string(first))
	}
	e := probe.AsError(probe.Protocol, err) // an error here is not an error of TLS yet
	e.Phase = ph
	return e
}

// end closes the stream and the connection. The server's own end is not waited for.
func (r *run) end(ctx context.Context) {
	if r.p != nil && ctx.Err() == nil {
		_ = r.raw.SetDeadline(time.Now().Add(endWait))
		_, _ = r.conn.Write([]byte(streamEnd))
		if r.conn != r.raw {
			_ = r.conn.Close()
		}
	}
	_ = r.raw.Close()
}

// tryDirect asks a server that did not answer in clear text whether it speaks TLS from the first byte.
func (r *run) tryDirect(ctx context.Context) {
	o := r.o
	if r.p == nil || r.r.Target.Security == probe.ImplTLS || o.Error == nil || o.TLS != nil || o.Version != "" {
		return
	}
	first := r.p.src.first
	if !speaksTLS(first) && (o.Error.Class != probe.Reset || len(first) > 0) {
		return
	}
	t := o.Target
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil {
		return
	}
	if t.ServerName == "" {
		t.ServerName = t.Host
	}
	t.Host, t.Security = host, probe.ImplTLS
	side := &run{c: r.c, r: Request{Target: t, Domain: r.r.Domain}, o: &Observation{}}
	if err := side.steps(ctx); err == nil {
		o.Direct, o.TLS, o.Names, o.After, o.Ended, o.First = true, side.o.TLS, side.o.Names, side.o.After, side.o.Ended, ""
		r.notMade("the server does not begin in clear text")
	}
	o.Phases.Connect += side.o.Phases.Connect
	o.Phases.TLS += side.o.Phases.TLS
	o.Phases.Protocol += side.o.Phases.Protocol
}
