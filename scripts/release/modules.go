package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is a module in a program, as the program itself says.
type module struct{ path, version, sum string }

// modules gives the modules of all programs, sorted, and the version of Go that built them.
func modules(binaries []string) (list []module, goVersion string, err error) {
	found := map[module]bool{}
	for _, b := range binaries {
		info, err := buildinfo.ReadFile(b)
		if err != nil {
			return nil, "", err
		}
		if goVersion != "" && goVersion != info.GoVersion {
			return nil, "", fmt.Errorf("%s was built by %s, others by %s", b, info.GoVersion, goVersion)
		}
		goVersion = info.GoVersion
		for _, d := range info.Deps {
			if d.Replace != nil {
				d = d.Replace
			}
			found[module{d.Path, d.Version, d.Sum}] = true
		}
	}
	compare := func(a, b module) int { return strings.Compare(a.path+"@"+a.version, b.path+"@"+b.version) }
	return slices.SortedFunc(maps.Keys(found), compare), goVersion, nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)`)

// licenses writes the licence files of Go and of every module in a program. Most licences ask that their text goes with the program.
func licenses(binary string, out io.Writer) error {
	list, _, err := modules([]string{binary})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("cupclint contains the software below. Each part has its own licence.\n")
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	if err := licenseOf(&b, "The Go standard library", strings.TrimSpace(string(root))); err != nil {
		return err
	}
	for _, m := range list {
		said, err := exec.Command("go", "mod", "download", "-json", m.path+"@"+m.version).Output()
		if err != nil {
			return fmt.Errorf("go mod download %s@%s: %w", m.path, m.version, err)
		}
		var at struct{ Dir string }
		if err := json.Unmarshal(said, &at); err != nil {
			return err
		}
		if err := licenseOf(&b, m.path+" "+m.version, at.Dir); err != nil {
			return err
		}
	}
	_, err = b.WriteTo(out)
	return err
}

// licenseOf writes the licence files in the top folder of a module. A module without one is an error: it could not be given away.
func licenseOf(b *bytes.Buffer, name, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(b, "\n%s\n%s: %s\n%s\n\n%s\n", strings.Repeat("=", 80), name, e.Name(), strings.Repeat("=", 80), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no licence file", name)
	}
	return nil
}

// settleSBOM takes the hashes of the tool out of a CycloneDX file: the tool is built where it is run, so they differ between two machines.
func settleSBOM(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	tool := regexp.MustCompile(`(?s)("tools": \[.*?"version": "[^"]*"),\s*"hashes": \[.*?\]`)
	if !tool.Match(data) {
		return fmt.Errorf("%s: no hashes of a tool found", file)
	}
	return os.WriteFile(file, tool.ReplaceAll(data, []byte("$1")), 0o644)
}
