// Package ldapcheck tests a directory configuration with the servers: can the server be reached, is its certificate
// accepted, does the service account bind, is the search base there, does the client's own search find people, does
// anything return a referral, and how many wrong passwords are left before the account is locked.
//
// Probe observes one server and returns an Observation: plain data, no verdict. Judge turns the observations of a run
// into findings LDAP101 to LDAP109. TimeToLock computes when an account is locked.
//
// The package never writes to a directory, never follows a referral, and never logs in without an attempt from
// internal/loginbudget. Everything a server sends is bounded: see gate.go.
//
// References: RFC 4511 (LDAP), RFC 4513 (authentication), RFC 4512 (root DSE), RFC 2696 (paging),
// draft-behera-ldap-password-policy-10 (ppolicy), MS-ADTS and MS-SAMR (Active Directory).
package ldapcheck
