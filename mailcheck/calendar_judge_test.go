package mailcheck

import (
	"net/http"
	"strings"
	"testing"

	"cupclint/lint"
)

// An answer at the address of the web services is not yet the web services: a page without a log-in, and a failure after it, are reported.
func TestAnswersOfWebServices(t *testing.T) {
	asked := &Exchange{Request: "GET " + ewsPath, Status: http.StatusUnauthorized, Headers: []string{"Www-Authenticate: Basic"}}
	answer := func(status int) *Exchange { return &Exchange{Request: "GET " + ewsPath, Status: status} }
	for name, tc := range map[string]struct {
		ews, account *Exchange
		want         string
		severity     lint.Severity
	}{
		"asks":                  {asked, nil, "", 0},
		"lets the account in":   {asked, answer(200), "", 0},
		"a page and no log-in":  {answer(200), nil, "without asking for a log-in", lint.Warning},
		"fails for the account": {asked, answer(500), "they fail", lint.Error},
		"forbids the account":   {asked, answer(403), "to this account", lint.Error},
	} {
		o := &CalendarObservation{Protocol: "EWS", EWS: tc.ews, DAV: tc.account}
		got := judgeDAV(o)
		if tc.want == "" && len(got) > 0 ||
			tc.want != "" && (len(got) != 1 || !strings.Contains(got[0].Message, tc.want) || got[0].Severity != tc.severity) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	o := &CalendarObservation{Protocol: "EWS", EWS: asked, DAV: answer(500)}
	if s := o.Summary(); !strings.Contains(s, "GET 500") || strings.Contains(s, "PROPFIND") {
		t.Error(s)
	}
}

// Unity Connection with LDAP authentication asks the directory, which no client can see: a refusal says so.
func TestARefusalByUnityConnectionMayCountInTheDirectory(t *testing.T) {
	for product, want := range map[Product]bool{UnityConnection: true, Exchange2010: false} {
		o := &IMAPObservation{Product: product, Login: &LoginResult{User: "alice", Answer: "NO LOGIN failed."}}
		got := judgeLogin(o)
		if len(got) != 1 || strings.Contains(strings.Join(got[0].Evidence, "\n"), "LDAP authentication") != want {
			t.Errorf("%s: %+v", product, got)
		}
	}
}
