package report

import (
	"strings"
	"testing"

	"cupclint/lint"
)

// The picture shows the connections that the clients of the deployment have, and names these clients.
func TestThePictureFitsTheGeneration(t *testing.T) {
	links := []Link{
		{ID: "dns", Name: "Names", Protocol: "DNS", Areas: []string{"dns"}},
		{ID: "sip", Generation: "sip", Name: "Presence node", Protocol: "SIP", Keys: []string{"Presence."}, Areas: []string{"sip"}},
		{ID: "xmpp", Generation: "xmpp", Name: "Presence and IM", Protocol: "XMPP", Areas: []string{"xmpp"}},
		{ID: "calendar", Name: "Calendar gateway", Protocol: "HTTPS", From: "sip"},
	}
	probe := func(area string) Probe { return Probe{Area: area, Target: area + ".test"} }
	for _, c := range []struct {
		name     string
		probes   []Probe
		findings []lint.Finding
		clients  string
		want     string
	}{
		{"nothing known", nil, nil, "CUPC, Jabber", "dns sip calendar"},
		{"SIP", []Probe{probe("dns"), probe("sip")}, nil, "CUPC", "dns sip calendar"},
		{"XMPP", []Probe{probe("dns"), probe("xmpp")}, nil, "Jabber", "dns xmpp calendar"},
		{"both", []Probe{probe("sip"), probe("xmpp")}, nil, "CUPC, Jabber", "dns sip xmpp calendar"},
		{"files of Jabber alone", []Probe{probe("dns")}, []lint.Finding{{Area: "jabber"}}, "Jabber", "dns xmpp calendar"},
		{"what is found about presence is about XMPP", []Probe{probe("xmpp")}, []lint.Finding{{Area: "presence", Key: "Presence.Domain",
			Severity: lint.Error}}, "Jabber", "dns xmpp calendar"},
		{"a probe over XMPP at a setting of the SIP proxy", []Probe{probe("xmpp")}, []lint.Finding{{Area: "xmpp", Key: "Presence.Domain",
			Severity: lint.Error}}, "Jabber", "dns xmpp calendar"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPicture(links, c.probes)
			for i := range c.findings {
				p.add(&c.findings[i])
			}
			p.finish()
			var got []string
			for _, l := range p.Links {
				got = append(got, l.ID)
				if !strings.HasPrefix(l.Path, "M") {
					t.Errorf("%s has no line: %q", l.ID, l.Path)
				}
			}
			if l := p.links["xmpp"]; l != nil && len(c.findings) > 0 && c.findings[0].Key != "" && l.Counts.Error != 1 {
				t.Errorf("XMPP has %+v", l.Counts)
			}
			if s := strings.Join(got, " "); s != c.want || p.Clients != c.clients {
				t.Errorf("%s with %s, want %s with %s", p.Clients, s, c.clients, c.want)
			}
		})
	}
}
