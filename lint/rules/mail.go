package rules

import (
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

func mail() []*lint.Rule {
	return []*lint.Rule{
		rule("MAIL001", mailPorts),
		rule("MAIL002", mixedExchange),
		rule("MAIL003", calendarPlain),
		rule("MAIL004", calendarPath),
		rule("MAIL005", mailStoreMissing),
	}
}

func mailPorts(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for _, s := range mailStores(in) {
		if !known(s.protocol) {
			continue
		}
		switch n := s.number(); {
		case (n == 993 || n == 7993) && !s.secure():
			f := in.At(s.protocol, "port %d of %s speaks TLS from the first byte, but the protocol is %s. The client gets no greeting, and "+
				"Voicemail cannot log in", n, s.address.Value, s.protocol.Value)
			f.Fix = "Set the protocol to SSL, or use port 143."
			f.Edits = edit(in, s.protocol, "SSL")
			findings = append(findings, f)
		case n == 143 && s.speaks("SSL"):
			f := in.At(s.portPlace(), "port 143 of %s does not begin with TLS, but the protocol is %s. The TLS handshake fails, and Voicemail "+
				"cannot log in",
				s.address.Value, s.protocol.Value)
			f.Fix = "Use port 993, or the protocol TLS for StartTLS on 143."
			if known(s.port) {
				f.Edits = edit(in, s.port, "993")
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// mixedExchange looks at calendars that are read by WebDAV, which is the default: Exchange Web Services serve both.
func mixedExchange(in *lint.Input) []lint.Finding {
	if strings.EqualFold(value(in, export.CalendarProtocol), "EWS") {
		return nil
	}
	var old, newer *export.Property
	for p := range in.All(export.CalendarServerVersion) {
		switch p.Value {
		case "2000", "2003":
			old = p
		case "2007":
			newer = p
		}
	}
	if old == nil || newer == nil {
		return nil
	}
	f := in.At(newer, "Exchange %s and %s both serve calendars. Reading them over WebDAV is unlikely to work for users of both",
		old.Value, newer.Value)
	for p := range in.All(export.CalendarServerVersion) {
		server := "Calendar.Server." + strconv.Itoa(p.N)
		if a := member(in, export.CalendarServerAddress, p.N); known(a) {
			server = a.Value
		}
		f.Evidence = append(f.Evidence, server+" is Exchange "+p.Value)
	}
	f.Fix = "Move the mailboxes to one version, or give each version its own presence gateway and test both."
	return one(f)
}

func calendarPlain(in *lint.Input) []lint.Finding {
	if p := in.Get(export.CalendarScheme); p != nil && strings.EqualFold(p.Value, "http") {
		f := in.At(p, "the calendar gateway is configured with HTTP. The presence server reads calendars only over HTTPS, so the status \"in a "+
			"meeting\" is never shown")
		f.Fix = "Use HTTPS, with a certificate that contains the gateway's name exactly."
		f.Edits = edit(in, p, "https")
		if port := in.Get(export.CalendarPort); port != nil && port.Value == "80" {
			f.Edits = together(f.Edits, edit(in, port, "443"))
		}
		return one(f)
	}
	if p := in.Get(export.CalendarPort); p != nil && p.Value == "80" {
		f := in.At(p, "the calendar gateway is configured with port 80. The presence server reads calendars only over HTTPS, so the status "+
			"\"in a meeting\" is never shown")
		f.Fix = "Use 443."
		f.Edits = edit(in, p, "443")
		return one(f)
	}
	return nil
}

func calendarPath(in *lint.Input) []lint.Finding {
	p := in.Get(export.CalendarPath)
	if !known(p) || strings.EqualFold(p.Value, "direct") {
		return nil
	}
	what := "a " + strings.ReplaceAll(strings.ToLower(p.Value), "-", " ")
	if strings.EqualFold(p.Value, "isa") {
		what = "ISA"
	}
	f := in.At(p, "the connection from the presence server to Exchange goes through %s. The calendar integration supports only a direct "+
		"connection", what)
	f.Fix = "Configure one client access server, or Exchange 2003 itself, as calendar gateway."
	return one(f)
}

// mailStoreMissing looks at clients of the SIP generation: later ones find the mailbox through the voicemail server alone.
func mailStoreMissing(in *lint.Input) []lint.Finding {
	if in.Generation != resolve.SIP {
		return nil
	}
	server, store := in.Get(export.VoiceMailPrimaryAddress), in.Get(export.MailStorePrimaryAddress)
	switch {
	case known(server) && !known(store):
		f := in.Missing(export.MailStorePrimaryAddress, server, "there is a voicemail server but no mail store. Voicemail finds no messages")
		f.Fix = "Add a mail store: for Unity Connection the same server, port 7993 or 143; for Unity the Exchange server."
		return one(f)
	case known(store) && !known(server):
		f := in.Missing(export.VoiceMailPrimaryAddress, store, "there is a mail store but no voicemail server. Voicemail stays unavailable")
		f.Fix = "Add the voicemail server to the voicemail profile and assign the profile to the user."
		return one(f)
	}
	return nil
}
