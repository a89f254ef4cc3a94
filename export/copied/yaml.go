package copied

import (
	"strings"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
)

// blockScalars finds the ends of blocks of YAML in which a server's output is: what follows is not of the output, so a prompt ends it.
func (f *Formats) blockScalars(text string) (edits []Edit) {
	if !strings.Contains(text, ": |") {
		return nil
	}
	inside, indent, filled := false, 0, false // indent is that of the line of the key
	for start, line := range chars.Lines(text) {
		if chars.AllBlank(line) {
			continue
		}
		n := chars.Blanks(line)
		if inside && n > indent {
			filled = true
			continue
		}
		if inside && filled {
			edits = append(edits, Edit{Start: start, End: start, With: "\n" + appliance.Prompt + "\n"})
		}
		inside, indent, filled = isBlockKey(line), n, false
	}
	if len(edits) == 0 || !f.printedIn(text, nil) {
		return nil
	}
	return edits
}

// isBlockKey reports whether a line is a key of YAML whose value is the block after it.
func isBlockKey(line string) bool {
	line = strings.TrimRight(line, " \t")
	key, sign, found := strings.Cut(strings.TrimLeft(line, "- "), ": |")
	return found && key != "" && !strings.Contains(key, ": ") && strings.Trim(sign, "+-0123456789") == ""
}
