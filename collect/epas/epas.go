// Package epas reads the client configuration of a user from the Client Configuration Web Service of a presence server, as an application
// user: the end user's own password plays no part.
//
// An address and an account go in; the answer to get-all-config comes out. Every key that a log-in gives is given back with a log-out, also
// when the context has ended. Where the service's own description has no log-out, no one is logged in.
//
// Sources: DevNet, About the Client Configuration Web Service; IM and Presence Developer Cookbook 10.5. The name of the log-out operation
// is taken from the service's description.
package epas

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"cupclint/internal/lazy"
	"cupclint/internal/loginbudget"
)

const (
	namespace = "urn:cisco:epas:soap"
	// maxAnswer bounds one answer, in bytes.
	maxAnswer = 8 << 20
	// logoutTime is how long a log-out may take. It has a time of its own: it is made after an interrupt as well.
	logoutTime = 5 * time.Second
)

// ErrNoLogout says that the service offers no log-out, so no one is logged in.
var ErrNoLogout = errors.New("the description of the service has no log-out operation: cupclint does not log in, because the session " +
	"would " +
	"be left behind")

// An Error is a refusal or a failure of the service.
type Error struct {
	// Doing is the request.
	Doing  string
	Status int
	// Refused says that a log-in got no session.
	Refused bool
	Detail  string
}

func (e *Error) Error() string {
	text := e.Doing + ": "
	if e.Status != 0 && e.Status != http.StatusOK {
		text += fmt.Sprintf("HTTP status %d ", e.Status)
	}
	if e.Detail == "" {
		return text + "the service gives no session"
	}
	return text + e.Detail
}

// Options make a Client.
type Options struct {
	// URL is that of the service: https://imp1.example.com:8443/EPASSoap/service/v80
	URL  string
	HTTP *http.Client
	User string
	// Password hands out the password of the application user, once.
	Password func() (string, bool)
	// Token is called with each key of a session, so that it can be kept out of what is written.
	Token func(string)
	// Opened, Closed and Left count sessions on the server.
	Opened, Closed func()
	Left           func(error)
}

// A Client asks one presence server. It is not for concurrent use.
type Client struct {
	o      Options
	logout string // name of the operation
	app    string // key of the application user
	ended  error
}

// New makes a client. Nothing is sent.
func New(o Options) *Client { return &Client{o: o} }

var logoutName = lazy.Pattern{Expr: `(?i)^log-?out`}

// Describe takes in the description of the service (WSDL). The error is ErrNoLogout where it has no log-out.
func (c *Client) Describe(wsdl []byte) error {
	d := xml.NewDecoder(bytes.NewReader(wsdl))
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "operation" {
			continue
		}
		for _, a := range start.Attr {
			if a.Name.Local == "name" && logoutName.Get().MatchString(a.Value) && xmlName(a.Value) {
				c.logout = a.Value
				return nil
			}
		}
	}
	return ErrNoLogout
}

