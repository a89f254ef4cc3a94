package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"cupclint/lint"
)

// A jsonFinding is a finding with the place of the page of its rule.
type jsonFinding struct {
	*lint.Finding
	Help string `json:"help"`
}

// writeJSON writes one object, a finding a line. Findings are streamed: the document is never in memory as a whole. The form is
// published as docs/schema/report.schema.json.
func writeJSON(w io.Writer, d *Document, style Style) error {
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	b.WriteString("{")
	if d.Part != nil {
		b.WriteString(`"shard":`)
		if err := enc.Encode(&d.Part.Head); err != nil {
			return err
		}
		b.WriteString(",")
	}
	b.WriteString(`"findings":[`)
	comma := ""
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		b.WriteString(comma + "\n")
		comma = ","
		if err := enc.Encode(d.jsonFinding(f)); err != nil {
			return err
		}
	}
	b.WriteString("]")
	if d.Addresses != nil {
		b.WriteString(`,"addresses":[`)
		comma = ""
		for row, err := range d.Addresses {
			if err != nil {
				return fmt.Errorf("read addresses back: %w", err)
			}
			b.WriteString(comma + "\n")
			comma = ","
			if err := enc.Encode(row); err != nil {
				return err
			}
		}
		b.WriteString("]")
	}
	if d.Deployments != nil {
		b.WriteString(`,"deployments":`)
		if err := enc.Encode(d.Deployments); err != nil {
			return err
		}
	}
	if d.Probes != nil {
		b.WriteString(`,"probes":`)
		if err := enc.Encode(d.Probes); err != nil {
			return err
		}
	}
	if d.Inputs != nil {
		b.WriteString(`,"inputs":[`)
		comma = ""
		for row, err := range d.Inputs {
			if err != nil {
				return fmt.Errorf("read inputs back: %w", err)
			}
			b.WriteString(comma + "\n")
			comma = ","
			if plainInput(row) {
				writePlainInput(b, row)
			} else if err := enc.Encode(row); err != nil {
				return err
			}
		}
		b.WriteString("]")
	}
	if style.Statistics {
		s, err := d.statistics()
		if err != nil {
			return err
		}
		b.WriteString(`,"statistics":`)
		if err := enc.Encode(s); err != nil {
			return err
		}
	}
	if len(d.Notes) > 0 {
		b.WriteString(`,"notes":`)
		if err := enc.Encode(d.Notes); err != nil {
			return err
		}
	}
	errs := d.Errors
	if errs == nil {
		errs = []lint.InputError{} // [] and not null
	}
	for _, part := range []struct {
		name  string
		value any
	}{{"summary", d.Summary}, {"errors", errs}, {"version", d.Version}} {
		fmt.Fprintf(b, ",%q:", part.name)
		if err := enc.Encode(part.value); err != nil {
			return err
		}
	}
	for _, m := range d.Members {
		fmt.Fprintf(b, ",%q:", m.Name)
		if err := m.Write(b); err != nil {
			return err
		}
	}
	if d.Part != nil {
		if err := d.writePart(b, enc); err != nil {
			return err
		}
	}
	b.WriteString("}\n")
	return b.Flush()
}

// plainInput reports whether the row of an input is written by writePlainInput: most are, and there are as many as inputs.
func plainInput(row *lint.InputRow) bool {
	if row.Ignored != nil {
		return false
	}
	for i := range len(row.File) {
		if c := row.File[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// writePlainInput writes a row as package json does.
func writePlainInput(b *bufio.Writer, row *lint.InputRow) {
	b.WriteString(`{"file":"`)
	b.WriteString(row.File)
	b.WriteString(`","format":"`)
	b.WriteString(row.Format)
	b.WriteString(`","properties":`)
	b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(row.Properties), 10))
	b.WriteString("}\n")
}

// writeJSONLines writes one finding a line and nothing else.
func writeJSONLines(w io.Writer, d *Document, _ Style) error {
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		if err := enc.Encode(&jsonFinding{f, d.help(f.Rule)}); err != nil {
			return err
		}
	}
	return b.Flush()
}
