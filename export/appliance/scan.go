package appliance

import (
	"path"
	"slices"
	"strings"

	"cupclint/internal/lazy"
)

// A Block is one output in a text.
type Block struct {
	// Command as it was typed, in lower case with single blanks; for an output without a prompt, the command that prints such.
	Command string
	// Start of the output and its end, in the original text. At is where the command is, or the output where no command does.
	At, Start, End int
	// Node that the block speaks of. Guessed says that it was taken from the name of the file.
	Node    string
	Guessed bool
	// Read is set where anything of the output was understood, and Older where a later output of the command counts instead.
	Read, Older bool

	cmd     *command
	typed   int // length of the command in the text
	session int
	says    string // the node, where this very output names it
	begins  string // what its first line has in common with that of the next output of the command
}

// Known reports whether a reader knows the command.
func (b *Block) Known() bool { return b.cmd != nil }

// SQL reports whether the block is an output of "run sql", which package export reads, and Cluster one of "show network cluster".
func (b *Block) SQL() bool     { return b.cmd == sqlCommand }
func (b *Block) Cluster() bool { return b.cmd == clusterCommand }

// Typed is the command as it is in the text; empty where none does.
func (b *Block) Typed(s *Session) string {
	if b.typed == 0 {
		return ""
	}
	return strings.TrimSpace(s.text[b.At : b.At+b.typed])
}

// Named reports whether a file is evidence by its name: its content has no fixed form.
func Named(file string) bool { return named(file) != nil }

// A Session is a text in blocks.
type Session struct {
	Blocks []Block
	text   string
}

// maxSniff is how many lines without a sign make a text no session.
const maxSniff = 120

// Looks reports whether a text looks like a session or an output: a sign is among its first lines. It is cheap.
func Looks(text string) bool {
	n := 0
	inText := signsIn(text)
	for start := 0; start < len(text) && n < maxSniff; n++ {
		end := strings.IndexByte(text[start:], '\n')
		if end < 0 {
			end = len(text) - start
		}
		line := text[start : start+end]
		start += end + 1
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		has := inText
		if line[0] < ' ' || strings.HasPrefix(line, pagerHeads[0]) {
			if line = strings.TrimSpace(clean(line, 0, len(line)).S); line == "" {
				continue
			}
			has = anySigns // the text has the line as it was
		}
		if has.admin {
			if _, after, ok := prompt(line); ok && verb(line[after:]) {
				return true
			}
		}
		if (has.arrow || strings.IndexByte(headerSigns, line[0]) >= 0) && header(line) != nil || stamped(line, has) != nil || isLogin(line) {
			return true
		}
	}
	return false
}

// signs are the signs inside of lines that a text has at all. To look for each in every line of an export takes a twentieth of the time
// to read it.
type signs struct{ admin, arrow, bracket, pem, licence bool }

// anySigns is for a line alone.
var anySigns = signs{true, true, true, true, true}

func signsIn(text string) signs {
	if len(text) > 64<<10 { // more than the first lines are in most texts
		return anySigns
	}
	return signs{strings.Contains(text, Prompt), strings.Contains(text, "> "), strings.Contains(text, "]  "),
		strings.Contains(text, ".pem: "), strings.Contains(text, "INCREMENT ")}
}

// Scan splits a text into blocks. file is the name that a node is guessed from.
func Scan(file, text string) *Session {
	s := scanner{text: text}
	for start := 0; start < len(text); {
		end := strings.IndexByte(text[start:], '\n')
		next := len(text)
		if end < 0 {
			end = len(text)
		} else {
			end += start
			next = end + 1
		}
		s.physical(start, end, next)
		start = next
	}
	if cmd := named(file); cmd != nil && !slices.ContainsFunc(s.blocks, func(b Block) bool { return b.cmd != nil }) {
		s.blocks = nil
		s.open = false
		s.begin(cmd, cmd.name, 0, 0)
	}
	s.finish(len(text))
	s.name(guess(file))
	return &Session{Blocks: s.blocks, text: text}
}

type scanner struct {
	text    string
	blocks  []Block
	open    bool // the last block continues
	session int
	started bool // the session has a block with a command
	// declared are the nodes of sessions that a separator names.
	declared map[int]string
	cleaner  cleaner
}

// physical looks at one line of the file: all of it, or the parts that a pager or a lone carriage return divides.
func (s *scanner) physical(start, end, next int) {
	line := s.text[start:end]
	if !dirty(strings.TrimRight(line, "\r")) {
		s.line(strings.TrimRight(line, "\r"), func(i int) int { return start + i }, next)
		return
	}
	t := s.cleaner.clean(s.text[start:end], start, end)
	for at, part := range t.Lines {
		s.line(part, func(i int) int { return t.original(at + i) }, next)
	}
}

