package diagnose

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"cupclint/internal/report"
	"cupclint/lint"
)

// Style says how a diagnosis looks.
type Style struct {
	// Width is how many columns the terminal has; 0 breaks no line.
	Width int
	// Paths are the exports in the commands that are shown.
	Paths string
	// Short leaves out everything but the first lines.
	Short bool
	// Compact leaves out what does not fit on a screen of 25 lines: of the first cause come the first fix and check.
	Compact bool
	// Top is how many causes are shown whole; the others are named.
	Top int
	// Color marks headings and warnings.
	Color bool
}

// A Result is what came of a case.
type Result struct {
	Causes   []Diagnosis // all of them, in order
	RuledOut []Diagnosis
	Unused   []Missed
	Found    []lint.Finding
	Next     *Question
	// Silent says that nothing of the texts was understood, Healthy that they show no failure.
	Silent, Healthy bool
	Symptoms        []string
	// Known are answers that were taken from the exports and the pastes.
	Known map[string]Answer
	// Errors are inputs that could not be read or understood.
	Errors []lint.InputError
}

// Judge ranks the causes and gathers what else there is to say.
func (k *Knowledge) Judge(in Input) *Result {
	r := &Result{Causes: k.Rank(in), Unused: k.Unused(in), Next: k.Next(in), Silent: in.Silent(), Symptoms: in.shown(),
		Known: make(map[string]Answer)}
	r.Found = k.Found(in, r.Causes)
	r.RuledOut = k.ruledOut(in)
	failing, healthy := 0, 0
	for _, p := range in.Pastes {
		failing += p.Failing() + len(p.Findings)
		healthy += p.Healthy
	}
	r.Healthy = len(in.Pastes) > 0 && failing == 0 && healthy > 0
	for _, q := range k.Questions {
		if word, from := in.answer(q.ID); from != nil && word != "" {
			r.Known[q.ID] = *from
		}
	}
	return r
}

// ruledOut lists causes of the symptoms that clearly more speaks against than for.
func (k *Knowledge) ruledOut(in Input) []Diagnosis {
	var out []Diagnosis
	shown := in.shown()
	for i := range k.Causes {
		c := &k.Causes[i]
		if !slices.ContainsFunc(c.Symptoms, func(s string) bool { return slices.Contains(shown, s) }) {
			continue
		}
		d := Diagnosis{Cause: c, For: k.reasons(&in, c.Evidence), Against: append(k.reasons(&in, c.Against), k.absent(&in, c.Evidence)...)}
		weight := 0
		for _, r := range d.Against {
			weight += r.Weight
		}
		for _, r := range d.For {
			weight -= r.Weight
		}
		if weight >= 3 {
			out = append(out, d)
		}
	}
	return out
}

// safetyText puts the safety of a fix into words.
func safetyText(safety string) string {
	switch safety {
	case Safe:
		return "safe: changes nothing for others"
	case Careful:
		return "careful: affects others or needs a restart"
	}
	return "last resort: weakens security"
}

func (s *Style) paint(color, text string) string { return report.Paint(s.Color, color, text) }

// Write writes the result for a person: the short answer first.
func (r *Result) Write(w io.Writer, s Style) error {
	b := bufio.NewWriter(w)
	r.head(b, s)
	switch {
	case s.Short:
	case s.Compact:
		if len(r.Causes) > 0 && !r.common() {
			r.Causes[0].compact(b, s)
		}
		r.rest(b, s)
	default:
		for i := range r.Causes[:min(max(s.Top, 1), len(r.Causes))] {
			if !r.common() {
				r.Causes[i].write(b, i+1, s)
			}
		}
		r.rest(b, s)
	}
	return b.Flush()
}

// compact writes the first fix and the first check.
func (d *Diagnosis) compact(b *bufio.Writer, s Style) {
	fix := &d.Fixes[0]
	report.Wrap(b, "  at: ", fix.Page, s.Width)
	for n, step := range fix.Steps {
		report.Wrap(b, fmt.Sprintf("  %d. ", n+1), step, s.Width)
	}
	report.Wrap(b, "Check: ", d.Confirm[0].text(s.Paths), s.Width)
}

// common reports whether nothing but the symptom speaks for the causes.
func (r *Result) common() bool {
	return !slices.ContainsFunc(r.Causes, func(d Diagnosis) bool { return len(d.For) > 0 })
}

