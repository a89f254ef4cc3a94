package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/diagnose"
	"cupclint/internal/report"
)

// A prompter asks questions on a terminal, on standard error, so that standard output stays the answer.
type prompter struct {
	env   *environment
	in    *bufio.Reader
	ended bool // the input is at its end
}

func newPrompter(ctx context.Context, env *environment) *prompter {
	return &prompter{env: env, in: bufio.NewReader(env.input(ctx))}
}

// say writes a paragraph for a person.
func (p *prompter) say(lead, text string) {
	report.Wrap(p.env.stderr, lead, text, p.env.errWidth)
}

// line reads one line; what it gives is without blanks around it.
func (p *prompter) line() (string, error) {
	line, err := p.in.ReadString('\n')
	switch {
	case errors.Is(err, io.EOF):
		p.ended = true
	case err != nil:
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// A choice is one line of a menu: the word that it stands for, other words that people type for it, and what is shown.
type choice struct {
	word  string
	also  []string
	title string
	help  string
}

// choose asks for one of the choices: a number, a word, ? for help. A text that is none of them is given back as it is. Both are empty where the person
// does not know, or the input ends.
func (p *prompter) choose(ask, hint string, choices []choice) (word, other string, err error) {
	p.say("", ask)
	for i, c := range choices {
		p.say(fmt.Sprintf("  %d  ", i+1), c.title)
	}
	for {
		fmt.Fprint(p.env.stderr, hint)
		answer, err := p.line()
		if err != nil || answer == "" {
			return "", "", err
		}
		if answer == "?" {
			for i, c := range choices {
				p.say(fmt.Sprintf("  %d  ", i+1), c.help)
			}
			continue
		}
		if c := chosen(choices, answer); c != "" {
			return c, "", nil
		}
		return "", answer, nil
	}
}

// chosen is the word of the choice that an answer means. The client version 7 is an answer before it is the number of a line.
func chosen(choices []choice, answer string) string {
	for _, c := range choices {
		if strings.EqualFold(answer, c.word) || slices.ContainsFunc(c.also, func(s string) bool { return strings.EqualFold(answer, s) }) {
			return c.word
		}
	}
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
		return choices[n-1].word
	}
	begins := ""
	for _, c := range choices {
		for _, s := range append([]string{c.word}, c.also...) {
			if len(s) >= len(answer) && strings.EqualFold(s[:len(answer)], answer) {
				if begins != "" && begins != c.word {
					return "" // it may mean either
				}
				begins = c.word
			}
		}
	}
	return begins
}

// question asks one of the questions of the knowledge; the word is empty where the person does not know.
func (p *prompter) question(q *diagnose.Question) (string, error) {
	var choices []choice
	for _, w := range q.Words() {
		choices = append(choices, choice{word: w, also: []string{q.Answers[w]}, title: q.Answers[w], help: q.Answers[w]})
	}
	p.say("", "")
	ask := q.Ask
	for !p.ended {
		word, other, err := p.ask(q, ask, choices)
		if err != nil || word != "" || other == "" {
			return word, err
		}
		p.say("", fmt.Sprintf("%q is not an answer. Please type a number from 1 to %d, or Enter if you do not know.", other, len(choices)))
		ask = ""
	}
	return "", nil
}

func (p *prompter) ask(q *diagnose.Question, ask string, choices []choice) (word, other string, err error) {
	if ask != "" {
		p.say("", ask)
		p.say("  Look here: ", q.Lookup)
		for i, c := range choices {
			p.say(fmt.Sprintf("  %d  ", i+1), c.title)
		}
	}
	fmt.Fprint(p.env.stderr, "Number, ? for help, Enter if you do not know: ")
	answer, err := p.line()
	switch {
	case err != nil || answer == "":
		return "", "", err
	case answer == "?":
		p.say("", "The answer separates the causes that fit best so far. Look here: "+q.Lookup+". A wrong guess is worse than none: press Enter if you do not know. "+
			"cupclint explain TERM explains a term.")
		return p.ask(q, "", choices)
	}
	return chosen(choices, answer), answer, nil
}

// paste reads a text of several lines: to a line with a dot alone, two empty lines, or the end of the input.
func (p *prompter) paste() (string, error) {
	var b strings.Builder
	for empty := 0; !p.ended; {
		line, err := p.line()
		if err != nil {
			return "", err
		}
		if line == "" {
			if empty++; empty == 2 || b.Len() == 0 {
				break
			}
		} else {
			empty = 0
		}
		if line == "." {
			break
		}
		b.WriteString(line + "\n")
	}
	p.ended = false // after Ctrl-D the terminal goes on
	return b.String(), nil
}
