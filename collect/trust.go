package collect

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cupclint/internal/probe"
)

// Trust decides which certificates a password may be sent to.
type Trust struct {
	// Roots are the trusted authorities; nil means the system's.
	Roots *x509.CertPool
	// Pins are SHA-256 fingerprints of certificates, in lower-case hexadecimal digits, that are accepted on any node.
	Pins []string
	// Known are fingerprints that a person accepted before, by host:port.
	Known map[string]string
	// Ask, if set, shows a certificate to a person. Remember keeps a yes.
	Ask      func(ctx context.Context, q Question) (bool, error)
	Remember func(where, fingerprint string) error
	// Insecure accepts every certificate.
	Insecure bool
	// Legacy allows TLS 1.0 and 1.1 and cipher suites with RSA key exchange.
	Legacy bool
}

// A Question is about a certificate or a host key that is not known to be right.
type Question struct {
	Where       string // host:port
	Kind        string // certificate or host key
	Fingerprint string
	Subject     string
	// Why says why it is not accepted by itself.
	Why string
	// Changed says that another one was accepted before.
	Changed bool
}

// A CertificateError says that no password is sent because the certificate is not trusted.
type CertificateError struct{ Question }

func (e *CertificateError) Error() string {
	changed := ""
	if e.Changed {
		changed = " It is not the one that was accepted before."
	}
	return fmt.Sprintf("the certificate of %s is not trusted (%s).%s Its fingerprint is SHA256:%s. Compare it on the server and give "+
		"--pin SHA256:%s, or give the authority with --ca-file",
		e.Where, e.Why, changed, e.Fingerprint, e.Fingerprint)
}

// ParsePin reads SHA256: and the hexadecimal digits of a fingerprint, with or without colons.
func ParsePin(s string) (string, error) {
	digits := strings.ToLower(s)
	digits = strings.ReplaceAll(strings.TrimPrefix(digits, "sha256:"), ":", "")
	if b, err := hex.DecodeString(digits); err != nil || len(b) != sha256.Size {
		return "", errors.New("a fingerprint is SHA256: and 64 hexadecimal digits")
	}
	return digits, nil
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// A network opens connections to nodes.
type network struct {
	prober  *probe.Prober
	request *Request
	trust   *Trust

	mu       sync.Mutex
	accepted map[string]string // host:port to the fingerprint that this run accepted
	refused  map[string]*CertificateError
	clients  map[string]*http.Client
}

func newNetwork(p *probe.Prober, r *Request, t *Trust) *network {
	return &network{prober: p, request: r, trust: t, accepted: map[string]string{}, refused: map[string]*CertificateError{},
		clients: map[string]*http.Client{}}
}

// dial connects to a usual port of a node.
func (n *network) dial(ctx context.Context, node string, port int) (net.Conn, error) {
	var seen probe.Observation
	return n.prober.Connect(ctx, probe.Target{Host: node, Port: n.request.port(port)}, &seen)
}

// handshake speaks TLS. any offers everything that the library knows: nothing is sent over such a connection but what anybody may ask.
func (n *network) handshake(ctx context.Context, conn net.Conn, node string, anything bool,
	check func(tls.ConnectionState) error) (*tls.Conn, error) {
	config := &tls.Config{
		ServerName: node, InsecureSkipVerify: true, VerifyConnection: check, // the check is below, so that a pin can take the place of the chain
	}
	if anything || n.trust.Legacy {
		config.MinVersion = tls.VersionTLS10
		for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			config.CipherSuites = append(config.CipherSuites, s.ID)
		}
	}
	c := tls.Client(conn, config)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// chain gives the certificates of a port and closes the connection.
func (n *network) chain(ctx context.Context, node string, port int) (tls.ConnectionState, error) {
	conn, err := n.dial(ctx, node, port)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	c, err := n.handshake(ctx, conn, node, true, nil)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	return c.ConnectionState(), c.Close()
}

// verified says why a chain is not accepted for a name; nil where it is.
func (n *network) verified(s tls.ConnectionState, node string) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the server sent no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: n.trust.Roots, Intermediates: between, DNSName: node,
		CurrentTime: n.prober.Clock()})
	return err
}

