package loginbudget

import (
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// An Account names who logs in.
type Account struct {
	// Scope is where the password is checked: the same name in two scopes is two accounts. Empty is the enterprise
	// directory, which LDAP, Exchange and CUCM with LDAP authentication share.
	Scope string
	// Same are other names of Scope: the password is checked in one place that has several.
	Same []string
	// Also are further scopes that the account may be in, if it is not known whom a server asks: an attempt counts in all of them. A good
	// log-in proves nothing there.
	Also []string
	// Names are all names of the account that are known, in any form: DN, user@domain, DOMAIN\user, user. An attempt
	// under one counts for all of them.
	Names []string
	// Directories name what judges the password: hosts and naming contexts, without regard to case. Two accounts that have one in
	// common are at the same directory, where a password that this run saw refused under one name is not tried under another.
	// Without any, the names are taken for different accounts.
	Directories []string
}

// CallManager is the scope of accounts that a call manager checks itself, or lets a directory check.
const CallManager = "call-manager"

// AtCallManager is an account that the call manager or its presence server checks itself or lets a directory check, and does not say which.
func AtCallManager(user string) Account {
	return Account{Scope: CallManager, Also: []string{""}, Names: []string{user}, Directories: []string{AnyDirectory}}
}

// shown is the account as the log names it.
func (a Account) shown() string {
	if a.Scope == "" {
		return strings.Join(a.Names, " = ")
	}
	return strings.Join(a.Names, " = ") + " (" + a.Scope + ")"
}

// sharesDirectory reports whether the two passwords are judged in the same place.
func (a Account) sharesDirectory(o Account) bool {
	if len(a.Directories) == 0 || len(o.Directories) == 0 || !slices.ContainsFunc(a.scopes(), func(s string) bool {
		return slices.Contains(o.scopes(), s)
	}) {
		return false
	}
	if slices.Contains(a.Directories, AnyDirectory) || slices.Contains(o.Directories, AnyDirectory) {
		return true
	}
	return slices.ContainsFunc(a.Directories, func(d string) bool {
		return slices.ContainsFunc(o.Directories, func(e string) bool { return strings.EqualFold(d, e) })
	})
}

// own are the scopes that the account is certainly in, scopes all that it may be in.
func (a Account) own() []string { return lower(a.Scope, a.Same) }

func (a Account) scopes() []string { return lower(a.Scope, a.Same, a.Also) }

func lower(scope string, more ...[]string) []string {
	all := append([]string{scope}, slices.Concat(more...)...)
	for i, s := range all {
		all[i] = strings.ToLower(s)
	}
	return all
}

// keys reduces the names to what different forms of one account have in common: the user part, without case. Two
// different accounts can share it (svc in two domains); then one of them waits, which is the harmless mistake.
func (a Account) keys(scopes []string) []string {
	var keys []string
	for _, n := range a.Names {
		for _, part := range userParts(n) {
			for _, scope := range scopes {
				keys = append(keys, scope+"\x00"+part)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// userParts are the texts of a name that may be the user part: the values of the first part of a DN, else the user of user@domain,
// DOMAIN\user, DOMAIN/user, user%domain and a canonical name. Servers compare names without regard to case, to the form of a
// letter in Unicode and to repeated blanks, and so do keys.
func userParts(n string) []string {
	n = strings.TrimSpace(n)
	var parts []string
	switch {
	case strings.Contains(n, "="):
		for _, v := range rdnValues(n) {
			parts = append(parts, v)
			if user, _, ok := strings.Cut(v, "@"); ok { // userPrincipalName=user@domain,...
				parts = append(parts, user)
			}
		}
	case strings.Contains(n, `\`):
		n, _, _ = strings.Cut(n[strings.LastIndexByte(n, '\\')+1:], "@")
		parts = append(parts, n)
	case strings.Contains(n, "@"):
		parts = append(parts, n[:strings.IndexByte(n, '@')])
	case isCanonical(n):
		parts = append(parts, n[strings.LastIndexByte(n, '/')+1:])
	default:
		parts = append(parts, n)
		if domain, user, ok := strings.Cut(n, "/"); ok && domain != "" && !strings.Contains(user, "/") { // DOMAIN/user of IMAP
			parts = append(parts, user)
		}
		if user, _, ok := strings.Cut(n, "%"); ok {
			parts = append(parts, user)
		}
	}
	for i, part := range parts {
		parts[i] = strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(part))), " ")
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	slices.Sort(parts)
	return slices.Compact(parts)
}

// rdnValues are the values of the first part of a DN, cn=a+uid=b, without quotes and escapes (RFC 4514; RFC 1779 for the quotes).
func rdnValues(dn string) []string {
	var values []string
	for more := true; more; {
		var v string
		_, dn, _ = strings.Cut(dn, "=")
		if v, dn, more = rdnValue(dn); v != "" {
			values = append(values, v)
		}
		more = more && strings.Contains(dn, "=")
	}
	return values
}

// rdnValue takes one value off the text. more says that another one of the same part follows.
func rdnValue(dn string) (value, rest string, more bool) {
	dn = strings.TrimLeft(dn, " ")
	var b strings.Builder
	quoted := false
	i := 0
scan:
	for ; i < len(dn); i++ {
		switch c := dn[i]; {
		case c == '\\' && i+2 < len(dn) && isHex(dn[i+1:i+3]):
			pair, _ := hex.DecodeString(dn[i+1 : i+3])
			b.Write(pair)
			i += 2
		case c == '\\' && i+1 < len(dn):
			i++
			b.WriteByte(dn[i])
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == ';' || c == '+'):
			break scan
		default:
			b.WriteByte(c)
		}
	}
	value = b.String()
	// #04 and a length: the value as it is encoded
	if encoded, err := hex.DecodeString(strings.TrimPrefix(strings.TrimSpace(value), "#")); err == nil && strings.HasPrefix(dn, "#") &&
		len(encoded) > 2 && int(encoded[1]) == len(encoded)-2 {
		value = string(encoded[2:])
	}
	if i == len(dn) {
		return value, "", false
	}
	return value, dn[i+1:], dn[i] == '+'
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// isCanonical recognises Active Directory's canonical name: example.com/Users/Cisco Search.
func isCanonical(n string) bool {
	domain, _, ok := strings.Cut(n, "/")
	return ok && strings.Contains(domain, ".") && !strings.HasSuffix(n, "/") && !strings.Contains(domain, " ")
}
