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

// writing are the flags whose value is a file that the command writes. That of --format is looked at where outputs are opened.
var writing = []string{"output", "observations", "save", "history", "map", "svg", "bundle", "write-baseline"}

// reading are those whose value is a file that it reads, in addition to the flags that end with -file.
var reading = []string{"config", "credentials", "replay", "case", "findings", "answers", "health", "baseline", "pairs", "resolv-conf",
	"known-hosts", "modules", "allow-probes", "tls-cert", "tls-key", "stdin-filename"}

// keepFiles refuses a flag that would write over a file that another one reads, or that another one writes: a password file or a case is
// lost as easily as an export. It remembers what is read for the outputs that the configuration names, and what is written for them and for
// the files that a command finds by itself.
func (env *environment) keepFiles(cmd *cobra.Command) error {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		file := namedFile{"--" + f.Name, f.Value.String()}
		switch {
		case file.name == "" || file.name == toStdout:
		case slices.Contains(writing, f.Name):
			env.written = append(env.written, file)
		case strings.HasSuffix(f.Name, "-file"), slices.Contains(reading, f.Name):
			env.reads = append(env.reads, namedFile{"by " + file.by, file.name})
		}
	})
	names := make([]string, len(env.written))
	for i, w := range env.written {
		if err := env.keep(w); err != nil {
			return err
		}
		names[i] = w.name
	}
	return distinct(nil, names)
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

// keepFound refuses what would write over a file that the command found by itself, such as .cupclint.yaml.
func (env *environment) keepFound(r namedFile) error {
	env.reads = append(env.reads, r)
	for _, w := range env.written {
		if err := env.keep(w); err != nil {
			return err
		}
	}
	return nil
}

// keepOutputs refuses an output over a file that is read, or over one that a flag names to be written: the history, for example, has
// lines of earlier runs.
func (env *environment) keepOutputs(outputs []output) error {
	for _, o := range outputs {
		report := namedFile{"the report", o.path()}
		if err := env.keep(report); err != nil {
			return err
		}
		for _, w := range env.written {
			if w.by == "--output" {
				continue // it is one of the outputs
			}
			if err := distinct([]output{o}, []string{w.name}); err != nil {
				return err
			}
		}
	}
	for _, o := range outputs {
		env.written = append(env.written, namedFile{"the report", o.path()})
	}
	return nil
}
