package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/lint"
)

const licenceArea = "licences"

func lic() []*lint.Rule {
	rule := func(id, name string, severity lint.Severity, summary string, joined func(*evidence, *lint.Deployment) []lint.Finding) *lint.Rule {
		return printedRule(licenceArea, id, name, severity, summary, joined)
	}
	return []*lint.Rule{
		rule("LIC001", "licence-host-id", lint.Error, "a licence is locked to another server than the one that must hold it", licenceHostID),
		rule("LIC002", "licence-missing-kind", lint.Error, "a kind of licence is missing, or licences for fewer nodes than there are", licenceMissing),
		rule("LIC003", "licence-units-short", lint.Warning, "the users need more device licence units than the licences have", licenceUnits),
		rule("LIC004", "cer-subscriber-licence", lint.Error, "an Emergency Responder has no licence of its own", emergencyResponder),
		rule("LIC005", "licence-expiring", lint.Info, "a licence that ends, or smart licensing that is not in order", licenceExpiring),
		rule("LIC006", "licence-mac-at-risk", lint.Warning, "correcting a fault changes the License MAC, which the licences are locked to", licenceAtRisk),
		rule("LIC007", "licence-version", lint.Error, "the software licence is for another major release than the running one", licenceVersion),
		rule("LIC008", "licence-file-mixed-ids", lint.Info, "a licence file names more than one server", licenceMixed),
	}
}

// Products that have licence files of their own, beside callmanager, cups and cer.
const (
	contactCenter = "ccx"
	connection    = "connection"
)

// A licenceLine is one INCREMENT line of a licence file.
type licenceLine struct {
	record
	feature *lint.Fact
	family  string // the product that the line is for
	count   int    // -1 where the line has none
	id      string // hexadecimal digits of HOSTID, in lower case
}

// place is where the line names its server, or the feature.
func (l *licenceLine) place() *lint.Fact {
	if id := l.get(appliance.LicenceHostID); id != nil {
		return id
	}
	return l.feature
}

func (l *licenceLine) file() string { return l.feature.Place.File }

// licences lists the lines of all licence files.
func (e *evidence) licences() []*licenceLine {
	if !e.linesRead {
		e.lines, e.linesRead = e.readLicences(), true
	}
	return e.lines
}

func (e *evidence) readLicences() []*licenceLine {
	var out []*licenceLine
	for _, o := range e.outputs {
		from := len(out)
		family := ""
		for r, feature := range o.all(appliance.LicenceFeature) {
			l := &licenceLine{record: r, feature: feature, family: licenceFamily(feature.Value), count: -1, id: hexDigits(r.text(appliance.LicenceHostID))}
			if n, err := strconv.Atoi(r.text(appliance.LicenceCount)); err == nil {
				l.count = n
			}
			if family == "" {
				family = l.family
			}
			out = append(out, l)
		}
		if family == "" {
			family = "callmanager"
		}
		for _, l := range out[from:] {
			if l.family == "" && isSoftwareLicence(l.feature.Value) { // SW_FEATURE says nothing of the product; its file does
				l.family = family
			}
		}
	}
	return out
}

// licenceFamily tells the product from the name of a feature, empty where the name does not say.
func licenceFamily(feature string) string {
	feature = strings.ToUpper(feature)
	for _, f := range [...]struct{ prefix, product string }{
		{"CCM", "callmanager"}, {"PHONE_UNIT", "callmanager"}, {"CUP", "cups"}, {"CER", "cer"}, {"CCX", contactCenter}, {"CRS", contactCenter},
		{"CUC", connection}, {"LICUNITY", connection}, {"LICVM", connection}, {"LICSUB", connection},
	} {
		if strings.HasPrefix(feature, f.prefix) {
			return f.product
		}
	}
	return ""
}

func isSoftwareLicence(feature string) bool { return strings.EqualFold(feature, "SW_FEATURE") }

// linesOf lists the lines for a product.
func linesOf(all []*licenceLine, family string) []*licenceLine {
	var out []*licenceLine
	for _, l := range all {
		if l.family == family {
			out = append(out, l)
		}
	}
	return out
}

