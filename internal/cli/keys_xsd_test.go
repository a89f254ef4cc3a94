package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
	"cupclint/internal/testrace"
)

// schemaRules find what the XML Schema of jabber-config.xml can refuse: unknown keys, keys in another section, values.
var schemaRules = map[string]bool{"JAB001": true, "JAB002": true, "JAB011": true, "JAB013": true, "LDAP006": true}

// schemaDiffers are files that the schema refuses and lint accepts, with the reason.
var schemaDiffers = map[string]string{
	"reality/jabber/07-sample-of-the-reference": "PrtLogServerUrl: XML compares names with case, and Jabber's samples do not",
	"reality/jabber/33-guard-voicemail":         "VoicemailService_UseCredentialsFrom: as above",
}

// schemaRefuses are fixtures that the schema must refuse.
var schemaRefuses = []string{
	"rules/JAB001/wrong", "rules/JAB002/wrong", "rules/JAB011/wrong", "deployments/jabber9/broken",
	"reality/jabber/02-directory-keys-and-values",
	"reality/jabber/20-old-names-bad-values", "reality/jabber/26-domains-and-plain-bind", "reality/jabber/35-guard-real-faults",
}

// The schema never refuses what lint finds right: an editor that underlines right files is switched off.
func TestXMLSchemaAcceptsWhatLintAcceptsAndRefusesWrongFixtures(t *testing.T) {
	testrace.Slow(t, "runs hundreds of command lines, one after the other")
	xmllint := servertest.XMLLint(t)
	code, text, stderr := cupclint(t, "", "keys", "--format", "xsd")
	if code != exitClean {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	xsd := filepath.Join(t.TempDir(), "jabber-config.xsd")
	if err := os.WriteFile(xsd, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{}
	files := 0
	root := filepath.Join("..", "..", "fixtures")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.EqualFold(d.Name(), "jabber-config.xml") {
			return err
		}
		files++
		name, _ := filepath.Rel(root, filepath.Dir(path))
		name = filepath.ToSlash(name)
		out, err := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", xsd, path).CombinedOutput()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			return err
		}
		refused[name] = err != nil
		if err != nil && schemaDiffers[name] == "" && !lintRefuses(t, path) {
			t.Errorf("%s: lint accepts it and the schema does not:\n%s", path, out)
		}
		if strings.Contains(string(out), "Schemas parser error") {
			t.Fatalf("the schema is not valid:\n%s", out)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("%d files: the fixtures have more", files)
	}
	for _, name := range schemaRefuses {
		if !refused[name] {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
	for name := range schemaDiffers {
		if !refused[name] {
			t.Errorf("%s: the schema accepts it now, so it is not a difference any more", name)
		}
	}
}

func lintRefuses(t *testing.T, path string) bool {
	_, text, _ := cupclint(t, "", "lint", "--format", "json", path)
	var report struct {
		Findings []struct{ Rule string }
		Errors   []any
	}
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if schemaRules[f.Rule] {
			return true
		}
	}
	return len(report.Errors) > 0
}

func TestXMLSchemaKnowsValuesAndBounds(t *testing.T) {
	xmllint := servertest.XMLLint(t)
	_, text, _ := cupclint(t, "", "keys", "--format", "xsd")
	dir := t.TempDir()
	xsd, file := filepath.Join(dir, "jabber-config.xsd"), filepath.Join(dir, "jabber-config.xml")
	if err := os.WriteFile(xsd, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for body, valid := range map[string]bool{
		"": true,
		// any order, twice
		"<Voicemail><VoicemailPrimaryServer>cuc1</VoicemailPrimaryServer></Voicemail><Client/><Voicemail/>": true,
		"<Policies><EnableVideo> FALSE " +
			"</EnableVideo></Policies>": true,
		"<Policies><EnableVideo/></Policies>":                                             true,
		"<Policies><EnableVideo>yes</EnableVideo></Policies>":                             false,
		"<Directory><UseSSL>1</UseSSL><ServerPort1>3268</ServerPort1></Directory>":        true,
		"<Directory><ServerPort1>70000</ServerPort1></Directory>":                         false,
		"<Directory><ServerPort1>389/tcp</ServerPort1></Directory>":                       false,
		"<Directory><PrimaryServerName>dc1.acme.com:389</PrimaryServerName></Directory>":  false,
		"<Directory><PrimaryServerName>fd00::1</PrimaryServerName></Directory>":           true,
		"<Directory><SearchBase1>acme.com</SearchBase1></Directory>":                      false,
		"<Directory><BaseFilter>objectClass=user</BaseFilter></Directory>":                false,
		"<Directory><BaseFilter>(&amp;(objectClass=user)(sn=*))</BaseFilter></Directory>": true,
		"<Directory><BusinessPhone>telephone " +
			"number</BusinessPhone></Directory>": false,
		"<Policies><ServiceDiscoveryExcludedServices>webex, " +
			"cup</ServiceDiscoveryExcludedServices></Policies>": true,
		"<Policies><ServiceDiscoveryExcludedServices>EDGE</ServiceDiscoveryExcludedServices></Policies>": false,
		"<Client><jabber-plugin-config><browser-plugin><page " +
			"refresh=\"true\"><tooltip>a</tooltip></page></browser-plugin></jabber-plugin-config></Client>": true,
		"<Presence><UseSSL>true</UseSSL></Presence>": false,
		"<Flying/>": false,
	} {
		if err := os.WriteFile(file, []byte(`<?xml version="1.0" encoding="utf-8"?><config version="1.0">`+body+"</config>"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", xsd, file).CombinedOutput()
		if (err == nil) != valid {
			t.Errorf("%s: valid is %v, want %v\n%s", body, err == nil, valid, out)
		}
	}
	if code, _, _ := cupclint(t, "", "keys", "--format", "xsd", "directory"); code != exitUsage {
		t.Errorf("a part of the keys: exit code %d", code)
	}
}
