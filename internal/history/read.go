package history

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"cupclint/lint"
)

// A History is what was read of a file.
type History struct {
	// Runs are the latest ones, in the order of their times.
	Runs []Run
	// Earlier counts the runs before them.
	Earlier int
	// Damaged are the first lines that were skipped; MoreDamaged counts the others.
	Damaged     []Damage
	MoreDamaged int
}

// A Damage is a line that is not one of a run.
type Damage struct {
	// Line and Column count from 1.
	Line, Column int
	Why          string
}

// maxDamaged is how many damaged lines are named.
const maxDamaged = 20

// Read reads all lines and keeps the latest runs, at most last. Lines that are damaged are skipped. The error is one of reading.
func Read(r io.Reader, last int) (*History, error) {
	h := new(History)
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, column, err := nextLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return h, err
		}
		ended := err != nil
		switch {
		case column > 0:
			h.damaged(Damage{n, column, fmt.Sprintf("the line is longer than %d bytes", MaxLine)})
		case len(line) > 0:
			run, column, err := parse(line)
			if err != nil {
				h.damaged(Damage{n, column, err.Error()})
			} else {
				h.keep(run, last)
			}
		}
		if ended {
			h.cut(last)
			slices.SortStableFunc(h.Runs, func(a, b Run) int { return a.Time.Compare(b.Time) })
			return h, nil
		}
	}
}

// nextLine returns a line without its end. column is where a line that is too long was cut off, else 0. The error is io.EOF with the last
// line.
func nextLine(in *bufio.Reader) (line []byte, column int, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > MaxLine+1 {
			column = MaxLine + 1
		}
		if column == 0 {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		return line, column, err
	}
}

func (h *History) damaged(d Damage) {
	if len(h.Damaged) == maxDamaged {
		h.MoreDamaged++
		return
	}
	h.Damaged = append(h.Damaged, d)
}

func (h *History) keep(r *Run, last int) {
	h.Runs = append(h.Runs, *r)
	if len(h.Runs) >= 2*last {
		h.cut(last)
	}
}

// cut drops all but the last runs.
func (h *History) cut(last int) {
	if n := len(h.Runs) - last; n > 0 {
		h.Earlier += n
		h.Runs = append([]Run(nil), h.Runs[n:]...) // not a part of the list: it would keep what is dropped
	}
}

// parse reads one line. The column is that of the fault.
func parse(line []byte) (r *Run, column int, err error) {
	r = new(Run)
	if err := json.Unmarshal(line, r); err != nil {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			return nil, max(1, int(syntax.Offset)), fmt.Errorf("not JSON: %w", err)
		case errors.As(err, &kind):
			return nil, max(1, int(kind.Offset)), fmt.Errorf("not a run: %s has the type %s", cmp.Or(kind.Field, "the line"), kind.Value)
		}
		return nil, 1, errors.New("not a run: invalid time") // the only field that reads itself
	}
	if err := r.check(); err != nil {
		return nil, 1, fmt.Errorf("not a run: %w", err)
	}
	return r, 0, nil
}

// maxCount bounds the numbers of a line.
const maxCount = 1 << 40

func (r *Run) check() error {
	switch {
	case r.Time.IsZero(), r.Time.Year() < 1970, r.Time.Year() > 9999:
		return errors.New("no time")
	case r.Command == "", len(r.Command) > maxName, len(r.Version) > maxName:
		return errors.New("no command")
	case !counts(r.Findings) || !number(r.Files) || !number(r.Errors) || !number(r.Suppressed) || !number(r.Baseline) || !number(r.Exit):
		return errors.New("a number is out of bounds")
	case len(r.Rules) > maxRules || len(r.Sites) > MaxSites:
		return errors.New("more rules or sites than a run names")
	}
	for _, names := range []map[string]lint.Counts{r.Rules, r.Sites} {
		for name, c := range names {
			if len(name) > maxName || !counts(c) {
				return errors.New("a count of a rule or a site is out of bounds")
			}
		}
	}
	return nil
}

func number(n int) bool { return n >= 0 && n <= maxCount }

func counts(c lint.Counts) bool { return number(c.Error) && number(c.Warning) && number(c.Info) }