// hexDigits keeps the digits of a MAC address or host ID, in lower case. What is no MAC gives "".
func hexDigits(s string) string {
	const digits = 12
	s = strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
			return c
		case c == ':' || c == '-' || c == '.' || c == ' ':
			return -1
		}
		return 'x'
	}, strings.ToLower(s))
	if len(s) != digits || strings.Contains(s, "x") {
		return ""
	}
	return s
}

// major is the major release that the node runs, 0 where it is not known.
func (n *node) major() int {
	if v := n.version(); v != nil {
		return v.Major
	}
	return 0
}

// Releases with licence files on the nodes: up to 8.x, Emergency Responder up to 9.x. Later ones report to a licence manager.
const (
	lastWithFiles          = 8
	lastResponderWithFiles = 9
)

// files reports whether the node can hold licence files. Where the version is not known, it can.
func (n *node) files() bool {
	if n.product() == "cer" {
		return n.major() <= lastResponderWithFiles
	}
	return n.major() <= lastWithFiles
}

// virtual and metal report what is known of the machine; neither where nothing says it.
func (n *node) virtual() bool {
	if n.fact(appliance.BannerVMware) != nil {
		return true
	}
	platform := strings.ToLower(n.text(appliance.HardwarePlatform))
	return strings.Contains(platform, "vmware") || strings.Contains(platform, "virtual")
}

func (n *node) metal() bool { return n.text(appliance.HardwarePlatform) != "" && !n.virtual() }

// cards lists the MAC addresses of the network cards.
func (n *node) cards() []*lint.Fact {
	var out []*lint.Fact
	for _, o := range n.outputs {
		for _, mac := range o.all(appliance.CardMAC) {
			if hexDigits(mac.Value) != "" {
				out = append(out, mac)
			}
		}
	}
	return out
}

// licenceMACs lists what licences of the node are locked to: its License MAC, or on machines that have none the MAC of a card. It is empty where that is not
// known: from 8.x on a virtual machine has a License MAC, which is not that of its card.
func (n *node) licenceMACs() []*lint.Fact {
	if mac := n.fact(appliance.LicenseMAC); mac != nil && hexDigits(mac.Value) != "" {
		return []*lint.Fact{mac}
	}
	const firstWithLicenseMAC = 8
	if n.major() >= firstWithLicenseMAC && !n.metal() {
		return nil
	}
	return n.cards()
}

func (n *node) holds(id string) bool {
	return slices.ContainsFunc(n.licenceMACs(), func(mac *lint.Fact) bool { return hexDigits(mac.Value) == id })
}

// holders lists the nodes that can hold the licences of a product: the publisher, of Emergency Responder both nodes.
func (e *evidence) holders(family string) []*node {
	out, known := e.holding[family]
	if !known {
		out = e.findHolders(family)
		e.holding[family] = out
	}
	return out
}

func (e *evidence) findHolders(family string) []*node {
	if family == "" {
		return nil
	}
	var own, first, unknown []*node
	silent := true // nothing says what any node is
	for _, n := range e.nodes {
		switch n.runs() {
		case family:
			own = append(own, n)
			if n.first() {
				first = append(first, n)
			}
		case "":
			if n.fact(appliance.HostName) != nil || len(n.licenceMACs()) > 0 || n.version() != nil {
				unknown = append(unknown, n)
			}
		default:
			silent = false
		}
	}
	switch {
	case family == "cer" && len(own) > 0:
		return own
	case len(first) > 0:
		return first
	case len(own) == 1 && !own[0].second():
		return own
	case len(own) > 0 || !silent:
		return nil
	case len(unknown) == 1 || family == "cer" && len(linesOf(e.licences(), family)) == len(e.licences()):
		return unknown // the licence says what it is
	}
	return nil
}

// second reports whether a node is known not to be the publisher of its product.
func (n *node) second() bool {
	return n.row != nil && n.row.database == "DBSub" || strings.EqualFold(n.text(appliance.ServicePrimary), "false")
}

