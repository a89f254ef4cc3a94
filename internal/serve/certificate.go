package serve

import (
	"crypto/tls"
	"fmt"
)

// A pair is the certificate and its key as the files have them now.
type pair struct{ *watched[*tls.Certificate] }

// openPair reads the files now, and again when one of them changes: certificates are renewed every few months, and the server runs on.
func openPair(certificate, key string, note func(string)) (*pair, error) {
	const most = 1 << 20
	w := newWatched(note, func() (*tls.Certificate, error) {
		cert, err := readFile(certificate, most)
		if err != nil {
			return nil, fmt.Errorf("--tls-cert: %w", err)
		}
		private, err := readFile(key, most)
		if err != nil {
			return nil, fmt.Errorf("--tls-key: %w", err)
		}
		c, err := tls.X509KeyPair(cert, private)
		clear(private)
		if err != nil { // of the files only what they lack is said
			return nil, fmt.Errorf("%s and %s are not a certificate and its key in PEM form: %w", certificate, key, err)
		}
		return &c, nil
	}, certificate, key)
	if _, err := w.load(); err != nil {
		return nil, err
	}
	return &pair{w}, nil
}

func (p *pair) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.now(), nil },
	}
}

// names are those that the certificate is for.
func (p *pair) names() []string {
	leaf := p.now().Leaf
	names := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}
