// Package resolve computes, from strings alone, what a client of Cisco Unified Personal Communicator and its presence
// server will do with a node name, a domain or a SIP URI.
//
// In go the values of a configuration, byte for byte. Out come plain values: Presence gives the presence address that a
// client registers to, which of the three steps gave it, and what is wrong with it; Proxy.Local says whether the proxy takes
// a domain for its own; NextHop says where a request goes next; Shadowed finds static routes that never carry one.
// Sentences are built only when Describe, Reason or Explain are asked for them.
//
// The package never looks anything up, and never trims, folds or mends a value before it is compared, because the client
// compares byte by byte.
//
// The rules are those of the support notes "How does CUPC determine presence address" and "SIP domain and DNS domain" (UC
// Corner, 2009), host names those of RFC 1123, SIP URIs and the questions to DNS those of RFC 3261 and RFC 3263. What
// rests on an assumption says so where it stands.
package resolve
