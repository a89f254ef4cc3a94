package page

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"cupclint/docs"
	"cupclint/export"
	"cupclint/internal/diagnose"
	"cupclint/internal/lazy"
	"cupclint/internal/report"
	"cupclint/lint"
	"cupclint/resolve"
)

// A result is what came of a case, for the page.
type result struct {
	*diagnose.Result
	Verdict  string // error, warning or ok: how it looks
	Likely   bool   // there is a first cause that something speaks for
	Common   bool   // there are causes, and nothing but the complaint speaks for them
	First    *diagnose.Diagnosis
	Others   []*diagnose.Diagnosis
	Sealed   string
	Question *question
	Ticket   string
	Seen     []string // inputs
	Errors   []lint.InputError
	MoreErrs int
	Known    []knownAnswer
	Origins  []origin
	Findings []*finding
	More     int // findings beyond the bound
	Counts   lint.Counts
	Targets  []Target
	Probed   []string
	Subject  string
}

type question struct {
	*diagnose.Question
	Number  int
	Answers []choice
}

type knownAnswer struct {
	Question *diagnose.Question
	Word     string
	From     string
}

type finding struct {
	*lint.Finding
	Before, Marked, Rest string
	Place                string
	HasPage              bool
}

// Bounds of the page.
const (
	shownFindings = 100
	shownErrors   = 20
	shownOrigins  = 20
)

// diagnose answers the form.
func (h *handler) diagnose(v *view) error {
	f, err := v.read()
	if err != nil {
		return err
	}
	c, err := v.begin(f)
	if err != nil {
		return err
	}
	if err := v.take(c, f); err != nil {
		return err
	}
	if c.complaint == "" && len(c.in.Pastes)+len(c.in.Findings)+len(c.inputs) == 0 && len(c.in.Answers) == 0 {
		return v.fail(http.StatusBadRequest, v.T("error.empty"))
	}
	return v.show(c)
}

// begin gives the case that a form continues, or a new one.
func (v *view) begin(f *posted) (*caseFile, error) {
	if f.sealed == "" {
		return newCase(), nil
	}
	c, err := v.h.unseal(f.sealed)
	if err != nil {
		return nil, v.fail(http.StatusBadRequest, v.T("error.sealed"))
	}
	return c, nil
}

// show makes the page of a case.
func (v *view) show(c *caseFile) error {
	k := v.h.k
	judged := k.Judge(c.in)
	judged.Errors = c.errors
	r := &result{Result: judged, Seen: c.inputs, Probed: c.probed}
	r.Errors = c.errors[:min(len(c.errors), shownErrors)]
	r.MoreErrs = len(c.errors) - len(r.Errors)
	if n := len(judged.Causes); n > 0 {
		r.Common = !slices.ContainsFunc(judged.Causes, func(d diagnose.Diagnosis) bool { return len(d.For) > 0 })
		r.Likely = !r.Common
		for i := range judged.Causes {
			r.Others = append(r.Others, &judged.Causes[i])
		}
		if r.Likely {
			r.First, r.Others = r.Others[0], r.Others[1:]
		}
	}
	r.Verdict = "warning"
	if len(judged.Causes) == 0 && judged.Healthy {
		r.Verdict = "ok"
	}
	var err error
	if r.Sealed, err = v.h.seal(c); err != nil {
		return err
	}
	next := judged.Next
	if complaint := k.Complaint(c.complaint); complaint != nil && complaint.Asks != "" {
		if _, asked := c.in.Answers[complaint.Asks]; !asked {
			next = k.Question(complaint.Asks)
		}
	}
	if q := next; q != nil && len(c.in.Answers) < maxQuestions && r.Sealed != "" {
		r.Question = &question{q, len(c.in.Answers) + 1, v.answers(q)}
	}
	var ticket strings.Builder
	if err := judged.Ticket(&ticket, c.in, diagnose.Style{Paths: "exports/"}); err != nil {
		return err
	}
	r.Ticket = ticket.String()
	for i := range k.Questions {
		if a, ok := judged.Known[k.Questions[i].ID]; ok {
			r.Known = append(r.Known, knownAnswer{&k.Questions[i], a.Word, a.Where})
		}
	}
	r.origins(c.addresses)
	r.findings(c.in.Findings)
	if v.h.Probes != nil && r.Sealed != "" {
		r.Targets = v.h.Probes.Targets()
	}
	v.Kind, v.Result = "result", r
	v.Title = v.T("result.title")
	return nil
}

func (r *result) findings(list []lint.Finding) {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b lint.Finding) int { return int(b.Severity) - int(a.Severity) })
	for i := range sorted {
		f := &sorted[i]
		r.Counts.Add(f.Severity)
		if len(r.Findings) == shownFindings {
			r.More++
			continue
		}
		one := finding{Finding: f}
		one.Before, one.Marked, one.Rest = report.SourceLine(f)
		if _, err := docs.RulePageHTML(f.Rule); err == nil {
			one.HasPage = true
		}
		r.Findings = append(r.Findings, &one)
	}
}

