package diagnose_test

import (
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/diagnose"
)

// A complaint is one of testdata/corpus.yaml.
type complaint struct {
	ID       string            `yaml:"id"`
	Want     string            `yaml:"want"`
	Among    []string          `yaml:"among"` // causes that are right as well
	Place    int               `yaml:"place"` // of the right one where it is not the first
	Source   string            `yaml:"source"`
	Symptoms []string          `yaml:"symptoms"`
	Answers  map[string]string `yaml:"answers"`
	Facts    map[string]string `yaml:"facts"`
	Findings []string          `yaml:"findings"`
	Paste    string            `yaml:"paste"`
	Healthy  bool              `yaml:"healthy"`
}

func (c *complaint) input(t *testing.T, k *diagnose.Knowledge) diagnose.Input {
	t.Helper()
	in := (&testCase{Symptoms: c.Symptoms, Findings: c.Findings, Health: c.Paste, Answers: c.Answers}).input(t, k)
	in.Facts = make(map[string]diagnose.Answer)
	for q, word := range c.Facts {
		if err := k.CheckAnswer(q + "=" + word); err != nil {
			t.Fatal(err)
		}
		in.Facts[q] = diagnose.Answer{Word: word, Where: "site.xml:1:1", Text: word}
	}
	return in
}

func corpus(t *testing.T) []complaint {
	t.Helper()
	text, err := os.ReadFile("testdata/corpus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []complaint
	if err := yaml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCorpus proves the weights: of all complaints with a confirmed cause, the right one is first. Those where it comes later are marked.
func TestCorpus(t *testing.T) {
	k := load(t)
	total, later := 0, 0
	for _, c := range corpus(t) {
		if c.Healthy {
			continue
		}
		if c.Source == "" {
			t.Errorf("%s: no source", c.ID)
		}
		total++
		in, right := c.input(t, k), append([]string{c.Want}, c.Among...)
		ranked := k.Rank(in)
		place := 1 + slices.IndexFunc(ranked, func(d diagnose.Diagnosis) bool { return slices.Contains(right, d.ID) })
		if c.Place > 1 {
			later++
		}
		if place == max(c.Place, 1) {
			continue
		}
		t.Errorf("%s: %s is number %d, want %d", c.ID, c.Want, place, max(c.Place, 1))
		for _, p := range in.Pastes {
			t.Log(lines(p), p.Answers)
		}
		for i, d := range ranked {
			if i < 4 || d.ID == c.Want {
				t.Logf("    %3d %s %v %v", d.Score, d.ID, d.For, d.Against)
			}
		}
	}
	if total < 60 || later*20 > total {
		t.Errorf("%d complaints, %d of them with the right cause later: at least 60, and one in 20 at most, are needed", total, later)
	}
}

// TestHealthyPastes proves that nothing is found where nothing fails.
func TestHealthyPastes(t *testing.T) {
	k := load(t)
	for _, c := range corpus(t) {
		if !c.Healthy {
			continue
		}
		p := read(t, c.Paste)
		if got := lines(p); len(got) > 0 {
			t.Errorf("%s: %q", c.ID, got)
		}
		r := k.Judge(diagnose.Input{Pastes: []*diagnose.Paste{p}})
		if len(r.Causes) > 0 || len(r.Unused) > 0 {
			t.Errorf("%s: %d causes, unused %v", c.ID, len(r.Causes), r.Unused)
		}
		if !p.Understood() {
			t.Errorf("%s: it is not understood", c.ID)
		}
	}
}
