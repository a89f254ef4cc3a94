package mailcheck

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// ProbeIMAP observes one mail store. It never returns an error: what failed is in the observation. The log-in is tried at most
// once in a run.
func (c *Checker) ProbeIMAP(ctx context.Context, r IMAPRequest) *IMAPObservation {
	c = c.ready()
	o := &IMAPObservation{Product: r.Product, Rank: r.Rank, Place: r.Place, At: c.Prober.Clock().UTC()}
	o.Target = r.Target
	defer func() { loginbudget.ScrubAll(o, configured(r.Target, r.Login, r.Place, r.Folder), r.Login.Password) }()
	run := &imapRun{c: c, r: r, o: o}
	if err := run.steps(ctx); err != nil {
		o.Fail(o.Reached, err)
	}
	if run.s != nil {
		o.Bye = run.s.bye
		if o.Stray == "" {
			o.Stray = run.s.strayed
		}
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// An imapRun is one ProbeIMAP under way.
type imapRun struct {
	c *Checker
	r IMAPRequest
	o *IMAPObservation
	s *imapSession // the first session
}

func (r *imapRun) steps(ctx context.Context) error {
	raw, conn, err := r.c.open(ctx, r.r.Target, &r.o.Observation)
	if err != nil {
		return err
	}
	s := r.session(raw, conn)
	r.s = s
	defer func() { s.close() }()
	if err := r.greet(ctx, s); err != nil {
		return err
	}
	caps, err := s.capabilities(ctx)
	if err != nil {
		return err
	}
	switch r.r.Target.Security {
	case probe.ImplTLS:
		r.o.After = caps
	case probe.StartTLS:
		r.o.Before = caps
		if !has(caps, "STARTTLS") {
			r.notMade("the server does not offer STARTTLS, and the password is not sent without it")
			return nil
		}
		s.close()
		if s, err = r.startTLS(ctx); err != nil {
			return err
		}
		if r.o.After, err = s.capabilities(ctx); err != nil {
			return err
		}
	default:
		r.o.Before = caps
	}
	return r.logIn(ctx, s)
}

// greet waits for the greeting and keeps it.
func (r *imapRun) greet(ctx context.Context, s *imapSession) error {
	err := s.do(ctx, probe.Protocol, s.client.WaitGreeting)
	r.o.Greeting = s.wire.firstLine()
	r.o.Preauthenticated = err == nil && s.client.State() == imap.ConnStateAuthenticated
	return err
}

// startTLS opens a second connection and has the library upgrade it: it asks for the capabilities of one side only.
func (r *imapRun) startTLS(ctx context.Context) (*imapSession, error) {
	raw, conn, err := r.c.again(ctx, &r.o.Observation)
	if err != nil {
		return &imapSession{}, err
	}
	s := &imapSession{p: r.c.Prober, o: &r.o.Observation, raw: raw, wire: newWire(conn)}
	s.wire.sealed = true
	config := r.c.Prober.ClientTLS(r.r.Target, &r.o.Observation)
	err = s.do(ctx, probe.TLS, func() (err error) {
		s.client, err = imapclient.NewStartTLS(s.wire, &imapclient.Options{TLSConfig: config})
		return err
	})
	var refused *imap.Error
	switch {
	case err == nil:
		return s, nil
	case errors.As(err, &refused):
		err = r.o.Fail(probe.TLS, probe.ErrorOf(probe.TLS, probe.NotSecured, err, "STARTTLS is refused: %s", answer(refused)))
		r.o.TLS = nil
	default:
		err = r.o.HandshakeFailed(err)
	}
	return s, err
}

func (r *imapRun) notMade(why string) {
	if r.r.Login.wanted() {
		r.o.Login = &LoginResult{User: probe.Clean(r.r.Login.User), NotMade: why}
	}
}

// logIn makes the one log-in and opens the folder read-only.
func (r *imapRun) logIn(ctx context.Context, s *imapSession) error {
	if !r.r.Login.wanted() {
		return nil
	}
	if why := r.c.mayLogIn(&r.o.Observation); why != "" {
		r.notMade(why)
		return nil
	}
	if r.o.Preauthenticated { // RFC 3501, section 6.2: a log-in is a command of the state before it
		r.notMade("the server takes every client for one that is logged in already (PREAUTH), so no password is sent")
		r.o.Incomplete = "the log-in was not tried: " + r.o.Login.NotMade
		return nil
	}
	if has(r.o.channel(), "LOGINDISABLED") { // RFC 3501, section 6.2.3: a client must not try
		r.notMade("the server says LOGINDISABLED on this channel")
		return nil
	}
	a, res := r.c.reserve(ctx, r.r.Product, r.r.Login)
	r.o.Login = res
	if a == nil {
		r.o.Incomplete = "the log-in was not tried: " + res.NotMade
		return nil
	}
	defer a.Close()
	s.wire.forget()
	err := s.do(ctx, probe.Auth, func() error { return s.client.Login(r.r.Login.User, a.Password()).Wait() })
	res.Alert = a.Scrub(s.wire.alerted())
	var refused *imap.Error
	switch {
	case err == nil:
		res.OK = true
		res.settle(a, loginbudget.Accepted, &r.o.Incomplete)
	case errors.As(err, &refused) && refused.Type != imap.StatusResponseTypeBye:
		res.Answer, res.Code = a.Scrub(answer(refused)), probe.Clean(string(refused.Code))
		res.settle(a, outcome(refused), &r.o.Incomplete)
		return nil
	default:
		if no := s.wire.refusal(); no != nil { // an answer that the library cannot read: its words count
			r.o.Stray = a.Scrub(string(no.Type) + " " + no.Text)
			res.Answer, res.Code = r.o.Stray, probe.Clean(string(no.Code))
			res.settle(a, outcome(no), &r.o.Incomplete)
			return nil
		}
		if r.o.Stray = a.Scrub(s.wire.stray()); r.o.Stray != "" { // a line without a tag: the same
			res.Answer = r.o.Stray
			res.settle(a, outcome(&imap.Error{Type: imap.StatusResponseTypeNo, Text: r.o.Stray}), &r.o.Incomplete)
			return nil
		}
		if words, ok := strings.CutPrefix(s.bye, "BYE "); ok { // a good-bye can be the refusal
			e := &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCode(codeIn(s.bye)), Text: words}
			if outcome(e) == loginbudget.Rejected && (bland(words) || wrongLogin(words) || e.Code != "") {
				res.Answer, res.Code, s.bye = a.Scrub(s.bye), probe.Clean(string(e.Code)), ""
				res.settle(a, loginbudget.Rejected, &r.o.Incomplete)
				return nil
			}
		}
		if s.wire.accepted() { // the answer came, next to a line that the library cannot read
			res.OK = true
			res.settle(a, loginbudget.Accepted, &r.o.Incomplete)
			return err
		}
		res.settle(a, unanswered(err), &r.o.Incomplete)
		return err
	}
	if err := r.openFolder(ctx, s); err != nil {
		return err
	}
	_ = s.do(ctx, probe.Protocol, func() error { return s.client.Logout().Wait() }) // a courtesy: all that was asked is known
	return nil
}

// openFolder uses EXAMINE, which changes nothing, not even the recent flags (RFC 3501, section 6.3.2).
func (r *imapRun) openFolder(ctx context.Context, s *imapSession) error {
	name := r.r.Folder
	if name == "" {
		name = "INBOX"
	}
	r.o.Folder = &Folder{Name: probe.Clean(name)}
	var data *imap.SelectData
	err := s.do(ctx, probe.Protocol, func() (err error) {
		data, err = s.client.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	var refused *imap.Error
	if errors.As(err, &refused) {
		r.o.Folder.Answer = answer(refused)
		return nil
	}
	if err == nil {
		r.o.Folder.Opened, r.o.Folder.Messages = true, data.NumMessages
	}
	return err
}

// outcome decides what the budget remembers about a refusal: by its code (RFC 5530), else by its words. Words that call name or password
// wrong count for more than others next to them: "wrong password, please try again" has judged the password.
func outcome(e *imap.Error) loginbudget.Outcome {
	w, _ := told(string(e.Code), e.Text)
	text := strings.ToLower(e.Text)
	wrong, failed := wrongLogin(text), bland(text)
	own := slices.ContainsFunc(ownFailures, func(part string) bool { return strings.Contains(text, part) })
	switch {
	case loginbudget.Says(text, loginbudget.SaidMany):
		return loginbudget.Unanswered // a lock, or the end of the server's patience
	case wrong && e.Code != codeExpired:
		return loginbudget.Rejected
	case w.barred:
		return loginbudget.Barred
	case e.Code == imap.ResponseCodeAuthenticationFailed && !w.unjudged:
		return loginbudget.Rejected
	case w.unjudged && (w.late || e.Code == imap.ResponseCodeAuthenticationFailed):
		return loginbudget.Unanswered
	case w.unjudged:
		return loginbudget.Untested
	case failed && e.Text != "" && (own || e.Type == imap.StatusResponseTypeBad):
		return loginbudget.Unanswered // "login failed, please try again": it may have judged the password
	case own || e.Type == imap.StatusResponseTypeBad:
		return loginbudget.Untested
	}
	return loginbudget.Rejected
}

const codeExpired imap.ResponseCode = "EXPIRED"

// wrongLogin reports whether a server says that it has judged the name or the password.
func wrongLogin(text string) bool {
	return loginbudget.Says(text, loginbudget.SaidPassword, loginbudget.SaidName)
}

// ownFailures are parts of refusals, in lower case, with which a server says that it has not judged the password: it is busy, lacks
// something, has too many connections, or wants TLS first. Dovecot and Cyrus give most of them with a code as well; Exchange and older
// servers do not.
var ownFailures = []string{
	"unavailable", "not available", "temporar", "try again", "try later", "too many", "maximum number of", "connection limit",
	"connections exceeded", "busy",
	"internal error", "internal server error", "server error", "timed out", "timeout", "plaintext authentication", "plaintext login",
	"tls required", "ssl required",
	"requires tls", "requires ssl", "starttls", "use ssl", "use tls", "encrypt", "secure connection",
}

// answer is the server's refusal in its own words.
func answer(e *imap.Error) string {
	s := string(e.Type)
	if e.Code != "" {
		s += " [" + string(e.Code) + "]"
	}
	return probe.Clean(strings.TrimSpace(s + " " + e.Text))
}

func has(caps []string, name string) bool { return slices.Contains(caps, name) }

// maxCapabilities bounds the capabilities kept of one list.
const maxCapabilities = 100

// imapSession is one connection with the library on top.
type imapSession struct {
	p      *probe.Prober
	o      *probe.Observation
	raw    net.Conn // what deadlines are set on
	wire   *wire
	client *imapclient.Client
	// strayed is a line that is not IMAP, which ended a call; bye is the server's good-bye if it ended one.
	strayed, bye string
}

func (r *imapRun) session(raw, conn net.Conn) *imapSession {
	w := newWire(conn)
	return &imapSession{p: r.c.Prober, o: &r.o.Observation, raw: raw, wire: w, client: imapclient.New(w, nil)}
}

// do runs one library call inside a phase. The call ends when the phase's deadline comes or ctx is cancelled.
func (s *imapSession) do(ctx context.Context, ph probe.Phase, call func() error) error {
	ctx, end := s.p.Phase(ctx, s.o, ph)
	defer end()
	defer probe.Guard(ctx, s.raw)()
	err := call()
	var refused *imap.Error
	switch {
	case err == nil, errors.As(err, &refused) && refused.Type != imap.StatusResponseTypeBye:
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return probe.ErrorOf(ph, probe.Cancelled, err, "the run was cancelled")
	case refused != nil:
		s.bye = answer(refused)
		return probe.ErrorOf(ph, probe.Reset, err, "the server says good-bye: %s", s.bye)
	}
	s.strayed, s.bye = s.wire.stray(), s.wire.goodbye()
	if cause := s.wire.cause(); cause != nil { // the library reports errors as text alone
		return probe.AsError(ph, cause)
	}
	if s.bye != "" { // without its star
		return probe.ErrorOf(ph, probe.Reset, err, "the server says good-bye: %s", s.bye)
	}
	return probe.ErrorOf(ph, probe.BadProtocol, err, "%s", err)
}

func (s *imapSession) capabilities(ctx context.Context) (list []string, err error) {
	err = s.do(ctx, probe.Protocol, func() error {
		caps, err := s.client.Capability().Wait()
		for name := range caps {
			list = append(list, probe.Clean(string(name)))
		}
		return err
	})
	slices.Sort(list)
	return list[:min(len(list), maxCapabilities)], err
}

func (s *imapSession) close() {
	if s.raw == nil {
		return
	}
	_ = s.raw.Close()
	if s.client != nil {
		_ = s.client.Close() // only waits for its reader: the connection is gone
	}
}
