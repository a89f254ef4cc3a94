package group

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

	"cupclint/lint"
)

// Bounds of what is kept of a run, whatever its size.
const (
	// MaxGroups is how many groups of more than one finding are made. The findings of further ones stay alone.
	MaxGroups = 10_000
	// FirstPlaces is how many places of a group are kept unless all are asked for.
	FirstPlaces = 3
)

// A Group is one fault. Its findings have one shape and one severity.
type Group struct {
	// Findings, Files and Sites say how often the fault was found, in how many files, and in which sites. A file that belongs to no site
	// counts in Files alone.
	Findings, Files int
	Sites           []SiteCount
	// Places are the first places, or all where that was asked for, in the order of the output; the first is that of the finding that
	// represents the group.
	Places []Place
	// Vary says that the messages of the findings differ in names: see Place.Words.
	Vary bool

	file    string // the last one
	message uint64 // hash of the first one
	words   []string
}

// A SiteCount says how many findings of a group are in a site. The sites of a group are sorted by name.
type SiteCount struct {
	Site     string
	Findings int
}

// A Place is one finding of a group.
type Place struct {
	File         string
	Line, Column int
	// Words are the names in the message, for a group whose messages vary.
	Words []string
}

// Groups are the groups of a run.
type Groups struct {
	findings iter.Seq2[*lint.Finding, error]
	// of has the hash of each finding, in the order of the output; group those that came more than once.
	of []uint64
	// sorted are these hashes in order, while groups are made.
	sorted []uint64
	group  map[uint64]*Group
}

// Collect reads the findings twice and keeps 8 bytes of each, and what Group has of those that came more than once.
// places is how many places are kept beyond the first ones of each group, in all of them together. sites may be nil. The error is one of
// reading the findings.
func Collect(findings iter.Seq2[*lint.Finding, error], sites *Sites, places int) (*Groups, error) {
	g := &Groups{findings: findings, group: map[uint64]*Group{}}
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		g.of = append(g.of, hash(f))
	}
	defer func() { g.sorted = nil }()
	if !g.choose() {
		return g, nil
	}
	n := 0
	names := interner{}
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		if made, ok := g.group[g.of[n]]; ok {
			if made == nil {
				made = &Group{}
				if n := g.count(g.of[n]); places > 0 {
					made.Places = make([]Place, 0, FirstPlaces+min(n, places))
				}
				g.group[g.of[n]] = made
			}
			made.add(f, names.of(f.File), names.of(sites.Of(f.File)), &places)
		}
		n++
	}
	return g, nil
}

// choose makes a place for the groups: what came more than once, first come first served. It reports whether there is one.
func (g *Groups) choose() bool {
	g.sorted = slices.Clone(g.of)
	slices.Sort(g.sorted)
	for _, h := range g.of {
		if len(g.group) == MaxGroups {
			break
		}
		if _, ok := g.group[h]; !ok && g.count(h) > 1 {
			g.group[h] = nil
		}
	}
	return len(g.group) > 0
}

// count is how often a hash came.
func (g *Groups) count(h uint64) int {
	from, _ := slices.BinarySearch(g.sorted, h)
	n := 0
	for from+n < len(g.sorted) && g.sorted[from+n] == h {
		n++
	}
	return n
}

// An interner keeps one copy of a name that comes again and again: what a finding has is a part of a larger text.
type interner struct{ last, before string }

func (i *interner) of(name string) string {
	if name != i.last {
		if name == i.before {
			i.last, i.before = i.before, i.last
		} else {
			i.last, i.before = strings.Clone(name), i.last
		}
	}
	return i.last
}

func (g *Group) add(f *lint.Finding, file, site string, places *int) {
	g.Findings++
	if file != "" && (g.Findings == 1 || file != g.file) {
		g.Files++
	}
	g.file = file
	if site != "" {
		i, ok := slices.BinarySearchFunc(g.Sites, site, func(s SiteCount, name string) int { return cmp.Compare(s.Site, name) })
		if !ok {
			g.Sites = slices.Insert(g.Sites, i, SiteCount{Site: site})
		}
		g.Sites[i].Findings++
	}
	words := g.note(f)
	first := len(g.Places) < FirstPlaces
	if first || *places > 0 {
		if !first {
			*places--
		}
		g.Places = append(g.Places, Place{File: file, Line: f.Line, Column: f.Column, Words: words})
	}
}

// note sees whether the message differs from the first one, and gives its own words.
func (g *Group) note(f *lint.Finding) []string {
	h := maphash.String(seed, f.Message)
	if g.Findings > 1 && h == g.message {
		return g.words
	}
	words := Words(f)
	for i := range words {
		words[i] = strings.Clone(words[i]) // a part of what was read back
	}
	if g.Findings == 1 {
		g.message, g.words = h, words
	}
	g.Vary = g.Vary || !slices.Equal(words, g.words)
	return words
}

// A Told is a fault as people read it: once.
type Told struct {
	// Finding stands for the group: it is the first. It is the caller's.
	*lint.Finding
	// Group is nil for a finding that came once.
	Group *Group
}

// All yields every fault once, where its first finding comes in the order of the output. It may be called again and gives the same. The
// error is one of reading the findings; it ends the sequence.
func (g *Groups) All() iter.Seq2[Told, error] {
	return func(yield func(Told, error) bool) {
		told := make(map[uint64]bool, len(g.group))
		n := 0
		for f, err := range g.findings {
			if err != nil {
				yield(Told{}, err)
				return
			}
			h := g.of[n]
			n++
			made := g.group[h]
			if made != nil {
				if told[h] {
					continue
				}
				told[h] = true
			}
			if !yield(Told{f, made}, nil) {
				return
			}
		}
	}
}