// check decides on a certificate without a question.
func (n *network) check(s tls.ConnectionState, node, where string) error {
	err := n.verified(s, node)
	if err == nil || n.trust.Insecure {
		return nil
	}
	q := Question{Where: where, Kind: "certificate", Why: err.Error()}
	if len(s.PeerCertificates) > 0 {
		leaf := s.PeerCertificates[0]
		q.Fingerprint, q.Subject = fingerprint(leaf), probe.Clean(leaf.Subject.String())
		n.mu.Lock()
		accepted := n.accepted[where]
		n.mu.Unlock()
		known := n.trust.Known[where]
		if q.Fingerprint == accepted || q.Fingerprint == known || slices.Contains(n.trust.Pins, q.Fingerprint) {
			return nil
		}
		q.Changed = known != ""
	}
	return &CertificateError{q}
}

// trusted makes sure that a password may be sent to the port: by the chain, by a pin, or because a person says so. The answer holds for the
// run.
func (n *network) trusted(ctx context.Context, node string, port int) error {
	where := joinPort(node, n.request.port(port))
	n.mu.Lock()
	before := n.refused[where]
	n.mu.Unlock()
	if before != nil {
		return before
	}
	conn, err := n.dial(ctx, node, port)
	if err != nil {
		return err
	}
	c, err := n.handshake(ctx, conn, node, false, nil)
	if err != nil {
		return err
	}
	state := c.ConnectionState()
	_ = c.Close() // nothing was sent
	var refused *CertificateError
	err = n.check(state, node, where)
	if !errors.As(err, &refused) || n.trust.Ask == nil || refused.Fingerprint == "" {
		if refused != nil {
			n.refuse(where, refused)
		}
		return err
	}
	yes, err := n.trust.Ask(ctx, refused.Question)
	if err != nil {
		return err
	}
	if !yes {
		n.refuse(where, refused)
		return refused
	}
	n.mu.Lock()
	n.accepted[where] = refused.Fingerprint
	n.mu.Unlock()
	if n.trust.Remember != nil {
		return n.trust.Remember(where, refused.Fingerprint)
	}
	return nil
}

func (n *network) refuse(where string, err *CertificateError) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused[where] = err
}

// client is the HTTP client of a node and port, with one connection that is kept. trusted ones send passwords; the others send nothing
// that anybody may not know, and accept every certificate.
func (n *network) client(node string, port int, trusted bool) *http.Client {
	key := fmt.Sprint(node, " ", port, " ", trusted)
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.clients[key]; c != nil {
		return c
	}
	where := joinPort(node, n.request.port(port))
	c := &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return n.dial(ctx, node, port) },
			DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				conn, err := n.dial(ctx, node, port)
				if err != nil {
					return nil, err
				}
				if !trusted {
					return n.handshake(ctx, conn, node, true, nil)
				}
				return n.handshake(ctx, conn, node, false, func(s tls.ConnectionState) error { return n.check(s, node, where) })
			},
			MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, DisableCompression: true,
			ResponseHeaderTimeout: 0, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a redirect is an answer
	}
	n.clients[key] = c
	return c
}

// close ends connections that are kept.
func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.clients {
		c.CloseIdleConnections()
	}
}

// chainPEM writes certificates one after the other, each with its names in front of it.
func chainPEM(certs []*x509.Certificate) []byte {
	var b strings.Builder
	for _, c := range certs {
		fmt.Fprintf(&b, "# subject %s\n# issuer %s\n# not after %s\n", probe.Clean(c.Subject.String()), probe.Clean(c.Issuer.String()),
			c.NotAfter.UTC().Format(time.RFC3339))
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a builder takes everything
	}
	return []byte(b.String())
}
