package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cupclint/internal/report"
	"cupclint/lint"
)

// Whatever a file holds, reading it as the report of a shard gives an error with a place, and no panic.
func FuzzPart(f *testing.F) {
	head := `{"shard":{"shard":"1/1","version":"v","own":1,"all":1,"names":"n","settings":{},"comments":[{"file":"a","rules":["X"],"used":["X"]}]},` + "\n"
	f.Add([]byte(head + `"findings":[{"rule":"X","severity":"error","message":"m","fingerprint":"f:1"}],"addresses":[],"inputs":[` +
		`{"file":"a","format":"soap","properties":1}],"summary":{"files":1},"errors":[],"version":"v","suppressed":[],"facts":{"rules":{},` +
		`"groups":[{"group":"fx","exports":1,"members":[{"file":"a","format":"soap","generation":"sip","facts":[{"id":1,"fact":"b"}]}]}]}}`))
	f.Add([]byte(head))
	f.Add([]byte(`{"findings":[]}`))
	f.Add([]byte(``))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "part.json")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := report.OpenPart(name)
		if err == nil {
			p.Head.Servers = append(p.Head.Servers, "fx")
			m := lint.NewMerger(lint.Options{Deployments: true, InMemory: true}, []*lint.Head{&p.Head})
			if err = p.Read(t.Context(), m); err == nil {
				result, _ := m.Finish(t.Context())
				result.Close()
				return
			}
			m.Close()
		}
		if at, ok := errors.AsType[*report.PartError](err); !ok || at.File != name {
			t.Errorf("the error says no file: %v", err)
		}
	})
}
