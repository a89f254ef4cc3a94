package copied_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"cupclint/export"
)

// eachLine is a decoration of every line of a text.
func eachLine(with func(number int, line string) string) func(string) string {
	return func(text string) string {
		var b strings.Builder
		number := 0
		for line := range strings.Lines(text) {
			number++
			b.WriteString(with(number, strings.TrimSuffix(line, "\n")) + "\n")
		}
		return b.String()
	}
}

func timed(form string) func(string) string {
	return eachLine(func(n int, line string) string { return fmt.Sprintf(form, n, line) })
}

var decorations = []struct {
	name string
	// shift is how many lines go before the text.
	shift   int
	printed bool // only output of servers has it
	with    func(string) string
}{
	{"a quoted mail", 0, false, eachLine(func(_ int, line string) string { return "> " + line })},
	{"a quote in a quote", 0, false, eachLine(func(_ int, line string) string { return ">> " + line })},
	{"the line numbers of an editor", 0, false, eachLine(func(n int, line string) string { return fmt.Sprintf("%4d  %s", n, line) })},
	{"cat -n", 0, false, eachLine(func(n int, line string) string { return fmt.Sprintf("%6d\t%s", n, line) })},
	{"numbers with a colon", 0, false, eachLine(func(n int, line string) string { return fmt.Sprintf("%d: %s", n, line) })},
	{"a quoted listing", 0, false, eachLine(func(n int, line string) string { return fmt.Sprintf("> %3d  %s", n, line) })},
	{"a fence of a wiki", 1, false, func(text string) string { return "```text\n" + text + "```\n" }},
	{"a code block of a ticket", 1, false, func(text string) string { return "{code:title=out.txt}\n" + text + "{code}\n" }},
	{"line ends made twice", 0, false, func(text string) string { return strings.ReplaceAll(text, "\n", "\r\r\n") }},
	{"colours", 0, false, eachLine(func(_ int, line string) string { return "\x1b[1;32m" + line + "\x1b[0m" })},
	{"the time in brackets", 0, true, timed("[2024-05-01 10:11:%02d] %s")},
	{"the time in ISO form", 0, true, timed("2024-05-01T10:11:%02dZ %s")},
	{"the time of ts", 0, true, timed("May  1 10:11:%02d %s")},
	{"the time of day in brackets", 0, true, timed("[10:11:%02d] %s")},
	{"the time of day with a fraction", 0, true, timed("10:11:%02d.123 %s")},
	{"the time of iTerm", 0, true, timed("[5/1/24, 10:11:%02d.123 AM] %s")},
	{"the time with a narrow blank", 0, true, timed("[5/1/24, 10:11:%02d\u202fPM] %s")},
	{"the time of Tera Term", 0, true, timed("[Wed May 01 10:11:%02d.123 2024] %s")},
	{"a system's log", 0, true, timed("May  1 10:11:%02d pc1 script[4711]: %s")},
	{"a list with dashes", 0, true, eachLine(func(_ int, line string) string { return "- " + line })},
	{"a list with stars", 0, true, eachLine(func(_ int, line string) string { return strings.TrimRight("  * "+line, " ") })},
	{"a list with dots", 0, true, eachLine(func(_ int, line string) string { return "\u2022 " + line })},
	{"a diff of a new file", 5, true, func(text string) string {
		return "diff --git a/p.txt b/p.txt\nnew file mode 100644\n--- /dev/null\n+++ b/p.txt\n@@ -0,0 +1," +
			fmt.Sprint(strings.Count(text, "\n")) + " @@\n" + eachLine(func(_ int, line string) string { return "+" + line })(text)
	}},
	{"a diff with context", 4, true, func(text string) string {
		n := strings.Count(text, "\n")
		return fmt.Sprintf("--- p.txt\n+++ p.txt\n@@ -1,%d +1,%d @@ head\n-    reach 0\n", n+1, n) +
			eachLine(func(_ int, line string) string { return strings.TrimRight(" "+line, " ") })(text) + "\\ No newline at end of file\n"
	}},
	{"a block of YAML", 2, true, func(text string) string {
		return "host: p\nstdout: |-\n" + eachLine(func(_ int, line string) string { return "    " + line })(text) + "changed: false\nrc: 0\n"
	}},
	{"a typescript", 2, true, func(text string) string {
		return "Script started on 2024-05-01\nanna@pc1:~$ ssh admin@cm1\n" + text + "anna@pc1:~$ exit\nlogout\nScript done on 2024-05-01\n"
	}},
	{"a session of root", 1, true, func(text string) string {
		return "[root@pc1 ~]# ssh admin@cm1\n" + text + "Connection to cm1 closed.\n[root@pc1 ~]# \n"
	}},
	{"soft hyphens", 0, true, func(text string) string { return strings.ReplaceAll(text, "admin:", "ad\u00admin:") }},
	{"ligatures", 0, true, func(text string) string { return strings.ReplaceAll(text, "refid", "re\ufb01d") }},
	{"blanks of a web page", 0, true, func(text string) string { return strings.ReplaceAll(text, "  ", "\u00a0\u00a0") }},
	{"wide blanks", 0, true, func(text string) string { return strings.ReplaceAll(text, "  ", "\u2003\u2003") }},
	{"invisible characters", 0, true, eachLine(func(_ int, line string) string { return line + "\u200b" })},
	{"bars of a ticket", 0, true, eachLine(func(_ int, line string) string { return "| " + line })},
	{"a table with one column", 0, true, eachLine(func(_ int, line string) string { return "| " + line + " |" })},
	{"references of HTML", 0, true, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;").Replace},
	{"backslashes of Markdown", 0, true, func(text string) string {
		if strings.Contains(text, "run sql") {
			return text // a backslash there may be of a name
		}
		return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "\n=", "\n\\=").Replace(text)
	}},
	{"breaks of HTML", 0, false, eachLine(func(_ int, line string) string { return line + "<br>" })},
	{"a mail", 2, false, func(text string) string {
		return "Content-Transfer-Encoding: quoted-printable\n\n" + strings.ReplaceAll(text, "=", "=3D")
	}},
	{"HTML in pre", 1, false, func(text string) string {
		return "<pre>\n" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text) + "</pre>\n"
	}},
}

