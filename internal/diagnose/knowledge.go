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
	LogIn        = "log-in"
	Presence     = "presence"
	DeskPhone    = "desk-phone"
	Voicemail    = "voicemail"
	Directory    = "directory"
	Calendar     = "calendar"
	PhoneControl = "phone-control"
)

// Symptoms lists the symptoms in the order in which a client shows them.
func Symptoms() []string {
	return []string{LogIn, Presence, DeskPhone, Voicemail, Directory, Calendar, PhoneControl}
}

// Knowledge is what the package knows.
type Knowledge struct {
	// Complaints are what callers say, in the order of a menu.
	Complaints []Complaint `yaml:"complaints"`
	Questions  []Question  `yaml:"questions"`
	Causes     []Cause     `yaml:"causes"`
	// Touches are the symptoms of findings; None are rules that are evidence for no cause.
	Touches []Touch `yaml:"touches"`
	None    []None  `yaml:"none"`
}

// A Touch says which symptoms a finding touches, by the beginning of its rule and of its key.
type Touch struct {
	Rule     string   `yaml:"rule"`
	Key      string   `yaml:"key"`
	Symptoms []string `yaml:"symptoms"`
}

// None is a rule that is evidence for no cause, and why; * at its end stands for all that begin so.
type None struct {
	Rule string `yaml:"rule"`
	Why  string `yaml:"why"`
}

// A Complaint is what a caller says, in the caller's words.
type Complaint struct {
	ID      string   `yaml:"id"`
	Also    []string `yaml:"also"` // other words that people type for it
	Title   string   `yaml:"title"`
	Help    string   `yaml:"help"`    // what the screen shows then
	Symptom string   `yaml:"symptom"` // empty where the text has to tell
	// Says is what the complaint tells beyond its symptom, as if it had been pasted; Asks the question that comes first.
	Says string `yaml:"says"`
	Asks string `yaml:"asks"`
}

// Begin takes the complaint into what is known.
func (c *Complaint) Begin(in *Input) error {
	if c.Symptom != "" {
		in.Symptoms = []string{c.Symptom}
	}
	if c.Says == "" {
		return nil
	}
	paste, err := Read(strings.NewReader(c.Says), "")
	if err != nil {
		return err
	}
	in.Pastes = append(in.Pastes, paste)
	return nil
}

// Complaint gives the complaint with the ID, nil where there is none.
func (k *Knowledge) Complaint(id string) *Complaint {
	i := slices.IndexFunc(k.Complaints, func(c Complaint) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &k.Complaints[i]
}

// A Question is one for a person who knows the case.
type Question struct {
	ID      string            `yaml:"id"`
	Ask     string            `yaml:"ask"`
	Lookup  string            `yaml:"lookup"`  // where to find the answer
	Answers map[string]string `yaml:"answers"` // by the word that stands for it
}

// A Cause is one reason for a symptom.
type Cause struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Short    string   `yaml:"short"` // in one short sentence
	Symptoms []string `yaml:"symptoms"`
	// Generation is sip or xmpp where the cause exists only for clients of that one.
	Generation string `yaml:"generation"`
	// Prior is how common the cause is for its symptoms without any evidence, 0 to 3.
	Prior int `yaml:"prior"`
	// Priors are other values of it, for single symptoms.
	Priors   map[string]int `yaml:"priors"`
	Why      string         `yaml:"why"`
	Evidence []Evidence     `yaml:"evidence"`
	Against  []Evidence     `yaml:"against"`
	Confirm  []Check        `yaml:"confirm"`
	Fixes    []Fix          `yaml:"fixes"`
	Sources  []string       `yaml:"sources"`
}

// Evidence is one thing that speaks for a cause or against it: one of Rule, Sign and Answer is set.
type Evidence struct {
	// Rule is the ID of a finding, with * at its end for all that begin so; Key what its key begins with, without regard to case; empty for
	// any.
	Rule string `yaml:"rule"`
	Key  string `yaml:"key"`
	// Sign is what a line of a paste says, a|b for one of several; Service what it is about, none where the line names nothing; empty for any.
	Sign    string `yaml:"sign"`
	Service string `yaml:"service"`
	// Answer is QUESTION=WORD.
	Answer string `yaml:"answer"`
	// Weight is how much it tells, 1 to 6.
	Weight int `yaml:"weight"`
	// Symptoms are those that it is evidence for, in a cause of several; none means all of the cause's.
	Symptoms []string `yaml:"symptoms"`
	// Says puts it into words, where the finding alone does not.
	Says string `yaml:"says"`
}

