package diagnose

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed causes.yaml
var causesFile string

// The symptoms.
const (
	Presence     = "presence"
	DeskPhone    = "desk-phone"
	Voicemail    = "voicemail"
	Directory    = "directory"
	Calendar     = "calendar"
	PhoneControl = "phone-control"
)

// Symptoms lists the symptoms in the order in which a client shows them.
func Symptoms() []string {
	return []string{Presence, DeskPhone, Voicemail, Directory, Calendar, PhoneControl}
}

// Knowledge is what the package knows.
type Knowledge struct {
	Questions []Question `yaml:"questions"`
	Causes    []Cause    `yaml:"causes"`
}

// A Question is one for a person who knows the case.
type Question struct {
	ID      string            `yaml:"id"`
	Ask     string            `yaml:"ask"`
	Answers map[string]string `yaml:"answers"` // by the word that stands for it
}

// A Cause is one reason for a symptom.
type Cause struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Symptoms []string `yaml:"symptoms"`
	// Prior is how common the cause is for its symptoms without any evidence, 0 to 3.
	Prior    int        `yaml:"prior"`
	Why      string     `yaml:"why"`
	Evidence []Evidence `yaml:"evidence"`
	Against  []Evidence `yaml:"against"`
	Confirm  []Check    `yaml:"confirm"`
	Fixes    []Fix      `yaml:"fixes"`
	Sources  []string   `yaml:"sources"`
}

// Evidence is one thing that speaks for a cause or against it: one of Rule, Health and Answer is set.
type Evidence struct {
	// Rule is the ID of a finding, Key what its key begins with, without regard to case; empty for any.
	Rule string `yaml:"rule"`
	Key  string `yaml:"key"`
	// Health is a failing item of Show Server Health.
	Health *HealthPattern `yaml:"health"`
	// Answer is QUESTION=WORD.
	Answer string `yaml:"answer"`
	// Weight is how much it tells, 1 to 6.
	Weight int `yaml:"weight"`
	// Symptoms are those that it tells about, for a cause of several; none means all of the cause's.
	Symptoms []string `yaml:"symptoms"`
	// Says puts it into words, where the finding alone does not.
	Says string `yaml:"says"`
}

// A HealthPattern matches failing items by words in their name and message, without regard to case; empty words match every one.
type HealthPattern struct {
	Item    string `yaml:"item"`
	Message string `yaml:"message"`
}

// A Check settles whether a cause is the one: a command to run, or something to look at.
type Check struct {
	Run      string `yaml:"run" json:"run,omitempty"` // with {paths} for the exports
	Look     string `yaml:"look" json:"look,omitempty"`
	Confirms string `yaml:"confirms" json:"confirms,omitempty"`
	RulesOut string `yaml:"rules-out" json:"rulesOut,omitempty"`
}

// A Fix is one way out. Safety is Safe, Careful or Last.
type Fix struct {
	Title  string   `yaml:"title" json:"title"`
	Safety string   `yaml:"safety" json:"safety"`
	Page   string   `yaml:"page" json:"page"`
	Steps  []string `yaml:"steps" json:"steps"`
}

// How safe a fix is.
const (
	Safe    = "safe"    // changes nothing for others
	Careful = "careful" // affects others, or needs a restart
	Last    = "last"    // weakens security: when nothing else can be done
)

// Load reads the knowledge and checks it.
func Load() (*Knowledge, error) { return parse(causesFile) }

func parse(text string) (*Knowledge, error) {
	k := new(Knowledge)
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(k); err != nil {
		return nil, fmt.Errorf("read the causes: %w", err)
	}
	var errs []error
	for i := range k.Causes {
		if err := k.check(&k.Causes[i]); err != nil {
			errs = append(errs, fmt.Errorf("cause %s: %w", k.Causes[i].ID, err))
		}
	}
	return k, errors.Join(errs...)
}

func (k *Knowledge) check(c *Cause) error {
	switch {
	case c.ID == "" || c.Title == "" || c.Why == "" || len(c.Evidence) == 0 || len(c.Confirm) == 0 || len(c.Fixes) == 0 || len(c.Sources) == 0:
		return errors.New("a part is missing")
	case c.Prior < 0 || c.Prior > 3:
		return fmt.Errorf("prior %d is outside 0 to 3", c.Prior)
	}
	for _, s := range c.Symptoms {
		if !slices.Contains(Symptoms(), s) {
			return fmt.Errorf("unknown symptom %q", s)
		}
	}
	for _, e := range slices.Concat(c.Evidence, c.Against) {
		if err := k.checkEvidence(&e); err != nil {
			return err
		}
	}
	order := []string{Safe, Careful, Last}
	last := 0
	for _, f := range c.Fixes {
		at := slices.Index(order, f.Safety)
		if at < last {
			return fmt.Errorf("fix %q: the safety %q is unknown or out of order", f.Title, f.Safety)
		}
		last = at
		if f.Page == "" || len(f.Steps) == 0 {
			return fmt.Errorf("fix %q: a part is missing", f.Title)
		}
	}
	return nil
}

func (k *Knowledge) checkEvidence(e *Evidence) error {
	kinds := 0
	for _, set := range []bool{e.Rule != "", e.Health != nil, e.Answer != ""} {
		if set {
			kinds++
		}
	}
	for _, s := range e.Symptoms {
		if !slices.Contains(Symptoms(), s) {
			return fmt.Errorf("evidence %+v: unknown symptom %q", *e, s)
		}
	}
	switch {
	case kinds != 1:
		return fmt.Errorf("evidence %+v: one of rule, health and answer", *e)
	case e.Weight < 1 || e.Weight > 6:
		return fmt.Errorf("evidence %+v: the weight is outside 1 to 6", *e)
	case e.Answer != "":
		return k.CheckAnswer(e.Answer)
	}
	return nil
}

// CheckAnswer reports an answer, QUESTION=WORD, that is none to a known question.
func (k *Knowledge) CheckAnswer(answer string) error {
	id, word, ok := strings.Cut(answer, "=")
	if !ok {
		return fmt.Errorf("%q is no answer: write QUESTION=WORD, as in who=everyone", answer)
	}
	i := slices.IndexFunc(k.Questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		var ids []string
		for _, q := range k.Questions {
			ids = append(ids, q.ID)
		}
		return fmt.Errorf("unknown question %q: use %s", id, strings.Join(ids, ", "))
	}
	if _, ok := k.Questions[i].Answers[word]; !ok {
		return fmt.Errorf("unknown answer %q to %q: use %s", word, id, strings.Join(k.Questions[i].Words(), ", "))
	}
	return nil
}

// Words lists the words that stand for answers, sorted.
func (q *Question) Words() []string {
	var words []string
	for w := range q.Answers {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}
