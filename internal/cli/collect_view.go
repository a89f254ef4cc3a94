package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"

	"cupclint/collect"
	"cupclint/internal/cli/term"
	"cupclint/internal/report"
)

// A collectView shows how far a run is: on a terminal one line that is written again, with a line that stays for each request that failed;
// elsewhere a line for each request.
type collectView struct {
	on    term.Screen
	quiet bool

	mu     sync.Mutex
	total  int
	ended  int
	paused bool
	shown  bool
}

func newCollectView(env *environment, total int, quiet bool) *collectView {
	return &collectView{on: env.screen(), total: total, quiet: quiet}
}

// tell is called with each event.
func (v *collectView) tell(e collect.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if e.Ended != nil {
		v.ended++
		v.total = max(v.total, v.ended)
	}
	switch {
	case v.quiet:
	case !v.on.Live:
		if e.Ended != nil && e.Ended.Outcome != collect.Skipped {
			fmt.Fprintln(v.on.W, endedLine(e))
		}
	case e.Ended != nil && !e.Ended.Outcome.OK() && e.Ended.Outcome != collect.Skipped:
		v.clear()
		fmt.Fprintln(v.on.W, endedLine(e))
	case e.Ended == nil && !v.paused:
		v.clear()
		line := fmt.Sprintf("%d of %d  %s  %s", v.ended+1, v.total, report.Clean(e.Node), report.Clean(e.What))
		if width := v.on.Width; width > 4 && len(line) >= width {
			line = strings.ToValidUTF8(line[:width-3], "") + ".."
		}
		fmt.Fprint(v.on.W, line)
		v.shown = true
	}
}

func endedLine(e collect.Event) string {
	s := e.Ended
	line := fmt.Sprintf("%s  %s  %s", report.Clean(e.Node), e.Step, s.Outcome)
	if why := cmp.Or(s.Detail, s.Class); why != "" {
		line += ": " + why
	}
	if s.Bytes > 0 {
		line += fmt.Sprintf(" (%d bytes)", s.Bytes)
	}
	return report.Clean(line)
}

// clear takes the line away.
func (v *collectView) clear() {
	if v.shown {
		fmt.Fprint(v.on.W, "\r\x1b[K")
		v.shown = false
	}
}

func (v *collectView) close() { v.pause() }

// pause keeps the line away while a person is asked.
func (v *collectView) pause() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	v.paused = true
}

func (v *collectView) resume() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.paused = false
}

// A collectAsker asks a person on the terminal.
type collectAsker struct {
	view   *collectView
	mu     sync.Mutex
	prompt *term.Prompter
}

// asker is nil where no person can answer.
func (v *collectView) asker(env *environment) *collectAsker {
	if !env.errTerminal || !env.typed && promptTerminal(env) == nil {
		return nil
	}
	return &collectAsker{view: v, prompt: term.NewPrompter(env.screen(), env.stdin)}
}

// yes asks for the whole word: one mistyped letter must not count as yes.
func (a *collectAsker) yes(ctx context.Context, ask string) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	a.view.pause()
	defer a.view.resume()
	a.prompt.Say("", ask)
	fmt.Fprint(a.view.on.W, "Type yes to continue, anything else to refuse: ")
	line, err := a.prompt.Line()
	return strings.EqualFold(line, "yes"), err
}

func (a *collectAsker) trust(ctx context.Context, q collect.Question) (bool, error) {
	changed := ""
	if q.Changed {
		changed = " It is NOT the one that was accepted before."
	}
	print := q.Fingerprint
	if !strings.HasPrefix(print, "SHA256:") {
		print = "SHA256:" + print
	}
	return a.yes(ctx, fmt.Sprintf("The %s of %s is not trusted: %s.%s It is for %s and has the fingerprint %s. Compare it on "+
		"the server before you accept it.",
		q.Kind, report.Clean(q.Where), report.Clean(q.Why), changed, report.Clean(q.Subject), print))
}

func (a *collectAsker) agree(ctx context.Context, nodes []collect.Node) (bool, error) {
	var names []string
	for _, n := range nodes {
		names = append(names, report.Clean(n.Name+" ("+cmp.Or(string(n.Role), "role unknown")+")"))
	}
	return a.yes(ctx, "The servers name further nodes: "+strings.Join(names, ", ")+". They would be asked the same, with the same accounts.")
}
