package copied

import (
	"slices"
	"strings"
	"unicode/utf8"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// breaks finds the <br> at the ends of lines.
func breaks(text string) (edits []Edit) {
	if !strings.Contains(text, "<br") {
		return nil
	}
	lines := 0
	for start, line := range chars.Lines(text) {
		trimmed := strings.TrimRight(line, " \t")
		if trimmed == "" {
			continue
		}
		lines++
		for _, sign := range [...]string{"<br>", "<br/>", "<br />"} {
			if strings.HasSuffix(trimmed, sign) {
				from := start + len(trimmed) - len(sign)
				edits = append(append(edits, references(text[start:from], start)...), Edit{Start: from, End: from + len(sign)})
				break
			}
		}
	}
	if len(edits)*2 < lines || lines < quoteRun {
		return nil
	}
	return edits
}

// barred finds the bars before, and maybe after, the lines of a server's output: the quote of a ticket, a table with one column.
func (f *Formats) barred(text string) (edits []Edit) {
	if head := strings.TrimLeft(text[:min(len(text), 64)], " \t\r\n"); head == "" || head[0] != '|' {
		return nil
	}
	lines := 0
	for start, line := range chars.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if trimmed[0] != '|' {
			return nil
		}
		lines++
		from := chars.Blanks(line)
		to := from + 1
		if to < len(line) && line[to] == ' ' {
			to++
		}
		edits = append(edits, Edit{Start: start + from, End: start + to})
		if end := start + len(strings.TrimRight(line, " \t")); end > start+to && text[end-1] == '|' {
			edits = append(edits, Edit{Start: end - 1, End: end})
		}
	}
	if lines < quoteRun || !f.printedIn(text, edits) {
		return nil
	}
	return edits
}

// bullets are the signs of a list, each with the blank that follows it.
var bullets = [...]string{"- ", "* ", "+ ", "\u2022 ", "\u2023 ", "\u25cf ", "\u25aa ", "\u00b7 ", "\u2013 "}

// bulleted finds the sign of a list before every line of a server's output that is not empty. Before some of the lines, a star is a mark
// that the server made.
func (f *Formats) bulleted(text string) (edits []Edit) {
	head := text[chars.Blanks(text[:min(len(text), 64)]):]
	sign := ""
	for _, b := range bullets {
		if strings.HasPrefix(head, b) {
			sign = b
		}
	}
	if sign == "" {
		return nil
	}
	lines := 0
	bare := sign[:len(sign)-1]
	for start, line := range chars.Lines(text) {
		from := chars.Blanks(line)
		switch rest := line[from:]; {
		case rest == "":
			continue
		case strings.HasPrefix(rest, sign):
			edits = append(edits, Edit{Start: start, End: start + from + len(sign)})
		case strings.TrimRight(rest, " \t") == bare:
			edits = append(edits, Edit{Start: start, End: start + from + len(bare)})
		default:
			return nil
		}
		lines++
	}
	if lines < quoteRun || !f.printedIn(text, edits) {
		return nil
	}
	return edits
}

// mark is the byte order mark.
const mark = "\ufeff"

// byteOrderMarks finds those before lines: of a program that put one before the one that was there, and of files that were joined. A file
// of clients is as they get it: for them a second mark is text outside of the document.
func byteOrderMarks(text string) (edits []Edit) {
	if !strings.Contains(text, mark) {
		return nil
	}
	if strings.HasPrefix(text, mark) && strings.Contains(text[:min(len(text), 512)], "<config") {
		return nil
	}
	for start, line := range chars.Lines(text) {
		rest := line
		for strings.HasPrefix(rest, mark) {
			rest = rest[len(mark):]
		}
		if len(rest) < len(line) {
			edits = append(edits, Edit{Start: start, End: start + len(line) - len(rest)})
		}
	}
	return edits
}

// escaped finds the references of HTML in a server's output, or a document, without a tag, as a form or a ticket system returns it.
func (f *Formats) escaped(text string) (edits []Edit) {
	if !strings.Contains(text, "&lt;") && !strings.Contains(text, "&gt;") && !strings.Contains(text, "&quot;") {
		return nil
	}
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '<' && (chars.Letter(text[i+1]) || text[i+1] == '/' || text[i+1] == '!') {
			return nil // a document, in which they are right
		}
	}
	edits = references(text, 0)
	if !f.escapedDocument(text) && (f.Table(text) || !f.printedIn(text, edits)) {
		return nil
	}
	return edits
}

// escapedDocument reports whether a line of a text begins a document that is read, with &lt; in place of its brackets.
func (f *Formats) escapedDocument(text string) bool {
	const most = 256 // of a line: more than the name of an element has
	for _, line := range chars.Lines(text) {
		line = strings.TrimLeft(line, " \t")
		rest, ok := strings.CutPrefix(line[:min(len(line), most)], "&lt;")
		if ok && f.Document("<"+strings.ReplaceAll(rest, "&gt;", ">")) {
			return true
		}
	}
	return false
}

