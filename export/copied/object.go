package copied

import (
	"slices"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// PowerShell shows the values of a registry key as properties of an object, and where the key is in one of its own:
//
//	TftpServer1 : 10.0.0.1
//	PSPath      : Microsoft.PowerShell.Core\Registry::HKEY_CURRENT_USER\...\AdminData
//
// Get-ChildItem has the key before a table whose second column has the properties. Both become what "reg query" answers.

// registryObjects finds such values of a client, or of Windows Time.
func (f *Formats) registryObjects(text string) (edits []Edit) {
	if !strings.Contains(text, `Registry::HKEY_`) && !strings.Contains(text, "Hive: HKEY_") {
		return nil
	}
	var object []field // since the last empty line
	hive, rule, begin := "", false, 0
	found := false
	write := func(key string, at int, fields []field) {
		if !f.RegistryKey(key) {
			return
		}
		found = true
		edits = append(edits, Edit{Start: at, End: at, With: key + "\n"})
		for _, v := range fields {
			edits = append(edits, Edit{Start: v.start, End: v.name, With: "    "},
				Edit{Start: v.nameEnd, End: v.value, With: "    REG_SZ    "})
		}
	}
	for start, line := range chars.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "":
			object, begin = object[:0], 0
			if rule {
				hive, rule = "", false
			}
		case fold.HasPrefix(trimmed, "Hive: HKEY_"):
			hive, rule = strings.TrimSpace(trimmed[len("Hive: "):]), false
		case hive != "" && strings.Trim(trimmed, "- ") == "":
			rule = true
		case rule:
			child, rest := "", line
			if line[0] != ' ' {
				if child, rest, _ = strings.Cut(line, "  "); !strings.Contains(rest, ":") {
					continue
				}
			}
			v := fieldOf(text, start+len(line)-len(rest), start+len(line))
			switch v.start = start; {
			case v.nameEnd == 0:
			case child != "":
				write(hive+`\`+child, start, []field{v})
			case f.RegistryKey(hive) && found:
				edits = append(edits, Edit{Start: v.start, End: v.name, With: "    "},
					Edit{Start: v.nameEnd, End: v.value, With: "    REG_SZ    "})
			}
		default:
			v := fieldOf(text, start, start+len(line))
			if len(object) == 0 {
				begin = start
			}
			switch name := text[v.name:v.nameEnd]; {
			case name == "PSPath":
				_, key, _ := strings.Cut(text[v.value:start+len(line)]+continuedValue(text, start+len(line)), "Registry::")
				write(key, begin, object)
				object = object[:0]
			case name != "" && !strings.HasPrefix(name, "PS") && continuedValue(text, start+len(line)) == "":
				object = append(object, v)
			}
		}
	}
	if !found {
		return nil
	}
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	return edits
}

// A field is the place of a name and of the value after its colon.
type field struct{ start, name, nameEnd, value int }

// fieldOf finds a name, a colon with blanks around it, and a value.
func fieldOf(text string, start, end int) field {
	line := text[start:end]
	name := start + chars.Blanks(line)
	sep := strings.Index(line, " : ")
	if sep < 0 {
		return field{}
	}
	nameEnd := start + len(strings.TrimRight(line[:sep], " "))
	if nameEnd <= name || strings.IndexByte(text[name:nameEnd], ' ') >= 0 {
		return field{}
	}
	value := start + sep + len(" : ")
	if value < end && text[value] == '{' { // several strings, or bytes
		return field{}
	}
	return field{start, name, nameEnd, value}
}

// continuedValue is the rest of a value that PowerShell broke at the width of its window.
func continuedValue(text string, end int) string {
	var b strings.Builder
	for lines := 0; end < len(text) && lines < 8; lines++ {
		next := end + 1
		if strings.HasPrefix(text[end:], "\r\n") {
			next++
		}
		stop := len(text)
		if i := strings.IndexByte(text[min(next, len(text)):], '\n'); i >= 0 {
			stop = next + i
		}
		line := strings.TrimRight(text[min(next, len(text)):stop], "\r")
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || chars.Blanks(line) < len(" : ")+2 || strings.Contains(line, " : ") {
			break
		}
		b.WriteString(trimmed)
		end = next + len(line)
	}
	return b.String()
}
