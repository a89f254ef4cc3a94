package compare

import (
	"fmt"
	"strings"

	"cupclint/lint"
)

// Bounds of what is said about a change.
const (
	maxParts   = 2   // places
	longest    = 8   // words of a place
	afterwards = 3   // words after a place
	maxWords   = 400 // words of a message
)

// difference says in words how a finding changed.
func difference(old, new *lint.Finding) string {
	var parts []string
	if old.Severity != new.Severity {
		parts = append(parts, fmt.Sprintf("severity from %s to %s", old.Severity, new.Severity))
	}
	if changes := words(old.Message, new.Message); len(changes) > 0 {
		parts = append(parts, changes...)
	} else if old.Message != new.Message && len(parts) == 0 {
		parts = append(parts, "the message differs")
	}
	if len(parts) == 0 && old.DaysLeft != nil && new.DaysLeft != nil && *old.DaysLeft != *new.DaysLeft {
		parts = append(parts, fmt.Sprintf("from %d to %d days", *old.DaysLeft, *new.DaysLeft))
	}
	if len(parts) == 0 {
		return "the value differs"
	}
	return strings.Join(parts, ", ")
}

// words lists where two messages differ, with some words after each place: "from 4 to 1 attempt left". Where that is much, only the places
// are named in which words took the place of others, and none where these are many, too.
func words(old, new string) []string {
	a, b := strings.Fields(old), strings.Fields(new)
	if len(a) > maxWords || len(b) > maxWords {
		return nil
	}
	var all, replaced []string
	for _, c := range runs(a, b) {
		gone, come := strings.Join(a[c.a:c.endA], " "), strings.Join(b[c.b:c.endB], " ")
		switch {
		case c.endA-c.a > longest || c.endB-c.b > longest:
			all = append(all, "", "", "") // too much
		case gone == "":
			all = append(all, fmt.Sprintf("now with %q", trimEnd(come)))
		case come == "":
			all = append(all, fmt.Sprintf("without %q", trimEnd(gone)))
		default:
			end := c.endB
			for end < len(b) && end < c.endB+afterwards && !ends(b[end-1]) && end-c.endB < c.same && !leads(b[end]) {
				end++
			}
			text := trimEnd(fmt.Sprintf("from %s to %s", trimEnd(gone), strings.Join(append([]string{come}, b[c.endB:end]...), " ")))
			all, replaced = append(all, text), append(replaced, text)
		}
	}
	switch {
	case len(all) <= maxParts:
		return all
	case len(replaced) <= maxParts:
		return replaced
	}
	return nil
}

// A change is a run of words that took the place of another one. same is how many words are equal after it.
type change struct{ a, endA, b, endB, same int }

// runs lists the changes that make the words of b from those of a, by their longest common part.
func runs(a, b []string) []change {
	common := make([][]int, len(a)+1) // common[i][k] is the length for a[i:] and b[k:]
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	equal := func(i, k int) bool { return a[i] == b[k] || singular(trimEnd(a[i])) == singular(trimEnd(b[k])) }
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if common[i][k] = max(common[i+1][k], common[i][k+1]); equal(i, k) {
				common[i][k] = max(common[i][k], common[i+1][k+1]+1)
			}
		}
	}
	var out []change
	open := false
	for i, k := 0, 0; i < len(a) || k < len(b); {
		if i < len(a) && k < len(b) && equal(i, k) && common[i][k] == common[i+1][k+1]+1 {
			if len(out) > 0 {
				out[len(out)-1].same++
			}
			i, k, open = i+1, k+1, false
			continue
		}
		if !open {
			out, open = append(out, change{i, i, k, k, 0}), true
		}
		last := &out[len(out)-1]
		if k == len(b) || i < len(a) && common[i+1][k] >= common[i][k+1] {
			i++
			last.endA = i
		} else {
			k++
			last.endB = k
		}
	}
	return out
}

// singular is a word without the s of a plural: "attempts" after 4 and "attempt" after 1 do not count as a change of their own.
func singular(word string) string {
	switch {
	case word == "are":
		return "is"
	case word == "have":
		return "has"
	case len(word) > 3:
		return strings.TrimSuffix(word, "s")
	}
	return word
}

// ends reports whether a word ends a part of a sentence.
func ends(word string) bool { return strings.ContainsAny(word[len(word)-1:], ",;:.") }

// leads reports whether a word leads to another part of the sentence.
func leads(word string) bool {
	switch word {
	case "before", "after", "of", "in", "for", "until", "on", "at", "that", "which", "and", "or", "to", "from", "with":
		return true
	}
	return false
}

func trimEnd(s string) string { return strings.TrimRight(s, ",;:.") }
