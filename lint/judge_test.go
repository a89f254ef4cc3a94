package lint_test

import (
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

// A Judge finds the same as a run in the same export, also where a file next to it decides the generation.
func TestJudgeKnowsTheFilesNextToAnExport(t *testing.T) {
	var seen []resolve.Generation
	rule := &lint.Rule{ID: "TEST001", Name: "test", Kind: lint.ExportKind, Check: func(in *lint.Input) []lint.Finding {
		seen = append(seen, in.Generation)
		return []lint.Finding{in.At(in.Get(export.PresenceDomain), "found")}
	}}
	policy, err := lint.NewPolicy([]*lint.Rule{rule}, lint.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	sources := []export.Source{{Name: "a/hq.properties"}, {Name: "b/hq.properties"}, {Name: "b/jabber-config.xml"}}
	j := lint.NewJudge(lint.Options{Sources: sources, Rules: []*lint.Rule{rule}, Policy: policy})
	for _, s := range sources[:2] {
		var r export.Reader
		e, err := r.Parse(s.Name, []byte("Presence.Domain = acme.com\n"))
		if err != nil {
			t.Fatal(err)
		}
		findings, err := j.Findings(e)
		if err != nil || len(findings) != 1 || findings[0].File != s.Name || findings[0].Line != 1 {
			t.Errorf("%s: %v, %v", s.Name, findings, err)
		}
	}
	if len(seen) != 2 || seen[0] != resolve.SIP || seen[1] != resolve.XMPP {
		t.Errorf("generations %v", seen)
	}
}

func TestJudgeReportsARuleThatFails(t *testing.T) {
	rule := &lint.Rule{ID: "TEST001", Name: "test", Kind: lint.ExportKind, Check: func(*lint.Input) []lint.Finding { panic("no") }}
	var r export.Reader
	e, err := r.Parse("a.properties", []byte("Presence.Domain = acme.com\n"))
	if err != nil {
		t.Fatal(err)
	}
	if findings, err := lint.NewJudge(lint.Options{Rules: []*lint.Rule{rule}}).Findings(e); err == nil || findings != nil {
		t.Errorf("%v, %v", findings, err)
	}
}
