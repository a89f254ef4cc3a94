// Package axl asks the Administrative XML interface of Unified CM: operations that get or list, and queries. One request at a time.
//
// Calls go in, answers as they came go out. It never sends an operation that writes: Call is checked before anything is sent.
package axl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cupclint/internal/lazy"
	"cupclint/internal/loginbudget"
)

const (
	namespace = "http://www.cisco.com/AXL/API/"
	// anyVersion is the namespace that every server answers in its oldest schema; it goes without a SOAPAction.
	anyVersion = "1.0"
	// Page is how many records are asked for at once.
	Page = 500
	// maxPages bounds a list.
	maxPages = 200
	// maxAnswer bounds one answer, in bytes. The server itself cuts at 8 MB.
	maxAnswer = 32 << 20
)

// schemas are the versions that are tried, the newest first.
var schemas = [...]string{"15.0", "14.0", "12.5", "12.0", "11.5", "11.0", "10.5", "10.0", "9.1", "9.0", "8.5"}

// pauses are the waits before a request is repeated that the server was too busy for.
var pauses = [...]time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second}

// A Kind says which failure it was.
type Kind string

// The kinds of failure.
const (
	Refused   Kind = "refused"   // 401: the password, or a reader that writes
	Forbidden Kind = "forbidden" // 403: no role for AXL
	NotFound  Kind = "not-found" // 404: another service, or AXL is not active
	Busy      Kind = "busy"      // 503, after waiting
	Version   Kind = "version"   // no schema in common
	Faulted   Kind = "fault"     // a SOAP fault
	Cut       Kind = "cut"       // the answer is not whole
	Status    Kind = "status"    // another HTTP status
	Withheld  Kind = "withheld"  // no password was handed out
)

// An Error is a failed call. Its text may repeat what the server said.
type Error struct {
	Kind   Kind
	Status int
	// Code is the axlcode of a fault.
	Code   string
	Detail string
}

func (e *Error) Error() string {
	switch e.Kind {
	case Refused:
		return "AXL refused the log-in (HTTP status 401): wrong password, or the account is locked, expired or must change its password"
	case Forbidden:
		return "AXL does not let this account in (HTTP status 403). It needs the roles Standard AXL API Users and Standard AXL Read Only " +
			"API Access (11.5 and later), or Standard AXL API Access before that"
	case NotFound:
		return "there is no AXL at this address (HTTP status 404): the service Cisco AXL Web Service is not active, or this is not a call manager"
	case Busy:
		return "AXL is busy (HTTP status 503), also after waiting"
	case Faulted:
		if e.Code != "" {
			return fmt.Sprintf("AXL reports an error (axlcode %s): %s", e.Code, e.Detail)
		}
		return "AXL reports an error: " + e.Detail
	}
	return e.Detail
}

// Options make a Client.
type Options struct {
	// URL ends with /axl/. The slash is needed.
	URL  string
	HTTP *http.Client
	User string
	// Password hands out the password, or says no. It is asked once for the log-in, and once more where the server forgot the session.
	Password func() (string, bool)
	// Settled is called with what each answer to a request with the password means.
	Settled func(loginbudget.Outcome)
	// Token is called with each key of a session, so that it can be kept out of what is written.
	Token func(string)
	// Wait is a pause that the context ends.
	Wait func(context.Context, time.Duration) error
}

// A Client asks one server. Its calls wait for each other.
type Client struct {
	o       Options
	mu      sync.Mutex
	version string
	cookie  string
	logins  int
	proven  bool   // the password was taken
	dead    *Error // after which nothing more is sent
	busy    int    // answers with 503 in a row
}

// New makes a client. Nothing is sent.
func New(o Options) *Client { return &Client{o: o} }

// Version is the schema in use; "" before Open.
func (c *Client) Version() string { return c.version }

