package mailcheck_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/mailcheck"
)

// Servers that no real program would be.
var hostile = []struct {
	name  string
	serve func(net.Conn)
	class probe.Class
}{
	{"silent", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, probe.Timeout},
	{"closes at once", func(net.Conn) {}, probe.Reset},
	{"resets", func(c net.Conn) {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	}, probe.Reset},
	{"garbage", func(c net.Conn) {
		_, _ = c.Write(bytes.Repeat([]byte("\x00\xff\x1b[31mgarbage\r\n"), 20))
		_, _ = io.Copy(io.Discard, c)
	}, probe.BadProtocol},
	{"half a line", func(c net.Conn) { _, _ = io.WriteString(c, "* O"); _, _ = io.Copy(io.Discard, c) }, probe.Timeout},
	{"an endless line", func(c net.Conn) {
		_, _ = io.WriteString(c, "* OK ")
		for {
			if _, err := c.Write(bytes.Repeat([]byte("a"), 64<<10)); err != nil {
				return
			}
		}
	}, probe.BadProtocol},
	{"endless lines", func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, "* OK hello\r\n"); err != nil {
				return
			}
		}
	}, probe.BadProtocol},
}

func TestHostileMailStoresEndInTypedErrors(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, how := range []probe.Security{probe.Plain, probe.StartTLS} {
				c := checker(t, nil)
				c.Prober.Timeouts = probe.Uniform(500 * time.Millisecond)
				if tt.class == probe.BadProtocol {
					c.Prober.Timeouts = probe.Uniform(20 * time.Second) // the bound ends it, not the clock
				}
				o := c.ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, servertest.Listen(t, tt.serve), how)})
				if o.Error == nil || o.Error.Class != tt.class {
					t.Errorf("%s: %v, want %s", how, o.Error, tt.class)
				}
				if got := ruleIDs(mailcheck.Judge([]*mailcheck.IMAPObservation{o}, nil, mailcheck.JudgeOptions{})); got != "MAIL101" {
					t.Errorf("%s: rules %q", how, got)
				}
			}
		})
	}
}

func TestHostileGatewaysEndInTypedErrors(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := checker(t, nil)
			c.Prober.Timeouts = probe.Uniform(500 * time.Millisecond)
			r := mailcheck.CalendarRequest{Target: target(t, servertest.Listen(t, tt.serve), probe.Plain)}
			o := c.ProbeCalendar(t.Context(), r)
			if o.Error == nil {
				t.Fatal("no error")
			}
			if got := judgeCalendar(o); got != "MAIL105" {
				t.Errorf("rules %q", got)
			}
		})
	}
}

// A server that begins to answer log-in with its own greeting, and then says nothing.
func TestCancelEndsEveryPhase(t *testing.T) {
	for name, say := range map[string]string{"before the greeting": "", "after the greeting": "* OK hello\r\n"} {
		ctx, cancel := context.WithCancel(t.Context())
		addr := servertest.Listen(t, func(c net.Conn) {
			_, _ = io.WriteString(c, say)
			cancel()
			_, _ = io.Copy(io.Discard, c)
		})
		o := checker(t, nil).ProbeIMAP(ctx, mailcheck.IMAPRequest{Target: target(t, addr, probe.Plain)})
		if o.Error == nil || o.Error.Class != probe.Cancelled ||
			len(mailcheck.Judge([]*mailcheck.IMAPObservation{o}, nil, mailcheck.JudgeOptions{})) != 0 {
			t.Errorf("%s: %v", name, o.Error)
		}
		cancel()
	}
}

