package probe

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// A TLSProblem is a reason why TLS fails or a certificate is not accepted.
type TLSProblem string

// The problems with TLS. One certificate can have several.
const (
	CertExpired       TLSProblem = "expired"
	CertExpiresSoon   TLSProblem = "expires-soon" // given by JudgeCertificate alone: what is soon is a matter of configuration
	CertNotYetValid   TLSProblem = "not-yet-valid"
	CertWrongName     TLSProblem = "wrong-name"
	CertNoNames       TLSProblem = "no-names"               // no subject alternative name at all
	CertUnknownCA     TLSProblem = "unknown-ca"             // chain ends in an authority that is not trusted
	CertSelfSigned    TLSProblem = "self-signed"            // the server's own signature only
	ChainExpiresSoon  TLSProblem = "authority-expires-soon" // as CertExpiresSoon, for an authority that expires before the certificate
	CertChainBroken   TLSProblem = "chain-broken"           // an authority of the chain is expired or may not sign
	CertWrongUsage    TLSProblem = "wrong-usage"            // not meant for servers
	TLSTooOld         TLSProblem = "protocol-too-old"
	TLSNotSpoken      TLSProblem = "not-tls" // the answer is not TLS
	TLSHandshakeAlert TLSProblem = "alert"   // the server ended the handshake
	TLSClosed         TLSProblem = "closed"  // the server closed the connection during the handshake
	TLSSilent         TLSProblem = "silent"  // no answer to the first message
)

// A Certificate is the part of a certificate that people need to judge it.
type Certificate struct {
	Subject string `json:"subject"`
	// CommonName is the subject's own CN. Servers that compare names themselves may look at it; clients of today do not.
	CommonName string    `json:"commonName,omitempty"`
	Issuer     string    `json:"issuer"`
	Names      []string  `json:"names,omitempty"` // subject alternative names: DNS and IP
	NotBefore  time.Time `json:"notBefore"`
	NotAfter   time.Time `json:"notAfter"`
	SHA256     string    `json:"sha256"` // fingerprint
}

// TLSFacts is what the handshake showed.
type TLSFacts struct {
	ServerName string        `json:"serverName"` // the name that was expected
	Version    string        `json:"version,omitempty"`
	Cipher     string        `json:"cipher,omitempty"`
	Chain      []Certificate `json:"chain,omitempty"` // as sent, leaf first
	// EndsFirst is the certificate of an authority that expires before the server's own and takes the chain with it: where there are several
	// chains, that of the one that lasts longest. Nil where the server's own certificate ends first.
	EndsFirst *Certificate `json:"endsFirst,omitempty"`
	// Verified says that name, dates and chain are all accepted, and that the handshake was finished.
	Verified bool         `json:"verified"`
	Problems []TLSProblem `json:"problems,omitempty"`
	// Detail is what the library or the server said, one line a problem where there is something to say.
	Detail []string `json:"detail,omitempty"`
	// At is the time the dates were judged against.
	At time.Time `json:"at"`
}

// Has reports whether the facts show a problem.
func (f *TLSFacts) Has(p TLSProblem) bool { return f != nil && slices.Contains(f.Problems, p) }

func (f *TLSFacts) add(p TLSProblem, detail string) {
	if !f.Has(p) {
		f.Problems = append(f.Problems, p)
		if detail != "" {
			f.Detail = append(f.Detail, Clean(detail))
		}
	}
}

// AcceptName takes the name of the certificate for right: the caller found another name of the service in it, such as a presence domain.
func (f *TLSFacts) AcceptName() {
	for _, p := range []TLSProblem{CertWrongName, CertNoNames} {
		if i := slices.Index(f.Problems, p); i >= 0 {
			f.Problems = slices.Delete(f.Problems, i, i+1)
			if i < len(f.Detail) {
				f.Detail = slices.Delete(f.Detail, i, i+1)
			}
		}
	}
	f.verified()
}

// verified says what the problems leave of the certificate: a protocol version that is too old is not its fault.
func (f *TLSFacts) verified() {
	f.Verified = len(f.Problems) == 0 || len(f.Problems) == 1 && f.Has(TLSTooOld)
}

// maxHandshake bounds what a server may send during the handshake.
const maxHandshake = 1 << 20

