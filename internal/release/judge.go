package release

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// inTrain reports whether a number belongs to a train as the table of pairs writes it: 8, 7.1, 9+.
func (n Number) inTrain(train string) bool {
	if later, ok := strings.CutSuffix(train, "+"); ok {
		major, err := strconv.Atoi(later)
		return err == nil && n.Major >= major
	}
	return train == n.Train() || train == strconv.Itoa(n.Major)
}

// Pair judges a call manager and a presence server. The row is the one that decides; it is nil where the tables have none.
func Pair(cm, presence Number) (Verdict, *Pairing) {
	for i, p := range Pairings() {
		if !cm.inTrain(p.CallManager) || !presence.inTrain(p.Presence) {
			continue
		}
		row := &Pairings()[i]
		switch p.Same {
		case "minor":
			if cm.Train() != presence.Train() {
				continue
			}
		case "update":
			if cm.Train() != presence.Train() {
				continue
			}
			switch sameUpdate(cm, presence) {
			case Unknown:
				return Unknown, row
			case Wrong:
				continue
			}
		}
		return p.Verdict, row
	}
	return Unknown, nil
}

// sameUpdate compares service updates. An engineering special counts as the one before it; Cisco's own examples disagree on that, so one
// that could count as the next is Unknown.
func sameUpdate(a, b Number) Verdict {
	ua, ub := a.updates(), b.updates()
	switch {
	case ua[0] == ub[0]:
		return Fits
	case a.Estimated || b.Estimated:
		return Unknown
	}
	for _, u := range ua {
		if slices.Contains(ub, u) {
			return Unknown
		}
	}
	return Wrong
}

// Upgrade says what is known of the way from one version to another. product is CallManager, Presence or empty. The row is nil where no row
// of the table decided.
func Upgrade(product string, from, to Number) (State, *Path) {
	switch c := Compare(from, to); {
	case c == 0:
		return NoChange, nil
	case c > 0:
		return Older, nil
	}
	for i, p := range Paths() {
		if (p.Product == "" || product == "" || p.Product == product) && p.From.Has(from) && p.To.Has(to) {
			return p.State, &Paths()[i]
		}
	}
	return NotKnown, nil
}

// FilesFor lists the COP files that the way from one version to another needs. With an empty product those of both are listed.
func FilesFor(product string, from, to Number) []File {
	var out []File
	for _, f := range Files() {
		if (product == "" || f.Product == product) && f.From.Has(from) && f.To.Has(to) {
			out = append(out, f)
		}
	}
	return out
}

// ClientFits judges a generation of clients (sip or xmpp) and a presence server. The row is nil where the tables have none.
func ClientFits(generation string, server Number) (Verdict, *Client) {
	for i, c := range Clients() {
		if c.Generation == generation && c.Server.Has(server) {
			return c.Verdict, &Clients()[i]
		}
	}
	return Unknown, nil
}

// More says which of two versions has more fixes.
type More string

// What can be said of fixes.
const (
	MoreFirst    More = "first"
	MoreSecond   More = "second"
	MoreNeither  More = "same"
	MoreEachHas  More = "each" // each has fixes that the other one lacks
	MoreNotKnown More = "unknown"
)

// Fixes compares what two versions correct, with the reason in one sentence.
func Fixes(a, b Number) (More, string) {
	switch {
	case a.Equal(b):
		return MoreNeither, "the two numbers name one version"
	case a.System() || b.System():
		return MoreNotKnown, "one of the numbers is that of the operating system"
	case a.Train() != b.Train():
		return MoreNotKnown, fmt.Sprintf("%s and %s are different trains. Each gets its own fixes: only the release notes say which are in both",
			a.Train(), b.Train())
	case a.Old() != b.Old():
		return MoreNotKnown, "the two numbers have different forms"
	case a.Old():
		return oldFixes(a, b)
	}
	first, later, earlier := MoreSecond, b, a
	if Compare(a, b) > 0 {
		first, later, earlier = MoreFirst, a, b
	}
	why := fmt.Sprintf("%s is the later one of train %s", later, later.Train())
	if earlier.Special() > 0 && earlier.updates()[0] != later.updates()[0] {
		why += fmt.Sprintf(". Check in its release notes that the fixes of the engineering special %s are in it", earlier)
	}
	return first, why
}