// Open finds out the schema by asking for the version of the server. It returns that answer and the version.
func (c *Client) Open(ctx context.Context) (answer []byte, server string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := &Call{Operation: "getCCMVersion"}
	answer, err = c.send(ctx, call, anyVersion, 0, 0)
	var failed *Error
	if errors.As(err, &failed) && failed.Kind == Version {
		// The server names what it takes. Guesses are made after 599 only.
		err = failed
		for _, v := range supported(failed.Detail) {
			if answer, err = c.send(ctx, call, v, 0, 0); err == nil {
				c.version = v
				break
			}
			if !errors.As(err, &failed) || failed.Kind != Version {
				break
			}
		}
	}
	if err != nil {
		return nil, "", err
	}
	server = strings.TrimSpace(Values(answer, "version")[0])
	if v := schemaOf(server); v != "" {
		c.version = v
	}
	if c.version == "" {
		return answer, server, &Error{Kind: Version, Detail: "the server does not say which version it is, so no schema is known"}
	}
	return answer, server, nil
}

// schemaOf is the schema of a release such as 14.0.1.13900-155.
func schemaOf(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return ""
	}
	own := parts[0] + "." + parts[1]
	if slices.Contains(schemas[:], own) {
		return own
	}
	for _, s := range schemas { // a newer server takes the three majors before its own
		if !Older(own, s) {
			return s
		}
	}
	return ""
}

var versionPattern = lazy.Pattern{Expr: `\b(\d{1,2})\.(\d{1,2}|x)\b`}

