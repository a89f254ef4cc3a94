package metrics

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cupclint/collect"
	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/internal/report/group"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// Bounds of a folder.
const (
	maxFiles    = 200_000
	maxManifest = 16 << 20
)

// A folder is read when it has changed, and only then.
type folder struct {
	world *World
	dir   string

	mu      sync.Mutex
	seen    print         // of the folder that facts are of
	facts   *FolderFacts  // nil before the first reading
	err     error         // of the last reading
	reading chan struct{} // closed when the reading under way has ended; nil where there is none
	stop    context.CancelFunc
}

// A print shows whether a folder has changed.
type print struct {
	sum     uint64
	files   int
	changed time.Time
}

// printOf looks at names, sizes and times of all files below a folder.
func printOf(ctx context.Context, dir string) (print, error) {
	var p print
	h := fnv.New64a()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went away meanwhile: the next look sees that
		} else if err != nil {
			return err
		}
		if d.IsDir() {
			h.Write([]byte(name + "/\x00"))
			return nil
		}
		if p.files++; p.files > maxFiles {
			return fmt.Errorf("the folder has more than %d files", maxFiles)
		}
		h.Write([]byte(name + "\x00"))
		h.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(info.Size())), uint64(info.ModTime().UnixNano())))
		if info.ModTime().After(p.changed) {
			p.changed = info.ModTime()
		}
		return nil
	})
	p.sum = h.Sum64()
	return p, err
}

// measure puts the facts of the folder into a set. It waits for a reading as long as the context allows; then the facts are those of the
// last one.
func (f *folder) measure(ctx context.Context, s *set) {
	now, err := printOf(ctx, f.dir)
	f.mu.Lock()
	if err == nil && f.reading == nil && (f.facts == nil && f.err == nil || f.seen != now) {
		f.begin(ctx, now)
	}
	wait := f.reading
	f.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	facts, reading, failed := f.facts, f.reading != nil, f.err != nil || err != nil
	f.mu.Unlock()
	s.add(famFolderOK, yes(!failed && facts != nil))
	s.add(famFolderIs, yes(reading))
	if !now.changed.IsZero() {
		s.add(famChanged, float64(now.changed.Unix()))
	}
	if facts != nil {
		facts.measure(s)
	}
}

// begin reads the folder in the background: a scrape that is over does not end it.
func (f *folder) begin(ctx context.Context, now print) {
	ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	f.reading = make(chan struct{})
	go func() {
		facts, err := ReadFolder(ctx, f.world, f.dir)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.stop()
		if f.err = err; err == nil {
			f.facts = facts
		}
		f.seen = now
		close(f.reading)
		f.reading = nil
	}()
}

func (f *folder) close() {
	f.mu.Lock()
	wait := f.reading
	if f.stop != nil {
		f.stop()
	}
	f.mu.Unlock()
	if wait != nil {
		<-wait
	}
}

// FolderFacts are what a folder of exports, or of what cupclint collect wrote, says.
type FolderFacts struct {
	// Read is when it was read, and Took how long that took.
	Read time.Time
	Took time.Duration
	// Inputs and Errors count files; Summary has the findings by severity.
	Inputs, Errors int
	Summary        lint.Counts
	// Findings by site, rule and severity.
	Findings map[FindingKey]int
	// Problems say which files could not be read.
	Problems []string
	// Worst are the messages of the most severe findings, at most maxWorst.
	Worst []lint.Finding
	// Nodes are facts of servers.
	Replication []Replica
	Times       []NodeTime
	Collected   []Collected
}

const maxWorst = 50

// A FindingKey is what findings are counted by.
type FindingKey struct {
	Site, Rule string
	Severity   lint.Severity
}

// A Replica is the state of one server as one node sees it.
type Replica struct {
	Site, Node, Server string
	State              string
	Queue              int // -1 where it is not printed
}

// A NodeTime is what a node says of its time.
type NodeTime struct {
	Site, Node string
	// Known says that the node said whether it is synchronised.
	Known, Synchronised bool
	Stratum             int // 0 where it is not printed
	Source              string
	Offset              time.Duration
	HasOffset           bool
}

// A Collected is one folder of cupclint collect.
type Collected struct {
	Site     string
	Manifest *collect.Manifest
}

