package export

import (
	"sort"
	"strconv"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// isRegistryQuery looks for the answer of "reg query" about the settings of a client: the name of a registry key on a line of its own.
func isRegistryQuery(text string) bool {
	const most = 50
	n := 0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); fold.HasPrefix(line, "HKEY_") && fold.Index(line, adminDataFolded) >= 0 {
			return true
		}
		if n++; n == most {
			break
		}
	}
	return false
}

// readQuery reads the answers of "reg query": the name of a registry key, then its values on lines that begin with blanks.
//
//	HKEY_CURRENT_USER\Software\...\Client Services Framework\AdminData
//	    TftpServer1    REG_SZ    10.0.0.1
func (g *registryReader) readQuery() error {
	text := g.r.exp.text
	for start := 0; start < len(text); {
		end, next := lineAt(text, start)
		body := strings.TrimSpace(text[start:end])
		switch name, nameEnd, kind, value := queriedValue(text, start, end); {
		case body == "":
		case fold.HasPrefix(body, "HKEY_"):
			g.section(body)
		case kind == "" || !g.inside:
			g.r.ignore(start, end)
		case isDefaultValue(text[name:nameEnd]):
		default:
			p := Property{
				Name: text[name:nameEnd], Value: strings.TrimRight(text[value:end], " \t\r"),
				nameStart: int32(name), nameEnd: int32(nameEnd), valueStart: int32(value),
			}
			p.valueEnd = p.valueStart + int32(len(p.Value))
			if err := g.typed(p, kind); err != nil {
				return err
			}
		}
		start = next
	}
	return nil
}

// isDefaultValue knows the value of a key that has no name, which the client does not use: "(Default)", in the language of Windows.
func isDefaultValue(name string) bool {
	return strings.HasPrefix(name, "(") && strings.HasSuffix(name, ")")
}

// registryTypes are the types that "reg query" writes between a name and the data.
var registryTypes = [...]string{"REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ", "REG_DWORD", "REG_QWORD", "REG_BINARY", "REG_NONE"}

// withoutType takes the type of a value out of what the scanner found after a name that sounds like that of a secret.
func (e *Export) withoutType(s span) span {
	if e.Format == Registry {
		for _, kind := range registryTypes {
			if rest, ok := strings.CutPrefix(e.text[s.start:s.end], kind); ok && (rest == "" || chars.Blank(rest[0])) {
				s.start = s.end - len(strings.TrimLeft(rest, " \t"))
				return s
			}
		}
	}
	i := sort.Search(len(e.types), func(i int) bool { return e.types[i].end >= s.end })
	if i < len(e.types) && e.types[i].start <= s.start {
		s.start = s.end
	}
	return s
}

// typed adds a value of a type: a number in the decimal form that exports have.
func (g *registryReader) typed(p Property, kind string) error {
	if n, err := strconv.ParseUint(p.Value, 0, 64); err == nil && (kind == "REG_DWORD" || kind == "REG_QWORD") {
		p.Value = strconv.FormatUint(n, 10)
	}
	return g.add(p)
}

// queriedValue finds the name, the type and the value in a line such as "    UseSSL    REG_DWORD    0x1".
func queriedValue(text string, start, end int) (name, nameEnd int, kind string, value int) {
	for name = start; name < end && (text[name] == ' ' || text[name] == '\t'); name++ {
	}
	at := strings.Index(text[name:end], "REG_")
	if at <= 0 || name == start {
		return 0, 0, "", 0
	}
	at += name
	nameEnd = name + len(strings.TrimRight(text[name:at], " \t"))
	stop := at
	for stop < end && (text[stop] == '_' || text[stop] >= 'A' && text[stop] <= 'Z') {
		stop++
	}
	for value = stop; value < end && (text[value] == ' ' || text[value] == '\t'); value++ {
	}
	if nameEnd == name || nameEnd == at {
		return 0, 0, "", 0
	}
	return name, nameEnd, text[at:stop], value
}
