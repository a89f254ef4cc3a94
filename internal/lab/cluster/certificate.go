package cluster

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// certificateDays is how long a certificate of the cluster holds.
const certificateDays = 100

// BadCertificate reports whether a switch asks for a certificate or a TLS version that is worse than those of a good server.
func (c *Cluster) BadCertificate() bool {
	return slices.ContainsFunc([]Switch{CertExpired, CertOld, CertShort, CertOther, CertTLS10}, c.is)
}

// TLS is how a server with the certificate of Certificate speaks TLS.
func (c *Cluster) TLS(name string) (*tls.Config, error) {
	certificate, err := c.Certificate(name)
	if err != nil {
		return nil, err
	}
	t := &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	if c.is(CertTLS10) {
		t.MinVersion, t.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
		t.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
	}
	return t, nil
}

// Certificate makes a self-signed certificate whose only name is the common name, as servers have before a certificate authority signs
// theirs. The switches make worse ones.
func (c *Cluster) Certificate(name string) (*tls.Certificate, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, certificateDays)}
	if c.is(CertExpired) {
		template.NotBefore, template.NotAfter = time.Now().AddDate(-5, 0, 0), time.Now().AddDate(0, 0, -1)
	}
	switch {
	case c.is(CertShort):
		template.Subject.CommonName, _, _ = strings.Cut(name, ".")
	case c.is(CertOther):
		template.Subject.CommonName = "other.invalid"
	}
	var key crypto.Signer
	var err error
	switch {
	case c.is(CertOld):
		template.SignatureAlgorithm = x509.SHA1WithRSA
		key, err = rsa.GenerateKey(rand.Reader, 1024)
	case c.is(CertTLS10):
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, fmt.Errorf("make a key for %s: %w", name, err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of %s: %w", name, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of %s: %w", name, err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}
