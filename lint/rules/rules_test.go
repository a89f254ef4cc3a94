package rules_test

import (
	"testing"

	"cupclint/export"
	"cupclint/internal/benchexport"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// BenchmarkAll runs all rules on a clean export of about 60 properties, as a run does: the rules on single values in one pass.
func BenchmarkAll(b *testing.B) {
	e := parse(b, "clean.xml", string(clean().SOAP()))
	var checks []*lint.Rule
	var values [export.NumTypes][]*lint.Rule
	for _, r := range rules.All() {
		switch {
		case r.Check != nil:
			checks = append(checks, r)
		case r.Value != nil:
			for _, t := range r.Types {
				values[t] = append(values[t], r)
			}
		}
	}
	in := lint.NewInput(e)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range checks {
			if f := r.Check(in); f != nil {
				b.Fatal(f)
			}
		}
		for i := range e.Properties {
			p := &e.Properties[i]
			if p.Value == "" {
				continue
			}
			for _, r := range values[p.Key.Type()] {
				if f, found := r.Value(in, p); found {
					b.Fatal(f)
				}
			}
		}
	}
}

func TestACleanExportCostsNoMemory(t *testing.T) {
	in := lint.NewInput(parse(t, "clean.xml", string(clean().SOAP())))
	for _, r := range rules.All() {
		if n := testing.AllocsPerRun(10, func() { r.Judge(in) }); n != 0 {
			t.Errorf("%s allocates %.0f times on a clean export", r.ID, n)
		}
	}
}

func clean() benchexport.Export {
	for i := 0; ; i++ {
		if e := benchexport.New(1, i); !e.Faulty {
			return e
		}
	}
}

func parse(t testing.TB, name, text string) *export.Export {
	t.Helper()
	e, err := new(export.Reader).Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMadeExportsAreCleanUnlessFaulty(t *testing.T) {
	for i := range 400 {
		e := benchexport.New(7, i)
		in := lint.NewInput(parse(t, "export.xml", string(e.SOAP())))
		found := 0
		for _, r := range rules.All() {
			for _, f := range r.Judge(in) {
				found++
				if !e.Faulty {
					t.Errorf("export %d: %s %s:%d: %s", i, f.Rule, f.File, f.Line, f.Message)
				}
			}
		}
		if e.Faulty && found == 0 {
			t.Errorf("export %d has a fault that no rule finds", i)
		}
	}
}
