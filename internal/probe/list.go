package probe

import "strings"

// Members splits a header that is a list at the commas outside of quotes, without empty members (RFC 9110, section 5.6.1.2). A quote that
// does not end goes to the end of the text.
func Members(list string) []string {
	var out []string
	add := func(m string) {
		if m = strings.TrimSpace(m); m != "" {
			out = append(out, m)
		}
	}
	quoted, start := false, 0
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == ',' && !quoted:
			add(list[start:i])
			start = i + 1
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		}
	}
	add(list[start:])
	return out
}
