package diagnose

import (
	"fmt"
	"strconv"
	"strings"

	"cupclint/export"
)

// Facts adds the answers that an export gives: which client it is, the port of LDAP authentication, where voicemail is kept. The first export that
// says something counts.
func Facts(to map[string]Answer, e *export.Export) {
	if e.Format == export.Jabber || e.Format == export.JabberBootstrap {
		addFact(to, "version", "jabber", e, nil, e.File+" is one of Jabber's files")
	}
	for i := range e.Properties {
		p := &e.Properties[i]
		if question, word := fact(p.Canonical(), strings.TrimSpace(p.Value)); word != "" {
			addFact(to, question, word, e, p, p.Canonical()+" is "+p.Value)
		}
	}
}

func addFact(to map[string]Answer, question, word string, e *export.Export, p *export.Property, text string) {
	if _, known := to[question]; known {
		return
	}
	where := e.File
	if e.File == export.Stdin {
		where = "the paste"
	}
	if p != nil {
		at := e.Range(p)
		where = fmt.Sprintf("%s:%d:%d", where, at.Line, at.Column)
	}
	to[question] = Answer{Word: word, Where: where, Text: text}
}

// fact is the answer that a property gives; an empty word for none.
func fact(key, value string) (question, word string) {
	lower := strings.ToLower(value)
	switch {
	case value == "":
	case strings.HasPrefix(key, "Jabber."):
		return "version", "jabber"
	case key == "Client.Version":
		return "version", clientVersion(value)
	case key == "Client.Generation" && lower == xmpp:
		return "version", "8"
	case strings.HasPrefix(key, "CUCM.LDAPAuthentication.Server.") && strings.HasSuffix(key, ".Port"):
		switch value {
		case "389", "636":
			return "ldap", "389"
		case "3268", "3269":
			return "ldap", "3268"
		}
	case key == "CUCM.LDAPAuthentication.Enabled" && isFalse(lower):
		return "ldap", "none"
	case key == "CUCM.InactiveDaysAllowed":
		if value == "0" {
			return "inactive", "zero"
		}
		if _, err := strconv.Atoi(value); err == nil {
			return "inactive", "days"
		}
	case key == "SIPProxy.AuthenticationModule":
		if isFalse(lower) {
			return "digest", "off"
		}
		return "digest", "on"
	case key == "Calendar.Account":
		if strings.ContainsAny(value, `\@/=`) {
			return "account", "full"
		}
		return "account", "bare"
	case key == "MailStore.ServerType", key == "VoiceMail.ServerType":
		switch lower {
		case "unityconnection":
			return "mail", "connection"
		case "exchange2003":
			return "mail", "exchange2003"
		case "exchange2007", "exchange2010":
			return "mail", "exchange2007"
		}
	case key == "MailStore.Primary.Port" && value == "7993":
		return "mail", "connection"
	}
	return "", ""
}

func isFalse(lower string) bool {
	return lower == "false" || lower == "f" || lower == "off" || lower == "0" || lower == "no"
}

// clientVersion is the answer that the version of a client gives: Jabber has the numbers after those of CUPC.
func clientVersion(v string) string {
	major, rest, _ := strings.Cut(v, ".")
	n, err := strconv.Atoi(strings.TrimSpace(major))
	switch {
	case err != nil, n < 1:
		return ""
	case n >= 9:
		return "jabber"
	case n == 8:
		return "8"
	case n >= 7:
		return "7"
	case n == 1 && strings.HasPrefix(rest, "2"):
		return "1.2"
	}
	return ""
}
