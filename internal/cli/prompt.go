package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/diagnose"
)

// A prompter asks questions on a terminal, on standard error, so that standard output stays the answer.
type prompter struct {
	env *environment
	in  *bufio.Reader
}

// ask returns the word of the answer; empty where the person does not know or the input ends.
func (p *prompter) ask(q *diagnose.Question) (string, error) {
	if p.in == nil {
		p.in = bufio.NewReader(p.env.stdin)
	}
	words := q.Words()
	fmt.Fprintln(p.env.stderr, q.Ask)
	for i, w := range words {
		fmt.Fprintf(p.env.stderr, "  %d  %s\n", i+1, q.Answers[w])
	}
	for {
		fmt.Fprint(p.env.stderr, "Number, or Enter if you do not know: ")
		line, err := p.in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the answer: %w", err)
		}
		answer := strings.TrimSpace(line)
		if answer == "" {
			return "", nil
		}
		for i, w := range words { // the client version 7 is an answer before it is the number of a line
			if n, err := strconv.Atoi(answer); strings.EqualFold(answer, w) || err == nil && n == i+1 && !slices.Contains(words, answer) {
				return w, nil
			}
		}
		if err != nil {
			return "", nil
		}
		fmt.Fprintf(p.env.stderr, "%q is none of them.\n", answer)
	}
}
