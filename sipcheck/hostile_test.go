package sipcheck_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/sipcheck"
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
	{"garbage", func(c net.Conn) { _, _ = io.WriteString(c, "\x00\xffgarbage\r\n\r\n"); _, _ = io.Copy(io.Discard, c) }, probe.BadProtocol},
	{"a web server", func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	}, probe.BadProtocol},
	{"half a line", func(c net.Conn) { _, _ = io.WriteString(c, "SIP/2.0 2"); _, _ = io.Copy(io.Discard, c) }, probe.Timeout},
	{"an endless line", func(c net.Conn) {
		_, _ = io.WriteString(c, "SIP/2.0 200 ")
		for {
			if _, err := c.Write(bytes.Repeat([]byte("a"), 64<<10)); err != nil {
				return
			}
		}
	}, probe.BadProtocol},
	{"a body that never comes", func(c net.Conn) {
		_, _ = io.WriteString(c, "SIP/2.0 200 OK\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 2000000000\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	}, ""},
	{"requests without end", func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, "OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"); err != nil {
				return
			}
		}
	}, probe.BadProtocol},
	{"answers to something else", func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, "SIP/2.0 200 OK\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"); err != nil {
				return
			}
		}
	}, probe.BadProtocol},
}

func TestHostileProxiesEndInTypedErrors(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := checker(t, nil)
			if tt.class == probe.Timeout || tt.class == "" {
				c.Prober.Timeouts = probe.Uniform(500 * time.Millisecond)
			}
			o := c.ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, servertest.Listen(t, tt.serve), "TCP")})
			if o.Error == nil || tt.class != "" && o.Error.Class != tt.class {
				t.Errorf("%v, want %s", o.Error, tt.class)
			}
			if got := judge(o); got != "SIP101:error" {
				t.Errorf("rules %q", got)
			}
		})
	}
}

func TestUDPThatNobodyAnswers(t *testing.T) {
	c := checker(t, nil)
	c.Prober.Timeouts = probe.Uniform(time.Second)
	closed := c.ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, servertest.ClosedAddr(t), "UDP")})
	if closed.Error == nil || closed.Error.Class != probe.Refused || judge(closed) != "SIP101:error" {
		t.Errorf("closed: %v", closed.Error)
	}
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	o := c.ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, silent.LocalAddr().String(), "UDP")})
	if o.Error == nil || o.Error.Class != probe.Timeout {
		t.Errorf("silent: %v", o.Error)
	}
}

// A credential is sent once over UDP, too, also if no answer comes.
func TestACredentialIsSentOnceOverUDP(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var credentials atomic.Int32
	go func() {
		buf := make([]byte, 65535)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			request := string(buf[:n])
			if strings.Contains(request, "\r\nAuthorization:") {
				credentials.Add(1)
				continue
			}
			status := "200 OK"
			if strings.HasPrefix(request, "REGISTER") {
				status = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"north.test\", nonce=\"abc\", algorithm=MD5"
			}
			var answer strings.Builder
			answer.WriteString("SIP/2.0 " + status + "\r\n")
			for line := range strings.SplitSeq(request, "\r\n") {
				if name, _, _ := strings.Cut(line, ":"); name == "Via" || name == "From" || name == "To" || name == "Call-ID" || name == "CSeq" {
					answer.WriteString(line + "\r\n")
				}
			}
			_, _ = server.WriteTo([]byte(answer.String()+"Content-Length: 0\r\n\r\n"), from)
		}
	}()
	c := checker(t, nil)
	c.Prober.Timeouts = probe.Uniform(2 * time.Second) // three times the first timer and more
	o := c.ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, server.LocalAddr().String(), "UDP"), Login: login("Not.Shown9")})
	if n := credentials.Load(); n != 1 || o.Login == nil || !o.Login.NotJudged {
		t.Errorf("sent %d times: %+v, %v", n, o.Login, o.Error)
	}
}

// A server that cannot read a request answers without the headers that name it: over TCP it is the answer all the same.
func TestAnAnswerThatNamesNoRequest(t *testing.T) {
	addr := servertest.Listen(t, func(c net.Conn) {
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				_, _ = io.WriteString(c, "SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			}
		}
	})
	o := checker(t, nil).ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, addr, "TCP")})
	if o.Register == nil || o.Register.Status != 400 || judge(o) != "SIP105:error" {
		t.Errorf("%q, %+v, %v", judge(o), o.Register, o.Error)
	}
}

// Over UDP a lost request is sent again (RFC 3261, section 17.1.2.2).
func TestALostDatagramIsSentAgain(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		buf := make([]byte, 65535)
		for seen := map[string]bool{}; ; {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			request := string(buf[:n])
			if !seen[request] { // the first copy is lost
				seen[request] = true
				continue
			}
			var answer strings.Builder
			answer.WriteString("SIP/2.0 200 OK\r\n")
			for line := range strings.SplitSeq(request, "\r\n") {
				if name, _, _ := strings.Cut(line, ":"); name == "Via" || name == "From" || name == "To" || name == "Call-ID" || name == "CSeq" {
					answer.WriteString(line + "\r\n")
				}
			}
			_, _ = server.WriteTo([]byte(answer.String()+"Content-Length: 0\r\n\r\n"), from)
		}
	}()
	o := checker(t, nil).ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, server.LocalAddr().String(), "UDP")})
	if o.Error != nil || o.Options == nil || o.Register == nil {
		t.Errorf("%v %v %v", o.Error, o.Options, o.Register)
	}
}

