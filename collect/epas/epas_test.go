package epas

import (
	"errors"
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

// FuzzAnswer looks for panics.
func FuzzAnswer(f *testing.F) {
	f.Add("<login-resp><success><session-key>k</session-key></success></login-resp>")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = sessionKey([]byte(text)), said([]byte(text))
		_ = New(Options{}).Describe([]byte(text))
	})
}
