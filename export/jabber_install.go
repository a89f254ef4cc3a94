package export

import (
	"slices"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
	"cupclint/internal/lazy"
	"cupclint/internal/nearest"
)

// isJabberInstall looks for a command line of Jabber's installer. XML and JSON have readers of their own, which turn to this one where
// nothing else is in them: deployment tools write such files.
func isJabberInstall(text string) bool { return !isXML(text) && installs(text) }

// installs looks for msiexec or the name of the package, and one of the installer's arguments.
func installs(text string) bool {
	const most = 256 << 10
	text = text[:min(len(text), most)]
	if fold.Index(text, "msiexec") < 0 && fold.Index(text, "ciscojabbersetup") < 0 {
		return false
	}
	found := false
	installerArguments(text, func(_, _, _, _ int, k KeyID) error {
		found = found || k != NoKey
		return nil
	})
	return found
}

// readJabberInstall reads the arguments NAME=VALUE of every command line that starts the installer, in any script: batch, PowerShell, the
// field of a deployment tool. A line may continue after ^, ` or \.
func (r *Reader) readJabberInstall() error {
	done := 0
	err := installerArguments(r.exp.text, func(name, nameEnd, value, end int, k KeyID) error {
		line := strings.LastIndexByte(r.exp.text[:name], '\n') + 1
		if line > done {
			r.ignoreLines(done, line)
		}
		if _, next := lineAt(r.exp.text, end); next > done {
			done = next
		}
		text := r.exp.text
		return r.add(&Property{
			Key: k, Name: text[name:nameEnd], Value: text[value:end],
			nameStart: int32(name), nameEnd: int32(nameEnd), valueStart: int32(value), valueEnd: int32(end),
		})
	})
	r.ignoreLines(min(done, len(r.exp.text)), len(r.exp.text))
	r.exp.recognised = err == nil && r.exp.known()
	return err
}

// installerArguments yields the arguments that are those of Jabber's installer, and misspelled ones; other arguments of Windows Installer
// are skipped. Only text that belongs to a command of the installer is looked at: the lines of a command, or, where the script builds its
// arguments elsewhere, every line once the installer is named.
func installerArguments(text string, yield func(name, nameEnd, value, end int, k KeyID) error) error {
	for at := 0; at < len(text); {
		eq := strings.IndexByte(text[at:], '=')
		if eq < 0 {
			return nil
		}
		eq += at
		name := eq
		for name > 0 && (chars.Letter(text[name-1]) || text[name-1] == '_' || text[name-1] >= '0' && text[name-1] <= '9') {
			name--
		}
		at = eq + 1
		if name == eq || name > 0 && strings.IndexByte("$-/%.:", text[name-1]) >= 0 || comment(text, name) {
			continue
		}
		k := installerKey(text[name:eq])
		if k == NoKey && !installerSlip(text[name:eq]) {
			continue
		}
		value, end := argumentValue(text, eq+1)
		if err := yield(name, eq, value, end, k); err != nil {
			return err
		}
		at = max(end, eq+1)
	}
	return nil
}

// comment reports whether the line that an offset is on is a remark of a script.
func comment(text string, at int) bool {
	line := strings.TrimLeft(text[strings.LastIndexByte(text[:at], '\n')+1:at], " \t@")
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "::") || fold.HasPrefix(line, "rem ") || strings.HasPrefix(line, "//")
}

// argumentValue is what follows the sign: between quotes, or up to a blank, a quote, a comma before a quote, or the end of the line.
func argumentValue(text string, from int) (start, end int) {
	if from >= len(text) {
		return from, from
	}
	for _, q := range [...]string{`\"`, "`\"", `""`, "&quot;", `"`, "'"} {
		if !strings.HasPrefix(text[from:], q) {
			continue
		}
		start = from + len(q)
		if n := strings.Index(text[start:], q); n >= 0 && strings.IndexByte(text[start:start+n], '\n') < 0 {
			return start, start + n
		}
		break
	}
	if text[from] == '"' || text[from] == '\'' { // a quote that ends the argument: the value is empty
		return from, from
	}
	end = from
	for end < len(text) && !chars.Blank(text[end]) && strings.IndexByte("\"'`)};^<", text[end]) < 0 {
		if rest := text[end:]; strings.HasPrefix(rest, "&&") || strings.HasPrefix(rest, "&quot;") || strings.HasPrefix(rest, `\"`) ||
			strings.HasPrefix(rest, `\n`) {
			break
		}
		end++
	}
	return from, end
}

// installerKey is the key of an argument of the installer. Windows Installer takes public properties in capitals alone, and the guides
// print some in other case.
func installerKey(name string) KeyID {
	k := bootstrapKey(name)
	if k.Group() != BootstrapKeys || !table[k].Formats.Has(JabberInstall) {
		return NoKey
	}
	return k
}

// installerSlip reports whether a name in capitals is a misspelled argument.
func installerSlip(name string) bool {
	return strings.ToUpper(name) == name && len(name) > 4 && nearest.Slip(name, installerNames.Get()) != ""
}

var installerNames = lazy.Value[[]string]{New: func() []string {
	var names []string
	for k := KeyID(1); k < NumKeys; k++ {
		if groups[k] != BootstrapKeys || !table[k].Formats.Has(JabberInstall) {
			continue
		}
		names = append(names, k.Short())
		for _, a := range table[k].Aliases {
			names = append(names, a[strings.LastIndexByte(a, '.')+1:])
		}
	}
	slices.Sort(names)
	return names
}}
