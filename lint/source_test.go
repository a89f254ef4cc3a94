package lint

import (
	"context"
	"iter"

	"cupclint/export"
)

func sourcesOf(names []string) []export.Source {
	var sources []export.Source
	for _, name := range names {
		sources = append(sources, export.Source{Name: name})
	}
	return sources
}

func newTestReader() *export.Reader { return new(export.Reader) }

func readAll(r *export.Reader, src export.Source) iter.Seq2[*export.Export, error] {
	return r.Read(context.Background(), src)
}
