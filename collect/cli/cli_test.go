package cli_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cupclint/collect/cli"
	"cupclint/internal/lab/sshcli"

	"golang.org/x/crypto/ssh"
)

const password = "Canary.Passw0rd"

// version is an output of "show version active".
const version = "Active Master Version: 12.5.1.16900-48\nActive Version Installed Software Options:\n" +
	"cmterm-devicepack12.5.1.16131-1.cop\n"

// config is a good server with an account of level 0.
func config() sshcli.Config {
	return sshcli.Config{User: "svc-cupclint", Password: password, Commands: map[string]sshcli.Answer{
		"show version active": {Text: version},
		"show myself":         {},
	}}
}

// A node is a server and what connects to it, in a synctest bubble: time passes only while everybody waits.
type node struct {
	t      *testing.T
	server *sshcli.Server
	work   sync.WaitGroup
	given  int // how often the password was handed out
	o      cli.Options
}

func newNode(t *testing.T, c sshcli.Config) *node {
	t.Helper()
	server, err := sshcli.New(c)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, server: server}
	n.o = cli.Options{
		Address: "ucm1.example.com:22", User: "svc-cupclint",
		Password: func() (string, bool) { n.given++; return password, true },
		HostKey:  func(string, ssh.PublicKey) error { return nil },
		Dial: func(context.Context, string, string) (net.Conn, error) {
			client, end := pipe()
			n.work.Go(func() { server.Serve(end) })
			return client, nil
		},
	}
	return n
}

// bubble runs a test with a server whose time is simulated. Whatever the test was, afterwards no session is open, nothing was
// answered, and no password was sent twice.
func bubble(t *testing.T, c sshcli.Config, test func(t *testing.T, n *node)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, c)
		test(t, n)
		n.work.Wait()
		r := n.server.Record()
		if r.Open != 0 {
			t.Errorf("%d sessions are open", r.Open)
		}
		if len(r.Answers) > 0 {
			t.Errorf("questions were answered: %q", r.Answers)
		}
		if n.given > 1 && r.Opened < 2 {
			t.Errorf("the password was handed out %d times", n.given)
		}
		for _, typed := range r.Typed {
			keys := typed.Keys
			if strings.Contains(keys, password) {
				t.Errorf("the password was typed while %s", typed.State)
			}
			switch typed.State {
			case "starting", "login question":
				if keys != "" {
					t.Errorf("typed before the prompt: %q", keys)
				}
			case "question", "running":
				if strings.Trim(keys, "\x03") != "" {
					t.Errorf("typed while %s: %q", typed.State, keys)
				}
			case "pager":
				if strings.Trim(keys, " q\x03") != "" {
					t.Errorf("typed at the pager: %q", keys)
				}
			}
		}
		for _, command := range r.Commands {
			if _, ok := cli.Find(command); !ok && command != cli.PagerOff && command != "quit" {
				t.Errorf("typed: %q", command)
			}
		}
		for _, request := range r.Requests {
			if request != "pty-req" && request != "shell" {
				t.Errorf("requested: %s", request)
			}
		}
	})
}

