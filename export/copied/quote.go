package copied

import (
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// doubledReturns finds line ends that a program made twice: CR CR LF.
func doubledReturns(text string) (edits []Edit) {
	for at := 0; ; {
		i := strings.Index(text[at:], "\r\r\n")
		if i < 0 {
			return edits
		}
		at += i
		edits = append(edits, Edit{Start: at, End: at + 1})
		at++
	}
}

// fenceSigns begin the lines around code in wikis, tickets and chats.
var fenceSigns = [...]string{"```", "~~~", "{code", "{noformat", "[code", "[/code"}

// fenceRest are the characters that follow such a sign in its line.
const fenceRest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :=|}]-_."

// fences finds such lines. Their text is taken away, the lines stay.
func fences(text string) (edits []Edit) {
	found := false
	for _, sign := range fenceSigns {
		found = found || strings.Contains(text, sign)
	}
	if !found {
		return nil
	}
	for start, line := range chars.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.IndexByte("`~{[", trimmed[0]) < 0 || len(trimmed) > 60 {
			continue
		}
		for _, sign := range fenceSigns {
			if fold.HasPrefix(trimmed, sign) && strings.Trim(trimmed[len(sign):], fenceRest) == "" {
				edits = append(edits, Edit{Start: start, End: start + len(line)})
				break
			}
		}
	}
	return edits
}

// quoteRun is how many quoted lines in a row are a quote. A single line may begin with the sign for another reason.
const quoteRun = 3

// quoted finds the signs before the lines of a quoted mail.
func quoted(text string) (edits []Edit) {
	if !strings.HasPrefix(strings.TrimLeft(text[:min(len(text), 64)], " \t\r\n"), ">") && !strings.Contains(text, "\n>") {
		return nil
	}
	run := 0 // of the edits, those that belong to the run
	drop := func() {
		if run < quoteRun {
			edits = edits[:len(edits)-run]
		}
		run = 0
	}
	for start, line := range chars.Lines(text) {
		n := quoteSign(line)
		switch {
		case n > 0:
			edits = append(edits, Edit{Start: start, End: start + n})
			run++
		case !chars.AllBlank(line):
			drop()
		}
	}
	drop()
	return edits
}

// quoteSign is the length of the signs of quoting that a line begins with, with one blank after each.
func quoteSign(line string) int {
	n := 0
	for n < len(line) && line[n] == '>' {
		if n++; n < len(line) && line[n] == ' ' && (n+1 == len(line) || line[n+1] != '>') {
			return n + 1
		} else if n < len(line) && line[n] == ' ' {
			n++
		}
	}
	return n
}

// numbered finds the line numbers of an editor or of cat -n: every line that is not blank has the number after that of the line before.
func numbered(text string) (edits []Edit) {
	head := strings.TrimLeft(text[:min(len(text), 64)], " \t\r\n")
	if head == "" || head[0] < '0' || head[0] > '9' {
		return nil
	}
	last, blanks := -1, 1<<10
	for start, line := range chars.Lines(text) {
		if chars.AllBlank(line) {
			continue
		}
		number, n := lineNumber(line)
		if n == 0 || last >= 0 && number != last+1 {
			return nil
		}
		last = number
		if rest := line[n:]; !chars.AllBlank(rest) {
			blanks = min(blanks, chars.Blanks(rest))
		}
		edits = append(edits, Edit{Start: start, End: start + n})
	}
	if len(edits) < quoteRun || blanks == 1<<10 {
		return nil
	}
	for i := range edits { // the blanks that all lines have after the number
		for n := blanks; n > 0 && edits[i].End < len(text) && chars.Blank(text[edits[i].End]) && text[edits[i].End] != '\n'; n-- {
			edits[i].End++
		}
	}
	return edits
}

// lineNumber reads the number that a line begins with and the sign after it; its length is 0 where there is none.
func lineNumber(line string) (number, length int) {
	i := chars.Blanks(line)
	from := i
	for i < len(line) && line[i] >= '0' && line[i] <= '9' && i-from < 7 {
		number = number*10 + int(line[i]-'0')
		i++
	}
	switch {
	case i == from:
		return 0, 0
	case i == len(line) || line[i] == ' ' || line[i] == '\t':
		return number, i
	case strings.IndexByte(":|.)", line[i]) >= 0 && (i+1 == len(line) || line[i+1] < '0' || line[i+1] > '9'):
		return number, i + 1
	}
	return 0, 0
}
