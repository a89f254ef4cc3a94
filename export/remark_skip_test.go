package export_test

import (
	"reflect"
	"strings"
	"testing"

	"cupclint/export"
)

// TestRemarksAreFoundAnywhere puts a remark at every place of a document that a reader knows already.
func TestRemarksAreFoundAnywhere(t *testing.T) {
	const remark = "<!-- cupclint: ignore PRES001 why -->"
	for _, text := range []string{
		soapBegin + "x</a:property>\n <a:property name=\"B\">y</a:property>\n</a:y></s:Body></s:Envelope>",
		"<config version=\"1.0\"><Client><A>1</A>\n<B>2</B></Client>\n<Directory><A>1</A></Directory></config>",
	} {
		used := &export.Reader{Reuse: true}
		for range 2 {
			said(used, text)
		}
		for i := range text {
			for _, with := range []string{text[:i] + remark + text[i:], text[:i] + "cupclint: ignore PRES001 why" + text[i:]} {
				said(used, with)
				e, err := used.Parse("in", []byte(with))
				if err != nil {
					continue
				}
				got, _ := e.Remarks()
				fresh, err := new(export.Reader).Parse("in", []byte(with))
				if err != nil {
					t.Fatal(err)
				}
				want, _ := fresh.Remarks()
				if !reflect.DeepEqual(got, want) || strings.Contains(with, ">"+remark) && len(want) == 0 {
					t.Errorf("%s has the remarks %+v, want %+v", with, got, want)
				}
			}
		}
	}
}
