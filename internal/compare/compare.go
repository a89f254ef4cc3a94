// Package compare says what changed between two states of a deployment. Two sides go in: linted folders, reports or saved cases. Findings
// that are new, gone or changed come out, and facts that changed: settings, presence addresses, and what servers answered.
//
// A finding is known again by its rule, its key and its meaning, not by its file and line: a renamed file, a moved line and another order
// do not count as a change. The package judges nothing and shows no value of a secret.
package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/internal/report"
	"cupclint/internal/report/group"
	"cupclint/lint"
)

// A Kind says what a side was made from.
type Kind string

// The kinds.
const (
	Exports Kind = "exports" // files that were linted
	Report  Kind = "report"
	Case    Kind = "case"
)

// A Side is one of the two states.
type Side struct {
	// Name is what the user called it.
	Name    string `json:"name"`
	Kind    Kind   `json:"kind"`
	Version string `json:"version,omitempty"`
	// At is when the servers were asked; zero where they were not, or that is not known.
	At time.Time `json:"at,omitzero"`
	// Exports counts the exports that were read.
	Exports int `json:"exports"`
	// Counts are all findings by severity.
	Counts lint.Counts `json:"findings"`

	Findings []lint.Finding `json:"-"`
	// Files are the names of all exports; nil where they are not known. Passed are those of inputs that were not taken for exports.
	Files  []string          `json:"-"`
	Passed []string          `json:"-"`
	Errors []lint.InputError `json:"-"`
	// Probed are the areas that were contacted; nil where that is not known.
	Probed map[string]bool `json:"-"`
	// Facts by where they come from. A source that is missing is not known, and is not compared.
	Facts map[Source][]Fact `json:"-"`

	// Partial says that lines of the report could not be read: what is missing on this side may be in them.
	Partial bool `json:"-"`

	asked map[string]bool // what was contacted: an error about it is one of no file
	root  string          // what all names of files begin with, and the other side's may not
}

// A Source says where facts come from.
type Source string

// The sources.
const (
	Settings     Source = "settings"     // properties of exports
	Addresses    Source = "addresses"    // presence addresses
	Observations Source = "observations" // what servers answered
	Results      Source = "results"      // the line that a report has about a probe
)

// Options are what a comparison needs in addition to the sides.
type Options struct {
	// DeploymentOf gives the name of the configuration's deployment that a file is part of, or "".
	DeploymentOf func(file string) string
	// AreasOf gives the names of the areas whose probes a live rule judges.
	AreasOf func(rule string) []string
}

// A Result is what changed. Its JSON form is published as docs/schema/compare.schema.json.
type Result struct {
	Old *Side `json:"old"`
	New *Side `json:"new"`
	// Appeared are findings of the new side alone, Gone of the old one alone, in the order of lint.Compare.
	Appeared []*Found   `json:"appeared"`
	Gone     []*Found   `json:"gone"`
	Changed  []*Changed `json:"changed"`
	// Unknown are findings of one side of which it is not known whether the other has them.
	Unknown []*Unknown `json:"unknown"`
	// Unchanged counts those that both sides have.
	Unchanged int          `json:"unchanged"`
	Facts     []FactChange `json:"facts"`
	// Notes say what could not be compared.
	Notes  []string  `json:"notes"`
	Errors []Problem `json:"errors"`
	// Version is that of the program.
	Version string `json:"version"`
}

// A Found is a finding with its site.
type Found struct {
	Site string `json:"site,omitempty"`
	*lint.Finding
}

// A Changed is a finding of both sides that does not say the same.
type Changed struct {
	Site string `json:"site,omitempty"`
	// What says in words what changed: "from 4 to 1 attempt left".
	What string        `json:"what"`
	Old  *lint.Finding `json:"old"`
	New  *lint.Finding `json:"new"`
}

// An Unknown is a finding of one side that the other side could not have.
type Unknown struct {
	Site string `json:"site,omitempty"`
	// Side is old or new.
	Side    string        `json:"side"`
	Why     string        `json:"why"`
	Finding *lint.Finding `json:"finding"`
}

// A Problem is an input that could not be read, or a probe that could not be carried out.
type Problem struct {
	// Side is old or new.
	Side string `json:"side"`
	lint.InputError
}

// The sides in words.
const (
	oldSide = "old"
	newSide = "new"
)

