package export

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"cupclint/internal/secret"
)

// What lineSecrets says is what a look at all secrets for each separator says.
func TestLineSecretsSayWhatALookAtAllSays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const signs = "ab =:,;\"'{[(-/\t"
	insides, cut := 0, 0
	for range 20000 {
		line := make([]byte, 1+rnd.IntN(60))
		for i := range line {
			line[i] = signs[rnd.IntN(len(signs))]
		}
		text := string(line)
		var secrets []secret.Span
		for at := rnd.IntN(10); at < len(text); {
			s := secret.Span{Start: at, End: min(len(text), at+1+rnd.IntN(8))}
			s.NameStart = rnd.IntN(len(text)) // also after the secret, or far before it, as the head of a column is
			s.NameEnd = min(len(text), s.NameStart+rnd.IntN(4))
			if s.NameStart == s.NameEnd {
				s.NameStart, s.NameEnd = s.Start, s.Start
			}
			secrets = append(secrets, s)
			at = s.End + rnd.IntN(10)
		}
		near := newLineSecrets(text, secrets)
		for sep := range len(text) {
			if text[sep] != '=' && text[sep] != ':' {
				continue
			}
			end, stop := 0, len(text)
			for _, s := range secrets {
				if s.NameStart <= sep && sep < s.End && (s.NameStart < s.NameEnd || s.Start <= sep) {
					end = max(end, s.End)
				}
				if s.NameStart > sep && s.NameStart < s.NameEnd && s.NameStart < stop {
					before := strings.TrimRight(text[sep+1:s.NameStart], opening)
					if before == "" || strings.ContainsAny(before[len(before)-1:], " \t,") {
						stop = s.NameStart
					}
				}
			}
			got, inside := near.inside(sep)
			if inside != (end > 0) || inside && got != end {
				t.Fatalf("%q at %d with %+v: inside %d %v, want %d", text, sep, secrets, got, inside, end)
			}
			if inside {
				insides++
				continue
			}
			if got := near.next(sep, len(text)); got != stop {
				t.Fatalf("%q at %d with %+v: the value ends at %d, want %d", text, sep, secrets, got, stop)
			}
			if stop < len(text) {
				cut++
			}
		}
	}
	if insides < 1000 || cut < 1000 {
		t.Errorf("only %d separators were in secrets, and %d values were cut", insides, cut)
	}
}

// A line with many secrets takes time in proportion to them.
func TestLinesWithManySecretsTakeTimeInProportion(t *testing.T) {
	for name, pair := range map[string]string{
		"blanks":             "Directory.Password=Qz7hunter%06d ",
		"semicolons":         "Directory.Password=Qz7hunter%06d;",
		"a damaged document": `<e:property name="Directory.Password">Qz7hunter%06d</e:property `,
	} {
		t.Run(name, func(t *testing.T) {
			took := func(n int) time.Duration {
				var text bytes.Buffer
				for i := range n {
					fmt.Fprintf(&text, pair, i)
				}
				least := time.Hour
				for range 3 {
					start := time.Now()
					out := Scrub("in", text.Bytes())
					least = min(least, time.Since(start))
					if bytes.Contains(out.Data, []byte("Qz7hunter")) {
						t.Fatal("a secret stays")
					}
				}
				return least
			}
			few, many := took(1000), took(16000)
			if ratio := float64(many) / float64(few); ratio > 64 {
				t.Errorf("16 times the secrets take %.0f times the time", ratio)
			}
		})
	}
}

func TestLineCounter(t *testing.T) {
	lines := lineCounter{text: "a\nb\nc\nd"}
	for _, c := range []struct{ place, line int }{{0, 1}, {4, 3}, {4, 3}, {6, 4}, {2, 2}, {7, 4}} {
		if got := lines.at(c.place); got != c.line {
			t.Errorf("place %d is in line %d, want %d", c.place, got, c.line)
		}
	}
}
