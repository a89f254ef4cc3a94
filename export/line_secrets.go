package export

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"cupclint/internal/secret"
)

// lineSecrets answers, for the separators of a line from left to right, where the secrets of the line are. A line can have thousands of
// both, so each is looked at once.
type lineSecrets struct {
	text   string
	around []span // from the name of a secret to its end, by their begin
	end    int    // of those in around that began before the last separator, the greatest
	names  []int  // where names begin, in order
	ends   []int  // those names that end the value before them wherever it begins, in order
}

func newLineSecrets(text string, secrets []secret.Span) *lineSecrets {
	l := &lineSecrets{text: text}
	for _, s := range secrets {
		if s.NameStart == s.NameEnd {
			l.around = append(l.around, span{start: max(s.NameStart, s.Start), end: s.End})
			continue
		}
		l.around = append(l.around, span{start: s.NameStart, end: s.End})
		l.names = append(l.names, s.NameStart)
	}
	slices.SortFunc(l.around, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	slices.Sort(l.names)
	for _, at := range l.names {
		if before := strings.TrimRight(text[:at], opening); before != "" && strings.IndexByte(" \t,", before[len(before)-1]) >= 0 {
			l.ends = append(l.ends, at)
		}
	}
	return l
}

// opening are the signs before a name in quotes or brackets, or in an option.
const opening = "\"'{[(-/"

// inside returns the end of the secret that a separator belongs to; false where it belongs to none.
func (l *lineSecrets) inside(sep int) (end int, is bool) {
	for len(l.around) > 0 && l.around[0].start <= sep {
		l.end = max(l.end, l.around[0].end)
		l.around = l.around[1:]
	}
	return l.end, sep < l.end
}

// next returns where the value after a separator ends at the latest: before the name of a secret that follows a blank, or the quote and
// bracket of an object.
func (l *lineSecrets) next(sep, end int) int {
	l.ends = l.ends[sort.SearchInts(l.ends, sep+1):]
	if len(l.ends) > 0 {
		end = min(end, l.ends[0])
	}
	l.names = l.names[sort.SearchInts(l.names, sep+1):]
	if len(l.names) > 0 && l.names[0] < end && strings.Trim(l.text[sep+1:l.names[0]], opening) == "" {
		return l.names[0]
	}
	return end
}
