package diagnose

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cupclint/internal/lazy"
)

//go:embed words.tsv
var wordsFile string

// A pattern is one row of words.tsv.
type pattern struct {
	kind, meaning string
	words         []string // in lower case without accents; * is a gap, ~ at the end of a word lets it continue
	literal       string   // the pattern as it is, for alphabets without blanks between words
	service       string   // that the words imply
	source        string
	count         int // words that are not a gap: the pattern with the most wins
}

// words is what the reader of pastes knows: the table, ready to be searched.
type words struct {
	same      map[string][]*pattern
	byFirst   map[string][]*pattern // services, failures, codes, answers, by their first word
	byPrefix  []*pattern            // the same where the first word may continue
	scripts   []*pattern            // the same in other alphabets
	heals     map[string][]*pattern
	fineEnd   map[string]bool
	fineFirst map[string]bool
	fineAny   []*pattern
	fill      map[string]bool
	roles     map[string]*pattern
	sources   map[string]string
}

// theWords parses the table once, when it is first needed.
func theWords() (*words, error) {
	p := parsedWords.Get()
	return p.words, p.err
}

type wordsOrError struct {
	words *words
	err   error
}

var parsedWords = lazy.Value[wordsOrError]{New: func() wordsOrError {
	w, err := parseWords(wordsFile)
	return wordsOrError{w, err}
}}

func parseWords(text string) (*words, error) {
	w := &words{
		same: make(map[string][]*pattern), byFirst: make(map[string][]*pattern), heals: make(map[string][]*pattern),
		fineEnd: make(map[string]bool), fineFirst: make(map[string]bool), fill: make(map[string]bool), roles: make(map[string]*pattern),
		sources: make(map[string]string),
	}
	var rows []*pattern
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		switch {
		case len(f) == 3 && f[0] == "source":
			w.sources[f[1]] = f[2]
			continue
		case len(f) != 6:
			return nil, fmt.Errorf("words.tsv:%d: %d columns, want 6", number, len(f))
		}
		p := &pattern{kind: f[0], meaning: f[1], literal: f[2], service: f[3], source: f[5]}
		if w.sources[p.source] == "" {
			return nil, fmt.Errorf("words.tsv:%d: unknown source %q", number, p.source)
		}
		if p.kind == "same" {
			p.words = split(p.literal)
			w.same[p.words[0]] = append(w.same[p.words[0]], p)
			continue
		}
		rows = append(rows, p)
	}
	for _, list := range w.same {
		slices.SortStableFunc(list, func(a, b *pattern) int { return len(b.words) - len(a.words) })
	}
	for _, p := range rows {
		if err := w.add(p); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *words) add(p *pattern) error {
	p.words = w.canonical(split(p.literal))
	for _, word := range p.words {
		if word != "*" {
			p.count++
		}
	}
	if p.count == 0 {
		return fmt.Errorf("words.tsv: the pattern %q has no words", p.literal)
	}
	first := p.words[0]
	switch p.kind {
	case "role":
		w.roles[strings.Join(p.words, " ")] = p
	case "fill":
		w.fill[first] = true
	case "heals":
		w.heals[first] = append(w.heals[first], p)
	case "fine":
		switch p.meaning {
		case "end":
			w.fineEnd[first] = true
		case "before":
			w.fineFirst[first] = true
		default:
			w.fineAny = append(w.fineAny, p)
		}
	case "service", "fails", "code", "answer":
		switch {
		case foreign(p.literal):
			p.count = len([]rune(p.literal))
			w.scripts = append(w.scripts, p)
		case strings.HasSuffix(first, "~"):
			w.byPrefix = append(w.byPrefix, p)
		default:
			w.byFirst[first] = append(w.byFirst[first], p)
		}
	default:
		return fmt.Errorf("words.tsv: unknown kind %q", p.kind)
	}
	return nil
}

// A token is a word of a line.
type token struct {
	text   string
	clause int
	start  int  // in the folded line
	after  rune // what comes after it, without blanks; 0 at the end of the line
}

