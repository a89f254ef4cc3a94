package secret

import (
	"strings"

	"cupclint/internal/chars"
)

// tagAt returns where the tag begins that p is in, counted from 1, or 0.
func (s *scanner) tagAt(p int) int {
	text := s.text
	for i := p - 1; i >= 0 && p-i < maxTag; i-- {
		switch text[i] {
		case '<':
			if i+1 < len(text) && (chars.Letter(text[i+1]) || text[i+1] == '_') {
				return i + 1
			}
			return 0
		case '>':
			if i == 0 || text[i-1] != '-' && text[i-1] != '=' {
				return 0
			}
		}
	}
	return 0
}

// inEndTag reports whether the name of an end tag has a prefix that ends at p: </soap:Body>.
func (s *scanner) inEndTag(p int) bool {
	from := p
	for from > 0 && p-from < maxName && wordByte(s.text[from-1]) {
		from--
	}
	return from < p && (strings.HasSuffix(s.text[:from], "</") || strings.HasSuffix(s.text[:from], "&lt;/"))
}

// tagEnd returns the place after the > of a tag, and whether the tag is empty.
func (s *scanner) tagEnd(p int) (end int, void bool) {
	text := s.text
	quote := byte(0)
	for i := p; i < len(text) && i-p < maxTag; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1, text[i-1] == '/'
		case c == '<':
			return 0, false
		}
	}
	return 0, false
}

// element takes the text of an element by its name.
func (s *scanner) element(span Span, st Strength) int {
	end, void := s.tagEnd(span.NameEnd)
	switch {
	case end == 0:
		return 0
	case void || span.NameEnd+1 < end:
		next := s.valueAttribute(span, span.NameEnd, end, st)
		if void {
			return next
		}
		return max(next, s.content(span, end, span.Name, st))
	}
	return s.content(span, end, span.Name, st)
}

// inTag takes the value of an element that names a key in an attribute: value="..." or its text.
func (s *scanner) inTag(span Span, p int, st Strength) int {
	end, void := s.tagEnd(p)
	if end == 0 {
		return 0
	}
	if next := s.valueAttribute(span, p, end, st); next > 0 {
		if !void {
			next = max(next, s.content(span, end, s.text[s.tagAt(p):s.wordEnd(s.tagAt(p))], st))
		}
		return next
	}
	if begin := s.tagAt(p) - 1; begin >= 0 {
		if next := s.valueAttribute(span, begin, span.NameStart, st); next > 0 { // <add value="..." key="password"/>
			return next
		}
		if void {
			return 0
		}
		name := s.text[begin+1 : s.wordEnd(begin+1)]
		return s.content(span, end, name, st)
	}
	return 0
}

// valueAttribute takes value="..." from a tag.
func (s *scanner) valueAttribute(span Span, from, to int, st Strength) int {
	tag := s.text[from:to]
	for _, label := range [...]string{"value", "val", "Value", "VALUE", "content", "data"} {
		for at := 0; ; {
			i := strings.Index(tag[at:], label)
			if i < 0 {
				break
			}
			at += i + len(label)
			if at-len(label) > 0 && wordByte(tag[at-len(label)-1]) {
				continue
			}
			rest := strings.TrimLeft(tag[at:], " \t\r\n")
			if !strings.HasPrefix(rest, "=") {
				continue
			}
			rest = strings.TrimLeft(rest[1:], " \t\r\n")
			p := to - len(rest)
			if q := quoteAt(s.text, p); q != "" {
				if shut := closing(s.text, p+len(q), to, q); shut >= 0 {
					return s.take(span, p+len(q), shut, st)
				}
				return s.take(span, p+len(q), to, st)
			}
			return s.take(span, p, p+cutAny(rest, " \t/>"), st)
		}
	}
	return 0
}

