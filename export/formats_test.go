package export_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"cupclint/export"
	"cupclint/internal/benchexport"
)

func TestTextLines(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"several pairs in a line of a log", "read Presence.Primary.Address=cups1.acme.com, Presence.Domain=ACME.com; TFTP.Primary: cucm1\n",
			"Presence.Primary.Address=cups1.acme.com Presence.Domain=ACME.com TFTP.Primary=cucm1"},
		{"several pairs with a DN", "Presence.Domain=acme.com Directory.SearchContext1=OU=a, DC=acme, DC=com TFTP.Primary=cucm1\n",
			"Presence.Domain=acme.com Directory.SearchContext1=OU=a, DC=acme, DC=com TFTP.Primary=cucm1"},
		{"a value with a key in it", "Directory.DN=CN=Presence.Domain=x,DC=acme\n", "Directory.DN=CN=Presence.Domain=x,DC=acme"},
		{"key = value", "Presence.Domain = acme.com\n", "Presence.Domain=acme.com"},
		{"no blanks, no line end", "Presence.Domain=acme.com", "Presence.Domain=acme.com"},
		{"key: value", "Presence.Domain: acme.com\r\n", "Presence.Domain=acme.com"},
		{"one blank belongs to the separator", "Presence.Domain =  acme.com \n", "Presence.Domain= acme.com "},
		{"log prefix", "2009-01-20 10:11:12,123 [0x00000a10] DEBUG csf - Presence.Domain = acme.com\n", "Presence.Domain=acme.com"},
		{"log prefix with a colon", "INFO config: Presence.Domain = acme.com\n", "Presence.Domain=acme.com"},
		{"a name with = in its value", "Directory.DN = CN=svc,DC=acme\n", "Directory.DN=CN=svc,DC=acme"},
		{"backslashes stay", `Directory.DN = ACME\svc`, `Directory.DN=ACME\svc`},
		{"comments", "# Presence.Domain = x\n; a = b\n! c = d\nPresence.Domain = y\n", "Presence.Domain=y"},
		{"unknown key with =", "Presence.Domain = y\nPresence.Domian = z\n", "Presence.Domain=y Presence.Domian=z"},
		{"prose is skipped", "Presence.Domain = y\nStatus: connected at 10:00\nSee http://acme.com/a=b\n", "Presence.Domain=y"},
		{"Show Server Health", "Server Health\nPresence\n  Presence.Primary.Address: cups1\n  Presence.Domain: acme.com\n  Invalid credential\n",
			"Presence.Primary.Address=cups1 Presence.Domain=acme.com"},
		{"a secret anywhere in the line", "Presence.Domain = y\nlogin with password=hunter2\n", "Presence.Domain=y (password=hunter2)"},
		{"empty value", "Presence.Domain =\n", "Presence.Domain="},
	} {
		e, err := (&export.Reader{Force: export.Properties}).Parse("in", []byte(c.text))
		if got := join(e); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.what, got, err, c.want)
		}
	}
}

func join(e *export.Export) string {
	if e == nil {
		return ""
	}
	var all []string
	for i := range e.Properties {
		all = append(all, e.Properties[i].Name+"="+e.Properties[i].Value)
	}
	for i := range e.Found {
		all = append(all, "("+e.Found[i].Name+"="+e.Found[i].Value+")")
	}
	return strings.Join(all, " ")
}

