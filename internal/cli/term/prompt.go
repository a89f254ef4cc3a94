package term

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/report"
)

// A Prompter asks questions on a terminal, on standard error, so that standard output stays the answer.
type Prompter struct {
	on Screen
	in *bufio.Reader
	// Ended says that the input is at its end.
	Ended bool
}

// NewPrompter asks on the screen and reads answers from in.
func NewPrompter(on Screen, in io.Reader) *Prompter {
	return &Prompter{on: on, in: bufio.NewReader(in)}
}

// Say writes a paragraph for a person.
func (p *Prompter) Say(lead, text string) {
	report.Wrap(p.on.W, lead, text, p.on.Width)
}

// ask writes a question.
func (p *Prompter) ask(text string) { p.Say("", report.Paint(p.on.Color, report.Bold, text)) }

// Line reads one line; what it gives is without blanks around it.
func (p *Prompter) Line() (string, error) {
	line, err := p.in.ReadString('\n')
	switch {
	case errors.Is(err, io.EOF):
		p.Ended = true
	case err != nil:
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// A Choice is one line of a menu: the word that it stands for, other words that people type for it, and what is shown.
type Choice struct {
	Word  string
	Also  []string
	Title string
	Help  string
}

// Choose asks for one of the choices: a number, a word, ? for help. Any other text is returned unchanged. Both are empty
// where the person does not know, or the input ends.
func (p *Prompter) Choose(ask, hint string, choices []Choice) (word, other string, err error) {
	p.ask(ask)
	p.list(choices, func(c Choice) string { return c.Title })
	return p.answer(hint, choices, func() { p.list(choices, func(c Choice) string { return c.Help }) })
}

// chosen is the word of the choice that an answer means. The client version 7 is an answer before it is the number of a line.
func chosen(choices []Choice, answer string) string {
	for _, c := range choices {
		if strings.EqualFold(answer, c.Word) || slices.ContainsFunc(c.Also, func(s string) bool { return strings.EqualFold(answer, s) }) {
			return c.Word
		}
	}
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
		return choices[n-1].Word
	}
	begins := ""
	for _, c := range choices {
		for _, s := range append([]string{c.Word}, c.Also...) {
			if len(s) >= len(answer) && strings.EqualFold(s[:len(answer)], answer) {
				if begins != "" && begins != c.Word {
					return "" // it may mean either
				}
				begins = c.Word
			}
		}
	}
	return begins
}

// Question asks for one of the choices and says where to look up the answer; help is what ? shows. The word is empty where the person does
// not know.
func (p *Prompter) Question(ask, lookup, help string, choices []Choice) (string, error) {
	p.Say("", "")
	p.ask(ask)
	p.Say("  Look here: ", lookup)
	p.list(choices, func(c Choice) string { return c.Title })
	for !p.Ended {
		word, other, err := p.answer("Number, ? for help, Enter if you do not know: ", choices, func() { p.Say("", help) })
		if err != nil || word != "" || other == "" {
			return word, err
		}
		p.Say("", fmt.Sprintf("%q is not an answer. Please type a number from 1 to %d, or Enter if you do not know.", other, len(choices)))
	}
	return "", nil
}

func (p *Prompter) list(choices []Choice, text func(Choice) string) {
	for i, c := range choices {
		p.Say(fmt.Sprintf("  %d  ", i+1), text(c))
	}
}

// answer reads until something else than ? is typed.
func (p *Prompter) answer(hint string, choices []Choice, help func()) (word, other string, err error) {
	for {
		fmt.Fprint(p.on.W, hint)
		answer, err := p.Line()
		switch {
		case err != nil || answer == "":
			return "", "", err
		case answer == "?":
			help()
		default:
			word = chosen(choices, answer)
			if word != "" {
				answer = ""
			}
			return word, answer, nil
		}
	}
}

// Paste reads a text of several lines: to a line with a dot alone, two empty lines, or the end of the input.
func (p *Prompter) Paste() (string, error) {
	var b strings.Builder
	for empty := 0; !p.Ended; {
		line, err := p.Line()
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
	p.Ended = false // after Ctrl-D the terminal continues
	return b.String(), nil
}
