package guard

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// TokenField is the name of the form field that carries the token. It is the first field of a form: it is judged before the rest of the
// body is read.
const TokenField = "form-token"

// Token gives the value of TokenField for a form in the answer to r, which the guard let pass; "" for any other request. Call it before
// the answer is begun: the browser that has no cookie yet gets one.
func Token(r *http.Request) string {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		return ""
	}
	cookie, ok := v.cookie(r)
	if !ok {
		cookie = rand.Text()
		name := cookieName(v.guard.options.TLS)
		http.SetCookie(v.answer, &http.Cookie{Name: name, Value: cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			Secure: v.guard.options.TLS})
		r.AddCookie(&http.Cookie{Name: name, Value: cookie}) // a second form gets the same
	}
	return v.token(cookie)
}

// cookieName has a prefix with TLS: browsers take such a cookie from this server alone.
func cookieName(tls bool) string {
	if tls {
		return "__Host-cupclint"
	}
	return "cupclint"
}

// cookie is that of the browser, if it looks like one of ours.
func (v *visit) cookie(r *http.Request) (string, bool) {
	c, err := r.Cookie(cookieName(v.guard.options.TLS))
	if err != nil || len(c.Value) != len(rand.Text()) {
		return "", false
	}
	return c.Value, true
}

// token binds a form to this process, to the cookie of one browser, and to who logged in.
func (v *visit) token(cookie string) string {
	mac := hmac.New(sha256.New, v.guard.key[:])
	_, _ = io.WriteString(mac, "form\x00"+cookie+"\x00"+v.user) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// checkOrigin refuses what another site made the browser send. What changes nothing may be linked to from elsewhere, but neither be
// embedded there nor contact servers.
func (g *Guard) checkOrigin(r *http.Request) *refusal {
	foreign := &refusal{status: http.StatusForbidden, text: "The request was made by another site. Open the page of this server itself."}
	if err := g.origin.Check(r); err != nil {
		return foreign
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	link := r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	if !link || slices.Contains(g.options.Effects, r.URL.Path) {
		return foreign
	}
	return nil
}

// checkToken judges a form by its first bytes.
func (g *Guard) checkToken(r *http.Request, head []byte) *refusal {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != formURL && kind != formParts {
		return &refusal{status: http.StatusUnsupportedMediaType, text: "This server takes forms only."}
	}
	v := r.Context().Value(visitKey{}).(*visit) //nolint:forcetypeassert // Wrap set it
	cookie, ok := v.cookie(r)
	if ok && hmac.Equal([]byte(firstField(kind, parameters["boundary"], head)), []byte(v.token(cookie))) {
		return nil
	}
	return &refusal{status: http.StatusForbidden,
		text: "The form is not one that this server gave to this browser, or the server was started again since then. " +
			"Go back, copy what you typed, load the page again and send it once more. The page needs one cookie."}
}

// The two kinds of forms.
const (
	formURL   = "application/x-www-form-urlencoded"
	formParts = "multipart/form-data"
)

// firstField is the value of the first field of a form whose name is TokenField, "" for any other.
func firstField(kind, boundary string, head []byte) string {
	if kind == formURL {
		field, _, _ := strings.Cut(string(head), "&")
		value, ok := strings.CutPrefix(field, TokenField+"=")
		if !ok {
			return ""
		}
		value, err := url.QueryUnescape(value)
		if err != nil {
			return ""
		}
		return value
	}
	if boundary == "" {
		return ""
	}
	part, err := multipart.NewReader(bytes.NewReader(head), boundary).NextRawPart()
	if err != nil || part.FormName() != TokenField || part.FileName() != "" {
		return ""
	}
	value, err := io.ReadAll(part)
	if err != nil {
		return ""
	}
	return string(value)
}
