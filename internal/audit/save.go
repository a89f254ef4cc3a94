package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cupclint/internal/area"
	"cupclint/internal/jsonplace"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// Form is the version of the saved form. A change that older programs would misread gets the next number.
const Form = 1

// MaxCase bounds a saved case, in bytes.
const MaxCase = 64 << 20

// saved is the JSON form of a case.
type saved struct {
	Form int `json:"cupclintCase"`
	*Case
}

// Save writes the case as JSON.
func (c *Case) Save(w io.Writer) error {
	enc := json.NewEncoder(report.SafeJSON(w))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(saved{Form, c})
}

// Load reads what Save wrote of the areas. The error is a *jsonplace.Error if the text is wrong.
func Load(r io.Reader, areas []area.Area) (*Case, error) {
	text, err := safefile.ReadAll(r, MaxCase)
	if err != nil {
		return nil, err
	}
	s := saved{Case: &Case{Observations: *NewObservations(areas)}}
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&s); err != nil {
		return nil, jsonplace.Of(text, dec.InputOffset(), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, jsonplace.Of(text, dec.InputOffset(), errors.New("there is more text after the case"))
	}
	if s.Form != Form {
		return nil, jsonplace.Of(text, 0, fmt.Errorf("this version cannot read this case: cupclintCase is %d, it must be %d", s.Form, Form))
	}
	if err := s.Case.check(); err != nil {
		return nil, jsonplace.Of(text, 0, err)
	}
	return s.Case, nil
}

// check refuses what judging could not handle: a case is sent from one to another, and may have been edited. Names reach terminals, so
// the characters that a terminal would obey are removed from them.
func (c *Case) check() (err error) {
	for i := range c.Findings {
		f := &c.Findings[i]
		for _, text := range [...]*string{&f.Rule, &f.Name, &f.Area, &f.Fingerprint} {
			*text = report.Clean(*text)
		}
	}
	for i := range c.Addresses {
		r := &c.Addresses[i]
		for _, text := range [...]*string{&r.Role, &r.Step, &r.Verdict} {
			*text = report.Clean(*text)
		}
	}
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("a part is missing that another part needs")
		}
	}()
	r := c.Judge(nil, new(lint.Policy))
	c.Incomplete()
	c.Observations.LookedFor()
	d := &report.Document{Findings: report.Of(r.Findings), Suppressed: report.Of(r.Suppressed), Addresses: report.Rows(c.Addresses),
		Probes: c.Observations.Probes(), Summary: r.Summary}
	for _, format := range [...]string{"text", "html"} {
		if write, err := report.Find(format); err == nil {
			_ = write(io.Discard, d, report.Style{}) // it is written to nowhere
		}
	}
	return nil
}
