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

// What a list only suggests is asked where nothing else asks the same, and comes last, in whatever order the exports were read.
func TestFallbacksComeLast(t *testing.T) {
	s := New(Service[ask, answer]{
		About:    Info{Name: "toy"},
		Same:     func(r *ask) string { return r.host },
		Fallback: func(r *ask) bool { return r.user == "listed" },
		Describe: func(r *ask) Row { return RowTo(probe.Target{Host: r.host, Port: 1}, r.user, "", live.Place{}) },
		Requests: func(in *lint.Input) ([]ask, Known) {
			return [][]ask{{{host: "a", user: "listed"}, {host: "b", user: "listed"}}, {{host: "a", user: "set"}},
				{{host: "c", user: "set"}}}[in.Index], Known{}
		},
		Probe:  func(context.Context, Tools, ask) *answer { return &answer{} },
		Judged: func([]*answer, Known) []lint.Finding { return nil },
	})
	for split := range 8 { // which of two workers reads which of three exports
		workers := []Gatherer{s.NewGatherer(), s.NewGatherer()}
		for i := range 3 {
			workers[split>>i&1].Add(&lint.Input{Index: i})
		}
		workers[0].Merge(workers[1])
		got := ""
		for _, task := range workers[0].Tasks() {
			got += task.Row().Target + " " + task.Row().Use + "; "
		}
		if want := "a:1 set; c:1 set; b:1 listed; "; got != want {
			t.Errorf("split %d: %q, want %q", split, got, want)
		}
	}
}

// A plan of ten times the exports of one cluster costs ten times the comparisons: no request is compared with all others. Targets that ask
// the same are one task, in whatever order they were read.
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

func TestJoinedTextsDiffer(t *testing.T) {
	seen := map[string][]string{}
	for _, texts := range [][]string{nil, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"a", "b"}, {"ab"}, {"1:a"}, {"a1:b"}, {"3:a1:", "b"}} {
		key := Joined(texts...)
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q are the same", texts, other)
		}
		seen[key] = texts
	}
}
