package servertest

import (
	"testing"

	"cupclint/internal/loginbudget"
)

// Cheap is what a comparison with a remembered password costs in tests: next to nothing.
var Cheap = loginbudget.Cost{Time: 1, Memory: 8}

// Budget is a memory of log-ins that only the test has.
func Budget(tb testing.TB) *loginbudget.Budget {
	return loginbudget.Open(loginbudget.Options{Dir: tb.TempDir(), Cost: Cheap})
}
