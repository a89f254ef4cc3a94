package collect

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cupclint/collect/cli"
	"cupclint/internal/lazy"
)

// An Interface is a way into a server.
type Interface string

// The interfaces, in the order in which they are asked.
const (
	DNS   Interface = "dns"
	Certs Interface = "certs"
	UDS   Interface = "uds"
	Files Interface = "files"
	AXL   Interface = "axl"
	CLI   Interface = "cli"
	SOAP  Interface = "soap"
)

// Interfaces lists all of them.
func Interfaces() []Interface { return []Interface{DNS, Certs, UDS, Files, AXL, CLI, SOAP} }

// LogsIn reports whether the interface needs an account.
func (i Interface) LogsIn() bool { return i == AXL || i == CLI || i == SOAP }

// A Role is what a node is in its cluster.
type Role string

// The roles. The zero value is a node whose role is not known yet.
const (
	Unknown        Role = ""
	CUCMPublisher  Role = "cucm-publisher"
	CUCMSubscriber Role = "cucm-subscriber"
	IMPPublisher   Role = "imp-publisher"
	IMPSubscriber  Role = "imp-subscriber"
)

// Presence reports whether the node is a presence server.
func (r Role) Presence() bool { return r == IMPPublisher || r == IMPSubscriber }

// CallManager reports whether the node is a call manager.
func (r Role) CallManager() bool { return r == CUCMPublisher || r == CUCMSubscriber }

// A Step is one request of the table. Nothing else is ever sent.
type Step struct {
	ID        string
	Interface Interface
	Text      string
	// Level is the privilege level that the command line asks for; -1 where there is none.
	Level int
	Limit time.Duration
	Roles string
	File  string
	// Since is the oldest AXL schema that has the operation.
	Since string
	// Unless is the step after whose success this one is not needed.
	Unless string
	// Each is the flag whose values the step is repeated for: look-at, soap-for, jabber-file; soap-any is once where there is any.
	Each string
	// Heavy steps are taken with --heavy only. Without an optional step nothing is missing.
	Heavy, Optional bool
	Source          string
}

//go:embed steps.tsv
var stepTable string

// Steps is the table of all steps.
func Steps() []Step { return stepRows.Get() }

var stepRows = lazy.Value[[]Step]{New: func() []Step {
	steps, err := readSteps(stepTable)
	if err != nil {
		panic(err) // the table is a part of the program, and a test reads it
	}
	axl := slices.IndexFunc(steps, func(s Step) bool { return s.Interface == SOAP })
	return slices.Insert(steps, axl, commandSteps()...)
}}

// known is the step that gives the answer of a command, too, or "".
func known(command string) string {
	switch command {
	case "sql-processnode":
		return "axl.listProcessNode"
	case "sql-ldapauthenticationhost", "sql-ldapauthentication":
		return "axl.getLdapAuthentication"
	}
	return ""
}

// commandSteps are the commands of the command line. What clusters and tables say are exports, the rest is evidence.
func commandSteps() []Step {
	var steps []Step
	for _, c := range cli.Commands() {
		s := Step{
			ID: "cli." + c.ID, Interface: CLI, Text: c.Text, Level: c.Level, Limit: c.Limit, Roles: strings.Join(c.Roles, ","),
			File: "evidence/cli/{node}/" + c.ID + ".txt", Unless: known(c.ID), Heavy: c.When == "heavy", Optional: c.When != "", Source: c.Source,
		}
		if table, ok := strings.CutPrefix(c.ID, "sql-"); ok {
			s.File = "exports/sql/{node}/" + table + ".txt"
		} else if c.ID == "show-network-cluster" {
			s.File = "exports/cluster/{node}.txt"
		}
		if strings.Contains(c.Text, "{user}") {
			s.Each = "look-at"
			s.File = strings.TrimSuffix(s.File, ".txt") + "-{user}.txt"
		}
		steps = append(steps, s)
	}
	return steps
}

func readSteps(table string) ([]Step, error) {
	var steps []Step
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "id\t") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 8 {
			return nil, fmt.Errorf("steps.tsv: %d cells in the row %q", len(cells), line)
		}
		s := Step{ID: cells[0], Text: cells[1], Level: -1, Roles: cells[4], File: cells[5], Source: cells[7]}
		name, _, _ := strings.Cut(s.ID, ".")
		s.Interface = Interface(name)
		if !slices.Contains(Interfaces(), s.Interface) {
			return nil, fmt.Errorf("steps.tsv: %s has no interface", s.ID)
		}
		if cells[2] != "-" {
			level, err := strconv.Atoi(cells[2])
			if err != nil {
				return nil, fmt.Errorf("steps.tsv: level of %s: %w", s.ID, err)
			}
			s.Level = level
		}
		limit, err := strconv.Atoi(cells[3])
		if err != nil {
			return nil, fmt.Errorf("steps.tsv: limit of %s: %w", s.ID, err)
		}
		s.Limit = time.Duration(limit) * time.Second
		for word := range strings.FieldsSeq(cells[6]) {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "-":
			case "optional":
				s.Optional = true
			case "heavy":
				s.Heavy = true
			case "since":
				s.Since = value
			case "unless":
				s.Unless = value
			case "look-at", "soap-for", "jabber-file", "soap-any":
				s.Each = key
			default:
				return nil, fmt.Errorf("steps.tsv: %s: unknown condition %q", s.ID, word)
			}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// asks reports whether a node of the role is asked; maybe says that this cannot be known yet.
func (s *Step) asks(r Role) (yes, maybe bool) {
	for role := range strings.SplitSeq(s.Roles, ",") {
		switch role {
		case "all":
			return true, false
		case "domain":
			return false, false
		case "cucm":
			yes = yes || r.CallManager()
		case "imp", "imp-home":
			yes = yes || r.Presence()
		default:
			yes = yes || string(r) == role
		}
	}
	return yes, r == Unknown
}
