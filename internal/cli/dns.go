package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/cli/term"
	"cupclint/internal/config"
	"cupclint/internal/report"
)

// dnsFlags are the flags of `cupclint dns`.
type dnsFlags struct {
	settings     configFlags
	ask          resolverFlags
	node, domain string
	pairs        string
	quiet        bool
}

func newDNSCmd(env *environment) *cobra.Command {
	f := new(dnsFlags)
	cmd := &cobra.Command{
		Use:   "dns PATH... | --node NODE --domain DOMAIN | --pairs FILE",
		Short: "Ask DNS for every name that a deployment depends on",
		Long: `Asks DNS for every name that a deployment depends on, exactly as its clients do, and judges the answers: findings DNS101 to
DNS113. Findings of cupclint lint about presence addresses are in the same list, with a lower severity, or confirmed, depending on the answer.

Names come from exports (PATH as in cupclint lint), from --node and --domain, or from --pairs: one pair a line,
node name, tab, domain. See docs/dns.md.

Exit code 3 means that an input could not be read, that no resolver gave an answer, or that the run was cancelled. The report
has what is known by then.`,
		Example: `  cupclint dns exports/
  cupclint dns --node cup1 --domain cisco.com
  cupclint dns --resolver 10.1.1.53 --resolver 10.1.1.54 exports/       two resolvers, compared
  cupclint dns --resolver tls://10.1.1.53#dns.cisco.com hq.xml           DNS over TLS
  cupclint dns --pairs pairs.tsv --types a --format json --output found.json`,
		RunE: func(cmd *cobra.Command, args []string) error { return runDNS(cmd, env, f, args) },
	}
	f.settings.add(cmd)
	f.settings.addReport(cmd)
	f.ask.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.node, "node", "n", "", "check this node name with --domain")
	flags.StringVarP(&f.domain, "domain", "d", "", "the SIP domain of --node")
	flags.StringVar(&f.pairs, "pairs", "", "check the pairs in this `FILE`, - for standard input")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "text: findings only, no table of answers and no summary")
	mainFlags.put(cmd, "node", "domain", "pairs")
	outputFlags.put(cmd, "quiet")
	return cmd
}

// dnsMemory bounds the heap of dns. What was asked and answered about a name stays in memory until the end, about 700 bytes, and 1,500 with
// reverse records. A row of an input takes about 200 bytes, a finding 1,200. A bound below what is alive would cost more time than the
// questions. What the reading of exports needed may be used once more.
func dnsMemory(inputs, names, findings int, o *dnscheck.Options) int64 {
	each := 800 + 200*len(o.Resolvers)
	if o.Types == 0 || o.Types&dnscheck.PTR != 0 {
		each += 1000
	}
	return max(40<<20+int64(min(inputs, 20_000))*400, 6<<20+int64(inputs)*300+int64(names)*int64(each)+int64(findings)*1600)
}

func runDNS(cmd *cobra.Command, env *environment, f *dnsFlags, args []string) error {
	if err := f.settings.checkQuiet(f.quiet); err != nil {
		return err
	}
	conf, err := f.settings.load(cmd, env)
	if err != nil {
		return err
	}
	outputs, err := openOutputs(env, conf, f.quiet)
	if err != nil {
		return err
	}
	if err := f.settings.tell(env, outputs); err != nil {
		return err
	}
	job := dnscheck.Job{
		Rules: conf.Rules, Policy: conf.Policy, Jobs: conf.Jobs, Inputs: f.settings.verbose || !slices.Equal(conf.Formats, []string{"text"}),
		NewReader: func() *export.Reader { return env.reader(cmd.Context()) },
	}
	if err := f.inputs(cmd, env, &job, args); err != nil {
		return err
	}
	written, err := writtenBy(outputs, args)
	if err != nil {
		return err
	}
	if !cmd.Flags().Changed("concurrency") && conf.Jobs > 0 {
		f.ask.concurrency = min(conf.Jobs, wire.MaxOutstanding)
	}
	options, err := f.ask.options(cmd.Context(), env)
	if err != nil {
		return err
	}
	limitMemory(env, lintMemory(0))
	collectAt(env, -1) // most of what a run makes stays until its end
	ctx, stop := context.WithCancelCause(cmd.Context())
	defer stop(nil)
	search := f.settings.searching(env, args)
	var refused error
	if len(args) > 0 {
		counted := 0
		job.Search = func(ctx context.Context, take func([]export.Source)) []error {
			defer search.done()
			return search.walk(ctx, func(sources []export.Source) {
				if n := search.files; n-counted >= 4000 { // seldom: it stops all that is at work
					counted = n
					limitMemory(env, lintMemory(0)+int64(n)*600) // each may have a name of its own
				}
				if refused != nil {
					return
				}
				if sources, refused = written.without(sources); refused != nil {
					stop(refused)
					return
				}
				take(sources)
			})
		}
	}
	job.Counted = func(names, findings int) { limitMemory(env, dnsMemory(search.files, names, findings, &options)) }
	progress := term.NewProgress(env.screen(), "names asked")
	options.Progress = progress.Update
	found, err := dnscheck.Run(ctx, job, options)
	job = dnscheck.Job{}
	progress.Done()
	if found != nil {
		defer found.Close()
	}
	if refused != nil {
		return refused
	}
	if found == nil {
		return unreadable(err)
	}
	for i := range found.Errors {
		env.complain(&found.Errors[i])
	}
	tellCovered(env, found.Covered)
	trimAll(outputs, func(d *report.Document) { d.Probes = nil })
	if err := errors.Join(err, writeAll(outputs, dnsDocument(found, conf, outputs))); err != nil {
		return unreadable(err)
	}
	switch {
	case found.Cancelled:
		return unreadable(errors.New("interrupted: the report has only what was known by then"))
	case found.Silent:
		return unreadable(fmt.Errorf("no resolver gave an answer (%s)", strings.Join(found.Resolvers, ", ")))
	case len(found.Errors) > 0:
		return exitWith(exitInput)
	case len(found.Observations) == 0:
		return unreadable(errors.New("the inputs have no name to ask DNS for: give other exports, or --node and --domain"))
	}
	return exitWith(findingsCode(conf, found.Summary.Findings))
}

