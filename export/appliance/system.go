package appliance

import (
	"strconv"
	"strings"

	"cupclint/internal/lazy"
)

// readBanner reads what a login shows before the first prompt.
func readBanner(t *Text, o *Out) {
	for start, line := range t.Lines {
		if strings.Contains(line, "VMware Installation:") {
			o.Record("")
			o.PutAs(BannerVMware, "yes", start, start+len(line))
		}
		if m := bannerDNS.Get().FindStringIndex(line); m != nil {
			o.Record("")
			o.Put(BannerDNS, start+m[0], start+m[1])
		}
	}
}

// bannerDNS is the warning about DNS, up to its verb where a copy has no line ends.
var bannerDNS = lazy.Pattern{Expr: `WARNING\b[^\n]{0,20}?\bDNS\b(?:[^\n]*?unreachable|[^\n]*)`}

var (
	versionLine = lazy.Pattern{Expr: `(?i)\b(Active|Inactive|System)(?: Master)? Version:\s*(\d+(?:\.\d+){2,4}-\d+)`}
	optionsHead = lazy.Pattern{Expr: `(?i)\b(Active|Inactive) Version Installed Software Options:`}
	optionWord  = lazy.Pattern{Expr: `\S+\.cop(?:\.\w+)*\b`}
)

func beginsVersion(line string) string {
	if strings.Contains(line, " Version: ") {
		return "version"
	}
	return ""
}

// readVersion reads "show version active" and "show version inactive", and the line that the administration pages have ("System version:
// ...").
func readVersion(t *Text, o *Out) {
	for _, m := range versionLine.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		f := VersionActive
		if strings.EqualFold(t.S[m[2]:m[3]], "Inactive") {
			f = VersionInactive
		}
		o.Put(f, m[4], m[5])
	}
	heads := optionsHead.Get().FindAllStringSubmatchIndex(t.S, -1)
	for i, h := range heads {
		end := len(t.S)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		f := VersionOption
		if strings.EqualFold(t.S[h[2]:h[3]], "Inactive") {
			f = VersionInactiveOption
		}
		for _, m := range optionWord.Get().FindAllStringIndex(t.S[h[1]:end], -1) {
			o.Record("")
			o.Put(f, h[1]+m[0], h[1]+m[1])
		}
	}
}

// hostName is the name in the line "Host Name : pub" of "show status".
func hostName(line string) string {
	rest, ok := strings.CutPrefix(line, "Host Name")
	if !ok {
		return ""
	}
	_, value, ok := strings.Cut(rest, ":")
	if words := strings.Fields(value); ok && len(words) > 0 {
		return words[0]
	}
	return ""
}

func beginsStatus(line string) string {
	if strings.Contains(line, "Host Name ") {
		return "host"
	}
	return ""
}

var (
	statusHost    = lazy.Pattern{Expr: `\bHost Name\s*:\s*(\S+)`}
	statusDate    = lazy.Pattern{Expr: `\bDate\s*:\s*(\w{3} \w{3} +\d+, \d{4} +\d\d:\d\d:\d\d)`}
	statusProduct = lazy.Pattern{Expr: `\bProduct Ver\s*:\s*(\S+)`}
	statusMAC     = lazy.Pattern{Expr: `(?i)\bLicense MAC\s*:\s*([0-9A-F][0-9A-F:.-]{10,16})`}
	statusDisk    = lazy.Pattern{Expr: `\bDisk/(\w+)\s+(\d+)K\s+(\d+)K\s+(\d+)K(?:\s*\(\s*(\d+)\s*%)?`}
)

// readStatus reads "show status". The columns of the disks are total, free, used.
func readStatus(t *Text, o *Out) {
	o.Record("")
	for _, p := range []struct {
		f    Field
		expr string
		m    []int
	}{
		{HostName, "", statusHost.Get().FindStringSubmatchIndex(t.S)},
		{Clock, "", statusDate.Get().FindStringSubmatchIndex(t.S)},
		{VersionProduct, "", statusProduct.Get().FindStringSubmatchIndex(t.S)},
		{LicenseMAC, "", statusMAC.Get().FindStringSubmatchIndex(t.S)},
	} {
		if p.m != nil {
			o.Put(p.f, p.m[2], p.m[3])
		}
	}
	for _, m := range statusDisk.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(DiskName, m[2], m[3])
		o.Put(DiskFree, m[6], m[7])
		if m[10] >= 0 {
			o.Put(DiskUsed, m[10], m[11])
		} else if free, used := atoi(t.S[m[6]:m[7]]), atoi(t.S[m[8]:m[9]]); free+used > 0 {
			// The copy ends before the percent: as df computes them, without the reserve of root, rounded up.
			o.PutInt(DiskUsed, (100*used+free+used-1)/(free+used), m[8], m[9])
		}
	}
}

