package cli

import (
	"io"
	"slices"

	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/loginbudget"
)

// printPlan writes the plan, as a table or as JSON.
func printPlan(env *environment, run *liveRun, plan *audit.Plan, told loginbudget.Policy) error {
	rows := plan.Rows()
	notes := slices.Concat(audit.PlanNotes(rows, told), plan.Covered(), plan.Unchecked())
	for _, e := range run.errs {
		env.complain(&e)
	}
	err := run.output(false, "the plan, "+plural(len(rows), "target", "targets"), func(w io.Writer) error {
		if slices.Contains(run.conf.Formats, "json") {
			return printJSON(w, struct {
				Targets  []area.Row `json:"targets"`
				Accounts int        `json:"accounts"`
				Notes    []string   `json:"notes,omitempty"`
			}{orEmpty(rows), audit.Accounts(rows), notes})
		}
		return plan.Write(w, notes, env.width)
	})
	switch {
	case err != nil:
		return unreadable(err)
	case len(run.errs) > 0:
		return exitWith(exitInput)
	}
	return nil
}
