package secret

import "strings"

// object takes the texts of an object after a name: "password": {"value": "x", "type": "clear"}.
func (s *scanner) object(span Span, p int, st Strength) int {
	text := s.text
	if st < Strong {
		return 0
	}
	next, depth := 0, 0
	for i, end := p, min(len(text), p+maxValue); i < end; {
		switch c := text[i]; {
		case c == '{':
			depth++
			i++
			continue
		case c == '}':
			if depth--; depth == 0 {
				return next
			}
			i++
			continue
		case !wordByte(c):
			i++
			continue
		}
		from := i
		i = s.wordEnd(i)
		if i == from { // a letter of no name
			i++
			continue
		}
		name, q := text[from:i], quoteBefore(text, from)
		p := i
		if q != "" && strings.HasPrefix(text[p:], q) {
			p += len(q)
		}
		for p < end && text[p] == ' ' {
			p++
		}
		if p >= end || text[p] != ':' && text[p] != '=' {
			continue
		}
		for p++; p < end && text[p] == ' '; p++ {
		}
		if p >= end || text[p] == '{' {
			continue
		}
		to := p + cutAny(text[p:end], ",}] \t\r\n")
		if q = quoteAt(text, p); q != "" {
			p += len(q)
			if to = closing(text, p, end, q); to < 0 {
				to = p + cutAny(text[p:end], "\n")
			}
		}
		if s.strength(span.Name+"."+name) >= Strong {
			next = max(next, s.take(span, p, to, Strong))
		}
		i = max(i, to)
	}
	return next
}

// answered takes what a script sends after a prompt: expect "password:" and send "X", in the same line or the next.
func (s *scanner) answered(span Span, p int) int {
	text := s.text
	end := s.lineEnd
	if _, stop, ok := s.lineAfter(end); ok {
		end = stop
	}
	i := strings.Index(text[p:end], "send")
	if i < 0 {
		return 0
	}
	p += i + cutAny(text[p+i:end], " (")
	for p < end && strings.IndexByte(" (", text[p]) >= 0 {
		p++
	}
	q := quoteAt(text, p)
	if q == "" {
		return 0
	}
	from := p + len(q)
	to := closing(text, from, end, q)
	if to < 0 {
		return 0
	}
	for _, enter := range [...]string{`\r`, `\n`} {
		if strings.HasSuffix(text[from:to], enter) {
			to -= len(enter)
		}
	}
	return s.take(span, from, to, Strong)
}