func TestCancelEndsAProbe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr := servertest.Listen(t, func(c net.Conn) {
		cancel()
		_, _ = io.Copy(io.Discard, c)
	})
	o := checker(t, nil).ProbeSIP(ctx, sipcheck.SIPRequest{Target: target(t, addr, "TCP")})
	if o.Error == nil || o.Error.Class != probe.Cancelled || o.Incomplete == "" || judge(o) != "" {
		t.Errorf("%v %q %q", o.Error, o.Incomplete, judge(o))
	}
}

func TestCTIMustAcceptAndStayOpen(t *testing.T) {
	stays := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for name, tt := range map[string]struct {
		addr  string
		class probe.Class
		held  bool
	}{
		"stays open": {servertest.Listen(t, stays), "", true},
		"SSH, which hangs up": {servertest.Listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_8.9\r\n") }), probe.Reset,
			false},
		"closes at once": {servertest.Listen(t, func(net.Conn) {}), probe.Reset, false},
		"refused":        {servertest.ClosedAddr(t), probe.Refused, false},
	} {
		host, port, _ := net.SplitHostPort(tt.addr)
		var n int
		_, _ = fmt.Sscan(port, &n)
		o := checker(t, nil).ProbeCTI(t.Context(),
			sipcheck.CTIRequest{Target: probe.Target{Host: host, Port: n, Security: probe.Plain}, Hold: 200 * time.Millisecond})
		got := ruleIDs(sipcheck.Judge(nil, []*sipcheck.CTIObservation{o}, sipcheck.JudgeOptions{}))
		want := "CTI101:error"
		if tt.held {
			want = ""
		}
		if got != want || o.Held != tt.held || (o.Error == nil) != (tt.class == "") || o.Error != nil && o.Error.Class != tt.class {
			t.Errorf("%s: rules %q, held %v, error %v", name, got, o.Held, o.Error)
		}
	}
}

// A service that sends first is recognised by its first bytes, even if it sends a lot.
func TestTheBeginningOfWhatAnotherServiceSendsIsKept(t *testing.T) {
	addr := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 "+strings.Repeat("a", 252))
		for {
			if _, err := io.WriteString(c, strings.Repeat("b", 64<<10)); err != nil {
				return
			}
		}
	})
	host, port, _ := net.SplitHostPort(addr)
	var n int
	_, _ = fmt.Sscan(port, &n)
	o := checker(t, nil).ProbeCTI(t.Context(),
		sipcheck.CTIRequest{Target: probe.Target{Host: host, Port: n, Security: probe.Plain}, Hold: 200 * time.Millisecond})
	if want := "220 " + strings.Repeat("a", 252); o.Unasked != want || !o.Held {
		t.Errorf("%q, held %v", o.Unasked, o.Held)
	}
}

// What a strict reader would reject is still an answer: no length, a line without a colon, one of two numbers lost, a body that is late.
func TestAnswersThatAreNotQuiteRight(t *testing.T) {
	for name, rest := range map[string]string{
		"no Content-Length":  "CSeq: %s\r\n\r\n",
		"no CSeq":            "Content-Length: 0\r\n\r\n",
		"a line too many":    "CSeq: %s\r\nProxy\r\nContent-Length: 0\r\n\r\n",
		"the body is late":   "CSeq: %s\r\nContent-Length: 999\r\n\r\n",
		"line feeds only":    "CSeq: %s\nContent-Length: 0\n\n",
		"a number as a word": "CSeq: %s\r\nContent-Length: none\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := servertest.Listen(t, func(c net.Conn) {
				buf := make([]byte, 65535)
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				header := func(name string) string {
					_, value, _ := strings.Cut(string(buf[:n]), name+": ")
					value, _, _ = strings.Cut(value, "\r\n")
					return value
				}
				_, _ = io.WriteString(c, "SIP/2.0 503 Service Unavailable\r\nCall-ID: "+header("Call-ID")+"\r\n"+
					strings.Replace(rest, "%s", header("CSeq"), 1))
				_, _ = io.Copy(io.Discard, c)
			})
			c := checker(t, nil)
			c.Prober.Timeouts = probe.Uniform(500 * time.Millisecond)
			o := c.ProbeSIP(t.Context(), sipcheck.SIPRequest{Target: target(t, addr, "TCP")})
			if o.Options == nil || o.Options.Status != 503 {
				t.Errorf("%v %v", o.Options, o.Error)
			}
		})
	}
}
