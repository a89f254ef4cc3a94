package appliance

import (
	"regexp"
	"strings"

	"cupclint/internal/lazy"
)

// memberRow finds the rows of "show network cluster" wherever line ends are. The tail of a row may be wrapped, and parts of the address
// may be masked.
var memberRow = lazy.Value[*regexp.Regexp]{New: func() *regexp.Regexp {
	const head = `(?:^|\s)((?:[\dxX*]{1,3}\.){3}[\dxX*]{1,3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)\s+(\S+)\s+(?:(\S+)\s+)?(`
	return broken(head, `)\b`, "Publisher", "Subscriber")
}}

var (
	memberProduct = lazy.Value[*regexp.Regexp]{New: func() *regexp.Regexp {
		return broken(`\b(`, `)\b`, "callmanager", "cups", "cer", "connection", "unityconnection")
	}}
	memberDatabase      = lazy.Value[*regexp.Regexp]{New: func() *regexp.Regexp { return broken(`\b(`, `)\b`, "DBPub", "DBSub") }}
	memberAuthenticated = lazy.Value[*regexp.Regexp]{New: func() *regexp.Regexp { return broken(`(?i)\b`, `\b`, "authenticated") }}
	serverTable         = lazy.Pattern{Expr: `(?i)Server Table \(processnode\) Entries`}
)

// CutOff is what MemberAuthenticated has in the last row of a copy that ends before what the row says about the node.
const CutOff = "cut off"

// broken is a pattern with one of some words, which a terminal may have broken at its width: a row is longer than the 80 columns of many.
func broken(before, after string, words ...string) *regexp.Regexp {
	patterns := make([]string, len(words))
	for i, w := range words {
		patterns[i] = strings.Join(strings.Split(w, ""), `\n?`)
	}
	return regexp.MustCompile(before + strings.Join(patterns, "|") + after)
}

// joined is a word without the line end that a terminal put into it.
func joined(word string) string { return strings.ReplaceAll(word, "\n", "") }

// isMember is the sign of such a row.
func isMember(line string) bool {
	return (strings.Contains(line, " Publisher ") || strings.Contains(line, " Subscriber ")) && memberRow.Get().MatchString(line)
}

// readCluster reads "show network cluster".
func readCluster(t *Text, o *Out) {
	s := t.S
	table := serverTable.Get().FindStringIndex(s)
	if table != nil {
		s = s[:table[0]]
	}
	rows := members(s)
	for i, m := range rows {
		if table == nil && i == len(rows)-1 && m.cut() {
			m.words = CutOff
		}
		o.Record(s[m.host[0]:m.host[1]])
		o.Put(MemberAddress, m.address[0], m.address[1])
		o.Put(MemberName, m.name[0], m.name[1])
		o.Put(MemberHost, m.host[0], m.host[1])
		o.PutAs(Role, joined(s[m.role[0]:m.role[1]]), m.role[0], m.role[1])
		if m.product[1] > 0 {
			o.PutAs(MemberProduct, joined(s[m.product[0]:m.product[1]]), m.product[0], m.product[1])
		}
		if m.database[1] > 0 {
			o.PutAs(MemberDatabase, joined(s[m.database[0]:m.database[1]]), m.database[0], m.database[1])
		}
		o.PutAs(MemberAuthenticated, m.words, m.tail[0], m.tail[1])
		if m.self {
			o.PutAs(MemberSelf, "yes", m.address[0], m.tail[1])
		}
	}
	if table == nil {
		return
	}
	for start, line := range t.Lines {
		word := strings.TrimSpace(line)
		if start < table[1] || word == "" || strings.HasPrefix(word, "---") || strings.Contains(word, " ") {
			continue
		}
		o.Record("")
		o.Put(ServerTableEntry, start, start+len(line))
	}
}

type member struct {
	address, name, host, role, product, database, tail [2]int
	words                                              string // of the tail
	self                                               bool
}

// cut reports whether a row ends inside of a word, or before the role of its database.
func (m *member) cut() bool {
	if m.words != "" && strings.HasPrefix("authenticated", strings.ToLower(m.words)) {
		return len(m.words) < len("authenticated")
	}
	return m.database[1] == 0 && !strings.Contains(m.words, " ") && !m.self
}

// members finds the rows. The own row says "authenticated" and not since when.
func members(s string) []member {
	rows := memberRow.Get().FindAllStringSubmatchIndex(s, -1)
	var out []member
	for i, m := range rows {
		end := len(s)
		if i+1 < len(rows) {
			end = rows[i+1][2]
		}
		r := member{address: [2]int{m[2], m[3]}, name: [2]int{m[4], m[5]}, host: [2]int{m[4], m[5]}, role: [2]int{m[8], m[9]}}
		if m[6] >= 0 {
			r.host = [2]int{m[6], m[7]}
		}
		// An empty line, or the next prompt, ends the row.
		tail := s[m[9]:end]
		if j := strings.Index(tail, "\n\n"); j >= 0 {
			tail = tail[:j]
		}
		at := m[9]
		take := func(expr *regexp.Regexp) [2]int {
			p := expr.FindStringIndex(tail)
			if p == nil {
				return [2]int{}
			}
			return [2]int{at + p[0], at + p[1]}
		}
		r.product, r.database = take(memberProduct.Get()), take(memberDatabase.Get())
		from := m[9]
		for _, p := range [][2]int{r.product, r.database} {
			from = max(from, p[1])
		}
		r.tail = [2]int{from, at + len(strings.TrimRight(tail, " \t\n"))}
		words := memberAuthenticated.Get().ReplaceAllStringFunc(s[r.tail[0]:max(r.tail[0], r.tail[1])], joined)
		r.words = strings.Join(strings.Fields(words), " ")
		r.self = strings.EqualFold(r.words, "authenticated")
		out = append(out, r)
	}
	return out
}

// ownRow names the node on which "show network cluster" ran.
func ownRow(t *Text) string {
	self := ""
	s := t.S
	if table := serverTable.Get().FindStringIndex(s); table != nil {
		s = s[:table[0]]
	}
	for _, m := range members(s) {
		if m.self {
			if self != "" {
				return "" // it is not known which of them it is
			}
			self = s[m.host[0]:m.host[1]]
		}
	}
	return self
}
