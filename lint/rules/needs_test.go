package rules

import (
	"slices"
	"strings"
	"testing"

	"cupclint/export/appliance"
	"cupclint/lint"
)

// TestNeeds: the table of what clients need can be read, names services that are known, and rows from memory are information.
func TestNeeds(t *testing.T) {
	needs := clientNeeds.Get()
	if len(needs) < 7 {
		t.Fatalf("%d rows", len(needs))
	}
	known := appliance.ServiceNames()
	for _, n := range needs {
		if !n.sip && !n.xmpp || len(n.keys) == 0 || n.what == "" {
			t.Errorf("%+v", n)
		}
		for _, s := range n.services {
			if !slices.Contains(known, s) {
				t.Errorf("%s: no service %q", n.what, s)
			}
		}
	}
	for line := range strings.Lines(needsTable) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		if len(columns) != 7 || line[0] == '#' {
			continue
		}
		if columns[6] == "" || strings.Contains(columns[6], "memory") && columns[5] != lint.Info.String() {
			t.Errorf("source %q, severity %s", columns[6], columns[5])
		}
	}
}
