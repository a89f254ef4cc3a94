package rules

import (
	"fmt"
	"strings"
)

// filterProblem says what is wrong with a search filter as RFC 4515 writes it, "" when nothing is. Blanks between the parts are
// ignored, as directories do. Filters deeper than maxFilterDepth are not checked.
func filterProblem(s string) string {
	f := filterParser{text: s}
	f.blanks()
	problem := f.filter(0)
	if f.tooDeep {
		return ""
	}
	if problem == "" {
		f.blanks()
		if f.at < len(s) {
			return fmt.Sprintf("%q is after its end", shorten(s[f.at:]))
		}
	}
	return problem
}

const maxFilterDepth = 64

type filterParser struct {
	text    string
	at      int
	tooDeep bool
}

func (f *filterParser) blanks() {
	for f.at < len(f.text) && strings.IndexByte(" \t\r\n", f.text[f.at]) >= 0 {
		f.at++
	}
}

func (f *filterParser) filter(depth int) string {
	if f.at == len(f.text) {
		return "it ends too early"
	}
	if depth > maxFilterDepth {
		f.tooDeep = true
		return "it is too deep"
	}
	if f.text[f.at] != '(' {
		return fmt.Sprintf("%q does not begin with a parenthesis", shorten(f.text[f.at:]))
	}
	f.at++
	f.blanks()
	if f.at == len(f.text) {
		return "a closing parenthesis is missing"
	}
	var problem string
	switch c := f.text[f.at]; c {
	case '&', '|', '!':
		f.at++
		problem = f.parts(c, depth)
	default:
		problem = f.item()
	}
	if problem != "" {
		return problem
	}
	if f.at == len(f.text) || f.text[f.at] != ')' {
		return "a closing parenthesis is missing"
	}
	f.at++
	return ""
}

// parts reads the filters after an operator: one after !, any number after the others (RFC 4526 allows none).
func (f *filterParser) parts(operator byte, depth int) string {
	n := 0
	for f.blanks(); f.at < len(f.text) && f.text[f.at] != ')'; f.blanks() {
		if problem := f.filter(depth + 1); problem != "" {
			return problem
		}
		n++
	}
	if operator == '!' && n != 1 {
		return "! needs exactly one filter"
	}
	return ""
}

// item reads attribute, operator and value. A value holds no parenthesis, and after a backslash two hexadecimal digits.
func (f *filterParser) item() string {
	end := strings.IndexAny(f.text[f.at:], "()")
	if end < 0 {
		return "a closing parenthesis is missing"
	}
	item := f.text[f.at : f.at+end]
	if end == 0 && f.text[f.at] == '(' {
		return "&, | or ! is missing between two opening parentheses"
	}
	if f.text[f.at+end] == '(' {
		return fmt.Sprintf("there is a parenthesis inside of %q", shorten(item))
	}
	attribute, value, ok := strings.Cut(item, "=")
	if !ok {
		return fmt.Sprintf("%q has no =", shorten(item))
	}
	attribute, _, matching := strings.Cut(strings.TrimSpace(strings.TrimRight(attribute, "<>~")), ":")
	if attribute == "" && !matching || attribute != "" && attributeProblem(attribute).problem != "" {
		return fmt.Sprintf("%q is not the name of an attribute", shorten(attribute))
	}
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && (i+2 >= len(value) || strings.Trim(value[i+1:i+3], "0123456789abcdefABCDEF") != "") {
			return fmt.Sprintf("a backslash in %q is not followed by two hexadecimal digits", shorten(value))
		}
	}
	f.at += end
	return ""
}

// shorten cuts a text of the input for a message.
func shorten(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
