package audit_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/lint"
)

// The toy area knocks at CCMCIP servers. It is all that a new area has to be.
type toyRequest struct {
	Target probe.Target
	Place  live.Place
}

type toyObservation struct {
	probe.Observation
	Place live.Place `json:"place"`
	Said  string     `json:"said"`
}

func (o *toyObservation) Seen() []area.Seen {
	return area.SeenServer(&o.Observation, o.Place, "it said "+o.Said, "")
}

var toyRule = &lint.Rule{ID: "TOY101", Name: "toy-knock", Area: "toy", Severity: lint.Error, Kind: lint.LiveKind,
	Summary: "the toy server says something"}

func toyArea() area.Area {
	return area.New(area.Service[toyRequest, toyObservation]{
		About: area.Info{Name: "toy", Command: "toy", Rules: []*lint.Rule{toyRule},
			Link: area.Link{Order: 9, Name: "Toy box", Protocol: "TOY", Areas: []string{"toy"}}},
		Requests: func(in *lint.Input) (out []toyRequest, _ area.Known) {
			if p := in.Get(export.CCMCIPHost); p != nil {
				out = append(out, toyRequest{probe.Target{Host: p.Value, Port: 69}, live.PlaceOf(in.Export, p)})
			}
			return out, area.Known{}
		},
		Same:     func(r *toyRequest) string { return area.SameTarget(r.Target) },
		Describe: func(r *toyRequest) area.Row { return area.RowTo(r.Target, "toys", "primary", r.Place) },
		Probe: func(_ context.Context, _ area.Tools, r toyRequest) *toyObservation {
			return &toyObservation{Observation: probe.Observation{Target: r.Target}, Place: r.Place, Said: "knock"}
		},
		Judged: func(seen []*toyObservation, _ area.Known) (out []lint.Finding) {
			for _, o := range seen {
				out = append(out, o.Place.Put(toyRule.New(o.Target.String(), "the toy server %s says %s", o.Target, o.Said)))
			}
			return out
		},
	})
}

// TestNewArea proves that one type and one line in the list of areas are enough: the toy area is in the plan, the live view, the report
// with its picture, and in a saved case that is judged again.
func TestNewArea(t *testing.T) {
	areas := append(catalogue.Areas(nil), toyArea())
	rules := append(catalogue.All(), toyRule)
	sources, _ := export.Find([]string{"../../fixtures/deployments/cupc7/right"})
	policy := new(lint.Policy)
	c, plan, err := audit.Lint(t.Context(), lint.Options{Sources: sources, Rules: rules, Policy: policy, Filter: policy.NewFilter(rules)},
		areas)
	if err != nil {
		t.Fatal(err)
	}
	plan.Keep(func(i area.Info) bool { return i.Name == "toy" })
	rows := plan.Rows()
	if len(rows) != 1 || rows[0].Area != "toy" || rows[0].Transport != "TCP" || rows[0].Use != "toys (primary)" {
		t.Fatalf("the plan has %+v", rows)
	}
	var table bytes.Buffer
	if err := plan.Write(&table, nil, 0); err != nil || !strings.Contains(table.String(), "toys (primary)") {
		t.Errorf("the plan as text, %v:\n%s", err, &table)
	}
	var ended []string
	c.Observations = *plan.Observe(t.Context(), audit.Options{Watch: func(e audit.Event) {
		if e.End != nil {
			ended = append(ended, e.End.Area+": "+e.End.Summary)
		}
	}})
	if len(ended) != 1 || ended[0] != "toy: it said knock" {
		t.Errorf("the view gets %q", ended)
	}
	first, rest := plan.Split(func(i area.Info) bool { return i.Name == "toy" })
	if len(first.Tasks()) != 1 || len(rest.Tasks()) != 0 {
		t.Errorf("the plan is split into %d and %d", len(first.Tasks()), len(rest.Tasks()))
	}
	twice := first.Observe(t.Context(), audit.Options{})
	if twice.Merge(first.Observe(t.Context(), audit.Options{})); len(twice.Of("toy")) != 2 {
		t.Errorf("%d observations of two parts", len(twice.Of("toy")))
	}
	var kept bytes.Buffer
	if err := c.Save(&kept); err != nil {
		t.Fatal(err)
	}
	again, err := audit.Load(&kept, areas)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*audit.Case{"seen": c, "replayed": again} {
		if got := ids(c.Judge(rules, policy).Findings); !strings.Contains(strings.Join(got, " "), "TOY101") {
			t.Errorf("%s: the findings are %q", name, got)
		}
	}
	var page bytes.Buffer
	write, err := report.Find("html")
	if err != nil {
		t.Fatal(err)
	}
	d := &report.Document{
		Findings: report.Of(again.Judge(rules, policy).Findings), Rules: rules, Page: func(string) (string, error) { return "", nil },
		Probes: again.Observations.Probes(), Links: func() []report.Link { return catalogue.LinksOf(areas) },
	}
	if err := write(&page, d, report.Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Toy box (TOY): 1 error", "it said knock", "TOY101"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
}
