package conceal_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"cupclint/internal/conceal"
)

const siteText = `Presence.Primary.Address = CUPServer.hq.acme.com
Presence.Backup.Address = cupserver.HQ.acme.com
Presence.Domain = acme.com
SIPProxy.Domain = myacme.com
Directory.Primary.Address = dc.acme.com
Directory.DN = CN=Smith\, Anna,OU=Sales Berlin,DC=hq,DC=acme,DC=com
User.ID = anna.smith
SIPProxy.IncomingACL.1 = 10.20.0.0/16
SIPProxy.IncomingACL.2 = 172.20.16.0/255.255.240.0
SIPProxy.IncomingACL.3 = 10.77
mail ben@acme.com ACME\carl 2a01:4f8:1:2::5
`

// site learns the site of the tests.
func site(t *testing.T, n int) *conceal.Words {
	t.Helper()
	w := keyed(t, n)
	w.LearnFile("hq.properties", []byte(siteText))
	return w
}

func hide(t *testing.T, w *conceal.Words, name, text string) string {
	t.Helper()
	w.LearnFile(name, []byte(text))
	out, same := w.File(name, []byte(text))
	if left := w.LeftIn(name, out); len(left) > 0 || !same {
		t.Errorf("%s: %q is left, read in the same way: %t\n%s", name, left, same, out)
	}
	return string(out)
}

// Each line has one relation: with any pseudonyms, what is equal stays equal and what differs stays different.
func TestRelations(t *testing.T) {
	equal := func(a, b string) bool { return a == b }
	end := func(a, b string) bool { return strings.HasSuffix(a, b) }
	parent := func(a, b string) bool { return strings.HasSuffix(a, "."+b) }
	head := func(a, b string) bool { return strings.HasPrefix(a, b+".") }
	part := strings.Contains
	for n := range 20 {
		w := site(t, n)
		r := w.Replace
		for _, c := range []struct {
			what, a, b string
			rel        func(a, b string) bool
			want       bool
		}{
			{"case differs", "CUPServer.hq.acme.com", "cupserver.hq.acme.com", equal, false},
			{"equal but for case", "CUPServer.hq.acme.com", "cupserver.HQ.acme.com", strings.EqualFold, true},
			{"other names", "cupserver.hq.acme.com", "cupserver.acme.com", strings.EqualFold, false},
			{"the end without a dot", "myacme.com", "acme.com", end, true},
			{"but no label", "myacme.com", "acme.com", parent, false},
			{"a child", "cupserver.hq.acme.com", "acme.com", parent, true},
			{"a child of a short label", "cupserver.hq.acme.com", "hq.acme.com", parent, true},
			{"a short host", "dc.acme.com", "dc", head, true},
			{"the short name", "cupserver.hq.acme.com", "cupserver", head, true},
			{"an account and its mail", "anna.smith@acme.com", "anna.smith", strings.HasPrefix, true},
			{"a SIP address", "sip:anna.smith@acme.com:5061;transport=tls", "anna.smith@acme.com", part, true},
			{"a URL", "https://cupserver.hq.acme.com:8443/x?u=ben@acme.com", "cupserver.hq.acme.com", part, true},
			{"a down-level name", `ACME\carl`, "carl", end, true},
			{"its domain", "acme.com", "acme", head, true},
			{"IPv6 in two ways", "2a01:4f8:1:2::5", "2a01:4f8:1:2::", strings.HasPrefix, true},
			{"a certificate", "CN=cupserver.hq.acme.com,OU=UC,O=Acme", "cupserver.hq.acme.com", part, true},
			{"a certificate for several", "CN=cupserver-ms.hq.acme.com", ".hq.acme.com", end, true},
			{"an allowed beginning", "10.77.3.4", "10.77", strings.HasPrefix, true},
		} {
			if got := c.rel(r(c.a), r(c.b)); got != c.want {
				t.Errorf("key %d, %s: %s and %s become %s and %s", n, c.what, c.a, c.b, r(c.a), r(c.b))
			}
		}
		dn := r(`CN=Smith\, Anna,OU=Sales Berlin,DC=hq,DC=acme,DC=com`)
		if want := ",DC=hq,DC=" + strings.TrimSuffix(r("acme.com"), ".com") + ",DC=com"; !strings.HasSuffix(dn, want) ||
			strings.Contains(strings.ToLower(dn), "anna") || strings.Count(dn, `\,`) != 1 {
			t.Errorf("key %d: %s", n, dn)
		}
	}
}

