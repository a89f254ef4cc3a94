package rules_test

import (
	"strings"
	"testing"

	"cupclint/lint"
	"cupclint/lint/rules"
)

// A name of a server that no guide has gets the documented name of the same place, and never one that is set already.
func TestTheDocumentedNameOfAServer(t *testing.T) {
	for _, c := range []struct{ section, name, set, want string }{
		{"Voicemail", "VoicemailSecondaryServer", "", "VoicemailBackup1Server"},
		{"Voicemail", "VoicemailBackupServer", "", "VoicemailBackup1Server"},
		{"Voicemail", "VoicemailBackup3Server", "", ""},
		{"Voicemail", "VoicemailServer", "", "VoicemailPrimaryServer"},
		{"Voicemail", "VoicemailServer", "VoicemailPrimaryServer", ""},
		{"Phone", "CtiServerBackup", "CtiServer1", "CtiServer2"},
		{"Phone", "CtiServerBackup", "CtiServer2", ""},
		{"Phone", "CcmcipServerSecondary", "", "CcmcipServer2"},
		{"Phone", "TftpServer3", "", ""},
		{"Phone", "TftpServer0", "", ""},
		{"Phone", "Meeting_Server_Secondary", "", "Meeting_Server_Address_Backup"},
		{"Directory", "SecondaryServer", "", "SecondaryServerName"},
		{"Directory", "BackupServerPort", "", "ServerPort2"},
		{"Directory", "SearchBase6", "", ""},
		{"Directory", "GroupSearchBase", "", "GroupSearchBase1"},
		{"Directory", "Zebra", "", ""},
		{"Directory", "CtiServerBackup", "", ""},
	} {
		text := "<config><" + c.section + "><" + c.name + ">x1</" + c.name + ">"
		if c.set != "" {
			text += "<" + c.set + ">x2</" + c.set + ">"
		}
		in := lint.NewInput(parse(t, "jabber-config.xml", text+"</"+c.section+"></config>"))
		got := ""
		for _, r := range rules.All() {
			if r.ID != "JAB001" {
				continue
			}
			for _, f := range r.Judge(in) {
				if _, after, ok := strings.Cut(f.Fix, "The documented name for such a setting is "); ok {
					got = strings.TrimSuffix(after, ".")
				}
			}
		}
		if got != c.want {
			t.Errorf("%s in %s, %q set: %q, want %q", c.name, c.section, c.set, got, c.want)
		}
	}
}
