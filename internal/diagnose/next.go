package diagnose

import (
	"slices"
)

// Clear says how far the first cause must be ahead for no more questions to be asked.
const clearLead = 4

// minApart is how far a question must drive the best causes apart to be worth the time of the caller.
const minApart = 3

// Next gives the question whose answers separate the two best causes, or nil when the first is clear or no question would help.
func (k *Knowledge) Next(in Input) *Question {
	ranked := k.Rank(in)
	if len(ranked) == 0 && in.Silent() {
		return k.first(in)
	}
	if len(ranked) < 2 || ranked[0].Score-ranked[1].Score >= clearLead {
		return nil
	}
	close := ranked[:2] // those that an answer can bring to the top
	for len(close) < min(len(ranked), 6) && ranked[0].Score-ranked[len(close)].Score <= clearLead {
		close = ranked[:len(close)+1]
	}
	var best *Question
	most := 0
	for i := range k.Questions {
		q := &k.Questions[i]
		if word, from := in.answer(q.ID); word != "" || from != nil {
			continue
		}
		if _, asked := in.Answers[q.ID]; asked {
			continue
		}
		apart, spread := q.apart(&in, ranked[0].Cause, ranked[1].Cause), q.spread(&in, close)
		if total := 8*apart + spread; max(apart, spread) >= minApart && total > most {
			best, most = q, total
		}
	}
	return best
}

// first is the question to begin with where nothing is known.
func (k *Knowledge) first(in Input) *Question {
	for i := range k.Questions {
		if _, asked := in.Answers[k.Questions[i].ID]; !asked {
			return &k.Questions[i]
		}
	}
	return nil
}

// adds is what an answer adds to a cause.
func (q *Question) adds(in *Input, c *Cause, word string) int {
	n := 0
	for i := range c.Evidence {
		if e := &c.Evidence[i]; e.Answer == q.ID+"="+word && in.concerns(e) {
			n += e.Weight
		}
	}
	for i := range c.Against {
		if e := &c.Against[i]; e.Answer == q.ID+"="+word && in.concerns(e) {
			n -= e.Weight
		}
	}
	if q.ID == "version" && c.Generation != "" {
		if generation := (&Input{Answers: map[string]string{"version": word}}).generation(); generation != c.Generation {
			n -= 6 // it is left out
		}
	}
	return n
}

// apart is how far the answers drive two causes apart.
func (q *Question) apart(in *Input, a, b *Cause) int {
	total := 0
	for word := range q.Answers {
		n := q.adds(in, a, word) - q.adds(in, b, word)
		total += max(n, -n)
	}
	return total
}

// spread is how far the answers drive the causes apart: over the answers, the difference between the most and the least that one adds to a
// cause.
func (q *Question) spread(in *Input, causes []Diagnosis) int {
	total := 0
	for word := range q.Answers {
		low, high := 0, 0
		for _, d := range causes {
			n := q.adds(in, d.Cause, word)
			low, high = min(low, n), max(high, n)
		}
		total += high - low
	}
	return total
}

// Clear reports whether the first cause is so far ahead that nothing more has to be asked or probed.
func (k *Knowledge) Clear(in Input) bool {
	ranked := k.Rank(in)
	return len(ranked) > 0 && ranked[0].Score >= 8 && (len(ranked) == 1 || ranked[0].Score-ranked[1].Score >= clearLead)
}

// Separates reports which rules are evidence for or against one of the two best causes and not the other.
func (k *Knowledge) Separates(in Input) func(rule string) bool {
	ranked := k.Rank(in)
	return func(rule string) bool {
		switch {
		case len(ranked) == 0:
			return false
		case len(ranked) == 1:
			return ranked[0].wants(rule)
		}
		return ranked[0].wants(rule) != ranked[1].wants(rule)
	}
}

// Wanted reports which rules are evidence for a cause of the symptoms: those that a probe has to look for.
func (k *Knowledge) Wanted(symptoms []string) func(rule string) bool {
	return func(rule string) bool {
		for i := range k.Causes {
			c := &k.Causes[i]
			if len(symptoms) > 0 && !slices.ContainsFunc(c.Symptoms, func(s string) bool { return slices.Contains(symptoms, s) }) {
				continue
			}
			if c.wants(rule) {
				return true
			}
		}
		return false
	}
}

// wants reports whether the rule is evidence for the cause or against it.
func (c *Cause) wants(rule string) bool {
	for _, list := range [2][]Evidence{c.Evidence, c.Against} {
		if slices.ContainsFunc(list, func(e Evidence) bool { return e.Rule != "" && named(e.Rule, rule) }) {
			return true
		}
	}
	return false
}
