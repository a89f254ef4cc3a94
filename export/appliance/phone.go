package appliance

import (
	"strconv"
	"strings"

	"cupclint/internal/lazy"
)

var (
	consoleLine  = lazy.Pattern{Expr: `(?m)^\s*(?:\d+: )?(ERR|WRN|NOT|INF|DBG) +(\d\d:\d\d:\d\d(?:\.\d+)?) +(\w+): *([^\n]*)$`}
	restartCause = lazy.Pattern{Expr: `(?i)\b(?:Last|LastReset|Reason for Out Of Service|ReasonForOutOfService)=([A-Za-z][A-Za-z-]*(?: Rejected HC)?)`}
	restartPage  = lazy.Pattern{Expr: `(?i)^\s*Restart Cause\s*(?:[:=]\s*|\s{1,})([A-Za-z][A-Za-z-]*(?: Rejected HC)?)\s*$`}
	alarmLine    = lazy.Pattern{Expr: `(?i)cisco-alarm:\d+`}
	alarmName    = lazy.Pattern{Expr: `\bName=(\w+)`}
	unregistered = lazy.Pattern{Expr: `(?m)^.*(?:Device|EndPoint)Unregistered.*$`}
	logTime      = lazy.Pattern{Expr: `(?:[A-Z][a-z]{2} +\d{1,2}(?:,? +\d{4})? +|\d{4}-\d\d-\d\d[ T])\d\d:\d\d:\d\d`}
	deviceName   = lazy.Pattern{Expr: `(?i)Device ?Name[^:=]*[:=]+ ?(\w+)`}
	reasonCode   = lazy.Pattern{Expr: `(?i)\bReason(?: ?Code[^:=]*)?[:=]+ ?(\d+)`}
)

// isPhoneLine is the sign of a line of a phone's console log.
func isPhoneLine(line string) bool {
	return len(line) > 16 && (line[3] == ' ' || line[0] >= '0' && line[0] <= '9') && strings.Contains(line, "DHCP:") &&
		consoleLine.Get().MatchString(line)
}

// readPhone reads a phone's console log, its alarms, and messages of the call manager about phones that were unregistered.
func readPhone(t *Text, o *Out) {
	lines := 0
	for _, m := range consoleLine.Get().FindAllStringSubmatchIndex(t.S, -1) {
		if t.S[m[6]:m[7]] != "DHCP" {
			continue
		}
		if lines++; lines > maxPhoneLines && !strings.Contains(t.S[m[8]:m[9]], "NAK") {
			continue
		}
		o.Record("")
		o.Put(PhoneDHCP, m[8], m[9])
		o.Put(PhoneTime, m[4], m[5])
	}
	for start, line := range t.Lines {
		m := restartPage.Get().FindStringSubmatchIndex(line)
		if m == nil && alarmLine.Get().MatchString(line) {
			m = restartCause.Get().FindStringSubmatchIndex(line)
		}
		if m == nil {
			continue
		}
		o.Record("")
		o.Put(PhoneCause, start+m[2], start+m[3])
		if n := alarmName.Get().FindStringSubmatchIndex(line); n != nil {
			o.Put(PhoneName, start+n[2], start+n[3])
		}
	}
	readUnregistered(t, o)
}

// maxPhoneLines is how many lines of the DHCP client are kept of one text, in addition to those that say NAK.
const maxPhoneLines = 200

// maxResets is how many of the last resets are kept of one text.
const maxResets = 2000

func readUnregistered(t *Text, o *Out) {
	rows := unregistered.Get().FindAllStringIndex(t.S, -1)
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

var (
	iosLease  = lazy.Pattern{Expr: `(?m)^\s*lease\s+(infinite|(\d+)(?:\s+(\d+))?(?:\s+(\d+))?)\s*$`}
	dhcpdTime = lazy.Pattern{Expr: `(?m)^\s*default-lease-time\s+(\d+)\s*;`}
)

// readLease reads the lease time of a DHCP pool: of IOS in days, hours and minutes, of ISC's dhcpd in seconds.
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
	for _, m := range dhcpdTime.Get().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(LeaseSeconds, m[2], m[3])
	}
}
