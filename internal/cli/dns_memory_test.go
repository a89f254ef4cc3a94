package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
)

func TestMemoryOfDNSGrowsWithNames(t *testing.T) {
	few := &dnscheck.Options{Resolvers: make([]wire.Resolver, 1), Types: dnscheck.A | dnscheck.AAAA | dnscheck.SRV}
	all := &dnscheck.Options{Resolvers: make([]wire.Resolver, 2)}
	if small, fleet := dnsMemory(0, 1, 0, few), dnsMemory(0, 40_000, 1000, few); small != 40<<20 || fleet <= small || fleet > 48<<20 {
		t.Errorf("bounds %d and %d, want 40 MiB and a little more", small, fleet)
	}
	if a, b := dnsMemory(0, 1_000_000, 0, few), dnsMemory(0, 1_000_000, 0, all); a < 1_000_000_000 || b < 2*a {
		t.Errorf("bounds %d and %d for a million names", a, b)
	}
	if a, b := dnsMemory(0, 40_000, 40_000, few), dnsMemory(100_000, 40_000, 40_000, few); a < 100<<20 || b < a+20<<20 {
		t.Errorf("bounds %d and %d where every name is missing", a, b)
	}
}

func TestMemoryForPairsIsReservedOnce(t *testing.T) {
	const pairs = 10_000
	f := &dnsFlags{pairs: filepath.Join(t.TempDir(), "pairs.tsv")}
	if err := os.WriteFile(f.pairs, []byte(strings.Repeat("cup1\tcisco.com\n", pairs)), 0o600); err != nil {
		t.Fatal(err)
	}
	job := new(dnscheck.Job)
	if err := f.readPairs(t.Context(), new(environment), job); err != nil || len(job.Pairs) != pairs {
		t.Fatal(err, len(job.Pairs))
	}
	if got := cap(job.Pairs); got > pairs+100 {
		t.Errorf("memory for %d pairs, want it for %d", got, pairs)
	}
}
