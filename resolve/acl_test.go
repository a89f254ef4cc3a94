package resolve

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

func TestIncomingACLShapes(t *testing.T) {
	for _, tt := range []struct {
		entry string
		want  string // network, "all", a domain, or "" for no shape
	}{
		{"all", "all"},
		{"Allow from all", "all"},
		{"ALLOW  FROM  ALL", "all"},
		{" Allow from all ", "all"},
		{"0.0.0.0/0", "all"},
		{"10.1.2.3/0.0.0.0", "all"},
		{"Allow from company.com", "company.com"},
		{".Company.COM", "company.com"},
		{"com", "com"},
		{"Allow from 10.1.2.3", "10.1.2.3/32"},
		{"10.1.2.3", "10.1.2.3/32"},
		{"10", "10.0.0.0/8"},
		{"10.1", "10.1.0.0/16"},
		{"10.1.", "10.1.0.0/16"},
		{"10.1.2", "10.1.2.0/24"},
		{"Allow from 10.1.0.0/255.255.0.0", "10.1.0.0/16"},
		{"10.1.2.3/255.255.0.0", "10.1.0.0/16"},
		{"10.1.2.3/255.255.255.255", "10.1.2.3/32"},
		{"Allow from 10.1.0.0/16", "10.1.0.0/16"},
		{"10.1.2.3/16", "10.1.0.0/16"},

		{"", ""},
		{"Allow from", ""},
		{"Deny from all", ""},
		{"allow 10.1.2.3", ""},
		{"Allow from 10.1 10.2", ""},
		{"10.1.0.0/255.0.255.0", ""}, // ones after a zero
		{"10.1.0.0/33", ""},
		{"10.1/16", ""}, // Apache wants four numbers before a mask
		{"10.1.2.3.4", ""},
		{"10.1..", ""}, // one dot at the end is Apache's way to write a network, two are a slip
		{"10..1", ""},
		{"10.", "10.0.0.0/8"},
		{"10.256", ""},
		{"10.01", ""},
		{"fe80::1", ""},
		{"fe80::/16", ""},
		{"company .com", ""},
		{"company_1.com", ""},
		{"..", ""},
	} {
		e, ok := ParseACLEntry(tt.entry)
		got := ""
		switch {
		case !ok:
		case e.Everyone:
			got = "all"
		case e.Domain != "":
			got = e.Domain
		default:
			got = e.Network.String()
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.entry, got, tt.want)
		}
	}
}

func TestACLEntryCoversNetworksInsideIt(t *testing.T) {
	for _, tt := range []struct {
		entry, client string
		want          bool
	}{
		{"all", "192.0.2.1/32", true},
		{"10.1", "10.1.255.255/32", true},
		{"10.1", "10.2.0.0/32", false},
		{"10.1", "10.1.4.0/22", true},
		{"10.1.2.3", "10.1.2.3/32", true},
		{"10.1.2.3", "10.1.2.0/24", false}, // not every client of the network
		{"10.1.0.0/255.255.0.0", "10.0.0.0/8", false},
		{"10.1.0.0/16", "0.0.0.0/0", false},
		{"10.0.0.0/8", "10.1.0.0/16", true},
		{"acme.com", "10.1.2.3/32", false},
	} {
		e, ok := ParseACLEntry(tt.entry)
		if !ok {
			t.Fatalf("%q has no shape", tt.entry)
		}
		if got := e.Covers(netip.MustParsePrefix(tt.client)); got != tt.want {
			t.Errorf("%q covers %s: %v", tt.entry, tt.client, got)
		}
	}
}

// bitsOf is another way to read the entries that are addresses: as the leading bits that an address must have, "" for
// everybody. It knows the shapes that a generated entry has, no others.
func bitsOf(t *testing.T, entry string) string {
	bits := func(s string) (b string) {
		for n := range strings.SplitSeq(s, ".") {
			v, err := strconv.ParseUint(n, 10, 8)
			if err != nil {
				t.Fatal(err)
			}
			b += fmt.Sprintf("%08b", v)
		}
		return b
	}
	address, mask, hasMask := strings.Cut(entry, "/")
	switch {
	case !hasMask:
		return bits(address)
	case strings.Contains(mask, "."):
		return bits(address)[:strings.Count(bits(mask), "1")]
	}
	n, err := strconv.Atoi(mask)
	if err != nil {
		t.Fatal(err)
	}
	return bits(address)[:n]
}

// FuzzACL builds entries of every shape out of numbers and compares the matcher with one that compares strings of bits.
func FuzzACL(f *testing.F) {
	f.Add(uint32(0x0A010203), uint32(0x0A010000), uint8(16), uint8(0))
	f.Add(uint32(0x0A010203), uint32(0x0A020000), uint8(0), uint8(3))
	f.Fuzz(func(t *testing.T, client, network uint32, length, shape uint8) {
		dotted := func(v uint32) string {
			return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
		}
		entry, n := dotted(network), int(length%33)
		switch shape % 4 {
		case 0:
			entry += fmt.Sprintf("/%d", n)
		case 1:
			entry += "/" + dotted(uint32(uint64(0xFFFFFFFF)<<(32-n)))
		case 2:
			entry = strings.Join(strings.Split(entry, ".")[:1+length%4], ".")
		}
		e, ok := ParseACLEntry("Allow from " + entry)
		if !ok {
			t.Fatalf("%q has no shape", entry)
		}
		want := strings.HasPrefix(bitsOf(t, dotted(client)), bitsOf(t, entry))
		if got := e.Covers(netip.PrefixFrom(netip.MustParseAddr(dotted(client)), 32)); got != want {
			t.Errorf("%q covers %s: %v, want %v", entry, dotted(client), got, want)
		}
	})
}

// FuzzACLText feeds anything: an entry that is read covers what it says and nothing panics.
func FuzzACLText(f *testing.F) {
	for _, s := range []string{"all", "Allow from 10.1", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "acme.com", "", "/", ".", "0/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, ok := ParseACLEntry(s)
		switch {
		case !ok && e != (ACLEntry{}):
			t.Errorf("%q is refused and yet read as %v", s, e)
		case !ok:
		case !e.Everyone && e.Domain == "" && !e.Network.IsValid():
			t.Errorf("%q is read as nothing", s)
		case e.Network.IsValid() && (e.Network != e.Network.Masked() || !e.Covers(e.Network)):
			t.Errorf("%q: %v", s, e.Network)
		}
	})
}
