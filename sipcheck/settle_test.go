package sipcheck_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/sipcheck"
)

// A proxy that challenges a REGISTER and answers the one with a credential in its own way: silence, a closed connection, or a status.
func proxy(t *testing.T, credentials *atomic.Int32, mode string) probe.Target {
	t.Helper()
	addr := servertest.Listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			var keep strings.Builder
			method, authorized := "", false
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == "\r\n" {
					break
				}
				name, _, _ := strings.Cut(line, ":")
				switch {
				case method == "":
					method, _, _ = strings.Cut(line, " ")
				case name == "Authorization":
					authorized = true
				case strings.Contains(" Via From To Call-ID CSeq ", " "+name+" "):
					keep.WriteString(line)
				}
			}
			status := "200 OK"
			switch {
			case method == "REGISTER" && !authorized:
				status = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"north.test\", nonce=\"abc\", algorithm=MD5"
			case method == "REGISTER":
				credentials.Add(1)
				if mode == "closed" {
					return
				}
				if mode == "silent" {
					_, _ = io.Copy(io.Discard, c)
					return
				}
				status = mode
			}
			_, _ = fmt.Fprintf(c, "SIP/2.0 %s\r\n%sContent-Length: 0\r\n\r\n", status, keep.String())
		}
	})
	return target(t, addr, "TCP")
}

const stale = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"north.test\", nonce=\"def\", " +
	"algorithm=MD5, stale=true"

// A server that fails, stays silent or hangs up did not refuse the credential: it is sent once in a run, not called refused, and a later
// run may send it again. A refused one is not.
func TestAFailureOfTheServerIsNoRefusal(t *testing.T) {
	for name, tc := range map[string]struct {
		mode, rules string
		again       bool
		twice       bool // in one run: once for each nonce
	}{
		"stale, and stale again": {mode: stale, rules: "SIP101:error", again: true, twice: true},
		"silent":                 {"silent", "SIP101:error", true, false}, "closes": {"closed", "SIP101:error", true, false},
		"only trying": {"100 Trying", "SIP101:error", true, false},
		"500":         {"500 Server Internal Error", "SIP101:error", true, false},
		"503":         {"503 Service Unavailable", "SIP101:error", true, false},
		"504":         {"504 Server Time-out", "SIP101:error", true, false},
		"408":         {"408 Request Timeout", "SIP101:error", true, false}, "refused": {"403 Forbidden", "SIP105:error", false, false},
		"challenged again": {"401 Unauthorized", "SIP105:error", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var credentials atomic.Int32
			tg, dir := proxy(t, &credentials, tc.mode), t.TempDir()
			for run := range 2 {
				c := checker(t, nil)
				c.Prober.Timeouts = probe.Uniform(500 * time.Millisecond)
				c.Budget = loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap})
				o := c.ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: tg, Login: login("Not.Shown9")})
				want := int32(1)
				if tc.again {
					want = int32(run + 1)
				}
				if tc.twice {
					want *= 2
				}
				if n := credentials.Load(); n != want || o.Login == nil || o.Login.OK {
					t.Fatalf("run %d: the credential was sent %d times, want %d: %+v, %v", run, n, want, o.Login, o.Error)
				}
				if got := judge(o); got != tc.rules {
					t.Errorf("run %d: rules %q, want %q", run, got, tc.rules)
				}
				if tc.again && (strings.Contains(o.Summary(), "refused") || !o.Login.NotJudged) {
					t.Errorf("run %d: %s", run, o.Summary())
				}
			}
		})
	}
}

// A proxy that knows the credential says it before it is asked for one.
func TestAProxyThatKnowsTheCredentialShowsItNowhere(t *testing.T) {
	const credential = "Not.Shown9"
	addr := servertest.Listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			var keep strings.Builder
			register := false
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == "\r\n" {
					break
				}
				name, _, _ := strings.Cut(line, ":")
				register = register || strings.HasPrefix(line, "REGISTER")
				if strings.Contains(" Via From To Call-ID CSeq ", " "+name+" ") {
					keep.WriteString(line)
				}
			}
			status := "200 " + credential
			if register {
				status = "401 " + credential + "\r\nWWW-Authenticate: Digest realm=\"" + credential + "\", nonce=\"abc\", algorithm=MD5"
			}
			_, _ = fmt.Fprintf(c, "SIP/2.0 %s\r\n%sServer: %s\r\nContent-Length: 0\r\n\r\n", status, keep.String(), credential)
		}
	})
	o := checker(t, nil).ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, addr, "TCP"), Login: login(credential)})
	if o.Options == nil || o.Challenge == nil || o.Login == nil || o.Login.Answer == nil {
		t.Fatalf("the test does not reach its subject: %+v", o)
	}
	text, err := json.Marshal(o)
	if err != nil || strings.Contains(string(text), credential) || !strings.Contains(string(text), "[redacted]") {
		t.Errorf("%v: the credential shows in %s", err, text)
	}
}
