package lint

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cupclint/export"
)

// sixty is an export of sixty properties, as many as clients get.
func sixty(b *testing.B, value string) *export.Export {
	more := make([]string, 58)
	for i := range more {
		more[i] = "value"
	}
	more[7] = value
	sources := folder(b, map[string]string{"a.txt": exportText("example.net", "cup1.example.net", more...)})
	for e, err := range readAll(newTestReader(), sources[0]) {
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	b.Fatal("no export")
	return nil
}

// BenchmarkEngine is what the engine itself costs for each export: rules that look at every property and
// find nothing, or find one thing that is kept.
func BenchmarkEngine(b *testing.B) {
	for name, value := range map[string]string{"clean": "good", "finding": "bad"} {
		b.Run(name, func(b *testing.B) {
			e := sixty(b, value)
			r := newRun(Options{Rules: []*Rule{badValue}, Sources: sourcesOf([]string{e.File}), TempDir: b.TempDir()})
			w := r.newWorker()
			b.ReportAllocs()
			for b.Loop() {
				w.export(0, e)
			}
			b.StopTimer()
			r.findings.sort()
			if err := r.findings.close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkFindings is what it costs to put a finding aside and to bring it back in order, in memory and through
// the temporary file.
func BenchmarkFindings(b *testing.B) {
	for _, limit := range []int{spillAt, 1 << 16} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			const files = 5000
			f := Finding{Rule: "PRES001", Name: "presence-domain-mismatch", Message: strings.Repeat("message ", 20), Source: strings.Repeat("s", 80),
				Fingerprint: fingerprint("PRES001", "", ""), Evidence: []string{"one", "two"}, Fix: strings.Repeat("fix ", 20)}
			b.ReportAllocs()
			for b.Loop() {
				s := newSpool[Finding, *Finding](Compare)
				s.limit, s.dir = limit, b.TempDir()
				var buf []byte
				for i := range files {
					f.File = fmt.Sprintf("exports/site%d/%05d.xml", i%3, i)
					buf = f.encode(buf[:0])
					s.add(f.File, i, buf)
				}
				s.sort()
				res := Result{findings: s, addresses: newSpool[AddressRow, *AddressRow](compareRows)}
				n := 0
				for _, err := range res.Findings() {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != files {
					b.Fatalf("%d findings", n)
				}
				if err := res.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/files, "ns/finding")
		})
	}
}

// BenchmarkRun is a whole run over small files.
func BenchmarkRun(b *testing.B) {
	files := make(map[string]string)
	for i := range 1000 {
		files[fmt.Sprintf("%04d.txt", i)] = exportText("example.net", "cup1.example.net", "good", "fine")
	}
	sources := folder(b, files)
	b.ReportAllocs()
	for b.Loop() {
		res, err := Run(context.Background(), Options{Sources: sources, Rules: []*Rule{badValue, sharedValue}})
		if err != nil || res.Summary.Files != len(sources) {
			b.Fatal(err, res.Summary)
		}
		if err := res.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