// Run compares.
func Run(before, after *Side, o Options) *Result {
	r := &Result{Old: before, New: after, Appeared: []*Found{}, Gone: []*Found{}, Changed: []*Changed{}, Unknown: []*Unknown{},
		Facts: []FactChange{}, Notes: []string{}, Errors: []Problem{}}
	align(before, after)
	m := &matcher{sites: sitesOf(before, after), named: o.DeploymentOf}
	m.match(before, after, r)
	m.settle(before, after, o, r)
	r.Facts = m.facts(before, after, r)
	for side, s := range map[string]*Side{oldSide: before, newSide: after} {
		for i := range s.Findings {
			s.Counts.Add(s.Findings[i].Severity)
		}
		for i := range s.Errors {
			r.Errors = append(r.Errors, Problem{side, s.Errors[i]})
		}
	}
	slices.SortStableFunc(r.Errors, func(a, b Problem) int { return cmp.Compare(b.Side, a.Side) }) // old before new
	if before.Version != "" && after.Version != "" && before.Version != after.Version {
		r.Notes = append(r.Notes, fmt.Sprintf("The old side was made with version %s, the new side with %s: findings of rules "+
			"that one of them does not have are shown as new or gone.", before.Version, after.Version))
	}
	return r
}

// NewCounts counts the new findings.
func (r *Result) NewCounts() lint.Counts { return countsOf(r.Appeared) }

// GoneCounts counts the findings that are gone.
func (r *Result) GoneCounts() lint.Counts { return countsOf(r.Gone) }

func countsOf(list []*Found) (c lint.Counts) {
	for _, f := range list {
		c.Add(f.Severity)
	}
	return c
}

// SetProbes says what was contacted, and makes facts of the results.
func (s *Side) SetProbes(probes []report.Probe) {
	s.Probed, s.asked = make(map[string]bool), make(map[string]bool)
	for i := range probes {
		p := &probes[i]
		s.Probed[p.Area] = true
		s.asked[p.Target], s.asked[strings.ToUpper(p.Area)] = true, true // errors name the target or, in capitals, the area
	}
	if s.Facts == nil {
		s.Facts = make(map[Source][]Fact)
	}
	s.Facts[Results] = resultFacts(probes)
}

// rel is the name of a file as both sides may have it.
func (s *Side) rel(file string) string {
	rest, ok := strings.CutPrefix(file, s.root)
	if !ok {
		return file
	}
	if rest = strings.TrimLeft(rest, "/!"); rest == "" && file != "" {
		return "." // the input itself
	}
	return rest
}

// align finds what the names of the sides' files begin with. Of exports it is the folder, file or archive that was named. A report was made
// in some other folder: there it is what all names have in common, or less of it where that makes more names equal to those of the other
// side.
func align(before, after *Side) {
	sides := []*Side{before, after}
	for _, s := range sides {
		if s.Kind == Exports {
			s.root = strings.TrimRight(strings.TrimPrefix(s.Name, "./"), "/")
			if s.Name == "." || s.Name == "./" {
				s.root = ""
			}
		} else {
			s.root = common(s.Files)
		}
	}
	if before.Kind != Exports && after.Kind != Exports && overlap(before, "", after, "") > 0 {
		root := common(slices.Concat(before.Files, after.Files))
		before.root, after.root = root, root
		return
	}
	for i, s := range sides {
		other := sides[1-i]
		if s.Kind == Exports || other.Kind != Exports && i == 0 {
			continue
		}
		best, most := s.root, overlap(s, s.root, other, other.root)
		for root := s.root; root != "" && most < len(s.Files); {
			root = root[:max(0, strings.LastIndexByte(root, '/'))]
			if n := overlap(s, root, other, other.root); n > most {
				best, most = root, n
			}
		}
		s.root = best
	}
}

// common is the folder that all names begin with.
func common(files []string) string {
	if len(files) == 0 {
		return ""
	}
	folder := func(name string) string { return name[:max(0, strings.LastIndexByte(name, '/'))] }
	root := folder(files[0])
	for _, f := range files {
		for root != "" && !strings.HasPrefix(f, root+"/") {
			root = folder(root)
		}
	}
	return root
}

// overlap counts the names that are equal without what they begin with.
func overlap(a *Side, rootA string, b *Side, rootB string) int {
	names := make(map[string]bool, len(b.Files))
	other := Side{root: rootB}
	for _, f := range b.Files {
		names[other.rel(f)] = true
	}
	n := 0
	mine := Side{root: rootA}
	for _, f := range a.Files {
		if names[mine.rel(f)] {
			n++
		}
	}
	return n
}

// sitesOf knows the sites of both sides: the folders in which their files differ.
func sitesOf(before, after *Side) *group.Sites {
	return group.NewSites(func(yield func(string) bool) {
		for _, s := range []*Side{before, after} {
			for _, f := range s.Files {
				if !yield("./" + s.rel(f)) {
					return
				}
			}
		}
	}, nil)
}
