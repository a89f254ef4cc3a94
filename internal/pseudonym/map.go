package pseudonym

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"maps"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"cupclint/internal/lazy"
)

// A Kind says what a value is.
type Kind uint8

// The kinds.
const (
	Host   Kind = iota // a host name, a full name or an address
	Domain             // a domain of DNS
	User               // an account or a person
)

// Hide says what is hidden.
type Hide struct {
	Addresses bool // hosts, domains, IP addresses, hardware addresses
	Names     bool // accounts, local parts of addresses, parts of distinguished names
}

// A Map replaces words. It is not safe for use by many goroutines.
type Map struct {
	key  []byte
	hide Hide
	stop map[string]bool // words that stay where they are alone, next to those of words.txt

	bare    map[string]bool // host names without a domain
	full    map[string]bool // full names
	domains map[string]bool
	users   map[string]bool
	macs    map[string]bool // without separators
	uneven  map[string]bool // first parts of networks that end inside of the next part
	staying map[string]bool // labels of the site's names that are never hidden

	labels, taken map[string]string // by label, and by its pseudonym
	pairs         map[string]string // pseudonyms by what was replaced
	loose         map[string]bool   // of pairs: replaced in distinguished names only

	search *index // of Left, nil where words were added since
}

// New makes a map with a key of its own. Words of stop stay where they are alone: those that readers of the texts depend on.
func New(hide Hide, stop []string) *Map {
	key := make([]byte, keyBytes)
	rand.Read(key) //nolint:errcheck // never fails
	return newMap(key, hide, stop)
}

const keyBytes = 32

func newMap(key []byte, hide Hide, stop []string) *Map {
	m := &Map{key: key, hide: hide, stop: maps.Clone(stays.Get().word), bare: map[string]bool{}, full: map[string]bool{},
		domains: map[string]bool{},
		users:   map[string]bool{}, macs: map[string]bool{}, uneven: map[string]bool{}, staying: map[string]bool{}, labels: map[string]string{},
		taken: map[string]string{},
		pairs: map[string]string{}, loose: map[string]bool{}}
	for _, w := range stop {
		m.stop[lower(w)] = true
	}
	return m
}

//go:embed words.txt
var wordsText string

type staying struct{ label, suffix, domain, word map[string]bool }

var stays = lazy.Value[staying]{New: func() staying {
	sections := map[string]map[string]bool{}
	var in map[string]bool
	for line := range strings.Lines(wordsText) {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			name, _, _ := strings.Cut(line[1:], "]")
			in = map[string]bool{}
			sections[name] = in
		default:
			for _, w := range strings.Fields(line) {
				in[w] = true
			}
		}
	}
	return staying{sections["label"], sections["suffix"], sections["domain"], sections["word"]}
}}

// least is the length that a word has to have to be replaced where it is alone.
const least = 3

func hasLetter(s string) bool { return strings.ContainsAny(lower(s), letters) }

// plain reports whether a value can be a host name, a domain or an account.
func plain(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c >= 0x80
}

func wordByte(c byte) bool { return nameByte(c) && c != '.' && c != '-' && c != '_' }

// Learn takes in a value that is known to be of a kind.
func (m *Map) Learn(kind Kind, value string) {
	for part := range strings.FieldsFuncSeq(value, invisible) {
		m.learn(kind, part)
	}
}

func (m *Map) learn(kind Kind, value string) {
	v := lower(strings.Trim(strings.TrimSpace(value), "."))
	m.LearnText(value)
	if _, err := netip.ParseAddr(v); err == nil || !plain(v) {
		return
	}
	if kind == User {
		m.learnUser(v)
		return
	}
	m.learnName(v, kind)
}

// kept reports whether a full name is one that is the same everywhere.
func (m *Map) kept(v string) bool {
	s := stays.Get()
	if s.suffix[v] {
		return true
	}
	all := true
	for l := range strings.SplitSeq(v, ".") {
		all = all && s.label[l]
	}
	for rest, more := v, true; more; _, rest, more = strings.Cut(rest, ".") {
		if s.domain[rest] {
			return true
		}
	}
	return all
}

type patterns struct{ mail, name, user, network, mac, dc, bind *regexp.Regexp }

var compiled = lazy.Value[patterns]{New: func() patterns {
	return patterns{
		mail:    regexp.MustCompile(`([A-Za-z0-9._+-]+)(?:@|%40)([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)`),
		name:    regexp.MustCompile(`[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+`),
		user:    regexp.MustCompile(`(?i)<(?:\w+:)?(?:user-?(?:id|name)|(?:first|middle|last|display)-?name)>\s*([^<]+?)\s*<`),
		network: regexp.MustCompile(`(\d{1,3}(?:\.\d{1,3}){3})(?:/(\d{1,2})\b|[/:, \t]+(255(?:\.\d{1,3}){3}))`),
		mac: regexp.MustCompile(`(?i)\b(?:mac|hostid)\b[^\n]{0,24}?[:=\s"']([0-9a-f]{12}|[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})\b|` +
			`\b((?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})\b`),
		dc:   regexp.MustCompile(`(?i)\bDC=[A-Za-z0-9_-]+(?:\s*,\s*DC=[A-Za-z0-9_-]+)*`),
		bind: regexp.MustCompile(`^([A-Za-z0-9._-]+)\\{1,2}([A-Za-z0-9._-]+)$`),
	}
}}

