package export

import (
	"strings"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
)

// A section is one command's output.
type section struct {
	// command as it was typed, without the prompt; empty where none is before the output.
	command string
	at      int // where the command is in the decoded text
	// start and end of the output in the decoded text.
	start, end int
	// node that the output speaks of; guessed says that it was taken from the name of the file.
	node    string
	guessed bool
}

// isCommand reports whether a line begins as the servers' commands do.
func isCommand(line string) bool { return appliance.IsCommand(strings.TrimLeft(line, " \t")) }

// readSession reads what someone copied from a terminal of the servers: commands after the prompt, each with its output, or outputs
// alone. Package appliance divides it. The rows of "show network cluster" are nodes of the cluster, too; "run sql" has tables; what is
// outside of outputs may be settings.
func (r *Reader) readSession() error {
	s := appliance.Scan(r.exp.File, r.exp.text)
	if r.Force == RunSQL {
		return r.readRunSQL(section{end: len(r.exp.text)})
	}
	node := clusterNodes{r: r}
	err := s.Read(func(p *appliance.Property) error {
		e := Property{
			Key: ApplianceKey(p.Field), N: p.N, Name: p.Name(), Value: p.Value,
			nameStart: int32(p.Start), nameEnd: int32(p.Start), valueStart: int32(p.Start), valueEnd: int32(p.End),
		}
		if err := node.take(p, &e); err != nil {
			return err
		}
		return r.add(&e)
	})
	if err != nil {
		return err
	}
	kinds := uint(0) // what was read
	for i := range s.Blocks {
		b := &s.Blocks[i]
		output := r.exp.text[b.Start:b.End]
		switch {
		case strings.TrimSpace(output) == "" && !(b.SQL() && strings.Contains(b.Command, " ==")): // all of a table may follow the command
		case b.SQL(), !b.Known() && isRunSQL(b.Command, strings.TrimLeft(output, " \t\r\n")):
			if err := r.readRunSQL(section{command: b.Typed(s), at: b.At, start: b.Start, end: b.End, node: b.Node,
				guessed: b.Guessed}); err != nil {
				return err
			}
			kinds |= 1 << RunSQL
		case b.Read && b.Cluster():
			kinds |= 1 << Cluster
		case b.Read:
			kinds |= 1 << CLI
		case b.Older:
		case b.Command == "":
			if err := r.readLines(b.Start, b.End); err != nil {
				return err
			}
		default:
			r.ignoreLines(b.Start, b.End)
			command := b.Typed(s)
			if command == "" {
				command = b.Command
			}
			r.looksLike("the output of "+trim(command), "")
		}
	}
	if r.Force == Cluster && r.exp.Get(ClusterNodeAddress) == nil {
		return r.notUnderstood(ErrNoProperties)
	}
	switch {
	case r.Force != Auto:
		r.exp.Format = r.Force
	case kinds == 1<<RunSQL:
		r.exp.Format = RunSQL
	case kinds == 1<<Cluster:
		r.exp.Format = Cluster
	default:
		r.exp.Format = CLI
	}
	return nil
}

// readLines takes key = value lines among outputs: notes that someone added, or settings of a client.
func (r *Reader) readLines(start, end int) error {
	for start < end {
		next := end
		if i := strings.IndexByte(r.exp.text[start:end], '\n'); i >= 0 {
			next = start + i + 1
		}
		to := start + len(strings.TrimRight(r.exp.text[start:next], "\r\n"))
		before, ignored := len(r.exp.Properties), r.exp.ignored
		if err := r.textLine(start, to, r.secretsIn(start, to)); err != nil {
			return err
		}
		if len(r.exp.Properties) == before && r.exp.ignored == ignored && !chars.AllBlank(r.exp.text[start:to]) {
			r.ignore(start, to)
		}
		start = next
	}
	return nil
}

// isSession looks for a command after a prompt, or for an output that shows by itself whose it is, among the first lines.
func isSession(text string) bool { return appliance.Looks(text) || isRunSQL("", text) }
