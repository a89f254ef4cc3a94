package export_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/benchexport"
)

const epas = `xmlns:epas="urn:cisco:epas:soap"`

// pairs reads text and returns "Name=Value" for each property.
func pairs(text string) ([]string, error) { return pairsOf(new(export.Reader), text) }

func pairsOf(r *export.Reader, text string) ([]string, error) {
	e, err := r.Parse("in", []byte(text))
	if err != nil {
		return nil, err
	}
	var got []string
	for i := range e.Properties {
		got = append(got, e.Properties[i].Name+"="+e.Properties[i].Value)
	}
	return got, nil
}

func TestSOAPResponses(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"SOAP 1.2 envelope", `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` + epas +
			`><s:Body><epas:property name="A">b</epas:property></s:Body></s:Envelope>`, "A=b"},
		{"end tags of what was around", `<r xmlns="urn:cisco:epas:soap"><property name="A">b</property></r></q></s:Body>` + "\n</s:Envelope>\n",
			"A=b"},
		{"properties alone", `<property name="Presence.Domain">b</property><property name="A">c</property>`, "Presence.Domain=b A=c"},
		{"properties alone, with a prefix", `<e:property name="Presence.Domain">b</e:property></e:r></s:Body>`, "Presence.Domain=b"},
		{"SOAP 1.1 envelope", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ` + epas +
			`><epas:property name="A">b</epas:property></s:Envelope>`, "A=b"},
		{"another prefix", `<x:r xmlns:x="urn:cisco:epas:soap"><x:property name="A">b</x:property></x:r>`, "A=b"},
		{"default namespace", `<r xmlns="urn:cisco:epas:soap"><property name="A">b</property></r>`, "A=b"},
		{"a property alone", `<property xmlns="urn:cisco:epas:soap" name="A">b</property>`, "A=b"},
		{"prefix bound again", `<e:r xmlns:e="urn:cisco:epas:soap"><e:property name="A">b</e:property><x xmlns:e="urn:other"><e:property name="C">d</e:property></x><e:property name="E">f</e:property></e:r>`, "A=b E=f"},
		{"namespace on the property itself",
			`<e:r xmlns:e="urn:cisco:epas:soap"><e:property name="A">b</e:property><q:property xmlns:q="urn:cisco:epas:soap" name="C">d</q:property></e:r>`, "A=b C=d"},
		{"other attributes in any order", `<r xmlns="urn:cisco:epas:soap"><property a="1" name="A" z='2'>b</property></r>`, "A=b"},
		{"self-closed and empty", `<r xmlns="urn:cisco:epas:soap"><property name="A"/><property name="B"></property><property name="C" /></r>`,
			"A= B= C="},
		{"references", `<r xmlns="urn:cisco:epas:soap"><property name="A&amp;B">&lt;&#65;&#x42;&gt;&quot;&apos;</property></r>`, `A&B=<AB>"'`},
		{"CDATA between text", `<r xmlns="urn:cisco:epas:soap"><property name="A">x<![CDATA[<&>]]>y</property></r>`, "A=x<&>y"},
		{"comment inside a value", `<r xmlns="urn:cisco:epas:soap"><property name="A">x<!-- c -->y</property></r>`, "A=xy"},
		{"blanks are kept", `<r xmlns="urn:cisco:epas:soap"><property name="A">  b ` + "\t" + `</property></r>`, "A=  b \t"},
		{"duplicates stay", `<r xmlns="urn:cisco:epas:soap"><property name="A">b</property><property name="A">c</property></r>`, "A=b A=c"},
		{"captured log-in", `<login xmlns="urn:cisco:epas:soap" client-type="CUPC" client-version="7.0.2"><username>u</username><password>p</password></login>`, "client-version=7.0.2 username=u password=p"},
		{"session key", `<login-resp xmlns="urn:cisco:epas:soap"><success><session-key>k</session-key></success></login-resp>`, "session-key=k"},
		{"one-time password", `<get-onetime-password-resp xmlns="urn:cisco:epas:soap"><success><password>p</password></success></get-onetime-password-resp>`, "password=p"},
		{"declaration and instructions",
			`<?xml version="1.0" encoding="UTF-8"?><?x y?><!-- c --><r xmlns="urn:cisco:epas:soap"><property name="A">b</property></r><!-- end -->`,
			"A=b"},
	} {
		got, err := pairs(c.text)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, %v; want %q", c.what, got, err, c.want)
		}
	}
}

