package export

import (
	"iter"
	"slices"
)

// Asked is what was asked of an export, so that its answers need not be asked for again where an export has the same.
type Asked struct {
	keys [(NumKeys + 63) / 64]uint64
	// Else is set if something else was asked than values: a place, a line, what was skipped.
	Else bool
}

// Value notes that the values of a key were asked for.
func (a *Asked) Value(k KeyID) { a.keys[k/64] |= 1 << (k % 64) }

// Has reports whether the values of a key were asked for.
func (a *Asked) Has(k KeyID) bool { return a.keys[k/64]>>(k%64)&1 != 0 }

// Meets reports whether both have the values of a key.
func (a *Asked) Meets(b *Asked) bool {
	for i := range a.keys {
		if a.keys[i]&b.keys[i] != 0 {
			return true
		}
	}
	return false
}

// A Name is a property without its value. There is no way from it to the value but Export.Named, which is noted.
type Name struct {
	Key    KeyID
	N      int
	Name   string
	Secret bool
	// Again is set where a property before has the same key.
	Again bool
	p     *Property
}

// Names yields the names of all properties in file order.
func (e *Export) Names() iter.Seq[Name] {
	return func(yield func(Name) bool) {
		for i := range e.Properties {
			p := &e.Properties[i]
			if !yield(Name{p.Key, p.N, p.Name, p.Secret(), p.Key != NoKey && int(e.first[p.Key]) <= i, p}) {
				return
			}
		}
	}
}

// Named returns the property that has a name.
func (e *Export) Named(n Name) *Property {
	e.Asked.Value(n.Key)
	return n.p
}

// AllOf yields every property with one of the keys, in file order.
func (e *Export) AllOf(keys ...KeyID) iter.Seq[*Property] {
	for _, k := range keys {
		e.Asked.Value(k)
	}
	return func(yield func(*Property) bool) {
		for i := range e.Properties {
			if p := &e.Properties[i]; slices.Contains(keys, p.Key) && !yield(p) {
				return
			}
		}
	}
}

// Seen identifies the name of a property and its value among all that one Reader has read: where both numbers are the same, name and value
// are the same, and there is no secret in the value. A number is 0 where that is not known: values have one if they are often repeated.
func (p *Property) Seen() (name, value uint32) { return p.seenName, p.seenValue }