// Top-level domains that make a name in running text one of DNS, and those that are also the ends of file names.
const (
	sureEnds  = " com net org edu gov mil int local lan corp internal intra "
	notInText = " so pl py sh rs md ps cc do id in is my no to me js as at am be by it ms sc sr st tc va vi tv ai io gz la sql so mm pm us "
)

// LearnText takes in the addresses, full names and accounts that can be recognised in a text.
func (m *Map) LearnText(text string) {
	p := compiled.Get()
	if account := p.bind.FindStringSubmatch(strings.TrimSpace(text)); account != nil {
		m.bareWord(account[1])
		m.Learn(User, account[2])
	}
	for _, f := range p.mail.FindAllStringSubmatch(text, -1) {
		user, domain := lower(f[1]), lower(f[2])
		m.learnUser(strings.Trim(user, ".-_+"))
		m.learnName(domain, Domain)
	}
	for _, f := range p.name.FindAllString(text, -1) {
		v := lower(strings.Trim(f, "_-"))
		labels := strings.Split(v, ".")
		end := " " + labels[len(labels)-1] + " "
		country := len(end) == 4 && len(labels) > 2 && stays.Get().label[strings.TrimSpace(end)] && !strings.Contains(notInText, end)
		if !country && !strings.Contains(sureEnds, end) {
			continue
		}
		for len(labels) > 2 && strings.HasPrefix(labels[0], "_") { // a service record
			labels = labels[1:]
		}
		kind := Host
		if len(labels) == 2 {
			kind = Domain
		}
		m.learnName(strings.Join(labels, "."), kind)
	}
	for _, f := range p.user.FindAllStringSubmatch(text, -1) {
		for word := range strings.FieldsSeq(f[1]) {
			if user, _, _ := strings.Cut(strings.Trim(word, ",()"), "@"); plain(user) {
				m.learnUser(user)
			}
		}
	}
	for _, f := range p.network.FindAllStringSubmatch(text, -1) {
		a, err := netip.ParseAddr(f[1])
		if err != nil {
			continue
		}
		bits, err := strconv.Atoi(f[2])
		if err != nil {
			mask, err := netip.ParseAddr(f[3])
			if err != nil {
				continue
			}
			for bits = 0; bits < 32 && mask.As4()[bits/8]>>(7-bits%8)&1 == 1; {
				bits++
			}
		}
		m.network(a, bits)
	}
	for _, f := range p.mac.FindAllStringSubmatch(text, -1) {
		m.macs[plainMAC(lower(f[1]+f[2]))] = true
	}
	for _, f := range p.dc.FindAllString(text, -1) {
		var labels []string
		for part := range strings.SplitSeq(f, ",") {
			labels = append(labels, strings.TrimSpace(part)[len("DC="):])
		}
		m.learnName(lower(strings.Join(labels, ".")), Domain)
	}
}

func (m *Map) learnUser(user string) {
	user = lower(user)
	if len(user) >= least && hasLetter(user) {
		m.users[user] = true
	}
}

func (m *Map) bareWord(w string) {
	if w = lower(w); len(w) >= least && hasLetter(w) && plain(w) {
		m.bare[w] = true
	}
}

// notice remembers the labels that stay of a name that the site has: another label may end in one, and rules may look at that.
func (m *Map) notice(v string) {
	for l := range strings.SplitSeq(v, ".") {
		if hasLetter(l) && !stays.Get().label[l] && (len(l) < least || m.stop[l] || m.kept(v)) {
			m.staying[l] = true
		}
	}
}

// learnName is Learn without a look at the text around.
func (m *Map) learnName(v string, kind Kind) {
	m.notice(v)
	if !plain(v) || !hasLetter(v) || m.kept(v) || m.full[v] && (kind == Host || m.domains[v]) {
		return
	}
	first, rest, dotted := strings.Cut(v, ".")
	if dotted && first[:min(1, len(first))] == "_" { // a label of a service
		m.learnName(rest, kind)
		return
	}
	m.bareWord(first)
	if !dotted {
		return
	}
	m.full[v] = true
	if kind == Domain {
		m.domains[v] = true
	} else if strings.Contains(rest, ".") {
		m.learnName(rest, Domain)
	}
}

// Stay takes a word that stays where it is alone. It comes before Replace.
func (m *Map) Stay(word string) { m.stop[lower(word)] = true }

// Secret is a key for what the caller hides by itself. It is not that of the pseudonyms.
func (m *Map) Secret() []byte {
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte("of the caller"))
	return h.Sum(nil)
}
