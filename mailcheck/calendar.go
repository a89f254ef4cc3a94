package mailcheck

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
)

// looks is how often OPTIONS is asked, each time over a new connection: different servers show that there is a load balancer.
const looks = 3

const (
	ewsPath      = "/EWS/Exchange.asmx"
	exchangePath = "/exchange/"
	maxAnswer    = 256 << 10 // bytes of one answer, header and body
)

// ProbeCalendar observes one gateway to calendars. It never returns an error: what failed is in the observation. The account's
// log-in is tried at most once in a run.
func (c *Checker) ProbeCalendar(ctx context.Context, r CalendarRequest) *CalendarObservation {
	c = c.ready()
	o := &CalendarObservation{Product: r.Product, Protocol: r.Protocol, Rank: r.Rank, Place: r.Place, At: c.Prober.Clock().UTC()}
	o.Target = r.Target
	defer func() {
		loginbudget.ScrubAll(o, configured(r.Target, r.Login, r.Place, r.Folder, r.Mailbox), r.Login.Password)
	}()
	run := &calendarRun{c: c, r: r, o: o}
	if err := run.steps(ctx); err != nil {
		o.Fail(o.Reached, err)
	}
	o.conclude()
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// A calendarRun is one ProbeCalendar under way.
type calendarRun struct {
	c *Checker
	r CalendarRequest
	o *CalendarObservation
}

// path is the URL path of the calendar, or of the root of all mailboxes.
// A gateway of the web services asks there and nowhere else.
func (r *calendarRun) path() string {
	if r.o.ews() {
		return ewsPath
	}
	if r.r.Mailbox == "" {
		return exchangePath
	}
	folder := r.r.Folder
	if folder == "" {
		folder = "Calendar"
	}
	// a collection ends with a slash (RFC 4918, section 5.2)
	return exchangePath + url.PathEscape(r.r.Mailbox) + "/" + url.PathEscape(folder) + "/"
}

func (r *calendarRun) steps(ctx context.Context) error {
	for i := range looks {
		x, err := r.ask(ctx, probe.Protocol, http.MethodOptions, r.path(), nil)
		if err != nil {
			return err
		}
		if x == nil {
			return nil // not allowed over this TLS
		}
		r.o.Options = append(r.o.Options, *x)
		if i == 0 {
			r.o.Offered = offered(x.header)
		}
	}
	var err error
	if r.o.EWS, err = r.ask(ctx, probe.Protocol, http.MethodGet, ewsPath, nil); err != nil {
		return err
	}
	if r.o.ews() && r.o.EWS != nil {
		if schemes := offered(r.o.EWS.header); len(schemes) > 0 {
			r.o.Offered = schemes
		}
	}
	return r.logIn(ctx)
}

// ask sends one request over a new connection and reads the answer. It gives nil without an error if the server's
// TLS is too old to continue.
func (r *calendarRun) ask(ctx context.Context, ph probe.Phase, method, path string, auth func(*http.Request)) (*Exchange, error) {
	raw, conn, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	if r.o.TLS.Has(probe.TLSTooOld) && !r.c.OldTLS {
		r.o.Incomplete = "the probe stopped after the TLS handshake, because the server speaks " + r.o.TLS.Version + "; use --old-tls to continue"
		return nil, nil
	}
	ctx, end := r.c.Prober.Phase(ctx, &r.o.Observation, ph)
	defer end()
	defer probe.Guard(ctx, raw)()
	x, err := roundTrip(ctx, conn, r.request(method, path, auth))
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, probe.ErrorOf(ph, probe.Cancelled, err, "the run was cancelled")
		}
		return nil, probe.AsError(ph, err)
	}
	return x, nil
}

// connect makes the first connection of the probe, or a further one to the same address.
func (r *calendarRun) connect(ctx context.Context) (raw, conn net.Conn, err error) {
	if r.o.Address == "" {
		return r.c.open(ctx, r.r.Target, &r.o.Observation)
	}
	return r.c.again(ctx, &r.o.Observation)
}

func (r *calendarRun) request(method, path string, auth func(*http.Request)) *http.Request {
	scheme := "https"
	if r.r.Target.Security != probe.ImplTLS {
		scheme = "http"
	}
	host := r.r.Target.Host
	if standard := map[string]int{"https": 443, "http": 80}[scheme]; r.r.Target.Port != standard {
		host = r.r.Target.String()
	}
	req := &http.Request{
		Method: method, URL: &url.URL{Scheme: scheme, Host: host, Path: mustUnescape(path), RawPath: path}, Host: host,
		Header: http.Header{"User-Agent": {"cupclint"}, "Accept": {"*/*"}}, Close: true,
	}
	if method == methodPropfind {
		req.Header.Set("Depth", "0")
	}
	if auth != nil {
		auth(req)
	}
	return req
}

