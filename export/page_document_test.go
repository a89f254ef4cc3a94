package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

var tagOfXML = regexp.MustCompile(`&lt;(/?)([\w?]+)([^&]*)`)

// eachOf makes every line of a text something else, counted from 1.
func eachOf(text, between string, with func(n int, line string) string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		lines[i] = with(i+1, strings.Repeat("&nbsp;", indent)+html.EscapeString(line[indent:]))
	}
	return strings.Join(lines, between)
}

// configPages are pages that show a file; before is how many lines of the page are in front of it.
var configPages = []struct {
	name   string
	before int
	page   func(string) string
}{
	{"pre", 2, func(text string) string {
		return "<!DOCTYPE html>\n<html><head><title>jabber-config.xml - Wiki</title></head>\n<body><pre><code class=\"language-xml\">" +
			html.EscapeString(text) + "</code></pre><p>Bye</p></body></html>\n"
	}},
	{"a long navigation", 91, func(text string) string {
		return "<html><body>\n" + strings.Repeat("<li><a href=\"/x\">Presence.Domain: x</a></li>\n", 90) + "<pre>" +
			html.EscapeString(text) + "</pre></html>"
	}},
	{"br", 1, func(text string) string {
		return "<div>Our file:<br>\n" + eachOf(text, "<br>\n", func(_ int, l string) string { return l }) + "<br>\nBye</div>"
	}},
	{"a mail of Outlook", 3, func(text string) string {
		return "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\">\n<!--[if gte mso 9]><xml></xml><![endif]--><body>\n<p>Hi,</p>\n" +
			eachOf(text, "\n", func(_ int, l string) string {
				return "<p class=MsoNormal><span lang=EN-US>" + l + "<o:p></o:p></span></p>"
			}) +
			"\n<p class=MsoNormal>Jane &lt;jane@acme.com&gt;</p></html>"
	}},
	{"colours", 0, func(text string) string {
		return "<div><pre>" + tagOfXML.ReplaceAllString(html.EscapeString(text), `<span class="tag">&lt;$1<span class="name">$2</span>$3</span>`) +
			"</pre></div>"
	}},
	{"numbers in front of lines", 0, func(text string) string {
		return "<table>" + eachOf(text, "\n", func(n int, l string) string {
			return fmt.Sprintf("<tr><th class=\"line-num\"><a href=\"#L%d\">%d</a></th><td><pre>%s</pre></td></tr>", n, n, l)
		}) + "</table>"
	}},
	{"numbers before the code", 0, func(text string) string {
		return "<table><td>" + strings.Repeat("<div>7</div>", 80) + "</td><td>" +
			eachOf(text, "\n", func(_ int, l string) string { return "<div><code>" + l + "</code></div>" }) + "</td></table>"
	}},
	{"the storage format of Confluence", 0, func(text string) string {
		return "<p>Our file:</p><ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[" + text +
			"]]></ac:plain-text-body></ac:structured-macro><p>Bye</p>"
	}},
	{"a form", 1, func(text string) string {
		return "<html><body><form>\n<textarea name=\"text\">" + html.EscapeString(text) + "</textarea></form></html>"
	}},
	{"twice", 0, func(text string) string {
		return "<div><pre>" + html.EscapeString(text) + "</pre><textarea>" + html.EscapeString(text) + "</textarea></div>"
	}},
	{"text with references", 2, func(text string) string {
		return "Hi,\n\n" + html.EscapeString(text) + "\nBye\n"
	}},
	{"an empty line in front", 2, func(text string) string {
		return "\n<div>x<br/>\n" + eachOf(text, "<br/>\n", func(_ int, l string) string { return l }) + "<br/>\nBye</div>"
	}},
	{"references alone", 0, html.EscapeString},
	{"JSON", 0, func(text string) string {
		return "{\"number\": \"KB1\", \"text\": " + quotedJSON(text) + "}\n"
	}},
	{"a page in JSON", 0, func(text string) string {
		return "{\"id\": 7, \"body\": {\"storage\": {\"value\": " + quotedJSON("<p>x</p><pre>"+html.EscapeString(text)+"</pre>") + "}}}\n"
	}},
	{"the storage format in JSON", 0, func(text string) string {
		return "{\"value\": " + quotedJSON("<p>x</p><ac:plain-text-body><![CDATA["+text+"]]></ac:plain-text-body>") + "}"
	}},
	{"a mail in HTML", 4, func(text string) string {
		return "From: jane@acme.com\nContent-Type: text/html; charset=utf-8\n\n<html>\n<pre>" + html.EscapeString(text) + "</pre></html>\n"
	}},
}

