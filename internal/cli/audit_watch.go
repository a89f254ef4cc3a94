package cli

import (
	"fmt"

	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/cli/term"
	"cupclint/internal/report"
)

// A watch shows on a terminal what the probes do.
type watch struct{ *term.View }

func watched(env *environment, rows []area.Row) watch {
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = fmt.Sprintf("%-9s  %s", r.Area, r.Target)
	}
	return watch{term.NewView(env.screen(), texts)}
}

// tell is called with each event.
func (w watch) tell(e audit.Event) {
	switch {
	case e.End == nil:
		w.Begin(e.Row, e.Phase)
	case e.End.Incomplete != "":
		w.End(e.Row, "stop", report.Clean(e.End.Summary))
	default:
		w.End(e.Row, "done", report.Clean(e.End.Summary))
	}
}
