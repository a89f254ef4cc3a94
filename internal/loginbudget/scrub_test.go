package loginbudget

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestScrubTakesEveryFormOut(t *testing.T) {
	const p = `Geh"eim & 7`
	s := NewSecret(p)
	for _, text := range []string{
		p, strings.ToUpper(p), strings.ToLower(p), "pw=" + url.QueryEscape(p), url.PathEscape(p),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("alice:"+p)),
		"x" + base64.URLEncoding.EncodeToString([]byte(p)), hex.EncodeToString([]byte(p)), strings.ToUpper(hex.EncodeToString([]byte("a:" + p))),
		`"Geh\"eim & 7"`,
	} {
		if got := s.scrub("a " + text + " b"); !strings.HasPrefix(got, "a ") || !strings.HasSuffix(got, " b") ||
			!strings.Contains(got, redacted) || strings.Contains(got, text) {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := NewSecret("abc").scrub("abcd, abc, xabc"); got != "abcd, [redacted], xabc" {
		t.Errorf("a short secret tears words apart: %s", got)
	}
	for _, s := range []Secret{{}, NewSecret("")} {
		if got := s.scrub("a b"); got != "a b" {
			t.Errorf("no secret: %s", got)
		}
	}
}

func TestScrubAllReachesEveryText(t *testing.T) {
	type inner struct{ Text string }
	type seen struct {
		inner
		Named  string
		List   []string
		Inner  []inner
		Ptr    *inner
		Nil    *inner
		Map    map[string]string
		Any    any
		Number int
		hidden string
	}
	const p = "Geheim.7"
	make := func() *seen {
		return &seen{inner{p}, "a " + p, []string{p, "b"}, []inner{{p}}, &inner{p}, nil, map[string]string{"k": p}, &inner{p}, 7, "x"}
	}
	o := make()
	ScrubAll(o, []string{"dc1.acme.test", ""}, Secret{}, NewSecret(p))
	if strings.Contains(strings.Join([]string{o.Text, o.Named, o.List[0], o.Inner[0].Text, o.Ptr.Text, o.Map["k"], o.Any.(*inner).Text}, " "),
		p) || o.List[1] != "b" || o.hidden != "x" {
		t.Errorf("%+v", o)
	}
	o = make()
	if ScrubAll(o, []string{"CN=geheim.7,DC=acme"}, NewSecret(p)); o.Named != "a "+p {
		t.Errorf("a word of the configuration loses its meaning: %+v", o)
	}
}

func TestScrubAtTheEdges(t *testing.T) {
	code := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ secret, text, want string }{
		{"abcd", "xabcdx", "x[redacted]x"}, {"abc", "xabcx", "xabcx"}, {"abc", "abc", redacted}, {"abc", "(abc) 0abc abc9 zabc abcZ", "(" +
			redacted + ") 0abc abc9 zabc abcZ"}, {"abc", "/abc: abc`abc{", "/[redacted]: [redacted]`[redacted]{"},
		{"abc", "abc@abc[", redacted + "@" + redacted + "["},
		{"abcd", "", ""}, {"abcd", "no secret", "no secret"}, {"abcd", "ABCD", redacted},
		{"Geheim.7", code([]byte("u:Geheim.7!")), redacted + "="}, {"Geheim.7", "ab" + code([]byte("Geheim.7")), redacted + "="},
		{"Geheim.7", "abc" + code([]byte("Geheim.7")), redacted + "="}, {"Geheim.7", code([]byte("Geheim.8")), code([]byte("Geheim.8"))},
		{"Geheim.7", hex.EncodeToString([]byte("Geheim.8")), hex.EncodeToString([]byte("Geheim.8"))},
		{"Geheim.7", code([]byte("Geheim.7"))[:11] + "x", redacted},
	} {
		if got := NewSecret(c.secret).scrub(c.text); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.secret, c.text, got, c.want)
		}
	}
	o := struct {
		Map   map[string][]string
		Bytes []byte
		Ports []int
	}{map[string][]string{"k": {"a Geheim.7"}}, []byte("Geheim.7"), []int{7}}
	if ScrubAll(&o, nil, NewSecret("Geheim.7")); o.Map["k"][0] != "a "+redacted || len(o.Bytes) != 8 || o.Ports[0] != 7 {
		t.Errorf("%+v", o)
	}
	// Each secret is judged alone: one that is a word of the configuration stays, the next one goes.
	text := "corp and Geheim.7"
	if ScrubAll(&text, []string{"dc.corp.example", "other"}, NewSecret("CORP"), NewSecret("Geheim.7")); text != "corp and "+redacted {
		t.Error(text)
	}
}

