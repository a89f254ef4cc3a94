package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// Input is what is known of a case.
type Input struct {
	// Symptoms are what is complained about; none leaves all causes in, as far as something speaks for them.
	Symptoms []string
	Findings []lint.Finding
	Health   []Item
	// Looked is what probes looked for to their end: evidence of it that is not among the findings speaks against its causes.
	Looked []Looked
	// Answers are words by question.
	Answers map[string]string
}

// A Looked is a rule that a probe looked for, and the key of the setting that named its target.
type Looked struct{ Rule, Key string }

// A Diagnosis is a cause with what speaks for it here.
type Diagnosis struct {
	*Cause
	Score   int
	For     []Reason
	Against []Reason
}

// A Reason is one piece of evidence that was found.
type Reason struct {
	Weight int
	// Where is a place in an export, a line of the paste, or the question.
	Where string
	// Text is what was found there.
	Text string
}

// Degree puts the score into words.
func (d *Diagnosis) Degree() string {
	switch {
	case d.Score >= 8:
		return "fits best"
	case d.Score >= 5:
		return "likely"
	}
	return "possible"
}

// Rank orders the causes of the case, the best fitting first. Causes of other symptoms are left out, as are those that more speaks against than
// for; without a symptom also those that nothing speaks for. Each piece of knowledge counts once, however many findings it matches.
func (k *Knowledge) Rank(in Input) []Diagnosis {
	var out []Diagnosis
	for i := range k.Causes {
		c := &k.Causes[i]
		if len(in.Symptoms) > 0 && !slices.ContainsFunc(c.Symptoms, func(s string) bool { return slices.Contains(in.Symptoms, s) }) {
			continue
		}
		d := Diagnosis{Cause: c, For: k.reasons(&in, c.Evidence), Against: append(k.reasons(&in, c.Against), k.absent(&in, c.Evidence)...)}
		if len(in.Symptoms) == 0 && len(d.For) == 0 {
			continue
		}
		d.Score = c.Prior
		for _, r := range d.For {
			d.Score += r.Weight
		}
		for _, r := range d.Against {
			d.Score -= r.Weight
		}
		if d.Score > 0 {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Diagnosis) int { return b.Score - a.Score })
	return out
}

// reasons finds what of the evidence there is, the weightiest first.
func (k *Knowledge) reasons(in *Input, evidence []Evidence) []Reason {
	var out []Reason
	for i := range evidence {
		if r, found := k.reason(in, &evidence[i]); found && in.concerns(&evidence[i]) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Reason) int { return b.Weight - a.Weight })
	return out
}

// absent finds evidence that was looked for and is not there. It tells half as much as its being there would, and nothing where another
// finding shows the cause: one rule is enough.
func (k *Knowledge) absent(in *Input, evidence []Evidence) []Reason {
	var out []Reason
	for i := range evidence {
		e := &evidence[i]
		if e.Rule == "" || !in.concerns(e) {
			continue
		}
		if _, found := k.reason(in, e); found {
			return nil
		}
		for _, l := range in.Looked {
			if l.Rule == e.Rule && hasPrefixFold(l.Key, e.Key) {
				out = append(out, Reason{Weight: (e.Weight + 1) / 2, Where: "seen live", Text: e.Rule + " was looked for and is not so"})
				break
			}
		}
	}
	return out
}

// concerns reports whether the evidence tells about what is complained about.
func (in *Input) concerns(e *Evidence) bool {
	return len(e.Symptoms) == 0 || len(in.Symptoms) == 0 || slices.ContainsFunc(e.Symptoms, func(s string) bool { return slices.Contains(in.Symptoms, s) })
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func (k *Knowledge) reason(in *Input, e *Evidence) (r Reason, found bool) {
	r.Weight = e.Weight
	switch {
	case e.Rule != "":
		for i := range in.Findings {
			f := &in.Findings[i]
			if f.Rule == e.Rule && hasPrefixFold(f.Key, e.Key) {
				r.Where, r.Text = place(f), f.Rule+": "+f.Message
				return r.with(e.Says), true
			}
		}
	case e.Health != nil:
		for i := range in.Health {
			if h := &in.Health[i]; e.Health.matches(h) {
				r.Where, r.Text = fmt.Sprintf("line %d of the paste", h.Line), h.Message
				return r.with(e.Says), true
			}
		}
	default:
		id, word, _ := strings.Cut(e.Answer, "=")
		if in.Answers[id] == word {
			r.Where, r.Text = k.spoken(id, word)
			return r.with(e.Says), true
		}
	}
	return r, false
}

// spoken is a question and the answer to it, for people. Load and CheckAnswer have proved that both are known.
func (k *Knowledge) spoken(id, word string) (where, text string) {
	q := &k.Questions[slices.IndexFunc(k.Questions, func(q Question) bool { return q.ID == id })]
	return fmt.Sprintf("your answer to %q:", q.Ask), q.Answers[word]
}

func (r Reason) with(says string) Reason {
	if says != "" {
		r.Text += " (" + says + ")"
	}
	return r
}

func place(f *lint.Finding) string {
	switch f.File {
	case "":
		return "seen live"
	case export.Stdin:
		return fmt.Sprintf("line %d of the paste", f.Line)
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// Clear says how far the first cause must be ahead for no more questions to be asked.
const clearLead = 4

// Next gives the question whose answers tell the best causes apart, or nil when the first is clear or no question would help.
func (k *Knowledge) Next(in Input) *Question {
	ranked := k.Rank(in)
	if len(ranked) < 2 || ranked[0].Score-ranked[1].Score >= clearLead {
		return nil
	}
	close := ranked[:min(len(ranked), 6)]
	var best *Question
	most := 0
	for i := range k.Questions {
		q := &k.Questions[i]
		if _, answered := in.Answers[q.ID]; answered {
			continue
		}
		if spread := q.spread(close); spread > most {
			best, most = q, spread
		}
	}
	return best
}

// spread is how far the answers drive the causes apart: over the answers, the difference between the most and the least that one adds to a cause.
func (q *Question) spread(causes []Diagnosis) int {
	total := 0
	for _, word := range q.Words() {
		low, high := 0, 0
		for _, d := range causes {
			n := 0
			for _, e := range d.Evidence {
				if e.Answer == q.ID+"="+word {
					n += e.Weight
				}
			}
			for _, e := range d.Cause.Against {
				if e.Answer == q.ID+"="+word {
					n -= e.Weight
				}
			}
			low, high = min(low, n), max(high, n)
		}
		total += high - low
	}
	return total
}

// Rules lists the rules that are evidence for a cause of the symptoms: those that a probe has to look for.
func (k *Knowledge) Rules(symptoms []string) map[string]bool {
	rules := make(map[string]bool)
	for _, c := range k.Causes {
		if len(symptoms) > 0 && !slices.ContainsFunc(c.Symptoms, func(s string) bool { return slices.Contains(symptoms, s) }) {
			continue
		}
		for _, e := range slices.Concat(c.Evidence, c.Against) {
			if e.Rule != "" {
				rules[e.Rule] = true
			}
		}
	}
	return rules
}
