package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cupclint/internal/jsonplace"
	"cupclint/internal/report"
	"cupclint/lint"
)

// MaxReport bounds a report, in bytes.
const MaxReport = 256 << 20

// maxLines is how many damaged lines of JSON Lines are named.
const maxLines = 20

// A Form says what a file is.
type Form string

// The forms.
const (
	NoForm     Form = ""
	JSONReport Form = "report"
	JSONLines  Form = "lines"
	SavedCase  Form = "case"
)

// FormOf recognises reports and saved cases by their beginning. An empty file is JSON Lines without a finding.
func FormOf(head []byte) Form {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	head = bytes.TrimSpace(head)
	switch {
	case len(head) == 0:
		return JSONLines
	case head[0] != '{':
		return NoForm
	}
	inside := bytes.TrimLeft(head[1:], " \t\r\n")
	for begin, form := range map[string]Form{`"findings"`: JSONReport, `"shard"`: JSONReport, `"rule"`: JSONLines, `"cupclintCase"`: SavedCase} {
		if bytes.HasPrefix(inside, []byte(begin)) {
			return form
		}
	}
	return NoForm
}

// document is what is read of a report.
type document struct {
	Findings  []lint.Finding    `json:"findings"`
	Addresses []lint.AddressRow `json:"addresses"`
	Inputs    []lint.InputRow   `json:"inputs"`
	Probes    []report.Probe    `json:"probes"`
	Summary   struct {
		Files int `json:"files"`
	} `json:"summary"`
	Errors  []lint.InputError `json:"errors"`
	Version string            `json:"version"`
	Shard   json.RawMessage   `json:"shard"`
	// Observations is there in the report of a command that probes one area.
	Observations json.RawMessage `json:"observations"`
}

// ReadReport makes a side of a report in JSON. The error is a *jsonplace.Error if the text is wrong.
func ReadReport(name string, text []byte) (*Side, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&d); err != nil {
		return nil, jsonplace.Of(text, dec.InputOffset(), err)
	}
	if d.Shard != nil {
		return nil, jsonplace.Of(text, 0, errors.New("it is the report of one shard: compare the one that cupclint merge makes of all"))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, jsonplace.Of(text, dec.InputOffset(), errors.New("there is more text after the report"))
	}
	s := &Side{Name: name, Kind: Report, Version: d.Version, Exports: d.Summary.Files, Findings: d.Findings, Errors: d.Errors,
		Facts: make(map[Source][]Fact)}
	if err := s.tidy(); err != nil {
		return nil, jsonplace.Of(text, 0, err)
	}
	for i := range d.Inputs {
		if !d.Inputs[i].Skipped() {
			s.Files = append(s.Files, d.Inputs[i].File)
		} else {
			s.Passed = append(s.Passed, d.Inputs[i].File)
		}
	}
	if d.Addresses != nil {
		s.Facts[Addresses] = AddressFacts(d.Addresses)
	}
	switch {
	case d.Probes != nil:
		s.SetProbes(d.Probes)
	case d.Observations == nil && !s.live():
		s.Probed = map[string]bool{} // a report of lint
	}
	return s, nil
}

// ReadLines makes a side of JSON Lines, a finding each. Lines that cannot be read become errors of the side.
func ReadLines(name string, text []byte) *Side {
	s := &Side{Name: name, Kind: Report}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	n, skipped := 0, 0
	for line := range bytes.Lines(text) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var f lint.Finding
		err := json.Unmarshal(line, &f)
		if err == nil {
			err = check(&f)
		}
		if err == nil {
			s.Findings = append(s.Findings, f)
			continue
		}
		s.Partial = true
		if skipped++; skipped <= maxLines {
			at := jsonplace.Of(line, 0, err)
			s.Errors = append(s.Errors, lint.InputError{File: name, Line: n, Column: at.Column, Message: at.Err.Error()})
		}
	}
	if more := skipped - maxLines; more > 0 {
		s.Errors = append(s.Errors, lint.InputError{File: name, Message: fmt.Sprintf("%d further lines are skipped", more)})
	}
	_ = s.tidy() // each was checked
	return s
}

// live reports whether a finding is one about a server that was contacted.
func (s *Side) live() bool {
	for i := range s.Findings {
		if s.Findings[i].Kind == lint.LiveKind {
			return true
		}
	}
	return false
}

// tidy checks the findings: a report is sent from one to another, and may have been edited. What reaches terminals as it is loses what a
// terminal would obey.
func (s *Side) tidy() error {
	s.Version = report.Clean(s.Version)
	for i := range s.Findings {
		f := &s.Findings[i]
		if err := check(f); err != nil {
			return fmt.Errorf("finding %d: %w", i+1, err)
		}
		for _, text := range [...]*string{&f.Rule, &f.Name, &f.Area, &f.Fingerprint} {
			*text = report.Clean(*text)
		}
	}
	return nil
}

func check(f *lint.Finding) error {
	if f.Rule == "" || f.Message == "" {
		return errors.New("a finding needs a rule and a message")
	}
	return nil
}
