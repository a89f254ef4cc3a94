// Package uds asks the user data service of Unified CM as Jabber does: HTTPS on port 8443, paths below /cucm-uds. The input is nodes of the
// call manager, from exports or the user. The output is their answers to version, servers and clusterUser, and findings about them.
//
// The package logs in only if a user and a password are given: then once, under the budget of internal/loginbudget, over verified TLS, to
// read the user's own entry. Only the part of that entry that decides the log-in is kept, no personal data. Answers are bounded, redirects
// are not followed.
package uds
