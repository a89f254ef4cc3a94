package loginbudget

import (
	"slices"
	"strings"
)

// An Account names who logs in.
type Account struct {
	// Scope is where the password is checked: the same name in two scopes is two accounts. Empty is the enterprise
	// directory, which LDAP, Exchange and CUCM with LDAP authentication share.
	Scope string
	// Names are all names of the account that are known, in any form: DN, user@domain, DOMAIN\user, user. An attempt
	// under one counts for all of them.
	Names []string
	// Directories name what judges the password: hosts and naming contexts, without regard to case. Two accounts that have one in
	// common are at the same directory, where a password that this run saw refused under one name is not tried under another.
	// Without any, the names are taken for different accounts.
	Directories []string
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
	if !strings.EqualFold(a.Scope, o.Scope) || len(a.Directories) == 0 || len(o.Directories) == 0 {
		return false
	}
	if slices.Contains(a.Directories, AnyDirectory) || slices.Contains(o.Directories, AnyDirectory) {
		return true
	}
	return slices.ContainsFunc(a.Directories, func(d string) bool {
		return slices.ContainsFunc(o.Directories, func(e string) bool { return strings.EqualFold(d, e) })
	})
}

// keys reduces the names to what different forms of one account have in common: the user part, without case. Two
// different accounts can share it (svc in two domains); then one of them waits, which is the harmless mistake.
func (a Account) keys() []string {
	var keys []string
	for _, n := range a.Names {
		if leaf := leafName(n); leaf != "" {
			keys = append(keys, strings.ToLower(a.Scope)+"\x00"+leaf)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// leafName takes the user part out of a DN, user@domain, DOMAIN\user or a canonical name.
func leafName(n string) string {
	n = strings.TrimSpace(n)
	switch {
	case strings.Contains(n, "="):
		_, n, _ = strings.Cut(n, "=")
		end := len(n)
		for i := 0; i < len(n); i++ {
			if n[i] == '\\' {
				i++ // the next byte is escaped
			} else if n[i] == ',' || n[i] == '+' || n[i] == ';' {
				end = i
				break
			}
		}
		n = strings.ReplaceAll(n[:end], `\`, "")
	case strings.Contains(n, `\`):
		n = n[strings.LastIndexByte(n, '\\')+1:]
	case strings.Contains(n, "@"):
		n = n[:strings.IndexByte(n, '@')]
	case isCanonical(n):
		n = n[strings.LastIndexByte(n, '/')+1:]
	}
	return strings.ToLower(strings.TrimSpace(n))
}

// isCanonical recognises Active Directory's canonical name: example.com/Users/Cisco Search.
func isCanonical(n string) bool {
	domain, _, ok := strings.Cut(n, "/")
	return ok && strings.Contains(domain, ".") && !strings.HasSuffix(n, "/") && !strings.Contains(domain, " ")
}
