package appliance

import (
	"strconv"
	"strings"

	"cupclint/internal/lazy"
)

var (
	consoleLine  = lazy.Pattern{Expr: `(?m)(?:^\s*(?:\d+: )?|^(?:[\d:.,/\[\]TZ+-]+ +){1,3}|^[^\n]*[,;\t"])(ERR|WRN|NOT|INF|DBG) +(\d\d:\d\d:\d\d(?:\.\d+)?) +(\w+): *([^\n"]*)`}
	refused      = lazy.Pattern{Expr: `(?i)nac?k`}
	restartCause = lazy.Pattern{Expr: `(?i)\b(?:Last|LastReset|Reason for Out Of Service|ReasonForOutOfService)=([A-Za-z][A-Za-z-]*(?: Rejected HC)?)`}
	restartPage  = lazy.Pattern{Expr: `(?i)^\s*Restart Cause\s*(?:[:=]\s*|\s{1,})([A-Za-z][A-Za-z-]*(?: Rejected HC)?)\s*$`}
	// pageName is the name of a phone on its page, which is its host name.
	pageName     = lazy.Pattern{Expr: `(?i)^\s*(?:Host|Device) ?Name[\s:=]+((?:SEP|ATA)[0-9A-F]{12})\s*$`}
	alarmLine    = lazy.Pattern{Expr: `(?i)cisco-alarm:\d+`}
	alarmName    = lazy.Pattern{Expr: `\bName=(\w+)`}
	unregistered = lazy.Pattern{Expr: `(?m)^.*(?:Device|EndPoint)Unregistered.*$`}
	// unregisteredSign is the name of the message before its text; RTMT names it a second time.
	unregisteredSign = lazy.Pattern{Expr: `(?:Device|EndPoint)Unregistered`}
	logTime          = lazy.Pattern{Expr: `(?:[A-Z][a-z]{2}[ \t]+\d{1,2}(?:,?[ \t]+\d{4})?[ \t]+|(?:\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4})(?:[ T]|"?[,;\t]"?))\d\d:\d\d:\d\d`}
	deviceName       = lazy.Pattern{Expr: `(?i)Device ?Name[^:=]*[:=]+ ?(\w+)`}
	reasonCode       = lazy.Pattern{Expr: `(?i)\bReason(?: ?Code[^:=]*)?[:=]+ ?(\d+)`}
)

// isPhoneLine is the sign of a line of a phone's console log.
func isPhoneLine(line string) bool {
	return len(line) > 16 && strings.Contains(line, "DHCP:") && consoleLine.Get().MatchString(line)
}

// readPhone reads a phone's console log, its alarms, and messages of the call manager about phones that were unregistered.
func readPhone(t *Text, o *Out) {
	lines := 0
	for _, m := range consoleLine.Get().FindAllStringSubmatchIndex(t.S, -1) {
		if t.S[m[6]:m[7]] != "DHCP" {
			continue
		}
		if lines++; lines > maxPhoneLines && !refused.Get().MatchString(t.S[m[8]:m[9]]) {
			continue
		}
		o.Record("")
		o.Put(PhoneDHCP, m[8], m[9])
		o.Put(PhoneTime, m[4], m[5])
	}
	nameStart, nameEnd := 0, 0
	for start, line := range t.Lines {
		if n := onPage(line); n != nil {
			nameStart, nameEnd = start+n[2], start+n[3]
			continue
		}
		m := restartPage.Get().FindStringSubmatchIndex(line)
		if m == nil && alarmLine.Get().MatchString(line) {
			line = t.continued(start, line)
			m = restartCause.Get().FindStringSubmatchIndex(line)
		}
		if m == nil {
			continue
		}
		o.Record("")
		o.Put(PhoneCause, start+m[2], start+m[3])
		if n := alarmName.Get().FindStringSubmatchIndex(line); n != nil {
			o.Put(PhoneName, start+n[2], start+n[3])
		} else {
			o.Put(PhoneName, nameStart, nameEnd)
		}
	}
	readUnregistered(t, o)
}

// onPage finds the name of the phone in a line of its page.
func onPage(line string) []int {
	if line = strings.TrimRight(line, "\r"); len(line) > 80 || !strings.Contains(line, "Name") {
		return nil
	}
	return pageName.Get().FindStringSubmatchIndex(line)
}

// continued is a line with those that continue it: headers of SIP may be folded.
func (t *Text) continued(start int, line string) string {
	end := start + len(line)
	for end+1 < len(t.S) && (t.S[end+1] == ' ' || t.S[end+1] == '\t') {
		n := strings.IndexByte(t.S[end+1:], '\n')
		if n < 0 {
			n = len(t.S) - end - 1
		}
		end += 1 + n
	}
	return t.S[start:end]
}