func TestWhatStays(t *testing.T) {
	w := site(t, 1)
	for _, s := range []string{"8.6.2.10000-44", "System version: 8.6.4.1", "12.5.1.14900-63 (SU4)", "Presence.Primary.Address",
		"255.255.240.0",
		"10:20:30", "5061", "OU=", "cups callmanager admin", "127.0.0.1 ::1 0.0.0.0", "SHA256:", "1.2.840.113556.1.4.319"} {
		if got := w.Replace(s); got != s {
			t.Errorf("%s becomes %s", s, got)
		}
	}
}

// Names that are coded once more are found, and stay coded.
func TestCodedNames(t *testing.T) {
	w := site(t, 1)
	host := w.Replace("cupserver.hq.acme.com")
	blob := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	if got, want := hide(t, w, "a.txt", "dn:: "+blob("host cupserver.hq.acme.com"))[5:], blob("host "+host); got != want {
		t.Errorf("base64: %s, want %s", got, want)
	}
	xml := hide(t, w, "a.xml", `<config version="1.0"><Directory><PrimaryServerName>&#x63;ups&#101;rver.hq.acme.com</PrimaryServerName></Directory></config>`)
	if !strings.Contains(xml, ">"+host+"<") {
		t.Errorf("XML: %s", xml)
	}
	if json := hide(t, w, "a.json", `{"Presence.Primary.Address": "\u0063upserver.hq.acme.com"}`); !strings.Contains(json, host) {
		t.Errorf("JSON: %s", json)
	}
	reg := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Unified " +
		"Communications\\CUPC8\\AdminData]\r\n" +
		"\"TftpServer1\"=hex(2):64,00,63,00,39,00,2e,00,61,00,63,00,6d,00,65,00,2e,\\\r\n  00,63,00,6f,00,6d,00,00,00\r\n"
	if got := hide(t, w, "a.reg", reg); len(got) != len(reg) || got == reg || strings.Contains(got, "61,00,63,00,6d,00,65") {
		t.Errorf("registry: %s", got)
	}
	if got := string(w.Certificates(nil)); !strings.Contains(got, "Certificates") {
		t.Error(got)
	}
	pem := "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\nPresence.Domain = acme.com\n"
	if got := hide(t, w, "b.properties", pem); strings.Contains(got, "MIIB") || !strings.Contains(got, "certificate hidden") {
		t.Error(got)
	}
}

// Who answers for a suppression is a person. Fingerprints of findings are made from values that can be tried out: they get a key.
func TestSuppressionsAndFingerprints(t *testing.T) {
	w := site(t, 1)
	const comment = "# cupclint: ignore PRES001 expires=2027-01-01 owner=vera.kuhn known\nPresence.Domain = acme.com\n"
	if got := hide(t, w, "c.properties", comment); strings.Contains(got, "vera") || !strings.Contains(got, " expires=2027-01-01 owner=") {
		t.Error(got)
	}
	const sum = "8bf54598cdf01c7cbb3ff1c8929782f5"
	text := `{"cupclintCase": 1, "findings": [{"fingerprint": "` + sum + `:1"}, {"fingerprint": "` + sum + `:2"}],
		"comments": [{"owner": "heinz.mueller", "reason": "heinz.mueller knows"}]}`
	if err := w.LearnCase([]byte(text)); err != nil {
		t.Fatal(err)
	}
	out, err := w.Case([]byte(text))
	got := string(out)
	if err != nil || strings.Contains(got, sum) || strings.Contains(got, "heinz") || strings.Contains(got, "mueller") {
		t.Errorf("%s %v", got, err)
	}
	_, first, _ := strings.Cut(got, `"fingerprint": "`)
	first, _, _ = strings.Cut(first, ":")
	if len(first) != len(sum) || strings.Count(got, first) != 2 || !strings.Contains(got, first+`:2"`) {
		t.Error(got)
	}
}

