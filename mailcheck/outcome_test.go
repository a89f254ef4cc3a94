package mailcheck

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// A redirect to the log-in of a gateway is a form, and a sign of what is in between.
func TestLogInsOfGateways(t *testing.T) {
	for where, product := range map[string]string{
		"/+CSCOE+/logon.html":                     "Cisco ASA",
		"/dana-na/auth/url_default/welcome.cgi":   "Pulse Secure",
		"/remote/login?lang=en":                   "FortiGate",
		"/InternalSite/Validate.asp?site=x":       "UAG",
		"https://127.0.0.1/my.policy":             "F5 BIG-IP",
		"https://127.0.0.1/owa/auth/logon.aspx?x": "",
	} {
		signs := strings.Join(gatewaySigns(http.Header{"Location": {where}}, ""), "\n")
		form := hasForm("location", strings.ToLower(where))
		if form != (product != "") || !strings.Contains(signs, product) || (signs != "") != form {
			t.Errorf("%s: form %v, %q", where, form, signs)
		}
	}
	if signs := gatewaySigns(http.Header{"Set-Cookie": {"SERVERID=ex1; path=/"}}, ""); len(signs) != 1 {
		t.Errorf("%q", signs)
	}
}

// Exchange answers as Microsoft-IIS: another server answers in front of it.
func TestServersInFrontOfExchange(t *testing.T) {
	for _, h := range []http.Header{
		{"Server": {"nginx/1.24.0"}},
		{"Server": {"openresty"}},
		{"Server": {"envoy"}},
		{"X-Envoy-Upstream-Service-Time": {"12"}},
		{"Server": {"awselb/2.0"}},
		{"Server": {"AkamaiGHost"}},
		{"X-Servedby": {"KEMP-LM"}},
		{"Set-Cookie": {"FORTIWAFSID=x; path=/"}},
		{"Set-Cookie": {"visid_incap_1234=x; path=/"}},
	} {
		if signs := gatewaySigns(h, ""); len(signs) != 1 {
			t.Errorf("%v: %q", h, signs)
		}
	}
	if signs := gatewaySigns(http.Header{"Server": {"Microsoft-IIS/10.0"}, "X-Powered-By": {"ASP.NET"}}, ""); len(signs) != 0 {
		t.Errorf("Exchange itself: %q", signs)
	}
}

// The log-in has passed, so what keeps INBOX shut is something of the mailbox, never of the password.
func TestWhatKeepsAFolderShut(t *testing.T) {
	for answer, want := range map[string]string{
		"NO [INUSE] Mailbox is locked":            "the mailbox is in use by another session",
		"NO Mailbox is locked by POP server":      "the mailbox is locked, as by another session",
		"NO [NOPERM] Permission denied":           "the account may not open this folder",
		"NO [OVERQUOTA] Quota exceeded":           "the mailbox is over its quota",
		"NO Mailbox move in progress":             "the mailbox is being moved",
		"NO [SERVERBUG] Internal error occurred.": "the server reports a fault of its own",
		"BAD Server Unavailable. 15":              "the server is reached, but its back end is not available",
		"NO Mailbox temporarily unavailable":      "the mailbox is not available for the moment",
		"BAD User is authenticated but not conn.": "",
		"BAD User is authenticated but not connected.": "the log-in passed, but the mailbox cannot be opened: IMAP is switched off for the " +
			"mailbox, its back end server is not reached, or the account has too many sessions",
	} {
		if w, _ := toldOfFolder(answer); w.text != want {
			t.Errorf("%s: %q, want %q", answer, w.text, want)
		}
	}
}