// head is the short answer.
func (r *Result) head(b *bufio.Writer, s Style) {
	switch {
	case r.Silent:
		report.Wrap(b, "", s.paint(report.Magenta,
			"Nothing in this text was understood")+", so there is no diagnosis. Answer the question below, or paste the error message in English, "+
			"German, French, Spanish, Portuguese, Italian, Japanese or Chinese, lines of the client's log, or the output of a command.", s.Width)
		return
	case len(r.Causes) == 0 && r.Healthy:
		report.Wrap(b, "", "The text shows no failure: every line that cupclint understands reports a normal state.", s.Width)
		return
	case len(r.Causes) == 0:
		report.Wrap(b, "", s.paint(report.Magenta,
			"No known cause fits.")+" For more, give --symptom, --answer, exports or a pasted Show Server Health.",
			s.Width)
		return
	case r.common():
		report.Wrap(b, "", s.paint(report.Magenta, "No evidence yet.")+" Frequent causes for "+r.subject()+", not a diagnosis:", s.Width)
		for i := range r.Causes[:min(3, len(r.Causes))] {
			report.Wrap(b, "  - ", r.Causes[i].Title, s.Width)
		}
		return
	}
	first := &r.Causes[0]
	if r.Healthy {
		report.Wrap(b, "", "The text itself shows no failure.", s.Width)
	}
	lead := "Most likely: "
	if first.Score < 5 {
		lead = "Possible: "
	}
	report.Wrap(b, s.paint(report.Bold, lead), s.paint(report.Bold, first.Short), s.Width)
	fix := first.Fixes[0]
	who := "you can do it"
	if fix.Who != "you" {
		who = "for the " + fix.Who
	}
	color := report.Green
	if fix.Safety != Safe {
		color = report.Magenta
	}
	report.Wrap(b, s.paint(report.Bold, "Now: "), fix.Title+" ("+who+"; "+s.paint(color, safetyText(fix.Safety))+").", s.Width)
	if len(first.For) > 0 {
		report.Wrap(b, s.paint(report.Bold, "Because: "), first.For[0].clean(), s.Width)
	}
}

func (r *Result) subject() string {
	if len(r.Symptoms) == 0 {
		return "this"
	}
	return strings.Join(r.Symptoms, ", ")
}

func (r *Reason) clean() string {
	if strings.HasPrefix(r.Where, "line ") {
		return report.Clean(r.Where + ": " + r.Text)
	}
	return report.Clean(r.Where + " " + r.Text)
}

// rest is what comes after the causes: the others, what was not used, and the question.
func (r *Result) rest(b *bufio.Writer, s Style) {
	shown := min(max(s.Top, 1), len(r.Causes))
	if r.common() {
		shown = min(3, len(r.Causes))
	}
	if others := r.Causes[shown:]; len(others) > 0 {
		var names []string
		for i := range others[:min(3, len(others))] {
			names = append(names, fmt.Sprintf("%s (%s)", strings.TrimSuffix(others[i].Short, "."), others[i].Degree()))
		}
		report.Wrap(b, "Other causes: ", strings.Join(names, "; ")+fmt.Sprintf(". All: --top %d.", len(r.Causes)), s.Width)
	}
	for i := range r.Unused[:min(5, len(r.Unused))] {
		u := &r.Unused[i]
		report.Wrap(b, s.paint(report.Magenta, "Not explained: "), report.Clean(place(u.File, u.Line)+": "+u.Text), s.Width)
	}
	if n := len(r.Unused) - 5; n > 0 {
		fmt.Fprintf(b, "Not explained: %d more lines (--format json lists them)\n", n)
	}
	for i := range r.Found[:min(5, len(r.Found))] {
		f := &r.Found[i]
		report.Wrap(b, "Also found: ", report.Clean(placeOf(f)+" "+f.Rule+": "+f.Message), s.Width)
	}
	if n := len(r.Found) - 5; n > 0 {
		fmt.Fprintf(b, "Also found: %d more findings (cupclint lint shows them)\n", n)
	}
	if r.Next != nil && !s.Compact {
		report.Wrap(b, "Next question: ",
			fmt.Sprintf("%s (%s) --answer %s=%s", r.Next.Ask, r.Next.Lookup, r.Next.ID, strings.Join(r.Next.Words(), "|")), s.Width)
	}
}

