package lint

import (
	"strings"

	"cupclint/export"
)

// An InputRow gives the format in which one input was read, and how much of it was understood.
type InputRow struct {
	File string `json:"file"`
	// Format is that of the input, OtherTool, or UnknownAnswer.
	Format string `json:"format"`
	// Properties counts the settings that were read.
	Properties int `json:"properties"`
	// Ignored says what was skipped; nil if nothing was.
	Ignored *export.Ignored `json:"ignored,omitempty"`
}

// OtherTool is the format in the row of a file that was skipped in a folder or an archive, because nothing in it belongs to the servers
// and clients that cupclint knows.
const OtherTool = "other"

// UnknownAnswer is the format in the row of a file that was skipped in a folder of cupclint collect, because no rule uses the answer.
const UnknownAnswer = "answer"

// Skipped reports whether nothing of the input was read.
func (r *InputRow) Skipped() bool { return r.Format == OtherTool || r.Format == UnknownAnswer }

// CountPassed counts a file that was skipped.
func (s *Summary) CountPassed(row *InputRow) {
	switch row.Format {
	case OtherTool:
		s.Passed++
	case UnknownAnswer:
		s.Answers++
	}
}

// NewInputRow makes the row of an export. The row stays valid after the export.
func NewInputRow(e *export.Export) InputRow {
	return InputRow{File: strings.Clone(e.File), Format: e.Format.String(), Properties: len(e.Properties), Ignored: e.Ignored()}
}

// NewPassedRow makes the row of a file that was skipped. The row has nothing of the file's lines.
func NewPassedRow(p *export.Passed) InputRow {
	row := InputRow{File: strings.Clone(p.File), Format: OtherTool}
	if p.Gathered {
		row.Format = UnknownAnswer
	}
	if p.Lines > 0 {
		row.Ignored = &export.Ignored{Count: p.Lines, First: []export.Passage{}}
	}
	return row
}

// addInput notes an input that was read.
func (w *worker) addInput() {
	e := w.input.Export
	row := InputRow{File: e.File, Format: e.Format.String(), Properties: len(e.Properties), Ignored: e.Ignored()}
	w.encoded = row.encode(w.encoded[:0])
	w.inputs.add(e.File, w.input.Index, w.encoded)
}

// addPassed notes a file that was skipped.
func (w *worker) addPassed(p *export.Passed) {
	row := NewPassedRow(p)
	w.summary.CountPassed(&row)
	w.inputs.add(p.File, w.at, row.encode(nil))
}

func compareInputs(a, b *InputRow) int { return strings.Compare(a.File, b.File) }

func (r *InputRow) encode(b []byte) []byte {
	b = appendInt(appendString(b, r.Format), r.Properties) // a spool keeps the name
	if r.Ignored == nil {
		return appendInt(b, 0)
	}
	b = appendInt(appendInt(b, r.Ignored.Count), len(r.Ignored.First))
	for _, p := range r.Ignored.First {
		b = appendString(appendInt(b, p.Line), p.Text)
	}
	return b
}

func (r *InputRow) decode(d *decoder) {
	r.File, r.Format, r.Properties = d.file, d.string(), d.int()
	count := d.int()
	if count == 0 {
		return
	}
	r.Ignored = &export.Ignored{Count: count, First: make([]export.Passage, d.count())}
	for i := range r.Ignored.First {
		r.Ignored.First[i] = export.Passage{Line: d.int(), Text: d.string()}
	}
}
