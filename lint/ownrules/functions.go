package ownrules

import (
	"net/netip"
	"slices"
	"strings"

	"cupclint/resolve"
)

// A Name is a variable or function of expressions, for the documentation.
type Name struct {
	Name string
	// Form is the call with its parameters, or the variable alone.
	Form string
	// Gives is the type: bool, int, text, list.
	Gives string
	// Each lists the rules that have it.
	Each    []Each
	Meaning string

	// make binds it to an evaluator; for a variable it gives a value of its type.
	make func(e *evaluator) any
	// check checks an argument that is written out in an expression, by its position.
	check map[int]func(text string) error
}

// Function reports whether the name is called.
func (n *Name) Function() bool { return strings.HasSuffix(n.Form, ")") }

// Names lists the variables, then the functions, in the order of the documentation.
func Names() []Name {
	return slices.Concat(variables(), lookups(), addressFunctions(), otherFunctions())
}

var (
	everywhere = []Each{Property, Export, Deployment}
	oneExport  = []Each{Property, Export}
	oneSite    = []Each{Deployment}
)

func variables() []Name {
	text := func(*evaluator) any { return "" }
	number := func(*evaluator) any { return 0 }
	return []Name{
		{Name: "value", Form: "value", Gives: "text", Each: []Each{Property}, make: text,
			Meaning: "The value of the property. Secret and empty properties are skipped."},
		{Name: "key", Form: "key", Gives: "text", Each: []Each{Property}, make: text, Meaning: "Its key in canonical spelling."},
		{Name: "index", Form: "index", Gives: "int", Each: []Each{Property}, make: number,
			Meaning: "The number in its key (`SIPProxy.IncomingACL.3`), else 0."},
		{Name: "file", Form: "file", Gives: "text", Each: oneExport, make: text, Meaning: "The name of the file, as findings show it."},
		{Name: "format", Form: "format", Gives: "text", Each: oneExport, make: text,
			Meaning: "The format, a word of `--input-format` such as `soap`."},
		{Name: "generation", Form: "generation", Gives: "text", Each: oneExport, make: text, Meaning: "The client generation: `sip` or `xmpp`."},
		{Name: "deployment", Form: "deployment", Gives: "text", Each: oneExport, make: text,
			Meaning: "The first deployment of the configuration that the file is part of, or an empty text."},
		{Name: "site", Form: "site", Gives: "text", Each: oneSite, make: text, Meaning: "The name of the deployment, or its folder."},
		{Name: "exports", Form: "exports", Gives: "int", Each: oneSite, make: number, Meaning: "How many exports the deployment has."},
	}
}

// lookups are the functions that look at the input.
func lookups() []Name {
	key := map[int]func(string) error{0: checkReadable}
	return []Name{
		{Name: "get", Form: "get(key)", Gives: "text", Each: oneExport, check: key,
			make:    func(e *evaluator) any { return e.get },
			Meaning: "The value of the first property with the key; an empty text where there is none."},
		{Name: "has", Form: "has(key)", Gives: "bool", Each: oneExport, check: map[int]func(string) error{0: checkKey},
			make:    func(e *evaluator) any { return e.has },
			Meaning: "Whether the export has the key with a value that is not empty. Keys of secrets are allowed, too."},
		{Name: "list", Form: "list(key)", Gives: "list", Each: everywhere, check: key,
			make: func(e *evaluator) any { return e.list },
			Meaning: "All values with the key: those of `SIPProxy.IncomingACL.1`, `.2` and so on for `SIPProxy.IncomingACL`. " +
				"Of a deployment, the different values of all its exports, in the order of the alphabet."},
		{Name: "named", Form: "named(name)", Gives: "text", Each: oneExport,
			make:    func(e *evaluator) any { return e.named },
			Meaning: "As `get`, for a key that cupclint does not know. Give its name in the file; case does not matter."},
		{Name: "same", Form: "same(key)", Gives: "bool", Each: oneSite, check: key,
			make:    func(e *evaluator) any { return e.same },
			Meaning: "Whether all exports of the deployment that have the key have the same value, byte for byte."},
		{Name: "missing", Form: "missing(key)", Gives: "int", Each: oneSite, check: map[int]func(string) error{0: checkKey},
			make:    func(e *evaluator) any { return e.missing },
			Meaning: "How many exports of the deployment do not have the key, or have it without a value."},
	}
}

