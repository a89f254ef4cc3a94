package cli_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The schema of --allow-probes agrees with the program: both take what the page shows, and both refuse what is wrong.
func TestTheSchemaOfProbesAgreesWithTheProgram(t *testing.T) {
	page, err := os.ReadFile("../../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	exports, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	const export = "Directory.Primary.Address = dc1.example.com\nPresence.Primary.Address = cup1\nPresence.Domain = example.com\n"
	if err := os.WriteFile(exports+"/hq.properties", []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, right := range map[string]bool{
		strings.Replace(example, "/srv/exports/hamburg", exports, 1):                                       true,
		"targets: [{area: ntp, address: ntp1.example.com}]\n":                                              true,
		"targets: [{area: ldap, settings: {Directory.Primary.Address: a, Directory.Primary.Port: 389}}]\n": true,
		"":                          false,
		"targets: []\n":             false,
		"targets: [{area: ntp}]\n":  false,
		"targets: [{address: a}]\n": false,
		"targets: [{area: ntp, address: a, password: b}]\n":             false,
		"targets: [{area: ntpd, address: a}]\n":                         false,
		"targets: [{area: ntp, address: a, exports: b}]\n":              false,
		"targets: [{area: ntp, address: a, areas: [ntp]}]\n":            false,
		"targets: [{area: ldap, address: a, security: ssl}]\n":          false,
		"targets: [{area: ldap, address: [a]}]\n":                       false,
		"target: [{area: ldap, address: a}]\n":                          false,
		"targets: [{area: ldap, address: a}]\nresolvers: [192.0.2.1]\n": false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := schema(t, "probes").Validate(v); (err == nil) != right {
			t.Errorf("the schema says %v of\n%s", err, text)
		}
		name := t.TempDir() + "/probes.yaml"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		// The address is not one of this computer, so the program ends when it has read the file.
		_, _, stderr := cupclint(t, "", "serve", "--listen", "192.0.2.1:1", "--allow-unprotected", "--resolver", "127.0.0.1",
			"--allow-probes", name)
		if strings.Contains(stderr, "--allow-probes") == right {
			t.Errorf("the program says %q of\n%s", stderr, text)
		}
	}
}
