package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
)

func TestPlainInputsAreWrittenAsPackageJSONDoes(t *testing.T) {
	plain := 0
	for _, row := range []lint.InputRow{
		{File: "sites/hq/pc1.xml", Format: "soap", Properties: 61},
		{File: "a b<&>'~!.xml", Format: "other"},
		{File: `c:\x.reg`, Format: "registry", Properties: 1},
		{File: `"quoted".xml`, Format: "soap"},
		{File: "tab\t.xml", Format: "soap"},
		{File: "köln.xml", Format: "soap"},
		{File: "broken\xff.xml", Format: "soap"},
		{File: "ignored.txt", Format: "properties", Ignored: &export.Ignored{Count: 1, First: []export.Passage{}}},
	} {
		if !plainInput(&row) {
			continue
		}
		plain++
		var want, got bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(&row); err != nil {
			t.Fatal(err)
		}
		b := bufio.NewWriter(&got)
		writePlainInput(b, &row)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%s, want %s", strings.TrimSpace(got.String()), want.String())
		}
	}
	if plain != 2 {
		t.Errorf("%d rows are plain", plain)
	}
}
