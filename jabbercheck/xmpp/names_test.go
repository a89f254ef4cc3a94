package xmpp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"reflect"
	"testing"
	"time"
)

// otherName is a name of a certificate that has an OID (RFC 5280, section 4.2.1.6).
func otherName(t *testing.T, id asn1.ObjectIdentifier, tag int, text string) asn1.RawValue {
	t.Helper()
	encode := func(v any) []byte {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	value := encode(asn1.RawValue{Class: asn1.ClassUniversal, Tag: tag, Bytes: []byte(text)})
	inside := append(encode(id), encode(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: value})...)
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inside}
}

func dnsName(text string) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte(text)}
}

// certificate makes one with the names.
func certificate(t *testing.T, names ...asn1.RawValue) *x509.Certificate {
	t.Helper()
	list, err := asn1.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	return certificateOf(t, list)
}

func certificateOf(t *testing.T, list []byte) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imp1"}, NotAfter: time.Now().Add(time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: oidSubjectAltName, Value: list}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNamesOfXMPP(t *testing.T) {
	srv := func(text string) asn1.RawValue { return otherName(t, oidSRVName, asn1.TagIA5String, text) }
	addr := func(text string) asn1.RawValue { return otherName(t, oidXMPPAddr, asn1.TagUTF8String, text) }
	for _, c := range []struct {
		name   string
		names  []asn1.RawValue
		domain Domain
		want   Names
	}{
		{"dNSName", []asn1.RawValue{dnsName("imp1.acme.net"), dnsName("acme.com")}, Domain{Name: "acme.com"}, Names{Node: true,
			Domain: "dNSName"}},
		{"case", []asn1.RawValue{dnsName("ACME.com")}, Domain{Name: "acme.COM"}, Names{Domain: "dNSName"}},
		{"SRVName", []asn1.RawValue{srv("_xmpp-client.acme.com")}, Domain{Name: "acme.com"}, Names{Domain: "SRVName",
			Others: []string{"SRVName _xmpp-client.acme.com"}}},
		{"SRVName for servers", []asn1.RawValue{srv("_xmpp-server.acme.com")}, Domain{Name: "acme.com"},
			Names{Others: []string{"SRVName _xmpp-server.acme.com"}}},
		{"xmppAddr", []asn1.RawValue{addr("acme.com"), dnsName("imp1.acme.net")}, Domain{Name: "acme.com"}, Names{Node: true,
			Domain: "xmppAddr", Others: []string{"xmppAddr acme.com"}}},
		{"another domain", []asn1.RawValue{addr("acme.org"), srv("_xmpp-client.acme.org"), dnsName("acme.org")}, Domain{Name: "acme.com"},
			Names{Others: []string{"SRVName _xmpp-client.acme.org", "xmppAddr acme.org"}}},
		{"an assumed domain is not compared", []asn1.RawValue{dnsName("acme.com")}, Domain{Name: "acme.com", Assumed: "x"}, Names{}},
		{"another kind of name", []asn1.RawValue{otherName(t, asn1.ObjectIdentifier{1, 2, 3}, asn1.TagUTF8String, "acme.com"),
			dnsName("x.test")}, Domain{Name: "acme.com"}, Names{}},
		{"a name that cannot be read", []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: []byte{6, 1}},
			dnsName("acme.com")}, Domain{Name: "acme.com"}, Names{Domain: "dNSName"}},
	} {
		if got := namesOf(certificate(t, c.names...), "imp1.acme.net", c.domain); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, *got, c.want)
		}
	}
}

// FuzzOtherNames: for any content of the extension, reading it ends and gives a bounded list.
func FuzzOtherNames(f *testing.F) {
	for _, seed := range [][]byte{{0x30, 0}, {0x30, 4, 0xa0, 2, 6, 0}, {0x30, 0x80}, {}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		srv, xmpp := otherNames(&x509.Certificate{Extensions: []pkix.Extension{{Id: oidSubjectAltName, Value: list}}})
		if len(srv)+len(xmpp) > maxNames {
			t.Errorf("%d names", len(srv)+len(xmpp))
		}
	})
}
