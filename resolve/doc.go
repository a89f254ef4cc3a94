// Package resolve computes, from strings alone, what a client of Cisco Unified Personal Communicator and its presence server will do
// with a node name, a domain or a SIP URI.
//
// Presence gives the presence address a client registers to, and why. Proxy.Local says whether the proxy takes a domain
// for its own. NextHop says where a request goes next. All are pure functions: nothing is looked up, trimmed or
// folded, because the client compares byte by byte.
//
// The rules are those that the support notes "How does CUPC determine presence address" and "SIP domain and DNS domain" (UC
// Corner, 2009) describe.
package resolve
