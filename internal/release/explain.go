package release

import (
	"fmt"
)

// An Explanation says what one version number means. Its JSON form is that of "cupclint releases --format json".
type Explanation struct {
	Input  string `json:"input"`
	Number string `json:"number,omitempty"` // empty where a name was given
	Train  string `json:"train"`
	Base   string `json:"base"`
	// Form is old (5.x to 7.0), new, or system for the number of an operating system.
	Form string `json:"form"`
	// Release is the name; empty where the number is between Before and After.
	Release string `json:"release,omitempty"`
	Product string `json:"product,omitempty"` // callmanager or presence, where the tables say which
	// Numbers are those of both products, where a name was given.
	Numbers []Neighbour `json:"numbers,omitempty"`
	Before  *Neighbour  `json:"before,omitempty"`
	After   *Neighbour  `json:"after,omitempty"`
	// SecurityPatch is the level of security patches of the operating system; in the old form only.
	SecurityPatch *int `json:"securityPatch,omitempty"`
	// EngineeringSpecial is 0 for a release.
	EngineeringSpecial int    `json:"engineeringSpecial"`
	Respin             int    `json:"respin"` // -1 where it was not given
	Note               string `json:"note,omitempty"`
	Source             string `json:"source,omitempty"`

	number Number
}

// A Neighbour is a release next to a number that the tables do not have.
type Neighbour struct {
	Name    string `json:"name"`
	Number  string `json:"number"`
	Product string `json:"product"`
}

// A Step compares two versions: fixes, the upgrade from the first to the second, and the two as a pair where one is a call manager and one
// a presence server.
type Step struct {
	From    string      `json:"from"`
	To      string      `json:"to"`
	Fixes   StepFixes   `json:"fixes"`
	Upgrade StepUpgrade `json:"upgrade"`
	Pair    *StepPair   `json:"pair,omitempty"`
}

// StepFixes says which version has more fixes.
type StepFixes struct {
	More   More   `json:"more"`
	Why    string `json:"why"`
	Source string `json:"source,omitempty"`
}

// A StepUpgrade says whether the upgrade is possible and what it needs.
type StepUpgrade struct {
	State  State      `json:"state"`
	Says   string     `json:"says"`
	Source string     `json:"source,omitempty"`
	Files  []StepFile `json:"files"`
}

// A StepFile is a COP file that the upgrade needs.
type StepFile struct {
	File    string `json:"file"`
	Product string `json:"product"`
	How     string `json:"how,omitempty"`
	Says    string `json:"says"`
	Source  string `json:"source"`
}

// A StepPair judges a call manager with a presence server.
type StepPair struct {
	CallManager string  `json:"callManager"`
	Presence    string  `json:"presence"`
	Verdict     Verdict `json:"verdict"`
	Says        string  `json:"says"`
	Source      string  `json:"source,omitempty"`
}

const oldSource = "UC Corner, 2009: Decrypt CUCM version numbers"

