package export

import "strings"

// axlNamespace begins the namespace of the Administrative XML interface of Unified CM; the version stands behind it.
const axlNamespace = "http://www.cisco.com/AXL/API/"

// An axlAnswer is where in an AXL answer the reader is: below the response element, whose children have no namespace.
type axlAnswer struct {
	depth  int // of the response element; 0 for none
	record serverRecord
	nodes  int // records so far
	server int // LDAP servers in the record
}

// axlResponse begins an answer.
func (s *soapReader) axlResponse(local string) {
	s.r.exp.Format = AXL
	s.axl = axlAnswer{depth: len(s.open)}
	l := strings.ToLower(local)
	switch {
	case strings.Contains(l, "processnode"):
		s.axl.record.kind = nodeRecord
	case strings.Contains(l, "ldapauthentication"):
		s.axl.record.kind = ldapAuthRecord
	case strings.Contains(l, "ldapdirectory"):
		s.axl.record.kind = ldapDirRecord
	case strings.Contains(l, "serviceparameter"):
		s.axl.record.kind = paramRecord
	case strings.Contains(l, "sqlquery"):
		s.axl.record.kind = otherRecord
	}
}

// axlElement begins an element below the response. It may be a field or hold others; which one it is shows when it ends.
func (s *soapReader) axlElement(start int, local string) {
	s.into = false
	a := &s.axl
	switch local {
	case "processNode", "row":
		a.nodes++
		a.record.n = a.nodes
		a.record.param = ""
	case "serviceParameter":
		a.record.param = ""
	case "server":
		a.server++
		a.record.n = a.server
	case "ldapAuthentication", "ldapDirectory":
		a.server = 0
	}
	s.property = Property{Name: local, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
	s.enter()
}

// axlField ends a field and says whether it is kept. The rows of a query have the columns of its tables, whose names are not in the
// answer: what they hold is told by the columns alone.
func (s *soapReader) axlField(p *Property) bool {
	rec := s.axl.record
	if rec.kind == otherRecord && strings.HasPrefix(strings.ToLower(p.Name), "param") {
		rec.kind = paramRecord
	}
	keep := rec.take(p)
	s.axl.record.param = rec.param
	return keep
}