var (
	hardwarePlatform   = lazy.Pattern{Expr: `\bHW Platform\s*:[ \t]*([^\n]*?)\s*(?:\bProcessors\s*:|\n|$)`}
	hardwareProcessors = lazy.Pattern{Expr: `\bProcessors\s*:\s*(\d+)`}
)

// readHardware reads "show hardware". Its OS Version is not that of the product.
func readHardware(t *Text, o *Out) {
	o.Record("")
	if m := hardwarePlatform.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(HardwarePlatform, m[2], m[3])
	}
	if m := hardwareProcessors.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(HardwareProcessors, m[2], m[3])
	}
}

// refusals are the words with which an installer turns a machine down; acceptances are those with which it accepts one.
var (
	refusals = [...]string{"fail", "not supported", "unsupported", "invalid", "not valid", "mismatch", "unknown", "refused", "rejected",
		"error", "too ", "insufficient", "not match", "expected", "missing", "not found", "cannot", "not in ", "not allowed", "not certified",
		"wrong", "less than", "more than", "faster than", "slower than", "exceeds"}
	acceptances = [...]string{"passed", "success", "supported", "accepted", "validated", "is valid", " ok"}
)

// hardwareCheck begins each check in a copy that lost its line ends.
var hardwareCheck = lazy.Pattern{Expr: `\bhw_validation\s*:`}

// clauses yields the lines of a text, and of a line with several checks each check.
func clauses(t *Text, yield func(start int, text string)) {
	for start, line := range t.Lines {
		from := 0
		for _, m := range hardwareCheck.Get().FindAllStringIndex(line, -1) {
			if strings.TrimSpace(line[from:m[0]]) != "" {
				yield(start+from, line[from:m[0]])
				from = m[0]
			}
		}
		yield(start+from, line[from:])
	}
}

// readHardwareRefused reads hw_validation_err, whose form is not documented: a line that names a part and says no. One that says neither
// yes nor no is not understood.
func readHardwareRefused(t *Text, o *Out) {
	found := false
	var whole [2]int
	clauses(t, func(start int, line string) {
		text := strings.ToLower(line)
		part := partOf(text)
		passed := strings.Contains(text, "passed") || contains(text, acceptances[:]) && !contains(text, refusals[:])
		switch {
		case passed && part != "":
			o.Record("")
			o.PutAs(HardwareAccepted, part, start, start+len(line))
		case passed || !contains(text, refusals[:]):
		case part != "":
			o.Record("")
			o.PutAs(HardwareRefused, part, start, start+len(line))
			found = true
		case whole[1] == 0:
			whole = [2]int{start, start + len(line)}
		}
	})
	if !found && whole[1] > 0 {
		o.Record("")
		o.PutAs(HardwareRefused, "hardware", whole[0], whole[1])
	}
}

func contains(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// hardwareParts are the words for parts, the most precise first: a line about a disk may name the model, too.
var hardwareParts = [...]struct {
	part string
	expr lazy.Pattern
}{
	{"RAID controller", lazy.Pattern{Expr: `raid`}},
	{"CPU", lazy.Pattern{Expr: `cpu|processor`}},
	{"memory", lazy.Pattern{Expr: `memory|\bram\b`}},
	{"disk", lazy.Pattern{Expr: `disk|\bdrives?\b|\bhdd`}},
	{"riser card", lazy.Pattern{Expr: `\briser`}},
	{"network card", lazy.Pattern{Expr: `\bnics?\b|ethernet`}},
	{"machine type", lazy.Pattern{Expr: `machine[ _-]?type|\bmodel|\bbios\b|\bmtm\b`}},
}

func partOf(text string) string {
	for i := range hardwareParts {
		if hardwareParts[i].expr.Get().MatchString(text) {
			return hardwareParts[i].part
		}
	}
	return ""
}

// cardLabels are the labels of "show network eth0", two on a line.
var cardLabels = lazy.Pattern{Expr: `\b(DHCP|Status|IP Address|IP Mask|Link Detected|Mode|Duplicate IP|MAC Address|HWaddr|Primary|Secondary|Options|Domain|Gateway)[ \t]*:[ \t]?|\bHWaddr[ \t]+`}

// readCard reads "show network eth0".
func readCard(t *Text, o *Out) {
	o.Record("")
	found := cardLabels.Get().FindAllStringSubmatchIndex(t.S, -1)
	for i, m := range found {
		label := "MAC Address"
		if m[2] >= 0 {
			label = t.S[m[2]:m[3]]
		}
		end := len(t.S)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		if j := strings.IndexByte(t.S[m[1]:end], '\n'); j >= 0 {
			end = m[1] + j
		}
		f, ok := map[string]Field{
			"DHCP": CardDHCP, "Status": CardStatus, "IP Address": CardAddress, "Link Detected": CardLink, "Mode": CardMode,
			"Duplicate IP": CardDuplicate,
			"MAC Address":  CardMAC, "HWaddr": CardMAC, "Primary": CardDNS1, "Secondary": CardDNS2, "Domain": CardDomain,
		}[label]
		if n := nextWord(t.S, m[1]); ok && f == CardMAC && n < end { // without what a copy without line ends has after it
			end = n
		}
		if ok && f == CardDNS1 && strings.TrimSpace(t.S[m[1]:end]) == "" {
			o.PutAs(f, "none", m[0], m[1])
		} else if ok {
			o.Put(f, m[1], end)
		}
	}
	if m := cardWithoutDNS.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(CardDNS1, m[2], m[3])
	}
}

