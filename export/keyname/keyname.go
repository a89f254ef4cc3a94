// Package keyname hashes the names of keys, for the tables in which package export finds them and that its generator makes.
package keyname

// MaxIndex bounds the number in an indexed key.
const MaxIndex = 9999

const (
	basis = 2166136261 // of FNV-1a
	prime = 16777619
)

// Hash is FNV-1a over the lower-cased name, with a part that is a number taken as "{n}". It returns the number, 0 for a name without one,
// and fails for numbers out of bounds and for a second number.
func Hash(name string) (h uint32, n int, ok bool) {
	h = basis
	start := true // of a part
	for i := 0; i < len(name); i++ {
		c := name[i]
		if start && c >= '0' && c <= '9' {
			if end, value := number(name, i); end > 0 {
				if n != 0 || value < 1 || value > MaxIndex || c == '0' {
					return 0, 0, false
				}
				n = value
				for _, c := range []byte("{n}") {
					h = (h ^ uint32(c)) * prime
				}
				i, start = end-1, false
				continue
			}
		}
		h = (h ^ uint32(lower(c))) * prime
		start = c == '.'
	}
	return h, n, true
}

// number reads a part that is all digits and returns where it ends, or 0 when the part is something else.
func number(name string, i int) (end, value int) {
	for ; i < len(name) && name[i] != '.'; i++ {
		if name[i] < '0' || name[i] > '9' {
			return 0, 0
		}
		value = min(10*value+int(name[i]-'0'), MaxIndex+1)
	}
	return i, value
}

// HashShort is FNV-1a over the name without underscores, in lower case. SameShort compares two names in the same way.
func HashShort(name string) uint32 {
	h := uint32(basis)
	for i := 0; i < len(name); i++ {
		if c := name[i]; c != '_' {
			h = (h ^ uint32(lower(c))) * prime
		}
	}
	return h
}

// SameShort reports whether two names are the same without underscores and without regard to ASCII case.
func SameShort(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i] == '_' {
			i++
		}
		for j < len(b) && b[j] == '_' {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if lower(a[i]) != lower(b[j]) {
			return false
		}
		i, j = i+1, j+1
	}
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
