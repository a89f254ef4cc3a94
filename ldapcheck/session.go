package ldapcheck

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
)

// A session is one connection to a directory, open and secured, with the library's client on top.
type session struct {
	p    *probe.Prober
	o    *probe.Observation
	conn net.Conn // what deadlines are set on: the TCP connection
	gate *gate
	ldap *ldap.Conn
	// scrub removes the password that was sent from all that the server says from then on; nil before the log-in.
	scrub func(string) string
}

// said is what the server said, without the password that was sent to it.
func (s *session) said(text string) string {
	if s.scrub == nil {
		return text
	}
	return s.scrub(text)
}

// saidAll does the same for several texts.
func (s *session) saidAll(texts []string) []string {
	for i := range texts {
		texts[i] = s.said(texts[i])
	}
	return texts
}

// open connects, starts TLS as the target says, and puts the library on top. Failures are recorded in o.
func open(ctx context.Context, p *probe.Prober, t probe.Target, o *probe.Observation) (*session, error) {
	conn, err := p.Connect(ctx, t, o)
	if err != nil {
		return nil, err
	}
	secured, err := secure(ctx, p, conn, t, o)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	g := &gate{Conn: secured}
	s := &session{p: p, o: o, conn: conn, gate: g, ldap: ldap.NewConn(g, t.Security != probe.Plain)}
	s.ldap.Start()
	return s, nil
}

func secure(ctx context.Context, p *probe.Prober, conn net.Conn, t probe.Target, o *probe.Observation) (net.Conn, error) {
	switch t.Security {
	case probe.ImplTLS:
	case probe.StartTLS:
		if err := startTLS(ctx, p, conn, o); err != nil {
			return nil, err
		}
	default:
		return conn, nil
	}
	c, err := p.Handshake(ctx, conn, t, o)
	if err != nil {
		return nil, err
	}
	return c, nil
}

const startTLSName = "1.3.6.1.4.1.1466.20037"

// startTLS asks for TLS (RFC 4511, section 4.14) and reads the answer, and nothing after it: a byte that came in
// clear text must never be read as one that came through TLS. The library does not promise that, and it gives its
// errors as text.
func startTLS(ctx context.Context, p *probe.Prober, conn net.Conn, o *probe.Observation) error {
	ctx, end := p.Phase(ctx, o, probe.TLS)
	defer end()
	defer probe.Guard(ctx, conn)()

	req := ber.NewSequence("LDAP Request")
	req.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(1), "MessageID"))
	ext := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "Start TLS")
	ext.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, startTLSName, "requestName"))
	req.AppendChild(ext)
	if _, err := conn.Write(req.Bytes()); err != nil {
		return o.Fail(probe.TLS, err)
	}
	g := &gate{Conn: conn} // reads exactly one message
	answer, err := ber.ReadPacket(g)
	if err != nil {
		if cause := g.cause(); cause != nil {
			err = classOf(probe.TLS, cause)
		}
		return o.Fail(probe.TLS, err)
	}
	if err := ldap.GetLDAPError(answer); err != nil {
		code, text, _ := resultOf(err)
		e := probe.ErrorOf(probe.TLS, probe.NotSecured, err, "StartTLS is refused: %s", resultText(code, text))
		e.Code = code
		return o.Fail(probe.TLS, e)
	}
	return nil
}

// close ends the session without waiting for the server.
func (s *session) close() {
	_ = s.conn.Close()
	s.ldap.Close() // only cleans up: the connection is gone
}

// do runs one library call inside a phase. The call ends when the phase's deadline comes or ctx is cancelled.
func (s *session) do(ctx context.Context, ph probe.Phase, call func() error) error {
	ctx, end := s.p.Phase(ctx, s.o, ph)
	defer end()
	defer probe.Guard(ctx, s.conn)()
	err := call()
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return probe.ErrorOf(ph, probe.Cancelled, err, "the run was cancelled")
	}
	if cause := s.gate.cause(); err != nil && cause != nil {
		return classOf(ph, cause)
	}
	return err
}

// search makes one search. The result holds what arrived, even when there is an error.
func (s *session) search(ctx context.Context, req *ldap.SearchRequest) (res *ldap.SearchResult, err error) {
	req.EnforceSizeLimit = true // a server that sends more than asked for is cut off
	err = s.do(ctx, probe.Protocol, func() error {
		res, err = s.ldap.Search(req)
		return err
	})
	if res == nil {
		res = new(ldap.SearchResult)
	}
	return res, err
}

// read fetches one entry by name. It gives nil without an error when the entry is not there.
func (s *session) read(ctx context.Context, dn, filter string, attrs ...string) (*ldap.Entry, error) {
	res, err := s.search(ctx, ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 10, false, filter, attrs, nil))
	if len(res.Entries) > 0 {
		return res.Entries[0], nil
	}
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultReferral) {
		return nil, nil
	}
	return nil, err
}

// noFailures reports whether the directory says that no failure counts for the account. Without a failure the attribute is not there.
// If access rules hide the attribute, a search looks the same; but a comparison is refused if it is hidden, and finds no attribute if it
// is not there (RFC 4511, section 4.10).
func (s *session) noFailures(ctx context.Context, dn string, d *RootDSE) bool {
	attr, any := "pwdFailureTime", "20090302093000Z"
	if d.is389() {
		attr, any = "passwordRetryCount", "0"
	}
	err := s.do(ctx, probe.Protocol, func() error {
		_, err := s.ldap.Compare(dn, attr, any)
		return err
	})
	return ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchAttribute)
}

// resultOf returns the server's result from an error of the library. It reports false if the error did not come from the
// server: a broken connection, a malformed answer.
func resultOf(err error) (code int, text string, server bool) {
	var e *ldap.Error
	if !errors.As(err, &e) {
		return 0, "", false
	}
	if e.ResultCode >= ldap.ErrorNetwork {
		return 0, "", false
	}
	if e.Err != nil {
		text = probe.Clean(e.Err.Error())
	}
	return int(e.ResultCode), text, true
}

func matchedDN(err error) string {
	var e *ldap.Error
	if errors.As(err, &e) {
		return probe.Clean(e.MatchedDN)
	}
	return ""
}

// maxReferrals bounds the referrals kept of one operation.
const maxReferrals = 16

// referralsOf returns the targets of a referral result (RFC 4511, section 4.1.10): the fourth element, [3].
func referralsOf(err error) []string {
	var e *ldap.Error
	if !errors.As(err, &e) || e.Packet == nil || len(e.Packet.Children) < 2 {
		return nil
	}
	var out []string
	for _, c := range e.Packet.Children[1].Children {
		if c.ClassType != ber.ClassContext || c.Tag != 3 {
			continue
		}
		for _, u := range c.Children {
			out = append(out, ber.DecodeString(u.Data.Bytes()))
		}
	}
	return cleanReferrals(out)
}

func cleanReferrals(in []string) []string {
	var out []string
	for _, r := range in {
		if r = probe.Clean(r); r != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
		if len(out) == maxReferrals {
			break
		}
	}
	return out
}

// resultText names a result as people look it up: 49 "Invalid Credentials": text.
func resultText(code int, text string) string {
	s := fmt.Sprintf("result %d %q", code, ldap.LDAPResultCodeMap[uint16(code)])
	if text != "" {
		s += ": " + text
	}
	return s
}
