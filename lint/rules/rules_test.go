package rules_test

import (
	"testing"

	"cupclint/export"
	"cupclint/internal/benchexport"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// BenchmarkAll runs all rules on a clean export of about 60 properties.
func BenchmarkAll(b *testing.B) {
	e := parse(b, "clean.xml", string(clean().SOAP()))
	all := rules.All()
	in := lint.NewInput(e)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range all {
			if f := r.Judge(in); f != nil {
				b.Fatal(f)
			}
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
