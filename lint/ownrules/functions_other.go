package ownrules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/internal/release"
	"cupclint/resolve"

	"github.com/go-ldap/ldap/v3"
)

// otherFunctions are about distinguished names, versions, numbers and lists.
func otherFunctions() []Name {
	dn := map[int]func(string) error{1: checkDN}
	version := map[int]func(string) error{1: checkVersion}
	return []Name{
		{Name: "isDN", Form: "isDN(text)", Gives: "bool", Each: everywhere,
			make: func(*evaluator) any { return isDN }, Meaning: "Whether it is a distinguished name with at least one part."},
		{Name: "dn", Form: "dn(text, attribute)", Gives: "list", Each: everywhere,
			make:    func(*evaluator) any { return dnParts },
			Meaning: "The values of one attribute of a distinguished name, from the left: `dn(\"OU=a,DC=acme,DC=com\", \"DC\")` is `acme`, `com`."},
		{Name: "dnUnder", Form: "dnUnder(text, base)", Gives: "bool", Each: everywhere, check: dn,
			make: func(*evaluator) any { return dnUnder }, Meaning: "Whether the distinguished name is the base or below it, without case."},
		{Name: "dnEqual", Form: "dnEqual(text, text)", Gives: "bool", Each: everywhere, check: dn,
			make: func(*evaluator) any { return dnEqual }, Meaning: "Whether two distinguished names are the same, without case and blanks."},
		{Name: "isVersion", Form: "isVersion(text)", Gives: "bool", Each: everywhere,
			make: func(*evaluator) any { return isVersion }, Meaning: "Whether it is a version: `12.9.1`, `11.5.1.16900-48`, `12.5(1)SU6`."},
		{Name: "atLeast", Form: "atLeast(version, least)", Gives: "bool", Each: everywhere, check: version,
			make: func(*evaluator) any {
				return func(a, b string) bool { return isVersion(a) && compareVersions(a, b) >= 0 }
			},
			Meaning: "Whether the version is `least` or a later one. False for a text that is not a version."},
		{Name: "compareVersions", Form: "compareVersions(version, version)", Gives: "int", Each: everywhere, check: version,
			make:    func(*evaluator) any { return compareVersions },
			Meaning: "-1, 0 or 1: the first version is earlier, the same or later. A text that is not a version is earlier than all."},
		{Name: "number", Form: "number(text)", Gives: "int", Each: everywhere,
			make:    func(*evaluator) any { return number },
			Meaning: "The whole number that the text is, from 0 to 999,999,999; -1 for any other text."},
		{Name: "join", Form: "join(list, between)", Gives: "text", Each: everywhere,
			make: func(e *evaluator) any { return e.join }, Meaning: "The members of a list as one text."},
		{Name: "distinct", Form: "distinct(list)", Gives: "list", Each: everywhere,
			make: func(e *evaluator) any { return e.distinct }, Meaning: "The different members of a list, in the order of the alphabet."},
	}
}

// parseDN returns nil for a text that is not a distinguished name.
func parseDN(s string) *ldap.DN {
	d, err := ldap.ParseDN(s)
	if err != nil || len(d.RDNs) == 0 {
		return nil
	}
	return d
}

func isDN(s string) bool { return parseDN(s) != nil }

func dnParts(s, attribute string) []string {
	parts := []string{}
	if d := parseDN(s); d != nil {
		for _, rdn := range d.RDNs {
			for _, a := range rdn.Attributes {
				if strings.EqualFold(a.Type, attribute) {
					parts = append(parts, a.Value)
				}
			}
		}
	}
	return parts
}

func dnUnder(s, base string) bool {
	a, b := parseDN(s), parseDN(base)
	return a != nil && b != nil && (a.EqualFold(b) || b.AncestorOfFold(a))
}

func dnEqual(s, t string) bool {
	a, b := parseDN(s), parseDN(t)
	return a != nil && b != nil && a.EqualFold(b)
}

