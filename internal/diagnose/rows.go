package diagnose

import (
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/internal/lazy"
	"cupclint/lint"
)

// serviceRow is a line of utils service list: Cisco Tomcat[STARTED], with a reason after it.
var serviceRow = lazy.Pattern{Expr: `(?i)^(?:[>*-]+\s*)?([A-Za-z][A-Za-z0-9 &./-]*?)\s*\[\s*(STARTED|STARTING|STOPPED|STOPPING|NOTRUNNING|NOT RUNNING|NOT STARTED|NOT ACTIVATED|UNKNOWN|ACTIVATED|RUNNING)\s*\]\s*(.*)$`}

// service reads a line of utils service list. What was stopped by hand or failed is a failure; what is not activated is one only where
// clients need it.
func (rd *reader) service(number int, text string) bool {
	if !strings.Contains(text, "[") {
		return false
	}
	f := serviceRow.Get().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	name := strings.Join(rd.w.canonical(split(f[1])), " ")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "cisco "), "up ")
	role := rd.w.roles[name]
	state, reason := strings.ToUpper(f[2]), strings.ToLower(f[3])
	sign := ""
	switch {
	case state == "STARTED", state == "ACTIVATED", state == "RUNNING":
		rd.paste.Healthy++
		return true
	case role != nil && role.service == "normal":
		rd.paste.Healthy++
		return true
	case strings.HasPrefix(state, "NOT") && state != "NOT ACTIVATED", state == "UNKNOWN":
		sign = "service-failed"
	case strings.Contains(reason, "not activated"), state == "NOT ACTIVATED":
		if role == nil || role.service != "needed" || role.meaning == "tftp" || role.meaning == "soft phone" || role.meaning == "desk phone" {
			return true // never switched on on this node
		}
		sign = "service-down"
	default:
		sign = "service-down"
	}
	item := Item{Signs: []string{sign}, Message: text, File: rd.file, Line: number}
	if role != nil {
		item.Name = role.meaning
	}
	rd.paste.Items = append(rd.paste.Items, item)
	return true
}

// queueRow is a row of show tech notify: slot, in the queue, processed, head, tail, tables, client.
var queueRow = lazy.Pattern{Expr: `^\s*\d+ I (\d+) P \d+ H (\d+) T (\d+) S \d+ (\S+)$`}

// queue reads a row of show tech notify: a queue that waits for the Sync Agent is a sign that changes do not arrive.
func (rd *reader) queue(number int, text string) bool {
	f := queueRow.Get().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	if (f[1] != "0" || f[2] != f[3]) && strings.Contains(strings.ToLower(f[4]), "sync") {
		rd.paste.Items = append(rd.paste.Items, Item{Name: "sync", Signs: []string{"queue"}, Message: text, File: rd.file, Line: number})
	} else {
		rd.paste.Healthy++
	}
	return true
}

// stateRow is a line of "show status", "show version" or "show network cluster" whose words are labels: an inactive partition is not a
// failure, and "authenticated" is the node in its cluster, not a user.
var stateRow = lazy.Pattern{Expr: `(?i)^(?:admin:\s*)?(?:Disk/\w+\s+\d+K\s|show version inactive$|Inactive (?:Master )?Version\b|Sync Errors:\s*NO ERRORS$` +
	`|\S+\s+\S+\s+\S+\s+(?:Publisher|Subscriber)\s+(?:callmanager|cups)\s+DB(?:Pub|Sub)\s+(not authenticated|un-?authenticated)?)`}

// state reads such a line. A node that is not authenticated does not get the data of the others.
func (rd *reader) state(number int, text string) bool {
	f := stateRow.Get().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	if f[1] != "" {
		rd.paste.Items = append(rd.paste.Items,
			Item{Name: "replication", Signs: []string{"failed"}, Message: text, File: rd.file, Line: number})
	} else {
		rd.paste.Healthy++
	}
	return true
}

// resolvedRow is a name with its address in the output of nslookup.
var resolvedRow = lazy.Pattern{Expr: `(?i)^Name:\s+\S+\.\S+$|\binternet address\s+=\s+\d|\bsvr hostname\s+=\s+\S`}

