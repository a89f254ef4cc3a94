package main

import (
	"fmt"
	"strings"

	"cupclint/internal/release"
)

// compatibility writes the tables of package release.
func compatibility() string {
	var b strings.Builder
	b.WriteString("# Compatibility\n\n")
	fmt.Fprintf(&b, generated, "internal/release/*.tsv")
	b.WriteString(`This page is for the engineer who plans an upgrade. It has everything that cupclint knows about version numbers: names of releases, which
call managers and presence servers work together, upgrade paths and the files that they need, and clients with presence servers.

The rules VER001 to VER009 and ` + "`cupclint releases`" +
		` use these tables. Each row has its source. A version that is in no row is unknown, and
no error is reported for it. A row from memory gives at most an info.

In the ranges the first number is included and the second one is not.

`)
	section := func(title, text string, heading ...string) {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n| %s |\n|%s\n", title, text, strings.Join(heading, " | "), strings.Repeat(" --- |", len(heading)))
	}
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}

	section("Call manager and presence server",
		"The first row that matches is used. `9+` is 9.x and later. The column *same* says what both numbers must have in common: "+
			"`minor` is the major and minor number, `update` the release and its service update (SU), with or without a letter at the end.",
		"call manager", "CUPS, IM and Presence", "same", "verdict", "meaning", "source")
	for _, p := range release.Pairings() {
		row(p.CallManager, p.Presence, p.Same, string(p.Verdict), p.Says, p.Source)
	}
	b.WriteString("\nAll nodes of IM and Presence of one cluster have the same version in all five numbers (Upgrade Guide of IM and " +
		"Presence).\n\n")

	section("Upgrades", "The first row that matches is used. `blocked` means that no upgrade to the inactive partition leads there. An empty "+
		"product is both.", "product", "from", "to", "state", "meaning", "source")
	for _, p := range release.Paths() {
		row(p.Product, p.From.String(), p.To.String(), string(p.State), p.Says, p.Source)
	}
	b.WriteString("\n")

	section("Files that an upgrade needs",
		"How: `pcd` is for upgrades and migrations by Prime Collaboration Deployment only, `back` for the way back to an older release. File "+
			"is how the name of the COP file begins.",
		"product", "from", "to", "how", "file", "meaning", "source")
	for _, f := range release.Files() {
		row(f.Product, f.From.String(), f.To.String(), f.How, "`"+f.Name+"`", f.Says, f.Source)
	}
	b.WriteString("\n")

	section("Client and presence server", "The generation is `sip` for CUPC up to 7.x, and `xmpp` for CUPC 8.x and Jabber.", "generation",
		"server", "verdict", "meaning", "source")
	for _, c := range release.Clients() {
		row(c.Generation, c.Server.String(), string(c.Verdict), c.Says, c.Source)
	}
	b.WriteString("\n")

	section("Names of releases", "Numbers between two rows belong to engineering specials or to releases that the table does not have. A "+
		"formula would fail: compare 12.5(1)SU7a and 12.5(1)SU9.",
		"product", "release", "number", "source")
	for _, r := range release.Releases() {
		row(r.Product, r.Name, "`"+r.Number.String()+"`", r.Source)
	}
	return b.String()
}
