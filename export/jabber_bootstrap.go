package export

import (
	"slices"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// notSpecified is what the installer writes for an argument that was not given: as a line of its own, or as the value of a name.
const notSpecified = "NOT_SPECIFIED"

// readBootstrap reads jabber-bootstrap.properties, which Jabber's installer writes: "Key: value" lines. The name of a key is the
// installer's argument, with or without underscores, or by a name of jabber-config.xml. What is not specified is not there.
func (r *Reader) readBootstrap() error {
	text := r.exp.text
	unset := false
	for start := 0; start < len(text); {
		end, next := lineAt(text, start)
		line := text[start:end]
		nameStart, nameEnd, valueStart, ok := bootstrapLine(line)
		switch {
		case strings.TrimSpace(line) == notSpecified, ok && strings.TrimSpace(line[valueStart:]) == notSpecified:
			unset = true
		case ok:
			name := line[nameStart:nameEnd]
			k := bootstrapKey(name)
			if k == NoKey {
				k = ByShortName(name)
			}
			p := Property{
				Key: k, Name: name, Value: line[valueStart:], nameStart: int32(start + nameStart), nameEnd: int32(start + nameEnd),
				valueStart: int32(start + valueStart), valueEnd: int32(end),
			}
			if err := r.add(&p); err != nil {
				return err
			}
		case !chars.AllBlank(line) && !bootstrapComment(line):
			r.ignore(start, end)
		}
		start = next
	}
	r.exp.recognised = unset || r.exp.known()
	return nil
}

func bootstrapComment(line string) bool {
	return strings.IndexByte("#!;", strings.TrimLeft(line, " \t")[0]) >= 0
}

// shellLine reports a line that was copied from a terminal with the file: the prompt of a shell, with a command or without one, or the name
// of the file above its lines.
func shellLine(line string) bool {
	line = strings.TrimPrefix(strings.TrimSpace(line), "PS ")
	drive := len(line) > 2 && chars.Letter(line[0]) && line[1] == ':' && line[2] == '\\'
	return drive || line == "$" || strings.HasPrefix(line, "$ ") || bootstrapName(line)
}

// bootstrapLine splits "Key: value". One blank after the colon belongs to it.
func bootstrapLine(line string) (nameStart, nameEnd, valueStart int, ok bool) {
	nameStart = len(line) - len(strings.TrimLeft(line, " \t"))
	if nameStart == len(line) || strings.IndexByte("#!;", line[nameStart]) >= 0 {
		return 0, 0, 0, false
	}
	colon := strings.IndexAny(line, ":=")
	if colon < 0 || shellLine(line) {
		return 0, 0, 0, false
	}
	nameEnd = len(strings.TrimRight(line[:colon], " \t"))
	for i := nameStart; i < nameEnd; i++ {
		if c := line[i]; !chars.Letter(c) && c != '_' && (c < '0' || c > '9') {
			return 0, 0, 0, false
		}
	}
	valueStart = colon + 1
	if valueStart < len(line) && (line[valueStart] == ' ' || line[valueStart] == '\t') {
		valueStart++
	}
	return nameStart, nameEnd, valueStart, nameEnd > nameStart
}

// bootstrapKey finds a name of the installer, the bootstrap file, a link or a device management system, with or without underscores.
func bootstrapKey(name string) KeyID {
	k, _, ok := Lookup(jabberPrefix + "Bootstrap." + name)
	if !ok {
		k, _, _ = Lookup(jabberPrefix + "Bootstrap." + strings.ReplaceAll(name, "_", ""))
	}
	return k
}

// isBootstrap looks at the first lines. All have the form of the file, more are known than not, and one is a sure sign: what the installer
// writes for an argument that was not given, or one of its names as no other file writes it.
func isBootstrap(text string) bool {
	const most = 64
	known, unknown, lines := 0, 0, 0
	sure := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if chars.AllBlank(line) || bootstrapComment(line) || shellLine(line) {
			continue
		}
		if strings.TrimSpace(line) == notSpecified {
			sure = true
			continue
		}
		nameStart, nameEnd, valueStart, ok := bootstrapLine(line)
		if !ok {
			return false
		}
		name := line[nameStart:nameEnd]
		switch {
		case strings.TrimSpace(line[valueStart:]) == notSpecified:
			sure = true
		case bootstrapKey(name) != NoKey:
			known++
			sure = sure || strings.ToLower(name[1:]) != name[1:] && !healthLine(name, line[valueStart:]) // "language: go" is another tool's
		case ByShortName(name) == NoKey:
			unknown++
		}
		if lines++; lines == most {
			break
		}
	}
	return sure && known >= unknown
}

// healthLine reports a line of Show Server Health: "CTI: Connected" has the name of a setting and the state of a server.
func healthLine(name, value string) bool {
	return slices.Contains([]string{"cti", "tftp", "ccmcip"}, strings.ToLower(name)) &&
		(len(strings.Fields(value)) != 1 || !strings.Contains(value, "."))
}

// bootstrapName reports whether a file has the name of the bootstrap file: then one sure sign in it is enough.
func bootstrapName(file string) bool {
	return fold.HasPrefix(file[strings.LastIndexAny(file, "/!\\")+1:], "jabber-bootstrap")
}

// bootstrapSign looks for one line of that file.
func bootstrapSign(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == notSpecified {
			return true
		}
		nameStart, nameEnd, valueStart, ok := bootstrapLine(line)
		if ok && (strings.TrimSpace(line[valueStart:]) == notSpecified || bootstrapKey(line[nameStart:nameEnd]) != NoKey ||
			ByShortName(line[nameStart:nameEnd]) != NoKey) {
			return true
		}
	}
	return false
}