// A Check settles whether a cause is the one: a command to run, or something to look at.
type Check struct {
	Run      string `yaml:"run" json:"run,omitempty"` // with {paths} for the exports
	Look     string `yaml:"look" json:"look,omitempty"`
	Confirms string `yaml:"confirms" json:"confirms,omitempty"`
	RulesOut string `yaml:"rules-out" json:"rulesOut,omitempty"`
}

// A Fix is one way out. Safety is Safe, Careful or Last, Who one of Persons.
type Fix struct {
	Title  string   `yaml:"title" json:"title"`
	Safety string   `yaml:"safety" json:"safety"`
	Who    string   `yaml:"who" json:"who"`
	Page   string   `yaml:"page" json:"page"`
	Steps  []string `yaml:"steps" json:"steps"`
}

// The generations of clients.
const (
	sip  = "sip"  // CUPC 1.2 to 7.x
	xmpp = "xmpp" // CUPC 8.x and Jabber
)

// How safe a fix is.
const (
	Safe    = "safe"    // changes nothing for others
	Careful = "careful" // affects others, or needs a restart
	Last    = "last"    // weakens security: when nothing else can be done
)

// Persons are those who carry out a fix; you is the one who reads it.
func Persons() []string {
	return []string{"you", "UC team", "directory team", "mail team", "network team"}
}

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
	for _, c := range k.Complaints {
		switch {
		case c.ID == "" || c.Title == "" || c.Help == "":
			errs = append(errs, fmt.Errorf("complaint %s: a part is missing", c.ID))
		case c.Symptom != "" && !slices.Contains(Symptoms(), c.Symptom):
			errs = append(errs, fmt.Errorf("complaint %s: unknown symptom %q", c.ID, c.Symptom))
		case c.Asks != "" && k.Question(c.Asks) == nil:
			errs = append(errs, fmt.Errorf("complaint %s: unknown question %q", c.ID, c.Asks))
		}
	}
	for i := range k.Causes {
		if err := k.check(&k.Causes[i]); err != nil {
			errs = append(errs, fmt.Errorf("cause %s: %w", k.Causes[i].ID, err))
		}
	}
	return k, errors.Join(errs...)
}

func (k *Knowledge) check(c *Cause) error {
	switch {
	case c.ID == "" || c.Title == "" || c.Short == "" || c.Why == "" || len(c.Evidence) == 0 || len(c.Confirm) == 0 || len(c.Fixes) == 0 ||
		len(c.Sources) == 0:
		return errors.New("a part is missing")
	case c.Prior < 0 || c.Prior > 3:
		return fmt.Errorf("prior %d is outside 0 to 3", c.Prior)
	case c.Generation != "" && c.Generation != sip && c.Generation != xmpp:
		return fmt.Errorf("unknown generation %q", c.Generation)
	}
	for s := range c.Priors {
		if !slices.Contains(c.Symptoms, s) {
			return fmt.Errorf("a prior for %q, which is not among its symptoms", s)
		}
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
		if f.Page == "" || len(f.Steps) == 0 || !slices.Contains(Persons(), f.Who) {
			return fmt.Errorf("fix %q: a part is missing, or who does it", f.Title)
		}
	}
	return nil
}

func (k *Knowledge) checkEvidence(e *Evidence) error {
	kinds := 0
	for _, set := range []bool{e.Rule != "", e.Sign != "", e.Answer != ""} {
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
		return fmt.Errorf("evidence %+v: one of rule, sign and answer", *e)
	case e.Weight < 1 || e.Weight > 6:
		return fmt.Errorf("evidence %+v: the weight is outside 1 to 6", *e)
	case e.Answer != "":
		return k.CheckAnswer(e.Answer)
	}
	return nil
}

// Question gives the question with the ID, nil where there is none.
func (k *Knowledge) Question(id string) *Question {
	i := slices.IndexFunc(k.Questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return nil
	}
	return &k.Questions[i]
}

// CheckAnswer reports an answer, QUESTION=WORD, that is none to a known question.
func (k *Knowledge) CheckAnswer(answer string) error {
	id, word, ok := strings.Cut(answer, "=")
	if !ok {
		return fmt.Errorf("%q is not an answer: write QUESTION=WORD, as in who=everyone", answer)
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
	slices.SortFunc(words, func(a, b string) int {
		if digits(a) && digits(b) && len(a) != len(b) { // 389 before 3268
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return words
}

// Named reports whether a rule is evidence for a cause, or listed as one that is for none.
func (k *Knowledge) Named(rule string) bool {
	if slices.ContainsFunc(k.Causes, func(c Cause) bool { return c.wants(rule) }) {
		return true
	}
	return slices.ContainsFunc(k.None, func(n None) bool { return named(n.Rule, rule) })
}
