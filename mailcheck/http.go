package mailcheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cupclint/internal/probe"
)

// telling are the headers that say something about the server, its gateways and its authentication.
var telling = [...]string{
	"Server", "Dav", "Ms-Author-Via", "Allow", "Public", "Www-Authenticate", "Proxy-Authenticate", "X-Owa-Version", "X-Feserver", "X-Diaginfo",
	"X-Calculatedbetarget", "X-Ms-Diagnostics", "Via", "Proxy-Connection", "X-Cache", "X-Forwarded-For", "Location", "Ms-Webstorage", "X-Powered-By",
}

// maxHeader bounds the values kept of one header.
const maxHeader = 8

// describe keeps of an answer what a person would look at. Cookies are kept by their names: their values may be
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

// isForm recognises forms-based log-in: the redirect to the page of Outlook Web Access or of ISA, the page itself, or
// 440 Login Timeout.
func isForm(res *http.Response, body string) bool {
	if res.StatusCode == 440 {
		return true
	}
	where := strings.ToLower(res.Header.Get("Location"))
	if res.StatusCode/100 == 3 {
		return strings.Contains(where, "owalogon.asp") || strings.Contains(where, "/auth/logon.aspx") || strings.Contains(where, "cookieauth.dll")
	}
	body = strings.ToLower(body)
	return strings.Contains(body, "owaauth.dll") || (strings.Contains(body, "<form") && strings.Contains(body, "/owa/auth"))
}

// offered lists the authentication schemes, as Basic, NTLM, Negotiate.
func offered(h http.Header) []string {
	var schemes []string
	for _, v := range h.Values("Www-Authenticate") {
		s, _, _ := strings.Cut(strings.TrimSpace(v), " ")
		for _, known := range []string{"Basic", "NTLM", "Negotiate", "Digest", "Bearer"} {
			if strings.EqualFold(s, known) {
				s = known
			}
		}
		if s = probe.Clean(strings.TrimSuffix(s, ",")); s != "" && !slices.Contains(schemes, s) && len(schemes) < maxHeader {
			schemes = append(schemes, s)
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

// conclude draws from all answers together what generation the servers are of, and what stands between.
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
		o.sign(gatewaySigns(answers[i].header)...)
	}
	slices.Sort(o.Generations)
	for _, name := range []string{"X-Feserver", "X-Diaginfo", "Server"} {
		if different := distinct(o.Options, name); len(different) > 1 {
			o.sign(fmt.Sprintf("the answers of %d connections name different servers in %s: %s", len(o.Options), name, strings.Join(different, ", ")))
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

// gatewaySigns are the traces that gateways and balancers leave in headers. Via is that of RFC 9110, section 7.6.3;
// CookieAuth.dll is ISA's log-in; the cookies are those of F5 BIG-IP, Citrix NetScaler and Amazon's balancers.
func gatewaySigns(h http.Header) []string {
	var signs []string
	for _, name := range []string{"Via", "Proxy-Connection", "Proxy-Authenticate", "X-Cache", "X-Forwarded-For"} {
		if v := h.Get(name); v != "" {
			signs = append(signs, "the header "+name+": "+probe.Clean(v))
		}
	}
	if where := h.Get("Location"); strings.Contains(strings.ToLower(where), "cookieauth.dll") {
		signs = append(signs, "a redirect to "+probe.Clean(where)+", the log-in of ISA")
	}
	for _, name := range cookies(h) {
		for _, c := range []struct{ prefix, product string }{{"BIGipServer", "F5 BIG-IP"}, {"NSC_", "Citrix NetScaler"}, {"AWSALB", "Amazon's load balancer"}, {"AWSELB", "Amazon's load balancer"}} {
			if strings.HasPrefix(name, c.prefix) {
				signs = append(signs, "the cookie "+name+", as "+c.product+" sets it")
			}
		}
	}
	return signs
}