// preformatted finds <pre> around a text, and the references in it.
func preformatted(text string) (edits []Edit) {
	from := chars.Blanks(text)
	for from < len(text) && chars.Blank(text[from]) {
		from++
	}
	if !fold.HasPrefix(text[from:], "<pre") {
		return nil
	}
	open := strings.IndexByte(text[from:], '>')
	end := len(strings.TrimRight(text, " \t\r\n"))
	const closing = "</pre>"
	if open < 0 || end < len(closing) || !strings.EqualFold(text[end-len(closing):end], closing) {
		return nil
	}
	open += from + 1
	if end -= len(closing); end < open || strings.IndexByte(text[open:end], '<') >= 0 {
		return nil // elements in it: a page
	}
	edits = append(edits, Edit{Start: from, End: open})
	edits = append(edits, references(text[open:end], open)...)
	return append(edits, Edit{Start: end, End: end + len(closing)})
}

// references finds those that HTML has for its own signs, and the blank that does not break.
func references(text string, at int) (edits []Edit) {
	for i := 0; i < len(text); i++ {
		if text[i] != '&' {
			continue
		}
		end := strings.IndexByte(text[i:min(len(text), i+chars.MaxReference)], ';')
		if end < 0 {
			continue
		}
		name := text[i+1 : i+end]
		with := " "
		if name != "nbsp" {
			c, ok := chars.Reference(name)
			if !ok || c == '\n' || c == '\r' {
				continue
			}
			with = string(c)
		}
		edits = append(edits, Edit{Start: at + i, End: at + i + end + 1, With: with})
		i += end
	}
	return edits
}

// oddCharacters finds what terminals, web pages and word processors leave in the output of a server: colour codes, blanks of other
// kinds, invisible characters, typographic quotes and dashes. Values of exports are never changed: there, such a character is a finding.
func (f *Formats) oddCharacters(text string) (edits []Edit) {
	if strings.IndexByte(text, 0x1b) < 0 && strings.IndexByte(text, 0xc2) < 0 && strings.IndexByte(text, 0xe2) < 0 &&
		strings.IndexByte(text, 0xe3) < 0 && strings.IndexByte(text, 0xef) < 0 {
		return nil
	}
	edits = odd(text)
	if len(edits) == 0 {
		return nil
	}
	if coloured(text, edits) {
		return slices.DeleteFunc(edits, func(c Edit) bool { return text[c.Start] != 0x1b })
	}
	if !f.printedIn(text, edits) {
		return nil
	}
	return edits
}

// odd lists all such characters of a text.
func odd(text string) (edits []Edit) {
	for i := 0; i < len(text); {
		if text[i] == 0x1b {
			n := appliance.Escape(text[i:])
			edits = append(edits, Edit{Start: i, End: i + n})
			i += n
			continue
		}
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, n := utf8.DecodeRuneInString(text[i:])
		if with, odd := plain(c); odd {
			edits = append(edits, Edit{Start: i, End: i + n, With: with})
		}
		i += n
	}
	return edits
}

// coloured reports whether most lines have codes of a terminal: what a command showed, of any format.
func coloured(text string, edits []Edit) bool {
	lines, with, at := 0, 0, 0
	for start, line := range chars.Lines(text) {
		if chars.AllBlank(line) {
			continue
		}
		lines++
		for at < len(edits) && edits[at].Start < start {
			at++
		}
		if at < len(edits) && edits[at].Start < start+len(line) && text[edits[at].Start] == 0x1b {
			with++
		}
	}
	return with >= quoteRun && with*2 > lines
}

// plain is what stands for a character in the output of a server.
func plain(c rune) (with string, odd bool) {
	switch {
	case c == 0xa0, c >= 0x2000 && c <= 0x200a, c == 0x202f, c == 0x205f, c == 0x3000:
		return " ", true
	case c >= 0x200b && c <= 0x200f, c == 0x2060, c == 0xfeff, c >= 0x202a && c <= 0x202e, c == 0xad:
		return "", true
	case c >= 0xfb00 && c <= 0xfb06:
		return ligatures[c-0xfb00], true
	case c >= 0x2010 && c <= 0x2015:
		return "-", true
	case c == 0x2018, c == 0x2019:
		return "'", true
	case c >= 0x201c && c <= 0x201f:
		return `"`, true
	case c == 0x2026:
		return "...", true
	}
	return "", false
}

// ligatures are the letters that typesetting programs make one character of, from U+FB00 on.
var ligatures = [...]string{"ff", "fi", "fl", "ffi", "ffl", "st", "st"}
