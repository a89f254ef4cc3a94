package guard

import "net/http"

// policy is what a page may do: load style, scripts and pictures of this server, and send forms to it. Nothing is in line, so a value
// that got into a page unescaped would still run nothing.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// setHeaders forbids browsers what the page does not need. A handler may allow browsers to keep a file (Cache-Control).
func (g *Guard) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if g.options.TLS {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
