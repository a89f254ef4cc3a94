package export

import (
	"strings"
	"testing"
	"unicode/utf16"
)

func remarksOf(t *testing.T, file, text string) []Remark {
	t.Helper()
	e, err := new(Reader).Parse(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	found, _ := e.Remarks()
	return found
}

func TestRemarksAreFoundInEveryEncoding(t *testing.T) {
	const text = "# ü cupclint: ignore X known\r\nPresence.Domain = acme.com\r\n"
	utf16LE := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		utf16LE = append(utf16LE, byte(u), byte(u>>8))
	}
	for name, data := range map[string]string{"UTF-8": text, "with a mark": "\ufeff" + text, "UTF-16": string(utf16LE)} {
		found := remarksOf(t, "a.properties", data)
		if len(found) != 1 || found[0].Text != "ignore X known" || found[0].At.Line != 1 || found[0].At.Column != 5 ||
			found[0].From != (Spot{2, 1}) || found[0].To.Line != 2 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestWhatIsNoCommentIsNone(t *testing.T) {
	for name, tt := range map[string]struct{ file, text, want string }{
		"CDATA": {"jabber-config.xml", "<config version=\"1.0\"><Policies><Screen_Capture_Enabled><![CDATA[<!-- cupclint: ignore X y -->]]>" +
			"</Screen_Capture_Enabled></Policies></config>", "part of the value"},
		"YAML, a block": {"a.yaml", "Presence.Domain: |\n  # cupclint: ignore X known\n  acme.com\nPresence.Primary.Address: cups1\n",
			"part of the value"},
		"YAML, quoted": {"a.yaml", "Presence.Domain: \"a # cupclint: ignore X known\"\nPresence.Primary.Address: cups1\n", "part of the value"},
		"JSON":         {"a.json", "{\"Presence.Domain\": \"a\", \"note\": \"# cupclint: ignore X known\"}", "part of the value"},
	} {
		found := remarksOf(t, tt.file, tt.text)
		if len(found) != 1 || !strings.Contains(found[0].Misplaced, tt.want) || found[0].From != (Spot{}) {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// Many remarks and many comments between them and what they are about take no more than a moment, and are bounded.
func TestRemarksAreBounded(t *testing.T) {
	text := strings.Repeat("# cupclint: ignore X known\n", 3*MaxRemarks) + strings.Repeat("#\n", 200_000) + "Presence.Domain = acme.com\n"
	e, err := new(Reader).Parse("a.properties", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if found, more := e.Remarks(); len(found) != MaxRemarks || !more {
		t.Errorf("%d remarks, more %v", len(found), more)
	}
}

func FuzzRemarks(f *testing.F) {
	for _, s := range []string{"# cupclint: ignore X known\nPresence.Domain = a", "<config><!-- cupclint: ignore X y --><a>b</a></config>",
		"Presence:\n  Domain: a # cupclint: ignore X y\n", "<p:r xmlns:p=\"urn:cisco:epas:soap\"><!-- cupclint: ignore",
		"; cupclint:ignore-file"} {
		f.Add("a", s)
	}
	f.Fuzz(func(t *testing.T, file, text string) {
		e, err := new(Reader).Parse(file, []byte(text))
		if err != nil {
			return
		}
		found, _ := e.Remarks()
		for _, r := range found {
			if strings.ContainsAny(r.Text, "\n") || r.Misplaced == "" && (r.From.Line == 0 || r.To.Before(r.From)) ||
				r.Misplaced != "" && r.From.Line != 0 || r.At.Line == 0 {
				t.Errorf("%+v in %q", r, text)
			}
		}
	})
}
