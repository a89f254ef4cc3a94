package page

import (
	"context"
	"fmt"
	"net/http"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

// A caseFile is all that is known of a case.
type caseFile struct {
	complaint string
	in        diagnose.Input
	addresses []lint.AddressRow
	errors    []lint.InputError
	inputs    []string
	probed    []string
}

func newCase() *caseFile { return &caseFile{in: diagnose.Input{Answers: make(map[string]string)}} }

// maxQuestions is how many questions the page asks: a caller is waiting.
const maxQuestions = 3

// take brings what was posted into the case.
func (v *view) take(c *caseFile, f *posted) error {
	k := v.h.k
	if f.complaint != "" && f.complaint != c.complaint {
		complaint := k.Complaint(f.complaint)
		if complaint == nil {
			return v.fail(http.StatusBadRequest, v.T("error.complaint"))
		}
		c.complaint = f.complaint
		if err := complaint.Begin(&c.in); err != nil {
			return err
		}
	}
	for question, word := range f.answers {
		if word != "" && k.CheckAnswer(question+"="+word) != nil || k.Question(question) == nil {
			return v.fail(http.StatusBadRequest, v.T("error.answer"))
		}
		c.in.Answers[question] = word
	}
	return v.takeInputs(c, f)
}

// takeInputs reads what was pasted and uploaded.
func (v *view) takeInputs(c *caseFile, f *posted) error {
	g := diagnose.NewGathering(&c.in)
	var sources []export.Source
	missed := func(file, message string) {
		c.errors = append(c.errors, lint.InputError{File: file, Message: export.Hide(message)})
	}
	g.Complain = func(err error) { missed("", err.Error()) }
	var files []export.Source
	for _, u := range f.files {
		c.inputs = append(c.inputs, u.name)
		files = append(files, export.Memory(u.name, u.data))
	}
	if text := []byte(f.text); len(trimmed(f.text)) > 0 {
		_, isExport, err := g.Paste("paste", text)
		if err != nil {
			missed(v.T("input.paste"), err.Error())
		}
		if isExport {
			sources = append(sources, export.Memory(export.Stdin, text))
		}
	}
	g.Texts(files)
	sources = append(sources, files...)
	if len(sources) == 0 {
		return nil
	}
	size := 0
	for _, u := range f.files {
		size += len(u.data)
	}
	leave, err := v.h.turn(v.r.Context(), size)
	if err != nil {
		return v.fail(http.StatusServiceUnavailable, v.T("error.busy"))
	}
	defer leave()
	g.Evidence(v.r.Context(), sources, nil)
	kept, err := v.h.lint(v.r, sources)
	if err != nil {
		return fmt.Errorf("read the inputs: %w", err)
	}
	errs, err := g.Case(v.h.k, kept, v.h.Rules, v.h.Policy)
	if err != nil {
		return err
	}
	for _, e := range errs {
		e.Message = export.Hide(e.Message)
		if e.File == export.Stdin {
			e.File = v.T("input.paste")
		}
		c.errors = append(c.errors, e)
	}
	c.addresses = append(c.addresses, kept.Addresses...)
	return nil
}

// lint reads and judges sources in memory.
func (h *handler) lint(r *http.Request, sources []export.Source) (*audit.Case, error) {
	var facts diagnose.FactFinder
	o := lint.Options{Sources: sources, Rules: append(append([]*lint.Rule(nil), h.Rules...), facts.Rule()), Policy: h.Policy,
		Filter: h.Policy.NewFilter(h.Rules), Jobs: 1, InMemory: true,
		NewReader: func() *export.Reader { return new(export.Reader) }}
	c, _, err := audit.Lint(r.Context(), o, catalogue.Areas(nil))
	if err != nil {
		return nil, err
	}
	c.Facts = facts.FactsOf()
	return c, nil
}

// small is what may be read beside anything else, in bytes.
const small = 1 << 20

// turn waits until a large input may be read: one at a time, so that the memory stays bounded.
func (h *handler) turn(ctx context.Context, size int) (leave func(), err error) {
	if size <= small {
		return func() {}, nil
	}
	select {
	case h.large <- struct{}{}:
		return func() { <-h.large }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
