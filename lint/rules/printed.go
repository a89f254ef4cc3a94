package rules

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

// Rules about what servers printed share this view of a deployment: its nodes, what is known of each, and the outputs of their commands.

// A printedCheck looks at what servers printed.
type printedCheck func(*evidence, *lint.Deployment) []lint.Finding

// printed makes a rule about output of servers.
func printed(id string, check printedCheck) *lint.Rule {
	return lint.Define(id, lint.Rule{
		Printed: true,
		Joined:  func(d *lint.Deployment) []lint.Finding { return check(evidenceOf(d), d) },
	})
}

// An evidence is the outputs of a deployment, by node.
type evidence struct {
	outputs []*output
	nodes   []*node
	rows    []*memberRow // of all tables of cluster members, each node once
	clients []*lint.Member

	times     map[*node]*ntpState
	blockedBy map[*ntpState]*ntpState

	// What rules on versions and licences ask for again and again.
	clusters  map[string][]*versionGroup
	holding   map[string][]*node
	lines     []*licenceLine
	linesRead bool
}

// An output is what one command printed.
type output struct {
	command string
	node    *node
	fact    *lint.Fact // the command
	records []record
	guessed bool
	name    string // of the node, as the reader has it
}

// A record is the facts of one row of an output.
type record []*lint.Fact

func (r record) get(f appliance.Field) *lint.Fact {
	for _, fact := range r {
		if g, _ := fact.Key.Appliance(); g == f {
			return fact
		}
	}
	return nil
}

func (r record) text(f appliance.Field) string {
	if fact := r.get(f); fact != nil {
		return fact.Value
	}
	return ""
}

// A node is a server of the deployment.
type node struct {
	name    string // host name
	row     *memberRow
	outputs []*output

	running      *nodeVersion
	runningKnown bool
}

// A memberRow is a row of "show network cluster".
type memberRow struct {
	record
	host, name, address string
	role                string // Publisher, Subscriber
	product             string // callmanager, cups
	database            string // DBPub, DBSub
	table               int    // rows with the same number were in one table
}

func evidenceOf(d *lint.Deployment) *evidence {
	return d.Once(func() any { return newEvidence(d) }).(*evidence)
}

func newEvidence(d *lint.Deployment) *evidence {
	e := &evidence{times: make(map[*node]*ntpState), clusters: make(map[string][]*versionGroup), holding: make(map[string][]*node)}
	for _, m := range d.Members {
		if m.Client {
			e.clients = append(e.clients, m)
		}
		if m.Evidence {
			e.read(m)
		}
	}
	e.readRows()
	e.assign()
	return e
}

// read takes the outputs of one file. The facts after a command belong to it.
func (e *evidence) read(m *lint.Member) {
	var current *output
	last := 0
	for f := range m.Facts {
		field, ok := f.Key.Appliance()
		if !ok {
			continue
		}
		if field == appliance.Command {
			command, guessed := strings.CutSuffix(f.Value, " "+appliance.Guessed)
			name := strings.TrimSuffix(strings.TrimPrefix(f.Place.Key, "Appliance."), "."+appliance.Command.String())
			current = &output{command: command, fact: f, guessed: guessed, name: name}
			e.outputs = append(e.outputs, current)
			continue
		}
		if current == nil {
			continue
		}
		if f.N != last || len(current.records) == 0 {
			current.records = append(current.records, nil)
			last = f.N
		}
		r := &current.records[len(current.records)-1]
		*r = append(*r, f)
	}
}

// all yields the records with a field, of all outputs.
func (o *output) all(f appliance.Field) func(yield func(record, *lint.Fact) bool) {
	return func(yield func(record, *lint.Fact) bool) {
		for _, r := range o.records {
			if fact := r.get(f); fact != nil && !yield(r, fact) {
				return
			}
		}
	}
}

// first returns the first fact with a field, or nil.
func (o *output) first(f appliance.Field) *lint.Fact {
	for _, fact := range o.all(f) {
		return fact
	}
	return nil
}

func (o *output) text(f appliance.Field) string {
	if fact := o.first(f); fact != nil {
		return fact.Value
	}
	return ""
}

func (o *output) has(f appliance.Field) bool { return o.first(f) != nil }

// with lists the outputs of a node that have a field, in their order.
func (n *node) with(f appliance.Field) []*output {
	var out []*output
	for _, o := range n.outputs {
		if o.has(f) {
			out = append(out, o)
		}
	}
	return out
}

