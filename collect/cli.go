package collect

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"cupclint/collect/cli"
	"cupclint/internal/loginbudget"
)

const (
	// sshPort is the port of the command line.
	sshPort = 22
	// logInTime is how long the way to the first prompt may take, in addition to the limit of the first command.
	logInTime = 2 * time.Minute
)

// cli asks the command line of a node: one session, one command at a time, and quit at the end.
func (r *run) cli(ctx context.Context, n Node) {
	if !r.Request.uses(CLI) {
		return
	}
	s := &cliSession{run: r, node: n}
	defer s.close()
	for _, step := range stepsOf(CLI) {
		if step.Heavy && !r.Request.Heavy {
			continue
		}
		yes, maybe := step.asks(s.node.Role)
		if !yes && !maybe {
			continue
		}
		for _, value := range r.Request.each(&step) {
			s.step(ctx, step, value, yes)
		}
	}
}

// A cliSession is the commands of one node.
type cliSession struct {
	run     *run
	node    Node
	session *cli.Session
	ended   string // why no command is sent any more
}

func (s *cliSession) step(ctx context.Context, step Step, value string, sure bool) {
	r := s.run
	j := r.job(step, s.node, value)
	switch {
	case !sure:
		r.skip(j, classRole, "what the node is in its cluster is not known")
		return
	case step.Unless != "" && r.succeeded(step.Unless, s.publisher()):
		r.skip(j, classNotNeeded, step.Unless+" gave the same")
		return
	case s.ended != "" && ctx.Err() == nil:
		r.skip(j, "no-session", s.ended)
		return
	}
	if s.session == nil {
		j.extra = logInTime
	}
	res := r.do(ctx, j, func(ctx context.Context) ([]byte, error) {
		if s.session == nil {
			if err := s.open(ctx); err != nil {
				return nil, err
			}
		}
		out, err := s.session.Run(ctx, j.what, limit(&step, r.StepTimeout))
		if err != nil {
			s.ended = "the session has ended: " + string(cli.ClassOf(err))
			return out.Text, s.failure(err)
		}
		return s.outcome(&out)
	})
	if res.Outcome.OK() && step.ID == "cli.show-network-cluster" {
		s.cluster(res)
	}
}

// publisher is the node that AXL was asked at: of the same cluster, as far as that is known.
func (s *cliSession) publisher() string {
	if s.node.Role.Presence() {
		return "" // its tables are its own
	}
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	for _, n := range s.run.nodes {
		if n.Role == CUCMPublisher {
			return n.Name
		}
	}
	return s.run.nodes[0].Name
}

// outcome turns how a command ended into the outcome of the step. What a command printed that failed is not an answer.
func (s *cliSession) outcome(out *cli.Output) ([]byte, error) {
	switch out.Outcome {
	case cli.OK:
		if out.Truncated {
			s.run.note("An output of %s was longer than what is kept.", s.node.Name)
		}
		return out.Text, nil
	case cli.Empty:
		return out.Text, nothing("no-output", "")
	}
	return nil, stepFailed(Outcome(out.Outcome), "command", "%s", lastLine(out.Text))
}

// lastLine is what a command ended with.
func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) < 2 {
		return ""
	}
	return lines[len(lines)-1]
}

