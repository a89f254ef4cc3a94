package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

// A matcher finds the findings that both sides have.
type matcher struct {
	sites *group.Sites
	named func(file string) string
	// folders are the sites of each side that have files, to know a site that was renamed.
	oldSites, newSites map[string]bool
	olds, news         []*item
	// unread are files by side, as the side names them, see unreadOf.
	unread map[string][]string
}

// An item is a finding with what it is known by.
type item struct {
	f          *lint.Finding
	site, file string
	// lone says that the file of the finding is one that the other side does not have: it was renamed, or it is new or gone. It is set, too,
	// for findings whose file says little: those that several exports or a server make.
	lone bool
	// strictly is lone without the last part.
	strictly bool
	exact    string // rule, key, value, message and severity
	subject  string // rule, key and value; empty where the value is not told
	setting  string // rule and key; empty where there is no key
	done     bool
}

// siteOf is the site of a file of a side.
func (m *matcher) siteOf(s *Side, file string) string {
	if file == "" {
		return ""
	}
	if m.named != nil {
		if name := m.named(file); name != "" {
			return name
		}
	}
	return m.sites.Of("./" + s.rel(file))
}

// items prepares the findings of a side.
func (m *matcher) items(s, other *Side) ([]*item, map[string]bool) {
	there := make(map[string]bool, len(other.Files))
	for _, f := range other.Files {
		there[other.rel(f)] = true
	}
	sites := make(map[string]bool)
	for _, f := range s.Files {
		sites[m.siteOf(s, f)] = true
	}
	out := make([]*item, len(s.Findings))
	for i := range s.Findings {
		f := &s.Findings[i]
		shape := group.ShapeOf(f)
		key := shape.Key
		if strings.HasPrefix(f.Key, "Appliance.") { // servers are not members of a list: each is itself
			key = f.Key
		}
		it := &item{f: f, file: s.rel(f.File), site: m.siteOf(s, f.File)}
		if f.Kind == lint.FleetKind {
			it.site = "" // its file is the first of several
		}
		it.strictly = f.File != "" && (other.Files == nil || !there[it.file])
		it.lone = it.strictly || f.File == "" || f.Kind != lint.ExportKind
		message := withoutNames(shape.Message, s)
		it.exact = join(f.Rule, key, shape.Value, message, f.Severity.String())
		if shape.Value != "" {
			it.subject = join(f.Rule, key, shape.Value)
		}
		if f.Key != "" {
			it.setting = join(f.Rule, key)
		}
		out[i] = it
	}
	return out, sites
}

// withoutNames takes the names of the side's files out of a message that names others than its own.
func withoutNames(message string, s *Side) string {
	if s.root == "" {
		return message
	}
	return strings.ReplaceAll(strings.ReplaceAll(message, s.root+"/", ""), s.root+"!", "")
}

func join(parts ...string) string { return strings.Join(parts, "\x00") }

// match pairs the findings, those that are surest first.
func (m *matcher) match(before, after *Side, r *Result) {
	m.unread = map[string][]string{oldSide: unreadOf(before, after), newSide: unreadOf(after, before)}
	m.olds, m.oldSites = m.items(before, after)
	m.news, m.newSites = m.items(after, before)
	all := func(*item) bool { return true }
	lone := func(i *item) bool { return i.lone }
	strictly := func(i *item) bool { return i.strictly }
	here := func(of func(*item) string) func(*item) string { // in the same file
		return func(i *item) string { return prefixed(of(i), i.site, i.file) }
	}
	moved := func(of func(*item) string) func(*item) string { // in the same site
		return func(i *item) string { return prefixed(of(i), i.site, "") }
	}
	exact := func(i *item) string { return i.exact }
	subject := func(i *item) string { return i.subject }
	setting := func(i *item) string { return i.setting }
	same := func(_, _ *item) { r.Unchanged++ }
	changed := func(a, b *item) {
		r.Changed = append(r.Changed, &Changed{Site: b.site, What: difference(a.f, b.f), Old: a.f, New: b.f})
	}
	m.pair(here(exact), all, all, same)
	m.pair(moved(exact), lone, lone, same)
	m.pair(moved(exact), lone, all, same)
	m.pair(moved(exact), all, lone, same)
	m.pair(here(subject), all, all, changed)
	m.pair(moved(subject), lone, lone, changed)
	m.pair(here(setting), all, all, changed)
	m.pair(moved(setting), strictly, strictly, changed)
	// A site that only one side has may have been renamed.
	m.pair(exact, func(i *item) bool { return i.strictly && !m.newSites[i.site] },
		func(i *item) bool { return i.strictly && !m.oldSites[i.site] }, same)
	slices.SortStableFunc(r.Changed, func(a, b *Changed) int {
		return cmp.Or(cmp.Compare(b.New.Severity, a.New.Severity), lint.Compare(a.New, b.New))
	})
}

