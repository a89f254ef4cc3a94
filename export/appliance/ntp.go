package appliance

import (
	"regexp"
	"strconv"
	"strings"

	"cupclint/internal/lazy"
)

var (
	ntpDaemonLine = lazy.Pattern{Expr: `(ntpd|chronyd) (?:\(pid[^)]*\) )?is (not )?running|(ntpd|chronyd) (?:is )?(?:dead|stopped)`}
	// What ntpq, ntpstat and chronyc print where no time service answers them (support.ntp.org, ntpstat.c, chronyc manual).
	ntpNoAnswer = lazy.Pattern{Expr: `(?i)ntpq: read: Connection refused|Unable to talk to NTP daemon|506 Cannot talk to daemon`}
	// ntpNoSource is ntpq's answer where the time service has no source at all.
	ntpNoSource   = lazy.Pattern{Expr: `No association ID's returned`}
	ntpSentence   = lazy.Pattern{Expr: `(?i)\b(un)?synchroni[sz]ed\b(?:\s+to\s+(?:NTP\s+server\s+\(([^)]*)\)|(local net|[A-Za-z][\w ()-]*?))\s+at\s+stratum\s+(\d+))?`}
	ntpClock      = lazy.Pattern{Expr: `Current time in UTC is\s*:\s*(\w{3} \w{3} +\d+ \d\d:\d\d:\d\d UTC \d{4})`}
	leapStatus    = lazy.Pattern{Expr: `(?im)^\s*Leap status\s*:\s*(Normal|Insert second|Delete second|Not synchroni[sz]ed)`}
	trackedSource = lazy.Pattern{Expr: `(?im)^\s*Reference ID\s*:\s*[0-9A-F.]+ \(([^)\s]+)\)`}
	// trackedStratum is that of this node, one more than its source.
	trackedStratum = lazy.Pattern{Expr: `(?im)^\s*Stratum\s*:\s*(\d+)\s*$`}
	chronyRow      = lazy.Pattern{Expr: `(?:^|[\s])([\^=#][*+\-?x~ ])\s*(\S+)\s+(\d+)\s+(-?\d+)\s+([0-7]+)\s+(\S+)\s+([-+]\d+(?:\.\d)?)(ns|us|ms|[smhdy])\[`}
)

func beginsNTP(line string) string {
	switch {
	case strings.Contains(line, "ntpd (pid"), strings.Contains(line, "chronyd (pid"):
		return "daemon"
	case strings.Contains(line, "refid"):
		return "table"
	}
	return ""
}

// readNTP reads "utils ntp status" of ntpd and of chronyd.
func readNTP(t *Text, o *Out) {
	o.Record("")
	if m := ntpNoAnswer.Get().FindStringIndex(t.S); m != nil && !strings.Contains(t.S, "refid") && !strings.Contains(t.S, "ynchroni") {
		o.PutAs(NtpDaemon, "none", m[0], m[1])
	} else if m := ntpDaemonLine.Get().FindStringSubmatchIndex(t.S); m != nil {
		switch {
		case m[4] >= 0 || m[6] >= 0:
			o.PutAs(NtpDaemon, "none", m[0], m[1])
		default:
			o.Put(NtpDaemon, m[2], m[3])
		}
	}
	if m := ntpClock.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(Clock, m[2], m[3])
	}
	if strings.Contains(t.S, "MS Name/IP") || chronyRow.Get().MatchString(t.S) {
		readChrony(t, o)
	} else {
		readPeers(t, o)
	}
	if m := leapStatus.Get().FindStringSubmatchIndex(t.S); m != nil {
		readTracking(t, o, m)
		return
	}
	for _, m := range ntpSentence.Get().FindAllStringSubmatchIndex(t.S, -1) {
		switch {
		case m[2] >= 0:
			o.Record("")
			o.PutAs(NtpSynchronised, "no", m[0], m[1])
		case m[8] < 0:
			continue // the word in a remark
		default:
			o.Record("")
			if m[4] >= 0 {
				o.Put(NtpSynchronised, m[4], m[5])
			} else {
				o.Put(NtpSynchronised, m[6], m[7])
			}
			o.Put(NtpOwnStratum, m[8], m[9])
		}
		return
	}
	if m := ntpNoSource.Get().FindStringIndex(t.S); m != nil {
		o.Record("")
		o.PutAs(NtpSynchronised, "no", m[0], m[1])
	}
}

