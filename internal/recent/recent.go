// Package recent remembers short values that were seen lately. The exports of a deployment repeat most of their values, one site the
// other's, so what was found out about a value need not be found out again.
package recent

import "hash/maphash"

const (
	// Max is the length of a value that is remembered, in bytes.
	Max = 256

	sets = 8 // of two values each
)

var seed = maphash.MakeSeed()

// Values are the values that were added lately, up to 16. The zero value is ready. Secrets must not be added.
type Values struct {
	slots [2 * sets][]byte
	last  uint8 // the slot that was hit last
}

// Has reports whether a value is remembered.
func (v *Values) Has(s string) bool {
	if v == nil {
		return false
	}
	if string(v.slots[v.last]) == s {
		return s != ""
	}
	if s == "" || len(s) > Max {
		return false
	}
	i := slot(s)
	switch s {
	case string(v.slots[i]):
		v.last = i
	case string(v.slots[i+1]):
		v.last = i + 1
	default:
		return false
	}
	return true
}

// Add remembers a value, in place of one that was added before it. The value is copied.
func (v *Values) Add(s string) {
	if s == "" || len(s) > Max {
		return
	}
	i := slot(s)
	v.slots[i], v.slots[i+1] = append(v.slots[i+1][:0], s...), v.slots[i]
	v.last = i
}

// slot is the first of the two slots that a value can be in.
func slot(s string) uint8 { return uint8(maphash.String(seed, s)%sets) * 2 }
