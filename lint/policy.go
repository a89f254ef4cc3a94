package lint

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cupclint/internal/nearest"
	"cupclint/resolve"

	"github.com/bmatcuk/doublestar/v4"
)

// FirstLight is the profile of a deployment that is being brought up: TCP before TLS, plain passwords while testing.
const FirstLight = "first-light"

// Profiles lists the profiles there are.
func Profiles() []string { return []string{FirstLight} }

// An Origin is the place of a setting, for error messages about it. The zero Origin is for settings without a place, such as those of a
// flag or a program.
type Origin struct {
	File         string
	Line, Column int
}

func (o Origin) String() string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d:%d", o.File, o.Line, o.Column)
}

// Settings is what a configuration and the command line say about findings, as written. NewPolicy checks it.
type Settings struct {
	// Base is the absolute folder that globs are relative to, and WorkDir the absolute folder that relative
	// file names of findings are relative to.
	Base, WorkDir string
	// Ignore holds globs of paths that are not linted.
	Ignore []Glob
	// Rules says how much rules weigh, or "off". Where several name the same rule, a rule's own ID or name wins over
	// its area, its area over "all", and the later over the earlier.
	Rules []RuleLevel
	// Only, Enable and Disable come from flags and win over Rules. Only leaves nothing else on; Enable adds;
	// Disable always wins. Each takes rules, areas and "all".
	Only, Enable, Disable []string
	// Suppress silences single findings.
	Suppress []Suppression
	// ShowSuppressed lets no suppression of the settings and no comment of an export silence anything.
	ShowSuppressed bool
	// Now is the time that the dates of suppressions are compared with; zero means the time of the call.
	Now time.Time
	// Deployments name what is judged together.
	Deployments []DeploymentPaths
	// Profile is one of Profiles, or empty.
	Profile string
	// Generation overrides what exports say; empty leaves it to them.
	Generation resolve.Generation
}

// A Glob is a pattern as of doublestar: * and ? stay inside one path element, ** crosses them, {a,b} and [a-z] as
// in a shell. A pattern that matches a folder or an archive matches all that is in it.
type Glob struct {
	Pattern string
	Origin  Origin
}

// A RuleLevel sets one rule, area or "all" to "off" or to a severity.
type RuleLevel struct {
	Rule, Level string
	Origin      Origin
}

// A SettingError says which setting is wrong, where it is, and what is wrong.
type SettingError struct {
	Origin  Origin
	Setting string // such as "rules" or "--only"
	Err     error
}

func (e *SettingError) Error() string {
	at := e.Origin.String()
	if at != "" {
		at += ": "
	}
	return fmt.Sprintf("%s%s: %v", at, e.Setting, e.Err)
}

func (e *SettingError) Unwrap() error { return e.Err }

// A Policy decides what becomes of rules, paths and findings. It does not change once made and serves any number of
// runs. The zero Policy leaves everything as the rules have it.
type Policy struct {
	base, workDir string // with forward slashes
	ignore        []string
	off           map[string]bool     // by rule ID, where switched on or off
	severity      map[string]Severity // by rule ID, where set
	suppress      []suppression
	showAll       bool      // no suppression silences anything
	now           time.Time // zero for the zero Policy: the time of the question
	catalogue     []*Rule   // what comments in exports may name; nil for the zero Policy
	profile       string
	generation    resolve.Generation
	deployments   []namedDeployment
}

