package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

func hygiene() []*lint.Rule {
	rule := func(id, name string, severity lint.Severity, summary string, check func(*lint.Input) []lint.Finding) *lint.Rule {
		return &lint.Rule{ID: id, Name: name, Area: "hygiene", Severity: severity, Kind: lint.ExportKind, Summary: summary, Check: check}
	}
	values := func(id, name string, summary string, types []export.Type, check func(*lint.Input, *export.Property) (lint.Finding, bool)) *lint.Rule {
		return &lint.Rule{ID: id, Name: name, Area: "hygiene", Severity: lint.Error, Kind: lint.ExportKind, Summary: summary, Types: types, Value: check}
	}
	return []*lint.Rule{
		rule("HYG001", "duplicate-property", lint.Warning, "one key twice; an error where the values differ", duplicates),
		rule("HYG002", "unknown-property", lint.Info, "a key that nobody reads", unknownProperties),
		values("HYG003", "bad-port", "a port that is no number from 1 to 65535", []export.Type{export.Port}, badPort),
		values("HYG004", "bad-address", "an address that is neither a host name nor an IP address", []export.Type{export.Host, export.IP}, badAddress),
		values("HYG005", "bad-value", "a truth value, protocol or enumeration outside of its values",
			[]export.Type{export.Bool, export.Switch, export.Enum, export.Protocol, export.Integer}, badValue),
		rule("HYG006", "backup-is-primary", lint.Warning, "a backup that is the primary again", backupIsPrimary),
		values("HYG007", "left-over-placeholder", "a sample value left in place",
			[]export.Type{export.Text, export.Host, export.IP, export.Domain, export.DN, export.BindName, export.Attribute, export.ACL, export.URI, export.Version}, placeholder),
	}
}

// duplicates reports every key once, at its second place.
func duplicates(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	var seen map[string]*duplicate // of keys with a number, and unknown ones: rare
	for i := range in.Properties {
		p := &in.Properties[i]
		if p.Key != export.NoKey && p.N == 0 {
			if first := in.Get(p.Key); first != p {
				findings = repeat(in, findings, first, p)
			}
			continue
		}
		name := strings.ToLower(p.Canonical())
		if seen == nil {
			seen = map[string]*duplicate{}
		}
		if d := seen[name]; d != nil {
			findings = repeat(in, findings, d.first, p)
			continue
		}
		seen[name] = &duplicate{p}
	}
	return findings
}

type duplicate struct{ first *export.Property }

// repeat adds a finding, or a line of evidence to the one that the key has already.
func repeat(in *lint.Input, findings []lint.Finding, first, p *export.Property) []lint.Finding {
	key := p.Canonical()
	at := slices.IndexFunc(findings, func(f lint.Finding) bool { return strings.EqualFold(f.Key, key) })
	differs := first.Value != p.Value
	if at < 0 {
		f := in.AtName(p, "%s stands twice with the same value", key)
		f.Evidence = []string{fmt.Sprintf("first in line %d", in.NameRange(first).Line)}
		f.Fix = "Remove one of them."
		findings, at = append(findings, f), len(findings)
	} else if len(findings[at].Evidence) < maxRepeats {
		findings[at].Evidence = append(findings[at].Evidence, fmt.Sprintf("again in line %d", in.NameRange(p).Line))
	}
	if differs {
		findings[at].Severity = lint.Error
		findings[at].Message = key + " stands more than once with different values: which one the client takes is chance"
	}
	return findings
}

const maxRepeats = 8

func unknownProperties(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i := range in.Properties {
		p := &in.Properties[i]
		if p.Key != export.NoKey {
			continue
		}
		f := in.AtName(p, "the key %s is not known, and no rule looks at it", p.Name)
		if near := export.Nearest(p.Name); near != "" {
			f.Message = fmt.Sprintf("the key %s is not known; %s is", p.Name, near)
			f.Fix = "If it is a slip, write " + near + "."
		}
		findings = append(findings, f)
	}
	return findings
}

