package diagnose

import (
	"fmt"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// A FactFinder gathers the answers that exports give: which client it is, the port of LDAP authentication, where voicemail is kept. Where
// several answer a question, the first in the order of the run counts. The zero value is ready to use.
type FactFinder struct{ found map[string]factAt }

type factAt struct {
	Answer
	index int // of the export in the run
}

// Rule makes a rule whose run leaves in f what the exports say. It finds nothing and is not in the catalogue.
func (f *FactFinder) Rule() *lint.Rule {
	first := true
	return &lint.Rule{
		ID: "collect-facts", Name: "collect-facts", Area: "dns", Kind: lint.FleetKind,
		// The run makes the accumulators one after the other and merges all others into the first.
		Fleet: func() lint.Fleet {
			if first {
				first = false
				return f
			}
			return new(FactFinder)
		},
	}
}

// Answers are what was found, by question.
func (f *FactFinder) Answers() map[string]Answer {
	out := make(map[string]Answer, len(f.found))
	for question, at := range f.found {
		out[question] = at.Answer
	}
	return out
}

// Add implements lint.Fleet.
func (f *FactFinder) Add(in *lint.Input) {
	e := in.Export
	if e.Format == export.Jabber || e.Format == export.JabberBootstrap {
		f.add(in, "version", "jabber", nil, e.File+" is one of Jabber's files")
	}
	for i := range e.Properties {
		p := &e.Properties[i]
		if question, word := fact(p.Canonical(), strings.TrimSpace(p.Value)); word != "" {
			if known, ok := f.found[question]; ok && known.index <= in.Index {
				continue // as keep would
			}
			f.add(in, question, word, p, p.Canonical()+" is "+p.Value)
		}
	}
}

// Merge implements lint.Fleet.
func (f *FactFinder) Merge(other lint.Fleet) {
	for question, at := range other.(*FactFinder).found {
		f.keep(question, at)
	}
}

// Findings finds nothing.
func (f *FactFinder) Findings() []lint.Finding { return nil }

func (f *FactFinder) add(in *lint.Input, question, word string, p *export.Property, text string) {
	where := in.File
	if where == export.Stdin {
		where = "the paste"
	}
	if p != nil {
		at := in.Range(p)
		where = fmt.Sprintf("%s:%d:%d", where, at.Line, at.Column)
	}
	f.keep(question, factAt{Answer{Word: word, Where: where, Text: text}, in.Index})
}

func (f *FactFinder) keep(question string, at factAt) {
	if known, ok := f.found[question]; ok && known.index <= at.index {
		return
	}
	if f.found == nil {
		f.found = make(map[string]factAt)
	}
	f.found[question] = at
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
