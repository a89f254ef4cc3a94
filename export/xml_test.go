package export_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

// xmlDocuments is a set of documents in the spirit of the public conformance suites for XML 1.0: each asks one question. BODY stands for
// content of the root element, which is one that the reader knows, so that nothing but the form decides.
//
// known says what the other two readers make of a document where they differ from ours, and why.
var xmlDocuments = []struct {
	what, text string
	ok         bool
	// goDiffers and lintDiffers say why encoding/xml and xmllint decide otherwise; empty where they agree.
	goDiffers, lintDiffers string
}{
	{"a root element", `<R/>`, true, "", ""},
	{"blanks in tags", "<R\n><a b = 'c'\t></a ></R >", true, "", ""},
	{"a declaration", `<?xml version="1.0"?><R/>`, true, "", ""},
	{"a declaration with encoding", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><R/>`, true, "", ""},
	{"comments and instructions around the root", "<!-- a --><?p i?><R/><!-- b --><?q?>\n", true, "", ""},
	{"nested elements", `<R><a><b/><b></b></a></R>`, true, "", ""},
	{"attributes in either quotes", `<R a="'" b='"'/>`, true, "", ""},
	{"the five entities", `<R a="&lt;&amp;">&lt;&gt;&amp;&quot;&apos;</R>`, true, "", ""},
	{"character references", `<R>&#65;&#x42;&#x10FFFF;&#9;</R>`, true, "", ""},
	{"a greater-than sign in text", `<R>a > b</R>`, true, "", ""},
	{"]] in text", `<R>a ]] b</R>`, true, "", ""},
	{"a CDATA section", `<R><![CDATA[<a>&b;]]></R>`, true, "", ""},
	{"a CDATA section with brackets", `<R><![CDATA[a]]]]><![CDATA[>b]]></R>`, true, "", ""},
	{"names with all kinds of characters", `<R><a-b.c_d1/><_x/></R>`, true, "", ""},
	{"names of other scripts", "<R><\u00e4\u03b1\u4e2d/></R>", true, "", ""},
	{"prefixes", `<R xmlns:p="u"><p:a p:b="c" b="d"/></R>`, true, "", ""},
	{"a prefix bound again", `<R xmlns:p="u"><a xmlns:p="v"><p:b/></a><p:b/></R>`, true, "", ""},
	{"the prefix xml", `<R xml:lang="en" xml:space="preserve"/>`, true, "", ""},
	{"no default namespace", `<R><a xmlns="u"><b xmlns=""/></a></R>`, true, "", ""},
	{"line ends of all systems", "<R>\r\n<a\r\nb='c'/>\n</R>", true, "", ""},
	{"an empty comment", `<R><!----></R>`, true, "", ""},
	{"an instruction inside", `<R>a<?p <&>?>b</R>`, true, "", ""},
	{"a document type without declarations", `<!DOCTYPE R SYSTEM "r.dtd"><R/>`, true, "", ""},
	{"a public document type", `<!DOCTYPE R PUBLIC "-//X//Y" "http://x.test/r.dtd"><R/>`, true, "", ""},

	{"nothing", ` `, false, "encoding/xml reads an empty stream", ""},
	{"two roots", `<R/><R/>`, false, "encoding/xml reads a stream of elements", ""},
	{"text before the root", `x<R/>`, false, "encoding/xml takes text outside of the root", ""},
	{"text after the root", `<R/>x`, false, "encoding/xml takes text outside of the root", ""},
	{"CDATA after the root", `<R/><![CDATA[x]]>`, false, "encoding/xml takes text outside of the root", ""},
	{"a reference after the root", `<R/>&amp;`, false, "encoding/xml takes text outside of the root", ""},
	{"an element that is not closed", `<R><a></R>`, false, "", ""},
	{"elements that overlap", `<R><a><b></a></b></R>`, false, "", ""},
	{"an end tag of another case", `<R></r>`, false, "", ""},
	{"an end tag without an element", `<R></a></R>`, false, "", ""},
	{"a root that is not closed", `<R>`, false, "", ""},
	{"a tag that does not end", `<R><a`, false, "", ""},
	{"an end tag that does not end", `<R></R`, false, "", ""},
	{"an end tag with an attribute", `<R></R a="b">`, false, "", ""},
	{"a blank before the name", `< R/>`, false, "", ""},
	{"a name that begins with a digit", `<R><1a/></R>`, false, "", ""},
	{"a name that begins with a hyphen", `<R><-a/></R>`, false, "", ""},
	{"a name that begins with a dot", `<R><.a/></R>`, false, "", ""},
	{"an attribute without a value", `<R a/>`, false, "", ""},
	{"an attribute without quotes", `<R a=b/>`, false, "", ""},
	{"an attribute with two kinds of quotes", `<R a="b'/>`, false, "", ""},
	{"an attribute twice", `<R a="b" a="c"/>`, false, "encoding/xml does not compare attributes", ""},
	{"a less-than sign in an attribute", `<R a="<"/>`, false, "", ""},
	{"attributes side by side", `<R a="b"c="d"/>`, false, "encoding/xml needs no blank between attributes", ""},
	{"a bare ampersand", `<R>a & b</R>`, false, "", ""},
	{"a bare ampersand in an attribute", `<R a="b & c"/>`, false, "", ""},
	{"an entity that is not declared", `<R>&nbsp;</R>`, false, "", ""},
	{"a reference without an end", `<R>&amp</R>`, false, "", ""},
	{"a reference to no character", `<R>&#0;</R>`, false, "", ""},
	{"a reference to a control character", `<R>&#x1F;</R>`, false, "", ""},
	{"a reference to half a pair", `<R>&#xD800;</R>`, false, "encoding/xml takes it for U+FFFD", ""},
	{"a reference beyond Unicode", `<R>&#x110000;</R>`, false, "", ""},
	{"a reference with a capital X", `<R>&#X41;</R>`, false, "", ""},
	{"a control character", "<R>\x01</R>", false, "", ""},
	{"a form feed", "<R>\f</R>", false, "", ""},
	{"U+FFFE", "<R>\ufffe</R>", false, "", ""},
	{"the end of CDATA in text", `<R>a ]]> b</R>`, false, "", ""},
	{"a CDATA section that does not end", `<R><![CDATA[a]]</R>`, false, "", ""},
	{"CDATA in small letters", `<R><![cdata[a]]></R>`, false, "", ""},
	{"two hyphens in a comment", `<R><!-- a -- b --></R>`, false, "", ""},
	{"a comment that ends with three hyphens", `<R><!-- a ---></R>`, false, "", ""},
	{"a comment that does not end", `<R><!-- a </R>`, false, "", ""},
	{"a comment in a tag", `<R <!-- a --> />`, false, "", ""},
	{"an instruction that does not end", `<R><?p </R>`, false, "", ""},
	{"an instruction without a name", `<R><? p?></R>`, false, "", ""},
	{"a declaration that is not first", ` <?xml version="1.0"?><R/>`, false, "encoding/xml takes it anywhere", ""},
	{"a declaration inside", `<R><?xml version="1.0"?></R>`, false, "encoding/xml takes it anywhere", ""},
	{"a declaration in capitals", `<?XML version="1.0"?><R/>`, false, "encoding/xml looks for xml alone", ""},
	{"a declaration of version 2", `<?xml version="2.0"?><R/>`, false, "", ""},
	{"a declaration without a version", `<?xml encoding="UTF-8"?><R/>`, false, "encoding/xml takes 1.0 where it is missing", ""},
	{"a declaration in another order", `<?xml version="1.0" standalone="yes" encoding="UTF-8"?><R/>`, false,
		"encoding/xml looks for its two words anywhere", ""},
	{"standalone with another value", `<?xml version="1.0" standalone="1"?><R/>`, false, "encoding/xml does not read standalone", ""},
	{"a prefix that is not bound", `<R><p:a/></R>`, false, "encoding/xml leaves unbound prefixes",
		"xmllint reports a namespace error and continues"},
	{"an attribute's prefix that is not bound", `<R p:a="b"/>`, false, "encoding/xml leaves unbound prefixes",
		"xmllint reports a namespace error and continues"},
	{"a prefix bound to nothing", `<R xmlns:p=""/>`, false, "encoding/xml leaves unbound prefixes",
		"xmllint reports a namespace error and continues"},
	{"two colons in a name", `<R xmlns:a="u"><a:b:c/></R>`, false, "", "xmllint reports a namespace error and continues"},
	{"a document type with declarations", `<!DOCTYPE R [<!ENTITY a "b">]><R/>`, false,
		"refused here: entities could expand without bound", "refused here: entities could expand without bound"},
	{"a document type after the root", `<R/><!DOCTYPE R>`, false, "encoding/xml takes it anywhere", ""},
}

// document puts a known root element in the place of R and a property into it, so that a well-formed document is read.
func document(text string) string {
	const open = `config version="1"`
	text = strings.NewReplacer("<R/>", "<"+open+`><Client><a>b</a></Client></config>`, "</R", "</config").Replace(text)
	for _, end := range []string{">", " ", "\n"} {
		text = strings.ReplaceAll(text, "<R"+end, "<"+open+end)
	}
	return strings.ReplaceAll(text, "DOCTYPE R", "DOCTYPE config")
}

func TestDocumentsAreAcceptedAndRefusedAsOthersDo(t *testing.T) {
	xmllint, missing := exec.LookPath("xmllint")
	for _, c := range xmlDocuments {
		text := document(c.text)
		_, err := new(export.Reader).Parse("jabber-config.xml", []byte(text))
		var not *export.NotUnderstoodError
		ours := err == nil || errors.As(err, &not) && strings.Contains(not.Looks, "without a section")
		if ours != c.ok {
			t.Errorf("%s: %q: read %v (%v), want %v", c.what, text, ours, err, c.ok)
		}
		if got := goReads(text); (got != c.ok) != (c.goDiffers != "") {
			t.Errorf("%s: encoding/xml says %v for %q; the list says %q", c.what, got, text, c.goDiffers)
		}
		if missing == nil && !testing.Short() {
			cmd := exec.Command(xmllint, "--nonet", "--noout", "-")
			cmd.Stdin = strings.NewReader(text)
			if got := cmd.Run() == nil; (got != c.ok) != (c.lintDiffers != "") {
				t.Errorf("%s: xmllint says %v for %q; the list says %q", c.what, got, text, c.lintDiffers)
			}
		}
	}
	if missing != nil {
		t.Log("xmllint is not installed: compared with encoding/xml alone")
	}
}

func goReads(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		switch {
		case err == io.EOF:
			return true
		case err != nil:
			return false
		}
	}
}

// A capture may be cut out of others that end after it. What is in front of it is looked at once.
func TestStrayEndTagsTakeLinearTime(t *testing.T) {
	measure := func(n int) time.Duration {
		text := strings.Repeat("<!-- a -->", n) +
			`<get-all-config-resp><property name="Presence.Domain">acme.com</property></get-all-config-resp>` + strings.Repeat("</a>", n)
		began := time.Now()
		if e, err := new(export.Reader).Parse("p.xml", []byte(text)); err != nil || len(e.Properties) != 1 {
			t.Fatalf("%+v %v", e, err)
		}
		return time.Since(began)
	}
	if a, b := measure(1000), measure(8000); b > 40*a && measure(8000) > 40*measure(1000) {
		t.Errorf("%s and %s", a, b)
	}
}
