package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cupclint/collect/axl"
	"cupclint/internal/loginbudget"
)

// maxEach bounds the requests that one earlier answer leads to.
const maxEach = 60

// A login is the one attempt of an account at an interface of a node.
type login struct {
	run     *run
	user    string
	attempt *loginbudget.Attempt
	settled bool
}

// refusedBefore reports whether the account was refused somewhere in this run.
func (r *run) refusedBefore(user string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.names[strings.ToLower(user)] && !r.KeepGoing
}

// refused notes that the account was refused.
func (r *run) refused(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[strings.ToLower(user)] = true
}

// accepted notes that the password of the account is right.
func (r *run) accepted(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proven[strings.ToLower(user)] = true
}

// login reserves the attempt. knownAs are other names of the node.
func (r *run) login(ctx context.Context, i Interface, node string, knownAs ...string) (*login, error) {
	user := r.Request.Users[i]
	if r.refusedBefore(user) {
		return nil, stepFailed(Refused, "account", "the account %s was refused before in this run, so it is not tried here (--keep-going "+
			"tries it)", user)
	}
	secret, err := r.Secret(ctx, i, node, user)
	if err != nil {
		return nil, stepFailed(Failed, "password", "%v", err)
	}
	if !secret.Set() {
		return nil, stepFailed(Refused, "password", "no password was given for %s", user)
	}
	attempt, err := r.Budget.Reserve(ctx, r.account(ctx, i, node, user, knownAs...), secret, loginbudget.Policy{})
	if err != nil {
		var refusal *loginbudget.Refusal
		if errors.As(err, &refusal) {
			if refusal.Reason == loginbudget.Remembered { // by an earlier run: the account ends here as it ended there
				r.refused(user)
			}
			return nil, err
		}
		return nil, stepFailed(Failed, "budget", "%v", err)
	}
	r.cleaner.add(attempt.Scrub)
	return &login{run: r, user: user, attempt: attempt}, nil
}

// settle writes down how the log-in ended. Only the first call counts.
func (l *login) settle(o loginbudget.Outcome) {
	if l.settled {
		return
	}
	l.settled = true
	switch o {
	case loginbudget.Rejected:
		l.run.refused(l.user)
	case loginbudget.Accepted:
		l.run.accepted(l.user)
	}
	if err := l.attempt.Settle(o); err != nil {
		l.run.note("%v", err)
	}
}

// axl asks the publisher of the call manager.
func (r *run) axl(ctx context.Context) {
	if !r.Request.uses(AXL) {
		return
	}
	n := r.nodes[0]
	for _, m := range r.nodes {
		if m.Role == CUCMPublisher {
			n = m
			break
		}
	}
	s := &axlSession{run: r, node: n, answers: map[string][][]byte{}}
	defer s.close()
	for _, step := range stepsOf(AXL) {
		if yes, maybe := step.asks(n.Role); yes || maybe {
			s.step(ctx, step)
		}
	}
	s.nodes()
}

// An axlSession is the questions to one server.
type axlSession struct {
	run     *run
	node    Node
	client  *axl.Client
	login   *login
	ended   error               // why nothing more is asked
	answers map[string][][]byte // pages of steps by operation
}

func (s *axlSession) close() {
	if s.login != nil {
		s.login.settle(loginbudget.Unknown)
	}
}

// open logs in: with the first request, which asks for the version.
func (s *axlSession) open(ctx context.Context) ([]byte, error) {
	r := s.run
	if err := r.net.trusted(ctx, s.node.Name, 8443); err != nil {
		return nil, err
	}
	l, err := r.login(ctx, AXL, s.node.Name)
	if err != nil {
		return nil, err
	}
	s.login = l
	sent := false
	s.client = axl.New(axl.Options{
		URL: "https://" + joinPort(s.node.Name, 8443) + "/axl/", HTTP: r.net.client(s.node.Name, 8443,
			true), User: l.user, Token: r.cleaner.token, Wait: r.Wait,
		Password: func() (string, bool) { sent = true; return l.attempt.Password(), true },
		Settled: func(o loginbudget.Outcome) {
			if o != loginbudget.Untested { // it may be sent again
				l.settle(o)
			}
		},
	})
	answer, version, err := s.client.Open(ctx)
	var failed *axl.Error
	if !l.settled && (!sent || errors.As(err, &failed)) {
		l.settle(loginbudget.Untested)
	}
	if err != nil {
		return nil, err
	}
	r.node(s.node.Name, func(f *NodeFacts) { f.Version = version })
	return answer, nil
}

// step takes a step, once for each value that it is repeated for.
func (s *axlSession) step(ctx context.Context, step Step) {
	r := s.run
	for _, value := range r.Request.each(&step) {
		j := r.job(step, s.node, value)
		switch {
		case step.ID == "axl.getCCMVersion":
			res := r.do(ctx, j, func(ctx context.Context) ([]byte, error) {
				answer, err := s.open(ctx)
				return answer, s.failure(err)
			})
			if !res.Outcome.OK() { // a resumed run logs in with the first request that is left
				s.ended = fmt.Errorf("no log-in: %s", cmp.Or(res.Detail, res.Class))
			}
			continue
		case step.Unless != "" && r.succeeded(step.Unless, s.node.Name):
			r.skip(j, classNotNeeded, step.Unless+" gave the same")
			continue
		}
		s.expand(ctx, j)
	}
}

