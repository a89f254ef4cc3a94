// Package recent remembers short values that were seen lately. The exports of a deployment repeat most of their values, one site the
// other's, so what was found out about a value need not be found out again.
package recent

import (
	"hash/maphash"
	"math"
)

const (
	// Max is the length of a value that is remembered, in bytes.
	Max = 256

	sets = 4 // of as many values each
	ways = 4
)

var seed = maphash.MakeSeed()

// Values are the values that were added lately, up to 16. The zero value is ready. Secrets must not be added.
type Values struct {
	slots   [sets * ways][]byte
	numbers [sets * ways]uint32
	added   uint32
	last    uint8 // the slot that was hit last
}

// Find returns the number of a value, or 0 where it is not remembered. No two values ever have the same number.
func (v *Values) Find(s string) uint32 {
	switch {
	case v == nil || s == "":
		return 0
	case string(v.slots[v.last]) == s:
		return v.numbers[v.last]
	case len(s) > Max:
		return 0
	}
	from := first(s)
	for i := from; i < from+ways; i++ {
		if string(v.slots[i]) == s {
			v.last = i
			return v.numbers[i]
		}
	}
	return 0
}

// Has reports whether a value is remembered.
func (v *Values) Has(s string) bool { return v.Find(s) != 0 }

// Add remembers a value that is not, in place of one that was added before it, and returns its number. The value is copied.
func (v *Values) Add(s string) uint32 {
	if s == "" || len(s) > Max || v.added == math.MaxUint32>>1 {
		return 0
	}
	i := first(s)
	oldest := v.slots[i+ways-1]
	copy(v.slots[i+1:i+ways], v.slots[i:])
	copy(v.numbers[i+1:i+ways], v.numbers[i:])
	v.added++
	v.slots[i], v.numbers[i], v.last = append(oldest[:0], s...), v.added, i
	return v.added
}

// first is the first of the slots that a value can be in.
func first(s string) uint8 { return uint8(maphash.String(seed, s)%sets) * ways }