// folded is the line in lower case, without accents and with plain forms of wide characters.
func folded(line string) string {
	var b strings.Builder
	b.Grow(len(line))
	for _, r := range line {
		switch {
		case r < 0x80:
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
		case r == '’' || r == '‘' || r == '´':
			b.WriteByte('\'')
		case r == 'ß':
			b.WriteString("ss")
		case 0xFF01 <= r && r <= 0xFF5E: // full width
			b.WriteRune(unicode.ToLower(r - 0xFEE0))
		case 0x300 <= r && r <= 0x36F: // an accent of its own
		default:
			b.WriteRune(plain(unicode.ToLower(r)))
		}
	}
	return b.String()
}

// plain gives the letter without its accent, for the languages of the table.
func plain(r rune) rune {
	switch r {
	case 'á', 'à', 'â', 'ã', 'ä', 'å':
		return 'a'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'í', 'ì', 'î', 'ï':
		return 'i'
	case 'ó', 'ò', 'ô', 'õ', 'ö':
		return 'o'
	case 'ú', 'ù', 'û', 'ü':
		return 'u'
	case 'ç':
		return 'c'
	case 'ñ':
		return 'n'
	}
	return r
}

// tokens splits a folded line into words and clauses. An apostrophe or an underscore belongs to the word.
func tokens(line string) []token {
	var out []token
	clause, start := 0, -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, token{text: strings.Trim(line[start:end], "'"), clause: clause, start: start})
			start = -1
		}
	}
	for i, r := range line {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '_':
			if start < 0 {
				start = i
			}
			continue
		case r == '\'' && start >= 0:
			continue
		}
		flush(i)
		if n := len(out); n > 0 && out[n-1].after == 0 && r != ' ' && r != '\u00a0' {
			out[n-1].after = r
		}
		switch r {
		case ',', ';', '。', '，', '、', '；', '!', '?':
			clause++
		case '.':
			if rest := line[i+1:]; rest == "" || rest[0] == ' ' || rest[0] == '\t' {
				clause++
			}
		}
	}
	flush(len(line))
	return slices.DeleteFunc(out, func(t token) bool { return t.text == "" })
}

// split gives the words of a pattern.
func split(p string) []string {
	var out []string
	for field := range strings.FieldsSeq(p) {
		if field == "*" {
			out = append(out, field)
			continue
		}
		stem, more := strings.CutSuffix(field, "~")
		parts := tokens(folded(stem))
		for i := range parts {
			out = append(out, parts[i].text)
		}
		if more && len(parts) > 0 {
			out[len(out)-1] += "~"
		}
	}
	return out
}

// canonical replaces other spellings by the one that patterns use.
func (w *words) canonical(list []string) []string {
	ts := make([]token, len(list))
	for i, s := range list {
		ts[i].text = s
	}
	ts = w.replaced(ts)
	out := make([]string, len(ts))
	for i := range ts {
		out[i] = ts[i].text
	}
	return out
}

// replaced does so in the words of a line. Two passes: "is not authorized" becomes "not authorized" and then one word.
func (w *words) replaced(ts []token) []token {
	for range 2 {
		var out []token
		for i := 0; i < len(ts); {
			n := 1
			t := ts[i]
			for _, p := range w.same[t.text] {
				if i+len(p.words) <= len(ts) && slices.EqualFunc(p.words, ts[i:i+len(p.words)], func(s string, t token) bool { return s == t.text }) {
					n = len(p.words)
					t.text, t.after = p.meaning, ts[i+n-1].after
					break
				}
			}
			out = append(out, t)
			i += n
		}
		ts = out
	}
	return ts
}

// gap is how many words a * may stand for, all in one clause.
const gap = 5

// matches reports where the pattern ends that begins at token i; -1 where it does not fit.
func (p *pattern) matches(ts []token, i int) int { return matchWords(p.words, ts, i) }

func matchWords(pattern []string, ts []token, i int) int {
	for n, word := range pattern {
		if word == "*" {
			for skip := 0; skip <= gap && i+skip < len(ts) && (i == 0 || ts[i+skip].clause == ts[i-1].clause); skip++ {
				if end := matchWords(pattern[n+1:], ts, i+skip); end >= 0 {
					return end
				}
			}
			return -1
		}
		if i >= len(ts) {
			return -1
		}
		if stem, more := strings.CutSuffix(word, "~"); more && strings.HasPrefix(ts[i].text, stem) || !more && ts[i].text == word {
			i++
			continue
		}
		return -1
	}
	return i
}

// foreign reports an alphabet that writes words without blanks between them.
func foreign(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x2E80 })
}
