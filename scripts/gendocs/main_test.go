package main

import (
	"os"
	"testing"
)

// What the program writes and reads must be what its schemas say.
func TestSchemasAreFresh(t *testing.T) {
	for name, want := range map[string]string{"case": caseSchema(), "config": configSchema()} {
		got, err := os.ReadFile("../../docs/schema/" + name + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("docs/schema/%s.schema.json is not fresh: run go generate ./docs", name)
		}
	}
}