// content takes the text from p to the end tag of an element.
func (s *scanner) content(span Span, p int, name string, st Strength) int {
	text := s.text
	end := min(len(text), p+maxValue)
	part := text[p:end]
	to := strings.IndexByte(part, '<')
	if to < 0 {
		to = len(part)
		if i := strings.IndexByte(part, '\n'); i >= 0 {
			to = i
		}
	}
	if strings.TrimSpace(part[:to]) == "" && to < len(part) {
		cdata := "<![CDATA["
		if !strings.HasPrefix(part[to:], cdata) {
			return s.innerValue(span, p+to, st)
		}
		to += len(cdata)
		shut := strings.Index(part[to:], "]]>")
		if shut < 0 {
			shut = len(part) - to
		}
		return s.take(span, p+to, p+to+shut, st)
	}
	if !strings.HasPrefix(part[to:], "</") { // a < that was not escaped, or a comment
		if i := closeTag(part, name); i >= 0 {
			to = i
		}
	} else if i := closeTag(part, name); i > to && i < to+200 && !strings.HasPrefix(part[to:], "</"+name) &&
		strings.IndexByte(part[to+2:i], '\n') < 0 && !strings.Contains(part[to+2:i], "><") {
		to = i
	}
	return s.take(span, p, p+to, st)
}

// innerValue takes the text of an element inside of one that is named after a secret: <Password><Value>x</Value>. Other elements of its
// own are not a secret.
func (s *scanner) innerValue(span Span, p int, st Strength) int {
	if p+1 >= len(s.text) || !chars.Letter(s.text[p+1]) {
		return 0
	}
	nameEnd := s.wordEnd(p + 1)
	name := s.text[p+1 : nameEnd]
	if nameEnd < len(s.text) && s.text[nameEnd] == ':' {
		p = nameEnd
		nameEnd = s.wordEnd(p + 1)
		name = s.text[p+1 : nameEnd]
	}
	end, void := s.tagEnd(nameEnd)
	if end > 0 && !void && name == "ParamNameText" { // Cisco, platformConfig.xml: the label and the default are before the value
		return s.valueElement(span, end, st)
	}
	if end == 0 || void || !valueLabel(name) || strings.HasPrefix(strings.TrimLeft(s.text[end:min(len(s.text), end+maxTag)], " \t\r\n"), "<") {
		return 0
	}
	return s.content(span, end, name, st)
}

// closeTag finds the end tag of a local name.
func closeTag(part, name string) int {
	for at := 0; ; {
		i := strings.Index(part[at:], "</")
		if i < 0 {
			return -1
		}
		rest := part[at+i+2:]
		if j := strings.IndexAny(rest, ":> "); j >= 0 && rest[j] == ':' && j < 40 {
			rest = rest[j+1:]
		}
		if strings.HasPrefix(rest, name) {
			return at + i
		}
		at += i + 2
	}
}

// labels are the names of the field that holds what another field names.
func valueLabel(s string) bool {
	switch strings.ToLower(s) {
	case "value", "val", "paramvalue", "string", "text", "data", "content", "default", "defaultvalue", "currentvalue", "newvalue", "v",
		"attributevalue", "valuedata": // SAML 2.0 Core, section 2.7.3.1; Inno Setup, [Registry]
		return true
	}
	return false
}

// valueElement takes the element after one that holds a name: <name>x</name><value>y</value>, <key>x</key><string>y</string>.
func (s *scanner) valueElement(span Span, p int, st Strength) int {
	text := s.text
	for range 3 { // fields may be between
		shut := strings.IndexByte(text[p:min(len(text), p+maxTag)], '>')
		if shut < 0 {
			return 0
		}
		p += shut + 1
		for p < len(text) && strings.IndexByte(" \t\r\n", text[p]) >= 0 {
			p++
		}
		if p+1 >= len(text) || text[p] != '<' || !chars.Letter(text[p+1]) {
			return 0
		}
		nameEnd := s.wordEnd(p + 1)
		name := text[p+1 : nameEnd]
		if nameEnd < len(text) && text[nameEnd] == ':' {
			start := nameEnd + 1
			nameEnd = s.wordEnd(start)
			name = text[start:nameEnd]
		}
		end, void := s.tagEnd(nameEnd)
		if end == 0 || void {
			return 0
		}
		if valueLabel(name) {
			return s.content(span, end, name, st)
		}
		next := strings.IndexByte(text[end:min(len(text), end+maxTag)], '<')
		if next < 0 || !strings.HasPrefix(text[end+next:], "</") {
			return 0
		}
		p = end + next
	}
	return 0
}

