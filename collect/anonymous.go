package collect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cupclint/internal/probe"
	"cupclint/internal/safefile"
)

// maxAnswer bounds one answer, in bytes.
const maxAnswer = 32 << 20

// certificates gets the certificates of every TLS port. A port on which no one listens is an answer.
func (r *run) certificates(ctx context.Context, n Node) {
	if !r.Request.uses(Certs) {
		return
	}
	for _, s := range stepsOf(Certs) {
		if yes, maybe := s.asks(n.Role); !yes && !maybe {
			continue
		}
		port, err := strconv.Atoi(s.Text[strings.LastIndexByte(s.Text, ':')+1:])
		if err != nil {
			continue // a test reads the table
		}
		r.do(ctx, r.job(s, n, ""), func(ctx context.Context) ([]byte, error) { return r.certificate(ctx, n, port) })
	}
}

func (r *run) certificate(ctx context.Context, n Node, port int) ([]byte, error) {
	state, err := r.net.chain(ctx, n.Name, port)
	if err != nil {
		return nil, closed(err)
	}
	if len(state.PeerCertificates) == 0 {
		return nil, stepFailed(Failed, "tls", "the server sent no certificate")
	}
	if port == 8443 {
		leaf := state.PeerCertificates[0]
		facts := &TLSFacts{SHA256: fingerprint(leaf), NotAfter: leaf.NotAfter.UTC(), Verified: r.net.verified(state, n.Name) == nil,
			Version: tls.VersionName(state.Version)}
		r.node(n.Name, func(f *NodeFacts) { f.TLS = facts })
	}
	return chainPEM(state.PeerCertificates), nil
}

// closed makes an answer of a port on which no one listens.
func closed(err error) error {
	var phase *probe.Error
	if errors.As(err, &phase) && phase.Class == probe.Refused {
		return nothing("closed", "no program listens on the port")
	}
	return err
}

// get asks for a page that needs no log-in.
func (r *run) get(ctx context.Context, node, scheme string, port int, path string) (status int, data []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+joinPort(node, port)+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("User-Agent", "cupclint")
	resp, err := r.net.client(node, port, false).Do(req)
	if err != nil {
		return 0, nil, bareURL(err)
	}
	defer resp.Body.Close()
	data, err = safefile.ReadAll(resp.Body, maxAnswer)
	return resp.StatusCode, data, err
}

// bareURL takes the address off an error: the step says it.
func bareURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// statusError is what an HTTP status means that is not 200.
func statusError(status int) error {
	text := fmt.Sprintf("HTTP status %d %s", status, http.StatusText(status))
	switch {
	case status == http.StatusNotFound:
		return stepFailed(Unsupported, "404", "%s", text)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return stepFailed(Refused, strconv.Itoa(status), "%s", text)
	case status >= 300 && status < 400:
		return stepFailed(Failed, strconv.Itoa(status), "%s: a redirect is not followed", text)
	}
	return stepFailed(Failed, strconv.Itoa(status), "%s", text)
}

// uds asks for the version, the servers, and the home cluster of the users of --look-at.
func (r *run) uds(ctx context.Context, n Node) {
	if !r.Request.uses(UDS) {
		return
	}
	for _, s := range stepsOf(UDS) {
		if yes, maybe := s.asks(n.Role); !yes && !maybe {
			continue
		}
		for _, value := range r.Request.each(&s) {
			j := r.job(s, n, value)
			_, path, _ := strings.Cut(strings.TrimPrefix(fill(s.Text, n.Name, url.QueryEscape(value)), "GET https://"), "/")
			res := r.do(ctx, j, func(ctx context.Context) ([]byte, error) {
				status, data, err := r.get(ctx, n.Name, "https", 8443, "/"+path)
				switch {
				case err != nil:
					return nil, closed(err)
				case status != http.StatusOK:
					return nil, statusError(status)
				case !strings.Contains(string(data), "<"):
					return nil, stepFailed(Failed, "protocol", "the answer is not XML")
				}
				if s.ID == "uds.version" {
					r.version(n.Name, string(data))
				}
				return data, nil
			})
			if res.Outcome == Empty && res.Class == "closed" {
				return // no one listens, so there is nothing to ask
			}
		}
	}
}

// version takes the version out of an answer of UDS.
func (r *run) version(node, text string) {
	_, rest, ok := strings.Cut(text, "<version>")
	v, _, end := strings.Cut(rest, "</version>")
	if ok && end && len(v) < 40 {
		r.node(node, func(f *NodeFacts) {
			if f.Version == "" {
				f.Version = probe.Clean(strings.TrimSpace(v))
			}
		})
	}
}

// files gets what TFTP servers give to anybody: over HTTP, else HTTPS, else TFTP.
func (r *run) files(ctx context.Context, n Node) {
	if !r.Request.uses(Files) {
		return
	}
	for _, s := range stepsOf(Files) {
		if yes, maybe := s.asks(n.Role); !yes && !maybe {
			continue
		}
		for _, value := range r.Request.each(&s) {
			j := r.job(s, n, value)
			res := r.do(ctx, j, func(ctx context.Context) ([]byte, error) { return r.file(ctx, n.Name, j.what) })
			if s.ID == "files.SPDefault" && res.Redacted != nil {
				r.note("%s gives SPDefault.cnf.xml to anybody, and there is a password in it (CVE-2013-7030). Change the password and remove it "+
					"from the service profile.", n.Name)
			}
		}
	}
}

// ErrNoFile is what Options.TFTP says where the server has no such file.
var ErrNoFile = errors.New("the server has no such file")

// file tries the ways of a step. That a server says there is no such file is an answer; that it cannot be reached leads to the next way.
func (r *run) file(ctx context.Context, node, what string) ([]byte, error) {
	var missing, failed error
	for way := range strings.SplitSeq(what, " | ") {
		var data []byte
		var err error
		if rest, ok := strings.CutPrefix(way, "TFTP "); ok {
			_, name, _ := strings.Cut(rest, " ")
			if r.TFTP == nil {
				continue
			}
			data, err = r.TFTP(ctx, node, r.Request.port(69), name)
		} else {
			data, err = r.fileByHTTP(ctx, node, way)
		}
		var step *stepError
		switch {
		case errors.Is(err, ErrNoFile):
			missing = nothing("404", "the server has no such file")
		case err == nil && len(data) == 0:
			missing = nothing("empty", "the file is empty")
		case err == nil:
			return data, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &step) && step.outcome == Empty:
			missing = err
		case failed == nil:
			failed = err
		}
	}
	if missing != nil {
		return nil, missing
	}
	return nil, failed
}

func (r *run) fileByHTTP(ctx context.Context, node, way string) ([]byte, error) {
	u, err := url.Parse(strings.TrimPrefix(way, "GET "))
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return nil, err
	}
	status, data, err := r.get(ctx, node, u.Scheme, port, u.EscapedPath())
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, nothing("404", "the server has no such file")
	case status != http.StatusOK:
		return nil, statusError(status)
	case looksHTML(data):
		return nil, stepFailed(Failed, "html", "the answer is an HTML page and not the file")
	}
	return data, nil
}

func looksHTML(data []byte) bool {
	head := strings.ToLower(strings.TrimSpace(string(data[:min(len(data), 256)])))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html")
}