func dial(t *testing.T, n *node) *cli.Session {
	t.Helper()
	s, err := cli.Dial(t.Context(), n.o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// want runs a command and compares its outcome and its text below the first line.
func want(t *testing.T, s *cli.Session, command string, outcome cli.Outcome, text string) {
	t.Helper()
	out, err := s.Run(t.Context(), command, 0)
	if err != nil {
		t.Errorf("%s: %v", command, err)
	}
	if out.Outcome != outcome {
		t.Errorf("%s ended with %s, want %s: %q", command, out.Outcome, outcome, out.Text)
	}
	if got, want := string(out.Text), "admin:"+command+"\n"+text; got != want {
		t.Errorf("%s printed\n%q\nwant\n%q", command, got, want)
	}
}

func leave(t *testing.T, s *cli.Session) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

// TestScreens proves that the text of a command is the same on every kind of terminal.
func TestScreens(t *testing.T) {
	long := strings.Repeat("ntp.example.com : 192.0.2.10 is reachable, Zürich ÄÖ\n", 90)
	text := "Ethernet 0\nDHCP         : disabled       Status      : up\n\nadmin:\nadmin: is not a prompt here\n" +
		"the last line names admin:\n" + long
	for name, change := range map[string]func(*sshcli.Config){
		"good":            func(*sshcli.Config) {},
		"level 1":         func(c *sshcli.Config) { c.Level = 1 },
		"pager":           func(c *sshcli.Config) { c.PagerRows = 20 },
		"pager of 2":      func(c *sshcli.Config) { c.PagerRows = 2 },
		"pager stays":     func(c *sshcli.Config) { c.PagerRows, c.PagerKeep = 20, true },
		"one byte":        func(c *sshcli.Config) { c.Chunk, c.PagerRows = 1, 20 },
		"three bytes":     func(c *sshcli.Config) { c.Chunk, c.Colour = 3, true },
		"colour":          func(c *sshcli.Config) { c.Colour, c.PagerRows = true, 20 },
		"NULs":            func(c *sshcli.Config) { c.NULs, c.PagerRows = true, 20 },
		"erasing prompt":  func(c *sshcli.Config) { c.PromptStart = "\x1b[K" },
		"user's prompt":   func(c *sshcli.Config) { c.PromptName = "svc-cupclint" },
		"counter":         func(c *sshcli.Config) { c.Counter, c.Chunk = true, 1 },
		"double prompt":   func(c *sshcli.Config) { c.DoubleStart = true },
		"slow banner":     func(c *sshcli.Config) { c.BannerDelay = 40 * time.Second },
		"warning":         func(c *sshcli.Config) { c.Warning = "WARNING: DNS unreachable" },
		"no echo":         func(c *sshcli.Config) { c.NoEcho = true },
		"echo folded":     func(c *sshcli.Config) { c.Fold = 10 },
		"echo folded nl":  func(c *sshcli.Config) { c.Fold, c.FoldWith, c.Chunk = 12, "\r\n", 1 },
		"echo folded esc": func(c *sshcli.Config) { c.Fold, c.FoldWith = 11, "\x1b[K\r\n\r" },
		"keyboard":        func(c *sshcli.Config) { c.KeyboardOnly = true },
		"keyboard, zero":  func(c *sshcli.Config) { c.KeyboardOnly, c.ZeroRound = true, true },
		"password":        func(c *sshcli.Config) { c.PasswordOnly = true },
		"fake keyboard":   func(c *sshcli.Config) { c.KeyboardFails = true },
		"fake password":   func(c *sshcli.Config) { c.RefuseMethod = true },
		"release 12.5":    func(c *sshcli.Config) { c.Algorithms = sshcli.Release12 },
		"FIPS":            func(c *sshcli.Config) { c.Algorithms = sshcli.FIPS },
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			c.Commands["show network eth0 detail"] = sshcli.Answer{Text: text}
			change(&c)
			bubble(t, c, func(t *testing.T, n *node) {
				s := dial(t, n)
				want(t, s, "show version active", cli.OK, version)
				want(t, s, "show network eth0 detail", cli.OK, text)
				want(t, s, "show myself", cli.Empty, "")
				want(t, s, "show version active", cli.OK, version)
				if c.Warning != "" && !strings.Contains(s.Facts().Banner, c.Warning) {
					t.Errorf("the banner has no warning: %q", s.Facts().Banner)
				}
				leave(t, s)
				r := n.server.Record()
				if r.Quit != 1 || r.Opened != 1 || len(r.Passwords) != 1 {
					t.Errorf("opened %d, quit %d, passwords %d", r.Opened, r.Quit, len(r.Passwords))
				}
			})
		})
	}
}

func TestFacts(t *testing.T) {
	c := config()
	c.Algorithms = sshcli.Release12
	bubble(t, c, func(t *testing.T, n *node) {
		s := dial(t, n)
		f := s.Facts()
		if f.HostKey != ssh.FingerprintSHA256(n.server.HostKey()) || f.HostKeyType != "ssh-rsa" ||
			f.KeyExchange != "ecdh-sha2-nistp256" ||
			f.Cipher != "aes128-gcm@openssh.com" || f.ServerVersion != "SSH-2.0-OpenSSH_7.4" || f.Prompt != "admin:" {
			t.Errorf("facts: %+v", f)
		}
		leave(t, s)
	})
}

// TestNotAllowed proves that nothing is typed but commands of the table.
func TestNotAllowed(t *testing.T) {
	bubble(t, config(), func(t *testing.T, n *node) {
		s := dial(t, n)
		for _, command := range []string{
			"", "quit", "show version", "show version active ", " show version active", "Show version active",
			"show version active\r", "show version active file x",
			"show tech all", "show ups status", "utils system restart", "set cli pagination off", "utils ntp start",
			"run sql select * from enduser",
			"run sql select userid,imaddress,enablecups,primarynodeid,status from enduser where userid=''",
			"run sql select userid,imaddress,enablecups,primarynodeid,status from enduser where userid='a' or 1=1'",
			"run sql select userid,imaddress,enablecups,primarynodeid,status from enduser where userid='a\r'",
			"run sql select userid,imaddress,enablecups,primarynodeid,status from enduser where userid='{user}'",
		} {
			if out, err := s.Run(t.Context(), command, 0); cli.ClassOf(err) != cli.NotAllowed || out.Text != nil {
				t.Errorf("%q: %v", command, err)
			}
		}
		leave(t, s)
		if r := n.server.Record(); len(r.Commands) != 2 {
			t.Errorf("typed: %q", r.Commands)
		}
	})
}

