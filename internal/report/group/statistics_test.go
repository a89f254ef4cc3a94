package group_test

import (
	"slices"
	"testing"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

func inputs(files ...string) func(func(*lint.InputRow, error) bool) {
	return func(yield func(*lint.InputRow, error) bool) {
		for _, f := range files {
			if !yield(&lint.InputRow{File: f, Format: "soap"}, nil) {
				return
			}
		}
		yield(&lint.InputRow{File: "s/a/README", Format: lint.OtherTool}, nil)
	}
}

func TestStatisticsCountByRuleAndSite(t *testing.T) {
	other := at("s/a/1", "w", "other", lint.Error)
	other.Rule, other.Name = "R002", "second"
	live := at("", "x", "no file", lint.Info)
	s, err := group.Count(sequence([]lint.Finding{
		at("s/a/1", "v", "one", lint.Warning), other, at("s/a/2", "v", "one", lint.Warning), at("s/b/1", "v", "one", lint.Warning),
		at("s/b/1", "v", "one", lint.Info), live,
	}), inputs("s/a/1", "s/a/2", "s/b/1", "s/b/2", "s/c/1"), names("s/a/1", "s/a/2", "s/b/1", "s/b/2", "s/c/1"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Faults != 4 || s.Findings != (lint.Counts{Error: 1, Warning: 3, Info: 2}) || s.Exports != 5 || s.Faulty != 3 {
		t.Errorf("%+v", s)
	}
	if want := []group.RuleCount{
		{Rule: "R002", Name: "second", Findings: lint.Counts{Error: 1}, Faults: 1, Exports: 1, Sites: 1},
		{Rule: "R001", Findings: lint.Counts{Warning: 3, Info: 2}, Faults: 3, Exports: 3, Sites: 2},
	}; !slices.Equal(s.Rules, want) {
		t.Errorf("%+v", s.Rules)
	}
	if want := []group.SiteTotal{
		{Site: "a", Findings: lint.Counts{Error: 1, Warning: 2}, Exports: 2, Faulty: 2},
		{Site: "b", Findings: lint.Counts{Warning: 1, Info: 1}, Exports: 2, Faulty: 1},
		{Site: "", Findings: lint.Counts{Info: 1}},
		{Site: "c", Exports: 1},
	}; !slices.Equal(s.Sites, want) {
		t.Errorf("%+v", s.Sites)
	}
}

func TestARunWithOneSiteHasNoTableOfSites(t *testing.T) {
	s, err := group.Count(sequence([]lint.Finding{at("a/1", "v", "one", lint.Warning)}), inputs("a/1", "a/2"), names("a/1", "a/2"))
	if err != nil || len(s.Sites) != 0 || s.Exports != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err = group.Count(sequence(nil), nil, nil); err != nil || s.Rules == nil || s.Sites == nil {
		t.Errorf("%+v, %v", s, err)
	}
}
