package rules_test

import (
	"fmt"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// All gives the static rules as values; each can judge one export by itself.
func ExampleAll() {
	var reader export.Reader
	e, err := reader.Parse("hq.properties", []byte("Presence.Primary.Address = cups.acme.test\nPresence.Domain = ACME.TEST\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	in := lint.NewInput(e)
	for _, r := range rules.All() {
		for _, f := range r.Judge(in) {
			if f.Severity == lint.Error {
				fmt.Println(f.Rule, f.Name, f.Address)
			}
		}
	}
	// Output: PRES002 presence-case-mismatch cups.acme.test.ACME.TEST
}