// ReadFolder reads folders, files, globs or archives, as cupclint lint does.
func ReadFolder(ctx context.Context, w *World, paths ...string) (*FolderFacts, error) {
	start := time.Now()
	facts := &FolderFacts{Read: w.now(), Findings: make(map[FindingKey]int)}
	var roots []string // folders of collect
	for _, dir := range paths {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue // a file, a glob, or what export.Find reports
		}
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() != collect.ManifestFile {
				return err
			}
			if m := readManifest(ctx, name); m != nil {
				roots = append(roots, filepath.ToSlash(filepath.Dir(name)))
				facts.Collected = append(facts.Collected, Collected{Manifest: m})
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read the folder %s: %w", dir, err)
		}
	}
	sources, errs := export.Find(paths)
	gathered := newGathered()
	result, err := lint.Run(ctx, lint.Options{Sources: sources, Errors: errs, Rules: append(slices.Clone(w.Rules), gathered.collector()),
		Policy: w.Policy})
	if result != nil { // a run that was cancelled has one, too
		defer result.Close()
	}
	if err != nil {
		return nil, err
	}
	var inputs []string
	for row, err := range result.Inputs() {
		if err != nil {
			return nil, err
		}
		if !row.Skipped() {
			inputs = append(inputs, row.File)
		}
	}
	site := siteOf(w, paths, roots, inputs)
	for i := range facts.Collected {
		facts.Collected[i].Site = site(roots[i] + "/" + collect.ManifestFile)
	}
	for f, err := range result.Findings() {
		if err != nil {
			return nil, err
		}
		facts.Findings[FindingKey{site(f.File), f.Rule, f.Severity}]++
		facts.Summary.Add(f.Severity)
		facts.keepWorst(f)
	}
	facts.Inputs, facts.Errors = len(inputs), len(result.Errors)
	for i := range result.Errors {
		facts.Problems = append(facts.Problems, result.Errors[i].Error())
	}
	facts.Replication, facts.Times = gathered.facts(site)
	facts.Took = time.Since(start)
	return facts, nil
}

func (facts *FolderFacts) keepWorst(f *lint.Finding) {
	if f.Severity == lint.Info {
		return
	}
	at, _ := slices.BinarySearchFunc(facts.Worst, f.Severity, func(have lint.Finding, s lint.Severity) int {
		if have.Severity >= s { // after those that are as severe
			return -1
		}
		return 1
	})
	if at < maxWorst {
		facts.Worst = slices.Insert(facts.Worst, at, lint.Finding{Rule: f.Rule, Severity: f.Severity, Message: f.Message, File: f.File,
			Line: f.Line, Fix: f.Fix})
		facts.Worst = facts.Worst[:min(len(facts.Worst), maxWorst)]
	}
}

// readManifest reads what collect wrote; nil for any other file of that name.
func readManifest(ctx context.Context, name string) *collect.Manifest {
	text, err := safefile.Read(ctx, name, maxManifest)
	if err != nil {
		return nil
	}
	m := new(collect.Manifest)
	if json.Unmarshal(text, m) != nil || m.Schema != collect.Schema {
		return nil
	}
	return m
}

// siteOf says which site a file belongs to: the deployment of the configuration, else the folder of collect that it is in, else the first
// folder in which the inputs differ.
func siteOf(w *World, dirs, roots, inputs []string) func(file string) string {
	sites := group.NewSites(slices.Values(inputs), w.Policy.DeploymentOf)
	return func(file string) string {
		if name := w.Policy.DeploymentOf(file); name != "" {
			return name
		}
		best := ""
		for _, root := range roots {
			if strings.HasPrefix(file, root+"/") && len(root) > len(best) {
				best = root
			}
		}
		if best != "" {
			for _, dir := range dirs {
				if rest, below := strings.CutPrefix(best, strings.TrimSuffix(filepath.ToSlash(dir), "/")+"/"); below {
					return rest
				}
			}
			abs, err := filepath.Abs(filepath.FromSlash(best))
			if err != nil {
				return path.Base(best)
			}
			return filepath.Base(abs)
		}
		return sites.Of(file)
	}
}

// measure puts the facts into a set.
func (facts *FolderFacts) measure(s *set) {
	s.add(famFolderAt, float64(facts.Read.Unix()))
	s.add(famTook, facts.Took.Seconds())
	s.add(famInputs, float64(facts.Inputs))
	s.add(famUnread, float64(facts.Errors))
	total := map[lint.Severity]int{lint.Error: 0, lint.Warning: 0, lint.Info: 0}
	for k, n := range facts.Findings {
		s.add(famFolder, float64(n), k.Site, k.Rule, k.Severity.String())
		total[k.Severity] += n
	}
	for severity, n := range total {
		s.add(famTotal, float64(n), severity.String())
	}
	for _, c := range facts.Collected {
		c.measure(s)
	}
	for _, r := range facts.Replication {
		if n, err := strconv.Atoi(r.State); err == nil {
			s.add(famReplica, float64(n), r.Site, r.Node, r.Server)
		}
		if r.Queue >= 0 {
			s.add(famQueue, float64(r.Queue), r.Site, r.Node, r.Server)
		}
	}
	for _, t := range facts.Times {
		if t.Known {
			s.add(famSync, yes(t.Synchronised), t.Site, t.Node)
		}
		if t.Stratum > 0 {
			s.add(famLevel, float64(t.Stratum), t.Site, t.Node)
		}
		if t.HasOffset {
			s.add(famFar, t.Offset.Seconds(), t.Site, t.Node, t.Source)
		}
	}
}

