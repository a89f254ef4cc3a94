package loginbudget

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
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
