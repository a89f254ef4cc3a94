package lint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cupclint/export"
	"cupclint/resolve"
)

// placeJSON is the form of a Place in the report of a shard. The value is what the fingerprint is made of: never that of a secret.
type placeJSON struct {
	Index        int    `json:"index"`
	File         string `json:"file"`
	Line         int    `json:"line,omitempty"`
	Column       int    `json:"column,omitempty"`
	EndLine      int    `json:"endLine,omitempty"`
	EndColumn    int    `json:"endColumn,omitempty"`
	Key          string `json:"key,omitempty"`
	Source       string `json:"source,omitempty"`
	SourceColumn int    `json:"sourceColumn,omitempty"`
	Value        string `json:"value,omitempty"`
}

func (pl *Place) carry() placeJSON {
	return placeJSON{pl.Index, pl.File, pl.Line, pl.Column, pl.EndLine, pl.EndColumn, pl.Key, pl.Source, pl.SourceColumn, pl.value}
}

func (p *placeJSON) place() Place {
	return Place{Index: p.Index, File: p.File, Line: p.Line, Column: p.Column, EndLine: p.EndLine, EndColumn: p.EndColumn, Key: p.Key,
		Source: p.Source, SourceColumn: p.SourceColumn, value: p.Value}
}

// MarshalJSON gives the form for the report of a shard. The rule of the place is not in it: see By.
func (pl Place) MarshalJSON() ([]byte, error) { return json.Marshal(pl.carry()) }

// UnmarshalJSON reads what MarshalJSON gave.
func (pl *Place) UnmarshalJSON(data []byte) error {
	var p placeJSON
	err := json.Unmarshal(data, &p)
	*pl = p.place()
	return err
}

// By returns the place as one that the rule asked for.
func (pl Place) By(r *Rule) Place {
	pl.rule = r
	return pl
}

// A CarriedGroup is the facts that joined rules need of one folder, archive or deployment, in the report of a shard.
type CarriedGroup struct {
	ID      string          `json:"group"`
	Exports int             `json:"exports"`
	Members []carriedMember `json:"members"`
}

type carriedMember struct {
	File       string             `json:"file"`
	Index      int                `json:"index"`
	Exports    int                `json:"exports"`
	Server     bool               `json:"server,omitempty"`
	Client     bool               `json:"client,omitempty"`
	Evidence   bool               `json:"evidence,omitempty"`
	Generation resolve.Generation `json:"generation"`
	Format     string             `json:"format"`
	Facts      []carriedFact      `json:"facts"`
}

// A carriedFact has the fields of a place but the index and the file, which all facts of a member share.
type carriedFact struct {
	ID           export.KeyID `json:"id"`
	N            int          `json:"n,omitempty"`
	Fact         string       `json:"fact"`
	Line         int          `json:"line,omitempty"`
	Column       int          `json:"column,omitempty"`
	EndLine      int          `json:"endLine,omitempty"`
	EndColumn    int          `json:"endColumn,omitempty"`
	Key          string       `json:"key,omitempty"`
	Source       string       `json:"source,omitempty"`
	SourceColumn int          `json:"sourceColumn,omitempty"`
	Value        string       `json:"value,omitempty"`
}

func (gr *group) carry(id string) *CarriedGroup {
	c := &CarriedGroup{ID: id, Exports: gr.exports, Members: make([]carriedMember, 0, len(gr.members))}
	for _, m := range sortedMembers(gr) {
		cm := carriedMember{File: m.File, Index: m.index, Exports: m.Exports, Server: m.Server, Client: m.Client, Evidence: m.Evidence,
			Generation: resolve.XMPP, Format: m.Format.String(), Facts: make([]carriedFact, len(m.facts))}
		if m.SIP {
			cm.Generation = resolve.SIP
		}
		for i := range m.facts {
			f, pl := &m.facts[i], &m.facts[i].Place
			cm.Facts[i] = carriedFact{f.Key, f.N, f.Value, pl.Line, pl.Column, pl.EndLine, pl.EndColumn, pl.Key, pl.Source, pl.SourceColumn,
				pl.value}
		}
		c.Members = append(c.Members, cm)
	}
	return c
}

// receive adds the group of a part, under the signatures that its members had there.
func (g *gatherer) receive(c *CarriedGroup) error {
	gr := &group{policy: g.policy, exports: c.Exports, members: make(map[string]*Member, len(c.Members))}
	gr.name = c.ID[min(1, len(c.ID)):]
	for i := range g.policy.deployments {
		if n := &g.policy.deployments[i]; c.ID == "d"+n.name {
			gr.named = n
		}
	}
	for i := range c.Members {
		cm := &c.Members[i]
		format, err := export.ParseFormat(cm.Format)
		if err != nil {
			return fmt.Errorf("a member of the group %q: %w", c.ID, err)
		}
		m := &Member{File: cm.File, index: cm.Index, Exports: cm.Exports, Server: cm.Server, Client: cm.Client, Evidence: cm.Evidence,
			SIP: cm.Generation == resolve.SIP, Format: format, facts: make([]Fact, len(cm.Facts))}
		s := newSignature(g.text, format, cm.Generation, cm.Server || cm.Evidence)
		if cm.Evidence {
			s = append(s, cm.File...)
		}
		for j := range cm.Facts {
			f := &cm.Facts[j]
			s = signFact(s, f.ID, f.N, f.Fact)
			m.facts[j] = Fact{Key: f.ID, N: f.N, Value: g.share(f.Fact), Place: Place{
				Index: cm.Index, File: cm.File, Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn,
				Key: g.share(f.Key), Source: g.share(f.Source), SourceColumn: f.SourceColumn, value: g.share(f.Value),
			}}
		}
		g.text = s
		gr.members[string(s)] = m
	}
	g.merge(&gatherer{groups: map[string]*group{c.ID: gr}})
	return nil
}

// carriedComments returns the suppressions in comments with what they silenced.
func (f *Filter) carriedComments() []CarriedComment {
	var list []CarriedComment
	f.comments.mu.RLock()
	defer f.comments.mu.RUnlock()
	for _, file := range slices.Sorted(maps.Keys(f.comments.file)) {
		for _, c := range f.comments.file[file] {
			cc := CarriedComment{Comment: c.Comment}
			for i := range c.used {
				if c.used[i].Load() {
					cc.Used = append(cc.Used, c.Rules[i])
				}
			}
			list = append(list, cc)
		}
	}
	return list
}

// receive takes over what another part knows of the suppressions.
func (f *Filter) receive(h *Head) {
	for _, i := range h.Used {
		if i >= 0 && i < len(f.state) {
			f.state[i].used.Store(true)
		}
	}
	for _, i := range h.Reached {
		if i >= 0 && i < len(f.state) {
			f.state[i].reached.Store(true)
		}
	}
	for i := range h.Comments {
		c := &h.Comments[i]
		f.AddComments(c.Comment)
		of := f.comments.file[c.File]
		last := of[len(of)-1]
		for k, rule := range c.Rules {
			last.used[k].Store(slices.Contains(c.Used, rule))
		}
	}
}