// Refusals of mail stores, in the words of Exchange, Dovecot, Cyrus, Unity Connection and Courier: which of them judge a password.
func TestWhatTheBudgetRemembersOfARefusal(t *testing.T) {
	no, bad := imap.StatusResponseTypeNo, imap.StatusResponseTypeBad
	for _, tc := range []struct {
		kind imap.StatusResponseType
		code imap.ResponseCode
		text string
		want loginbudget.Outcome
	}{
		{no, "AUTHENTICATIONFAILED", "Authentication failed.", loginbudget.Rejected},
		{no, "AUTHENTICATIONFAILED", "temporarily called wrong", loginbudget.Rejected}, // the code decides
		{no, "", "LOGIN failed.", loginbudget.Rejected},
		{no, "", "Login failed: user not found", loginbudget.Rejected},
		{no, "ALERT", "Invalid credentials (Failure)", loginbudget.Rejected},
		// Cyrus: its service for passwords failed, perhaps after it judged the password
		{no, "", "Login failed: generic failure", loginbudget.Unanswered},
		{no, "", "Login failed: cannot connect to saslauthd server: No such file or directory", loginbudget.Unanswered},
		{no, "", "Login failed: remote authentication server unavailable", loginbudget.Unanswered},
		{no, "", "Login failed: authentication failure", loginbudget.Rejected},
		{no, "UNAVAILABLE", "Temporary authentication failure.", loginbudget.Untested},
		{no, "INUSE", "Mailbox in use", loginbudget.Untested},
		{no, "LIMIT", "Maximum number of connections from user+IP exceeded", loginbudget.Untested},
		{no, "SERVERBUG", "Internal error occurred.", loginbudget.Untested},
		{no, "PRIVACYREQUIRED", "Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", loginbudget.Untested},
		{no, "", "Server Unavailable. 15", loginbudget.Untested},
		{no, "ALERT", "Too many simultaneous connections. (Failure)", loginbudget.Untested},
		{no, "", "Maximum number of connections exceeded", loginbudget.Untested},
		{no, "", "Please try again later", loginbudget.Untested},
		{no, "", "plaintext logins not allowed, use STARTTLS first", loginbudget.Untested},
		{bad, "", "Command received in Invalid state.", loginbudget.Untested},
		{bad, "", "User is authenticated but not connected.", loginbudget.Barred},
		{no, "EXPIRED", "Password expired", loginbudget.Barred},
		{no, "AUTHORIZATIONFAILED", "You cannot use this mailbox", loginbudget.Barred},
		{no, "", "Account is locked", loginbudget.Barred},
		{no, "AUTHORIZATIONFAILED", "LOGIN Application-specific password required", loginbudget.Barred},
		{no, "AUTHENTICATIONFAILED", "LOGIN failed: two factor authentication required", loginbudget.Barred},
		{bad, "AUTHENTICATIONFAILED", "LogonDenied-BasicAuthBlocked-", loginbudget.Unanswered},
		{no, "", "Command Error. 12", loginbudget.Untested}, // a line without a tag
		{no, "", "Command error: LOGIN failed", loginbudget.Rejected},
		// words that judge the password, next to words that do not
		{no, "", "Invalid login or password, please try again", loginbudget.Rejected},
		{no, "", "Bad username or password. Use SSL?", loginbudget.Rejected},
		{no, "ALERT", "Invalid credentials, server timed out", loginbudget.Rejected},
		{no, "", "Login denied: wrong password. Temporarily blocked", loginbudget.Rejected},
		{no, "LIMIT", "Wrong password", loginbudget.Rejected},
		{bad, "", "Invalid password", loginbudget.Rejected},
		{no, "", "Login failed. Please try again later.", loginbudget.Unanswered},
		{no, "", "Authentication failed (server error)", loginbudget.Unanswered},
		{no, "", "Login failed: too many failed attempts", loginbudget.Unanswered},
		{no, "LIMIT", "Too many wrong passwords", loginbudget.Unanswered},
		{bad, "", "LOGIN failed.", loginbudget.Unanswered},
		{bad, "", "Command Error. 12", loginbudget.Untested},
		{bad, "", "", loginbudget.Untested},
		{no, "AUTHENTICATIONFAILED", "throttled", loginbudget.Unanswered},
	} {
		if got := outcome(&imap.Error{Type: tc.kind, Code: tc.code, Text: tc.text}); got != tc.want {
			t.Errorf("%s [%s] %s: %v, want %v", tc.kind, tc.code, tc.text, got, tc.want)
		}
	}
}