// xmlName reports whether a name from the server can be put into a request as the name of an element.
func xmlName(s string) bool {
	return len(s) < 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

// LogIn logs the application user in. The error is an *Error where the service refuses.
func (c *Client) LogIn(ctx context.Context) error {
	switch {
	case c.logout == "":
		return ErrNoLogout
	case c.ended != nil:
		return c.ended
	case c.app != "":
		return nil
	}
	password, ok := c.o.Password()
	if !ok {
		return &Error{Doing: "log in as " + c.o.User, Detail: "no password is sent"}
	}
	key, err := c.login(ctx, c.o.User, "thirdpartyapp", element("username", c.o.User)+element("password", password))
	if err != nil {
		c.ended = err
		return err
	}
	c.app = key
	return nil
}

// Config reads the client configuration of a user, who is logged in by the application user's session and logged out again. A session that
// the user already has is used and not forced out.
func (c *Client) Config(ctx context.Context, user string) (answer []byte, err error) {
	if c.app == "" {
		return nil, &Error{Doing: "read the configuration of " + user, Detail: "the application user is not logged in"}
	}
	key, err := c.login(ctx, user, "thirdclient", element("username", user)+element("app-session-id", c.app))
	if err != nil {
		return nil, err
	}
	defer c.out(ctx, user, key)
	answer, status, err := c.send(ctx, "get-all-config", key, "<e:get-all-config><e:system-config/><e:user-config/></e:get-all-config>")
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK || !bytes.Contains(answer, []byte("get-all-config-resp")) {
		return nil, &Error{Doing: "read the configuration of " + user, Status: status, Detail: said(answer)}
	}
	return answer, nil
}

// Close logs the application user out. It may be called twice.
func (c *Client) Close(ctx context.Context) {
	if c.app != "" {
		c.out(ctx, c.o.User, c.app)
		c.app = ""
	}
}

// login asks for a session. Only a key is a success.
func (c *Client) login(ctx context.Context, who, clientType, inner string) (string, error) {
	answer, status, err := c.send(ctx, "login", "", `<e:login client-type="`+clientType+`" force="false">`+inner+`</e:login>`)
	if err != nil {
		return "", err
	}
	key := ""
	if status == http.StatusOK {
		key = sessionKey(answer)
	}
	if key == "" {
		return "", &Error{Doing: "log in as " + who, Status: status, Refused: status < 500 || callsWrong(answer), Detail: said(answer)}
	}
	c.o.Token(key)
	c.o.Opened()
	return key, nil
}

// out gives a key back. It has its own time, because it also runs after an interrupt.
func (c *Client) out(ctx context.Context, who, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutTime)
	defer cancel()
	answer, status, err := c.send(ctx, c.logout, key, "<e:"+c.logout+"/>")
	if err == nil && (status != http.StatusOK || isFault(answer)) {
		err = &Error{Doing: "log out", Status: status, Detail: said(answer)}
	}
	if err != nil {
		c.o.Left(fmt.Errorf("%s: %w", who, err))
		return
	}
	c.o.Closed()
}

func (c *Client) send(ctx context.Context, action, key, body string) (answer []byte, status int, err error) {
	header := ""
	if key != "" {
		header = "<s:Header><e:session-key>" + escape(key) + "</e:session-key></s:Header>"
	}
	text := `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:e="` + namespace + `">` + header + `<s:Body>` + body +
		`</s:Body></s:Envelope>`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, strings.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", `application/soap+xml; charset=UTF-8; action="`+namespace+"/"+action+`"`)
	req.Header.Set("User-Agent", "cupclint")
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, resp.StatusCode, err
	}
	if len(answer) > maxAnswer {
		return nil, resp.StatusCode, &Error{Doing: action, Status: resp.StatusCode, Detail: fmt.Sprintf("the answer has more than %d MiB",
			maxAnswer>>20)}
	}
	return answer, resp.StatusCode, nil
}

func element(name, text string) string {
	return "<e:" + name + ">" + escape(text) + "</e:" + name + ">"
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

// sessionKey is the text of login-resp/success/session-key.
func sessionKey(answer []byte) string {
	d := xml.NewDecoder(bytes.NewReader(answer))
	var path []string
	for {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			n := len(path)
			if key := strings.TrimSpace(string(t)); key != "" && n > 1 && path[n-1] == "session-key" && path[n-2] == "success" {
				return key
			}
		}
	}
}

func isFault(answer []byte) bool {
	return bytes.Contains(answer, []byte("Fault")) || bytes.Contains(answer, []byte("failure")) || bytes.Contains(answer,
		[]byte("Invalid request"))
}

// callsWrong reports whether a fault says that name or password are wrong: faults of SOAP come with HTTP status 500.
func callsWrong(answer []byte) bool {
	return isFault(answer) && loginbudget.Says(said(answer), loginbudget.SaidPassword, loginbudget.SaidName)
}

// said is what an answer says to people: its text without tags, shortened.
func said(answer []byte) string {
	var b strings.Builder
	in := false
	for _, r := range string(answer[:min(len(answer), 8<<10)]) {
		switch {
		case r == '<':
			in = true
			b.WriteByte(' ')
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
