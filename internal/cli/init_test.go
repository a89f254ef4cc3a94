package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cupclint/export"
)

// filled is the template with every line in use.
func filled(t *testing.T) (text string, lines int) {
	t.Helper()
	text, err := serversTemplate()
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^#([A-Za-z])`)
	return line.ReplaceAllString(text, "$1"), len(line.FindAllString(text, -1))
}

// TestTemplateFilledIn reads the template with its examples through lint: every key is known, every example is valid, and the examples
// describe a deployment without a fault.
func TestTemplateFilledIn(t *testing.T) {
	text, lines := filled(t)
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"servers.yaml": text})
	code, said := run(dir, "lint", filepath.Join(dir, "servers.yaml"))
	if want := fmt.Sprintf("0 findings in 1 export with %d properties", lines); code != exitClean || !strings.Contains(said,
		want) || lines < 80 {
		t.Errorf("exit code %d, %d lines:\n%s", code, lines, said)
	}
	for wrong, rule := range map[string][2]string{
		"CRED005": {"CUCM.LDAPAuthentication.Server.1.Port: 3269", "CUCM.LDAPAuthentication.Server.1.Port: 389"},
		"CRED004": {"SIPProxy.IncomingACL.1: 10.0.0.0/8", "SIPProxy.IncomingACL.1: 10.1.1.0/24"},
		"OCS006": {
			"CTIGateway.ApplicationUserGroup.1: Standard CTI Enabled",
			"CTIGateway.ApplicationUserGroup.1: Standard CCM End Users",
		},
		"PRES002": {"Presence.Domain: acme.com", "Presence.Domain: ACME.COM\n"},
	} {
		changed := strings.Replace(text, rule[0], rule[1], 1)
		if wrong == "PRES002" {
			changed = strings.Replace(changed, "Presence.Primary.Address: cups1", "Presence.Primary.Address: cups1.acme.com", 1)
		}
		if changed == text {
			t.Errorf("%s: the template has no %q", wrong, rule[0])
		}
		writeFiles(t, dir, map[string]string{"servers.yaml": changed})
		if code, said := run(dir, "lint", filepath.Join(dir, "servers.yaml")); code != exitFindings || !strings.Contains(said, wrong) {
			t.Errorf("%s: exit code %d:\n%s", wrong, code, said)
		}
	}
}

// TestTemplateTable checks the table: places have sources, nothing asks for a secret, and no key is named twice.
func TestTemplateTable(t *testing.T) {
	seen := make(map[string]bool)
	for line := range strings.Lines(templateTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || f[0] == "" || f[0] == "key" {
			continue
		}
		id, _, ok := export.Lookup(strings.ReplaceAll(f[0], "{n}", "1"))
		if !ok {
			t.Errorf("%s is not a key", f[0])
			continue
		}
		if key := id.Get(); key.Type == export.SecretText && f[1] != `""` {
			t.Errorf("%s asks for a secret", f[0])
		} else if !key.Formats.Has(export.YAML) {
			t.Errorf("%s is not read from YAML", f[0])
		}
		menu := strings.Contains(f[2], " > ")
		if menu && (len(f) < 4 || f[3] == "-" || f[3] == "") {
			t.Errorf("%s: the place has no source: %s", f[0], f[2])
		}
		if seen[f[0]] {
			t.Errorf("%s is there twice", f[0])
		}
		seen[f[0]] = true
	}
}

// TestTemplateUntouched: a template that was not filled in says nothing, and lint says so.
func TestTemplateUntouched(t *testing.T) {
	text, err := serversTemplate()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if line != "\n" && line[0] != '#' {
			t.Errorf("in use: %s", line)
		}
	}
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"servers.yaml": text, "client.properties": "Presence.Primary.Address = cup1\n" +
		"Presence.Domain = acme.com\n"})
	if code, said := run(dir, "lint", dir); code != exitInput || !strings.Contains(said, "comments only. Remove the") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}
