package rules_test

import (
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// What catalogue.tsv calls fixable has an input whose finding carries an edit. That no other rule makes edits is seen with the fixtures.
func TestFixableRulesMakeEdits(t *testing.T) {
	examples := map[string]string{
		"PRES002": "Presence.Primary.Address = cups.acme.com\nPresence.Domain = ACME.COM\n",
		"PRES009": "Presence.Primary.Address = CUPS.acme.com\nPresence.Domain = acme.com\n",
		"PRES010": "{\"Presence.Primary.Address\": \"cups \", \"Presence.Domain\": \"acme.com\"}",
		"PRES011": "Presence.Primary.Address = cups\nPresence.Domain = acme.com.\n",
		"HYG003":  "{\"Directory.Primary.Address\": \"dc1\", \"Directory.Primary.Port\": \" 3268\"}",
		"HYG004":  "{\"TFTP.Primary\": \" tftp1\"}",
		"HYG005":  "{\"Directory.AnonymousBind\": \"TRUE \"}",
		"LDAP006": "{\"Directory.DN\": \" svc@acme.com\"}",
		"LDAP008": "Directory.Primary.Address = dc1\nDirectory.Primary.Port = 636\nDirectory.Primary.Protocol = TCP\n",
		"MAIL001": "MailStore.Primary.Address = mail\nMailStore.Primary.Port = 993\nMailStore.Primary.Protocol = TCP\n",
		"MAIL003": "Calendar.Primary = owa.acme.com\nCalendar.Scheme = http\n",
		"SIP001":  "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\nSIPProxy.Domain = ACME.com\n",
		"JAB005": "<config version=\"1.0\"><Directory><PrimaryServerName>dc1</PrimaryServerName><ServerPort1>389</ServerPort1>" +
			"<UseSSL>1</UseSSL></Directory></config>",
		"JAB010": "<config version=\"1.0\"><Presence><PresenceServerAddress> imp1.acme.com </PresenceServerAddress></Presence></config>",
	}
	for _, rule := range rules.All() {
		text, shown := examples[rule.ID]
		if rule.Fixable != shown {
			t.Errorf("%s: fixable is %v in catalogue.tsv, and this test has an example: %v", rule.ID, rule.Fixable, shown)
		}
		if !shown {
			continue
		}
		var reader export.Reader
		e, err := reader.Parse("input", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", rule.ID, err)
		}
		edits := 0
		for _, f := range rule.Judge(lint.NewInput(e)) {
			edits += len(f.Edits)
		}
		if edits == 0 {
			t.Errorf("%s makes no edit of %q", rule.ID, text)
		}
	}
}
