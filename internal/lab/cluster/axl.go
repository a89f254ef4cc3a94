package cluster

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// axlNamespace begins the namespace of AXL; the schema is after it.
const axlNamespace = "http://www.cisco.com/AXL/API/"

// An element is a part of a request.
type element struct {
	name, space, text string
	inner             []*element
}

func (e *element) child(name string) *element {
	for _, c := range e.inner {
		if c.name == name {
			return c
		}
	}
	return nil
}

// parse reads a request into its body's first element.
func parse(body []byte) (root *element) {
	d := xml.NewDecoder(bytes.NewReader(body))
	top := &element{}
	stack := []*element{top}
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, space: t.Name.Space}
			parent := stack[len(stack)-1]
			parent.inner = append(parent.inner, e)
			stack = append(stack, e)
		case xml.CharData:
			stack[len(stack)-1].text += string(t)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
	return top
}

// axl answers a request. It refuses what a real server refuses, and notes what no good client sends.
func (c *Cluster) axl(n Node, w http.ResponseWriter, r *http.Request) {
	defer c.enter(r.Context())()
	user, password, basic := r.BasicAuth()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		page(w, http.StatusBadRequest, "HTTP Status 400")
		return
	}
	var call *element
	if env := parse(body).child("Envelope"); env != nil && env.child("Body") != nil && len(env.child("Body").inner) == 1 {
		call = env.child("Body").inner[0]
	}
	note := Request{Node: n.Name, Method: r.Method, Path: r.URL.Path, Password: basic, Body: string(body)}
	if call != nil {
		note.What = call.name
		if q := call.child("sql"); q != nil {
			note.SQL = q.text
		}
	}
	c.note(note)
	switch {
	case r.Method != http.MethodPost:
		page(w, http.StatusMethodNotAllowed, "HTTP Status 405")
	case c.is(AXLMissing):
		page(w, http.StatusNotFound, "HTTP Status 404")
	case c.is(AXLBusy), c.busyOnce():
		page(w, http.StatusServiceUnavailable, "HTTP Status 503")
	case !basic && !c.cookie(r):
		page(w, http.StatusNotFound, "HTTP Status 404") // a session that is over
	case basic && (user != c.config.User || password != c.config.Password):
		w.Header().Set("WWW-Authenticate", `Basic realm="Cisco Web Services Realm"`)
		page(w, http.StatusUnauthorized, "HTTP Status 401")
	case c.is(AXLForbidden):
		page(w, http.StatusForbidden, "HTTP Status 403 - Access to the requested resource has been denied")
	case call == nil || !strings.HasPrefix(call.space, axlNamespace):
		axlFault(w, "", "The request is not understood")
	default:
		if basic && !c.is(AXLNoCookie) {
			key := c.canary(fmt.Sprintf("cookie %d", len(c.Requests())))
			c.mu.Lock()
			c.cookies[key] = true
			c.mu.Unlock()
			http.SetCookie(w, &http.Cookie{Name: "JSESSIONIDSSO", Value: key, Secure: true, HttpOnly: true})
		}
		c.axlCall(w, r, call)
	}
}

// underWay is a request that has no whole answer yet. answered is set before over is closed.
type underWay struct {
	over     chan struct{}
	answered bool // its client did not go away
}

// seen is how long the server may need to see that a client has closed its connection.
const seen = time.Second

