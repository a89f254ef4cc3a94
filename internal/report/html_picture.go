package report

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/lint"
)

// A picture is the deployment as a drawing: the client, what it connects to, and what was found on each connection.
type picture struct {
	// Number tells the pictures of a page apart; Site is the deployment, empty for all of them.
	Number        int
	Site          string
	Counts        lint.Counts // of the site
	Width, Height int
	Client        box
	probed        bool // the run contacted something
	// Clients names the clients of the deployment.
	Clients string
	Links   []*link
	links   map[string]*link
	jabber  bool // a finding is about files of Jabber
}

// A Link is a connection that the picture draws, with the service at its end.
type Link struct {
	// ID is the area of the probes that are shown here.
	ID, Name, Protocol string
	// Generation is that of the clients that have the connection: sip or xmpp; empty for both.
	Generation string
	// From names links, separated by blanks: the connection starts at the box of the one that is drawn right before it. Empty for the client.
	From string
	// Keys are beginnings of keys, without case, whose findings belong here; Areas are areas of rules. Keys decide before areas.
	Keys, Areas []string
}

// A box is a rectangle with its name.
type box struct{ X, Y, W, H int }

// A link is a Link with what was found there.
type link struct {
	Link
	Target string // the first target contacted
	More   int    // further ones
	Counts lint.Counts
	// Probed says that a target was contacted, Failed that one was not reached, Partial that one was not probed to the end.
	Probed, Failed, Partial bool
	// Class is error, warning, info, ok or unknown; Label says it in words.
	Class, Label string
	Box          box
	// Path is the line, and LabelX, LabelY the middle of its label.
	Path           string
	LabelX, LabelY int
}

// Measures of the drawing, in user units.
const (
	pictureWidth = 560
	boxHeight    = 56
	boxGap       = 20
	fromGap      = 44 // has room for a label
	boxLeft      = 330
	boxWidth     = 220
	clientWidth  = 120
	labelGap     = 16 // between a label and its box
)

func newPicture(links []Link, probes []Probe) *picture {
	p := &picture{Width: pictureWidth, links: make(map[string]*link), probed: len(probes) > 0}
	for i := range links {
		l := &link{Link: links[i]}
		p.Links = append(p.Links, l)
		p.links[l.ID] = l
	}
	for i := range probes {
		l := p.links[probes[i].Area]
		if l != nil {
			l.Failed, l.Partial = l.Failed || probes[i].failed(), l.Partial || probes[i].Incomplete != ""
		}
		switch {
		case l == nil:
		case l.Target == "":
			l.Probed, l.Target = true, probes[i].Target
		case strings.HasPrefix(l.Target, "_"): // a record of DNS; the host that it names says more
			l.Target = probes[i].Target
		case l.Target != probes[i].Target:
			l.More++
		}
	}
	return p
}

// add counts a finding on the connection that it is about, if it is about one.
func (p *picture) add(f *lint.Finding) {
	p.Counts.Add(f.Severity)
	p.jabber = p.jabber || f.Area == "jabber"
	if l := p.linkOf(f); l != nil {
		l.Counts.Add(f.Severity)
	}
}

// linkOf finds the connection by the key of the finding, which says what the setting is for, else by its area. What a name in DNS is
// for does not count: the finding is about the name.
func (p *picture) linkOf(f *lint.Finding) *link {
	byArea := func() *link {
		for _, l := range p.Links {
			if slices.Contains(l.Areas, f.Area) {
				return l
			}
		}
		return nil
	}
	if f.Area == "dns" {
		return byArea()
	}
	for _, l := range p.Links {
		for _, k := range l.Keys {
			if len(f.Key) < len(k) || !strings.EqualFold(f.Key[:len(k)], k) {
				continue
			}
			if own := byArea(); own != nil && own.Generation != l.Generation && own.Generation != "" && l.Generation != "" {
				return own // a probe of the other generation, at the same setting
			}
			return l
		}
	}
	return byArea()
}

// The generations of clients, as links name them.
const (
	generationSIP  = "sip"
	generationXMPP = "xmpp"
)

// choose leaves out the connections of a generation that the deployment does not have. Where nothing is known of Jabber it has clients of
// the SIP generation. Findings about the presence server of the other generation are about the one that is there.
func (p *picture) choose() {
	var found lint.Counts // on connections that are left out
	sip, xmpp := false, p.jabber
	for _, l := range p.Links {
		sip = sip || l.Generation == generationSIP && l.Target != ""
		xmpp = xmpp || l.Generation == generationXMPP && (l.Target != "" || l.Counts != lint.Counts{})
	}
	p.Clients = "CUPC, Jabber"
	switch {
	case xmpp && !sip:
		p.Clients = "Jabber"
	case sip && !xmpp:
		p.Clients = "CUPC"
	}
	p.Links = slices.DeleteFunc(p.Links, func(l *link) bool {
		gone := l.Generation == generationSIP && xmpp && !sip || l.Generation == generationXMPP && !xmpp
		if gone {
			found.Error, found.Warning, found.Info = found.Error+l.Counts.Error, found.Warning+l.Counts.Warning, found.Info+l.Counts.Info
			delete(p.links, l.ID)
		}
		return gone
	})
	for _, l := range p.Links {
		if l.ID == "sip" || l.ID == "xmpp" {
			l.Counts.Error, l.Counts.Warning, l.Counts.Info = l.Counts.Error+found.Error, l.Counts.Warning+found.Warning, l.Counts.Info+found.Info
			found = lint.Counts{}
		}
	}
}