// NewPolicy checks settings against the catalogue of all rules, those of other commands included. The error joins
// every *SettingError found.
func NewPolicy(rules []*Rule, s Settings) (*Policy, error) {
	p := &Policy{
		base: filepath.ToSlash(s.Base), workDir: filepath.ToSlash(s.WorkDir),
		profile: s.Profile, generation: s.Generation,
		off: make(map[string]bool), severity: make(map[string]Severity),
		showAll: s.ShowSuppressed, now: s.Now, catalogue: rules,
	}
	if p.now.IsZero() {
		p.now = time.Now()
	}
	var errs []error
	wrong := func(o Origin, setting string, err error) {
		errs = append(errs, &SettingError{Origin: o, Setting: setting, Err: err})
	}

	if s.Profile != "" && !slices.Contains(Profiles(), s.Profile) {
		wrong(Origin{}, "profile", fmt.Errorf("unknown profile %q: use %s", s.Profile, strings.Join(Profiles(), ", ")))
	}
	for _, g := range s.Ignore {
		if err := checkGlob(g.Pattern); err != nil {
			wrong(g.Origin, "ignore", err)
			continue
		}
		p.ignore = append(p.ignore, cleanGlob(g.Pattern))
	}
	for _, set := range bySpecificity(rules, s.Rules) {
		if err := p.setLevel(rules, set); err != nil {
			wrong(set.Origin, "rules", err)
		}
	}
	p.selectRules(rules, s, wrong)
	for _, sup := range s.Suppress {
		made, problems := newSuppression(rules, sup, p.now)
		for _, err := range problems {
			wrong(sup.Origin, "suppress", err)
		}
		p.suppress = append(p.suppress, made)
	}
	for _, d := range s.Deployments {
		made, err := newNamedDeployment(d)
		if err != nil {
			wrong(d.Origin, "deployments", err)
			continue
		}
		p.deployments = append(p.deployments, made)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// bySpecificity orders settings so that those to be applied later win.
func bySpecificity(rules []*Rule, levels []RuleLevel) []RuleLevel {
	rank := func(l RuleLevel) int {
		if strings.EqualFold(l.Rule, All) {
			return 0
		}
		if _, err := Find(rules, l.Rule); err != nil {
			return 1
		}
		return 2
	}
	sorted := slices.Clone(levels)
	slices.SortStableFunc(sorted, func(a, b RuleLevel) int { return rank(a) - rank(b) })
	return sorted
}

func (p *Policy) setLevel(rules []*Rule, set RuleLevel) error {
	selected, err := Select(rules, set.Rule)
	if err != nil {
		return err
	}
	var severity Severity
	if set.Level != off && set.Level != on {
		if severity, err = ParseSeverity(set.Level); err != nil {
			return levelError(set)
		}
	}
	for _, r := range selected {
		p.off[r.ID] = set.Level == off
		if set.Level != off && set.Level != on {
			p.severity[r.ID] = severity
		}
	}
	return nil
}

// The levels that are not severities.
const (
	off = "off"
	on  = "on" // with the weight it has otherwise; for rules that are off by default
)

// Levels lists what a rule can be set to.
func Levels() []string { return append([]string{off, on}, severityNames[:]...) }

func levelError(set RuleLevel) error {
	if near := nearest.Word(set.Level, Levels()); near != "" {
		return fmt.Errorf("%s: unknown level %q: did you mean %q?", set.Rule, set.Level, near)
	}
	return fmt.Errorf("%s: unknown level %q: use %s", set.Rule, set.Level, strings.Join(Levels(), ", "))
}

// selectRules applies --only, --enable and --skip.
func (p *Policy) selectRules(rules []*Rule, s Settings, wrong func(o Origin, setting string, err error)) {
	switchTo := func(flag string, names []string, off bool) {
		for _, name := range names {
			selected, err := Select(rules, name)
			if err != nil {
				wrong(Origin{}, flag, err)
			}
			for _, r := range selected {
				p.off[r.ID] = off
			}
		}
	}
	if len(s.Only) > 0 {
		switchTo("--only", []string{All}, true)
	}
	switchTo("--only", s.Only, false)
	switchTo("--enable", s.Enable, false)
	switchTo("--skip", s.Disable, true)
}

// On reports whether the rule is to run.
func (p *Policy) On(r *Rule) bool {
	if off, ok := p.off[r.ID]; ok {
		return !off
	}
	return !r.Off
}

// clock returns the time that dates are compared with.
func (p *Policy) clock() time.Time {
	if p.now.IsZero() {
		return time.Now()
	}
	return p.now
}

// Severity returns the weight the rule has under this policy.
func (p *Policy) Severity(r *Rule) Severity {
	if s, ok := p.severity[r.ID]; ok {
		return s
	}
	return r.Severity
}

// Profile returns the configured profile, or "".
func (p *Policy) Profile() string { return p.profile }

// Generation returns the client generation that is set for all exports, or "".
func (p *Policy) Generation() resolve.Generation { return p.generation }

// weigh returns the severity of a finding of r. A configured severity takes the place of the rule's own. Where the
// rule gave this finding less than its own weight, because the case is a milder one, the lower of the two counts.
func (p *Policy) weigh(r *Rule, given Severity) Severity {
	s, ok := p.severity[r.ID]
	if !ok {
		return given
	}
	if given < r.Severity {
		return min(given, s)
	}
	return s
}

func checkGlob(pattern string) error {
	if strings.TrimSpace(pattern) == "" {
		return errors.New("empty glob")
	}
	if slashed := slashGlob(pattern); path.IsAbs(slashed) || filepath.IsAbs(pattern) || drive(slashed) {
		return fmt.Errorf("glob %q is absolute: write it relative to the folder of the configuration", pattern)
	}
	if !doublestar.ValidatePattern(slashGlob(pattern)) {
		return fmt.Errorf("malformed glob %q", pattern)
	}
	return nil
}

// drive reports whether the path begins with a drive letter of Windows.
func drive(path string) bool {
	return len(path) > 2 && path[1] == ':' && path[2] == '/' && (path[0]|0x20) >= 'a' && (path[0]|0x20) <= 'z'
}
