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
	"time"
)

// certificateDays is how long a certificate of the cluster holds.
const certificateDays = 100

// Certificate makes a self-signed certificate whose only name is the common name, as servers have until somebody signs theirs. The switches
// make one that is over, or one of the age of RSA with 1024 bits and SHA-1.
func (c *Cluster) Certificate(name string) (*tls.Certificate, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, certificateDays)}
	if c.is(CertExpired) {
		template.NotBefore, template.NotAfter = time.Now().AddDate(-5, 0, 0), time.Now().AddDate(0, 0, -1)
	}
	var key crypto.Signer
	var err error
	if c.is(CertOld) {
		template.SignatureAlgorithm = x509.SHA1WithRSA
		key, err = rsa.GenerateKey(rand.Reader, 1024)
	} else {
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