func TestYAMLAndJSON(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"nested", "Presence:\n  Primary:\n    Address: cups1\n  Domain: acme.com\n", "Presence.Primary.Address=cups1 Presence.Domain=acme.com"},
		{"dotted", "Presence.Primary.Address: cups1\nPresence.Domain: \"acme.com\"\n", "Presence.Primary.Address=cups1 Presence.Domain=acme.com"},
		{"scalars as written", "A.B: yes\nA.C: 0644\nA.D: 1e3\nA.E: 'it''s'\nA.F: \"a\\tb\"\n", "A.B=yes A.C=0644 A.D=1e3 A.E=it's A.F=a\tb"},
		{"null", "A.B: ~\nA.C: null\nA.D:\nA.E: \"\"\n", "A.B= A.C= A.D= A.E="},
		{"lists are numbered", "SIPProxy:\n  IncomingACL: [a, b]\n  Alias:\n    - c\n",
			"SIPProxy.IncomingACL.1=a SIPProxy.IncomingACL.2=b SIPProxy.Alias.1=c"},
		{"anchors", "A: &x\n  B: c\nD: *x\n", "A.B=c D.B=c"},
		{"several documents", "---\nA.B: c\n---\nD.E: f\n", "A.B=c D.E=f"},
		{"comments", "# x\nA.B: c # y\n", "A.B=c"},
		{"CR LF", "A:\r\n  B: c\r\n", "A.B=c"},
		{"JSON", `{"A": {"B": "c\u0041", "D": 1.50, "E": true, "F": null}, "G.H": ["x", {"Y": "z"}]}`,
			"A.B=cA A.D=1.50 A.E=true A.F= G.H.1=x G.H.2.Y=z"},
		{"JSON duplicates stay", `{"A.B": "c", "A.B": "d"}`, "A.B=c A.B=d"},
	} {
		force := export.YAML
		if c.text[0] == '{' {
			force = export.JSON
		}
		e, err := (&export.Reader{Force: force}).Parse("in", []byte(c.text))
		if got := join(e); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.what, got, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"{\"A\": \"b\",\n}":         "in:2:1: this is not valid JSON",
		`{"A": "b"} x`:              "more text after the end",
		`{"A": "b"`:                 "ends too early",
		`[1]`:                       "",
		"A.B: [c\n":                 "this is not valid YAML",
		"A: b\n  C: d\n":            "in:2:",
		"A:\n  B: c\n\tD: e\n":      "in:",
		"Presence:\n  - - - x: [}}": "in:",
	} {
		_, err := new(export.Reader).Parse("in", []byte(text))
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

const adminData = `[HKEY_CURRENT_USER\Software\Cisco Systems, Inc.\Client Services Framework\AdminData]` + "\r\n"

func TestRegistryExports(t *testing.T) {
	text := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Other]\r\n\"TftpServer1\"=\"no\"\r\n\r\n" + adminData +
		"; comment\r\n@=\"default\"\r\n\"TftpServer1\"=\"cucm1\"\r\n\"TftpServer2\"=-\r\n\"CcmcipServerValidation\"=dword:00000002\r\n" +
		"\"CtiServer1\"=hex(1):63,00,75,00,\\\r\n  " +
		"63,00,6d,00,00,00\r\n\"Multi\"=hex(7):61,00,00,00,62,00,00,00,00,00\r\n\"Big\"=hex(b):01,00,00,00,00,00,00,00\r\n\"Raw\"=hex:01,ff\r\n" +
		"\"Quoted\"=\"a\\\\b\\\"c\"\r\n\r\n" + strings.Replace(adminData, "AdminData]", "AdminData\\EDI]", 1) +
		"\"ServerPort1\"=dword:00000cc4\r\n\"ConnectionPassword\"=\"p\"\r\n" +
		"\r\n[-HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services Framework\\AdminData]\r\n\"CtiServer2\"=\"gone\"\r\n"
	want := `TftpServer1=cucm1 CcmcipServerValidation=2 CtiServer1=cucm Multi=a Multi=b Big=1 Raw=01ff Quoted=a\b"c ServerPort1=3268 ConnectionPassword=p`
	for name, data := range map[string][]byte{"UTF-16LE": utf16Of(text, binary.LittleEndian), "UTF-16BE": utf16Of(text, binary.BigEndian),
		"UTF-8": []byte(text)} {
		e, err := new(export.Reader).Parse("in", data)
		if got := join(e); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
			continue
		}
		if v, _ := e.Value(export.DirectoryPrimaryPort); v != "3268" || !e.Get(export.DirectoryPassword).Secret() {
			t.Errorf("%s: the EDI values have no keys", name)
		}
	}
	old, err := charmap.Windows1252.NewEncoder().String("REGEDIT4\r\n\r\n" + adminData + "\"TftpServer1\"=\"münchen\"\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if e, err := new(export.Reader).Parse("in", []byte(old)); err != nil || join(e) != "TftpServer1=münchen" {
		t.Errorf("REGEDIT4: %q, %v", join(e), err)
	}
	for bad, want := range map[string]string{
		"\"A\"=dword:xyz": "a dword has", "\"A\"=\"b": "does not end", "\"A": "must end with a quote", `A"="b"`: "not a registry key",
		"\"A\"=hex(99):00": "not known", "\"A\"=hex:0": "pairs of hexadecimal",
	} {
		_, err := new(export.Reader).Parse("in", []byte("Windows Registry Editor Version 5.00\r\n"+adminData+bad+"\r\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "in:3:") {
			t.Errorf("%s: error %v, want %q in line 3", bad, err, want)
		}
	}
}

