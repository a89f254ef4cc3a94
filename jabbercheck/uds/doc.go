// Package uds asks the user data service of Unified CM as Jabber does: HTTPS on port 8443, paths below /cucm-uds. Nodes of the call
// manager go
// in, as exports or the user name them; what they answer to version, servers and clusterUser comes out, and findings about it.
//
// Nobody logs in unless a user and a password are given: then once, under the budget of internal/loginbudget, over verified TLS, to read
// the
// user's own entry. Of that entry only what decides the log-in is kept, no personal data. Answers are bounded, redirects are not followed.
package uds
