package appliance

import (
	"strings"

	"cupclint/internal/lazy"
)

var listedCert = lazy.Pattern{Expr: `(?m)^\s*(\S+/\S+\.pem):[ \t]*(\S[^\n]*)$`}

// isListedCert is the sign of a line of "show cert list".
func isListedCert(line string) bool {
	return strings.Contains(line, "ertificate") && listedCert.Get().MatchString(line)
}

// readCertList reads "show cert list own": names and issuers, no dates.
func readCertList(t *Text, o *Out) {
	for _, m := range listedCert.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(CertListed, m[2], m[3])
		o.Put(CertIssued, m[4], m[5])
	}
}

var (
	certFrom      = lazy.Pattern{Expr: `Validity From:\s*(\w{3} \w{3} +\d+ \d\d:\d\d:\d\d(?: [A-Z]\S*)? \d{4})`}
	certTo        = lazy.Pattern{Expr: `(?:^|\s)To:\s*(\w{3} \w{3} +\d+ \d\d:\d\d:\d\d(?: [A-Z]\S*)? \d{4})`}
	certSubject   = lazy.Pattern{Expr: `(?i)Subject(?: Name)?:[^\n]*?\bCN=([^,\n\]]+)`}
	certIssuer    = lazy.Pattern{Expr: `(?i)Issuer(?: Name)?:[^\n]*?\bCN=([^,\n\]]+)`}
	certAlgorithm = lazy.Pattern{Expr: `Signature ?Algorithm:\s*(\S+)`}
	certAlt       = lazy.Pattern{Expr: `(?i)\bdns ?(?:name)?\s*[:=]\s*([A-Za-z0-9*][\w.*-]*)`}
	certAsked     = lazy.Pattern{Expr: `^show cert (?:own|trust) (\S+)`}
)

// maxAlternatives bounds the names of one certificate.
const maxAlternatives = 32

// readCert reads one certificate as "show cert own" prints it.
func readCert(t *Text, o *Out) {
	from := certFrom.Get().FindStringSubmatchIndex(t.S)
	if from == nil {
		return
	}
	o.Record("")
	if m := certAsked.Get().FindStringSubmatch(o.block.Command); m != nil {
		unit, _, _ := strings.Cut(m[1], "/")
		o.PutAs(CertUnit, unit, from[2], from[2])
	}
	o.Put(CertFrom, from[2], from[3])
	put := func(f Field, m []int) {
		if m != nil {
			o.Put(f, m[2], m[3])
		}
	}
	put(CertTo, certTo.Get().FindStringSubmatchIndex(t.S))
	put(CertName, certSubject.Get().FindStringSubmatchIndex(t.S))
	put(CertIssuer, certIssuer.Get().FindStringSubmatchIndex(t.S))
	var alternatives []string
	var first [2]int
	for _, m := range certAlt.Get().FindAllStringSubmatchIndex(t.S, maxAlternatives) {
		if alternatives == nil {
			first = [2]int{m[2], m[3]}
		}
		alternatives = append(alternatives, t.S[m[2]:m[3]])
	}
	o.PutAs(CertAlternatives, strings.Join(alternatives, " "), first[0], first[1])
	put(CertAlgorithm, certAlgorithm.Get().FindStringSubmatchIndex(t.S))
}