// expand repeats a step for each value of an earlier answer, where it names one.
func (s *axlSession) expand(ctx context.Context, j job) {
	r := s.run
	from, to := strings.IndexByte(j.what, '{'), strings.IndexByte(j.what, '}')
	if from < 0 || to < from {
		s.call(ctx, j)
		return
	}
	operation, field, _ := strings.Cut(j.what[from+1:to], ".")
	pages, asked := s.answers[operation]
	if !asked {
		if s.ended != nil {
			r.skip(j, "no-log-in", s.ended.Error())
			return
		}
		r.skip(j, classNotNeeded, operation+" gave nothing")
		return
	}
	var values []string
	for _, p := range pages {
		for _, v := range axl.Values(p, field) {
			if v != "" && !slices.Contains(values, v) && !strings.EqualFold(v, "EnterpriseWideData") {
				values = append(values, v)
			}
		}
	}
	if len(values) == 0 {
		r.skip(j, classNotNeeded, operation+" gave nothing")
	}
	if len(values) > maxEach {
		r.note("%s names %d records at %s: the first %d are asked for one by one", operation, len(values), s.node.Name, maxEach)
		values = values[:maxEach]
	}
	for _, v := range values {
		one := j
		one.what = j.what[:from] + strings.NewReplacer(",", " ", ")", " ", "(", " ").Replace(v) + j.what[to+1:]
		one.value = v
		one.file = strings.ReplaceAll(j.file, "{value}", pathName(v))
		s.callWith(ctx, one, v, j.what[from:to+1])
	}
}

func (s *axlSession) call(ctx context.Context, j job) { s.callWith(ctx, j, "", "") }

// callWith makes one call. value takes the place of what the criteria name.
func (s *axlSession) callWith(ctx context.Context, j job, value, placeholder string) {
	r := s.run
	call, err := axl.ParseCall(fill(j.step.Text, s.node.Name, j.value))
	if err != nil {
		r.skip(j, classSchema, err.Error()) // a test reads the table
		return
	}
	for i := range call.Criteria {
		if placeholder != "" && call.Criteria[i].Value == placeholder {
			call.Criteria[i].Value = value
		}
	}
	if s.ended != nil {
		r.skip(j, "no-log-in", s.ended.Error())
		return
	}
	if s.client != nil && j.step.Since != "" && axl.Older(s.client.Version(), j.step.Since) {
		r.skip(j, classSchema, fmt.Sprintf("the schema of the server is %s, and the operation came with %s", s.client.Version(), j.step.Since))
		return
	}
	var pages [][]byte
	res := r.do(ctx, j, func(ctx context.Context) ([]byte, error) {
		if s.client == nil {
			if _, err := s.open(ctx); err != nil {
				return nil, s.failure(err)
			}
			if j.step.Since != "" && axl.Older(s.client.Version(), j.step.Since) {
				return nil, stepFailed(Skipped, classSchema, "the schema of the server is %s", s.client.Version())
			}
		}
		got, err := s.client.Do(ctx, call)
		if err != nil {
			return nil, s.failure(err)
		}
		pages = got
		s.answers[call.Operation] = append(s.answers[call.Operation], pages...)
		records := 0
		for _, p := range pages {
			records += axl.Records(p)
		}
		if records == 0 {
			return pages[0], nothing("no-records", "the server has no such record")
		}
		return pages[0], nil
	})
	if res.Kept {
		s.reread(res, call.Operation)
	}
	for i := 1; i < len(pages); i++ {
		one := j
		one.what = fmt.Sprintf("%s page %d", j.what, i+1)
		one.file = strings.TrimSuffix(j.file, ".xml") + fmt.Sprintf("-%d.xml", i+1)
		r.do(ctx, one, func(context.Context) ([]byte, error) { return pages[i], nil })
	}
}

// reread gets an answer of the run that is continued, which later steps depend on.
func (s *axlSession) reread(res StepResult, operation string) {
	if res.File == "" {
		return
	}
	if data, err := s.run.folder.root.ReadFile(res.File); err == nil {
		s.answers[operation] = append(s.answers[operation], data)
	}
}

// failure turns an error of AXL into that of a step, and ends the questions where nothing more will be answered.
func (s *axlSession) failure(err error) error {
	var failed *axl.Error
	if !errors.As(err, &failed) {
		return bareURL(err)
	}
	o := Failed
	switch failed.Kind {
	case axl.Refused, axl.Forbidden, axl.Withheld:
		o = Refused
	case axl.NotFound, axl.Version:
		o = Unsupported
	case axl.Faulted:
		if failed.Code == "5003" {
			o = Refused
		}
	}
	if o == Refused && failed.Kind != axl.Faulted || failed.Kind == axl.NotFound || failed.Kind == axl.Busy {
		s.ended = failed
	}
	return stepFailed(o, string(failed.Kind), "%s", failed.Error())
}

// nodes takes the nodes of the cluster out of the answers.
func (s *axlSession) nodes() {
	for _, page := range s.answers["listProcessNode"] {
		for _, row := range axl.Rows(page) {
			name := row["name"]
			if name == "" || strings.EqualFold(name, "EnterpriseWideData") {
				continue
			}
			s.run.discovered(roleOf(row["processNodeRole"], row["nodeUsage"]), name)
		}
	}
}

// roleOf reads the words of AXL. Before 10.0 there is no role, and then all nodes are call managers.
func roleOf(role, usage string) Role {
	publisher := strings.EqualFold(usage, "Publisher")
	presence := strings.Contains(strings.ToLower(role), "presence")
	switch {
	case presence && publisher:
		return IMPPublisher
	case presence:
		return IMPSubscriber
	case publisher:
		return CUCMPublisher
	}
	return CUCMSubscriber
}
