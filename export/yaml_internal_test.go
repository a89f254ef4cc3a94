package export

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// naiveOffset walks from the start, as slowly as it is simple.
func naiveOffset(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	for ; column > 1 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

func FuzzLineIndex(f *testing.F) {
	f.Add("a: b\nc: d\n", 2, 4)
	f.Add("", 1, 1)
	f.Add("\n\n", 3, 2)
	f.Add(strings.Repeat("a", 200)+"\nb", 1, 150)
	f.Add(strings.Repeat("ä", 200)+"\nb", 1, 65)
	f.Add(strings.Repeat("aä\u20ac", 100)+"\nb", 1, 300)
	f.Add("x\n"+strings.Repeat("\U0001F600", 70), 2, 70)
	f.Fuzz(func(t *testing.T, text string, line, column int) {
		if line < 1 || column < 1 || !utf8.ValidString(text) {
			return
		}
		x := newLineIndex(text)
		for range 2 { // the second time from what was kept
			if got, want := x.offset(line, column), naiveOffset(text, line, column); got != want {
				t.Fatalf("%d:%d of %q is %d, want %d", line, column, text, got, want)
			}
		}
	})
}

// With work that grows with the square of the input these take minutes.
func TestLargeYAMLIsReadInLinearTime(t *testing.T) {
	var lines, line, anchors strings.Builder
	lines.WriteString("Presence.Domain: north.test\n")
	anchors.WriteString("Presence.Domain: north.test\n")
	line.WriteString("Presence.Domain: north.test\nm: {ü: 1")
	for i := range 25_000 {
		fmt.Fprintf(&lines, "k%d: {a: 1, b: [x, y]}\n", i)
		fmt.Fprintf(&anchors, "k%d: &x%d v\n", i, i)
		fmt.Fprintf(&line, ", k%d: ä", i)
	}
	line.WriteString("}\n")
	for name, text := range map[string]string{
		"lines":     lines.String(),
		"one line":  line.String(),
		"documents": strings.Repeat("---\nPresence.Domain: north.test\n", 80_000),
		"anchors":   anchors.String(),
	} {
		e, err := new(Reader).Parse("in.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		last := &e.Properties[len(e.Properties)-1]
		if got := text[last.valueStart:last.valueEnd]; got != last.Value {
			t.Errorf("%s: the last value %q is at %q", name, last.Value, got)
		}
	}
}

// A reader remembers names by their place in the file. What it reads must not depend on the files before.
func TestNamesOfEarlierYAMLAreNotThoseOfLaterOnes(t *testing.T) {
	texts := []string{
		"Presence:\n  Primary:\n    Address: a\n    Port: 1\n",
		"Presence:\n  Backup:\n    Address: a\n    Port: 1\n", // other names at the same places
		"Presence.Primary:\n  Address: a\n",
		"Presence.Primary.Address: a\nPresence.Domain: b\n",
		"Presence.Domain: b\nPresence.Primary.Address: a\n",
		"presence:\n  primary:\n    address: a\n", // the same key in other case
		"x: &x\n  Address: a\nPresence:\n  Primary: *x\n  Backup: {<<: *x, Port: 2}\n",
		"Secret:\n  Primary:\n    Address: a\nPresence.Domain: b\n",
		"Primary:\n- Address: a\n- Address: b\nPresence.Domain: b\n",
	}
	key := func(e *Export) (all string) {
		for _, p := range e.Properties {
			all += fmt.Sprintf("%s %d %d %s %v %v\n", p.Name, p.Key, p.N, p.Value, e.NameRange(&p), e.Range(&p))
		}
		return all
	}
	r := new(Reader)
	for i, first := range texts {
		for j, second := range texts {
			for _, text := range []string{first, second} {
				e, err := r.Parse("in.yaml", []byte(text))
				fresh, freshErr := new(Reader).Parse("in.yaml", []byte(text))
				if err != nil || freshErr != nil {
					t.Fatalf("%q: %v, %v", text, err, freshErr)
				}
				if got, want := key(e), key(fresh); got != want || got == "" {
					t.Errorf("%d before %d: %q is\n%s want\n%s", i, j, text, got, want)
				}
			}
		}
	}
	for _, n := range r.names {
		if strings.Contains(n.name, "Secret") {
			t.Errorf("the name %q is remembered, and is not a key", n.name)
		}
	}
}
