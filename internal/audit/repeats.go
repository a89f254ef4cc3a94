package audit

import (
	"hash/maphash"
	"math/bits"
	"sync"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/lint"
)

// The exports of a deployment repeat most of their values. A gatherer is not asked twice about what it looks at: of each export there is a
// sum over these values, and the sums of the last exports are remembered. A sum has a seed of the process and says nothing about a secret.

// remembered is how many sums of a gatherer are kept.
const remembered = 1024

// repeats are the sums of one collection.
type repeats struct {
	table  func() *readTable // shared by the collections of a run
	second bool              // an export was added before: a run of one export needs no sums
	sums   []uint64          // of the present export, by gatherer
	seen   [][]uint64        // by gatherer, at the place of the sum; nil for one that is not selective
}

// A readTable has, for each key, the gatherers that look at it, as bits.
type readTable struct {
	seed   maphash.Seed // of the sums
	keys   [export.NumKeys]uint32
	groups []func(in *lint.Input) string
	chosen []bool
}

// newReadTable makes the table when it is first needed.
func newReadTable(gatherers []area.Gatherer) func() *readTable {
	return sync.OnceValue(func() *readTable {
		t := &readTable{seed: maphash.MakeSeed(), groups: make([]func(*lint.Input) string, len(gatherers)), chosen: make([]bool, len(gatherers))}
		for i, g := range gatherers[:min(len(gatherers), 32)] {
			s, ok := g.(area.Selective)
			if !ok {
				continue
			}
			reads := s.Reads()
			if reads.Key == nil {
				continue
			}
			t.chosen[i], t.groups[i] = true, reads.Group
			for k := export.NoKey + 1; k < export.NumKeys; k++ {
				if reads.Key(k) {
					t.keys[k] |= 1 << i
				}
			}
		}
		return t
	})
}

// look makes the sums of an export. Without it, has and keep do nothing.
func (r *repeats) look(in *lint.Input) {
	if !r.second {
		r.second = true
		return
	}
	t := r.table()
	if r.seen == nil {
		r.sums, r.seen = make([]uint64, len(t.chosen)), make([][]uint64, len(t.chosen))
		for i, chosen := range t.chosen {
			if chosen {
				r.seen[i] = make([]uint64, remembered)
			}
		}
	}
	start := added(uint64(in.Format), maphash.String(t.seed, string(in.Generation)))
	if in.Jabber() {
		start++
	}
	for i := range r.sums {
		r.sums[i] = start
		if group := t.groups[i]; group != nil {
			r.sums[i] = added(start, maphash.String(t.seed, group(in)))
		}
	}
	for i := range in.Properties {
		p := &in.Properties[i]
		gatherers := t.keys[p.Key]
		if gatherers == 0 {
			continue
		}
		value := added(maphash.String(t.seed, p.Value), uint64(p.Key)<<32|uint64(uint32(p.N)))
		for ; gatherers != 0; gatherers &= gatherers - 1 {
			g := bits.TrailingZeros32(gatherers)
			r.sums[g] = added(r.sums[g], value)
		}
	}
}

// added makes another sum of two. The order counts.
func added(sum, value uint64) uint64 {
	high, low := bits.Mul64(sum^0x9e3779b97f4a7c15, 0xd1342543de82ef95)
	return high ^ low ^ value
}

// has reports whether the i-th gatherer has what the present export can give.
func (r *repeats) has(i int) bool {
	return r.seen != nil && r.seen[i] != nil && r.seen[i][r.sums[i]%remembered] == r.sums[i]
}

// keep remembers that the i-th gatherer has it.
func (r *repeats) keep(i int) {
	if r.seen != nil && r.seen[i] != nil {
		r.seen[i][r.sums[i]%remembered] = r.sums[i]
	}
}
