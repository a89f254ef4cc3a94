package sshcli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// A shell is one session.
type shell struct {
	server  *Server
	config  *Config
	channel ssh.Channel
	conn    io.Closer // the connection, for a reset
	keys    chan byte
	rows    int
	pager   bool
	count   int

	mu    sync.Mutex
	state string
}

var errEnded = errors.New("the session has ended")

// session serves the requests of one channel.
func (s *Server) session(channel ssh.Channel, requests <-chan *ssh.Request, conn io.Closer) {
	defer channel.Close()
	sh := &shell{server: s, config: &s.config, channel: channel, conn: conn, keys: make(chan byte, 1<<16), rows: 24, pager: true,
		state: "starting"}
	var work sync.WaitGroup
	defer work.Wait()
	terminal := false
	for r := range requests {
		what := r.Type
		var ok bool
		switch r.Type {
		case "pty-req":
			var pty struct {
				Term                         string
				Columns, Rows, Width, Height uint32
				Modes                        string
			}
			if ok = ssh.Unmarshal(r.Payload, &pty) == nil; ok {
				terminal, sh.rows = true, int(pty.Rows)
			}
		case "shell", "exec":
			ok = true
			if r.Type == "exec" {
				var exec struct{ Command string }
				_ = ssh.Unmarshal(r.Payload, &exec)
				what += " " + exec.Command
			}
			work.Go(sh.read)
			run := r.Type == "shell"
			work.Go(func() {
				defer channel.Close()
				sh.run(run && terminal, run)
			})
		}
		s.note(func(rec *Record) { rec.Requests = append(rec.Requests, what) })
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
	}
}

// read records what is typed and passes it on.
func (sh *shell) read() {
	defer close(sh.keys)
	buffer := make([]byte, 1024)
	for {
		n, err := sh.channel.Read(buffer)
		if n > 0 {
			sh.server.note(func(r *Record) {
				state := sh.now()
				if k := len(r.Typed); k > 0 && r.Typed[k-1].State == state {
					r.Typed[k-1].Keys += string(buffer[:n])
				} else {
					r.Typed = append(r.Typed, Typed{state, string(buffer[:n])})
				}
			})
			for _, b := range buffer[:n] {
				sh.keys <- b
			}
		}
		if err != nil {
			return
		}
	}
}

func (sh *shell) now() string {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.state
}

func (sh *shell) be(state string) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.state = state
}

// print writes in the pieces that the switches ask for; \n becomes CR LF.
func (sh *shell) print(text string) error { return sh.raw(strings.ReplaceAll(text, "\n", "\r\n")) }

func (sh *shell) raw(text string) error {
	if sh.config.NULs {
		text = strings.ReplaceAll(text, "\r\n", "\x00\r\x00\n")
	}
	size := sh.config.Chunk
	if size <= 0 {
		size = len(text)
	}
	for len(text) > 0 {
		n := min(size, len(text))
		if _, err := io.WriteString(sh.channel, text[:n]); err != nil {
			return errEnded
		}
		text = text[n:]
	}
	return nil
}

// sleep waits; Ctrl-C ends it early and says so.
func (sh *shell) sleep(d time.Duration, stubborn bool) (stopped bool, err error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case k, more := <-sh.keys:
			if !more {
				return false, errEnded
			}
			if k == 3 && !stubborn {
				return true, nil
			}
		case <-timer.C:
			return false, nil
		}
	}
}

// ever is longer than any test or session.
const ever = 1000 * time.Hour

func (sh *shell) run(prompt, shell bool) {
	c := sh.config
	if c.CloseAfterLogin {
		return
	}
	if err := sh.print("Command Line Interface is starting up, please wait ...\n\n"); err != nil {
		return
	}
	if _, err := sh.sleep(c.BannerDelay, true); err != nil {
		return
	}
	if !shell { // exec is not supported: it hangs
		_, _ = sh.sleep(ever, true)
		return
	}
	if c.ExpiredInShell {
		_ = sh.print("WARNING: Your password has expired.\nYou must change your password now and login again!\n" +
			"Changing password for user " + c.User + ".\n(current) UNIX password: ")
		sh.be("login question")
		_, _ = sh.sleep(ever, true)
		return
	}
	banner := "   Welcome to the Platform Command Line Interface\n\n"
	if c.Warning != "" {
		banner += c.Warning + "\n\n"
	}
	banner += "VMware Installation:\n\t2 vCPU: Intel(R) Xeon(R)\n\tDisk 1: 110GB, Partitions aligned\n\t8192 Mbytes RAM\n\n"
	if sh.print(banner) != nil {
		return
	}
	if !prompt || c.NoPrompt { // without a terminal there is no prompt
		_, _ = sh.sleep(ever, true)
		return
	}
	if c.DoubleStart && sh.raw(sh.prompt()+"\r\n\r") != nil {
		return
	}
	for sh.command() == nil {
	}
}

func (sh *shell) prompt() string {
	c := sh.config
	name := c.PromptName
	if name == "" {
		name = "admin"
	}
	if c.Counter {
		sh.count++
		name = fmt.Sprintf("[%d] %s", sh.count, name)
	}
	return c.PromptStart + name + ":"
}