// ClientTLS prepares a handshake that a protocol library makes on its own, as for StartTLS. The configuration records what
// it sees in o.TLS; a certificate that does not verify is not an error. All protocol versions and ciphers that the library
// still knows are offered, so that an old server is described instead of merely failing. The caller reports a handshake
// that failed with o.HandshakeFailed.
func (p *Prober) ClientTLS(t Target, o *Observation, alpn ...string) *tls.Config {
	facts := &TLSFacts{ServerName: t.certName(), At: p.Clock().UTC()}
	o.TLS = facts
	return &tls.Config{
		ServerName:   facts.ServerName,
		MinVersion:   tls.VersionTLS10,
		CipherSuites: allCiphers(),
		NextProtos:   alpn,
		// The chain is verified step by step: the library would stop at the first problem and name only that.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			facts.describe(s)
			facts.verify(s.PeerCertificates, p.Roots)
			p.logTLS(t, facts)
			return nil
		},
	}
}

// HandshakeFailed records that the handshake prepared by ClientTLS failed, and why: what was seen of a
// certificate before does not count.
func (o *Observation) HandshakeFailed(err error) *Error {
	facts := &TLSFacts{ServerName: o.TLS.ServerName, At: o.TLS.At}
	o.TLS = facts
	class := facts.handshakeFailed(err)
	return o.Fail(TLS, ErrorOf(TLS, class, err, "%s", err))
}

// Handshake speaks TLS on conn as a client, see ClientTLS, and records what it saw in o.TLS and o.Phases.TLS. A
// certificate that does not verify is not an error: the connection is returned, o.TLS.Verified is false, and the caller decides
// what may be sent over it. ALPN protocols are optional.
func (p *Prober) Handshake(ctx context.Context, conn net.Conn, t Target, o *Observation, alpn ...string) (*tls.Conn, error) {
	ctx, end := p.Phase(ctx, o, TLS)
	defer end()
	limited := &handshakeLimit{Conn: conn, left: maxHandshake}
	c := tls.Client(limited, p.ClientTLS(t, o, alpn...))
	release := Guard(ctx, conn)
	err := c.HandshakeContext(ctx)
	release()
	limited.left = -1
	if err != nil {
		if p.Log != nil {
			p.Log.Debug("no TLS", "target", Clean(t.String()), "why", err.Error())
		}
		return nil, o.HandshakeFailed(err)
	}
	return c, nil
}

// handshakeLimit bounds what is read until the handshake is over (left = -1: no limit any more). Reads happen in
// one goroutine at a time, and the limit is lifted between the handshake and the first read after it.
type handshakeLimit struct {
	net.Conn
	left int
}

