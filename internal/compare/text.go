package compare

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"cupclint/internal/report"
	"cupclint/internal/report/group"
	"cupclint/lint"
)

// How much people are shown. The JSON form has all.
const (
	maxShown  = 200 // findings, or facts, of one part
	maxPlaces = group.FirstPlaces
)

// A Style says how the text looks.
type Style struct {
	Color, Quiet, All bool
	Width             int
}

// WriteJSON writes the whole result.
func (r *Result) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(report.SafeJSON(w))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(struct {
		*Result
		Summary summary `json:"summary"`
	}{r, r.summary()})
}

// summary counts what the result has.
type summary struct {
	New       lint.Counts `json:"new"`
	Gone      lint.Counts `json:"gone"`
	Changed   int         `json:"changed"`
	Unknown   int         `json:"unknown"`
	Unchanged int         `json:"unchanged"`
	Facts     int         `json:"facts"`
}

func (r *Result) summary() summary {
	return summary{r.NewCounts(), r.GoneCounts(), len(r.Changed), len(r.Unknown), r.Unchanged, len(r.Facts)}
}

// A told fault is one or many equal findings, as people read them.
type told struct {
	*lint.Finding
	Places []string
	// More is how many places are not listed, Where says in how many files and sites there are findings; empty for one.
	More  int
	Where string
	What  string // of a change
}

// tell groups equal findings of one part.
func (r *Result) tell(list []*Found) []told {
	var out []told
	at := make(map[group.Shape]int)
	sites := make(map[group.Shape]map[string]bool)
	files := make(map[group.Shape]map[string]bool)
	for _, f := range list {
		shape := group.ShapeOf(f.Finding)
		shape.Message = f.Severity.String() + shape.Message
		i, ok := at[shape]
		if !ok {
			i = len(out)
			at[shape], sites[shape], files[shape] = i, make(map[string]bool), make(map[string]bool)
			out = append(out, told{Finding: f.Finding})
		}
		if f.Site != "" {
			sites[shape][f.Site] = true
		}
		if place := placeOf(f.Finding); place != "" {
			files[shape][f.File] = true
			if len(out[i].Places) < maxPlaces {
				out[i].Places = append(out[i].Places, place)
			} else {
				out[i].More++
			}
		}
	}
	for shape, i := range at {
		if len(files[shape]) > 1 {
			out[i].Where = "in " + counted(len(files[shape]), "file")
			if n := len(sites[shape]); n > 1 {
				out[i].Where += " of " + counted(n, "site")
			}
		}
	}
	return out
}

func placeOf(f *lint.Finding) string {
	switch {
	case f.File == "":
		return ""
	case f.Line == 0:
		return report.Clean(f.File)
	}
	return fmt.Sprintf("%s:%d:%d", report.Clean(f.File), f.Line, f.Column)
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// in counts by severity: "2 findings (1 error, 1 warning)".
func in(c lint.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		name string
	}{{c.Error, "error"}, {c.Warning, "warning"}, {c.Info, "info"}} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, p.name))
		}
	}
	total := counted(c.AtLeast(lint.Info), "finding")
	if len(parts) == 0 {
		return total
	}
	return total + " (" + strings.Join(parts, ", ") + ")"
}

// A changedFact is a change of a fact, of one or many sites.
type changedFact struct {
	FactChange
	Sites int
}

// factsTold puts equal changes of many sites together.
func (r *Result) factsTold() []changedFact {
	var out []changedFact
	at := make(map[FactChange]int)
	for _, f := range r.Facts {
		key := f
		key.Site = ""
		if f.Name == "" || f.Site == "" {
			key = f
		}
		if i, ok := at[key]; ok {
			out[i].Sites++
			continue
		}
		at[key] = len(out)
		out = append(out, changedFact{f, 1})
	}
	slices.SortStableFunc(out, func(a, b changedFact) int { // what concerns many sites comes first
		return cmp.Or(cmp.Compare(min(b.Sites, 2), min(a.Sites, 2)), cmp.Compare(b.Sites, a.Sites))
	})
	return out
}

// About says what the fact is about.
func (c *changedFact) About() string {
	if c.Sites > 1 {
		return strings.TrimSpace(fmt.Sprintf("%d sites, first %s %s %s", c.Sites, c.Site, c.Area, c.Subject))
	}
	return cmp.Or(c.In(), "all exports")
}

// Says says what changed.
func (c *changedFact) Says() string {
	switch {
	case c.Name == "" && c.Change == added:
		return "only on the new side"
	case c.Name == "":
		return "only on the old side"
	case c.Secret:
		return c.Name + ": " + c.Change + " (a secret)"
	case c.Change == changed:
		return fmt.Sprintf("%s: from %s to %s", c.Name, quoted(c.Old), quoted(c.New))
	}
	return fmt.Sprintf("%s: %s %s", c.Name, quoted(cmp.Or(c.Old, c.New)), c.Change)
}

// quoted makes an empty value visible.
func quoted(s string) string {
	if s == "" || strings.TrimSpace(s) != s {
		return `"` + s + `"`
	}
	return s
}

type textWriter struct {
	*bufio.Writer
	Style
}

func (t *textWriter) paint(color, s string) string {
	return report.Paint(t.Color, color, s)
}

