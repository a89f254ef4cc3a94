package lint

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Suppression silences the findings of one rule at a path, at a key, or at a key in a path.
type Suppression struct {
	Rule string // ID or name
	Path string // a glob, see Glob; empty for every path
	// Key is compared without case; * stands for any characters, dots included. Empty for every key.
	Key    string
	Reason string // why; mandatory
	// Expires is the last day on which the suppression counts, as 2027-03-31, in UTC; empty for ever.
	Expires string
	Owner   string // who decides whether it is still right; optional
	Origin  Origin
}

type suppression struct {
	Suppression
	rule *Rule
	key  string // lower case
	validity
}

// A validity says whether a suppression counts on a day.
type validity uint8

const (
	valid validity = iota
	expiresSoon
	expired
)

// soonExpired is how long before its last day a suppression is reported.
const soonExpired = 14 * 24 * time.Hour

// validityOf reads a date and compares it with the clock: the date is the last day that counts, in UTC.
func validityOf(date string, now time.Time) (validity, error) {
	if date == "" {
		return valid, nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return valid, fmt.Errorf("expires: %q is not a date: write it as 2027-03-31", date)
	}
	end := day.AddDate(0, 0, 1)
	switch {
	case !now.Before(end):
		return expired, nil
	case now.Add(soonExpired).After(end):
		return expiresSoon, nil
	}
	return valid, nil
}

func newSuppression(rules []*Rule, s Suppression, now time.Time) (suppression, []error) {
	made := suppression{Suppression: s, key: strings.ToLower(s.Key)}
	var errs []error
	if s.Rule == "" {
		errs = append(errs, errors.New("rule is missing: name the rule whose finding is suppressed"))
	} else if r, err := Find(rules, s.Rule); err != nil {
		errs = append(errs, err)
	} else {
		made.rule = r
	}
	if s.Path == "" && s.Key == "" {
		errs = append(errs, errors.New("path or key is missing: to switch a rule off everywhere, set it to off under rules"))
	}
	if s.Path != "" {
		if err := checkGlob(s.Path); err != nil {
			errs = append(errs, err)
		}
		made.Path = cleanGlob(s.Path)
	}
	if strings.TrimSpace(s.Reason) == "" {
		errs = append(errs, errors.New("reason is missing: write why, for the next reader"))
	}
	var err error
	if made.validity, err = validityOf(s.Expires, now); err != nil {
		errs = append(errs, err)
	}
	return made, errs
}

// matches reports whether a finding is one that the suppression is about. rel holds the relative name of its file once it was asked for.
func (s *suppression) matches(p *Policy, fd *Finding, rel *string) bool {
	if s.rule.ID != fd.Rule || s.key != "" && !matchKey(s.key, fd.Key) {
		return false
	}
	if s.Path == "" {
		return true
	}
	if *rel == "" {
		*rel = p.relative(fd.File)
	}
	return fd.File != "" && matchPath(s.Path, *rel)
}

func (s *suppression) where() string {
	switch {
	case s.Path == "":
		return fmt.Sprintf("at key %q", s.Key)
	case s.Key == "":
		return fmt.Sprintf("at path %q", s.Path)
	}
	return fmt.Sprintf("at path %q and key %q", s.Path, s.Key)
}

// Review returns the findings about the suppressions themselves, those of the configuration and those in comments: for each one that has
// expired or expires soon, and for each one that silenced nothing although its rule ran. An unused one weighs less where no input of the
// run was at its path: then the run may have been about other files. Review is called once, after all findings.
func (f *Filter) Review() []Finding {
	var all []Finding
	for i := range f.policy.suppress {
		all = append(all, f.reviewed(&f.policy.suppress[i], &f.state[i])...)
	}
	all = append(all, f.reviewedComments()...)
	var standing []Finding
	for i := range all {
		if f.Apply(&all[i]) {
			standing = append(standing, all[i])
		}
	}
	return standing
}

func (f *Filter) reviewed(s *suppression, st *suppressionState) []Finding {
	name := fmt.Sprintf("the suppression of %s (%s) %s", s.rule.ID, s.rule.Name, s.where())
	about := strings.Join([]string{s.rule.ID, s.Path, s.key}, "\x00")
	var found []Finding
	add := func(fd Finding) {
		fd.File, fd.Line, fd.Column = s.Origin.File, s.Origin.Line, s.Origin.Column
		fd.EndLine, fd.EndColumn = fd.Line, fd.Column
		fd.Evidence = reviewEvidence(s.Reason, s.Owner)
		found = append(found, fd)
	}
	if r := f.rules[ExpiredSuppression]; r != nil && s.validity != valid && f.policy.On(s.rule) {
		add(expiryFinding(r, about, name, s.Expires, s.validity))
	}
	if r := f.rules[UnusedSuppression]; r != nil && f.rules[s.rule.ID] != nil && !st.used.Load() && s.validity != expired &&
		!f.policy.showAll {
		fd := r.New(about, "%s matches no finding", name)
		if s.Path != "" && !st.reached.Load() {
			fd.Severity = Info
			fd.Message += " and no input of this run"
		}
		fd.Fix = "Remove the suppression, or correct its path or key."
		add(fd)
	}
	return found
}

func reviewEvidence(reason, owner string) []string {
	evidence := []string{"reason given: " + reason}
	if owner != "" {
		evidence = append(evidence, "owner: "+owner)
	}
	return evidence
}

// expiryFinding is about a suppression that has expired, or expires soon.
func expiryFinding(r *Rule, about, name, date string, v validity) Finding {
	var fd Finding
	if v == expired {
		fd = r.New(about, "%s expired: its last day was %s. The finding that it suppressed is reported again", name, date)
		fd.Fix = "Fix the suppressed finding and remove the suppression, or agree on a new date with its owner."
	} else {
		fd = r.New(about, "%s expires soon: its last day is %s", name, date)
		fd.Severity = Info
		fd.Fix = "Fix the suppressed finding before that day, or agree on a new date with its owner."
	}
	return fd
}
