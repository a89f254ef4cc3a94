package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"cupclint/internal/lazy"
	"cupclint/internal/loginbudget"
)

// Options say how to reach a node and log in to it.
type Options struct {
	Address string // host:port
	User    string
	// Password hands out the password, or says false to withhold it. It is called at most once, when the node asks for it.
	Password func() (string, bool)
	// HostKey decides on the node's host key, before anything secret is sent. Without it no key is accepted.
	HostKey func(fingerprint string, key ssh.PublicKey) error
	// KeyTypes are the types of the host keys that are known of the node, such as ssh-ed25519. They are asked for first: a node has
	// several keys, and only a known one can be recognised.
	KeyTypes []string
	// Legacy also offers the algorithms that are insecure: CBC ciphers, key exchange with group1 or with SHA-1.
	Legacy bool
	// Dial makes the TCP connection. Without it net.Dialer does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	ConnectTimeout time.Duration // TCP, SSH and log-in together; 30 s where 0
	PromptTimeout  time.Duration // from the log-in to the first prompt; 90 s where 0
	Quiet          time.Duration // how long nothing may follow a prompt before it counts; 300 ms where 0
	MaxOutput      int           // bytes of one command's output that are kept; 4 MiB where 0
}

// Facts describe a session for the manifest.
type Facts struct {
	HostKey       string // the fingerprint, SHA256:...
	HostKeyType   string
	KeyExchange   string
	Cipher        string
	MAC           string
	ServerVersion string // what the node says it is, such as SSH-2.0-OpenSSH_7.4
	Banner        string // what came before the first prompt
	Prompt        string
}

const (
	columns = 500  // wide enough that no table wraps
	rows    = 1000 // a page of the pager, where it asks the terminal

	pagerQuiet    = 50 * time.Millisecond // nothing follows a pager's phrase; output that only quotes it continues
	questionQuiet = 2 * time.Second       // nothing follows a question
	graceStop     = 10 * time.Second      // from Ctrl-C to the prompt
	graceQuit     = 5 * time.Second       // from quit to the end
	pagerOffLimit = 15 * time.Second

	maxOutput = 4 << 20
	maxBanner = 64 << 10

	ctrlC = "\x03"
	enter = "\r"
)

// PagerOff is the only command that is sent without being in the table: it switches off the pager of this one session. An account of
// level 0 is refused, and then the pager is driven by hand.
const PagerOff = "set cli pagination off"

// A Session is a command line at its prompt. It is not for concurrent use: a node carries out one command at a time. Close it.
type Session struct {
	facts   Facts
	doing   string
	address string
	user    string
	quiet   time.Duration
	max     int

	conn   net.Conn
	client *ssh.Client
	in     io.Writer
	chunks chan []byte
	gone   chan struct{} // closed by Close, so that the reader ends

	mu     sync.Mutex
	name   string // "admin", or the account's name: what the prompt says
	prompt string
	dead   error // why no command can be run any more
	sent   bool  // a password was sent
}

// Facts describe the session.
func (s *Session) Facts() Facts { return s.facts }

// Dial connects, checks the host key, logs in with one password, opens a terminal and waits for the prompt. It never answers a
// question other than the one for the password. The error is an *Error.
func Dial(ctx context.Context, o Options) (*Session, error) {
	s := &Session{
		doing: "log in to " + o.Address, address: o.Address, user: o.User, quiet: cmpDuration(o.Quiet, 300*time.Millisecond),
		max:    o.MaxOutput,
		chunks: make(chan []byte), gone: make(chan struct{}),
	}
	if s.max <= 0 {
		s.max = maxOutput
	}
	if err := s.connect(ctx, &o); err != nil {
		return nil, err
	}
	if err := s.start(ctx, &o); err != nil {
		err.PasswordSent = s.sent
		s.dead = err
		s.hangUp()
		return nil, err
	}
	return s, nil
}

