package rules

import (
	"fmt"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// Units of a CUPC user: phone presence, log-in, and the soft phone, which takes fewer as an adjunct of a desk phone.
const (
	unitsPresence     = 1
	unitsLogin        = 1
	unitsSoftPhone    = 3
	unitsSoftPhoneToo = 1
)

func licenceUnits(e *evidence, d *lint.Deployment) []lint.Finding {
	var place *licenceLine
	have := 0
	for _, l := range linesOf(e.licences(), "callmanager") {
		if strings.EqualFold(l.feature.Value, "PHONE_UNIT") && l.count >= 0 {
			if place == nil {
				place = l
			}
			have += l.count
		}
	}
	holders := e.holders("callmanager")
	if place == nil || len(holders) > 1 || len(holders) == 1 && !holders[0].files() {
		return nil
	}
	users, softPhones := 0, 0
	seen := map[string]bool{}
	known := 0
	for _, m := range d.Members {
		known += m.Exports
	}
	for _, m := range e.clients {
		if !loggedIn(m) {
			continue
		}
		n := m.Exports
		if id := m.Get(export.UserID, 0); id != nil {
			name := strings.ToLower(id.Value)
			if seen[name] {
				continue
			}
			seen[name], n = true, 1
		}
		users += n
		if softPhone(m) {
			softPhones += n
		}
	}
	if users > 0 { // of many exports only some are counted one by one
		users += max(0, d.Exports-known)
	}
	least, most := users*(unitsPresence+unitsLogin), users*(unitsPresence+unitsLogin)+softPhones*unitsSoftPhone
	if have >= most {
		return nil
	}
	f := d.At(place.feature, "the licences have %d device licence units (PHONE_UNIT), but %d users of CUPC need %d", have, users, least)
	if most > least {
		f.Message += fmt.Sprintf(" to %d", most)
	}
	f.Message += ". Phones need units, too. The last users cannot get CUPC"
	if have >= least {
		f.Severity = lint.Info
		f.Message = fmt.Sprintf("the licences have %d device licence units (PHONE_UNIT). %d users of CUPC need %d without soft phones and up "+
			"to %d with %s. The units may not be enough", have, users, least, most, count(softPhones, "soft phone"))
	}
	f.Evidence = []string{fmt.Sprintf("each user: %d for presence, %d for the log-in, %d for the soft phone (%d where it is an adjunct of a "+
		"desk phone)", unitsPresence, unitsLogin, unitsSoftPhone, unitsSoftPhoneToo)}
	f.Fix = "Compare with System > Licensing > License Unit Calculator, and order device licence units."
	return one(f)
}

// loggedIn reports whether an export is that of a user, and not a file that all users get: a client that is set up for a presence server.
func loggedIn(m *lint.Member) bool {
	if m.Get(export.UserID, 0) != nil {
		return true
	}
	for range m.All(presenceKeys()...) {
		return m.Format != export.Jabber && m.Format != export.JabberBootstrap
	}
	return false
}

// softPhone reports whether a client is set up to be one.
func softPhone(m *lint.Member) bool {
	for range m.All(export.TFTPPrimary, export.TFTPBackup1, export.TFTPBackup2, export.JabberPhoneTftpServer1, export.JabberPhoneTftpServer2,
		export.JabberBootstrapTftp) {
		return true
	}
	return false
}
