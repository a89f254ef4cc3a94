package ownrules

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// Bounds on what is kept of a deployment.
const (
	maxDifferent = 256  // values of one key
	maxValue     = 1024 // bytes of one of them; of a longer one a digest is kept
	maxRelated   = 5    // other places that a finding names
)

// sites gathers the values that a rule with each: deployment asks for.
type sites struct {
	rule *rule
	// by holds the deployments by "d" and their names, and folders by "f" and their paths.
	by       map[string]*site
	named    map[string]bool // folders of exports that are part of a deployment: they show where the inputs differ
	folder   string          // the last one, and its site
	last     *site
	failures []lint.Failure
}

// A site is the exports of one deployment, or of one folder.
type site struct {
	name    string
	rule    *rule
	exports int
	first   lint.Place // of the first export, as a whole
	bags    []bag      // as rule.asked
}

// A bag is the values that one key has.
type bag struct {
	values map[string]*held
	with   int // exports that have one
}

type held struct {
	exports int
	first   lint.Place
}

func (r *rule) newSites() lint.Fleet {
	return &sites{rule: r, by: make(map[string]*site), named: make(map[string]bool)}
}

// Add takes the values out of one export.
func (s *sites) Add(in *lint.Input) {
	if names := in.Deployments(); names != nil {
		for _, name := range names {
			s.site("d"+name, name).add(in)
		}
		if folder := in.Folder(); !s.named[folder] {
			s.named[strings.Clone(folder)] = true
		}
		return
	}
	folder := in.Folder()
	if s.last == nil || folder != s.folder {
		s.folder = strings.Clone(folder)
		s.last = s.site("f"+s.folder, s.folder)
	}
	s.last.add(in)
}

func (s *sites) site(id, name string) *site {
	have := s.by[id]
	if have == nil {
		have = newSite(s.rule, name)
		s.by[id] = have
	}
	return have
}

func newSite(r *rule, name string) *site {
	s := &site{name: name, rule: r, bags: make([]bag, len(r.asked))}
	for i := range s.bags {
		s.bags[i].values = make(map[string]*held)
	}
	return s
}

func (s *site) add(in *lint.Input) {
	s.exports++
	if s.exports == 1 || in.Index < s.first.Index {
		s.first = in.Place(nil)
	}
	for i, name := range s.rule.asked {
		k, n := mustKey(name)
		b, has := &s.bags[i], false
		for p := range in.All(k) {
			if p.Value == "" || n != 0 && p.N != n {
				continue
			}
			has = true
			b.add(in, p)
		}
		if has {
			b.with++
		}
	}
}

func (b *bag) add(in *lint.Input, p *export.Property) {
	text := shown(p)
	if len(text) > maxValue {
		text = fmt.Sprintf("%s... (%d bytes, SHA-256 %x)", strings.ToValidUTF8(text[:64], ""), len(text), sha256.Sum256([]byte(text)))
	}
	have := b.values[text]
	if have == nil {
		have = &held{first: in.Place(p)}
		b.values[strings.Clone(text)] = have
		b.prune()
	} else if in.Index < have.first.Index {
		have.first = in.Place(p)
	}
	have.exports++
}

// prune keeps the values that come first in the alphabet: which they are does not depend on the order in which exports were read.
func (b *bag) prune() {
	for len(b.values) > maxDifferent {
		delete(b.values, slices.Max(slices.Collect(maps.Keys(b.values))))
	}
}

// Merge takes over the values of another worker.
func (s *sites) Merge(other lint.Fleet) {
	o, ok := other.(*sites)
	if !ok {
		return
	}
	maps.Copy(s.named, o.named)
	for id, theirs := range o.by {
		if have := s.by[id]; have != nil {
			have.merge(theirs)
		} else {
			s.by[id] = theirs
		}
	}
}

func (s *site) merge(o *site) {
	if s.exports == 0 || o.exports > 0 && o.first.Before(s.first) {
		s.first = o.first
	}
	s.exports += o.exports
	for i := range s.bags {
		b := &s.bags[i]
		b.with += o.bags[i].with
		for text, theirs := range o.bags[i].values {
			have := b.values[text]
			if have == nil {
				copied := *theirs
				b.values[text] = &copied
				continue
			}
			have.exports += theirs.exports
			if theirs.first.Before(have.first) {
				have.first = theirs.first
			}
		}
		b.prune()
	}
}

