package cli

import (
	"bytes"
	"embed"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"cupclint/internal/config"
	"cupclint/internal/testrace"
)

var update = flag.Bool("update", false, "write the manual pages again")

//go:generate go test -run TestManualPagesAreFresh -update .

// The manual pages are written from the commands themselves, here rather than by a command, so that the program does not carry the
// writer along.
func TestManualPagesAreFresh(t *testing.T) {
	pages := map[string][]byte{}
	root := newRootCmd(&environment{getenv: func(string) string { return "" }}, commands())
	root.InitDefaultCompletionCmd("")
	tables := readManualTables(t)
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "help" {
			return
		}
		pages[strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"] = manualPage(cmd, tables)
		for _, c := range cmd.Commands() {
			add(c)
		}
	}
	add(root)
	dir := filepath.FromSlash("../../docs/man")
	old, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		if _, ok := pages[filepath.Base(name)]; !ok {
			t.Errorf("%s is the page of no command", name)
			if *update {
				_ = os.Remove(name)
			}
		}
	}
	for name, page := range pages {
		path := filepath.Join(dir, name)
		if *update {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, page, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, page) {
			t.Errorf("%s is not what the command says; run go generate ./internal/cli (%v)", path, err)
		}
	}
}

// What the manual pages say in addition to the help: the rows of testdata/man, each for some commands.
type manualTables struct{ exit, environment, files [][3]string }

// exitOf returns the rows of exit codes that are most closely about a command.
func (m *manualTables) exitOf(cmd *cobra.Command) (rows [][3]string) {
	best := 0
	for _, row := range m.exit {
		if n := rank(row, cmd); n >= best {
			if n > best {
				best, rows = n, nil
			}
			rows = append(rows, row)
		}
	}
	return rows
}

//go:embed testdata/man
var manualFiles embed.FS // as tests change the working folder

func readManualTables(t *testing.T) (tables manualTables) {
	t.Helper()
	for name, table := range map[string]*[][3]string{"exit": &tables.exit, "environment": &tables.environment, "files": &tables.files} {
		text, err := manualFiles.ReadFile("testdata/man/" + name + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if line[0] == '#' || cells[0] == "for" {
				continue
			}
			if len(cells) != 3 {
				t.Fatalf("%s.tsv: %q has not 3 cells", name, line)
			}
			*table = append(*table, [3]string(cells))
		}
	}
	return tables
}

// exitIsDocumented checks an exit code against those that the manual page of the command lists.
func exitIsDocumented(t *testing.T, args []string, code int) {
	t.Helper()
	tables := readManualTables(t)
	root := newRootCmd(&environment{getenv: func(string) string { return "" }}, commandsFor(args))
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	if !slices.ContainsFunc(tables.exitOf(cmd), func(row [3]string) bool { return row[1] == strconv.Itoa(code) }) {
		t.Errorf("%q ends with %d: testdata/man/exit.tsv does not have it for %s", args, code, cmd.CommandPath())
	}
}

// rank says how closely a row is about a command: 0 not at all, 3 by its name.
func rank(row [3]string, cmd *cobra.Command) int {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	flag, isFlag := strings.CutPrefix(row[0], "flag:")
	switch {
	case slices.Contains(strings.Split(row[0], ","), name):
		return 3
	case isFlag && cmd.Flags().Lookup(flag) != nil, row[0] == "login" && len(visibleFlags(cmd, loginFlags)) > 0,
		row[0] == "config" && readsConfig(cmd):
		return 2
	case row[0] == "*":
		return 1
	}
	return 0
}

// roff takes the meaning from characters that are special in a manual page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// takesSetting reports whether a flag of the command is the setting of that name. Other commands have flags of their own with such names,
// which no variable sets.
func takesSetting(cmd *cobra.Command, name string) bool {
	f := cmd.Flags().Lookup(name)
	return f != nil && !f.Hidden && cmd.Flags().Lookup("profile") != nil && (name != "format" || f.Value.Type() == "stringSlice")
}