func (d *Diagnosis) write(b *bufio.Writer, number int, s Style) {
	fmt.Fprintln(b)
	report.Wrap(b, fmt.Sprintf("%d. ", number), fmt.Sprintf("%s (%s)", d.Title, d.Degree()), s.Width)
	report.Wrap(b, "   ", d.Why, s.Width)
	for i := range d.For {
		report.Wrap(b, "   fits:  ", d.For[i].clean(), s.Width)
	}
	for i := range d.Against {
		report.Wrap(b, "   but:   ", d.Against[i].clean(), s.Width)
	}
	if len(d.For) == 0 {
		report.Wrap(b, "   fits:  ", "no evidence yet, but a frequent cause", s.Width)
	}
	for _, c := range d.Confirm {
		report.Wrap(b, "   check: ", c.text(s.Paths), s.Width)
	}
	for _, f := range d.Fixes {
		report.Wrap(b, "   fix:   ", fmt.Sprintf("%s (%s; %s)", f.Title, f.Who, safetyText(f.Safety)), s.Width)
		report.Wrap(b, "          at: ", f.Page, s.Width)
		for n, step := range f.Steps {
			report.Wrap(b, fmt.Sprintf("          %d. ", n+1), step, s.Width)
		}
	}
	report.Wrap(b, "   source: ", strings.Join(d.Sources, "; "), s.Width)
	fmt.Fprintln(b)
}

// Ticket writes a text to paste into a ticket.
func (r *Result) Ticket(w io.Writer, in Input, s Style) error {
	b := bufio.NewWriter(w)
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintln(b, title)
		for _, l := range lines {
			report.Wrap(b, "  - ", report.Clean(l), s.Width)
		}
	}
	report.Wrap(b, "Complaint: ", r.subject(), s.Width)
	section("Seen:", seenLines(in))
	if len(r.Causes) == 0 || r.common() {
		report.Wrap(b, "Likely cause: ", "not known yet", s.Width)
	} else {
		first := &r.Causes[0]
		report.Wrap(b, "Likely cause: ", fmt.Sprintf("%s (%s)", first.Title, first.Degree()), s.Width)
		section("Evidence:", reasonLines(first.For))
		section("Against it:", reasonLines(first.Against))
		var checks []string
		for _, c := range first.Confirm {
			checks = append(checks, c.text(s.Paths))
		}
		section("Check before the change:", checks)
		for _, f := range first.Fixes {
			report.Wrap(b, fmt.Sprintf("To do (%s; %s): ", f.Who, safetyText(f.Safety)), f.Title, s.Width)
			section("  at "+f.Page, f.Steps)
		}
		var others []string
		for i := range r.Causes[1:min(4, len(r.Causes))] {
			others = append(others, fmt.Sprintf("%s (%s)", r.Causes[i+1].Title, r.Causes[i+1].Degree()))
		}
		section("If it is not that:", others)
	}
	var out []string
	for i := range r.RuledOut {
		out = append(out, r.RuledOut[i].Title+": "+r.RuledOut[i].Against[0].clean())
	}
	section("Ruled out:", out)
	var missed []string
	for i := range r.Unused[:min(10, len(r.Unused))] {
		missed = append(missed, place(r.Unused[i].File, r.Unused[i].Line)+": "+r.Unused[i].Text)
	}
	section("Not explained:", missed)
	if r.Next != nil {
		report.Wrap(b, "Open question: ", r.Next.Ask, s.Width)
	}
	return b.Flush()
}

func seenLines(in Input) []string {
	var out []string
	for _, p := range in.Pastes {
		for i := range p.Items {
			if it := &p.Items[i]; len(out) < 10 {
				if text := place(it.File, it.Line) + ": " + it.Message; len(out) == 0 || out[len(out)-1] != text {
					out = append(out, text)
				}
			}
		}
	}
	for i := range in.Findings {
		if f := &in.Findings[i]; len(out) < 15 && f.Severity == lint.Error {
			out = append(out, placeOf(f)+" "+f.Rule+": "+f.Message)
		}
	}
	return out
}

func reasonLines(list []Reason) []string {
	var out []string
	for i := range list {
		out = append(out, list[i].clean())
	}
	return out
}

// Command is the command of a check with the paths of the exports.
func (c *Check) Command(paths string) string { return strings.ReplaceAll(c.Run, "{paths}", paths) }

