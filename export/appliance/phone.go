package appliance

import (
	"strconv"
	"strings"
)

var (
	consoleLine  = lazy(`(?m)^\s*(?:\d+: )?(ERR|WRN|NOT|INF|DBG) +(\d\d:\d\d:\d\d(?:\.\d+)?) +(\w+): *([^\n]*)$`)
	restartCause = lazy(`(?i)\b(?:Last|LastReset|Reason for Out Of Service|ReasonForOutOfService)=([A-Za-z][A-Za-z-]*(?: Rejected HC)?)`)
	restartPage  = lazy(`(?i)^\s*Restart Cause\s*(?:[:=]\s*|\s{1,})([A-Za-z][A-Za-z-]*(?: Rejected HC)?)\s*$`)
	alarmLine    = lazy(`(?i)cisco-alarm:\d+`)
	alarmName    = lazy(`\bName=(\w+)`)
	unregistered = lazy(`(?m)^.*DeviceUnregistered.*$`)
	logTime      = lazy(`(?:[A-Z][a-z]{2} +\d{1,2}(?:,? +\d{4})? +|\d{4}-\d\d-\d\d[ T])\d\d:\d\d:\d\d`)
	deviceName   = lazy(`(?i)Device ?Name[^:=]*[:=]+ ?(\w+)`)
	reasonCode   = lazy(`(?i)Reason ?Code[^:=]*[:=]+ ?(\d+)`)
)

// isPhoneLine is the sign of a line of a phone's console log.
func isPhoneLine(line string) bool {
	return len(line) > 16 && (line[3] == ' ' || line[0] >= '0' && line[0] <= '9') && strings.Contains(line, "DHCP:") &&
		consoleLine().MatchString(line)
}

// readPhone reads a phone's console log, its alarms, and messages of the call manager about phones that were unregistered.
func readPhone(t *Text, o *Out) {
	lines := 0
	for _, m := range consoleLine().FindAllStringSubmatchIndex(t.S, -1) {
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
		m := restartPage().FindStringSubmatchIndex(line)
		if m == nil && alarmLine().MatchString(line) {
			m = restartCause().FindStringSubmatchIndex(line)
		}
		if m == nil {
			continue
		}
		o.Record("")
		o.Put(PhoneCause, start+m[2], start+m[3])
		if n := alarmName().FindStringSubmatchIndex(line); n != nil {
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
	rows := unregistered().FindAllStringIndex(t.S, -1)
	if len(rows) > maxResets {
		rows = rows[len(rows)-maxResets:]
	}
	for _, r := range rows {
		line := t.S[r[0]:r[1]]
		o.Record("")
		if m := logTime().FindStringSubmatchIndex(line); m != nil {
			o.Put(PhoneReset, r[0]+m[0], r[0]+m[1])
		}
		if m := deviceName().FindStringSubmatchIndex(line); m != nil {
			o.Put(PhoneName, r[0]+m[2], r[0]+m[3])
		}
		if m := reasonCode().FindStringSubmatchIndex(line); m != nil {
			o.Put(PhoneResetReason, r[0]+m[2], r[0]+m[3])
		}
	}
}

var (
	iosLease  = lazy(`(?m)^\s*lease\s+(infinite|(\d+)(?:\s+(\d+))?(?:\s+(\d+))?)\s*$`)
	dhcpdTime = lazy(`(?m)^\s*default-lease-time\s+(\d+)\s*;`)
)

// readLease reads the lease time of a DHCP pool: of IOS in days, hours and minutes, of ISC's dhcpd in seconds.
func readLease(t *Text, o *Out) {
	for _, m := range iosLease().FindAllStringSubmatchIndex(t.S, -1) {
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
	for _, m := range dhcpdTime().FindAllStringSubmatchIndex(t.S, -1) {
		o.Record("")
		o.Put(LeaseSeconds, m[2], m[3])
	}
}
