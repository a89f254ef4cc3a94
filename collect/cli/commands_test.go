package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// never are beginnings of commands that change something, never end, or print secrets, although most begin like those that only read.
var never = []string{
	"show tech all", "show tech database", "show tech dbintegrity", "show tech dumpcsvandxml", "show tech sqlhistory",
	"show tech table", "show ups status",
	"show process load", "show risdb query", "show perf query", "show media streams", "utils imdb_replication status",
	"utils dbreplication status",
	"utils dbreplication reset", "utils dbreplication repair", "utils create report", "utils ntp auth", "utils ntp server add",
	"utils ntp server delete",
	"utils ntp start", "utils ntp restart", "utils rosters", "utils snmp", "utils network capture", "utils network ping",
	"utils network traceroute",
	"utils system", "utils service start", "utils service stop", "utils service restart", "utils os kerneldump", "file ",
	"run pe sql", "run loadxml",
	"delete", "set ", "unset ",
}

// TestEachCommandOnlyReads checks the table against the rules, so that a new line cannot change anything.
func TestEachCommandOnlyReads(t *testing.T) {
	list := Commands()
	if len(list) < 30 {
		t.Fatalf("%d commands", len(list))
	}
	query := regexp.MustCompile(`^select [a-z0-9_, .()='%]+ from [a-z]+( where [a-z]+ (like|=) ?'%?[a-z]+%?'| where [a-z]+='\{user\}')?$`)
	secret := regexp.MustCompile(`(?i)passw|\bpin\b|credential|secret|digest`)
	words := regexp.MustCompile(`^(show|utils) [A-Za-z0-9_ ./-]+$`)
	// The words at which commands of "utils" only read.
	reads := []string{"status", "list", "runtimestate", "backup", "test"}
	ids := make(map[string]bool)
	texts := make(map[string]bool)
	for _, c := range list {
		if ids[c.ID] || texts[c.Text] {
			t.Errorf("%s: %q is in the table twice", c.ID, c.Text)
		}
		ids[c.ID], texts[c.Text] = true, true
		if sql, ok := strings.CutPrefix(c.Text, "run sql "); ok {
			if !query.MatchString(sql) || strings.ContainsAny(sql, "*;") || secret.MatchString(sql) || strings.Contains(sql, "--") {
				t.Errorf("%s: %q is not a plain query of named columns without secrets", c.ID, sql)
			}
		} else {
			if !words.MatchString(c.Text) || strings.Contains(c.Text, "  ") || strings.Contains(c.Text, " file ") {
				t.Errorf("%s: %q is not a command that only reads", c.ID, c.Text)
			}
			if f := strings.Fields(c.Text); f[0] == "utils" && !slices.Contains(reads, f[len(f)-1]) {
				t.Errorf("%s: %q does not end with a word that only reads", c.ID, c.Text)
			}
		}
		for _, n := range never {
			if strings.HasPrefix(strings.ToLower(c.Text), n) {
				t.Errorf("%s: %q begins with %q", c.ID, c.Text, n)
			}
		}
		if c.Level < 0 || c.Level > 1 || c.Limit <= 0 || c.Limit.Minutes() > 5 || c.Source == "" || len(c.Roles) == 0 {
			t.Errorf("%s: %+v", c.ID, c)
		}
		if (c.Level > 0) != (c.When == "heavy") || c.When != "" && c.When != "optional" && c.When != "heavy" {
			t.Errorf("%s: level %d and %q", c.ID, c.Level, c.When)
		}
		for _, r := range c.Roles {
			if !slices.Contains([]string{"all", "cucm", "cucm-publisher", "imp", "imp-publisher", "cer", "cuc"}, r) {
				t.Errorf("%s: the role %q is unknown", c.ID, r)
			}
		}
		if found, ok := Find(strings.ReplaceAll(c.Text, placeholder, "anna.b-c@example.com")); !ok || found.ID != c.ID {
			t.Errorf("%s: not found by its text", c.ID)
		}
	}
}

func TestTableErrors(t *testing.T) {
	for _, table := range []string{"a\tb\n", "a\tshow status\tx\t1\tall\t\tsource\n", "a\tshow status\t0\tx\tall\t\tsource\n"} {
		if list, err := parseCommands(table); err == nil {
			t.Errorf("%q was read as %v", table, list)
		}
	}
}