func TestASecretThatTheServerSendsBackIsTakenOut(t *testing.T) {
	addr := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "* OK [CAPABILITY IMAP4rev1] hello\r\n")
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			tag, rest, _ := bytes.Cut(bytes.TrimSpace(buf[:n]), []byte(" "))
			if bytes.HasPrefix(rest, []byte("CAPABILITY")) {
				_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1\r\n"+string(tag)+" OK done\r\n")
				continue
			}
			_, _ = io.WriteString(c, string(tag)+" NO you said "+string(rest)+"\r\n")
		}
	})
	r := mailcheck.IMAPRequest{Target: target(t, addr, probe.Plain), Login: login("Tr0ub4dor")}
	o := checker(t, nil).ProbeIMAP(t.Context(), r)
	if o.Login == nil || o.Login.Answer == "" || bytes.Contains([]byte(o.Login.Answer), []byte("Tr0ub4dor")) {
		t.Errorf("login %+v", o.Login)
	}
}

// A server that knows the password says it before it is asked: in the greeting, in its capabilities, in a status, in headers, in a folder's
// name.
func TestAServerThatKnowsThePasswordShowsItNowhere(t *testing.T) {
	const password = "Tr0ub4dor"
	imap := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "* OK [CAPABILITY IMAP4rev1 X-"+password+"] hello "+password+"\r\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			tag, rest, _ := bytes.Cut(lines.Bytes(), []byte(" "))
			switch {
			case bytes.HasPrefix(rest, []byte("CAPABILITY")):
				_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1 X-"+password+"\r\n"+string(tag)+" OK done\r\n")
			case bytes.HasPrefix(rest, []byte("LOGIN")):
				_, _ = io.WriteString(c, string(tag)+" OK logged in\r\n")
			default:
				_, _ = io.WriteString(c, string(tag)+" NO no folder "+password+"\r\n")
			}
		}
	})
	web := servertest.Listen(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, "HTTP/1.1 401 "+password+"\r\nServer: "+password+"\r\nWWW-Authenticate: Basic realm=\""+password+
			"\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	})
	mail := checker(t, nil).ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, imap, probe.Plain), Login: login(password)})
	calendar := checker(t, nil).ProbeCalendar(t.Context(),
		mailcheck.CalendarRequest{Target: target(t, web, probe.Plain), Login: login(password)})
	if mail.Folder == nil || mail.Folder.Answer == "" || len(calendar.Offered) == 0 {
		t.Fatalf("the test does not reach its subject: %+v, %+v", mail, calendar)
	}
	for _, seen := range []any{mail, calendar,
		mailcheck.Judge([]*mailcheck.IMAPObservation{mail}, []*mailcheck.CalendarObservation{calendar}, mailcheck.JudgeOptions{})} {
		text, err := json.Marshal(seen)
		if err != nil || bytes.Contains(bytes.ToLower(text), []byte(strings.ToLower(password))) {
			t.Errorf("%v: the password shows in %s", err, text)
		}
	}
}

func TestCancelEndsACalendarProbe(t *testing.T) {
	for name, say := range map[string]string{"before an answer": "", "in the middle of a header": "HTTP/1.1 200 OK\r\nServer: x"} {
		ctx, cancel := context.WithCancel(t.Context())
		addr := servertest.Listen(t, func(c net.Conn) {
			_, _ = io.WriteString(c, say)
			cancel()
			_, _ = io.Copy(io.Discard, c)
		})
		o := checker(t, nil).ProbeCalendar(ctx, mailcheck.CalendarRequest{Target: target(t, addr, probe.Plain)})
		if o.Error == nil || o.Error.Class != probe.Cancelled || o.Incomplete == "" || judgeCalendar(o) != "" {
			t.Errorf("%s: %v %q", name, o.Error, o.Incomplete)
		}
		cancel()
	}
}

// A warning that came before the log-in is not an answer to it.
func TestAnEarlierWarningIsNoAnswerToTheLogin(t *testing.T) {
	addr := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "* OK ready\r\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			tag, rest, _ := bytes.Cut(lines.Bytes(), []byte(" "))
			if !bytes.HasPrefix(rest, []byte("CAPABILITY")) {
				return
			}
			_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1\r\n* NO the disk is almost full\r\n"+string(tag)+" OK done\r\n")
		}
	})
	o := checker(t, nil).ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, addr, probe.Plain), Login: login("Tr0ub4dor")})
	if o.Login == nil || o.Login.Answer != "" || o.Stray != "" || o.Error == nil || o.Error.Class != probe.Reset {
		t.Errorf("login %+v, line %q, error %v", o.Login, o.Stray, o.Error)
	}
}