// An export in a mail has prose around it. Lines that set nothing are skipped, and it says so.
func TestARegistryExportInAMail(t *testing.T) {
	text := "Hello,\r\nhere it is:\r\n\r\nWindows Registry Editor Version 5.00\r\n" + adminData + "\"TftpServer1\"=\"a\"\r\nregards\r\n"
	e, err := new(export.Reader).Parse("in", []byte(text))
	if err != nil || join(e) != "TftpServer1=a" || e.Format != export.Registry {
		t.Fatalf("%q, %v", join(e), err)
	}
	if i := e.Ignored(); i == nil || i.Count != 3 || i.First[2].Text != "regards" {
		t.Errorf("ignored: %+v", i)
	}
	if at := e.Range(&e.Properties[0]); at.Line != 6 {
		t.Errorf("line %d", at.Line)
	}
	text = "Presence.Domain = acme.com\n" + text
	if e, err := new(export.Reader).Parse("in", []byte(text)); err != nil || e.Format == export.Registry {
		t.Errorf("with a setting before it: %v, %v", e.Format, err)
	}
}

func utf16Of(text string, order binary.AppendByteOrder) []byte {
	out := order.AppendUint16(nil, 0xFEFF)
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// Every value of every fixture is found again in the bytes of the file, in whatever encoding they are.
func TestRangesPointAtTheValuesInTheOriginalBytes(t *testing.T) {
	names, err := filepath.Glob("../fixtures/*/*/*.*")
	if err != nil || len(names) < 30 {
		t.Fatalf("%d fixtures, %v", len(names), err)
	}
	values := 0
	for _, name := range names {
		if filepath.Ext(name) == ".golden" {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		decode := map[string]func([]byte) string{name: func(b []byte) string { return string(b) }}
		inputs := map[string][]byte{name: data}
		if !bytes.HasPrefix(data, []byte("\xFF\xFE")) {
			text := strings.Replace(string(data), `encoding="UTF-8"`, `encoding="UTF-16"`, 1)
			inputs[name+" UTF-16"] = utf16Of(strings.ReplaceAll(text, "\n", "\r\n"), binary.BigEndian)
			decode[name+" UTF-16"] = fromUTF16(binary.BigEndian)
			inputs[name+" BOM"] = append([]byte("\xEF\xBB\xBF"), data...)
			decode[name+" BOM"] = decode[name]
		} else {
			decode[name] = fromUTF16(binary.LittleEndian)
		}
		for what, input := range inputs {
			e, err := new(export.Reader).Parse(what, bytes.Clone(input))
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			for i := range e.Properties {
				p := &e.Properties[i]
				r := e.Range(p)
				got := decode[what](input[r.Start:r.End])
				if got != p.Value && !strings.Contains(got, `\\`) && !strings.HasPrefix(got, "dword:") && !strings.HasPrefix(got, "hex") {
					t.Errorf("%s:%d:%d: %s is %q, and the range has %q", what, r.Line, r.Column, p.Name, p.Value, got)
				}
				if line := e.SourceLine(r.Line); !p.Secret() && !strings.Contains(line, got) {
					t.Errorf("%s:%d: %q is not in the line %q", what, r.Line, got, line)
				}
				values++
			}
		}
	}
	if values < 2000 {
		t.Errorf("only %d values were looked up", values)
	}
}

func fromUTF16(order binary.ByteOrder) func([]byte) string {
	return func(b []byte) string {
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = order.Uint16(b[2*i:])
		}
		return string(utf16.Decode(units))
	}
}

func TestWindows1252WhereTheDeclarationSaysSo(t *testing.T) {
	text := "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n<r xmlns=\"urn:cisco:epas:soap\"><property " +
		"name=\"Directory.ConfigurationName\">Z\xfcrich \x80</property></r>"
	e, err := new(export.Reader).Parse("in", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p := &e.Properties[0]
	r := e.Range(p)
	if p.Value != "Zürich €" || text[r.Start:r.End] != "Z\xfcrich \x80" || r.Line != 2 || r.EndColumn-r.Column != 8 {
		t.Errorf("%q at %+v is %q", p.Value, r, text[r.Start:r.End])
	}
}

func TestRedactChangesNothingElse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Directory.Password = hunter2 \r\nA.B = c\r\n", "Directory.Password = REDACTED\r\nA.B = c\r\n"},
		{`<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password"><![CDATA[x]]>&amp;</property></r>`,
			`<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">REDACTED</property></r>`},
		{"Directory:\n  Password: 'it''s'  # c\n  DN: x\n", "Directory:\n  Password: 'REDACTED'  # c\n  DN: x\n"},
		{"Directory:\n  Password: >-\n    a\n\n    b\n  DN: x\n", "Directory:\n  Password: REDACTED\n  DN: x\n"},
		{"x: &pw hunter2\nDirectory.Password: *pw\n", "x: &pw REDACTED\nDirectory.Password: *pw\n"},
		{`{"Directory.Password": 1234, "A": "b"}`, `{"Directory.Password": "REDACTED", "A": "b"}`},
		{"REGEDIT4\r\n" + adminData + "\"MyPassword\"=hex(1):61,\\\r\n  62\r\n\"A\"=\"b\"\r\n",
			"REGEDIT4\r\n" + adminData + "\"MyPassword\"=\"REDACTED\"\r\n\"A\"=\"b\"\r\n"},
		{"Directory.Password =\n", "Directory.Password =\n"},
	} {
		got, err := export.Redact("in", []byte(c.in), export.Auto)
		if err != nil || string(got.Data) != c.want || len(got.Left) > 0 {
			t.Errorf("%q gives %+v, %v; want %q", c.in, got, err, c.want)
			continue
		}
		again, err := export.Redact("in", got.Data, export.Auto)
		if err != nil || len(again.Lines) != 0 || !bytes.Equal(again.Data, got.Data) {
			t.Errorf("%q is redacted again: %+v, %v", got.Data, again, err)
		}
	}
	in := utf16Of("Windows Registry Editor Version 5.00\r\n"+adminData+"\"APassword\"=\"ü\"\r\n", binary.LittleEndian)
	want := utf16Of("Windows Registry Editor Version 5.00\r\n"+adminData+"\"APassword\"=\"REDACTED\"\r\n", binary.LittleEndian)
	if got, err := export.Redact("in", in, export.Auto); err != nil || !bytes.Equal(got.Data, want) {
		t.Errorf("UTF-16: %+v, %v", got, err)
	}
}

