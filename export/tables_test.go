package export_test

import (
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/export/tables"
)

// A key says which formats carry it; what the tables feed is carried by run sql and AXL.
func TestKeysOfTheTablesSayWhatFeedsThem(t *testing.T) {
	fed := map[string]bool{}
	for _, r := range tables.All() {
		for _, c := range r.Columns {
			if c.Key != "" {
				fed[c.Key] = true
			}
		}
	}
	for _, p := range tables.Parameters() {
		fed[p.Key] = true
	}
	for name := range fed {
		k, _, ok := export.Lookup(strings.Replace(name, "{n}", "1", 1))
		if !ok {
			t.Errorf("%s is not a key", name)
			continue
		}
		if f := k.Get().Formats; !f.Has(export.AXL) || !f.Has(export.RunSQL) {
			t.Errorf("%s does not name axl and run-sql among its formats: %s", name, f)
		}
	}
}
