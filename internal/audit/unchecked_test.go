package audit

import (
	"os"
	"strings"
	"testing"

	"cupclint/internal/area"
	"cupclint/resolve"
)

// What nothing looks at is said by generation, and of nothing where nothing is probed.
func TestUncheckedIsSaidByGeneration(t *testing.T) {
	sip, xmpp := area.Info{Generation: resolve.SIP}, area.Info{Generation: resolve.XMPP}
	for _, c := range []struct {
		infos     []area.Info
		with, not string
	}{
		{[]area.Info{{}}, "media", "conferencing"},
		{[]area.Info{sip}, "configuration web service", "SAML"},
		{[]area.Info{{}, xmpp}, "SAML", "configuration web service"},
		{[]area.Info{sip, xmpp}, "SAML", "\t"},
	} {
		got := unchecked(c.infos)
		if len(got) != 1 || !strings.Contains(got[0], c.with) || strings.Contains(got[0], c.not) {
			t.Errorf("%v: %q", c.infos, got)
		}
	}
	if got := unchecked(nil); got != nil {
		t.Errorf("%q", got)
	}
}

// docs/jabber.md has every row that is about Jabber.
func TestTheDocsSayWhatIsNotChecked(t *testing.T) {
	page, err := os.ReadFile("../../docs/jabber.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(uncheckedTable) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) == 3 && (fields[0] == "-" || fields[0] == "xmpp") && !strings.Contains(string(page), "| "+fields[1]+" | "+fields[2]+" |") {
			t.Errorf("docs/jabber.md lacks %q", line)
		}
	}
}
