package copied_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

var htmlSigns = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "  ", "&nbsp; ")

// shownBy are pages that show a text; shift is how many lines of the page are before it, -1 where all are on one line.
var shownBy = []struct {
	name  string
	shift int
	with  func(string) string
}{
	{"a page with pre", 4, func(text string) string {
		return "<!DOCTYPE html>\n<html>\n<head><title>Ticket 7</title><style>p {\n}</style></head>\n<pre class=\"code\">" +
			htmlSigns.Replace(text) + "</pre>\n<p>Regards,\nJane</p>\n</html>\n"
	}},
	{"lines of pre", 1, func(text string) string {
		return "<html><body>\n" + eachLine(func(_ int, l string) string { return "<pre>" + htmlSigns.Replace(l) + "<o:p></o:p></pre>" })(text)
	}},
	{"lines that end with br", 0, func(text string) string {
		return "<p>" + eachLine(func(_ int, l string) string { return htmlSigns.Replace(l) + "<br />" })(text) + "</p>"
	}},
	{"br alone", -1, func(text string) string {
		return "<html><p>" + strings.ReplaceAll(htmlSigns.Replace(text), "\n", "<br>") + "</p></html>\n"
	}},
	{"paragraphs of a mail", 0, eachLine(func(_ int, l string) string {
		return "<p class=\"MsoNormal\"><span style='font-family:\"Courier New\"'>" + htmlSigns.Replace(l) + "</span></p>"
	})},
	{"a mail in HTML", 4, func(text string) string {
		return "From: jane@acme.com\nContent-Type: text/html; charset=utf-8\n\n<html>\n" +
			eachLine(func(_ int, l string) string { return "<div>" + htmlSigns.Replace(l) + "</div>" })(text) + "</html>\n"
	}},
	{"a cell of a table", 1, func(text string) string {
		return "<table><tr><th>No</th><th>Comment</th></tr>\n<tr><td>7</td></tr><tr><td style='white-space: pre-wrap'>" +
			htmlSigns.Replace(text) + "</td></tr></table>"
	}},
	{"a style that is longer than what is looked at", 1, func(text string) string {
		return "<html><style>" + strings.Repeat("p { margin: 0 } ", 4000) + "</style>\n<pre>" + htmlSigns.Replace(text) + "</pre></html>"
	}},
}

func TestOutputsInPages(t *testing.T) {
	for _, text := range decorated {
		if text.format == export.Properties {
			continue
		}
		plain, err := new(export.Reader).Parse("p.txt", []byte(text.text))
		if err != nil {
			t.Fatal(err)
		}
		want := described(plain, 0)
		var values []string
		for i := range plain.Properties {
			values = append(values, plain.Properties[i].Value)
		}
		for _, p := range shownBy {
			t.Run(text.name+" in "+p.name, func(t *testing.T) {
				data := []byte(p.with(text.text))
				e, err := new(export.Reader).Parse("p.txt", bytes.Clone(data))
				if err != nil {
					t.Fatal(err)
				}
				if got := described(e, max(p.shift, 0)); p.shift >= 0 && got != want || e.Format != text.format {
					t.Errorf("%s: got %s\nwant %s", e.Format, got, want)
				}
				for i := range e.Properties {
					q := &e.Properties[i]
					r := e.Range(q)
					if i >= len(values) || !strings.HasSuffix(q.Name, ".Command") && q.Value != values[i] {
						t.Errorf("%s has %q", q.Name, q.Value)
					}
					line := strings.Split(string(data), "\n")[r.Line-1]
					if col := string([]rune(line)[r.Column-1:]); !strings.HasPrefix(col, string(data[r.Start:r.End])) {
						t.Errorf("%s: column %d begins with %q", q.Name, r.Column, col)
					}
					source, column := e.Source(r, 20, 200)
					if shown := []rune(source)[r.Column-column:]; r.Start < r.End && shown[0] != rune(data[r.Start]) {
						t.Errorf("%s: column %d of %q is %q", q.Name, r.Column-column, source, string(shown))
					}
				}
			})
		}
	}
}

