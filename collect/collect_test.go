package collect_test

import (
	"strings"
	"testing"

	"cupclint/collect"
	"cupclint/internal/lab/cluster"
)

// The whole of a healthy cluster is read with one password for each interface and node.
func TestClusterIsCollected(t *testing.T) {
	c, commands := acme(t, "broken")
	w := newWorld(t, c, commands)
	w.o.Request.SOAPFor = []string{"bob"}
	_, m := w.run()
	for _, s := range m.Steps {
		t.Logf("%-45s %-20s %-11s %s %s %s", s.ID, s.Node, s.Outcome, s.Class, s.File, s.Detail)
	}
	if !m.Complete {
		t.Error("not complete")
	}
	t.Log(m.Notes, m.Sessions, m.Nodes)
	if n := w.passwords("/axl/"); n != 1 {
		t.Errorf("AXL got the password %d times", n)
	}
	_ = strings.Contains
	_ = collect.OK
	_ = cluster.AXLBusy
}
