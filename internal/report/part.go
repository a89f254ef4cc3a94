package report

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"cupclint/lint"
)

// partFinding is a finding in the report of a shard: with the line of the source, which other formats show, and with the reason of the
// suppression that silenced it.
type partFinding struct {
	*lint.Finding
	Help         string `json:"help"`
	Source       string `json:"source,omitempty"`
	SourceColumn int    `json:"sourceColumn,omitempty"`
	Suppressed   string `json:"suppressed,omitempty"`
	InSource     bool   `json:"inSource,omitempty"`
}

// jsonFinding is what stands for a finding in the JSON format.
func (d *Document) jsonFinding(f *lint.Finding) any {
	if d.Part == nil {
		return &jsonFinding{f, d.help(f.Rule)}
	}
	return &partFinding{f, d.help(f.Rule), f.Source, f.SourceColumn, f.Suppressed, f.InSource}
}

// finding is what was written.
func (p *partFinding) finding() *lint.Finding {
	p.Finding.Source, p.Finding.SourceColumn = p.Source, p.SourceColumn
	p.Finding.Suppressed, p.Finding.InSource = p.Suppressed, p.InSource
	return p.Finding
}

// writePart writes the members of the report of a shard that come last: without them the report is cut.
func (d *Document) writePart(b *bufio.Writer, enc *json.Encoder) error {
	b.WriteString(`,"suppressed":[`)
	comma := ""
	if d.Suppressed != nil {
		for f, err := range d.Suppressed {
			if err != nil {
				return fmt.Errorf("read findings back: %w", err)
			}
			b.WriteString(comma + "\n")
			comma = ","
			if err := enc.Encode(d.jsonFinding(f)); err != nil {
				return err
			}
		}
	}
	b.WriteString(`],"facts":{"rules":{`)
	comma = ""
	for _, rule := range slices.Sorted(maps.Keys(d.Part.Fleets)) {
		fmt.Fprintf(b, "%s\n%q:", comma, rule)
		comma = ","
		if err := enc.Encode(d.Part.Fleets[rule]); err != nil {
			return err
		}
	}
	b.WriteString(`},"groups":[`)
	comma = ""
	for _, g := range d.Part.Groups {
		b.WriteString(comma + "\n")
		comma = ","
		if err := enc.Encode(g); err != nil {
			return err
		}
	}
	_, err := b.WriteString("]}")
	return err
}

// A PartFile is the report of a shard that is being read.
type PartFile struct {
	Name string
	Head lint.Head

	file *os.File
	dec  *json.Decoder
}

// A PartError says what is wrong with the report of a shard, and where.
type PartError struct {
	File         string
	Line, Column int
	Err          error
}

func (e *PartError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *PartError) Unwrap() error { return e.Err }

var (
	errNotPart  = errors.New("this is not a report of cupclint lint --shard")
	errWhole    = errors.New("this is the report of a whole run, not of a shard: it was made without --shard")
	errCut      = errors.New("the report is cut: it ends here. Run the shard again")
	errAfterEnd = errors.New("there is text after the end of the report")
)

// OpenPart reads the head of the report of a shard. The errors are *PartError.
func OpenPart(name string) (*PartFile, error) {
	p := &PartFile{Name: name}
	if err := p.open(); err != nil {
		return nil, err
	}
	defer p.file.Close()
	return p, nil
}

// open opens the file, up to the end of its head.
func (p *PartFile) open() (err error) {
	if p.file, err = os.Open(p.Name); err != nil {
		if at, ok := errors.AsType[*os.PathError](err); ok {
			err = at.Err
		}
		return &PartError{File: p.Name, Err: err}
	}
	if err := p.readHead(); err != nil {
		err = p.wrong(err)
		return errors.Join(err, p.file.Close())
	}
	return nil
}

func (p *PartFile) readHead() error {
	p.dec = json.NewDecoder(bufio.NewReaderSize(p.file, 256<<10))
	switch t, err := p.dec.Token(); {
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return errNotPart
	case err != nil:
		return err
	case t != json.Delim('{'):
		return errNotPart
	}
	switch key, err := p.dec.Token(); {
	case err != nil:
		return err
	case key == "findings":
		return errWhole
	case key != "shard":
		return errNotPart
	}
	return p.dec.Decode(&p.Head)
}

