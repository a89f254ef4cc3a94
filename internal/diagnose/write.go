package diagnose

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/report"
)

// Style says how a diagnosis looks.
type Style struct {
	// Width is how many columns the terminal has; 0 breaks no line.
	Width int
	// Paths stand in commands for the exports at hand.
	Paths string
	// Short leaves out everything but the causes, why they fit and the first fix.
	Short bool
}

var safetyTexts = map[string]string{
	Safe: "safe: changes nothing for others", Careful: "careful: affects others or needs a restart", Last: "last resort: weakens security",
}

// Write writes causes for people.
func Write(w io.Writer, list []Diagnosis, s Style) error {
	b := bufio.NewWriter(w)
	if len(list) == 0 {
		fmt.Fprintln(b, "Nothing that is known here fits. Give --symptom, exports, a pasted Show Server Health or --answer for more.")
	}
	for i := range list {
		list[i].write(b, i+1, s)
	}
	return b.Flush()
}

func (d *Diagnosis) write(b *bufio.Writer, number int, s Style) {
	report.Wrap(b, fmt.Sprintf("%d. ", number), fmt.Sprintf("%s (%s)", d.Title, d.Degree()), s.Width)
	if !s.Short {
		report.Wrap(b, "   ", d.Why, s.Width)
	}
	for _, r := range d.For {
		report.Wrap(b, "   fits: ", report.Clean(r.Where+" "+r.Text), s.Width)
	}
	for _, r := range d.Against {
		report.Wrap(b, "   but:  ", report.Clean(r.Where+" "+r.Text), s.Width)
	}
	if len(d.For) == 0 {
		report.Wrap(b, "   fits: ", "nothing was found for it; it is common for this symptom", s.Width)
	}
	if !s.Short {
		for _, c := range d.Confirm {
			report.Wrap(b, "   check: ", c.text(s.Paths), s.Width)
		}
	}
	fixes := d.Fixes
	if s.Short {
		fixes = fixes[:1]
	}
	for _, f := range fixes {
		report.Wrap(b, "   fix:  ", fmt.Sprintf("%s (%s)", f.Title, safetyTexts[f.Safety]), s.Width)
		report.Wrap(b, "         at: ", f.Page, s.Width)
		for n, step := range f.Steps {
			report.Wrap(b, fmt.Sprintf("         %d. ", n+1), step, s.Width)
		}
	}
	if !s.Short {
		report.Wrap(b, "   source: ", strings.Join(d.Sources, "; "), s.Width)
	}
	fmt.Fprintln(b)
}

// Command is the command of a check for the exports at hand.
func (c *Check) Command(paths string) string { return strings.ReplaceAll(c.Run, "{paths}", paths) }

func (c *Check) text(paths string) string {
	if c.Look != "" {
		return c.Look
	}
	s := c.Command(paths)
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
	Score   int          `json:"score"`
	Degree  string       `json:"degree"`
	Why     string       `json:"why"`
	For     []jsonReason `json:"for"`
	Against []jsonReason `json:"against"`
	Confirm []Check      `json:"confirm"`
	Fixes   []Fix        `json:"fixes"`
	Sources []string     `json:"sources"`
}

// WriteJSON writes one object with the causes in order, and the next question where there is one.
func WriteJSON(w io.Writer, list []Diagnosis, next *Question, paths string) error {
	out := struct {
		Causes   []jsonDiagnosis `json:"causes"`
		Question *jsonQuestion   `json:"question,omitempty"`
	}{Causes: []jsonDiagnosis{}}
	for i := range list {
		d := &list[i]
		j := jsonDiagnosis{
			ID: d.ID, Title: d.Title, Score: d.Score, Degree: d.Degree(), Why: d.Why, For: jsonReasons(d.For), Against: jsonReasons(d.Against), Fixes: d.Fixes, Sources: d.Sources,
		}
		for _, c := range d.Confirm {
			c.Run = c.Command(paths)
			j.Confirm = append(j.Confirm, c)
		}
		out.Causes = append(out.Causes, j)
	}
	if next != nil {
		out.Question = &jsonQuestion{next.ID, next.Ask, next.Answers}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

type jsonQuestion struct {
	ID      string            `json:"id"`
	Ask     string            `json:"ask"`
	Answers map[string]string `json:"answers"`
}

func jsonReasons(list []Reason) []jsonReason {
	out := make([]jsonReason, len(list))
	for i, r := range list {
		out[i] = jsonReason(r)
	}
	return out
}
