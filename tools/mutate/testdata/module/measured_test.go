package measured

import (
	"os"
	"testing"
)

func TestTake(t *testing.T) {
	if left, err := Take(10, 0, 3); left != 7 || err != nil {
		t.Error(left, err)
	}
	if _, err := Take(limit + 1); err != errTooMany {
		t.Error(err)
	}
}

func TestUntil(t *testing.T) {
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		t.Run(name, func(t *testing.T) {
			if got := Until(2); got != 2 {
				t.Error(got)
			}
		})
	}
}

func TestGeneric(t *testing.T) {
	if Generic("x")() != "x" {
		t.Error("not x")
	}
}

func TestWithoutMutants(t *testing.T) {
	if os.Getenv("MEASURED_FAILS") != "" {
		t.Error("as asked")
	}
}