// tellCovered names settings that nothing is asked about.
func tellCovered(env *environment, places []dnscheck.Place) {
	const most = 10
	for _, p := range places[:min(len(places), most)] {
		env.complain(fmt.Errorf("%s:%d:%d: %s is not asked about: a part of its value is a secret, which is covered. Correct the value",
			p.File, p.Line, p.Column, cmp.Or(p.Key, "this name")))
	}
	if n := len(places) - most; n > 0 {
		env.complain(fmt.Errorf("%s not asked about for this reason", plural(n, "further value is", "further values are")))
	}
}

// inputs gathers what the run checks.
func (f *dnsFlags) inputs(cmd *cobra.Command, env *environment, job *dnscheck.Job, args []string) error {
	node, domain := cmd.Flags().Changed("node"), cmd.Flags().Changed("domain")
	switch {
	case node != domain:
		return errors.New("--node and --domain belong together: the presence address is made of both")
	case !node && f.pairs == "" && len(args) == 0:
		return fmt.Errorf("no input: name exports, or --node and --domain, or --pairs; see %s --help", cmd.CommandPath())
	}
	if node {
		job.Pairs = append(job.Pairs, dnscheck.Pair{Node: hideTyped(f.node), Domain: hideTyped(f.domain)})
	}
	if f.pairs != "" {
		if err := f.readPairs(cmd.Context(), env, job); err != nil {
			return unreadable(err)
		}
	}
	return nil
}

// Bounds on the pairs of one run, and on the lines that are reported as no pair.
const (
	maxPairs      = 1_000_000
	maxWrongPairs = 20
)

// readPairs reads pairs as `cupclint resolve -` does: values untouched, the line ends with LF or CR LF.
func (f *dnsFlags) readPairs(ctx context.Context, env *environment, job *dnscheck.Job) error {
	name := f.pairs
	in, err := env.open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	number, wrong := 0, 0
	for lines.Scan() {
		if number++; number > maxPairs {
			return fmt.Errorf("%s: more than %d pairs", name, maxPairs)
		}
		node, domain, ok := strings.Cut(lines.Text(), "\t")
		if number == 1 {
			job.Pairs = slices.Grow(job.Pairs, min(sizeOf(in)/(len(node)+len(domain)+2), maxPairsAtOnce))
		}
		if !ok {
			if wrong++; wrong > maxWrongPairs {
				continue
			}
			job.Errors = append(job.Errors,
				&export.Error{File: name, Line: number, Column: 1, Err: errors.New("no tab between node name and domain")})
			continue
		}
		job.Pairs = append(job.Pairs,
			dnscheck.Pair{Node: hideTyped(node), Domain: hideTyped(domain),
				Place: dnscheck.Place{File: name, Line: number, Column: 1, Index: number}})
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w (a line has at most %d bytes)", name, number+1, err, maxLine)
	}
	if more := wrong - maxWrongPairs; more > 0 {
		job.Errors = append(job.Errors,
			&export.Error{File: name, Err: fmt.Errorf("%d further lines without a tab between node name and domain", more)})
	}
	return nil
}

// maxPairsAtOnce bounds for how many pairs memory is reserved before they are read.
const maxPairsAtOnce = 50_000

// sizeOf is the size of a file, or 0 if there is none.
func sizeOf(in any) int {
	if file, ok := in.(fs.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return int(info.Size())
		}
	}
	return 0
}

// dnsDocument is the report: the findings, and what was asked and answered.
func dnsDocument(found *dnscheck.Report, conf *config.Config, outputs []output) *report.Document {
	d := &report.Document{
		Findings: report.Of(found.Findings), Suppressed: report.Of(found.Suppressed),
		Rules: conf.Rules, Page: catalogue.Page(conf.Rules), PageHTML: catalogue.PageHTML(conf.Rules),
		Summary: found.Summary, Errors: found.Errors, Inputs: found.Inputs(), Version: buildVersion(), Named: conf.Policy.DeploymentOf,
		RuleURL: conf.RulePage, Links: catalogue.Links,
		Preface: func(w io.Writer, width int) error {
			return folded(w, width, func(w io.Writer) error { return dnscheck.WriteTable(w, found.Observations) })
		},
		Members: []report.Member{
			{Name: "dns", Write: func(w *bufio.Writer) error { return writeDNSFacts(w, found) }},
			{Name: "observations", Write: func(w *bufio.Writer) error { return dnscheck.WriteJSON(w, found.Observations) }},
		},
	}
	if slices.ContainsFunc(outputs, func(o output) bool { return o.page }) { // a hundred thousand names take memory
		areas := catalogue.Areas(nil)
		seen := audit.NewObservations(areas)
		seen.Add(dnscheck.Area(nil), &dnscheck.Asked{Names: found.Observations})
		d.Probes, d.Links = seen.Probes(), catalogue.Links
	}
	return d
}

func writeDNSFacts(w io.Writer, found *dnscheck.Report) error {
	text, err := json.Marshal(struct {
		Resolvers []string `json:"resolvers"`
		Asked     int      `json:"asked"`
		Cancelled bool     `json:"canceled"`
	}{found.Resolvers, found.Asked, found.Cancelled})
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
