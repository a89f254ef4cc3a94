package report

import (
	"slices"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

// pictures are those of a page: one of everything, and where the inputs are of several deployments, one of each.
type pictures struct {
	whole *picture
	sites *group.Sites
	of    map[string]*picture
	more  int
}

// newPictures makes pictures for the deployments of the statistics, the worst first, as far as the page has room.
func newPictures(d *Document, sites *group.Sites, worst []group.SiteTotal) *pictures {
	var links []Link
	if d.Links != nil {
		links = d.Links()
	}
	p := &pictures{whole: newPicture(links, d.Probes), sites: sites, of: map[string]*picture{}}
	if len(links) == 0 {
		return p
	}
	probes := map[string][]Probe{}
	for i := range d.Probes {
		if site := sites.Of(d.Probes[i].File); site != "" {
			probes[site] = append(probes[site], d.Probes[i])
		}
	}
	worst = slices.DeleteFunc(slices.Clone(worst), func(s group.SiteTotal) bool { return s.Site == "" })
	if len(worst) < 2 {
		return p
	}
	for i, s := range worst {
		if i == maxPagePictures {
			p.more = len(worst) - i
			break
		}
		made := newPicture(links, probes[s.Site])
		made.Number, made.Site, made.probed = i+1, s.Site, len(d.Probes) > 0
		p.of[s.Site] = made
	}
	return p
}

func (p *pictures) add(f *lint.Finding) {
	p.whole.add(f)
	if own := p.of[p.sites.Of(f.File)]; own != nil {
		own.add(f)
	}
}

// finish returns the picture of everything, those of the deployments, and how many have none.
func (p *pictures) finish() (whole *picture, each []*picture, more int) {
	p.whole.finish()
	for _, own := range p.of {
		own.finish()
		each = append(each, own)
	}
	slices.SortFunc(each, func(a, b *picture) int { return a.Number - b.Number })
	return p.whole, each, p.more
}