// An alert next to the answer is shown (RFC 3501, section 7.1), without the address in its code; one from before the log-in is not.
func TestAnAlertDuringTheLoginIsShown(t *testing.T) {
	addr := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "* OK ready\r\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			tag, rest, _ := bytes.Cut(lines.Bytes(), []byte(" "))
			answer := "* CAPABILITY IMAP4rev1\r\n* OK [ALERT] Maintenance on Sunday\r\n" + string(tag) + " OK done\r\n"
			if bytes.HasPrefix(rest, []byte("LOGIN")) {
				answer = "* NO [WEBALERT https://accounts.example.com/?plt=State9] Web login, please.\r\n" + string(tag) + " NO LOGIN failed.\r\n"
			}
			_, _ = io.WriteString(c, answer)
		}
	})
	o := checker(t, nil).ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, addr, probe.Plain), Login: login("Tr0ub4dor")})
	if o.Login == nil || o.Login.Alert != "Web login, please." {
		t.Fatalf("%+v, %v", o.Login, o.Error)
	}
	for _, f := range mailcheck.Judge([]*mailcheck.IMAPObservation{o}, nil, mailcheck.JudgeOptions{}) {
		if f.Rule == "MAIL104" && (!strings.Contains(f.Message, "Web login") || strings.Contains(f.Message, "does not say more")) {
			t.Error(f.Message)
		}
	}
}

// An answer to the log-in that the library cannot read still says what the server thinks. A good-bye judges nothing, also without its star.
func TestAnswersThatAreNotQuiteIMAP(t *testing.T) {
	for _, c := range []struct {
		name, answer string // with TAG for the tag
		want         string
		notJudged    bool
		bye          bool
	}{
		{"two blanks", "TAG  NO LOGIN failed.\r\n", "NO LOGIN failed.", false, false},
		{"a code that is not closed", "TAG NO [AUTHENTICATIONFAILED Wrong password\r\n", "NO [AUTHENTICATIONFAILED Wrong password", false, false},
		{"the same, of the server", "TAG NO [UNAVAILABLE The back end is down\r\n", "NO [UNAVAILABLE The back end is down", true, false},
		{"a command that is not understood", "TAG  BAD Command Argument Error. 11\r\n", "BAD Command Argument Error. 11", true, false},
		{"a good-bye without a star", "BYE Connection is closed. 13\r\n", "", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			addr := servertest.Listen(t, func(conn net.Conn) {
				_, _ = io.WriteString(conn, "* OK ready\r\n")
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					tag, rest, _ := bytes.Cut(lines.Bytes(), []byte(" "))
					if bytes.HasPrefix(rest, []byte("LOGIN")) {
						_, _ = io.WriteString(conn, strings.Replace(c.answer, "TAG", string(tag), 1))
						if c.bye {
							return
						}
						continue
					}
					_, _ = io.WriteString(conn, "* CAPABILITY IMAP4rev1\r\n"+string(tag)+" OK done\r\n")
				}
			})
			check := checker(t, nil)
			check.Prober.Timeouts = probe.Uniform(time.Second)
			o := check.ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, addr, probe.Plain), Login: login("Tr0ub4dor")})
			if o.Login == nil || o.Login.Answer != c.want || o.Login.NotJudged != c.notJudged {
				t.Errorf("login %+v, error %v", o.Login, o.Error)
			}
			if c.bye != (o.Error != nil) || c.bye && (o.Stray != "" || o.Error.Class != probe.Reset) {
				t.Errorf("line %q, error %v", o.Stray, o.Error)
			}
		})
	}
}
