package lint

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/resolve"
)

// Joined rules know only a few facts of an export: the nodes, domains, directory servers and access lists that it names.
// Exports with the same facts share one Member, so a fleet of clients costs only as much as its different configurations.

// A Fact is one value that joined rules compare across files.
type Fact struct {
	Key   export.KeyID
	N     int // the number in an indexed key, else 0
	Value string
	Place Place // in the first export of the run that says so
}

// A Member is the exports of a deployment that name the same facts. Its places are those of the first of them.
type Member struct {
	// File is the first of the exports in the order of the run, and Exports counts them.
	File    string `json:"file"`
	Exports int    `json:"exports"`
	// Server and Client say which sides' facts the exports hold; one written by hand may hold both.
	Server bool `json:"server"`
	Client bool `json:"client"`
	// Evidence says that the exports hold output of a server's command line.
	Evidence bool `json:"-"`
	// SIP is set where the client, if the export is one, is of the SIP generation.
	SIP bool `json:"-"`
	// Format of the exports: some list what was entered, others what it became.
	Format export.Format `json:"-"`
	// Why says why the exports are part of the deployment, or why not.
	Why string `json:"why"`

	facts []Fact
	index int
}

// All yields the facts with one of the keys, in the order of the keys and then of the file.
func (m *Member) All(keys ...export.KeyID) func(yield func(*Fact) bool) {
	return func(yield func(*Fact) bool) {
		for _, k := range keys {
			for i := range m.facts {
				if m.facts[i].Key == k && !yield(&m.facts[i]) {
					return
				}
			}
		}
	}
}

// Facts yields all facts in the order of the file.
func (m *Member) Facts(yield func(*Fact) bool) {
	for i := range m.facts {
		if !yield(&m.facts[i]) {
			return
		}
	}
}

// Get returns the fact with the key and number, or nil.
func (m *Member) Get(k export.KeyID, n int) *Fact {
	for f := range m.All(k) {
		if f.N == n {
			return f
		}
	}
	return nil
}

// factSide says which side of a deployment a fact speaks for.
type factSide uint8

const (
	clientFact factSide = 1 << iota
	serverFact
	neutralFact
	evidenceFact          // what a server's command line printed
	noFact       factSide = 0
)

// factSides says of every key whether joined rules may ask for it, and which side has it. None is a secret.
func factSides() (sides [export.NumKeys]factSide) {
	for side, keys := range map[factSide][]export.KeyID{
		serverFact: serverKeys(),
		clientFact: slices.Concat([]export.KeyID{export.PresenceDomain, export.JabberDirectoryPresenceDomain, export.ClientAddress},
			clientNodeKeys(), clientDirectoryKeys()),
		neutralFact: {
			export.NetworkDNSDomain, export.CUCMLDAPAuthenticationEnabled, export.ClientVersion, export.ClientGeneration, export.UserID,
			export.VoiceMailPrimaryAddress, export.DirectoryPrimaryProtocol, export.CallControlEnabled,
		},
	} {
		for _, k := range keys {
			sides[k] = side
		}
	}
	for f := range appliance.NumFields {
		if !f.Row().Secret {
			sides[export.ApplianceKey(f)] = evidenceFact
		}
	}
	return sides
}

func serverKeys() []export.KeyID {
	return []export.KeyID{
		export.ClusterNodeName, export.ClusterNodeAddress, export.ClusterNodeRole,
		export.SIPProxyDomain, export.SIPProxyAuthenticationModule, export.SIPProxyIncomingACL,
		export.CUCMLDAPAuthenticationServerAddress, export.CUCMLDAPAuthenticationServerPort,
	}
}

// clientNodeKeys name the nodes of the cluster that a client talks to.
func clientNodeKeys() []export.KeyID {
	return []export.KeyID{
		export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address,
		export.CallControlPrimaryAddress, export.CallControlBackup1Address, export.CallControlBackup2Address,
		export.CCMCIPHost, export.CCMCIPHostBackup, export.TFTPPrimary, export.TFTPBackup1, export.TFTPBackup2,
		export.JabberPresencePresenceServerAddress, export.JabberDirectoryUdsServer,
		export.JabberPhoneTftpServer1, export.JabberPhoneTftpServer2, export.JabberPhoneCtiServer1, export.JabberPhoneCtiServer2,
		export.JabberPhoneCcmcipServer1, export.JabberPhoneCcmcipServer2,
		export.JabberBootstrapCupAddress, export.JabberBootstrapTftp, export.JabberBootstrapCti, export.JabberBootstrapCcmcip,
	}
}

