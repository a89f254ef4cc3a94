package export

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// readBoth reads a text as it comes, and with the question which format it has. It reports whether the text was plain.
func readBoth(t *testing.T, file, text string) (plain bool) {
	t.Helper()
	var short, whole Reader
	got, gotErr := short.parse(file, []byte(text), nil)
	want, wantErr := whole.parse(file, []byte(text), &look{})
	if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
		t.Fatalf("%q: error %v, want %v", text, gotErr, wantErr)
	}
	if gotErr != nil {
		return false
	}
	for _, e := range [...]*Export{got, want} {
		e.Ignored() // both are asked for the same
		if len(e.Properties) == 0 {
			e.Properties = nil
		}
		for i := range e.Properties {
			e.Range(&e.Properties[i])
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: %d properties %+v, found %+v\nwant %d properties %+v, found %+v", text, len(got.Properties), got.Properties, got.Found,
			len(want.Properties), want.Properties, want.Found)
	}
	return short.readPlain(file)
}

// plainTexts are words that some reader or the search for secrets knows, each as the value of some keys, and all keys that may be plain.
func plainTexts(t testing.TB) (texts []string) {
	var words []string
	for _, name := range []string{"words.tsv", "commands.tsv"} {
		data, err := os.ReadFile(filepath.Join("..", "internal", "secret", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.FieldsFunc(string(data), func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.')
		}) {
			words = append(words, word, "cup1."+word)
		}
	}
	words = append(words, "msiexec", "CiscoJabberSetup.msi", "BEGIN", "bearer", "basic", "code", "data", "inline", "auth", "response", "INFO",
		"o", "2026-11-28", "10.1.2.3", "jabber-config.xml", "---", "-", ".", "NOT", "TRUE", "p4ssW0rd", "Str0ngP4ss",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "xoxb-"+strings.Repeat("1a", 20),
		"TlRMTVNTUA"+strings.Repeat("x", 200), strings.Repeat("a1", 60), strings.Repeat("x", 210))
	var names []string
	for k := KeyID(1); k < NumKeys; k++ {
		names = append(append(names, k.Name(1)), table[k].Aliases...)
	}
	for i, word := range words {
		texts = append(texts, names[i%len(names)]+" = "+word+"\nPresence.Primary.Address = cup1\n",
			"TFTP.Primary="+word+"\r\nPresence.Domain="+word)
	}
	for i, name := range names {
		texts = append(texts, name+" = "+words[i%len(words)]+"\n", "Presence.Domain = example.com\n"+strings.ToUpper(name)+" =x",
			"TFTP.Primary = msiexec\n"+name+"=CiscoJabberSetup.msi\n")
	}
	return texts
}

func TestPlainTextsAreReadAsOthersAre(t *testing.T) {
	plain := 0
	for _, text := range plainTexts(t) {
		if readBoth(t, "cup1.properties", text) {
			plain++
		}
	}
	if plain < 1000 {
		t.Errorf("only %d texts are plain", plain)
	}
	for _, text := range []string{
		"Presence.Domain = example.com\n# cupclint-disable PRES001\n", "Presence.Domain: example.com\n", "Presence.Domain = a b\n",
		"Presence.Domain = example.com\n\nDirectory.Password = x\n", "Presence.Domain = example.com \n", " Presence.Domain = example.com\n",
		"Presence.Domain =\n", "Presence.Domain", "Presence.Domain = a\rPresence.Domain = b\n", "\ufeffPresence.Domain = a\n",
		"\xff\xfe", "\xfe\xff",
		"presencedomain = a\n",
	} {
		readBoth(t, "cup1.properties", text)
	}
	for k := KeyID(1); k < NumKeys; k++ {
		for _, name := range append([]string{k.Name(1)}, table[k].Aliases...) {
			readBoth(t, "jabber-bootstrap.properties", name+" = x\n")
		}
	}
	if readBoth(t, "hw_validation.log", "Presence.Domain = example.com\n") {
		t.Error("the name of a file that says what its text is does not count")
	}
}

func FuzzPlain(f *testing.F) {
	for i, text := range plainTexts(f) {
		if i%50 == 0 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { readBoth(t, "cup1.properties", text) })
}