func licenceHostID(e *evidence, d *lint.Deployment) []lint.Finding {
	type key struct{ file, id string }
	at := map[key]int{}
	var findings []lint.Finding
	all := e.licences()
	for _, l := range all {
		holders := e.holders(l.family)
		if l.id == "" || len(holders) == 0 {
			continue
		}
		known := true
		for _, n := range holders {
			known = known && n.files() && len(n.licenceMACs()) > 0
		}
		if !known || slices.ContainsFunc(holders, func(n *node) bool { return n.holds(l.id) }) {
			continue
		}
		if l.family == "cer" && len(holders) == 1 && holders[0].second() {
			continue // it is the licence of the other server; LIC004 says what is missing here
		}
		k := key{l.file(), l.id}
		if i, seen := at[k]; seen {
			findings[i].Related = append(findings[i].Related, l.place().Related("%s is for the same server", l.feature.Value))
			continue
		}
		mac := holders[0].licenceMACs()[0]
		f := d.At(l.place(), "the licence %s is locked to host ID %s. %s, which must hold it, has %s: the licence is not accepted there", l.feature.Value, l.text(appliance.LicenceHostID), holders[0].name, mac.Value)
		f.Related = []lint.Related{mac.Related("%s has %s", holders[0].name, mac.Value)}
		if other := e.holderOf(l.id); other != nil {
			f.Message += ". It is the one of " + other.name
		}
		f.Fix = "Have the licence reissued (rehosted) for the MAC of the node that must hold it: the publisher; of Emergency Responder each server. On virtual machines that is the License MAC of show status."
		at[k] = len(findings)
		findings = append(findings, f)
	}
	return findings
}

// holderOf returns the node with a MAC, or nil.
func (e *evidence) holderOf(id string) *node {
	for _, n := range e.nodes {
		if n.holds(id) {
			return n
		}
	}
	return nil
}

// managed returns the call manager that holds the licences, if it is of a release with licence files and there is one only, and the lines for it.
func (e *evidence) managed() (publisher *node, lines []*licenceLine) {
	holders := e.holders("callmanager")
	lines = linesOf(e.licences(), "callmanager")
	if len(holders) != 1 || len(lines) == 0 || !holders[0].files() {
		return nil, nil
	}
	return holders[0], lines
}

// managers counts the call managers of a cluster.
func (e *evidence) managers(publisher *node) int {
	n := 0
	for _, r := range e.rows {
		if publisher.row != nil && r.table == publisher.row.table && (r.product == "callmanager" || r.product == "") {
			n++
		}
	}
	if n == 0 {
		for _, node := range e.nodes {
			if node.runs() == "callmanager" {
				n++
			}
		}
	}
	return n
}

func licenceMissing(e *evidence, d *lint.Deployment) []lint.Finding {
	publisher, lines := e.managed()
	if publisher == nil || publisher.major() == 0 {
		return nil
	}
	const firstWithSoftwareLicence = 7
	var findings []lint.Finding
	var node, software *licenceLine
	nodes := 0
	for _, l := range lines {
		switch feature := strings.ToUpper(l.feature.Value); {
		case feature == "CCM_NODE":
			if node == nil {
				node = l
			}
			nodes += max(l.count, 0)
		case isSoftwareLicence(feature):
			software = l
		}
	}
	missing := func(place *lint.Fact, fix, format string, args ...any) {
		f := d.At(place, format, args...)
		if v := publisher.version(); v != nil {
			f.Related = append(f.Related, v.place.Related("%s has version %s", publisher.name, v))
		}
		f.Fix = fix + " Licences of several files add up: check that all files of the publisher are here (System > Licensing > License File Upload)."
		findings = append(findings, f)
	}
	have := e.managers(publisher)
	switch {
	case node == nil:
		missing(lines[0].feature, "Order a node licence (CCM_NODE) for each call manager.", "the licences of %s have none for nodes (CCM_NODE): no call manager of the cluster is licensed", publisher.name)
	case nodes < have && node.count >= 0:
		missing(node.feature, "Order node licences (CCM_NODE) for the rest.", "the node licences of %s are for %d servers, and the cluster has %d call managers", publisher.name, nodes, have)
	}
	if software == nil && publisher.major() >= firstWithSoftwareLicence {
		missing(lines[0].feature, "Order the software licence (SW_FEATURE) of the release.", "the licences of %s have none for the software (SW_FEATURE), which releases from 7.0 on need", publisher.name)
	}
	return findings
}

