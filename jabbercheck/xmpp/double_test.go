package xmpp_test

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/xmpp"
)

const (
	head     = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='acme.test' id='x' version='1.0'>`
	required = `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>`
	proceed  = `<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`
	inside   = `<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>CISCO-VTG-TOKEN</mechanism></mechanisms></stream:features>`
	success  = `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`
	bind     = `<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`
)

func failure(condition string) string {
	return `<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><` + condition + `/><text xml:lang='en'>Because.</text></failure>`
}

func ended(condition string) string {
	return `<stream:error><` + condition +
		` xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Because.</text></stream:error></stream:stream>`
}

// A double is an XMPP server that answers what a client sends with fixed texts, one after the other. An answer is sent when the client's
// text fits the expression before it. What was received in clear text and inside TLS is kept.
type double struct {
	addr string
	ca   *servertest.Authority

	mu            sync.Mutex
	clear, sealed strings.Builder
	done          sync.WaitGroup
}

type reply struct {
	to, say string
	tls     bool // TLS begins after the answer
	close   bool // the connection ends after the answer
}

// right is a server that does everything as it should.
func right(auth string) []reply {
	return []reply{
		{to: "<stream:stream [^>]*>", say: head + required},
		{to: "<starttls [^>]*/>", say: proceed, tls: true},
		{to: "<stream:stream [^>]*>", say: head + inside},
		{to: "<auth [^>]*>[^<]*</auth>", say: auth},
		{to: "<stream:stream [^>]*>", say: head + bind},
	}
}

func (d *double) received() (clear, sealed string) {
	d.done.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clear.String(), d.sealed.String()
}

// play runs a double. One that has said all reads on until the client closes.
func play(t *testing.T, replies []reply, names ...string) *double {
	t.Helper()
	d := &double{ca: servertest.CA(t)}
	if len(names) == 0 {
		names = []string{"acme.test", "127.0.0.1"}
	}
	cert := d.ca.Issue(t, servertest.Right, names...)
	d.done.Add(1)
	var once sync.Once
	d.addr = servertest.Listen(t, func(c net.Conn) {
		defer once.Do(d.done.Done)
		conn, into := c, &d.clear
		var pending string
		for _, r := range replies {
			fits := regexp.MustCompile("(?s)" + r.to)
			b := make([]byte, 4096)
			for !fits.MatchString(pending) {
				n, err := conn.Read(b)
				d.mu.Lock()
				into.Write(b[:n])
				d.mu.Unlock()
				pending += string(b[:n])
				if err != nil {
					return
				}
			}
			pending = ""
			if _, err := io.WriteString(conn, r.say); err != nil || r.close {
				return
			}
			if r.tls {
				conn, into = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert.TLS}}), &d.sealed
			}
		}
		b := make([]byte, 4096)
		for {
			n, err := conn.Read(b)
			d.mu.Lock()
			into.Write(b[:n])
			d.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	return d
}

// TestWhatIsSent: in clear text the client sends a stream header, the request for TLS and, where TLS does not begin, the end of the
// stream. The password goes inside TLS alone, no resource is bound, and no presence is sent.
func TestWhatIsSent(t *testing.T) {
	const header = "<?xml version='1.0'?><stream:stream to='acme.test' version='1.0' xml:lang='en' xmlns='jabber:client' " +
		"xmlns:stream='http://etherx.jabber.org/streams'>"
	const starttls, end = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "</stream:stream>"
	const password = "Never-4711-shown"
	auth := "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
		base64.StdEncoding.EncodeToString([]byte("\x00alice\x00"+password)) + "</auth>"
	plainOnly := strings.ReplaceAll(inside, "<mechanisms", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><mechanisms")
	for _, c := range []struct {
		name          string
		replies       []reply
		names         []string
		clear, sealed string
	}{
		{"all goes well", right(success), nil, header + starttls, header + auth + header + end},
		{"a refused log-in", right(failure("not-authorized")), nil, header + starttls, header + auth + end},
		{"StartTLS optional", append([]reply{{to: ">", say: head + plainOnly}}, right(success)[1:]...), nil, header + starttls, header + auth +
			header + end},
		{"no StartTLS", []reply{{to: ">", say: head + inside}}, nil, header + end, ""},
		{"StartTLS refused", []reply{{to: ">", say: head + required}, {to: "starttls",
			say: "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"}}, nil, header + starttls + end, ""},
		{"host unknown", []reply{{to: ">", say: head + ended("host-unknown")}}, nil, header + end, ""},
		{"a certificate for another name", right(success), []string{"other.test"}, header + starttls, header + end},
		{"no PLAIN", append(right(success)[:2:2], reply{to: ">", say: head + strings.ReplaceAll(inside, "PLAIN", "SCRAM-SHA-1")}), nil,
			header + starttls, header + end},
		{"features twice", []reply{{to: ">", say: head + required + required}, {to: "starttls", say: ""}}, nil, header + starttls + end, ""},
		{"more after proceed", []reply{{to: ">", say: head + required}, {to: "starttls", say: proceed + success}}, nil, header + starttls +
			end, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := play(t, c.replies, c.names...)
			r := request(t, d.addr, "acme.test")
			r.Login = xmpp.Login{User: "alice", Password: loginbudget.NewSecret(password)}
			o := checker(t, d.ca).Probe(t.Context(), r)
			clear, sealed := d.received()
			if clear, _, _ = strings.Cut(clear, "\x16\x03"); clear != c.clear { // TLS begins with a record of a handshake
				t.Errorf("in clear text: %q\nwant %q", clear, c.clear)
			}
			if sealed != c.sealed {
				t.Errorf("inside TLS: %q\nwant %q; %s", sealed, c.sealed, o.Summary())
			}
			for _, forbidden := range []string{"<presence", "<iq", "<message", "<bind"} {
				if strings.Contains(clear+sealed, forbidden) {
					t.Errorf("%s was sent", forbidden)
				}
			}
			if text, err := json.Marshal(o); err != nil || strings.Contains(string(text), password) {
				t.Errorf("the observation: %v, %s", err, text)
			}
		})
	}
}

// TestAnswers: what a server says decides which finding comes.
func TestAnswers(t *testing.T) {
	with := func(at int, say string) []reply {
		replies := right(success)
		replies[at].say = say
		replies[at].tls = replies[at].tls && say == proceed
		return replies[:max(at+1, len(replies)*btoi(replies[at].say == success))]
	}
	for _, c := range []struct {
		name    string
		replies []reply
		rules   string
		says    string
		budget  loginbudget.Outcome
	}{
		{"right", right(success), "", "", loginbudget.Accepted},
		{"host-unknown", with(0, head+ended("host-unknown")), "XMPP102:error", `"acme.test"`, 0},
		{"host-gone", with(0, head+ended("host-gone")), "XMPP102:error", "host-gone", 0},
		{"host-unknown inside TLS", with(2, head+ended("host-unknown")), "XMPP102:error", "inside TLS", 0},
		{"host-unknown, and the server names itself", with(0, strings.ReplaceAll(head, "acme.test", "im.acme.test")+ended("host-unknown")),
			"XMPP102:error", "calls itself im.acme.test", 0},
		{"see-other-host", with(0, head+strings.ReplaceAll(ended("see-other-host"),
			"<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", "<see-other-host "+
				"xmlns='urn:ietf:params:xml:ns:xmpp-streams'>imp2.acme.test:5222</see-other-host>")), "XMPP106:warning", "imp2.acme.test:5222. The " +
			"probe did not follow", 0},
		{"resource-constraint", with(0, head+ended("resource-constraint")), "XMPP105:error", "lacks resources", 0},
		{"policy-violation", with(2, head+ended("policy-violation")), "XMPP105:error", "policy", 0},
		{"reset", with(0, head+ended("reset")), "XMPP105:warning", "new stream", 0},
		{"system-shutdown", with(0, head+ended("system-shutdown")), "XMPP105:error", "shut down", 0},
		{"a reason of its own", with(0, head+ended("too-many-cooks")), "XMPP105:error", "too-many-cooks", 0},
		{"an error without a reason", with(0, head+"<stream:error/>"), "XMPP105:error", "without a name", 0},
		{"StartTLS refused", with(1, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), "XMPP101:error", "refuses StartTLS", 0},
		{"more after proceed", with(1, proceed+"<x/>"), "XMPP101:error", "before TLS has begun", 0},
		{"an answer to StartTLS that is none", with(1, "<message/>"), "XMPP101:error", "answer to StartTLS", 0},
		{"no mechanism", with(2, head+"<stream:features/>"), "XMPP107:error", "No client can log in", 0},
		{"mechanisms that Jabber does not know", with(2, head+strings.NewReplacer("PLAIN", "SCRAM-SHA-1", "CISCO-VTG-TOKEN",
			"DIGEST-MD5").Replace(inside)), "XMPP107:warning", "DIGEST-MD5, SCRAM-SHA-1", 0},
		{"a token alone", with(2, head+strings.ReplaceAll(inside, "PLAIN", "X-OAUTH2")), "", "", 0},
		{"only the old log-in, in clear text", []reply{{to: ">", say: head +
			"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><auth " +
			"xmlns='http://jabber.org/features/iq-auth'/></stream:features>"}, {to: "starttls", say: proceed, tls: true}, {to: ">", say: head +
			inside}, {to: "</auth>", say: success}, {to: ">", say: head + bind}}, "XMPP104:warning", "jabber:iq:auth", loginbudget.Accepted},
		{"StartTLS alone, without a word that it is required", []reply{{to: ">", say: head + strings.ReplaceAll(required, "<required/>", "")},
			{to: "starttls", say: proceed, tls: true}, {to: ">", say: head + inside}, {to: "</auth>", say: success}, {to: ">", say: head +
				bind}}, "", "", loginbudget.Accepted},
		{"not-authorized", with(3, failure("not-authorized")), "XMPP108:error", "does not say which", loginbudget.Rejected},
		{"account-disabled", with(3, failure("account-disabled")), "XMPP108:error", "is disabled", loginbudget.Barred},
		{"credentials-expired", with(3, failure("credentials-expired")), "XMPP108:error", "has expired", loginbudget.Barred},
		{"temporary-auth-failure", with(3, failure("temporary-auth-failure")), "XMPP108:error", "has not judged the password",
			loginbudget.Untested},
		{"mechanism-too-weak", with(3, failure("mechanism-too-weak")), "XMPP108:error", "has not judged the password", loginbudget.Untested},
		{"a refusal with a reason of its own", with(3, failure("bad-weather")), "XMPP108:error", "bad-weather", loginbudget.Rejected},
		{"a stream error for an answer", with(3, ended("policy-violation")), "XMPP105:error", "policy", loginbudget.Unanswered},
		{"a challenge for an answer", with(3, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), "XMPP101:error",
			"answer to the log-in", loginbudget.Unanswered},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := play(t, c.replies)
			r := request(t, d.addr, "acme.test")
			r.Login = login("never-valid-4711")
			dir := t.TempDir()
			budget := func() *loginbudget.Budget {
				return loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap})
			}
			ch := checker(t, d.ca)
			ch.Budget = budget()
			o := ch.Probe(t.Context(), r)
			f := judge(o)
			if got := ruleIDs(f); got != c.rules || !strings.Contains(messages(f), c.says) {
				t.Errorf("rules %q, want %q with %q; %v\n%s", got, c.rules, c.says, o.Error, messages(f))
			}
			made := o.Login != nil && o.Login.NotMade == ""
			if made != (c.budget != 0) {
				t.Errorf("log-in %+v", o.Login)
			}
			// A refused password is remembered by the next run; one that was not judged is not.
			err := budget().Check(t.Context(), loginbudget.Account{Names: []string{"alice"}}, r.Login.Password, loginbudget.Policy{})
			if remembered := err != nil; c.budget != 0 && remembered != (c.budget == loginbudget.Rejected) {
				t.Errorf("remembered: %v", err)
			}
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			var again xmpp.Observation
			if err := json.Unmarshal(text, &again); err != nil {
				t.Fatal(err)
			}
			if a := judge(&again); !reflect.DeepEqual(a, f) {
				t.Errorf("judged anew:\n%s", messages(a))
			}
		})
	}
}

// TestAnAssumedDomain: a server that was asked for a name that is not a presence domain gets no password, and its refusal of the name
// weighs less.
func TestAnAssumedDomain(t *testing.T) {
	d := play(t, right(success))
	r := request(t, d.addr, "acme.test")
	r.Domain.Assumed, r.Login = "the DNS domain of the server", login("never-valid-4711")
	o := checker(t, d.ca).Probe(t.Context(), r)
	if f := judge(o); ruleIDs(f) != "XMPP111:info" || o.Login == nil || !strings.Contains(o.Login.NotMade, "not known") {
		t.Errorf("%+v\n%s", o.Login, messages(f))
	}
	d = play(t, []reply{{to: ">", say: head + ended("host-unknown")}})
	r = request(t, d.addr, "acme.test")
	r.Domain.Assumed = "the DNS domain of the server"
	if f := judge(checker(t, d.ca).Probe(t.Context(), r)); ruleIDs(f) != "XMPP102:warning XMPP111:info" {
		t.Errorf("%s", messages(f))
	}
}

// TestTheDomainAlone: a certificate with the presence domain and without the node name is accepted; the finding has the place of the
// domain.
func TestTheDomainAlone(t *testing.T) {
	d := play(t, right(success), "acme.test")
	r := request(t, d.addr, "acme.test")
	r.Login = login("never-valid-4711")
	o := checker(t, d.ca).Probe(t.Context(), r)
	if f := judge(o); ruleIDs(f) != "XMPP110:info" || !o.TLS.Verified || o.Login == nil || !o.Login.OK {
		t.Errorf("%+v\n%s", o.Login, messages(f))
	}
	d = play(t, []reply{{to: ">", say: head + ended("host-unknown")}})
	r = request(t, d.addr, "acme.test")
	r.Place = live.Place{File: "cluster.txt", Line: 5, Key: "Cluster.Node.3.Name"}
	r.Domain.Place = live.Place{File: "p.txt", Line: 4, Key: "SIPProxy.Domain"}
	f := judge(checker(t, d.ca).Probe(t.Context(), r))
	if len(f) != 1 || f[0].File != "p.txt" || f[0].Line != 4 || !strings.Contains(messages(f), "cluster.txt:5") {
		t.Errorf("%s", messages(f))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
