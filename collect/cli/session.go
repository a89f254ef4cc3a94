package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"cupclint/internal/lazy"
)

// An Outcome is how a command ended. Its text is stable: it is part of the manifest.
type Outcome string

// The outcomes. Empty and refused are different: a call that failed is never an empty configuration.
const (
	OK          Outcome = "ok"
	Empty       Outcome = "empty"       // the command ran and printed nothing, or a table without a row
	Denied      Outcome = "refused"     // the account may not run it
	Unsupported Outcome = "unsupported" // the node does not know the command
	TimedOut    Outcome = "timeout"     // stopped with Ctrl-C at the limit
	Question    Outcome = "asked"       // the command asked something and was stopped with Ctrl-C
	Failed      Outcome = "error"       // the node reported an error, or the session ended
)

// An Output is what a command printed.
type Output struct {
	// Text begins with the line "admin:COMMAND". Carriage returns, escape sequences, the pagers' phrases and the prompt after the
	// output are removed; each line ends with \n.
	Text    []byte
	Outcome Outcome
	// Truncated is true if the output was longer than the limit; the rest was not read.
	Truncated bool
}

// Run runs a command of the table and waits for its end, at most for limit (the table's limit where 0). A command that is not
// literally in the table is not sent. The error is an *Error; it is nil for every outcome after which the session can continue. After a
// question or a time-out from which Ctrl-C does not lead back to the prompt, the session is of no more use, and Run says so with the
// next command.
func (s *Session) Run(ctx context.Context, command string, limit time.Duration) (Output, error) {
	doing := fmt.Sprintf("run %q on %s", command, s.address)
	c, ok := Find(command)
	if !ok {
		return Output{Outcome: Failed}, fail(NotAllowed, doing, nil, "the command is not in the table of commands")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead != nil {
		return Output{Outcome: Failed}, fail(Closed, doing, s.dead, "the session has ended: %v", s.dead)
	}
	if err := ctx.Err(); err != nil {
		return Output{Outcome: Failed}, fail(Canceled, doing, err, "")
	}
	if limit <= 0 {
		limit = c.Limit
	}
	scr, end := s.send(ctx, command, limit)
	out := Output{Text: append([]byte("admin:"+command+"\n"), scr.out...), Truncated: scr.truncated}
	if last := scr.last(); strings.TrimSpace(last) != "" {
		out.Text = append(append(out.Text, last...), '\n')
	}
	switch end {
	case atPrompt:
		out.Outcome = judge(scr.out, c)
		return out, nil
	case atQuestion:
		out.Outcome = Question
		return out, nil
	case atLimit:
		out.Outcome = TimedOut
		return out, nil
	case atCancel:
		out.Outcome = Failed
		return out, fail(Canceled, doing, ctx.Err(), "")
	default:
		out.Outcome = Failed
		return out, fail(Reset, doing, nil, "the node closed the session")
	}
}

// Close ends the session with "quit" and waits a few seconds for the node to close it. The error has the class Left where the session
// had to be ended by closing the connection. A second call does nothing.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	doing := "end the session on " + s.address
	if s.client == nil {
		return nil
	}
	dead := s.dead
	var err error
	if dead == nil {
		err = s.quit(doing)
		s.dead = fail(Closed, doing, nil, "closed")
	} else if ClassOf(dead) != Reset {
		err = fail(Left, doing, dead, "quit was not sent: %v", dead)
	}
	s.hangUp()
	return err
}

func (s *Session) hangUp() {
	if s.client == nil {
		return
	}
	close(s.gone)
	_ = s.client.Close()
	s.client = nil
}

// quit types quit and waits for the end of the session.
func (s *Session) quit(doing string) error {
	if _, err := io.WriteString(s.in, "quit"+enter); err != nil {
		return nil // the node has closed the session: nothing is left behind
	}
	limit := time.NewTimer(graceQuit)
	defer limit.Stop()
	for {
		select {
		case _, more := <-s.chunks:
			if !more {
				return nil
			}
		case <-limit.C:
			return fail(Left, doing, nil, "the node did not end the session within %s", graceQuit)
		}
	}
}

// An end is why waiting ended.
type end int

const (
	atPrompt   end = iota
	atQuestion     // a question is on the screen
	atLimit        // the time is over
	atCancel       // the caller gave up
	atEnd          // the node has closed the session
	atFull         // more output than is kept
	atGlued        // the prompt may be at the end of the last line of output
)

// send types a command at the prompt and waits until the prompt is back. The screen holds the output without the echo and the prompt.
// If the way back to the prompt fails, the session is dead.
func (s *Session) send(ctx context.Context, command string, limit time.Duration) (*screen, end) {
	scr := &screen{max: s.max}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if s.drain(ctx); s.dead != nil {
		return scr, atEnd
	}
	if _, err := io.WriteString(s.in, command+enter); err != nil {
		return scr, s.leave(ctx, scr, atEnd)
	}
	end := s.wait(ctx, scr, newEcho(s.prompt, command), &s.name)
	if end != atPrompt {
		return scr, s.leave(ctx, scr, end)
	}
	scr.line, scr.col = scr.line[:0], 0
	return scr, end
}

