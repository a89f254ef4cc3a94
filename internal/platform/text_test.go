package platform

import (
	"testing"
	"unicode/utf8"
)

func TestTextOfEditorsOfWindows(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"geheim\r\n", "geheim\r\n"}, {"\xef\xbb\xbfgeheim", "geheim"}, {"\xff\xfeZ\x00\xfc\x00\r\x00\n\x00", "Zü\r\n"},
		{"\xfe\xff\x00Z\xd8\x3d\xde\x00", "Z😀"}, {"\xff\xfeZ\x00x", "Z"}, {"\xef\xbb\xbf", ""}, {"\xff\xfe", ""}, {"", ""},
		{"\xfc\xe4", "\xfc\xe4"}, {"a\xef\xbb\xbf", "a\xef\xbb\xbf"},
	} {
		if got := string(Text([]byte(c.in))); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a", "\xef\xbb\xbfa", "\xff\xfea\x00", "\xfe\xff\xd8\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := Text(data); len(got) > 2*len(data) || utf8.Valid(data) && !utf8.Valid(got) {
			t.Errorf("%q: %q", data, got)
		}
	})
}
