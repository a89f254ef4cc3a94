package epas

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The name of the log-out comes from the description; without one, or with a name that cannot be sent, no one is logged in.
func TestDescription(t *testing.T) {
	for wsdl, want := range map[string]string{
		`<d><portType><operation name="login"/><operation name="logout"/></portType></d>`: "logout",
		`<d><portType><operation name="log-out"/></portType></d>`:                         "log-out",
		`<d><portType><operation name="LogOut"/></portType></d>`:                          "LogOut",
		`<d><portType><operation name="login"/></portType></d>`:                           "",
		`<d><portType><operation name="logout/&gt;&lt;x"/></portType></d>`:                "",
		`not XML`: "",
	} {
		c := New(Options{})
		err := c.Describe([]byte(wsdl))
		if c.logout != want || (want == "") != errors.Is(err, ErrNoLogout) {
			t.Errorf("%s: %q, %v", wsdl, c.logout, err)
		}
		if want == "" && !errors.Is(c.LogIn(t.Context()), ErrNoLogout) {
			t.Error("a log-in without a log-out")
		}
	}
}

// A fault has HTTP status 500: only its words say whether the password was judged.
func TestFaultsThatJudgeThePassword(t *testing.T) {
	const fault = `<s:Envelope xmlns:s="x"><s:Body><s:Fault><s:Reason><s:Text>%s</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`
	for text, want := range map[string]bool{
		"Invalid user name or password": true, "Incorrect password": true, "login failed": false, "no free threads": false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = fmt.Fprintf(w, fault, text)
		}))
		c := New(Options{URL: server.URL, HTTP: server.Client(), User: "app", Password: func() (string, bool) { return "secret", true }})
		c.logout = "logout"
		var failed *Error
		if err := c.LogIn(t.Context()); !errors.As(err, &failed) || failed.Refused != want {
			t.Errorf("%s: %v", text, err)
		}
		server.Close()
	}
}

// FuzzAnswer looks for panics.
func FuzzAnswer(f *testing.F) {
	f.Add("<login-resp><success><session-key>k</session-key></success></login-resp>")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = sessionKey([]byte(text)), said([]byte(text))
		_ = New(Options{}).Describe([]byte(text))
	})
}
