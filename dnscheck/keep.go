package dnscheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
	"cupclint/resolve"
)

// Kept is a run's observations in a form that can be kept as JSON and judged again: unlike that of AppendJSON, which is for people,
// nothing that Judge looks at is left out. A lookup that several subjects share is kept once.
type Kept []Observation

type keptRun struct {
	Lookups  []keptLookup  `json:"lookups"`
	Subjects []keptSubject `json:"subjects"`
}

type keptSubject struct {
	Name       string             `json:"name"`
	Kind       string             `json:"kind"`
	Uses       []keptUse          `json:"uses"`
	More       int                `json:"moreUses,omitempty"`
	Node       string             `json:"node,omitempty"`
	Domain     string             `json:"domain,omitempty"`
	Step       resolve.Step       `json:"step,omitempty"`
	Generation resolve.Generation `json:"generation,omitempty"`
	Routed     bool               `json:"routed,omitempty"`
	NotSent    string             `json:"notSent,omitempty"`
	Hosts      []HostsEntry       `json:"hostsFile,omitempty"`
	Steps      []keptStep         `json:"questions,omitempty"`
	Begun      bool               `json:"begun"`
	View       View               `json:"view,omitempty"`
}

type keptUse struct {
	Role         Role   `json:"role"`
	Rank         string `json:"rank,omitempty"`
	File         string `json:"file,omitempty"`
	Key          string `json:"key,omitempty"`
	Line         int    `json:"line,omitempty"`
	Column       int    `json:"column,omitempty"`
	EndLine      int    `json:"endLine,omitempty"`
	EndColumn    int    `json:"endColumn,omitempty"`
	Index        int    `json:"index,omitempty"`
	Source       string `json:"source,omitempty"`
	SourceColumn int    `json:"sourceColumn,omitempty"`
}

type keptStep struct {
	Why    string `json:"why"`
	Lookup int    `json:"lookup"` // place in keptRun.Lookups
}

type keptLookup struct {
	Name    string       `json:"name"`
	Type    string       `json:"type"`
	Answers []keptAnswer `json:"answers"`
}

type keptAnswer struct {
	Resolver string        `json:"resolver"`
	Outcome  string        `json:"outcome"`
	Rcode    int16         `json:"rcode"`
	AA       bool          `json:"authoritative,omitempty"`
	RA       bool          `json:"recursionAvailable,omitempty"`
	More     int32         `json:"moreRecords,omitempty"`
	Records  []keptRecord  `json:"records,omitempty"`
	Zone     string        `json:"zone,omitempty"`
	Attempts []keptAttempt `json:"attempts,omitempty"`
}

type keptRecord struct {
	Name string `json:"name"`
	TTL  uint32 `json:"ttl"`
	Type string `json:"type"`
	Data string `json:"data"`
}

type keptAttempt struct {
	Transport    string    `json:"transport"`
	End          string    `json:"end"`
	Microseconds uint32    `json:"microseconds"`
	Odd          *wire.Odd `json:"odd,omitempty"`
}

// MarshalJSON gives the form that UnmarshalJSON reads.
func (k Kept) MarshalJSON() ([]byte, error) {
	run := keptRun{Lookups: []keptLookup{}, Subjects: make([]keptSubject, len(k))}
	places := make(map[lookupKey]int)
	for i := range k {
		o := &k[i]
		s := keptSubject{
			Name: o.Name, Kind: o.Kind.String(), Uses: make([]keptUse, len(o.Uses)), More: o.More, Node: o.Node, Domain: o.NodeDomain,
			Step: o.Subject.Step, Generation: o.Generation, Routed: o.Routed, NotSent: o.NotSent, Hosts: o.Hosts, Begun: o.Begun, View: o.View,
		}
		for n, u := range o.Uses {
			p := u.Place
			s.Uses[n] = keptUse{u.Role, u.Rank, p.File, p.Key, p.Line, p.Column, p.EndLine, p.EndColumn, p.Index, p.Source, p.SourceColumn}
		}
		for _, step := range o.Steps() {
			key := keyOf(o, step.Lookup)
			at, known := places[key]
			if !known {
				at = len(run.Lookups)
				places[key] = at
				run.Lookups = append(run.Lookups, keepLookup(step.Lookup))
			}
			s.Steps = append(s.Steps, keptStep{step.Why.String(), at})
		}
		run.Subjects[i] = s
	}
	return json.Marshal(run)
}

// A lookupKey is the same for all who share a lookup.
type lookupKey struct {
	store  *store
	number uint32
	lookup *Lookup // of one without a number
}

func keyOf(o *Observation, l *Lookup) lookupKey {
	if l.number != 0 && o.store != nil {
		return lookupKey{store: o.store, number: l.number}
	}
	return lookupKey{lookup: l}
}

