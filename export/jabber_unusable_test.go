package export_test

import (
	"strings"
	"testing"

	"cupclint/export"
)

// A file with the name of the one that clients download, in which there is something else, is useless to them, and said so.
func TestConfigFileThatClientsCannotUse(t *testing.T) {
	const ignored, defaults = "ignore the whole file", "use their defaults"
	for _, tt := range []struct{ file, text, want string }{
		{"jabber-config.xml", "", ignored},
		{"jabber-config.xml", "config\n", ignored},
		{"jabber-config.xml", `{"a":1}`, ignored},
		{`C:\tftp\group-jabber-config.xml`, "<config version=\"1.0\"><Client><A>B\xfcro</A></Client></config>", ignored},
		{"jabber-config-user.xml", "<config version=\"1.0\"><Client><A>b</Client></config>", ignored},
		{"jabber-config.xml", "<Client><A>b</A></Client><Policies><B>c</B></Policies>", defaults},
		{"jabber-config.xml", "<!DOCTYPE html><html><body>404 Not Found</body></html>", defaults},
		{"notes.xml", "config\n", ""},
		{"notes.xml", "", ""},
	} {
		_, err := new(export.Reader).Parse(tt.file, []byte(tt.text))
		if err == nil || strings.Count(err.Error(), "Jabber clients") != min(len(tt.want), 1) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %q: %v, want %q", tt.file, tt.text, err, tt.want)
		}
	}
}