// Findings judges every deployment.
func (s *sites) Findings() []lint.Finding {
	var findings []lint.Finding
	e := s.rule.evaluator()
	defer s.rule.release(e)
	for _, st := range s.gathered() {
		e.site = st
		e.env["site"], e.env["exports"] = st.name, st.exports
		message, fix, err := s.rule.judge(e, "")
		if err != nil {
			s.failures = append(s.failures, lint.Failure{Err: s.rule.ruleError(err), In: st.name, What: "deployments", Times: 1})
		} else if message != "" {
			findings = append(findings, st.finding(message, fix))
		}
	}
	return findings
}

// Failures returns the first deployment that the rule failed on.
func (s *sites) Failures() []lint.Failure {
	if len(s.failures) == 0 {
		return nil
	}
	first := s.failures[0]
	first.Times = len(s.failures)
	return []lint.Failure{first}
}

// gathered puts the folders of one site together, and gives the deployments and sites in the order of their names.
func (s *sites) gathered() []*site {
	var folders []string
	for id := range s.by {
		if folder, ok := strings.CutPrefix(id, "f"); ok {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	var all []*site
	byName := make(map[string]*site)
	siteOf := sitesOf(slices.Sorted(slices.Values(slices.AppendSeq(slices.Clone(folders), maps.Keys(s.named)))))
	for _, folder := range folders {
		name := siteOf(folder)
		if byName[name] == nil {
			byName[name] = newSite(s.rule, name)
			all = append(all, byName[name])
		}
		byName[name].merge(s.by["f"+folder])
	}
	for id, st := range s.by {
		if strings.HasPrefix(id, "d") {
			all = append(all, st)
		}
	}
	slices.SortFunc(all, func(a, b *site) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.first.Index, b.first.Index), cmp.Compare(a.first.File, b.first.File))
	})
	return all
}

// sitesOf says which site a folder belongs to. The name of a site is the first folder below the folder that all have in common, as in
// package group of the reports. If all exports are in one folder, the site is that folder.
func sitesOf(folders []string) func(folder string) string {
	if len(folders) == 0 {
		return nil
	}
	// In the order of the alphabet the first and the last have in common what all have.
	common := strings.Split(folders[0], "/")
	last := strings.Split(folders[len(folders)-1], "/")
	n := 0
	for n < len(common) && n < len(last) && common[n] == last[n] {
		n++
	}
	return func(folder string) string {
		if parts := strings.Split(folder, "/"); n < len(parts) {
			return parts[n]
		}
		return folder
	}
}

// bag returns the values of a key that the rule asks for.
func (s *site) bag(name string) *bag {
	for i, asked := range s.rule.asked {
		if strings.EqualFold(asked, name) {
			return &s.bags[i]
		}
	}
	return &bag{}
}

func (s *site) values(name string) []string {
	return slices.Sorted(maps.Keys(s.bag(name).values))
}

func (s *site) missing(name string) int { return s.exports - s.bag(name).with }

// finding points to the value that the fewest exports have, and names those that have others.
func (s *site) finding(message, fix string) lint.Finding {
	values := s.bag(s.rule.key).values
	order := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		x, y := values[a], values[b]
		switch {
		case x.exports != y.exports:
			return x.exports - y.exports
		case x.first.Before(y.first):
			return 1 // of equally rare ones, the one that came last
		case y.first.Before(x.first):
			return -1
		}
		return cmp.Compare(a, b)
	})
	at := s.first
	if len(order) > 0 {
		at = values[order[0]].first
	}
	f := at.Finding("%s", message)
	f.Fix = fix
	if len(order) == 0 && s.rule.key != "" {
		k, n := mustKey(s.rule.key)
		f.Key = k.Name(n)
	}
	for _, text := range order[min(1, len(order)):min(1+maxRelated, len(order))] {
		f.Related = append(f.Related, values[text].first.Related("%s in %s", text, exports(values[text].exports)))
	}
	return f
}

func exports(n int) string {
	if n == 1 {
		return "1 export"
	}
	return fmt.Sprintf("%d exports", n)
}