// dotted reads numbers with dots between them. A number after a hyphen is the last one.
func dotted(s string) (parts [6]int, ok bool) {
	n, digits := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && digits < 9:
			parts[n] = 10*parts[n] + int(c-'0')
			digits++
		case (c == '.' || c == '-') && digits > 0 && n+1 < len(parts):
			n, digits = n+1, 0
		default:
			return parts, false
		}
	}
	return parts, digits > 0
}

func isVersion(s string) bool {
	if _, ok := dotted(s); ok {
		return true
	}
	_, err := release.Parse(s)
	return err == nil
}

// compareVersions compares numbers part by part, and names of releases by the tables of the servers' releases.
func compareVersions(a, b string) int {
	x, plainX := dotted(a)
	y, plainY := dotted(b)
	if plainX && plainY {
		return slices.Compare(x[:], y[:])
	}
	if okA, okB := isVersion(a), isVersion(b); !okA || !okB {
		return cmp.Compare(truth(okA), truth(okB))
	}
	m, errM := release.Parse(a)
	n, errN := release.Parse(b)
	switch {
	case errM == nil && errN == nil:
		return release.Compare(m, n)
	case errM == nil: // b is a number that no server has
		x = [6]int{m.Major, m.Minor, m.Maintenance}
	default:
		y = [6]int{n.Major, n.Minor, n.Maintenance}
	}
	return slices.Compare(x[:3], y[:3])
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func number(s string) int {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func (e *evaluator) join(list any, between string) string {
	texts, size := e.texts(list), 0
	for _, s := range texts {
		if size += len(s) + len(between); size > maxJoined {
			panic(errJoined)
		}
	}
	return e.see(strings.Join(texts, between))
}

func (e *evaluator) distinct(list any) []string {
	sorted := slices.Clone(e.texts(list))
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// The checks of arguments that are written in an expression: a mistake is reported when the configuration is read, not by a silent rule.

// checkKey takes a key of the key space.
func checkKey(name string) error {
	if _, _, ok := lookupKey(name); ok {
		return nil
	}
	if near := export.Nearest(name); near != "" {
		return fmt.Errorf("unknown key %q: did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown key %q: cupclint keys lists them; named() asks for one that cupclint does not know", name)
}

// checkReadable takes a key whose values may be seen.
func checkReadable(name string) error {
	if err := checkKey(name); err != nil {
		return err
	}
	if k, _, _ := lookupKey(name); k.Secret() {
		return fmt.Errorf("%s is a secret: no rule sees its value; has() asks whether it is there", k.Name(0))
	}
	return nil
}

// lookupKey finds a key by its name with a number, or without one for an indexed key: then n is 0.
func lookupKey(name string) (k export.KeyID, n int, ok bool) {
	if k, n, ok = export.Lookup(name); ok {
		return k, n, true
	}
	for k = 1; k < export.NumKeys; k++ {
		if k.Indexed() && (strings.EqualFold(k.Name(0), name) || strings.EqualFold(k.String(), name)) {
			return k, 0, true
		}
	}
	return export.NoKey, 0, false
}

func checkHostname(s string) error {
	if problem := resolve.HostnameProblem(strings.Trim(s, ".")); problem != "" {
		return fmt.Errorf("%q is not a domain: %s", s, problem)
	}
	return nil
}

func checkNetwork(s string) error {
	if _, ok := parseNetwork(s); !ok {
		return fmt.Errorf("%q is not a network: write 10.1.0.0/16", s)
	}
	return nil
}

func checkDN(s string) error {
	if !isDN(s) {
		return fmt.Errorf("%q is not a distinguished name: write OU=users,DC=acme,DC=com", s)
	}
	return nil
}

func checkVersion(s string) error {
	if !isVersion(s) {
		return fmt.Errorf("%q is not a version: write 11.5, 11.5.1.16900-48 or 12.5(1)SU6", s)
	}
	return nil
}
