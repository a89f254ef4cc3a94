package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Flaw says what is wrong with a certificate.
type Flaw int

// The certificates a test can ask for. All are well-formed; what differs is whether a client should trust them.
const (
	Right      Flaw = iota // issued by the authority for the names asked for, valid now
	Expired                // as Right, but its time ended yesterday
	WrongName              // issued by the authority, but for wrong.invalid
	UnknownCA              // for the names asked for, issued by an authority that no one trusts
	SelfSigned             // for the names asked for, signed by its own key
	NotYet                 // as Right, but its time begins the day after tomorrow
)

// Authority is a certificate authority that lives as long as the test.
type Authority struct {
	Pool *x509.CertPool // holds the authority's certificate, and nothing else
	File string         // the authority's certificate as PEM

	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Certificate is a server's certificate with its key.
type Certificate struct {
	CertFile string // PEM: the certificate
	KeyFile  string // PEM: its private key, readable by the user alone
	Leaf     *x509.Certificate
	TLS      tls.Certificate // the same, for a server in Go
}

// CA makes a certificate authority.
func CA(t testing.TB) *Authority {
	t.Helper()
	return newAuthority(t, workDir(t), "Test CA")
}

func newAuthority(t testing.TB, dir, name string) *Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial(t),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-365 * 24 * time.Hour),
		NotAfter:              time.Now().Add(365 * 24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	ca := &Authority{Pool: x509.NewCertPool(), File: filepath.Join(dir, "ca.pem"), dir: dir, cert: cert, key: key}
	ca.Pool.AddCert(cert)
	writePEM(t, ca.File, "CERTIFICATE", der, 0o644)
	return ca
}

// Issue makes a certificate for names, each a host name or an IP address.
func (ca *Authority) Issue(t testing.TB, flaw Flaw, names ...string) *Certificate {
	t.Helper()
	// RSA, since the old protocol versions that a server may be asked to speak know little else.
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(t),
		NotBefore:    time.Now().Add(-48 * time.Hour),
		NotAfter:     time.Now().Add(200 * 24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	parent, signer := ca.cert, any(ca.key)
	switch flaw {
	case Right:
	case Expired:
		template.NotAfter = time.Now().Add(-24 * time.Hour)
	case WrongName:
		names = []string{"wrong.invalid"}
	case UnknownCA:
		other := newAuthority(t, workDir(t), "Unknown CA")
		parent, signer = other.cert, other.key
	case NotYet:
		template.NotBefore = time.Now().Add(48 * time.Hour)
	case SelfSigned:
		parent, signer = template, key
	default:
		t.Fatalf("no such flaw: %d", flaw)
	}
	setNames(template, names)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(ca.dir, leaf.SerialNumber.Text(16))
	cert := &Certificate{
		CertFile: base + ".pem",
		KeyFile:  base + ".key",
		Leaf:     leaf,
		TLS:      tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf},
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, cert.CertFile, "CERTIFICATE", der, 0o644)
	writePEM(t, cert.KeyFile, "PRIVATE KEY", pkcs8, 0o600)
	return cert
}

// ClientConfig is a TLS client's configuration that trusts this authority alone and expects the server to be name.
func (ca *Authority) ClientConfig(name string) *tls.Config {
	return &tls.Config{RootCAs: ca.Pool, ServerName: name}
}

func setNames(cert *x509.Certificate, names []string) {
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip)
			continue
		}
		cert.DNSNames = append(cert.DNSNames, name)
	}
	if len(names) > 0 {
		cert.Subject = pkix.Name{CommonName: names[0]}
	}
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func writePEM(t testing.TB, path, kind string, der []byte, mode os.FileMode) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, mode); err != nil {
		t.Fatal(err)
	}
}
