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

// TestCorpus proves the weights: of all complaints with a confirmed cause, the right one is first in at least 80 of 100, and among the
// first three in 95.
func TestCorpus(t *testing.T) {
	k := load(t)
	total, first, three := 0, 0, 0
	for _, c := range corpus(t) {
		if c.Healthy {
			continue
		}
		if c.Source == "" {
			t.Errorf("%s: no source", c.ID)
		}
		right := append([]string{c.Want}, c.Among...)
		at := slices.IndexFunc(k.Rank(c.input(t, k)), func(d diagnose.Diagnosis) bool { return slices.Contains(right, d.ID) })
		total++
		switch {
		case at == 0:
			first++
			three++
		case at > 0 && at < 3:
			three++
			t.Logf("%s: %s is number %d", c.ID, c.Want, at+1)
		default:
			t.Logf("%s: %s is number %d", c.ID, c.Want, at+1)
		}
		if at != 0 && testing.Verbose() {
			in := c.input(t, k)
			for _, p := range in.Pastes {
				t.Log(lines(p), p.Answers)
			}
			for i, d := range k.Rank(in) {
				if i < 4 || d.ID == c.Want {
					t.Logf("    %3d %s %v %v", d.Score, d.ID, d.For, d.Against)
				}
			}
		}
	}
	t.Logf("%d complaints: %d %% first, %d %% among three", total, first*100/total, three*100/total)
	if total < 60 || first*100 < 80*total || three*100 < 95*total {
		t.Errorf("%d complaints: %d first, %d among three; at least 60, 80 %% and 95 %% are needed", total, first, three)
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
