// Command release does the parts of scripts/release.sh that must give the same bytes on every machine: archives, compressed files,
// the licences of what is built in, and the statements about the build. Times come from SOURCE_DATE_EPOCH, file modes from the
// executable bit alone, owners are left out, and names are sorted.
//
//	release archive FOLDER FILE          FOLDER as FILE, a .tar.gz or a .zip
//	release gzip FILE...                 each FILE as FILE.gz
//	release changelog FILE               the changelog of the Debian package
//	release licenses BINARY              the licences of the modules in BINARY, to standard output
//	release sbom FILE                    take out of a CycloneDX file what differs between two machines
//	release provenance DIST BINARY...    the SLSA provenance of the files in DIST, to standard output
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: release archive FOLDER FILE | gzip FILE | changelog FILE | licenses BINARY | sbom FILE | " +
	"provenance DIST BINARY (the comment of this command says more)")

func run(args []string, getenv func(string) string, out io.Writer) error {
	if len(args) < 2 {
		return errUsage
	}
	name, args := args[0], args[1:]
	seconds, err := strconv.ParseInt(getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH is not a number of seconds: %w", err)
	}
	when := time.Unix(seconds, 0).UTC()
	switch {
	case name == "archive" && len(args) == 2:
		return archive(args[0], args[1], when)
	case name == "gzip":
		return compress(args, when)
	case name == "changelog" && len(args) == 1:
		return changelog(args[0], getenv("VERSION"), when)
	case name == "licenses" && len(args) == 1:
		return licenses(args[0], out)
	case name == "sbom" && len(args) == 1:
		return settleSBOM(args[0])
	case name == "provenance" && len(args) > 1:
		p, err := newProvenance(args[0], args[1:], build{
			Version: getenv("VERSION"), Systems: getenv("SYSTEMS"), Commit: getenv("COMMIT"), Changed: getenv("CHANGED") != "",
			Source: getenv("SOURCE_URI"), Builder: getenv("BUILDER_ID"), Epoch: seconds, ToolSums: "tools/release/go.sum",
		})
		if err != nil {
			return err
		}
		return p.write(out)
	}
	return errUsage
}