// Any input: no panic, typed errors, ranges inside the file; and after Redact no secret is left, and nothing to redact.
func FuzzReaders(f *testing.F) {
	e := benchexport.New(1, 1)
	for _, seed := range [][]byte{e.SOAP()[:700], e.Properties()[:300], e.YAML()[:300], e.Registry()[:900],
		[]byte(`{"Directory.Password": ["x", 1]}`),
		[]byte("Directory:\n  Password: |\n    x\n  y: &a [b]\n"), []byte("REGEDIT4\n[a]\n"), []byte("\xFE\xFF\x00a"), []byte("a: &b [*b]")} {
		for format := export.Auto; format <= export.Registry; format++ {
			f.Add(seed, uint8(format))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		force := export.Format(format % uint8(export.Registry+1))
		r := &export.Reader{Force: force}
		e, err := r.Parse("in", bytes.Clone(data))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read in") {
				t.Fatalf("error %v", err)
			}
			return
		}
		checkRanges(t, e, data)
		for i := range e.Properties {
			e.SourceLine(e.Range(&e.Properties[i]).Line)
		}
		copied, err := export.Redact("in", data, force)
		if err != nil {
			t.Fatal(err)
		}
		redacted := copied.Data
		again, err := r.Parse("in", bytes.Clone(redacted))
		if err != nil {
			return // what was odd about the syntax of the value went with it
		}
		for i := range again.Properties {
			if p := &again.Properties[i]; len(copied.Left) == 0 && p.Secret() && p.Value != "" && p.Value != export.Redacted &&
				strings.Contains(string(data), p.Value) && len(p.Value) > 3 {
				t.Fatalf("%s is still %q in %q", p.Name, p.Value, redacted)
			}
		}
	})
}

