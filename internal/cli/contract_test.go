package cli

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/docs"
	"cupclint/internal/catalogue"
	"cupclint/internal/servertest"
	"cupclint/internal/testrace"
)

// cupclint runs one command line in this process.
// cheap makes the memory of log-ins quick.
var cheap = servertest.Cheap

func cupclint(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	dir := t.TempDir()
	env := &environment{loginCost: cheap, stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs,
		getenv: func(string) string { return "" }, workDir: dir}
	code = execute(context.Background(), env, args)
	exitIsDocumented(t, args, code)
	return code, out.String(), errs.String()
}

const good = "Presence.Primary.Address = cups.acme.com\nPresence.Domain = ACME.COM\n"

// Every bad input gives one clear error and exit code 3, and the good file next to it is linted all the same.
func TestBadInputsAreReportedOnceAndStopNothing(t *testing.T) {
	testrace.Slow(t, "reads archives that expand to more than is allowed")
	xml := func(body string) string { return `<r xmlns="urn:cisco:epas:soap">` + body + `</r>` }
	for _, c := range []struct{ what, name, content, want string }{
		{"empty file", "a.xml", "", "a.xml: the file is empty"},
		{"binary", "a.xml", "\x7fELF\x02\x01\x00\x00\x00\x00", "a.xml:1:7: this is a binary file"},
		{"truncated XML", "a.xml", `<r xmlns="urn:cisco:epas:soap"><property name="A">`, "a.xml:1:51: the text ends inside the element property"},
		{"wrong root", "a.xml", `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><listCssResponse xmlns="http://www.cisco.com/AXL/API/12.5"/></Body></Envelope>`,
			"a.xml:1:1: nothing in this input was understood. It looks like an AXL answer listCssResponse"},
		{"depth bomb", "a.xml", strings.Repeat("<a xmlns='urn:cisco:epas:soap'>", 100_000), "elements inside one another: at most 64"},
		{"JSON depth bomb", "a.json", `{"Presence.Domain":` + strings.Repeat(`{"a":`, 100_000),
			"objects and lists inside one another: at most 64"},
		{"YAML depth bomb", "a.yaml", "Presence.Domain: " + strings.Repeat("[", 5000), "a.yaml:1"},
		{"alias bomb", "a.yaml", aliasBomb(), "a.yaml:"},
		{"entity declarations", "a.xml", `<!DOCTYPE r [<!ENTITY a "b">]>` + xml(""), "a.xml:1:1: the document type declaration contains declarations"},
		{"NUL bytes", "a.properties", "Presence.Domain = a\x00b\n", "a.properties:1:20: this is a binary file"},
		{"lone CR", "a.properties", "Presence.Domain = a\rb\n", "a.properties:1:20: a carriage return without a line feed"},
		{"damaged UTF-16 without BOM", "a.reg", "W\x00i\x00\x01\x00n\x00", "a.reg:1:2: this looks like UTF-16 without a byte order mark"},
		{"invalid UTF-8", "a.properties", "Presence.Domain = \xff\n", "a.properties:1:19: the file is not valid UTF-8"},
		{"unknown encoding", "a.xml", `<?xml version="1.0" encoding="EBCDIC"?>` + xml(""), `the declared encoding "EBCDIC" is not supported`},
		{"no properties", "a.txt", "admin:run sql select * from typecodec\nname\n====\nG.711\n", "a.txt:4:1: "},
		{"zip with a member outside", "a.zip", zipOf(t, map[string]string{"../evil.xml": xml("")}),
			`a.zip!../evil.xml: the member name "../evil.xml" points outside of the archive`},
		{"zip with too many members", "a.zip", manyMembers(t, 100_000), "the archive has 100000 members: at most 20000"},
		{"zip bomb", "a.zip", zipOf(t, map[string]string{"big.xml": strings.Repeat("\x20", 64<<20)}),
			"the member is larger than an export can be: at most 16 MiB"},
		{"gzip bomb", "a.tar.gz", tarOf(t, "big.xml", 64<<20), "the member is larger than an export can be: at most 16 MiB"},
		{"archive in an archive", "a.zip", zipOf(t, map[string]string{"b.zip": zipOf(t, map[string]string{"c.xml": xml("")})}),
			"cupclint does not open an archive inside an archive"},
		{"broken archive", "a.zip", "PK\x03\x04 and nothing else", "open the zip archive"},
		{"truncated tar", "a.tar.gz", tarOf(t, "x.properties", 100)[:60], "a.tar.gz: read the tar archive"},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			writeFiles(t, dir, map[string]string{c.name: c.content, "good.properties": good})
			code, out, errs := cupclint(t, "", "lint", "--format", "json", dir)
			if code != exitInput {
				t.Errorf("exit code %d, want %d", code, exitInput)
			}
			if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want) {
				t.Errorf("standard error is %q, want one line with %q", errs, c.want)
			}
			if !strings.Contains(out, `"rule":"PRES002"`) {
				t.Error("the good file was not linted")
			}
			var doc struct{ Errors []map[string]any }
			if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Errors) != 1 {
				t.Errorf("errors in JSON: %v, %v; want one", doc.Errors, err)
			}
		})
	}
}

