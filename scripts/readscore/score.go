package main

import (
	"strings"
	"unicode"
)

// A count has what the formula needs.
type count struct{ sentences, words, syllables int }

func (c *count) add(o count) {
	c.sentences += o.sentences
	c.words += o.words
	c.syllables += o.syllables
}

func (c count) perSentence() float64 { return ratio(c.words, c.sentences) }
func (c count) perWord() float64     { return ratio(c.syllables, c.words) }

// score is the Flesch Reading Ease.
func (c count) score() float64 {
	if c.words == 0 {
		return 0
	}
	return 206.835 - 1.015*c.perSentence() - 84.6*c.perWord()
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// fewest is the number of words from which on a piece of text is a sentence. Shorter ones are labels: "Exit codes", "see above".
const fewest = 4

// measure counts sentences that have enough words.
func measure(sentences []string) count {
	var total count
	for _, s := range sentences {
		c := count{sentences: 1}
		for _, field := range strings.Fields(s) {
			for w := range strings.SplitSeq(strings.Trim(field, `"'“”‘’.,;:!?()[]{}*…`), "-") {
				if isWord(w) {
					c.words++
					c.syllables += syllables(w)
				}
			}
		}
		if c.words >= fewest {
			total.add(c)
		}
	}
	return total
}

// isWord is true for words of a language: letters, and an apostrophe. Numbers, host names, paths and keys such as ImapEnabled are not
// words.
func isWord(w string) bool {
	if w == "" {
		return false
	}
	lower := false
	for _, r := range w {
		switch {
		case r == '\'' || r == '’':
		case !unicode.IsLetter(r):
			return false
		case unicode.IsLower(r):
			lower = true
		case lower: // a capital letter after a small one
			return false
		}
	}
	return true
}

// syllables estimates the syllables of an English word: groups of vowels, without a silent e at the end. An abbreviation such as LDAP
// counts as one syllable: readers know it as one sign.
func syllables(w string) int {
	if w == strings.ToUpper(w) {
		return 1
	}
	w = strings.TrimSuffix(strings.ToLower(strings.ReplaceAll(w, "’", "'")), "'s")
	n, before := 0, false
	for _, r := range w {
		vowel := strings.ContainsRune("aeiouyäöüéè", r)
		if vowel && !before {
			n++
		}
		before = vowel
	}
	isVowel := func(fromEnd int) bool {
		return len(w) >= fromEnd && strings.ContainsRune("aeiouy", rune(w[len(w)-fromEnd]))
	}
	ends := func(list ...string) bool {
		for _, e := range list {
			if strings.HasSuffix(w, e) {
				return true
			}
		}
		return false
	}
	switch {
	case ends("le") && !isVowel(3), ends("les") && !isVowel(4): // ta-ble, ta-bles
	case ends("ted", "ded", "ces", "ges", "ses", "xes", "zes", "ches", "shes"): // lis-ted, ad-dres-ses
	case ends("e", "ed", "es") && !ends("ee", "eed", "ees", "ied", "ies", "oe", "ue", "ye", "ie"):
		n--
	}
	return max(n, 1)
}