var decorated = []struct {
	name, text string
	format     export.Format
}{
	{"a table", `admin:run sql select name, nodeid, tkprocessnoderole from processnode
name               nodeid tkprocessnoderole
================== ====== =================
EnterpriseWideData 1      1
cm1.example.com    2      1
imp1.example.com   3      2
`, export.RunSQL},
	{"a status", `admin:utils ntp status
ntpd (pid 4822) is running...

     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
*10.0.0.1        .GPS.            1 u   33   64  377    0.412   -0.112   0.051

synchronised to NTP server (10.0.0.1) at stratum 2
`, export.CLI},
	{"settings", `Presence.Primary.Address = cup1.south.test
Presence.Domain = north.test
Directory.Password = S3cr3tM4rk
`, export.Properties},
}

func TestWhatOthersAddedToAPasteIsNoPartOfIt(t *testing.T) {
	for _, text := range decorated {
		plain, err := new(export.Reader).Parse("p.txt", []byte(text.text))
		if err != nil {
			t.Fatal(err)
		}
		want := described(plain, 0)
		for _, d := range decorations {
			if d.printed && text.format == export.Properties {
				continue
			}
			t.Run(text.name+" with "+d.name, func(t *testing.T) {
				data := []byte(d.with(text.text))
				e, err := new(export.Reader).Parse("p.txt", bytes.Clone(data))
				if err != nil {
					t.Fatal(err)
				}
				if got := described(e, d.shift); got != want || e.Format != text.format {
					t.Errorf("%s: got %s\nwant %s", e.Format, got, want)
				}
				for i := range e.Properties {
					p := &e.Properties[i]
					r := e.Range(p)
					if got := string(data[r.Start:r.End]); !strings.Contains(got, p.Value) && !strings.Contains(p.Name, "Command") &&
						!p.Secret() && strings.Contains(text.text, p.Value) {
						t.Errorf("%s: the range holds %q, the value is %q", p.Name, got, p.Value)
					}
					line := strings.Split(string(data), "\n")[r.Line-1]
					if col := string([]rune(line)[r.Column-1:]); !strings.HasPrefix(col, string(data[r.Start:r.End])) {
						t.Errorf("%s: column %d begins with %q", p.Name, r.Column, col)
					}
				}
				out, err := export.Redact("p.txt", data, export.Auto)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := string(out.Data), strings.ReplaceAll(string(data), "S3cr3tM4rk", export.Redacted); got != want {
					t.Errorf("the redacted copy is %q, want %q", got, want)
				}
			})
		}
	}
}

