package export_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/export"
)

// Editors and tools of Windows write UTF-16 without a byte order mark. Places and copies are those of the file.
func TestUTF16WithoutAByteOrderMark(t *testing.T) {
	registry := "Windows Registry Editor Version 5.00\r\n\r\n" + adminData + "\"TftpServer1\"=\"münchen\"\r\n\"APassword\"=\"geheim\"\r\n"
	for what, text := range map[string]string{
		"a registry export": registry,
		"jabber-config.xml": "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<config " +
			"version=\"1.0\"><Directory><UseSSL>1</UseSSL></Directory></config>",
		"a long output": "Presence.Domain = acme.com\r\n" + strings.Repeat("# comment\r\n", 20_000) +
			"Presence.Primary.Address = cups1\r\n",
		"an answer of a query": strings.Trim(strings.TrimSpace(adminData), "[]") + "\r\n    TftpServer1    REG_SZ    münchen\r\n",
	} {
		for order, want := range map[binary.AppendByteOrder]export.Range{binary.LittleEndian: {}, binary.BigEndian: {}} {
			marked := utf16Of(text, order)
			e, err := new(export.Reader).Parse("in", bytes.Clone(marked))
			if err != nil {
				t.Fatalf("%s: with a mark: %v", what, err)
			}
			values := join(e)
			want = e.Range(&e.Properties[len(e.Properties)-1])
			want.Start, want.End = want.Start-2, want.End-2
			e, err = new(export.Reader).Parse("in", bytes.Clone(marked[2:]))
			if err != nil || join(e) != values || !e.UTF16() {
				t.Errorf("%s, %v: %q, %v; want %q", what, order, join(e), err, values)
				continue
			}
			if got := e.Range(&e.Properties[len(e.Properties)-1]); got != want {
				t.Errorf("%s, %v: the last value is at %+v, want %+v", what, order, got, want)
			}
		}
	}
	in := utf16Of(registry, binary.LittleEndian)[2:]
	want := utf16Of(strings.Replace(registry, "geheim", "REDACTED", 1), binary.LittleEndian)[2:]
	if got, err := export.Redact("in", in, export.Auto); err != nil || !bytes.Equal(got.Data, want) || got.Lines[0] != 5 {
		t.Errorf("redact: %+v, %v", got, err)
	}
}

// A file is read to its end: what looks like UTF-16 is not given up at its first NUL byte.
func TestAUTF16FileWithoutAByteOrderMark(t *testing.T) {
	name := filepath.Join(t.TempDir(), "client.reg")
	text := "Windows Registry Editor Version 5.00\r\n" + strings.Repeat("; comment\r\n", 20_000) + adminData + "\"TftpServer1\"=\"a\"\r\n"
	if err := os.WriteFile(name, utf16Of(text, binary.LittleEndian)[2:], 0o600); err != nil {
		t.Fatal(err)
	}
	for e, err := range new(export.Reader).Read(context.Background(), export.Source{Name: name}) {
		if err != nil || join(e) != "TftpServer1=a" {
			t.Errorf("%q, %v", join(e), err)
		}
	}
}

func TestBytesThatAreNotUTF16(t *testing.T) {
	for what, data := range map[string]struct {
		data string
		want error
	}{
		"UTF-32":                {"P\x00\x00\x00r\x00\x00\x00e\x00\x00\x00", export.ErrBinary},
		"a NUL character":       {"P\x00r\x00\x00\x00e\x00", export.ErrBinary},
		"a NUL byte in text":    {"Presence.Domain = a\x00b", export.ErrBinary},
		"zeros on both sides":   {"P\x00r\x00\x00a\x00b", export.ErrBinary},
		"a control character":   {"P\x00r\x00\x01\x00e\x00", export.ErrNoBOM},
		"half a surrogate pair": {"P\x00r\x00\x01\x00\x00\xD8e\x00", export.ErrNoBOM},
	} {
		_, err := new(export.Reader).Parse("in", []byte(data.data))
		if !errors.Is(err, data.want) {
			t.Errorf("%s: %v, want %v", what, err, data.want)
		}
	}
	if _, err := new(export.Reader).Parse("in", utf16Of("Presence.Domain = acme.com", binary.LittleEndian)[2:51]); err == nil ||
		!strings.Contains(err.Error(), "odd number of bytes") {
		t.Errorf("cut off: %v", err)
	}
}
