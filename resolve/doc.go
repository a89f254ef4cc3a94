// Package resolve computes, from strings alone, what a client of Cisco Unified Personal Communicator and its presence
// server will do with a node name, a domain or a SIP URI.
//
// The input is the values of a configuration, byte for byte. The output is plain values: Presence returns the presence address
// that a client registers to, which of the three steps gave it, and what is wrong with it; Proxy.Local says whether the proxy
// treats a domain as local; NextHop says where a request goes next; Shadowed finds static routes that are never used.
// Sentences are built only when Describe, Reason or Explain are called.
//
// The package never looks anything up, and never trims, folds or corrects a value before it is compared, because the client
// compares byte by byte.
//
// The rules are those of the support notes "How does CUPC determine presence address" and "SIP domain and DNS domain" (UC
// Corner, 2009), host names those of RFC 1123, SIP URIs and the questions to DNS those of RFC 3261 and RFC 3263. A
// comment says so where the code relies on an assumption.
package resolve
