package baseline

import (
	"iter"
	"path/filepath"

	"cupclint/lint"
)

// A Set is the baselines of a run. Each counts for the files of its folder and below; those given to NewSet count for all files.
type Set struct {
	list  []*Baseline
	of    map[string]*Baseline // by folder
	whole []*Baseline
}

// NewSet makes a set of baselines that count for all files.
func NewSet(whole ...*Baseline) *Set {
	return &Set{list: whole, whole: whole, of: map[string]*Baseline{}}
}

// Add adds a baseline that counts for the files of its folder and below.
func (s *Set) Add(b *Baseline) {
	s.list = append(s.list, b)
	s.of[b.place.dir] = b
}

// List returns the baselines.
func (s *Set) List() []*Baseline { return s.list }

// finder finds the baselines of a file; the answers for folders are kept.
func (s *Set) finder(workDir string) func(file string) []*Baseline {
	known := map[string][]*Baseline{}
	var of func(dir string) []*Baseline
	of = func(dir string) []*Baseline {
		if list, ok := known[dir]; ok {
			return list
		}
		list := s.whole
		if up := filepath.Dir(dir); up != dir {
			list = of(up)
		}
		if b := s.of[dir]; b != nil {
			list = append(list[:len(list):len(list)], b)
		}
		known[dir] = list
		return list
	}
	return func(file string) []*Baseline {
		if file == "" || file == "-" || len(s.of) == 0 {
			return s.whole
		}
		abs := filepath.FromSlash(file)
		if !filepath.IsAbs(abs) {
			abs = filepath.Join(workDir, abs)
		}
		return of(filepath.Dir(abs))
	}
}

// A SetMatch is a set laid over the findings of a run.
type SetMatch struct {
	// Parts are the matches of the single baselines.
	Parts []*Match
	// Known counts the findings of the run that a baseline names.
	Known lint.Counts

	set     *Set
	workDir string
}

// Match compares. A finding is known when one of the baselines of its file names it. A baseline knows a finding in a file as often as it
// names it there. What it names in a file of the run, or in one that does not exist any more, and is not there, may be in any other file
// instead: files are renamed, and settings move. Of several equal findings those in the files with the first names are taken.
func (s *Set) Match(run Run, findings iter.Seq2[*lint.Finding, error]) (*SetMatch, error) {
	m := &SetMatch{set: s}
	if len(s.list) == 0 {
		return m, nil
	}
	m.workDir = s.list[0].place.workDir
	have := make(map[*Baseline]map[string]map[string]int, len(s.list))
	for _, b := range s.list {
		have[b] = make(map[string]map[string]int, len(b.Entries))
		for i := range b.Entries {
			have[b][b.Entries[i].Fingerprint] = nil
		}
	}
	of := s.finder(m.workDir)
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		hash := hashOf(f)
		for _, b := range of(f.File) {
			files, ok := have[b][hash]
			if !ok {
				continue
			}
			if files == nil {
				files = map[string]int{}
				have[b][hash] = files
			}
			files[b.place.relative(f.File)]++
		}
	}
	sources := make(map[*Baseline][]string, len(s.list))
	for _, name := range run.Sources {
		for _, b := range of(name) {
			sources[b] = append(sources[b], name)
		}
	}
	for _, b := range s.list {
		own := run
		own.Sources = sources[b]
		m.Parts = append(m.Parts, b.judge(own, have[b]))
	}
	for f, err := range m.split(findings, true) {
		if err != nil {
			return nil, err
		}
		m.Known.Add(f.Severity)
	}
	return m, nil
}

// New yields the findings that no baseline names, as often as it is called.
func (m *SetMatch) New(findings iter.Seq2[*lint.Finding, error]) iter.Seq2[*lint.Finding, error] {
	return m.split(findings, false)
}

// split yields the findings that are known, or the others.
func (m *SetMatch) split(findings iter.Seq2[*lint.Finding, error], known bool) iter.Seq2[*lint.Finding, error] {
	return func(yield func(*lint.Finding, error) bool) {
		left := make(map[*Baseline]quotas, len(m.Parts))
		for _, p := range m.Parts {
			left[p.base] = p.quotas()
		}
		of := m.set.finder(m.workDir)
		for f, err := range findings {
			if err != nil {
				if !yield(nil, err) {
					return
				}
				continue
			}
			is := false
			for _, b := range of(f.File) {
				is = left[b].take(b.place, f) || is
			}
			if is == known && !yield(f, nil) {
				return
			}
		}
	}
}

// Weigh takes what the baselines name out of the sums of a report.
func (m *SetMatch) Weigh(s *lint.Summary) {
	s.Findings.Error -= m.Known.Error
	s.Findings.Warning -= m.Known.Warning
	s.Findings.Info -= m.Known.Info
	s.Baseline = m.Known.AtLeast(lint.Info)
}

// Name returns the path of the file that a baseline was read from, or will be written to.
func (b *Baseline) Name() string { return b.name }

// Base returns the baseline that was matched.
func (m *Match) Base() *Baseline { return m.base }
