package page

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

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
	sources = append(sources, files...)
	if len(sources) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), readTime)
	defer cancel()
	leave, err := v.h.turn(ctx, f.files)
	if err != nil {
		return v.fail(http.StatusServiceUnavailable, v.T("error.busy"))
	}
	defer leave()
	g.Texts(files)
	g.Evidence(ctx, sources, nil)
	kept, err := v.h.lint(ctx, sources)
	if ctx.Err() != nil {
		return v.fail(http.StatusServiceUnavailable, v.T("error.busy"))
	}
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
func (h *handler) lint(ctx context.Context, sources []export.Source) (*audit.Case, error) {
	var facts diagnose.FactFinder
	o := lint.Options{Sources: sources, Rules: append(append([]*lint.Rule(nil), h.Rules...), facts.Rule()), Policy: h.Policy,
		Filter: h.Policy.NewFilter(h.Rules), Jobs: 1, InMemory: true,
		NewReader: func() *export.Reader { return new(export.Reader) }}
	c, _, err := audit.Lint(ctx, o, catalogue.Areas(nil))
	if err != nil {
		return nil, err
	}
	c.Facts = facts.FactsOf()
	return c, nil
}

// small is what texts may have together that are read with anything else, in bytes; readTime is how long inputs may be waited for and
// read.
const (
	small    = 256 << 10
	readTime = 2 * time.Minute
)

// turn waits until large inputs may be read: one after the other, so that the memory stays bounded. An archive is large, since much can
// come out of a small one.
func (h *handler) turn(ctx context.Context, files []upload) (leave func(), err error) {
	size, text := 0, true
	for _, u := range files {
		size += len(u.data)
		head := u.data[:min(len(u.data), 512)]
		text = text && bytes.IndexByte(head, 0) < 0 && (len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b) // gzip
	}
	if size <= small && text {
		return func() {}, nil
	}
	select {
	case h.large <- struct{}{}:
		return func() { <-h.large }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
