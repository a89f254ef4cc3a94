package lint

import (
	"slices"

	"cupclint/export"
	"cupclint/resolve"
)

// The exports of a deployment repeat most of their values. A rule that found nothing in an export finds nothing in another one that has
// the same in all that the rule asked for. What it asked for is noted while it runs (export.Asked); names and their order always count.

const (
	judgedExports = 64  // that are remembered
	maxJudged     = 512 // properties of one of them
	maxFresh      = 16  // values of a key that are new, apart from one in so many exports, before it is given up
)

// A memory holds what one worker found out lately about whole exports.
type memory struct {
	seen    [judgedExports]account
	present account // the export that is judged
	place   int     // of it in seen; -1 where it is not kept
	all     todo    // for exports that are not known
	exports uint32
	// given are the keys whose values are mostly new, or have no number. Rules that ask for them run each time.
	given  export.Asked
	latest [export.NumKeys]uint32 // the highest number of a value
	fresh  [export.NumKeys]uint32 // how often there was a new one
}

// An account has what decides about the findings, and what must be judged again where an export has the same.
type account struct {
	setting
	codes []uint64 // of each property: the number of the name, and that of the value or what rules may know without asking for it
	todo
}

// A todo lists the export rules, and the properties whose values can be wrong.
type todo struct{ checks, values []int32 }

// A setting is what rules may know of an export apart from its properties.
type setting struct {
	format     export.Format
	generation resolve.Generation
	deployment string
	withJabber bool
}

const (
	unnumbered = 1 << 31 // a value without a number
	emptyValue = 1 << iota
	secretValue
	coveredValue
)

// find returns what must be judged in an export.
func (m *memory) find(in *Input, checks int) *todo {
	m.exports++
	e, j := in.Export, &m.present
	j.setting = setting{in.Format, in.Generation, in.Deployment, in.WithJabber}
	if sum, ok := m.encode(e); ok {
		m.place = int(sum >> 58)
		if known := &m.seen[m.place]; known.setting == j.setting && slices.Equal(known.codes, j.codes) {
			m.place = -1
			return &known.todo
		}
		m.learn(e)
	}
	m.all.checks, m.all.values = upTo(m.all.checks, checks), upTo(m.all.values, len(e.Properties))
	j.checks, j.values = j.checks[:0], j.values[:0]
	return &m.all
}

// upTo makes a list of the numbers from 0.
func upTo(list []int32, n int) []int32 {
	for len(list) < n {
		list = append(list, int32(len(list)))
	}
	return list[:n]
}

// encode sets the codes of the present export and returns a sum of them. ok is false where they cannot tell it from others.
func (m *memory) encode(e *export.Export) (sum uint64, ok bool) {
	m.place = -1
	if len(e.Properties) > maxJudged || len(e.Properties) == 0 || len(e.Found) > 0 || e.Evidence != nil || e.Problem != nil ||
		e.Hollow != nil {
		return 0, false
	}
	codes := m.present.codes[:0]
	for i := range e.Properties {
		p := &e.Properties[i]
		name, value := p.Seen()
		if name == 0 {
			return 0, false
		}
		if value == 0 && p.Value != "" && !m.given.Has(p.Key) {
			m.count(p.Key)
			return 0, false
		}
		if value == 0 || m.given.Has(p.Key) {
			value = unnumberedCode(p)
		}
		code := uint64(name)<<32 | uint64(value)
		codes = append(codes, code)
		sum += code * 0xd1342543de82ef95
	}
	m.present.codes = codes
	return sum, true
}

// learn gives up keys whose values do not repeat.
func (m *memory) learn(e *export.Export) {
	for i := range e.Properties {
		p := &e.Properties[i]
		if _, value := p.Seen(); value > m.latest[p.Key] && !m.given.Has(p.Key) {
			m.latest[p.Key] = value
			m.count(p.Key)
		}
	}
}

// count notes that a value of a key was not seen before.
func (m *memory) count(k export.KeyID) {
	if m.fresh[k]++; m.fresh[k] > maxFresh+m.exports/maxFresh {
		m.given.Value(k)
		m.giveUp() // it is encoded in another way now
	}
}

// unnumberedCode says what a rule may know of a value without asking for it.
func unnumberedCode(p *export.Property) uint32 {
	code := uint32(unnumbered)
	if p.Value == "" {
		code |= emptyValue
	}
	if p.Secret() {
		code |= secretValue
	}
	if p.Covered() {
		code |= coveredValue
	}
	return code
}

// begin is called before an export rule runs.
func (m *memory) begin(in *Input) {
	if m.place >= 0 {
		in.Asked = export.Asked{}
	}
}

// checked notes that an export rule has run, and whether it must run again in any case.
func (m *memory) checked(in *Input, check int32, again bool) {
	if m.place >= 0 && (again || in.Asked.Else || in.Asked.Meets(&m.given)) {
		m.present.checks = append(m.present.checks, check)
	}
}

// valued notes that a value was judged.
func (m *memory) valued(i int32, found bool) {
	if m.place >= 0 && (found || m.present.codes[i]&unnumbered != 0) {
		m.present.values = append(m.present.values, i)
	}
}

// giveUp keeps nothing of the present export.
func (m *memory) giveUp() { m.place = -1 }

// keep remembers the present export, which was judged.
func (m *memory) keep() {
	if m.place >= 0 {
		m.seen[m.place], m.present = m.present, m.seen[m.place]
	}
}
