package secret_test

import (
	"os"
	"strings"
	"testing"

	"cupclint/internal/secret"
)

// table knows what the tests need of the key space.
type table struct{}

var known = map[string]bool{
	"directory.password": true, "connectionpassword": true, "directory.primary.address": false, "directory.primary.port": false,
	"directory.dn":    false,
	"presence.domain": false, "calendar.primary": false, "cachepasswordmobile": false, "forgot_password_url": false,
	"photourisubstitutiontoken": false,
	"photouriwithtoken":         false, "exchange_usecredentialsfrom": false, "usewindowscredentials": false,
}

func (table) Key(name string) (isSecret, ok bool) {
	isSecret, ok = known[strings.ToLower(name)]
	return isSecret, ok
}

func (table) Near(string) (isSecret, ok bool) { return false, false }

func TestSecretsAreFoundInTextWithoutStructure(t *testing.T) {
	data, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	escapes := strings.NewReplacer(`\t`, "\t", `\n`, "\n")
	for block := range strings.SplitSeq(string(data), "\n%%\n") {
		for strings.HasPrefix(block, "#") && strings.Contains(block, "\n") && !strings.HasPrefix(block, "# nothing") {
			_, block, _ = strings.Cut(block, "\n")
		}
		marked := escapes.Replace(strings.TrimSuffix(block, "\n"))
		text := strings.NewReplacer("«", "", "»", "").Replace(marked)
		want := marks(marked)
		found := secret.Find(text, table{})
		got := secret.Replace(text, found, "[]")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s\n%+v", text, got, want, found)
		}
	}
}

// marks puts [] in the place of what is marked.
func marks(s string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "«")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		var in string
		in, s, _ = strings.Cut(rest, "»")
		if in != "" {
			b.WriteString("[]")
		}
	}
}

// Whatever the text: spans in order, inside it and apart, no panic, and the masked text has nothing of a found secret in its place.
func FuzzFind(f *testing.F) {
	data, _ := os.ReadFile("testdata/lines.txt")
	for block := range strings.SplitSeq(string(data), "\n%%\n") {
		f.Add(block)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, s := range secret.Find(text, table{}) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("span %+v in %d bytes after %d", s, len(text), at)
			}
			at = s.End
		}
		secret.Hide(text, nil)
		secret.Suspects(text, table{})
	})
}
