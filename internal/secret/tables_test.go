package secret

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// tableRows reads a table of this package.
func tableRows(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
	}
	return rows
}

func TestEveryWordOfTheTableIsKnown(t *testing.T) {
	kinds := map[string]wordKind{"strong": strong, "joined": joined, "weak": weak, "not": after, "before": before}
	want := make(map[string]wordKind)
	for _, row := range tableRows(t, "words.tsv") {
		word, known := row[0], false
		switch kind := row[1]; kind {
		case "pair":
			known = pairStrength(word) == Strong
		case "weakpair":
			known = pairStrength(word) == Weak
		case "again":
			known = isAgain(word)
		case "between":
			known = isBetween(word)
		case "account":
			known = isAccount(word)
		case "copula":
			known = isCopula(word)
		case "whose":
			known = isWhose(word)
		case "state":
			known = isState(word)
		default:
			want[word] |= kinds[kind]
			known = kindOfWord(word)&kinds[kind] != 0
			if kind == "joined" {
				known = known && slices.Contains(joinedWords, word) && mayHoldJoined("x"+word)
			}
		}
		if !known {
			t.Errorf("%q is not known", row)
		}
	}
	for word, kinds := range want {
		if got := kindOfWord(word); got != kinds {
			t.Errorf("%q has the kinds %b, want %b", word, got, kinds)
		}
	}
	if kindOfWord("") != 0 || pairStrength("pass wort") != None || isAgain("pass") || isBetween("pass") || isState("geheim77!") ||
		mayHoldJoined("presence") {
		t.Error("words that no table has are known")
	}
}

func TestEveryCommandOfTheTableIsKnown(t *testing.T) {
	for _, row := range tableRows(t, "commands.tsv") {
		words := strings.Fields(strings.TrimPrefix(row[0], "<tag> "))
		for first := range strings.SplitSeq(words[0], "|") {
			if !slices.ContainsFunc(commandsOf(first), func(c command) bool {
				return slices.Equal(c.words, words[1:]) && c.tagged == strings.HasPrefix(row[0], "<tag>") && c.plain == (row[1] == "plain") &&
					c.random == (row[1] == "random") && c.prose == (row[1] == "prose")
			}) {
				t.Errorf("%q is not among the commands of %q", row[0], first)
			}
		}
	}
	if commandsOf("") != nil || commandsOf("presence") != nil {
		t.Error("commands that no table has are known")
	}
}