// readTracking reads what "chronyc tracking" prints (chronyc manual): Leap status is "Not synchronised" where the clock follows no source.
func readTracking(t *Text, o *Out, leap []int) {
	o.Record("")
	if strings.HasPrefix(strings.ToLower(t.S[leap[2]:leap[3]]), "not ") {
		o.PutAs(NtpSynchronised, "no", leap[2], leap[3])
		return
	}
	if m := trackedSource.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(NtpSynchronised, m[2], m[3])
	}
	if m := trackedStratum.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(NtpOwnStratum, m[2], m[3])
	}
}

// readPeers reads the table of ntpq. Rows are found by their words, because copies lose line ends: the kind of a source is a single letter
// between two numbers.
func readPeers(t *Text, o *Out) {
	words := t.Words(0, len(t.S))
	for i := 3; i+6 < len(words); i++ {
		w := words[i].S
		if len(w) != 1 || strings.IndexByte("lumbpAMBsS-", w[0]) < 0 || !isStratum(words[i-1].S) || !isPollAge(words[i+1].S) ||
			!isCount(words[i+2].S) || !isOctal(words[i+3].S) || !isDecimal(words[i+4].S) || !isDecimal(words[i+5].S) || !isDecimal(words[i+6].S) {
			continue
		}
		remote := words[i-3]
		o.Record("")
		switch c := remote.S[0]; {
		case len(remote.S) > 1 && strings.IndexByte("*+-#xo.", c) >= 0 && (c != 'x' && c != 'o' || isAddress(remote.S[1:])):
			o.Put(NtpTally, remote.At, remote.At+1)
			o.Put(NtpSource, remote.At+1, remote.At+len(remote.S))
		default:
			if i >= 4 && len(words[i-4].S) == 1 && strings.IndexByte("*+-#xo", words[i-4].S[0]) >= 0 {
				o.Word(NtpTally, words[i-4])
			}
			o.Word(NtpSource, remote)
		}
		for j, f := range [...]Field{NtpRefid, NtpStratum, NtpType, NtpWhen, NtpPoll, NtpReach, NtpDelay, NtpOffset, NtpJitter} {
			o.Word(f, words[i-2+j])
		}
		i += 6
	}
}

// milliseconds are those of a unit of a sample. chronyc prints 10 s and more with a decimal, and days or years where a clock has lost its
// date (print_signed_nanoseconds in client.c of chrony).
func milliseconds(unit string) float64 {
	switch unit {
	case "ns":
		return 1e-6
	case "us":
		return 1e-3
	case "ms":
		return 1
	case "s":
		return 1e3
	case "m":
		return 60e3
	case "h":
		return 3600e3
	case "d":
		return 86400e3
	}
	return 365 * 86400e3
}

// readChrony reads the table of chronyc. Its Poll is a power of two, and its sample has a unit.
func readChrony(t *Text, o *Out) {
	for _, m := range chronyRow.Get().FindAllStringSubmatchIndex(t.S, -1) {
		group := func(i int) string { return t.S[m[2*i]:m[2*i+1]] }
		o.Record("")
		o.Put(NtpTally, m[3]-1, m[3])
		o.Put(NtpSource, m[4], m[5])
		if group(1)[0] == '#' {
			o.PutAs(NtpType, "l", m[2], m[3])
		}
		if group(3) != "0" {
			o.Put(NtpStratum, m[6], m[7])
		}
		if log, err := strconv.Atoi(group(4)); err == nil && log >= 0 && log < 32 {
			o.PutInt(NtpPoll, 1<<log, m[8], m[9])
		}
		o.Put(NtpReach, m[10], m[11])
		o.Put(NtpWhen, m[12], m[13])
		if n, err := strconv.ParseFloat(group(7), 64); err == nil {
			o.PutAs(NtpOffset, strconv.FormatFloat(n*milliseconds(group(8)), 'f', -1, 64), m[14], m[17])
		}
	}
}

var serverName = lazy.Pattern{Expr: `^(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:]+|[A-Za-z0-9][\w-]*(?:\.[A-Za-z0-9][\w-]*)+)$`}

// readNTPServers reads "utils ntp server list". Its form is not documented: a line with one address or name of a host, and perhaps text
// before it.
func readNTPServers(t *Text, o *Out) {
	for start, line := range t.Lines {
		words := t.Words(start, start+len(line))
		if len(words) == 0 || len(words) > 6 {
			continue
		}
		if last := words[len(words)-1]; serverName.Get().MatchString(last.S) {
			o.Record("")
			o.Word(NtpServer, last)
		}
	}
}

