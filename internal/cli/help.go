package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/internal/report"
)

// A flagGroup is a part of --help, and of the manual page, that flags are listed in.
type flagGroup string

const (
	mainFlags     flagGroup = "Flags"
	loginFlags    flagGroup = "Log-in flags"
	outputFlags   flagGroup = "Output flags"
	advancedFlags flagGroup = "Advanced flags"
	commonFlags   flagGroup = "Common flags"
)

// flagGroups lists the groups in the order of the help.
func flagGroups() []flagGroup {
	return []flagGroup{mainFlags, loginFlags, outputFlags, advancedFlags, commonFlags}
}

// groupKey is the annotation of a flag that holds its group.
const groupKey = "cupclint_group"

// put lists flags of cmd in the group.
func (g flagGroup) put(cmd *cobra.Command, names ...string) {
	in := []string{string(g)}
	for _, name := range names {
		f := cmd.Flags().Lookup(name)
		if f.Annotations == nil {
			f.Annotations = make(map[string][]string, 1)
		}
		f.Annotations[groupKey] = in
	}
}

// groupOf returns the group of a flag; empty where nothing put it into one.
func groupOf(f *pflag.Flag) flagGroup {
	if in := f.Annotations[groupKey]; len(in) > 0 {
		return flagGroup(in[0])
	}
	return ""
}

// visibleFlags returns the flags of a group that the help lists, in the order of their names.
func visibleFlags(cmd *cobra.Command, g flagGroup) (out []*pflag.Flag) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		in := groupOf(f)
		if in == "" {
			in = mainFlags
		}
		if in == g && !f.Hidden && f.Deprecated == "" {
			out = append(out, f)
		}
	})
	return out
}

// addCommonFlags gives a command and those below it what all commands have.
func addCommonFlags(cmd *cobra.Command) {
	cmd.Flags().BoolP("help", "h", false, "show this help")
	commonFlags.put(cmd, "help")
	addLogFlags(cmd)
	for _, c := range cmd.Commands() {
		addCommonFlags(c)
	}
}

// Bounds on the columns of the help.
const (
	helpUsual  = 80 // where the width is not known
	helpNarrow = 40
	helpWide   = 120 // longer lines are hard to read
)

// helpWidth is how many columns the help takes: what COLUMNS says, else those of the terminal, else 80.
func helpWidth(env *environment) int {
	n, err := strconv.Atoi(env.getenv("COLUMNS"))
	if err != nil || n <= 0 {
		n = env.width
	}
	if n <= 0 {
		n = helpUsual
	}
	return min(max(n, helpNarrow), helpWide)
}

// setHelp has the help of a command and of those below it written here. A template would do the same more slowly.
func setHelp(root *cobra.Command, env *environment) {
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		return writeHelp(cmd.OutOrStderr(), cmd, helpWidth(env), false)
	})
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		_ = writeHelp(cmd.OutOrStdout(), cmd, helpWidth(env), true) // execute says that an output is not complete
	})
}