// wrong places an error.
func (p *PartFile) wrong(err error) error {
	offset := p.dec.InputOffset()
	if at, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = at.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errCut
		if info, statErr := p.file.Stat(); statErr == nil {
			offset = info.Size()
		}
	}
	e := &PartError{File: p.Name, Err: err}
	if _, seekErr := p.file.Seek(0, io.SeekStart); seekErr != nil {
		return e
	}
	e.Line, e.Column = 1, 1
	r := bufio.NewReader(io.LimitReader(p.file, offset))
	for {
		c, err := r.ReadByte()
		switch {
		case err != nil:
			return e
		case c == '\n':
			e.Line, e.Column = e.Line+1, 1
		case c < 0x80 || c >= 0xC0: // the first byte of a character
			e.Column++
		}
	}
}

// partMembers are what the report of every shard has.
var partMembers = [...]string{"findings", "addresses", "inputs", "summary", "errors", "version", "suppressed", "facts"}

// Read gives what follows the head to a merger. The report is never in memory as a whole. The error is a *PartError, or that of the
// context.
func (p *PartFile) Read(ctx context.Context, m *lint.Merger) error {
	if err := p.open(); err != nil {
		return err
	}
	defer p.file.Close()
	if err := p.read(ctx, m); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return p.wrong(err)
	}
	return nil
}

func (p *PartFile) read(ctx context.Context, m *lint.Merger) error {
	m.Next()
	seen := map[any]bool{}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("the report has %v twice", key)
		}
		seen[key] = true
		if err := p.member(ctx, m, key); err != nil {
			return err
		}
	}
	if _, err := p.dec.Token(); err != nil {
		return err
	}
	for _, name := range partMembers {
		if !seen[name] {
			return fmt.Errorf("the report has no %s: it is not complete", name)
		}
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errAfterEnd
	}
	return nil
}

func (p *PartFile) member(ctx context.Context, m *lint.Merger, key json.Token) error {
	switch key {
	case "findings":
		return list(ctx, p.dec, func(f *partFinding) error { return oneFinding(f, m.Finding) })
	case "suppressed":
		return list(ctx, p.dec, func(f *partFinding) error { return oneFinding(f, m.Suppressed) })
	case "addresses":
		return list(ctx, p.dec, func(row *lint.AddressRow) error { m.Address(row); return nil })
	case "inputs":
		return list(ctx, p.dec, func(row *lint.InputRow) error { m.Input(row); return nil })
	case "errors":
		return list(ctx, p.dec, func(e *lint.InputError) error { m.Fail(*e); return nil })
	case "summary":
		var s lint.Summary
		err := p.dec.Decode(&s)
		m.Count(s)
		return err
	case "facts":
		return p.facts(ctx, m)
	}
	var other json.RawMessage
	return p.dec.Decode(&other)
}

func oneFinding(f *partFinding, take func(*lint.Finding)) error {
	if f.Finding == nil {
		return errors.New("a finding is empty")
	}
	take(f.finding())
	return nil
}

func (p *PartFile) facts(ctx context.Context, m *lint.Merger) error {
	if err := expect(p.dec, '{'); err != nil {
		return err
	}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "rules":
			err = p.ruleFacts(m)
		case "groups":
			err = list(ctx, p.dec, m.Group)
		default:
			err = fmt.Errorf("unknown facts %v", key)
		}
		if err != nil {
			return err
		}
	}
	return expect(p.dec, '}')
}

func (p *PartFile) ruleFacts(m *lint.Merger) error {
	if err := expect(p.dec, '{'); err != nil {
		return err
	}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return err
		}
		var facts json.RawMessage
		if err := p.dec.Decode(&facts); err != nil {
			return err
		}
		if err := m.Facts(fmt.Sprint(key), facts); err != nil {
			return err
		}
	}
	return expect(p.dec, '}')
}

func expect(dec *json.Decoder, delim json.Delim) error {
	t, err := dec.Token()
	if err == nil && t != delim {
		err = fmt.Errorf("%v is where %v should be", t, delim)
	}
	return err
}

// list reads an array, an element at a time.
func list[T any](ctx context.Context, dec *json.Decoder, take func(*T) error) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for n := 0; dec.More(); n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		one := new(T)
		if err := dec.Decode(one); err != nil {
			return err
		}
		if err := take(one); err != nil {
			return err
		}
	}
	return expect(dec, ']')
}