func TestFilesThatCannotBeReadStopNothing(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"good.properties": good, "sub/more.properties": good})
	huge, err := os.Create(filepath.Join(dir, "nothing.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := huge.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	huge.Close()
	for link, target := range map[string]string{"loop.xml": "loop.xml", "dangling.xml": "nowhere", "sub/up": ".."} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := cupclint(t, "", "lint", "--format", "jsonl", dir, filepath.Join(dir, "missing.xml"),
		filepath.Join(dir, "*.nothing"))
	if code != exitInput {
		t.Errorf("exit code %d, want %d", code, exitInput)
	}
	for _, want := range []string{
		"nothing.xml:1:1: this is a binary file", "loop.xml: the symbolic link leads back to itself", "dangling.xml: no such file",
		"sub/up: the symbolic link leads back to a folder that contains it", "missing.xml: no such file", "*.nothing: no file matches",
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("standard error lacks %q:\n%s", want, errs)
		}
	}
	if strings.Count(errs, "\n") != 6 {
		t.Errorf("six errors, a line each:\n%s", errs)
	}
	if strings.Count(out, `"rule":"PRES002"`) != 2 {
		t.Errorf("both good files are linted once:\n%s", out)
	}
}

func TestArchiveMembersAreReportedByArchiveAndName(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"a.zip":       zipOf(t, map[string]string{"in/x.properties": good, ".hidden/y.properties": good, "notes.bin": "no export"}),
		"noextension": zipOf(t, map[string]string{"z.properties": good}),
		"b.tar.gz":    tarOf(t, "d/w.properties", 0),
	})
	code, out, errs := cupclint(t, "", "lint", dir)
	if code != exitFindings || errs != "" {
		t.Errorf("exit code %d, %q", code, errs)
	}
	for _, want := range []string{"a.zip!in/x.properties:2:19: error PRES002", "b.tar.gz!d/w.properties:2:19",
		"noextension!z.properties:2:19"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "hidden") {
		t.Error("a hidden member was read")
	}
}

