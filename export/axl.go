package export

import (
	"fmt"
	"strings"
)

// axlNamespace begins the namespace of the Administrative XML interface of Unified CM; the version stands behind it.
const axlNamespace = "http://www.cisco.com/AXL/API/"

// An axlAnswer is where in an AXL answer the reader is: below the response element, whose children have no namespace.
type axlAnswer struct {
	name   string // of the response element
	depth  int    // of it; 0 for none
	record serverRecord
	nodes  int // records so far
	server int // LDAP servers in the record
}

// axlAnswerName reports whether an element without its namespace is the begin of an answer.
func axlAnswerName(local string) bool {
	for _, verb := range [...]string{"get", "list", "executeSQLQuery"} {
		if rest, ok := strings.CutPrefix(local, verb); ok && strings.HasSuffix(rest, "Response") {
			return true
		}
	}
	return false
}

// axlResponse begins an answer.
func (d *serviceDocument) axlResponse(x *xmlReader, local string) {
	x.r.exp.Format = AXL
	d.axl = axlAnswer{name: local, depth: len(x.open)}
	l := strings.ToLower(local)
	switch {
	case !strings.HasSuffix(l, "response"):
		return // a request
	case strings.Contains(l, "processnode"):
		d.axl.record.kind = nodeRecord
	case strings.Contains(l, "ldapauthentication"):
		d.axl.record.kind = ldapAuthRecord
	case strings.Contains(l, "ldapdirectory"):
		d.axl.record.kind = ldapDirRecord
	case strings.Contains(l, "serviceparameter"):
		d.axl.record.kind = paramRecord
	case strings.Contains(l, "sqlquery"):
		d.axl.record.kind = otherRecord
	default:
		return
	}
	x.r.exp.recognised = true // an answer without records says that there are none
}

// axlElement begins an element below the response. It may be a field or hold others; which one it is shows when it ends.
func (d *serviceDocument) axlElement(x *xmlReader, start int, local string) {
	x.into = false
	a := &d.axl
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
	if len(x.open) == a.depth+2 && !x.r.exp.recognised {
		x.r.ignore(start, len(x.text)) // a record that nobody knows
	}
	x.property = Property{Name: local, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
	x.enter()
}

// axlValue ends a field and says whether it is kept. The rows of a query have the columns of its tables, whose names are not in the
// answer: what they hold is told by the columns alone.
func (d *serviceDocument) axlValue(_ *xmlReader, p *Property) bool {
	rec := d.axl.record
	if rec.kind == otherRecord && strings.HasPrefix(strings.ToLower(p.Name), "param") {
		rec.kind = paramRecord
	}
	keep := rec.take(p)
	d.axl.record.param = rec.param
	return keep
}

func (d *serviceDocument) axlEnd(x *xmlReader) error {
	if !strings.HasSuffix(d.axl.name, "Response") {
		x.r.looksLike(fmt.Sprintf("an AXL request (%s)", trim(d.axl.name)), "Save the answer to it.")
		return nil
	}
	x.r.looksLike(fmt.Sprintf("an AXL answer %s", trim(d.axl.name)), "")
	return nil
}

// htmlPage reads an HTML page, which is never configuration: servers answer so when they refuse a request.
func (r *Reader) htmlPage() error {
	text := r.exp.text
	what := "an HTML page"
	if title := between(text, "<title>", "</title>"); title != "" {
		what = fmt.Sprintf("an HTML page (%s)", trim(title))
	}
	hint := ""
	if strings.Contains(text, "599") && containsFold(text, "version") {
		what = "an error page of AXL (HTTP status 599)"
		hint = "The server does not know the AXL version of the request: ask again with the version of the call manager, as in the header SOAPAction: CUCM:DB ver=12.5."
	}
	r.looksLike(what, hint)
	return r.notUnderstood(ErrUnknownFormat)
}

// between returns the text between two marks, without regard to case, or "".
func between(text, from, to string) string {
	lower := strings.ToLower(text[:min(len(text), 16<<10)])
	i := strings.Index(lower, from)
	if i < 0 {
		return ""
	}
	i += len(from)
	j := strings.Index(lower[i:], to)
	if j < 0 || len(lower) != min(len(text), 16<<10) { // lower case may be of another length
		return ""
	}
	return strings.TrimSpace(text[i : i+j])
}
