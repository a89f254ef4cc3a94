package export

import (
	"bytes"
	"slices"
	"testing"

	"cupclint/internal/benchexport"
)

// What the fast path reads, the library reads in the same way: names, values and places.
func FuzzBlockYAML(f *testing.F) {
	f.Add(benchexport.New(1, 1).YAML()[:400])
	for _, s := range []string{"a:\n  b: c\n  d: 'e'\nf: \"g\"\n", "---\na: ~\nb:\n", "a: b \n# c\n\nd.e: f\n", "a:\n    b:\n      c: d\n    e: f\n", "a: b\r\nc: d\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var fast, library Reader
		if fast.prepare(data) != nil || !fast.blockYAML() {
			return
		}
		if err := library.prepare(data); err != nil {
			t.Fatal(err)
		}
		if err := library.libraryYAML(); err != nil {
			t.Fatalf("%q: the fast path takes it, the library says %v", data, err)
		}
		if !slices.EqualFunc(fast.exp.Properties, library.exp.Properties, func(a, b Property) bool {
			if a.Value == "" { // where an empty value stands is a matter of taste
				a.valueStart, a.valueEnd = b.valueStart, b.valueEnd
			}
			return a == b
		}) {
			t.Fatalf("%q:\nfast    %+v\nlibrary %+v", data, fast.exp.Properties, library.exp.Properties)
		}
	})
}

func (r *Reader) prepare(data []byte) error {
	r.exp = Export{File: "in"}
	return r.decode(bytes.Clone(data))
}

func TestTheFastPathTakesWhatPeopleWrite(t *testing.T) {
	var r Reader
	if err := r.prepare(benchexport.New(1, 1).YAML()); err != nil {
		t.Fatal(err)
	}
	if !r.blockYAML() {
		t.Error("a plain configuration goes to the library")
	}
}
