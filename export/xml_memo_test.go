package export_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/benchexport"
)

// said is all that a reader says of a document.
func said(r *export.Reader, text string) string {
	e, err := r.Parse("in", []byte(text))
	if err != nil {
		return "error: " + err.Error()
	}
	var b strings.Builder
	fmt.Fprintln(&b, e.Format, e.Problem, len(e.Found))
	for i := range e.Properties {
		p := &e.Properties[i]
		fmt.Fprintf(&b, "%q %d %d %q %t %t %+v %+v\n", p.Name, p.Key, p.N, p.Value, p.Secret(), p.Covered(), e.NameRange(p), e.Range(p))
	}
	for line := range min(100, strings.Count(text, "\n")+1) {
		fmt.Fprintf(&b, "%q\n", e.SourceLine(line+1))
	}
	for i := range e.Found {
		fmt.Fprintf(&b, "found %q %+v\n", e.Found[i].Name, e.Range(&e.Found[i]))
	}
	return b.String()
}

// sayTheSame reads each text with a reader that has read all of them before, and with a fresh one.
func sayTheSame(t *testing.T, texts ...string) {
	t.Helper()
	used := &export.Reader{Reuse: true}
	for range 2 {
		for _, text := range texts {
			if got, want := said(used, text), said(new(export.Reader), text); got != want {
				t.Fatalf("%q is read as\n%s\nafter others, and else as\n%s", text, got, want)
			}
		}
	}
}