// The marker is planted as a secret in every format, in files that are right and in files that are cut off.
func TestNoSecretReachesAnyOutput(t *testing.T) {
	const marker = "Planted&Marker-7391"
	esc := strings.ReplaceAll(marker, "&", "&amp;")
	files := map[string]string{
		"soap.xml": `<r xmlns="urn:cisco:epas:soap"><property name="Directory.DN">svc@acme.com</property><property name="Directory.Password">` +
			esc +
			`</property><property name="Odd.password.here">` + esc + `</property><property name="Directory.Password">` + esc +
			`x</property><property name="Presence.Domain">A B</property><session-key>` + esc + `</session-key></r>`,
		"cut.xml":    `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">` + esc,
		"nested.xml": `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">` + esc + `<b/></property></r>`,
		"log.log": "2009-01-20 08:14:00,000 [0x1] DEBUG csf - Directory.Password = " + marker + "\nlogin failed, password=" + marker +
			"\nPresence.Primary.Address =  \n",
		"a.yaml": "Directory:\n  Password: \"" + marker + "\"\n  DN: &x " + "svc@acme.com\nUser.DigestCredential: " + marker +
			"\nother:\n  secret: |\n    " + marker + "\n",
		"cut.yaml": "Directory:\n  Password: \"" + marker + "\n",
		"a.json":   `{"Directory": {"Password": "` + marker + `"}, "Login.Password": "` + marker + `"}`,
		"cut.json": `{"Directory": {"Password": "` + marker,
		"a.reg": "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services " +
			"Framework\\AdminData\\EDI]\r\n\"ConnectionPassword\"=\"" + marker + "\"\r\n\"ConnectionUsername\"=\"x y\"\r\n",
		"conf.properties": "Calendar.Password=" + marker + "\nCUCM.LDAPDirectory.Password = " + marker + "\n",
		"server.yaml": "Directory.Primary: {Address: 127.0.0.1, Port: 1}\nDirectory.DN: svc\nDirectory.Password: " + marker +
			"\nPresence.Domain: acme.invalid\n",
		"a.zip": "",
	}
	files["a.zip"] = zipOf(t, map[string]string{"in.properties": "Directory.Password = " + marker + "\n"})
	dir := t.TempDir()
	writeFiles(t, dir, files)
	check := func(what, text string) {
		t.Helper()
		for _, form := range []string{marker, esc, "Planted", "Marker-7391", "506c616e746564"} {
			if strings.Contains(text, form) {
				t.Errorf("%s holds the secret:\n%s", what, text)
			}
		}
	}
	out := filepath.Join(dir, "out")
	for _, args := range [][]string{
		{"lint", dir}, {"lint", "--format", "json", "--addresses", dir}, {"lint", "--format", "jsonl", dir}, {"lint", "--color", "always", dir},
		{"lint", "--input-format", "properties", dir}, {"lint", "--input-format", "yaml", dir}, {"lint", "--input-format", "soap", dir},
		{"lint", "--input-format", "json", dir}, {"lint", "--input-format", "registry", dir},
		{"lint", "--output", out, dir},
		{"dns", "--resolver", "127.0.0.1:1", dir}, {"dns", "--resolver", "127.0.0.1:1", "--format", "json", dir},
		{"dns", "--resolver", "127.0.0.1:1", "--format", "jsonl", dir},
		{"ldap", "--no-login", dir}, {"ldap", "--no-login", "--format", "json", dir}, {"ldap", "--no-login", "--format", "jsonl", dir},
		{"ldap", "rotate-plan", dir}, {"ldap", "rotate-plan", "--format", "json", dir},
		{"route", "sip:a@b", "--config", filepath.Join(dir, "a.yaml")}, {"route", "sip:a@b", "--config", filepath.Join(dir, "cut.json")},
	} {
		_, stdout, stderr := cupclint(t, "", args...)
		check(fmt.Sprint(args[:len(args)-1]), stdout+stderr)
	}
	written, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	check("the written report", string(written))
	for name := range files {
		_, stdout, stderr := cupclint(t, "", "redact", filepath.Join(dir, name))
		check("redact "+name, stdout+stderr)
	}
	_, _, stderr := cupclint(t, "", "resolve", "cup1", "--domain", "acme.com", "--nonsense", marker)
	check("a wrong flag", strings.ReplaceAll(stderr, "--nonsense", ""))
}

func TestEveryRuleOfTheCatalogueHasAPageAndAnIDOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range catalogue.All() {
		for _, name := range []string{r.ID, r.Name} {
			if seen[strings.ToLower(name)] {
				t.Errorf("%s is used twice", name)
			}
			seen[strings.ToLower(name)] = true
		}
		page, err := docs.RulePage(r.ID)
		if err != nil || !strings.HasPrefix(page, "# "+r.ID+" "+r.Name+"\n") {
			t.Errorf("%s: the page is missing or begins with another title (%v)", r.ID, err)
		}
	}
	pages, err := os.ReadDir("../../docs/rules")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if id := strings.TrimSuffix(p.Name(), ".md"); id != "README" && !seen[strings.ToLower(id)] {
			t.Errorf("the page %s belongs to no rule", p.Name())
		}
	}
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func zipOf(t *testing.T, members map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range members {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func manyMembers(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%d.xml", i), Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tarOf makes a compressed tar archive of one member: blanks of the size given, or a good export for 0.
func tarOf(t *testing.T, name string, size int) string {
	t.Helper()
	content := good
	if size > 0 {
		content = strings.Repeat(" ", size)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func aliasBomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}
