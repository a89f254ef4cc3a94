package tftp

import (
	"context"
	_ "embed"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/fold"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed facts.tsv
var facts string

// Area is the configuration download as a live area.
func Area() area.Area { return &downloads{Service()} }

// Service is the same, without what one export says about the servers of another.
func Service() *area.Service[Request, Observation] { return service(false) }

func service(any bool) *area.Service[Request, Observation] {
	return area.New(area.Service[Request, Observation]{
		About: area.Info{
			Name: "tftp", Command: "tftp", Facts: facts, Generation: resolve.XMPP, Rules: Rules(), Unreachable: ruleUnreachable.Rule(),
			Link: area.Link{
				Order: 1, Name: "Configuration (TFTP)", Protocol: "HTTP", Keys: []string{"TFTP.", "Jabber.Phone.TftpServer", "Jabber.Bootstrap.Tftp"},
				Areas: []string{"tftp"},
			},
			Host: "TFTP.Primary", Ports: &area.Ports{Plain: PortHTTP, TLS: PortHTTPS, UDP: PortTFTP}, Metrics: []*area.Metric{metricLoaded},
		},
		// Clients of the SIP generation load no file of Jabber.
		Requests: func(in *lint.Input) ([]Request, area.Known) {
			if !any && in.Generation != resolve.XMPP {
				return nil, area.Known{}
			}
			return FromExport(in.Export), area.Known{}
		},
		Same:     func(r *Request) string { return area.SameTarget(r.Ways[0]) },
		Target:   func(r *Request) *probe.Target { return &r.Ways[0] },
		Moved:    func(r *Request) { r.Ways = r.Ways[:1] },
		Describe: func(r *Request) area.Row { return area.RowTo(r.Ways[0], "Jabber's configuration", r.Rank, r.Place) },
		Probe: func(ctx context.Context, t area.Tools, r Request) *Observation {
			return (&Checker{Prober: t.Prober, WebProxy: t.WebProxy}).Probe(ctx, r)
		},
		Judged: func(seen []*Observation, k area.Known) []lint.Finding {
			return Judge(seen, JudgeOptions{CertificateSoon: k.CertificateSoon, Local: k.Local})
		},
	})
}

// Seen implements area.Observation.
func (o *Observation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	if _, ok := o.reached(); ok && o.Error != nil {
		s[0].Looked = o.Incomplete == ""
	}
	return s
}

// downloads makes one plan of the servers and file names of all exports.
type downloads struct {
	*area.Service[Request, Observation]
}

// NewGatherer implements area.Area.
func (d *downloads) NewGatherer() area.Gatherer { return newCollection(d.Service) }

// NewCollection gathers servers for a command with the inputs of the user: for exports of any client.
func NewCollection() area.Gatherer { return newCollection(service(true)) }

func newCollection(s *area.Service[Request, Observation]) *collection {
	return &collection{Gatherer: s.NewGatherer(), configured: make(map[string]Request)}
}

// A collection holds servers, names of files, and the files of the repository.
type collection struct {
	area.Gatherer
	names, groups []string
	configured    map[string]Request // by host in lower case: servers that a setting names
	local         []area.LocalFile
}

// Add implements area.Gatherer.
func (c *collection) Add(in *lint.Input) {
	c.Gatherer.Add(in)
	for s := range settingsOf(in.Export) {
		// Most exports repeat the hosts of the one before: no place is looked for that comes later.
		if have, ok := c.configured[strings.ToLower(s.host)]; !ok || have.Place.File >= in.File {
			c.configure(s.request(in.Export))
		}
	}
	names, groups := fileNames(in.Export)
	c.names, c.groups = append(c.names, names...), append(c.groups, groups...)
	if in.Format == export.Jabber && len(c.local) < maxLocal {
		c.local = append(c.local, localFile(in.Export))
	}
}

func (c *collection) configure(r Request) {
	if have, ok := c.configured[hostKey(r)]; !r.Node && (!ok || before(r, have)) {
		c.configured[hostKey(r)] = r
	}
}

func hostKey(r Request) string { return strings.ToLower(r.Ways[0].Host) }

// before makes the choice between two settings of one host independent of the order in which they were read.
func before(a, b Request) bool {
	if a.Place.File != b.Place.File {
		return a.Place.File < b.Place.File
	}
	return a.Place.Line < b.Place.Line
}

// Merge implements area.Gatherer.
func (c *collection) Merge(other area.Gatherer) {
	o := other.(*collection)
	c.Gatherer.Merge(o.Gatherer)
	c.names, c.groups, c.local = append(c.names, o.names...), append(c.groups, o.groups...), append(c.local, o.local...)
	for _, r := range o.configured {
		c.configure(r)
	}
}

// Tasks implements area.Gatherer: every server is asked for every file that an export names.
func (c *collection) Tasks() []area.Task {
	sorted := func(list []string) []string {
		list = slices.Clone(list)
		slices.Sort(list)
		return slices.Compact(list)
	}
	names, groups := sorted(c.names), sorted(c.groups)
	tasks := c.Gatherer.Tasks()
	for _, t := range tasks {
		r, ok := area.Request[Request](t)
		if !ok {
			continue
		}
		if named, ok := c.configured[hostKey(*r)]; ok && r.Node {
			r.Node, r.Rank, r.Place = false, named.Rank, named.Place
		}
		r.Names, r.Groups = names, groups
	}
	return tasks
}

// Known implements area.Gatherer.
func (c *collection) Known() area.Known {
	k := c.Gatherer.Known()
	k.Local = slices.Clone(c.local)
	slices.SortFunc(k.Local, func(a, b area.LocalFile) int { return strings.Compare(a.File, b.File) })
	return k
}

// WaysOf are the ways to a server, as a client tries them: HTTP, HTTPS, TFTP.
func WaysOf(host string) []probe.Target {
	return []probe.Target{
		{Host: host, Port: PortHTTP, Security: probe.Plain},
		{Host: host, Port: PortHTTPS, Security: probe.ImplTLS},
		{Host: host, Port: PortTFTP, Network: "udp"},
	}
}

// A setting names a host. It is valid as long as its export.
type setting struct {
	host, rank string
	property   *export.Property
}

func (s *setting) request(e *export.Export) Request {
	return Request{Ways: WaysOf(strings.Clone(s.host)), Rank: s.rank, Place: live.PlaceOf(e, s.property)}
}

// settingsOf yields the settings of an export that name servers.
func settingsOf(e *export.Export) func(yield func(setting) bool) {
	return func(yield func(setting) bool) {
		for _, s := range [...]struct {
			rank string
			key  export.KeyID
		}{
			{"primary", export.TFTPPrimary}, {"backup 1", export.TFTPBackup1}, {"backup 2", export.TFTPBackup2},
			{"TftpServer1", export.JabberPhoneTftpServer1}, {"TftpServer2", export.JabberPhoneTftpServer2},
			{"installer", export.JabberBootstrapTftp},
		} {
			for p := range e.All(s.key) {
				for host := range strings.SplitSeq(p.Value, ",") {
					host = strings.TrimSpace(host)
					if host != "" && !strings.EqualFold(host, "NOT_SPECIFIED") && !yield(setting{host, s.rank, p}) {
						return
					}
				}
			}
		}
	}
}

// FromExport finds the TFTP servers that an export names: those of the client configuration web service, of Jabber's files and of its
// installer, and the call manager's nodes of cluster lists, any of which may serve files. Everything is copied; the export may be dropped.
func FromExport(e *export.Export) []Request {
	var out []Request
	for s := range settingsOf(e) {
		out = append(out, s.request(e))
	}
	for n := range live.Nodes(e, "callmanager") {
		out = append(out, Request{Ways: WaysOf(n.Host), Rank: "cluster node", Place: n.Place, Node: true})
	}
	return out
}

// fileNames are the names of files that an export has clients load: the global file of the installer, and group files. The field Cisco
// Support Field of a device has them as configurationfile=NAME.
func fileNames(e *export.Export) (names, groups []string) {
	for p := range e.All(export.JabberBootstrapTftpFileName) {
		if name := fileName(p.Value); name != "" {
			names = append(names, name)
		}
	}
	for p := range e.All(export.JabberBootstrapConfigurationFile) {
		if name := fileName(p.Value); name != "" {
			groups = append(groups, name)
		}
	}
	const field = "configurationfile="
	for i := range e.Properties {
		if p := &e.Properties[i]; len(p.Value) > len(field) && len(p.Value) < 4096 {
			if at := fold.Index(p.Value, field); at >= 0 && at+len(field) < len(p.Value) {
				name, _, _ := strings.Cut(p.Value[at+len(field):], ";")
				if name = fileName(firstWord(name)); name != "" {
					groups = append(groups, name)
				}
			}
		}
	}
	return names, groups
}

func firstWord(s string) string {
	for word := range strings.FieldsSeq(s) {
		return word
	}
	return ""
}

// fileName is the name of a file that can be asked for, else empty.
func fileName(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	if s == "" || len(s) > 200 || strings.EqualFold(s, "NOT_SPECIFIED") {
		return ""
	}
	if strings.ContainsAny(s, "\x00\r\n\t?#\\") || strings.Contains(s, "://") {
		return ""
	}
	return strings.Clone(s)
}

// Bounds on what is kept of the repository.
const (
	maxLocal    = 200
	maxSettings = 2000
)

// localFile copies the settings of a file of the repository, without secrets.
func localFile(e *export.Export) area.LocalFile {
	f := area.LocalFile{File: strings.Clone(e.File), Settings: settings(e)}
	if info, err := os.Stat(e.File); err == nil && info.Mode().IsRegular() {
		f.Modified = info.ModTime().UTC().Truncate(time.Second)
	}
	return f
}

// settings copies the settings of a file, secrets masked.
func settings(e *export.Export) []area.Setting {
	var out []area.Setting
	for i := range e.Properties[:min(len(e.Properties), maxSettings)] {
		p := &e.Properties[i]
		value := strings.Clone(strings.TrimSpace(p.Value))
		if value != "" && (export.IsSecret(p.Name, p.Value) || live.Masked(value)) {
			value = export.Redacted
		}
		name := strings.Clone(p.Name)
		if p.Key != export.NoKey {
			name = p.Key.Name(p.N)
		}
		out = append(out, area.Setting{Key: name, Value: value, Line: e.Range(p).Line})
	}
	return out
}

// baseName is the last part of the name of a file, in an archive too.
func baseName(file string) string {
	return path.Base(strings.ReplaceAll(file, "!", "/"))
}
