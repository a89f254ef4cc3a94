package export

import (
	"fmt"
	"strings"
)

// Namespaces of the client configuration web service.
const (
	epasNamespace   = "urn:cisco:epas:soap"
	soap11Namespace = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12Namespace = "http://www.w3.org/2003/05/soap-envelope"
)

// A serviceDocument is what a web service of the servers says: an answer of the client configuration web service, which is elements
// property of the namespace urn:cisco:epas:soap under any prefix, and the secrets and the client version of a captured log-in; or an
// answer of AXL. A capture may begin at the Envelope, at its Body, or at the answer itself.
type serviceDocument struct {
	properties bool   // a property element was seen
	first      string // the first element of the client configuration web service below Body, or the root
	message    string // what else the document is, as messages call it
	fault      int    // depth of a SOAP Fault; 0 for none
	axl        axlAnswer
}

// serviceRoot takes the elements that a capture may begin with. Where it was cut out of its Envelope, the namespaces may be bound outside.
func serviceRoot(space, local string) bool {
	switch {
	case isSOAP(space), space == epasNamespace, strings.HasPrefix(space, axlNamespace):
		return true
	case space == "" || space == unbound:
		return local == "Envelope" || local == "Body" || axlAnswerName(local) ||
			strings.HasPrefix(local, "get-") && strings.HasSuffix(local, "-resp")
	}
	return false
}

func isSOAP(space string) bool { return space == soap11Namespace || space == soap12Namespace }

func (x *xmlReader) beginService() xmlDocument {
	x.service = serviceDocument{}
	return &x.service
}

func (d *serviceDocument) element(x *xmlReader, start int, space, local string) error {
	if d.axl.name != "" {
		d.axlElement(x, start, local)
		return nil
	}
	if d.fault > 0 {
		x.into = false
		if local == "faultstring" || local == "Text" || local == "axlmessage" || local == "message" {
			d.capture(x, start, local, NoKey)
		}
		return nil
	}
	if x.into {
		return x.fail(start, "there is an element %s inside the value of %s", x.name(local), trim(x.property.Name))
	}
	if space == "" || space == unbound { // of a document that was cut: the names tell
		space = cutSpace(local)
	}
	switch {
	case isSOAP(space):
		if local == "Fault" {
			x.memo = nil
			d.fault = len(x.open)
			d.message = "an error answer of the server (SOAP Fault)"
		}
		return nil
	case strings.HasPrefix(space, axlNamespace):
		x.memo = nil
		d.axlResponse(x, start, local)
		return nil
	case space == epasNamespace:
		if d.first == "" && d.message == "" && x.belowBody() {
			d.first = local
		}
		return d.begin(x, start, local)
	}
	if d.first == "" && d.message == "" && x.belowBody() {
		d.message = "a SOAP message " + trim(local)
	}
	return nil
}

// belowBody reports whether the element that begins is the first one of a message.
func (x *xmlReader) belowBody() bool {
	n := len(x.open)
	if n == 1 {
		return true
	}
	_, parent, prefixed := strings.Cut(x.open[n-2].name, ":")
	if !prefixed {
		parent = x.open[n-2].name
	}
	return parent == "Body"
}

// begin looks at an element of the client configuration web service.
func (d *serviceDocument) begin(x *xmlReader, start int, local string) error {
	switch local {
	case "property":
		d.properties = true
		if n := len(x.open) - 1; x.learns() && (x.memo == nil || x.memoDepth != n) && len(x.bindings) == x.open[n].bindings {
			x.expect("property "+x.open[n].name, x.open[n].name, n)
		}
		return x.beginProperty(start)
	case "session-key":
		d.capture(x, start, local, SessionKey)
	case "app-session-id":
		d.capture(x, start, local, LoginAppSessionID)
	case "username":
		d.capture(x, start, local, LoginUsername)
	case "password":
		k := LoginPassword
		if x.inside("get-onetime-password-resp") {
			k = SessionOneTimePassword
		}
		d.capture(x, start, local, k)
	case "login":
		return d.clientVersion(x)
	}
	return nil
}

// capture takes the text of an element as the value of a key.
func (d *serviceDocument) capture(x *xmlReader, start int, local string, k KeyID) {
	x.property = Property{Key: k, Name: local, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(x.open[len(x.open)-1].name))}
	x.enter()
}

func (d *serviceDocument) clientVersion(x *xmlReader) error {
	for i := range x.attrs {
		a := &x.attrs[i]
		if a.name != "client-version" {
			continue
		}
		value, err := x.attributeValue(a)
		if err != nil {
			return err
		}
		nameAt := strings.LastIndex(x.text[:a.start], a.name)
		return x.r.add(&Property{
			Key: ClientVersion, Name: a.name, Value: value,
			nameStart: int32(nameAt), nameEnd: int32(nameAt + len(a.name)), valueStart: int32(a.start), valueEnd: int32(a.end),
		})
	}
	return nil
}

func (d *serviceDocument) value(x *xmlReader, p *Property) bool {
	switch {
	case d.axl.name != "":
		return d.axlValue(x, p)
	case d.fault > 0:
		if text := strings.TrimSpace(p.Value); text != "" && !strings.Contains(d.message, ":") {
			d.message += ": " + Hide(trim(text))
		}
		return false
	}
	return true
}

func (d *serviceDocument) text(x *xmlReader, start, end int) { x.r.ignore(start, end) }

func (d *serviceDocument) end(x *xmlReader) error {
	if d.axl.name != "" {
		return d.axlEnd(x)
	}
	if d.properties {
		x.r.exp.recognised = true
		return nil
	}
	x.r.exp.empty = d.message == "" && d.first != ""
	switch {
	case d.message != "":
		x.r.looksLike(d.message, "")
	case strings.HasSuffix(d.first, "-resp"):
		x.r.looksLike(fmt.Sprintf("the answer %s of the client configuration web service", trim(d.first)), "")
	case d.first != "":
		x.r.looksLike(fmt.Sprintf("the capture of a request (%s) to the client configuration web service", trim(d.first)), "")
	default:
		x.r.looksLike("a SOAP envelope without a message that cupclint knows", "")
	}
	return nil
}