// manualPage writes the page of a command. It has no date, so that no clock decides what is in it.
func manualPage(cmd *cobra.Command, tables manualTables) []byte {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	item := func(name, meaning string) { line(".TP\n\\fB", roff(name), "\\fR\n", roff(meaning)) }
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	line(`.TH "`, strings.ToUpper(name), `" "1" "" "cupclint" "cupclint"`)
	line(".nh\n.ad l") // names of flags and files are not broken
	line(".SH NAME\n", roff(name), ` \- `, roff(cmd.Short))
	line(".SH SYNOPSIS")
	if cmd.Runnable() {
		line("\\fB", roff(cmd.UseLine()), "\\fR")
	}
	if cmd.HasAvailableSubCommands() {
		line(".br\n\\fB", roff(cmd.CommandPath()+" COMMAND"), "\\fR")
	}
	line(".SH DESCRIPTION")
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	for own := range strings.SplitSeq(strings.TrimSpace(text), "\n") { // as in the help: a line that begins with a blank stays a line
		switch trimmed := strings.TrimLeft(own, " \t"); {
		case trimmed == "":
			line(".PP")
		case trimmed != own:
			line(".br\n", roff(strings.ReplaceAll(own, "\t", "    ")), "\n.br")
		default:
			line(roff(own))
		}
	}
	if cmd.HasAvailableSubCommands() {
		line(".SH COMMANDS")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				item(c.Name(), c.Short)
			}
		}
	}
	options := false
	for _, g := range flagGroups() {
		for i, f := range visibleFlags(cmd, g) {
			if !options {
				line(".SH OPTIONS")
				options = true
			}
			if i == 0 {
				line(".SS ", roff(string(g)))
			}
			form, meaning := flagForm(f)
			item(strings.TrimSpace(form), meaning)
		}
	}
	line(".SH EXIT STATUS")
	for _, row := range tables.exitOf(cmd) {
		item(row[1], row[2])
	}
	if cmd.HasExample() {
		line(".SH EXAMPLES\n.nf")
		for own := range strings.SplitSeq(strings.Trim(cmd.Example, "\n"), "\n") {
			line(roff(own))
		}
		line(".fi")
	}
	line(".SH ENVIRONMENT")
	for _, k := range config.Keys() {
		flag := k.Shown
		if flag == "" {
			flag = k.Name
		}
		if k.Sources&config.Environment != 0 && !k.Hidden && takesSetting(cmd, flag) {
			item(k.Variable(), "As --"+flag+".")
		}
	}
	for _, row := range tables.environment {
		if rank(row, cmd) > 0 {
			item(row[1], row[2])
		}
	}
	files := false
	for _, row := range tables.files {
		if rank(row, cmd) == 0 {
			continue
		}
		if !files {
			line(".SH FILES")
			files = true
		}
		item(row[1], row[2])
	}
	line(".SH SEE ALSO")
	var others []string
	if cmd.HasParent() {
		others = append(others, cmd.Parent().CommandPath())
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			others = append(others, c.CommandPath())
		}
	}
	for i, other := range others {
		end := ","
		if i == len(others)-1 {
			end = ""
		}
		line(".BR ", roff(strings.ReplaceAll(other, " ", "-")), " (1)", end)
	}
	return []byte(b.String())
}

// Every variable that the program asks for is in the table of variables or is one of a setting, and every row is about a command.
func TestManualPagesNameAllVariables(t *testing.T) {
	tables := readManualTables(t)
	known := map[string]bool{}
	for _, row := range tables.environment {
		known[row[1]] = true
	}
	for _, k := range config.Keys() {
		known[k.Variable()] = true
	}
	asked := regexp.MustCompile(`(?i:getenv|either)\("([A-Z_a-z]+)"|"(CUPCLINT_[A-Z_]+)"`)
	n := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(filepath.ToSlash(path), "/servertest/") || strings.Contains(filepath.ToSlash(path), "/scripts/") {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			if !strings.Contains(line, `("`) && !strings.Contains(line, `"CUPCLINT_`) {
				continue // the expression would find nothing, and takes a hundred times as long to say so
			}
			for _, m := range asked.FindAllStringSubmatch(line, -1) {
				n++
				if name := m[1] + m[2]; !known[name] {
					t.Errorf("%s asks for %s: testdata/man/environment.tsv does not have it", path, name)
				}
			}
		}
		return err
	})
	if err != nil || n < 20 {
		t.Errorf("%d variables found, %v", n, err)
	}
	var all []*cobra.Command
	allCommands(func(cmd *cobra.Command) { all = append(all, cmd) })
	for _, row := range slices.Concat(tables.exit, tables.environment, tables.files) {
		if !slices.ContainsFunc(all, func(cmd *cobra.Command) bool { return rank(row, cmd) > 0 }) {
			t.Errorf("the row %q is about no command", row)
		}
	}
}

// The formatter itself has nothing to complain about, and every page has the sections that people look for.
func TestManualPagesAreFormatted(t *testing.T) {
	testrace.Slow(t, "runs man hundreds of times")
	pages, err := filepath.Glob("../../docs/man/*.1")
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT"} {
			if !bytes.Contains(text, []byte("\n.SH "+section+"\n")) {
				t.Errorf("%s has no section %s", page, section)
			}
		}
	}
	man, err := exec.LookPath("man")
	if err != nil {
		t.Skip("man is not installed")
	}
	for _, page := range pages {
		cmd := exec.Command(man, "--warnings", "-E", "UTF-8", "-l", page)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MANWIDTH=80")
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil || said.Len() > 0 {
			t.Errorf("man %s: %v: %s", page, err, said.Bytes())
		}
	}
}
