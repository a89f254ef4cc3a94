package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/export/keyname"
)

// A known is a name that leads to a key; goKey is the constant of the key.
type known struct{ name, goKey string }

// writeNames writes the tables in which package export finds a key by its name, and by the short name that Jabber uses.
func writeNames(b *bytes.Buffer, rows []row) error {
	var names []known
	for i := range rows {
		for _, name := range append([]string{rows[i].name}, rows[i].aliases...) {
			names = append(names, known{name, goName(rows[i].name)})
		}
	}
	for f := range appliance.NumFields {
		names = append(names, known{"Appliance.{node}." + f.String(), fmt.Sprintf("applianceFirst + %d", f)})
	}
	hashes := make([]uint32, len(names))
	for i := range names {
		h, _, ok := keyname.Hash(names[i].name)
		if !ok {
			return fmt.Errorf("%s cannot be looked up: its number is out of bounds", names[i].name)
		}
		hashes[i] = h
	}
	writeTable(b, "knownNames", "nameSlots", "the names and aliases of all keys", names, hashes)

	short := shortNames(rows)
	hashes = hashes[:0]
	for i := range short {
		hashes = append(hashes, keyname.HashShort(short[i].name))
	}
	writeTable(b, "shortNames", "shortSlots", "the names of Jabber's keys without their section", short, hashes)
	return nil
}

// shortNames lists the keys of Jabber by name without a section. A key of jabber-config.xml, which is in the table before those of other
// files, wins over one of the same name, and a name over an alias.
func shortNames(rows []row) []known {
	keys := map[string]string{}
	for i := len(rows) - 1; i >= 0; i-- {
		r := &rows[i]
		if r.group != "Jabber" && r.group != "Bootstrap" {
			continue
		}
		keys[squash(r.name)] = goName(r.name)
		for _, alias := range r.aliases {
			if s := squash(alias); keys[s] == "" {
				keys[s] = goName(r.name)
			}
		}
	}
	var list []known
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		list = append(list, known{name, keys[name]})
	}
	return list
}

// squash takes the section, case and underscores from a name.
func squash(name string) string {
	return strings.ToLower(strings.ReplaceAll(name[strings.LastIndexByte(name, '.')+1:], "_", ""))
}

// writeTable writes the names behind an empty first one, and the slots: a hash table with open addressing that is less than half full. Of
// two names that are the same, the first one is found.
func writeTable(b *bytes.Buffer, table, slots, what string, names []known, hashes []uint32) {
	fmt.Fprintf(b, "// %s are %s.\nvar %s = [...]knownName{\n\t{},\n", table, what, table)
	for i := range names {
		fmt.Fprintf(b, "\t{%q, %s},\n", names[i].name, names[i].goKey)
	}
	size := 1
	for size < 2*len(names) {
		size *= 2
	}
	at := make([]int, size)
	for i, h := range hashes {
		slot := h % uint32(size)
		for at[slot] != 0 {
			slot = (slot + 1) % uint32(size)
		}
		at[slot] = i + 1
	}
	fmt.Fprintf(b, "}\n\nvar %s = [...]uint16{", slots)
	for i, entry := range at {
		if i%24 == 0 {
			b.WriteString("\n\t")
		}
		fmt.Fprintf(b, "%d,", entry)
	}
	b.WriteString("\n}\n\n")
}

// printedType is the type of a field of package appliance.
func printedType(f appliance.Field) string {
	if f.Row().Secret {
		return "SecretText"
	}
	return "Printed"
}