func cmpDuration(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// connect makes the authenticated SSH connection.
func (s *Session) connect(ctx context.Context, o *Options) error {
	ctx, cancel := context.WithTimeout(ctx, cmpDuration(o.ConnectTimeout, 30*time.Second))
	defer cancel()
	dial := o.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, "tcp", o.Address)
	if err != nil {
		return s.failed(ctx, Connect, err)
	}
	// A handshake takes no context: closing the connection ends it.
	release := context.AfterFunc(ctx, func() { _ = conn.Close() })
	l := &login{user: o.User, password: o.Password}
	config := &ssh.ClientConfig{User: o.User, AuthCallback: l.next, HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
		s.facts.HostKey, s.facts.HostKeyType = ssh.FingerprintSHA256(key), key.Type()
		if o.HostKey == nil {
			l.hostKey = errors.New("the host key is unknown")
		} else {
			l.hostKey = o.HostKey(s.facts.HostKey, key)
		}
		return l.hostKey
	}}
	if len(o.KeyTypes) > 0 {
		config.HostKeyAlgorithms = keysFirst(o.KeyTypes)
	}
	if o.Legacy {
		allow(config)
	}
	c, channels, requests, err := ssh.NewClientConn(conn, o.Address, config)
	s.sent = l.sent
	if !release() && err == nil {
		_ = c.Close()
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return s.refused(ctx, l, err)
	}
	s.conn = conn
	s.facts.ServerVersion = clean(string(c.ServerVersion()))
	if m, ok := c.(ssh.AlgorithmsConnMetadata); ok {
		a := m.Algorithms()
		s.facts.KeyExchange, s.facts.Cipher, s.facts.MAC = a.KeyExchange, a.Read.Cipher, a.Read.MAC
	}
	s.client = ssh.NewClient(c, channels, requests)
	return nil
}

// allow adds the insecure algorithms to a client's lists.
func allow(c *ssh.ClientConfig) {
	good, bad := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	c.KeyExchanges = append(good.KeyExchanges, bad.KeyExchanges...)
	c.Ciphers = append(good.Ciphers, bad.Ciphers...)
	c.MACs = append(good.MACs, bad.MACs...)
	if c.HostKeyAlgorithms == nil {
		c.HostKeyAlgorithms = append(good.HostKeys, bad.HostKeys...)
	}
}

// keysFirst are the algorithms that are offered for host keys in any case, those of the key types first.
func keysFirst(types []string) []string {
	all := append(ssh.SupportedAlgorithms().HostKeys, ssh.InsecureAlgorithms().HostKeys...)
	var first []string
	for _, t := range types {
		if t == ssh.KeyAlgoRSA { // one key with three kinds of signature
			first = append(first, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512)
		}
		first = append(first, t)
	}
	first = slices.DeleteFunc(first, func(a string) bool { return !slices.Contains(all, a) })
	return append(first, slices.DeleteFunc(all, func(a string) bool { return slices.Contains(first, a) })...)
}

// insecure reports whether Legacy would offer one of the algorithms.
func insecure(list []string) bool {
	bad := ssh.InsecureAlgorithms()
	return slices.ContainsFunc(list, func(a string) bool {
		return slices.Contains(bad.KeyExchanges, a) || slices.Contains(bad.Ciphers, a) || slices.Contains(bad.MACs, a) ||
			slices.Contains(bad.HostKeys, a)
	})
}

// failed tells a caller who gave up from a node that does not answer.
func (s *Session) failed(ctx context.Context, class Class, err error) *Error {
	var e *Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e = fail(Canceled, s.doing, ctx.Err(), "")
	case ctx.Err() != nil:
		e = fail(Timeout, s.doing, ctx.Err(), "")
	default:
		e = fail(class, s.doing, err, "%v", err)
	}
	e.PasswordSent = s.sent
	return e
}

