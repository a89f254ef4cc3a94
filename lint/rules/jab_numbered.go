package rules

import (
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// Servers, ports and search bases have a number or a word for their place: CtiServer2, VoicemailBackup1Server, SecondaryServerName. People
// write the wrong one of these: CtiServerBackup, VoicemailSecondaryServer.

// placeOf splits a name into what it is about and which one of several it is, from 1 on. Without a number or such a word it is the first;
// 0 stands for none.
func placeOf(name string) (what string, place int) {
	lower := strings.ToLower(name)
	take := func(word string) bool {
		before, after, found := strings.Cut(lower, word)
		if found {
			lower = before + after
		}
		return found
	}
	backup, second := false, false
	switch {
	case take("backup"), take("fallback"):
		backup = true
	case take("secondary"), take("second"):
		second = true
	case take("primary"), take("main"), take("first"): // as without a word
	}
	number := 0
	if i := strings.IndexAny(lower, "0123456789"); i >= 0 {
		if strings.ContainsAny(lower[i+1:], "0123456789") || lower[i] == '0' {
			return "", 0
		}
		number = int(lower[i] - '0')
		lower = lower[:i] + lower[i+1:]
	}
	for _, word := range [...]string{"server", "address", "host", "name", "_"} {
		lower = strings.ReplaceAll(lower, word, "")
	}
	switch {
	case second && number != 0:
		return "", 0
	case backup:
		return lower, max(number, 1) + 1
	case second:
		return lower, 2
	}
	return lower, max(number, 1)
}

// documentedServer finds the documented key of the section that an unknown name probably stands for, by its place. A key that is set
// already is left out: to write its name would overwrite it.
func documentedServer(in *lint.Input, section, name string) export.KeyID {
	what, place := placeOf(name)
	if place == 0 || section == "" {
		return export.NoKey
	}
	for k := export.NoKey + 1; k < export.NumKeys; k++ {
		row := k.Get()
		if k.Group() != export.JabberKeys || !strings.EqualFold(k.Section(), section) || row.ReplacedBy != export.NoKey || row.Gone {
			continue
		}
		switch row.Type {
		case export.Host, export.Site, export.Port, export.DN:
			if of, at := placeOf(k.Short()); of == what && at == place && in.Get(k) == nil {
				return k
			}
		}
	}
	return export.NoKey
}
