package ldapcheck

import (
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// What a directory answers, and what is remembered of it: results that no standard gives a bind may have judged the password, and words
// count for more than a number.
func TestWhatTheBudgetRemembersOfABind(t *testing.T) {
	for _, tc := range []struct {
		code int
		text string
		want loginbudget.Outcome
	}{
		{1, "", loginbudget.Untested},
		{8, "data 0", loginbudget.Untested},
		{13, "confidentiality required", loginbudget.Untested},
		{34, "invalid DN", loginbudget.Untested},
		{51, "too busy, try again later", loginbudget.Untested},
		{53, "", loginbudget.Untested},
		{80, "internal error", loginbudget.Untested},
		{16, "", loginbudget.Unanswered},
		{50, "", loginbudget.Unanswered},
		{65, "", loginbudget.Unanswered},
		{112, "", loginbudget.Unanswered},
		{53, "Account inactivated. Contact system administrator.", loginbudget.Barred},
		{53, "NDS error: login lockout (-197)", loginbudget.Barred},
		{53, "Minimum SSF not met.", loginbudget.Untested},
		{53, "unwilling to perform simple authentication", loginbudget.Untested},
		{53, "Wrong password", loginbudget.Rejected},
		{1, "proxied bind: Invalid credentials", loginbudget.Rejected},
		{80, "backend: authentication failed", loginbudget.Unanswered},
		{49, "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data 52e, v3839", loginbudget.Rejected},
		{49, "invalid credentials, try again", loginbudget.Rejected},
	} {
		b := &Bind{Code: tc.code, Text: tc.text}
		if b.Code == 49 {
			b.Sub = SubCode(b.Text)
		}
		if got := b.outcome(); got != tc.want {
			t.Errorf("%d %q: %v, want %v", tc.code, tc.text, got, tc.want)
		}
		if got := b.judged(); got != (tc.want == loginbudget.Rejected || tc.want == loginbudget.Barred) {
			t.Errorf("%d %q: judged %v", tc.code, tc.text, got)
		}
	}
}

// A directory that wants TLS, or no simple bind at all, says so with result 53, too.
func TestAnUnwillingDirectoryIsExplained(t *testing.T) {
	for text, key := range map[string]string{
		"Minimum SSF not met.":                               "tls-required",
		"unwilling to perform simple authentication":         "simple-off",
		"Simple Bind Failed: NT_STATUS_INVALID_LOGON_HOURS":  "hours",
		"Simple Bind Failed: NT_STATUS_INVALID_WORKSTATION":  "workstation",
		"unauthenticated bind (DN with no password) refused": "unwilling",
	} {
		if why := (&Bind{Code: 53, Text: text}).Why(); why.Key != key {
			t.Errorf("%s: %+v", text, why)
		}
	}
}

// A referral that names no server is reported as a bind that failed.
func TestAReferralToNowhereIsReported(t *testing.T) {
	o := &Observation{BindDN: "svc", Bind: &Bind{DN: "svc", Code: 10}}
	o.Target = probe.Target{Host: "dc1.example.com", Port: 389}
	got := Judge([]*Observation{o}, JudgeOptions{})
	if len(got) != 1 || got[0].Rule != "LDAP102" || !strings.Contains(got[0].Message, "referral") {
		t.Errorf("%+v", got)
	}
}

// The advice about a search that gave no users is about its result.
func TestAdviceAboutASearchIsAboutItsResult(t *testing.T) {
	for _, tc := range []struct {
		code int
		text string
		want string
		not  string
	}{
		{3, "", "indexed", "read rights"},
		{11, "look through limit exceeded", "limits", "read rights"},
		{51, "busy", "state of the directory", "read rights"},
		{1, "00002120: SvcErr: DSID-03140200, problem 5012 (DIR_ERROR)", "state of the directory", "read rights"},
		{1, "000004DC: LdapErr: DSID-0C090A22, comment: a successful bind must be completed", "log-in", "state"},
		{50, "", "read rights", "indexed"},
		{53, "", "server's text", "read rights"},
	} {
		o := &Observation{Bases: []BaseSeen{{Base: Base{DN: "dc=x"}, Step: "search", Exists: true, Code: tc.code, Text: tc.text}}}
		got := judgeBases(o)
		if len(got) != 1 || !strings.Contains(got[0].Fix, tc.want) || strings.Contains(got[0].Fix, tc.not) {
			t.Errorf("%d %q: %+v", tc.code, tc.text, got)
		}
	}
}

// Reasons in the words of directories, and Active Directory's channel binding.
func TestReasonsInPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		"GSL_ACCOUNTDISABLED_EXCP :Your account has been disabled. Please contact the administrator.": "disabled",
		"The account is deactivated": "disabled", "Your account has expired": "account-expired", "Password is expired": "password-expired",
		"80090346: LdapErr: DSID-0C09056D, comment: AcceptSecurityContext error, data 80090346, v2580": "channel-binding",
	} {
		b := &Bind{Code: 49, Text: text, Sub: SubCode(text)}
		if why := b.Why(); why.Key != want {
			t.Errorf("%s: %+v", text, why)
		}
		if o := b.outcome(); b.Sub != "" && o != loginbudget.Untested {
			t.Errorf("%s: %v", text, o)
		}
	}
}

