package tftp

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/lazy"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
)

// Bounds on one file. The largest real ones have some ten thousand bytes.
const (
	maxFile = 2 << 20   // bytes that are read
	maxKept = 256 << 10 // bytes that are kept
	maxName = 20        // files that are asked for
)

// A Checker loads files. The zero value works.
type Checker struct {
	Prober *probe.Prober
	// WebProxy, if set, names the web proxy that this computer sets for a URL.
	WebProxy func(url string) string
}

// Probe loads the files of one server. It never returns an error: what failed is in the observation.
func (c *Checker) Probe(ctx context.Context, r Request) *Observation {
	p, _ := live.Defaults(c.Prober, nil)
	o := &Observation{Rank: r.Rank, Place: r.Place, Node: r.Node, At: p.Clock().UTC()}
	run := &run{p: p, o: o, r: r, webProxy: c.WebProxy}
	for i, t := range r.Ways {
		if i == 0 {
			o.Target = t
		}
		if run.way(ctx, i, t) {
			break
		}
	}
	if e := o.Error; e != nil && e.Class == probe.Cancelled || slices.ContainsFunc(o.Files, func(f File) bool {
		return f.Error != nil && f.Error.Class == probe.Cancelled
	}) {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// A run is one Probe under way.
type run struct {
	p        *probe.Prober
	o        *Observation
	r        Request
	webProxy func(url string) string
}

// way tries one way. It reports whether the probe ends here: no further way must be tried.
func (r *run) way(ctx context.Context, i int, t probe.Target) (end bool) {
	seen := &r.o.Observation
	if i > 0 {
		seen = &probe.Observation{}
		defer func() {
			r.o.Phases.DNS += seen.Phases.DNS
			r.o.Phases.Connect += seen.Phases.Connect
			r.o.Phases.TLS += seen.Phases.TLS
			r.o.Phases.Protocol += seen.Phases.Protocol
			if seen.TLS != nil {
				r.o.TLS = seen.TLS
			}
			r.o.Others = append(r.o.Others, Way{Target: t, Error: seen.Error})
		}()
	}
	get := r.overHTTP(t, seen)
	if t.Network == "udp" {
		get = r.overTFTP(t, seen)
	}
	for n, f := range r.files() {
		loaded := get(ctx, f)
		if n == 0 && loaded.Error != nil { // the way itself does not work
			e := seen.Fail(loaded.Error.Phase, loaded.Error)
			return e.Phase == probe.DNS || e.Class == probe.Cancelled
		}
		r.o.Files = append(r.o.Files, loaded)
		if loaded.Error != nil {
			break // each further file would wait as long
		}
	}
	return true
}

// files are what is asked for, the global file first.
func (r *run) files() []File {
	var out []File
	add := func(role string, names ...string) {
		for _, name := range names {
			if len(out) < maxName && !slices.ContainsFunc(out, func(f File) bool { return f.Name == name }) {
				out = append(out, File{Name: name, Role: role})
			}
		}
	}
	if add(Global, r.r.Names...); len(out) == 0 {
		add(Global, DefaultName)
	}
	add(Group, r.r.Groups...)
	return append(out, File{Name: profileName, Role: Profile})
}

// urlPath is the path of a file's URL: names may have folders.
func urlPath(name string) string {
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return "/" + strings.Join(parts, "/")
}

func (r *run) overHTTP(t probe.Target, seen *probe.Observation) func(context.Context, File) File {
	session := web.Session{Prober: r.p, Target: t, Seen: seen, MaxBody: maxFile, WebProxy: r.webProxy}
	return func(ctx context.Context, f File) File {
		f.URL = probe.Clean(web.URL(t, urlPath(f.Name)))
		a, err := session.Get(ctx, probe.Protocol, urlPath(f.Name), "")
		if err != nil {
			f.Error = probe.AsError(probe.Protocol, err)
			return f
		}
		f.Status, f.Location = a.Status, probe.Clean(a.Header.Get("Location"))
		switch {
		case a.Status == http.StatusNotFound:
			f.Missing = true
		case a.Status != http.StatusOK:
		case a.Cut != nil:
			f.Loaded, f.Bad = true, a.Cut.Detail
		default:
			if modified, err := http.ParseTime(a.Header.Get("Last-Modified")); err == nil {
				f.Modified = modified.UTC()
			}
			f.read(a.Body)
		}
		return f
	}
}

func (r *run) overTFTP(t probe.Target, seen *probe.Observation) func(context.Context, File) File {
	return func(ctx context.Context, f File) File {
		f.URL = probe.Clean("tftp://" + t.String() + urlPath(f.Name))
		side := new(probe.Observation)
		body, err := fetch(ctx, r.p, t, side, strings.TrimPrefix(f.Name, "/"), maxFile)
		seen.Target, seen.Address, seen.Reached = side.Target, side.Address, side.Reached
		seen.Phases.DNS += side.Phases.DNS
		seen.Phases.Connect += side.Phases.Connect
		seen.Phases.Protocol += side.Phases.Protocol
		var no *refusal
		switch {
		case err == nil:
			f.read(body)
		case errors.As(err, &no) && no.code == codeNotFound:
			f.Missing = true
		case errors.As(err, &no):
			f.Bad = probe.Clean(no.Error())
		case errors.Is(err, probe.ErrTooMuch):
			f.Loaded, f.Bad = true, probe.Clean(err.Error())
		default:
			f.Error = probe.AsError(probe.Protocol, err)
		}
		return f
	}
}

// key is of this process and never leaves it: what Content is made with.
var key = lazy.Value[[]byte]{New: func() []byte { return []byte(rand.Text()) }}

// read reads a file. The kept part has no secret.
func (f *File) read(body []byte) {
	mac := hmac.New(sha256.New, key.Get())
	mac.Write(body)
	f.Loaded, f.Bytes, f.Content = true, len(body), hex.EncodeToString(mac.Sum(nil)[:16])
	answer := web.Answer{Body: body}
	if f.Role == Profile {
		f.Secrets = profileSecrets(body)
		return
	}
	if answer.IsHTML() {
		f.Bad = "a web page instead of the file"
		return
	}
	reader := export.Reader{Force: export.Jabber}
	e, err := reader.Parse(f.URL, bytes.Clone(body))
	if err != nil {
		f.Bad = damage(err)
		return
	}
	for i := range e.Properties {
		if p := &e.Properties[i]; isSecret(p.Name, p.Value) && len(f.Secrets) < maxSecrets {
			f.Secrets = append(f.Secrets, probe.Clean(p.Name))
		}
	}
	if clean, err := export.Redact(f.URL, body, export.Jabber); err == nil && len(clean.Data) <= maxKept && len(clean.Left) == 0 {
		f.Text = string(clean.Data)
	}
}

// damage says what is wrong with a file, with the place.
func damage(err error) string {
	var placed *export.Error
	if errors.As(err, &placed) {
		placed.File = ""
	}
	return probe.Clean(export.Hide(strings.TrimPrefix(err.Error(), ":")))
}

// maxSecrets bounds the names that are kept.
const maxSecrets = 20

// isSecret reports whether a setting reveals a secret: its name is the name of a secret, and its value is not a mask.
func isSecret(name, value string) bool {
	if strings.HasPrefix(strings.ToLower(name), "use") { // UseUserCredential and similar settings say where the secret comes from
		return false
	}
	return strings.TrimSpace(value) != "" && !live.Masked(value) && export.IsSecret(name, value)
}

// profileSecrets lists the elements of a service profile that hold a secret. The reading ends at the first thing that is not XML.
func profileSecrets(body []byte) []string {
	var out []string
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = nil
	name, text := "", ""
	for {
		t, err := d.Token()
		if err != nil {
			return out
		}
		switch t := t.(type) {
		case xml.Directive:
			return out
		case xml.StartElement:
			name, text = t.Name.Local, ""
		case xml.CharData:
			text += string(t)
		case xml.EndElement:
			if clean := probe.Clean(name); t.Name.Local == name && isSecret(name, text) && !slices.Contains(out, clean) && len(out) < maxSecrets {
				out = append(out, clean)
			}
			name, text = "", ""
		}
	}
}
