package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/lint"
)

// A name in which a secret was covered is neither a target nor a question, in every area; the plan says which settings are left out.
func TestACoveredNameIsNotProbed(t *testing.T) {
	const password = "Zx9kQ7vRw2!"
	cases := map[string]struct {
		text string
		want []string // keys that are left out
		kept string   // a target that stays
	}{
		"hq.properties": {
			"Directory.Primary.Address = gc1.north.test\nDirectory.Password = " + password + "\nDirectory.Backup1.Address = gc2-" + password +
				".north.test\nCalendar.Primary = https://imsvc:" + password + "@mail.north.test/owa\nMailStore.Primary.Address = " + password +
				"\nPresence.Primary.Address = cup-" + password + "\nPresence.Domain = north.test\n",
			[]string{"Directory.Backup1.Address", "Calendar.Primary", "MailStore.Primary.Address", "Presence.Primary.Address"},
			"gc1.north.test:",
		},
		"jabber-config.xml": {
			`<?xml version="1.0" encoding="utf-8"?>` + "\n<config version=\"1.0\">" +
				"<Directory><ConnectionPassword>" + password +
				"</ConnectionPassword></Directory>\n<Phone><TftpServer1>" + password + "</TftpServer1>" +
				"<TftpServer2>cm2.north.test</TftpServer2></Phone>\n<Presence><PresenceServerAddress>cup1-" + password +
				"</PresenceServerAddress></Presence></config>\n",
			[]string{"Jabber.Phone.TftpServer1", "Jabber.Presence.PresenceServerAddress"},
			"cm2.north.test:",
		},
	}
	for file, c := range cases {
		name := filepath.Join(t.TempDir(), file)
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		policy := new(lint.Policy)
		o := lint.Options{Sources: []export.Source{{Name: name}}, Policy: policy, Filter: policy.NewFilter(catalogue.All()), Jobs: 1}
		_, plan, err := audit.PlanOnly(t.Context(), o, catalogue.Areas(nil))
		if err != nil {
			t.Fatal(err)
		}
		kept := false
		for _, r := range plan.Rows() {
			if strings.Contains(r.Target+r.Use, export.Mask) || strings.Contains(r.Target+r.Use, password) {
				t.Errorf("%s: the plan has %+v", file, r)
			}
			kept = kept || strings.HasPrefix(r.Target, c.kept)
		}
		if !kept {
			t.Errorf("%s: %s is not in the plan %+v", file, c.kept, plan.Rows())
		}
		notes := strings.Join(plan.Covered(), "\n")
		for _, key := range c.want {
			if strings.Count(notes, key+" (") != 1 {
				t.Errorf("%s: the notes do not name %s once: %s", file, key, notes)
			}
		}
		var text strings.Builder
		if err := plan.Write(&text, plan.Covered(), 0); err != nil || !strings.Contains(text.String(), notes) {
			t.Errorf("%s: %v, the plan is\n%s", file, err, &text)
		}
	}
}
