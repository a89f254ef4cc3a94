// Package nearest finds the word that a person probably meant. A mistyped word and the known words go in, the closest
// known one comes out, or none. It never guesses far: a suggestion that is wrong costs more than none.
package nearest

import (
	"math"
	"strings"
)

// Word returns the known word closest to word, compared without case, or "" when none is close: at most one
// edit (insert, delete, replace, swap of neighbours), or one for every three bytes of the longer word, else the only
// known word that word begins. Of equally close words the first one that begins with the same byte wins, else the first.
func Word(word string, known []string) string {
	folded := strings.ToLower(word)
	best, bestDistance := "", math.MaxInt
	begun, begins := "", 0
	for _, k := range known {
		fk := strings.ToLower(k)
		limit := min(bestDistance, 1+max(1, max(len(folded), len(fk))/3))
		if begins := sameBegin(folded, fk); begins && best != "" && !sameBegin(folded, strings.ToLower(best)) {
			limit++ // people get the first letter right
		}
		if d := distance(folded, fk, limit); d < limit {
			best, bestDistance = k, d
		}
		if folded != "" && strings.HasPrefix(fk, folded) {
			begun = k
			begins++
		}
	}
	if best == "" && begins == 1 {
		return begun
	}
	return best
}

func sameBegin(a, b string) bool { return a != "" && b != "" && a[0] == b[0] }

// Within returns the known word closest to word, compared without case, with at most that many edits, or "". The known words are in lower
// case: there may be thousands. The first of equally close words wins.
func Within(word string, known []string, edits int) string {
	folded := strings.ToLower(word)
	best, limit := "", edits+1
	for _, k := range known {
		if d := distance(folded, k, limit); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// distance is the optimal string alignment distance of a and b in bytes, or limit when it is not less.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	// Three rows of the table: two rows back is what a swap looks at.
	var short [3 * 65]int
	rows := short[:]
	if len(b) > 64 {
		rows = make([]int, 3*(len(b)+1))
	}
	before, above, row := rows[:len(b)+1], rows[len(b)+1:2*(len(b)+1)], rows[2*(len(b)+1):3*(len(b)+1)]
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			replace := above[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			d := min(replace, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least >= limit {
			return limit
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], limit)
}

// Slip returns the known word that word is a slip of: one edit away, two in words of 12 bytes and more, compared without case. It returns
// "" when two known words are as close, and when the words differ in a digit: SearchBase6 is not a slip of SearchBase5. Two known words
// that differ in underscores alone are two spellings of one: the first of them counts.
func Slip(word string, known []string) string {
	folded := strings.ToLower(word)
	best, bestDistance, ties := "", math.MaxInt, 0
	for _, k := range known {
		fk := strings.ToLower(k)
		limit := 2
		if len(fk) >= longWord {
			limit = 3
		}
		d := distance(folded, fk, limit)
		switch {
		case d >= limit || d > bestDistance || digits(folded) != digits(fk):
		case d < bestDistance:
			best, bestDistance, ties = k, d, 0
		case plain(k) != plain(best):
			ties++
		}
	}
	if ties > 0 {
		return ""
	}
	return best
}

// plain is a word without case and underscores.
func plain(word string) string { return strings.ToLower(strings.ReplaceAll(word, "_", "")) }

// longWord is from how many bytes on two edits are a slip.
const longWord = 12

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
