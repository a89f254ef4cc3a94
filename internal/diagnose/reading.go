package diagnose

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/jsonplace"
	"cupclint/lint"
)

// The bounds of what is read, in bytes.
const (
	maxAnswerLine = 4 << 10
	maxFindings   = 64 << 20
)

// ReadAnswers reads answers, a line each: who: everyone, or who=everyone. Blank lines and what follows # are skipped; a word may be
// in quotes. An error names the line: an answer that k does not know, or a question that is answered twice.
func (k *Knowledge) ReadAnswers(r io.Reader) (map[string]string, error) {
	answers := make(map[string]string)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxAnswerLine)
	number := 0
	for lines.Scan() {
		number++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		if text = strings.TrimSpace(text); text == "" || text == "---" {
			continue
		}
		at := strings.IndexAny(text, ":=")
		if at < 0 {
			return nil, fmt.Errorf("line %d: %q is not an answer: write QUESTION: WORD, as in who: everyone", number, text)
		}
		question, word := unquoted(text[:at]), unquoted(text[at+1:])
		if err := k.CheckAnswer(question + "=" + word); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if _, twice := answers[question]; twice {
			return nil, fmt.Errorf("line %d: %s is answered twice", number, question)
		}
		answers[question] = word
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w (a line has at most %d bytes)", number+1, err, maxAnswerLine)
	}
	return answers, nil
}

func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

// ReadFindings reads the findings of an earlier run, as --format json wrote them. An error says where the text is wrong. It gives also
// what that run could not read or reach, since causes may hide there.
func ReadFindings(r io.Reader) (findings []lint.Finding, missed []lint.InputError, err error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFindings+1))
	if err != nil {
		return nil, nil, err
	}
	if len(text) > maxFindings {
		return nil, nil, fmt.Errorf("more than %d bytes", maxFindings)
	}
	var document struct {
		Findings *[]lint.Finding   `json:"findings"`
		Errors   []lint.InputError `json:"errors"`
		Shard    json.RawMessage   `json:"shard"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		at := jsonplace.Of(text, int64(len(text)), err)
		return nil, nil, fmt.Errorf("%d:%d: %w", at.Line, at.Column, at.Err)
	}
	if document.Shard != nil {
		return nil, nil, errors.New("it is the report of one shard: give the one that cupclint merge makes of all")
	}
	if document.Findings == nil {
		return nil, nil, errors.New("it has no findings: it is not what --format json writes")
	}
	for i := range *document.Findings {
		if f := &(*document.Findings)[i]; f.Rule == "" {
			return nil, nil, fmt.Errorf("finding %d names no rule", i+1)
		}
	}
	return *document.Findings, document.Errors, nil
}