// refused classifies the end of a handshake.
func (s *Session) refused(ctx context.Context, l *login, err error) *Error {
	var negotiation *ssh.AlgorithmNegotiationError
	var e *Error
	switch {
	case l.hostKey != nil:
		e = fail(HostKey, s.doing, l.hostKey, "%s %s: %v", s.facts.HostKeyType, s.facts.HostKey, l.hostKey)
	case errors.As(err, &negotiation):
		e = fail(Algorithms, s.doing, err, "the node offers no algorithm for %s that is allowed: %s", negotiation.What,
			strings.Join(negotiation.RequestedAlgorithms, ", "))
		e.Offered = slices.Clone(negotiation.RequestedAlgorithms)
		if insecure(e.Offered) {
			e.Detail += ". --legacy-ssh allows old algorithms. No password was sent."
		}
	case l.expired:
		e = fail(Expired, s.doing, err, "the node asks for a new password: %s", l.question)
	case l.question != "":
		e = fail(Asked, s.doing, err, "the node asked: %s", l.question)
	case l.withheld:
		e = fail(Withheld, s.doing, err, "no password was sent")
	case l.end, l.sent && turnedAway(err):
		e = fail(Auth, s.doing, err, "the node refused the account %s or its password", l.user)
	case l.offered != nil && !l.sent:
		e = fail(Method, s.doing, err, "the node does not take a password, only: %s", strings.Join(l.offered, ", "))
	default:
		e = s.failed(ctx, Reset, err)
	}
	e.PasswordSent = l.sent
	return e
}

// turnedAway reports whether the node ended the connection in the place of a refusal: after the last failure that it allows it sends none,
// and says why it disconnects (RFC 4253, section 11.1: 14 is that no method is left).
func turnedAway(err error) bool {
	_, why, ok := strings.Cut(err.Error(), "ssh: disconnect, reason ")
	return ok && (strings.HasPrefix(why, "14:") || loginbudget.Says(why, loginbudget.SaidMany, loginbudget.SaidPassword, loginbudget.SaidName,
		loginbudget.SaidFailed))
}

// A login gives the password once, to one question for it.
type login struct {
	user     string
	password func() (string, bool)
	sent     bool     // the password was handed out
	withheld bool     // the caller did not hand it out
	end      bool     // the node refused the password
	expired  bool     // the question asks for a new password
	question string   // what was asked and not answered
	offered  []string // the node's methods
	hostKey  error    // why the host key was not accepted
}

var errStop = errors.New("the log-in ends here")

// next chooses the method. Go's client continues to the next method after a refusal: here nothing follows a password that was sent.
// Keyboard-interactive comes first, as in OpenSSH's own client.
func (l *login) next(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	l.offered = slices.Clone(c.AllowedMethods)
	switch {
	case l.sent:
		l.end = true
		return nil, errStop
	case l.withheld || l.question != "":
		return nil, errStop
	}
	for _, method := range [...]string{"keyboard-interactive", "password"} {
		if !slices.Contains(c.AllowedMethods, method) || slices.Contains(c.TriedMethods, method) {
			continue
		}
		if method == "password" {
			return ssh.PasswordCallback(l.hand), nil
		}
		return ssh.KeyboardInteractive(l.answer), nil
	}
	return nil, errStop
}

// hand hands the password out, once.
func (l *login) hand() (string, error) {
	if l.sent || l.withheld || l.password == nil {
		l.withheld = !l.sent
		return "", errStop
	}
	password, ok := l.password()
	if !ok {
		l.withheld = true
		return "", errStop
	}
	l.sent = true
	return password, nil
}

var (
	asksPassword = lazy.Pattern{Expr: `(?i)^\s*(\S+'s )?password\b`}
	asksNew      = lazy.Pattern{Expr: `(?i)\b(new|current|old|retype|re-enter|confirm)\b.*\bpassw|\bpassw\S*\s.*\b(expired|changed?)\b`}
)

