// Package dnscheck asks DNS whether what package resolve computes is true: does the presence address exist, do the
// servers that a deployment names have addresses, does DNS lead SIP and service discovery to the right servers.
//
// Names gathers what a deployment depends on, each name once. Prober asks every resolver about it and gives an
// Observation: plain data, every attempt included, no verdict. Judge turns observations into findings DNS101 to DNS113.
// Combine puts these and the static findings about the same addresses into one list, in which one softens or
// confirms the other. Run does all of it for a Job.
//
// A name is asked exactly as written, with the root dot. A search suffix, the hosts file and a node name without its domain
// are looked up separately and named as what they are; they never count as an answer. The package never prints, sends only
// DNS questions, and asks no resolver the same question twice. Package wire sends the questions.
//
// References: RFC 1034 and 1035 (DNS), RFC 2308 (NODATA), RFC 2782 (SRV), RFC 3263 (locating SIP servers), RFC 4343
// (case), RFC 4592 (wildcards), RFC 8020 (NXDOMAIN).
package dnscheck
