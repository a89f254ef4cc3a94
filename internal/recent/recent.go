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

	slots = 16
)

var seed = maphash.MakeSeed()

// Values are the 16 values that were added last. The zero value is ready. Secrets must not be added.
type Values struct {
	slots   [slots][]byte
	sums    [slots]uint32
	numbers [slots]uint32
	added   uint32
	next    uint8 // the slot that the next value gets
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
	sum := sumOf(s)
	for i, known := range v.sums {
		if known == sum && string(v.slots[i]) == s {
			v.last = uint8(i)
			return v.numbers[i]
		}
	}
	return 0
}

// Has reports whether a value is remembered.
func (v *Values) Has(s string) bool { return v.Find(s) != 0 }

// Add remembers a value that is not, in place of the one that was added before all others, and returns its number. The value is copied.
func (v *Values) Add(s string) uint32 {
	if s == "" || len(s) > Max || v.added == math.MaxUint32>>1 {
		return 0
	}
	i := v.next
	v.added++
	v.slots[i], v.sums[i], v.numbers[i] = append(v.slots[i][:0], s...), sumOf(s), v.added
	v.last, v.next = i, (i+1)%slots
	return v.added
}

func sumOf(s string) uint32 { return uint32(maphash.String(seed, s)) }
