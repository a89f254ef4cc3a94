// Package mailcheck tests the voicemail and calendar side of a deployment with the servers: can the IMAP mail store be reached, what does
// it offer before and after TLS, is a log-in accepted; can Exchange's calendar be read through the gateway, what
// authentication is required, is WebDAV there, is a proxy or load balancer in between.
//
// ProbeIMAP and ProbeCalendar observe one server each and return plain data, no verdict. Judge turns the observations of a run into
// findings MAIL101 to MAIL109.
//
// The package never changes a mailbox or a calendar: INBOX is opened with EXAMINE, and the only requests to a calendar are
// OPTIONS, GET and PROPFIND with depth 0. It logs in only with an attempt from internal/loginbudget, and never sends a
// password to a server whose certificate does not verify unless told to. Everything a server sends is bounded.
//
// References: RFC 3501 (IMAP), RFC 8314 (TLS for mail), RFC 5530 (IMAP response codes), RFC 4918 (WebDAV), RFC 9110 (HTTP).
package mailcheck