// Units of a CUPC user: phone presence, log-in, and the soft phone, which takes fewer as an adjunct of a desk phone.
const (
	unitsPresence     = 1
	unitsLogin        = 1
	unitsSoftPhone    = 3
	unitsSoftPhoneToo = 1
)

func licenceUnits(e *evidence, d *lint.Deployment) []lint.Finding {
	var place *licenceLine
	have := 0
	for _, l := range linesOf(e.licences(), "callmanager") {
		if strings.EqualFold(l.feature.Value, "PHONE_UNIT") && l.count >= 0 {
			if place == nil {
				place = l
			}
			have += l.count
		}
	}
	holders := e.holders("callmanager")
	if place == nil || len(holders) > 1 || len(holders) == 1 && !holders[0].files() {
		return nil
	}
	users, softPhones := 0, 0
	seen := map[string]bool{}
	known := 0
	for _, m := range d.Members {
		known += m.Exports
	}
	for _, m := range e.clients {
		if !loggedIn(m) {
			continue
		}
		n := m.Exports
		if id := m.Get(export.UserID, 0); id != nil {
			name := strings.ToLower(id.Value)
			if seen[name] {
				continue
			}
			seen[name], n = true, 1
		}
		users += n
		if softPhone(m) {
			softPhones += n
		}
	}
	if users > 0 { // of many exports only some are told apart
		users += max(0, d.Exports-known)
	}
	least, most := users*(unitsPresence+unitsLogin), users*(unitsPresence+unitsLogin)+softPhones*unitsSoftPhone
	if have >= most {
		return nil
	}
	f := d.At(place.feature, "the licences have %d device licence units (PHONE_UNIT), and %d users of CUPC take %d", have, users, least)
	if most > least {
		f.Message += fmt.Sprintf(" to %d", most)
	}
	f.Message += ". Phones take units, too: the last users cannot be given CUPC"
	if have >= least {
		f.Severity = lint.Info
		f.Message = fmt.Sprintf("the licences have %d device licence units (PHONE_UNIT). %d users of CUPC take %d without soft phones and up to %d with %d soft phones: the units may not be enough", have, users, least, most, softPhones)
	}
	f.Evidence = []string{fmt.Sprintf("each user: %d for presence, %d for the log-in, %d for the soft phone (%d where it is an adjunct of a desk phone)", unitsPresence, unitsLogin, unitsSoftPhone, unitsSoftPhoneToo)}
	f.Fix = "Compare with System > Licensing > License Unit Calculator, and order device licence units."
	return one(f)
}

// loggedIn reports whether an export is that of a user, and not a file that all users get: a client that is set up for a presence server.
func loggedIn(m *lint.Member) bool {
	if m.Get(export.UserID, 0) != nil {
		return true
	}
	for range m.All(presenceKeys()...) {
		return m.Format != export.Jabber && m.Format != export.JabberBootstrap
	}
	return false
}

// softPhone reports whether a client is set up to be one.
func softPhone(m *lint.Member) bool {
	for range m.All(export.TFTPPrimary, export.TFTPBackup1, export.TFTPBackup2, export.JabberPhoneTftpServer1, export.JabberPhoneTftpServer2, export.JabberBootstrapTftp) {
		return true
	}
	return false
}