func quotedJSON(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func TestConfigurationsInPages(t *testing.T) {
	plain, err := new(export.Reader).Parse("x", []byte(jabberConfig))
	if err != nil {
		t.Fatal(err)
	}
	want := join(plain)
	var lines []int
	for i := range plain.Properties {
		lines = append(lines, plain.Range(&plain.Properties[i]).Line)
	}
	for _, c := range configPages {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(c.page(jabberConfig))
			e, err := new(export.Reader).Parse("page.html", bytes.Clone(data))
			if err != nil || e.Problem != nil || e.Format != export.Jabber {
				t.Fatalf("%v %+v", err, e)
			}
			if got := join(e); got != want && !(c.name == "twice" && strings.HasPrefix(got, want)) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			for i := range e.Properties {
				p := &e.Properties[i]
				r := e.Range(p)
				if i < len(lines) && r.Line != lines[i]+c.before && data[0] != '{' {
					t.Errorf("%s is in line %d, want %d", p.Name, r.Line, lines[i]+c.before)
				}
				if raw := html.UnescapeString(strings.ReplaceAll(string(data[r.Start:r.End]), `\u0026`, "&")); strings.TrimSpace(raw) != strings.TrimSpace(p.Value) &&
					!strings.Contains(raw, "&amp;") {
					t.Errorf("%s: the range holds %q, the value is %q", p.Name, raw, p.Value)
				}
			}
			out, err := export.Redact("page.html", bytes.Clone(data), export.Auto)
			if err != nil || strings.Contains(string(out.Data), "Tr0ub4dor") || len(out.Left) > 0 {
				t.Errorf("the copy is %v\n%s", err, out.Data)
			}
			if again := strings.ReplaceAll(string(data), "Tr0ub4dor", export.Redacted); string(out.Data) != again {
				t.Errorf("the copy is\n%s", out.Data)
			}
		})
	}
}

// What is wrong with a configuration in a page is said with its place in the page.
func TestDamagedConfigurationsInPages(t *testing.T) {
	in := func(text string) string {
		return "<html>\n<p>Hi</p>\n<pre>" + html.EscapeString(text) + "</pre><p>Bye</p></html>\n"
	}
	for text, want := range map[string]string{
		in(strings.Replace(jabberConfig, "</Directory>", "</Directry>", 1)):             "21:3: the end tag Directry does not close",
		in(jabberConfig[:len(jabberConfig)-len("</config>\n")]):                         "the text ends inside the element config",
		in(jabberConfig + "\nnew:\n" + strings.Replace(jabberConfig, "LDAP", "UDS", 1)): "28:1: settings are in this place, too",
		in("<Policies><VoiceServicesDomain>a</VoiceServicesDomain></Policies>\nand\n<Directory><ServerPort1>389</ServerPort1>" +
			"</Directory>"): "5:1: settings are in this place, too",
	} {
		e, err := new(export.Reader).Parse("page.html", []byte(text))
		if err == nil {
			err = e.Problem
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in\n%s", err, want, text)
		}
	}
}

