package export_test

import (
	"strings"
	"testing"

	"cupclint/export"
)

// A log can begin with a word in brackets: a level, a thread, a number of syslog. It is no less a log.
func TestALogMayBeginLikeMarkup(t *testing.T) {
	for begins, want := range map[string]export.Format{
		"<13>Mar  5 10:20:37 host cfg": export.Properties,
		"<Info> 09:10":                 export.Properties,
		"<main> DEBUG":                 export.Properties,
		"<pool-1.thread_2> 10:20":      export.Properties,
	} {
		text := begins + " Presence.Primary.Address = cup1\n" + begins + " Presence.Domain = north.test\n"
		e, err := new(export.Reader).Parse("a.log", []byte(text))
		if err != nil || e.Format != want || len(e.Properties) != 2 {
			t.Errorf("%s: %v %+v", begins, err, e)
		}
	}
	for _, text := range []string{"<main>Presence.Domain = a\n</main>", "<main><a/> Presence.Domain = a",
		"<main a=\"1\"> Presence.Domain = a"} {
		if e, err := new(export.Reader).Parse("a.xml", []byte(text)); err == nil {
			t.Errorf("%s: read as %v", text, e.Format)
		}
	}
}

// A file that is compressed in a way that is not read says how, and so what to do.
func TestWhatACompressedFileIs(t *testing.T) {
	for begins, program := range map[string]string{"BZh9": "bzip2", "\xfd7zXZ\x00": "xz", "\x28\xb5\x2f\xfd": "zstd", "\x1f\x8b": "gzip"} {
		_, err := new(export.Reader).Parse("a", []byte(begins+"\x00\x00\x01"))
		if err == nil || !strings.Contains(err.Error(), program) {
			t.Errorf("%s: %v", program, err)
		}
	}
}