func badPort(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if validPort(p.Value) {
		return lint.Finding{}, false
	}
	f := in.At(p, "the port %q of %s is no number from 1 to 65535: no connection is made", p.Value, p.Canonical())
	f.Fix = "Enter the port of the service"
	if d := p.Key.Get().Default; d != "" {
		f.Fix += ", " + d + " by default"
	}
	f.Fix += "."
	return f, true
}

func validPort(s string) bool {
	if len(s) > len("65535") || s[0] < '1' || s[0] > '9' {
		return false
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// badAddress leaves the presence nodes to the rules on presence addresses.
func badAddress(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	switch p.Key {
	case export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address:
		return lint.Finding{}, false
	}
	if p.Key.Type() == export.IP {
		if _, ok := parseNetwork(p.Value); ok && strings.Count(p.Value, ".") >= 3 {
			return lint.Finding{}, false
		}
		f := in.At(p, "%q in %s is no IPv4 address", p.Value, p.Canonical())
		f.Fix = "Enter an address as in 10.11.12.13, or a network as in 10.11.12.0/24 where one is wanted."
		return f, true
	}
	if isPlaceholder(p.Value) || resolve.IsDottedDecimal(p.Value) {
		return lint.Finding{}, false
	}
	why := resolve.HostnameProblem(p.Value)
	switch {
	case resolve.LooksLikeAddress(p.Value):
		if a, err := netip.ParseAddr(p.Value); err == nil && a.Is6() {
			return lint.Finding{}, false
		}
		why = "it looks like an address and is none"
	case why == "":
		return lint.Finding{}, false
	}
	f := in.At(p, "%q in %s is neither a host name nor an address: %s", p.Value, p.Canonical(), why)
	f.Fix = "Enter a host name, a full name or an IPv4 address, without a port or a scheme."
	return f, true
}

func badValue(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if p.Key.Type() == export.Integer {
		if _, err := strconv.ParseUint(p.Value, 10, 32); err == nil {
			return lint.Finding{}, false
		}
		f := in.At(p, "%q in %s is no number", p.Value, p.Canonical())
		f.Fix = "Enter a whole number from 0."
		return f, true
	}
	values := p.Key.Get().Values
	for _, v := range values {
		if strings.EqualFold(v, p.Value) {
			return lint.Finding{}, false
		}
	}
	f := in.At(p, "%q is no value of %s", p.Value, p.Canonical())
	f.Fix = "Use one of " + strings.Join(values, ", ") + "."
	return f, true
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
				if p := in.Get(earlier); known(p) && strings.EqualFold(p.Value, backup.Value) {
					f := in.At(backup, "%s is %s again: when it fails there is nothing to fall back to", backup.Canonical(), p.Canonical())
					f.Evidence = []string{p.Canonical() + " = " + p.Value}
					f.Fix = "Name another server, or leave the backup empty."
					findings = append(findings, f)
					break
				}
			}
		}
	}
	return findings
}

// placeholder looks at no secret: what a password is must not be said.
func placeholder(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if p.Secret() || !isPlaceholder(p.Value) {
		return lint.Finding{}, false
	}
	f := in.At(p, "%q in %s is a sample value that was left in place", p.Value, p.Canonical())
	f.Fix = "Enter the real value, or leave it empty."
	return f, true
}

func isPlaceholder(s string) bool {
	switch {
	case len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>':
		return true
	case len(s) == len("changeme") && strings.EqualFold(s, "changeme"), len(s) == len("x.x.x.x") && strings.EqualFold(s, "x.x.x.x"):
		return true
	}
	// RFC 2606 keeps these names for documentation.
	i := strings.LastIndexByte(s, '.')
	if i < len("example") || !strings.EqualFold(s[i-len("example"):i], "example") {
		return false
	}
	before := i - len("example")
	top := s[i+1:]
	return (before == 0 || s[before-1] == '.' || s[before-1] == '@') &&
		(strings.EqualFold(top, "com") || strings.EqualFold(top, "net") || strings.EqualFold(top, "org"))
}