func TestWhatTheBudgetRemembersOfAnHTTPAnswer(t *testing.T) {
	for status, want := range map[int]loginbudget.Outcome{
		http.StatusUnauthorized: loginbudget.Rejected, http.StatusMultiStatus: loginbudget.Accepted, http.StatusOK: loginbudget.Accepted,
		http.StatusNotFound:           loginbudget.Accepted,
		http.StatusServiceUnavailable: loginbudget.Untested, http.StatusInternalServerError: loginbudget.Unanswered,
		http.StatusBadGateway: loginbudget.Unanswered, http.StatusGatewayTimeout: loginbudget.Unanswered,
		http.StatusForbidden: loginbudget.Untested, http.StatusProxyAuthRequired: loginbudget.Untested,
		http.StatusTooManyRequests: loginbudget.Untested,
		http.StatusFound:           loginbudget.Unanswered, 440: loginbudget.Unanswered,
		http.StatusMethodNotAllowed: loginbudget.Barred, http.StatusNotImplemented: loginbudget.Barred,
		http.StatusBadRequest: loginbudget.Unanswered,
	} {
		if got := loginOutcome(&Exchange{Status: status}); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
	if got := loginOutcome(&Exchange{Status: 200, Form: true}); got != loginbudget.Unanswered {
		t.Errorf("a form: %v", got)
	}
}

// A mail store that answers a log-in in its own way; empty closes the connection.
func store(t *testing.T, logins *atomic.Int32, answer string) probe.Target {
	t.Helper()
	addr := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "* OK ready\r\n")
		lines := bufio.NewScanner(c)
		for lines.Scan() {
			tag, command, _ := strings.Cut(lines.Text(), " ")
			switch verb, _, _ := strings.Cut(command, " "); strings.ToUpper(verb) {
			case "CAPABILITY":
				_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1\r\n"+tag+" OK done\r\n")
			case "LOGIN":
				logins.Add(1)
				if answer == "" {
					return
				}
				_, _ = io.WriteString(c, strings.ReplaceAll(answer, "TAG", tag)+"\r\n")
			default:
				_, _ = io.WriteString(c, tag+" OK done\r\n")
			}
		}
	})
	at, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Target{Host: at.IP.String(), Port: at.Port, Security: probe.Plain}
}

// A refused password is not sent again by a later run; one that was not judged is, and nothing calls it refused.
func TestALaterRunSendsWhatWasNotJudged(t *testing.T) {
	for name, tc := range map[string]struct {
		answer string
		again  bool
	}{
		"refused":               {"TAG NO [AUTHENTICATIONFAILED] Authentication failed.", false},
		"refused without code":  {"TAG NO LOGIN failed.", false},
		"not available":         {"TAG NO [UNAVAILABLE] Temporary authentication failure.", true},
		"too many connections":  {"TAG NO Too many simultaneous connections.", true},
		"server unavailable":    {"TAG NO Server Unavailable. 15", true},
		"good-bye":              {"* BYE Internal error", true},
		"good-bye that refuses": {"* BYE Authentication failed", false},
		"wrong and try again":   {"TAG NO Wrong password, please try again", false},
		"failed and try again":  {"TAG NO LOGIN failed, please try again", true},
		"closes the connection": {"", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logins atomic.Int32
			tg, dir := store(t, &logins, tc.answer), t.TempDir()
			for run := range 2 {
				c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(10 * time.Second)},
					Budget: loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap})}
				o := c.ProbeIMAP(t.Context(), IMAPRequest{Target: tg, Login: Login{User: "alice", Password: loginbudget.NewSecret("Not.Shown9")}})
				want := int32(1)
				if tc.again {
					want = int32(run + 1)
				}
				if logins.Load() != want || o.Login == nil || o.Login.OK {
					t.Fatalf("run %d: %d log-ins, %+v", run, logins.Load(), o.Login)
				}
				text := o.Summary()
				for _, f := range Judge([]*IMAPObservation{o}, nil, JudgeOptions{}) {
					text += "\n" + f.Message
				}
				if tc.again && (strings.Contains(text, "refuse") || !o.Login.NotJudged) ||
					!tc.again && run == 0 && (!strings.Contains(text, "refuse") || o.Login.NotJudged) {
					t.Errorf("run %d: %s", run, text)
				}
			}
		})
	}
}