// enter counts requests that are under way; the function that it returns ends one. A request whose client went away before the next
// one came is not one of them, also where the server sees that a moment later.
func (c *Cluster) enter(ctx context.Context) (leave func()) {
	mine := &underWay{over: make(chan struct{})}
	c.mu.Lock()
	others := slices.Clone(c.running)
	c.running = append(c.running, mine)
	c.mu.Unlock()
	patience, cancel := context.WithTimeout(context.Background(), seen)
	defer cancel()
	together := 1
	for _, o := range others {
		select {
		case <-o.over:
			if o.answered {
				together++
			}
		case <-patience.Done():
			together++
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = max(c.most, together)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		mine.answered = ctx.Err() == nil
		close(mine.over)
		c.running = slices.DeleteFunc(c.running, func(o *underWay) bool { return o == mine })
	}
}

func (c *Cluster) busyOnce() bool {
	if !c.is(AXLBusyTwice) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy++
	return c.busy <= 2
}

// cookie reports whether the request belongs to a session.
func (c *Cluster) cookie(r *http.Request) bool {
	k, err := r.Cookie("JSESSIONIDSSO")
	if err != nil {
		return false
	}
	if c.requestsOf("listProcessNode") > 0 && c.first(AXLForgets) {
		c.mu.Lock()
		clear(c.cookies)
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cookies[k.Value]
}

func (c *Cluster) requestsOf(what string) (n int) {
	for _, r := range c.Requests() {
		if r.What == what {
			n++
		}
	}
	return n
}

func axlFault(w http.ResponseWriter, code, text string) {
	detail := ""
	if code != "" {
		detail = "<detail><axlError><axlcode>" + code + "</axlcode><axlmessage>" + text + "</axlmessage></axlError></detail>"
	}
	answerXML(w, http.StatusInternalServerError, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>`+
		`<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>`+text+`</faultstring>`+detail+
		`</soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
}

// axlCall answers a call of an account that may read.
func (c *Cluster) axlCall(w http.ResponseWriter, r *http.Request, call *element) {
	version := strings.TrimPrefix(call.space, axlNamespace)
	action := r.Header.Get("SOAPAction")
	verb := strings.HasPrefix(call.name, "get") || strings.HasPrefix(call.name, "list")
	query := call.child("sql")
	switch {
	case version == "1.0" && action == "" && !c.is(AXLVersionPage):
		version = c.config.Schemas[0]
	case !slices.Contains(c.config.Schemas, version):
		page(w, 599, "Incorrect axl version. Supported axl versions are "+c.schemaList())
		return
	case !strings.Contains(action, "CUCM:DB ver="+version+" "):
		axlFault(w, "", "The version of the header and of the body disagree")
		return
	}
	switch {
	case call.name == "executeSQLQuery" && query != nil && strings.HasPrefix(query.text, "select "):
		if strings.ContainsAny(query.text, "*;") {
			c.fault("a query with * or ;: %s", query.text)
		}
		c.axlRecords(w, call, version, c.config.Records[query.text])
	case !verb:
		c.fault("an operation that is not a get or a list: %s", call.name)
		page(w, http.StatusUnauthorized, "HTTP Status 401")
	case call.name == "getCCMVersion":
		c.axlAnswer(w, call, version, "<componentVersion><version>"+c.config.Version+"</version></componentVersion>")
	case c.is(AXLRank) && (strings.Contains(call.name, "User")):
		axlFault(w, "5003", "User Rank privilege error")
	case strings.HasPrefix(call.name, "list") && !inOrder(call, "searchCriteria", "returnedTags", "skip", "first"):
		c.fault("%s: elements in an unknown order", call.name)
		axlFault(w, "", "cvc-complex-type.2.4.a: Invalid content was found")
	case c.is(AXLSchema85) && call.child("returnedTags") != nil && call.child("returnedTags").child("processNodeRole") != nil:
		c.fault("%s: a tag that the schema does not have", call.name)
		axlFault(w, "", "cvc-complex-type.2.4.a: Invalid content was found starting with element 'processNodeRole'")
	case strings.HasPrefix(call.name, "list") && c.is(AXLSilent) && call.name == "listLdapDirectory":
		<-r.Context().Done()
	case strings.HasPrefix(call.name, "list") && c.first(AXLMemory):
		axlFault(w, "-1", "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed")
	case strings.HasPrefix(call.name, "list") && c.is(AXLTooLarge) && number(call.child("first")) > 2:
		axlFault(w, "-1", "Query request too large. Total rows matched: 5 rows. Suggestive Row Fetch: less than 3 rows")
	default:
		c.axlRecords(w, call, version, c.find(call))
	}
}

func (c *Cluster) schemaList() string {
	return strings.Join(c.config.Schemas[:len(c.config.Schemas)-1], ", ") + " and " + c.config.Schemas[len(c.config.Schemas)-1]
}

func inOrder(call *element, names ...string) bool {
	at := 0
	for _, e := range call.inner {
		i := slices.Index(names, e.name)
		if i < at {
			return false
		}
		at = i
	}
	return call.child("searchCriteria") != nil && len(call.child("searchCriteria").inner) > 0
}

func number(e *element) int {
	if e == nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(e.text)) // the client writes it
	return n
}

// find gives the records that a call is about: those of the list, by the criteria of a list or by the key of a get.
func (c *Cluster) find(call *element) []Record {
	list := call.name
	criteria := call
	if rest, ok := strings.CutPrefix(call.name, "get"); ok {
		if list = "list" + rest; c.config.Records[list] == nil || c.config.Records[call.name] != nil {
			list = call.name
		}
	} else {
		criteria = call.child("searchCriteria")
	}
	var out []Record
	for _, r := range c.config.Records[list] {
		match := true
		for _, e := range criteria.inner {
			v, ok := r.get(e.name)
			match = match && (!ok || e.text == "%" || strings.EqualFold(v, e.text))
		}
		if match {
			out = append(out, r)
		}
	}
	return out
}

func (r Record) get(name string) (string, bool) {
	for _, f := range r {
		if f[0] == name {
			return f[1], true
		}
	}
	return "", false
}

// axlRecords answers with records: only the tags that were asked for, only the page that was asked for.
func (c *Cluster) axlRecords(w http.ResponseWriter, call *element, version string, records []Record) {
	name := "row"
	for _, verb := range [...]string{"list", "get"} {
		if rest, ok := strings.CutPrefix(call.name, verb); ok {
			name = strings.ToLower(rest[:1]) + rest[1:]
		}
	}
	if first := number(call.child("first")); first > 0 && strings.HasPrefix(call.name, "list") {
		skip := min(number(call.child("skip")), len(records))
		records = records[skip:min(skip+first, len(records))]
	}
	tags := call.child("returnedTags")
	always := call.name == "getLdapAuthentication" || name == "row"
	var b strings.Builder
	for i, r := range records {
		fmt.Fprintf(&b, `<%s uuid="{00000000-1111-2222-0000-%012d}">`, name, i)
		writeRecord(&b, r, "", c.nothing(), func(path string) bool { return always || asked(tags, path) })
		if call.name == "getLdapAuthentication" {
			b.WriteString("<ldapPassword>" + c.canary("ldapPassword") + "</ldapPassword>")
		}
		b.WriteString("</" + name + ">")
	}
	c.axlAnswer(w, call, version, b.String())
}

// asked reports whether a path is below one that was asked for. An element that was asked for without inner ones is given whole.
func asked(tags *element, path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if tags == nil {
			return false
		}
		next := tags.child(part)
		if next == nil {
			return false
		}
		if len(next.inner) == 0 {
			return true
		}
		tags = next
	}
	return false
}

const xsi = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`

// nothing is what an element without a value has in its start tag.
func (c *Cluster) nothing() string {
	switch {
	case c.is(AXLNilOld):
		return xsi + ` xsi:nil="true"`
	case c.is(AXLNilNew):
		return ` xsi:nil="true"`
	}
	return ""
}

// writeRecord writes the fields below a path as elements inside one another; those without a value with the attributes of null.
func writeRecord(b *strings.Builder, r Record, above, null string, want func(path string) bool) {
	for i := 0; i < len(r); {
		name, _, deep := strings.Cut(r[i][0], "/")
		if !deep {
			if want(above+name) && r[i][1] == "" && null != "" {
				b.WriteString("<" + name + null + "/>")
			} else if want(above + name) {
				b.WriteString("<" + name + ">")
				_ = xml.EscapeText(b, []byte(r[i][1])) // a builder takes everything
				b.WriteString("</" + name + ">")
			}
			i++
			continue
		}
		var inner Record
		seen := map[string]bool{}
		for ; i < len(r); i++ {
			n, below, _ := strings.Cut(r[i][0], "/")
			if n != name || seen[below] && !strings.Contains(below, "/") {
				break
			}
			seen[below] = true
			inner = append(inner, [2]string{below, r[i][1]})
		}
		var body strings.Builder
		writeRecord(&body, inner, above+name+"/", null, want)
		if body.Len() > 0 {
			b.WriteString("<" + name + ">" + body.String() + "</" + name + ">")
		}
	}
}

func (c *Cluster) axlAnswer(w http.ResponseWriter, call *element, version, inside string) {
	above := ""
	if c.is(AXLNilNew) {
		above = xsi
	}
	text := `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>` +
		`<ns:` + call.name + `Response xmlns:ns="` + axlNamespace + version + `"` + above + `><return>` + inside + `</return></ns:` + call.name + `Response>` +
		`</soapenv:Body></soapenv:Envelope>`
	if c.is(AXLCut) && call.name == "listProcessNodeService" {
		text = text[:len(text)/2]
	}
	answerXML(w, http.StatusOK, text)
}
