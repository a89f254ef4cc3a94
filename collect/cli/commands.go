package cli

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cupclint/internal/lazy"
)

//go:embed commands.tsv
var commandsTable string

// A Command is a line of the table: a whole command line that only reads.
type Command struct {
	ID    string // stable: "ntp-status"
	Text  string // what is typed, literally; {user} stands for the name of a user
	Level int    // the privilege level it needs: 0 or 1
	Limit time.Duration
	// Roles are the nodes that it is for: all, cucm, cucm-publisher, imp, imp-publisher, cer, cuc.
	Roles []string
	// When is "" for the commands of every run, "optional" or "heavy".
	When   string
	Source string // where the command, its level and its limit come from
}

// Commands is the table, in its order. The slice is shared and must not be changed.
func Commands() []Command { return commands.Get() }

var commands = lazy.Value[[]Command]{New: func() []Command {
	list, err := parseCommands(commandsTable)
	if err != nil {
		panic(err) // the table is built in and tested
	}
	return list
}}

// Find gives the command that is literally text. In the place of {user} the text has a user's name.
func Find(text string) (*Command, bool) {
	list := commands.Get()
	for i := range list {
		before, after, parameter := strings.Cut(list[i].Text, placeholder)
		if !parameter {
			if list[i].Text == text {
				return &list[i], true
			}
			continue
		}
		name, ok := strings.CutPrefix(text, before)
		if !ok {
			continue
		}
		if name, ok = strings.CutSuffix(name, after); ok && isUserName(name) {
			return &list[i], true
		}
	}
	return nil, false
}

// placeholder is where a command of the table names a user.
const placeholder = "{user}"

// isUserName reports whether a name can be part of a command: nothing in it can end a quoted text or begin another word.
func isUserName(name string) bool {
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '@', r == '-':
		default:
			return false
		}
	}
	return name != "" && len(name) <= 128 && !strings.Contains(name, "--")
}

func parseCommands(table string) ([]Command, error) {
	var list []Command
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 7 {
			return nil, fmt.Errorf("commands.tsv: %d columns in %q, 7 are expected", len(f), line)
		}
		level, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("commands.tsv: level in %q: %w", line, err)
		}
		limit, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("commands.tsv: limit in %q: %w", line, err)
		}
		list = append(list, Command{
			ID: f[0], Text: f[1], Level: level, Limit: time.Duration(limit) * time.Second, Roles: strings.Split(f[4], ","),
			When: f[5], Source: f[6],
		})
	}
	return list, nil
}
