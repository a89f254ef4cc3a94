package cli

import (
	"testing"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
)

func TestMemoryOfDNSGrowsWithNames(t *testing.T) {
	few := &dnscheck.Options{Resolvers: make([]wire.Resolver, 1), Types: dnscheck.A | dnscheck.AAAA | dnscheck.SRV}
	all := &dnscheck.Options{Resolvers: make([]wire.Resolver, 2)}
	if small, fleet := dnsMemory(1, few), dnsMemory(40_000, few); small != 40<<20 || fleet <= small || fleet > 48<<20 {
		t.Errorf("bounds %d and %d, want 40 MiB and a little more", small, fleet)
	}
	if a, b := dnsMemory(1_000_000, few), dnsMemory(1_000_000, all); a < 1_000_000_000 || b < 2*a {
		t.Errorf("bounds %d and %d for a million names", a, b)
	}
}