func clientDirectoryKeys() []export.KeyID {
	return []export.KeyID{
		export.DirectoryPrimaryAddress, export.DirectoryPrimaryPort, export.DirectoryBackup1Address, export.DirectoryBackup1Port,
		export.DirectoryBackup2Address, export.DirectoryBackup2Port,
		export.JabberDirectoryPrimaryServerName, export.JabberDirectoryServerPort1,
		export.JabberDirectorySecondaryServerName, export.JabberDirectoryServerPort2,
	}
}

// Bounds on what a hostile input can make a run keep.
const (
	maxFact    = 512    // bytes of a value: no name of a host or network is longer
	maxFacts   = 2048   // facts of one export: a cluster has some dozens of nodes, a list some hundred entries
	maxPrinted = 20_000 // of one that holds output of servers
	maxMembers = 256    // members of one folder or deployment; each takes some 3 KiB, and a quarter more are kept for a while
)

// A gatherer collects the facts of the exports that one worker sees.
type gatherer struct {
	sides  [export.NumKeys]factSide
	groups map[string]*group
	policy *Policy
	homes  homes

	folder  string // the last one asked for, and its group
	last    *group
	text    []byte
	found   []*export.Property
	servers []export.KeyID    // the keys of servers' facts
	all     bool              // facts of all exports are taken at once, and not at a second look
	joins   map[string]bool   // the groups with exports of servers, by id
	taken   map[string]bool   // the sources whose facts are known already
	shared  map[string]string // the strings of facts: exports of one site have most of them in common
}

func newGatherer(p *Policy) *gatherer {
	return &gatherer{sides: factSides(), groups: make(map[string]*group), policy: p,
		servers: append(serverKeys(), export.ApplianceKey(appliance.SyncAgentPublisher)), joins: make(map[string]bool),
		taken: make(map[string]bool), shared: make(map[string]string)}
}

// A group is the exports in one folder or archive, or in one deployment of the configuration.
type group struct {
	name    string
	named   *namedDeployment // nil for a folder
	policy  *Policy
	members map[string]*Member // by signature
	exports int                // all that were seen
	limit   string             // this signature and later ones are skipped; empty for none
}

// add takes the facts of one export. The source is the file that was opened: the archive of a member.
func (g *gatherer) add(in *Input, source string) {
	g.found, g.text = g.found[:0], g.text[:0]
	var side factSide
	most := maxFacts
	if in.Format.Printed() {
		most = maxPrinted
	}
	for i := range in.Export.Properties { // one pass: this runs for every export
		p := &in.Export.Properties[i]
		if s := g.sides[p.Key]; s != noFact && p.Value != "" && len(p.Value) <= maxFact && len(g.found) < most {
			side |= s
			g.found = append(g.found, p)
		}
	}
	if side&(clientFact|serverFact|evidenceFact) == 0 {
		return
	}
	g.sign(in, side)
	if !g.addNamed(in, side) {
		g.folderOf(in.File, source).add(g, in, side)
	}
}

// addNamed adds an export to the deployments of the configuration that it is part of.
func (g *gatherer) addNamed(in *Input, side factSide) (added bool) {
	if len(g.policy.deployments) == 0 {
		return false
	}
	rel := g.policy.relative(in.File)
	for i := range g.policy.deployments {
		n := &g.policy.deployments[i]
		if _, ok := n.match(rel); ok {
			g.group(n.name, n).add(g, in, side)
			added = true
		}
	}
	return added
}

