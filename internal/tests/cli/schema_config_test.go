package cli_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// The schema of the configuration agrees with the program: both take what the page shows, and both refuse what is wrong.
func TestTheConfigurationSchemaAgreesWithTheProgram(t *testing.T) {
	page, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	for text, right := range map[string]bool{
		example: true,
		"":      true,
		"fail-on: never\nformat: [text, json=out.json]\njobs: 4\n":                      true,
		"rules: {all: off, PRES001: on, presence-case-mismatch: warning, dns: info}\n":  true,
		"suppress:\n- {rule: HYG002, key: \"SIPProxy.IncomingACL.*\", reason: known}\n": true,
		"deployments: {hq: [a, b/**], lab: c}\n":                                        true,
		"deployments: {hq: []}\n":                                                       false,
		"deployments: [a]\n":                                                            false,
		"fail-on: sometimes\n":                                                          false,
		"fail_on: error\n":                                                              false,
		"jobs: -1\n":                                                                    false,
		"jobs: many\n":                                                                  false,
		"rules: {PRES001: loud}\n":                                                      false,
		"rules: [PRES001]\n":                                                            false,
		"ignore: lab\n":                                                                 false,
		"only: PRES001\n":                                                               false,
		"suppress:\n- {rule: PRES001, path: lab}\n":                                     false,
		"suppress:\n- {rule: PRES001, reason: a}\n":                                     false,
		"suppress:\n- {rule: PRES001, path: lab, reason: a, until: 2027}\n":             false,
		"suppress:\n- {rule: PRES001, path: lab, reason: a, expires: 2027-03-31, owner: b}\n": true,
		"suppress:\n- {rule: PRES001, path: lab, reason: a, expires: 31.3.2027}\n":            false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := schema(t, "config").Validate(dated(v)); (err == nil) != right {
			t.Errorf("the schema says %v of\n%s", err, text)
		}
		name := t.TempDir() + "/.cupclint.yaml"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := cupclint(t, "", "lint", "--config", name, "../../../fixtures/right/soap")
		if (code != exitUsage) != right {
			t.Errorf("the program says %q of\n%s", stderr, text)
		}
	}
}

// dated writes dates as texts again: editors take them for texts, and the library makes times of them.
func dated(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = dated(v[key])
		}
	case []any:
		for i := range v {
			v[i] = dated(v[i])
		}
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return v
}
