package main

import (
	"encoding/json"
	"regexp"
	"strings"
)

var (
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
	image    = regexp.MustCompile(`!\[[^\]]*\]\([^)]*\)`)
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	code     = regexp.MustCompile("`+[^`]*`+")
	address  = regexp.MustCompile(`<?[a-z]+://[^\s>)]*>?`)
	item     = regexp.MustCompile(`^\s*([-*+]|[0-9]+[.)])\s+`)
	terminal = regexp.MustCompile(`[.!?]["')\]*]*(\s+|$)`)
)

// markdown gives the sentences of a page. It leaves out what is not prose: blocks of code, code in a line, headings, addresses, pictures,
// comments. A list item is a text of its own, and so is each cell of a table.
func markdown(text string) ([]string, error) {
	text = comment.ReplaceAllString(text, "")
	var out []string
	var paragraph []string
	end := func() {
		out = append(out, split(strings.Join(paragraph, " "))...)
		paragraph = nil
	}
	fence, blank := "", true
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
			continue
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			end()
			fence = trimmed[:3]
		case trimmed == "":
			end()
		case strings.HasPrefix(line, "    ") && blank && !item.MatchString(line): // an indented block of code
		case strings.HasPrefix(line, "#"):
			end()
		case strings.HasPrefix(trimmed, "|"):
			end()
			for cell := range strings.SplitSeq(trimmed, "|") {
				out = append(out, split(cell)...)
			}
		case item.MatchString(line):
			end()
			paragraph = []string{item.ReplaceAllString(line, "")}
		default:
			paragraph = append(paragraph, trimmed)
		}
		blank = trimmed == "" || blank && strings.HasPrefix(line, "    ")
	}
	end()
	return out, nil
}

// split cuts a text into sentences, and takes code and addresses out.
func split(text string) []string {
	text = image.ReplaceAllString(text, "")
	text = link.ReplaceAllString(text, "$1")
	text = code.ReplaceAllString(text, "")
	text = address.ReplaceAllString(text, "")
	var out []string
	for _, s := range terminal.Split(text, -1) {
		if strings.TrimSpace(s) != "" {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

// quoted is a value in a message: a name, a path, a number.
var quoted = regexp.MustCompile(`"[^"]*"`)

// findings gives the sentences of the findings in a golden file of the fixtures: messages and fixes.
func findings(text string) ([]string, error) {
	var list []struct{ Message, Fix string }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	var out []string
	for _, f := range list {
		out = append(out, split(quoted.ReplaceAllString(f.Message, ""))...)
		out = append(out, split(quoted.ReplaceAllString(f.Fix, ""))...)
	}
	return out, nil
}
