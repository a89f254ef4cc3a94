package xmpp

import (
	"crypto/x509"
	"encoding/asn1"
)

// The names that only XMPP has in a certificate: RFC 4985 and RFC 6120, section 13.7.1.4.
var (
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidSRVName        = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 7}
	oidXMPPAddr       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 5}
)

// maxNames bounds the names of each kind that are read.
const maxNames = 32

// otherNames reads SRVName and xmppAddr of the subject alternative names. What cannot be read is left out.
func otherNames(c *x509.Certificate) (srv, xmpp []string) {
	for _, e := range c.Extensions {
		if !e.Id.Equal(oidSubjectAltName) {
			continue
		}
		var all asn1.RawValue
		if rest, err := asn1.Unmarshal(e.Value, &all); err != nil || len(rest) > 0 {
			return nil, nil
		}
		for rest := all.Bytes; len(rest) > 0 && len(srv)+len(xmpp) < maxNames; {
			var name asn1.RawValue
			var err error
			if rest, err = asn1.Unmarshal(rest, &name); err != nil {
				return srv, xmpp
			}
			if name.Class != asn1.ClassContextSpecific || name.Tag != 0 {
				continue
			}
			var id asn1.ObjectIdentifier
			after, err := asn1.Unmarshal(name.Bytes, &id)
			if err != nil {
				continue
			}
			var tagged, value asn1.RawValue // [0] EXPLICIT around the text
			if _, err := asn1.Unmarshal(after, &tagged); err != nil {
				continue
			}
			if _, err := asn1.Unmarshal(tagged.Bytes, &value); err != nil {
				continue
			}
			switch text := string(value.Bytes); {
			case id.Equal(oidSRVName):
				srv = append(srv, text)
			case id.Equal(oidXMPPAddr):
				xmpp = append(xmpp, text)
			}
		}
	}
	return srv, xmpp
}