func TestKeysAreFoundUnderAllTheirNames(t *testing.T) {
	for i, k := range export.Keys() {
		for _, name := range append([]string{k.Name}, k.Aliases...) {
			for _, n := range []string{"1", "42", "9999"} {
				written := strings.ReplaceAll(name, "{n}", n)
				got, _, ok := export.Lookup(strings.ToUpper(written))
				if !ok || int(got) != i+1 {
					t.Errorf("Lookup(%q) = %v, %v; want %s", written, got, ok, k.Name)
				}
			}
		}
		if k.Source == "" || k.Formats == 0 {
			t.Errorf("%s has no source or format", k.Name)
		}
	}
	for _, unknown := range []string{"", ".", "Presence", "Presence.Primary.Address.", "SIPProxy.IncomingACL.0", "SIPProxy.IncomingACL.01",
		"SIPProxy.IncomingACL.10000", "SIPProxy.IncomingACL.{n}.1"} {
		if k, n, ok := export.Lookup(unknown); ok {
			t.Errorf("Lookup(%q) = %v, %d", unknown, k, n)
		}
	}
	for name, want := range map[string]string{
		"Presence.Primary.Adress": "Presence.Primary.Address", "Directory.Primary.Prot": "Directory.Primary.Port",
		"SIPProxy.IncomngACL.3": "SIPProxy.IncomingACL.3", "Directory.SearchContext": "Directory.SearchContext1",
		"VoiceMail.Secondary.Address": "VoiceMail.Backup1.Address", "Presence.Secondary.Address": "Presence.Backup.Address",
		"Calendar.Secondary": "Calendar.Backup", "MailStore.Backup.Address": "MailStore.Backup1.Address", "TFTP.Backup": "TFTP.Backup1",
		"CCMCIP.Host2": "CCMCIP.Host.Backup", "Directory.SearchContext4": "", "Directory.Backup3.Address": "", "TFTP.Backup3": "",
		"Presence.Backup3.Address": "", "Directory.Server": "", "VoicemailPrimaryServer": "",
	} {
		if got := export.Nearest(name); got != want {
			t.Errorf("Nearest(%q): %q, want %q", name, got, want)
		}
	}
}
