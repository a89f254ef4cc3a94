package appliance

import "strings"

// What people write between the outputs of several nodes names the node: "### sub1 ###", "==> sub1.txt <==", "Host: sub1",
// "sub1 | CHANGED | rc=0 >>". The same signs are around titles, so a name has to look like one of a machine, and an output has to follow.

const (
	separatorMarks = "#=-*_~>< \t[]:"
	// separatorAhead is how many lines after a separator are looked at for an output, and separatorLine how long one can be.
	separatorAhead = 4
	separatorLine  = 120
)

// separator returns the node that a line names for the outputs after it; empty where it is not such a line.
func separator(line, after string) string {
	if len(line) > separatorLine {
		return ""
	}
	if node := separated(line); node != "" && outputFollows(after) {
		return node
	}
	return ""
}

func separated(line string) string {
	if before, after, ok := strings.Cut(line, " | "); ok { // Ansible, for each host
		for _, state := range [...]string{"CHANGED ", "SUCCESS ", "FAILED "} {
			if strings.HasPrefix(after, state) && strings.HasSuffix(line, ">>") && machine(before, true) {
				return before
			}
		}
		return ""
	}
	rest, marked := line, false
	switch {
	case strings.HasPrefix(line, "==> ") && strings.HasSuffix(line, " <=="): // head and tail, for each file
		return ifMachine(guess(strings.TrimSpace(line[4 : len(line)-4])))
	case strings.IndexByte("#=-*_~>[", line[0]) >= 0:
		rest, marked = strings.Trim(line, separatorMarks), len(line) > 1 && (line[1] == line[0] || line[0] == '#' || line[0] == '[')
		if rest == "" || !marked {
			return ""
		}
	}
	if !marked && strings.IndexByte(rest, ':') < 0 {
		return ""
	}
	word, value, labelled := strings.Cut(rest, " ")
	if i := strings.IndexByte(rest, ':'); i > 0 && !labelled || i > 0 && i < len(word) {
		word, value, labelled = rest[:i], strings.TrimLeft(rest[i+1:], " \t"), true
	}
	if labelled && label(word) {
		value = strings.TrimLeft(strings.TrimPrefix(value, "of "), ": \t")
		name, remark, _ := strings.Cut(strings.TrimRight(value, ":"), " ")
		if (marked || strings.Contains(rest, ":")) && aside(remark) && machine(name, true) {
			return name
		}
		return ""
	}
	if !marked || labelled && !aside(value) {
		return ""
	}
	return ifMachine(word)
}

// label reports whether a word says that the name of a node follows.
func label(word string) bool {
	switch strings.ToLower(word) {
	case "host", "hostname", "node", "server", "machine", "device", "output", "cucm", "imp", "publisher", "subscriber":
		return true
	}
	return false
}

// aside reports whether what follows a name is a remark in brackets, or nothing.
func aside(text string) bool { return text == "" || text[0] == '(' || text[0] == '[' }

// IsMachine reports whether a word looks like the name of a node or is its address.
func IsMachine(word string) bool { return machine(word, false) }

func ifMachine(name string) string {
	if machine(name, false) {
		return name
	}
	return ""
}

// machine reports whether a word is the name of a machine or its address. Without a label it has to have a number after its letters, or
// domains, or be a usual name of a node.
func machine(name string, labelled bool) bool {
	if name == "" || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || verb(name+" ") {
		return false
	}
	if strings.Trim(name, "0123456789.-") == "" {
		return strings.Count(name, ".") == 3
	}
	if labelled {
		return true
	}
	first, domain, _ := strings.Cut(strings.ToLower(name), ".")
	switch first {
	case "pub", "sub", "publisher", "subscriber", "cucm", "ccm", "cups", "cup", "imp", "cer", "cuc", "unity":
		return true
	}
	word := strings.TrimRight(first, "0123456789")
	switch strings.TrimRight(word, "-") {
	case "", "part", "step", "test", "output", "page", "day", "case", "eth", "table", "example", "figure", "fig", "log", "no", "nr", "v",
		"version", "run", "file", "paste", "attachment", "chapter", "section", "number", "round", "try", "time", "note", "question", "q",
		"command", "cmd", "task", "check", "phase", "week", "month", "ntp", "ntpv", "ipv", "rule", "disk", "port", "item":
		return false
	}
	return word != first || domain != "" && strings.Count(name, ".") > 1
}

// outputFollows reports whether a command or an output of one begins a text, after lines of marks.
func outputFollows(text string) bool {
	for range separatorAhead {
		line, rest, _ := strings.Cut(text[:min(len(text), 4*separatorLine)], "\n")
		text = text[min(len(text), len(line)+1):]
		line = strings.TrimSpace(line)
		if line == "" || strings.Trim(line, separatorMarks) == "" {
			if rest == "" {
				return false
			}
			continue
		}
		if line[0] < ' ' {
			if line = strings.TrimSpace(clean(line, 0, len(line)).S); line == "" {
				continue
			}
		}
		_, after, ok := prompt(line)
		return ok && verb(line[after:]) || header(line) != nil || stamped(line, anySigns) != nil || isLogin(line)
	}
	return false
}

// shellLine reports whether a line is of the terminal around a session: a prompt of a shell, or what says that the session ended. What
// follows an output there is not a row of it.
func shellLine(line string) bool {
	switch {
	case line == "logout", strings.HasPrefix(line, "Script done on "), strings.HasPrefix(line, "Script started on "):
		return true
	case strings.HasPrefix(line, "Connection to ") && strings.HasSuffix(line, " closed."):
		return true
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(line, "["), "@")
	if len(word) == len(line) || word == "" || len(word) > 32 || strings.ContainsAny(word, " \t") {
		return false
	}
	rest := line[:min(len(line), separatorLine)]
	if line[0] == '[' { // [root@pc1 ~]# command
		i := strings.IndexByte(rest, ']')
		return i > 0 && i+1 < len(rest) && strings.IndexByte("$#", rest[i+1]) >= 0
	}
	host, path, found := strings.Cut(rest, ":") // anna@pc1:~$ command
	return found && path != "" && strings.IndexByte("~/", path[0]) >= 0 && !strings.ContainsAny(host, " \t") && strings.ContainsAny(path, "$#")
}