// command prints the prompt, reads a line and carries it out.
func (sh *shell) command() error {
	sh.be("prompt") // before the prompt: what is typed after it is typed at the prompt
	prompt := sh.prompt()
	if err := sh.raw(prompt); err != nil {
		return err
	}
	line, err := sh.line(len(prompt))
	if err != nil {
		return err
	}
	sh.be("running")
	line = strings.TrimSpace(line)
	if line == "" {
		return nil
	}
	sh.server.note(func(r *Record) { r.Commands = append(r.Commands, line) })
	switch line {
	case "quit", "exit":
		if sh.config.QuitHangs {
			_, err := sh.sleep(ever, true)
			return err
		}
		sh.server.note(func(r *Record) { r.Quit++ })
		return errEnded
	case "set cli pagination off":
		if sh.config.Level < 1 {
			return sh.print("No valid command entered\n")
		}
		sh.pager = false
		return sh.print("Automatic pagination is turned off\n")
	}
	answer, ok := sh.config.Commands[line]
	if !ok || answer.Level > sh.config.Level {
		return sh.print("Executed command unsuccessfully\nNo valid command entered\n")
	}
	return sh.answer(&answer)
}

// line reads a line with an echo.
func (sh *shell) line(column int) (string, error) {
	var line []byte
	fold := sh.config.FoldWith
	if fold == "" {
		fold = " \r"
	}
	for k := range sh.keys {
		switch k {
		case '\r', '\n':
			if sh.config.NoEcho {
				return string(line), nil
			}
			return string(line), sh.raw("\r\n")
		case 3:
			return "", sh.raw("^C\r\nControl-C pressed\r\n")
		}
		line = append(line, k)
		if sh.config.NoEcho {
			continue
		}
		if err := sh.raw(string([]byte{k})); err != nil {
			return "", err
		}
		if column++; sh.config.Fold > 0 && column%sh.config.Fold == 0 {
			if err := sh.raw(fold); err != nil {
				return "", err
			}
		}
	}
	return "", errEnded
}

const (
	pagerPhrase = "Press <enter> for 1 line, <space> for one page, or <q> to quit"
	stopped     = "\nControl-C pressed\n"
)

// answer prints what a command prints.
func (sh *shell) answer(a *Answer) error {
	if a.Ask != "" {
		sh.be("question")
		if err := sh.print(a.Ask); err != nil {
			return err
		}
		for k := range sh.keys {
			switch {
			case k == 3 && a.Stubborn:
				continue
			case k == 3:
				return sh.print(stopped)
			case k == 'y':
				sh.be("running")
				return sh.print("y\n" + a.Text)
			case k == '\r' || k == '\n':
				return sh.print("\n")
			}
		}
		return errEnded
	}
	switch {
	case a.ResetAt > 0:
		if err := sh.print(a.Text[:a.ResetAt]); err != nil {
			return err
		}
		_ = sh.conn.Close()
		return errEnded
	case a.PauseAt > 0:
		if err := sh.print(a.Text[:a.PauseAt]); err != nil {
			return err
		}
		if stop, err := sh.sleep(a.Pause, a.Stubborn); err != nil || stop {
			return errors.Join(err, sh.print(stopped))
		}
		return sh.print(a.Text[a.PauseAt:])
	case a.Endless:
		if err := sh.print(a.Text); err != nil {
			return err
		}
		if _, err := sh.sleep(ever, a.Stubborn); err != nil {
			return err
		}
		return sh.print(stopped)
	}
	return sh.pages(a)
}

// pages prints a text through the pager.
func (sh *shell) pages(a *Answer) error {
	rows := sh.rows
	if sh.config.PagerRows > 0 {
		rows = sh.config.PagerRows
	}
	n, all := 0, strings.Count(a.Text, "\n")
	for i, line := range strings.SplitAfter(a.Text, "\n") {
		if line == "" {
			break
		}
		if (sh.pager || a.FilePager) && n >= rows-1 {
			key, err := sh.page(a, i-n, i, all)
			if err != nil || key == 'q' {
				return err
			}
			if n = 0; key == '\r' || key == '\n' {
				n = rows - 2
			}
		}
		n++
		select {
		case k, more := <-sh.keys:
			if !more {
				return errEnded
			}
			if k == 3 && !a.Stubborn {
				return sh.print(stopped)
			}
		default:
		}
		if sh.config.Colour {
			line = "\x1b[1m" + strings.TrimSuffix(line, "\n") + "\x1b[0m" + line[len(strings.TrimSuffix(line, "\n")):]
		}
		if err := sh.print(line); err != nil {
			return err
		}
	}
	return nil
}

// page shows the pager's phrase and waits for one key.
func (sh *shell) page(a *Answer, from, to, all int) (byte, error) {
	sh.be("pager")
	defer sh.be("running")
	phrase := "\x1b[1m" + pagerPhrase + "\x1b[0m"
	if a.FilePager {
		phrase = fmt.Sprintf("\x1b[1m\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines %d - %d of %d) : \x1b[0m", from+1,
			to, all)
	}
	if err := sh.raw(phrase); err != nil {
		return 0, err
	}
	key, more := <-sh.keys
	switch {
	case !more:
		return 0, errEnded
	case key == 'q' || key == 'Q':
		return 'q', sh.print("\n")
	case key == 3:
		return 'q', sh.print(stopped)
	}
	if !sh.config.PagerKeep {
		return key, sh.raw("\r\x1b[K")
	}
	return key, nil
}
