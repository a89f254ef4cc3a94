package mailcheck

import (
	_ "embed"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"cupclint/internal/lazy"
	"cupclint/internal/probe"
)

// telling are the headers that give facts about the server, its gateways and its authentication.
var telling = [...]string{
	"Server", "Dav", "Ms-Author-Via", "Allow", "Public", "Www-Authenticate", "Proxy-Authenticate", "X-Owa-Version", "X-Feserver", "X-Diaginfo",
	"X-Calculatedbetarget", "X-Ms-Diagnostics", "Via", "Proxy-Connection", "X-Cache", "X-Forwarded-For", "Location", "Ms-Webstorage",
	"X-Powered-By", "X-Servedby", "X-Envoy-Upstream-Service-Time",
}

// maxHeader bounds the values kept of one header.
const maxHeader = 8

// describe keeps the part of an answer that a person would look at. Of cookies only the names are kept: their values may be
// sessions.
func describe(req *http.Request, res *http.Response, body []byte) *Exchange {
	x := &Exchange{Request: req.Method + " " + req.URL.EscapedPath(), Status: res.StatusCode, header: res.Header}
	for _, name := range telling {
		values := res.Header.Values(name)
		for _, v := range values[:min(len(values), maxHeader)] {
			x.Headers = append(x.Headers, name+": "+probe.Clean(v))
		}
	}
	for _, name := range cookies(res.Header) {
		x.Headers = append(x.Headers, "Set-Cookie: "+name)
	}
	x.Form = isForm(res, string(body))
	x.body = string(body)
	return x
}

func cookies(h http.Header) []string {
	var names []string
	for _, v := range h.Values("Set-Cookie") {
		name, _, _ := strings.Cut(v, "=")
		if len(names) < maxHeader {
			names = append(names, probe.Clean(strings.TrimSpace(name)))
		}
	}
	return names
}

// isForm recognises forms-based log-in: the redirect to the page of Outlook Web Access or of a gateway, the page itself, or
// 440 Login Timeout.
func isForm(res *http.Response, body string) bool {
	if res.StatusCode == 440 {
		return true
	}
	where := strings.ToLower(res.Header.Get("Location"))
	if res.StatusCode/100 == 3 {
		return strings.Contains(where, "owalogon.asp") || strings.Contains(where, "/auth/logon.aspx") || hasForm("location", where)
	}
	body = strings.ToLower(body)
	return strings.Contains(body, "owaauth.dll") ||
		strings.Contains(body, "<form") && (strings.Contains(body, "/owa/auth") || hasForm("body", body) || asksPassword(body))
}

// asksPassword reports whether a page of any product has a field for a password.
func asksPassword(body string) bool {
	for _, quote := range []string{`"`, "'", ""} {
		if strings.Contains(body, "type="+quote+"password"+quote) {
			return true
		}
	}
	return false
}

// gatewaySign is a row of gateways.tsv.
type gatewaySign struct {
	where, value, product string
	form                  bool
}

//go:embed gateways.tsv
var gatewaysTSV string

var gateways = lazy.Value[[]gatewaySign]{New: func() []gatewaySign {
	var out []gatewaySign
	for line := range strings.Lines(gatewaysTSV) {
		if f := strings.Split(strings.TrimRight(line, "\r\n"), "\t"); !strings.HasPrefix(line, "#") && len(f) >= 5 {
			out = append(out, gatewaySign{f[0], strings.ToLower(f[1]), f[2], f[3] == "form"})
		}
	}
	return out
}}

func hasForm(where, text string) bool {
	return slices.ContainsFunc(gateways.Get(), func(g gatewaySign) bool {
		return g.form && g.where == where && strings.Contains(text, g.value)
	})
}

// offered lists the authentication schemes, as Basic, NTLM, Negotiate. Several may be joined in one header line (RFC 9110, section 11.6.1).
func offered(h http.Header) []string {
	var schemes []string
	for _, v := range h.Values("Www-Authenticate") {
		for _, member := range probe.Members(v) {
			s, _, _ := strings.Cut(member, " ")
			if s == "" || strings.ContainsAny(s, "=\"") {
				continue // a parameter of the scheme before it
			}
			for _, known := range []string{"Basic", "NTLM", "Negotiate", "Digest", "Bearer", "Kerberos"} {
				if strings.EqualFold(s, known) {
					s = known
				}
			}
			if s = probe.Clean(s); !slices.Contains(schemes, s) && len(schemes) < maxHeader {
				schemes = append(schemes, s)
			}
		}
	}
	return schemes
}

// generation names an Exchange version by what X-OWA-Version begins with (Microsoft, Exchange Server build numbers and release
// dates).
func generation(owa string) string {
	for _, g := range []struct{ prefix, name string }{
		{"6.0.", "2000"}, {"6.5.", "2003"}, {"8.", "2007"}, {"14.", "2010"}, {"15.0.", "2013"}, {"15.1.", "2016"}, {"15.2.", "2019"},
	} {
		if strings.HasPrefix(owa, g.prefix) {
			return g.name
		}
	}
	return ""
}

