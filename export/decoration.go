package export

import "strings"

// What people paste has more in it than the output: signs of quoting of a mail program, line numbers of an editor, the times that a
// logging terminal writes before each line, fences of a wiki, blanks of a web page. The readers get the text without these, and every
// place in it is mapped to the text of the file, so that lines, columns, corrections and redacted copies are those of the file. No line
// end is removed: a line keeps its number.

// An edit replaces a part of the text.
type edit struct {
	start, end int
	with       string
}

// maxLayers bounds how often a text is looked at again: the quote of a listing with line numbers has two.
const maxLayers = 3

// maxDecorated bounds the texts that are looked at: a longer one is a log or a session of hours, which no one quotes. The map of places
// takes several times the memory of the text.
const maxDecorated = 2 << 20 // bytes

// undecorate takes away what is not part of the text that was copied. It reports whether the text was found in a document of another kind.
func (r *Reader) undecorate() (inDocument bool) {
	e := &r.exp
	if len(e.text) > maxDecorated {
		return false
	}
	if edits := pages(e.text); edits != nil {
		e.edit(edits)
		inDocument = true
	} else if edits, again := carried(e.text); edits != nil {
		e.edit(edits)
		e.again = again
		inDocument = true
	} else if head := strings.TrimSpace(e.text[:min(len(e.text), 256)]); isXML(head) && !hasFold(head, "<pre") {
		if edits := doubledReturns(e.text); edits != nil {
			e.edit(edits)
		}
		return false
	}
	if edits := quotedPrintable(e.text); len(edits) > 0 {
		e.edit(edits)
	} else if edits := blockScalars(e.text); len(edits) > 0 {
		e.edit(edits)
	}
	for range maxLayers {
		edits := decoration(e.text)
		if edits == nil {
			return inDocument
		}
		e.edit(edits)
	}
	return inDocument
}

// decoration finds one layer of what was added to a text; nil where there is none.
func decoration(text string) []edit {
	for _, find := range [...]func(string) []edit{doubledReturns, fences, quoted, barred, bulleted, numbered, stamps, breaks, preformatted,
		registryObjects, escaped, oddCharacters} {
		if edits := find(text); len(edits) > 0 {
			return edits
		}
	}
	return nil
}

// printedIn reports whether a text is the output of a server once edits are made. The begin of what they leave is looked at: the style of a
// page may be longer than the output.
func printedIn(text string, edits []edit) bool {
	const most = 32 << 10
	var b strings.Builder
	at := 0
	for _, c := range edits {
		b.WriteString(text[at:c.start])
		b.WriteString(c.with)
		if at = c.end; b.Len() > most {
			break
		}
	}
	b.WriteString(text[at:min(len(text), at+most)])
	trimmed := strings.TrimLeft(b.String(), " \t\r\n")
	return trimmed != "" && looksPrinted(trimmed)
}

// edit replaces parts of the text, which are in order and apart.
func (e *Export) edit(edits []edit) {
	if e.places == nil {
		e.raw = e.text
	}
	var b strings.Builder
	b.Grow(len(e.text))
	places := make([]int32, 0, len(e.text)+1)
	place := func(i int) int32 {
		if e.places == nil {
			return int32(i)
		}
		return e.places[i]
	}
	at := 0
	keep := func(to int) {
		for i := at; i < to; i++ {
			places = append(places, place(i))
		}
		b.WriteString(e.text[at:to])
	}
	for _, c := range edits {
		keep(c.start)
		if c.with == "" {
			if e.removed == nil {
				e.removed = make(map[int32]int32)
			}
			e.removed[place(c.end)] = place(c.start)
		}
		for range len(c.with) {
			places = append(places, place(c.start))
		}
		b.WriteString(c.with)
		at = c.end
	}
	keep(len(e.text))
	e.text, e.places = b.String(), append(places, place(len(e.text)))
	e.at = cursor{}
}

// rawPlace turns an offset in the text into one in the decoded text of the file.
func (e *Export) rawPlace(offset int) int {
	if e.places == nil {
		return offset
	}
	return int(e.places[offset])
}

// behind is what was taken out of the decoded text of the file before a place: a value that ends there does not have it.
func (e *Export) behind(offset int) string {
	end := int32(e.rawPlace(offset))
	from := end
	for {
		start, ok := e.removed[from]
		if !ok || start >= from {
			return e.raw[from:end]
		}
		from = start
	}
}

// textLines yields the lines of a text without their ends, and where each begins.
func textLines(text string) func(yield func(start int, line string) bool) {
	return func(yield func(start int, line string) bool) {
		start := 0
		for line := range strings.Lines(text) {
			if !yield(start, strings.TrimRight(line, "\r\n")) {
				return
			}
			start += len(line)
		}
	}
}

// doubledReturns finds line ends that a program made twice: CR CR LF.
func doubledReturns(text string) (edits []edit) {
	for at := 0; ; {
		i := strings.Index(text[at:], "\r\r\n")
		if i < 0 {
			return edits
		}
		at += i
		edits = append(edits, edit{start: at, end: at + 1})
		at++
	}
}

// fenceSigns begin the lines around code in wikis, tickets and chats.
var fenceSigns = [...]string{"```", "~~~", "{code", "{noformat", "[code", "[/code"}

// fenceRest are the characters that follow such a sign in its line.
const fenceRest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :=|}]-_."

// fences finds such lines. Their text is taken away, the lines stay.
func fences(text string) (edits []edit) {
	found := false
	for _, sign := range fenceSigns {
		found = found || strings.Contains(text, sign)
	}
	if !found {
		return nil
	}
	for start, line := range textLines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.IndexByte("`~{[", trimmed[0]) < 0 || len(trimmed) > 60 {
			continue
		}
		for _, sign := range fenceSigns {
			if hasFold(trimmed, sign) && strings.Trim(trimmed[len(sign):], fenceRest) == "" {
				edits = append(edits, edit{start: start, end: start + len(line)})
				break
			}
		}
	}
	return edits
}

// quoteRun is how many quoted lines in a row are a quote. A single line may begin with the sign for another reason.
const quoteRun = 3

// quoted finds the signs before the lines of a quoted mail.
func quoted(text string) (edits []edit) {
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
	for start, line := range textLines(text) {
		n := quoteSign(line)
		switch {
		case n > 0:
			edits = append(edits, edit{start: start, end: start + n})
			run++
		case !blankText(line):
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
func numbered(text string) (edits []edit) {
	head := strings.TrimLeft(text[:min(len(text), 64)], " \t\r\n")
	if head == "" || head[0] < '0' || head[0] > '9' {
		return nil
	}
	last, blanks := -1, 1<<10
	for start, line := range textLines(text) {
		if blankText(line) {
			continue
		}
		number, n := lineNumber(line)
		if n == 0 || last >= 0 && number != last+1 {
			return nil
		}
		last = number
		if rest := line[n:]; !blankText(rest) {
			blanks = min(blanks, blankRun(rest))
		}
		edits = append(edits, edit{start: start, end: start + n})
	}
	if len(edits) < quoteRun || blanks == 1<<10 {
		return nil
	}
	for i := range edits { // the blanks that all lines have after the number
		for n := blanks; n > 0 && edits[i].end < len(text) && blank(text[edits[i].end]) && text[edits[i].end] != '\n'; n-- {
			edits[i].end++
		}
	}
	return edits
}

// lineNumber reads the number that a line begins with and the sign after it; its length is 0 where there is none.
func lineNumber(line string) (number, length int) {
	i := blankRun(line)
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
