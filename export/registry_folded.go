package export

import (
	"strings"

	"cupclint/export/copied"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// A mail, a ticket or a window of a terminal breaks the lines of an answer of "reg query": the name of the key alone is longer than 80
// characters. The rest of a line begins a line of its own, mostly without the blanks that a value has before it.

// foldedLooks finds such an answer.
func (r *Reader) foldedLooks(text string) []look {
	if fold.Index(text, "hkey_") < 0 || !strings.Contains(text, "REG_") || len(text) > copied.Max || len(unfolded(text)) == 0 {
		return nil
	}
	return []look{{joined: func(r *Reader) { r.exp.replace(unfolded(r.exp.text)) }}}
}

// A queryLine is a line of the answer, or a part of one: its place without the line end, and without the blanks around it.
type queryLine struct {
	start, end int
	from, to   int
}

// unfolded joins the lines of the answer about the settings of a client; it finds nothing where none of its keys was broken. A key ends
// where it has all its parts, and a value before the next line that begins one.
func unfolded(text string) (edits []copied.Edit) {
	j := joiner{text: text}
	for start, line := range chars.Lines(text) {
		from := start + chars.Blanks(line)
		j.lines = append(j.lines, queryLine{start, start + len(line), from, max(from, start+len(strings.TrimRight(line, " \t")))})
	}
	for i := 0; i < len(j.lines); {
		if !fold.HasPrefix(j.body(i), "HKEY_") {
			i++
			continue
		}
		next, ok := j.key(i)
		for i = next; ok && i < len(j.lines) && j.begins(i); {
			i = j.value(i)
		}
	}
	if j.width == 0 {
		return nil
	}
	return j.edits
}

// A joiner makes the edits.
type joiner struct {
	text  string
	lines []queryLine
	edits []copied.Edit
	width int  // of the line of a key that was broken; 0 as long as none was
	hard  bool // it was cut at the width of a window, in the middle of a word
}

func (j *joiner) body(i int) string { return j.text[j.lines[i].from:j.lines[i].to] }

// maxFolds is how many lines a key or a value may be broken into: more than the longest filter has.
const maxFolds = 16

// key joins the name of a key that ends in AdminData or below it. It returns the line after it.
func (j *joiner) key(i int) (next int, ok bool) {
	if fold.Index(j.body(i), adminDataFolded) >= 0 {
		return i + 1, true
	}
	name := squeezed(j.body(i))
	for n := i + 1; n < len(j.lines) && n-i < maxFolds; n++ {
		body := j.body(n)
		if body == "" || fold.HasPrefix(body, "HKEY_") || strings.Contains(body, "REG_") {
			return n, false
		}
		name += squeezed(body)
		if fold.Index(name, squeezed(adminDataFolded)) >= 0 {
			j.joinKey(i, n)
			return n + 1, true
		}
	}
	return i + 1, false
}

// keyWords are the parts of the name with blanks in them.
var keyWords = [...]string{"Cisco Systems, Inc.", "Client Services Framework"}

// joinKey joins lines with the blanks that the name of the key has there.
func (j *joiner) joinKey(from, to int) {
	head := ""
	for n := from; n < to; n++ {
		head += squeezed(j.body(n))
		with := ""
		for _, words := range keyWords {
			for i := range len(words) {
				if words[i] == ' ' && endsFold(head, squeezed(words[:i])) {
					with = " "
				}
			}
		}
		if n == from {
			j.width = j.lines[n].to - j.lines[n].start
			j.hard = with == ""
		}
		j.edits = append(j.edits, copied.Edit{Start: j.lines[n].to, End: j.lines[n+1].from, With: with})
	}
}

func endsFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// squeezed is a text without its blanks and line ends.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// begins reports whether a line begins a value: a name, a type, and perhaps data. The type may have been broken off.
func (j *joiner) begins(i int) bool {
	name, rest, _ := strings.Cut(j.body(i), " REG_")
	if rest != "" {
		return name != ""
	}
	return j.lines[i].from > j.lines[i].start && i+1 < len(j.lines) && fold.HasPrefix(j.body(i+1), "REG_") && j.body(i) != ""
}

// value joins the lines of a value and returns the line after it.
func (j *joiner) value(i int) int {
	if j.lines[i].from == j.lines[i].start { // the blanks before it were lost
		j.edits = append(j.edits, copied.Edit{Start: j.lines[i].start, End: j.lines[i].start, With: "    "})
	}
	n := i
	for ; n+1 < len(j.lines) && n-i < maxFolds && j.goesOn(n); n++ {
		this, next := j.lines[n], j.lines[n+1]
		switch {
		case endsWithType(j.body(n)), fold.HasPrefix(j.body(n+1), "REG_"), !j.hard:
			j.edits = append(j.edits, copied.Edit{Start: this.to, End: next.from, With: " "})
		default:
			j.edits = append(j.edits, copied.Edit{Start: this.end, End: next.start})
		}
	}
	return n + 1
}

// goesOn reports whether the value of a line has more in the next one: the first word of that had no room in it.
func (j *joiner) goesOn(n int) bool {
	next := j.body(n + 1)
	if next == "" || fold.HasPrefix(next, "HKEY_") || fold.HasPrefix(next, "End of search") || j.begins(n+1) {
		return false
	}
	word, _, _ := strings.Cut(next, " ")
	length := j.lines[n].to - j.lines[n].start
	return fold.HasPrefix(next, "REG_") || endsWithType(j.body(n)) || length+len(" ")+len(word) > j.width && j.width > 0 &&
		!isCommandLine(next)
}

// isCommandLine knows the prompt of a Windows shell.
func isCommandLine(line string) bool {
	return len(line) > 2 && chars.Letter(line[0]) && line[1] == ':' && line[2] == '\\' && strings.Contains(line, ">") ||
		fold.HasPrefix(line, "PS ")
}

// endsWithType reports whether the data of a value is still to come.
func endsWithType(line string) bool {
	fields := strings.Fields(line)
	return len(fields) > 1 && strings.HasPrefix(fields[len(fields)-1], "REG_")
}
