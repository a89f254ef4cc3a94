package resolve

import (
	"fmt"
	"slices"
	"strings"
)

// A Proxy is what a presence server knows about itself.
type Proxy struct {
	SIPDomain string
	Nodes     []string // node names, as in System > Server
	Aliases   []string
}

// A LocalName is the name of a proxy because of which it treats a domain as local.
type LocalName struct {
	Kind LocalKind
	Name string // the SIP domain, the node name or the alias
}

// A LocalKind says what kind of name it is.
type LocalKind string

// The kinds, in the order in which they are tried.
const (
	LocalSIPDomain  LocalKind = "sip-domain"
	LocalNode       LocalKind = "node"
	LocalNodeDomain LocalKind = "node.sip-domain" // node name, dot, SIP domain
	LocalAlias      LocalKind = "alias"
)

// String ends a sentence that begins with the domain.
func (n LocalName) String() string {
	switch n.Kind {
	case LocalSIPDomain:
		return "it is the SIP domain"
	case LocalNode:
		return fmt.Sprintf("it is the node name %q", n.Name)
	case LocalNodeDomain:
		return fmt.Sprintf("it is the node name %q followed by the SIP domain", n.Name)
	case LocalAlias:
		return "it is an alias of the proxy"
	}
	return "it is not a name of the proxy"
}

// Local reports whether the proxy treats the domain of a request as local, and because of which of its names: its SIP domain, a node
// name, a node name followed by the SIP domain, or an alias (UC Corner, "SIP domain and DNS domain", 2009). Empty names
// are ignored.
//
// This assumes that the proxy compares strings, so upper and lower case matter, although SIP ignores case in host names (RFC 3261 section
// 19.1.4): the support notes say to assume that case matters, and a deployment that relies on the contrary needs a
// warning.
func (p Proxy) Local(domain string) (LocalName, bool) {
	if domain == "" {
		return LocalName{}, false
	}
	if domain == p.SIPDomain {
		return LocalName{LocalSIPDomain, p.SIPDomain}, true
	}
	if slices.Contains(p.Nodes, domain) {
		return LocalName{LocalNode, domain}, true
	}
	if node, ok := strings.CutSuffix(domain, "."+p.SIPDomain); ok && p.SIPDomain != "" && node != "" && slices.Contains(p.Nodes, node) {
		return LocalName{LocalNodeDomain, node}, true
	}
	if slices.Contains(p.Aliases, domain) {
		return LocalName{LocalAlias, domain}, true
	}
	return LocalName{}, false
}

// nearlyLocal names a local domain that differs from domain only in case.
func (p Proxy) nearlyLocal(domain string) (string, bool) {
	names := slices.Concat([]string{p.SIPDomain}, p.Nodes, p.Aliases)
	if p.SIPDomain != "" {
		for _, n := range p.Nodes {
			names = append(names, n+"."+p.SIPDomain)
		}
	}
	for _, n := range names {
		if n != "" && n != domain && strings.EqualFold(n, domain) {
			return n, true
		}
	}
	return "", false
}
