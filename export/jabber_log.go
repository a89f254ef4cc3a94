package export

import "strings"

// isJabberLog looks for a line of a Jabber client's log among the first: "2024-04-04 10:11:12,101 DEBUG [0x00001bc8] [path(169)]
// [component] [function] - message", with or without the time.
func isJabberLog(text string) bool {
	if strings.IndexByte(text, '[') < 0 {
		return false // all that is looked for has it
	}
	text = firstLines(text, 20)
	store := strings.Contains(text, "ConfigStoreManager")
	if !store && !strings.Contains(text, logThread) {
		return false
	}
	for line := range strings.Lines(text) {
		if logMessage(line) >= 0 || store && strings.Contains(line, "ConfigStoreManager") && strings.Contains(line, "key : [") {
			return true
		}
	}
	return false
}

// firstLines returns a text up to the end of its n-th line.
func firstLines(text string, n int) string {
	at := 0
	for range n {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return text
		}
		at += i + 1
	}
	return text[:at]
}

// logThread begins the number of the thread in a line of the log.
const logThread = "[0x"

var logLevels = [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// logMessage returns where the message of a log line begins, -1 where the line is none: after the level come thread, source file and
// component in brackets.
func logMessage(line string) int {
	line = strings.TrimRight(line, "\r\n")
	head := line[:min(len(line), 400)]
	open := strings.Index(head, logThread)
	if open < 0 {
		return -1
	}
	before := strings.TrimRight(head[:open], " \t")
	ok := false
	for _, level := range logLevels {
		ok = ok || strings.HasSuffix(before, level)
	}
	shut := strings.IndexByte(head[open:], ']')
	if !ok || shut < 0 || !strings.HasPrefix(strings.TrimLeft(head[open+shut+1:], " "), "[") {
		return -1
	}
	if at := strings.Index(line[open:], "] - "); at >= 0 {
		return open + at + len("] - ")
	}
	return open
}

// readJabberLog reads the log of a Jabber client. A value that a store of its configuration gave becomes a property, once for each key,
// value and store; what failed becomes evidence. All other lines are none of ours, and are not counted as skipped: logs are full of
// them.
func (r *Reader) readJabberLog() error {
	e := &r.exp
	seen := map[string]bool{}
	for start := 0; start < len(e.text); {
		end, next := lineAt(e.text, start)
		if err := r.logLine(start, end, seen); err != nil {
			return err
		}
		start = next
	}
	r.looksLike("a log of a Jabber client without a setting in it", "cupclint diagnose looks at what failed in it.")
	e.empty = len(e.Properties) == 0
	e.recognised = !e.empty || r.Evidence && len(e.Evidence) > 0
	return nil
}

// lineAt returns the end of the line at start, without its line end, and where the next one begins.
func lineAt(text string, start int) (end, next int) {
	i := strings.IndexByte(text[start:], '\n')
	if i < 0 {
		return len(text), len(text)
	}
	end, next = start+i, start+i+1
	if end > start && text[end-1] == '\r' {
		end--
	}
	return end, next
}

func (r *Reader) logLine(start, end int, seen map[string]bool) error {
	e := &r.exp
	line := e.text[start:end]
	if !logInterest(line) {
		return nil
	}
	if p, ok := storedValue(line, start); ok {
		id := strings.ToLower(p.Name) + "\x00" + p.Value + "\x00" + p.Origin
		if seen[id] || len(seen) >= MaxProperties {
			return nil
		}
		seen[id] = true
		return r.add(&p)
	}
	if kind, code, ok := evidenceIn(line); ok {
		id := kind + "\x00" + code
		if seen[id] || len(e.Evidence) >= maxEvidence {
			return nil
		}
		seen[id] = true
		from := max(logMessage(line), 0)
		e.Evidence = append(e.Evidence,
			Evidence{File: strings.Clone(e.File), Line: r.lineOf(start), Kind: kind, Code: strings.Clone(code), Text: e.passage(start+from, end)})
		return nil
	}
	return r.textLine(start, end, r.secretsIn(start, end))
}

// logInterest reports whether a line may say something. The rest of a log is skipped, and of a large one not kept.
func logInterest(line string) bool {
	if strings.Contains(line, "ConfigStore") || strings.Contains(line, "assw") {
		return true
	}
	_, _, ok := evidenceIn(line)
	return ok
}

// storedValue reads "key : [otherphone] skipLocal : [0]  value: [ipPhone] success: [true] configStoreName: [TftpConfigStore]".
func storedValue(line string, start int) (Property, bool) {
	nameAt, name, ok := bracketed(line, "key : [", "]", 0)
	if !ok {
		return Property{}, false
	}
	// A value may hold brackets: what follows it ends it.
	valueAt, value, ok := bracketed(line, "value: [", "] success: [", nameAt)
	if !ok {
		return Property{}, false
	}
	after := valueAt + len(value)
	if !strings.HasPrefix(line[after:], "] success: [true]") {
		return Property{}, false
	}
	_, store, _ := bracketed(line, "configStoreName: [", "]", after)
	return Property{
		Key: ByShortName(name), Name: name, Value: value, Origin: store,
		nameStart: int32(start + nameAt), nameEnd: int32(start + nameAt + len(name)),
		valueStart: int32(start + valueAt), valueEnd: int32(start + after),
	}, name != ""
}

// bracketed finds the text between two marks, from a place on.
func bracketed(line, open, shut string, from int) (at int, text string, ok bool) {
	i := strings.Index(line[from:], open)
	if i < 0 {
		return 0, "", false
	}
	at = from + i + len(open)
	n := strings.Index(line[at:], shut)
	if n < 0 {
		return 0, "", false
	}
	return at, line[at : at+n], true
}