// otherField takes the field after one that holds a name: "name": "x", "value": "y", also on the next line.
func (s *scanner) otherField(span Span, p int, st Strength) int {
	text := s.text
	end := min(len(text), p+300)
	for range 3 {
		for p < end && strings.IndexByte(" \t\r\n,;|", text[p]) >= 0 {
			p++
		}
		q := quoteAt(text, p)
		from := p + len(q)
		to := s.wordEnd(from)
		if to == from || to >= end || q != "" && !strings.HasPrefix(text[to:], q) {
			return 0
		}
		name := text[from:to]
		p = to + len(q)
		for p < end && text[p] == ' ' {
			p++
		}
		n := separator(text[p:end])
		if n == 0 {
			return 0
		}
		p += n
		for p < end && text[p] == ' ' {
			p++
		}
		q = quoteAt(text, p)
		from = p + len(q)
		if valueLabel(name) {
			s.line(from)
			if q != "" {
				if to := closing(text, from, min(len(text), from+maxValue), q); to >= 0 {
					return s.take(span, from, to, st)
				}
				return s.take(span, from, s.lineEnd, st)
			}
			if p < len(text) && text[p] == '[' {
				return s.bracketed(span, p, st)
			}
			if p < len(text) && text[p] == '{' {
				return 0
			}
			return s.take(span, from, from+cutAny(text[from:s.lineEnd], ",}] \t"), st)
		}
		switch i := strings.IndexByte(text[from:end], ']'); {
		case q != "":
			if to = closing(text, from, end, q); to < 0 {
				return 0
			}
			p = to + len(q)
		case i > 0 && text[from] == '[': // skipLocal : [0]
			p = from + i + 1
		default: // type=string;
			if p = from + cutAny(text[from:end], " \t\r\n,;|"); p == from {
				return 0
			}
		}
	}
	return 0
}

// maxField is how far before a name its value is looked for.
const maxField = 300

// elementBefore takes the element in front of the one that holds a name: <value>y</value><name>x</name>.
func (s *scanner) elementBefore(span Span, st Strength) int {
	from := max(s.end, span.NameStart-maxField)
	before := s.text[min(from, span.NameStart):span.NameStart]
	tag := strings.LastIndexByte(before, '<')
	if tag < 0 {
		return 0
	}
	before = strings.TrimRight(before[:tag], " \t\r\n")
	shut := strings.LastIndex(before, "</")
	open := strings.LastIndexByte(before[:max(shut, 0)], '>') + 1
	if shut < 0 || open == 0 || !strings.HasSuffix(before, ">") || strings.IndexByte(before[open:shut], '<') >= 0 {
		return 0
	}
	label := before[shut+len("</") : len(before)-1]
	if !valueLabel(label[strings.LastIndexByte(label, ':')+1:]) || s.nextLabelled(span) {
		return 0
	}
	return s.take(span, from+open, from+shut, st)
}

// nextLabelled reports whether the element after a name holds a value: then the one before it is of another name.
func (s *scanner) nextLabelled(span Span) bool {
	after := s.text[span.NameEnd:min(len(s.text), span.NameEnd+maxField)]
	_, after, ok := strings.Cut(after, ">")
	after = strings.TrimLeft(after, " \t\r\n")
	return ok && strings.HasPrefix(after, "<") && valueLabel(after[1:1+cutAny(after[1:], " />")])
}

// fieldBefore takes the field in front of the one that holds a name: {"value": "y", "name": "x"}. p is after the name.
func (s *scanner) fieldBefore(span Span, p int, st Strength) int {
	s.line(span.NameStart)
	if !s.labelBefore(span.NameStart) {
		return 0
	}
	from := max(s.end, span.NameStart-maxField)
	before := s.text[min(from, span.NameStart):span.NameStart]
	open := max(strings.LastIndexByte(before, '{'), strings.LastIndex(before, "- "))
	if open < 0 || strings.LastIndexByte(before, '}') > open {
		return 0
	}
	for at := open + 1; at < len(before); {
		if !chars.Letter(before[at]) {
			at++
			continue
		}
		end := at
		for end < len(before) && (chars.Letter(before[end]) || before[end] == '_') {
			end++
		}
		name := before[at:end]
		at = end
		rest := strings.TrimLeft(before[end:], "\"' \t")
		if !valueLabel(name) || rest == "" || rest[0] != ':' && rest[0] != '=' {
			continue
		}
		value := len(before) - len(strings.TrimLeft(rest[1:], " \t"))
		q := quoteAt(before, value)
		to := value + cutAny(before[value:], ",}\r\n")
		if q != "" {
			value += len(q)
			if to = closing(before, value, len(before), q); to < 0 {
				return 0
			}
		}
		return s.take(span, from+value, from+to, st)
	}
	return 0
}
