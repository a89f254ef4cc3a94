package ownrules

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"

	"go.yaml.in/yaml/v3"
)

// The results that an example can expect.
const (
	right = "right"
	wrong = "wrong"
)

// Bounds on examples.
const (
	maxExamples = 100 // of one rule
	maxFiles    = 100 // of one example
)

// An example is an input of a rule with the expected result.
type example struct {
	node         *yaml.Node
	expect       string
	files        []exampleFile // one without a name, or several with names
	message, key *yaml.Node    // nil where they do not matter
	line         int           // 0 where it does not matter
	lineNode     *yaml.Node
}

type exampleFile struct {
	name, text string
}

func (l *loader) examples(r *rule, list *yaml.Node) {
	if list == nil {
		return
	}
	if list.Kind != yaml.SequenceNode || len(list.Content) > maxExamples {
		l.wrong(list, "examples must be a list of at most %d examples", maxExamples)
		return
	}
	for _, n := range list.Content {
		n = resolved(n)
		found := l.fields(n, "an example", ExampleFields())
		if found == nil {
			continue
		}
		e := example{node: n, message: l.text(found, "message"), key: l.text(found, "key")}
		if found["expect"] != nil {
			e.expect = found["expect"].Value
		}
		l.input(&e, found)
		if line := found["line"]; line != nil {
			e.lineNode = line
			var err error
			if e.line, err = strconv.Atoi(line.Value); err != nil || e.line < 1 {
				l.wrong(line, "line must be a whole number, 1 or more")
			}
		}
		for _, field := range []string{"message", "key", "line"} {
			if e.expect == right && found[field] != nil {
				l.wrong(found[field], "%s is only for examples with expect: wrong", field)
			}
		}
		r.examples = append(r.examples, e)
	}
}

// input reads what the example gives to the rule, in one of three ways.
func (l *loader) input(e *example, found map[string]*yaml.Node) {
	given := 0
	for _, field := range []string{"properties", "export", "files"} {
		n := found[field]
		if n == nil {
			continue
		}
		if given++; given > 1 {
			l.wrong(n, "an example must have only one of properties, export and files")
			return
		}
		if field == "export" {
			if n = l.text(found, field); n != nil {
				e.files = []exampleFile{{text: n.Value}}
			}
			continue
		}
		if n.Kind != yaml.MappingNode || len(n.Content) > 2*maxFiles {
			l.wrong(n, "%s must be a map of at most %d texts", field, maxFiles)
			continue
		}
		e.files = append(e.files, l.pairs(n, field)...)
	}
	if given == 0 {
		l.wrong(e.node, "the input is missing: give properties, export or files")
	}
}

// pairs makes one file of properties, or one of each member of files.
func (l *loader) pairs(n *yaml.Node, field string) (files []exampleFile) {
	var members []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := resolved(n.Content[i]), resolved(n.Content[i+1])
		if name.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode {
			l.wrong(value, "%s must be a map of names to texts", field)
			continue
		}
		text := value.Value
		if value.Tag == "!!null" {
			text = ""
		}
		if field == "files" {
			files = append(files, exampleFile{strings.ReplaceAll(name.Value, `\`, "/"), text})
			continue
		}
		members = append(members, quoted(name.Value)+": "+quoted(text))
	}
	if field == "properties" {
		files = []exampleFile{{text: "{\n" + strings.Join(members, ",\n") + "\n}\n"}}
	}
	return files
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

// shown is the input for people.
func (e *example) shown() string {
	var b strings.Builder
	for _, f := range e.files {
		if f.name != "" {
			fmt.Fprintf(&b, "%s:\n", f.name)
		}
		b.WriteString(strings.TrimRight(f.text, "\n") + "\n")
	}
	return b.String()
}

// A Failure is an example whose result is not the expected one.
type Failure struct {
	Origin lint.Origin
	Rule   *lint.Rule
	Number int // of the example of that rule, from 1
	Text   string
}

func (f *Failure) String() string {
	return fmt.Sprintf("%s: %s, example %d: %s", f.Origin, f.Rule.ID, f.Number, f.Text)
}

// A Report is what the examples of a set showed.
type Report struct {
	Rules, Examples int
	Failures        []Failure
	// Without are the rules that have no example.
	Without []*lint.Rule
}

// Test runs the examples of the rules that wanted chooses. The error is that of the context.
func (s *Set) Test(ctx context.Context, wanted func(*lint.Rule) bool) (*Report, error) {
	report := &Report{}
	for _, r := range s.rules {
		if !wanted(r.rule) {
			continue
		}
		report.Rules++
		if len(r.examples) == 0 {
			report.Without = append(report.Without, r.rule)
		}
		for i := range r.examples {
			report.Examples++
			e := &r.examples[i]
			at, text, err := r.test(ctx, e)
			if err != nil {
				return report, err
			}
			if text != "" {
				report.Failures = append(report.Failures, Failure{r.src.origin(at), r.rule, i + 1, text})
			}
		}
	}
	return report, nil
}

// test returns where and how an example differs from what is expected; an empty text where it does not.
func (r *rule) test(ctx context.Context, e *example) (at *yaml.Node, text string, err error) {
	input, err := e.input()
	if err != nil {
		return nil, "", err
	}
	result, err := lint.Run(ctx, lint.Options{
		Sources: []export.Source{{Name: export.Stdin}}, Rules: []*lint.Rule{r.rule}, Jobs: 1,
		NewReader: func() *export.Reader { return &export.Reader{Stdin: bytes.NewReader(input)} },
	})
	defer func() { _ = result.Close() }() // nothing is spilled for an example
	if err != nil {
		return nil, "", err
	}
	if len(result.Errors) > 0 {
		first := &result.Errors[0]
		if _, ours := first.Err.(*lint.RuleError); ours {
			return e.node, first.Message, nil
		}
		return e.node, "the input cannot be read: " + first.Message, nil
	}
	if result.Summary.Files == 0 {
		return e.node, "the input is not an export", nil
	}
	var found []*lint.Finding
	for f, err := range result.Findings() {
		if err != nil {
			return nil, "", err
		}
		found = append(found, f)
	}
	at, text = e.compare(found)
	return at, text, nil
}

// compare says how findings differ from what is expected.
func (e *example) compare(found []*lint.Finding) (at *yaml.Node, text string) {
	if e.expect == right {
		if len(found) > 0 {
			return e.node, fmt.Sprintf("expected nothing, found: %s", found[0].Message)
		}
		return nil, ""
	}
	if len(found) == 0 {
		return e.node, "expected a finding, found nothing"
	}
	some := func(fits func(f *lint.Finding) bool) bool { return slices.ContainsFunc(found, fits) }
	switch {
	case e.message != nil && !some(func(f *lint.Finding) bool { return f.Message == strings.TrimSpace(e.message.Value) }):
		return e.message, fmt.Sprintf("the message is %q", found[0].Message)
	case e.key != nil && !some(func(f *lint.Finding) bool { return strings.EqualFold(f.Key, e.key.Value) }):
		return e.key, fmt.Sprintf("the key is %q", found[0].Key)
	case e.line > 0 && !some(func(f *lint.Finding) bool { return f.Line == e.line }):
		return e.lineNode, fmt.Sprintf("the line is %d", found[0].Line)
	}
	return nil, ""
}

// input is what the reader gets: the text of the export, or an archive of several.
func (e *example) input() ([]byte, error) {
	if len(e.files) == 1 && e.files[0].name == "" {
		return []byte(e.files[0].text), nil
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range e.files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.text)), Format: tar.FormatPAX}); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, f.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}
