package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/audit"
	"cupclint/internal/diagnose"
)

// agreed asks on a terminal whether the servers of the plan may be contacted.
func (f *diagnoseFlags) agreed(env *environment, plan *audit.Plan) (bool, error) {
	rows := plan.Rows()
	if f.asker == nil || len(rows) == 0 {
		return len(rows) > 0, nil
	}
	p := f.asker
	p.say("", fmt.Sprintf("%d targets can be contacted to settle this. Nothing is changed on them, and at most one log-in is tried for each account:", len(rows)))
	for _, r := range rows[:min(len(rows), 10)] {
		p.say("  ", fmt.Sprintf("%s: %s (%s)", r.Area, r.Target, r.Use))
	}
	if n := len(rows) - 10; n > 0 {
		p.say("  ", fmt.Sprintf("and %d more", n))
	}
	fmt.Fprint(env.stderr, "Contact them? y for yes, Enter for no: ")
	answer, err := p.line()
	return err == nil && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")), err
}

// locked is the choice for an account that is locked; something that for all else.
const (
	locked    = "locked"
	something = "something else"
)

// complaints are the choices of the menu, in the caller's words.
func complaints() []choice {
	return []choice{
		{diagnose.LogIn, []string{"login", "log in", "logon", "sign in", "sign-in", "password"}, "log-in: the client does not let the user in",
			`"Your username or password is not correct", "Cannot communicate with the server", "Cannot find your services"`},
		{diagnose.Presence, []string{"status", "im", "chat", "offline"}, "presence: no status, everybody is offline", `Show Server Health: Presence, "invalid credential" or "not connected"`},
		{diagnose.DeskPhone, []string{"phone", "desk phone", "telephone", "cti"}, "phone: the client does not control the phone", `Show Server Health: Desk Phone (CTI), "invalid credentials", "no devices"`},
		{diagnose.Voicemail, []string{"voice mail", "messages", "mailbox"}, "voicemail: messages are not shown", `"Invalid username/password or account locked"`},
		{diagnose.Directory, []string{"contacts", "search", "ldap", "address book"}, "contacts: the search finds nobody", "Show Server Health: LDAP; names are missing, only numbers are shown"},
		{diagnose.Calendar, []string{"meeting", "outlook", "exchange"}, `calendar: "in a meeting" is never shown`, "the status does not follow the meetings in Outlook"},
		{locked, []string{"account locked", "lock", "account"}, "account locked: the account is locked, or locks again and again", "a device or service with an old password locks it"},
		{diagnose.PhoneControl, []string{"phone control", "ocs", "lync", "communicator", "rcc"}, "phone control from Communicator (OCS)", "remote call control: the Communicator does not control the phone"},
		{something, []string{"other", "else", "paste"}, "something else: paste it", "an error message, lines of a log, a mail, the output of a command"},
	}
}

// question asks on a terminal until the first cause is clear.
func (f *diagnoseFlags) question(ctx context.Context, env *environment, k *diagnose.Knowledge, in *diagnose.Input) error {
	if !env.asks() {
		return nil
	}
	p := newPrompter(ctx, env)
	f.asker = p
	if len(in.Symptoms)+len(in.Findings)+len(in.Pastes) == 0 {
		if err := f.complaint(p, k, in); err != nil {
			return unreadable(err)
		}
	}
	for asked := 0; asked < maxQuestions && !p.ended; asked++ {
		q := k.Next(*in)
		if q == nil {
			break
		}
		word, err := p.question(q)
		if err != nil {
			return unreadable(err)
		}
		in.Answers[q.ID] = word // empty where it is not known: it is not asked again
	}
	fmt.Fprintln(env.stderr)
	return nil
}

// maxQuestions bounds how often a caller has to wait.
const maxQuestions = 5

// complaint asks what fails, and for what the screen shows.
func (f *diagnoseFlags) complaint(p *prompter, k *diagnose.Knowledge, in *diagnose.Input) error {
	for !p.ended {
		word, other, err := p.choose("What does the caller say?", "Number, word or the error message; ? for help, Enter if you do not know: ", complaints())
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
				p.say("", fmt.Sprintf("%q was not understood. Please type a number from 1 to %d, or a word of the list.", other, len(complaints())))
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
				if in.Answers[q.ID], err = p.question(q); err != nil {
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
func (f *diagnoseFlags) screen(p *prompter, in *diagnose.Input) error {
	p.say("", "")
	p.say("", "Is there an error message, Show Server Health (menu Help) or a log? Paste it now. Then type a dot (.) alone on a line and press Enter; "+
		"Ctrl-Z and Enter (Windows) or Ctrl-D (elsewhere) end it as well. Press Enter to go on without.")
	text, err := p.paste()
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
		p.say("", "Nothing in this text was understood, so the questions have to do.")
	case n == 0:
		p.say("", "This text shows no failure.")
	default:
		p.say("", fmt.Sprintf("Understood: %d of %d lines say that something fails.", n, paste.Lines))
	}
	return nil
}

// atTheTerminal writes what fits on a screen, and the rest when it is asked for: a person on the phone must see the short answer.
func (f *diagnoseFlags) atTheTerminal(w io.Writer, result *diagnose.Result, in diagnose.Input, style diagnose.Style) error {
	short := style
	short.Compact = true
	if err := result.Write(w, short); err != nil {
		return err
	}
	for !f.asker.ended {
		fmt.Fprint(f.asker.env.stderr, "m: more (why, checks, every fix); t: text for the ticket; Enter: end: ")
		answer, err := f.asker.line()
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
