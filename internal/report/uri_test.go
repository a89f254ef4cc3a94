package report

import "testing"

func TestPathsAsURIs(t *testing.T) {
	for _, c := range []struct{ file, goos, want string }{
		{"exports/hq.xml", "linux", "exports/hq.xml"},
		{"exports/a b#c%.xml", "linux", "exports/a%20b%23c%25.xml"},
		{"Zürich.xml", "linux", "Z%C3%BCrich.xml"},
		{"a:b.xml", "linux", "./a:b.xml"},
		{"http://cucm1:6970/jabber-config.xml", "linux", "http://cucm1:6970/jabber-config.xml"},
		{"C:/exports/hq.xml", "windows", "file:///C:/exports/hq.xml"},
		{"c:/Ex ports/Zürich.xml", "windows", "file:///c:/Ex%20ports/Z%C3%BCrich.xml"},
		{"C:/exports/hq.xml", "linux", "file:///C:/exports/hq.xml"}, // a case that was saved on Windows
		{"C:hq.xml", "windows", "./C:hq.xml"},
		{"//server/share/hq 1.xml", "windows", "file://server/share/hq%201.xml"},
		{"//?/C:/long/hq.xml", "windows", "file:///C:/long/hq.xml"},
		{"//?/UNC/server/share/hq.xml", "windows", "file://server/share/hq.xml"},
		{"exports.zip!hq/a.xml", "windows", "exports.zip%21hq/a.xml"},
	} {
		if got := fileURI(c.file, c.goos); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.file, c.goos, got, c.want)
		}
	}
}