func keepLookup(l *Lookup) keptLookup {
	k := keptLookup{Name: l.Name, Type: typeName(l.Type), Answers: make([]keptAnswer, len(l.Answers))}
	for i := range l.Answers {
		a := &l.Answers[i]
		answer := keptAnswer{Resolver: a.Resolver, Outcome: a.Outcome.String(), Rcode: a.Rcode, AA: a.AA, RA: a.RA, More: a.More, Zone: a.Zone}
		for _, r := range a.Records {
			answer.Records = append(answer.Records, keptRecord{r.Name, r.TTL, typeName(r.Type), r.Data})
		}
		for _, t := range a.Attempts {
			answer.Attempts = append(answer.Attempts, keptAttempt{t.Transport.String(), t.End.String(), t.Microseconds, t.Odd})
		}
		k.Answers[i] = answer
	}
	return k
}

// UnmarshalJSON reads what MarshalJSON wrote. Unknown words for an outcome, type or kind are errors. So are questions without an answer and
// subjects without a use, because Judge needs both.
func (k *Kept) UnmarshalJSON(text []byte) error {
	var run keptRun
	if err := json.Unmarshal(text, &run); err != nil {
		return err
	}
	lookups := make([]*Lookup, len(run.Lookups))
	for i := range run.Lookups {
		l, err := run.Lookups[i].lookup()
		if err != nil {
			return fmt.Errorf("lookups[%d]: %w", i, err)
		}
		lookups[i] = l
	}
	out := make(Kept, len(run.Subjects))
	for i := range run.Subjects {
		if err := run.Subjects[i].observation(&out[i], lookups); err != nil {
			return fmt.Errorf("subjects[%d]: %w", i, err)
		}
	}
	*k = out
	return nil
}

// word finds the number of a word.
func word(kind, s string, words []string) (int, error) {
	if i := slices.Index(words, s); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("unknown %s %q", kind, s)
}

func (s *keptSubject) observation(o *Observation, lookups []*Lookup) error {
	kind, err := word("kind", s.Kind, kindNames[:])
	if err != nil {
		return err
	}
	if len(s.Uses) == 0 {
		return fmt.Errorf("nothing uses %q", s.Name)
	}
	o.Subject = &Subject{
		Name: s.Name, Kind: Kind(kind), More: s.More, Node: s.Node, NodeDomain: s.Domain, Step: s.Step, Generation: s.Generation,
		Routed: s.Routed,
	}
	for _, u := range s.Uses {
		o.Uses = append(o.Uses, Use{u.Role, u.Rank,
			Place{u.File, u.Key, u.Line, u.Column, u.EndLine, u.EndColumn, u.Index, u.Source, u.SourceColumn}})
	}
	o.NotSent, o.Hosts, o.Begun, o.View = s.NotSent, s.Hosts, s.Begun, s.View
	for _, step := range s.Steps {
		why, err := word("reason", step.Why, whyNames[:])
		if err != nil {
			return err
		}
		if step.Lookup < 0 || step.Lookup >= len(lookups) {
			return fmt.Errorf("there is no lookup %d", step.Lookup)
		}
		o.steps = append(o.steps, Step{Why(why), lookups[step.Lookup]})
	}
	return nil
}

func (k *keptLookup) lookup() (*Lookup, error) {
	t, err := typeOf(k.Type)
	if err != nil {
		return nil, err
	}
	if len(k.Answers) == 0 {
		return nil, fmt.Errorf("%q has no answer", k.Name)
	}
	l := &Lookup{Name: k.Name, Type: t, Answers: make([]Answer, len(k.Answers))}
	for i := range k.Answers {
		if err := k.Answers[i].answer(&l.Answers[i]); err != nil {
			return nil, fmt.Errorf("answers[%d]: %w", i, err)
		}
	}
	return l, nil
}

func (k *keptAnswer) answer(a *Answer) error {
	outcome, err := word("outcome", k.Outcome, outcomeNames[:])
	if err != nil {
		return err
	}
	*a = Answer{Resolver: k.Resolver, Outcome: Outcome(outcome), Rcode: k.Rcode, AA: k.AA, RA: k.RA, More: k.More, Zone: k.Zone}
	for _, r := range k.Records {
		t, err := typeOf(r.Type)
		if err != nil {
			return err
		}
		a.Records = append(a.Records, Record{r.Name, r.TTL, t, r.Data})
	}
	for _, t := range k.Attempts {
		transport, err := word("transport", t.Transport, wire.Transports())
		if err != nil {
			return err
		}
		end, err := word("end", t.End, wire.Ends())
		if err != nil {
			return err
		}
		a.Attempts = append(a.Attempts,
			wire.Attempt{Transport: wire.Transport(transport), End: wire.End(end), Microseconds: t.Microseconds, Odd: t.Odd})
	}
	return nil
}

// typeOf reads a record type as typeName writes it.
func typeOf(name string) (uint16, error) {
	if t, ok := dns.StringToType[name]; ok {
		return t, nil
	}
	if digits, ok := strings.CutPrefix(name, "TYPE"); ok { // RFC 3597, section 5
		if n, err := strconv.ParseUint(digits, 10, 16); err == nil {
			return uint16(n), nil
		}
	}
	return 0, fmt.Errorf("unknown record type %q", name)
}
