package conceal

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// withoutPEM takes certificates out of a text: their names cannot be replaced.
func withoutPEM(text string) string {
	const begin, end = "-----BEGIN CERTIFICATE", "-----END CERTIFICATE"
	var out strings.Builder
	for {
		from := strings.Index(text, begin)
		if from < 0 {
			break
		}
		to := strings.Index(text[from:], end)
		if to < 0 {
			text = text[:from] + "(certificate hidden)"
			break
		}
		to += from + len(end)
		to += len(text[to:]) - len(strings.TrimLeft(text[to:], " REQUST-"))
		out.WriteString(text[:from] + "(certificate hidden)")
		text = text[to:]
	}
	return out.String() + text
}

// certificateFacts is the text that takes the place of a file of certificates.
func certificateFacts(data []byte) string {
	var out strings.Builder
	out.WriteString("Certificates, shown as text: their names are hidden.\n")
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return out.String()
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			out.WriteString("\nA certificate that cannot be read.\n")
			continue
		}
		fmt.Fprintf(&out, "\nSubject: %s\nIssuer: %s\n", c.Subject, c.Issuer)
		names := slices.Clone(c.DNSNames)
		for _, a := range c.IPAddresses {
			names = append(names, a.String())
		}
		if len(names) > 0 {
			fmt.Fprintf(&out, "Names: %s\n", strings.Join(names, ", "))
		}
		fmt.Fprintf(&out, "Not before: %s\nNot after: %s\nKey: %s\nSignature: %s\n", c.NotBefore.UTC().Format("2006-01-02 15:04:05Z"),
			c.NotAfter.UTC().Format("2006-01-02 15:04:05Z"), c.PublicKeyAlgorithm, c.SignatureAlgorithm)
	}
}

// decode turns UTF-16 with a byte order mark into UTF-8.
func decode(data []byte) string {
	order := byteOrder(data)
	if order == nil {
		return string(data)
	}
	var units []uint16
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return string(utf16.Decode(units))
}

func byteOrder(data []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return binary.BigEndian
	}
	return nil
}

// encode writes a text in the encoding that the original has.
func encode(text string, original []byte) []byte {
	order := byteOrder(original)
	if order == nil {
		return []byte(text)
	}
	out := bytes.Clone(original[:2])
	for _, u := range utf16.Encode([]rune(text)) {
		var pair [2]byte
		order.PutUint16(pair[:], u)
		out = append(out, pair[:]...)
	}
	return out
}