// line looks at one cleaned line; at gives the place of a byte of it in the original.
func (s *scanner) line(line string, at func(int) int, next int) {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		return
	}
	lead := strings.Index(line, trimmed[:1])
	if isLogin(trimmed) {
		if s.started || len(s.blocks) == 0 && s.session == 0 {
			s.session++
			s.started = false
		}
		if !s.inBanner() {
			s.begin(bannerCommand, bannerCommand.name, at(lead), at(lead))
		}
		if before, _, ok := prompt(line); ok { // a copy without line ends
			s.line(line[before:], func(i int) int { return at(before + i) }, next)
		}
		return
	}
	if node := separator(trimmed, s.text[next:]); node != "" {
		s.end(at(lead))
		s.session++
		s.started = false
		if s.declared == nil {
			s.declared = map[int]string{}
		}
		s.declared[s.session] = node
		return
	}
	if before, after, ok := prompt(line); ok {
		if next := s.folded(line, after, at, next); next {
			return
		}
		s.end(at(before))
		name, rest := line[after:], len(line)
		cmd, n := lookup(name)
		if cmd != nil {
			rest = after + n
		}
		typed := normal(line[after:rest])
		if typed == "" {
			return
		}
		from := next
		if cmd != nil && strings.TrimSpace(line[rest:]) != "" {
			from = at(rest) // the output begins on the line of the command
		}
		s.begin(cmd, typed, at(after), from)
		s.last().typed = at(rest-1) + 1 - at(after)
		s.started = true
		if cmd != nil && cmd.names != nil && rest < len(line) { // a web page folded the output to one line
			s.last().says = cmd.names(strings.TrimSpace(line[rest:]))
		}
		return
	}
	if shellLine(trimmed) {
		s.end(at(lead))
		return
	}
	if cmd := header(trimmed); cmd != nil {
		if !s.open || s.last().cmd != cmd || strings.TrimSpace(s.text[min(s.last().Start, at(lead)):at(lead)]) != "" {
			s.begin(cmd, cmd.name, at(lead), next)
			s.started = true
		}
		return
	}
	if cmd := stamped(trimmed, anySigns); cmd != nil && s.another(cmd, trimmed) {
		s.begin(cmd, cmd.name, at(lead), at(lead))
		s.started = s.started || cmd != bannerCommand
		s.another(cmd, trimmed)
	}
	if !s.open {
		s.begin(nil, "", at(lead), at(lead))
	}
	if s.last().cmd != nil && s.last().cmd.names != nil {
		if b := s.last(); b.says == "" {
			b.says = b.cmd.names(trimmed)
		}
	}
}

// another reports whether a line of an output is of another one than the last block. It notes how the block begins.
func (s *scanner) another(cmd *command, line string) bool {
	if !s.open {
		return true
	}
	b := s.last()
	if b.cmd != cmd {
		return !b.cmd.takes(cmd)
	}
	if cmd.begins == nil {
		return false
	}
	begins := cmd.begins(line)
	if b.begins == "" {
		b.begins = begins
		return false
	}
	return begins == b.begins
}

// folded looks at a line that web pages folded: with more than one prompt. It reports whether it was one.
func (s *scanner) folded(line string, after int, at func(int) int, next int) bool {
	second, _, ok := prompt(line[after:])
	if !ok {
		return false
	}
	second += after
	s.line(line[:second], at, at(second))
	s.line(line[second:], func(i int) int { return at(second + i) }, next)
	return true
}

func (s *scanner) last() *Block { return &s.blocks[len(s.blocks)-1] }

func (s *scanner) inBanner() bool { return s.open && s.last().cmd == bannerCommand }

func (s *scanner) begin(cmd *command, typed string, at, start int) {
	s.end(at)
	s.blocks = append(s.blocks, Block{Command: typed, At: at, Start: start, End: len(s.text), cmd: cmd, session: s.session})
	s.open = true
}

func (s *scanner) end(at int) {
	if s.open {
		b := s.last()
		b.End = max(at, b.Start)
		s.open = false
	}
}

func (s *scanner) finish(end int) {
	s.end(end)
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.cmd != nil && b.cmd.own != nil {
			b.says = b.cmd.own(clean(s.text, b.Start, b.End))
		}
	}
}

// name gives every block its node.
func (s *scanner) name(guessed string) {
	for i := 0; i < len(s.blocks); {
		j := i
		for j < len(s.blocks) && s.blocks[j].session == s.blocks[i].session {
			j++
		}
		nameSession(s.blocks[i:j], s.declared[s.blocks[i].session])
		i = j
	}
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.Node == "" {
			b.Node, b.Guessed = guessed, true
		}
	}
}

// nameSession names the blocks of one login. What is before the first name has it, too. What a separator declared counts where no output
// names its node.
func nameSession(blocks []Block, declared string) {
	current := ""
	if !slices.ContainsFunc(blocks, func(b Block) bool { return b.says != "" }) {
		current = declared
	}
	for i := range blocks {
		b := &blocks[i]
		if b.says != "" && !sameHost(b.says, current) {
			if current == "" {
				for k := range i {
					blocks[k].Node = b.says
				}
			}
			current = b.says
		}
		b.Node = current
	}
}

// sameHost compares host names without their domains.
func sameHost(a, b string) bool {
	return strings.EqualFold(host(a), host(b))
}

// host is the first label of a name, or an address as it is.
func host(name string) string {
	first, rest, _ := strings.Cut(name, ".")
	if rest != "" && first != "" && strings.Trim(first, "0123456789") == "" {
		return name
	}
	return first
}

