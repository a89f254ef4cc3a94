package export

import (
	"fmt"
	"strings"

	"cupclint/export/keyname"
	"cupclint/internal/fold"
	"cupclint/internal/nearest"
)

// The key space is data: the tables in keys, of which keytable.go is generated. keys/README.md says how to add a key.
//
//go:generate go run ../scripts/genkeys keys keytable.go

// A KeyID names one key of the key space. NoKey stands for a key that the key space does not have.
type KeyID uint16

// A Type says what the values of a key look like.
type Type uint8

// The types.
const (
	Text              Type = iota // anything
	Host                          // host name, full name or IPv4 address
	IP                            // IPv4 address or network
	Domain                        // DNS or SIP domain
	Port                          // number from 1 to 65535
	Protocol                      // one of Key.Values, without case
	Bool                          // TRUE or FALSE, without case
	Switch                        // On or Off, without case
	Enum                          // one of Key.Values, without case
	Integer                       // number from 0
	DN                            // distinguished name, RFC 4514
	BindName                      // distinguished name, user@domain or DOMAIN\user
	Attribute                     // name of a directory attribute
	ACL                           // entry of an incoming access list
	URI                           // SIP or tel URI
	Version                       // version of a client
	SecretText                    // never shown
	URL                           // absolute URL
	Site                          // URL or host of a meeting site
	Filter                        // LDAP filter, RFC 4515
	FilterOrAttribute             // LDAP filter or the name of an attribute
	List                          // members of Key.Item with Key.Separator between them
	Elements                      // holds elements; their texts are the user's own
	Printed                       // what a command of a server printed

	// NumTypes bounds arrays that a Type indexes.
	NumTypes = iota
)

var typeNames = [...]string{
	"text", "host", "ip", "domain", "port", "protocol", "bool", "switch", "enum", "integer", "dn", "bind-name", "attribute", "acl", "uri",
	"version", "secret",
	"url", "site", "filter", "filter-or-attribute", "list", "elements", "printed",
}

func (t Type) String() string { return typeNames[t] }

// A Key is one row of the key space.
type Key struct {
	// Name in canonical spelling. "{n}" stands for a number from 1 to MaxIndex.
	Name    string
	Meaning string
	Type    Type
	Values  []string // the set, for types that have one; nil for any
	Default string   // what the product ships with; "" where none is known
	Formats Formats  // the formats that carry the key
	Source  string   // where the fact comes from
	Aliases []string // other names that mean the same
	// Versions says which releases of the client know the key; "" where no source says.
	Versions string

	// Sections are those of jabber-config.xml that the key may be in, the usual one first; nil for keys of other files.
	Sections []string
	// Separator and Item say how a List is written: what is between its members ("" is unknown), and the type of each.
	Separator string
	Item      Type
	// Least and Most bound an Integer or Port that has bounds of its own; 0 is none.
	Least, Most int
	// ReplacedBy is the key that took the place of this one in later clients; NoKey for none.
	ReplacedBy KeyID
	// Gone keys are not read by later clients, and nothing took their place.
	Gone bool
	// Uncertain keys have a type or set of values that no document confirms.
	Uncertain bool
	// Note is what else a source says.
	Note string

	registry string // the value below AdminData that carries it, without case
}

// A Group says which files a key belongs to.
type Group uint8

// The groups.
const (
	NoGroup       Group = iota
	ServiceKeys         // the client configuration web service
	OwnKeys             // facts that no client export carries
	JabberKeys          // jabber-config.xml
	BootstrapKeys       // what Jabber gets before its configuration: from its installer, a link, a device management system
	UpdateKeys          // the update file of Jabber
)

// MaxIndex bounds the number in an indexed key.
const MaxIndex = keyname.MaxIndex

// Get returns the row of a known key.
func (k KeyID) Get() *Key { return &table[k] }

// String returns the canonical name, or "" for NoKey.
func (k KeyID) String() string { return table[k].Name }

// Type returns the type of the key's values.
func (k KeyID) Type() Type { return types[k] }

// Secret reports whether values of the key must never be shown.
func (k KeyID) Secret() bool { return types[k] == SecretText }

// Group returns the group of the key.
func (k KeyID) Group() Group { return groups[k] }

// Jabber reports whether the key is one of a Jabber client's own files. Their values may be between blanks.
func (k KeyID) Jabber() bool { return groups[k] >= JabberKeys }

// Section is the usual section of jabber-config.xml for the key, or "" for keys of other files.
func (k KeyID) Section() string {
	if s := table[k].Sections; len(s) > 0 {
		return s[0]
	}
	return ""
}

