package copied_test

import (
	"slices"
	"strings"
	"testing"

	"cupclint/export/copied"
)

// marked are formats in which the output of a server is what has a line that begins with "admin:". The values of "free_password" are not
// secret.
func marked() *copied.Formats {
	return &copied.Formats{
		Printed:     func(text string) bool { return strings.Contains("\n"+text, "\nadmin:") },
		Table:       func(text string) bool { return strings.HasPrefix(text, "admin:run sql") },
		Log:         func(text string) bool { return strings.Contains(text, "LOG") },
		XML:         func(text string) bool { return strings.HasPrefix(text, "<?xml") },
		RegistryKey: func(key string) bool { return strings.HasSuffix(key, "Ours") },
		Depth:       3,
		Names:       names{},
		Document:    func(line string) bool { return strings.HasPrefix(line, "<ours>") },
	}
}

// undecorated is a text without what was around it.
func undecorated(text string) (copied.Text, bool) {
	t := copied.Text{S: text, Original: text}
	found := marked().Undecorate(&t)
	return t, found
}

type names struct{}

func (names) Key(name string) (isSecret, known bool) { return false, name == "free_password" }
func (names) Near(string) (isSecret, known bool)     { return false, false }

func TestWhatComesOut(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a quote", "> a = 1\n> \n> b = 2\n", "a = 1\n\nb = 2\n"},
		{"a quoted listing", "> 1  a\n> 2  b\n> 3  c\n", "a\nb\nc\n"},
		{"a list", "- admin:show\n- x\n- y\n", "admin:show\nx\ny\n"},
		{"times", "[10:00:01] admin:show\n[10:00:02] x\n[10:00:03] y\n", "admin:show\nx\ny\n"},
		{"byte order marks", "\ufeff\ufeffa\n\ufeffb\n", "a\nb\n"},
		{"a document with references", "x &amp; y\n &lt;ours&gt;1&lt;/ours&gt;\n", "x & y\n <ours>1</ours>\n"},
		{"a page", "<html><body>admin:show<br>a &lt;b&gt;</body></html>", "admin:show\na <b>\n"},
		{"a string of JSON", `["admin:show\n\ta"]`, "[\nadmin:show\n\ta\n\nadmin:\n]"},
		{"a document", "<?xml version='1.0'?>\r\r\n> a\n> b\n> c\n", "<?xml version='1.0'?>\r\n> a\n> b\n> c\n"},
	} {
		got, found := undecorated(c.text)
		if !found || !got.Decorated() || got.S != c.want || got.Original != c.text {
			t.Errorf("%s: %t %q, want %q", c.name, found, got.S, c.want)
		}
		checkPlaces(t, &got)
	}
	got, found := undecorated("A   : 1\nPSPath : x\\Registry::HKEY_USERS\\Ours\n")
	if !found || !strings.Contains(got.S, "HKEY_USERS\\Ours\n    A    REG_SZ    1\n") {
		t.Errorf("an object: %t %q", found, got.S)
	}
	checkPlaces(t, &got)
}

// checkPlaces proves that the places are in order, that a byte which was taken over is at its place, and that Find undoes Place.
func checkPlaces(t *testing.T, text *copied.Text) {
	t.Helper()
	last := 0
	for i := range len(text.S) + 1 {
		at := text.Place(i)
		if at < last || at > len(text.Original) {
			t.Errorf("%q: the place of %d is %d, after %d", text.S, i, at, last)
		}
		if first := text.Find(at); first > i || text.Place(first) != at {
			t.Errorf("%q: what is at %d of the original is found at %d", text.S, at, first)
		}
		if cut := text.Cut(i); !strings.HasSuffix(text.Original[:at], cut) {
			t.Errorf("%q: %q is not before %d", text.S, cut, i)
		}
		last = at
	}
}

func TestWhatStays(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                "",
		"settings":               "a = 1\nb = 2\n",
		"two quoted lines":       "> a\n> b\nc\n",
		"a list of others":       "- a\n- b\n- c\n",
		"a page of others":       "<html><body>a<br>b</body></html>",
		"a log":                  "2024-05-01 10:00:01 LOG admin:show\n2024-05-01 10:00:02 a\n2024-05-01 10:00:03 b\n",
		"another registry key":   "A : 1\nPSPath : x\\Registry::HKEY_USERS\\Theirs\n",
		"JSON that is too deep":  `[[[[["admin:show\n"]]]]]`,
		"a document with signs":  "<?xml version='1.0'?>\n> a\n> b\n> c\n",
		"some backslashes":       "admin:show\nACME\\_svc a_b\n",
		"backslashes of a table": "admin:run sql select 1\n\\_\n",
		"references of a table":  "admin:run sql select 1\n&lt;\n",
		"a text of hours":        strings.Repeat("> a\n", copied.Max/4+1),
	} {
		if got, found := undecorated(text); found || got.Decorated() || got.S != text {
			t.Errorf("%s: %q is found in %q", name, got.S[:min(len(got.S), 100)], text[:min(len(text), 100)])
		}
	}
}

func TestWhatIsCutBeforeAPlace(t *testing.T) {
	text, _ := undecorated("| admin:show |\n| a |\n| b |\n")
	end := strings.Index(text.S, "show ") + len("show ")
	if text.Cut(end) != "|" || text.Place(end) != len("| admin:show |") {
		t.Errorf("before the end of the first line %q is cut, the place is %d", text.Cut(end), text.Place(end))
	}
	if cut := text.Cut(end - 1); cut != "" {
		t.Errorf("before the end of the command %q is cut", cut)
	}
}

// A second copy of an output is not in the text. The places of both are known.
func TestCopies(t *testing.T) {
	const text = `{"a":"admin:show\nx","b":["admin:show","x"]}`
	got, found := undecorated(text)
	if !found || !got.InDocument || len(got.Copies) != 1 || strings.Count(got.S, "show") != 1 {
		t.Fatalf("%t %+v", found, got)
	}
	c := got.Copies[0]
	if len(c.Of) != len(c.At) || !slices.IsSorted(c.Of) || !slices.IsSorted(c.At) {
		t.Fatalf("the places are %d and %d", c.Of, c.At)
	}
	for i := range len("admin:show") {
		if text[c.Of[i]] != text[c.At[i]] || text[c.Of[i]] != "admin:show"[i] {
			t.Errorf("byte %d is at %d and %d", i, c.Of[i], c.At[i])
		}
	}
}

// What is not shown stays in the text where it has a secret.
func TestSecretsStay(t *testing.T) {
	got, found := undecorated("<html>" +
		"<!-- password = Grey9Hen2x\n--><!-- free_password = Blue8Hen3y\n--><body>admin:show</body></html>")
	if !found || !strings.Contains(got.S, "password = Grey9Hen2x") || strings.Contains(got.S, "Blue8Hen3y") {
		t.Errorf("%t %q", found, got.S)
	}
}

func TestPaste(t *testing.T) {
	for text, want := range map[string]string{
		"> a\u00a0b\n> \u201cc\u201d\n> d\u200b\n": "a b\n\"c\"\nd\n",
		"a\u2013b":                             "a-b",
		"<html><body>admin:show</body></html>": "<html><body>admin:show</body></html>",
		"a":                                    "a",
	} {
		if got := marked().Paste(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
