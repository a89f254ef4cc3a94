package uds

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe/web"
)

// TestBoundsOfAnAnswer proves each bound alone: the answers are well-formed and small otherwise.
func TestBoundsOfAnAnswer(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("<servers>", n) + strings.Repeat("</servers>", n) }
	for name, tt := range map[string]struct {
		body string
		good bool
	}{
		"as many elements as allowed": {"<servers>" + strings.Repeat("<a/>", maxElements-1) + "</servers>", true},
		"one element more":            {"<servers>" + strings.Repeat("<a/>", maxElements) + "</servers>", false},
		"as deep as allowed":          {deep(maxDepth), true},
		"one deeper":                  {deep(maxDepth + 1), false},
		"two roots":                   {"<servers/><servers/>", false},
		"a document type":             {"<!DOCTYPE servers><servers/>", false},
		"text after":                  {"<servers/>more", false},
		"a byte order mark":           {"\ufeff<servers/>", true},
	} {
		asked, e := read(&web.Answer{Status: http.StatusOK, Header: http.Header{}, Body: []byte(tt.body)}, "servers")
		if asked.good() != tt.good || (e != nil) != tt.good {
			t.Errorf("%s: good: %t, %s", name, asked.good(), asked.Bad)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	var body strings.Builder
	for i := range maxServers + 3 {
		fmt.Fprintf(&body, "<server>s%d</server><homeCluster>h%d</homeCluster>", i, i)
	}
	e, err := parse([]byte("<servers>" + body.String() + "</servers>"))
	if err != nil {
		t.Fatal(err)
	}
	s, u := new(Servers), new(ClusterUser)
	s.read(e)
	u.read(e)
	if len(s.Servers) != maxServers || s.More != 3 || len(u.Homes) != maxHomes {
		t.Errorf("%d servers and %d more, %d homes", len(s.Servers), s.More, len(u.Homes))
	}
}

// TestOutcomeOfALogIn: only 401 says that the password is wrong.
func TestOutcomeOfALogIn(t *testing.T) {
	for status, want := range map[int]loginbudget.Outcome{
		http.StatusUnauthorized: loginbudget.Rejected, http.StatusForbidden: loginbudget.Barred,
		http.StatusServiceUnavailable: loginbudget.Untested, http.StatusBadGateway: loginbudget.Unanswered,
		http.StatusInternalServerError: loginbudget.Unanswered, http.StatusOK: loginbudget.Unanswered, http.StatusFound: loginbudget.Unanswered,
	} {
		if got := outcome(&Asked{Status: status}, nil); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
		o := &Observation{Login: &Login{User: "alice", Asked: Asked{Status: status}}}
		if refused := strings.Contains(o.Summary(), "refused"); refused != (want == loginbudget.Rejected) {
			t.Errorf("%d: %s", status, o.Summary())
		}
	}
	if got := outcome(&Asked{Status: http.StatusOK}, new(element)); got != loginbudget.Accepted {
		t.Errorf("an entry: %v", got)
	}
}