// named returns the command of a file whose content has no fixed form.
func named(file string) *command {
	if strings.Contains(path.Base(file), "hw_validation") {
		return hardwareRefused
	}
	return nil
}

// guess takes the name of a node from that of a file, or from that of its folder where the file is named after a command, as cupclint
// collect and people do it: imp1.example.com/utils-ntp-status.txt.
func guess(file string) string {
	if i := strings.LastIndexByte(file, '!'); i >= 0 {
		file = file[i+1:]
	}
	base := path.Base(file)
	if ext := path.Ext(base); ext != "" && strings.Trim(ext[1:], "0123456789") != "" {
		base = strings.TrimSuffix(base, ext)
	}
	if folder := path.Base(path.Dir(file)); folder != "." && folder != "/" && folder != ".." && commandName(words.Get().Replace(base)) {
		return folder
	}
	if base == "-" || base == "." || base == "/" || base == "" {
		return "node"
	}
	return base
}

// commandName reports whether a file is named after a command.
func commandName(base string) bool {
	for _, begin := range [...]string{"show ", "utils ", "run sql"} {
		if len(base) >= len(begin) && strings.EqualFold(base[:len(begin)], begin) {
			return true
		}
	}
	return false
}

// words makes words of what separates them in names of files.
var words = lazy.Value[*strings.Replacer]{New: func() *strings.Replacer { return strings.NewReplacer("-", " ", "_", " ") }}

// Prompt is what the command line of the servers writes before a command.
const Prompt = "admin:"

// prompt finds the prompt in a line: where it begins and where the command after it does. A prompt is at the beginning of a line, or
// is stuck to the end of an output.
func prompt(line string) (before, after int, ok bool) {
	for from := 0; ; {
		i := strings.Index(line[from:], Prompt)
		if i < 0 {
			return 0, 0, false
		}
		i += from
		after = i + len(Prompt)
		for after < len(line) && (line[after] == ' ' || line[after] == '\t') {
			after++
		}
		switch rest := line[after:]; {
		case strings.TrimSpace(line[:i]) == "", rest == "", verb(rest):
			return i, after, true
		}
		from = i + len(Prompt)
	}
}

// IsCommand reports whether a text begins as a command does.
func IsCommand(s string) bool { return verb(s) }

// verb reports whether a text begins as a command does.
func verb(s string) bool {
	for _, v := range [...]string{"show ", "utils ", "run ", "file ", "set ", "unset ", "license ", "delete ", "exit", "quit", "help"} {
		if len(s) >= len(v) && strings.EqualFold(s[:len(v)], v) {
			return true
		}
	}
	return false
}

// Timed reports whether a line is of an output whose lines begin with a time of their own.
func Timed(line string) bool {
	if line == "" {
		return false
	}
	cmd := signature(line, anySigns)
	return cmd == phoneLog || cmd == historyCommand || cmd == ntpCapture
}

// stamped is signature, also of a line that a logging terminal or a script began with the time: "2021-06-16 09:31:33,662 - ".
func stamped(line string, has signs) *command {
	cmd := signature(line, has)
	if c := line[0]; cmd != nil || c != '[' && (c < '0' || c > '9') {
		return cmd
	}
	at := 0
	for range 3 { // the date, the time, a sign
		word, _, _ := strings.Cut(line[at:], " ")
		if strings.Trim(word, "0123456789:.,-/[]TZ+") != "" {
			break
		}
		for at += len(word); at < len(line) && line[at] == ' '; at++ {
		}
	}
	if at == 0 || at == len(line) || strings.Count(line[:at], ":") < 2 {
		return nil
	}
	if cmd = signature(line[at:], has); cmd == statusCommand || strings.HasPrefix(line[at:], "System version") {
		return nil // logs of clients have such lines
	}
	return cmd
}

// headerMarks surround the commands that scripts write as headers.
const headerMarks = "#=-*>< \t$:[]"

// headerSigns begin such a line.
const headerSigns = "#=-*>$"

// header returns the command that a line of a script announces: "#####show status#####", "ssh> show status", "=== show status ===".
func header(line string) *command {
	rest := line
	if i := strings.Index(line, "> "); i > 0 && i < 40 && !strings.Contains(line[:i], " ") {
		rest = line[i+2:]
	} else if strings.IndexByte(headerSigns, line[0]) < 0 {
		return nil
	}
	rest = strings.Trim(rest, headerMarks)
	if !verb(rest) {
		return nil
	}
	cmd, n := lookup(rest)
	if cmd == nil || n < len(rest) {
		return nil
	}
	return cmd
}

// isLogin reports whether a line begins a session.
func isLogin(line string) bool {
	return strings.HasPrefix(line, "Command Line Interface is starting up") ||
		strings.HasPrefix(line, "Welcome to the Platform Command Line Interface") ||
		strings.HasPrefix(line, "=~=~=~=~") && strings.Contains(line, "PuTTY log") ||
		strings.HasPrefix(line, "login as: ")
}

// normal brings a typed command into one form.
func normal(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
