// Package web makes single HTTP requests for probes: one request, one answer, each over a connection of its own that the prober opens.
// Target and path go in; status, header and body come out, all bounded.
//
// The package never follows a redirect, never uses a web proxy, keeps no cookie, and sends nothing that the caller did not ask for.
package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"cupclint/internal/probe"
)

// maxHeader bounds the header of an answer, in bytes.
const maxHeader = 64 << 10

// A Session makes requests of one target. The first one resolves the name and chooses the address; later ones use that address.
type Session struct {
	Prober *probe.Prober
	Target probe.Target
	// Seen is where the phases, the address and what TLS showed are recorded.
	Seen *probe.Observation
	// MaxBody bounds the body of an answer, in bytes.
	MaxBody int64
	// WebProxy, if set, names the web proxy that this computer sets for a URL. It is noted in Seen and not used.
	WebProxy func(url string) string
}

// An Answer is what came back.
type Answer struct {
	// Request is method and path.
	Request string
	Status  int
	Header  http.Header
	Body    []byte
	// Cut is why the body is not whole; nil where it is.
	Cut *probe.Error
}

// Basic makes the value of an Authorization header.
func Basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// URL is the address of a path at the target.
func URL(t probe.Target, path string) string {
	scheme, standard := "http", 80
	if t.Security == probe.ImplTLS {
		scheme, standard = "https", 443
	}
	host := t.String()
	if t.Port == standard {
		host, _, _ = net.SplitHostPort(host)
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
	}
	return scheme + "://" + host + path
}

// Get asks for a path in a phase of the observation. auth is the value of an Authorization header, or empty. The answer is never nil
// without an error; an answer whose body is not whole is one with Cut. Errors are *probe.Error.
func (s *Session) Get(ctx context.Context, ph probe.Phase, path, auth string) (*Answer, error) {
	u, err := url.Parse(URL(s.Target, path))
	if err != nil {
		return nil, probe.ErrorOf(ph, probe.BadProtocol, err, "the address cannot be written as a URL")
	}
	if s.WebProxy != nil && s.Seen.Address == "" { // once, at the first request
		s.Seen.Proxy = probe.Clean(s.WebProxy(u.String()))
	}
	req := &http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host, Close: true,
		Header: http.Header{"User-Agent": {"cupclint"}, "Accept": {"*/*"}, "Accept-Encoding": {"identity"}},
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	raw, conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	ctx, end := s.Prober.Phase(ctx, s.Seen, ph)
	defer end()
	defer probe.Guard(ctx, raw)()
	a, err := s.exchange(ctx, conn, req, ph)
	if err == nil {
		return a, nil
	}
	return nil, s.failure(ctx, ph, err)
}

// failure tells a run that was cancelled from a server that failed.
func (s *Session) failure(ctx context.Context, ph probe.Phase, err error) *probe.Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return probe.ErrorOf(ph, probe.Cancelled, err, "the run was cancelled")
	}
	return probe.AsError(ph, err)
}

func (s *Session) exchange(ctx context.Context, conn net.Conn, req *http.Request, ph probe.Phase) (*Answer, error) {
	if err := req.WithContext(ctx).Write(conn); err != nil {
		return nil, err
	}
	res, err := ReadResponse(probe.Limit(conn, maxHeader+s.MaxBody), req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &Answer{Request: req.Method + " " + req.URL.RequestURI(), Status: res.StatusCode, Header: res.Header}
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, s.MaxBody+1))
	switch {
	case int64(len(a.Body)) > s.MaxBody:
		a.Body = a.Body[:s.MaxBody]
		err = fmt.Errorf("%w: a body of more than %d bytes", probe.ErrTooMuch, s.MaxBody)
		a.Cut = probe.ErrorOf(ph, probe.BadProtocol, err, "%v", err)
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return nil, err
	case err != nil:
		a.Cut = probe.AsError(ph, err)
	}
	return a, nil
}

// connect opens the first connection of the session, or a further one to the same address.
func (s *Session) connect(ctx context.Context) (raw, conn net.Conn, err error) {
	t, seen := s.Target, s.Seen
	if seen.Address != "" {
		if t.ServerName == "" {
			t.ServerName = strings.Trim(t.Host, "[]")
		}
		host, _, err := net.SplitHostPort(seen.Address)
		if err != nil {
			return nil, nil, probe.ErrorOf(probe.Connect, probe.BadProtocol, err, "connect again: %v", err)
		}
		t.Host = host
		side := new(probe.Observation)
		defer func() {
			s.Seen.Phases.Connect += side.Phases.Connect
			s.Seen.Phases.TLS += side.Phases.TLS
		}()
		seen = side
	}
	raw, err = s.Prober.Connect(ctx, t, seen)
	if err != nil || t.Security != probe.ImplTLS {
		return raw, raw, err
	}
	secured, err := s.Prober.Handshake(ctx, raw, t, seen)
	if err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return raw, secured, nil
}

// IsHTML reports whether the body is a page for people rather than data.
func (a *Answer) IsHTML() bool {
	text := strings.ToLower(strings.TrimLeft(string(a.Body[:min(len(a.Body), 512)]), "\ufeff \t\r\n"))
	if strings.HasPrefix(text, "<?xml") {
		_, text, _ = strings.Cut(text, "?>")
		text = strings.TrimSpace(text)
	}
	return strings.HasPrefix(text, "<!doctype html") || strings.HasPrefix(text, "<html")
}

// MayHaveJudged reports whether a server that answers with the status may have looked at a password before it failed: 500, and the statuses
// of a gateway whose server gave no valid answer or none (RFC 9110, sections 15.6.1, 15.6.3 and 15.6.5). 503 comes without a look.
func MayHaveJudged(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// StatusText is the status with its words: "503 Service Unavailable".
func StatusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}