// conclude finds from all answers together which generation the servers have, and what is in between.
func (o *CalendarObservation) conclude() {
	answers := slices.Clone(o.Options)
	for _, x := range []*Exchange{o.EWS, o.DAV} {
		if x != nil {
			answers = append(answers, *x)
		}
	}
	for i := range answers {
		if g := generation(answers[i].header.Get("X-Owa-Version")); g != "" && !slices.Contains(o.Generations, g) {
			o.Generations = append(o.Generations, g)
		}
		o.sign(gatewaySigns(answers[i].header, answers[i].body)...)
		if where := o.leadsAway(&answers[i]); where != "" {
			o.sign(where)
		}
	}
	slices.Sort(o.Generations)
	for _, name := range []string{"X-Feserver", "X-Diaginfo", "Server"} {
		if different := distinct(o.Options, name); len(different) > 1 {
			o.sign(fmt.Sprintf("the answers of %d connections name different servers in %s: %s", len(o.Options), name,
				strings.Join(different, ", ")))
		}
	}
}

func (o *CalendarObservation) sign(signs ...string) {
	for _, s := range signs {
		if !slices.Contains(o.Signs, s) {
			o.Signs = append(o.Signs, s)
		}
	}
}

// distinct are the different values of a header among the answers; an answer without it does not count.
func distinct(answers []Exchange, name string) []string {
	var values []string
	for _, x := range answers {
		if v := probe.Clean(x.header.Get(name)); v != "" && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// leadsAway says where a redirect leads that is not to Exchange: to another host, or to a path outside of /exchange, /owa and /ews. Such a
// redirect leads to the log-in of a gateway in between.
func (o *CalendarObservation) leadsAway(x *Exchange) string {
	location := x.header.Get("Location")
	if x.Status/100 != 3 || location == "" {
		return ""
	}
	u, err := url.Parse(location)
	if err != nil {
		return "a redirect to " + probe.Clean(location)
	}
	if host := u.Hostname(); host != "" && !o.isHost(host) {
		return "a redirect to another host: " + probe.Clean(location)
	}
	path := strings.ToLower(u.Path)
	for _, own := range []string{"/exchange", "/owa", "/ews", "/exchweb", "/public", "/exadmin"} {
		if path == own || strings.HasPrefix(path, own+"/") {
			return ""
		}
	}
	if path == "" && u.Hostname() == "" || strings.HasPrefix(path, "/") || u.Hostname() != "" {
		return "a redirect to " + probe.Clean(location) + ", which is not a path of Exchange"
	}
	return "" // relative to what was asked for
}

// isHost reports whether a name is the gateway itself: as it is configured, or, if that is an address, as its certificate names it.
func (o *CalendarObservation) isHost(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if strings.EqualFold(name, strings.TrimSuffix(strings.Trim(o.Target.Host, "[]"), ".")) {
		return true
	}
	if _, err := netip.ParseAddr(strings.Trim(o.Target.Host, "[]")); err != nil {
		return false
	}
	if o.TLS == nil || len(o.TLS.Chain) == 0 {
		return true // nothing shows it
	}
	leaf := o.TLS.Chain[0]
	return slices.ContainsFunc(append([]string{leaf.CommonName}, leaf.Names...), func(n string) bool {
		if below, wild := strings.CutPrefix(n, "*."); wild {
			_, rest, _ := strings.Cut(name, ".")
			return strings.EqualFold(rest, below)
		}
		return n != "" && strings.EqualFold(n, name)
	})
}

// pageSign begins the sign of a page that a gateway made.
const pageSign = "the page is "

// gatewaySigns are the signs of gateways and load balancers in headers and pages (gateways.tsv).
func gatewaySigns(h http.Header, body string) []string {
	var signs []string
	body = strings.ToLower(body)
	where := h.Get("Location")
	names := cookies(h)
	for _, g := range gateways.Get() {
		switch g.where {
		case "header":
			if v := h.Get(g.value); v != "" {
				signs = append(signs, "the header "+http.CanonicalHeaderKey(g.value)+": "+probe.Clean(v)+", as from "+g.product)
			}
		case "cookie":
			for _, name := range names {
				if strings.HasPrefix(strings.ToLower(name), g.value) {
					signs = append(signs, "the cookie "+name+", as "+g.product+" sets it")
				}
			}
		case "server":
			for _, name := range []string{"Server", "Via", "X-Powered-By"} {
				for _, v := range h.Values(name) {
					if containsWord(strings.ToLower(v), g.value) {
						signs = append(signs, "the header "+name+": "+probe.Clean(v)+", as from "+g.product)
					}
				}
			}
		case "location":
			if where != "" && strings.Contains(strings.ToLower(where), g.value) {
				signs = append(signs, "a redirect to "+probe.Clean(where)+", "+g.product)
			}
		case "body":
			if strings.Contains(body, g.value) {
				signs = append(signs, pageSign+g.product)
			}
		}
	}
	return signs
}

// containsWord reports whether a word of the text begins so: "isa" is in "1.1 ISA01" but not in "visa".
func containsWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		i += at
		if i == 0 || !(text[i-1] >= 'a' && text[i-1] <= 'z') {
			return true
		}
		at = i + 1
	}
}
