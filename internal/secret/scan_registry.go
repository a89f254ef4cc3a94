package secret

import "strings"

// registry takes the value of a name at the end of a path of the Windows registry. p is after the name.
//
//	RegWrite "HKCU\...\Password", "x"                             a script
//	HKCU\...\Password SUCCESS Type: REG_SZ, Length: 2, Data: x    Process Monitor
//	TargetObject: HKU\...\Password, and below it Details: x       Sysmon
//
// It returns 0 where there is no such path or value.
func (s *scanner) registry(span Span, p int, st Strength) int {
	text := s.text
	if !s.inRegistry(span.NameStart) {
		return 0
	}
	rest := text[p:min(s.lineEnd, p+maxTag)]
	q := quoteAt(text, p)
	if i := strings.Index(rest, "REG_"); i >= 0 {
		if data := strings.Index(rest[i:], registryData); data > 0 {
			from := p + i + data + len(registryData)
			to := s.lineEnd
			if shut := strings.IndexByte(text[from:to], '"'); q == `"` && shut >= 0 {
				to = from + shut
			}
			return s.take(span, from, to, st)
		}
	}
	if after := strings.TrimLeft(rest[min(len(q), len(rest)):], " "); q != "" && strings.HasPrefix(after, ",") {
		if !s.written(span.NameStart) {
			return span.NameEnd // a column of a trace: the next one is a result
		}
		return s.argumentAfter(span, p+len(rest)-len(after)+1, st)
	}
	if strings.TrimSpace(rest) == "" && p+len(rest) == s.lineEnd {
		from, to, ok := s.lineAfter(s.lineEnd)
		line := strings.TrimLeft(text[from:to], " \t")
		if value, found := strings.CutPrefix(line, "Details:"); ok && found {
			return s.take(span, to-len(value), to, st)
		}
	}
	return 0
}

// registryData is what Process Monitor writes in front of the data of a value.
const registryData = ", Data: "

// inRegistry reports whether the word at a place is the last part of a path of the registry.
func (s *scanner) inRegistry(start int) bool {
	if start == 0 || s.text[start-1] != '\\' {
		return false
	}
	path := s.text[max(s.lineStart, start-maxTag):start]
	i := strings.LastIndex(path, "HK")
	return i >= 0 && !strings.ContainsAny(path[i:], "\"'<>|") && (i == 0 || !wordByte(path[i-1]))
}

// written reports whether the path around a place is the first argument of RegWrite.
func (s *scanner) written(start int) bool {
	path := s.text[max(s.lineStart, start-maxTag):start]
	call := strings.TrimRight(path[:max(strings.LastIndexAny(path, "\"'"), 0)], " (")
	const verb = "regwrite"
	return len(call) >= len(verb) && strings.EqualFold(call[len(call)-len(verb):], verb)
}

// argumentAfter takes the text in quotes from p on, after the type and the flags of a value: "Password", 0, REG_SZ, "x" of programs, and
// "Password",0x00000000,"x" of setup information files (AddReg). Elsewhere it returns 0.
func (s *scanner) argumentAfter(span Span, p int, st Strength) int {
	text := s.text
	for range maxArguments {
		p += indentOf(text[p:s.lineEnd])
		q := quoteAt(text, p)
		from := p + len(q)
		if q != "" && !strings.HasPrefix(text[from:], "REG_") {
			if to := closing(text, from, s.lineEnd, q); to > from {
				return s.take(span, from, to, st)
			}
			return 0
		}
		comma := strings.IndexByte(near(text[p:s.lineEnd]), ',')
		if comma < 0 || !typeOrFlags(text[p:p+comma]) {
			return 0
		}
		p += comma + 1
	}
	return 0
}

// maxArguments is more than there are between the name of a value and its data.
const maxArguments = 4

// typeOrFlags reports what is between the name of a value and its data: nothing, a number, a type.
func typeOrFlags(word string) bool {
	word = strings.Trim(word, " \t\"'")
	return strings.Contains(word, "REG_") || strings.HasPrefix(word, "0x") || strings.Trim(word, "0123456789") == ""
}