// last returns the last output of a node that has a field, or nil.
func (n *node) last(f appliance.Field) *output {
	if all := n.with(f); len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// fact returns the last fact of a node with a field, or nil.
func (n *node) fact(f appliance.Field) *lint.Fact {
	if o := n.last(f); o != nil {
		return o.first(f)
	}
	return nil
}

func (n *node) text(f appliance.Field) string {
	if fact := n.fact(f); fact != nil {
		return fact.Value
	}
	return ""
}

// readRows takes the rows of the tables of members. A table that names a node of an earlier one is of the same cluster.
func (e *evidence) readRows() {
	tables := 0
	for _, o := range e.outputs {
		var rows []*memberRow
		table := -1
		for r, host := range o.all(appliance.MemberHost) {
			row := &memberRow{
				record: r, host: host.Value, name: r.text(appliance.MemberName), address: r.text(appliance.MemberAddress), role: r.text(appliance.Role),
				product: r.text(appliance.MemberProduct), database: r.text(appliance.MemberDatabase),
			}
			rows = append(rows, row)
			if same := e.row(row.host); same != nil && same.address == row.address {
				table = same.table
			}
		}
		if len(rows) > 0 && table < 0 {
			tables++
			table = tables
		}
		for _, row := range rows {
			row.table = table
			if e.row(row.host) == nil {
				e.rows = append(e.rows, row)
			}
		}
	}
}

// row returns the row of a host name, or nil.
func (e *evidence) row(host string) *memberRow {
	for _, r := range e.rows {
		if sameServer(r.host, host) {
			return r
		}
	}
	return nil
}

// called returns the row of a node by any of its names.
func (e *evidence) called(name string) *memberRow {
	for _, r := range e.rows {
		if r.is(name) {
			return r
		}
	}
	return nil
}

// is reports whether a name or an address is the node's. Tables of time sources cut names to 15 characters.
func (r *memberRow) is(name string) bool {
	const cut = 15
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if name == "" {
		return false
	}
	for _, own := range []string{r.host, r.name, r.address} {
		own = strings.ToLower(own)
		if own == name || len(name) == cut && len(own) > cut && strings.HasPrefix(own, name) {
			return true
		}
	}
	return sameServer(r.host, name)
}

// assign gives every output its node. A node that was guessed from the name of a file becomes a known node if the name fits one, or
// if there is only one.
func (e *evidence) assign() {
	for _, o := range e.outputs {
		if !o.guessed {
			e.put(o, o.name)
		}
	}
	for _, o := range e.outputs {
		if o.guessed {
			e.put(o, e.nodeOfFile(o.name))
		}
	}
	for _, n := range e.nodes { // in the order of the text, guessed or not
		n.outputs = n.outputs[:0]
	}
	for _, o := range e.outputs {
		o.node.outputs = append(o.node.outputs, o)
	}
}

func (e *evidence) put(o *output, name string) {
	n := e.node(name)
	if n == nil {
		n = &node{name: name, row: e.called(name)}
		if n.row != nil {
			n.name = n.row.host
		}
		e.nodes = append(e.nodes, n)
	}
	o.node = n
	n.outputs = append(n.outputs, o)
}

// node returns the node with a name, or nil.
func (e *evidence) node(name string) *node {
	for _, n := range e.nodes {
		if sameServer(n.name, name) || n.row != nil && n.row.is(name) {
			return n
		}
	}
	return nil
}

func (e *evidence) nodeOfFile(name string) string {
	if e.node(name) != nil || e.called(name) != nil {
		return name
	}
	parts := strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune("-_. ()", c) })
	for _, part := range parts {
		if n := e.node(part); n != nil {
			return n.name
		}
		if r := e.called(part); r != nil {
			return r.host
		}
	}
	var known []string
	for _, n := range e.nodes {
		if slices.ContainsFunc(n.outputs, func(o *output) bool { return !o.guessed }) {
			known = append(known, n.name)
		}
	}
	if len(known) == 1 && len(e.rows) <= 1 {
		return known[0]
	}
	if len(known) == 0 && len(e.rows) == 1 {
		return e.rows[0].host
	}
	return name
}

// sameServer compares two host names without their domains; addresses are compared whole.
func sameServer(a, b string) bool {
	if isAddress(a) || isAddress(b) {
		return a == b
	}
	first := func(s string) string { h, _, _ := strings.Cut(s, "."); return h }
	return a != "" && strings.EqualFold(first(a), first(b))
}

// product is what runs on the node: callmanager, cups, cer, connection, or empty where nothing says so.
func (n *node) product() string {
	if n.row != nil && n.row.product != "" {
		return n.row.product
	}
	product := ""
	for _, o := range n.outputs {
		for _, name := range o.all(appliance.ServiceName) {
			switch p := productOf(name.Value); {
			case p == "":
			case strings.EqualFold(name.Value, "Cisco AXL Web Service"):
				product = p // IM and Presence has it, too: a service that only one product has decides
			default:
				return p
			}
		}
	}
	return product
}

// publisher reports whether the node is the call manager's publisher, as far as something says so.
func (n *node) publisher() bool {
	if n.row != nil {
		return n.row.callManagerPublisher()
	}
	return n.product() == "callmanager" && strings.EqualFold(n.text(appliance.ServicePrimary), "true")
}

func (r *memberRow) callManagerPublisher() bool {
	return r.role == "Publisher" && r.product != "cups" && r.product != "cer"
}

// dependent reports whether the node is known to be another one than the call manager's publisher.
func (n *node) dependent() bool {
	if n.row != nil {
		return !n.row.callManagerPublisher()
	}
	return n.product() == "cups" || n.product() == "callmanager" && strings.EqualFold(n.text(appliance.ServicePrimary), "false")
}

// publisherOf returns the row of the call manager's publisher that a node belongs to, or nil where that is not certain.
func (e *evidence) publisherOf(n *node) *memberRow {
	var all []*memberRow
	for _, r := range e.rows {
		if r.callManagerPublisher() {
			if n.row != nil && n.row.table == r.table {
				return r
			}
			all = append(all, r)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return nil
}

// apart reports whether two nodes are known to be of different clusters.
func (e *evidence) apart(a, b *node) bool {
	x, y := e.publisherOf(a), e.publisherOf(b)
	return x != nil && y != nil && x != y
}
