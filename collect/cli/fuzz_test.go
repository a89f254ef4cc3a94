package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScreen reads what a terminal receives, as a whole and in pieces of another size. The result must be the same, bounded, without
// control characters, and whatever ends in the prompt, a pager or a question must be recognised without a panic.
func FuzzScreen(f *testing.F) {
	for _, seed := range []string{
		"show status\r\nHost Name : pub\r\n\r\nadmin:",
		"a\x1b[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\x1b[0m\r\x1b[Kb\r\nadmin:",
		"\x1b[1m\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines 61 - 80 of 207554) : \x1b[0m",
		"admin:\r\n\radmin:", "\x1b[Kadmin:show status\r\n", "Z\xc3\xbcrich\x00\b\b\x7f \x1b]0;title\x07x\x1b(B\xff\xc3",
		"Continue (y/n)?", "\x1b[99999999999D\x1b[31mx\x1b[",
		"show net \rtwork cluster\r\n10%\r20%\r\n",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = max(1, min(size, 1000))
		const limit = 4096
		read := func(size int) (*screen, string) {
			s, e := &screen{max: limit}, newEcho("admin:", "show network cluster")
			name := "admin"
			for rest := data; len(rest) > 0; {
				n := min(size, len(rest))
				s.write(e.filter(bytes.Clone(rest[:n])))
				rest = rest[n:]
				if i, _ := pagerPhrase(s.ending()); i >= 0 && len(rest) == 0 {
					s.strike(i)
				}
				if len(rest) == 0 {
					kindOf(s.ending(), "svc", &name)
					kindOf(s.ending(), "svc", nil)
				}
			}
			s.write(e.release())
			return s, string(s.out) + s.last()
		}
		one, whole := read(len(data) + 1)
		_, parts := read(size)
		if whole != parts {
			t.Errorf("as a whole %q, in pieces of %d bytes %q", whole, size, parts)
		}
		if len(one.out) > limit {
			t.Errorf("%d bytes are kept", len(one.out))
		}
		if i := strings.IndexFunc(whole, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }); i >= 0 {
			t.Errorf("a control character is left: %q", whole[i:])
		}
		if len(one.esc) > escMax || len(one.rest) >= utf8.UTFMax {
			t.Errorf("%d and %d bytes are held back", len(one.esc), len(one.rest))
		}
		judge(one.out, &Commands()[0])
	})
}

func TestScreen(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\r\n":                "a\nb\n",
		"a\r\r\nb":                  "a\nb",
		"10%\r20%\r\n":              "20%\n",
		"Zürich\b\bXX\n":            "ZüriXX\n",
		"ab\x1b[2Dc\n":              "cb\n",
		"abc\r\x1b[Kd\n":            "d\n",
		"abc\x1b[2Kd\n":             "   d\n",
		"abc\x1b[1K\n":              "   \n",
		"abc\x1b[2Gx\n":             "axc\n",
		"a\x1b[1;31mb\x1b[0mc\n":    "abc\n",
		"a\x1b]0;title\x07b\n":      "ab\n",
		"a\x1b]0;title\x1b\\b\n":    "ab\n",
		"a\x1b(Bb\x1b=c\n":          "abc\n",
		"a\x00b\x07\n":              "ab\n",
		"\xffa\xc3\n":               "\xffa\xc3\n",
		"a\tb\n":                    "a\tb\n",
		"x\x1b[" + "\n" + "y\n":     "x\ny\n",
		"x\x1b[1" + "\x1b[0m" + "y": "xy",
	} {
		for _, size := range []int{1, 2, 100} {
			s := &screen{max: 1000}
			for rest := []byte(in); len(rest) > 0; {
				n := min(size, len(rest))
				s.write(rest[:n])
				rest = rest[n:]
			}
			if got := string(s.out) + s.last(); got != want {
				t.Errorf("%q in pieces of %d: %q, want %q", in, size, got, want)
			}
		}
	}
}

func TestPrompts(t *testing.T) {
	name := "admin"
	for line, want := range map[string]lineKind{
		"admin:": linePrompt, "admin: ": linePrompt, "[12] admin:": linePrompt, "admin[3]:": linePrompt, "7 admin:": linePrompt,
		"administrator:": lineText, "The admin:": lineGlued, "svc:": lineText, "admin": lineText, "Status:": lineText, "": lineText,
		"Continue (y/n)?": lineQuestion, "Do you want to continue (yes/no) ?": lineQuestion, "(y/n):": lineQuestion,
		"New password:": lineQuestion,
		"Enter \"yes\" to continue or any other key to abort": lineQuestion, "Press any key to continue": lineQuestion,
		"Press <enter> for 1 line, <space> for one page, or <q> to quit":                 linePager,
		"x Press <enter> for 1 line, <space> for one page, or <q> to quit ":              linePager,
		"options: q=quit, n=next, p=prev, b=begin, e=end (lines 61 - 80 of 207554) : ":   linePager,
		"Press <enter> for 1 line, <space> for one page, or <q> to quit: this is quoted": lineText,
	} {
		if got := kindOf(line, "svc", &name); got != want {
			t.Errorf("%q is %d, want %d", line, got, want)
		}
	}
	if kindOf("svc:", "svc", nil) != linePrompt || kindOf("svc:", "other", nil) != lineText {
		t.Error("the prompt with the account's name")
	}
}