const methodPropfind = "PROPFIND"

// mustUnescape undoes what path has escaped; URL keeps both forms.
func mustUnescape(path string) string {
	s, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return s
}

// roundTrip writes a request and reads one answer, bounded.
func roundTrip(ctx context.Context, conn net.Conn, req *http.Request) (*Exchange, error) {
	if err := req.WithContext(ctx).Write(conn); err != nil {
		return nil, err
	}
	res, err := web.ReadResponse(probe.Limit(conn, maxAnswer), req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	// An incomplete body does not matter here: the header is the answer.
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	return describe(req, res, body), nil
}

// logIn reads the calendar folder's properties with the account: the first request of the presence server.
func (r *calendarRun) logIn(ctx context.Context) error {
	if !r.r.Login.wanted() {
		return nil
	}
	res := &LoginResult{User: probe.Clean(r.r.Login.User)}
	r.o.Login = res
	switch {
	case r.r.Target.Security != probe.ImplTLS:
		res.NotMade = "no password is sent without HTTPS"
	case !slices.Contains(r.o.Offered, "Basic"):
		res.NotMade = "the gateway offers " + strings.Join(r.o.Offered, ", ") + " but not Basic, the only scheme that this probe uses to log in"
		if len(r.o.Offered) == 0 && r.o.asks() {
			res.NotMade = "the gateway asks for a log-in and names no scheme, and so did not offer Basic, the only scheme that this probe uses to " +
				"log in"
		} else if len(r.o.Offered) == 0 {
			res.NotMade = "the gateway did not ask for a log-in, and so did not offer Basic, the only scheme that this probe uses to log in"
		}
	default:
		res.NotMade = r.c.mayLogIn(&r.o.Observation)
	}
	if res.NotMade != "" {
		r.o.Incomplete = "the log-in of " + res.User + " was not tried: " + res.NotMade
		return nil
	}
	a, res := r.c.reserve(ctx, cmp.Or(r.r.Product, Exchange2010), r.r.Login) // no other product has calendars
	r.o.Login = res
	if a == nil {
		r.o.Incomplete = "the log-in was not tried: " + res.NotMade
		return nil
	}
	defer a.Close()
	method := methodPropfind
	if r.o.ews() {
		method = http.MethodGet
	}
	x, err := r.ask(ctx, probe.Auth, method, r.path(), func(req *http.Request) { req.SetBasicAuth(r.r.Login.User, a.Password()) })
	if err != nil {
		res.settle(a, unanswered(err), &r.o.Incomplete)
		return err
	}
	for i, h := range x.Headers {
		x.Headers[i] = a.Scrub(h)
	}
	r.o.DAV = x
	res.Answer = http.StatusText(x.Status)
	outcome := loginOutcome(x)
	res.OK = outcome == loginbudget.Accepted || outcome == loginbudget.Barred
	res.settle(a, outcome, &r.o.Incomplete)
	if res.NotJudged && r.o.Incomplete == "" {
		r.o.Incomplete = "the log-in of " + res.User + " was made, but the answer " + statusText(x.Status) + " does not judge it"
	}
	return nil
}

// asks reports whether an answer without the account asked for one.
func (o *CalendarObservation) asks() bool {
	return slices.ContainsFunc(o.relevant(), func(x *Exchange) bool { return x.Status == http.StatusUnauthorized })
}

// loginOutcome decides what the budget remembers about an answer to a request with a password.
func loginOutcome(x *Exchange) loginbudget.Outcome {
	switch {
	case x.Status == http.StatusUnauthorized:
		return loginbudget.Rejected
	case x.Form, x.Status/100 == 3:
		return loginbudget.Unanswered // the form of a gateway, which may have judged the password before it
	case x.Status == http.StatusMethodNotAllowed, x.Status == http.StatusNotImplemented:
		return loginbudget.Barred // most servers look at the verb after the log-in, a filter of verbs before it
	case web.MayHaveJudged(x.Status):
		return loginbudget.Unanswered
	case x.Status >= 500:
		return loginbudget.Untested
	case x.Status == http.StatusForbidden, x.Status == http.StatusProxyAuthRequired, x.Status == http.StatusRequestTimeout, x.Status ==
		http.StatusTooManyRequests:
		return loginbudget.Untested // 403 may be "TLS required", before any log-in
	case x.Status/100 == 2, x.Status == http.StatusNotFound: // 404: the mailbox or the folder, after the log-in
		return loginbudget.Accepted
	}
	return loginbudget.Unanswered
}
