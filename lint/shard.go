package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Shard is one of several equal parts of the inputs of a run: part Number of Of. The zero Shard is the whole run.
type Shard struct{ Number, Of int }

// maxShards bounds Of: more parts than that have nothing left to do.
const maxShards = 100_000

// ParseShard reads I/N, such as 2/8. The first shard is 1/N and the last one N/N.
func ParseShard(text string) (Shard, error) {
	number, of, ok := strings.Cut(text, "/")
	i, err := strconv.Atoi(number)
	n, err2 := strconv.Atoi(of)
	switch {
	case !ok || err != nil || err2 != nil:
		return Shard{}, fmt.Errorf("%q is not a shard: write it as I/N, such as 2/8", text)
	case n < 1 || n > maxShards:
		return Shard{}, fmt.Errorf("%q is not a shard: N is a number from 1 to %d", text, maxShards)
	case i == 0:
		return Shard{}, fmt.Errorf("%q is not a shard: the first one is 1/%d. Add 1 to an index that begins with 0", text, n)
	case i < 1 || i > n:
		return Shard{}, fmt.Errorf("%q is not a shard: I is a number from 1 to %d", text, n)
	}
	return Shard{i, n}, nil
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Number, s.Of) }

// Has reports whether an input is part of the shard. Only its name decides, as Source.Name gives it, so every input is in one shard for
// every number of shards, in whatever order inputs are named and found. An archive is one input. The zero Shard has all.
func (s Shard) Has(name string) bool {
	if s.Of <= 1 {
		return true
	}
	// FNV-1a of 64 bits, with its bits mixed because the low ones alone decide.
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return (h^h>>33)%uint64(s.Of) == uint64(s.Number-1)
}

// MarshalText gives the form that ParseShard reads.
func (s Shard) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the form that String gives.
func (s *Shard) UnmarshalText(b []byte) (err error) {
	*s, err = ParseShard(string(b))
	return err
}

// A Part is what a run over one shard knows in addition to its findings: the facts that rules across files need, and what Merger compares.
// Its JSON forms are the members shard (Head) and facts (Fleets and Groups) of a report. Nothing in it is a secret, or made from one.
type Part struct {
	Head   Head
	Fleets map[string]any // what Carrier.Carry gave, by rule
	Groups []*CarriedGroup
}

// A Head says which part of which run a report is.
type Head struct {
	Shard   Shard  `json:"shard"`
	Version string `json:"version"`
	// Own counts the inputs of this shard, and All those of all shards, whose names the digest is made of.
	Own   int    `json:"own"`
	All   int    `json:"all"`
	Names string `json:"names"`
	// Settings holds digests of what decides on findings, by a word for people. Equal digests mean equal settings.
	Settings map[string]string `json:"settings"`
	// Reading is how inputs were read, for the few that Merger reads again.
	InputFormat string `json:"inputFormat,omitempty"`
	SkipUnknown bool   `json:"skipUnknown,omitempty"`
	// Baseline is what the shards left for the merge: nil where there is no baseline.
	Baseline *CarriedBaseline `json:"baseline,omitempty"`
	// Servers are the groups with exports of servers.
	Servers []string `json:"servers,omitempty"`
	// Used and Reached are the suppressions of the configuration, counted from 0, that silenced something or whose path matched an input.
	Used     []int            `json:"used,omitempty"`
	Reached  []int            `json:"reached,omitempty"`
	Comments []CarriedComment `json:"comments,omitempty"`
	Failures []CarriedFailure `json:"failures,omitempty"`
}

// A CarriedBaseline names the baselines that count for a run, and the inputs that they are compared with.
type CarriedBaseline struct {
	Files   []string `json:"files"` // relative to the working directory
	Usual   bool     `json:"usual"` // the first file counts for all inputs, and not only for those in its folder
	Sources []string `json:"sources"`
	Folders []string `json:"folders"`
}

// A CarriedComment is a suppression in a comment of an export, with those of its rules that silenced something.
type CarriedComment struct {
	Comment
	Used []string `json:"used,omitempty"`
}

// A CarriedFailure is a Failure of a rule of one's own.
type CarriedFailure struct {
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Origin  Origin `json:"origin"`
	In      string `json:"in"`
	What    string `json:"what"`
	Times   int    `json:"times"`
	Index   int    `json:"index"`
}

// Error says what failed.
func (f *CarriedFailure) Error() string {
	return fmt.Sprintf("rule %s failed in %s: %s", f.Rule, f.In, f.Message)
}

// A Carrier is a Fleet whose facts can be taken from the run over a shard to a Merger.
type Carrier interface {
	Fleet
	// Carry returns the facts in a form that package json writes. No secret is in it, and no digest of one.
	Carry() any
	// Receive adds the facts of one part, as Carry gave them. Parts have numbers from 1; places belong to the rule after Place.By.
	Receive(rule *Rule, part int, facts []byte) error
}

// A Rereader is a Carrier that compares what must not be carried, such as passwords. Where that takes facts of several parts, a Merger
// reads the exports with them again.
type Rereader interface {
	Carrier
	// Again gives, by file, what must be done with the exports to read again. It reports whether an export still has what the shard saw.
	// Findings judges nothing that an export was needed for and not given.
	Again() map[string]func(in *Input) (same bool)
}