// memoDocuments have the same start tags at places where they mean something else, and tags with values of all kinds.
var memoDocuments = []string{
	`<r xmlns="urn:cisco:epas:soap"><property name="A">b</property><property name="Directory.Password">s3cret!</property></r>`,
	`<r xmlns="urn:cisco:epas:soap"><property name="A">c</property><x xmlns="u"><property name="A">d</property></x><property name="A">e</property></r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="A">b</a:property><a:property xmlns:a="u" name="A">c</a:property><a:property name="A">d</a:property></a:r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:x><a:property name="A">b</a:property></a:x><y xmlns:a="u"><a:property name="A">c</a:property></y></a:r>`,
	`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="urn:cisco:epas:soap"><s:Body><a:x><a:property name="B">x</a:property>` +
		`</a:x><n:getPhoneResponse xmlns:n="http://www.cisco.com/AXL/API/12.5"><a:property name="B">y</a:property></n:getPhoneResponse></s:Body></s:Envelope>`,
	`<a:r xmlns:a="u"><a:property name="A">b</a:property></a:r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="A" value="x"/><a:property name="A" value="x"></a:property><a:property name="A">&amp;</a:property></a:r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="B"></a:property><a:property name="A">b]]></a:property></a:r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="B">x</a:property>text<a:property name="B">y</a:property ><!--c--><a:property name="B">z</a:property></a:r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="B">x<b/></a:property></a:r>`,
	"<a:r xmlns:a=\"urn:cisco:epas:soap\"><a:property name=\"B\">x</a:property><a:property name=\"B\">\x01</a:property></a:r>",
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="B">x</a:property><a:property name="B">y</a:other></a:r>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="B">x</a:property><a:property name="B">y`,
	`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="urn:cisco:epas:soap"><s:Body><a:get-all-config-resp>` +
		`<a:property name="B">x</a:property></a:get-all-config-resp><s:Fault><a:property name="B">y</a:property></s:Fault></s:Body></s:Envelope>`,
	`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="Password"></a:property><a:property name="Password">k</a:property>` +
		`<a:property name="Note">password: geheim77</a:property><a:property name="Note">password: geheim77</a:property></a:r>`,
	`<config version="1.0"><Directory><DirectoryServerType>BDI</DirectoryServerType><A>1</A></Directory><Client><A>1</A></Client></config>`,
	`<config><Directory><A>2</A><A><B>1</B><A>3</A></A><A x="1">4</A></Directory><A>5</A></config>`,
	`<config xmlns:p="u"><p:Directory><A>2</A><p:A>2</p:A></p:Directory><Directory><p:A>2</p:A><A/><A></A></Directory></config>`,
	`<config><Directory><A name="Password">geheim77!</A></Directory></config>`,
	`<config><Directory><A note="password=geheim77!">x</A></Directory></config>`,
	`<r xmlns="urn:cisco:epas:soap"><property name="A" note="password=geheim77!">b</property></r>`,
	`<config><Directory><DirectoryServerType>UDS</DirectoryServerType></Directory></config><config/>`,
	`<config><Directory><DirectoryServerType>UDS</DirectoryServerType>`,
	// The same begin, and then something else.
	soapBegin + `x</a:property></a:y></s:Body></s:Envelope>`,
	soapBegin + `&lt;</a:property><a:property name="A">b</a:property></a:y></s:Body></s:Envelope>`,
	soapBegin + `<!-- password: geheim77! -->x</a:property></a:y></s:Body></s:Envelope>`,
	soapBegin + `x</a:property></a:y></s:Body ></s:Envelope> text`,
	soapBegin + `x</a:property></a:z></s:Body></s:Envelope>`,
	soapBegin + `x<b/></a:property></a:y>`,
	soapBegin + "\x01</a:property>",
	soapBegin,
	`<config version="1.0"><Client><A>1</A></Client></config><config/>`,
	`<config version="1.0"><Client><A>1<B>2</B></A><A p:x="1">3</A></Client></config>`,
	`<config version="1.0"><Client><A>`,
	// Lines without and with a secret, and one that is a part of a secret in one document only.
	"Presence.Domain = acme.com\nDirectory.Password = geheim77!\n",
	"<r xmlns=\"urn:cisco:epas:soap\">\n<property name=\"A\">b</property>\n<property name=\"C\">password: geheim77!</property>\n</r>",
	"<r xmlns=\"urn:cisco:epas:soap\">\n<property name=\"A\">\nline\n</property>\n<property name=\"D\"\n>x</property></r>",
	"<r xmlns=\"urn:cisco:epas:soap\">\n<property name=\"Directory.Password\">\nline\n</property>\n<property name=\"D\"\n>x</property></r>",
}

// soapBegin is the begin of an answer up to the value of its first property.
const soapBegin = `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="urn:cisco:epas:soap"><s:Body>` +
	`<a:y><a:property name="A">`

func TestAFormatThatIsForcedIsNotThatOfTheBeginOfAnotherDocument(t *testing.T) {
	used := &export.Reader{Reuse: true}
	text := `<config version="1.0"><Client><A>1</A></Client></config>`
	for _, force := range []export.Format{export.Auto, export.SOAP, export.Jabber, export.SOAP, export.Auto} {
		used.Force = force
		if got, want := said(used, text), said(&export.Reader{Force: force}, text); got != want {
			t.Errorf("%s: %s, want %s", force, got, want)
		}
	}
}

func TestWhatAReaderReadBeforeChangesNothing(t *testing.T) {
	sayTheSame(t, memoDocuments...)
	sayTheSame(t, memoFixtures(t)...)
}

// memoFixtures are the documents of the project that have such tags.
func memoFixtures(t *testing.T) []string {
	t.Helper()
	texts := []string{string(benchexport.New(1, 1).SOAP()), string(benchexport.New(2, 2).SOAP())}
	err := filepath.WalkDir("../fixtures", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("urn:cisco:epas:soap")) || bytes.Contains(data, []byte("<config")) {
			texts = append(texts, string(data))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 50 {
		t.Fatalf("only %d fixtures", len(texts))
	}
	return texts
}

// unknowable makes start tags too long to be remembered.
func unknowable(text string) string {
	return startTags.ReplaceAllString(text, "$1"+strings.Repeat(" ", 300)+"$2")
}

var startTags = regexp.MustCompile(`(<[A-Za-z][^<>]*?)(/?>)`)

// passed counts the places that were skipped.
func passed(e *export.Export) int {
	if in := e.Ignored(); in != nil {
		return in.Count
	}
	return 0
}

// learning is a reader that remembers tags: it has read a document.
func learning(t *testing.T) *export.Reader {
	t.Helper()
	r := new(export.Reader)
	if _, err := r.Parse("first", []byte("<config><Client><A>1</A></Client></config>")); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhatADocumentHadBeforeChangesNothing compares with the same document whose tags cannot be remembered.
func TestWhatADocumentHadBeforeChangesNothing(t *testing.T) {
	for _, text := range append(memoDocuments, memoFixtures(t)...) {
		var said [2]string
		for i, text := range []string{text, unknowable(text)} {
			e, err := learning(t).Parse("in", []byte(text))
			if err != nil {
				said[i] = "error"
				continue
			}
			said[i] = fmt.Sprintln(e.Format, e.Problem != nil, passed(e), len(e.Found))
			for j := range e.Properties {
				p := &e.Properties[j]
				said[i] += fmt.Sprintf("%q %d %d %q %t %t\n", p.Name, p.Key, p.N, p.Value, p.Secret(), p.Covered())
			}
		}
		if said[0] != said[1] {
			t.Errorf("%q is read as\n%s\nand where no tag is remembered as\n%s", text, said[0], said[1])
		}
	}
}

func FuzzMemo(f *testing.F) {
	for i, text := range memoDocuments {
		f.Add(memoDocuments[(i+1)%len(memoDocuments)], text)
	}
	f.Fuzz(func(t *testing.T, before, text string) { sayTheSame(t, before, text) })
}

func TestTheSameTagMeansSomethingElseElsewhere(t *testing.T) {
	for text, want := range map[string]string{
		`<a:r xmlns:a="urn:cisco:epas:soap"><a:x><a:property name="A">b</a:property></a:x>` +
			`<y xmlns:a="u"><a:property name="A">c</a:property></y></a:r>`: "A=b",
		`<a:r xmlns:a="urn:cisco:epas:soap"><a:property name="A">b</a:property>` +
			`<a:property xmlns:a="u" name="A">c</a:property><a:property name="A">d</a:property></a:r>`: "A=b A=d",
		`<a:r xmlns:a="urn:cisco:epas:soap"><p:x xmlns:p="urn:cisco:epas:soap"><p:property name="A">b</p:property></p:x>` +
			`<a:y><p:property name="A">c</p:property></a:y></a:r>`: "read in:1:117: the prefix p is not bound to a namespace",
		`<config><Directory><A>2</A><A><B>1</B><A>3</A></A></Directory><Client><A>4</A></Client><A>5</A></config>`: "Jabber.Directory.A=2 " +
			"Jabber.Directory.A.B=1 Jabber.Directory.A.A=3 Jabber.Client.A=4",
	} {
		for _, r := range []*export.Reader{new(export.Reader), learning(t)} {
			got, err := pairsOf(r, text)
			if err != nil {
				got = append(got, err.Error())
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %q, want %s", text, got, want)
			}
		}
	}
}
