package appliance

import (
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// A command is one row of the table of outputs that are read.
type command struct {
	// name is how the command begins, in lower case with single blanks.
	name string
	// args is how many words after the name belong to the command; rest says that all of the line does.
	args int
	rest bool
	// read finds the records of an output.
	read func(t *Text, o *Out)
	// names returns the name of the node that a line of the output gives, or "". own does so for a whole output.
	names func(line string) string
	own   func(t *Text) string
	// all says that every output counts, not only the last two: each is about something else.
	all bool
	// begins is what the first line of an output has in common with that of the next one, or "" for other lines: two outputs may follow each
	// other without a prompt.
	begins func(line string) string
	// within are the signatures of other outputs that this one may hold.
	within []*command
}

func (c *command) takes(other *command) bool {
	if c == nil {
		return false
	}
	for _, w := range c.within {
		if w == other {
			return true
		}
	}
	return false
}

// The outputs. Order does not matter: the longest name that fits counts.
var (
	bannerCommand   = &command{name: "(login)", read: readBanner}
	ntpStatus       = &command{name: "utils ntp status", read: readNTP, begins: beginsNTP}
	ntpServers      = &command{name: "utils ntp server list", read: readNTPServers}
	ntpCapture      = &command{name: "utils network capture", rest: true, read: readCapture}
	windowsTime     = &command{name: "reg query", read: readWindowsTime}
	notifyCommand   = &command{name: "show tech notify", read: readNotify, begins: beginsNotify}
	versionActive   = &command{name: "show version active", read: readVersion, begins: beginsVersion}
	versionInactive = &command{name: "show version inactive", read: readVersion, begins: beginsVersion}
	statusCommand   = &command{name: "show status", read: readStatus, names: hostName, begins: beginsStatus}
	hardwareCommand = &command{name: "show hardware", read: readHardware}
	hardwareRefused = &command{name: "hw_validation", read: readHardwareRefused}
	cardCommand     = &command{name: "show network eth0", read: readCard}
	clusterCommand  = &command{name: "show network cluster", read: readCluster, own: ownRow}
	connectivity    = &command{name: "utils network connectivity", args: 2, read: readConnectivity, all: true}
	hostCommand     = &command{name: "utils network host", args: 1, read: readHost, all: true}
	serviceList     = &command{name: "utils service list", read: readServices}
	replication     = &command{name: "utils dbreplication runtimestate", read: readReplication, names: viewFrom}
	diagnoseTest    = &command{name: "utils diagnose", args: 2, read: readTests}
	certList        = &command{name: "show cert list", args: 1, read: readCertList}
	certShow        = &command{name: "show cert own", args: 1, read: readCert, all: true}
	certTrust       = &command{name: "show cert trust", args: 1, read: readCert, all: true, within: []*command{certShow}}
	licenceFile     = &command{name: "licence file", read: readLicence, all: true}
	licenceSummary  = &command{name: "license smart", read: readLicenceSummary}
	historyCommand  = &command{name: "file view install system-history.log", read: readHistory}
	phoneLog        = &command{name: "phone log", read: readPhone, all: true}
	dhcpPool        = &command{name: "dhcp lease", read: readLease, all: true}
	// SQLCommand is read by the reader of tables; see package export.
	sqlCommand = &command{name: "run sql", rest: true, all: true}
)

// An alias is another way to ask for an output.
type alias struct {
	name string
	cmd  *command
}

// aliases of commands, each in lower case with single blanks.
func aliases() []alias {
	return []alias{
		{"show network eth0 detail", cardCommand},
		{"show network eth1", cardCommand},
		{"show platform notify", notifyCommand},
		{"show license", licenceSummary},
		{"show license summary", licenceSummary},
		{"show license status", licenceSummary},
		{"show license all", licenceSummary},
		{"license smart status", licenceSummary},
		{"license smart summary", licenceSummary},
		{"file dump install system-history.log", historyCommand},
		{"file tail install system-history.log", historyCommand},
		{"file view install/system-history.log", historyCommand},
		{"run pe sql", sqlCommand},
		{"show network cluster", clusterCommand},
	}
}

// typed lists the commands that follow a prompt.
func typed() []*command {
	return []*command{
		ntpStatus, ntpServers, ntpCapture, notifyCommand, versionActive, versionInactive, statusCommand, hardwareCommand, cardCommand,
		clusterCommand,
		connectivity, hostCommand, serviceList, replication, diagnoseTest, certList, certShow, certTrust, licenceSummary, historyCommand,
		sqlCommand,
	}
}

// lookup returns the command that a typed text begins with, and how much of the text belongs to it. A text that no row fits gives nil.
func lookup(text string) (cmd *command, n int) {
	for _, c := range typed() {
		if m := match(text, c.name); m > n {
			cmd, n = c, m
		}
	}
	for _, a := range aliases() {
		if m := match(text, a.name); m > n {
			cmd, n = a.cmd, m
		}
	}
	switch {
	case cmd == nil:
		return nil, 0
	case cmd.rest:
		if i := strings.Index(text, "Executing command with options"); i > n && cmd == ntpCapture { // a web page folded the output to one line
			return cmd, i
		}
		return cmd, len(text)
	}
	for i := range cmd.args {
		m := nextWord(text, n)
		if i > 0 && strings.Trim(text[n:m], " \t0123456789") != "" { // a second argument is a number
			break
		}
		n = m
	}
	return cmd, n
}

// match returns how much of a text a name takes, blanks being as many as they like, or 0.
func match(text, name string) int {
	i := 0
	for j := 0; j < len(name); j++ {
		if name[j] == ' ' {
			if i >= len(text) || text[i] != ' ' && text[i] != '\t' {
				return 0
			}
			for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
				i++
			}
			continue
		}
		if i >= len(text) || lower(text[i]) != name[j] {
			return 0
		}
		i++
	}
	if i < len(text) && !chars.Blank(text[i]) {
		return 0
	}
	return i
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func nextWord(s string, i int) int {
	for i < len(s) && chars.Blank(s[i]) {
		i++
	}
	for i < len(s) && !chars.Blank(s[i]) {
		i++
	}
	return i
}

// signature returns the command whose output has such a line, for outputs that were pasted without their prompt. It is called for every
// line of a text, so it looks at the first byte before it compares.
func signature(line string, inside signs) *command {
	has := func(prefix string) bool { return strings.HasPrefix(line, prefix) }
	switch line[0] {
	case 'A':
		if has("Active Master Version:") || has("Active Version") {
			return versionActive
		}
		if has("AnnounceFlags: ") {
			return windowsTime
		}
	case 'I':
		switch {
		case has("Inactive Master Version:") || has("Inactive Version"):
			return versionInactive
		case has("INCREMENT ") || has("INCREMENT\t"):
			return licenceFile
		}
	case 'n', 'c':
		if has("ntpd (pid") || has("chronyd (pid") || has("ntpd is not running") || has("chronyd is not running") ||
			has("ntpd is stopped") || has("chronyd is stopped") || has("ntpd dead") || has("chronyd dead") {
			return ntpStatus
		}
	case 'r':
		if has("remote ") && strings.Contains(line, "refid") {
			return ntpStatus
		}
	case 's', 'u':
		if has("synchronised to ") || has("synchronized to ") || line == "unsynchronised" || line == "unsynchronized" {
			return ntpStatus
		}
		if has("skip - ") {
			return diagnoseTest
		}
	case 't':
		if has("test - ") && strings.Contains(line, ":") {
			return diagnoseTest
		}
	case 'M':
		if has("MS Name/IP address") {
			return ntpStatus
		}
	case 'E':
		switch {
		case has("Executing command with options") && !strings.Contains(line, "numeric"):
			return ntpCapture
		case has("EventLogFlags: "):
			return windowsTime
		case has("Ethernet 0"):
			return cardCommand
		case has("External Resolution:"):
			return hostCommand
		}
	case 'L':
		if has("Local Resolution:") {
			return hostCommand
		}
		if has("LocalClockDispersion: ") {
			return windowsTime
		}
		if has("LeaseDuration ") && windowsLease.Get().MatchString(line) {
			return dhcpPool
		}
		if has("Link Detected: ") && strings.Contains(line, " Mode ") {
			return cardCommand
		}
		if has("Log file: platform/log/diag") {
			return diagnoseTest
		}
	case 'P':
		if has("Product Ver ") {
			return statusCommand
		}
		if has("Product Name -") {
			return historyCommand
		}
	case 'H':
		switch {
		case has("Host Name") && onPage(line) != nil:
			return phoneLog
		case has("Host Name ") && strings.Contains(line, ":"):
			return statusCommand
		case has("HW Platform "):
			return hardwareCommand
		case has(`HKEY_LOCAL_MACHINE\`) && ofWindowsTime(line):
			return windowsTime
		}
	case '[':
		if has(`[HKEY_LOCAL_MACHINE\`) && ofWindowsTime(line) {
			return windowsTime
		}
		if has("[TimeProviders]") {
			return windowsTime
		}
	case 'D':
		if has("Disk/active ") || has("Disk/logging ") {
			return statusCommand
		}
		if has("DHCP ") && strings.Contains(line, ": ") && strings.Contains(line, " Status ") {
			return cardCommand
		}
		if has("DB and Replication Services:") || has("DDB and Replication Services:") {
			return replication
		}
	case 'C':
		if has("Cluster Replication State:") || has("Cluster Detailed View from ") {
			return replication
		}
	case 'S':
		if has("SERVER-NAME ") || has("SERVER-NAME\t") {
			return replication
		}
		if has("System version: ") {
			return versionActive
		}
		if has("Starting diagnostic test") {
			return diagnoseTest
		}
		if has("Smart Licensing Status") || has("Smart Licensing is ENABLED") {
			return licenceSummary
		}
		if has("Server Time: ") && serverTime.Get().MatchString(line) {
			return replication
		}
	case 'N':
		if has("Network connectivity test with ") {
			return connectivity
		}
	case 'R':
		switch {
		case has("Requesting service status"):
			return serviceList
		case strings.Contains(line, "cisco-alarm:") || len(line) < 80 && restartPage.Get().MatchString(line):
			return phoneLog
		}
	case 'T':
		if has("This command can take up to 3 minutes") {
			return connectivity
		}
	case 'h':
		if has("hw_validation") {
			return hardwareRefused
		}
	case 'i':
		if has("ip dhcp pool ") {
			return dhcpPool
		}
	case 'd':
		if has("default-lease-time ") || has("max-lease-time ") || has("dhcp-range=") {
			return dhcpPool
		}
	case 'V':
		if has("Validity From:") || line == "VMware Installation:" {
			if line[1] == 'M' {
				return bannerCommand
			}
			return certShow
		}
	case 'W':
		if has("WARNING: DNS unreachable") {
			return bannerCommand
		}
	}
	return signatureElsewhere(line, inside)
}

// ofWindowsTime reports whether a line is a key of Windows Time. "reg query" repeats the key as the user typed it, in any case.
func ofWindowsTime(line string) bool { return fold.Index(line, `\w32time`) >= 0 }

// signatureElsewhere knows the lines whose sign is not at the beginning.
func signatureElsewhere(line string, has signs) *command {
	last := line[len(line)-1]
	switch {
	case (last == ']' || has.bracket && strings.Contains(line, "]  ")) && isService(line):
		return serviceList
	case line[0] >= '0' && line[0] <= '9' || line[0] == 'x' || line[0] == 'X':
		switch {
		case isMember(line):
			return clusterCommand
		case isNotify(line):
			return notifyCommand
		case isPacket(line):
			return ntpCapture
		case isHistory(line):
			return historyCommand
		case isPhoneLine(line):
			return phoneLog
		}
	case isPhoneLine(line):
		return phoneLog
	case has.pem && strings.Contains(line, ".pem: ") && isListedCert(line):
		return certList
	case has.licence && strings.Contains(line, "INCREMENT ") && isLicence(line):
		return licenceFile
	case line[0] == '=' && strings.Contains(line, " Product Name -"): // the head of the file and its rows on one line
		return historyCommand
	}
	if len(line) > 60 && (strings.Contains(line, "DeviceUnregistered") || strings.Contains(line, "-EndPointUnregistered") ||
		strings.Contains(line, "cisco-alarm:")) {
		return phoneLog
	}
	return nil
}
