package mailcheck

import (
	"slices"
	"testing"
)

// A log-in to another mailbox names the user in the middle: a failure counts for the user.
func TestNamesOfALogIn(t *testing.T) {
	for user, want := range map[string][]string{
		"alice":                      {"alice"},
		`EXAMPLE\alice`:              {`EXAMPLE\alice`},
		`EXAMPLE\alice\sales`:        {`EXAMPLE\alice\sales`, "alice", "sales"},
		"EXAMPLE/alice/sales":        {"EXAMPLE/alice/sales", "alice", "sales"},
		"example.com/alice/sales":    {"example.com/alice/sales", "alice", "sales"},
		`example.com\alice@x\sales`:  {`example.com\alice@x\sales`, "alice@x", "sales"},
		"alice@example.com/sales/of": {"alice@example.com/sales/of", "sales", "of"},
	} {
		if got := accountNames(user); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", user, got, want)
		}
	}
}
