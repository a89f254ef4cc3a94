package area

import (
	"strings"

	"cupclint/export"
	"cupclint/internal/live"
)

// Covered reports whether a name of a server or a domain has a secret inside, which was covered when the export was read. Nothing is asked
// or contacted under such a name.
func Covered(name string) bool { return strings.Contains(name, export.Mask) }

// WithoutCovered takes out the tasks whose target, or the domain that it is asked for, is covered, and lists their places.
func WithoutCovered(tasks []Task) (left []Task, covered []live.Place) {
	left = tasks[:0]
	for _, t := range tasks {
		if row := t.Row(); Covered(row.Target) || Covered(row.Use) {
			covered = append(covered, row.Place)
		} else {
			left = append(left, t)
		}
	}
	return left, covered
}