// drain reads what came after the last prompt. A "prompt" that was part of an output is followed by the rest of the output: then the
// prompt is awaited, and what does not end by itself is stopped.
func (s *Session) drain(ctx context.Context) {
	scr := &screen{max: maxBanner}
	for {
		select {
		case chunk, more := <-s.chunks:
			if !more {
				s.leave(ctx, scr, atEnd)
				return
			}
			scr.write(chunk)
			continue
		default:
		}
		break
	}
	if len(bytes.TrimSpace(scr.out)) == 0 && strings.TrimSpace(scr.last()) == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, graceStop)
	defer cancel()
	if end := s.wait(ctx, scr, nil, &s.name); end != atPrompt {
		s.leave(ctx, scr, end)
	}
}

// leave stops a command with Ctrl-C and waits for the prompt. Nothing else is typed. Returned is the end that the caller reports.
func (s *Session) leave(ctx context.Context, scr *screen, why end) end {
	switch {
	case why == atLimit && errors.Is(ctx.Err(), context.Canceled):
		why = atCancel
	case why == atLimit && looksAsked(scr.last()):
		why = atQuestion
	}
	doing := "stop a command on " + s.address
	if why == atEnd || !s.stop(ctx) {
		s.dead = fail(Reset, doing, nil, "the node closed the session")
		return why
	}
	switch {
	case why == atGlued:
		scr.strike(strings.LastIndex(scr.last(), s.name))
	case why == atFull:
		scr.line, scr.col = scr.line[:0], 0
	}
	switch {
	case (why == atGlued || why == atFull) && s.dead == nil:
		return atPrompt
	case why == atGlued || why == atFull:
		return atLimit
	case why == atQuestion && s.dead != nil:
		s.dead = fail(Asked, doing, s.dead, "the question %q is still open", clean(scr.last()))
	}
	return why
}

// stop types Ctrl-C and waits for the prompt. False says that the node has closed the session; without a prompt the session is dead.
func (s *Session) stop(ctx context.Context) bool {
	if _, err := io.WriteString(s.in, ctrlC); err != nil {
		return false
	}
	// The caller's context may be over: stopping has a time of its own.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceStop)
	defer cancel()
	for {
		scr := &screen{max: maxBanner}
		switch s.wait(ctx, scr, nil, &s.name) {
		case atPrompt:
			return true
		case atEnd:
			return false
		case atFull: // what was on its way when the command was stopped
			continue
		case atGlued: // without a line end after what Ctrl-C prints
			before := strings.TrimSuffix(scr.last(), s.name+":")
			if strings.TrimSpace(strings.NewReplacer("^C", "", "Control-C pressed", "").Replace(before)) == "" {
				return true
			}
		}
		s.dead = fail(Timeout, "stop a command on "+s.address, nil, "the prompt did not come back after Ctrl-C")
		return true
	}
}

// wait reads until the prompt, a question, the end of the context or of the session. Pagers are answered with a blank or with q. name
// is the learned name in the prompt; nil at log-in, when it is learned. The context's end is atLimit; the caller finds out whether it
// was a cancellation.
func (s *Session) wait(ctx context.Context, scr *screen, e *echo, name *string) end {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	left := false // the pager was asked to end an output that is too long
	scan := func() {
		if d := s.pause(scr, e, name); d > 0 {
			timer.Reset(d)
		} else {
			timer.Stop()
		}
	}
	scan()
	for {
		select {
		case <-ctx.Done():
			if e != nil {
				scr.write(e.release())
			}
			return atLimit
		case chunk, more := <-s.chunks:
			if !more {
				if e != nil {
					scr.write(e.release())
				}
				return atEnd
			}
			if e != nil {
				chunk = e.filter(chunk)
			}
			scr.write(chunk)
			if scr.truncated && name != nil && !left && kindOf(scr.ending(), s.user, name) == lineText {
				return atFull
			}
			scan()
		case <-timer.C:
			if e != nil && !e.done {
				scr.write(e.release())
				scan()
				continue
			}
			switch last := scr.ending(); kindOf(last, s.user, name) {
			case linePager:
				i, key := pagerPhrase(last)
				scr.strike(i)
				if scr.truncated || key == "q" {
					key, left, scr.truncated = "q", true, true
				}
				if _, err := io.WriteString(s.in, key); err != nil {
					return atEnd
				}
			case linePrompt:
				if name == nil {
					s.prompt = strings.TrimSpace(last)
					s.name = promptName(last, "admin", s.user)
				}
				return atPrompt
			case lineQuestion:
				return atQuestion
			case lineGlued:
				return atGlued
			}
		}
	}
}

