package metrics

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cupclint/internal/area"
	"cupclint/internal/lazy"
)

// contentType is that of Prometheus' text format, version 0.0.4.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// Bounds of what servers can make of an answer.
const (
	maxSeries = 10_000 // of one metric
	maxLabel  = 200    // bytes of a label's value
)

// A Kind is the type of a metric.
type Kind string

// The kinds that there are.
const (
	Gauge   Kind = "gauge"
	Counter Kind = "counter"
)

// A Family is a metric of the program: its name, what it says, and the names of its labels.
type Family struct {
	area.Metric
	Kind Kind
}

// A sample is one value of a metric.
type sample struct {
	value  float64
	labels []string
}

// A set is the answer to one scrape.
type set struct {
	families map[string]*Family
	samples  map[string][]sample
	known    map[string]bool // names with their labels
	dropped  int             // values beyond the bound of a metric
}

func newSet() *set {
	return &set{families: make(map[string]*Family), samples: make(map[string][]sample), known: make(map[string]bool)}
}

// add takes a value of a family with the values of its labels. The first value of one set of labels stays; what goes beyond the bound of a
// family is counted and left out.
func (s *set) add(f *Family, value float64, labels ...string) {
	own := make([]string, len(f.Labels))
	for i := range own {
		if i < len(labels) {
			own[i] = labelValue(labels[i])
		}
	}
	key := f.Name + "\x00" + strings.Join(own, "\x00")
	switch {
	case s.known[key]:
		return
	case len(s.samples[f.Name]) >= maxSeries:
		s.dropped++
		return
	}
	s.known[key], s.families[f.Name] = true, f
	s.samples[f.Name] = append(s.samples[f.Name], sample{value, own})
}

// replace changes the value of a family without labels.
func (s *set) replace(f *Family, value float64) {
	for i := range s.samples[f.Name] {
		s.samples[f.Name][i].value = value
	}
}

// yes is 1 or 0.
func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// labelValue makes a text valid UTF-8 without control characters, and bounds it.
func labelValue(v string) string {
	v = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, v)
	for len(v) > maxLabel {
		_, n := utf8.DecodeLastRuneInString(v)
		v = v[:len(v)-n]
	}
	return v
}

var (
	helpEscape  = lazy.Value[*strings.Replacer]{New: func() *strings.Replacer { return strings.NewReplacer(`\`, `\\`, "\n", `\n`) }}
	valueEscape = lazy.Value[*strings.Replacer]{New: func() *strings.Replacer { return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`) }}
)

// text writes the set in the text format, sorted, so that the same facts give the same bytes.
func (s *set) text(b []byte) []byte {
	names := make([]string, 0, len(s.families))
	for name := range s.families {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := s.families[name]
		b = append(b, "# HELP "+name+" "+helpEscape.Get().Replace(f.Help)+"\n# TYPE "+name+" "+string(f.Kind)+"\n"...)
		list := s.samples[name]
		slices.SortFunc(list, func(x, y sample) int { return slices.Compare(x.labels, y.labels) })
		for _, one := range list {
			b = append(b, name...)
			for i, label := range f.Labels {
				sep := ","
				if i == 0 {
					sep = "{"
				}
				b = append(b, sep+label+`="`+valueEscape.Get().Replace(one.labels[i])+`"`...)
			}
			if len(f.Labels) > 0 {
				b = append(b, '}')
			}
			b = append(append(append(b, ' '), number(one.value)...), '\n')
		}
	}
	return b
}

// number writes a value as Prometheus reads it.
func number(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	case math.IsNaN(v):
		return "NaN"
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
