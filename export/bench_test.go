package export_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/xml"

	"cupclint/export"
	"cupclint/internal/benchexport"
)

// BenchmarkParse reads one export of about 60 properties in each format.
func BenchmarkParse(b *testing.B) {
	e := benchexport.New(1, 1)
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"soap", e.SOAP()}, {"properties", e.Properties()}, {"yaml", e.YAML()}, {"registry", e.Registry()},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			r := new(export.Reader)
			// The reader's own buffer has room for the NUL that the lexer puts after the text.
			buf := make([]byte, len(c.data), len(c.data)+64)
			for b.Loop() {
				copy(buf, c.data)
				if _, err := r.Parse("bench", buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLexer is the part of the SOAP reader that is not ours.
func BenchmarkLexer(b *testing.B) {
	data := benchexport.New(1, 1).SOAP()
	buf := make([]byte, len(data), len(data)+64)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		copy(buf, data)
		l := xml.NewLexer(parse.NewInputBytes(buf))
		for {
			if tt, _ := l.Next(); tt == xml.ErrorToken {
				break
			}
		}
	}
}

// BenchmarkReadFile is what every linter has to do first.
func BenchmarkReadFile(b *testing.B) {
	data := benchexport.New(1, 1).SOAP()
	name := filepath.Join(b.TempDir(), "export.xml")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := os.ReadFile(name); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		export.Lookup("Presence.Primary.Address")
		export.Lookup("SIPProxy.IncomingACL.12")
	}
}