// What a page does not show may hold a secret, too.
func TestSecretsOfPages(t *testing.T) {
	const page = `<html><script>var c = {"password": "Hunter2xyz"};</script>
<!-- password = OldSecret9x
-->
<form action="https://anna:Geheim123@tickets.acme.com/"><input type="hidden" name="password" value="Blue42Moon"></form>
<table><tr><td>Password</td><td>TableS3cret</td></tr></table>
<pre>admin:utils ntp status
ntpd (pid 3638) is running...
unsynchronised

admin:run sql select * from epassyncagentcfg
axluser axlpassword
======= ===========
svc     S3cr3tAxl12

</pre><p>The password is Prose77pw</p></html>
`
	e, err := new(export.Reader).Parse("p.html", []byte(page))
	if err != nil || e.Format != export.CLI {
		t.Fatalf("%+v %v", e, err)
	}
	out, err := export.Redact("p.html", []byte(page), export.Auto)
	if err != nil {
		t.Fatal(err)
	}
	want := page
	for _, s := range []string{"Hunter2xyz", "OldSecret9x", "Geheim123", "Blue42Moon", "TableS3cret", "Prose77pw"} {
		want = strings.Replace(want, s, export.Redacted, 1)
	}
	want = strings.Replace(want, "S3cr3tAxl12", "REDACTED   ", 1)
	if got := string(out.Data); got != want {
		t.Errorf("the copy is\n%s", got)
	}
}

func TestPagesWithoutAnOutput(t *testing.T) {
	for _, text := range []string{
		"<html><body><p>Presence.Domain = north.test</p></body></html>", "<p>An output has &lt;pre&gt; around it: unsynchronised</p>",
		"<html>\n<pre>a\nb\nc\n</pre></html>", "<", "<p", "<pre>", "<!--", "<html><script>", "<html><a href='", "<!doctype html",
	} {
		if e, err := new(export.Reader).Parse("p.html", []byte(text)); err == nil {
			t.Errorf("%s: %s with %d properties", text, e.Format, len(e.Properties))
		}
	}
}

// A secret ends at the end of what is not shown, even if what is shown follows on the same line.
func TestSecretsOfPagesOnTheLineOfTheOutput(t *testing.T) {
	const output = "<pre>admin:utils ntp status\nntpd (pid 3638) is running...\nunsynchronised\n</pre></html>\n"
	for name, part := range map[string]string{
		"a comment":              "<!-- password = Grey9Hen2x -->",
		"a script":               `<script>var c = {"password": "Grey9Hen2x"};</script>`,
		"a script without blank": `<script>c={"password":"Grey9Hen2x"}</script>`,
		"a script, two of them":  `<script>c={"password":"Grey9Hen2x"};d={"password":"Grey9Hen2x"}</script>`,
		"an attribute":           "<input type=hidden name=password value=Grey9Hen2x>",
		"an address":             `<a href="https://anna:Grey9Hen2x@a.acme.com/">`,
		"a style":                "<style>/* password: Grey9Hen2x */</style>",
	} {
		page := "<html>" + part + output
		out, err := export.Redact("p.html", []byte(page), export.Auto)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(out.Data); strings.Contains(got, "Grey9Hen2x") || !strings.HasSuffix(got, output) || len(out.Left) > 0 {
			t.Errorf("%s: the copy is\n%s", name, got)
		}
	}
}

func TestHostilePagesTakeLinearTime(t *testing.T) {
	once := func(text string) time.Duration {
		began := time.Now()
		e, err := new(export.Reader).Parse("p.html", []byte(text))
		if err == nil {
			for i := range e.Properties {
				e.Source(e.Range(&e.Properties[i]), 20, 100)
			}
		}
		return time.Since(began)
	}
	measure := func(text string) time.Duration { return min(once(text), once(text), once(text)) }
	const head = "<html><pre>admin:utils ntp status\nntpd (pid 1) is running...\n</pre>"
	for _, piece := range []string{
		"<", "<p ", `<a "`, `<a ="`, "<script>", "<script></script", "<!--", "<pre>", "</pre>x", "<p>\n", "&", "<td>", "<?",
		"unsynchronised<br>admin:utils ntp status<br>ntpd (pid 2) is running...<br>",
	} {
		build := func(n int) string { return head + strings.Repeat(piece, n/len(piece)) }
		small, large := build(20<<10), build(160<<10)
		if a, b := measure(small), measure(large); b > 40*a && measure(large) > 40*measure(small) {
			t.Errorf("%q: %s and %s", piece, a, b)
		}
	}
}