func isStratum(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 16
}

func isCount(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

func isOctal(s string) bool { return s != "" && len(s) <= 3 && strings.Trim(s, "01234567") == "" }

func isDecimal(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// isPollAge knows seconds, and the suffixes of longer times.
func isPollAge(s string) bool {
	return s == "-" || isCount(strings.TrimRight(s, "mhdy")) && len(s) > 0
}

// isAddress is a rough test: digits and dots, or hexadecimal digits and colons. In public, people write x or * for parts: 10.x.x.5.
func isAddress(s string) bool {
	return strings.Count(s, ".") == 3 && strings.Trim(s, "0123456789.xX*") == "" ||
		strings.Count(s, ":") >= 2 && strings.Trim(s, "0123456789abcdefABCDEF:.") == ""
}

var (
	// Logs of terminals have a time before a packet, mails break its line, web pages put all in one line.
	packetOld = lazy.Pattern{Expr: `(?:^|\s)\d\d:\d\d:\d\d\.\d+\s+(\S+)\s+>\s+(\S+):\s+(?:\[[^\]]*\]\s+)?v(\d)\s+(client|server)\b(?:\s+strat\s+(\d+))?`}
	packetNew = lazy.Pattern{Expr: `(?:^|\s)\d\d:\d\d:\d\d\.\d+\s+IP6?\s+(\S+)\s+>\s+(\S+):\s+NTPv(\d),\s*(Client|Server)\b(?:[^>\n]*?[Ss]tratum (\d+))?`}
)

// isPacket is the sign of a captured NTP packet.
func isPacket(line string) bool {
	return len(line) > 20 && line[2] == ':' && line[5] == ':' && strings.Contains(line, " > ") &&
		(strings.Contains(line, ": NTPv") || strings.Contains(line, "v4 client") || strings.Contains(line, "v3 client") ||
			strings.Contains(line, "v4 server") || strings.Contains(line, "v3 server"))
}

// readCapture reads packets of port 123, and sums them up for each client and server.
func readCapture(t *Text, o *Out) {
	type pair struct {
		client, server               string
		asked, answered              int
		clientVersion, serverVersion string
		stratum                      string
		place, answer, stratumAt     [2]int
	}
	var pairs []*pair
	find := func(client, server string) *pair {
		for _, p := range pairs {
			if p.client == client && p.server == server {
				return p
			}
		}
		if len(pairs) >= 256 {
			return pairs[len(pairs)-1]
		}
		pairs = append(pairs, &pair{client: client, server: server})
		return pairs[len(pairs)-1]
	}
	for _, expr := range [...]*regexp.Regexp{packetOld.Get(), packetNew.Get()} {
		for _, m := range expr.FindAllStringSubmatchIndex(t.S, -1) {
			from, to := endpoint(t.S[m[2]:m[3]]), endpoint(t.S[m[4]:m[5]])
			version := t.S[m[6]:m[7]]
			line := [2]int{m[2], m[1]}
			if strings.EqualFold(t.S[m[8]:m[9]], "client") {
				p := find(from, to)
				if p.asked++; p.asked == 1 {
					p.place = line
				}
				p.clientVersion = max(p.clientVersion, version)
				continue
			}
			p := find(to, from)
			p.answered++
			if p.serverVersion == "" || version < p.serverVersion {
				p.serverVersion, p.answer = version, [2]int{m[6], m[7]}
			}
			if m[10] >= 0 {
				p.stratum, p.stratumAt = t.S[m[10]:m[11]], [2]int{m[10], m[11]}
			}
		}
	}
	for _, p := range pairs {
		place := p.place
		if place[1] == 0 {
			place = p.answer
		}
		o.Record("")
		o.PutAs(CaptureServer, p.server, place[0], place[1])
		o.PutAs(CaptureClient, p.client, place[0], place[0])
		o.PutInt(CaptureAsked, p.asked, place[0], place[0])
		o.PutInt(CaptureAnswered, p.answered, place[0], place[0])
		o.PutAs(CaptureClientVersion, p.clientVersion, place[0], place[0])
		o.PutAs(CaptureServerVersion, p.serverVersion, p.answer[0], p.answer[1])
		o.PutAs(CaptureStratum, p.stratum, p.stratumAt[0], p.stratumAt[1])
	}
}

// endpoint takes the port off a name or an address: "pub.hq.test.40121", "192.0.2.53.ntp".
func endpoint(s string) string {
	s = strings.TrimSuffix(s, ":")
	if i := strings.LastIndexByte(s, '.'); i > 0 {
		port := s[i+1:]
		if port == "ntp" || isCount(port) && (strings.Count(s, ".") == 4 || !isAddress(s)) {
			return s[:i]
		}
	}
	return s
}

var (
	registrySection = lazy.Pattern{Expr: `(?mi)^\s*\[?HKEY_LOCAL_MACHINE\\\S*\\W32Time\\?(\S*?)\]?\s*$`}
	anySection      = lazy.Pattern{Expr: `(?i)^\s*\[?HKEY_`}
	queryValue      = lazy.Pattern{Expr: `(?mi)^\s*(\w+)\s+REG_(\w+)\s+(.*?)\s*$`}
	fileValue       = lazy.Pattern{Expr: `(?mi)^"(\w+)"=(?:dword:([0-9a-f]{1,8})|"(.*)")\s*$`}
	w32tmValue      = lazy.Pattern{Expr: `(?mi)^\s*(\w+):\s*(\S+)(?: \([^)]*\))?\s*$`}
	w32tmSection    = lazy.Pattern{Expr: `(?m)^\s*(\w+) \([^)]+\)\s*$`} // of a provider; the word in brackets differs
)

// windowsTimeField is the field of a value, by the end of its key and its name.
func windowsTimeField(section, name string) (Field, bool) {
	switch section, name := strings.ToLower(section), strings.ToLower(name); {
	case strings.HasSuffix(section, "ntpserver") && name == "enabled":
		return WindowsTimeEnabled, true
	case strings.HasSuffix(section, "parameters") && name == "type":
		return WindowsTimeType, true
	case strings.HasSuffix(section, "config") && name == "announceflags":
		return WindowsTimeAnnounceFlags, true
	case strings.HasSuffix(section, "config") && name == "localclockdispersion":
		return WindowsTimeDispersion, true
	}
	return 0, false
}

// readWindowsTime reads the settings of Windows Time: a registry export, answers of "reg query", or "w32tm /query /configuration". Numbers
// come out in decimal.
func readWindowsTime(t *Text, o *Out) {
	section := ""
	w32tm := !strings.Contains(strings.ToUpper(t.S), "HKEY_LOCAL_MACHINE")
	for start, line := range t.Lines {
		line = strings.TrimRight(line, " \t")
		if m := registrySection.Get().FindStringSubmatch(line); m != nil {
			section = m[1]
			continue
		}
		if anySection.Get().MatchString(line) { // of something else, which has values of the same names
			section = ""
			continue
		}
		var name, value string
		var at [2]int
		switch {
		case w32tm:
			if m := w32tmSection.Get().FindStringSubmatch(line); m != nil {
				section = m[1]
				continue
			}
			m := w32tmValue.Get().FindStringSubmatchIndex(line)
			if m == nil {
				continue
			}
			name, value, at = line[m[2]:m[3]], line[m[4]:m[5]], [2]int{m[4], m[5]}
			if strings.EqualFold(name, "Type") {
				section = "parameters"
			}
			if f, ok := windowsTimeField("config", name); ok && (f == WindowsTimeAnnounceFlags || f == WindowsTimeDispersion) {
				section = "config"
			}
		default:
			if m := queryValue.Get().FindStringSubmatchIndex(line); m != nil {
				name, value, at = line[m[2]:m[3]], number(line[m[6]:m[7]]), [2]int{m[6], m[7]}
			} else if m := fileValue.Get().FindStringSubmatchIndex(line); m != nil {
				name = line[m[2]:m[3]]
				if m[4] >= 0 {
					value, at = number("0x"+line[m[4]:m[5]]), [2]int{m[4], m[5]}
				} else {
					value, at = line[m[6]:m[7]], [2]int{m[6], m[7]}
				}
			}
		}
		if f, ok := windowsTimeField(section, name); ok {
			o.Record("")
			o.PutAs(f, value, start+at[0], start+at[1])
		}
	}
}

// number writes a hexadecimal number in decimal, and leaves all else.
func number(s string) string {
	if n, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 64); err == nil && strings.HasPrefix(s, "0x") {
		return strconv.FormatUint(n, 10)
	}
	return s
}