// writeHelp writes what a command does, if long is set, and how it is called.
func writeHelp(w io.Writer, cmd *cobra.Command, width int, long bool) error {
	p := helpPage{width: width}
	if text := cmd.Long; long && (text != "" || cmd.Short != "") {
		if text == "" {
			text = cmd.Short
		}
		p.prose(text)
		p.b.WriteByte('\n')
	}
	p.title("Usage")
	if cmd.Runnable() {
		p.fill("  ", "    ", strings.Fields(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		p.fill("  ", "    ", strings.Fields(cmd.CommandPath()+" [command]"))
	}
	if cmd.HasExample() {
		p.section("Examples")
		p.examples(cmd.Example)
	}
	p.commands(cmd)
	p.flags(cmd)
	if cmd.HasAvailableSubCommands() {
		p.b.WriteByte('\n')
		p.prose(fmt.Sprintf("Use %q for more information about a command.", cmd.CommandPath()+" [command] --help"))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// A helpPage is a text that keeps to a number of columns.
type helpPage struct {
	b     strings.Builder
	width int
}

func (p *helpPage) title(text string) { p.b.WriteString(text + ":\n") }

// section begins a part of the page.
func (p *helpPage) section(text string) {
	p.b.WriteByte('\n')
	p.title(text)
}

// fill writes words in lines that begin with first and then with next. A word that is too long for a line is not broken.
func (p *helpPage) fill(first, next string, words []string) {
	p.b.WriteString(first)
	used, begun := report.TextWidth(first), false
	for _, word := range words {
		n := report.TextWidth(word)
		switch {
		case !begun:
		case used+1+n > p.width:
			p.b.WriteString("\n" + next)
			used = report.TextWidth(next)
		default:
			p.b.WriteByte(' ')
			used++
		}
		begun = true
		p.b.WriteString(word)
		used += n
	}
	p.b.WriteByte('\n')
}

// prose writes paragraphs. A line that begins with a blank stays a line, and one that begins with a tab is a command.
func (p *helpPage) prose(text string) {
	var words []string
	flush := func() {
		if len(words) > 0 {
			p.fill("", "", words)
			words = nil
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		own := strings.TrimLeft(line, " \t")
		switch {
		case own == "":
			flush()
			p.b.WriteByte('\n')
		case line[0] == '\t':
			flush()
			p.call("    " + own)
		case own != line:
			flush()
			indent := line[:len(line)-len(own)]
			p.fill(indent, indent+"  ", strings.Fields(own))
		default:
			words = append(words, strings.Fields(line)...)
		}
	}
	flush()
}

// rows writes pairs in two columns, the second from the column on. A first one that is too long has a line of its own.
func (p *helpPage) rows(column int, pairs [][2]string) {
	for _, pair := range pairs {
		lead, rest := pair[0], strings.Repeat(" ", column)
		if n := report.TextWidth(lead); n+2 <= column {
			lead += rest[n:]
		} else {
			p.b.WriteString(lead + "\n")
			lead = rest
		}
		p.fill(lead, rest, strings.Fields(pair[1]))
	}
}

// column is where the second column of rows begins: after the longest first one, but not too far to the right.
func (p *helpPage) column(pairs ...[2]string) int {
	column := 0
	for _, pair := range pairs {
		column = max(column, report.TextWidth(pair[0])+3)
	}
	return min(column, p.width*2/5)
}

func (p *helpPage) commands(cmd *cobra.Command) {
	var pairs [][2]string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			pairs = append(pairs, [2]string{"  " + c.Name(), c.Short})
		}
	}
	if len(pairs) > 0 {
		p.section("Available Commands")
		p.rows(p.column(pairs...), pairs)
	}
}

// flags writes each group that has flags, in columns that are the same in all groups.
func (p *helpPage) flags(cmd *cobra.Command) {
	var all [][2]string
	groups := make(map[flagGroup][][2]string)
	for _, g := range flagGroups() {
		for _, f := range visibleFlags(cmd, g) {
			form, meaning := flagForm(f)
			groups[g] = append(groups[g], [2]string{form, meaning})
		}
		all = append(all, groups[g]...)
	}
	column := p.column(all...)
	for _, g := range flagGroups() {
		if len(groups[g]) > 0 {
			p.section(string(g))
			p.rows(column, groups[g])
		}
	}
}

// flagForm says how a flag is written and what it means, with its default.
func flagForm(f *pflag.Flag) (form, meaning string) {
	form = "      --" + f.Name
	if f.Shorthand != "" {
		form = "  -" + f.Shorthand + ", --" + f.Name
	}
	value, meaning := pflag.UnquoteUsage(f)
	if f.NoOptDefVal != "" && f.Value.Type() != "bool" {
		value = "[=" + value + "]"
	} else if value != "" {
		value = " " + value
	}
	if slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
		return form + value, meaning
	}
	shown := f.DefValue
	if f.Value.Type() == "string" {
		shown = strconv.Quote(shown)
	}
	return form + value, meaning + " (default " + shown + ")"
}

// examples writes command lines. What follows three blanks says what one does; it is written after the line, or below it where the lines
// are too long for that. A line that is too long is continued as a shell takes it.
func (p *helpPage) examples(text string) {
	const indent = "  "
	var pairs [][2]string
	column := 0
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		call, what, _ := strings.Cut(strings.TrimSpace(line), "   ")
		pairs = append(pairs, [2]string{indent + call, strings.TrimSpace(what)})
		if what != "" {
			column = max(column, len(indent)+report.TextWidth(call)+3)
		}
	}
	after := p.width-column >= 24
	for _, pair := range pairs {
		if pair[1] != "" && after {
			p.rows(column, [][2]string{pair})
			continue
		}
		p.call(pair[0])
		if pair[1] != "" {
			p.fill("      # ", "      # ", strings.Fields(pair[1]))
		}
	}
}

// call writes a command line, in several lines where it is too long: the break is a blank outside quotes.
func (p *helpPage) call(line string) {
	for report.TextWidth(line) > p.width {
		at, quoted := -1, false
		for i, c := range line {
			switch {
			case c == '\'':
				quoted = !quoted
			case c == ' ' && !quoted && i > 6 && (at < 0 || i+2 <= p.width):
				at = i
			}
		}
		if at < 0 {
			break
		}
		p.b.WriteString(line[:at] + " \\\n")
		line = "      " + line[at+1:]
	}
	p.b.WriteString(line + "\n")
}