// TestLogIn proves what every refusal is called, and how much was sent.
func TestLogIn(t *testing.T) {
	for name, x := range map[string]struct {
		change    func(*sshcli.Config)
		option    func(*cli.Options)
		class     cli.Class
		passwords int
	}{
		"wrong password":  {func(c *sshcli.Config) { c.Password = "other" }, nil, cli.Auth, 1},
		"wrong, keyboard": {func(c *sshcli.Config) { c.Password, c.KeyboardOnly = "other", true }, nil, cli.Auth, 1},
		"wrong, password": {func(c *sshcli.Config) { c.Password, c.PasswordOnly = "other", true }, nil, cli.Auth, 1},
		"asked again":     {func(c *sshcli.Config) { c.Password, c.KeyboardOnly, c.AskAgain = "other", true, true }, nil, cli.Auth, 1},
		"password shown":  {func(c *sshcli.Config) { c.EchoPassword = true }, nil, cli.Asked, 0},
		"withheld": {
			nil,
			func(o *cli.Options) { o.Password = func() (string, bool) { return password, false } },
			cli.Withheld,
			0,
		},
		"withheld, password": {
			func(c *sshcli.Config) { c.PasswordOnly = true },
			func(o *cli.Options) { o.Password = func() (string, bool) { return "", false } },
			cli.Withheld,
			0,
		},
		"no password":              {nil, func(o *cli.Options) { o.Password = nil }, cli.Withheld, 0},
		"no method":                {func(c *sshcli.Config) { c.PublicKeyOnly = true }, nil, cli.Method, 0},
		"expired at log-in":        {func(c *sshcli.Config) { c.KeyboardOnly, c.ExpiredAtLogin = true, true }, nil, cli.Expired, 1},
		"expired in the shell":     {func(c *sshcli.Config) { c.ExpiredInShell = true }, nil, cli.Expired, 1},
		"another question":         {func(c *sshcli.Config) { c.OtherQuestion = "Token code: " }, nil, cli.Asked, 0},
		"a question for a new one": {func(c *sshcli.Config) { c.OtherQuestion = "New password: " }, nil, cli.Expired, 0},
		"no prompt":                {func(c *sshcli.Config) { c.NoPrompt = true }, nil, cli.NoPrompt, 1},
		"banner too slow":          {func(c *sshcli.Config) { c.BannerDelay = time.Hour }, nil, cli.NoPrompt, 1},
		"another prompt":           {func(c *sshcli.Config) { c.PromptName = "root@pub" }, nil, cli.NoPrompt, 1},
		"closed after log-in":      {func(c *sshcli.Config) { c.CloseAfterLogin = true }, nil, cli.Reset, 1},
		"CBC only":                 {func(c *sshcli.Config) { c.Algorithms = sshcli.CBCOnly }, nil, cli.Algorithms, 0},
		"group1 only":              {func(c *sshcli.Config) { c.Algorithms = sshcli.Group1Only }, nil, cli.Algorithms, 0},
		"unknown host key":         {nil, func(o *cli.Options) { o.HostKey = nil }, cli.HostKey, 0},
		"refused host key": {
			nil,
			func(o *cli.Options) { o.HostKey = func(string, ssh.PublicKey) error { return errors.New("changed") } },
			cli.HostKey,
			0,
		},
		"no connection": {nil, func(o *cli.Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }
		}, cli.Connect, 0},
		"silent server": {nil, func(o *cli.Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { client, _ := pipe(); return client, nil }
		}, cli.Timeout, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			if x.change != nil {
				x.change(&c)
			}
			bubble(t, c, func(t *testing.T, n *node) {
				if x.option != nil {
					x.option(&n.o)
				}
				s, err := cli.Dial(t.Context(), n.o)
				if err == nil {
					t.Fatal("logged in", s.Close())
				}
				var e *cli.Error
				if !errors.As(err, &e) || e.Class != x.class || e.PasswordSent != (x.passwords > 0) {
					t.Errorf("%#v: %v", e, err)
				}
				if strings.Contains(err.Error(), password) {
					t.Errorf("the error has the password: %v", err)
				}
				n.work.Wait()
				if r := n.server.Record(); len(r.Passwords) != x.passwords {
					t.Errorf("%d passwords were sent", len(r.Passwords))
				}
			})
		})
	}
}

