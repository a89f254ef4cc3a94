package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/internal/safefile"
)

// A namedFile is a file that the user names for a purpose.
type namedFile struct {
	by   string // what reads or writes it, in the words of the message
	name string
}

// writesFile reports whether the value of a flag is a file that the command writes. That of --format is looked at where outputs are opened.
func writesFile(flag string) bool {
	return slices.Contains([]string{"output", "observations", "save", "history", "map", "svg", "bundle", "write-baseline"}, flag)
}

// readsFile reports whether the value of a flag is a file that the command reads.
func readsFile(flag string) bool {
	return strings.HasSuffix(flag, "-file") || slices.Contains([]string{"config", "credentials", "replay", "case", "findings", "answers",
		"health", "baseline", "pairs", "resolv-conf", "known-hosts", "modules", "allow-probes", "tls-cert", "tls-key"}, flag)
}

// keepFiles refuses a flag that would write over a file that another one reads, or that another one writes: a password file or a case is
// lost as easily as an export. It remembers what is read for the outputs that the configuration names.
func (env *environment) keepFiles(cmd *cobra.Command) error {
	var written []namedFile
	cmd.Flags().Visit(func(f *pflag.Flag) {
		file := namedFile{"--" + f.Name, f.Value.String()}
		switch {
		case file.name == "" || file.name == toStdout:
		case writesFile(f.Name):
			written = append(written, file)
		case readsFile(f.Name):
			env.reads = append(env.reads, namedFile{"by " + file.by, file.name})
		}
	})
	for i, w := range written {
		if err := env.keep(w); err != nil {
			return err
		}
		target := safefile.Target(w.name)
		for _, other := range written[:i] {
			if target != "" && target == safefile.Target(other.name) {
				return fmt.Errorf("two outputs for one file: %s, by %s and %s. Give each a name of its own", w.name, other.by, w.by)
			}
		}
	}
	return nil
}

// keep refuses to write over a file that is read.
func (env *environment) keep(w namedFile) error {
	target := safefile.Target(w.name)
	if target == "" {
		return nil // a device
	}
	for _, r := range env.reads {
		if w.by == "--write-baseline" && r.by == "by --baseline" {
			continue // a baseline is replaced by the new one
		}
		if same(r.name, target) {
			return fmt.Errorf("%s would overwrite %s, which is read %s: name another file", w.by, w.name, r.by)
		}
	}
	return nil
}