func emergencyResponder(e *evidence, d *lint.Deployment) []lint.Finding {
	lines, servers := linesOf(e.licences(), "cer"), e.holders("cer")
	if len(lines) == 0 || len(servers) == 0 || slices.ContainsFunc(servers, func(n *node) bool { return !n.files() }) {
		return nil
	}
	ids := map[string]bool{}
	for _, l := range lines {
		if l.id != "" {
			ids[l.id] = true
		}
	}
	const fix = "Order a licence file for the MAC of each Emergency Responder, and upload it on that server. The message \"license expired\" on a pair of servers means the same."
	var findings []lint.Finding
	unknown := 0
	for _, n := range servers {
		macs := n.licenceMACs()
		if len(macs) == 0 {
			unknown++
			continue
		}
		if slices.ContainsFunc(macs, func(mac *lint.Fact) bool { return ids[hexDigits(mac.Value)] }) || len(servers) == 1 && !n.second() {
			continue
		}
		f := d.At(macs[0], "Emergency Responder %s has no licence for its own MAC %s. Publisher and subscriber need one file each", n.name, macs[0].Value)
		f.Related = []lint.Related{lines[0].place().Related("the licence is for %s", lines[0].text(appliance.LicenceHostID))}
		f.Fix = fix
		findings = append(findings, f)
	}
	if len(findings) == 0 && unknown > 0 && len(ids) > 0 && len(ids) < len(servers) {
		f := d.At(lines[0].place(), "the licences are for %d host ID, and there are %d servers of Emergency Responder. Publisher and subscriber need one file each", len(ids), len(servers))
		f.Fix = fix
		findings = append(findings, f)
	}
	return findings
}

func licenceExpiring(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, l := range e.licences() {
		if expiry := l.get(appliance.LicenceExpiry); expiry != nil && !strings.EqualFold(expiry.Value, "permanent") {
			f := d.At(expiry, "the licence %s ends: %s", l.feature.Value, expiry.Value)
			f.Fix = "Order a permanent licence before that day. A licence that ends is one for a trial or a demonstration."
			findings = append(findings, f)
		}
	}
	for _, o := range e.outputs {
		seen := map[string]bool{}
		for _, state := range o.all(appliance.LicenceState) {
			text := strings.ReplaceAll(strings.ToUpper(state.Value), "_", " ")
			what := ""
			switch {
			case strings.Contains(text, "EXPIRED"):
				what = "nothing can be configured for users any more"
			case text == "OUT OF COMPLIANCE":
				what = "more licences are used than there are. After 90 days nothing can be configured for users any more"
			case strings.HasPrefix(text, "EVAL"):
				what = "it ends after 90 days"
			case text == "UNREGISTERED":
				what = "the node is not registered and runs in evaluation, which ends after 90 days"
			}
			if what == "" || seen[what] {
				continue
			}
			seen[what] = true
			f := d.At(state, "smart licensing of node %s is in the state %s: %s", o.node.name, state.Value, what)
			f.Fix = "Register the node, or order the licences that are missing (System > Licensing > License Management)."
			findings = append(findings, f)
		}
	}
	return findings
}

// Rules whose fixes change what a License MAC is computed from: the time servers, which only the publisher has. Those of the card
// and of DNS come with them.
func timeRules() []func(*evidence, *lint.Deployment) []lint.Finding {
	return []func(*evidence, *lint.Deployment) []lint.Finding{
		ntpUnsynchronised, ntpStratum, ntpSilent, ntpPublisherBlocks, ntpVersion3, ntpNoAnswer, windowsTimeSource,
	}
}

// locked reports whether the node has licences that are locked to a License MAC, with the fact that shows it.
func (e *evidence) locked(n *node) *lint.Fact {
	if n.runs() == "callmanager" && n.dependent() {
		return nil // the publisher has the licences
	}
	mac := n.fact(appliance.LicenseMAC)
	var line *licenceLine
	for _, l := range e.licences() {
		if slices.Contains(e.holders(l.family), n) && (mac == nil || l.id == hexDigits(mac.Value)) {
			line = l
			break
		}
	}
	switch {
	case n.metal() || !n.files() || mac == nil && (line == nil || !n.virtual()):
		return nil
	case n.major() == 0 && line == nil, n.major() != 0 && n.major() < 8 && mac == nil: // before 8.x it is the MAC of the card
		return nil
	case mac != nil && !n.virtual() && slices.ContainsFunc(n.cards(), func(c *lint.Fact) bool { return hexDigits(c.Value) == hexDigits(mac.Value) }):
		return nil // a machine of metal prints it, too
	case mac != nil:
		return mac
	}
	return line.place()
}

// atRisk is a sentence for the fixes of time: what they do to the licences of the node.
func (e *evidence) atRisk(n *node) string {
	if n.dependent() || e.locked(n) == nil {
		return ""
	}
	return " Another time server changes the License MAC of this node: its licences must be reissued then (LIC006)."
}

