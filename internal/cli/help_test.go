package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/internal/report"
)

// allCommands makes the root with all commands, and calls visit for each of them.
func allCommands(visit func(cmd *cobra.Command)) {
	root := newRootCmd(&environment{getenv: func(string) string { return "" }}, commands())
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		visit(cmd)
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
}

// A flag without a group would be listed among the first ones of --help.
func TestEveryFlagHasAGroup(t *testing.T) {
	allCommands(func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !slices.Contains(flagGroups(), groupOf(f)) {
				t.Errorf("%s: --%s is in no group of flags (mainFlags.put ...)", cmd.CommandPath(), f.Name)
			}
		})
	})
}

// What is called common is the same in every command: name, letter, meaning and default.
func TestCommonFlagsAreTheSameEverywhere(t *testing.T) {
	var want []string
	allCommands(func(cmd *cobra.Command) {
		var have []string
		for _, f := range visibleFlags(cmd, commonFlags) {
			form, meaning := flagForm(f)
			if !cmd.HasParent() { // its -v is that of --version
				form = strings.Replace(form, "      --verbose", "  -v, --verbose", 1)
			}
			have = append(have, form+"|"+meaning)
		}
		if want == nil {
			want = have
		}
		if !slices.Equal(have, want) || len(have) == 0 {
			t.Errorf("%s has the common flags %q, others %q", cmd.CommandPath(), have, want)
		}
	})
}

// No line of any help is wider than the terminal, and nothing of it is lost in a narrow one.
func TestHelpKeepsToTheWidth(t *testing.T) {
	words := func(text string) []string {
		return strings.Fields(strings.NewReplacer(" \\\n", " ", "# ", "").Replace(text))
	}
	allCommands(func(cmd *cobra.Command) {
		var wide []string
		for _, width := range []int{120, 80, 60} {
			var b bytes.Buffer
			if err := writeHelp(&b, cmd, width, true); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if line = strings.TrimSuffix(line, "\n"); report.TextWidth(line) > width || strings.TrimRight(line, " ") != line {
					t.Errorf("%s, %d columns: %q has %d", cmd.CommandPath(), width, line, report.TextWidth(line))
				}
			}
			if wide == nil {
				wide = words(b.String())
			} else if have := words(b.String()); !slices.Equal(have, wide) {
				t.Errorf("%s, %d columns: the words are not those of the wide help:\n%s", cmd.CommandPath(), width, &b)
			}
			if strings.Contains(b.String(), "former name") {
				t.Errorf("%s: the help lists a former name", cmd.CommandPath())
			}
		}
	})
}

func TestHelpAsItIsShown(t *testing.T) {
	for name, columns := range map[string]string{"": "60", "lint": "80", "ldap": "120", "completion bash": "60"} {
		var out bytes.Buffer
		env := &environment{stdin: strings.NewReader(""), stdout: &out, stderr: &out, width: 97, getenv: func(v string) string {
			return map[string]string{"COLUMNS": columns}[v]
		}}
		if code := execute(t.Context(), env, append(strings.Fields(name), "--help")); code != exitClean {
			t.Errorf("exit code %d", code)
		}
		golden := filepath.Join("testdata", "help", strings.ReplaceAll("cupclint "+name, " ", "-")+columns+".txt")
		if *update {
			writeFiles(t, filepath.Dir(golden), map[string]string{filepath.Base(golden): out.String()})
		}
		want, err := os.ReadFile(golden)
		if err != nil || out.String() != string(want) {
			t.Errorf("%s is not the help of %q with %s columns (%v); see the difference with -update:\n%s", golden, name, columns, err, &out)
		}
	}
}

func TestWidthOfTheHelp(t *testing.T) {
	for _, c := range []struct {
		columns     string
		width, want int
	}{{"", 0, 80}, {"", 60, 60}, {"", 300, 120}, {"", 5, 40}, {"70", 0, 70}, {"70", 100, 70}, {"wide", 100, 100}, {"-1", 0, 80}} {
		env := &environment{width: c.width, getenv: func(string) string { return c.columns }}
		if have := helpWidth(env); have != c.want {
			t.Errorf("COLUMNS=%q and a terminal of %d columns give %d, want %d", c.columns, c.width, have, c.want)
		}
	}
}