// described lists the properties with their lines.
func described(e *export.Export, shift int) string {
	var b strings.Builder
	for i := range e.Properties {
		p := &e.Properties[i]
		value := p.Value
		if strings.HasSuffix(p.Name, ".Command") {
			value, _, _ = strings.Cut(value, " (")
		}
		fmt.Fprintf(&b, "%d %s = %s\n", e.Range(p).Line-shift, p.Name, value)
	}
	return b.String()
}

func TestTextThatOnlyLooksDecoratedStays(t *testing.T) {
	for _, c := range []struct{ name, text, key, value string }{
		{"a log with its own times", timed("2024-05-01 10:11:%02d INFO %s")("Presence.Domain = north.test\nb\nc\n"), "Presence.Domain",
			"north.test"},
		{"an invisible character of a value", "Presence.Domain = north.test\u200b\n", "Presence.Domain", "north.test\u200b"},
		{"a value in typographic quotes", "Presence.Domain = \u201cnorth.test\u201d\nb = c\n", "Presence.Domain", "\u201cnorth.test\u201d"},
		{"two quoted lines", "> a\n> b\nPresence.Domain = north.test\n", "Presence.Domain", "north.test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := new(export.Reader).Parse("p.txt", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			k, _, _ := export.Lookup(c.key)
			if p := e.Get(k); p == nil || p.Value != c.value {
				t.Errorf("%s is %+v, want %q", c.key, p, c.value)
			}
		})
	}
}

const mailedFile = "Hi all,\n\nthe file is below. The password is S3cr3tM4rk.\n\n" +
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<config version=\"1.0\">\n" +
	"  <Directory>\n    <DirectoryServerType>AD</DirectoryServerType>\n  </Directory>\n</config>\n\nRegards\nJane\n"

func TestAFileInAMailIsRead(t *testing.T) {
	quoted := eachLine(func(_ int, line string) string { return "> " + line })
	for name, text := range map[string]string{"as it is": mailedFile, "quoted": quoted(mailedFile)} {
		t.Run(name, func(t *testing.T) {
			e, err := new(export.Reader).Parse("mail.txt", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Properties) != 1 || e.Format != export.Jabber || e.Range(&e.Properties[0]).Line != 8 {
				t.Errorf("read as %s: %+v", e.Format, e.Properties)
			}
			if i := e.Ignored(); i == nil || i.Count != 4 || i.First[0].Line != 1 || strings.Contains(fmt.Sprint(i), "S3cr3tM4rk") {
				t.Errorf("skipped: %+v", i)
			}
			out, err := export.Redact("mail.txt", []byte(text), export.Auto)
			if err != nil || bytes.Contains(out.Data, []byte("S3cr3tM4rk")) || !bytes.Contains(out.Data, []byte("Jane")) {
				t.Errorf("%v: the copy is %s", err, out.Data)
			}
		})
	}
	_, err := new(export.Reader).Parse("jabber-config.xml", []byte(mailedFile))
	if err == nil || !strings.Contains(err.Error(), "ignore the whole file") {
		t.Errorf("in the file of the client: %v", err)
	}
}

func TestATableWhoseLinesAreParagraphs(t *testing.T) {
	text := strings.ReplaceAll(decorated[0].text, "\n", "\n\n")
	e, err := new(export.Reader).Parse("p.txt", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if e.Get(export.ClusterNodeName) == nil && len(e.Properties) < 4 || e.Range(&e.Properties[0]).Line != 9 {
		t.Errorf("%+v", e.Properties)
	}
}

func TestASecretInALineThatADiffRemovesIsMasked(t *testing.T) {
	text := "--- a.txt\n+++ a.txt\n@@ -1,4 +1,4 @@\n admin:show version active\n Active Master Version: 12.5.1.11900-146\n" +
		"-password: geheim77!\n+password: geheim78!\n admin:\n"
	clean := string(export.Scrub("a.txt", []byte(text)).Data)
	if strings.Contains(clean, "geheim") || !strings.Contains(clean, "\n-password: ") || !strings.Contains(clean, "\n+password: ") {
		t.Errorf("redacted: %s", clean)
	}
}
