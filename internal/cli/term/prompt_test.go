package term

import (
	"bytes"
	"strings"
	"testing"
)

// TestQuestion proves how answers are read: a word wins over the number of a line, nothing means not known.
func TestQuestion(t *testing.T) {
	var choices []Choice
	for _, c := range [][2]string{{"1.2", "CUPC 1.2"}, {"7", "CUPC 7.x"}, {"8", "CUPC 8.x"}, {"jabber", "Jabber"}} {
		choices = append(choices, Choice{Word: c[0], Also: []string{c[1]}, Title: c[1]})
	}
	for in, want := range map[string]string{
		"1\n": "1.2", "2\n": "7", "4\n": "jabber", "7\n": "7", "8\n": "8", "JABBER\n": "jabber", "\n": "", "": "", "9\nnonsense\n3\n": "8",
		"3": "8", "nonsense": "",
		"j\n": "jabber", "cupc 8\n": "8", "cupc\n": "", // it may mean several
		"?\n3\n": "8",
	} {
		var out bytes.Buffer
		got, err := NewPrompter(Screen{W: &out}, strings.NewReader(in)).Question("Which client is it?", "Help > About", "a hint", choices)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
		if strings.Contains(in, "nonsense\n") && !strings.Contains(out.String(), `"nonsense" is not an answer`) ||
			strings.Contains(in, "?") != strings.Contains(out.String(), "a hint") {
			t.Errorf("%q: %q", in, out.String())
		}
	}
}

// A question is highlighted on a terminal with colours, and only there.
func TestQuestionsInColour(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out strings.Builder
		p := NewPrompter(Screen{W: &out, Width: 80, Color: color}, strings.NewReader("1\n"))
		if _, err := p.Question("Who?", "there", "help", []Choice{{Word: "a", Title: "all"}}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "\x1b[1mWho?\x1b[0m") != color {
			t.Errorf("colour %v: %q", color, &out)
		}
	}
}