// cardWithoutDNS is the part about DNS where it has words instead of its labels.
var cardWithoutDNS = lazy.Pattern{Expr: `(?i)(?:^|\n)[ \t]*DNS[ \t]*(?:\n\s*)?(Not configured)\b`}

// isNotify is the sign of a row of "show tech notify".
func isNotify(line string) bool { return len(line) < 256 && notifyRow.Get().MatchString(line) }

var notifyRow = lazy.Pattern{Expr: `(?:^|\s)(\d+)\s+I\s+(\d+)\s+P\s+(\d+)\s+H\s+(\d+)\s+T\s+(\d+)\s+S\s+(\d+)\s+(\S+)`}

// beginsNotify is the slot and the client of a row: an output has both only once.
func beginsNotify(line string) string {
	if m := notifyRow.Get().FindStringSubmatch(line); m != nil {
		return m[1] + " " + m[7]
	}
	return ""
}

// readNotify reads the rows of "show tech notify".
func readNotify(t *Text, o *Out) {
	for _, m := range notifyRow.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(NotifyClient, m[14], m[15])
		for i, f := range [...]Field{NotifyWaiting, NotifyProcessed, NotifyHead, NotifyTail, NotifySubscribed} {
			o.Put(f, m[2*i+4], m[2*i+5])
		}
	}
}

var historyRow = lazy.Pattern{Expr: `(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d) \| (\w+): (\w+)\b`}

// isHistory is the sign of a row of the system history.
func isHistory(line string) bool {
	return strings.Contains(line, " | ") && historyRow.Get().MatchString(line)
}

// readHistory reads system-history.log: installations, boots, restarts, shutdowns.
func readHistory(t *Text, o *Out) {
	for _, m := range historyRow.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(HistoryTime, m[2], m[3])
		o.Put(HistoryEvent, m[6], m[7])
	}
}

var (
	connectTarget = lazy.Pattern{Expr: `(?i)connectivity test with (\S+)`}
	connectAsked  = lazy.Pattern{Expr: `(?i)^utils network connectivity (\S+)(?: (\d+))?`}
)

// readConnectivity reads "utils network connectivity". Only a test that "completed successfully" is good.
func readConnectivity(t *Text, o *Out) {
	o.Record("")
	m := connectTarget.Get().FindStringSubmatchIndex(t.S)
	switch {
	case m != nil:
		o.Put(ConnectivityTarget, m[2], m[3])
		end := len(t.S)
		if j := strings.IndexByte(t.S[m[1]:], '\n'); j >= 0 {
			end = m[1] + j
		}
		const good = "completed successfully"
		if result := strings.TrimSpace(t.S[m[1]:end]); result == good || !strings.HasPrefix(good, result) {
			o.Put(ConnectivityResult, m[1], end) // else the copy ends inside of it
		}
	case strings.TrimSpace(t.S) != "":
		// Other words than the known ones: the last line says what came of it.
		asked := connectAsked.Get().FindStringSubmatch(o.block.Command)
		last := [2]int{}
		for start, line := range t.Lines {
			if text := strings.TrimSpace(line); text != "" && strings.Trim(text, ".") != "" {
				last = [2]int{start, start + len(line)}
			}
		}
		if asked == nil || beforeResult(strings.TrimSpace(t.S[last[0]:last[1]])) {
			return // the copy ends before the result
		}
		target := asked[1]
		if asked[2] != "" {
			target += ":" + asked[2]
		}
		o.PutAs(ConnectivityTarget, target, last[0], last[0])
		o.Put(ConnectivityResult, last[0], last[1])
	}
}

// beforeResult reports whether a line of a connectivity test is one before its result, or the begin of one at which the copy ends.
func beforeResult(line string) bool {
	for _, known := range [...]string{"This command can take up to", "Continue (y/n)", "Running test", "Network connectivity test with"} {
		if strings.Contains(line, known) || strings.HasPrefix(known, line) {
			return true
		}
	}
	return false
}

