package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/lint"
)

// A Fact is one value of a side. Several facts may have the same name: the records of a name, the settings of several exports.
type Fact struct {
	// Site is set for settings and addresses; File where the site is not known yet.
	Site, File string
	// Area is the part of the deployment, Subject what the fact is about: a server, a name. Target is the server alone, or the subject.
	Area, Subject, Target string
	// Name says what the value is: a key, or words.
	Name string
	// Value is shown, Same compared; they are the same where Same is empty.
	Value, Same string
	// Secret values are compared by Digest and never shown.
	Secret bool
	Digest lint.Digest
}

// A FactChange is a fact of one side that the other lacks, or that has another value there.
type FactChange struct {
	Source  Source `json:"source"`
	Site    string `json:"site,omitempty"`
	Area    string `json:"area,omitempty"`
	Subject string `json:"subject,omitempty"`
	// Name is empty where a site or a subject as a whole was added or removed.
	Name string `json:"name,omitempty"`
	// Change is added, removed or changed.
	Change string `json:"change"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
	// Secret values are not told.
	Secret bool `json:"secret,omitempty"`
}

// The changes.
const (
	added   = "added"
	removed = "removed"
	changed = "changed"
)

type factKey struct{ site, area, target, subject, name string }

// whole is the server or the site that the fact is a part of.
func (k factKey) whole() factKey { return factKey{site: k.site, area: k.area, target: k.target} }

// facts compares what both sides know.
func (m *matcher) facts(before, after *Side, r *Result) []FactChange {
	out := []FactChange{}
	for _, source := range []Source{Settings, Addresses, Observations, Results} {
		_, ofOld := before.Facts[source]
		_, ofNew := after.Facts[source]
		if !ofOld || !ofNew || source == Results && before.Facts[Observations] != nil && after.Facts[Observations] != nil {
			continue
		}
		out = append(out, compareFacts(source, m.byKey(before, source, after), m.byKey(after, source, before))...)
	}
	out = m.certain(out, before, after, r)
	if len(before.Facts) > 0 && len(after.Facts) > 0 && !shared(before, after) {
		r.Notes = append(r.Notes, fmt.Sprintf("Facts are not compared: %s and %s have no facts of the same kind.", before.Kind, after.Kind))
	}
	return out
}

// certain leaves out what may be there all the same: settings of a site where a file could not be read on the side that lacks them.
func (m *matcher) certain(changes []FactChange, before, after *Side, r *Result) []FactChange {
	lacks := map[string]map[string]bool{removed: m.sitesUnread(after, newSide), added: m.sitesUnread(before, oldSide)}
	left := 0
	changes = slices.DeleteFunc(changes, func(c FactChange) bool {
		unsure := (c.Source == Settings || c.Source == Addresses) && lacks[c.Change][c.Site]
		if unsure {
			left++
		}
		return unsure
	})
	if left > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Facts that only one side has are left out where the other side has files that could not be "+
			"read: %d.",
			left))
	}
	return changes
}

// sitesUnread are the sites of the files of a side that could not be read.
func (m *matcher) sitesUnread(s *Side, name string) map[string]bool {
	sites := make(map[string]bool)
	for _, f := range m.unread[name] {
		sites[m.siteOf(s, f)] = true
	}
	return sites
}

func shared(a, b *Side) bool {
	for s := range a.Facts {
		if _, ok := b.Facts[s]; ok {
			return true
		}
	}
	return false
}

// byKey sorts the facts of a side. Those of a server that the other side did not contact because it left out the whole area are left out.
func (m *matcher) byKey(s *Side, source Source, other *Side) map[factKey]map[string]*Fact {
	out := make(map[factKey]map[string]*Fact)
	list := s.Facts[source]
	for i := range list {
		f := &list[i]
		if (source == Observations || source == Results) && other.Probed != nil && !other.Probed[f.Area] {
			continue
		}
		site := f.Site
		if f.File != "" {
			site = m.siteOf(s, f.File)
		}
		k := factKey{site, f.Area, f.Target, f.Subject, f.Name}
		if out[k] == nil {
			out[k] = make(map[string]*Fact)
		}
		same := cmp.Or(f.Same, f.Value)
		if f.Secret {
			same = fmt.Sprint(f.Digest)
		}
		out[k][same] = f
	}
	return out
}

func compareFacts(source Source, olds, news map[factKey]map[string]*Fact) []FactChange {
	var out []FactChange
	count := func(facts map[factKey]map[string]*Fact) map[factKey]bool {
		seen := make(map[factKey]bool)
		for k := range facts {
			seen[k.whole()] = true
		}
		return seen
	}
	oldSubjects, newSubjects := count(olds), count(news)
	told := make(map[factKey]bool)
	names := slices.Collect(maps.Keys(olds))
	for k := range news {
		if _, ok := olds[k]; !ok {
			names = append(names, k)
		}
	}
	for _, k := range names {
		change := FactChange{Source: source, Site: k.site, Area: k.area, Subject: k.subject}
		w := k.whole()
		switch { // a site or a server that one side does not know at all
		case !newSubjects[w], !oldSubjects[w]:
			if !told[w] {
				told[w] = true
				change.Subject, change.Change = k.target, added
				if !newSubjects[w] {
					change.Change = removed
				}
				out = append(out, change)
			}
			continue
		}
		change.Name = k.name
		out = append(out, compareValues(change, olds[k], news[k])...)
	}
	slices.SortFunc(out, func(a, b FactChange) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Name, b.Name),
			cmp.Compare(b.Change, a.Change), cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New)) // removed before added
	})
	return out
}

// compareValues compares the values of one name.
func compareValues(change FactChange, olds, news map[string]*Fact) []FactChange {
	lost, won := missing(olds, news), missing(news, olds)
	if len(lost)+len(won) == 0 {
		return nil
	}
	for _, f := range slices.Concat(lost, won) {
		change.Secret = change.Secret || f.Secret
	}
	if change.Secret {
		switch {
		case len(news) == 0:
			change.Change = removed
		case len(olds) == 0:
			change.Change = added
		default:
			change.Change = changed
		}
		return []FactChange{change}
	}
	if len(lost) == 1 && len(won) == 1 && len(olds) == 1 && len(news) == 1 {
		change.Change, change.Old, change.New = changed, lost[0].Value, won[0].Value
		return []FactChange{change}
	}
	var out []FactChange
	for _, f := range lost {
		c := change
		c.Change, c.Old = removed, f.Value
		out = append(out, c)
	}
	for _, f := range won {
		c := change
		c.Change, c.New = added, f.Value
		out = append(out, c)
	}
	return out
}

// missing lists the values that the other side does not have.
func missing(of, in map[string]*Fact) []*Fact {
	var out []*Fact
	for _, same := range slices.Sorted(maps.Keys(of)) {
		if in[same] == nil {
			out = append(out, of[same])
		}
	}
	return out
}

// In says in words where a fact belongs.
func (c *FactChange) In() string {
	var parts []string
	for _, p := range []string{c.Site, c.Area, c.Subject} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}
