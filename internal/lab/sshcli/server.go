package sshcli

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// An Algorithm is a list of algorithms that servers offer.
type Algorithm string

// The lists. "" is what Go offers.
const (
	Release12  Algorithm = "v12"         // CUCM 12.5(1), Cipher Management not configured
	CBCOnly    Algorithm = "cbc-only"    // ciphers of old servers
	Group1Only Algorithm = "group1-only" // key exchange of old servers
	FIPS       Algorithm = "fips"        // without group1
)

// An Answer is what a command does.
type Answer struct {
	Text string // with \n as line ends; the last one may be missing
	// Ask is a question that comes before the text. "y" gives the text, anything else the prompt.
	Ask string
	// Endless prints the text and does not come back until Ctrl-C.
	Endless bool
	// Stubborn ignores Ctrl-C.
	Stubborn bool
	// PauseAt is the byte of the text before which the output stops for Pause; 0 means no pause.
	PauseAt int
	Pause   time.Duration
	// ResetAt is the byte of the text before which the connection is closed; 0 is never.
	ResetAt int
	// FilePager uses the pager of "file view".
	FilePager bool
	// Level is the privilege level that the command needs.
	Level int
}

// Config says how a server differs from a good one.
type Config struct {
	User, Password string
	Level          int // of the account
	// Commands are the answers. Anything else is "No valid command entered".
	Commands map[string]Answer

	Algorithms    Algorithm
	ChangeHostKey bool // each connection has another host key

	KeyboardOnly, PasswordOnly bool // both methods where neither is set
	PublicKeyOnly              bool // no password at all
	KeyboardFails              bool // keyboard-interactive is offered and fails without a question
	ZeroRound                  bool // keyboard-interactive begins with a round without a question
	RefuseMethod               bool // "password" is offered and always refused
	AskAgain                   bool // keyboard-interactive asks again after a wrong password
	EchoPassword               bool // keyboard-interactive shows what is typed as the password
	ExpiredAtLogin             bool // after the password, keyboard-interactive asks for a new one
	ExpiredInShell             bool // the session asks for a new password instead of a prompt
	OtherQuestion              string
	LockAfter                  int           // wrong passwords until the account is locked; 0 is never
	LockFor                    time.Duration // how long
	MaxSessions                int           // at a time; 0 means no limit
	CloseAfterLogin            bool          // the session ends before its prompt
	MaxTries                   int           // failures after which the server disconnects without a refusal; 0 means no limit

	BannerDelay time.Duration
	NoPrompt    bool   // the banner comes, and nothing else
	Warning     string // a line in the banner, such as "WARNING: DNS unreachable"
	PromptName  string // "admin" where empty
	PromptStart string // comes before the name, such as "\x1b[K"
	DoubleStart bool   // the first prompt is "admin:\r\n\radmin:"
	Counter     bool   // a counter in the prompt

	NoEcho    bool
	Fold      int    // the echo is folded at this column
	FoldWith  string // what folds it; " \r" where empty
	Chunk     int    // bytes of each write; 0 is all
	NULs      bool   // NULs in the output
	Colour    bool   // escape sequences in the output
	PagerRows int    // lines of a page; the terminal's height where 0
	PagerKeep bool   // the pager's phrase is not wiped, and the next line follows it
	QuitHangs bool   // quit does not end the session
}

// Typed is what was typed while the session was in a state: "starting", "prompt", "pager", "question", "running", "login question".
type Typed struct {
	State string
	Keys  string
}

// A Record is what a server was sent.
type Record struct {
	Passwords []string // each that was tried, in every method
	Answers   []string // to questions of keyboard-interactive other than the one for the password
	Typed     []Typed
	Commands  []string // complete lines that were typed at the prompt
	Requests  []string // of channels: "pty-req", "shell", "exec ..."
	Opened    int      // sessions that were opened
	Quit      int      // sessions that were ended with quit or exit
	Open      int      // sessions that are open now
	Most      int      // sessions that were open at the same time
}

// A Server plays the command line on connections. Its methods may be called from any goroutine.
type Server struct {
	config Config
	key    ssh.Signer

	mu     sync.Mutex
	record Record
	wrong  int
	locked time.Time
}

// New makes a server.
func New(c Config) (*Server, error) {
	key, err := newKey(c.Algorithms)
	if err != nil {
		return nil, err
	}
	return &Server{config: c, key: key}, nil
}

func newKey(a Algorithm) (ssh.Signer, error) {
	if a == "" {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("make a host key: %w", err)
		}
		return ssh.NewSignerFromKey(private)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a host key: %w", err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil || a == Release12 || a == FIPS {
		return signer, err
	}
	old, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil, errors.New("the host key cannot choose its algorithm")
	}
	return ssh.NewSignerWithAlgorithms(old, []string{ssh.KeyAlgoRSA})
}

// HostKey is the server's host key.
func (s *Server) HostKey() ssh.PublicKey { return s.key.PublicKey() }

// Record gives a copy of what was sent so far.
func (s *Server) Record() Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.record
	r.Passwords = append([]string(nil), r.Passwords...)
	r.Answers = append([]string(nil), r.Answers...)
	r.Typed = append([]Typed(nil), r.Typed...)
	r.Commands = append([]string(nil), r.Commands...)
	r.Requests = append([]string(nil), r.Requests...)
	return r
}