// addressFunctions are about names and addresses.
func addressFunctions() []Name {
	return []Name{
		{Name: "presenceAddress", Form: "presenceAddress()", Gives: "text", Each: oneExport,
			make: func(e *evaluator) any { return e.presenceAddress },
			Meaning: "The presence address that a client computes from `Presence.Primary.Address` and `Presence.Domain`, as " +
				"`cupclint resolve` does."},
		{Name: "presenceAddressOf", Form: "presenceAddressOf(node, domain)", Gives: "text", Each: everywhere,
			make:    func(e *evaluator) any { return func(n, d string) string { return e.see(resolve.Presence(n, d).Value) } },
			Meaning: "The same for a node name and a domain."},
		{Name: "presenceRight", Form: "presenceRight(node, domain)", Gives: "bool", Each: everywhere,
			make: func(*evaluator) any {
				return func(n, d string) bool { return resolve.Presence(n, d).Verdict() == resolve.Right }
			},
			Meaning: "Whether that address is right for clients of the SIP generation."},
		{Name: "isHostname", Form: "isHostname(text)", Gives: "bool", Each: everywhere,
			make: func(*evaluator) any { return resolve.IsHostname }, Meaning: "Whether it is a host name, bare or full, and not an address."},
		{Name: "isAddress", Form: "isAddress(text)", Gives: "bool", Each: everywhere,
			make: func(*evaluator) any { return isAddress }, Meaning: "Whether it is an IPv4 or IPv6 address."},
		{Name: "under", Form: "under(name, domain)", Gives: "bool", Each: everywhere, check: map[int]func(string) error{1: checkHostname},
			make:    func(*evaluator) any { return under },
			Meaning: "Whether the name is the domain or below it, without case: `cups1.acme.com` is under `acme.com`, `myacme.com` is not."},
		{Name: "inNetwork", Form: "inNetwork(address, network)", Gives: "bool", Each: everywhere,
			check:   map[int]func(string) error{1: checkNetwork},
			make:    func(*evaluator) any { return inNetwork },
			Meaning: "Whether the address is in the network: `10.1.0.0/16`, `10.1.0.0/255.255.0.0`, `10.1`, `2001:db8::/32`."},
		{Name: "inACL", Form: "inACL(client, entries)", Gives: "bool", Each: everywhere,
			make:    func(e *evaluator) any { return func(c string, list any) bool { return inACL(c, e.texts(list)) } },
			Meaning: "Whether an entry of an incoming access list lets the client in: an address, or a host name for entries that are domains."},
	}
}

// isAddress accepts the same addresses as the readers; an address with a zone is not one.
func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == "" && (a.Is6() || resolve.IsDottedDecimal(s))
}

func under(name, domain string) bool {
	name, domain = strings.TrimSuffix(strings.ToLower(name), "."), strings.Trim(strings.ToLower(domain), ".")
	rest, ok := strings.CutSuffix(name, domain)
	return ok && domain != "" && (rest == "" || len(rest) > 1 && strings.HasSuffix(rest, "."))
}

func inNetwork(address, network string) bool {
	a, err := netip.ParseAddr(address)
	n, ok := parseNetwork(network)
	return err == nil && ok && n.Contains(a.Unmap())
}

func parseNetwork(s string) (netip.Prefix, bool) {
	if n, ok := resolve.ParseNetwork(s); ok {
		return n, true
	}
	if n, err := netip.ParsePrefix(s); err == nil {
		return n, true
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

func inACL(client string, entries []string) bool {
	a, err := netip.ParseAddr(client)
	for _, text := range entries {
		entry, ok := resolve.ParseACLEntry(text)
		switch {
		case !ok:
		case entry.Everyone, err == nil && entry.Covers(netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())):
			return true
		case err != nil && entry.Domain != "" && under(client, entry.Domain):
			return true
		}
	}
	return false
}
