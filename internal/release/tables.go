package release

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/lazy"
)

// Products of the tables.
const (
	CallManager = "callmanager"
	Presence    = "presence"
)

// A Release is a number that has a name.
type Release struct {
	Product string
	Name    string
	Number  Number
	// Update is the same for releases of the two products that are a pair, -1 where it does not count.
	Update int
	Source string
}

// A Pairing is a row of the table of call managers and presence servers.
type Pairing struct {
	CallManager, Presence string // trains
	Same                  string // "", minor or update
	Verdict               Verdict
	Says, Source          string
}

// A Path is a row of the table of upgrades.
type Path struct {
	Product      string // empty for both
	From, To     Range
	State        State
	Says, Source string
}

// A File is a COP file that a path needs.
type File struct {
	Product      string
	From, To     Range
	How          string // "" for every upgrade, PCD, Back
	Name         string // how the file's name begins
	Says, Source string
}

// What a File is needed for.
const (
	PCD  = "pcd"  // upgrades by Prime Collaboration Deployment
	Back = "back" // the way back to an older release
)

// A Client is a row of the table of clients and presence servers.
type Client struct {
	Generation   string // sip or xmpp
	Server       Range
	Verdict      Verdict
	Says, Source string
}

// A Verdict says whether two things go together.
type Verdict string

// The verdicts. What no row has is Unknown.
const (
	Fits    Verdict = "fits"
	Wrong   Verdict = "wrong"
	Unknown Verdict = "unknown"
)

// A State says what is known of an upgrade path.
type State string

// The states of a path.
const (
	Allowed  State = "allowed"
	Blocked  State = "blocked"
	Older    State = "older"   // the target is older: no upgrade
	NoChange State = "same"    // both are one version
	NotKnown State = "unknown" // the tables do not have the path
)

// A Range is versions from one on, up to another that is not in it.
type Range struct{ From, Below Number }

// Has reports whether a version is in the range.
func (r Range) Has(n Number) bool { return Compare(n, r.From) >= 0 && Compare(n, r.Below) < 0 }

// String writes the range as the tables do.
func (r Range) String() string { return r.From.String() + ".." + r.Below.String() }

//go:embed releases.tsv
var releasesTSV string

//go:embed pairs.tsv
var pairsTSV string

//go:embed upgrades.tsv
var upgradesTSV string

//go:embed files.tsv
var filesTSV string

//go:embed clients.tsv
var clientsTSV string

// rows reads a table: lines of cells with tabs between them. Lines that begin with # and the heading are left out. A line with another
// number of cells than the heading is a fault of the program.
func rows(name, text string) [][]string {
	var out [][]string
	columns := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		if columns == 0 {
			columns = len(cells)
			continue
		}
		if len(cells) != columns {
			panic(fmt.Sprintf("%s: %d cells where the heading has %d: %s", name, len(cells), columns, line))
		}
		out = append(out, cells)
	}
	return out
}

// number reads a number of a table. Names are not looked up: that would need the tables.
func number(s string) Number {
	m := longNumber.Get().FindStringSubmatch(s)
	if m == nil {
		panic("no number: " + s)
	}
	return Number{Major: atoi(m[1]), Minor: atoi(m[2]), Maintenance: atoi(m[3]), Build: atoi(m[4]), Respin: respin(m[5])}
}

func span(s string) Range {
	from, below, _ := strings.Cut(s, "..")
	return Range{number(from), number(below)}
}

// Releases lists the numbers with names, in the order of the numbers.
func Releases() []Release { return releaseRows.Get() }

var releaseRows = lazy.Value[[]Release]{New: func() []Release {
	var out []Release
	for _, c := range rows("releases.tsv", releasesTSV) {
		r := Release{Product: c[0], Name: c[1], Number: number(c[2]), Update: -1, Source: c[4]}
		if c[3] != "" {
			r.Update = atoi(c[3])
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b Release) int { return cmp.Or(Compare(a.Number, b.Number), cmp.Compare(a.Product, b.Product)) })
	return out
}}

// Pairings lists the table of call managers and presence servers. The first row that fits counts.
func Pairings() []Pairing { return pairingRows.Get() }

var pairingRows = lazy.Value[[]Pairing]{New: func() []Pairing {
	var out []Pairing
	for _, c := range rows("pairs.tsv", pairsTSV) {
		out = append(out, Pairing{c[0], c[1], c[2], Verdict(c[3]), c[4], c[5]})
	}
	return out
}}

// Paths lists the table of upgrades. The first row that fits counts.
func Paths() []Path { return pathRows.Get() }

var pathRows = lazy.Value[[]Path]{New: func() []Path {
	var out []Path
	for _, c := range rows("upgrades.tsv", upgradesTSV) {
		out = append(out, Path{c[0], span(c[1]), span(c[2]), State(c[3]), c[4], c[5]})
	}
	return out
}}

// Files lists the COP files that paths need.
func Files() []File { return fileRows.Get() }

var fileRows = lazy.Value[[]File]{New: func() []File {
	var out []File
	for _, c := range rows("files.tsv", filesTSV) {
		out = append(out, File{c[0], span(c[1]), span(c[2]), c[3], c[4], c[5], c[6]})
	}
	return out
}}

// Clients lists the table of clients and presence servers.
func Clients() []Client { return clientRows.Get() }

var clientRows = lazy.Value[[]Client]{New: func() []Client {
	var out []Client
	for _, c := range rows("clients.tsv", clientsTSV) {
		out = append(out, Client{c[0], span(c[1]), Verdict(c[2]), c[3], c[4]})
	}
	return out
}}