var (
	hostAsked      = lazy.Pattern{Expr: `^utils network host (\S+)`}
	resolutionHead = lazy.Pattern{Expr: `\b(Local|External) Resolution:`}
)

// readHost reads "utils network host".
func readHost(t *Text, o *Out) {
	o.Record("")
	if m := hostAsked.Get().FindStringSubmatch(o.block.Command); m != nil {
		o.PutAs(HostQuery, m[1], 0, 0)
	}
	heads := resolutionHead.Get().FindAllStringSubmatchIndex(t.S, -1)
	for k, h := range heads {
		end := len(t.S)
		if k+1 < len(heads) {
			end = heads[k+1][0]
		}
		section := HostLocal
		if t.S[h[2]:h[3]] == "External" {
			section = HostExternal
		}
		for start := h[1]; start < end; { // the answers, a line each; in a copy without line ends, all on the line of the head
			to := end
			if j := strings.IndexByte(t.S[start:end], '\n'); j >= 0 {
				to = start + j
			}
			if strings.TrimSpace(t.S[start:to]) != "" {
				o.Record("")
				o.Put(section, start, to)
			}
			start = to + 1
		}
	}
}

var testRow = lazy.Pattern{Expr: `\b(test|skip) - (\w+)\s*:[ \t]*`}

// readTests reads "utils diagnose test". What is skipped has no result.
func readTests(t *Text, o *Out) {
	rows := testRow.Get().FindAllStringSubmatchIndex(t.S, -1)
	for i, m := range rows {
		if t.S[m[2]:m[3]] != "test" {
			continue
		}
		end := len(t.S)
		if i+1 < len(rows) {
			end = rows[i+1][0]
		}
		if j := strings.IndexByte(t.S[m[1]:end], '\n'); j >= 0 {
			end = m[1] + j
		}
		if j := strings.Index(t.S[m[1]:end], "Diagnostics Completed"); j >= 0 {
			end = m[1] + j
		}
		o.Record(t.S[m[4]:m[5]])
		o.Put(TestName, m[4], m[5])
		o.Put(TestResult, m[1], end)
	}
}

// states of services. The shape is NAME[STATE], with or without a blank.
var serviceRow = lazy.Pattern{Expr: `([A-Za-z][A-Za-z0-9 .,/&()'_-]*?)\s*\[\s*(STARTED|STOPPED|STARTING|STOPPING|NOTRUNNING|NOT RUNNING|NOT STARTED|NOT ACTIVATED|UNKNOWN|Started|Stopped|Starting|Stopping|Not Running)\s*\][ \t]*`}

// isService is the sign of a line of the service list.
func isService(line string) bool {
	return len(line) < 200 && strings.Contains(line, "[") && serviceRow.Get().MatchString(line)
}

var (
	knownReason   = lazy.Pattern{Expr: `^\s*(?:Service Not Activated|Commanded Out of Service)\b`}
	serviceReason = lazy.Pattern{Expr: `^(Component is not running|[A-Z][a-z]+(?: [A-Z]?[a-z]+){0,5})`}
	primaryNode   = lazy.Pattern{Expr: `(?i)Primary Node\s*=\s*(true|false)`}
	serviceNoise  = lazy.Pattern{Expr: `^(?:.*(?:please wait\.*|is running|of all services|Return code = -?\d+|Service Not Activated|Commanded Out of Service|\]))\s+`}
)

// readServices reads "utils service list".
func readServices(t *Text, o *Out) {
	rows := serviceRow.Get().FindAllStringSubmatchIndex(t.S, -1)
	for i, m := range rows {
		name := t.S[m[2]:m[3]]
		from := m[2]
		if n := serviceNoise.Get().FindStringIndex(name); n != nil { // a copy without line ends
			from += n[1]
			name = name[n[1]:]
		}
		o.Record(name)
		o.Put(Service, m[4], m[5])
		o.PutAs(ServiceName, name, from, m[3])
		end := len(t.S)
		if i+1 < len(rows) {
			end = rows[i+1][2]
		}
		if r := knownReason.Get().FindStringIndex(t.S[m[1]:]); r != nil { // more may follow on its line
			o.Put(ServiceReason, m[1], m[1]+r[1])
		} else if j := strings.IndexByte(t.S[m[1]:end], '\n'); j >= 0 {
			o.Put(ServiceReason, m[1], m[1]+j)
		} else if r := serviceReason.Get().FindStringIndex(t.S[m[1]:]); r != nil {
			o.Put(ServiceReason, m[1]+r[0], min(m[1]+r[1], len(t.S)))
		}
	}
	if m := primaryNode.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Record("")
		o.Put(ServicePrimary, m[2], m[3])
	}
}

// atoi is strconv.Atoi for digits that an expression matched.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
