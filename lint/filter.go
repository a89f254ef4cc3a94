package lint

import (
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/bmatcuk/doublestar/v4"
)

// A Filter applies a Policy to the findings of one run and remembers which suppressions did something. Its methods
// may be called from many goroutines at once. A command that both lints and probes uses one Filter for both.
type Filter struct {
	policy     *Policy
	rules      map[string]*Rule // those that run, by ID
	state      []suppressionState
	suppressed atomic.Int64
	comments   comments
	all        []*Rule // what it was made for
}

type suppressionState struct {
	used    atomic.Bool
	reached atomic.Bool // its path matched an input of the run
}

// NewFilter makes the filter for a run of these rules.
func (p *Policy) NewFilter(rules []*Rule) *Filter {
	f := &Filter{policy: p, rules: make(map[string]*Rule), state: make([]suppressionState, len(p.suppress)), all: rules}
	for _, r := range rules {
		if p.On(r) {
			f.rules[r.ID] = r
		}
	}
	return f
}

// Apply gives the finding its severity and reports whether it is shown: whether its rule is on and no suppression
// matches. A finding that a suppression silences gets the reason.
func (f *Filter) Apply(fd *Finding) bool {
	r := f.rules[fd.Rule]
	if r == nil {
		return false
	}
	fd.Severity = f.policy.weigh(r, fd.Severity)
	shown := true
	rel := "" // asked for only by suppressions with a path
	for i := range f.policy.suppress {
		s := &f.policy.suppress[i]
		if f.policy.showAll || s.validity == expired || !s.matches(f.policy, fd, &rel) {
			continue
		}
		f.state[i].used.Store(true)
		shown, fd.Suppressed = false, s.Reason
	}
	if c := f.byComment(fd); c != nil {
		shown, fd.Suppressed, fd.InSource = false, c.Reason, true
	}
	if !shown {
		f.suppressed.Add(1)
	}
	return shown
}

// named are the rules that comments may name.
func (f *Filter) named() []*Rule {
	if f.policy.catalogue != nil {
		return f.policy.catalogue
	}
	return f.all
}

// Reach notes that an input with this name is part of the run.
func (f *Filter) Reach(file string) {
	rel := ""
	for i := range f.policy.suppress {
		s := &f.policy.suppress[i]
		if s.Path == "" || f.state[i].reached.Load() {
			continue
		}
		if rel == "" {
			rel = f.policy.relative(file)
		}
		if matchPath(s.Path, rel) {
			f.state[i].reached.Store(true)
		}
	}
}

// Suppressed returns how many findings suppressions have silenced so far.
func (f *Filter) Suppressed() int { return int(f.suppressed.Load()) }

// Ignores reports whether the policy leaves out an input with this name.
func (p *Policy) Ignores(file string) bool {
	if len(p.ignore) == 0 {
		return false
	}
	rel := p.relative(file)
	for _, pattern := range p.ignore {
		if matchPath(pattern, rel) {
			return true
		}
	}
	return false
}

// relative returns the name of a finding's file relative to the folder that globs start from. A file outside of it
// begins with "..".
func (p *Policy) relative(file string) string {
	if file == "-" || file == "" {
		return file
	}
	file = filepath.ToSlash(file)
	if p.workDir != "" && !filepath.IsAbs(file) {
		file = path.Join(p.workDir, file)
	} else {
		file = path.Clean(file)
	}
	if rest, ok := strings.CutPrefix(file, strings.TrimSuffix(p.base, "/")+"/"); ok && p.base != "" {
		return rest
	}
	if p.base != "" && filepath.IsAbs(file) {
		if rel, err := filepath.Rel(p.base, file); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return file
}

// slashGlob writes a glob with forward slashes. On every system a backslash separates folders too, so that a configuration from Windows has
// the same meaning on other systems. A backslash before a bracket or a brace removes the special meaning of that character.
func slashGlob(pattern string) string {
	if strings.IndexByte(pattern, '\\') < 0 {
		return pattern
	}
	out := []byte(pattern)
	for i := range out {
		if out[i] == '\\' && (i+1 == len(out) || strings.IndexByte("[]{}", out[i+1]) < 0) {
			out[i] = '/'
		}
	}
	return string(out)
}

// cleanGlob brings a glob into the form of relative's answers.
func cleanGlob(pattern string) string {
	pattern = strings.TrimSuffix(slashGlob(pattern), "/")
	for strings.HasPrefix(pattern, "./") {
		pattern = strings.TrimPrefix(pattern, "./")
	}
	return pattern
}

// matchPath reports whether the glob matches the name, one of its folders, or the archive it is in.
func matchPath(pattern, name string) bool {
	if doublestar.MatchUnvalidated(pattern, name) {
		return true
	}
	for i := 1; i < len(name); i++ {
		if (name[i] == '/' || name[i] == '!') && doublestar.MatchUnvalidated(pattern, name[:i]) {
			return true
		}
	}
	return false
}

// matchKey compares a lower-case pattern, in which * stands for any characters, with a key.
func matchKey(pattern, key string) bool {
	key = strings.ToLower(key)
	head, pattern, wild := strings.Cut(pattern, "*")
	rest, ok := strings.CutPrefix(key, head)
	if !ok || !wild {
		return ok && rest == ""
	}
	for {
		part, after, more := strings.Cut(pattern, "*")
		if !more {
			return strings.HasSuffix(rest, part)
		}
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest, pattern = rest[i+len(part):], after
	}
}
