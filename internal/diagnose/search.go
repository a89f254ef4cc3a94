package diagnose

import (
	"cmp"
	"slices"
	"strings"
)

// A match is a pattern in a line: tokens from start to end, or bytes where the alphabet has no blanks.
type match struct {
	p          *pattern
	start, end int
	clause     int
	foreign    bool
}

// search finds the patterns in a line: of those that overlap, the one with the most words, then the closest. Services, failures and answers
// do not compete.
func (rd *reader) search(low string, ts []token) []match {
	var all []match
	for i := range ts {
		try := func(p *pattern) {
			if end := p.matches(ts, i); end >= 0 {
				all = append(all, match{p: p, start: i, end: end, clause: ts[end-1].clause})
			}
		}
		for _, p := range rd.w.byFirst[ts[i].text] {
			try(p)
		}
		for _, p := range rd.w.byPrefix {
			try(p)
		}
	}
	if foreign(low) {
		for _, p := range rd.w.scripts {
			if at := strings.Index(low, p.literal); at >= 0 {
				all = append(all, match{p: p, start: at, end: at + len(p.literal), clause: clauseAt(ts, at), foreign: true})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b match) int {
		return cmp.Or(b.p.count-a.p.count, a.end-a.start-(b.end-b.start), a.start-b.start)
	})
	var kept []match
	for _, m := range all {
		if !slices.ContainsFunc(kept, func(k match) bool {
			return group(k.p) == group(m.p) && k.foreign == m.foreign && m.start < k.end && k.start < m.end
		}) {
			kept = append(kept, m)
		}
	}
	slices.SortStableFunc(kept, func(a, b match) int { return a.start - b.start })
	return kept
}

func group(p *pattern) string {
	if p.kind == "code" {
		return "fails"
	}
	return p.kind
}

func clauseAt(ts []token, at int) int {
	clause := 0
	for _, t := range ts {
		if t.start > at {
			break
		}
		clause = t.clause
	}
	return clause
}

// heal takes earlier signs back where the line says so.
func (rd *reader) heal(ts []token) {
	for i := range ts {
		for _, p := range rd.w.heals[ts[i].text] {
			if p.matches(ts, i) < 0 {
				continue
			}
			rd.drop(p.meaning)
			if p.service == "both" {
				rd.healed[p.meaning] = true
			}
		}
	}
}

// drop takes a sign out of the items so far.
func (rd *reader) drop(sign string) {
	for i := range rd.paste.Items {
		it := &rd.paste.Items[i]
		it.Signs = slices.DeleteFunc(it.Signs, func(s string) bool { return s == sign })
	}
	n := len(rd.paste.Items)
	rd.paste.Items = slices.DeleteFunc(rd.paste.Items, func(it Item) bool { return len(it.Signs) == 0 })
	if len(rd.paste.Items) < n {
		rd.paste.Healthy++
	}
}

// signs are the failures of the line that no word of health takes back.
func (rd *reader) signs(ts []token, low string, found []match, quiet bool) []match {
	var out []match
	for _, m := range found {
		switch {
		case m.p.kind != "fails" && m.p.kind != "code":
		case quiet && m.p.meaning == "failed":
		case !m.foreign && rd.fine(ts, m), m.foreign && strings.Contains(low, "正常"):
			rd.paste.Healthy++
		default:
			out = append(out, m)
		}
	}
	return out
}

// fine reports whether words of health next to a failure take it back: no errors, failed attempts: 0, certificate: valid, timeout: 30.
func (rd *reader) fine(ts []token, m match) bool {
	if m.p.kind == "code" {
		return false
	}
	for back := 1; back <= 2 && back <= m.start; back++ {
		t := ts[m.start-back]
		switch {
		case t.after != 0, t.clause != ts[m.start].clause, !rd.w.fineFirst[t.text]:
		case t.text == "0" && m.start > back && ts[m.start-back-1].after == '.': // 2.0 is a version
		case back == 1, counted(ts[m.start].text) && t.text != "not":
			return true
		}
	}
	for _, t := range ts[m.start:m.end] { // account is not locked
		if negates(t.text) && !slices.Contains(m.p.words, t.text) {
			return true
		}
	}
	last := m.end - 1
	for last+1 < len(ts) && ts[last+1].clause == m.clause {
		last++
	}
	if rd.fineAny(ts, m.clause) {
		return true
	}
	if last < m.end || last == 0 { // nothing after it
		return false
	}
	assigned := strings.ContainsRune(":=[(\t|", ts[last-1].after) && ts[last-1].after != 0
	if assigned && rd.w.fineEnd[ts[last].text] {
		return true
	}
	return m.p.meaning == "timeout" && strings.ContainsRune(":=", ts[m.end-1].after) && ts[m.end-1].after != 0 && digits(ts[m.end].text)
}

// fineAny reports words that say that all is well, in the clause; in any clause where it is negative.
func (rd *reader) fineAny(ts []token, clause int) bool {
	for i := range ts {
		for _, p := range rd.w.fineAny {
			if p.matches(ts, i) >= 0 && (clause < 0 || ts[i].clause == clause) {
				return true
			}
		}
	}
	return false
}

// counted reports a word for a failure that is counted: no certificate errors.
func counted(word string) bool {
	switch word {
	case "error", "errors", "problem", "problems", "failure", "failures", "exceptions", "fehler", "erreur", "erro", "errore":
		return true
	}
	return false
}

// negates reports a word that turns the words after it into the contrary.
func negates(word string) bool {
	switch word {
	case "not", "never", "nicht", "pas", "nao", "kein":
		return true
	}
	return false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// label is the service that the line begins with, behind bullets, and opens its block where the line is a heading or a field.
func (rd *reader) label(ts []token, names []match) string {
	// what the browser shows for this address comes next
	if len(ts) > 0 && ts[0].after == ':' && (ts[0].text == "http" || ts[0].text == "https") {
		end := slices.IndexFunc(ts, func(t token) bool { return t.after == 0 })
		for _, m := range names {
			if m.end-1 <= end || end < 0 {
				rd.block = m.p.meaning
			}
		}
		return rd.block
	}
	if len(names) == 0 || names[0].foreign || names[0].start > 0 && (names[0].start > 1 || ts[0].text != "x" && ts[0].text != "cisco") {
		return ""
	}
	m := names[0]
	after := ts[m.end-1].after
	switch {
	case m.end == len(ts), strings.ContainsRune(":=-([/\t|.", after) && after != 0, len(ts) <= 4:
		rd.block = m.p.meaning
		rd.heading = ""
		return rd.block
	}
	return ""
}

// strange is the service of a line about something that the table does not know.
const strange = "other"

// blockOf is the service that a failure without one is about: that of the block, unless the line begins with the name of something else.
func (rd *reader) blockOf(m match, ts []token, found []match) string {
	switch {
	case rd.block == "" || m.foreign || !rd.stranger(ts[:m.start], found...):
		return rd.block
	case ts[m.start-1].after == ':': // the lines after it may belong to it
		rd.block, rd.heading = strange, ""
	}
	return strange
}

// stranger reports words that name something: not names of fields, as in "Reason:", not parts of hosts, numbers or times, and not what is
// known.
func (rd *reader) stranger(ts []token, known ...match) bool {
	for i, t := range ts {
		if slices.ContainsFunc(known, func(m match) bool { return !m.foreign && m.start <= i && i < m.end }) {
			continue
		}
		joined := t.after == '.' || t.after == '@' || i > 0 && (ts[i-1].after == '.' || ts[i-1].after == '@')
		if !joined && len(t.text) > 1 && !rd.w.fill[t.text] && !strings.ContainsAny(t.text, "0123456789") {
			return true
		}
	}
	return false
}

func firstName(names []match) string {
	for _, m := range names {
		return m.p.meaning
	}
	return ""
}

// nameOf finds the service that a failure is about: the line's label, else the one before it in its clause, else the one after it, else
// any in the line. The log-in is named in many lines that are about something else, so it comes last.
func (rd *reader) nameOf(m match, names []match, label string, ts []token) string {
	if label != "" && label != "login" {
		return label
	}
	best, score := "", 0
	for _, n := range names {
		s := 1
		at := n.start
		if n.foreign != m.foreign {
			s = 2
		} else if n.clause == m.clause {
			s = 4
			if at < m.end {
				s = 5
			}
		}
		if n.p.meaning == "login" {
			s -= 3
		}
		if s > score || s == score && n.end <= m.start {
			best, score = n.p.meaning, s
		}
	}
	return cmp.Or(best, label)
}

// moreExact are signs that a line with an exact one does not give: a server that says why it refuses (NO with the reason after it) has
// not judged the password, and a certificate that has expired is not one of an unknown issuer.
var moreExact = []struct{ exact, general []string }{
	{[]string{"imap-off", "login-disabled", "unavailable"}, []string{"refused"}},
	{[]string{"cert-expired", "cert-name", "cert-not-yet"}, []string{"cert", "tls-handshake"}},
}

// specific leaves general signs out where a line says more.
func specific(signs []string) []string {
	general := []string{"failed", "login-failed", "unreachable", "port-refused", "unknown-status"}
	slices.Sort(signs)
	signs = slices.Compact(signs)
	for _, m := range moreExact {
		if slices.ContainsFunc(signs, func(s string) bool { return slices.Contains(m.exact, s) }) {
			signs = slices.DeleteFunc(signs, func(s string) bool { return slices.Contains(m.general, s) })
		}
	}
	exact := slices.ContainsFunc(signs, func(s string) bool { return !slices.Contains(general, s) })
	if exact {
		return slices.DeleteFunc(signs, func(s string) bool { return slices.Contains(general, s) })
	}
	if slices.Contains(signs, "port-refused") { // a connection that fails because of it
		signs = slices.DeleteFunc(signs, func(s string) bool { return s == "unreachable" })
	}
	if len(signs) > 1 {
		signs = slices.DeleteFunc(signs, func(s string) bool { return s == "failed" })
	}
	return signs
}
