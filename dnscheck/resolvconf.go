package dnscheck

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"cupclint/dnscheck/wire"
)

// A ResolvConf is the content of resolv.conf(5).
type ResolvConf struct {
	Resolvers []wire.Resolver
	// Search lists the suffixes, without the root dot.
	Search []string
	// Problems are lines that could not be used, with their numbers.
	Problems []string
}

// Bounds of the files read here. A resolv.conf has a few lines; a hosts file that blocks advertisements has a hundred
// thousand.
const (
	maxResolvers = 16
	maxSearch    = 32
	maxLine      = 64 << 10
	maxHostLines = 1 << 20
)

// ReadResolvConf reads the lines nameserver, domain and search; the last of domain and search counts. All servers are
// kept, although the system's own resolver stops at three. Other lines are ignored.
func ReadResolvConf(r io.Reader) (*ResolvConf, error) {
	conf := new(ResolvConf)
	lines := newLines(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0][0] == '#' || fields[0][0] == ';' {
			continue
		}
		switch fields[0] {
		case "nameserver":
			conf.addServer(lines.number, fields[1])
		case "domain":
			conf.Search = searchList(fields[1:2])
		case "search":
			conf.Search = searchList(fields[1:])
		}
	}
	return conf, lines.Err()
}

func (c *ResolvConf) addServer(line int, text string) {
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		c.Problems = append(c.Problems, fmt.Sprintf("line %d: nameserver %q is not an address", line, text))
	case addr.IsMulticast():
		c.Problems = append(c.Problems, fmt.Sprintf("line %d: nameserver %s is not the address of a server", line, addr))
	case len(c.Resolvers) == maxResolvers:
		c.Problems = append(c.Problems, fmt.Sprintf("line %d: more than %d name servers; this one is not asked", line, maxResolvers))
	default:
		if addr.IsUnspecified() { // for the C library it is this computer
			addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		c.Resolvers = append(c.Resolvers, wire.Resolver{Addr: netip.AddrPortFrom(addr.Unmap(), wire.Port)})
	}
}

func searchList(words []string) []string {
	var list []string
	for _, w := range words {
		if w[0] == '#' || w[0] == ';' {
			break
		}
		if w = strings.TrimSuffix(w, "."); w != "" && len(list) < maxSearch {
			list = append(list, w)
		}
	}
	return list
}

// lines is a bufio.Scanner that counts.
type lines struct {
	*bufio.Scanner
	number int
}

func newLines(r io.Reader) *lines {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	return &lines{Scanner: s}
}

func (l *lines) Scan() bool {
	l.number++
	return l.Scanner.Scan()
}

func (l *lines) Err() error {
	if err := l.Scanner.Err(); err != nil {
		return fmt.Errorf("line %d: %w", l.number, err)
	}
	return nil
}
