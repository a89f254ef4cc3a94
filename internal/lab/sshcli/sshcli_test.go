package sshcli

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// connect logs in to a server on loopback.
func connect(t *testing.T, c Config) (*Server, *ssh.Client) {
	t.Helper()
	c.User, c.Password = "svc", "right"
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err == nil {
			s.Serve(conn)
		}
	}()
	client, err := ssh.Dial("tcp", listener.Addr().String(), &ssh.ClientConfig{User: "svc", Auth: []ssh.AuthMethod{ssh.Password("right")},
		HostKeyCallback: ssh.FixedHostKey(s.HostKey())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = listener.Close()
		<-done
		if r := s.Record(); r.Open != 0 {
			t.Errorf("%d sessions are open", r.Open)
		}
	})
	return s, client
}

// read reads until the text ends with want.
func read(t *testing.T, in io.Reader, want string) string {
	t.Helper()
	var b strings.Builder
	buffer := make([]byte, 1)
	for !strings.HasSuffix(b.String(), want) {
		if _, err := in.Read(buffer); err != nil {
			t.Fatalf("%v after %q", err, b.String())
		}
		b.Write(buffer)
	}
	return b.String()
}

// start opens a session, with a terminal or without one.
func start(t *testing.T, client *ssh.Client, terminal bool, command string) (io.Writer, io.Reader) {
	t.Helper()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, err := session.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if terminal {
		if err := session.RequestPty("vt100", 24, 80, nil); err != nil {
			t.Fatal(err)
		}
	}
	if command == "" {
		err = session.Shell()
	} else {
		err = session.Start(command)
	}
	if err != nil {
		t.Fatal(err)
	}
	return in, out
}

// TestServerActsLikeTheAppliance plays a person at a terminal.
func TestServerActsLikeTheAppliance(t *testing.T) {
	s, client := connect(t, Config{Commands: map[string]Answer{
		"show long": {Text: strings.Repeat("line\n", 30)}, "utils ask": {Ask: "Continue (y/n)?", Text: "done\n"},
		"show endless": {Text: "...\n", Endless: true},
	}})
	in, out := start(t, client, true, "")
	say := func(keys, want string) string {
		t.Helper()
		if _, err := io.WriteString(in, keys); err != nil {
			t.Fatal(err)
		}
		return read(t, out, want)
	}
	if text := read(t, out, "admin:"); !strings.Contains(text, "Welcome to the Platform Command Line Interface") {
		t.Errorf("the banner: %q", text)
	}
	if text := say("\r", "admin:"); text != "\r\nadmin:" {
		t.Errorf("a bare return: %q", text)
	}
	if text := say("show long\r", "to quit\x1b[0m"); strings.Count(text, "line\r\n") != 23 {
		t.Errorf("a page: %q", text)
	}
	if text := say("\r", "to quit\x1b[0m"); strings.Count(text, "line\r\n") != 1 {
		t.Errorf("a line more: %q", text)
	}
	say("q", "admin:")
	if text := say("set cli pagination off\r", "admin:"); !strings.Contains(text, "No valid command entered") {
		t.Errorf("level 0: %q", text)
	}
	say("utils ask\r", "?")
	if text := say("y", "admin:"); !strings.Contains(text, "done") {
		t.Errorf("answered: %q", text)
	}
	say("show endless\r", "...\r\n")
	if text := say("\x03", "admin:"); !strings.Contains(text, "Control-C pressed") {
		t.Errorf("stopped: %q", text)
	}
	if _, err := io.WriteString(in, "quit\r"); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(out); err != nil || string(rest) != "quit\r\n" {
		t.Errorf("the end: %q, %v", rest, err)
	}
	r := s.Record()
	want := []Typed{{"prompt", "\rshow long\r"}, {"pager", "\rq"}, {"prompt", "set cli pagination off\rutils ask\r"}, {"question", "y"},
		{"prompt", "show endless\r"}, {"running", "\x03"}, {"prompt", "quit\r"}}
	if len(r.Typed) != len(want) {
		t.Fatalf("typed: %q", r.Typed)
	}
	for i := range want {
		if r.Typed[i] != want[i] {
			t.Errorf("typed %q, want %q", r.Typed[i], want[i])
		}
	}
	if r.Quit != 1 || r.Opened != 1 || len(r.Passwords) != 1 {
		t.Errorf("record: %+v", r)
	}
}

// TestNoTerminal: without a terminal there is a banner and no prompt; exec hangs; there is no file transfer.
func TestNoTerminal(t *testing.T) {
	s, client := connect(t, Config{})
	_, out := start(t, client, false, "")
	read(t, out, "8192 Mbytes RAM\r\n\r\n")
	_, exec := start(t, client, true, "show status")
	read(t, exec, "please wait ...\r\n\r\n")
	more := make(chan string, 2)
	for _, r := range []io.Reader{out, exec} {
		go func() {
			rest, _ := io.ReadAll(r)
			more <- string(rest)
		}()
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.RequestSubsystem("sftp"); err == nil {
		t.Error("file transfer is offered")
	}
	_ = client.Close()
	for range 2 {
		select {
		case rest := <-more:
			if rest != "" {
				t.Errorf("more came: %q", rest)
			}
		case <-time.After(time.Minute):
			t.Fatal("the sessions do not end")
		}
	}
	if r := s.Record(); len(r.Commands) != 0 {
		t.Errorf("commands: %q", r.Commands)
	}
}