func licenceAtRisk(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings, times []lint.Finding
	for _, find := range timeRules() {
		times = append(times, find(e, d)...)
	}
	names := slices.Concat(reverseDNS(e, d), slices.DeleteFunc(cardSetting(e, d), func(f lint.Finding) bool {
		return !slices.ContainsFunc([]appliance.Field{appliance.CardDHCP, appliance.CardMode, appliance.CardDNS1}, func(field appliance.Field) bool {
			return strings.HasSuffix(f.Key, "."+field.String())
		})
	}))
	for _, n := range e.nodes {
		place := e.locked(n)
		if place == nil {
			continue
		}
		causes := names
		if !n.dependent() {
			causes = slices.Concat(times, names)
		}
		f := d.At(place, "the licences of node %s are locked to its License MAC, which changes with time server, DNS server, time zone, host name and address. A fault of the node asks for such a change: the licences are void 30 days after it", n.name)
		for i := range causes {
			if c := &causes[i]; c.Severity >= lint.Warning && n.at(c) {
				f.Related = append(f.Related, lint.Related{File: c.File, Line: c.Line, Column: c.Column, Message: c.Message})
			}
		}
		if len(f.Related) == 0 {
			continue
		}
		f.Fix = "Note the License MAC (show status) before and after the change. If it differs, have the licences reissued (rehosted) for the new one within the 30 days."
		findings = append(findings, f)
	}
	return findings
}

// at reports whether a finding is about an output of the node.
func (n *node) at(f *lint.Finding) bool {
	return slices.ContainsFunc(n.outputs, func(o *output) bool { return strings.HasPrefix(f.Key, "Appliance."+o.name+".") })
}

func licenceVersion(e *evidence, d *lint.Deployment) []lint.Finding {
	publisher, lines := e.managed()
	if publisher == nil || publisher.major() < 7 {
		return nil // before 7.0 no software licence is needed
	}
	var wrong *licenceLine
	for _, l := range lines {
		version := l.get(appliance.LicenceVersion)
		if !isSoftwareLicence(l.feature.Value) || version == nil {
			continue
		}
		major, _, _ := strings.Cut(version.Value, ".")
		if major == strconv.Itoa(publisher.major()) {
			return nil
		}
		wrong = l
	}
	if wrong == nil {
		return nil
	}
	f := d.At(wrong.get(appliance.LicenceVersion), "the software licence (SW_FEATURE) of %s is for %s, and version %s runs: the release is not licensed", publisher.name, wrong.text(appliance.LicenceVersion), publisher.version())
	f.Related = []lint.Related{publisher.version().place.Related("%s has version %s", publisher.name, publisher.version())}
	f.Fix = fmt.Sprintf("Order the upgrade licence for %d.x and upload it on the publisher. Node and device licences of an earlier release stay valid.", publisher.major())
	return one(f)
}

func licenceMixed(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	first := map[string]*licenceLine{}
	told := map[string]bool{}
	for _, l := range e.licences() {
		if orig := l.get(appliance.LicenceOrigMAC); orig != nil && l.id != "" && hexDigits(orig.Value) != "" && hexDigits(orig.Value) != l.id {
			f := d.At(l.place(), "the licence %s was ordered for %s and is locked to %s: it was moved to another server", l.feature.Value, orig.Value, l.text(appliance.LicenceHostID))
			f.Fix = "Check that the licence was reissued (rehosted) by the vendor, and that nobody edited the file."
			findings = append(findings, f)
		}
		if l.id == "" {
			continue
		}
		if one := first[l.file()]; one == nil {
			first[l.file()] = l
		} else if one.id != l.id && !told[l.file()] {
			told[l.file()] = true
			f := d.At(l.place(), "the lines of the file are for different servers: %s and %s", one.text(appliance.LicenceHostID), l.text(appliance.LicenceHostID))
			f.Related = []lint.Related{one.place().Related("%s is for %s", one.feature.Value, one.text(appliance.LicenceHostID))}
			f.Fix = "Upload each line on the server that it is for. A file with lines of several servers was put together by hand."
			findings = append(findings, f)
		}
	}
	return findings
}
