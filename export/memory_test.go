package export_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"testing"

	"cupclint/export"
)

const presence = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"

// What is in memory is read as the same bytes in a file are, archives included, and more than once.
func TestASourceInMemoryIsReadAsAFile(t *testing.T) {
	var archive, zipped bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, name := range []string{"a/hq.properties", "b.txt", "notes.doc"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(presence)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	g := gzip.NewWriter(&zipped)
	if _, err := g.Write([]byte(presence)); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"hq.properties": []byte(presence), "exports.zip": archive.Bytes(), "hq.txt.gz": zipped.Bytes(), "empty.txt": {},
		"broken.xml": []byte("<a><b></a>"),
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		sources, errs := export.Find([]string{file})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		whole := bytes.Clone(data)
		memory := export.Memory(filepath.ToSlash(file), data)
		want := readAll(sources[0])
		for range 2 {
			if got := readAll(memory); got != want {
				t.Errorf("%s in memory:\n%s\nin a file:\n%s", name, got, want)
			}
		}
		if !bytes.Equal(whole, data) {
			t.Errorf("%s was changed", name)
		}
	}
}

func readAll(src export.Source) string {
	var out bytes.Buffer
	var r export.Reader
	for e, err := range r.Read(context.Background(), src) {
		if err != nil {
			out.WriteString(err.Error() + "\n")
			continue
		}
		out.WriteString(e.File + " " + e.Format.String() + "\n")
		for i := range e.Properties {
			out.WriteString(e.Properties[i].Canonical() + "=" + e.Properties[i].Value + "\n")
		}
	}
	return out.String()
}

// A log that shows a failure before its secret: the line of the secret is masked all the same.
func TestASecretAfterAFailureInALogIsMasked(t *testing.T) {
	const failure = `WARN [0x00003398] [win32DnsUtils.cpp(52)] [csf.dns] [csf::dns::map] - *-----* DNS query {_cisco-uds._tcp.acme.net.} has failed: ` +
		"DNS name does not exist.\n"
	e, err := new(export.Reader).Parse("csf-unified.log", []byte(failure+"password=S3cr3tM4rk\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := e.SourceLine(2); got != "password="+export.Mask {
		t.Errorf("the line is shown as %q", got)
	}
}
