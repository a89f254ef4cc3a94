package release

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"cupclint/internal/lazy"
)

// A Number is a version number of an appliance: 12.5.1.16900-48.
type Number struct {
	Major, Minor, Maintenance, Build int
	// Respin is the number after the hyphen, or -1 where it was not given.
	Respin int
	// Short is set where the number was printed without its maintenance number, as Cisco's matrix of release 14 does (14.0.15900-3).
	// Maintenance is that of the train then.
	Short bool
	// Name of the release, where the number is that of a name that was given.
	Name string
	// Estimated is set where a name was given that the tables do not have. Build is then good for an order only.
	Estimated bool
}

// An UnknownError says that a text is not a version.
type UnknownError struct{ Text string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%q is not a version: use a number (12.5.1.16900-48, 6.1.2.1112-5) or the name of a release (12.5(1)SU6, 14SU4)",
		e.Text)
}

var (
	longNumber  = lazy.Pattern{Expr: `(?:^|[^\d.])([1-9]\d?)\.(\d{1,2})\.(\d{1,2})\.(\d{1,5})(?:-(\d{1,5}))?(?:$|[^\d.-]|[.-]\D|[.-]$)`}
	shortNumber = lazy.Pattern{Expr: `(?:^|[^\d.])([1-9]\d?)\.(\d{1,2})\.([1-9]\d{3,4})(?:-(\d{1,5}))?(?:$|[^\d.-]|[.-]\D|[.-]$)`}
	underscores = lazy.Pattern{Expr: `(\d{1,2})_(\d{1,2})_(\d{1,2})_(\d{1,5})(?:_(\d{1,5}))?`}
	releaseName = lazy.Pattern{Expr: `(?i)^\s*([1-9]\d?)(?:\.(\d{1,2}))?(?:\((\d{1,2})\s*([a-z])?\)|\.(\d{1,2})([a-z])?)?(?:[\s._-]*SU\s*(\d{1,2})([a-z])?)?\s*$`}
)

// maxText bounds what Parse looks at.
const maxText = 200

// Parse reads a number wherever it is in a text, or a name. Other text gives an *UnknownError.
func Parse(text string) (Number, error) {
	if len(text) > maxText {
		return Number{}, &UnknownError{text[:maxText]}
	}
	plain := underscores.Get().ReplaceAllStringFunc(text, func(s string) string {
		m := underscores.Get().FindStringSubmatch(s)
		s = strings.Join(m[1:5], ".")
		if m[5] != "" {
			s += "-" + m[5]
		}
		return " " + s + " "
	})
	if m := longNumber.Get().FindStringSubmatch(plain); m != nil {
		return Number{Major: atoi(m[1]), Minor: atoi(m[2]), Maintenance: atoi(m[3]), Build: atoi(m[4]), Respin: respin(m[5])}, nil
	}
	if m := shortNumber.Get().FindStringSubmatch(plain); m != nil {
		n := Number{Major: atoi(m[1]), Minor: atoi(m[2]), Build: atoi(m[3]), Respin: respin(m[4]), Short: true}
		n.Maintenance = onlyMaintenance(n.Major, n.Minor)
		return n, nil
	}
	if m := releaseName.Get().FindStringSubmatch(text); m != nil {
		return parseName(m), nil
	}
	return Number{}, &UnknownError{text}
}

func respin(s string) int {
	if s == "" {
		return -1
	}
	return atoi(s)
}

// atoi is strconv.Atoi for digits that an expression matched.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// onlyMaintenance is the maintenance number of a train; from 14 on there is one only, and it is what a short number has lost.
func onlyMaintenance(major, minor int) int {
	for _, r := range Releases() {
		if r.Number.Major == major && r.Number.Minor == minor {
			return r.Number.Maintenance
		}
	}
	return 1
}

// parseName takes the parts of a release name.
func parseName(m []string) Number {
	n := Number{Major: atoi(m[1]), Minor: atoi(m[2]), Respin: -1}
	maintenance, letter := m[3]+m[5], strings.ToLower(m[4]+m[6])
	n.Maintenance = atoi(maintenance)
	if maintenance == "" && n.Major > 0 {
		n.Maintenance = onlyMaintenance(n.Major, n.Minor)
	}
	n.Name = nameOf(n.Major, n.Minor, n.Maintenance, letter, atoi(m[7]), strings.ToLower(m[8]))
	for _, r := range Releases() {
		if sameName(r.Name, n.Name) { // of both products, so the respin is not known
			n.Name, n.Build = r.Name, r.Number.Build
			return n
		}
	}
	n.Estimated = true
	n.Build = 10_000
	if n.Major < 7 || n.Major == 7 && n.Minor == 0 {
		n.Build = 1000
	} else if letter != "" {
		n.Build += 10_000 * int(min(letter[0]-'a'+1, 8))
	}
	if su := atoi(m[7]); su > 0 && n.Build >= 10_000 {
		n.Build += su*1000 + 900
		if m[8] != "" {
			n.Build++
		}
	}
	return n
}

