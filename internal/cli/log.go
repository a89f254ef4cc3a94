package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"cupclint/collect"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/config"
	"cupclint/internal/diagnose"
	"cupclint/internal/report"
)

// addLogFlags adds --verbose and --debug. Commands that write a report have a --verbose of their own, see addReport: it is the same flag.
func addLogFlags(cmd *cobra.Command) {
	fl := cmd.Flags()
	if fl.Lookup("verbose") == nil {
		short := "v"
		if fl.ShorthandLookup(short) != nil { // the version
			short = ""
		}
		fl.BoolP("verbose", short, false, "")
	}
	fl.Lookup("verbose").Usage = "say on standard error what is read, asked and decided; text: also show the format of each input, and what " +
		"was skipped in it"
	fl.Bool("debug", false, "say on standard error also each question and answer, sizes, addresses, TLS and the time of each step")
	commonFlags.put(cmd, "verbose", "debug")
}

// startLog makes the log of the run where --verbose or --debug asks for one. Nothing else of the environment changes: the log is nil
// without them, and who writes to it checks that first.
func (env *environment) startLog(cmd *cobra.Command) {
	on := func(name string) bool {
		f := cmd.Flags().Lookup(name)
		return f != nil && f.Value.String() == "true"
	}
	level := slog.LevelInfo
	switch {
	case on("debug"):
		level = slog.LevelDebug
	case !on("verbose"):
		return
	}
	w := &lockedWriter{w: env.stderr}
	env.stderr = w
	env.log = slog.New(&logHandler{w: w, level: level, start: time.Now()})
	env.info("cupclint", "version", buildVersion(), "command", cmd.CommandPath())
}

// info notes something that --verbose shows.
func (env *environment) info(what string, attributes ...any) {
	if env.log != nil {
		env.log.Info(what, attributes...)
	}
}

// debug notes something that only --debug shows.
func (env *environment) debug(what string, attributes ...any) {
	if env.log != nil {
		env.log.Debug(what, attributes...)
	}
}

// stage notes how long a step of the run takes; call what it returns at the end.
func (env *environment) stage(name string) func() {
	if env.log == nil {
		return func() {}
	}
	start := time.Now()
	return func() { env.log.Debug("step done", "step", name, "took", time.Since(start)) }
}

// reader makes a reader of exports that notes what it reads.
func (env *environment) reader(ctx context.Context) *export.Reader {
	return &export.Reader{Stdin: env.input(ctx), Log: env.log}
}

// logConfig notes which configuration is used, and each value that is not a default.
func (env *environment) logConfig(c *config.Config) {
	if env.log == nil {
		return
	}
	for _, s := range c.Settings() {
		switch {
		case s.Name == "configuration file" && s.Value == "":
			env.info("no configuration file is used")
		case s.Name == "configuration file":
			env.info("configuration file", "file", s.Value, "from", s.From)
		case s.From != "default" && s.From != "":
			env.info("setting", "name", s.Name, "value", s.Value, "from", s.From)
		}
	}
}

// logSeen notes how the probe of each target of an observation went.
func (env *environment) logSeen(o area.Observation) {
	if env.log == nil {
		return
	}
	for _, s := range o.Seen() {
		attributes := []any{"target", s.Target, "result", s.Summary}
		for _, p := range s.Phases {
			attributes = append(attributes, p.Name, p.Took.String())
			if p.Error != "" {
				attributes = append(attributes, "failed", p.Error)
			}
		}
		if s.Incomplete != "" {
			attributes = append(attributes, "incomplete", s.Incomplete)
		}
		env.info("probed", attributes...)
	}
}

// logPlan notes what the plan asks, and whether and why it logs in.
func (env *environment) logPlan(plan *audit.Plan) {
	if env.log == nil {
		return
	}
	for _, r := range plan.Rows() {
		env.info("planned", "area", r.Area, "target", r.Target, "transport", r.Transport, "use", r.Use, "account", r.Account, "login", r.LogIn)
	}
}

// logProbe notes what the probes of an audit do.
func (env *environment) logProbe(r area.Row, e audit.Event) {
	switch {
	case env.log == nil:
	case e.End == nil:
		env.debug("probing", "area", r.Area, "target", r.Target, "phase", e.Phase)
	default:
		attributes := []any{"area", r.Area, "target", r.Target, "result", e.End.Summary}
		for _, p := range e.End.Phases {
			attributes = append(attributes, p.Name, p.Took.String(), "failed", p.Error)
		}
		env.info("probed", append(attributes, "incomplete", e.End.Incomplete)...)
	}
}

// logDiagnosis notes what a diagnosis rests on, and how the causes were weighed.
func (env *environment) logDiagnosis(in diagnose.Input, r *diagnose.Result) {
	if env.log == nil {
		return
	}
	env.info("facts", "symptoms", strings.Join(r.Symptoms, ","), "findings", len(in.Findings), "texts", len(in.Pastes), "answers",
		len(in.Answers),
		"known", len(r.Known), "unused", len(r.Unused))
	for _, d := range r.Causes {
		env.info("cause", "id", d.ID, "score", d.Score, "for", len(d.For), "against", len(d.Against))
	}
}

// watchCollect notes each request of collect, after the view has it.
func (env *environment) watchCollect(view *collectView) func(collect.Event) {
	return func(e collect.Event) {
		view.tell(e)
		switch {
		case env.log == nil:
		case e.Ended == nil:
			env.debug("asking", "node", e.Node, "step", e.Step, "what", e.What)
		default:
			env.info("asked", "node", e.Node, "step", e.Step, "what", e.What, "outcome", string(e.Ended.Outcome), "why", e.Ended.Detail, "bytes",
				e.Ended.Bytes, "ms", e.Ended.TookMs)
		}
	}
}

// A logHandler writes a line for each record: the time since the start, what happened, and its attributes as key=value. It hides what looks
// like a credential and makes control characters visible.
type logHandler struct {
	w     io.Writer
	level slog.Level
	start time.Time
}

func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "[%9.3fs] %s", r.Time.Sub(h.start).Seconds(), r.Message)
	r.Attrs(func(a slog.Attr) bool {
		value := report.Clean(hideTyped(a.Value.Resolve().String()))
		if value == "" {
			return true
		}
		if strings.ContainsAny(value, " \"=") {
			value = strconv.Quote(value)
		}
		b.WriteString(" " + a.Key + "=" + value)
		return true
	})
	b.WriteByte('\n')
	_, err := io.WriteString(h.w, b.String())
	return err
}

// WithAttrs implements slog.Handler; nothing of this program uses it.
func (h *logHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements slog.Handler; nothing of this program uses it.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

// A lockedWriter lets many goroutines write, a line at a time.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