func (c *handshakeLimit) Read(b []byte) (int, error) {
	if c.left < 0 {
		return c.Conn.Read(b)
	}
	if c.left == 0 {
		return 0, ErrTooMuch
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

func allCiphers() []uint16 {
	var ids []uint16
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	for _, s := range tls.InsecureCipherSuites() {
		ids = append(ids, s.ID)
	}
	return ids
}

func (f *TLSFacts) handshakeFailed(err error) Class {
	var record tls.RecordHeaderError
	class := classify(TLS, err)
	switch {
	case class == Cancelled:
		return Cancelled
	case errors.As(err, &record):
		f.add(TLSNotSpoken, "the server's answer is not a TLS record")
		return TLSFailed
	case strings.Contains(err.Error(), "protocol version"), strings.Contains(err.Error(), "unsupported versions"):
		f.add(TLSTooOld, err.Error()) // SSL 3.0 or older, or an alert protocol_version
		return TLSFailed
	case isAlert(err):
		f.add(TLSHandshakeAlert, err.Error())
		return TLSFailed
	case class == Timeout:
		f.add(TLSSilent, "no answer to the TLS client hello in time")
		return Timeout
	case errors.Is(err, ErrTooMuch):
		f.add(TLSNotSpoken, err.Error())
		return TLSFailed
	default:
		f.add(TLSClosed, err.Error())
		return TLSFailed
	}
}

func (f *TLSFacts) describe(s tls.ConnectionState) {
	f.Version = tls.VersionName(s.Version)
	f.Cipher = tls.CipherSuiteName(s.CipherSuite)
	if s.Version < tls.VersionTLS12 {
		f.add(TLSTooOld, "the server chose "+f.Version)
	}
	for i, c := range s.PeerCertificates {
		if i == 8 {
			break // a chain of more is not worth showing
		}
		f.Chain = append(f.Chain, summarise(c))
	}
}

func summarise(c *x509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	out := Certificate{
		Subject: Clean(c.Subject.String()), CommonName: Clean(c.Subject.CommonName), Issuer: Clean(c.Issuer.String()),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SHA256: hex.EncodeToString(sum[:]),
	}
	for _, n := range c.DNSNames {
		out.Names = append(out.Names, Clean(n))
	}
	for _, ip := range c.IPAddresses {
		out.Names = append(out.Names, ip.String())
	}
	if len(out.Names) > 32 {
		out.Names = append(out.Names[:32:32], fmt.Sprintf("... %d more", len(out.Names)-32))
	}
	return out
}

// verify judges dates, name and chain one by one, so that each problem is seen even when there are several.
func (f *TLSFacts) verify(chain []*x509.Certificate, roots *x509.CertPool) {
	if len(chain) == 0 {
		f.add(TLSHandshakeAlert, "the server sent no certificate")
		return
	}
	leaf := chain[0]
	when := f.At
	if f.At.After(leaf.NotAfter) {
		f.add(CertExpired, fmt.Sprintf("expired on %s", leaf.NotAfter.UTC().Format(time.RFC3339)))
		when = leaf.NotAfter
	}
	if f.At.Before(leaf.NotBefore) {
		f.add(CertNotYetValid, fmt.Sprintf("valid from %s", leaf.NotBefore.UTC().Format(time.RFC3339)))
		when = leaf.NotBefore
	}
	if err := leaf.VerifyHostname(f.ServerName); err != nil {
		if len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
			f.add(CertNoNames, fmt.Sprintf("no subject alternative name; the subject is %s", leaf.Subject))
		} else {
			f.add(CertWrongName, err.Error())
		}
	}
	f.verifyChain(chain, roots, when)
	f.verified()
}

// verifyChain follows the chain at a time when the leaf was valid: its own dates were judged before.
func (f *TLSFacts) verifyChain(chain []*x509.Certificate, roots *x509.CertPool, when time.Time) {
	leaf := chain[0]
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: when,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		chains = [][]*x509.Certificate{pathByName(chain)}
	}
	f.endsFirst(chains)
	if err == nil {
		return
	}
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		f.add(CertWrongUsage, err.Error())
	case errors.As(err, &invalid):
		f.add(CertChainBroken, err.Error())
	case errors.As(err, &unknown) && leaf.CheckSignatureFrom(leaf) == nil,
		errors.As(err, &unknown) && string(leaf.RawIssuer) == string(leaf.RawSubject):
		f.add(CertSelfSigned, "the certificate is signed by itself")
	default:
		f.add(CertUnknownCA, fmt.Sprintf("signed by %s, which is not trusted here, or whose intermediate the server does not send", leaf.Issuer))
	}
}

// pathByName follows a chain that does not verify by names alone: from the server's certificate to its issuer and on. An authority's own
// root is left out: every client has its own copy, or none.
func pathByName(chain []*x509.Certificate) []*x509.Certificate {
	path := chain[:1:1]
	for at := chain[0]; len(path) <= len(chain); {
		i := slices.IndexFunc(chain[1:], func(c *x509.Certificate) bool {
			return string(c.RawSubject) == string(at.RawIssuer) && string(c.RawSubject) != string(c.RawIssuer) && !slices.Contains(path, c)
		})
		if i < 0 {
			break
		}
		at = chain[1+i]
		path = append(path, at)
	}
	return path
}

// endsFirst finds the authority that ends before the server's certificate, in the chain that lasts longest.
func (f *TLSFacts) endsFirst(chains [][]*x509.Certificate) {
	var first *x509.Certificate
	for _, chain := range chains {
		end := slices.MinFunc(chain, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
		if first == nil || end.NotAfter.After(first.NotAfter) {
			first = end
		}
	}
	if leaf := chains[0][0]; first.NotAfter.Before(leaf.NotAfter) {
		c := summarise(first)
		f.EndsFirst = &c
	}
}
