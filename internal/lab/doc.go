// Package lab acts out a small deployment on loopback: the company Acme with one presence node and an Active Directory of
// two domains. In comes whether it is to be broken or repaired; out come exports that describe it, a resolver, a directory
// and a certificate authority, so that every check can be tried without any other machine.
//
// The servers speak enough of DNS and LDAP (RFC 4511) for the checks, and what they say is made up: names below .test
// (RFC 6761), one made-up account. They listen on loopback and nowhere else, and never connect to anything.
package lab