// oldFixes compares two numbers of the old form: security patches and engineering specials count for themselves.
func oldFixes(a, b Number) (More, string) {
	if a.Maintenance != b.Maintenance {
		return MoreNotKnown, fmt.Sprintf("%s and %s have engineering specials of their own. The later release need not have all specials of "+
			"the earlier one", a.Base(), b.Base())
	}
	patches, specials := b.PatchLevel()-a.PatchLevel(), b.Special()-a.Special()
	describe := func(n Number) string {
		if n.Special() == 0 {
			return fmt.Sprintf("%s has security patch level %d and no engineering special", n, n.PatchLevel())
		}
		return fmt.Sprintf("%s has security patch level %d and ES %d", n, n.PatchLevel(), n.Special())
	}
	why := describe(a) + "; " + describe(b)
	switch {
	case patches == 0 && specials == 0:
		return MoreNeither, why + ". They differ in the build only"
	case patches >= 0 && specials >= 0:
		return MoreSecond, why
	case patches <= 0 && specials <= 0:
		return MoreFirst, why
	}
	return MoreEachHas, why + ". A higher security patch level does not bring the fixes of an engineering special"
}

// LosesSpecials reports whether a step from one number to another of the old form raises the security patches and loses fixes of the
// application.
func LosesSpecials(from, to Number) bool {
	return from.Old() && to.Old() && !from.System() && !to.System() && from.Train() == to.Train() && from.Maintenance == to.Maintenance &&
		to.Build > from.Build && to.Special() < from.Special()
}

// Place finds the release of a number: exactly (before and after are nil), or the two that it is between. product limits the releases;
// empty is both. With an engineering special, or a build that the tables do not have, exact is nil.
func Place(product string, n Number) (exact, before, after *Release) {
	if r := n.release(); r != nil && (product == "" || r.Product == product) {
		return r, nil, nil
	}
	for i, r := range Releases() {
		if product != "" && r.Product != product {
			continue
		}
		switch c := Compare(r.Number, n); {
		case c == 0 || r.Number.Base() == n.Base() && r.Number.Build == n.Build:
			return &Releases()[i], nil, nil
		case c < 0:
			before = &Releases()[i]
		case after == nil:
			after = &Releases()[i]
		}
	}
	return nil, before, after
}

// Partner returns the release of the presence server that goes with a call manager from 11.x on, or nil where the tables have none.
func Partner(cm Number) *Release {
	for i, r := range Releases() {
		if r.Product == Presence && r.Update >= 0 && r.Number.Base() == cm.Base() && r.Update == cm.updates()[0] {
			return &Releases()[i]
		}
	}
	return nil
}

// Describe writes a number with the name of its release, or with the one that it comes after.
func (n Number) Describe() string {
	exact, before, after := Place("", n)
	switch {
	case n.Name != "":
		return n.Name
	case exact != nil:
		return n.String() + " (" + exact.Name + ")"
	case before != nil && before.Number.Base() == n.Base() && n.Special() > 0:
		return n.String() + " (an engineering special after " + before.Name + ")"
	case before != nil && after != nil && before.Number.Base() == n.Base() && after.Number.Base() == n.Base():
		return n.String() + " (between " + before.Name + " and " + after.Name + ")"
	}
	return n.String()
}

// ProductOf is the product that has exactly this number, or empty where none or both have it.
func ProductOf(n Number) string {
	product := ""
	for _, r := range Releases() {
		if n.Respin >= 0 && n.Equal(r.Number) {
			if product != "" && product != r.Product {
				return ""
			}
			product = r.Product
		}
	}
	return product
}
