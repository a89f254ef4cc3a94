package audit_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/lint"
)

// TestPlanOnly proves that a plan without a lint has what the plan of a lint has, the unreadable inputs too, and that no rule runs for it.
func TestPlanOnly(t *testing.T) {
	folders, err := filepath.Glob("../../fixtures/deployments/*/*")
	if err != nil || len(folders) < 10 {
		t.Fatalf("%d folders, %v", len(folders), err)
	}
	targets, errors := 0, 0
	for _, dir := range folders {
		sources, _ := export.Find([]string{dir})
		sources = append(sources, export.Source{Name: filepath.Join(dir, "missing.xml")})
		policy := new(lint.Policy)
		o := lint.Options{Sources: sources, Policy: policy, Filter: policy.NewFilter(catalogue.All()), Jobs: 2}
		c, want, err := audit.Lint(t.Context(), o, catalogue.Areas(nil))
		if err != nil {
			t.Fatal(err)
		}
		o.Rules = []*lint.Rule{{ID: "T001", Kind: lint.ExportKind, Check: func(*lint.Input) []lint.Finding {
			t.Error("a rule runs")
			return nil
		}}}
		only, got, err := audit.PlanOnly(t.Context(), o, catalogue.Areas(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Rows(), want.Rows()) {
			t.Errorf("%s: the plan is\n%+v\nwant\n%+v", dir, got.Rows(), want.Rows())
		}
		if !reflect.DeepEqual(only.Errors, c.Errors) {
			t.Errorf("%s: the errors are %v, want %v", dir, only.Errors, c.Errors)
		}
		targets, errors = targets+len(got.Rows()), errors+len(only.Errors)
	}
	if targets < 50 || errors < len(folders) {
		t.Errorf("%d targets and %d errors were compared", targets, errors)
	}
}