// answer is called for each round of keyboard-interactive. Rounds without a question are confirmed; one question without echo for the
// password is answered, once; anything else ends the log-in without an answer.
func (l *login) answer(_, instruction string, questions []string, echos []bool) ([]string, error) {
	if len(questions) == 0 {
		if asksNew.Get().MatchString(instruction) {
			l.question, l.expired = clean(instruction), true
			return nil, errStop
		}
		return nil, nil
	}
	q := questions[0]
	asks := asksPassword.Get().MatchString(q)
	switch {
	case asksNew.Get().MatchString(q) || asksNew.Get().MatchString(instruction):
		l.expired = true
	case len(questions) == 1 && !echos[0] && asks && !l.sent:
		password, err := l.hand()
		if err != nil {
			return nil, err
		}
		return []string{password}, nil
	case l.sent && asks:
		return nil, errStop // asked again: the password was wrong
	}
	l.question = clean(strings.Join(questions, " "))
	return nil, errStop
}

// start opens the terminal, waits for the prompt, and switches the pager off if the account may.
func (s *Session) start(ctx context.Context, o *Options) *Error {
	ctx, cancel := context.WithTimeout(ctx, cmpDuration(o.PromptTimeout, 90*time.Second))
	defer cancel()
	release := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	opened := make(chan *Error, 1)
	go func() { opened <- s.open(ctx) }()
	if err := <-opened; err != nil {
		release()
		return err
	}
	release()
	banner := &screen{max: maxBanner}
	switch end := s.wait(ctx, banner, nil, nil); end {
	case atPrompt:
	case atQuestion:
		class, last := Asked, banner.last()
		if asksNew.Get().MatchString(last) || asksNew.Get().Match(banner.out) {
			class = Expired
		}
		return fail(class, s.doing, nil, "the node asked: %s", last)
	case atEnd:
		return fail(Reset, s.doing, nil, "the node closed the session before its prompt: %s", tail(banner))
	default:
		if errors.Is(ctx.Err(), context.Canceled) {
			return fail(Canceled, s.doing, ctx.Err(), "")
		}
		return fail(NoPrompt, s.doing, ctx.Err(), "no prompt of the command line came: %s", tail(banner))
	}
	s.facts.Banner, s.facts.Prompt = string(banner.out), s.prompt
	switch _, end := s.send(ctx, PagerOff, pagerOffLimit); end {
	case atPrompt:
		return nil
	case atEnd:
		return fail(Reset, s.doing, nil, "the node closed the session")
	default:
		if s.dead != nil {
			return s.failed(ctx, NoPrompt, fmt.Errorf("the prompt did not come back after %q", PagerOff))
		}
		return nil
	}
}

// tail is the end of a screen for a message.
func tail(s *screen) string {
	text := bytes.TrimSpace(append(bytes.Clone(s.out), s.last()...))
	return string(text[max(0, len(text)-200):])
}

// open asks for a terminal and a shell; exec is not supported by appliances and hangs.
func (s *Session) open(ctx context.Context) *Error {
	session, err := s.client.NewSession()
	if err != nil {
		var closed *ssh.OpenChannelError
		if errors.As(err, &closed) {
			return fail(Reset, s.doing, err, "the node does not open a session: %v", closed)
		}
		return s.failed(ctx, Reset, err)
	}
	if err := session.RequestPty("vt100", rows, columns, ssh.TerminalModes{}); err != nil {
		return s.failed(ctx, Reset, err)
	}
	in, err := session.StdinPipe()
	if err != nil {
		return s.failed(ctx, Reset, err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return s.failed(ctx, Reset, err)
	}
	if err := session.Shell(); err != nil {
		return s.failed(ctx, Reset, err)
	}
	s.in = in
	go s.read(out)
	return nil
}

// read passes on what comes, until the node ends the session.
func (s *Session) read(out io.Reader) {
	defer close(s.chunks)
	for {
		buffer := make([]byte, 32<<10)
		n, err := out.Read(buffer)
		if n > 0 {
			select {
			case s.chunks <- buffer[:n]:
			case <-s.gone:
				return
			}
		}
		if err != nil {
			return
		}
	}
}