func (s *Server) note(f func(*Record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.record)
}

var errRefused = errors.New("refused")

// try judges a password. A locked account is refused in the same words as a wrong password.
func (s *Server) try(user, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.Passwords = append(s.record.Passwords, password)
	c := &s.config
	switch {
	case time.Now().Before(s.locked):
		return errRefused
	case user == c.User && password == c.Password:
		s.wrong = 0
		return nil
	}
	if s.wrong++; c.LockAfter > 0 && s.wrong >= c.LockAfter {
		s.wrong, s.locked = 0, time.Now().Add(c.LockFor)
	}
	return errRefused
}

// ssh makes the configuration of one connection.
func (s *Server) ssh() (*ssh.ServerConfig, error) {
	c := &s.config
	out := &ssh.ServerConfig{ServerVersion: "SSH-2.0-OpenSSH_7.4", MaxAuthTries: -1}
	if c.MaxTries > 0 {
		out.MaxAuthTries = c.MaxTries
	}
	if c.PublicKeyOnly {
		out.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, errRefused }
	}
	if !c.KeyboardOnly && !c.PublicKeyOnly {
		out.PasswordCallback = func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			err := s.try(m.User(), string(password))
			if c.RefuseMethod {
				err = errRefused
			}
			return nil, err
		}
	}
	if !c.PasswordOnly && !c.PublicKeyOnly {
		out.KeyboardInteractiveCallback = func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			return nil, s.interactive(m.User(), ask)
		}
	}
	key := s.key
	if c.ChangeHostKey {
		s.mu.Lock()
		var err error
		if s.record.Opened > 0 {
			key, err = newKey(c.Algorithms)
		}
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	out.AddHostKey(key)
	ctr := []string{ssh.CipherAES128CTR, ssh.CipherAES192CTR, ssh.CipherAES256CTR, ssh.CipherAES128GCM, ssh.CipherAES256GCM}
	switch c.Algorithms {
	case Release12:
		out.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1, ssh.InsecureKeyExchangeDH14SHA1, ssh.KeyExchangeECDHP256,
			ssh.KeyExchangeECDHP384,
			ssh.KeyExchangeECDHP521}
		out.Ciphers, out.MACs = ctr, []string{ssh.HMACSHA1}
	case FIPS:
		out.KeyExchanges = []string{ssh.KeyExchangeECDHP521, ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP256}
		out.Ciphers, out.MACs = ctr, []string{ssh.HMACSHA256, ssh.HMACSHA512}
	case CBCOnly:
		out.KeyExchanges, out.Ciphers, out.MACs = []string{ssh.InsecureKeyExchangeDH14SHA1}, []string{ssh.InsecureCipherAES128CBC},
			[]string{ssh.HMACSHA1}
	case Group1Only:
		out.KeyExchanges, out.Ciphers, out.MACs = []string{ssh.InsecureKeyExchangeDH1SHA1}, ctr, []string{ssh.HMACSHA1}
	}
	return out, nil
}

// interactive is keyboard-interactive: a question for the password, and what the switches add.
func (s *Server) interactive(user string, ask ssh.KeyboardInteractiveChallenge) error {
	c := &s.config
	if c.KeyboardFails {
		return errRefused
	}
	if c.ZeroRound {
		if _, err := ask("", "", nil, nil); err != nil {
			return err
		}
	}
	extra := func(question string) error {
		answers, err := ask("", "", []string{question}, []bool{false})
		if err == nil {
			s.note(func(r *Record) { r.Answers = append(r.Answers, answers...) })
		}
		return err
	}
	if c.OtherQuestion != "" {
		if err := extra(c.OtherQuestion); err != nil {
			return err
		}
	}
	for again := c.AskAgain; ; again = false {
		answers, err := ask("", "", []string{"Password: "}, []bool{c.EchoPassword})
		if err != nil {
			return err
		}
		if len(answers) != 1 {
			return errRefused
		}
		if err = s.try(user, answers[0]); err == nil {
			break
		}
		if !again {
			return err
		}
	}
	if c.ExpiredAtLogin {
		for _, q := range [...]string{"(current) UNIX password: ", "New password: ", "Retype new password: "} {
			if err := extra(q); err != nil {
				return err
			}
		}
	}
	return nil
}

// Serve plays one connection and returns when it has ended. It closes the connection.
func (s *Server) Serve(conn net.Conn) {
	defer conn.Close()
	config, err := s.ssh()
	if err != nil {
		return
	}
	server, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	defer server.Close()
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { ssh.DiscardRequests(requests) })
	for offer := range channels {
		if offer.ChannelType() != "session" {
			_ = offer.Reject(ssh.UnknownChannelType, "unknown channel type")
			continue
		}
		if !s.open() {
			_ = offer.Reject(ssh.ResourceShortage, "open failed")
			continue
		}
		channel, requests, err := offer.Accept()
		if err != nil {
			s.close()
			return
		}
		work.Go(func() {
			defer s.close()
			s.session(channel, requests, server)
		})
	}
}

func (s *Server) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.record
	if s.config.MaxSessions > 0 && r.Open >= s.config.MaxSessions {
		return false
	}
	r.Opened++
	r.Open++
	r.Most = max(r.Most, r.Open)
	return true
}

func (s *Server) close() { s.note(func(r *Record) { r.Open-- }) }
