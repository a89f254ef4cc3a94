package page

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"cupclint/internal/catalogue"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

// Options is what the page needs. The zero value is ready.
type Options struct {
	// Version of the program, for the foot of the page.
	Version string
	// Token, if set, gives the value of the hidden form field guard.TokenField.
	Token func(*http.Request) string
	// Probes are the live probes that are allowed; nil for none.
	Probes Probes
	// MaxUpload bounds what one form may hold, in bytes; 0 means DefaultMaxUpload.
	MaxUpload int64
	// Rules are all rules, and Policy what a configuration says about them; nil for the program's own without a configuration.
	Rules  []*lint.Rule
	Policy *lint.Policy
}

// DefaultMaxUpload is the bound on one form, in bytes.
const DefaultMaxUpload = 16 << 20

// The paths of the page.
const (
	diagnosePath = "/diagnose"
	addressPath  = "/address"
	glossaryPath = "/glossary"
	targetsPath  = "/targets"
	rulesPath    = "/rules"
	assetsPath   = "/assets"
)

// A handler answers for the page.
type handler struct {
	Options
	key   [32]byte // seals what one page hands over to the next
	large chan struct{}
	start func() error // reads the knowledge and the templates, once
	mux   *http.ServeMux

	k         *diagnose.Knowledge
	templates *template.Template
	languages []*language
	assets    assets
}

// New makes the handler of the page. Knowledge, templates and messages are read when the first request comes.
func New(o Options) (http.Handler, error) {
	h, err := newHandler(o)
	if err != nil {
		return nil, err
	}
	return h.mux, nil
}

func newHandler(o Options) (*handler, error) {
	h := &handler{Options: o, large: make(chan struct{}, 1)}
	if h.MaxUpload <= 0 {
		h.MaxUpload = DefaultMaxUpload
	}
	if _, err := rand.Read(h.key[:]); err != nil {
		return nil, fmt.Errorf("make a key for forms: %w", err)
	}
	h.start = sync.OnceValue(h.load)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.page(h.form))
	mux.HandleFunc("POST "+diagnosePath, h.page(h.diagnose))
	mux.HandleFunc("GET "+addressPath, h.page(h.address))
	mux.HandleFunc("GET "+glossaryPath, h.page(h.glossary))
	mux.HandleFunc("GET "+rulesPath+"/{id}", h.page(h.rule))
	mux.HandleFunc("GET "+targetsPath, h.page(h.targets))
	mux.HandleFunc("GET "+targetsPath+"/{id}", h.page(h.target))
	mux.HandleFunc("POST "+targetsPath+"/{id}", h.page(h.target))
	mux.HandleFunc("GET "+assetsPath+"/{name}", h.asset)
	mux.HandleFunc("GET "+diagnosePath, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/", http.StatusSeeOther) // a user loaded the address of a result
	})
	mux.HandleFunc("/", h.page(func(v *view) error { return v.fail(http.StatusNotFound, v.T("error.not-found")) }))
	h.mux = mux
	return h, nil
}

func (h *handler) load() (err error) {
	if h.k, err = diagnose.Load(); err != nil {
		return err
	}
	if h.languages, err = loadLanguages(); err != nil {
		return err
	}
	if h.assets, err = loadAssets(); err != nil {
		return err
	}
	if h.Rules == nil {
		h.Rules = catalogue.All()
	}
	if h.Policy == nil {
		if h.Policy, err = lint.NewPolicy(h.Rules, lint.Settings{}); err != nil {
			return err
		}
	}
	h.templates, err = loadTemplates()
	return err
}

// policy is what a page may do: load style, script and pictures of this server, ask this server, and send forms to it.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// page makes a handler of what fills a view. The answer is written when it is whole, so a mistake gives a page, too.
func (h *handler) page(fill func(*view) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h.start(); err != nil {
			http.Error(w, "the page cannot be made: "+err.Error(), http.StatusInternalServerError)
			return
		}
		v := h.newView(w, r)
		if err := fill(v); err != nil {
			v.failed(err)
		}
		var body bytes.Buffer
		if err := h.templates.ExecuteTemplate(&body, "page", v); err != nil {
			http.Error(w, "the page cannot be made: "+err.Error(), http.StatusInternalServerError)
			return
		}
		head := w.Header()
		head.Set("Content-Type", "text/html; charset=utf-8")
		head.Set("Content-Language", v.Lang)
		head.Set("Cache-Control", "no-store")
		head.Set("Vary", "Accept-Language")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Content-Security-Policy", policy)
		w.WriteHeader(v.status)
		if r.Method != http.MethodHead {
			_, _ = body.WriteTo(w) // who asked is gone otherwise
		}
	}
}

// A problem is a mistake of the one who sent a form, as the page says it.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

// fail ends a request with a page that says what is wrong.
func (v *view) fail(status int, text string) error { return &problem{status, text} }

// failed makes the page for an error.
func (v *view) failed(err error) {
	p := &problem{http.StatusInternalServerError, v.T("error.internal")}
	_ = errors.As(err, &p)
	v.status, v.Kind, v.Title, v.Problem = p.status, "problem", v.T("problem.title"), p.text
	v.Result = nil
}

// Link is an address of the page in the language that the user chose.
func (v *view) Link(path string) string {
	if v.chosen {
		return path + "?lang=" + v.Lang
	}
	return path
}

// Speak is the address of this page in another language. A result has no address: it begins anew.
func (v *view) Speak(lang string) string {
	path := v.r.URL.Path
	if v.r.Method == http.MethodPost {
		path = "/"
	}
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		path = "/"
	}
	query := v.r.URL.Query()
	query.Set("lang", lang)
	return path + "?" + query.Encode()
}