// The quick searches find what the plain ones do, which try every place and take a chunk of a code from a regular expression.
func TestScrubIsThePlainSearch(t *testing.T) {
	plainFold := func(text, form string) string {
		for at := 0; at+len(form) <= len(text); {
			if strings.EqualFold(text[at:at+len(form)], form) {
				text = text[:at] + redacted + text[at+len(form):]
				at += len(redacted)
				continue
			}
			at++
		}
		return text
	}
	chunks := regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}`)
	plainEncoded := func(text, secret string) string {
		return chunks.ReplaceAllStringFunc(text, func(chunk string) string {
			forms := []string{}
			if b, err := hex.DecodeString(chunk); err == nil {
				forms = append(forms, string(b))
			}
			std := strings.NewReplacer("-", "+", "_", "/").Replace(chunk)
			for from := 0; from < 4 && from < len(std); from++ {
				part := std[from:]
				if len(part)%4 == 1 {
					part = part[:len(part)-1]
				}
				if b, err := base64.RawStdEncoding.DecodeString(part); err == nil {
					forms = append(forms, string(b))
				}
			}
			for _, f := range forms {
				if strings.Contains(f, secret) {
					return redacted
				}
			}
			return chunk
		})
	}
	r := rand.New(rand.NewPCG(3, 4))
	// The long s and the Kelvin sign are an s and a k in another case. The last pieces are not UTF-8.
	pieces := []string{"k", "K", "\u212a", "s", "S", "\u017f", "a", "A", "Z", "z", "é", "É", "0", "9", "+", "/", "-", "_", "=",
		" ", "@", "[", "`", "{", ":", "\xe2", "\x84\xaa", "\xff", "\x00", "[redacted]"}
	some := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	replaced := [2]int{}
	for range 5_000 {
		secret := some(4 + r.IntN(4))
		other := strings.NewReplacer("k", "K", "S", "\u017f", "\u017f", "s", "s", "\u017f", "é", "É").Replace(secret)
		encoded := []string{base64.StdEncoding.EncodeToString([]byte(some(r.IntN(4)) + secret + some(r.IntN(4)))),
			base64.RawURLEncoding.EncodeToString([]byte(some(r.IntN(4)) + secret)), hex.EncodeToString([]byte(secret)),
			strings.ToUpper(hex.EncodeToString([]byte(secret))), base64.StdEncoding.EncodeToString([]byte(secret[1:]))}
		text := some(r.IntN(8))
		for range r.IntN(4) {
			text += []string{secret, other, encoded[r.IntN(len(encoded))], secret[1:], some(6)}[r.IntN(5)] + some(r.IntN(4))
		}
		for i, c := range []struct{ got, want string }{
			{replaceFold(text, secret), plainFold(text, secret)}, {replaceEncoded(text, secret), plainEncoded(text, secret)},
		} {
			if c.got != c.want {
				t.Fatalf("search %d for %q in %q gives %q, the plain one %q", i, secret, text, c.got, c.want)
			}
			if c.got != text {
				replaced[i]++
			}
		}
	}
	if replaced[0] < 500 || replaced[1] < 500 {
		t.Errorf("%d texts hold a secret", replaced)
	}
}