// mailboxes reads the table of Get-CASMailbox: the column ImapEnabled says for each mailbox whether IMAP is on.
func (rd *reader) mailboxes(number int, line string) bool {
	if at := strings.Index(line, "ImapEnabled "); at >= 0 && strings.Contains(line, "MapiEnabled") {
		rd.imapColumn = at
		return true
	}
	if rd.imapColumn == 0 || len(line) <= rd.imapColumn {
		return false
	}
	word, _, _ := strings.Cut(line[rd.imapColumn:], " ")
	switch word {
	case "False":
		rd.paste.Items = append(rd.paste.Items,
			Item{Name: "voicemail", Signs: []string{"imap-off"}, Message: strings.TrimSpace(line), File: rd.file, Line: number})
	case "True":
		rd.paste.Healthy++
	}
	return word == "False" || word == "True"
}

// reportRow is the first line of a finding in cupclint's own text output.
var reportRow = lazy.Pattern{Expr: `^(?:\S+:\d+:\d+: )?(error|warning|info) ([A-Z]{2,5}\d{3})\b`}

// report reads a finding in a pasted report: the output of a check counts.
func (rd *reader) report(number int, text string) bool {
	f := reportRow.Get().FindStringSubmatch(text)
	if f == nil {
		return false
	}
	severity, _ := lint.ParseSeverity(f[1]) // one of the three
	rd.paste.Findings = append(rd.paste.Findings,
		lint.Finding{Rule: f[2], Severity: severity, Message: text, File: export.Stdin, Line: number})
	return true
}

// portRow finds ports of mail servers.
var portRow = lazy.Pattern{Expr: `(?:port\W{0,3}|:)(143|993|7993)\b`}

// hints finds what describes the setup: an address with the domain twice or after an IP address, the port of the mail server.
func (rd *reader) hints(number int, text, low, name string) {
	var signs []string
	if name == "voicemail" {
		if f := portRow.Get().FindStringSubmatch(low); f != nil {
			signs = append(signs, map[string]string{"143": "port-143"}[f[1]])
			if f[1] != "143" {
				signs[0] = "port-tls"
			}
		}
	}
	service := name
	for word := range strings.FieldsSeq(low) {
		address := name == "presence" || strings.Contains(word, "sip:") || strings.Contains(word, "@")
		word = strings.Trim(word, `<>"'()[],;`)
		if at := strings.LastIndexAny(word, "@"); at >= 0 {
			word = word[at+1:]
		}
		word = strings.TrimPrefix(strings.TrimPrefix(word, "sips:"), "sip:")
		word, _, _ = strings.Cut(word, ":")
		word = strings.TrimRight(word, ".")
		if sign := wrongAddress(word); sign != "" && address {
			signs, service = append(signs, sign), "presence"
		}
	}
	if len(signs) > 0 {
		rd.paste.Items = append(rd.paste.Items,
			Item{Name: service, Signs: slices.Compact(signs), Message: text, File: rd.file, Line: number, Hint: true})
	}
}

// wrongAddress reports a host name whose domain comes twice, or that begins or ends with an IP address.
func wrongAddress(host string) string {
	labels := strings.Split(host, ".")
	n := len(labels)
	if n < 4 || slices.Contains(labels, "") {
		return ""
	}
	numbers := 0
	for _, l := range labels {
		if v, err := strconv.Atoi(l); err == nil && v <= 255 {
			numbers++
		}
	}
	if n > 4 && numbers == 4 && digits(labels[n-1]) && digits(labels[n-4]) && !digits(labels[n-5]) {
		return "address-ip"
	}
	if n > 4 && numbers >= 4 && digits(labels[0]) && digits(labels[1]) && digits(labels[2]) && digits(labels[3]) {
		return "address-ip"
	}
	for size := 2; 2*size <= n; size++ {
		if slices.Equal(labels[n-size:], labels[n-2*size:n-size]) && !digits(labels[n-1]) {
			return "address-twice"
		}
	}
	return ""
}
