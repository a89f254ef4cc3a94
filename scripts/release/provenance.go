package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The types of the statement. Those of this project are names, not addresses: .invalid is reserved (RFC 2606) and never resolves.
const (
	statementType  = "https://in-toto.io/Statement/v1"
	provenanceType = "https://slsa.dev/provenance/v1"
	buildType      = "https://cupclint.invalid/buildtypes/release-script/v1"
	localBuilder   = "https://cupclint.invalid/builders/local"
)

// statement is an in-toto statement about files with a SLSA provenance as its predicate. It has no times and no number of the run, so
// that the same commit gives the same statement.
type statement struct {
	Type          string     `json:"_type"`
	Subject       []resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     predicate  `json:"predicate"`
}

type predicate struct {
	BuildDefinition struct {
		BuildType            string            `json:"buildType"`
		ExternalParameters   map[string]string `json:"externalParameters"`
		InternalParameters   map[string]string `json:"internalParameters"`
		ResolvedDependencies []resource        `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
	} `json:"runDetails"`
}

// resource is in-toto's ResourceDescriptor.
type resource struct {
	Name        string            `json:"name,omitempty"`
	URI         string            `json:"uri,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"`
	Annotations map[string]any    `json:"annotations,omitempty"`
}

// build is what the one who builds says about it.
type build struct {
	Version, Systems string
	Commit           string // of git, in full
	Changed          bool   // the work tree had changes that are not in the commit
	Source           string // URI of the repository; may be empty
	Builder          string // URI of who builds; empty for a machine that no one vouches for
	Epoch            int64
	ToolSums         string // go.sum of the tools that make packages and the SBOM
}

var commitForm = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// newProvenance describes every file in a folder.
func newProvenance(dist string, binaries []string, b build) (*statement, error) {
	if !commitForm.MatchString(b.Commit) {
		return nil, fmt.Errorf("%q is not a commit", b.Commit)
	}
	if b.Builder == "" {
		b.Builder = localBuilder
	}
	s := &statement{Type: statementType, PredicateType: provenanceType}
	var err error
	if s.Subject, err = subjects(dist); err != nil {
		return nil, err
	}
	list, goVersion, err := modules(binaries)
	if err != nil {
		return nil, err
	}
	d := &s.Predicate.BuildDefinition
	d.BuildType = buildType
	d.ExternalParameters = map[string]string{"version": b.Version, "systems": b.Systems}
	d.InternalParameters = map[string]string{"SOURCE_DATE_EPOCH": fmt.Sprint(b.Epoch)}
	s.Predicate.RunDetails.Builder.ID = b.Builder

	source := resource{Name: "source", Digest: map[string]string{"gitCommit": b.Commit}}
	if b.Source != "" {
		source.URI = "git+" + strings.TrimPrefix(b.Source, "git+")
		d.ExternalParameters["source"] = b.Source
	}
	if b.Changed {
		source.Annotations = map[string]any{"uncommittedChanges": true}
	}
	d.ResolvedDependencies = append(d.ResolvedDependencies, source,
		resource{Name: "toolchain", URI: "pkg:golang/std@" + strings.TrimPrefix(goVersion, "go")})
	for _, m := range list {
		r, err := m.resource("module")
		if err != nil {
			return nil, err
		}
		d.ResolvedDependencies = append(d.ResolvedDependencies, r)
	}
	tools, err := toolModules(b.ToolSums)
	if err != nil {
		return nil, err
	}
	for _, m := range tools {
		r, err := m.resource("tool")
		if err != nil {
			return nil, err
		}
		d.ResolvedDependencies = append(d.ResolvedDependencies, r)
	}
	return s, nil
}

// subjects gives the files of a folder with their SHA-256, in the order of their names.
func subjects(dist string) (list []resource, err error) {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			return nil, fmt.Errorf("%s is not a file", filepath.Join(dist, e.Name()))
		}
		sum, err := sumOf(filepath.Join(dist, e.Name()))
		if err != nil {
			return nil, err
		}
		list = append(list, resource{Name: e.Name(), Digest: map[string]string{"sha256": sum}})
	}
	if len(list) == 0 {
		return nil, errors.New(dist + " is empty")
	}
	return list, nil
}

func sumOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// resource describes a module by its package URL and Go's hash of its files, which in-toto calls dirHash and writes in hexadecimal.
func (m module) resource(role string) (resource, error) {
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.sum, "h1:"))
	if err != nil || len(sum) != sha256.Size || !strings.HasPrefix(m.sum, "h1:") {
		return resource{}, fmt.Errorf("%s %s has the hash %q", m.path, m.version, m.sum)
	}
	return resource{
		URI:         "pkg:golang/" + m.path + "@" + strings.ReplaceAll(m.version, "+", "%2B"),
		Digest:      map[string]string{"dirHash": hex.EncodeToString(sum)},
		Annotations: map[string]any{"role": role},
	}, nil
}

// toolModules reads a go.sum file: the modules whose files were used, sorted as they are there.
func toolModules(file string) (list []module, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if len(field) != 3 {
			return nil, fmt.Errorf("%s: %q is not a line of go.sum", file, lines.Text())
		}
		if !strings.HasSuffix(field[1], "/go.mod") {
			list = append(list, module{field[0], field[1], field[2]})
		}
	}
	return list, lines.Err()
}

func (s *statement) write(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(s)
}