// Short is the name of a Jabber key as its files write it: without the section.
func (k KeyID) Short() string { return table[k].Name[strings.LastIndexByte(table[k].Name, '.')+1:] }

// Indexed reports whether the key has a number in it.
func (k KeyID) Indexed() bool { return strings.Contains(table[k].Name, "{n}") }

// Name returns the canonical name with the number put in.
func (k KeyID) Name(n int) string {
	if n == 0 {
		return strings.Replace(table[k].Name, ".{n}", "", 1)
	}
	return strings.Replace(table[k].Name, "{n}", fmt.Sprint(n), 1)
}

// Keys returns the key space in the order of its documentation.
func Keys() []Key { return table[1:] }

// Lookup finds a key by its name or an alias, without regard to ASCII case, and the number in an indexed one. It does
// not allocate.
func Lookup(name string) (k KeyID, n int, ok bool) {
	h, n, ok := keyname.Hash(name)
	if !ok {
		return NoKey, 0, false
	}
	k = find(h, name, n)
	if k == NoKey {
		return NoKey, 0, false
	}
	return k, n, true
}

// Nearest returns the known name that someone who wrote name probably meant, or "": one that it is a slip of, or one that has another word
// for the second server. A name that differs in a number or in a word means something else.
func Nearest(name string) string {
	_, n := cutLast(name)
	if !numbered(n) {
		n = "1"
	}
	all := make([]string, 0, NumKeys)
	for i := range table[1:] {
		all = append(all, strings.Replace(table[1+i].Name, "{n}", n, 1))
	}
	if near := nearest.Slip(name, all); near != "" {
		return near
	}
	for _, words := range secondServers {
		if i := fold.Index(name, words[0]); i >= 0 {
			if k, n, ok := Lookup(name[:i] + words[1] + name[i+len(words[0]):]); ok {
				return k.Name(n)
			}
		}
	}
	if k, n, ok := Lookup(name + "1"); ok {
		return k.Name(n)
	}
	return ""
}

// secondServers are words that people write for the parts of names that mean the second server and the third.
var secondServers = [...][2]string{{".secondary", ".Backup1"}, {".secondary", ".Backup"}, {".backup.", ".Backup1."},
	{".tertiary", ".Backup2"}, {".host2", ".Host.Backup"}}

// A knownName is a name or an alias of a key. The tables of them are made by the generator: the key space is looked up for every property
// of every export, and making a table takes as long as reading a small export. Each has slots, a hash table with open addressing whose
// entries are indexes in the table; 0 is an empty one.
type knownName struct {
	name string
	key  KeyID
}

func find(h uint32, name string, n int) KeyID {
	for i := h % uint32(len(nameSlots)); nameSlots[i] != 0; i = (i + 1) % uint32(len(nameSlots)) {
		if known := &knownNames[nameSlots[i]]; same(known.name, name, n) {
			return known.key
		}
	}
	return NoKey
}

// same compares a known name with a written one: without case, and with any number in the place of "{n}".
func same(known, written string, n int) bool {
	if n == 0 {
		return len(known) == len(written) && strings.EqualFold(known, written)
	}
	before, after, _ := strings.Cut(known, "{n}")
	return len(written) > len(before)+len(after) && strings.EqualFold(written[:len(before)], before) &&
		strings.EqualFold(written[len(written)-len(after):], after)
}

// RegistryName returns the value below the client's AdminData that carries the key, with a subkey in front of a backslash, or "".
func (k *Key) RegistryName() string { return k.registry }

// ByShortName finds a key of Jabber by what logs, settings of a user and the bootstrap file write: its name without the section, without
// regard to ASCII case and underscores. A key of jabber-config.xml wins over one of the same name of Jabber's other files. NoKey when there
// is none.
func ByShortName(name string) KeyID {
	for i := keyname.HashShort(name) % uint32(len(shortSlots)); shortSlots[i] != 0; i = (i + 1) % uint32(len(shortSlots)) {
		if known := &shortNames[shortSlots[i]]; keyname.SameShort(known.name, name) {
			return known.key
		}
	}
	return NoKey
}

// inOtherSection finds a key of jabber-config.xml by its name alone, for one that is in another section than its own. Underscores
// count: FileTransferEnabled is not File_Transfer_Enabled.
func inOtherSection(name string) KeyID {
	for k := KeyID(1); k < NumKeys; k++ {
		if groups[k] != JabberKeys {
			continue
		}
		if strings.EqualFold(k.Short(), name) {
			return k
		}
		for _, alias := range table[k].Aliases {
			if strings.EqualFold(alias[strings.LastIndexByte(alias, '.')+1:], name) {
				return k
			}
		}
	}
	return NoKey
}
