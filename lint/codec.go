package lint

import (
	"encoding/binary"
	"errors"
)

// Findings wait for the end of a run in a compact binary form of no lasting meaning: strings and lists with their
// length in front, numbers as varints, fields in the order of the struct.

var errCodec = errors.New("spilled findings are damaged")

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendInt(b []byte, n int) []byte { return binary.AppendVarint(b, int64(n)) }

func (f *Finding) encode(b []byte) []byte {
	b = appendString(b, f.Rule)
	b = appendString(b, f.Name)
	b = appendInt(b, int(f.Severity))
	b = appendString(b, f.Message)
	b = appendString(b, f.File)
	b = appendInt(b, f.Line)
	b = appendInt(b, f.Column)
	b = appendInt(b, f.EndLine)
	b = appendInt(b, f.EndColumn)
	b = appendString(b, f.Key)
	b = appendString(b, f.Address)
	b = appendInt(b, len(f.Evidence))
	for _, e := range f.Evidence {
		b = appendString(b, e)
	}
	b = appendString(b, f.Fix)
	b = appendInt(b, len(f.Edits))
	for _, e := range f.Edits {
		b = appendString(appendInt(appendInt(b, e.Start), e.End), e.Text)
	}
	if f.DaysLeft == nil {
		b = appendInt(b, 0)
	} else {
		b = appendInt(appendInt(b, 1), *f.DaysLeft)
	}
	b = appendString(b, f.Fingerprint)
	b = appendString(b, f.Area)
	b = appendString(b, string(f.Kind))
	b = appendString(b, f.Source)
	b = appendInt(b, f.SourceColumn)
	b = appendInt(b, len(f.Related))
	for i := range f.Related {
		b = f.Related[i].encode(b)
	}
	b = appendString(b, f.Anchor)
	b = appendString(b, f.Suppressed)
	if f.InSource {
		return appendInt(b, 1)
	}
	return appendInt(b, 0)
}

func (r *Related) encode(b []byte) []byte {
	b = appendString(b, r.File)
	for _, n := range [...]int{r.Line, r.Column, r.EndLine, r.EndColumn} {
		b = appendInt(b, n)
	}
	return appendString(appendString(b, r.Key), r.Message)
}

func (r *Related) decode(d *decoder) {
	r.File = d.string()
	for _, n := range [...]*int{&r.Line, &r.Column, &r.EndLine, &r.EndColumn} {
		*n = d.int()
	}
	r.Key, r.Message = d.string(), d.string()
}

func (f *Finding) decode(d *decoder) {
	f.Rule = d.string()
	f.Name = d.string()
	f.Severity = Severity(d.int())
	f.Message = d.string()
	f.File = d.string()
	f.Line = d.int()
	f.Column = d.int()
	f.EndLine = d.int()
	f.EndColumn = d.int()
	f.Key = d.string()
	f.Address = d.string()
	if n := d.count(); n > 0 {
		f.Evidence = make([]string, n)
	}
	for i := range f.Evidence {
		f.Evidence[i] = d.string()
	}
	f.Fix = d.string()
	if n := d.count(); n > 0 {
		f.Edits = make([]Edit, n)
	}
	for i := range f.Edits {
		f.Edits[i] = Edit{Start: d.int(), End: d.int(), Text: d.string()}
	}
	if d.int() != 0 {
		days := d.int()
		f.DaysLeft = &days
	}
	f.Fingerprint = d.string()
	f.Area = d.string()
	f.Kind = Kind(d.string())
	f.Source = d.string()
	f.SourceColumn = d.int()
	if n := d.count(); n > 0 {
		f.Related = make([]Related, n)
	}
	for i := range f.Related {
		f.Related[i].decode(d)
	}
	f.Anchor = d.string()
	f.Suppressed = d.string()
	f.InSource = d.int() != 0
}

// A decoder reads from text; the strings it gives are parts of it. After the first error it gives zero values.
type decoder struct {
	file string // of the input that the records are of
	text string
	err  error
}

func (d *decoder) fail() { d.text, d.err = "", errCodec }

func (d *decoder) int() int {
	u := d.uint()
	return int(int64(u>>1) ^ -int64(u&1)) // zigzag, as binary.AppendVarint writes it
}

func (d *decoder) uint() uint64 {
	var u uint64
	for i := 0; i < len(d.text) && i < binary.MaxVarintLen64; i++ {
		c := d.text[i]
		u |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.text = d.text[i+1:]
			return u
		}
	}
	d.fail()
	return 0
}

func (d *decoder) string() string {
	n := d.uint()
	if n > uint64(len(d.text)) {
		d.fail()
		return ""
	}
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

// count reads the length of a list; every element takes at least one byte.
func (d *decoder) count() int {
	n := d.int()
	if n < 0 || n > len(d.text) {
		d.fail()
		return 0
	}
	return n
}

// fields lists the fields of a row in the order of the struct.
func (r *AddressRow) fields() [9]*string {
	return [...]*string{&r.File, &r.Role, &r.Node, &r.Domain, &r.Address, &r.Step, &r.Verdict, &r.Reason, &r.Generation}
}

func (r *AddressRow) encode(b []byte) []byte {
	for _, f := range r.fields() {
		b = appendString(b, *f)
	}
	return b
}

func (r *AddressRow) decode(d *decoder) {
	for _, f := range r.fields() {
		*f = d.string()
	}
}
