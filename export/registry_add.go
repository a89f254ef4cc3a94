package export

import (
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// isRegistryAdd looks for a script that writes settings of a client with "reg add".
func isRegistryAdd(text string) bool {
	const most = 16 << 10
	for line := range strings.Lines(text[:min(len(text), most)]) {
		if at := addCommand(line); at >= 0 && fold.Index(line[at:], adminDataFolded) >= 0 && !comment(line, at) {
			return true
		}
	}
	return false
}

// addCommand returns where the arguments of "reg add" or "reg.exe add" begin in a line, -1 where there are none.
func addCommand(line string) int {
	for from := 0; ; {
		i := fold.Index(line[from:], " add ")
		if i < 0 {
			return -1
		}
		at := from + i
		from = at + len(" add ")
		before := strings.ToLower(strings.Trim(line[:at], " \t\"'"))
		for _, program := range [...]string{"reg", "reg.exe"} {
			if rest, ok := strings.CutSuffix(before, program); ok && (rest == "" || strings.IndexByte(" \t@\\/&>|(\"", rest[len(rest)-1]) >= 0) {
				return from
			}
		}
	}
}

// readAdds reads the settings that "reg add" lines of a script write below AdminData:
//
//	reg add "HKCU\Software\...\Client Services Framework\AdminData" /v TftpServer1 /t REG_SZ /d 10.0.0.1 /f
//
// What a variable of the script gives is not known here, so such a line is skipped.
func (g *registryReader) readAdds() error {
	text := g.r.exp.text
	for start := 0; start < len(text); {
		end, next := lineAt(text, start)
		line := text[start:end]
		at := addCommand(line)
		p, kind := Property{}, ""
		if at >= 0 && !comment(line, at) {
			p, kind = g.addArguments(start+at, end)
		}
		switch {
		case chars.AllBlank(line) || comment(line, 0):
		case p.Name == "" || !g.inside || scriptVariable(p.Value):
			g.r.ignore(start, end)
		default:
			if err := g.typed(p, kind); err != nil {
				return err
			}
		}
		start = next
	}
	return nil
}

// scriptVariable reports a value with %NAME%, !NAME! or $NAME. A password may have such a character of its own.
func scriptVariable(value string) bool {
	for _, mark := range [...]string{"%", "!"} {
		if rest, ok := strings.CutPrefix(value, mark); ok && strings.Contains(rest, mark) {
			return true
		}
	}
	return strings.HasPrefix(value, "$") || strings.Count(value, "%") >= 2
}

// addArguments reads the key and the options of one command. The name is empty where the command sets no value that is known.
func (g *registryReader) addArguments(from, end int) (p Property, kind string) {
	text := g.r.exp.text
	option := "key"
	has := false
	for from < end {
		start, stop, next := addArgument(text, from, end)
		from = next
		word := text[start:stop]
		switch {
		case start == stop && option == "":
			continue
		case option == "key":
			g.section(word)
		case option == "/v":
			p.Name, p.nameStart, p.nameEnd = word, int32(start), int32(stop)
		case option == "/t":
			kind = strings.ToUpper(word)
		case option == "/d":
			p.Value, p.valueStart, p.valueEnd, has = word, int32(start), int32(stop), true
		default:
			option = strings.ToLower(word)
			switch option {
			case "/v", "/t", "/d", "/s":
				continue
			}
			if strings.IndexByte("&|>", word[0]) >= 0 { // another command, or where the answer goes
				from = end
			}
		}
		option = ""
	}
	if !has {
		p.Name = ""
	}
	return p, kind
}

// addArgument finds the next word, without its quotes.
func addArgument(text string, from, end int) (start, stop, next int) {
	for from < end && chars.Blank(text[from]) {
		from++
	}
	if from < end && (text[from] == '"' || text[from] == '\'') {
		start = from + 1
		if n := strings.IndexByte(text[start:end], text[from]); n >= 0 {
			return start, start + n, start + n + 1
		}
	}
	for stop = from; stop < end && !chars.Blank(text[stop]); stop++ {
	}
	return from, stop, stop
}