func (t *textWriter) severity(s lint.Severity) string {
	return t.paint([...]string{report.Blue, report.Magenta, report.Red}[s], s.String())
}

// WriteText writes the result for people.
func (r *Result) WriteText(w io.Writer, s Style) error {
	t := &textWriter{bufio.NewWriter(w), s}
	report.Wrap(t, "", fmt.Sprintf("From %s to %s", r.Old.describe(), r.New.describe()), t.Width)
	t.found("New", r.NewCounts(), r.tell(r.Appeared))
	t.found("Gone", r.GoneCounts(), r.tell(r.Gone))
	t.changes(r.Changed)
	t.facts(len(r.Facts), r.factsTold())
	t.unknown(r.Unknown)
	if !t.Quiet {
		t.WriteString("\n")
		for _, n := range r.Notes {
			report.Wrap(t, "Note: ", report.Clean(n), t.Width)
		}
		report.Wrap(t, "", r.Headline(), t.Width)
	}
	return t.Flush()
}

// describe names a side.
func (s *Side) describe() string {
	text := report.Clean(s.Name) + " ("
	if s.Exports > 0 {
		text += counted(s.Exports, "export") + ", "
	}
	text += counted(s.Counts.AtLeast(lint.Info), "finding")
	if !s.At.IsZero() {
		text += ", " + s.At.UTC().Format("2006-01-02 15:04 UTC")
	}
	return text + ")"
}

// Headline sums up in a line.
func (r *Result) Headline() string {
	s := r.summary()
	return fmt.Sprintf("%d new, %d gone, %d changed, %d unchanged; %s changed", s.New.AtLeast(lint.Info), s.Gone.AtLeast(lint.Info), s.Changed,
		s.Unchanged, counted(s.Facts, "fact"))
}

func (t *textWriter) found(title string, c lint.Counts, list []told) {
	if len(list) == 0 {
		return
	}
	t.WriteString("\n" + t.paint(report.Bold, title+": "+in(c)) + "\n")
	for i, f := range list {
		if i == maxShown && !t.All {
			fmt.Fprintf(t, "  and %s; --format json lists all\n", counted(len(list)-i, "more finding"))
			return
		}
		t.one(&f)
	}
}

func (t *textWriter) one(f *told) {
	fmt.Fprintf(t, "  %s %s %s\n", t.severity(f.Severity), t.paint(report.Bold, f.Rule), f.Name)
	if f.What != "" {
		report.Wrap(t, "    ", report.Clean(upper(f.What)), t.Width)
	}
	report.Wrap(t, "    ", report.Clean(upper(f.Message)), t.Width)
	if f.Where != "" {
		t.WriteString("    " + f.Where + "\n")
	}
	for _, p := range f.Places {
		t.WriteString("    " + p + "\n")
	}
	if f.More > 0 {
		fmt.Fprintf(t, "    and %s\n", counted(f.More, "more place"))
	}
}

// upper begins a sentence, unless its first word is a name.
func upper(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(first, `._"ABCDEFGHIJKLMNOPQRSTUVWXYZ`) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (t *textWriter) changes(list []*Changed) {
	if len(list) == 0 {
		return
	}
	t.WriteString("\n" + t.paint(report.Bold, "Changed: "+counted(len(list), "finding")) + "\n")
	for i, c := range list {
		if i == maxShown && !t.All {
			fmt.Fprintf(t, "  and %s; --format json lists all\n", counted(len(list)-i, "more finding"))
			return
		}
		f := c.told()
		t.one(&f)
	}
}

func (c *Changed) told() told {
	f := told{Finding: c.New, What: c.What}
	if p := placeOf(c.New); p != "" {
		f.Places = []string{p}
	}
	return f
}

func (t *textWriter) facts(n int, list []changedFact) {
	if len(list) == 0 {
		return
	}
	t.WriteString("\n" + t.paint(report.Bold, "Facts that changed: "+fmt.Sprint(n)) + "\n")
	about := ""
	for i, c := range list {
		if i == maxShown && !t.All {
			fmt.Fprintf(t, "  and %s; --format json lists all\n", counted(len(list)-i, "more fact"))
			return
		}
		if a := report.Clean(c.About()); a != about {
			about = a
			report.Wrap(t, "  ", a, t.Width)
		}
		report.Wrap(t, "    ", report.Clean(c.Says()), t.Width)
	}
}

func (t *textWriter) unknown(list []*Unknown) {
	if len(list) == 0 {
		return
	}
	t.WriteString("\n" + t.paint(report.Bold, "Not known: "+counted(len(list), "finding")) + "\n")
	for _, line := range unknownTold(list) {
		report.Wrap(t, "  ", line, t.Width)
	}
}

// unknownTold counts the findings by side and reason, a line each.
func unknownTold(list []*Unknown) []string {
	counts := make(map[[2]string]int)
	for _, u := range list {
		counts[[2]string{u.Side, u.Why}]++
	}
	var lines []string
	for _, k := range slices.SortedFunc(maps.Keys(counts),
		func(a, b [2]string) int { return cmp.Or(cmp.Compare(b[0], a[0]), cmp.Compare(a[1], b[1])) }) { // old before new
		lines = append(lines, fmt.Sprintf("%s of the %s side: %s", counted(counts[k], "finding"), k[0], report.Clean(k[1])))
	}
	return lines
}
