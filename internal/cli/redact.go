package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/conceal"
	"cupclint/internal/platform"
	"cupclint/internal/safefile"
)

func newRedactCmd(env *environment) *cobra.Command {
	var out, inputFormat string
	var inPlace, skipUnknown bool
	var what []string
	var mapName string
	cmd := &cobra.Command{
		Use:   "redact PATH...",
		Short: "Write a copy of an export without its secrets",
		Long: `Writes a copy in which every password, PIN, digest credential and session key reads REDACTED. Every other byte stays the same. In tables
of "run sql" the mask fills the column. The whole text is searched, comments and log lines included. Archives are not rewritten: unpack
them first.

The number of values and their lines go to standard error. After that a last search looks at the copy. If it finds what is probably a
secret, the exit code is 3 and the line is named. No program can prove that a log holds no secret: look at the copy before you send it.

The copy goes to standard output, to --output, or with --in-place over the input, which is replaced as a whole or not at all. Two inputs
with the same base name are not written to one folder.

With --pseudonyms you can give the copy to others: hosts, domains, IP and hardware addresses (addresses), accounts, persons and directory
entries (names) are replaced by pseudonyms, the same everywhere, and lint has the same findings. Here a PATH may also be a folder, an archive, which is
written as an archive of the same kind, a glob, or a case that audit --save kept. The map of the pseudonyms stays with you: OUTPUT.map.tsv or
the file of --map. A map that exists is used again, so next week's files get the same names. In the end the copy is searched for what the map
has, and lint compares its findings with those of the original; where that fails, the exit code is 3. See docs/secrets.md for what stays visible.`,
		Example: `  cupclint redact hq.xml > safe/hq.xml
  cupclint redact --pseudonyms --output away/ exports/
  cupclint redact --pseudonyms --map site.map.tsv --output week2/ exports/
  cupclint redact --output safe/ hq.xml berlin.xml
  cupclint redact --in-place exports/*.xml`,
		Args: needPaths,
		RunE: func(cmd *cobra.Command, args []string) error {
			force, err := export.ParseFormat(inputFormat)
			if err != nil {
				return fmt.Errorf("--input-format: %w", err)
			}
			if inPlace && fileOf(out) != "" {
				return errors.New("--in-place and --output exclude each other")
			}
			if pseudonyms := cmd.Flags().Changed("pseudonyms"); pseudonyms || mapName != "" {
				switch err := conceal.Check(what); {
				case !pseudonyms:
					return errors.New("--map belongs to --pseudonyms: give --pseudonyms too")
				case err != nil:
					return fmt.Errorf("--pseudonyms: %w", err)
				case skipUnknown:
					return errors.New("--skip-unknown and --pseudonyms exclude each other")
				case inPlace:
					return errors.New("--in-place and --pseudonyms: the real names would be lost. Use --output")
				case force != export.Auto:
					return errors.New("--input-format and --pseudonyms exclude each other")
				}
				return redactPseudonyms(cmd.Context(), env, args, fileOf(out), mapName, what)
			}
			if len(args) > 1 && !inPlace {
				if err := folderFor(args, fileOf(out)); err != nil {
					return err
				}
			}
			code, skipped := exitClean, 0
			for _, name := range args {
				err := redact(cmd.Context(), env, name, out, inPlace, force, skipUnknown)
				var usage *usageError
				switch {
				case errors.Is(err, errForeign):
					skipped++
				case errors.As(err, &usage), platform.ReaderGone(err):
					return err
				case err != nil:
					env.complain(err)
					code = exitInput
				}
			}
			if skipped > 0 {
				env.note(plural(skipped, "file", "files") + " of other tools skipped")
			}
			return exitWith(code)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file or folder to write to; - is standard output")
	cmd.Flags().BoolVar(&inPlace, "in-place", false, "replace the input")
	fl := cmd.Flags()
	fl.StringSliceVar(&what, "pseudonyms", nil, "replace names, too: `addresses,names`, or with = one of them")
	fl.Lookup("pseudonyms").NoOptDefVal = conceal.Addresses + "," + conceal.Names
	fl.StringVar(&mapName, "map", "", "with --pseudonyms: the `FILE` of the map; if it exists, it is used again (default OUTPUT.map.tsv)")

	fl.StringVar(&inputFormat, "input-format", "auto", "read every input as this format")
	fl.BoolVar(&skipUnknown, "skip-unknown", false,
		"skip files of other tools and leave them as they are; for hooks, which name every changed file")
	mainFlags.put(cmd, "in-place", "pseudonyms", "map", "input-format", "skip-unknown")
	outputFlags.put(cmd, "output")
	return cmd
}

// folderFor makes the folder for the copies of several inputs if it does not exist. It refuses two inputs that would get one name in it:
// the first would be lost.
func folderFor(args []string, out string) error {
	if _, err := os.Stat(out); out == "" || err == nil && !isFolder(out) {
		return errors.New("several inputs: name a folder with --output, or use --in-place")
	}
	from := map[string]string{}
	for _, name := range args {
		base := strings.ToLower(filepath.Base(name)) // not every file system distinguishes upper and lower case
		if other, taken := from[base]; taken {
			return fmt.Errorf("%s and %s would both be written to %s: redact them into two folders", other, name,
				filepath.Join(out, filepath.Base(name)))
		}
		from[base] = name
	}
	return os.MkdirAll(out, 0o700)
}

// A usageError is a wrong wish: exit code 2.
type usageError struct{ error }

// errForeign says that a file is of another tool.
var errForeign = errors.New("a file of another tool")

func redact(ctx context.Context, env *environment, name, out string, inPlace bool, force export.Format, skipUnknown bool) error {
	data, err := readInput(ctx, env, name)
	if err != nil {
		return err
	}
	if skipUnknown && export.Foreign(name, data, force) {
		return errForeign
	}
	clean, err := export.Redact(name, data, force)
	if err != nil {
		return err
	}
	shared := false // the input has another name
	switch {
	case inPlace:
		if info, statErr := os.Lstat(name); statErr == nil {
			shared = safefile.Shared(info)
		}
		err = replace(name, data, clean.Data)
	case fileOf(out) == "":
		_, err = env.stdout.Write(clean.Data)
	default:
		err = writeBeside(name, out, clean.Data)
	}
	if err != nil {
		return err
	}
	what := plural(len(clean.Lines), "value", "values") + " redacted" + inLines(clean.Lines)
	switch {
	case inPlace && bytes.Equal(clean.Data, data):
		env.note(name + ": " + what + ", the file is not changed")
	case inPlace:
		env.wrote(false, name, what)
		if shared {
			env.note(name + ": the file has another name (a hard link), which still has the old text with the secrets")
		}
	case fileOf(out) == "":
		env.note(name + ": " + what)
	case isFolder(out):
		env.wrote(false, filepath.Join(out, filepath.Base(name)), what)
	default:
		env.wrote(false, out, what)
	}
	if len(clean.Left) > 0 {
		return fmt.Errorf("%s: a secret is probably left%s: look at the copy before you send it", name, inLines(clean.Left))
	}
	return nil
}

// maxLines bounds how many lines a note names.
const maxLines = 50

// inLines names the lines of a file, each once.
func inLines(lines []int) string {
	lines = slices.Compact(slices.Sorted(slices.Values(lines)))
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(" in line ")
	if len(lines) > 1 {
		b.Reset()
		b.WriteString(" in lines ")
	}
	for i, n := range lines {
		switch {
		case i == maxLines:
			fmt.Fprintf(&b, " and %d more", len(lines)-i)
			return b.String()
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// replace writes over the input if something was redacted in it: for hooks and make, a file that was written has changed. A symbolic link
// is not followed: it may lead anywhere.
func replace(name string, before, clean []byte) error {
	if name == export.Stdin {
		return &usageError{errors.New("standard input cannot be replaced")}
	}
	info, err := os.Lstat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &usageError{fmt.Errorf("%s is not a regular file and is not replaced", name)}
	}
	if bytes.Equal(clean, before) {
		return nil
	}
	return safefile.Write(name, info.Mode().Perm(), func(w io.Writer) error {
		_, err := w.Write(clean)
		return err
	})
}

func writeBeside(name, out string, clean []byte) error {
	put := func(w io.Writer) error {
		_, err := w.Write(clean)
		return err
	}
	overwritten := &usageError{fmt.Errorf("%s would be overwritten: use --in-place if that is wanted", name)}
	if !isFolder(out) {
		if same(name, out) {
			return overwritten
		}
		return safefile.Write(out, 0o644, put)
	}
	base := filepath.Base(name)
	if name == export.Stdin {
		return &usageError{errors.New("standard input has no name: write --output FILE")}
	}
	if same(name, filepath.Join(out, base)) {
		return overwritten
	}
	folder, err := safefile.OpenFolder(out)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Write(base, 0o644, put)
}

func same(a, b string) bool {
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