// nameOf writes the name of a release as Cisco does: 12.5(1)SU7a up to 12.5, 14SU4a from 14 on.
func nameOf(major, minor, maintenance int, letter string, su int, suLetter string) string {
	name := strconv.Itoa(major)
	if major < 14 || minor != 0 || maintenance != 1 || letter != "" {
		name = fmt.Sprintf("%d.%d(%d%s)", major, minor, maintenance, letter)
	}
	if su > 0 {
		name += fmt.Sprintf("SU%d%s", su, suLetter)
	}
	return name
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// String writes the number as the appliance prints it, or the name where one was given.
func (n Number) String() string {
	if n.Name != "" {
		return n.Name
	}
	s := fmt.Sprintf("%d.%d.%d.%d", n.Major, n.Minor, n.Maintenance, n.Build)
	if n.Short {
		s = fmt.Sprintf("%d.%d.%d", n.Major, n.Minor, n.Build)
	}
	if n.Respin >= 0 {
		s += fmt.Sprintf("-%d", n.Respin)
	}
	return s
}

// Compare orders numbers by their parts. Where one has no respin, it does not count. In the old form a higher number does not mean more
// fixes: see Fixes.
func Compare(a, b Number) int {
	c := cmp.Or(cmp.Compare(a.Major, b.Major), cmp.Compare(a.Minor, b.Minor), cmp.Compare(a.Maintenance, b.Maintenance),
		cmp.Compare(a.Build, b.Build))
	if c == 0 && a.Respin >= 0 && b.Respin >= 0 {
		c = cmp.Compare(a.Respin, b.Respin)
	}
	return c
}

// Equal reports whether two numbers name one version.
func (n Number) Equal(m Number) bool { return Compare(n, m) == 0 }

// Train is what versions have in common that get the same fixes: 12.5.
func (n Number) Train() string { return fmt.Sprintf("%d.%d", n.Major, n.Minor) }

// Base is the release that service updates and engineering specials are for: 12.5(1), 6.1(2), 14.
func (n Number) Base() string { return nameOf(n.Major, n.Minor, n.Maintenance, "", 0, "") }

// Old reports the form of 5.x, 6.x and 7.0: thousands of the build are the level of security patches of the operating system, the rest is
// the engineering special. Both count for themselves.
func (n Number) Old() bool { return n.Major <= 7 && n.Build < 10_000 }

// System reports a number that is that of the operating system of an appliance ("UCOS 6.0.0.0-2"), and not that of the product.
func (n Number) System() bool { return n.Build == 0 }

// PatchLevel is the level of security patches of the operating system, in the old form; else 0.
func (n Number) PatchLevel() int {
	if n.Old() {
		return n.Build / 1000
	}
	return 0
}

// Special is the number of the engineering special (ES), or 0 for a release. In the new form it counts from the service update before it.
func (n Number) Special() int {
	tail := n.Build % 1000
	switch {
	case n.Estimated, n.System():
		return 0
	case n.Old():
		return tail
	case tail < 900 && tail != 0 && n.release() == nil:
		return tail
	}
	return 0
}

// release returns the row of the tables with the number, of either product, the respin aside; or nil.
func (n Number) release() *Release {
	var found *Release
	for i, r := range Releases() {
		if n.Equal(r.Number) {
			return &Releases()[i]
		}
		if same := r.Number; found == nil && same.Major == n.Major && same.Minor == n.Minor && same.Maintenance == n.Maintenance &&
			same.Build == n.Build {
			found = &Releases()[i]
		}
	}
	return found
}

// updates are the service updates that a number can count as, as the thousands of their builds: one for a release, two for an engineering
// special, which is built after one and before the next. First releases have 0.
func (n Number) updates() []int {
	if r := n.release(); r != nil && r.Update >= 0 {
		return []int{r.Update}
	}
	thousands, tail := n.Build/1000, n.Build%1000
	switch {
	case tail >= 900:
		return []int{thousands}
	case tail == 0 && thousands%10 == 0:
		return []int{0}
	}
	before, after := -1, -1
	for _, r := range Releases() {
		if r.Update < 0 || r.Number.Base() != n.Base() {
			continue
		}
		if r.Number.Build <= n.Build {
			before = r.Update
		} else if after < 0 {
			after = r.Update
		}
	}
	if before < 0 || after < 0 { // the tables do not have both neighbours
		before, after = thousands-1, thousands
		if before%10 == 0 {
			before = 0
		}
	}
	return []int{before, after}
}
