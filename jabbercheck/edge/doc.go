// Package edge looks at Mobile and Remote Access as a Jabber client outside the network does: it asks for the records of service
// discovery in the view of clients outside and in that of clients inside, and contacts the Expressway-E that the record
// _collab-edge names: HTTPS, XMPP and SIP over TLS.
//
// Probe observes one domain and returns plain data. Judge gives the findings EDGE101 to EDGE107. Package dnscheck reports what is
// wrong with the records inside (DNS107, DNS113), and with the targets of records that it asks for itself, so that one problem gives one
// finding. The package never logs in, and sends only a TLS handshake over a connection.
//
// References: Cisco Jabber DNS Configuration Guide 9.7 (records and their order); Mobile and Remote Access Through Cisco Expressway
// Deployment Guide (public and local DNS); Cisco Expressway IP Port Usage Configuration Guide (ports of off-premises endpoints);
// RFC 2782 (SRV).
package edge
