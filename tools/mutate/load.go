package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// source is a package with its types, and what is inserted into its files.
type source struct {
	dir   string
	fset  *token.FileSet
	files []*file
	info  *types.Info
	types *types.Package
	next  int // the next mutant's number; they begin with 1
}

type file struct {
	path    string
	text    []byte
	syntax  *ast.File
	imports map[string]string // by path: the name in this file
	edits   []edit
}

// load reads a package and finds out the types of all that is in it.
func load(ctx context.Context, pattern string) (*source, error) {
	listed, err := goList(ctx, "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export,DepOnly", pattern)
	if err != nil {
		return nil, err
	}
	type pkg struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		DepOnly                 bool
	}
	exports := map[string]string{}
	var wanted pkg
	for d := json.NewDecoder(bytes.NewReader(listed)); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			return nil, fmt.Errorf("read the answer of go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			wanted = p
		}
	}
	s := &source{dir: wanted.Dir, fset: token.NewFileSet(), next: 1}
	var syntax []*ast.File
	for _, name := range wanted.GoFiles {
		path := filepath.Join(wanted.Dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(s.fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, &file{path: path, text: text, syntax: parsed})
		syntax = append(syntax, parsed)
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	s.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{},
	}
	config := types.Config{Importer: importer.ForCompiler(s.fset, "gc", open)}
	if s.types, err = config.Check(wanted.ImportPath, s.fset, syntax, s.info); err != nil {
		return nil, err
	}
	for _, f := range s.files {
		f.imports = s.importsOf(f.syntax)
	}
	return s, nil
}

// importsOf names the imports of a file as the file does.
func (s *source) importsOf(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		object := s.info.Implicits[spec]
		if spec.Name != nil {
			object = s.info.Defs[spec.Name]
		}
		if name, ok := object.(*types.PkgName); ok {
			names[name.Imported().Path()] = name.Name()
		}
	}
	return names
}

func goList(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list"}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out, nil
}