func TestSOAPErrorsSayWhereAndWhat(t *testing.T) {
	ok := `<property name="A">b</property>`
	for _, c := range []struct{ text, want string }{
		{`<r xmlns="urn:cisco:epas:soap">` + "\n <property>b</property></r>", "in:2:2: a property has no name"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="">b</property></r>`, "the name of a property is empty"},
		{`<r xmlns="urn:cisco:epas:soap">` + ok, "the text ends inside the element r"},
		{`<r xmlns="urn:cisco:epas:soap">` + ok + `</q>`, "does not close the element r"},
		{`<r xmlns="urn:cisco:epas:soap">` + ok + `</r><r/>`, "a second root element"},
		{`<r xmlns="urn:cisco:epas:soap">` + ok + `</r>x`, "there is text outside of the root element"},
		{`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/></r>`, "the end tag r has no start tag"},
		{`<?xml version="1.0"?><config><Phone/></config></r>`, "the end tag r has no start tag"},
		{`<property name="hibernate.dialect">b</property>`, "It looks like XML with the root element property"},
		{`<html><body>login</body></html>`, "It looks like an HTML page"},
		{"# Presence.Domain: acme.com\n\n #Directory.DN: x\n", "It looks like a file of comments only. Remove the \"#\""},
		{`<e:r>` + ok + `</e:r>`, "the prefix e is not bound to a namespace"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A">x<b/></property></r>`, "an element b inside the value of A"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">x<b></property></r>`, "an element (not shown) inside the value of Dir"},
		{`<plist><dict><key>ServicesDomain</key><string>a.test</string><key>ConnectionPassword</key><string>a<b></string></dict></plist>`,
			"an element (not shown) inside the value of ConnectionPassword"},
		{`<!DOCTYPE r [<!ENTITY a "b">]><r xmlns="urn:cisco:epas:soap">` + ok + `</r>`, "the document type declaration contains declarations"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A">&secret;</property></r>`, "the reference &secret; is not defined"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A">a & b</property></r>`, "an & that does not begin a reference"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A">&#0;</property></r>`, "is not defined"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A" name="B"/></r>`, "the attribute name occurs twice"},
		{`<r xmlns="urn:cisco:epas:soap"><property name=A/></r>`, "is not quoted"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A"b="c"/></r>`, "a space is missing"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A<B"/></r>`, "a < inside the value"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A">` + "\x01" + `</property></r>`, "control character U+0001"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="A">]]></property></r>`, "there is ]]> outside of a CDATA section"},
		{`<r xmlns="urn:cisco:epas:soap"><!-- a -- b -->` + ok + `</r>`, "two hyphens"},
		{`<r xmlns="urn:cisco:epas:soap"/>`, "It contains no configuration"},
		{strings.Repeat(`<a xmlns="urn:cisco:epas:soap">`, 100), "elements inside one another: at most 64"},
	} {
		_, err := pairs(c.text)
		var at *export.Error
		if !errors.As(err, &at) || at.Line == 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: error %v, want %q with a position", c.text, err, c.want)
		}
	}
}

func TestATruncatedSOAPResponseIsAlwaysAnError(t *testing.T) {
	text := benchexport.New(1, 1).SOAP()
	whole := bytes.LastIndexByte(bytes.TrimSpace(text), '>')
	for n := 1; n < whole; n++ {
		if got, err := pairs(string(text[:n])); err == nil {
			t.Fatalf("cut after %d bytes gives %d properties and no error", n, len(got))
		}
	}
}

// wellFormed is what encoding/xml says. Differences that are meant: a document type declaration is always refused here.
func wellFormed(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	depth, roots := 0, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return depth == 0 && roots == 1
		}
		if err != nil {
			return false
		}
		switch token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

// What this reader takes, the strict decoder of the standard library takes as well.
func FuzzSOAP(f *testing.F) {
	f.Add(string(benchexport.New(1, 1).SOAP()))
	f.Add(`<r xmlns="urn:cisco:epas:soap"><property name="A&amp;">x<![CDATA[y]]>&#65;<!--c--></property></r>`)
	f.Add(`<?xml version="1.0"?><e:r xmlns:e="urn:cisco:epas:soap"><e:property name='A'/><x xmlns:e="u"><e:p/></x></e:r>`)
	f.Fuzz(func(t *testing.T, text string) {
		r := &export.Reader{Force: export.SOAP}
		e, err := r.Parse("in", []byte(text))
		if err != nil {
			checkError(t, err, text)
			return
		}
		if !wellFormed(strings.TrimPrefix(text, "\xEF\xBB\xBF")) && ascii(text) {
			t.Fatalf("%q is taken, and is not well formed", text)
		}
		checkRanges(t, e, []byte(text))
	})
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7E }) < 0
}

func checkError(t *testing.T, err error, text string) {
	t.Helper()
	var at *export.Error
	if !errors.As(err, &at) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	if lines := 1 + strings.Count(text, "\n"); at.Line < 0 || at.Line > lines {
		t.Fatalf("error in line %d of %d: %v", at.Line, lines, err)
	}
}

// checkRanges looks up every value in the original bytes.
func checkRanges(t *testing.T, e *export.Export, data []byte) {
	t.Helper()
	for i := range e.Properties {
		p := &e.Properties[i]
		for _, r := range []export.Range{e.Range(p), e.NameRange(p)} {
			if r.Start < 0 || r.Start > r.End || r.End > len(data) || r.Line < 1 || r.Column < 1 || r.EndLine < r.Line {
				t.Fatalf("%s: range %+v of %d bytes", p.Name, r, len(data))
			}
		}
	}
}

func TestSecretsOfACaptureAreSecret(t *testing.T) {
	e, err := new(export.Reader).Parse("in",
		[]byte(`<r xmlns="urn:cisco:epas:soap"><session-key>k</session-key><app-session-id>i</app-session-id><login><password>p</password></login><property name="My.Password">x</property></r>`))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Properties) != 4 {
		t.Fatalf("%d properties, want 4", len(e.Properties))
	}
	for i := range e.Properties {
		if p := &e.Properties[i]; !p.Secret() {
			t.Errorf("%s is not secret", p.Name)
		}
	}
}

func ExampleReader() {
	e, err := new(export.Reader).Parse("hq.properties", []byte("presence.domain = acme.com\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := e.Get(export.PresenceDomain)
	r := e.Range(p)
	fmt.Printf("%s = %q at %d:%d, bytes %d to %d\n", p.Canonical(), p.Value, r.Line, r.Column, r.Start, r.End)
	// Output: Presence.Domain = "acme.com" at 1:19, bytes 18 to 26
}