// carry takes over what the other workers gathered, and makes the part of the result.
func (w *worker) carry(res *Result, others []*worker) {
	for _, o := range others {
		w.facts.merge(o.facts)
		maps.Copy(w.facts.joins, o.facts.joins)
	}
	p := &Part{Head: Head{Shard: w.Shard, All: w.sources.Len(), Settings: w.policy.digests(w.Rules)}}
	p.Head.Names, p.Head.Own = w.namesOf()
	for i := range w.filter.state {
		if w.filter.state[i].used.Load() {
			p.Head.Used = append(p.Head.Used, i)
		}
		if w.filter.state[i].reached.Load() {
			p.Head.Reached = append(p.Head.Reached, i)
		}
	}
	p.Head.Comments = w.filter.carriedComments()
	for _, id := range slices.Sorted(maps.Keys(w.failures)) {
		f := w.failures[id]
		p.Head.Failures = append(p.Head.Failures, CarriedFailure{
			Rule: id, Message: f.Err.Err.Error(), Origin: f.Err.Origin, In: f.In, What: f.What, Times: f.Times, Index: f.index,
		})
	}
	p.Head.Servers = slices.Sorted(maps.Keys(w.facts.joins))
	p.Fleets = make(map[string]any)
	for i, rule := range w.fleets {
		w.guard(rule, "", func() {
			c, ok := w.fleet[i].(Carrier)
			if !ok {
				w.errors = append(w.errors, InputError{Message: fmt.Sprintf("rule %s compares exports and cannot do so in shards", rule.ID)})
				return
			}
			p.Fleets[rule.ID] = c.Carry()
		})
	}
	for _, id := range slices.Sorted(maps.Keys(w.facts.groups)) {
		w.facts.groups[id].prune()
		p.Groups = append(p.Groups, w.facts.groups[id].carry(id))
	}
	res.Part = p
}

// namesOf is a digest of the names of all inputs, and counts those of the shard.
func (w *worker) namesOf() (digest string, own int) {
	h := sha256.New()
	for s, err := range w.sources.All() {
		if err != nil {
			w.errors = append(w.errors, inputError("", err))
			break
		}
		fmt.Fprintf(h, "%d:%s", len(s.Name), s.Name)
		if w.Shard.Has(s.Name) {
			own++
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), own
}

// digests are made of all that decides on findings, by a word for people.
func (p *Policy) digests(rules []*Rule) map[string]string {
	of := func(parts ...any) string {
		h := sha256.New()
		for _, part := range parts {
			text := fmt.Sprintf("%+v", part)
			fmt.Fprintf(h, "%d:%s", len(text), text)
		}
		return hex.EncodeToString(h.Sum(nil)[:8])
	}
	var levels, suppress, deployments []any
	for _, r := range rules {
		levels = append(levels, r.ID, p.On(r), p.Severity(r), r.Text)
	}
	for i := range p.suppress {
		s := &p.suppress[i]
		suppress = append(suppress, s.rule.ID, s.Suppression, s.validity)
	}
	for i := range p.deployments {
		deployments = append(deployments, p.deployments[i].name, p.deployments[i].paths, p.deployments[i].origin)
	}
	return map[string]string{
		"rules": of(levels...), "ignore": of(p.ignore), "suppress": of(append(suppress, p.showAll)...),
		"deployments": of(deployments...), "profile": p.profile, "generation": string(p.generation),
		"folder of the configuration": of(p.relative("x")),
	}
}

// differ names a setting in which two reports, or a report and a merge, differ; "" for none.
func differ(a, b map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if have, ok := b[name]; ok && have != a[name] {
			return name
		}
	}
	return ""
}

// CheckParts reports whether reports are those of all shards of one run, made by the version and under the settings of o. The names are
// those of the reports, for the error, in the order of heads.
func CheckParts(o Options, version string, heads []*Head, names []string) error {
	if len(heads) == 0 {
		return errors.New("no report to merge")
	}
	policy := o.Policy
	if policy == nil {
		policy = new(Policy)
	}
	here := policy.digests(o.Rules)
	first := heads[0]
	seen := make([]string, first.Shard.Of+1)
	for i, h := range heads {
		wrong := func(format string, args ...any) error {
			return fmt.Errorf("%s: "+format, append([]any{names[i]}, args...)...)
		}
		setting := differ(h.Settings, here)
		switch {
		case h.Version != version:
			return wrong("the report was written by version %s of cupclint, and this is version %s: use one version for all", h.Version, version)
		case h.Shard.Of != first.Shard.Of:
			return wrong("the report is shard %s, and %s is shard %s: they are parts of different runs", h.Shard, names[0], first.Shard)
		case seen[h.Shard.Number] != "":
			return wrong("the report is shard %s, and so is %s: each shard must be there once", h.Shard, seen[h.Shard.Number])
		case setting != "":
			return wrong("the report was made under other settings (%s) than those of this command: use the same configuration and the same "+
				"flags for all shards and for the merge", setting)
		case differ(h.Settings, first.Settings) != "":
			return wrong("the report was made with other settings (%s) than %s: use the same for all shards",
				differ(h.Settings, first.Settings), names[0])
		case h.Names != first.Names || h.All != first.All:
			return wrong("shard %s found %d inputs, and shard %s found %d, or others: give all shards the same inputs, and write the reports to "+
				"a folder that is not one of them", h.Shard, h.All, first.Shard, first.All)
		}
		seen[h.Shard.Number] = names[i]
	}
	var missing []string
	own := 0
	for i := 1; i <= first.Shard.Of; i++ {
		if seen[i] == "" {
			missing = append(missing, Shard{i, first.Shard.Of}.String())
		}
	}
	for _, h := range heads {
		own += h.Own
	}
	switch {
	case len(missing) > 0:
		const most = 10
		more := ""
		if len(missing) > most {
			more = fmt.Sprintf(" and %d more", len(missing)-most)
			missing = missing[:most]
		}
		return fmt.Errorf("shards are missing: %s%s. Nothing is reported, because their inputs were not linted", strings.Join(missing, ", "),
			more)
	case own != first.All:
		return fmt.Errorf("the shards linted %d inputs of %d: the reports are not those of one run", own, first.All)
	}
	return nil
}