// A line that the library cannot read comes with the answer: the server speaks IMAP all the same, and its answer counts.
func TestALineThatIsNoIMAPNextToTheAnswer(t *testing.T) {
	var logins atomic.Int32
	for answer, ok := range map[string]bool{"+ ready\r\nTAG OK done": true, "+ ready\r\nTAG NO LOGIN failed.": false, "+ ready": false} {
		c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(10 * time.Second)}, Budget: servertest.Budget(t)}
		o := c.ProbeIMAP(t.Context(), IMAPRequest{Target: store(t, &logins, answer),
			Login: Login{User: "alice", Password: loginbudget.NewSecret("Not.Shown9")}})
		if o.Login == nil || o.Login.OK != ok {
			t.Errorf("%q: %+v", answer, o.Login)
		}
		for _, f := range Judge([]*IMAPObservation{o}, nil, JudgeOptions{}) {
			if strings.Contains(f.Message, "does not speak") {
				t.Errorf("%q: %s", answer, f.Message)
			}
		}
	}
}

// A server that takes the client for one that is logged in gets no password.
func TestNoPasswordAfterPREAUTH(t *testing.T) {
	addr := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "* PREAUTH ready\r\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			tag, command, _ := strings.Cut(lines.Text(), " ")
			if strings.Contains(lines.Text(), "Not.Shown9") {
				t.Error("the password was sent")
			}
			if strings.EqualFold(command, "CAPABILITY") {
				_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1\r\n")
			}
			_, _ = io.WriteString(c, tag+" OK done\r\n")
		}
	})
	at, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(10 * time.Second)}, Budget: servertest.Budget(t)}
	o := c.ProbeIMAP(t.Context(), IMAPRequest{Target: probe.Target{Host: at.IP.String(), Port: at.Port, Security: probe.Plain},
		Login: Login{User: "alice", Password: loginbudget.NewSecret("Not.Shown9")}})
	if o.Login == nil || !strings.Contains(o.Login.NotMade, "PREAUTH") || o.Incomplete == "" {
		t.Errorf("%+v, %q", o.Login, o.Incomplete)
	}
}

// Unity Connection may ask the directory, and does not say so: a password that one of them refused is not sent to the other, in one run or
// in two, over IMAP or to a calendar gateway.
func TestUnityConnectionAndTheDirectoryMayBeOneAccount(t *testing.T) {
	for _, products := range [][2]Product{{UnityConnection, Exchange2010}, {Exchange2010, UnityConnection}} {
		for _, runs := range []int{1, 2} {
			var logins atomic.Int32
			tg, dir := store(t, &logins, "TAG NO LOGIN failed."), t.TempDir()
			var budgets []*loginbudget.Budget
			for range runs {
				budgets = append(budgets, loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap}))
			}
			for i, product := range products {
				c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(10 * time.Second)}, Budget: budgets[i%runs]}
				c.ProbeIMAP(t.Context(), IMAPRequest{Product: product, Target: tg,
					Login: Login{User: `CORP\alice`, Password: loginbudget.NewSecret("Not.Shown9")}})
			}
			if n := logins.Load(); n != 1 {
				t.Errorf("%q in %d runs: %d log-ins", products, runs, n)
			}
		}
	}
}

// The same store, once with its product and once without: a refused password is remembered for both.
func TestTheProductOfAStoreChangesNoAccount(t *testing.T) {
	for _, products := range [][2]Product{{"", UnityConnection}, {UnityConnection, ""}, {"", Exchange2010}, {Exchange2010, ""}} {
		var logins atomic.Int32
		tg, dir := store(t, &logins, "TAG NO LOGIN failed."), t.TempDir()
		for _, product := range products {
			c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(10 * time.Second)},
				Budget: loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap})}
			c.ProbeIMAP(t.Context(), IMAPRequest{Product: product, Target: tg,
				Login: Login{User: "alice", Password: loginbudget.NewSecret("Not.Shown9")}})
		}
		if n := logins.Load(); n != 1 {
			t.Errorf("%q: %d log-ins", products, n)
		}
	}
}

// What Cyrus says of its service for passwords is not said of the user.
func TestAServiceForPasswordsThatFailedIsNamed(t *testing.T) {
	for answer, want := range map[string]string{
		"NO Login failed: generic failure":                                        "saslauthd",
		"NO Login failed: cannot connect to saslauthd server: Connection refused": "saslauthd",
		"NO Login failed: remote authentication server unavailable":               "authentication server",
		"NO Login failed: user not found":                                         "no user of this name",
	} {
		o := &IMAPObservation{Login: &LoginResult{User: "alice", Answer: answer}}
		if w := reason(o); !strings.Contains(w.text, want) {
			t.Errorf("%s: %s", answer, w.text)
		}
	}
}
