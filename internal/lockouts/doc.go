// Package lockouts reads exports of the Windows Security event log and says which computers caused an account's failed log-ins
// and its lock: how often, since when, and for what reason.
//
// It has three layers. A wrapping (wrap_*.go) reads one way in which events are written down: XML of any tool, CSV with a message or
// with one column for each field, JSON, text. Each gives the same type, Event. A Collector draws the conclusions: which computer
// is a domain controller, which accounts of one name are one account, which names and addresses are one client.
//
// What is known about events is data with sources: events.tsv (numbers, order of values, shape of the message), labels.tsv
// (labels of messages in several languages), columns.tsv (column and field names), codes.tsv (reasons). Events are recognised by their
// number, so the language of the export does not matter where the shape of the message is complete.
//
// Input is streamed; one event is bounded, and so is what is kept. One record that cannot be read is counted and skipped. A
// binary .evtx or .evt is refused with the command that converts it.
//
// An LDAP simple bind reaches the log through the domain controller, so 4740 and 4776 then name the controller as the
// caller. Such a source is reported as hidden behind the controller and never as the cause; the client's address is in
// 4625 or 2889.
package lockouts
