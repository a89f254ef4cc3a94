package cli_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The schema of modules agrees with the program: both take what the page shows, and both refuse what is wrong.
func TestTheSchemaOfModulesAgreesWithTheProgram(t *testing.T) {
	example, err := os.ReadFile("../../../docs/operations/modules.yml")
	if err != nil {
		t.Fatal(err)
	}
	// Nothing listens on the port, so a module that is taken is CRITICAL, and one that is not is UNKNOWN.
	const head = "modules: {x: {area: ldap, targets: [127.0.0.1], port: 1"
	for text, right := range map[string]bool{
		string(example) + "\n  x: {area: ldap, targets: 127.0.0.1, port: 1}\n": true,
		head + "}}": true,
		head + ", timeout: 5s, certificate-days: 0}}":                                                         true,
		head + ", settings: {Directory.SearchContext1: dc=x}, family: ipv4, security: plain, old-tls: true}}": true,
		head + ", lockout-threshold: 5, lockout-window: 30m}}":                                                true,
		head + ", nonsense: 1}}":                                          false,
		head + ", security: loud}}":                                       false,
		head + ", certificate-days: -1}}":                                 false,
		head + ", generation: h323}}":                                     false,
		head + ", log-in: {password-file: p}}}":                           false,
		head + ", log-in: {user: a, password-file: p, password-env: P}}}": false,
		head + ", settings: [a]}}":                                        false,
		"modules: {x: {area: ldap}}":                                      false,
		"modules: {x: {targets: [127.0.0.1]}}":                            false,
		"modules: {x: {area: ldap, targets: []}}":                         false,
		"modules: {}": false,
		"module: {x: {area: ldap, targets: [127.0.0.1]}}": false,
		"[]": false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := schema(t, "modules").Validate(v); (err == nil) != right {
			t.Errorf("the schema says %v of\n%s", err, text)
		}
		name := t.TempDir() + "/modules.yml"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, stdout, _ := cupclint(t, "", "check", "--modules", name, "--module", "x", "-H", "127.0.0.1")
		if strings.Contains(stdout, "CRITICAL") != right {
			t.Errorf("the program says %q of\n%s", stdout, text)
		}
	}
}