// open logs in. The context of the first command bounds it.
func (s *cliSession) open(ctx context.Context) error {
	r := s.run
	end, err := r.turn(ctx, r.Request.Users[CLI])
	if err != nil {
		return err
	}
	defer end()
	var l *login
	defer func() {
		if l != nil {
			l.settle(loginbudget.Unknown) // where nothing else was said
		}
	}()
	var reserved error
	key := ""
	where := joinPort(s.node.Name, r.Request.port(sshPort))
	session, err := cli.Dial(ctx, cli.Options{
		Address: where, User: r.Request.Users[CLI], Legacy: r.LegacySSH, Quiet: r.Quiet,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) { return r.net.dial(ctx, s.node.Name, sshPort) },
		HostKey: func(print string, k ssh.PublicKey) error {
			key = print
			return r.HostKeys.Check(ctx, where, k)
		},
		KeyTypes: r.HostKeys.Types(where),
		Password: func() (string, bool) {
			if l, reserved = r.login(ctx, CLI, s.node.Name, key); l == nil {
				return "", false
			}
			return l.attempt.Password(), true
		},
	})
	if err == nil {
		if l != nil {
			l.settle(loginbudget.Accepted)
		}
		s.session = session
		r.opened()
		f := session.Facts()
		r.node(s.node.Name, func(n *NodeFacts) { n.SSH = &SSHFacts{HostKey: f.HostKey, Kex: f.KeyExchange, Cipher: f.Cipher} })
		return nil
	}
	s.ended = "no session: " + string(cli.ClassOf(err))
	var failed *cli.Error
	if l != nil && errors.As(err, &failed) {
		l.settle(loginOutcome(failed))
	}
	if reserved != nil {
		return reserved
	}
	return s.failure(err)
}

// loginOutcome is what a failed connection means for the account.
func loginOutcome(e *cli.Error) loginbudget.Outcome {
	switch {
	case e.Class == cli.NoPrompt, e.Class == cli.Expired, e.Class == cli.Asked:
		return loginbudget.Barred // the password itself was taken
	case !e.PasswordSent:
		return loginbudget.Untested
	case e.Class == cli.Auth:
		return loginbudget.Rejected
	case e.Class == cli.Timeout, e.Class == cli.Reset:
		return loginbudget.Unanswered
	}
	return loginbudget.Unknown
}

// failure turns an error of the command line into that of a step.
func (s *cliSession) failure(err error) error {
	var key *HostKeyError
	var failed *cli.Error
	switch {
	case errors.As(err, &key):
		return stepFailed(Refused, "hostkey", "%s", key.Error())
	case !errors.As(err, &failed):
		return err
	}
	o, detail := Failed, failed.Error()
	switch failed.Class {
	case cli.Auth, cli.Withheld, cli.Method, cli.Expired, cli.HostKey:
		o = Refused
	case cli.Timeout:
		o = Timeout
	case cli.Asked:
		o = Asked
	case cli.Canceled:
		return context.Canceled
	}
	return stepFailed(o, string(failed.Class), "%s", detail)
}

// close ends the session.
func (s *cliSession) close() {
	if s.session == nil {
		return
	}
	if err := s.session.Close(); err != nil {
		s.run.left("the command line of %s: %v", s.node.Name, err)
		return
	}
	s.run.closed()
}

// cluster takes the nodes out of show network cluster, and with them what this node is. A line is
//
//	10.1.1.10 ucm1.example.com ucm1 Publisher callmanager DBPub authenticated
func (s *cliSession) cluster(res StepResult) {
	text, err := s.run.folder.root.ReadFile(res.File)
	if err != nil {
		return // the step has failed, and says why
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		role := Unknown
		var names []string
		publisher, database, kind := false, false, ""
		for _, w := range words {
			switch lower := strings.ToLower(w); {
			case lower == "publisher":
				publisher = true
			case lower == "dbpub":
				database = true
			case lower == "callmanager", lower == "cups":
				kind = lower
			case kind == "" && validHost(lower) && lower != "subscriber":
				names = append(names, lower)
			}
		}
		switch {
		case kind == "" || len(names) < 2:
			continue
		case kind == "cups" && (publisher || database): // to the call manager, presence servers are subscribers
			role = IMPPublisher
		case kind == "cups":
			role = IMPSubscriber
		case publisher:
			role = CUCMPublisher
		default:
			role = CUCMSubscriber
		}
		names = append(names[1:], names[0]) // names before the address
		s.run.discovered(role, names...)
	}
	s.node.Role = s.run.role(s.node)
}

// opened, closed and left count sessions on servers.
func (r *run) opened() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifest.Sessions.Opened++
}

func (r *run) closed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifest.Sessions.Closed++
}

func (r *run) left(format string, args ...any) {
	text := r.clean(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifest.Sessions.Left = append(r.manifest.Sessions.Left, text)
}
