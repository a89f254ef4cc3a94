package group_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

func sequence(findings []lint.Finding) iter.Seq2[*lint.Finding, error] {
	return func(yield func(*lint.Finding, error) bool) {
		for _, f := range findings {
			if !yield(&f, nil) {
				return
			}
		}
	}
}

func at(file, value, message string, s lint.Severity) lint.Finding {
	return lint.Finding{Rule: "R001", Key: "X.Port", File: file, Line: 3, Column: 4, Message: message, Fingerprint: value, Severity: s}
}

func names(files ...string) *group.Sites { return group.NewSites(slices.Values(files), nil) }

func told(t *testing.T, findings []lint.Finding, all bool) []group.Told {
	t.Helper()
	var files []string
	for _, f := range findings {
		files = append(files, f.File)
	}
	places := 0
	if all {
		places = len(findings)
	}
	g, err := group.Collect(sequence(findings), names(files...), places)
	if err != nil {
		t.Fatal(err)
	}
	var list []group.Told
	for range 2 { // it may be read again
		list = nil
		for f, err := range g.All() {
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, f)
		}
	}
	return list
}

func TestAFaultIsToldOnceWithItsPlaces(t *testing.T) {
	var findings []lint.Finding
	for _, file := range []string{"s/a/1", "s/a/2", "s/b/1", "s/c/1", "s/top"} {
		findings = append(findings, at(file, "v:1", "port 389 of dc."+file[2:3]+"x.test", lint.Error))
		if file == "s/b/1" {
			findings = append(findings, at(file, "v:1", "port 389 of dc.again.test", lint.Error), at(file, "other:1", "port 1", lint.Error),
				at(file, "v:1", "port 389 of dc.again.test", lint.Info))
		}
	}
	list := told(t, findings, false)
	if len(list) != 3 {
		t.Fatalf("%d are reported", len(list))
	}
	g := list[0].Group
	if list[0].File != "s/a/1" || g.Findings != 6 || g.Files != 5 || !g.Vary ||
		!slices.Equal(g.Sites, []group.SiteCount{{"a", 2}, {"b", 2}, {"c", 1}}) {
		t.Errorf("%+v", g)
	}
	if len(g.Places) != group.FirstPlaces || g.Places[2].File != "s/b/1" || g.Places[2].Words[0] != "dc.bx.test" {
		t.Errorf("%+v", g.Places)
	}
	if list[1].Group != nil || list[2].Group != nil || list[1].Message != "port 1" || list[2].Severity != lint.Info {
		t.Errorf("%+v %+v", list[1], list[2])
	}
	if all := told(t, findings, true)[0].Group.Places; len(all) != 6 || all[5].File != "s/top" || all[5].Line != 3 || all[5].Column != 4 {
		t.Errorf("%+v", all)
	}
}

func TestMessagesThatDifferInTheFileAloneDoNotVary(t *testing.T) {
	list := told(t, []lint.Finding{at("s/a/1", "v", "in s/a/1 of x.test", 0), at("s/b/1", "v", "in s/b/1 of x.test", 0)}, false)
	if len(list) != 1 || list[0].Group.Vary {
		t.Errorf("%+v", list)
	}
}

// What is beyond the bound is reported one by one: nothing is lost, and memory does not grow.
func TestGroupsAreBounded(t *testing.T) {
	var findings []lint.Finding
	for i := range group.MaxGroups + 5 {
		for _, file := range []string{"s/a/1", "s/b/1"} {
			findings = append(findings, at(file, fmt.Sprint("v", i), "x", 0))
		}
	}
	list := told(t, findings, false)
	if n := len(list); n != group.MaxGroups+10 {
		t.Errorf("%d are reported", n)
	}
	for _, f := range list[:group.MaxGroups] {
		if f.Group == nil || f.Group.Findings != 2 {
			t.Fatalf("%+v", f.Group)
		}
	}
}

func TestErrorsOfReadingPass(t *testing.T) {
	broken := errors.New("broken")
	reads := 0
	findings := func(yield func(*lint.Finding, error) bool) {
		reads++
		f := at("a", "v", "x", 0)
		g := f
		_ = yield(&f, nil) && yield(&g, nil) && reads > 2 && yield(nil, broken)
	}
	g, err := group.Collect(findings, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range g.All() {
	}
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, err := group.Collect(findings, nil, 0); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestTheSiteIsTheFolderInWhichTheInputsDiffer(t *testing.T) {
	named := func(file string) string {
		if file == "exports/b02/x.xml" {
			return "Berlin"
		}
		return ""
	}
	for _, test := range []struct {
		files []string
		want  []string
	}{
		{nil, nil},
		{[]string{"a.xml", "b.xml"}, []string{"", ""}},
		{[]string{"exports/hq/a.xml"}, []string{""}},
		{[]string{"exports/hq/a.xml", "exports/hq/b.xml"}, []string{"", ""}},
		{[]string{"exports/hq/a.xml", "exports/hq/deep/b.xml"}, []string{"", "deep"}},
		{[]string{"exports/hq/deep/b.xml", "exports/hq/a.xml"}, []string{"deep", ""}},
		{[]string{"exports/b01/a.xml", "exports/b1/y/a.xml", "exports/b02/x.xml", "exports/top.xml"}, []string{"b01", "b1", "Berlin", ""}},
		{[]string{"./b01/a.xml", "b02/a.xml"}, []string{"b01", "b02"}},
		{[]string{"/abs/b01/a.xml", "/abs/b02/a.xml"}, []string{"b01", "b02"}},
		{[]string{`C:\x\b01\a.xml`, `C:\x\b02\a.xml`}, []string{"b01", "b02"}},
		{[]string{"all.zip!b01/a.xml", "all.zip!b02/a.xml"}, []string{"b01", "b02"}},
		{[]string{"b01.zip!a.xml", "b02.zip!a.xml"}, []string{"b01.zip", "b02.zip"}},
		{[]string{"-", "b01/a.xml"}, []string{"", "b01"}},
	} {
		s := group.NewSites(slices.Values(test.files), named)
		for i, file := range test.files {
			if got := s.Of(file); got != test.want[i] {
				t.Errorf("%q: the site of %s is %q, want %q", test.files, file, got, test.want[i])
			}
		}
		if s.Of("") != "" {
			t.Errorf("%q: no file has a site", test.files)
		}
	}
}