// Pages that show no configuration stay what they are, and so does a page that has the name of the file that clients download.
func TestPagesWithoutAConfiguration(t *testing.T) {
	for name, text := range map[string]string{
		"a.html":            "<p>The sections are in &lt;config&gt;, the keys in &lt;Policies&gt; and &lt;Directory&gt;.</p>",
		"b.html":            "<pre>&lt;config&gt;&lt;appSettings&gt;&lt;add key=\"Client\"/&gt;&lt;/appSettings&gt;&lt;/config&gt;</pre>",
		"c.html":            "<p><config><Client><SSO_Enabled>true</SSO_Enabled></Client></config></p>",
		"d.html":            "<html><pre>&lt;Client&gt;&lt;name&gt;Policies&lt;/name&gt;&lt;/Client&gt;</pre></html>",
		"jabber-config.xml": "<html><pre>" + html.EscapeString(jabberConfig) + "</pre></html>",
	} {
		if e, err := new(export.Reader).Parse(name, []byte(text)); err == nil && e.Problem == nil {
			t.Errorf("%s: %s with %d properties", name, e.Format, len(e.Properties))
		}
	}
}

func TestHostilePagesWithConfigurationsTakeLinearTime(t *testing.T) {
	once := func(text string) time.Duration {
		began := time.Now()
		_, _ = new(export.Reader).Parse("p.html", []byte(text))
		return time.Since(began)
	}
	measure := func(text string) time.Duration { return min(once(text), once(text), once(text)) }
	for _, piece := range []string{
		"&lt;", "&lt;config&gt;", "&lt;config&gt;&lt;!--", "&lt;?xml ", "&lt;?xml?&gt;", "&lt;config&gt;&lt;Client&gt;", "<![CDATA[",
		"<![CDATA[<]]>", `"\u003cconfig>\n`,
		"&lt;Policies&gt;&lt;VoiceServicesDomain&gt;a&lt;/VoiceServicesDomain&gt;&lt;/Policies&gt; x ",
	} {
		build := func(n int) string {
			return map[bool]string{false: "<p>", true: `{"a":`}[piece[0] == '"'] + "Client &lt;" + strings.Repeat(piece, n/len(piece))
		}
		small, large := build(20<<10), build(160<<10)
		if a, b := measure(small), measure(large); b > 40*a && measure(large) > 40*measure(small) {
			t.Errorf("%q: %s and %s", piece, a, b)
		}
	}
}

// A signature with an address, or a second file, may follow a file in a mail.
func TestWhatFollowsAConfigurationInAMail(t *testing.T) {
	first := strings.TrimSuffix(jabberConfig, "\n")
	second := strings.Replace(first, "LDAP", "UDS", 1)
	for text, want := range map[string]string{
		"Hi,\n" + first + "\nRegards\nJane <jane@acme.com>\n":                     "",
		"Hi,\n" + first + " Bye <jane@acme.com>\n":                                "",
		"Hi,\n" + first + "\n<!-- end -->\n":                                      "",
		"Hi,\n" + first + "\nagain:\n" + first + "\n":                             "",
		"old:\n" + first + "\nnew:\n" + second + "\nBye\n":                        "26:1: settings are in this place, too",
		"old:\n" + first + "\nnew:\n" + second[strings.Index(second, "<config"):]: "26:1: settings are in this place, too",
	} {
		e, err := new(export.Reader).Parse("mail.txt", []byte(text))
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		got := ""
		if e.Problem != nil {
			got = e.Problem.Error()
		}
		v, _ := e.Value(export.JabberDirectoryDirectoryServerType)
		if v != "LDAP" || (got != "") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%s, %q, want %q in\n%s", v, got, want, text)
		}
	}
}

func FuzzPage(f *testing.F) {
	var pages []string
	for _, c := range configPages {
		pages = append(pages, c.page("<config><Directory><ConnectionPassword>Tr0ub4dor</ConnectionPassword></Directory></config>\n"))
	}
	fuzzFormat(f, "page.html", []export.Format{export.Jabber}, pages...)
}
