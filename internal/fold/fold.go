// Package fold searches texts without regard to the case of ASCII letters. The places that it gives are places in the text itself. Those in
// strings.ToLower of the text are not: letters such as İ and bytes that are not UTF-8 have another length there.
package fold

// Index is the first place of sub, or -1. sub has ASCII letters in lower case only.
func Index(text, sub string) int {
	if sub == "" {
		return 0
	}
	first := sub[0]
	capital := first
	if first >= 'a' && first <= 'z' {
		capital -= 'a' - 'A'
	}
	for i := 0; i+len(sub) <= len(text); i++ {
		if c := text[i]; (c == first || c == capital) && at(text, i, sub) {
			return i
		}
	}
	return -1
}

// LastIndex is the last place of sub, or -1.
func LastIndex(text, sub string) int {
	for i := len(text) - len(sub); i >= 0; i-- {
		if at(text, i, sub) {
			return i
		}
	}
	return -1
}

func at(text string, i int, sub string) bool {
	for j := range len(sub) {
		c := text[i+j]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != sub[j] {
			return false
		}
	}
	return true
}