// TestLegacy proves that old algorithms are used only with Legacy, and that the error names what the node offers.
func TestLegacy(t *testing.T) {
	for _, a := range []sshcli.Algorithm{sshcli.CBCOnly, sshcli.Group1Only} {
		t.Run(string(a), func(t *testing.T) {
			c := config()
			c.Algorithms = a
			bubble(t, c, func(t *testing.T, n *node) {
				_, err := cli.Dial(t.Context(), n.o)
				var e *cli.Error
				if !errors.As(err, &e) || len(e.Offered) == 0 || !strings.Contains(err.Error(), "--legacy-ssh") {
					t.Errorf("without Legacy: %v", err)
				}
				n.o.Legacy = true
				s := dial(t, n)
				want(t, s, "show version active", cli.OK, version)
				leave(t, s)
			})
		})
	}
}

// TestSessions proves what the 11th session of an account gets.
func TestSessions(t *testing.T) {
	c := config()
	c.MaxSessions = 2
	bubble(t, c, func(t *testing.T, n *node) {
		a, b := dial(t, n), dial(t, n)
		_, err := cli.Dial(t.Context(), n.o)
		if cli.ClassOf(err) != cli.Reset {
			t.Errorf("one session too many: %v", err)
		}
		leave(t, a)
		leave(t, b)
	})
}

func TestCancel(t *testing.T) {
	c := config()
	c.Commands["utils ntp status"] = sshcli.Answer{Text: "a\n", Endless: true}
	c.BannerDelay = 20 * time.Second
	bubble(t, c, func(t *testing.T, n *node) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if _, err := cli.Dial(ctx, n.o); cli.ClassOf(err) != cli.Canceled {
			t.Errorf("log-in: %v", err)
		}
		s := dial(t, n)
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		out, err := s.Run(ctx, "utils ntp status", 0)
		if cli.ClassOf(err) != cli.Canceled || !errors.Is(err, context.Canceled) || string(out.Text) != "admin:utils ntp status\na\n" {
			t.Errorf("%v: %q", err, out.Text)
		}
		if _, err := s.Run(ctx, "show version active", 0); cli.ClassOf(err) != cli.Canceled {
			t.Errorf("after the end: %v", err)
		}
		want(t, s, "show version active", cli.OK, version) // with another context
		leave(t, s)
		if r := n.server.Record(); r.Quit != 1 {
			t.Errorf("quit %d", r.Quit)
		}
	})
}

func TestQuitHangs(t *testing.T) {
	c := config()
	c.QuitHangs = true
	bubble(t, c, func(t *testing.T, n *node) {
		s := dial(t, n)
		if err := s.Close(); cli.ClassOf(err) != cli.Left {
			t.Errorf("close: %v", err)
		}
	})
}

// TestChangedHostKey proves that the caller sees the key of each connection before the password is asked for.
func TestChangedHostKey(t *testing.T) {
	c := config()
	c.ChangeHostKey = true
	bubble(t, c, func(t *testing.T, n *node) {
		known := ""
		n.o.HostKey = func(fingerprint string, key ssh.PublicKey) error {
			if fingerprint != ssh.FingerprintSHA256(key) {
				t.Error("the fingerprint is not the key's")
			}
			if known == "" {
				known = fingerprint
			}
			if fingerprint != known {
				return errors.New("the host key has changed")
			}
			return nil
		}
		leave(t, dial(t, n))
		given := n.given
		if _, err := cli.Dial(t.Context(), n.o); cli.ClassOf(err) != cli.HostKey || !strings.Contains(err.Error(), "changed") {
			t.Errorf("changed key: %v", err)
		}
		if n.given != given {
			t.Error("the password was handed out for a changed key")
		}
	})
}

// TestLocked proves that each connection costs one attempt, also of a locked account, and that the account works again after its time.
func TestLocked(t *testing.T) {
	c := config()
	c.LockAfter, c.LockFor, c.Password = 3, 300*time.Second, "other"
	bubble(t, c, func(t *testing.T, n *node) {
		secret := password
		n.o.Password = func() (string, bool) { return secret, true }
		for range 4 {
			if _, err := cli.Dial(t.Context(), n.o); cli.ClassOf(err) != cli.Auth {
				t.Errorf("%v", err)
			}
			n.work.Wait()
			if r := n.server.Record(); len(r.Passwords) == 3 {
				secret = "other" // right, and the account is locked: the refusal is the same
			}
		}
		if r := n.server.Record(); len(r.Passwords) != 4 {
			t.Errorf("%d passwords in 4 connections", len(r.Passwords))
		}
		time.Sleep(c.LockFor) // by the clock of the bubble: no time passes
		leave(t, dial(t, n))
	})
}