// sign writes the text that is different for each member: all facts. Those of servers are first in the order of strings, so that
// they are the last to be skipped.
func (g *gatherer) sign(in *Input, side factSide) {
	g.text = newSignature(g.text, in.Format, in.Generation, side&(serverFact|evidenceFact) != 0)
	if side&evidenceFact != 0 {
		g.text = append(g.text, in.File...) // whose output it is may only be known by the name of the file
	}
	for _, p := range g.found {
		g.text = signFact(g.text, p.Key, p.N, p.Value)
	}
}

// newSignature begins a signature in the memory of another one.
func newSignature(b []byte, format export.Format, generation resolve.Generation, server bool) []byte {
	first := byte('b')
	if server {
		first = 'a'
	}
	return append(append(b[:0], first, byte(format)), generation...)
}

func signFact(b []byte, k export.KeyID, n int, value string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(k))
	b = binary.BigEndian.AppendUint16(b, uint16(n)) // at most export.MaxIndex
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

// folderOf returns the group of a file: its folder, or its archive.
func (g *gatherer) folderOf(file, source string) *group {
	folder := source
	if file == source {
		folder = g.homes.of(file)
	}
	if g.last == nil || g.folder != folder {
		g.folder = strings.Clone(folder)
		g.last = g.group(g.folder, nil)
	}
	return g.last
}

// group finds a group or makes it. A folder and a deployment can have the same name.
func (g *gatherer) group(name string, named *namedDeployment) *group {
	id := "f" + name
	if named != nil {
		id = "d" + name
	}
	have := g.groups[id]
	if have == nil {
		have = &group{name: name, named: named, policy: g.policy, members: make(map[string]*Member)}
		g.groups[id] = have
	}
	return have
}

func (gr *group) add(g *gatherer, in *Input, side factSide) {
	gr.exports++
	if m := gr.members[string(g.text)]; m != nil {
		m.Exports++
		if in.Index >= m.index {
			return
		}
		m.take(g, in)
		return
	}
	if gr.limit != "" && string(g.text) > gr.limit {
		return
	}
	m := &Member{Exports: 1, Server: side&serverFact != 0, Client: side&clientFact != 0, Evidence: side&evidenceFact != 0,
		SIP: in.Generation == resolve.SIP, Format: in.Format}
	m.take(g, in)
	gr.members[string(g.text)] = m
	if len(gr.members) > maxMembers+maxMembers/4 {
		gr.prune()
	}
}

// take makes the current export the first of the member.
func (m *Member) take(g *gatherer, in *Input) {
	in.rule = nil
	m.File, m.index = strings.Clone(in.File), in.Index
	m.facts = make([]Fact, len(g.found))
	for i, p := range g.found {
		pl := in.Place(p)
		pl.File = m.File
		pl.Key, pl.Source, pl.value = g.share(pl.Key), g.share(pl.Source), g.share(pl.value)
		m.facts[i] = Fact{Key: p.Key, N: p.N, Value: g.share(p.Value), Place: pl}
	}
}

// maxShared bounds the strings that a gatherer remembers, so that a hostile folder cannot fill the memory with them.
const maxShared = 20_000

// share returns a string that outlives the export, the same one for the same text.
func (g *gatherer) share(s string) string {
	if have, ok := g.shared[s]; ok {
		return have
	}
	s = strings.Clone(s)
	if len(g.shared) < maxShared {
		g.shared[s] = s
	}
	return s
}

// prune keeps the members whose signatures come first. Which they are does not depend on the order in which exports were read.
func (gr *group) prune() {
	if len(gr.members) <= maxMembers {
		return
	}
	order := slices.Sorted(maps.Keys(gr.members))
	gr.limit = order[maxMembers-1]
	for _, signature := range order[maxMembers:] {
		delete(gr.members, signature)
	}
}

func (g *gatherer) merge(other *gatherer) {
	for id, o := range other.groups {
		have := g.groups[id]
		if have == nil {
			g.groups[id] = o
			continue
		}
		have.exports += o.exports
		for signature, m := range o.members {
			mine := have.members[signature]
			if mine == nil {
				have.members[signature] = m
				continue
			}
			if m.index < mine.index {
				m.Exports += mine.Exports
				have.members[signature] = m
			} else {
				mine.Exports += m.Exports
			}
		}
		have.prune()
	}
}
