package appliance

import (
	"strings"

	"cupclint/internal/lazy"
)

// viewFrom names the node on which "utils dbreplication runtimestate" ran.
func viewFrom(line string) string {
	_, rest, ok := strings.Cut(line, "Cluster Detailed View from ")
	if words := strings.Fields(rest); ok && len(words) > 0 {
		return strings.Trim(words[0], ",:")
	}
	return ""
}

var (
	viewLine        = lazy.Pattern{Expr: `Cluster Detailed View from (\S+)\s+\((\d+) Servers?\)`}
	serverTime      = lazy.Pattern{Expr: `Server Time:\s*(\w{3} \w{3}\s+\d+ \d\d:\d\d:\d\d (?:\S+ )?\d{4})`}
	checkStarted    = lazy.Pattern{Expr: `(?i)Replication status command started at:\s*([\d-]+)`}
	activity        = lazy.Pattern{Expr: `(?i)Cluster Replication State:\s*([^\n]*?)(?:\n|Last Sync Result|Replication status command COMPLETED|DB Version|$)`}
	resultLine      = lazy.Pattern{Expr: `(?i)(No )?Errors or Mismatches (?:were )?found[.!]*|\bErrors? (?:were )?found in \d+ tables?|Sync Errors:\s*(?:NO ERRORS|[^\n]*?(?:\n|\bDB Version|$))`}
	databaseVersion = lazy.Pattern{Expr: `DB Version:\s*ccm([\d_]+)`}
	viewHeader      = lazy.Pattern{Expr: `SERVER-NAME\s+IP ADDRESS`}
	stateWord       = lazy.Pattern{Expr: `^\((\d|-)\)$`}
)

// readReplication reads "utils dbreplication runtimestate" in its three shapes. The rows are found by their addresses, because copies lose
// line ends: a name, an address, numbers and words, and the state in brackets.
func readReplication(t *Text, o *Out) {
	o.Record("")
	if m := viewLine.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(ReplicationView, m[2], m[3])
		o.Put(ReplicationServers, m[4], m[5])
	}
	if m := serverTime.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(ReplicationTime, m[2], m[3])
	}
	if m := checkStarted.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(ReplicationStarted, m[2], m[3])
	}
	if m := activity.Get().FindStringSubmatchIndex(t.S); m != nil {
		o.Put(ReplicationActivity, m[2], m[3])
	}
	if m := resultLine.Get().FindStringIndex(t.S); m != nil {
		o.Put(ReplicationResult, m[0], m[0]+len(strings.TrimSuffix(t.S[m[0]:m[1]], "DB Version")))
	}
	if m := databaseVersion.Get().FindStringSubmatchIndex(t.S); m != nil {
		if v := releaseOf(t.S[m[2]:m[3]]); v != "" {
			o.PutAs(VersionDatabase, v, m[2], m[3])
		}
	}
	from := 0
	if m := viewHeader.Get().FindStringIndex(t.S); m != nil {
		from = m[1]
	}
	words := t.Words(from, len(t.S))
	var anchors []int
	for i := 1; i+2 < len(words); i++ {
		if isAddress(words[i].S) && !strings.HasPrefix(words[i-1].S, "(") && pinged(words[i+1:]) > 0 {
			anchors = append(anchors, i)
		}
	}
	for k, i := range anchors {
		end := len(words)
		if k+1 < len(anchors) {
			end = anchors[k+1] - 1
		}
		readReplicationRow(t, o, words[i-1:end])
	}
}

// pinged returns how many words after an address are the time of the ping, or 0 where they are something else. A server that does not
// answer has other words instead of the time, and what of it the replication reaches after them.
func pinged(after []Word) int {
	if len(after) > 0 && (isDecimal(after[0].S) || after[0].S == "-" || after[0].S == "N/A") {
		return 1
	}
	for n := 1; n <= maxPingWords && n < len(after) && !isAddress(after[n-1].S); n++ {
		if isReached(after[n].S) {
			return n
		}
	}
	return 0
}

// maxPingWords bounds the words instead of the time.
const maxPingWords = 3

// isReached reports whether a word says what of a server the replication reaches.
func isReached(s string) bool { return s == "Yes" || s == "No" || isReachedParts(s) }

func isReachedParts(s string) bool {
	return len(s) == 5 && s[1] == '/' && s[3] == '/' && strings.Trim(s, "YN/-") == ""
}

func readReplicationRow(t *Text, o *Out, w []Word) {
	o.Record(w[0].S)
	o.Word(ReplicationServer, w[0])
	o.Word(ReplicationAddress, w[1])
	reached := 2 + pinged(w[2:])
	for i := reached; i < len(w); i++ {
		s := w[i].S
		switch {
		case stateWord.Get().MatchString(s):
			o.Put(ReplicationState, w[i].At+1, w[i].At+2)
			last := i
			for last+1 < len(w) && !strings.Contains(t.S[w[last].At:w[last+1].At], "\n") {
				last++
			}
			if last > i {
				o.Put(ReplicationDetails, w[i+1].At, w[last].At+len(w[last].S))
			}
			return
		case strings.HasPrefix(s, "(g_"), s == "(-)":
		case isReachedParts(s):
			o.Word(ReplicationRPC, w[i])
		case i == reached && (s == "Yes" || s == "No"):
			o.Word(ReplicationRPC, w[i])
		case strings.EqualFold(s, "match") || strings.EqualFold(s, "mismatch") || strings.EqualFold(s, "unmatched") ||
			strings.EqualFold(s, "different"):
			o.Word(ReplicationTables, w[i])
		case isCount(s):
			o.Word(ReplicationQueue, w[i])
		case i == reached+1 && i+1 < len(w) && len(s) > 3 && s[0] >= 'A' && s[0] <= 'Z': // the last word may be cut off
			o.Word(ReplicationStatus, w[i])
		}
	}
}

// releaseOf brings "12_5_1_18901_1" into the form of releases.
func releaseOf(s string) string {
	parts := strings.Split(strings.Trim(s, "_"), "_")
	if len(parts) != 5 {
		return ""
	}
	return strings.Join(parts[:4], ".") + "-" + parts[4]
}
