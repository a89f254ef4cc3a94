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

// locked is the choice for an account that is locked; something that for all else.
const (
	locked    = "locked"
	something = "something else"
)

// complaints are the choices of the menu, in the caller's words.
func complaints() []term.Choice {
	return []term.Choice{
		{
			Word: diagnose.LogIn, Also: []string{"login", "log in", "logon", "sign in", "sign-in", "password"},
			Title: "log-in: the client does not let the user in",
			Help:  `"Your username or password is not correct", "Cannot communicate with the server", "Cannot find your services"`,
		},
		{
			Word: diagnose.Presence, Also: []string{"status", "im", "chat", "offline"},
			Title: "presence: no status, everybody is offline", Help: `Show Server Health: Presence, "invalid credential" or "not connected"`,
		},
		{
			Word: diagnose.DeskPhone, Also: []string{"phone", "desk phone", "telephone", "cti"},
			Title: "phone: the client does not control the phone", Help: `Show Server Health: Desk Phone (CTI), "invalid credentials", "no devices"`,
		},
		{
			Word: diagnose.Voicemail, Also: []string{"voice mail", "messages", "mailbox"},
			Title: "voicemail: messages are not shown", Help: `"Invalid username/password or account locked"`,
		},
		{
			Word: diagnose.Directory, Also: []string{"contacts", "search", "ldap", "address book"},
			Title: "contacts: the search finds nobody", Help: "Show Server Health: LDAP; names are missing, only numbers are shown",
		},
		{
			Word: diagnose.Calendar, Also: []string{"meeting", "outlook", "exchange"},
			Title: `calendar: "in a meeting" is never shown`, Help: "the status does not follow the meetings in Outlook",
		},
		{
			Word: locked, Also: []string{"account locked", "lock", "account"},
			Title: "account locked: the account is locked, or locks again and again", Help: "a device or service with an old password locks it",
		},
		{
			Word: diagnose.PhoneControl, Also: []string{"phone control", "ocs", "lync", "communicator", "rcc"},
			Title: "phone control from Communicator (OCS)", Help: "remote call control: the Communicator does not control the phone",
		},
		{
			Word: something, Also: []string{"other", "else", "paste"},
			Title: "something else: paste it", Help: "an error message, lines of a log, a mail, the output of a command",
		},
	}
}

// question asks on a terminal until the first cause is clear.
func (f *diagnoseFlags) question(ctx context.Context, env *environment, k *diagnose.Knowledge, in *diagnose.Input) error {
	if !env.asks() {
		return nil
	}
	p := term.NewPrompter(env.screen(), env.input(ctx))
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
			complaints())
		if err != nil {
			return err
		}
		switch {
		case other != "": // the caller's own words
			paste, err := readPaste("answer", "", []byte(other))
			if err != nil {
				return err
			}
			if !paste.Understood() && len(paste.Symptoms()) == 0 {
				p.Say("", fmt.Sprintf("%q was not understood. Please type a number from 1 to %d, or a word of the list.", other, len(complaints())))
				continue
			}
			in.Pastes = append(in.Pastes, paste)
			return nil
		case word == locked:
			in.Symptoms = []string{diagnose.LogIn}
			paste, err := readPaste("answer", "", []byte("account is locked"))
			if err != nil {
				return err
			}
			in.Pastes = append(in.Pastes, paste)
			if q := k.Question("lock"); q != nil {
				if in.Answers[q.ID], err = answered(p, q); err != nil {
					return err
				}
			}
			return nil
		case word != "" && word != something:
			in.Symptoms = []string{word}
		}
		return f.screen(p, in)
	}
	return nil
}

// screen asks for a text.
func (f *diagnoseFlags) screen(p *term.Prompter, in *diagnose.Input) error {
	p.Say("", "")
	p.Say("", "Is there an error message, Show Server Health (menu Help) or a log? Paste it now. Then type a dot (.) alone on a line and "+
		"press Enter; Ctrl-Z and Enter (Windows) or Ctrl-D (elsewhere) end it as well. Press Enter to go on without.")
	text, err := p.Paste()
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	paste, err := readPaste("paste", "", []byte(text))
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
