package rules

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

func hygiene() []*lint.Rule {
	values := func(id string, types []export.Type, check func(*lint.Input, *export.Property) (lint.Finding, bool)) *lint.Rule {
		return lint.Define(id, lint.Rule{Types: types, Value: check})
	}
	return []*lint.Rule{
		rule("HYG001", duplicates),
		rule("HYG002", unknownProperties),
		values("HYG003", []export.Type{export.Port}, badPort),
		values("HYG004", []export.Type{export.Host, export.IP}, badAddress),
		values("HYG005", []export.Type{export.Bool, export.Switch, export.Enum, export.Protocol, export.Integer, export.ACL}, badValue),
		rule("HYG006", backupIsPrimary),
		values("HYG007", []export.Type{export.Text, export.Host, export.IP, export.Domain, export.DN, export.BindName, export.Attribute,
			export.ACL, export.URI, export.Version}, placeholder),
		// lint.Filter and lint.Run make the findings of these.
		lint.Define(lint.UnusedSuppression, lint.Rule{}), lint.Define(lint.ExpiredSuppression, lint.Rule{}),
		lint.Define(lint.InvalidSuppression, lint.Rule{}),
		rule("HYG011", hollow),
	}
}

// hollow finds answers of servers in which there is nothing to judge.
func hollow(in *lint.Input) []lint.Finding {
	var out []lint.Finding
	for _, h := range in.Hollow { // no run remembers an export with such answers
		f := in.PlaceAt(in.HollowAt(h)).Finding("the answer %s holds no value, so nothing in it was checked", h.Name)
		f.Fix = "If the server has such records, repeat the request: with an account that may read them, and with the criteria % where " +
			"a name is asked for."
		out = append(out, f)
	}
	return out
}

// JAB002 judges the values of Jabber's keys: they can have blanks around them.
func badPort(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if p.Key.Jabber() || validPort(p.Value) || p.Key == export.SIPProxyStaticRoutePort && p.Value == "0" { // 0: the next hop is found by SRV
		return lint.Finding{}, false
	}
	f := in.At(p, "the port %q of %s is not a number from 1 to 65535. The client cannot connect", p.Value, written(p))
	f.Fix = "Enter the port of the service"
	if d := p.Key.Get().Default; d != "" {
		f.Fix += ", " + d + " by default"
	}
	f.Fix += "."
	f.Edits = trimmed(in, p, validPort)
	return f, true
}