// maxPhoneLines is how many lines of the DHCP client are kept of one text, in addition to those that say NAK.
const maxPhoneLines = 200

// maxResets is how many of the last resets are kept of one text.
const maxResets = 2000

func readUnregistered(t *Text, o *Out) {
	var rows [][]int
	for _, r := range unregistered.Get().FindAllStringIndex(t.S, -1) {
		rows = append(rows, messages(t.S, r[0], r[1])...)
	}
	if len(rows) > maxResets {
		rows = rows[len(rows)-maxResets:]
	}
	for _, r := range rows {
		line := t.S[r[0]:r[1]]
		o.Record("")
		if m := logTime.Get().FindStringSubmatchIndex(line); m != nil {
			o.Put(PhoneReset, r[0]+m[0], r[0]+m[1])
		}
		if m := deviceName.Get().FindStringSubmatchIndex(line); m != nil {
			o.Put(PhoneName, r[0]+m[2], r[0]+m[3])
		}
		if m := reasonCode.Get().FindStringSubmatchIndex(line); m != nil {
			o.Put(PhoneResetReason, r[0]+m[2], r[0]+m[3])
		}
	}
}

// messages divides a line into its messages: a copy without line ends has all of them on one. Each begins at the first time after the
// message before it.
func messages(s string, from, to int) (rows [][]int) {
	signs := unregisteredSign.Get().FindAllStringIndex(s[from:to], -1)
	start := from
	for _, sign := range signs[:len(signs)-1] {
		next := logTime.Get().FindStringIndex(s[from+sign[1] : to])
		if next == nil || !unregisteredSign.Get().MatchString(s[from+sign[1]+next[0]:to]) {
			continue
		}
		rows = append(rows, []int{start, from + sign[1] + next[0]})
		start = from + sign[1] + next[0]
	}
	return append(rows, []int{start, to})
}

var (
	iosLease = lazy.Pattern{Expr: `(?m)(?:^|[ \t])lease\s+(infinite|(\d+)(?:[ \t]+(\d+))?(?:[ \t]+(\d+))?)[ \t\r]*(?:$|[a-z!])`}
	// windowsLease is what Get-DhcpServerv4Scope prints of a scope: days, hours, minutes and seconds. A lease without end has more digits.
	windowsLease = lazy.Pattern{Expr: `(?m)^\s*LeaseDuration\s*:\s*(?:(\d{1,4})\.)?(\d\d):(\d\d):(\d\d)\s*$`}
	dnsmasqLease = lazy.Pattern{Expr: `(?m)^\s*dhcp-range=[^\n#]*,\s*(\d+)([mhd]?)\s*(?:#[^\n]*)?$`}
	dhcpdTime    = lazy.Pattern{Expr: `(?m)^\s*default-lease-time\s+(\d+)\s*;`}
)

// readLease reads the lease time of a DHCP pool: of IOS in days, hours and minutes, of ISC's dhcpd in seconds, of Windows Server as a span
// of time, of dnsmasq with a unit.
func readLease(t *Text, o *Out) {
	for _, m := range iosLease.Get().FindAllStringSubmatchIndex(t.S, -1) {
		if m[4] < 0 {
			continue
		}
		seconds := atoi(t.S[m[4]:m[5]]) * 24 * 3600
		if m[6] >= 0 {
			seconds += atoi(t.S[m[6]:m[7]]) * 3600
		}
		if m[8] >= 0 {
			seconds += atoi(t.S[m[8]:m[9]]) * 60
		}
		o.Record("")
		o.PutAs(LeaseSeconds, strconv.Itoa(seconds), m[2], m[3])
	}
	for _, m := range windowsLease.Get().FindAllStringSubmatchIndex(t.S, -1) {
		seconds := atoi(t.S[m[4]:m[5]])*3600 + atoi(t.S[m[6]:m[7]])*60 + atoi(t.S[m[8]:m[9]])
		if m[2] >= 0 {
			seconds += atoi(t.S[m[2]:m[3]]) * 24 * 3600
		}
		o.Record("")
		o.PutInt(LeaseSeconds, seconds, m[4], m[9])
	}
	for _, m := range dnsmasqLease.Get().FindAllStringSubmatchIndex(t.S, -1) {
		seconds := atoi(t.S[m[2]:m[3]])
		switch t.S[m[4]:m[5]] {
		case "m":
			seconds *= 60
		case "h":
			seconds *= 3600
		case "d":
			seconds *= 24 * 3600
		}
		o.Record("")
		o.PutInt(LeaseSeconds, seconds, m[2], m[5])
	}
	for _, m := range dhcpdTime.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(LeaseSeconds, m[2], m[3])
	}
}
