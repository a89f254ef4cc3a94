package appliance

import (
	"regexp"
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

// readCert reads what "show cert own" prints: a certificate, or several that were pasted without their commands.
func readCert(t *Text, o *Out) {
	starts := certFrom.Get().FindAllStringSubmatchIndex(t.S, -1)
	for i, from := range starts {
		begin, end := 0, len(t.S)
		if i > 0 {
			begin = headOfCert(t.S, starts[i-1][1], from[0])
		}
		if i+1 < len(starts) {
			end = headOfCert(t.S, from[1], starts[i+1][0])
		}
		readOneCert(t, o, begin, end, from)
	}
}

// headOfCert returns where a certificate begins whose dates are at to: at its version, or at its issuer.
func headOfCert(s string, from, to int) int {
	for _, label := range [...]string{"Version:", "Serial Number:", "Issuer Name:"} {
		if i := strings.LastIndex(s[from:to], label); i >= 0 {
			return from + i
		}
	}
	return to
}

// readOneCert reads the certificate between begin and end, whose first date is the match from.
func readOneCert(t *Text, o *Out, begin, end int, from []int) {
	o.Record("")
	if m := certAsked.Get().FindStringSubmatch(o.block.Command); m != nil {
		unit, _, _ := strings.Cut(m[1], "/")
		o.PutAs(CertUnit, unit, from[2], from[2])
	}
	o.Put(CertFrom, from[2], from[3])
	put := func(f Field, expr *regexp.Regexp, begin int) {
		if m := expr.FindStringSubmatchIndex(t.S[begin:end]); m != nil {
			o.Put(f, begin+m[2], begin+m[3])
		}
	}
	put(CertTo, certTo.Get(), from[1])
	put(CertName, certSubject.Get(), begin)
	put(CertIssuer, certIssuer.Get(), begin)
	var alternatives []string
	var first [2]int
	for _, m := range certAlt.Get().FindAllStringSubmatchIndex(t.S[begin:end], maxAlternatives) {
		if alternatives == nil {
			first = [2]int{begin + m[2], begin + m[3]}
		}
		alternatives = append(alternatives, t.S[begin+m[2]:begin+m[3]])
	}
	o.PutAs(CertAlternatives, strings.Join(alternatives, " "), first[0], first[1])
	put(CertAlgorithm, certAlgorithm.Get(), begin)
}
