// Package ldapcheck proves a directory configuration on the wire: can the server be reached, does its certificate
// stand up, does the service account bind, is the search base there, does the client's own search find people, does
// anything return a referral, and how close is the account to its lock-out.
//
// Probe observes one server and returns an Observation: plain data, no verdict. Judge turns the observations of a run
// into findings LDAP101 to LDAP109. TimeToLock does the arithmetic of a lock-out.
//
// The package never writes to a directory, never chases a referral, and never logs in without an attempt from
// internal/loginbudget. Everything a server sends is bounded: see gate.go.
//
// References: RFC 4511 (LDAP), RFC 4513 (authentication), RFC 4512 (root DSE), RFC 2696 (paging),
// draft-behera-ldap-password-policy-10 (ppolicy), MS-ADTS and MS-SAMR (Active Directory).
package ldapcheck
