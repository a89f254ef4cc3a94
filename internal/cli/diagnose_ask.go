package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/audit"
	"cupclint/internal/cli/term"
	"cupclint/internal/diagnose"
)

// agreed asks on a terminal whether the servers of the plan may be contacted.
func (f *diagnoseFlags) agreed(env *environment, plan *audit.Plan) (bool, error) {
	rows := plan.Rows()
	if f.asker == nil || len(rows) == 0 {
		return len(rows) > 0, nil
	}
	p := f.asker
	p.Say("", fmt.Sprintf("%d targets can be contacted to settle this. Nothing is changed on them, and at most one log-in is tried for each "+
		"account:", len(rows)))
	for _, r := range rows[:min(len(rows), 10)] {
		p.Say("  ", fmt.Sprintf("%s: %s (%s)", r.Area, r.Target, r.Use))
	}
	if n := len(rows) - 10; n > 0 {
		p.Say("  ", fmt.Sprintf("and %d more", n))
	}
	fmt.Fprint(env.stderr, "Contact them? y for yes, Enter for no: ")
	answer, err := p.Line()
	return err == nil && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")), err
}

// complaints are the choices of the menu, in the caller's words.
func complaints(k *diagnose.Knowledge) []term.Choice {
	var list []term.Choice
	for i := range k.Complaints {
		c := &k.Complaints[i]
		list = append(list, term.Choice{Word: c.ID, Also: c.Also, Title: c.Title, Help: c.Help})
	}
	return list
}

// question asks on a terminal until the first cause is clear. color is the value of --color.
func (f *diagnoseFlags) question(ctx context.Context, env *environment, color string, k *diagnose.Knowledge, in *diagnose.Input) error {
	if !env.asks() {
		return nil
	}
	screen := env.screen()
	screen.Color = term.Color(color, env.errTerminal, env.getenv)
	p := term.NewPrompter(screen, env.input(ctx))
	f.asker = p
	if len(in.Symptoms)+len(in.Findings)+len(in.Pastes) == 0 {
		if err := f.complaint(p, k, in); err != nil {
			return unreadable(err)
		}
	}
	for asked := 0; asked < maxQuestions && !p.Ended; asked++ {
		q := k.Next(*in)
		if q == nil {
			break
		}
		word, err := answered(p, q)
		if err != nil {
			return unreadable(err)
		}
		in.Answers[q.ID] = word // empty where it is not known: it is not asked again
	}
	fmt.Fprintln(env.stderr)
	return nil
}

// answered asks one of the questions of the knowledge; the word is empty where the person does not know.
func answered(p *term.Prompter, q *diagnose.Question) (string, error) {
	var choices []term.Choice
	for _, w := range q.Words() {
		choices = append(choices, term.Choice{Word: w, Also: []string{q.Answers[w]}, Title: q.Answers[w], Help: q.Answers[w]})
	}
	return p.Question(q.Ask, q.Lookup, "The answer separates the causes that fit best so far. Look here: "+q.Lookup+
		". A wrong guess is worse than none: press Enter if you do not know. cupclint explain TERM explains a term.", choices)
}

// maxQuestions bounds how often a caller has to wait.
const maxQuestions = 5

// complaint asks what fails, and for what the screen shows.
func (f *diagnoseFlags) complaint(p *term.Prompter, k *diagnose.Knowledge, in *diagnose.Input) error {
	for !p.Ended {
		word, other, err := p.Choose("What does the caller say?", "Number, word or the error message; ? for help, Enter if you do not know: ",
			complaints(k))
		if err != nil {
			return err
		}
		if other != "" { // the caller's own words
			paste, err := diagnose.ReadSafe("answer", "", []byte(other))
			if err != nil {
				return err
			}
			if !paste.Understood() && len(paste.Symptoms()) == 0 {
				p.Say("", fmt.Sprintf("%q was not understood. Please type a number from 1 to %d, or a word of the list.", other,
					len(k.Complaints)))
				continue
			}
			in.Pastes = append(in.Pastes, paste)
			return nil
		}
		c := k.Complaint(word)
		if c == nil {
			return f.screen(p, in)
		}
		if err := c.Begin(in); err != nil {
			return err
		}
		if q := k.Question(c.Asks); q != nil {
			in.Answers[q.ID], err = answered(p, q)
			return err
		}
		return f.screen(p, in)
	}
	return nil
}

// screen asks for a text.
func (f *diagnoseFlags) screen(p *term.Prompter, in *diagnose.Input) error {
	p.Say("", "")
	p.Say("", "Is there an error message, Show Server Health (menu Help) or a log? Paste it now. Then type a dot (.) alone on a line and "+
		"press Enter; Ctrl-Z and Enter (Windows) or Ctrl-D (elsewhere) end it as well. Press Enter to continue without a text.")
	text, err := p.Paste()
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	paste, err := diagnose.ReadSafe("paste", "", []byte(text))
	if err != nil {
		return err
	}
	in.Pastes = append(in.Pastes, paste)
	in.Findings = append(in.Findings, paste.Findings...)
	switch n := paste.Failing(); {
	case !paste.Understood():
		p.Say("", "Nothing in this text was understood, so the questions have to do.")
	case n == 0:
		p.Say("", "This text shows no failure.")
	default:
		p.Say("", fmt.Sprintf("Understood: %d of %d lines say that something fails.", n, paste.Lines))
	}
	return nil
}

// atTheTerminal writes what fits on a screen, and the rest when it is asked for: a person on the phone must see the short answer.
func (f *diagnoseFlags) atTheTerminal(env *environment, w io.Writer, result *diagnose.Result, in diagnose.Input,
	style diagnose.Style) error {
	short := style
	short.Compact = true
	if err := result.Write(w, short); err != nil {
		return err
	}
	for !f.asker.Ended {
		fmt.Fprint(env.stderr, "m: more (why, checks, every fix); t: text for the ticket; Enter: end: ")
		answer, err := f.asker.Line()
		switch {
		case err != nil:
			return err
		case answer == "m":
			err = result.Write(w, style)
		case answer == "t":
			err = result.Ticket(w, in, style)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
