package cli

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/testrace"
)

// aboutSecrets are the rules that a redacted file no longer breaks.
var aboutSecrets = []string{"CRED008", "CRED009", "JAB009", "LDAP007"}

// A lint of a redacted file gives the findings of the original minus those about the secret itself, for every file of the fixtures; every
// value that is redacted is a finding of the original; and nothing is left to redact.
func TestARedactedFileHasTheFindingsOfTheOriginal(t *testing.T) {
	testrace.Slow(t, "runs hundreds of command lines, one after the other")
	root, err := filepath.Abs("../../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	type finding struct {
		Rule, Message, Key string
		Line               int
	}
	lint := func(dir, name string) (found []string, secrets int, understood bool) {
		_, out, _ := cupclint(t, "", "lint", "--format", "json", "--no-baseline", filepath.Join(dir, name))
		var doc struct {
			Findings []finding
			Errors   []json.RawMessage
		}
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range doc.Findings {
			if slices.Contains(aboutSecrets, f.Rule) {
				if f.Rule != "LDAP007" {
					secrets++
				}
				continue
			}
			// whether two secrets differ is about the secrets: a redacted copy does not show it
			if f.Rule == "HYG001" && export.IsSecret(f.Key, "x") {
				f.Message = f.Key + " is set more than once"
			}
			found = append(found, fmt.Sprintf("%s %s line %d: %s", f.Rule, f.Key, f.Line,
				strings.NewReplacer(dir, "", "REDACTED", "********").Replace(f.Message)))
		}
		slices.Sort(found)
		return found, secrets, len(doc.Errors) == 0
	}
	files, redacted := 0, 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || testing.Short() && len(path)%4 != 0 {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if name := filepath.Base(path); name == "expect.yaml" || strings.HasSuffix(name, ".golden") || strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, ".lic") || len(data) > 1<<20 {
			return nil
		}
		clean, err := export.Redact(path, data, export.Auto)
		if err != nil || len(clean.Lines) == 0 {
			return nil
		}
		files, redacted = files+1, redacted+len(clean.Lines)
		name, before, after := filepath.Base(path), t.TempDir(), t.TempDir()
		writeFiles(t, before, map[string]string{name: string(data)})
		writeFiles(t, after, map[string]string{name: string(clean.Data)})
		short, _ := filepath.Rel(root, path)
		want, secrets, understood := lint(before, name)
		got, left, _ := lint(after, name)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the redacted copy gives other findings:\n  gone  %s\n  new   %s", short, strings.Join(minus(want, got), "\n        "),
				strings.Join(minus(got, want), "\n        "))
		}
		if left > 0 {
			t.Errorf("%s: %d findings about secrets of the redacted copy", short, left)
		}
		if understood && secrets == 0 {
			t.Errorf("%s: %d values are redacted (lines %v), and none is a finding", short, len(clean.Lines), clean.Lines)
		}
		if again, err := export.Redact(path, clean.Data, export.Auto); err == nil && len(again.Lines) > 0 {
			t.Errorf("%s: redacted twice, lines %v", short, again.Lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("%d files with secrets: the test does not reach what it is about", files)
	}
	t.Logf("%d files, %d values", files, redacted)
}

// Every value that redact replaces is a finding in its line, in all places: in comments, unknown elements and attributes, lines that
// are ignored.
func TestEveryRedactedValueIsAFinding(t *testing.T) {
	files, dir := new(markers).inputs(), t.TempDir()
	writeFiles(t, dir, files)
	for name, text := range files {
		clean, err := export.Redact(name, []byte(text), export.Auto)
		if err != nil {
			continue // the file cannot be read, and lint says so
		}
		_, out, _ := cupclint(t, "", "lint", "--format", "json", filepath.Join(dir, name))
		var doc struct {
			Findings []struct {
				Rule string
				Line int
			}
		}
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found := map[int]bool{}
		for _, f := range doc.Findings {
			if f.Rule == "CRED008" || f.Rule == "JAB009" {
				found[f.Line] = true
			}
		}
		for _, line := range clean.Lines {
			if !found[line] {
				t.Errorf("%s:%d: a value is redacted and is not a finding", name, line)
			}
		}
	}
}

// No finding shows how long a secret is: two exports that differ only in the length of their secrets give the same findings with the same
// places, unless there is something after the secret in its line.
func TestTheLengthOfASecretDoesNotShow(t *testing.T) {
	with := func(secret string) map[string]string {
		return map[string]string{
			"a.properties": "Presence.Primary.Address = u:" + secret + "@cups1.acme.com\nPresence.Domain = acme.com\nTFTP.Primary =  https://u:" +
				secret + "@tftp.acme.com\nDirectory.Password = " + secret +
				"\nUser.PIN = " + secret + "\n# password: " + secret + "\n",
			"b.log": "10:00 Presence.Domain=acme.com. Directory.Password=" + secret + "\nAuthorization: Bearer " + secret +
				"\nGET https://u:" + secret + "@h.test/\n",
			"c.yaml": "Directory:\n  Password: \"" + secret + "\"\n  Primary.Address: \"u:" + secret + "@dc\"\n",
			"d.json": "{\"Directory.Password\":\n\"" + secret + "\",\n\"TFTP.Primary\": \"u:" + secret + "@dc 1\"\n}\n",
			"jabber-config.xml": "<config>\n<Directory>\n<ConnectionPassword>" + secret + "</ConnectionPassword>\n<LDAP_Password>" + secret +
				"</LDAP_Password>\n<PrimaryServerName>u:" + secret + "@dc 1</PrimaryServerName>\n</Directory>\n</config>\n",
		}
	}
	for _, format := range []string{"text", "json", "sarif", "html", "checkstyle", "github", "gitlab", "junit", "markdown"} {
		var first string
		for _, secret := range []string{"hunter2a", "hunter2a-and-much-longer9"} {
			t.Chdir(t.TempDir())
			writeFiles(t, ".", with(secret))
			_, out, errs := cupclint(t, "", "lint", "--format", format, ".")
			if strings.Contains(out+errs, "hunter2a") {
				t.Errorf("%s shows the secret", format)
			}
			if first == "" {
				first = out
			} else if out != first {
				t.Errorf("%s shows that the lengths are different:\n%s", format,
					strings.Join(minus(strings.SplitAfter(first, "\n"), strings.SplitAfter(out, "\n")), ""))
			}
		}
	}
}

func minus(a, b []string) (rest []string) {
	b = slices.Clone(b)
	for _, s := range a {
		if i := slices.Index(b, s); i >= 0 {
			b = slices.Delete(b, i, i+1)
		} else {
			rest = append(rest, s)
		}
	}
	return rest
}