// What listens on the port is named as far as its first bytes show it.
func TestWhatIsNotLDAP(t *testing.T) {
	for first, want := range map[string]string{
		"\x15\x03\x01\x00\x02\x02\x0a": "expects TLS", "HTTP/1.1 400 Bad Request\r\n": "as HTTP", "SSH-2.0-x\r\n": "as SSH",
		"* OK ready\r\n": "mail server", "220 ready\r\n": "mail server", "\x00\x00": "0x00",
	} {
		addr := servertest.Listen(t, func(c net.Conn) {
			_, _ = c.Write([]byte(first))
			_, _ = io.Copy(io.Discard, c)
		})
		host, port, _ := net.SplitHostPort(addr)
		number, err := strconv.Atoi(port)
		if err != nil {
			t.Fatal(err)
		}
		c := &Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(5 * time.Second)}, Budget: servertest.Budget(t)}
		o := c.Probe(t.Context(), Request{Role: RoleManual, Target: probe.Target{Host: host, Port: number, Security: probe.Plain},
			Login: Login{DN: "svc@example.com", Password: loginbudget.NewSecret("Not.Shown9")}})
		got := Judge([]*Observation{o}, JudgeOptions{})
		if len(got) != 1 || !strings.Contains(got[0].Message+strings.Join(got[0].Evidence, " "), want) {
			t.Errorf("%q: %+v", first, got)
		}
	}
}

// Two servers that hide what they hold may be one directory: a password that one refused is not tried at the other under another name.
func TestServersThatHideTheirDirectoryMayBeOne(t *testing.T) {
	for name, tc := range map[string]struct {
		dse  [2]*RootDSE
		want bool
	}{
		"both hide it":      {[2]*RootDSE{nil, nil}, true},
		"one hides it":      {[2]*RootDSE{nil, {NamingContexts: []string{"dc=example,dc=com"}}}, true},
		"nothing but cn=":   {[2]*RootDSE{{NamingContexts: []string{"cn=config"}}, nil}, true},
		"the same contexts": {[2]*RootDSE{{NamingContexts: []string{"dc=x"}}, {NamingContexts: []string{"DC=x"}}}, true},
		"other contexts":    {[2]*RootDSE{{NamingContexts: []string{"dc=x"}}, {NamingContexts: []string{"dc=y"}}}, false},
	} {
		b := servertest.Budget(t)
		var granted []bool
		for i, host := range []string{"ldap1.example.com", "10.1.1.2"} {
			o := &Observation{RootDSE: tc.dse[i]}
			r := &run{c: &Checker{Budget: b}, r: Request{Target: probe.Target{Host: host}}, o: o}
			account := r.account([]string{"CN=Cisco Search,dc=x", "svc-cups@example.com"}[i])
			a, err := b.Reserve(t.Context(), account, loginbudget.NewSecret("Not.Shown9"), loginbudget.Policy{})
			if granted = append(granted, err == nil); err == nil {
				_ = a.Settle(loginbudget.Rejected)
			}
		}
		if !granted[0] || granted[1] == tc.want {
			t.Errorf("%s: %v", name, granted)
		}
	}
}
