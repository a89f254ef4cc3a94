package lint

import (
	"path"
	"slices"
	"strings"
	"sync"

	"cupclint/export"
	"cupclint/internal/fold"
	"cupclint/resolve"
)

// A PresenceNode is one presence server that the export names, with the address a client gets from it.
type PresenceNode struct {
	Role   string           // "primary", "backup", "backup2"
	Node   *export.Property // the node name; nil for a primary that is missing
	Domain *export.Property // the domain; nil when the export has none
	// Address is what the client computes.
	Address resolve.Address
}

// maxNodes is how many presence nodes a client knows.
const maxNodes = 3

type presenceNodes struct {
	known bool
	n     int
	list  [maxNodes]PresenceNode
}

// PresenceNodes returns the presence nodes of the export, the primary first. The primary is there when the export has
// its node name, even an empty one, or a domain; a backup when it has a node name that is not empty. The
// addresses are computed once for each export. The slice belongs to the input.
func (in *Input) PresenceNodes() []PresenceNode {
	if in.nodes.known {
		for _, k := range [...]export.KeyID{export.PresenceDomain, export.PresencePrimaryAddress, export.PresenceBackupAddress,
			export.PresenceBackup2Address} {
			in.Asked.Value(k)
		}
	} else {
		in.nodes.known = true
		in.nodes.n = 0
		domain := in.Get(export.PresenceDomain)
		primary := in.Get(export.PresencePrimaryAddress)
		if primary != nil || domain != nil && domain.Value != "" {
			in.addNode("primary", primary, domain)
		}
		for _, backup := range [...]struct {
			role string
			key  export.KeyID
		}{{"backup", export.PresenceBackupAddress}, {"backup2", export.PresenceBackup2Address}} {
			if p := in.Get(backup.key); p != nil && p.Value != "" {
				in.addNode(backup.role, p, domain)
			}
		}
	}
	return in.nodes.list[:in.nodes.n]
}

func (in *Input) addNode(role string, node, domain *export.Property) {
	in.nodes.list[in.nodes.n] = PresenceNode{
		Role: role, Node: node, Domain: domain,
		Address: resolve.Presence(valueOf(node), valueOf(domain)),
	}
	in.nodes.n++
}

func valueOf(p *export.Property) string {
	if p == nil {
		return ""
	}
	return p.Value
}

// GenerationOf returns the generation of the client that the export is for: Client.Generation, else what Client.Version says, else xmpp for
// a Jabber client's own files, else sip. Any other value is ignored; a rule reports it.
func GenerationOf(e *export.Export) resolve.Generation {
	if g, said := generationIn(e); said {
		return g
	}
	return resolve.SIP
}

// generationIn returns what the export itself says.
func generationIn(e *export.Export) (g resolve.Generation, said bool) {
	if text, ok := e.Value(export.ClientGeneration); ok {
		if g, err := resolve.ParseGeneration(text); err == nil {
			return g, true
		}
	}
	if text, ok := e.Value(export.ClientVersion); ok {
		if g, ok := resolve.GenerationOf(text); ok {
			return g, true
		}
	}
	if e.Format == export.Jabber || e.Format == export.JabberBootstrap {
		return resolve.XMPP, true
	}
	return "", false
}

// A jabberIndex knows where Jabber's own files are: in which folders, and in which deployments of the configuration. Clients that get
// those files have the XMPP generation. An export next to them that does not give its generation is treated as an export of such a
// client. The file names decide, because they are known before any file is read.
type jabberIndex struct {
	policy *Policy

	mu          sync.RWMutex
	found       map[string]bool // folders
	deployments map[string]bool
	homes       homes
}

func newJabberIndex(p *Policy, sources []export.Source) *jabberIndex {
	x := &jabberIndex{policy: p}
	x.add(sources)
	return x
}

// add looks at further sources. Those of one folder come together.
func (x *jabberIndex) add(sources []export.Source) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.homes = x.homes.and(sources)
	for i := range sources {
		name := sources[i].Name
		base := name[strings.LastIndexByte(name, '/')+1:]
		if !fold.HasPrefix(base, "jabber-config") && !fold.HasPrefix(base, "jabber-bootstrap") {
			continue
		}
		if x.found == nil {
			x.found, x.deployments = make(map[string]bool), make(map[string]bool)
		}
		x.found[x.homes.of(name)] = true
		if deployment := x.policy.DeploymentOf(name); deployment != "" {
			x.deployments[deployment] = true
		}
	}
}

// folders are the folders of cupclint collect that are known.
func (x *jabberIndex) folders() homes {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.homes
}

// homes are the folders that cupclint collect has written: all files in one of them belong to one deployment.
type homes []string

// and returns the folders with those of further sources.
func (h homes) and(sources []export.Source) homes {
	h = slices.Clip(h) // workers look at it
	for i := range sources {
		if home := sources[i].Home(); home != "" && !slices.Contains(h, home) {
			h = append(h, home)
		}
	}
	return h
}

// of is the folder that a file belongs to: the one of a collection that it is in, else its own.
func (h homes) of(file string) string {
	for _, home := range h {
		if rest, ok := strings.CutPrefix(file, home); ok && strings.HasPrefix(rest, "/") {
			return home
		}
	}
	return path.Dir(file)
}

// near reports whether Jabber's files are next to a file.
func (x *jabberIndex) near(file, deployment string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.found != nil && (x.deployments[deployment] || x.found[x.homes.of(file)])
}

// orient tells the input where its export belongs: deployment, neighbours and generation.
func (w *worker) orient() {
	in := &w.input
	in.Deployment = w.policy.DeploymentOf(in.File)
	in.WithJabber = w.jabber.near(in.File, in.Deployment)
	if in.Generation = w.policy.generation; in.Generation != "" {
		return
	}
	g, said := generationIn(in.Export)
	switch {
	case said:
		in.Generation = g
	case in.WithJabber:
		in.Generation = resolve.XMPP
	default:
		in.Generation = resolve.SIP
	}
}

// An AddressRow is one line of the table of presence addresses.
type AddressRow struct {
	File       string `json:"file"`
	Role       string `json:"role"`
	Node       string `json:"node"`
	Domain     string `json:"domain"`
	Address    string `json:"address"`
	Step       string `json:"step"`
	Verdict    string `json:"verdict"`
	Reason     string `json:"reason,omitempty"`
	Generation string `json:"generation"`
}

// compareRows leaves the rows of one file in the order of PresenceNodes.
func compareRows(a, b *AddressRow) int { return strings.Compare(a.File, b.File) }

// addAddresses keeps the rows of the current export.
func (w *worker) addAddresses() {
	w.encoded = w.encoded[:0]
	for _, n := range w.input.PresenceNodes() {
		row := AddressRow{
			File: w.input.File, Role: n.Role, Node: valueOf(n.Node), Domain: valueOf(n.Domain),
			Address: n.Address.Value, Step: string(n.Address.Step), Verdict: string(n.Address.Verdict()), Reason: n.Address.Reason(),
			Generation: string(w.input.Generation),
		}
		w.encoded = row.encode(w.encoded)
	}
	if len(w.encoded) > 0 {
		w.addresses.add(w.input.File, w.input.Index, w.encoded)
	}
}
