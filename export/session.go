package export

import "strings"

// A session is what somebody copies from a terminal of the servers: commands behind the prompt "admin:", each with its output. Often
// the commands are missing, or only one output was copied.

// A section is one command's output.
type section struct {
	// command as it was typed, without the prompt; empty where none stands before the output.
	command string
	at      int // where the command stands in the decoded text
	// start and end of the output in the decoded text.
	start, end int
}

// An outputReader knows the output of one command. It adds properties and calls ignore for the lines that it does not understand.
type outputReader struct {
	format Format
	// mine asks whether an output is the command's. The command is in lower case, with single blanks, and may be empty.
	mine func(command, output string) bool
	read func(r *Reader, s section) error
}

// outputReaders are the outputs that are read, in the order in which a section is asked whose it is. A new one is a line here.
var outputReaders = [...]outputReader{
	{RunSQL, isRunSQL, (*Reader).readRunSQL},
	{Cluster, isCluster, (*Reader).readCluster},
}

const prompt = "admin:"

// verbs begin the commands of the servers' command line.
var verbs = [...]string{"run", "show", "utils", "set", "unset", "file", "delete", "license"}

// isSession looks for a command behind a prompt, or for an output that shows by itself whose it is, among the first lines.
func isSession(text string) bool {
	const most = 16 << 10 // bytes
	head := text[:min(len(text), most)]
	for at := 0; ; {
		i := strings.Index(head[at:], prompt)
		if i < 0 {
			break
		}
		at += i + len(prompt)
		line, _, _ := strings.Cut(head[at:], "\n")
		if isCommand(line) {
			return true
		}
	}
	return outputReaderOf("", text) != nil
}

// isCommand reports whether a line begins as the servers' commands do.
func isCommand(line string) bool {
	first, rest, more := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	if !more || strings.TrimSpace(rest) == "" {
		return false
	}
	for _, v := range verbs {
		if strings.EqualFold(first, v) {
			return true
		}
	}
	return false
}

func outputReaderOf(command, output string) *outputReader {
	for i := range outputReaders {
		if o := &outputReaders[i]; o.mine(command, output) {
			return o
		}
	}
	return nil
}

// sections splits a session at the prompts. Web pages fold lines, so there may be several in one.
func sections(text string) []section {
	var all []section
	current := section{}
	offset := 0
	for line := range strings.Lines(text) {
		start := offset
		offset += len(line)
		for at := 0; ; {
			i := strings.Index(line[at:], prompt)
			if i < 0 {
				break
			}
			i += at
			at = i + len(prompt)
			rest := strings.TrimRight(line[at:], "\r\n")
			if strings.TrimSpace(line[:i]) != "" && !isCommand(rest) && strings.TrimSpace(rest) != "" {
				continue // a word that ends so
			}
			current.end = start + i
			if current.start > current.end { // the command and its output stand in one line, before this prompt
				current.command = strings.TrimSpace(text[current.at:current.end])
				current.start = current.end
			}
			all = append(all, current)
			current = section{command: strings.TrimSpace(rest), at: start + at, start: offset}
		}
	}
	current.end = len(text)
	return append(all, current)
}

// readSession reads a session, section by section. The format becomes that of the first output that is read, and stays CLI where there are
// several.
func (r *Reader) readSession() error {
	text := r.exp.text
	format := r.Force
	for _, s := range sections(text) {
		output := text[s.start:s.end]
		if strings.TrimSpace(output) == "" && !strings.Contains(s.command, " ==") {
			continue // a command without output, or with all of it in the same line
		}
		o := r.outputReader(s, output)
		if o == nil {
			r.ignoreLines(s.start, s.end)
			if s.command != "" {
				r.looksLike("the output of "+trim(s.command), "")
			}
			continue
		}
		if err := o.read(r, s); err != nil {
			return err
		}
		switch format {
		case Auto, o.format:
			format = o.format
		default:
			format = CLI
		}
	}
	if format == Auto {
		format = CLI
	}
	r.exp.Format = format
	return nil
}

// outputReader finds the reader of a section: the one that was asked for, or the one that knows it.
func (r *Reader) outputReader(s section, output string) *outputReader {
	for i := range outputReaders {
		if o := &outputReaders[i]; o.format == r.Force {
			return o
		}
	}
	return outputReaderOf(normalCommand(s.command), output)
}

// normalCommand writes a command in lower case with single blanks.
func normalCommand(command string) string {
	return strings.ToLower(strings.Join(strings.Fields(command), " "))
}
