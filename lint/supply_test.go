package lint

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/resolve"
)

// counting is a rule that counts the exports that were judged.
func counting(n *atomic.Int64) *Rule {
	return &Rule{ID: "T906", Name: "counting", Area: "test", Kind: ExportKind, Check: func(*Input) []Finding {
		n.Add(1)
		return nil
	}}
}

// Workers begin with the second source: a single one is judged by the goroutine that searches.
func TestExportsAreJudgedWhileOthersAreStillSearched(t *testing.T) {
	sources := oddFolder(t)
	missing := []error{errors.New("nowhere.txt: not found")}
	_, _, want := collect(t, Options{Sources: sources, Errors: missing, Rules: testRules, Addresses: true})
	for _, jobs := range []int{1, 4} {
		var judged atomic.Int64
		search := func(ctx context.Context, take func([]export.Source)) []error {
			for i := range sources {
				take(sources[i : i+1])
				for start := time.Now(); i > 0 && judged.Load() <= int64(i); time.Sleep(time.Millisecond) {
					if time.Since(start) > time.Minute {
						t.Fatal("an export is not judged before the next one is found")
					}
				}
			}
			return missing
		}
		res, _, got := collect(t, Options{Search: search, Rules: append(slices.Clip(testRules), counting(&judged)), Jobs: jobs, Addresses: true})
		if got != want {
			t.Errorf("%d jobs: %s\nwant %s", jobs, got, want)
		}
		if res.Sources.Len() != len(sources) || len(res.SearchErrors) != 1 {
			t.Errorf("%d jobs: %d sources, errors %v", jobs, res.Sources.Len(), res.SearchErrors)
		}
	}
}

func TestASearchWithoutSourcesEnds(t *testing.T) {
	res, err := Run(t.Context(), Options{Search: func(context.Context, func([]export.Source)) []error { return nil }, Rules: testRules})
	if err != nil || res.Summary.Files != 0 {
		t.Errorf("%v, %d files", err, res.Summary.Files)
	}
	_ = res.Close()
}

func TestASearchThatIsCutShortIsAnInterruption(t *testing.T) {
	sources := oddFolder(t)
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	res, err := Run(ctx, Options{Rules: testRules, Search: func(_ context.Context, take func([]export.Source)) []error {
		take(sources[:1])
		stop(why)
		return nil
	}})
	if !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	_ = res.Close()
}

func TestFilesOfADeploymentAreKnownBeforeOneIsJudged(t *testing.T) {
	sources := folder(t, map[string]string{"a/1.txt": "Presence.Domain = d\n", "b/jabber-config.xml": "<config/>"})
	policy, err := NewPolicy(testRules, Settings{Deployments: []DeploymentPaths{{Name: "hq", Paths: []Glob{{Pattern: "*/*"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	var judged atomic.Int64
	var got resolve.Generation
	seen := &Rule{ID: "T907", Name: "seen", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		if in.File == "a/1.txt" {
			got = in.Generation
		}
		return nil
	}}
	res, err := Run(t.Context(), Options{Rules: []*Rule{seen, counting(&judged)}, Policy: policy, Jobs: 1,
		Search: func(_ context.Context, take func([]export.Source)) []error {
			for i := range sources {
				take(sources[i : i+1])
				time.Sleep(10 * time.Millisecond)
				if judged.Load() > 0 {
					t.Error("an export is judged before all names are known")
				}
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Close()
	if got != resolve.XMPP {
		t.Errorf("generation %q next to a file of Jabber", got)
	}
}
