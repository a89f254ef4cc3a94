package lint_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"cupclint/export"
	"cupclint/lint"
)

// An own rule is a value with a function. It runs together with the rules of the catalogue, or alone.
func ExampleRun() {
	ours := &lint.Rule{
		ID: "ACME001", Name: "acme-ldaps", Area: "directory", Severity: lint.Error, Kind: lint.ExportKind,
		Summary: "Acme allows LDAP over TLS only",
		Check: func(in *lint.Input) []lint.Finding {
			port := in.Get(export.DirectoryPrimaryPort)
			if port == nil || port.Value == "636" || port.Value == "3269" {
				return nil
			}
			return []lint.Finding{in.At(port, "port %s is not LDAP over TLS", port.Value)}
		},
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "hq.properties")
	if err := os.WriteFile(name, []byte("Directory.Primary.Address = dc1.acme.test\nDirectory.Primary.Port = 389\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	sources, _ := export.Find([]string{name})
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Rules: []*lint.Rule{ours}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer result.Close()
	for f, err := range result.Findings() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("line %d, column %d: %s %s: %s\n", f.Line, f.Column, f.Severity, f.Rule, f.Message)
	}
	// Output: line 2, column 26: error ACME001: port 389 is not LDAP over TLS
}
