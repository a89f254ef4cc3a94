package ownrules

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A template is a text with expressions in braces.
type template struct {
	literals []string // one more than programs
	programs []*program
}

// newTemplate reads a text. Offsets of problems are those in the scalar.
func newTemplate(n *yaml.Node, each Each) (*template, []problem) {
	t := &template{}
	var literal strings.Builder
	var problems []problem
	text := n.Value
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			literal.WriteByte(c)
			i += 2
		case c == '}':
			problems = append(problems, problem{runes(text, i), errors.New("a } without a {; }} is a brace")})
			i++
		case c == '{':
			end := closing(text, i+1)
			if end < 0 {
				problems = append(problems, problem{runes(text, i), errors.New("a { without a }; {{ is a brace")})
				return nil, problems
			}
			start := runes(text, i+1)
			if strings.TrimSpace(text[i+1:end]) == "" {
				problems = append(problems, problem{start - 1, errors.New("the braces are empty; {{ is a brace")})
				i = end + 1
				continue
			}
			p, wrong := compile(text[i+1:end], each, reflect.Invalid)
			for _, w := range wrong {
				problems = append(problems, problem{start + w.offset, w.err})
			}
			if p != nil {
				p.node, p.offset = n, start
				t.literals, t.programs = append(t.literals, literal.String()), append(t.programs, p)
				literal.Reset()
			}
			i = end + 1
		case c == '\n' || c == '\t' || c == '\r':
			literal.WriteByte(' ')
			i++
		default:
			literal.WriteByte(c)
			i++
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	t.literals = append(t.literals, strings.TrimRight(literal.String(), " "))
	return t, nil
}

func runes(s string, at int) int { return utf8.RuneCountInString(s[:at]) }

// closing finds the brace that ends an expression; those in quotes do not count.
func closing(s string, i int) int {
	depth := 0
	for quote := byte(0); i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\' && quote != '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// fill puts the values in. A nil template is empty.
func (t *template) fill(e *evaluator, longest string) (string, *evalError) {
	if t == nil {
		return "", nil
	}
	if len(t.programs) == 0 {
		return t.literals[0], nil
	}
	var b strings.Builder
	for i, p := range t.programs {
		b.WriteString(t.literals[i])
		out, err := e.run(p, longest)
		if err != nil {
			return "", err
		}
		b.WriteString(show(out))
	}
	b.WriteString(t.literals[len(t.programs)])
	return b.String(), nil
}

// show writes a value for people. The copy outlives the export.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	case []any:
		var words []string
		for _, w := range v {
			words = append(words, show(w))
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v)
}
