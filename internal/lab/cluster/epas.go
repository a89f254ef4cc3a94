package cluster

import (
	"io"
	"net/http"
	"strings"
)

// epas answers the Client Configuration Web Service.
func (c *Cluster) epas(n Node, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		page(w, http.StatusBadRequest, "HTTP Status 400")
		return
	}
	if r.Method == http.MethodGet {
		c.note(Request{Node: n.Name, Method: r.Method, Path: r.URL.RequestURI()})
		if r.URL.RawQuery != "wsdl" {
			page(w, http.StatusNotFound, "HTTP Status 404")
			return
		}
		answerXML(w, 200, c.wsdl())
		return
	}
	var call *element
	key := ""
	if env := parse(body).child("Envelope"); env != nil && env.child("Body") != nil && len(env.child("Body").inner) == 1 {
		call = env.child("Body").inner[0]
		if h := env.child("Header"); h != nil && h.child("session-key") != nil {
			key = h.child("session-key").text
		}
	}
	if call == nil {
		answerXML(w, 200, "Invalid request")
		return
	}
	password := call.child("password") != nil
	c.note(Request{Node: n.Name, Method: r.Method, Path: r.URL.Path, What: call.name, Password: password, Body: string(body)})
	if strings.Contains(string(body), `force="true"`) {
		c.fault("a log-in that forces out the session of a person")
	}
	switch call.name {
	case "login":
		c.epasLogin(w, call)
	case "get-all-config":
		c.epasConfig(w, call, key)
	case "logout":
		c.epasLogout(w, key)
	default:
		c.fault("a request to the client configuration service: %s", call.name)
		answerXML(w, 200, "Invalid request")
	}
}

func (c *Cluster) wsdl() string {
	operations := []string{"login", "logout", "get_all_config"}
	if c.is(SOAPNoLogout) {
		operations = []string{"login", "get_all_config"}
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:cisco:epas:soap">` +
		`<portType name="EpasSoapServiceInterface">`)
	for _, o := range operations {
		b.WriteString(`<operation name="` + o + `"/>`)
	}
	return b.String() + "</portType></definitions>"
}

func envelope(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope" ` +
		`xmlns:epas="urn:cisco:epas:soap"><soapenv:Body>` + inner + `</soapenv:Body></soapenv:Envelope>`
}

func (c *Cluster) epasLogin(w http.ResponseWriter, call *element) {
	text := func(name string) string {
		if e := call.child(name); e != nil {
			return e.text
		}
		return ""
	}
	who := text("username")
	app := text("app-session-id")
	c.mu.Lock()
	_, appOpen := c.keys[app]
	c.mu.Unlock()
	good := app == "" && who == c.config.AppUser && text("password") == c.config.AppPassword || app != "" && appOpen &&
		c.config.Users[who] != ""
	switch {
	case c.is(SOAPFault):
		answerXML(w, 500, envelope(`<soapenv:Fault><soapenv:Reason><soapenv:Text>login failed</soapenv:Text></soapenv:Reason></soapenv:Fault>`))
	case c.is(SOAPPage):
		page(w, 500, "HTTP Status 500")
	case c.is(SOAPRefused), !good:
		answerXML(w, 200, envelope(`<epas:login-resp><epas:failure>invalid user name or password</epas:failure></epas:login-resp>`))
	default:
		key := c.canary("session of " + who) // the same key for the same user: force="false"
		c.mu.Lock()
		c.keys[key] = who
		c.mu.Unlock()
		answerXML(w, 200, envelope(`<epas:login-resp><epas:success><epas:session-key>`+key+
			`</epas:session-key><epas:version>8.5</epas:version></epas:success></epas:login-resp>`))
	}
}

// epasConfig gives a user's configuration. In the place of SECRET is a canary.
func (c *Cluster) epasConfig(w http.ResponseWriter, call *element, key string) {
	c.mu.Lock()
	who, open := c.keys[key]
	c.mu.Unlock()
	for _, e := range call.inner {
		if e.name != "system-config" && e.name != "user-config" {
			c.fault("personal data was asked for: %s", e.name)
		}
	}
	if !open || c.is(SOAPExpired) {
		answerXML(w, 440, envelope(`<epas:get-all-config-resp><epas:failure>session expired</epas:failure></epas:get-all-config-resp>`))
		return
	}
	text, ok := c.config.Users[who]
	if !ok {
		answerXML(w, 200, "Invalid request")
		return
	}
	if c.is(SOAPHalfEmpty) {
		text = halfEmpty(text)
	}
	answerXML(w, 200, strings.ReplaceAll(text, "SECRET", c.canary("Directory.Password of "+who)))
}

// halfEmpty takes the value of every second property.
func halfEmpty(text string) string {
	const end = "</epas:property>"
	parts := strings.SplitAfter(text, end)
	for i, part := range parts {
		if open := strings.LastIndexByte(strings.TrimSuffix(part, end), '>'); i%2 == 1 && strings.HasSuffix(part, end) {
			parts[i] = part[:open] + "/>"
		}
	}
	return strings.Join(parts, "")
}

func (c *Cluster) epasLogout(w http.ResponseWriter, key string) {
	c.mu.Lock()
	_, open := c.keys[key]
	if open && !c.is(SOAPKeepsOpen) {
		delete(c.keys, key)
	}
	c.mu.Unlock()
	if !open || c.is(SOAPKeepsOpen) {
		answerXML(w, 500, envelope(`<soapenv:Fault><soapenv:Reason><soapenv:Text>no such session</soapenv:Text></soapenv:Reason></soapenv:Fault>`))
		return
	}
	answerXML(w, 200, envelope(`<epas:logout-resp><epas:success/></epas:logout-resp>`))
}
