package dnscheck

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/probe"
)

// maxTable is how many names the table shows; JSON has them all.
const maxTable = 100

// WriteTable writes what was asked and answered, for people: one block a name, one line an answer, records as in a
// zone file.
func WriteTable(w io.Writer, observations []Observation) error {
	out := bufio.NewWriter(w)
	for i := range observations {
		if i == maxTable {
			fmt.Fprintf(out, "... and %d more names; --format json shows all of them\n\n", len(observations)-maxTable)
			break
		}
		observations[i].table(out)
	}
	return out.Flush()
}

func (o *Observation) table(w io.Writer) {
	fmt.Fprintf(w, "%s  (%s)\n", probe.Clean(o.Name), strings.Join(o.usedFor(), ", "))
	switch {
	case !o.Begun:
		fmt.Fprintln(w, "  not asked: the run was cancelled")
	case o.NotSent != "":
		fmt.Fprintf(w, "  not asked: %s\n", o.NotSent)
	}
	for _, h := range o.Hosts {
		fmt.Fprintf(w, "  %-28s %s (line %d; not used as an answer)\n", "hosts file", h.Addr, h.Line)
	}
	for _, s := range o.Steps() {
		s.table(w)
	}
	fmt.Fprintln(w)
}

// usedFor lists the roles of the first uses, each once.
func (o *Observation) usedFor() []string {
	var list []string
	seen := make(map[Role]bool)
	for _, u := range o.Uses {
		if !seen[u.Role] {
			seen[u.Role] = true
			list = append(list, u.Role.Text())
		}
	}
	return list
}

func (s Step) table(w io.Writer) {
	label := fmt.Sprintf("%s %s", typeName(s.Type), s.Why)
	if s.agreed() {
		s.Answers[0].table(w, label, s.Name, resolversText(s.Answers))
		return
	}
	for i := range s.Answers {
		s.Answers[i].table(w, label, s.Name, s.Answers[i].Resolver)
	}
}

// agreed reports whether all resolvers gave the same answer.
func (l *Lookup) agreed() bool {
	for i := range l.Answers[1:] {
		a, b := &l.Answers[0], &l.Answers[i+1]
		if !a.Outcome.Says() || !sameAnswer(a, b, l.Type) {
			return false
		}
	}
	return true
}

func resolversText(answers []Answer) string {
	if len(answers) == 1 {
		return answers[0].Resolver
	}
	return fmt.Sprintf("all %d resolvers", len(answers))
}

func (a *Answer) table(w io.Writer, label, name, from string) {
	fmt.Fprintf(w, "  %-22s %s  %s, by %s\n", label, name, a.text(), from)
	for i, r := range a.Records {
		if i == maxShown {
			fmt.Fprintf(w, "    ... and %d records more\n", len(a.Records)-maxShown+int(a.More))
			break
		}
		fmt.Fprintf(w, "    %s\n", probe.Clean(strings.ReplaceAll(r.String(), "\t", " ")))
	}
	if targets := a.Targets(); len(targets) > 1 {
		fmt.Fprintln(w, "    a client tries them in this order:")
		for i, line := range Order(targets) {
			if i == maxShown {
				break
			}
			fmt.Fprintf(w, "      %s\n", line)
		}
	}
	for _, line := range a.odd() {
		fmt.Fprintf(w, "    %s\n", line)
	}
}
