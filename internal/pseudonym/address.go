package pseudonym

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ip4 maps an address part by part: a part depends on those before it, keeps its number of digits, and the last one stays. So networks
// that end between two parts keep their members. Addresses that say nothing of a site stay: loopback, link-local, multicast, those of
// documentation, 0.0.0.0 and netmasks.
func (m *Map) ip4(text string) string {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() || special4(a) {
		return text
	}
	parts := strings.Split(text, ".")
	before := ""
	var out []string
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return text
		}
		mapped := p
		if i < 3 && !m.uneven[before] {
			var set []byte
			for x := range 256 {
				if digits(x) == len(p) && group4(before, x) == group4(before, n) && (x == 255) == (n == 255) && (x == 0) == (n == 0) {
					set = append(set, byte(x))
				}
			}
			mapped = strconv.Itoa(int(m.next("ip4", before, set, byte(n))))
		}
		out = append(out, mapped)
		before += p + "."
	}
	return strings.Join(out, ".")
}

func digits(n int) int { return len(strconv.Itoa(n)) }

// group4 says to which kind of network a part leads: parts are exchanged inside of a group only.
func group4(before string, n int) int {
	own := func(numbers ...int) int {
		for _, x := range numbers {
			if x == n {
				return 1000 + n
			}
		}
		return 0
	}
	switch before {
	case "":
		if n >= 224 {
			return 1000 + n
		}
		return own(0, 10, 100, 127, 169, 172, 192, 198, 203)
	case "100.":
		if n >= 64 && n < 128 {
			return 1
		}
	case "172.":
		if n >= 16 && n < 32 {
			return 1
		}
	case "169.":
		return own(254)
	case "192.":
		return own(0, 168)
	case "198.":
		return own(18, 19, 51)
	case "203.", "192.0.":
		return own(0, 2)
	case "198.51.":
		return own(100)
	case "203.0.":
		return own(113)
	}
	return 0
}

func special4(a netip.Addr) bool {
	b := a.As4()
	switch {
	case b[0] == 0, b[0] == 127, b[0] >= 224, b[0] == 169 && b[1] == 254, b[0] == 192 && b[1] == 0 && b[2] == 2,
		b[0] == 198 && b[1] == 51 && b[2] == 100, b[0] == 203 && b[1] == 0 && b[2] == 113:
		return true
	}
	return false
}

// network learns a network that ends inside of a part: that part stays below the parts before it.
func (m *Map) network(a netip.Addr, bits int) {
	if bits <= 0 || bits > 24 || bits%8 == 0 {
		return
	}
	parts := strings.Split(a.String(), ".")
	m.uneven[strings.Join(append(parts[:bits/8:bits/8], ""), ".")] = true
}

// Prefix learns the first numbers of addresses that a list allows, such as 10.2: they stay, and all addresses keep them.
func (m *Map) Prefix(numbers string) {
	parts := strings.Split(strings.Trim(numbers, "."), ".")
	for i := range parts {
		if len(parts) < 4 {
			m.uneven[strings.Join(append(parts[:i:i], ""), ".")] = true
		}
	}
}

// ip6 maps the digits after the first group, each by those before it; 0 stays, so the text keeps its form.
func (m *Map) ip6(text string) string {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is6() || a.Zone() != "" || a.Is4In6() || strings.Contains(text, ".") || special6(a) {
		return text
	}
	b := a.As16()
	real := fmt.Sprintf("%x", b[:])
	kept := 4
	if b[0]&0xfe == 0xfc { // a private network: its number follows at once
		kept = 2
	}
	mapped := []byte(real)
	for i := kept; i < len(real); i++ {
		if real[i] != '0' {
			mapped[i] = m.next("ip6", real[:i], []byte(hexDigits[1:]), real[i])
		}
	}
	head, tail, gap := strings.Cut(text, "::")
	var out strings.Builder
	groups := func(part string, first int) {
		for i, g := range strings.Split(part, ":") {
			if i > 0 {
				out.WriteByte(':')
			}
			end := 4 * (first + i + 1)
			out.Write(mapped[end-len(g) : end])
		}
	}
	if head != "" {
		groups(head, 0)
	}
	if gap {
		out.WriteString("::")
	}
	if tail != "" {
		groups(tail, 8-1-strings.Count(tail, ":"))
	}
	if text != strings.ToLower(text) {
		return strings.ToUpper(out.String())
	}
	return out.String()
}

func special6(a netip.Addr) bool {
	b := a.As16()
	return b[0] == 0 || b[0] == 0xfe || b[0] == 0xff || b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8
}

// mac maps the second half of a hardware address in any way of writing: the first half is that of the maker.
func (m *Map) mac(text string) string {
	lower := strings.ToLower(text)
	plain := plainMAC(lower)
	if len(plain) != 12 || plain[6:] == "000000" || plain[6:] == "ffffff" {
		return text
	}
	out := []byte(lower)
	n := 0
	for i := range out {
		if strings.IndexByte(hexDigits, out[i]) < 0 {
			continue
		}
		if n >= 6 {
			out[i] = m.next("mac", plain[:n], []byte(hexDigits), plain[n])
		}
		n++
	}
	if text != lower {
		return strings.ToUpper(string(out))
	}
	return string(out)
}

func plainMAC(text string) string {
	return strings.NewReplacer(":", "", "-", "", ".", "").Replace(text)
}