// Explain reads a number or a name, and says what it means. Other text gives an *UnknownError.
func Explain(text string) (Explanation, error) {
	n, err := Parse(text)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Input: text, Train: n.Train(), Base: n.Base(), Form: "new", EngineeringSpecial: n.Special(), Respin: n.Respin, number: n}
	if n.Name == "" {
		e.Number = n.String()
	}
	switch {
	case n.System():
		e.Form, e.EngineeringSpecial = "system", 0
		e.Note = "this is the version of the operating system (show hardware, Unified OS Version). That of the product is in show version " +
			"active and Product Ver"
		return e, nil
	case n.Old():
		e.Form = "old"
		if !n.Estimated {
			level := n.PatchLevel()
			e.SecurityPatch = &level
		}
		e.Source = oldSource
	}
	if n.Short {
		e.Note = fmt.Sprintf("printed without the maintenance number: %d.%d.%d.%d", n.Major, n.Minor, n.Maintenance, n.Build)
	}
	e.Product = ProductOf(n)
	exact, before, after := Place(e.Product, n)
	if exact == nil && e.Product == "" {
		_, before, after = Place(CallManager, n)
	}
	switch {
	case n.Estimated:
		e.Release = n.Name
		e.Note = "the tables do not have the number of this release"
		e.Before, e.After = neighbour(before), neighbour(after)
	case exact != nil:
		e.Release, e.Source = exact.Name, exact.Source
		for _, r := range Releases() {
			if n.Name != "" && r.Name == n.Name {
				e.Numbers = append(e.Numbers, *neighbour(&r))
			}
		}
		if !n.Equal(exact.Number) {
			e.Note = fmt.Sprintf("the tables have this release as %s", exact.Number)
		}
	default:
		e.Before, e.After = neighbour(before), neighbour(after)
		if n.Special() == 0 && !n.Old() {
			e.Note = "the tables do not have this number"
		}
	}
	return e, nil
}

// Near reports whether the release before the number is of the same base, so that an engineering special can be one of it.
func (e *Explanation) Near() bool {
	n, err := Parse(e.Before.Number)
	return err == nil && n.Base() == e.Base
}

func neighbour(r *Release) *Neighbour {
	if r == nil {
		return nil
	}
	return &Neighbour{r.Name, r.Number.String(), r.Product}
}

// Compare judges the step from one version to another.
func (e *Explanation) Compare(to *Explanation) Step {
	a, b := e.number, to.number
	s := Step{From: e.Input, To: to.Input}
	s.Fixes.More, s.Fixes.Why = Fixes(a, b)
	if a.Old() && b.Old() && a.Train() == b.Train() {
		s.Fixes.Source = oldSource
	}
	product := e.Product
	if to.Product != product {
		product = ""
		if e.Product == "" {
			product = to.Product
		} else if to.Product == "" {
			product = e.Product
		}
	}
	s.Upgrade = upgradeOf(product, a, b)
	if e.Product != "" && to.Product != "" && e.Product != to.Product {
		cm, presence := a, b
		if e.Product == Presence {
			cm, presence = b, a
		}
		verdict, row := Pair(cm, presence)
		s.Pair = &StepPair{CallManager: cm.String(), Presence: presence.String(), Verdict: verdict, Says: "the tables do not have this pair"}
		if row != nil {
			s.Pair.Says, s.Pair.Source = row.Says, row.Source
		}
	}
	return s
}

func upgradeOf(product string, a, b Number) StepUpgrade {
	state, row := Upgrade(product, a, b)
	u := StepUpgrade{State: state, Files: []StepFile{}}
	if a.System() || b.System() {
		u.State, u.Says = NotKnown, "one of the numbers is that of the operating system"
		return u
	}
	switch {
	case row != nil:
		u.Says, u.Source = row.Says, row.Source
	case LosesSpecials(a, b):
		u.State = Blocked
		u.Says = "such an upgrade fails, and the error does not say why: the target lacks the engineering specials of the version before"
		u.Source = oldSource
	case state == NoChange:
		u.Says = "there is nothing to upgrade"
	case state == Older:
		u.Says = "the target is older. A switch back to the inactive version leads there. Each version has a database of its own: what was " +
			"changed since is lost"
		u.Source = oldSource
	case a.Old() && b.Old() && a.Base() == b.Base():
		u.State = Allowed
		u.Says = "patch level and engineering special are both at least those of the version before"
		u.Source = oldSource
	case a.Base() == b.Base():
		u.Says = fmt.Sprintf("both are %s, and the tables have no restriction between its updates", a.Base())
	default:
		u.Says = "look the path up in the compatibility matrix of the target"
	}
	for _, f := range FilesFor(product, a, b) {
		u.Files = append(u.Files, StepFile{f.Name, f.Product, f.How, f.Says, f.Source})
	}
	return u
}
