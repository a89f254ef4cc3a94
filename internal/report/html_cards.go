package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/report/group"
	"cupclint/lint"
)

// severities are in the order of a report.
var severities = [...]lint.Severity{lint.Error, lint.Warning, lint.Info}

// A pageArea is a part of the deployment with its faults, the worst first.
type pageArea struct {
	ID, Title string
	Counts    lint.Counts // of findings
	Cards     []*card
	More      int // faults without a card
	Beyond    int // cards that paper has no room for

	levels [3][]group.Told
	lost   int // beyond the bound of a level
	told   []group.Told
}

// add counts a fault and keeps it where the page has room for its weight. One that was found in many places takes the room of one that was
// found once.
func (a *pageArea) add(t group.Told) {
	kept := *t.Finding
	t.Finding = &kept
	n := 1
	if t.Group != nil {
		n = t.Group.Findings
	}
	a.Counts = plus(a.Counts, t.Severity, n)
	level := &a.levels[t.Severity]
	if len(*level) == maxPageCards {
		a.lost++
		last := maxPageCards - 1
		for last >= 0 && (*level)[last].Group != nil {
			last--
		}
		if t.Group == nil || last < 0 {
			return
		}
		*level = slices.Delete(*level, last, last+1)
	}
	*level = append(*level, t)
}

func plus(c lint.Counts, s lint.Severity, n int) lint.Counts {
	switch s {
	case lint.Error:
		c.Error += n
	case lint.Warning:
		c.Warning += n
	default:
		c.Info += n
	}
	return c
}

// choose takes the faults of a severity for which there is room, and says how many.
func (a *pageArea) choose(s lint.Severity, room int) int {
	level := a.levels[s]
	n := min(len(level), room, maxPageCards-len(a.told))
	a.told = append(a.told, level[:n]...)
	a.More += len(level) - n
	if s == lint.Info {
		a.More += a.lost
	}
	return n
}

// A card is a fault as the page tells it: once, with all of its places.
type card struct {
	*lint.Finding
	Number               int
	Place                string
	Before, Marked, Rest string // the source line, cut at the mark
	HasRule              bool
	// Where says how often and where the fault was found; empty for once.
	Where string
	// First are the first places of several, Lists all of them, and More counts those that the page has no room for.
	First []string
	Lists []placeList
	All   int
	More  int
	// Beyond says that paper has no room for the card.
	Beyond bool

	rule  *lint.Rule // nil for one that the report does not know
	group *group.Group
}

// Plain says in a sentence what is wrong, for those who do not know the setting.
func (c *card) Plain() string {
	if c.rule == nil || c.rule.Summary == "" {
		return sentence(brief(c.Name), "")
	}
	return sentence(brief(c.rule.Summary), "")
}

// Brief and FixBrief are message and fix as the summary has room for them.
func (c *card) Brief() string { return sentence(brief(c.Message), c.Key) }

// FixBrief is described with Brief.
func (c *card) FixBrief() string { return brief(c.Fix) }

// Varies says that the message is only that of the first finding.
func (c *card) Varies() bool { return c.group != nil && c.group.Vary }

// maxBrief is what the summary shows of a text, in characters.
const maxBrief = 280

func brief(s string) string {
	runes := []rune(s[:min(len(s), 4*maxBrief)])
	if len(runes) <= maxBrief {
		return s
	}
	s = string(runes[:maxBrief])
	if at := strings.LastIndexByte(s, ' '); at > maxBrief/2 {
		s = s[:at]
	}
	return strings.TrimRight(s, " ,.;:") + "…"
}

// A placeList is the places of a fault in one site.
type placeList struct {
	Site string
	N    int
	// At is the line and column where all places have the same; Text has the files.
	At, Text string
}

func (p *page) card(t group.Told) *card {
	f := t.Finding
	c := &card{Finding: f, group: t.Group}
	if f.File != "" {
		c.Place = position(p.file(f.File), f.Line, f.Column)
	}
	c.Before, c.Marked, c.Rest = SourceLine(f)
	if t.Group != nil {
		c.Where = where(t.Group)
		p.addPlaces(c, t.Group)
	}
	return c
}

