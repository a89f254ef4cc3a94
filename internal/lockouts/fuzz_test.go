package lockouts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func seeds(f *testing.F, pattern string) {
	files, _ := filepath.Glob("testdata/" + pattern)
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// check reads anything and holds what must hold of every reading.
func check(t *testing.T, in []byte) {
	n := 0
	c := NewCollector("")
	st, _, _ := Read(bytes.NewReader(in), Options{}, func(e *Event) {
		n++
		if e.User == "" || current(e.Original) != e.ID {
			t.Errorf("%+v", e)
		}
		c.Add(e)
	})
	if st.Used != n || st.Used+st.Unclear > st.Events {
		t.Errorf("%+v, %d delivered", st, n)
	}
	failures := 0
	for _, r := range c.Reports() {
		for _, s := range r.Sources {
			failures += s.Failures
			if s.Name != "" && s.Behind != "" {
				t.Errorf("a source is both named and hidden: %+v", s)
			}
		}
	}
	if failures > n {
		t.Errorf("%d failures of %d events", failures, n)
	}
}

func FuzzRead(f *testing.F) {
	seeds(f, "*.*")
	f.Add([]byte("\xff\xfe<\x00"))
	f.Fuzz(check)
}

func FuzzXML(f *testing.F) {
	seeds(f, "*.xml")
	f.Add([]byte("Record 1\n" + xml4740 + "<Event><Event>&#x1;</Event>"))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, append([]byte("<Event "), in...)) })
}

func FuzzCSV(f *testing.F) {
	seeds(f, "*.csv")
	f.Fuzz(func(t *testing.T, in []byte) { check(t, append([]byte("TimeCreated,EventID,Message\n"), in...)) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"EventID":4740,"Properties":[{"Value":"svc"},{"Value":"PC1"}]}`))
	f.Add([]byte(`[{"Event":{"System":{"EventID":{"#text":4625}},"EventData":{"Data":[{"@Name":"TargetUserName","#text":"svc"}]}}}]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		check(t, append([]byte(`{"EventID":4625,"TargetUserName":"a"}`+"\n"), in...))
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte("Log Name: Security\nEvent ID: 4740\nDescription:\n" + message4740))
	f.Add([]byte("<14>1 2026-03-05T10:20:37Z DC1 x 568 - - EventID=4740 " + oneLine(message4740)))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, append([]byte("Event[0]\n"), in...)) })
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"3/5/2026 1:20:37 PM", "2026-03-05T10:20:37+02:00", "/Date(1772706037000)/", "05-Mar-2026 10:20",
		"0500000010", "9999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := Event{When: s}
		c := clock{}
		c.read(&e, false)
		for _, at := range []int{e.Time.Year(), e.Alt.Year()} {
			if at != 1 && (at < 1989 || at > 2201) {
				t.Errorf("%q: %+v", s, e)
			}
		}
	})
}

func FuzzMessage(f *testing.F) {
	f.Add(4740, message4740)
	f.Add(4625, logParserLine(message4625))
	f.Fuzz(func(t *testing.T, id int, s string) {
		spec := specs.Get()[id]
		if spec == nil {
			return
		}
		for k, v := range readMessage(spec, s) {
			if k == "" || len(v) > len(s) || !strings.Contains(s, v) {
				t.Errorf("%q = %q", k, v)
			}
		}
	})
}
