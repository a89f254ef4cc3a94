package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/collect"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/catalogue"
	"cupclint/internal/config"
	"cupclint/internal/plugin"
	"cupclint/internal/probe"
	"cupclint/internal/serve/metrics"
	"cupclint/lint"
)

func runCheck(cmd *cobra.Command, env *environment, f *pluginFlags, args []string) error {
	timeout, err := parseTimeout(f.timeout)
	if err != nil {
		return err
	}
	conf, err := f.settings.read(cmd, env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
	defer cancel()
	world := &metrics.World{Areas: catalogue.Areas, Rules: conf.Rules, Policy: conf.Policy, Getenv: env.getenv, Now: env.now,
		Cost: env.loginCost}
	var out *plugin.Output
	switch {
	case f.name == "" && len(args) == 0:
		return errors.New("nothing to check: give an area, folder or lint; see cupclint check --help")
	case f.name == "" && (args[0] == checkFolder || args[0] == checkLint):
		out, err = f.checkPaths(ctx, world, args[0], args[1:])
	default:
		out, err = f.checkArea(ctx, world, conf, args)
	}
	if ctx.Err() != nil {
		if cmd.Context().Err() != nil {
			return errors.New("interrupted")
		}
		return fmt.Errorf("no result within %s", timeout)
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(env.stdout, out.String()); err != nil {
		return err
	}
	return &stateExit{out.State}
}

// checkArea probes a host, or what exports name.
func (f *pluginFlags) checkArea(ctx context.Context, w *metrics.World, conf *config.Config, args []string) (*plugin.Output, error) {
	m, paths, err := f.chosen(ctx, args)
	if err != nil {
		return nil, err
	}
	areas := w.Areas(nil)
	a, err := metrics.FindArea(areas, m.Area)
	if err != nil {
		return nil, err
	}
	limits, err := f.readThresholds(conf.CertificateDays, areaNumbers(a))
	if err != nil {
		return nil, err
	}
	m.CertificateSoon = -1 // the thresholds say when
	var result *metrics.Result
	switch {
	case f.host == "" && len(paths) == 0:
		return nil, errors.New("nothing to check: give -H HOST, or exports that name servers")
	case f.host != "" && len(paths) > 0:
		return nil, errors.New("give -H or exports, not both")
	case f.host != "":
		result, err = f.checkHost(ctx, w, m, areas)
	default:
		var failed []error
		result, err = m.ProbeExports(ctx, w, func(yield func(*export.Export)) {
			sources, missing := export.Find(paths)
			failed = eachExport(ctx, new(export.Reader), sources, missing, yield)
		})
		for _, e := range failed {
			if result == nil {
				return nil, e
			}
			result.Errors = append(result.Errors, e.Error())
		}
	}
	if err != nil {
		return nil, err
	}
	return f.report(a.Info().Name, result, limits, w), nil
}

// chosen is the module of the flags, or that of a file.
func (f *pluginFlags) chosen(ctx context.Context, args []string) (*metrics.Module, []string, error) {
	if (f.name == "") != (f.modules == "") {
		return nil, nil, errors.New("--modules and --module belong together")
	}
	if f.name == "" {
		m := f.module
		m.Name, m.Area = "check", args[0]
		return &m, args[1:], f.fillInto(&m)
	}
	if len(args) > 0 || f.host == "" {
		return nil, nil, errors.New("--module needs -H HOST: give no area and no exports with it")
	}
	list, err := metrics.ReadModules(ctx, f.modules, catalogue.Areas(nil))
	if err != nil {
		return nil, nil, err
	}
	m := list.Find(f.name)
	if m == nil {
		return nil, nil, fmt.Errorf("%s has no module %q", f.modules, f.name)
	}
	return m, nil, nil
}

func (f *pluginFlags) fillInto(m *metrics.Module) error {
	if err := f.fill(); err != nil {
		return err
	}
	name, areaName := m.Name, m.Area
	*m = f.module
	m.Name, m.Area = name, areaName
	return nil
}

func (f *pluginFlags) checkHost(ctx context.Context, w *metrics.World, m *metrics.Module, areas []area.Area) (*metrics.Result, error) {
	target, err := metrics.ParseTarget(f.host)
	if err != nil {
		return nil, fmt.Errorf("-H: %w", err)
	}
	if f.name != "" && !m.Allows(target) {
		return nil, fmt.Errorf("the module %s does not list the target %s", m.Name, target)
	}
	if err := m.Check(areas); err != nil {
		return nil, err
	}
	return m.Probe(ctx, w, target)
}

// areaNumbers are the names of the numbers that the check of an area has.
func areaNumbers(a area.Area) []string {
	names := []string{"time", "certificate", "attempts", leftAttempts, "errors", "warnings"}
	for _, ph := range [...]probe.Phase{probe.DNS, probe.Connect, probe.TLS, probe.Protocol, probe.Auth} {
		names = append(names, "time_"+string(ph))
	}
	for _, m := range a.Info().Metrics {
		names = append(names, strings.TrimPrefix(m.Name, metricPrefix))
	}
	return names
}

// wholeDay is what certificates are counted in.
const wholeDay = 24 * time.Hour

// report makes the line of a probe.
func (f *pluginFlags) report(name string, r *metrics.Result, limits thresholds, w *metrics.World) *plugin.Output {
	out := &plugin.Output{Service: name}
	now := time.Now()
	if w.Now != nil {
		now = w.Now()
	}
	add := func(name, labels, unit string, v float64) {
		out.Values = append(out.Values, limits.value(name, labels, unit, v))
	}
	add("time", "", "s", r.Took.Seconds())
	out.Values[0].HasMin = true
	several := len(r.Seen) > 1
	took := map[string]time.Duration{}
	var order []string
	for i := range r.Seen {
		for _, ph := range r.Seen[i].Phases {
			if _, ok := took[ph.Name]; !ok {
				order = append(order, ph.Name)
			}
			took[ph.Name] += time.Duration(ph.Took)
		}
	}
	for _, phase := range order {
		add("time_"+phase, "", "s", took[phase].Seconds())
	}
	for i := range r.Seen {
		if end := r.Seen[i].NotAfter; !end.IsZero() {
			label := ""
			if several {
				label = r.Seen[i].Target
			}
			add("certificate", label, "", float64(end.Sub(now)/(wholeDay/100))/100)
		}
	}
	for _, m := range r.Measures {
		add(strings.TrimPrefix(m.Metric.Name, metricPrefix), strings.Join(m.Labels, " "), "", m.Value)
	}
	var counts lint.Counts
	for i := range r.Findings {
		counts.Add(r.Findings[i].Severity)
	}
	add("errors", "", "", float64(counts.Error))
	add("warnings", "", "", float64(counts.Warning))
	out.Values = uniqueValues(out.Values)
	var said []string
	if len(r.Seen) > 0 {
		said = []string{r.Seen[0].Target + ": " + r.Seen[0].Summary}
		if several {
			said[0] = plural(len(r.Seen), "target", "targets") + " probed"
		}
	}
	f.judge(out, r.Findings, r.Errors, said)
	if f.verbose {
		out.Long = longOf(r.Findings, r.Errors)
		for i := range r.Seen {
			s := &r.Seen[i]
			out.Long = append(out.Long, s.Target+": "+s.Summary)
			for _, ph := range s.Phases {
				out.Long = append(out.Long, strings.TrimSpace("  "+ph.Name+" "+ph.Took.String()+" "+ph.Error))
			}
		}
	}
	return out
}

// uniqueValues leaves out values whose label is that of an earlier one, and what is too much for a line.
func uniqueValues(list []plugin.Value) []plugin.Value {
	const most = 60
	var out []plugin.Value
	for _, v := range list {
		if len(out) < most && !slices.ContainsFunc(out, func(o plugin.Value) bool { return o.Label == v.Label }) {
			out = append(out, v)
		}
	}
	return out
}

// judge sets the state and the text: the worst of findings, thresholds and what was not carried out. Where nothing is wrong the text is
// that of fine.
func (f *pluginFlags) judge(out *plugin.Output, findings []lint.Finding, failed, fine []string) {
	type reason struct {
		state plugin.State
		text  string
	}
	var reasons []reason
	for i := range findings {
		switch findings[i].Severity {
		case lint.Error:
			reasons = append(reasons, reason{plugin.Critical, findings[i].Rule + " " + findings[i].Message})
		case lint.Warning:
			reasons = append(reasons, reason{plugin.Warning, findings[i].Rule + " " + findings[i].Message})
		}
	}
	for i := range out.Values {
		v := &out.Values[i]
		if state := v.State(); state != plugin.OK {
			by := v.Warning
			if state == plugin.Critical {
				by = v.Crit
			}
			reasons = append(reasons, reason{state, fmt.Sprintf("%s is %s, not in %s", v.Label, shortNumber(v.Value)+v.Unit, by)})
		}
	}
	for _, text := range failed {
		reasons = append(reasons, reason{plugin.Unknown, text})
	}
	for _, r := range reasons {
		out.State = plugin.Worst(out.State, r.state)
	}
	texts := fine
	if out.State != plugin.OK {
		texts = nil
		for _, r := range reasons {
			if r.state == out.State {
				texts = append(texts, r.text)
			}
		}
	}
	if len(texts) > 0 {
		out.Text = texts[0]
	}
	if more := len(reasons) - 1; out.State != plugin.OK && more > 0 {
		out.Text = fmt.Sprintf("%s (and %d more)", strings.TrimSuffix(plugin.Clean(out.Text), "..."), more)
	}
}

func shortNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func longOf(findings []lint.Finding, failed []string) []string {
	var out []string
	for i := range findings {
		d := &findings[i]
		where := ""
		if d.File != "" && d.Line > 0 {
			where = fmt.Sprintf("%s:%d: ", d.File, d.Line)
		}
		out = append(out, fmt.Sprintf("%s%s %s: %s", where, d.Rule, d.Severity, d.Message))
	}
	for _, text := range failed {
		out = append(out, "not carried out: "+text)
	}
	return out
}

// checkPaths reads a folder of collect, or exports.
func (f *pluginFlags) checkPaths(ctx context.Context, w *metrics.World, what string, paths []string) (*plugin.Output, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("nothing to check: cupclint check %s takes a PATH", what)
	}
	known := []string{"errors", "warnings", "infos", "inputs", "time"}
	if what == checkFolder {
		known = append(known, "age", "replication_bad", "ntp_unsynchronised", "certificate")
	}
	limits, err := f.readThresholds(0, known)
	if err != nil {
		return nil, err
	}
	facts, err := metrics.ReadFolder(ctx, w, paths...)
	if err != nil {
		return nil, err
	}
	out := &plugin.Output{Service: what}
	add := func(name, labels, unit string, v float64) {
		out.Values = append(out.Values, limits.value(name, labels, unit, v))
	}
	add("errors", "", "", float64(facts.Summary.Error))
	add("warnings", "", "", float64(facts.Summary.Warning))
	add("infos", "", "", float64(facts.Summary.Info))
	add("inputs", "", "", float64(facts.Inputs))
	failed := slices.Clone(facts.Problems)
	if facts.Inputs == 0 && len(failed) == 0 {
		failed = append(failed, "no export was found")
	}
	if what == checkFolder {
		failed = append(failed, folderValues(facts, add)...)
	}
	add("time", "", "s", facts.Took.Seconds())
	f.judge(out, facts.Worst, failed,
		[]string{fmt.Sprintf("%s read, %s", plural(facts.Inputs, "file", "files"), plural(facts.Summary.Info, "info", "infos"))})
	if f.verbose {
		out.Long = longOf(facts.Worst, failed)
	}
	return out, nil
}

// folderValues adds the numbers of servers, and says what is missing of the folder.
func folderValues(facts *metrics.FolderFacts, add func(name, labels, unit string, v float64)) (failed []string) {
	bad, unsynchronised := 0, 0
	for _, r := range facts.Replication {
		if r.State != "" && r.State != "2" {
			bad++
		}
	}
	for _, t := range facts.Times {
		if t.Known && !t.Synchronised {
			unsynchronised++
		}
	}
	add("replication_bad", "", "", float64(bad))
	add("ntp_unsynchronised", "", "", float64(unsynchronised))
	for _, c := range facts.Collected {
		label := ""
		if len(facts.Collected) > 1 {
			label = c.Site
		}
		if !c.Manifest.Ended.IsZero() {
			add("age", label, "s", facts.Read.Sub(c.Manifest.Ended).Truncate(time.Second).Seconds())
		}
		for _, n := range c.Manifest.Nodes {
			if n.TLS != nil && !n.TLS.NotAfter.IsZero() {
				add("certificate", strings.TrimSpace(label+" "+n.Name), "", float64(n.TLS.NotAfter.Sub(facts.Read)/(wholeDay/100))/100)
			}
		}
		if !c.Manifest.Complete {
			failed = append(failed, "cupclint collect did not get everything of "+c.Site+"; "+collect.ManifestFile+" says what is missing")
		}
	}
	return failed
}
