package area

import (
	"context"
	"fmt"
	"testing"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

type ask struct {
	host   string
	user   string
	secret loginbudget.Secret
}

type answer struct{}

func (*answer) Seen() []Seen { return nil }

// A plan of ten times the exports of one cluster costs ten times the comparisons: no request is compared with all others. Targets that ask
// the same are one task, whoever read them.
func TestAPlanIsLinearInTheExports(t *testing.T) {
	compared := 0
	s := New(Service[ask, answer]{
		About:    Info{Name: "toy"},
		Same:     func(r *ask) string { compared++; return r.host + "\n" + r.user },
		Describe: func(r *ask) Row { return RowTo(probe.Target{Host: r.host, Port: 1}, "toy", "", live.Place{}) },
		Login:    func(r *ask) Login { compared++; return Login{User: &r.user, Secret: &r.secret} },
		Requests: func(in *lint.Input) ([]ask, Known) {
			return []ask{{fmt.Sprintf("cups%d", in.Index%3), "svc", loginbudget.NewSecret("one")},
				{"dc", fmt.Sprintf("user%d", in.Index), loginbudget.NewSecret("own")}}, Known{}
		},
		Probe:  func(context.Context, Tools, ask) *answer { return &answer{} },
		Judged: func([]*answer, Known) []lint.Finding { return nil },
	})
	cost := func(exports int) int {
		compared = 0
		workers := []Gatherer{s.NewGatherer(), s.NewGatherer()}
		for i := range exports {
			workers[i%2].Add(&lint.Input{Index: i})
		}
		workers[0].Merge(workers[1])
		if n := len(workers[0].Tasks()); n != 3+exports {
			t.Fatalf("%d exports give %d tasks, want %d", exports, n, 3+exports)
		}
		return compared
	}
	if few, many := cost(1000), cost(10_000); many > 11*few {
		t.Errorf("1,000 exports cost %d comparisons, 10,000 cost %d", few, many)
	}
}
