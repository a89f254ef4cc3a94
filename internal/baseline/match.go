package baseline

import (
	"maps"
	"os"
	"slices"
	"strings"

	"cupclint/lint"
)

// A Run says what a run looked at, so that what it did not look at is not taken for gone.
type Run struct {
	// Sources are the inputs, as findings name them.
	Sources []string
	// Folders that were walked.
	Folders []string
	// Ran reports whether a rule was on.
	Ran func(rule string) bool
	// Unsure, if set, reports whether what a rule did not find may be there all the same: what was not probed is not gone.
	Unsure func(rule string) bool
}

// A Match is a baseline laid over the findings of a run.
type Match struct {
	// Stale are the entries, or the parts of them, that match nothing any more, although their rule ran and their file was linted or
	// is gone from a folder that was.
	Stale []Entry

	base  *Baseline
	quota map[string]map[string]int // hash -> file -> how many are known there
}

// judge decides what is known, after all findings of the run that the baseline may name were counted by hash and file.
func (b *Baseline) judge(run Run, have map[string]map[string]int) *Match {
	m := &Match{base: b, quota: make(map[string]map[string]int, len(b.Entries))}
	seen := newSurvey(b.place, run)
	for i := range b.Entries {
		e := &b.Entries[i]
		if run.Ran(e.Rule) {
			m.add(e, have[e.Fingerprint], seen, run.Unsure != nil && run.Unsure(e.Rule))
		}
	}
	return m
}

// add decides how many findings with the entry's fingerprint are known in which file.
func (m *Match) add(e *Entry, have map[string]int, seen *survey, unsure bool) {
	quota := make(map[string]int, len(have))
	free, missing := 0, map[string]int{} // what may be elsewhere, and where it is missing
	for _, file := range slices.Sorted(maps.Keys(e.Files)) {
		n := min(e.Files[file], have[file])
		if n > 0 {
			quota[file] = n
		}
		if rest := e.Files[file] - n; rest > 0 {
			switch seen.of(file) {
			case linted, goneFromRun:
				missing[file] = rest
				free += rest
			case gone:
				free += rest
			}
		}
	}
	moved := 0
	for _, file := range slices.Sorted(maps.Keys(have)) {
		n := min(have[file]-quota[file], free-moved)
		quota[file] += n
		moved += n
	}
	m.quota[e.Fingerprint] = quota
	if !unsure {
		m.noteStale(e, missing, moved, seen)
	}
}

// noteStale keeps what is missing after some of it was found elsewhere: first that of files that are gone.
func (m *Match) noteStale(e *Entry, missing map[string]int, moved int, seen *survey) {
	files := slices.SortedFunc(maps.Keys(missing), func(a, b string) int {
		if x, y := seen.of(a), seen.of(b); x != y {
			return int(y) - int(x) // goneFromRun before linted
		}
		return strings.Compare(a, b)
	})
	stale := map[string]int{}
	for _, file := range files {
		n := min(moved, missing[file])
		moved -= n
		if missing[file] > n {
			stale[file] = missing[file] - n
		}
	}
	if len(stale) > 0 {
		m.Stale = append(m.Stale, Entry{Rule: e.Rule, Key: e.Key, Fingerprint: e.Fingerprint, Files: stale})
	}
}

type quotas map[string]map[string]int

func (m *Match) quotas() quotas {
	q := make(quotas, len(m.quota))
	for hash, files := range m.quota {
		q[hash] = maps.Clone(files)
	}
	return q
}

func (q quotas) take(p place, f *lint.Finding) bool {
	files := q[hashOf(f)]
	if files == nil {
		return false
	}
	file := p.relative(f.File)
	if files[file] == 0 {
		return false
	}
	files[file]--
	return true
}

// Prune returns the baseline without what is stale.
func (m *Match) Prune() *Baseline {
	stale := make(map[string]map[string]int, len(m.Stale))
	for _, e := range m.Stale {
		stale[e.Fingerprint] = e.Files
	}
	pruned := &Baseline{place: m.base.place, name: m.base.name}
	for _, e := range m.base.Entries {
		files := maps.Clone(e.Files)
		for file, n := range stale[e.Fingerprint] {
			if files[file] -= n; files[file] == 0 {
				delete(files, file)
			}
		}
		if len(files) > 0 {
			e.Files = files
			pruned.Entries = append(pruned.Entries, e)
		}
	}
	pruned.sort()
	return pruned
}

// A presence says how a run is related to a file that the baseline names.
type presence int

const (
	elsewhere   presence = iota // it exists, and the run was about others
	gone                        // it does not exist, and lay nowhere that the run looked at
	linted                      // it was an input
	goneFromRun                 // it does not exist, and lay in a folder that was walked
)

type survey struct {
	place   place
	sources map[string]bool
	folders []string
	known   map[string]presence
}

func newSurvey(p place, run Run) *survey {
	s := &survey{place: p, sources: make(map[string]bool, len(run.Sources)), known: map[string]presence{}}
	for _, name := range run.Sources {
		s.sources[p.relative(name)] = true
	}
	for _, name := range run.Folders {
		s.folders = append(s.folders, p.relative(name))
	}
	return s
}

func (s *survey) of(file string) presence {
	p, ok := s.known[file]
	if !ok {
		p = s.look(file)
		s.known[file] = p
	}
	return p
}

func (s *survey) look(file string) presence {
	archive, _, inside := strings.Cut(file, "!")
	switch {
	case file == "", s.sources[file], inside && s.sources[archive]: // what no file places, every run may find
		return linted
	}
	for _, name := range []string{file, archive} {
		if _, err := os.Lstat(s.place.absolute(name)); err == nil {
			return elsewhere
		}
	}
	for _, folder := range s.folders {
		above := folder == "." || strings.Trim(folder, "./") == "" // the folder of the baseline, or one that it is in
		if above && !strings.HasPrefix(file, "../") || strings.HasPrefix(file, strings.TrimSuffix(folder, "/")+"/") {
			return goneFromRun
		}
	}
	return gone
}
