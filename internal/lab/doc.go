// Package lab simulates a small deployment on loopback: the company Acme with one presence node and an Active Directory of
// two domains. The input is whether it is broken or repaired; the output is exports that describe it, a resolver, a directory
// and a certificate authority, so that every check can be tried without any other computer.
//
// The servers speak enough of DNS and LDAP (RFC 4511) for the checks, and what they say is invented: names below .test
// (RFC 6761), one invented account. They listen on loopback and nowhere else, and never connect to anything.
package lab
