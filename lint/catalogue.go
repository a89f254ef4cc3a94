package lint

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/nearest"
)

// All names every rule where rules are selected.
const All = "all"

// UnknownRuleError says that no rule has the name.
type UnknownRuleError struct {
	Name    string
	Nearest string // the name that was probably meant, or empty
	// Areas are those of the rules, where an area would have been right too.
	Areas []string
}

func (e *UnknownRuleError) Error() string {
	switch {
	case e.Nearest == "" && e.Areas != nil:
		return fmt.Sprintf("unknown rule %q: use the ID or name of a rule (cupclint rules lists them), or an area: %s", e.Name,
			strings.Join(e.Areas, ", "))
	case e.Nearest == "":
		return fmt.Sprintf("unknown rule %q", e.Name)
	}
	return fmt.Sprintf("unknown rule %q: did you mean %q?", e.Name, e.Nearest)
}

// Find returns the rule with that ID or name, compared without case, or an *UnknownRuleError.
func Find(rules []*Rule, name string) (*Rule, error) {
	for _, r := range rules {
		if r.is(name) {
			return r, nil
		}
	}
	return nil, &UnknownRuleError{Name: name, Nearest: nearest.Word(name, names(rules, false))}
}

// Select returns the rules that name stands for: the one with that ID or name, those of an area, or all of them. Case
// does not count. It returns an *UnknownRuleError when there is none.
func Select(rules []*Rule, name string) ([]*Rule, error) {
	if strings.EqualFold(name, All) {
		return rules, nil
	}
	var selected []*Rule
	for _, r := range rules {
		if r.is(name) {
			return []*Rule{r}, nil
		}
		if strings.EqualFold(r.Area, name) {
			selected = append(selected, r)
		}
	}
	if selected == nil {
		return nil, &UnknownRuleError{Name: name, Nearest: nearest.Word(name, names(rules, true)), Areas: areas(rules)}
	}
	return selected, nil
}

func areas(rules []*Rule) (list []string) {
	for _, r := range rules {
		if !slices.Contains(list, r.Area) {
			list = append(list, r.Area)
		}
	}
	slices.Sort(list)
	return list
}

func (r *Rule) is(name string) bool {
	return strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name)
}

// names lists what rules can be called.
func names(rules []*Rule, areas bool) []string {
	var all []string
	for _, r := range rules {
		all = append(all, r.ID, r.Name)
		if areas {
			all = append(all, r.Area)
		}
	}
	return all
}

// The rules about suppressions: Filter.Review makes the findings of the first two, and a run those of the third.
const (
	UnusedSuppression  = "HYG008"
	ExpiredSuppression = "HYG009"
	InvalidSuppression = "HYG010"
)