func (c *Collected) measure(s *set) {
	m := c.Manifest
	if !m.Ended.IsZero() {
		s.add(famEnded, float64(m.Ended.Unix()), c.Site)
	}
	s.add(famComplete, yes(m.Complete), c.Site)
	count := make(map[collect.Outcome]int)
	for i := range m.Steps {
		count[m.Steps[i].Outcome]++
	}
	for outcome, n := range count {
		s.add(famSteps, float64(n), c.Site, string(outcome))
	}
	for _, n := range m.Nodes {
		if n.TLS != nil && !n.TLS.NotAfter.IsZero() {
			s.add(famCert, float64(n.TLS.NotAfter.Unix()), c.Site, n.Name)
		}
	}
}

// gathered takes from exports what servers print about replication and time. It is a lint.Fleet, so that exports are read once.
type gathered struct {
	rows []row
}

// A row is one record of an output.
type row struct {
	file      string
	index, at int // of the export in the run, and of the record in it
	node      string
	values    map[appliance.Field]string
}

func newGathered() *gathered { return &gathered{} }

// wanted are the fields that are kept.
var wanted = [...]appliance.Field{appliance.NtpSynchronised, appliance.NtpOwnStratum, appliance.NtpSource, appliance.NtpTally,
	appliance.NtpOffset, appliance.ReplicationServer, appliance.ReplicationState, appliance.ReplicationQueue}

// maxRows bounds what is kept.
const maxRows = 100_000

// collector makes a rule whose run leaves in g what all exports say. It is not in the catalogue.
func (g *gathered) collector() *lint.Rule {
	first := true
	return &lint.Rule{
		ID: "collect-facts", Name: "collect-facts", Area: "dns", Kind: lint.FleetKind,
		Fleet: func() lint.Fleet {
			if first {
				first = false
				return g
			}
			return newGathered()
		},
	}
}

// Add implements lint.Fleet.
func (g *gathered) Add(in *lint.Input) {
	for i := range in.Properties {
		p := &in.Properties[i]
		field, ok := p.Key.Appliance()
		if !ok || !slices.Contains(wanted[:], field) || len(g.rows) >= maxRows {
			continue
		}
		node, _, _ := strings.Cut(strings.TrimPrefix(p.Name, "Appliance."), "."+strings.SplitN(field.String(), ".", 2)[0]+".")
		last := len(g.rows) - 1
		if last < 0 || g.rows[last].at != p.N || g.rows[last].index != in.Index || g.rows[last].file != in.File {
			g.rows = append(g.rows, row{file: strings.Clone(in.File), index: in.Index, at: p.N, node: strings.Clone(node),
				values: make(map[appliance.Field]string)})
			last++
		}
		g.rows[last].values[field] = strings.Clone(p.Value)
	}
}

// Merge implements lint.Fleet.
func (g *gathered) Merge(other lint.Fleet) { g.rows = append(g.rows, other.(*gathered).rows...) }

// Findings finds nothing.
func (g *gathered) Findings() []lint.Finding { return nil }

// facts are the last that was printed of each server.
func (g *gathered) facts(site func(string) string) (replicas []Replica, times []NodeTime) {
	slices.SortStableFunc(g.rows, func(a, b row) int {
		if a.index != b.index {
			return a.index - b.index
		}
		return a.at - b.at
	})
	byServer, byNode := make(map[[3]string]int), make(map[[2]string]int)
	for i := range g.rows {
		r := &g.rows[i]
		where := site(r.file)
		if server, ok := r.values[appliance.ReplicationServer]; ok {
			n := Replica{Site: where, Node: r.node, Server: server, State: r.values[appliance.ReplicationState], Queue: -1}
			if q, err := strconv.Atoi(r.values[appliance.ReplicationQueue]); err == nil {
				n.Queue = q
			}
			replicas = put(replicas, byServer, [3]string{where, r.node, server}, n)
			continue
		}
		n := NodeTime{Site: where, Node: r.node}
		if at, ok := byNode[[2]string{where, r.node}]; ok {
			n = times[at]
		}
		if n.take(r) {
			times = put(times, byNode, [2]string{where, r.node}, n)
		}
	}
	return replicas, times
}

// take reads a row about time, and reports whether it says anything.
func (n *NodeTime) take(r *row) bool {
	says := false
	if v, ok := r.values[appliance.NtpSynchronised]; ok {
		n.Known, n.Synchronised, says = true, !strings.EqualFold(v, "no"), true
	}
	if v, err := strconv.Atoi(r.values[appliance.NtpOwnStratum]); err == nil {
		n.Stratum, says = v, true
	}
	if strings.HasSuffix(r.values[appliance.NtpTally], "*") {
		if ms, err := strconv.ParseFloat(r.values[appliance.NtpOffset], 64); err == nil {
			n.Source, n.HasOffset, says = r.values[appliance.NtpSource], true, true
			n.Offset = time.Duration(ms * float64(time.Millisecond))
		}
	}
	return says
}

// put replaces the value of a key, or appends it.
func put[K comparable, V any](list []V, at map[K]int, key K, v V) []V {
	if i, ok := at[key]; ok {
		list[i] = v
		return list
	}
	at[key] = len(list)
	return append(list, v)
}
