package benchexport

import (
	"bytes"
	"testing"
)

func TestSeedGivesTheSameBytesAndTheShareOfFaultsHolds(t *testing.T) {
	const n = 10_000
	faulty, size := 0, 0
	for i := range n {
		a, b := New(1, i), New(1, i)
		if !bytes.Equal(a.SOAP(), b.SOAP()) {
			t.Fatalf("export %d differs between two runs with one seed", i)
		}
		if a.Faulty {
			faulty++
		}
		size += len(a.SOAP())
	}
	if share := 100 * faulty / n; share < FaultyShare-1 || share > FaultyShare+1 {
		t.Errorf("%d %% of the exports are faulty, want about %d %%", share, FaultyShare)
	}
	if mean := size / n; mean < 4500 || mean > 5500 {
		t.Errorf("a SOAP export has %d bytes on average, want about 5 KB", mean)
	}
	if got := len(New(1, 0).properties); got < 58 || got > 62 {
		t.Errorf("%d properties, want about 60", got)
	}
}