// pause is how long nothing may follow what is on the screen before it counts; 0 if it means nothing.
func (s *Session) pause(scr *screen, e *echo, name *string) time.Duration {
	if e != nil && !e.done {
		switch {
		case e.newline:
			return s.quiet
		case len(e.held) > 0: // a prompt and no echo
			return questionQuiet
		}
		return 0
	}
	if len(scr.rest) > 0 || scr.esc != nil {
		return 0
	}
	switch kindOf(scr.ending(), s.user, name) {
	case linePager:
		return pagerQuiet
	case linePrompt:
		return s.quiet
	case lineQuestion, lineGlued:
		return questionQuiet
	}
	return 0
}

// A lineKind is what the line that has not ended is.
type lineKind int

const (
	lineText lineKind = iota
	linePager
	linePrompt
	lineQuestion
	lineGlued
)

func kindOf(last, user string, name *string) lineKind {
	if last == "" {
		return lineText
	}
	names := []string{"admin", user}
	if name != nil {
		names = []string{*name}
	}
	if i, _ := pagerPhrase(last); i >= 0 {
		return linePager
	}
	switch {
	case isQuestion(last):
		return lineQuestion
	case promptName(last, names...) != "":
		return linePrompt
	case name != nil && strings.HasSuffix(last, *name+":"):
		return lineGlued
	}
	return lineText
}

// pagerPhrase finds a pager's phrase at the end of a line, and the key that answers it. The pager of "file view" is left with q.
func pagerPhrase(last string) (at int, key string) {
	last = strings.TrimRight(last, " ")
	if strings.HasSuffix(last, "or <q> to quit") {
		if i := strings.LastIndex(last, "Press <enter> for 1 line, "); i >= 0 {
			return i, " "
		}
	}
	if strings.HasSuffix(last, ") :") || strings.HasSuffix(last, "):") {
		if i := strings.LastIndex(last, "options: q=quit"); i >= 0 {
			return i, "q"
		}
	}
	return -1, ""
}

// promptName gives the name in a prompt, or "". A prompt is a name and a colon; "set commandcount enable" puts a counter in it, whose
// form the guide does not show: digits and brackets around the name are accepted.
func promptName(line string, names ...string) string {
	body, ok := strings.CutSuffix(strings.TrimSpace(line), ":")
	if !ok || len(body) > 100 {
		return ""
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		before, after, found := strings.Cut(body, name)
		if found && strings.Trim(before, "0123456789 []()<>#") == "" && strings.Trim(after, "0123456789 []()<>#") == "" {
			return name
		}
	}
	return ""
}

var questions = lazy.Value[*regexp.Regexp]{New: func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(\(\s*y(es)?\s*[/|]\s*n(o)?\s*\)|\[\s*y(es)?\s*[/|]\s*n(o)?\s*\])\s*[?:]?\s*$` +
		`|^\s*enter\b.*\b(yes|continue|abort)\b|passw(or)?d\S*(\s.*)?[:?]\s*$|press any key|\b(continue|proceed|sure|confirm)\b.*\?\s*$`)
}}

// isQuestion reports whether a line is a question that the guide shows, or one for a password.
func isQuestion(line string) bool { return questions.Get().MatchString(line) }

// looksAsked reports whether a line at which a command stopped for good is rather a question than an output.
func looksAsked(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && (isQuestion(line) || strings.HasSuffix(line, "?") || strings.HasSuffix(line, ":"))
}

// judge tells an output from a refusal. The phrases are the whole output, or its last lines.
func judge(text []byte, c *Command) Outcome {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	var short []string
	for _, l := range lines {
		if l := strings.TrimSpace(string(l)); l != "" {
			short = append(short, l)
		}
	}
	for i := len(short); i > 0 && i > len(short)-3; i-- {
		l := strings.ToLower(strings.TrimRight(short[i-1], ". "))
		switch {
		case l == "no valid command entered":
			if c.Level > 0 {
				return Denied
			}
			return Unsupported
		case l == "executed command unsuccessfully":
			if i > 1 && strings.EqualFold(strings.TrimRight(short[i-2], ". "), "no valid command entered") {
				continue
			}
			if c.Level > 0 && len(short) == 1 {
				return Denied
			}
			return Failed
		}
	}
	if n := len(short); n > 0 && strings.EqualFold(short[n-1], "successful") {
		short = short[:n-1] // a show command may end with this line
	}
	switch {
	case len(short) == 0:
		return Empty
	case len(short) == 2 && strings.Trim(short[1], "=- ") == "" && strings.HasPrefix(c.Text, "run "):
		return Empty // the head of a table and nothing below it
	}
	return OK
}