// supported lists the schemas to try after an answer with 599: those that the page names, else all. "12.x" is 12.5 and 12.0.
func supported(page string) []string {
	var out []string
	_, list, named := strings.Cut(page, "Supported")
	if named {
		for _, m := range versionPattern.Get().FindAllStringSubmatch(list, -1) {
			for _, s := range schemas {
				if major, minor, _ := strings.Cut(s, "."); major == m[1] && (m[2] == "x" || minor == m[2]) && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
		slices.SortFunc(out, func(a, b string) int {
			if Older(a, b) {
				return 1
			}
			return -1
		})
	}
	if len(out) == 0 {
		out = []string{"14.0", "12.5", "11.5", "10.5", "10.0", "8.5"}
	}
	return out
}

// Do carries out a call and gives its answers, one for each page.
func (c *Client) Do(ctx context.Context, call *Call) (pages [][]byte, err error) {
	if !Allowed(call.Operation) {
		return nil, fmt.Errorf("%s is not sent: it is not an operation that only reads", call.Operation)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !call.List() {
		page, err := c.send(ctx, call, c.version, 0, 0)
		if err != nil {
			return nil, err
		}
		return [][]byte{page}, nil
	}
	size, skip := Page, 0
	for len(pages) < maxPages {
		page, err := c.send(ctx, call, c.version, skip, size)
		var failed *Error
		if errors.As(err, &failed) && failed.Kind == Faulted {
			if fewer := suggested(failed.Detail); fewer > 0 && fewer < size {
				size = fewer
				continue
			}
		}
		if err != nil {
			return pages, err
		}
		pages = append(pages, page)
		n := Records(page)
		if n < size {
			break
		}
		skip += n
	}
	return pages, nil
}

var suggestion = lazy.Pattern{Expr: `(?i)row fetch: less than (\d+) rows`}

// suggested is the number of records that fit into an answer, by the fault that says so; 0 where it does not.
func suggested(fault string) int {
	m := suggestion.Get().FindStringSubmatch(fault)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n - 1
}

// send makes one request, and repeats it where the server was busy or forgot the session.
func (c *Client) send(ctx context.Context, call *Call, version string, skip, first int) ([]byte, error) {
	if c.dead != nil {
		return nil, c.dead
	}
	for try := 0; ; try++ {
		had := c.cookie != ""
		answer, err := c.once(ctx, call, version, skip, first)
		var failed *Error
		if !errors.As(err, &failed) {
			if err == nil {
				c.busy = 0
			}
			return answer, err
		}
		switch failed.Kind {
		case Refused, Forbidden, Withheld:
			c.dead = failed
			return nil, failed
		case NotFound:
			if had { // the session is over after 30 minutes
				c.cookie = ""
				continue
			}
			c.dead = failed
			return nil, failed
		case Busy:
			c.busy++
			if c.busy >= len(pauses) {
				c.dead = failed
				return nil, failed
			}
		case Faulted:
			if !strings.Contains(failed.Detail, "Maximum AXL Memory Allocation") || try >= len(pauses) {
				return nil, failed
			}
		default:
			return nil, failed
		}
		if err := c.o.Wait(ctx, pauses[min(try, len(pauses)-1)]); err != nil {
			return nil, err
		}
	}
}

func (c *Client) once(ctx context.Context, call *Call, version string, skip, first int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, strings.NewReader(call.body(version, skip, first)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=UTF-8")
	req.Header.Set("Accept", "text/xml")
	req.Header.Set("User-Agent", "cupclint")
	if version != anyVersion {
		req.Header.Set("SOAPAction", fmt.Sprintf("%q", "CUCM:DB ver="+version+" "+call.Operation))
	}
	withPassword := c.cookie == ""
	if withPassword {
		const most = 2 // the log-in, and once more where the session was forgotten
		if c.logins >= most {
			return nil, &Error{Kind: Withheld, Detail: "AXL forgets its sessions, and the password is not sent again"}
		}
		password, ok := c.o.Password()
		if !ok {
			return nil, &Error{Kind: Withheld, Detail: "no password is sent"}
		}
		c.logins++
		req.SetBasicAuth(c.o.User, password)
	} else {
		req.Header.Set("Cookie", c.cookie)
	}
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		if withPassword && !c.proven {
			c.dead = &Error{Kind: Withheld, Detail: "the log-in was not answered, and the password is not sent again"}
		}
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := read(resp, call)
	if withPassword {
		c.settle(resp, err)
	}
	return answer, err
}

// read reads an answer and judges it.
func read(resp *http.Response, call *Call) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, &Error{Kind: Cut, Status: resp.StatusCode, Detail: "the answer ends too early: " + err.Error()}
	}
	if len(answer) > maxAnswer {
		return nil, &Error{Kind: Cut, Status: resp.StatusCode, Detail: fmt.Sprintf("the answer has more than %d MiB", maxAnswer>>20)}
	}
	return judge(resp.StatusCode, answer, call)
}

// settle notes what became of a password that was sent. After an answer that does not show it, the password is not sent again.
func (c *Client) settle(resp *http.Response, err error) {
	o := outcome(err)
	if c.o.Settled != nil {
		c.o.Settled(o)
	}
	switch o {
	case loginbudget.Untested:
		c.logins--
	case loginbudget.Accepted:
		c.proven = true
		c.session(resp)
	case loginbudget.Unanswered:
		if c.session(resp); c.cookie == "" && !c.proven {
			c.dead = &Error{Kind: Withheld, Detail: "the answer does not show whether the password was checked, so it is not sent again"}
		}
	}
}

// outcome is what an answer to a password means. AXL itself answers with a response, with a fault, or with the schemas that it takes, and
// 403 comes after the log-in. A redirect, a page or an error of something in between may come before it.
func outcome(err error) loginbudget.Outcome {
	var failed *Error
	if !errors.As(err, &failed) {
		return loginbudget.Accepted
	}
	switch failed.Kind {
	case Refused:
		return loginbudget.Rejected
	case NotFound, Busy:
		return loginbudget.Untested
	case Version, Forbidden:
		return loginbudget.Accepted
	case Faulted:
		if loginbudget.Says(failed.Detail, loginbudget.SaidPassword, loginbudget.SaidName, loginbudget.SaidFailed) {
			return loginbudget.Rejected
		}
		return loginbudget.Accepted
	}
	return loginbudget.Unanswered
}

// session takes the cookie that stands for the log-in. Without one every request has to carry the password, as many servers do.
func (c *Client) session(resp *http.Response) {
	for _, name := range [...]string{"JSESSIONIDSSO", "JSESSIONID"} {
		for _, k := range resp.Cookies() {
			if k.Name != name || k.Value == "" {
				continue
			}
			if c.o.Token != nil {
				c.o.Token(k.Value)
			}
			if c.cookie == "" || name == "JSESSIONIDSSO" {
				c.cookie = k.Name + "=" + k.Value
			}
			break
		}
		if c.cookie != "" {
			return
		}
	}
	c.logins-- // the password was taken, so that it goes with the next request is not another attempt
}