func prefixed(of, site, file string) string {
	if of == "" {
		return ""
	}
	return join(site, file, of)
}

// pair takes an old and a new finding for the same where they have the same name, each once, in the order of the output.
func (m *matcher) pair(name func(*item) string, old, new func(*item) bool, found func(old, new *item)) {
	waiting := make(map[string][]*item)
	for _, i := range m.news {
		if n := name(i); !i.done && n != "" && new(i) {
			waiting[n] = append(waiting[n], i)
		}
	}
	if len(waiting) == 0 {
		return
	}
	for _, i := range m.olds {
		if i.done || !old(i) {
			continue
		}
		n := name(i)
		list := waiting[n]
		if n == "" || len(list) == 0 {
			continue
		}
		waiting[n] = list[1:]
		i.done, list[0].done = true, true
		found(i, list[0])
	}
}

// settle says what became of the findings that have no partner: they are new or gone, or it is not known.
func (m *matcher) settle(before, after *Side, o Options, r *Result) {
	for _, i := range m.olds {
		if i.done {
			continue
		}
		if why := m.unknown(i, after, newSide, o); why != "" {
			r.Unknown = append(r.Unknown, &Unknown{i.site, oldSide, why, i.f})
		} else {
			r.Gone = append(r.Gone, &Found{i.site, i.f})
		}
	}
	for _, i := range m.news {
		if i.done {
			continue
		}
		if why := m.unknown(i, before, oldSide, o); why != "" {
			r.Unknown = append(r.Unknown, &Unknown{i.site, newSide, why, i.f})
		} else {
			r.Appeared = append(r.Appeared, &Found{i.site, i.f})
		}
	}
	sortFound(r.Appeared)
	sortFound(r.Gone)
}

// sortFound puts what weighs most first.
func sortFound(list []*Found) {
	slices.SortStableFunc(list, func(a, b *Found) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), lint.Compare(a.Finding, b.Finding))
	})
}

// unknown says why the other side could not have a finding of this one, or "".
func (m *matcher) unknown(i *item, other *Side, name string, o Options) string {
	if i.f.Kind == lint.LiveKind && other.Probed != nil && o.AreasOf != nil {
		areas := o.AreasOf(i.f.Rule)
		if len(areas) > 0 && !slices.ContainsFunc(areas, func(a string) bool { return other.Probed[a] }) {
			return fmt.Sprintf("the %s side did not probe %s", name, strings.Join(areas, " or "))
		}
	}
	if other.Partial {
		return fmt.Sprintf("lines of the report could not be read on the %s side", name)
	}
	if i.f.File == "" || i.f.Kind == lint.LiveKind {
		return ""
	}
	bad := m.unread[name]
	for _, e := range bad {
		if e = other.rel(e); e == i.file || strings.HasPrefix(i.file, e+"!") {
			return fmt.Sprintf("the file could not be read on the %s side", name)
		}
	}
	if len(bad) > 0 && i.f.Kind != lint.ExportKind {
		return fmt.Sprintf("it is based on several files, and one of them could not be read on the %s side", name)
	}
	return ""
}

// unreadOf lists the files of a side of which nothing is known: those that could not be read, and those that
// were not taken for exports although the other side has exports of these names.
func unreadOf(s, other *Side) []string {
	exports := make(map[string]bool, len(other.Files))
	for _, f := range other.Files {
		exports[other.rel(f)] = true
	}
	var files []string
	for _, f := range s.Passed {
		if exports[s.rel(f)] {
			files = append(files, f)
		}
	}
	for i := range s.Errors {
		if f := s.Errors[i].File; f != "" && !s.asked[f] {
			files = append(files, f)
		}
	}
	return files
}