// An origin is how one presence address comes about.
type origin struct {
	lint.AddressRow
	Lines []resolve.Line
	XMPP  bool
}

func (r *result) origins(rows []lint.AddressRow) {
	seen := make(map[lint.AddressRow]bool)
	for _, row := range rows {
		key := row
		key.File = ""
		if seen[key] || len(r.Origins) == shownOrigins {
			continue
		}
		seen[key] = true
		r.Origins = append(r.Origins, origin{row, resolve.Presence(row.Node, row.Domain).Explain(), row.Generation == string(resolve.XMPP)})
	}
}

// The texts of a cause in the language of the page.

// Short is the cause in one sentence.
func (v *view) Short(d *diagnose.Diagnosis) template.HTML {
	return v.said("cause."+d.ID+".short", d.Short)
}

// Degree is how well the cause fits.
func (v *view) Degree(d *diagnose.Diagnosis) string { return v.T("degree." + d.Degree()) }

// Fix is the title of a fix of the cause.
func (v *view) Fix(d *diagnose.Diagnosis, i int) template.HTML {
	return v.said("cause."+d.ID+".fix."+itoa(i+1), d.Fixes[i].Title)
}

// Who says who carries out a fix.
func (v *view) Who(who string) template.HTML { return v.mark(v.T("who." + who)) }

// Safety says how safe a fix is.
func (v *view) Safety(safety string) string { return v.T("safety." + safety) }

// Steps are the steps of a fix.
func (v *view) Steps(d *diagnose.Diagnosis, i int) []template.HTML {
	var out []template.HTML
	for n, step := range d.Fixes[i].Steps {
		out = append(out, v.said("cause."+d.ID+".fix."+itoa(i+1)+".step."+itoa(n+1), step))
	}
	return out
}

// Ask and Lookup are the texts of a question.
func (v *view) Ask(q *diagnose.Question) template.HTML { return v.said("question."+q.ID, q.Ask) }

// Lookup says where the answer is found.
func (v *view) Lookup(q *diagnose.Question) template.HTML {
	return v.said("question."+q.ID+".lookup", q.Lookup)
}

// Answer is the text of an answer.
func (v *view) Answer(q *diagnose.Question, word string) template.HTML {
	return v.said("answer."+q.ID+"."+word, q.Answers[word])
}

// pasteLine is the place of a line of the paste, as diagnose writes it.
var pasteLine = lazy.Pattern{Expr: `^line (\d+) of the paste$`}

// Where is the place of a piece of evidence.
func (v *view) Where(where string) string {
	if m := pasteLine.Get().FindStringSubmatch(where); m != nil {
		return v.T("where.paste", m[1])
	}
	if where == "seen live" {
		return v.T("where.live")
	}
	return report.Clean(where)
}

// Reason is a piece of evidence.
func (v *view) Reason(r diagnose.Reason) template.HTML {
	if q := v.h.k.Question(r.Question); q != nil {
		ask, _ := v.plain("question."+q.ID, q.Ask)
		answer, _ := v.plain("answer."+q.ID+"."+r.Word, q.Answers[r.Word])
		return v.mark(v.T("where.answer", ask, answer))
	}
	return template.HTML(template.HTMLEscapeString(v.Where(r.Where)+": ")) + v.English(r.Text) //nolint:gosec // escaped
}

// Place is where a finding is.
func (v *view) Place(f *lint.Finding) string {
	switch f.File {
	case "":
		return v.T("where.live")
	case export.Stdin:
		return v.T("where.paste", f.Line)
	}
	if f.Line == 0 {
		return report.Clean(f.File)
	}
	return report.Clean(f.File) + ":" + itoa(f.Line)
}

// MissedAt is the place of a line that no cause explains.
func (v *view) MissedAt(m diagnose.Missed) string {
	if m.File == "" || m.File == export.Stdin {
		return v.T("where.paste", m.Line)
	}
	return report.Clean(m.File) + ":" + itoa(m.Line)
}

// Message is the message of a finding as a sentence.
func (v *view) Message(f *lint.Finding) template.HTML {
	return v.English(report.Sentence(f.Message, f.Key))
}

// Command is the command of a check.
func (v *view) Command(c diagnose.Check) string { return c.Command("exports/") }

// Severity is the name of a severity.
func (v *view) Severity(s lint.Severity) string { return v.T("severity." + s.String()) }

// Why is why a cause has its effect.
func (v *view) Why(d *diagnose.Diagnosis) template.HTML { return v.said("cause."+d.ID+".why", d.Why) }