// An archive becomes one of the same kind, without what is not text.
func TestArchives(t *testing.T) {
	tarOf := func(w io.Writer) {
		a := tar.NewWriter(w)
		for _, name := range []string{"acme.com/hq.properties", "acme.com/x.bin"} {
			text := siteText
			if strings.HasSuffix(name, ".bin") {
				text = "\x00\x01acme.com"
			}
			if err := errors.Join(a.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}), writeTo(a, text)); err != nil {
				t.Fatal(err)
			}
		}
		a.Close()
	}
	var plain, zipped, packed, one bytes.Buffer
	tarOf(&plain)
	g := gzip.NewWriter(&packed)
	tarOf(g)
	g.Close()
	g = gzip.NewWriter(&one)
	if err := errors.Join(writeTo(g, siteText), g.Close()); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&zipped)
	m, err := z.Create("acme.com/hq.properties")
	if err := errors.Join(err, writeTo(m, siteText), z.Close()); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"a.tar": plain.Bytes(), "a.tgz": packed.Bytes(), "a.zip": zipped.Bytes(),
		"hq.properties.gz": one.Bytes()} {
		w := keyed(t, 1)
		if err := w.LearnInput(name, data); err != nil {
			t.Fatal(err)
		}
		out, r, err := w.HideInput(name, data)
		if err != nil || len(r.Left)+len(r.Changed) > 0 || len(r.Omitted) > 0 == (name == "a.zip" || name == "hq.properties.gz") {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		again := keyed(t, 1)
		if err := again.LearnInput(name, out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if bytes.Contains(out, []byte("acme")) {
			t.Errorf("%s holds the name", name)
		}
	}
	if _, _, err := keyed(t, 1).HideInput("a.bin", []byte("\x00\x01")); !errors.Is(err, conceal.ErrNoText) {
		t.Error(err)
	}
}

func writeTo(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// A map that was written gives the same pseudonyms again, and continues from there.
func TestAMapIsUsedAgain(t *testing.T) {
	first := conceal.New(both, nil)
	first.LearnFile("hq.properties", []byte(siteText))
	want, _ := first.File("hq.properties", []byte(siteText))
	var text bytes.Buffer
	if err := first.Write(&text); err != nil {
		t.Fatal(err)
	}
	second, err := conceal.Read(bytes.NewReader(text.Bytes()), both, nil)
	if err != nil {
		t.Fatal(err)
	}
	second.LearnFile("new.properties", []byte("Presence.Domain = other-site.net\n"))
	if got, _ := second.File("hq.properties", []byte(siteText)); !bytes.Equal(got, want) {
		t.Errorf("%s\nthen\n%s", want, got)
	}
	for _, bad := range []string{"", "x\ty\n", "# key 00\n", "# key " + strings.Repeat("0", 64) + "\nx\ty\tz\n",
		"# key " + strings.Repeat("0", 64) + "\na.b\ty\thost\n"} {
		if _, err := conceal.Read(strings.NewReader(bad), both, nil); err == nil {
			t.Errorf("%q is a map", bad)
		}
	}
}

// Whatever a file or a case holds, it can be hidden, and is hidden in the same way twice.
func FuzzHideInput(f *testing.F) {
	for _, s := range []string{siteText, `{"cupclintCase": 1, "host": "cups.acme.com", "sha256": "00ff", "list": ["a", null, 1.5, {}]}`,
		"<config><a>&#x61;.acme.com</a></config>", "REGEDIT4\n\"a\"=hex(2):61,00", "PK\x03\x04", "\x1f\x8b", "dn:: Y3Vwcy5hY21lLmNvbQ=="} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := keyed(t, 1)
		if w.LearnInput("a.txt", data) != nil {
			return
		}
		out, _, err := w.HideInput("a.txt", data)
		again, _, errAgain := w.HideInput("a.txt", data)
		if (err == nil) != (errAgain == nil) || !bytes.Equal(out, again) {
			t.Errorf("%q becomes %q, then %q", data, out, again)
		}
		if conceal.IsCase(data) && err == nil && !conceal.IsCase(out) {
			t.Errorf("%q is not a case", out)
		}
	})
}

// FuzzRead reads any text as a map.
func FuzzRead(f *testing.F) {
	f.Add("# key " + strings.Repeat("0", 64) + "\n# network 10.\nx.yz\ta.bc\thost\nx\ty\tuser\n")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := conceal.Read(strings.NewReader(text), both, nil)
		if err != nil {
			return
		}
		w.LearnFile("a.txt", []byte(siteText))
		w.LeftIn("a.txt", []byte(w.Replace(siteText)))
	})
}