// SourceLine is the line of a finding for a page, cut at what must be marked. All three are empty where the finding has no line.
func SourceLine(f *lint.Finding) (before, marked, rest string) {
	if f.Source == "" {
		return "", "", ""
	}
	line := []rune(f.Source)
	from := min(max(0, f.Column-f.SourceColumn), len(line))
	to := len(line)
	switch {
	case strings.HasPrefix(string(line[from:]), export.Mask):
		to = from + len(export.Mask) // a secret: the mask stands for it, whatever its length
	case f.EndLine <= f.Line:
		to = min(max(from, from+f.EndColumn-f.Column), len(line))
	}
	return Clean(string(line[:from])), Clean(string(line[from:to])), Clean(string(line[to:]))
}

// where says how often a fault was found: "in 601 exports of 20 sites".
func where(g *group.Group) string {
	if g.Files == 0 {
		return numbered(g.Findings, "time")
	}
	s := "in " + numbered(g.Files, "export")
	if len(g.Sites) > 1 {
		s += " of " + numbered(len(g.Sites), "site")
	}
	if g.Findings > g.Files {
		s += ", " + numbered(g.Findings, "place")
	}
	return s
}

// addPlaces lists the places of a group by site, as far as the page has room for them.
func (p *page) addPlaces(c *card, g *group.Group) {
	c.All = g.Findings
	lists := map[string]*[]group.Place{}
	var order []string
	for i, pl := range g.Places {
		if i < group.FirstPlaces {
			c.First = append(c.First, p.placeOf(pl, "", false, g.Places[0].Words))
		}
		site := p.sites.Of(pl.File)
		if lists[site] == nil {
			lists[site] = new([]group.Place)
			order = append(order, site)
		}
		*lists[site] = append(*lists[site], pl)
	}
	listed := 0
	for _, site := range order {
		places := *lists[site]
		l := placeList{Site: site, N: len(places)}
		same := len(places) > 1 && places[0].Line > 0 && !slices.ContainsFunc(places, func(pl group.Place) bool {
			return pl.Line != places[0].Line || pl.Column != places[0].Column
		})
		if same {
			l.At = fmt.Sprintf("line %d, column %d", places[0].Line, places[0].Column)
		}
		var b strings.Builder
		for _, pl := range places {
			text := p.placeOf(pl, site, same, g.Places[0].Words)
			if p.room -= len(text) + 2; p.room < 0 {
				break
			}
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(text)
			listed++
		}
		if l.Text = b.String(); l.Text != "" {
			c.Lists = append(c.Lists, l)
		}
	}
	c.More = g.Findings - listed
}

// placeOf writes a place: below the folder of its site, without its line where that is said once, and with the names in its message that
// are not those of the first.
func (p *page) placeOf(pl group.Place, site string, same bool, first []string) string {
	name := p.file(pl.File)
	if site != "" {
		if _, rest, ok := strings.Cut("/"+name, "/"+site+"/"); ok {
			name = rest
		}
	}
	text := Clean(name)
	if !same {
		text = position(name, pl.Line, pl.Column)
	}
	if name == "" {
		text = ""
	}
	var own []string
	for i, word := range pl.Words {
		if (i >= len(first) || first[i] != word) && !slices.Contains(own, word) {
			own = append(own, word)
		}
	}
	if len(own) > 0 {
		text = strings.TrimSpace(text + " (" + Clean(strings.Join(own, ", ")) + ")")
	}
	return text
}

// What paper and the summary have room for.
const (
	paperCards = 40
	topCards   = 5
)

// rank finds the faults that are named in the summary, and those that paper has no room for: the heaviest first, then those of the most
// sites and exports.
func (p *page) rank(all []*card) {
	spread := func(c *card) (sites, files int) {
		if c.group == nil {
			return 1, 1
		}
		return max(1, len(c.group.Sites)), max(1, c.group.Files)
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b *card) int {
		aSites, aFiles := spread(a)
		bSites, bFiles := spread(b)
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(bSites, aSites), cmp.Compare(bFiles, aFiles))
	})
	for i, c := range ranked {
		c.Beyond = i >= paperCards
		if i < topCards && c.Severity > lint.Info {
			p.Top = append(p.Top, c)
		}
	}
	for _, a := range p.Areas {
		for _, c := range a.Cards {
			if c.Beyond {
				a.Beyond++
			}
		}
	}
	serious := p.Faults[lint.Error] + p.Faults[lint.Warning]
	if n := serious - len(p.Top); n > 0 && len(p.Top) > 0 {
		p.Rest = fmt.Sprintf("%s with lower severity or in fewer exports below.", numbered(n, "more fault"))
	}
}