func validPort(s string) bool {
	if len(s) > len("65535") || s[0] < '1' || s[0] > '9' {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// badAddress leaves the presence nodes to the rules on presence addresses.
func badAddress(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	switch p.Key {
	case export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address:
		return lint.Finding{}, false
	}
	if p.Key.Jabber() {
		return lint.Finding{}, false // Jabber's values have their own rule, which accepts blanks around them
	}
	if p.Key.Type() == export.IP {
		if _, ok := resolve.ParseNetwork(p.Value); ok && strings.Count(p.Value, ".") >= 3 || isMasked(p.Value) {
			return lint.Finding{}, false
		}
		f := in.At(p, "%q in %s is not a valid IPv4 address", p.Value, written(p))
		f.Fix = "Enter an address as in 10.11.12.13, or a network as in 10.11.12.0/24 where a network is required."
		f.Edits = trimmed(in, p, resolve.IsDottedDecimal)
		return f, true
	}
	if isPlaceholder(p.Value) || resolve.IsDottedDecimal(p.Value) {
		return lint.Finding{}, false
	}
	why := resolve.HostnameProblem(p.Value)
	switch {
	case resolve.LooksLikeAddress(p.Value):
		if _, err := netip.ParseAddr(p.Value); err == nil { // IPv6
			return lint.Finding{}, false
		}
		why = "it looks like an IP address but is not valid"
	case why == "":
		return lint.Finding{}, false
	}
	f := in.At(p, "%q in %s is neither a host name nor an address: %s", p.Value, written(p), why)
	f.Fix = "Enter a host name, a full name or an IPv4 address, without a port or a scheme."
	host := func(v string) bool { return resolve.IsHostname(v) || resolve.IsDottedDecimal(v) }
	if f.Edits = trimmed(in, p, host); f.Edits == nil {
		if v := strings.Trim(strings.TrimSpace(p.Value), "."); v != "" && host(v) { // stray dots
			f.Edits = edit(in, p, v)
		}
	}
	return f, true
}

func badValue(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	switch t := p.Key.Type(); {
	case p.Key.Jabber():
		return lint.Finding{}, false // as in badAddress
	case t == export.Integer && validNumber(p.Value), t == export.ACL && validACL(p.Value), t != export.Integer && t != export.ACL &&
		oneOf(p.Key, p.Value):
		return lint.Finding{}, false
	case t == export.Integer:
		f := in.At(p, "%q in %s is not a number", p.Value, written(p))
		f.Fix = "Enter a whole number, 0 or higher."
		f.Edits = trimmed(in, p, validNumber)
		return f, true
	case t == export.ACL:
		f := in.At(p, "%q in %s is not a valid incoming ACL entry. It is expected to match no client", p.Value, written(p))
		if mask := badMask(p.Value); mask != "" {
			f.Message = fmt.Sprintf("the mask %s in %s is invalid. A netmask is ones, then zeros, without a gap. The entry is expected to match "+
				"no client",
				mask, written(p))
		}
		f.Fix = "Use all, the end of a domain name, an IPv4 address, the first numbers of an address, network/netmask or network/length."
		f.Severity = lint.Warning // what the proxy does with it is not documented
		f.Edits = trimmed(in, p, validACL)
		return f, true
	}
	f := in.At(p, "%q is not a valid value of %s", p.Value, written(p))
	f.Fix = "Use one of " + strings.Join(p.Key.Get().Values, ", ") + "."
	f.Edits = trimmed(in, p, func(v string) bool { return oneOf(p.Key, v) })
	return f, true
}

// badMask returns the mask of an entry whose network is valid and whose mask is not, or "".
func badMask(entry string) string {
	words := strings.Fields(entry)
	if len(words) == 0 {
		return ""
	}
	network, mask, ok := strings.Cut(words[len(words)-1], "/")
	if !ok || !resolve.IsDottedDecimal(network) {
		return ""
	}
	if _, fits := resolve.ParseNetwork(network + "/" + mask); fits {
		return ""
	}
	return mask
}

func validNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

func validACL(s string) bool {
	_, ok := resolve.ParseACLEntry(s)
	return ok || isPlaceholder(s)
}

func oneOf(k export.KeyID, s string) bool {
	for _, v := range k.Get().Values {
		if strings.EqualFold(v, s) {
			return true
		}
	}
	return false
}

// groups are the keys that name one service: the primary and its backups.
var groups = [...][]export.KeyID{
	{export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address},
	{export.CallControlPrimaryAddress, export.CallControlBackup1Address, export.CallControlBackup2Address},
	{export.DirectoryPrimaryAddress, export.DirectoryBackup1Address, export.DirectoryBackup2Address},
	{export.VoiceMailPrimaryAddress, export.VoiceMailBackup1Address, export.VoiceMailBackup2Address},
	{export.MailStorePrimaryAddress, export.MailStoreBackup1Address, export.MailStoreBackup2Address},
	{export.MeetingPlacePrimaryAddress, export.MeetingPlaceBackup1Address, export.MeetingPlaceBackup2Address},
	{export.TFTPPrimary, export.TFTPBackup1, export.TFTPBackup2},
	{export.CalendarPrimary, export.CalendarBackup},
	{export.CCMCIPHost, export.CCMCIPHostBackup},
	{export.JabberDirectoryPrimaryServerName, export.JabberDirectorySecondaryServerName},
	{export.JabberVoicemailVoicemailPrimaryServer, export.JabberVoicemailVoicemailBackup1Server, export.JabberVoicemailVoicemailBackup2Server},
	{export.JabberPhoneTftpServer1, export.JabberPhoneTftpServer2},
	{export.JabberPhoneCtiServer1, export.JabberPhoneCtiServer2},
	{export.JabberPhoneCcmcipServer1, export.JabberPhoneCcmcipServer2},
}

func backupIsPrimary(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for _, g := range groups {
		for i, k := range g[1:] {
			backup := in.Get(k)
			if !known(backup) {
				continue
			}
			for _, earlier := range g[:i+1] {
				if p := in.Get(earlier); known(p) && strings.EqualFold(strings.TrimSpace(p.Value), strings.TrimSpace(backup.Value)) {
					f := in.At(backup, "%s is %s again. If this server fails, there is no other server", written(backup), written(p))
					f.Evidence = []string{written(p) + " = " + p.Value}
					f.Fix = "Name another server, or leave the backup empty."
					findings = append(findings, f)
					break
				}
			}
		}
	}
	return findings
}

// placeholder never looks at a secret: a message must not show what a password is.
func placeholder(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if p.Secret() || !isPlaceholder(p.Value) {
		return lint.Finding{}, false
	}
	f := in.At(p, "%q in %s is a sample value that was left in place", p.Value, written(p))
	f.Fix = "Enter the real value, or remove it."
	switch {
	case !isExampleName(p.Value) && !in.Format.Records():
	case in.Format.Records():
		f.Message = fmt.Sprintf("%q in %s is a sample value, although this is the output of a running server", p.Value, written(p))
		f.Severity, f.Fix = lint.Info, "If names were replaced before the output was shared, do nothing."
	case onlyExampleNames(in):
		f.Message = fmt.Sprintf("%q in %s is a name for documentation, as all names in this input", p.Value, written(p))
		f.Severity, f.Fix = lint.Info, "If names were replaced before the input was shared, do nothing. If not, enter the real names."
	}
	return f, true
}

// onlyExampleNames reports whether an export has several full names, and all are ones for documentation: then the real ones were replaced.
func onlyExampleNames(in *lint.Input) bool {
	n := 0
	for i := range in.Export.Properties {
		p := &in.Export.Properties[i]
		switch p.Key.Type() {
		case export.Host, export.Domain, export.URI:
		case export.BindName:
			if !strings.Contains(p.Value, "@") {
				continue
			}
		default:
			continue
		}
		value := strings.TrimSpace(p.Value)
		if !strings.Contains(value, ".") || isAddress(value) || resolve.LooksLikeAddress(value) {
			continue // an address is not a name, right or wrong
		}
		if !isExampleName(value) {
			return false
		}
		n++
	}
	return n > 1
}

func isPlaceholder(s string) bool {
	switch {
	case len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>':
		return true
	case len(s) == len("changeme") && strings.EqualFold(s, "changeme"), isMasked(s):
		return true
	}
	return isExampleName(s)
}

// isMasked reports whether a value is an address with parts that were made unreadable before it was shared: x.x.x.x, 10.x.x.5.
func isMasked(s string) bool {
	return strings.ContainsAny(s, "xX*") && strings.Trim(s, "0123456789.xX*") == "" && strings.Count(s, ".") == 3
}

// isExampleName knows the names that RFC 2606 keeps for documentation, alone and with a host or an account in front.
func isExampleName(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i < len("example") || !strings.EqualFold(s[i-len("example"):i], "example") {
		return false
	}
	before := i - len("example")
	top := s[i+1:]
	return (before == 0 || s[before-1] == '.' || s[before-1] == '@') &&
		(strings.EqualFold(top, "com") || strings.EqualFold(top, "net") || strings.EqualFold(top, "org"))
}
