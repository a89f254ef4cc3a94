package report

import (
	"fmt"

	"cupclint/lint"
)

// deployments writes what was judged together, and why.
func (t *textWriter) deployments(d *Document) {
	if len(d.Deployments) == 0 {
		Wrap(t, "", "Nothing was joined: no folder contains exports of servers together with exports of clients, and the configuration names "+
			"no deployment.",
			t.Width)
		t.WriteString("\n")
		return
	}
	for _, dep := range d.Deployments {
		state := t.paint(Green, "joined")
		if !dep.Joined {
			state = t.paint(Magenta, "not joined")
		}
		fmt.Fprintf(t, "%s %s: %s (%s)\n", t.paint(Bold, "deployment "+Clean(dep.Name)), state, Clean(dep.Why), counted(dep.Exports, "export"))
		t.members("", dep.Members)
		t.members("not joined: ", dep.Apart)
		for _, n := range dep.Shared {
			fmt.Fprintf(t, "  node %s is named in\n", Clean(n.Name))
			for i, p := range n.Places {
				if i == maxPlaces {
					fmt.Fprintf(t, "    and %s\n", counted(len(n.Places)-i, "more place"))
					break
				}
				fmt.Fprintf(t, "    %s  %s = %s\n", position(p.File, p.Line, p.Column), Clean(p.Key), Clean(p.Message))
			}
		}
		t.WriteString("\n")
	}
}

// How much of a large deployment is shown to people. The JSON form has all.
const (
	maxMembers = 40
	maxPlaces  = 8
)

func (t *textWriter) members(state string, members []*lint.Member) {
	for i, m := range members {
		if i == maxMembers {
			fmt.Fprintf(t, "  %sand %s with other values\n", state, counted(len(members)-i, "more export"))
			return
		}
		t.member(state, m)
	}
}

func (t *textWriter) member(state string, m *lint.Member) {
	role := "client"
	switch {
	case m.Server && m.Client:
		role = "server and client"
	case m.Server:
		role = "server"
	}
	more := ""
	if m.Exports > 1 {
		more = fmt.Sprintf(" and %s with the same values", counted(m.Exports-1, "more export"))
	}
	fmt.Fprintf(t, "  %s%s%s (%s): %s\n", state, Clean(m.File), more, role, Clean(m.Why))
}

// position is a place as editors and terminals know it.
func position(file string, line, column int) string {
	if line == 0 {
		return Clean(file)
	}
	return fmt.Sprintf("%s:%d:%d", Clean(file), line, column)
}
