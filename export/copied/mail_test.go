package copied_test

import (
	"bytes"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

// properties are the lines, names and values of a text.
func properties(t *testing.T, text string) string {
	t.Helper()
	e, err := (&export.Reader{Force: export.Properties}).Parse("mail.eml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range e.Properties {
		p := &e.Properties[i]
		all = append(all, fmt.Sprintf("%d %s=%s", e.NameRange(p).Line, p.Name, p.Value))
	}
	return strings.Join(all, ", ")
}

func TestMails(t *testing.T) {
	const head = "From: it@acme.com\nContent-Transfer-Encoding: Quoted-Printable\n\n"
	const parts = "Content-Type: multipart/mixed; boundary=\"b 1\"\n\nA=3D1\n--b 1\nContent-Transfer-Encoding: 7bit\n\nA=3D2\n--b 1\n" +
		"Content-Transfer-Encoding: quoted-printable\n\nA=3D3\n---------\nA=3D4\n--b 1\nX: y\n\nA=3D5\n"
	long := strings.Repeat("x", 70)
	for name, c := range map[string]struct{ text, want string }{
		"broken lines":                           {head + "Presence.Domain=3Dac=\nme.c=\nom\nA=3D1\n", "4 Presence.Domain=acme.com, 7 A=1"},
		"blanks after the sign of a broken line": {head + "A=3D1= \t\n2\nB=3D2", "4 A=12, 6 B=2"},
		"returns":                                {strings.ReplaceAll(head+"A=3D1=\n2\nB=3D2\n", "\n", "\r\n"), "4 A=12, 6 B=2"},
		"once":                                   {head + "A=3D=3D41\n", "4 A==41"},
		"more than ASCII":                        {head + "A=3D=C3=BC=E2=82=AC=3D\n", "4 A=ü€="},
		"invalid UTF-8, and controls":            {head + "A=3D=FC=1B=7F=00\n", "4 A==FC=1B=7F=00"},
		"what is not encoded":                    {head + "A=3D=X=4=\n", "4 A==X=4"},
		"the parts of a mail":                    {parts, "3 A=3D1, 7 A=3D2, 11 A=3, 13 A=4, 17 A=3D5"},
		"a piece of a mail":                      {"A=3D" + long + "=\nB\n\nB=3D" + long + "=\nC\n", "1 A=" + long + "B, 4 B=" + long + "C"},
		"a file that only looks like one":        {"A=3D" + long + "\nB=1=\nC=2=\n", "1 A=3D" + long + ", 2 B=1=, 3 C=2="},
		"the word in another text":               {"# quoted-printable\nA=3D1\n", "2 A=3D1"},
	} {
		if got := properties(t, c.text); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// Lines and columns are those of the mail, also in a line that it has in several.
func TestPlacesInMails(t *testing.T) {
	text := "Content-Transfer-Encoding: quoted-printable\n\nPresence=\n.Domain=3Dac=\nme.com\nB=3D1\nA=3D=\n1=\n\nC=3D2\n"
	e, err := (&export.Reader{Force: export.Properties}).Parse("mail.eml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"3:1-4:8 4:11-5:7 .Domain=acme.com", "6:1-6:2 6:5-6:6 B=1", "7:1-7:2 8:1-8:2 1", "10:1-10:2 10:5-10:6 C=2"}
	for i, w := range want {
		p := &e.Properties[i]
		n, v := e.NameRange(p), e.Range(p)
		line, _ := e.Source(v, 20, 100)
		got := fmt.Sprintf("%d:%d-%d:%d %d:%d-%d:%d %s", n.Line, n.Column, n.EndLine, n.EndColumn, v.Line, v.Column, v.EndLine, v.EndColumn, line)
		if got != w {
			t.Errorf("%s: %s, want %s", p.Name, got, w)
		}
		if one := e.SourceLine(v.Line); one != line {
			t.Errorf("%s: %q, and alone %q", p.Name, line, one)
		}
	}
}

// A value that a mail breaks is hidden as a whole, and nothing else of the file changes.
func TestRedactedMails(t *testing.T) {
	for pad := range 80 {
		var b bytes.Buffer
		b.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(&b)
		fmt.Fprintf(w, "Hello Anna,\r\n\r\n%s Password=S3cr3t=Mark99 and more\r\nthe end", strings.Repeat("x", pad))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		out := export.Scrub("mail.eml", b.Bytes())
		joined := strings.ReplaceAll(string(out.Data), "=\r\n", "")
		if !strings.HasSuffix(joined, "x Password=3D"+export.Redacted+" and more\r\nthe end") && pad > 0 || strings.Contains(joined, "ark99") {
			t.Errorf("%d: %q", pad, out.Data)
		}
	}
}

// A hostile mail with as many boundaries as lines, and a long one with a finding in each line, take as long as they are long.
func TestHostileMails(t *testing.T) {
	const head = "Content-Transfer-Encoding: quoted-printable\n"
	measure := func(text string) time.Duration {
		began := time.Now()
		e, err := (&export.Reader{Force: export.Properties}).Parse("mail.eml", []byte(text))
		if err == nil {
			for i := range e.Properties {
				e.Source(e.Range(&e.Properties[i]), 20, 100)
			}
		}
		return time.Since(began)
	}
	for name, line := range map[string]string{
		"boundaries in lines": "boundary=%05d\n", "boundaries in one line": "boundary=%05d", "findings": "A%d=3D1\n",
	} {
		build := func(n int) string {
			var b strings.Builder
			b.WriteString(head)
			if name == "findings" {
				b.WriteString("\n")
			}
			for i := range n {
				fmt.Fprintf(&b, line, i)
			}
			return b.String() + "\n\nA=3D1\n"
		}
		small, large := build(4000), build(32000)
		if a, b := measure(small), measure(large); b > 40*a && b > 40*measure(small) {
			t.Errorf("%s: %v, and eight times as much %v", name, a, b)
		}
	}
}
