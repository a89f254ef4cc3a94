package collect

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"cupclint/collect/epas"
	"cupclint/internal/loginbudget"
)

// soap reads the client configuration of the users of --soap-for. The first presence server that describes the service with a log-out is
// asked.
func (r *run) soap(ctx context.Context) {
	if !r.Request.uses(SOAP) {
		return
	}
	var nodes []Node
	for _, n := range r.nodes {
		if n.Role.Presence() {
			nodes = append(nodes, n)
		}
	}
	steps := stepsOf(SOAP)
	if len(nodes) == 0 {
		for _, s := range steps {
			j := r.job(s, Node{Name: r.nodes[0].Name}, "")
			j.optional = false
			r.skip(j, "no-node", "no presence server is known: name one as HOST=imp")
		}
		return
	}
	for i, n := range nodes {
		if (&soapSession{run: r, node: n}).ask(ctx, steps, i == len(nodes)-1) {
			return
		}
	}
}

// A soapSession is the questions to one presence server.
type soapSession struct {
	run    *run
	node   Node
	client *epas.Client
	login  *login
	wsdl   []byte
	ended  string
}

// ask reads the description and the configurations. It says false where another server may be asked.
func (s *soapSession) ask(ctx context.Context, steps []Step, last bool) bool {
	r := s.run
	s.client = epas.New(epas.Options{
		URL:  "https://" + joinPort(s.node.Name, 8443) + "/EPASSoap/service/v80",
		HTTP: r.net.client(s.node.Name, 8443, true), User: r.Request.Users[SOAP], Password: s.password, Token: r.cleaner.token,
		Opened: r.opened, Closed: r.closed,
		Left: func(err error) { r.left("the client configuration service of %s: %v", s.node.Name, err) },
	})
	defer s.close(ctx)
	wsdl := steps[slices.IndexFunc(steps, func(s Step) bool { return s.ID == "soap.wsdl" })]
	j := r.job(wsdl, s.node, "")
	j.optional = !last
	res := r.do(ctx, j, func(ctx context.Context) ([]byte, error) { return s.describe(ctx, j.what) })
	if res.Kept {
		s.wsdl, _ = r.folder.root.ReadFile(res.File) // without it there is no log-out, and so no log-in
	}
	if !res.Outcome.OK() {
		s.ended = cmp.Or(res.Detail, res.Class)
		if !last {
			return false
		}
	} else if err := s.client.Describe(s.wsdl); err != nil {
		s.ended = err.Error()
	}
	for _, step := range steps {
		if step.ID == "soap.wsdl" {
			continue
		}
		for _, user := range r.Request.each(&step) {
			j := r.job(step, s.node, user)
			if s.ended != "" {
				r.skip(j, "no-log-in", s.ended)
				continue
			}
			r.do(ctx, j, func(ctx context.Context) ([]byte, error) { return s.config(ctx, user) })
		}
	}
	return true
}

// describe gets the description of the service, which anybody may read.
func (s *soapSession) describe(ctx context.Context, what string) ([]byte, error) {
	_, path, _ := strings.Cut(strings.TrimPrefix(what, "GET https://"), "/")
	status, data, err := s.run.get(ctx, s.node.Name, "https", 8443, "/"+path)
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, statusError(status)
	}
	s.wsdl = data
	return data, nil
}

// password hands out the password of the application user, once.
func (s *soapSession) password() (string, bool) {
	if s.login == nil {
		return "", false
	}
	return s.login.attempt.Password(), true
}

func (s *soapSession) config(ctx context.Context, user string) ([]byte, error) {
	r := s.run
	if s.login == nil {
		if err := r.net.trusted(ctx, s.node.Name, 8443); err != nil {
			s.ended = err.Error()
			return nil, err
		}
		l, err := r.login(ctx, SOAP, s.node.Name)
		if err != nil {
			s.ended = err.Error()
			return nil, err
		}
		s.login = l
		err = s.client.LogIn(ctx)
		s.settle(ctx, err)
		if err != nil {
			s.ended = err.Error()
			return nil, s.failure(err)
		}
	}
	answer, err := s.client.Config(ctx, user)
	if err != nil {
		return nil, s.failure(err)
	}
	if !strings.Contains(string(answer), "Directory.") && !strings.Contains(string(answer), "CallControl.") {
		r.note("The client configuration of %s has no directory and no call control: the service does not give them to an application.", user)
	}
	return answer, nil
}

// settle writes down how the log-in of the application user ended.
func (s *soapSession) settle(ctx context.Context, err error) {
	var failed *epas.Error
	switch {
	case err == nil:
		s.login.settle(loginbudget.Accepted)
	case errors.As(err, &failed) && failed.Refused:
		s.login.settle(loginbudget.Rejected)
	case errors.As(err, &failed), ctx.Err() == nil:
		s.login.settle(loginbudget.Unanswered)
	default:
		s.login.settle(loginbudget.Unknown)
	}
}

func (s *soapSession) failure(err error) error {
	var failed *epas.Error
	switch {
	case errors.Is(err, epas.ErrNoLogout):
		return stepFailed(Unsupported, "no-logout", "%s", err)
	case !errors.As(err, &failed):
		return bareURL(err)
	case failed.Refused:
		return stepFailed(Refused, "log-in", "%s", failed)
	case failed.Status == http.StatusServiceUnavailable:
		return stepFailed(Failed, classBusy, "%s", failed)
	}
	return stepFailed(Failed, "service", "%s", failed)
}

// close logs the application user out, also after an interrupt.
func (s *soapSession) close(ctx context.Context) {
	s.client.Close(ctx)
	if s.login != nil {
		s.login.settle(loginbudget.Unknown)
	}
}