// finish words what was found and places everything.
func (p *picture) finish() {
	p.choose()
	n := len(p.Links)
	p.Height = n*boxHeight + (n+1)*boxGap
	for _, l := range p.Links {
		if p.from(l) != nil {
			p.Height += fromGap - boxGap
		}
	}
	p.Client = box{10, (p.Height - 2*boxHeight) / 2, clientWidth, 2 * boxHeight}
	y := boxGap
	for _, l := range p.Links {
		l.judge(p)
		if p.from(l) != nil {
			y += fromGap - boxGap
		}
		l.Box = box{boxLeft, y, boxWidth, boxHeight}
		y += boxHeight + boxGap
	}
	for _, l := range p.Links {
		p.route(l)
	}
}

// from is the link whose box a connection starts at; nil for the client.
func (p *picture) from(l *link) *link {
	if i := slices.Index(p.Links, l); i > 0 && slices.Contains(strings.Fields(l.From), p.Links[i-1].ID) {
		return p.Links[i-1]
	}
	return nil
}

// Caption says which connections are not the client's own.
func (p *picture) Caption() string {
	var others []string
	for _, l := range p.Links {
		switch from := p.from(l); {
		case from == nil:
		case l.ID == "calendar":
			others = append(others, "the presence node reads the calendar")
		case l.ID == "ntp":
			others = append(others, "the call manager asks the time server")
		default:
			others = append(others, from.Name+" connects to "+l.Name)
		}
	}
	const own = "connections are made by the client, each with its own log-in."
	if len(others) == 0 {
		return "All " + own
	}
	text := strings.Join(others, ", and ") + ". All other " + own
	return strings.ToUpper(text[:1]) + text[1:]
}

// route draws a line from the client, or from the box that makes the connection: the presence node reads calendars.
func (p *picture) route(l *link) {
	toX, toY := l.Box.X, l.Box.Y+l.Box.H/2
	fromX, fromY := p.Client.X+p.Client.W, p.Client.Y+p.Client.H/2
	if from := p.from(l); from != nil {
		node := from.Box
		fromX, fromY = node.X+node.W/2, node.Y+node.H
		toX, toY = l.Box.X+l.Box.W/2, l.Box.Y
		l.Path = fmt.Sprintf("M%d %d L%d %d", fromX, fromY, toX, toY)
		l.LabelX, l.LabelY = fromX, (fromY+toY)/2
		return
	}
	l.LabelX, l.LabelY = toX-labelGap-l.PillW()/2, toY
	bend := (fromX + toX - labelGap) / 2
	l.Path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d L%d %d", fromX, fromY, bend, fromY, fromX+20, toY, toX-labelGap-l.PillW()/2, toY, toX, toY)
}

func (l *link) judge(p *picture) {
	c := l.Counts
	switch {
	case c.Error > 0:
		l.Class, l.Label = "error", counted(c.Error, "error")
	case c.Warning > 0:
		l.Class, l.Label = "warning", counted(c.Warning, "warning")
	case c.Info > 0:
		l.Class, l.Label = "info", fmt.Sprintf("%d info", c.Info)
	case l.Failed: // the reason is shown at another connection: a name that does not resolve
		l.Class, l.Label = "error", "not reached"
	case l.Partial:
		l.Class, l.Label = "warning", "incomplete"
	case l.Probed:
		l.Class, l.Label = "ok", "no finding"
	case p.Site != "" && p.probed: // a server that several sites share is contacted once
		l.Class, l.Label = "unknown", "none here"
	default:
		l.Class, l.Label = "unknown", "not probed"
	}
}

// Status is the sentence for those who do not see the drawing.
func (l *link) Status() string {
	s := l.Name + " (" + l.Protocol + "): " + l.Label
	if l.Target != "" {
		s += ", " + Clean(l.Target)
	}
	return s
}

// Detail is the line below the name: where it is, or what it speaks.
func (l *link) Detail() string {
	if l.Target == "" {
		return l.Protocol
	}
	s := Clean(l.Target)
	more := ""
	if l.More > 0 {
		more = fmt.Sprintf(" +%d", l.More)
	}
	if runes := []rune(s); len(runes)+len(more) > maxDetail {
		s = string(runes[:max(1, maxDetail-len(more)-1)]) + "…"
	}
	return s + more
}

// maxDetail is what fits into a box, in characters.
const maxDetail = 27

// ClientY and ClientDetailY are the base lines of the client's texts.
func (p *picture) ClientY() int { return p.Client.Y + p.Client.H/2 - 4 }

// ClientDetailY is described with ClientY.
func (p *picture) ClientDetailY() int { return p.ClientY() + 22 }

// NameX, NameY and DetailY are where the texts of a box begin.
func (l *link) NameX() int { return l.Box.X + 14 }

// NameY is described with NameX.
func (l *link) NameY() int { return l.Box.Y + 23 }

// DetailY is described with NameX.
func (l *link) DetailY() int { return l.Box.Y + 44 }

// PillW is the width of the label's ground, by the number of its characters.
func (l *link) PillW() int { return 8*len(l.Label) + 20 }

// PillX and PillY are its corner, TextY the label's base line.
func (l *link) PillX() int { return l.LabelX - l.PillW()/2 }

// PillY is described with PillX.
func (l *link) PillY() int { return l.LabelY - 12 }

// TextY is described with PillX.
func (l *link) TextY() int { return l.LabelY + 5 }