func (c *Check) text(paths string) string {
	s := c.Look
	if c.Run != "" {
		s = c.Command(paths)
	}
	if c.Confirms != "" {
		s += "; confirmed by " + c.Confirms
	}
	if c.RulesOut != "" {
		s += "; ruled out by " + c.RulesOut
	}
	return s
}

type jsonReason struct {
	Weight int    `json:"weight"`
	Where  string `json:"where"`
	Text   string `json:"text"`
}

type jsonDiagnosis struct {
	ID      string       `json:"id"`
	Title   string       `json:"title"`
	Short   string       `json:"short"`
	Score   int          `json:"score"`
	Degree  string       `json:"degree"`
	Why     string       `json:"why"`
	For     []jsonReason `json:"for"`
	Against []jsonReason `json:"against"`
	Confirm []Check      `json:"confirm"`
	Fixes   []Fix        `json:"fixes"`
	Sources []string     `json:"sources"`
}

type jsonKnown struct {
	Answer string `json:"answer"`
	Where  string `json:"where"`
	Text   string `json:"text"`
}

type jsonQuestion struct {
	ID      string            `json:"id"`
	Ask     string            `json:"ask"`
	Lookup  string            `json:"lookup"`
	Answers map[string]string `json:"answers"`
}

// WriteJSON writes one object: causes in order, at most top of them (0 for all), what was not used, what else was found, and the next
// question.
func (r *Result) WriteJSON(w io.Writer, top int, paths string) error {
	list := r.Causes
	if top > 0 {
		list = list[:min(len(list), top)]
	}
	out := struct {
		Causes     []jsonDiagnosis      `json:"causes"`
		Question   *jsonQuestion        `json:"question,omitempty"`
		Unused     []Missed             `json:"unused"`
		Found      []lint.Finding       `json:"found"`
		Known      map[string]jsonKnown `json:"known,omitempty"`
		Symptoms   []string             `json:"symptoms"`
		Understood bool                 `json:"understood"`
		Errors     []lint.InputError    `json:"errors,omitempty"`
	}{Causes: []jsonDiagnosis{}, Unused: r.Unused, Found: r.Found, Symptoms: append([]string{}, r.Symptoms...), Understood: !r.Silent,
		Errors: r.Errors}
	for i := range list {
		d := &list[i]
		j := jsonDiagnosis{
			ID: d.ID, Title: d.Title, Short: d.Short, Score: d.Score, Degree: d.Degree(), Why: d.Why, For: jsonReasons(d.For),
			Against: jsonReasons(d.Against),
			Fixes:   d.Fixes, Sources: d.Sources,
		}
		for _, c := range d.Confirm {
			c.Run = c.Command(paths)
			j.Confirm = append(j.Confirm, c)
		}
		out.Causes = append(out.Causes, j)
	}
	for id, a := range r.Known {
		if out.Known == nil {
			out.Known = make(map[string]jsonKnown)
		}
		out.Known[id] = jsonKnown{Answer: a.Word, Where: a.Where, Text: a.Text}
	}
	if q := r.Next; q != nil {
		out.Question = &jsonQuestion{q.ID, q.Ask, q.Lookup, q.Answers}
	}
	enc := json.NewEncoder(report.SafeJSON(w))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func jsonReasons(list []Reason) []jsonReason {
	out := make([]jsonReason, len(list))
	for i, r := range list {
		out[i] = jsonReason{r.Weight, r.Where, r.Text}
	}
	return out
}

// Write writes several causes in short: why each fits and its first fix.
func Write(w io.Writer, list []Diagnosis, s Style) error {
	b := bufio.NewWriter(w)
	for i := range list {
		d := &list[i]
		report.Wrap(b, fmt.Sprintf("%d. ", i+1), fmt.Sprintf("%s (%s)", d.Title, d.Degree()), s.Width)
		for j := range d.For {
			report.Wrap(b, "   fits: ", d.For[j].clean(), s.Width)
		}
		fix := &d.Fixes[0]
		report.Wrap(b, "   fix:  ", fmt.Sprintf("%s (%s; %s)", fix.Title, fix.Who, safetyText(fix.Safety)), s.Width)
		report.Wrap(b, "         at: ", fix.Page, s.Width)
		for n, step := range fix.Steps {
			report.Wrap(b, fmt.Sprintf("         %d. ", n+1), step, s.Width)
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}
