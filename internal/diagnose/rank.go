package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/fold"
	"cupclint/lint"
)

// Input is what is known of a case.
type Input struct {
	// Symptoms are what is complained about; without any, those of the pastes and all that something speaks for are looked at.
	Symptoms []string
	Findings []lint.Finding
	Pastes   []*Paste
	// Looked is what probes looked for to their end: evidence of it that is not among the findings speaks against its causes.
	Looked []Looked
	// Answers are words by question. What was not answered is taken from Facts, then from the pastes.
	Answers map[string]string
	// Facts are answers that the exports give.
	Facts map[string]Answer

	symptoms []string // shown, once it is worked out
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
	// Question and Word are set if a person answered a question.
	Question, Word string
	rule           string // of the finding, if it is one
	said           bool   // it is an answer
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

// answer gives the word that answers a question, and where it is from: empty if a person gave it.
func (in *Input) answer(question string) (word string, from *Answer) {
	if word, given := in.Answers[question]; given {
		return word, nil
	}
	if a, ok := in.Facts[question]; ok {
		return a.Word, &a
	}
	for _, p := range in.Pastes {
		if a, ok := p.Answers[question]; ok {
			return a.Word, &a
		}
	}
	return "", nil
}

// generation is that of the client, empty where it is not known.
func (in *Input) generation() string {
	switch word, _ := in.answer("version"); word {
	case "1.2", "7":
		return sip
	case "8", "jabber":
		return xmpp
	}
	return ""
}

// shown are the symptoms that count: the given ones, else those of the pastes.
func (in *Input) shown() []string {
	if len(in.Symptoms) > 0 {
		return in.Symptoms
	}
	if in.symptoms != nil {
		return in.symptoms
	}
	out := []string{}
	for _, p := range in.Pastes {
		for _, s := range p.Symptoms() {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	in.symptoms = out
	return out
}

// Silent reports whether texts were given and nothing in them, and nothing else, was understood.
func (in *Input) Silent() bool {
	if len(in.Pastes) == 0 || len(in.Findings)+len(in.Facts)+len(in.Answers)+len(in.Looked) > 0 {
		return false
	}
	return !slices.ContainsFunc(in.Pastes, (*Paste).Understood)
}

// Rank orders the causes of the case, the best fitting first. Causes of other symptoms and of the other generation are left out, as are
// those with more evidence against than for them; without a symptom also those that nothing speaks for. Each piece of knowledge counts
// once, however many findings it matches. Where texts were given and nothing was understood, there are none: common causes are not a
// diagnosis.
func (k *Knowledge) Rank(in Input) []Diagnosis {
	if in.Silent() {
		return nil
	}
	var out []Diagnosis
	in.symptoms = nil // the pastes may have grown
	shown, generation := in.shown(), in.generation()
	for i := range k.Causes {
		c := &k.Causes[i]
		touched := slices.ContainsFunc(c.Symptoms, func(s string) bool { return slices.Contains(shown, s) })
		if !touched && len(in.Symptoms) > 0 || c.Generation != "" && generation != "" && c.Generation != generation {
			continue
		}
		d := Diagnosis{Cause: c, For: k.reasons(&in, c.Evidence), Against: append(k.reasons(&in, c.Against), k.absent(&in, c.Evidence)...)}
		if !touched && !seen(d.For) {
			continue
		}
		d.Score = c.prior(shown)
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

// seen reports whether there is more than answers: they fit many causes.
func seen(list []Reason) bool {
	return slices.ContainsFunc(list, func(r Reason) bool { return !r.said && r.Weight > 1 })
}

// prior is how common the cause is for what is complained about.
func (c *Cause) prior(symptoms []string) int {
	if len(symptoms) == 0 {
		return c.Prior
	}
	most := 0
	for _, s := range symptoms {
		if !slices.Contains(c.Symptoms, s) {
			continue
		}
		n, set := c.Priors[s]
		if !set {
			n = c.Prior
		}
		most = max(most, n)
	}
	return most
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

// absent finds evidence that was looked for and is not there. It counts half as much as evidence that is there, and nothing if another
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
			if l.Rule == e.Rule && fold.HasPrefix(l.Key, e.Key) {
				out = append(out, Reason{Weight: (e.Weight + 1) / 2, Where: "seen live", Text: e.Rule + " was looked for and not found"})
				break
			}
		}
	}
	return out
}

// concerns reports whether the evidence belongs to the complaint.
func (in *Input) concerns(e *Evidence) bool {
	shown := in.shown()
	return len(e.Symptoms) == 0 || len(shown) == 0 || slices.ContainsFunc(e.Symptoms, func(s string) bool { return slices.Contains(shown, s) })
}

// named reports whether a rule is the one that is named, or one of those that begin so.
func named(pattern, rule string) bool {
	stem, all := strings.CutSuffix(pattern, "*")
	return pattern == rule || all && strings.HasPrefix(rule, stem)
}

func (k *Knowledge) reason(in *Input, e *Evidence) (r Reason, found bool) {
	r.Weight = e.Weight
	switch {
	case e.Rule != "":
		best := -1
		for i := range in.Findings {
			f := &in.Findings[i]
			if named(e.Rule, f.Rule) && (fold.HasPrefix(f.Key, e.Key) || f.Key == "" && f.File == export.Stdin) &&
				(best < 0 || f.Severity > in.Findings[best].Severity) {
				best = i
			}
		}
		if best < 0 {
			return r, false
		}
		f := &in.Findings[best]
		if f.Severity == lint.Info {
			r.Weight = 1
		}
		r.Where, r.Text, r.rule = placeOf(f), f.Rule+": "+f.Message, f.Rule
		return r.with(e.Says), true
	case e.Sign != "":
		for _, p := range in.Pastes {
			for i := range p.Items {
				if it := &p.Items[i]; in.shows(it, e) {
					r.Where, r.Text = place(it.File, it.Line), it.Message
					return r.with(e.Says), true
				}
			}
		}
	default:
		id, word, _ := strings.Cut(e.Answer, "=")
		if got, from := in.answer(id); got == word {
			where, text := k.spoken(id, word)
			if from != nil {
				where, text = from.Where, from.Text
			} else {
				r.Question, r.Word = id, word
			}
			r.Where, r.Text, r.said = where, text, true
			return r.with(e.Says), true
		}
	}
	return r, false
}

// shows reports whether the line is that piece of evidence. A line that names no service is about the one symptom that is known.
func (in *Input) shows(it *Item, e *Evidence) bool {
	is := false
	for sign := range strings.SplitSeq(e.Sign, "|") {
		is = is || slices.Contains(it.Signs, sign)
	}
	if !is || e.Service == "" {
		return is
	}
	name := it.Name
	if name == "" && len(in.Symptoms) == 1 {
		name = serviceOf(in.Symptoms[0])
	}
	for service := range strings.SplitSeq(e.Service, "|") {
		if service == name || service == "none" && it.Name == "" {
			return true
		}
	}
	return false
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

func placeOf(f *lint.Finding) string {
	switch f.File {
	case "":
		return "seen live"
	case export.Stdin:
		return fmt.Sprintf("line %d of the paste", f.Line)
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// A Missed is a line that says that something fails and that no cause knows.
type Missed struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// maxMissed bounds the list of missed lines.
const maxMissed = 200

// Unused lists the lines that say that something fails and that are evidence for no cause, whatever the symptom.
func (k *Knowledge) Unused(in Input) []Missed {
	out := []Missed{}
	for _, p := range in.Pastes {
		for i := range p.Items {
			it := &p.Items[i]
			if it.Hint || it.Quiet || len(out) >= maxMissed || k.knows(&in, it) || k.reports(&in, it) {
				continue
			}
			if n := len(out); n > 0 && out[n-1].Line == it.Line && out[n-1].File == it.File {
				continue
			}
			out = append(out, Missed{File: it.File, Line: it.Line, Text: it.Message})
		}
	}
	return out
}

// reports finds whether a finding that counts is about the line: then a cause has it, or the list of findings.
func (k *Knowledge) reports(in *Input, it *Item) bool {
	shown := in.shown()
	return slices.ContainsFunc(in.Findings, func(f lint.Finding) bool {
		return f.Line == it.Line && (f.File == it.File || f.File == export.Stdin && it.File == "") && k.touches(&f, shown)
	})
}

// knows reports whether the line is evidence for any cause of the client's generation, or against one. What only fits does not count, and
// neither does what speaks against a cause whatever the line is about: it explains nothing.
func (k *Knowledge) knows(in *Input, it *Item) bool {
	generation := in.generation()
	for i := range k.Causes {
		if c := &k.Causes[i]; c.Generation != "" && generation != "" && c.Generation != generation {
			continue
		}
		for n, list := range [2][]Evidence{k.Causes[i].Evidence, k.Causes[i].Against} {
			for j := range list {
				e := &list[j]
				if n == 1 && e.Service == "" && it.Name != "" {
					continue
				}
				if e.Sign != "" && in.shows(it, e) && (e.Weight > 1 || it.Name != "" && e.Service != "") {
					return true
				}
			}
		}
	}
	return false
}

// Found lists the findings that touch the symptoms and speak for or against none of the ranked causes, the most severe first.
func (k *Knowledge) Found(in Input, ranked []Diagnosis) []lint.Finding {
	used := make(map[string]bool)
	for i := range ranked {
		for _, list := range [2][]Reason{ranked[i].For, ranked[i].Against} {
			for _, r := range list {
				used[r.rule] = true
			}
		}
	}
	shown := in.shown()
	out := []lint.Finding{}
	for _, f := range in.Findings {
		if !used[f.Rule] && k.touches(&f, shown) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return int(b.Severity) - int(a.Severity) })
	return out
}

// touches reports whether a finding touches one of the symptoms; without symptoms all do.
func (k *Knowledge) touches(f *lint.Finding, symptoms []string) bool {
	if len(symptoms) == 0 {
		return true
	}
	for _, t := range k.Touches {
		if strings.HasPrefix(f.Rule, t.Rule) && fold.HasPrefix(f.Key, t.Key) {
			return slices.ContainsFunc(t.Symptoms, func(s string) bool { return slices.Contains(symptoms, s) })
		}
	}
	return false
}
