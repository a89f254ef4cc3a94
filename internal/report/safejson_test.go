package report

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestSafeJSONKeepsTheValueAndNothingThatATerminalObeys(t *testing.T) {
	want := "a\u007fb\u009b31m \u202e\u2066 \u200b\ufeff \U000e0001\U000f0000 äß\U0001F600 end"
	text, err := json.Marshal(map[string]string{"k": want})
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= len(text); step++ { // characters are split between writes
		var out bytes.Buffer
		w := SafeJSON(&out)
		for rest := text; len(rest) > 0; {
			n := min(step, len(rest))
			if m, err := w.Write(rest[:n]); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		var got map[string]string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["k"] != want {
			t.Fatalf("%q, %v", out.Bytes(), err)
		}
		for _, r := range out.String() {
			if r != utf8.RuneError && unsafe(r) {
				t.Fatalf("%U is written raw", r)
			}
		}
	}
}
