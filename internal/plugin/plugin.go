// Package plugin is the format of monitoring plugins (Nagios, Icinga and others): states, ranges of thresholds, performance data, and the
// one line that a check prints. Numbers and texts go in, a line and a state come out. The package knows nothing of what is checked.
//
// The rules are those of the Monitoring Plugins Development Guidelines: https://www.monitoring-plugins.org/doc/guidelines.html
package plugin

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A State is the result of a check, and its exit code.
type State int

// The states.
const (
	OK State = iota
	Warning
	Critical
	Unknown
)

func (s State) String() string {
	switch s {
	case OK:
		return "OK"
	case Warning:
		return "WARNING"
	case Critical:
		return "CRITICAL"
	}
	return "UNKNOWN"
}

// Worst is the state of two checks together: what is known to be wrong comes before what is not known.
func Worst(a, b State) State {
	for _, s := range [...]State{Critical, Warning, Unknown} {
		if a == s || b == s {
			return s
		}
	}
	return OK
}

// A Range is a threshold. The zero value is none.
type Range struct {
	text       string
	start, end float64
	inside     bool
}

var errRange = errors.New("a range is 10 (alert below 0 and above 10), 10: (below 10), ~:10 (above 10), 10:20 (outside), or @10:20 " +
	"(inside)")

// ParseRange reads a range.
func ParseRange(s string) (Range, error) {
	r := Range{text: s, end: math.Inf(1)}
	body, inside := strings.CutPrefix(s, "@")
	r.inside = inside
	start, end, two := strings.Cut(body, ":")
	if !two {
		start, end = "0", body
		if end == "" {
			return Range{}, errRange
		}
	}
	var err error
	switch start {
	case "~":
		r.start = math.Inf(-1)
	case "":
		r.start = 0
	default:
		if r.start, err = finite(start); err != nil {
			return Range{}, errRange
		}
	}
	if end != "" {
		if r.end, err = finite(end); err != nil {
			return Range{}, errRange
		}
	}
	if r.start > r.end {
		return Range{}, fmt.Errorf("the range %q ends before it begins", s)
	}
	return r, nil
}

// finite reads a decimal number; other spellings of Go are not those of plugins.
func finite(s string) (float64, error) {
	if strings.Trim(s, "+-.0123456789") != "" {
		return 0, errRange
	}
	return strconv.ParseFloat(s, 64)
}

// Set reports whether there is a range.
func (r Range) Set() bool { return r.text != "" }

// String is the range as it was written.
func (r Range) String() string { return r.text }

// Alerts reports whether a value must be reported.
func (r Range) Alerts(v float64) bool {
	if r.text == "" {
		return false
	}
	return (v < r.start || v > r.end) != r.inside
}

// A Value is one number of the performance data.
type Value struct {
	// Label names it; it is made safe when it is written.
	Label string
	Value float64
	// Unit is s, B, % or c, or empty.
	Unit          string
	Warning, Crit Range
	Min           float64
	HasMin        bool
}

// State compares the value with its thresholds.
func (v *Value) State() State {
	switch {
	case v.Crit.Alerts(v.Value):
		return Critical
	case v.Warning.Alerts(v.Value):
		return Warning
	}
	return OK
}

// String is the value in the form of performance data: 'label'=value[UOM];[warn];[crit];[min];[max].
func (v *Value) String() string {
	least := ""
	if v.HasMin {
		least = decimal(v.Min)
	}
	s := "'" + label(v.Label) + "'=" + decimal(v.Value) + v.Unit + ";" + v.Warning.text + ";" + v.Crit.text + ";" + least
	return strings.TrimRight(s, ";")
}

// decimal never has an exponent, and at most six digits after the point.
func decimal(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "U" // RRDtool's word for "not known"
	}
	s := strconv.FormatFloat(v, 'f', 6, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// label has no apostrophe, no equals sign and no control character.
func label(s string) string {
	const most = 100
	s = strings.Map(func(r rune) rune {
		if r == '\'' || r == '=' || r == '|' || unicode.IsControl(r) || r == utf8.RuneError {
			return '_'
		}
		return r
	}, s)
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// maxText bounds a line: monitoring systems cut at 4 KiB or later.
const maxText = 1000

// Clean makes a text safe for a line of output: | begins performance data, and a line break the next line.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '|':
			return '/'
		case r == '\n' || r == '\r' || r == '\t' || r == 0x2028 || r == 0x2029:
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError:
			return '?'
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if len(s) <= maxText {
		return s
	}
	for len(s) > maxText {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s + "..."
}

// An Output is what a check prints.
type Output struct {
	// Service names the check, such as LDAP.
	Service string
	State   State
	// Text says why, in a sentence.
	Text   string
	Values []Value
	// Long are further lines.
	Long []string
}

// String is the output: the line with the performance data, and the further lines.
func (o *Output) String() string {
	var b strings.Builder
	b.WriteString(Clean(strings.ToUpper(o.Service)) + " " + o.State.String() + ": " + Clean(o.Text))
	for i := range o.Values {
		if i == 0 {
			b.WriteString(" |")
		}
		b.WriteString(" " + o.Values[i].String())
	}
	b.WriteString("\n")
	for _, line := range o.Long {
		b.WriteString(Clean(line) + "\n")
	}
	return b.String()
}
