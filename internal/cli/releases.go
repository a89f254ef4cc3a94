package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/internal/release"
	"cupclint/internal/report"
)

// releasesWidth is for outputs that are not a terminal: the columns of text that people read.
const releasesWidth = 80

func newReleasesCmd(env *environment) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "releases VERSION [VERSION...]",
		Short: "Explain version numbers of the servers, and compare them",
		Long: `Says what version numbers of Unified CM, CUPS, and IM and Presence mean: train,
name of the release, engineering special, level of security patches. With
several versions, each is compared with the next one: which has more fixes,
whether the upgrade from the first to the second is allowed, blocked or needs a
COP file, and whether the two go together as call manager and presence server.

A version is a number as the appliance prints it (12.5.1.16900-48,
ccm12_5_1_16900_48, 6.1.2.1112-5), a text with one in it, or the name of a
release (12.5(1)SU6, 14SU4a). The answers come from tables with a source for
each row, see docs/compatibility.md. A number that they do not have is placed
between its neighbours.

Exit codes: 0 the versions are explained, whatever the verdict; 2 a text is not
a version.`,
		Example: `  cupclint releases 6.1.2.1112-5 6.1.2.1118-1
  cupclint releases 14SU4a 15 15SU2
  cupclint releases '7.1(5b)SU6a'
  cupclint releases 12.5.1.16900-48 12.5.1.16900-3 --format json`,
		Args: takes(1, -1, "name a version number"),
		RunE: func(_ *cobra.Command, args []string) error {
			all := make([]release.Explanation, len(args))
			for i, arg := range args {
				var err error
				if all[i], err = release.Explain(arg); err != nil {
					return err
				}
			}
			steps := []release.Step{}
			for i := range all[1:] {
				steps = append(steps, all[i].Compare(&all[i+1]))
			}
			switch format {
			case "json":
				enc := json.NewEncoder(report.SafeJSON(env.stdout))
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(map[string]any{"releases": all, "steps": steps})
			case "text":
				_, err := io.WriteString(env.stdout, releasesText(env.width, all, steps))
				return err
			}
			return fmt.Errorf("unknown format %q: use text or json", format)
		},
	}
	listFormat(cmd, &format)
	return cmd
}

// releasesText writes a block for each version and for each step.
func releasesText(width int, all []release.Explanation, steps []release.Step) string {
	if width <= 0 {
		width = releasesWidth
	}
	var b strings.Builder
	line := func(label, format string, args ...any) {
		report.Wrap(&b, fmt.Sprintf("  %-9s ", label), report.Clean(fmt.Sprintf(format, args...)), width)
	}
	for i := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintln(&b, report.Clean(all[i].Input))
		explainRelease(&all[i], line)
	}
	for i := range steps {
		fmt.Fprintf(&b, "\n%s\n", report.Clean(fmt.Sprintf("from %s to %s", steps[i].From, steps[i].To)))
		explainStep(&steps[i], line)
	}
	return b.String()
}

// productName is how people call a product of the tables.
func productName(product string) string {
	switch product {
	case release.CallManager:
		return "Unified CM"
	case release.Presence:
		return "IM and Presence"
	}
	return product
}

func explainRelease(e *release.Explanation, line func(label, format string, args ...any)) {
	line("train", "%s, release %s", e.Train, e.Base)
	if e.Form != "system" {
		line("release", "%s", nameOfRelease(e))
	}
	for _, n := range e.Numbers {
		line("number", "%s (%s)", n.Number, productName(n.Product))
	}
	if e.SecurityPatch != nil {
		line("patches", "security patch level %d of the operating system", *e.SecurityPatch)
	}
	switch {
	case e.EngineeringSpecial > 0 && e.Form == "new" && e.Before != nil && e.Near():
		line("special", "ES %d, after %s", e.EngineeringSpecial, e.Before.Name)
	case e.EngineeringSpecial > 0:
		line("special", "ES %d", e.EngineeringSpecial)
	case e.Form == "old":
		line("special", "none: a release without engineering special")
	}
	if e.Note != "" {
		line("note", "%s", e.Note)
	}
	if e.Source != "" {
		line("source", "%s", e.Source)
	}
}

// nameOfRelease is the name, or the two between which the number is.
func nameOfRelease(e *release.Explanation) string {
	neighbour := func(n *release.Neighbour) string { return n.Name + " (" + n.Number + ")" }
	switch {
	case e.Before == nil && e.After == nil && e.Product != "":
		return e.Release + " of " + productName(e.Product)
	case e.Release != "":
		return e.Release
	case e.Before != nil && e.After != nil:
		return "between " + neighbour(e.Before) + " and " + neighbour(e.After)
	case e.After != nil:
		return "before " + neighbour(e.After) + ", the first one that the tables have"
	}
	return "after " + neighbour(e.Before) + ", the last one that the tables have"
}

func explainStep(s *release.Step, line func(label, format string, args ...any)) {
	more := map[release.More]string{
		release.MoreFirst:    s.From + " has more",
		release.MoreSecond:   s.To + " has more",
		release.MoreNeither:  "the same",
		release.MoreEachHas:  "each has some that the other one lacks",
		release.MoreNotKnown: "cannot be compared by number",
	}
	line("fixes", "%s. %s", more[s.Fixes.More], upperFirst(s.Fixes.Why))
	state := map[release.State]string{
		release.Allowed: "allowed", release.Blocked: "blocked", release.Older: "none", release.NoChange: "none",
		release.NotKnown: "not in the tables",
	}
	line("upgrade", "%s: %s", state[s.Upgrade.State], s.Upgrade.Says)
	how := map[string]string{release.PCD: ", with Prime Collaboration Deployment only", release.Back: ", on the way back"}
	for _, f := range s.Upgrade.Files {
		line("needs", "%s (%s%s): %s", f.File, productName(f.Product), how[f.How], f.Says)
	}
	sources := []string{s.Fixes.Source, s.Upgrade.Source}
	if p := s.Pair; p != nil {
		verdict := map[release.Verdict]string{release.Fits: "fit together", release.Wrong: "do not fit together", release.Unknown: "not known"}
		line("pair", "Unified CM %s and IM and Presence %s: %s. %s", p.CallManager, p.Presence, verdict[p.Verdict], upperFirst(p.Says))
		sources = append(sources, p.Source)
	}
	for _, f := range s.Upgrade.Files {
		sources = append(sources, f.Source)
	}
	seen := map[string]bool{"": true}
	for _, source := range sources {
		if !seen[source] {
			seen[source] = true
			line("source", "%s", source)
		}
	}
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
