package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
)

// templateTable has the keys of the template and the place of each value.
//
//go:embed servers.tsv
var templateTable string

const templateName = "servers.yaml"

func newInitCmd(env *environment) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a template to fill in: settings of the servers, and where to find them",
		Long: `Writes the template servers.yaml. It lists the facts that no export of a client has (the SIP proxy's access list, LDAP
authentication, static routes, the calendar gateway and others), with the meaning of each value, an example, and the page of the
administration interface or the command that shows it.

Every line is a comment. Fill in the values that you know, remove the "#" before them, and keep the file in the folder of the exports: lint
and audit read it like an export. A line that is still a comment is unknown and is not checked. Never write a password into the file.

A file that exists is never overwritten. "-" writes to standard output.`,
		Example: `  cupclint init
  cupclint init -o hq/servers.yaml
  cupclint lint hq/`,
		Args: takesNone,
		RunE: func(*cobra.Command, []string) error {
			text, err := serversTemplate()
			if err != nil {
				return err
			}
			if out == toStdout {
				_, err := io.WriteString(env.stdout, text)
				return err
			}
			return writeNew(env, out, text)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", templateName, `file to write; "-" is standard output`)
	outputFlags.put(cmd, "output")
	return cmd
}

// writeNew writes a file that does not exist yet.
func writeNew(env *environment, name, text string) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists, and init never overwrites a file: name another one with --output", name)
	}
	if err != nil {
		return unreadable(fmt.Errorf("write the template: %w", err))
	}
	_, err = io.WriteString(f, text)
	if err = errors.Join(err, f.Close()); err != nil {
		return unreadable(errors.Join(fmt.Errorf("write the template: %w", err), os.Remove(name)))
	}
	env.wrote(false, name, "the template. Fill in what you know, remove the # before it, and run: cupclint lint "+name)
	return nil
}

const templateHead = `# Settings of the servers, for cupclint. Written by: cupclint init
#
# Fill in the values that you know and remove the # before the key. A line that is still a comment is unknown and is not checked.
# Keep the file in the folder of the exports of the clients: cupclint lint FOLDER and cupclint audit FOLDER read it like an export.
# A number in a key counts: write the next entry with 2 instead of 1, and so on. All keys: cupclint keys.
# Never write a password here.
#
# "CUPS Administration" is the interface of the presence server, called IM and Presence Administration from 9.0 on.
# "CUCM Administration" is that of the call manager. Names in lower case, such as "show network cluster", are commands
# of the servers' command line (docs/exports.md).
`

// serversTemplate makes the template from the table and from the table of keys.
func serversTemplate() (string, error) {
	var b strings.Builder
	b.WriteString(templateHead)
	for line := range strings.Lines(templateTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case strings.HasPrefix(line, "#") || f[0] == "key" || line == "\n":
			continue
		case f[0] == "":
			fmt.Fprintf(&b, "\n# ---- %s ----\n", f[1])
			continue
		case len(f) != 4:
			return "", fmt.Errorf("the template: %d columns in %q, 4 are expected", len(f), line)
		}
		name := strings.ReplaceAll(f[0], "{n}", "1")
		id, _, ok := export.Lookup(name)
		if !ok {
			return "", fmt.Errorf("the template: the key %s is unknown", f[0])
		}
		key := id.Get()
		b.WriteString("\n")
		fmt.Fprintf(&b, "# %s\n", key.Meaning)
		if len(key.Values) > 0 {
			fmt.Fprintf(&b, "#   values: %s\n", strings.Join(key.Values, ", "))
		}
		if key.Default != "" {
			fmt.Fprintf(&b, "#   default: %s\n", key.Default)
		}
		place := f[2]
		if place == "-" {
			place = "not known: no document was seen that names the page"
		}
		fmt.Fprintf(&b, "#   where: %s\n#%s: %s\n", place, name, f[1])
	}
	return b.String(), nil
}
