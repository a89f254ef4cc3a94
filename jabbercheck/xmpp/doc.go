// Package xmpp probes presence servers as Jabber and CUPC 8.x clients do: a connection to port 5222, the stream header for the presence
// domain, StartTLS, the certificate, the SASL mechanisms, and one log-in where an account is given. Findings XMPP101 to XMPP111.
//
// Probe observes one server for one domain and returns plain data. Judge turns the observations of a run into findings.
//
// Before TLS the package sends three things only: a stream header, <starttls/>, and the end of the stream. A password is sent only inside
// TLS, to a server whose certificate verifies, once per account and run (internal/loginbudget). No resource is bound and no presence is
// sent, so no other client of the account notices. What a server sends is bounded in bytes, depth, elements and time; DTDs, entities,
// comments and processing instructions end the probe, as RFC 6120 forbids them.
//
// References: RFC 6120 (streams, StartTLS, SASL, certificates), RFC 4616 (PLAIN), RFC 4985 (SRVName), XEP-0078 (log-in of older servers).
package xmpp
