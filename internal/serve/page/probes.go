package page

import (
	"context"
	"net/http"
	"slices"
	"time"

	"cupclint/export"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

// Probes are the live probes that the administrator allowed. None of them logs in, and none changes anything.
type Probes interface {
	// Targets lists what may be contacted, in the order in which the page shows it.
	Targets() []Target
	// Run contacts the target with the ID once. The error says why there is no answer at all: that the target is being probed already, or is
	// not among Targets; what the target answers or does not answer is a ProbeResult. The context ends the wait.
	Run(ctx context.Context, id string) (*ProbeResult, error)
}

// A Target is one server or name that may be contacted.
type Target struct {
	// ID names it in addresses of the page: letters, digits, - and _.
	ID string
	// Area is what is contacted there (dns, directory, sip ...), Name the host and port.
	Area, Name string
	// Plan says in sentences what the probe does, one step each.
	Plan []string
}

// A ProbeResult is what came of a probe.
type ProbeResult struct {
	// Summary is the result in a line; Incomplete says why the probe did not come to its end, empty if it did.
	Summary, Incomplete string
	Findings            []lint.Finding
	// Looked is what the probe looked for to its end: what it did not find speaks against causes.
	Looked []diagnose.Looked
	// At is when it began, Took how long it took.
	At   time.Time
	Took time.Duration
}

// targets lists what may be contacted.
func (h *handler) targets(v *view) error {
	if h.Probes == nil {
		return v.fail(http.StatusNotFound, v.T("error.no-probes"))
	}
	v.Kind, v.Title, v.Targets = "targets", v.T("targets.title"), h.Probes.Targets()
	return nil
}

// A targetView asks for consent, then shows what came of the probe.
type targetView struct {
	Target
	Sealed   string // the case that the probe is for
	Done     *ProbeResult
	Took     string
	Findings []*finding
}

// target asks whether a target shall be contacted. A form that confirms contacts it.
func (h *handler) target(v *view) error {
	if h.Probes == nil {
		return v.fail(http.StatusNotFound, v.T("error.no-probes"))
	}
	list := h.Probes.Targets()
	i := slices.IndexFunc(list, func(t Target) bool { return t.ID == v.r.PathValue("id") })
	if i < 0 {
		return v.fail(http.StatusNotFound, v.T("error.target"))
	}
	t := &targetView{Target: list[i]}
	v.Kind, v.Title, v.Target = "target", v.T("target.title", t.Name), t
	if v.r.Method != http.MethodPost {
		return nil
	}
	f, err := v.read()
	if err != nil {
		return err
	}
	t.Sealed = f.sealed
	if !f.confirmed {
		return nil
	}
	return v.probe(t)
}

// probe contacts the target and shows what was seen, within its case where there is one.
func (v *view) probe(t *targetView) error {
	var c *caseFile
	if t.Sealed != "" {
		var err error
		if c, err = v.h.unseal(t.Sealed); err != nil {
			return v.fail(http.StatusBadRequest, v.T("error.sealed"))
		}
	}
	seen, err := v.h.Probes.Run(v.r.Context(), t.ID)
	if err != nil {
		return v.fail(http.StatusServiceUnavailable, v.T("error.probe", export.Hide(err.Error())))
	}
	if c != nil {
		c.in.Findings, c.in.Looked = append(c.in.Findings, seen.Findings...), append(c.in.Looked, seen.Looked...)
		said := t.Area + " " + t.Name + ": " + seen.Summary
		if seen.Incomplete != "" {
			c.errors = append(c.errors, lint.InputError{File: t.Name, Message: seen.Incomplete})
		}
		c.probed = append(c.probed, said)
		return v.show(c)
	}
	t.Done, t.Took = seen, seen.Took.Round(time.Millisecond).String()
	var r result
	r.findings(seen.Findings)
	t.Findings = r.Findings
	v.Title = v.T("target.done", t.Name)
	return nil
}
