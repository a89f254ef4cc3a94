// Package guard is what every request to `cupclint serve` passes before a handler sees it, and every answer on its way back. A handler
// can rely on this:
//
//   - The request names this server in its Host header, and no other site made the browser send it.
//   - It comes from a person who knows a password, where there is a password file.
//   - A form carries the token that this process gave to this browser (see Token).
//   - The body is whole, within its limit, and in memory: reading it neither waits nor fails. Nothing of it is on disk.
//   - Only so many other requests are being handled.
//
// The answer gets headers that forbid browsers what the page does not need. A panic becomes status 500. The log has a line for each request
// without queries, bodies and credentials.
//
// What the package never does: it stores nothing, and it trusts no header of a proxy (X-Forwarded-For, Forwarded).
package guard

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Options say whom a Guard lets pass. The zero value serves loopback names without a password, with the limits of the constants below.
type Options struct {
	// Names are host names and addresses that the server is reached by, in addition to those of loopback.
	Names []string
	// TLS says that the server speaks TLS: cookies are for TLS only, and browsers have to keep using it.
	TLS bool
	// Passwords, if set, decides who may pass.
	Passwords Passwords
	// Open are paths that need no password; Effects are paths that contact servers when they are read, so no link of another site may lead
	// there.
	Open, Effects []string
	// Slow are beginnings of paths whose handlers wait for other servers. They have places of their own, so that pages are quick meanwhile.
	Slow []string
	// MaxBody bounds a body in bytes; 0 means DefaultMaxBody.
	MaxBody int64
	// Log, if set, gets a line for each request, without a line end. It may be called from many goroutines.
	Log func(line string)
	// Wait is how long a request waits for a place; 0 means DefaultWait.
	Wait time.Duration
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// The limits that no option changes. Together they keep the program within its memory: see docs/serve.md.
const (
	// DefaultMaxBody is the longest body, MaxMaxBody the most that an option may give.
	DefaultMaxBody = 16 << 20
	MaxMaxBody     = 64 << 20
	DefaultWait    = 20 * time.Second
	// reads and writes are the handlers at once for requests without and with a body, slow those of Options.Slow.
	reads  = 32
	writes = 8
	slow   = 32
)

// A Guard watches over one server.
type Guard struct {
	options Options
	hosts   map[string]bool
	key     [32]byte // of the tokens, made anew by each process
	origin  *http.CrossOriginProtection
	reads   lane
	writes  lane
	slow    lane
	bodies  bodies
	logins  *logins
}

// New makes a guard.
func New(o Options) *Guard {
	o.MaxBody, o.Wait = cmp.Or(o.MaxBody, DefaultMaxBody), cmp.Or(o.Wait, DefaultWait)
	if o.Now == nil {
		o.Now = time.Now
	}
	g := &Guard{options: o, hosts: hostSet(o.Names), origin: http.NewCrossOriginProtection(),
		reads: newLane(reads), writes: newLane(writes), slow: newLane(slow),
		bodies: newBodies(o.MaxBody, o.Wait)}
	_, _ = rand.Read(g.key[:]) // never fails: crypto/rand ends the program instead
	if o.Passwords != nil {
		g.logins = newLogins(o.Passwords, o.Now)
	}
	return g
}

// Wrap puts the guard before a handler.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answer{ResponseWriter: w, control: http.NewResponseController(w), began: g.options.Now()}
		v := &visit{guard: g, answer: a}
		defer func() { g.log(r, v) }()
		defer a.recover()
		g.setHeaders(a.Header())
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		if refused := g.check(v, r); refused != nil {
			refused.write(a)
			return
		}
		g.handle(a, r, next)
	})
}

// handle reads the body and lets the handler work when there is a place for it.
func (g *Guard) handle(a *answer, r *http.Request, next http.Handler) {
	places := g.reads
	if r.Method == http.MethodPost {
		body, refused := g.bodies.read(a, r, g.checkToken)
		if refused != nil {
			refused.write(a)
			return
		}
		defer body.free()
		r.Body, r.ContentLength = body, int64(body.size)
		places = g.writes
	}
	if slices.ContainsFunc(g.options.Slow, func(p string) bool { return strings.HasPrefix(r.URL.Path, p) }) {
		places = g.slow
	}
	leave, ok := places.enter(r.Context(), g.options.Wait)
	if !ok {
		busy().write(a)
		return
	}
	defer leave()
	next.ServeHTTP(a, r)
}

// check is all that can be judged without the body.
func (g *Guard) check(v *visit, r *http.Request) *refusal {
	if refused := g.checkHost(r); refused != nil {
		return refused
	}
	if refused := g.checkOrigin(r); refused != nil {
		return refused
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return &refusal{status: http.StatusMethodNotAllowed, text: "This server answers GET, HEAD and POST.", allow: "GET, HEAD, POST"}
	}
	if r.Method != http.MethodPost && r.ContentLength != 0 { // net/http would wait for it, without an end
		return &refusal{status: http.StatusBadRequest, text: "Only a form has a body."}
	}
	if g.logins == nil || slices.Contains(g.options.Open, r.URL.Path) {
		return nil
	}
	user, refused := g.logins.check(r)
	v.user = user
	return refused
}

// A visit is what the guard knows of one request.
type visit struct {
	guard  *Guard
	answer *answer
	user   string // who logged in
}

type visitKey struct{}

// A refusal is the guard's own answer.
type refusal struct {
	status int
	text   string
	allow  string
	realm  bool          // ask for a password
	retry  time.Duration // when to come again
}

// busy says that there was no place.
func busy() *refusal {
	return &refusal{status: http.StatusServiceUnavailable, text: "The server is busy. Try again in a few seconds.", retry: 5 * time.Second}
}

// write sends the refusal and closes the connection if a body may still be under way.
func (f *refusal) write(a *answer) {
	h := a.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if f.allow != "" {
		h.Set("Allow", f.allow)
	}
	if f.realm {
		h.Set("WWW-Authenticate", `Basic realm="cupclint", charset="UTF-8"`)
	}
	if f.retry > 0 {
		h.Set("Retry-After", fmt.Sprint(int(f.retry.Seconds())))
	}
	if !a.bodyRead {
		h.Set("Connection", "close")
		_ = a.control.SetReadDeadline(time.Now().Add(time.Second))
	}
	a.WriteHeader(f.status)
	_, _ = a.Write([]byte(f.text + "\n")) // no reader is left for an error
}

// log writes the line of a request: where from, who, what, which came of it and how long it took. The path is cut and cleaned, since
// the client chose it; the query may hold anything and is left out.
func (g *Guard) log(r *http.Request, v *visit) {
	if g.options.Log == nil {
		return
	}
	const most = 80
	path := r.URL.Path
	if len(path) > most {
		path = path[:most] + "..."
	}
	path = strings.Map(func(c rune) rune {
		if c <= ' ' || c >= 0x7f {
			return '?'
		}
		return c
	}, path)
	method := r.Method
	if method != http.MethodGet && method != http.MethodHead && method != http.MethodPost {
		method = "OTHER"
	}
	user := v.user
	if user == "" {
		user = "-"
	}
	g.options.Log(fmt.Sprintf("%s %s %s %s %d %dms", clientOf(r), user, method, path, v.answer.status,
		g.options.Now().Sub(v.answer.began).Milliseconds()))
	if v.answer.panicked != "" {
		g.options.Log(v.answer.panicked)
	}
}
